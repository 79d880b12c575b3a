"""810 Invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mappings.canonical import Invoice, Line, Note, trusted
from mappings.codecs.x12.bridge.level import PARTS, LevelReader, LevelWriter, Part, parts
from mappings.codecs.x12.bridge.lines import check_amounts, read_lines, totals_row, write_lines
from mappings.codecs.x12.bridge.parts import NONE, Rows, at, cents, date, new_note, segment, text, write_note
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.values import read_date

HEADING = parts(
    *("NTE", "CUR", "REF", "PER", "N1", "ITD", "DTM", "FOB", "MSG"),
    # A description in the heading is of no single line, and text in a loop of its own is no other than a note.
    PID=Part("notes", None, lambda row, _: _text_note(at(row, 5))),
    MSG=PARTS["MSG"]._replace(write=None),
    N9=PARTS["N9"]._replace(write=None),
)
LINE = parts("TXI", "PID", "REF", "DTM", "SAC")
SUMMARY = parts("TXI", "CAD", "SAC")

HEADING_READER = LevelReader("810", parts=HEADING, until=("IT1", "TDS"))
BELOW_LINE_READER = LevelReader("810", "IT1", parts=LINE)
SUMMARY_READER = LevelReader("810", parts=SUMMARY, until=("SE",))

HEADING_WRITER = LevelWriter(HEADING)
BELOW_LINE_WRITER = LevelWriter(LINE)
SUMMARY_WRITER = LevelWriter(SUMMARY)

new_invoice = trusted(Invoice)


def write(invoice: Invoice, dialect: Dialect) -> list[str]:
    """The segments between ST and SE."""
    check_amounts(invoice.lines, invoice.currency)
    dialect = dialect.for_kind(invoice.kind)
    code = dialect.code
    beginning = segment(
        "BIG",
        date(invoice.date),
        text(invoice.number),
        date(invoice.order_date),
        text(invoice.purchase_order),
        text(invoice.release),
        "",
        code["invoice_kind"][invoice.kind],
        "" if invoice.purpose == "original" else code["purpose"][invoice.purpose],
    )
    out = [
        beginning,
        *_line_notes(invoice.lines, dialect),
        *HEADING_WRITER.write(invoice, dialect),
    ]
    out += write_lines("IT1", invoice.lines, dialect, BELOW_LINE_WRITER)
    out.append(segment("TDS", cents(invoice.total * dialect.sign)))
    out += SUMMARY_WRITER.write(invoice, dialect)
    out.append(totals_row(len(invoice.lines)))
    return out


def _line_notes(lines: tuple[Line, ...], dialect: Dialect) -> list[str]:
    """The notes of lines, which the 810 can only hold in its heading."""
    out: list[str] = []
    for index, line in enumerate(lines, 1):
        for note in line.notes:
            text_ = f"LINE {line.number or index}: {note.text}"
            out += write_note(Note(text=text_, kind=note.kind), dialect)
    return out


def read(rows: Rows, dialect: Dialect) -> Invoice:
    """The invoice in the segments after ST."""
    word = dialect.word
    row = next(rows)
    _, date_, number, order_date, purchase_order, release, _, kind, purpose = (row + NONE)[:9]
    fields: dict[str, Any] = {
        "date": read_date(date_),
        "number": number,
        "order_date": read_date(order_date) if order_date else None,
        "purchase_order": purchase_order,
        "release": release,
        "kind": word["invoice_kind"][kind],
        "purpose": word["purpose"][purpose or "00"],
        "currency": dialect.currency,
    }
    if dialect.negative_credits:
        dialect = dialect.for_kind(fields["kind"])
    row = HEADING_READER.read(fields, next(rows), rows, dialect)
    if row[0] == "IT1":
        fields["lines"], row = read_lines(row, rows, dialect, BELOW_LINE_READER)
    total = Decimal(f"{row[1]}E-2")
    fields["total"] = total if dialect.sign > 0 else -total
    SUMMARY_READER.read(fields, next(rows), rows, dialect)
    return new_invoice(**fields)


def _text_note(value: str) -> Note | None:
    return new_note(text=value) if value else None
