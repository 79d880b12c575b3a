"""850 Purchase order and 855 Purchase order acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mappings.canonical import (
    AcknowledgedLine,
    Line,
    LineStatus,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    trusted,
)
from mappings.codecs.x12.bridge.level import (
    PARTS,
    LevelReader,
    LevelWriter,
    Part,
    parts,
    write_currency,
)
from mappings.codecs.x12.bridge.lines import read_lines, totals_row, write_line, write_lines
from mappings.codecs.x12.bridge.parts import (
    Row,
    Rows,
    at,
    date,
    decimal,
    new_date,
    new_identifier,
    segment,
    text,
    to_date,
    to_decimal,
)
from mappings.codecs.x12.dialect import Dialect

new_order = trusted(PurchaseOrder)
new_answer = trusted(PurchaseOrderAcknowledgement)
new_answered_line = trusted(AcknowledgedLine)
new_status = trusted(LineStatus)


def _write_buyers_currency(currency: str, dialect: Dialect) -> str:
    return write_currency(currency, dialect, "buyer")


def write_status(status: LineStatus, dialect: Dialect) -> str:
    """ACK."""
    code = dialect.code
    substitute = status.substitute
    return segment(
        "ACK",
        code["line_status"][status.status],
        decimal(status.quantity),
        "" if status.quantity is None else text(status.unit),
        code["date"][status.date.kind] if status.date else "",
        date(status.date.date) if status.date else "",
        "",
        code["item"][substitute.scheme] if substitute else "",
        text(substitute.value) if substitute else "",
    )


def read_status(row: Row, dialect: Dialect) -> LineStatus:
    """The status in ACK."""
    word = dialect.word
    row = [*row, *[""] * (9 - len(row))]
    day = to_date(row[5])
    return new_status(
        status=word["line_status"][row[1]],
        quantity=to_decimal(row[2]),
        unit=row[3] or "EA",
        date=new_date(kind=word["date"][row[4] or "067"], date=day) if day else None,
        substitute=new_identifier(scheme=word["item"][row[7]], value=row[8]) if row[7] else None,
    )


CURRENCY = PARTS["CUR"]._replace(write=_write_buyers_currency)
HEADING = parts("CUR", "REF", "PER", "FOB", "SAC", "ITD", "DTM", "TD5", "TXI", "N9", "N1", CUR=CURRENCY)
LINE = parts("PID", "REF", "SAC", "DTM", "MSG", "TXI", "N9", N9=PARTS["N9"]._replace(write=None))

ANSWER_HEADING = parts("CUR", "REF", "PER", "FOB", "SAC", "ITD", "DTM", "TD5", "N9", "N1", CUR=CURRENCY)
ANSWERED_LINE = parts("PID", "REF", "SAC", "DTM")
STATUSES = parts(ACK=Part("statuses", write_status, read_status))
BELOW_ANSWER = parts("TXI", "N9")

HEADING_READER = LevelReader("850", parts=HEADING, until=("PO1", "CTT", "SE"))
BELOW_LINE_READER = LevelReader("850", "PO1", parts=LINE)
ANSWER_HEADING_READER = LevelReader("855", parts=ANSWER_HEADING, until=("PO1", "CTT", "SE"))
BELOW_ANSWER_READER = LevelReader("855", "PO1", parts={**ANSWERED_LINE, **STATUSES, **BELOW_ANSWER})

HEADING_WRITER = LevelWriter(HEADING)
BELOW_LINE_WRITER = LevelWriter(LINE)
ANSWER_HEADING_WRITER = LevelWriter(ANSWER_HEADING)
ANSWERED_LINE_WRITER = LevelWriter(ANSWERED_LINE)
STATUSES_WRITER = LevelWriter(STATUSES)
BELOW_ANSWER_WRITER = LevelWriter(BELOW_ANSWER)


def write(order: PurchaseOrder, dialect: Dialect) -> list[str]:
    """The segments of an 850 between ST and SE."""
    beginning = segment(
        "BEG",
        dialect.code["purpose"][order.purpose],
        dialect.code["order_kind"][order.kind],
        text(order.number),
        text(order.release),
        date(order.date),
        text(order.contract),
    )
    out = [beginning, *HEADING_WRITER.write(order, dialect)]
    out += write_lines("PO1", order.lines, dialect, BELOW_LINE_WRITER)
    return [*out, *_totals(order, len(order.lines))]


def _totals(order: PurchaseOrder | PurchaseOrderAcknowledgement, lines: int) -> list[str]:
    total = [] if order.total is None else [segment("AMT", "TT", decimal(order.total))]
    return [totals_row(lines), *total]


def read(rows: Rows, dialect: Dialect) -> PurchaseOrder:
    """The order in the segments after ST of an 850."""
    row = next(rows)
    fields: dict[str, Any] = {
        "purpose": dialect.word["purpose"][row[1]],
        "kind": dialect.word["order_kind"][row[2]],
        "number": row[3],
        "release": row[4],
        "date": to_date(row[5]),
        "contract": at(row, 6),
    }
    _read_body(fields, rows, dialect, HEADING_READER, BELOW_LINE_READER)
    return new_order(**fields)


def _read_body(
    fields: dict[str, Any],
    rows: Rows,
    dialect: Dialect,
    read_heading: LevelReader,
    read_below: LevelReader,
    wrap: Callable[[Line, dict[str, Any]], Any] | None = None,
) -> None:
    """Fill `fields` from all that follows the beginning segment."""
    row = read_heading.read(fields, next(rows), rows, dialect)
    if row[0] == "PO1":
        fields["lines"], row = read_lines(row, rows, dialect, read_below, wrap)
    while row[0] != "SE":
        if row[0] == "AMT" and row[1] == "TT":
            fields["total"] = to_decimal(row[2])
        row = next(rows)


def write_answer(answer: PurchaseOrderAcknowledgement, dialect: Dialect) -> list[str]:
    """The segments of an 855 between ST and SE."""
    beginning = segment(
        "BAK",
        dialect.code["purpose"][answer.purpose],
        dialect.code["order_response"][answer.response],
        text(answer.number),
        date(answer.order_date),
        text(answer.release),
        "",
        "",
        text(answer.seller_order),
        date(answer.date),
    )
    out = [beginning, *ANSWER_HEADING_WRITER.write(answer, dialect)]
    for line in answer.lines:
        out += [write_line("PO1", line.line, dialect), *ANSWERED_LINE_WRITER.write(line.line, dialect)]
        out += STATUSES_WRITER.write(line, dialect)
        out += BELOW_ANSWER_WRITER.write(line.line, dialect)
    return [*out, *_totals(answer, len(answer.lines))]


def read_answer(rows: Rows, dialect: Dialect) -> PurchaseOrderAcknowledgement:
    """The acknowledgement in the segments after ST of an 855."""
    row = next(rows)
    fields: dict[str, Any] = {
        "purpose": dialect.word["purpose"][row[1]],
        "response": dialect.word["order_response"][row[2]],
        "number": row[3],
        "order_date": to_date(row[4]),
        "release": at(row, 5),
        "seller_order": at(row, 8),
        "date": to_date(at(row, 9)),
    }
    _read_body(fields, rows, dialect, ANSWER_HEADING_READER, BELOW_ANSWER_READER, _answered_line)
    return new_answer(**fields)


def _answered_line(line: Line, below: dict[str, Any]) -> AcknowledgedLine:
    return new_answered_line(line=line, statuses=below.get("statuses", ()))
