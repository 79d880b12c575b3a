"""820 Payment order / remittance advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

from mappings.canonical import (
    Adjustment,
    BankAccount,
    InvalidDocument,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    trusted,
)
from mappings.canonical.base import FieldProblem
from mappings.codecs.x12.bridge.level import (
    PARTS,
    WHOLE,
    LevelReader,
    LevelWriter,
    Part,
    parts,
    write_currency,
)
from mappings.codecs.x12.bridge.parts import (
    Row,
    Rows,
    at,
    chunks,
    date,
    decimal,
    new_reference,
    segment,
    text,
    to_date,
    to_decimal,
)
from mappings.codecs.x12.dialect import Dialect

NO_ACCOUNT = BankAccount()
ZERO = Decimal(0)

new_advice = trusted(RemittanceAdvice)


def _write_trace(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    del dialect
    yield segment("TRN", "1", text(advice.number), text(advice.originator))


def _read_trace(row: Row, dialect: Dialect) -> dict[str, Any]:
    del dialect
    originator = at(row, 3)
    return {"number": row[2]} | ({"originator": originator} if originator else {})


def _write_payers_currency(currency: str, dialect: Dialect) -> str:
    return write_currency(currency, dialect, "payer")


def _write_adjustment(adjustment: Adjustment, dialect: Dialect) -> Iterator[str]:
    reference = adjustment.reference
    yield segment(
        "ADX",
        decimal(adjustment.amount),
        dialect.code["adjustment"][adjustment.reason],
        dialect.code["reference"][reference.kind] if reference else "",
        text(reference.value) if reference else "",
    )
    for part in chunks(text(adjustment.note), 80) if adjustment.note else ():
        yield segment("NTE", "", part)


def _write_paid(line: RemittanceLine, dialect: Dialect) -> Iterator[str]:
    yield segment(
        "RMR",
        dialect.code["reference"][line.document.kind],
        text(line.document.value),
        dialect.code["payment_action"][line.action],
        decimal(line.paid),
        decimal(line.gross),
        decimal(line.discount),
    )


HEADING = parts(
    *("NTE", "TRN", "CUR", "REF", "DTM", "N1"),
    TRN=Part(WHOLE, _write_trace, _read_trace, many=False),
    CUR=PARTS["CUR"]._replace(write=_write_payers_currency),
)
ADJUSTMENTS = parts(ADX=Part("adjustments", _write_adjustment, None))
LINE = parts("RMR", "NTE", "REF", "DTM", RMR=Part(WHOLE, _write_paid, None, many=False))

HEADING_READER = LevelReader("820", parts=HEADING, until=("ENT", "SE"))
LINE_READER = LevelReader("820", "ENT", "RMR", parts=LINE, until=("ADX",))
LINE_ADJUSTMENT_READER = LevelReader("820", "ENT", "RMR", "ADX", parts=parts("NTE"))
ADJUSTMENT_READER = LevelReader("820", "ENT", "ADX", parts=parts("NTE"))

HEADING_WRITER = LevelWriter(HEADING)
ADJUSTMENTS_WRITER = LevelWriter(ADJUSTMENTS)
LINE_WRITER = LevelWriter(LINE)


def write(advice: RemittanceAdvice, dialect: Dialect) -> list[str]:
    """The segments between ST and SE."""
    code = dialect.code
    payer, payee = advice.payer_account or NO_ACCOUNT, advice.payee_account or NO_ACCOUNT
    beginning = segment(
        "BPR",
        code["payment_handling"][advice.handling],
        decimal(advice.amount),
        "C" if advice.credit else "D",
        code["payment_method"][advice.method],
        "",
        *_account(payer, dialect),
        text(advice.originator),
        "",
        *_account(payee, dialect),
        date(advice.date),
    )
    out = [beginning, *HEADING_WRITER.write(advice, dialect)]
    if advice.lines or advice.adjustments:
        out += ["ENT\x1f1", *ADJUSTMENTS_WRITER.write(advice, dialect)]
    for line in advice.lines:
        out += LINE_WRITER.write(line, dialect) + ADJUSTMENTS_WRITER.write(line, dialect)
    return out


def _account(account: BankAccount, dialect: Dialect) -> tuple[str, str, str, str]:
    bank, kind = dialect.code["bank"][account.bank_scheme], dialect.code["account"][account.account_kind]
    return bank, text(account.bank), kind, text(account.account)


def read(rows: Rows, dialect: Dialect) -> RemittanceAdvice:
    """The advice in the segments after ST. Raises `InvalidDocument` if a line does not balance."""
    word = dialect.word
    row = next(rows)
    row += [""] * (22 - len(row))
    fields: dict[str, Any] = {
        "handling": word["payment_handling"][row[1]],
        "amount": Decimal(row[2]),
        "credit": row[3] == "C",
        "method": word["payment_method"][row[4]],
        "payer_account": _read_account(row[6:10], dialect),
        "originator": row[10],
        "payee_account": _read_account(row[12:16], dialect),
        "date": to_date(row[16]),
    }
    row = HEADING_READER.read(fields, next(rows), rows, dialect)
    lines: list[RemittanceLine] = []
    adjustments: list[Adjustment] = []
    while row[0] != "SE":
        if row[0] == "ADX":
            adjustment, row = _read_adjustment(
                row, rows, dialect, f"adjustments[{len(adjustments)}]", free=True
            )
            adjustments.append(adjustment)
        elif row[0] == "RMR":
            line, row = _read_line(row, rows, dialect, f"lines[{len(lines)}]")
            lines.append(line)
        else:
            row = next(rows)
    if "number" not in fields:
        raise InvalidDocument(
            "RemittanceAdvice", [FieldProblem("number", "the trace number (TRN) is missing")]
        )
    return new_advice(lines=tuple(lines), adjustments=tuple(adjustments), **fields)


def _read_account(row: Row, dialect: Dialect) -> BankAccount | None:
    if not any(row):
        return None
    return BankAccount(
        bank_scheme=dialect.word["bank"][row[0]],
        bank=row[1],
        account_kind=dialect.word["account"][row[2]],
        account=row[3],
    )


T = TypeVar("T")


def _built(cls: Callable[..., T], path: str, fields: dict[str, Any]) -> T:
    """A checked value; its problems are named from the document on."""
    try:
        return cls(**fields)
    except InvalidDocument as error:
        raise InvalidDocument(
            error.name, [FieldProblem(f"{path}.{p.field}", p.message) for p in error.problems]
        ) from None


def _read_adjustment(
    row: Row, rows: Rows, dialect: Dialect, path: str, *, free: bool
) -> tuple[Adjustment, Row]:
    """The adjustment of an ADX loop, of a line or free; `path` is its place in the document."""
    fields: dict[str, Any] = {"amount": Decimal(row[1]), "reason": dialect.word["adjustment"][row[2]]}
    if at(row, 3):
        fields["reference"] = new_reference(kind=dialect.word["reference"][row[3]], value=row[4])
    notes: dict[str, Any] = {}
    row = (ADJUSTMENT_READER if free else LINE_ADJUSTMENT_READER).read(notes, next(rows), rows, dialect)
    fields["note"] = " ".join(note.text for note in notes.get("notes", ()))
    return _built(Adjustment, path, fields), row


def _read_line(row: Row, rows: Rows, dialect: Dialect, path: str) -> tuple[RemittanceLine, Row]:
    row = [*row, *[""] * (9 - len(row))]
    if not row[2]:
        raise InvalidDocument("RemittanceLine", [FieldProblem(path, "does not say which document it pays")])
    if not row[4]:
        raise InvalidDocument("RemittanceLine", [FieldProblem(f"{path}.paid", "is missing")])
    fields: dict[str, Any] = {
        "document": Reference(kind=dialect.word["reference"][row[1]], value=row[2]),
        "action": dialect.word["payment_action"][row[3]],
        "paid": Decimal(row[4]),
        "gross": to_decimal(row[5]),
        "discount": to_decimal(row[6]),
    }
    adjustments = []
    if row[7]:
        adjustments.append(_own_adjustment(row, fields, dialect))
    row = LINE_READER.read(fields, next(rows), rows, dialect)
    while row[0] == "ADX":
        adjustment, row = _read_adjustment(row, rows, dialect, f"{path}.adjustments", free=False)
        adjustments.append(adjustment)
    return _built(RemittanceLine, path, {**fields, "adjustments": tuple(adjustments)}), row


def _own_adjustment(row: Row, fields: dict[str, Any], dialect: Dialect) -> Adjustment:
    """The adjustment in RMR07 and RMR08. Its sign is that which makes the line balance, else as it stands."""
    amount = Decimal(row[8])
    if (
        fields["gross"] is not None
        and fields["gross"] - (fields["discount"] or ZERO) - amount == fields["paid"]
    ):
        amount = -amount
    return Adjustment(amount=amount, reason=dialect.word["adjustment"][row[7]])
