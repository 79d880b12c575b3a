"""Lines: numbers, items, descriptions, quantities, prices and amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from mappings.canonical import Identifier, Line
from mappings.canonical.words import PRICE_BASES
from mappings.codecs.edifact.bridge.parts import (
    NAME,
    PARTS,
    new_identifier,
    new_note,
    read_reference,
    write_note,
    write_reference,
)
from mappings.codecs.edifact.bridge.rows import (
    Row,
    at,
    components,
    composite,
    joined,
    pieces,
    segment,
    text,
)
from mappings.codecs.edifact.bridge.section import Fields, Part
from mappings.codecs.edifact.codes import PREFIX
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import read_decimal
from mappings.codecs.patterns import COMPONENT

LINE_NUMBER = re.compile(r"[0-9]{1,6}")
OWN_NUMBER = "line_number"
"""Word of the reference to a line's number, where LIN cannot hold it."""

GOODS = f"{PREFIX}AAA"
"""Kind of a note that continues a description for which IMD has no room."""

LINE_AMOUNT = "203"
ITEM_FIELDS = frozenset({"seller_item", "buyer_item", "gtin"})
BASES = {"": "", **{word: str(count) for word, count in PRICE_BASES.items()}}
WORD_OF_BASE = {Decimal(count): word for word, count in PRICE_BASES.items()}
SUBSTITUTED_BY = "3"
NET_PRICE = "AAA"


def line_number(line: Line, index: int) -> str:
    """The number for the LIN of the line at `index`, from 1 on: its own if that fits, else the index."""
    return line.number if LINE_NUMBER.fullmatch(line.number) else str(index)


def write_lin(line: Line, number: str, action: str = "") -> str:
    """LIN."""
    item = composite(text(line.gtin), _gtin_code(line.gtin)) if line.gtin else ""
    return segment("LIN", number, action, item)


def numbered_lines(lines: Sequence[Line]) -> Iterator[tuple[str, Line]]:
    """The lines, each with its LIN."""
    for index, line in enumerate(lines, 1):
        yield write_lin(line, line_number(line, index)), line


def _gtin_code(gtin: str) -> str:
    return "UP" if len(gtin) == 12 else "EN"


def read_lin(fields: Fields, row: Row, dialect: Dialect) -> None:
    """What LIN says of a line: its number, an item, and, in an answer, an action and the number of the line above."""
    count = len(row)
    if count > 1:
        fields["number"] = row[1]
    if count > 2 and row[2]:
        fields["action"] = row[2]
    if count > 3 and row[3]:
        _put_item(fields, row[3], "EN", dialect)
    if count > 4 and (above := components(row, 4, 2)[1]):
        fields["above"] = above


def read_item(element: str, usual: str, dialect: Dialect) -> Identifier | None:
    """The item number in C212; `usual` is its type if it names none."""
    number, _, others = element.partition(COMPONENT)
    type_ = others.partition(COMPONENT)[0] or usual
    return new_identifier(scheme=dialect.word["item"][type_], value=number) if number else None


def _put_item(fields: Fields, element: str, usual: str, dialect: Dialect) -> None:
    """The item number in C212 in its field, or among the others."""
    number, _, others = element.partition(COMPONENT)
    word = dialect.word["item"][others.partition(COMPONENT)[0] or usual]
    if word not in ITEM_FIELDS or word in fields:
        if item := read_item(element, usual, dialect):
            fields["other_items"].append(item)
    elif number:
        fields[word] = number


def item_number(item: Identifier, dialect: Dialect) -> str:
    """C212."""
    code = _gtin_code(item.value) if item.scheme == "gtin" else dialect.code["item"][item.scheme]
    return composite(text(item.value), code)


def write_items(line: Line, dialect: Dialect) -> Iterator[str]:
    """PIA with the item numbers that do not stand in LIN, five in each."""
    items = [Identifier(scheme="seller_item", value=line.seller_item)] if line.seller_item else []
    items += [Identifier(scheme="buyer_item", value=line.buyer_item)] if line.buyer_item else []
    items += line.other_items
    function = "1" if line.gtin else "5"
    for start in range(0, len(items), 5):
        yield segment("PIA", function, *(item_number(item, dialect) for item in items[start : start + 5]))


