"""810 Invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mappings.canonical import Invoice, Line, Note, trusted
from mappings.codecs.x12.bridge.level import PARTS, Part, closed, parts, read_level, write_level
from mappings.codecs.x12.bridge.lines import check_amounts, read_line, totals_row, write_line
from mappings.codecs.x12.bridge.parts import (
    Next,
    at,
    cents,
    date,
    new_line,
    new_note,
    segment,
    text,
    to_date,
    write_note,
)
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.tables import level

HEADING = parts(
    *("NTE", "CUR", "REF", "PER", "N1", "ITD", "DTM", "FOB", "MSG"),
    # A description in the heading is of no single line, and text in a loop of its own is no other than a note.
    PID=Part("notes", None, lambda row, _: _text_note(at(row, 5))),
    MSG=PARTS["MSG"]._replace(write=None),
    N9=PARTS["N9"]._replace(write=None),
)
LINE = parts("TXI", "PID", "REF", "DTM", "SAC")
SUMMARY = parts("TXI", "CAD", "SAC")

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
        *write_level(invoice, HEADING, dialect),
    ]
    for line in invoice.lines:
        out.append(write_line("IT1", line, dialect))
        out += write_level(line, LINE, dialect)
    out.append(segment("TDS", cents(invoice.total * dialect.sign)))
    out += write_level(invoice, SUMMARY, dialect)
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


def read(rows: Next, dialect: Dialect) -> Invoice:
    """The invoice in the segments after ST."""
    row = rows()
    word = dialect.word
    fields: dict[str, Any] = {
        "date": to_date(row[1]),
        "number": row[2],
        "order_date": to_date(at(row, 3)),
        "purchase_order": at(row, 4),
        "release": at(row, 5),
        "kind": word["invoice_kind"][at(row, 7)],
        "purpose": word["purpose"][at(row, 8) or "00"],
        "currency": dialect.currency,
    }
    dialect = dialect.for_kind(fields["kind"])
    heading = level("810", until=("IT1", "TDS"), later=dialect.later)
    row = read_level(fields, rows(), rows, dialect, heading, HEADING)
    lines = []
    below = level("810", "IT1", later=dialect.later)
    while row[0] == "IT1":
        line = read_line(row, dialect)
        row = read_level(line, rows(), rows, dialect, below, LINE)
        lines.append(new_line(**closed(line)))
    fields["total"] = Decimal(row[1]).scaleb(-2) * dialect.sign
    read_level(fields, rows(), rows, dialect, level("810", until=("SE",), later=dialect.later), SUMMARY)
    return new_invoice(lines=tuple(lines), **closed(fields))


def _text_note(value: str) -> Note | None:
    return new_note(text=value) if value else None
