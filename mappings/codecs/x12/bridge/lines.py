"""Lines of invoices, orders and ship notices: numbers, quantities, prices and product ids."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from mappings.canonical import Identifier, InvalidDocument, Line, line_amount, rounded
from mappings.canonical.base import FieldProblem
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.x12.bridge.parts import Row, new_identifier, segment, text
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.values import write_decimal

GTIN_CODES = {8: "EN", 12: "UP", 13: "EN", 14: "UK"}
ITEM_FIELDS = frozenset({"seller_item", "buyer_item", "gtin"})
ONE = Decimal(1)


def write_items(line: Line, dialect: Dialect) -> str:
    """The pairs of qualifier and product id, each with its separators."""
    codes = dialect.code["item"]
    pairs = ""
    if line.seller_item:
        pairs = f"{ELEMENT}{codes['seller_item']}{ELEMENT}{text(line.seller_item)}"
    if line.buyer_item:
        pairs += f"{ELEMENT}{codes['buyer_item']}{ELEMENT}{text(line.buyer_item)}"
    if line.gtin:
        code = codes.get("gtin") or GTIN_CODES.get(len(line.gtin), "UP")
        pairs += f"{ELEMENT}{code}{ELEMENT}{text(line.gtin)}"
    for item in line.other_items:
        pairs += f"{ELEMENT}{codes[item.scheme]}{ELEMENT}{text(item.value)}"
    return pairs


def read_items(row: Row, start: int, dialect: Dialect) -> dict[str, Any]:
    """The fields of a line that the pairs from element `start` on fill."""
    words = dialect.word["item"]
    fields: dict[str, Any] = {}
    others: tuple[Identifier, ...] = ()
    for position in range(start, len(row) - 1, 2):
        if not row[position]:
            continue
        word = words[row[position]]
        if word in ITEM_FIELDS and word not in fields:
            fields[word] = row[position + 1]
        else:
            others += (new_identifier(scheme=word, value=row[position + 1]),)
    if others:
        fields["other_items"] = others
    return fields


def write_line(tag: str, line: Line, dialect: Dialect) -> str:
    """IT1 or PO1. A line of an amount only is one unit at that price."""
    quantity, price, unit = line.quantity, line.unit_price, line.unit
    if line.amount is not None and (quantity is None or price is None):
        quantity, price, unit = ONE, line.amount, "EA"
    written = "" if quantity is None else write_decimal(quantity * dialect.sign)
    row = (
        f"{tag}{ELEMENT}{text(line.number)}{ELEMENT}{written}{ELEMENT}{text(unit) if written else ''}"
        f"{ELEMENT}{'' if price is None else write_decimal(price)}"
        f"{ELEMENT}{dialect.code['price_basis'][line.price_basis]}{write_items(line, dialect)}"
    )
    return row.rstrip(ELEMENT)


def read_line(row: Row, dialect: Dialect) -> dict[str, Any]:
    """The fields of a line that IT1 or PO1 fills."""
    fields = read_items(row, 6, dialect)
    count = len(row)
    fields["number"] = row[1]
    if count > 2 and row[2]:
        fields["quantity"] = Decimal(row[2]) * dialect.sign
        if count > 3 and row[3]:
            fields["unit"] = row[3]
    if count > 4 and row[4]:
        fields["unit_price"] = Decimal(row[4])
        if count > 5 and row[5]:
            fields["price_basis"] = dialect.word["price_basis"][row[5]]
    return fields


def check_amounts(lines: Iterable[Line], currency: str) -> None:
    """A line's stated amount must be quantity times price, since X12 states no other. Raises `InvalidDocument`."""
    problems = []
    for index, line in enumerate(lines):
        if line.amount is None or line.quantity is None or line.unit_price is None:
            continue
        product = line_amount(
            Line(quantity=line.quantity, unit_price=line.unit_price, price_basis=line.price_basis)
        )
        if rounded(product, currency) != rounded(line.amount, currency):
            message = f"is {line.amount}, but X12 can only say quantity times price, which is {product}"
            problems.append(FieldProblem(f"lines[{index}].amount", message))
    if problems:
        raise InvalidDocument("Line", problems)


def totals_row(lines: int) -> str:
    """CTT."""
    return segment("CTT", str(lines))
