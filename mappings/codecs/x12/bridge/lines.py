"""Lines of invoices, orders and ship notices: numbers, quantities, prices and product ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from mappings.canonical import Identifier, InvalidDocument, Line, line_amount, rounded
from mappings.canonical.base import FieldProblem
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.x12.bridge.level import (
    DESCRIPTION,
    LONGEST_DESCRIPTION,
    LevelReader,
    LevelWriter,
    write_description,
)
from mappings.codecs.x12.bridge.parts import (
    LINE_FIELDS,
    NONE,
    Row,
    Rows,
    new_identifier,
    new_line,
    new_usual_line,
    segment,
    text,
)
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.values import write_decimal

GTIN_CODES = {8: "EN", 12: "UP", 13: "EN", 14: "UK"}
ITEM_FIELDS = frozenset({"seller_item", "buyer_item", "gtin"})
ONE = Decimal(1)
NOTHING: dict[str, Any] = {}


def write_items(line: Line, dialect: Dialect) -> str:
    """The pairs of qualifier and product id, each with its separators."""
    codes = dialect.code["item"]
    seller_item, buyer_item, gtin = line.seller_item, line.buyer_item, line.gtin
    if not f"{seller_item}{buyer_item}{gtin}".isprintable():  # one look is faster than three
        seller_item, buyer_item, gtin = text(seller_item), text(buyer_item), text(gtin)
    pairs = ""
    if line.seller_item:
        pairs = f"{ELEMENT}{codes['seller_item']}{ELEMENT}{seller_item}"
    if line.buyer_item:
        pairs += f"{ELEMENT}{codes['buyer_item']}{ELEMENT}{buyer_item}"
    if line.gtin:
        code = codes.get("gtin") or GTIN_CODES.get(len(line.gtin), "UP")
        pairs += f"{ELEMENT}{code}{ELEMENT}{gtin}"
    for item in line.other_items:
        pairs += f"{ELEMENT}{codes[item.scheme]}{ELEMENT}{text(item.value)}"
    return pairs


def read_items(row: Row, start: int, dialect: Dialect) -> dict[str, Any]:
    """The fields of a line that the pairs of qualifier and product id from element `start` on fill."""
    words = dialect.word["item"]
    found: dict[str, Any] = {}
    for position in range(start, len(row) - 1, 2):
        if not row[position]:
            continue
        word = words[row[position]]
        if word in ITEM_FIELDS and word not in found:
            found[word] = row[position + 1]
        else:
            other = new_identifier(scheme=word, value=row[position + 1])
            found["other_items"] = (*found.get("other_items", ()), other)
    return found


def write_line(tag: str, line: Line, dialect: Dialect) -> str:
    """IT1 or PO1. A line of an amount only is one unit at that price."""
    quantity, price, unit = line.quantity, line.unit_price, line.unit
    if line.amount is not None and (quantity is None or price is None):
        quantity, price, unit = ONE, line.amount, "EA"
    if dialect.sign < 0 and quantity is not None:
        quantity = -quantity
    basis = line.price_basis and dialect.code["price_basis"][line.price_basis]
    items = write_items(line, dialect)
    row = (
        f"{tag}{ELEMENT}{text(line.number)}"
        f"{ELEMENT}{write_decimal(quantity) if quantity is not None else ''}"
        f"{ELEMENT}{text(unit) if quantity is not None else ''}"
        f"{ELEMENT}{write_decimal(price) if price is not None else ''}"
        f"{ELEMENT}{basis}{items}"
    )
    return row if items else row.rstrip(ELEMENT)


def write_lines(tag: str, lines: Iterable[Line], dialect: Dialect, below: LevelWriter) -> list[str]:
    """The lines with what stands below each of them."""
    # Most of the time of writing goes by here: the usual line takes the shortest way.
    codes = dialect.code["item"]
    seller_code, own_gtin_code = codes["seller_item"], codes.get("gtin")
    out: list[str] = []
    for line in lines:
        quantity, price = line.quantity, line.unit_price
        if quantity is not None and price is not None and dialect.sign > 0 and _is_usual(line):
            gtin_code = own_gtin_code or GTIN_CODES.get(len(line.gtin), "UP")
            out.append(
                f"{tag}{ELEMENT}{line.number}{ELEMENT}{write_decimal(quantity)}{ELEMENT}{line.unit}"
                f"{ELEMENT}{write_decimal(price)}{ELEMENT}"
                f"{ELEMENT}{seller_code}{ELEMENT}{line.seller_item}{ELEMENT}{gtin_code}{ELEMENT}{line.gtin}"
            )
            out.append(f"{DESCRIPTION}{line.description}")
            continue
        out.append(write_line(tag, line, dialect))
        if line.taxes or line.charges or line.references or line.dates or line.notes:
            out += below.write(line, dialect)
        elif line.description:
            out += write_description(line.description, dialect)
    return out


def _is_usual(line: Line) -> bool:
    """Whether `line` has the seller's code, the GTIN and a short description, but nothing beyond quantity and price."""
    return bool(
        line.seller_item
        and line.gtin
        and line.description
        and len(line.description) <= LONGEST_DESCRIPTION
        and line.amount is None
        and not (line.price_basis or line.buyer_item or line.other_items)
        and not (line.taxes or line.charges or line.references or line.dates or line.notes)
        and f"{line.number}{line.unit}{line.seller_item}{line.gtin}{line.description}".isprintable()
    )


