"""REMADV Remittance advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from mappings.canonical import (
    Adjustment,
    BankAccount,
    EventDate,
    InvalidDocument,
    Note,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    trusted,
)
from mappings.canonical.base import FieldProblem
from mappings.codecs.edifact.bridge.body import SUMMARY_FOLLOWS, require
from mappings.codecs.edifact.bridge.money import (
    amount,
    code_or_spelt,
    first,
    read_amounts,
    word_or_unspelt,
)
from mappings.codecs.edifact.bridge.parts import (
    NAMED,
    PARTS,
    currency_as,
    parts,
    read_dtm,
    read_note,
    read_reference,
    write_event,
    write_note,
    write_reference,
)
from mappings.codecs.edifact.bridge.rows import (
    Row,
    at,
    components,
    composite,
    pieces,
    segment,
    spelt,
    text,
    unspelt,
)
from mappings.codecs.edifact.bridge.section import Fields, Part, Place, closed, new_fields
from mappings.codecs.edifact.dialect import Dialect

new_advice = trusted(RemittanceAdvice)
new_account = trusted(BankAccount)

REMITTANCE_ADVICE = "481"
GROSS, DISCOUNT, PAID, ADJUSTED = "9", "52", "12", "165"
TOTALS = (PAID, "11", "9", "77", "86")
FREE_ADJUSTMENT = "ADJUSTMENT"
"""Name of a document that stands for an adjustment of no document."""
PAYER_BANK, PAYEE_BANK = "PB", "RB"
PAYER_BANKS = frozenset({PAYER_BANK, "OR", "OB"})
DEBIT_MEANS = {"ach": "3", "bank_transfer": "31"}
"""Payment means of a debit instead of a credit."""
ACCOUNT_KIND = "account_kind"
"""What is said instead of an account holder's name."""
SPELT = frozenset({"originator", "payment_action"})
"""What is said in references, since REMADV has no place of its own for it."""
ZERO = Decimal(0)
T = TypeVar("T")


def _unsayable(field: str, what: str) -> InvalidDocument:
    return InvalidDocument("RemittanceAdvice", [FieldProblem(field, f"EDIFACT's REMADV cannot say {what}")])


# The heading