def read_items(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    """The item numbers in PIA. Those of a substitute are no numbers of this line."""
    if row[1] != SUBSTITUTED_BY:
        for element in row[2:]:
            _put_item(fields, element, "ZZZ", dialect)


def description(times: int) -> tuple[Part, Part]:
    """IMD, `times` of them, and FTX with notes and what no IMD has room for."""

    def room(dialect: Dialect) -> tuple[int, int]:
        return 256 if dialect.later else NAME, 2 * (99 if dialect.later else times)

    def write(line: Line, dialect: Dialect) -> Iterator[str]:
        length, most = room(dialect)
        found = list(pieces(text(line.description), length))[:most]
        for start in range(0, len(found), 2):
            yield segment("IMD", "F", "", composite("", "", "", *found[start : start + 2]))

    def read(fields: Fields, row: Row, _inside: Sequence[Row], _dialect: Dialect) -> None:
        fields["description"] += [part for part in at(row, 3).split(COMPONENT)[3:5] if part]

    def write_notes(line: Line, dialect: Dialect) -> Iterator[str]:
        length, most = room(dialect)
        rest = list(pieces(text(line.description), length))[most:]
        for part in pieces(joined(rest, length), 5 * (512 if dialect.later else 70)):
            yield from write_note(new_note(kind=GOODS, text=part), dialect)
        for note in line.notes:
            yield from write_note(note, dialect)

    return Part(write, read), Part(write_notes, PARTS["FTX"].read)


def quantity(qualifier: str) -> Part:
    """QTY with this qualifier."""

    def write(line: Line, dialect: Dialect) -> Iterator[str]:
        if line.quantity is not None:
            unit = dialect.code["unit"][line.unit]
            yield segment(
                "QTY", composite(qualifier, dialect.number(line.quantity * dialect.sign), text(unit))
            )

    def read(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
        kind, value, *others = row[1].split(COMPONENT)
        if kind != qualifier:
            return
        number = read_decimal(value)
        fields["quantity"] = number if dialect.sign > 0 else -number
        if others and others[0]:
            fields["unit"] = dialect.word["unit"][others[0]]

    return Part(write, read)


def write_price(line: Line, dialect: Dialect) -> Iterator[str]:
    """PRI: the net price, for how many units, and of which kind."""
    if line.unit_price is None:
        return
    basis, kind = BASES.get(line.price_basis), ""
    if basis is None:
        own = line.price_basis.removeprefix(PREFIX)
        basis, kind = (own, "") if own.isdecimal() else ("", dialect.code["price_type"][line.price_basis])
    unit = dialect.code["unit"][line.unit] if basis else ""
    yield segment("PRI", composite(NET_PRICE, dialect.number(line.unit_price), "", kind, basis, text(unit)))


def read_price(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    """The price in PRI. The net one goes before any other."""
    found = at(row, 1).split(COMPONENT)
    if len(found) < 2 or not found[1] or (found[0] != NET_PRICE and "unit_price" in fields):
        return
    fields["unit_price"] = read_decimal(found[1])
    if len(found) > 4 and (basis := found[4]):
        fields["price_basis"] = WORD_OF_BASE.get(read_decimal(basis)) or f"{PREFIX}{basis}"
    elif len(found) > 3:
        fields["price_basis"] = dialect.word["price_type"][found[3]]


def extras(line: Line) -> Decimal:
    """Charges less allowances of a line."""
    return sum((c.amount if c.charge else -c.amount for c in line.charges), Decimal(0))


def write_line_amount(line: Line, dialect: Dialect) -> Iterator[str]:
    """MOA+203 of a line that states its amount."""
    if line.amount is not None:
        value = line.amount if dialect.bare_line_amounts else line.amount + extras(line)
        yield segment("MOA", composite(LINE_AMOUNT, dialect.number(value * dialect.sign)))


def read_line_amount(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    """The amount of a line in MOA+203; other amounts follow from what else the line says."""
    qualifier, *others = row[1].split(COMPONENT)
    if qualifier == LINE_AMOUNT and others and others[0]:
        value = read_decimal(others[0])
        fields["amount"] = value if dialect.sign > 0 else -value


def write_line_references(line: Line, dialect: Dialect) -> Iterator[str]:
    """RFF; the line's own number if LIN could not hold it."""
    if line.number and not LINE_NUMBER.fullmatch(line.number):
        yield segment("RFF", composite(dialect.code["reference"][OWN_NUMBER], text(line.number)))
    for reference in line.references:
        yield from write_reference(reference, dialect)


def read_line_reference(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    """The reference in RFF, or the line's own number."""
    reference = read_reference(row, inside, dialect)
    if reference is None:
        return
    if reference.kind == OWN_NUMBER:
        fields["number"] = reference.value
    else:
        fields["references"].append(reference)


def settle_line(fields: Fields, dialect: Dialect) -> None:
    """Make `fields` of a line what its constructor wants, once all of its segments are read."""
    if "description" in fields:
        found = fields["description"]
        fields["description"] = found[0] if len(found) == 1 else joined(found, 256 if dialect.later else NAME)
    if "charges" in fields and "amount" in fields and not dialect.bare_line_amounts:
        for charge in fields["charges"]:
            fields["amount"] -= charge.amount if charge.charge else -charge.amount


LINE_REFERENCES = Part(write_line_references, read_line_reference)
ITEMS = Part(write_items, read_items)
PRICE = Part(write_price, read_price)
AMOUNT = Part(write_line_amount, read_line_amount)