def read_lines(
    row: Row,
    rows: Rows,
    dialect: Dialect,
    below: LevelReader,
    wrap: Callable[[Line, dict[str, Any]], Any] | None = None,
) -> tuple[tuple[Any, ...], Row]:
    """The lines from IT1 or PO1 in `row` on, and the first segment after them.

    `below` reads what stands below a line; most often that is one description, which is read right here. `wrap` makes
    something else of a line and of what was read below it.
    """
    # Most of the time of reading goes by here: the usual line, with two product ids, takes the shortest way. Which
    # codes these two have, partners hardly ever change from line to line.
    starter = row[0]
    words, numbers = dialect.word["item"], dialect.numbers
    incomplete = dialect.sign < 0 or wrap is not None
    seller_code = gtin_code = ""
    lines = []
    while row[0] == starter:
        item, description = row, ""
        row = next(rows)
        if row[0] == "PID" and len(row) == 6:
            description = row[5]
            row = next(rows)
        more = NOTHING
        if row[0] != starter:
            more = {"description": description} if description else {}
            row = below.read(more, row, rows, dialect)
            description = more.pop("description", "")
        if len(item) == 10 and item[6] == seller_code and item[8] == gtin_code and not item[5]:
            _, number, quantity, unit, price, _, _, seller_item, _, gtin = item
            line = new_usual_line(
                number, numbers[quantity], unit or "EA", numbers[price], seller_item, gtin, description
            )
        else:
            line = _line(item, description, dialect)
            if len(item) == 10 and words[item[6]] == "seller_item" and words[item[8]] == "gtin":
                seller_code, gtin_code = item[6], item[8]
        if more or incomplete:
            line = _completed(line, more, dialect.sign, wrap)
        lines.append(line)
    return tuple(lines), row


def _line(row: Row, description: str, dialect: Dialect) -> Line:
    """The line in IT1 or PO1, of any kind."""
    _, number, quantity, unit, price, basis, *_ = row + NONE[:5]
    seller_item, buyer_item, gtin, others = _items(row, dialect.word["item"])
    line: Line = new_line(
        number=number,
        quantity=dialect.numbers[quantity],
        unit=unit or "EA",
        unit_price=dialect.numbers[price],
        price_basis=dialect.word["price_basis"][basis] if basis else "",
        seller_item=seller_item,
        buyer_item=buyer_item,
        gtin=gtin,
        other_items=others,
        description=description,
    )
    return line


def _items(row: Row, words: Mapping[str, str]) -> tuple[str, str, str, tuple[Identifier, ...]]:
    """The seller's item, the buyer's item, the GTIN and other product ids in the pairs of IT1 or PO1."""
    seller_item = buyer_item = gtin = ""
    others: tuple[Identifier, ...] = ()
    for position in range(6, len(row) - 1, 2):
        word = words[row[position]]
        if word == "seller_item" and not seller_item:
            seller_item = row[position + 1]
        elif word == "gtin" and not gtin:
            gtin = row[position + 1]
        elif word == "buyer_item" and not buyer_item:
            buyer_item = row[position + 1]
        elif row[position]:
            others += (new_identifier(scheme=word, value=row[position + 1]),)
    return seller_item, buyer_item, gtin, others


def _completed(
    line: Line, more: dict[str, Any], sign: int, wrap: Callable[[Line, dict[str, Any]], Any] | None
) -> Any:
    """`line` with what stands below it, its quantity turned round in a negative credit memo, and wrapped up."""
    values = {name: getattr(line, name) for name in LINE_FIELDS}
    values |= {name: value for name, value in more.items() if name in values}
    if sign < 0 and line.quantity is not None:
        values["quantity"] = -line.quantity
    line = new_line(**values)
    return line if wrap is None else wrap(line, more)


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