def _write_beginning(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    if advice.handling != "remittance_only":
        raise _unsayable("handling", f"{advice.handling!r}: it is a remittance advice only")
    del dialect
    yield segment("BGM", REMITTANCE_ADVICE, text(advice.number), "9")


def _read_beginning(fields: Fields, row: Row, _inside: Sequence[Row], _dialect: Dialect) -> None:
    fields["number"] = components(row, 2, 1)[0]


def _write_dates(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    if advice.date:
        if not any(event.kind == "document" for event in advice.dates):
            yield from write_event(EventDate(kind="document", date=advice.date), dialect)
        yield from write_event(EventDate(kind="payment", date=advice.date), dialect)
    for event in advice.dates:
        yield from write_event(event, dialect)


def _read_date(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    qualifier, day, time = read_dtm(row)
    if day is None:
        return
    kind = dialect.word["date"][qualifier]
    if kind == "payment" and "date" not in fields:
        fields["date"] = day
    else:
        fields["dates"].append(EventDate(kind=kind, date=day, time=time))


def _write_references(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    if advice.originator:
        yield from _spelt_reference("originator", advice.originator, dialect)
    for reference in advice.references:
        yield from write_reference(reference, dialect)


def _spelt_reference(word: str, value: str, dialect: Dialect) -> Iterator[str]:
    code = dialect.code["reference"]["mutually_defined"]
    yield segment("RFF", composite(code, text(value), "", spelt(word, "")))


def _read_spelt(row: Row) -> tuple[str, str]:
    """A word of `SPELT` and its value, if this reference says one."""
    _, value, _, description = components(row, 1, 4)
    return unspelt(description, SPELT.__contains__)[0] if description else "", value


def _read_reference(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    word, value = _read_spelt(row)
    if word:
        fields[word] = value
    elif reference := read_reference(row, inside, dialect):
        fields["references"].append(reference)


def _write_accounts(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    for field, role in (("payer_account", PAYER_BANK), ("payee_account", PAYEE_BANK)):
        account: BankAccount | None = getattr(advice, field)
        if account is None:
            continue
        kind = spelt(ACCOUNT_KIND, spelt(account.account_kind, "")) if account.account_kind else ""
        code_list, _, agency = dialect.code["bank"][account.bank_scheme].partition(":")
        bank = composite(text(account.bank), code_list, agency) if account.bank else ""
        yield segment("FII", role, composite(text(account.account), text(kind)), bank)


def _read_account(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    number, code_list, agency, branch, *_ = components(row, 3, 7)
    scheme = f"{code_list}:{agency}" if code_list or agency else ""
    account_number, holder = components(row, 2, 2)
    word, kind = unspelt(holder, ACCOUNT_KIND.__eq__)
    account = new_account(
        bank_scheme=dialect.word["bank"][scheme],
        bank=number or branch,
        account_kind=unspelt(kind, bool)[0] if word and kind else "",
        account=account_number,
    )
    if account.bank or account.account:
        fields["payer_account" if row[1] in PAYER_BANKS else "payee_account"] = account


def _write_means(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    code = dialect.code["payment_method"][advice.method]
    if not advice.credit:
        if advice.method not in DEBIT_MEANS:
            raise _unsayable("credit", f"that {advice.method!r} debits the other side")
        code = DEBIT_MEANS[advice.method]
    if code:
        yield segment("PAI", composite("", "", code))


def _read_means(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    code = components(row, 1, 3)[2]
    for word, debit in DEBIT_MEANS.items():
        if code == debit:
            fields["method"], fields["credit"] = word, False
            return
    if code:
        fields["method"] = dialect.word["payment_method"][code]


def _write_parties(advice: RemittanceAdvice, dialect: Dialect) -> Iterator[str]:
    for index, party in enumerate(advice.parties):
        if not dialect.later and (party.references or len(party.identifiers) > 1):
            raise _unsayable(f"parties[{index}]", "references of a party, or a second identifier, in D.96A")
    if PARTS["NAD"].write:
        yield from PARTS["NAD"].write(advice, dialect)


HEADING = Place(
    "REMADV",
    until="DOC",
    parts=parts(
        "FTX",
        NAD=Part(_write_parties, PARTS["NAD"].read),
        BGM=Part(_write_beginning, _read_beginning),
        DTM=Part(_write_dates, _read_date),
        RFF=Part(_write_references, _read_reference),
        FII=Part(_write_accounts, _read_account),
        PAI=Part(_write_means, _read_means),
        CUX=currency_as("11"),
    ),
)


# A document that is paid, with what is adjusted


def _write_amounts(line: RemittanceLine, dialect: Dialect) -> Iterator[str]:
    yield from amount(GROSS, line.gross, dialect)
    yield from amount(PAID, line.paid, dialect)
    yield from amount(DISCOUNT, line.discount, dialect)


def _read_amount(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    fields["amounts"] += read_amounts((row,), dialect).items()


def _write_line_references(line: RemittanceLine, dialect: Dialect) -> Iterator[str]:
    if line.action:
        yield from _spelt_reference("payment_action", line.action.replace("_", " ").upper(), dialect)
    for reference in line.references:
        yield from write_reference(reference, dialect)


def _write_adjustments(line: RemittanceLine, dialect: Dialect) -> Iterator[str]:
    for adjustment in line.adjustments:
        yield segment("AJT", dialect.code["adjustment"][adjustment.reason])
        yield from amount(ADJUSTED, adjustment.amount, dialect)
        if adjustment.reference:
            yield from write_reference(adjustment.reference, dialect)
        if adjustment.note:
            yield from write_note(Note(text=adjustment.note), dialect)


def _read_adjustment(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    amounts = read_amounts(inside, dialect)
    notes = [read_note(below, (), dialect) for below in inside if below[0] == "FTX"]
    references = (read_reference(below, (), dialect) for below in inside if below[0] == "RFF")
    value = next(iter(amounts.values()), None)
    if value is not None:
        fields["adjustments"].append(
            Adjustment(
                amount=value,
                reason=dialect.word["adjustment"][row[1]],
                reference=next(references, None),
                note=" ".join(note.text for note in notes if note),
            )
        )


def _write_line_notes(line: RemittanceLine, dialect: Dialect) -> Iterator[str]:
    if line.notes:
        yield segment("INP", "", "1")
        for note in line.notes:
            yield from write_note(note, dialect)


def _read_line_notes(fields: Fields, _row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    for below in inside:
        if below[0] == "FTX" and (note := read_note(below, (), dialect)):
            fields["notes"].append(note)


LINE = Place(
    "REMADV",
    "DOC",
    parts=parts(
        "DTM",
        MOA=Part(_write_amounts, _read_amount),
        RFF=Part(_write_line_references, _read_reference),
        AJT=Part(_write_adjustments, _read_adjustment),
        INP=Part(_write_line_notes, _read_line_notes),
    ),
)


def _write_document(reference: Reference, dialect: Dialect) -> str:
    """DOC: a kind of document without a code of its own is spelt out beside a mutually defined one."""
    code, name = code_or_spelt(
        dialect.code["paid_document"], reference.kind, "mutually_defined", reference.description
    )
    return segment("DOC", composite(code, "", "", *pieces(text(name), 35)), composite(text(reference.value)))


def _read_document(row: Row, dialect: Dialect) -> Reference | None:
    code, _, _, name = components(row, 1, 4)
    number = components(row, 2, 1)[0]
    if not number:
        return None
    kind, description = word_or_unspelt(
        dialect.word["paid_document"][code or "ZZZ"], "mutually_defined", name, NAMED
    )
    return Reference(kind=kind, value=number, description=description)


def write(advice: RemittanceAdvice, dialect: Dialect) -> list[str]:
    """The segments between UNH and UNT. Raises `InvalidDocument` for what REMADV cannot say."""
    out = HEADING.write(advice, dialect)
    for line in advice.lines:
        out += [_write_document(line.document, dialect), *LINE.write(line, dialect)]
    for adjustment in advice.adjustments:
        name = composite(dialect.code["paid_document"]["mutually_defined"], "", "", FREE_ADJUSTMENT)
        free = RemittanceLine(
            document=Reference(kind="mutually_defined", value="-"),
            paid=adjustment.amount,
            adjustments=(adjustment,),
        )
        out += [segment("DOC", name), *LINE.write(free, dialect)]
    return [*out, SUMMARY_FOLLOWS, *amount(PAID, advice.amount, dialect)]


def read(rows: list[Row], dialect: Dialect) -> RemittanceAdvice:
    """The advice in `rows`, from UNH to UNT. Raises `InvalidDocument` if a line does not balance."""
    fields = new_fields()
    position = HEADING.read(fields, rows, 1, dialect)
    lines: list[RemittanceLine] = []
    adjustments: list[Adjustment] = []
    while rows[position][0] == "DOC":
        row = rows[position]
        found = new_fields()
        position = LINE.read(found, rows, position + 1, dialect)
        if components(row, 1, 4)[3] == FREE_ADJUSTMENT and not at(row, 2):
            adjustments += found["adjustments"]
        else:
            lines.append(_line(row, found, dialect, f"lines[{len(lines)}]"))
    fields["amount"] = first(read_amounts(rows[position:], dialect), *TOTALS)
    _settle_dates(fields)
    require("RemittanceAdvice", fields, number="BGM has none", amount="there is no MOA+12 after UNS")
    return new_advice(lines=tuple(lines), adjustments=tuple(adjustments), **closed(fields))


def _settle_dates(fields: Fields) -> None:
    """The date of the advice itself says nothing new if it is that of the payment."""
    day = fields.get("date")
    fields["date"] = day
    fields["dates"] = [
        event
        for event in fields["dates"]
        if not (event.kind == "document" and event.date == day and event.time is None)
    ]


def _line(row: Row, found: Fields, dialect: Dialect, path: str) -> RemittanceLine:
    amounts = dict(reversed(found.pop("amounts", [])))
    document = _read_document(row, dialect)
    paid = first(amounts, PAID, "11")
    if document is None:
        raise InvalidDocument("RemittanceLine", [FieldProblem(path, "does not say which document it pays")])
    if paid is None:
        raise InvalidDocument(
            "RemittanceLine", [FieldProblem(f"{path}.paid", "is missing: there is no MOA+12")]
        )
    action = found.pop("payment_action", "")
    return _built(
        RemittanceLine,
        path,
        {
            **closed(found),
            "document": document,
            "paid": paid,
            "gross": first(amounts, GROSS, "77"),
            "discount": amounts.get(DISCOUNT),
            "action": action.lower().replace(" ", "_"),
        },
    )


def _built(cls: Callable[..., T], path: str, fields: dict[str, Any]) -> T:
    """A checked value; its problems are named from the document on."""
    try:
        return cls(**fields)
    except InvalidDocument as error:
        raise InvalidDocument(
            error.name, [FieldProblem(f"{path}.{p.field}", p.message) for p in error.problems]
        ) from None
