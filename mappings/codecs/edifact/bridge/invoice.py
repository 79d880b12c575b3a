"""INVOIC Invoice and credit note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

from mappings.canonical import InvalidDocument, Invoice, Tax, line_amount, rounded, trusted
from mappings.canonical.base import FieldProblem
from mappings.canonical.totals import EXACT, possible_totals
from mappings.codecs.edifact.bridge.body import LINE_COUNT, NOTES, Body, numbered, require
from mappings.codecs.edifact.bridge.lines import (
    AMOUNT,
    ITEMS,
    LINE_REFERENCES,
    PRICE,
    description,
    extras,
    numbered_lines,
    quantity,
)
from mappings.codecs.edifact.bridge.money import (
    CHARGES,
    LINE_TAXES,
    TERMS,
    amount,
    first,
    line_totals,
    read_charge,
    read_tax,
    settle_taxes,
    write_tax,
)
from mappings.codecs.edifact.bridge.parts import currency_as, document_date, heading_references, parts
from mappings.codecs.edifact.bridge.rows import Row, components
from mappings.codecs.edifact.bridge.section import Fields, Part, Read, ReadOne, closed
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import read_decimal
from mappings.codecs.patterns import COMPONENT

new_invoice = trusted(Invoice)

ZERO = Decimal(0)
TOTALS = ("77", "39", "86", "9")
"""Amount qualifiers of what is to be paid, the most telling first."""
TAX_TOTALS = ("176", "124")


def _write_totals(invoice: Invoice, dialect: Dialect) -> Iterator[str]:
    """MOA of the summary: lines, charges less allowances, taxable, taxes, total."""
    taxes = sum((t.amount or ZERO for t in (*invoice.taxes, *line_totals(invoice.lines)) if t.added), ZERO)
    with localcontext(EXACT):
        lines = sum((_net(line, dialect) for line in invoice.lines), ZERO)
    yield from amount("79", rounded(lines, invoice.currency), dialect)
    if invoice.charges:
        charges = sum((c.amount if c.charge else -c.amount for c in invoice.charges), ZERO)
        yield from amount("131", charges, dialect)
    if taxes:
        yield from amount("125", invoice.total - taxes, dialect)
        yield from amount("176", taxes, dialect)
    yield from amount("77", invoice.total, dialect)


def _net(line: Any, dialect: Dialect) -> Decimal:
    stated: Decimal = line.amount if line.amount is not None else line_amount(line)
    return stated + extras(line) if line.charges and not dialect.bare_line_amounts else stated


def _read_total(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    qualifier, *others = row[1].split(COMPONENT)
    if others and others[0]:
        fields["amounts"].append((qualifier, read_decimal(others[0]) * dialect.sign))


def collected(field: str, read: ReadOne) -> Read:
    """A reader that adds what `read` gives to the values of `field`."""

    def read_one(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
        value = read(row, inside, dialect)
        if value is not None:
            fields[field].append(value)

    return read_one


def _write_taxes(invoice: Invoice, dialect: Dialect) -> Iterator[str]:
    """TAX of the summary: the taxes of the document, and the sums of those of the lines."""
    for tax in (*invoice.taxes, *line_totals(invoice.lines)):
        yield from write_tax(tax, dialect, base_in_segment=False)


IMD, LINE_NOTES = description(10)
BODY = Body(
    "INVOIC",
    heading=parts(
        *("NAD", "TOD", "TDT"),
        BGM=numbered("invoice_kind", "invoice"),
        DTM=document_date(),
        FTX=NOTES,
        RFF=heading_references(purchase_order="purchase_order", release="release"),
        TAX=Part(None, collected("heading_taxes", read_tax)),
        CUX=currency_as("4"),
        PAT=TERMS,
        ALC=CHARGES,
    ),
    line=parts(
        "DTM",
        PIA=ITEMS,
        IMD=IMD,
        QTY=quantity("47"),
        FTX=LINE_NOTES,
        MOA=AMOUNT,
        PRI=PRICE,
        RFF=LINE_REFERENCES,
        TAX=LINE_TAXES,
        ALC=CHARGES,
    ),
    summary={
        "CNT": LINE_COUNT,
        "MOA": Part(_write_totals, _read_total),
        "TAX": Part(_write_taxes, collected("taxes", read_tax)),
        "ALC": Part(None, collected("charge_totals", read_charge)),
    },
)


def write(invoice: Invoice, dialect: Dialect) -> list[str]:
    """The segments between UNH and UNT. Every line states its amount."""
    dialect = dialect.for_kind(invoice.kind)
    by_line, _ = possible_totals(invoice.lines, invoice.taxes, invoice.charges, invoice.currency)
    exact = invoice.total != by_line
    with localcontext(EXACT):
        lines = [
            line
            if line.amount is not None
            else replace(
                line, amount=line_amount(line) if exact else rounded(line_amount(line), invoice.currency)
            )
            for line in invoice.lines
        ]
    invoice = replace(invoice, lines=tuple(lines))
    return BODY.write(invoice, numbered_lines(lines), dialect)


def read(rows: list[Row], dialect: Dialect) -> Invoice:
    """The invoice in `rows`, from UNH to UNT. Raises `InvalidDocument` if it states no total, or contradicts itself."""
    code = components(rows[1], 1, 1)[0]
    dialect = dialect.for_kind(dialect.word["invoice_kind"][code] if code else "invoice")
    fields = BODY.read(rows, dialect)
    fields.setdefault("currency", dialect.currency)
    amounts = dict(reversed(fields.pop("amounts")))
    fields["total"] = first(amounts, *TOTALS)
    require("Invoice", fields, number="BGM has none", date="there is no DTM+137", total="there is no MOA+77")
    _check_line_total(amounts.get("79"), fields, dialect)
    fields["taxes"] = _taxes(fields, first(amounts, *TAX_TOTALS))
    totals = fields.pop("charge_totals", ())
    if totals and "charges" not in fields and not any(line.charges for line in fields["lines"]):
        fields["charges"] = totals
    return new_invoice(**closed(fields))


def _taxes(fields: Fields, stated: Decimal | None) -> tuple[Tax, ...]:
    """The taxes of the whole document; those in the heading only if the summary has none."""
    heading = fields.pop("heading_taxes", [])
    lines = fields["lines"]
    taxes = settle_taxes(fields.pop("taxes", []), lines)
    if taxes or any(tax.amount is not None for line in lines for tax in line.taxes):
        return taxes
    if not stated or any(tax.amount is not None for tax in heading):
        return tuple(heading)
    # The summary states the sum only.
    if len(heading) == 1:
        return (replace(heading[0], amount=stated),)
    return (*heading, Tax(kind="all", amount=stated))


def _check_line_total(stated: Decimal | None, fields: Fields, dialect: Dialect) -> None:
    """Amounts have 18 digits at most: their sum is exact in the usual precision of 28."""
    if stated is None:
        return
    total = ZERO
    for line in fields["lines"]:
        if line.amount is None:
            return
        total += _net(line, dialect) if line.charges else line.amount
    if total != stated and rounded(total, fields["currency"]) != stated:
        text = f"is {stated} in MOA+79, but the amounts of the lines add up to {total}"
        raise InvalidDocument("Invoice", [FieldProblem("lines", text)])
