"""DESADV's packing levels (CPS) with their packages, and the lines in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mappings.canonical import (
    Identifier,
    Line,
    ShippedOrder,
)
from mappings.codecs.edifact.bridge.lines import (
    ITEMS,
    OWN_NUMBER,
    description,
    quantity,
    read_line_reference,
)
from mappings.codecs.edifact.bridge.parts import (
    PARTS,
    new_identifier,
    read_reference,
    reference_date,
    write_note,
    write_reference,
)
from mappings.codecs.edifact.bridge.rows import Row, at, components, composite, segment, text
from mappings.codecs.edifact.bridge.section import Fields, Part, Place, of_line
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import read_decimal, write_date
from mappings.codecs.patterns import COMPONENT

MOST_LINE_NUMBER = 6
"""Characters that a line's number in its order may have."""


# What a line belongs to


class OrderName(NamedTuple):
    """An order as a line, or the heading, names it."""

    number: str
    release: str
    date: Any


def read_order(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> bool:
    """Whether RFF names an order; the first one goes into the fields."""
    qualifier, number, _, release = components(row, 1, 4)
    if dialect.word["reference"][qualifier] != "purchase_order" or not number or "order" in fields:
        return False
    fields["order"] = OrderName(number, release, reference_date(inside))
    return True


def write_references(value: Any, dialect: Dialect) -> Iterator[str]:
    """RFF for each reference of an order, a line or a notice."""
    for reference in value.references:
        yield from write_reference(reference, dialect)


def order_reference(order: ShippedOrder, dialect: Dialect, line: str = "") -> Iterator[str]:
    """RFF and DTM with the name of an order and the number of a line in it."""
    code = dialect.code["reference"]["purchase_order"]
    yield segment("RFF", composite(code, text(order.purchase_order), text(line), text(order.release)))
    if order.order_date:
        yield segment("DTM", composite("171", *write_date(order.order_date)))


# Levels


class Level(NamedTuple):
    """A packing level on its way out: what is said of it, and of how many packages of which type."""

    notes: Sequence[Any] = ()
    packages: str = ""
    package: str = ""
    marks: Sequence[Identifier] = ()
    references: Sequence[Any] = ()


def _write_package(level: Level, dialect: Dialect) -> Iterator[str]:
    """PAC, and PCI for the marks and for each reference, of which a PCI holds one only."""
    if not (level.packages or level.package or level.marks or level.references):
        return
    yield segment("PAC", level.packages, "", composite(text(level.package)))
    first, *others = level.references or (None,)
    if level.marks or first:
        yield segment("PCI", "33E")
        if first:
            yield from write_reference(first, dialect)
        for mark in level.marks:
            yield segment("GIN", dialect.code["mark"][mark.scheme], composite(text(mark.value)))
    for reference in others:
        yield segment("PCI", "33E")
        yield from write_reference(reference, dialect)


def _read_package(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    """What PAC says. A level with several says what each of them says, but for count and type: those of the first."""
    fields.setdefault("count", at(row, 1))
    fields.setdefault("package", components(row, 3, 1)[0])
    for below in inside:
        if below[0] == "GIN":
            scheme = dialect.word["mark"][below[1]]
            for element in below[2:]:
                for value in filter(None, element.split(COMPONENT)):
                    fields["marks"].append(new_identifier(scheme=scheme, value=value))
        elif below[0] == "RFF" and (reference := read_reference(below, (), dialect)):
            fields["references"].append(reference)


def _write_notes(level: Level, dialect: Dialect) -> Iterator[str]:
    for note in level.notes:
        yield from write_note(note, dialect)


LEVEL = Place(
    "DESADV",
    "CPS",
    until="LIN",
    parts={"FTX": Part(_write_notes, PARTS["FTX"].read), "PAC": Part(_write_package, _read_package)},
)


# Lines


class ShippedLine(NamedTuple):
    """A line on its way out, with the order that it belongs to."""

    line: Line
    ordered: Any
    order: ShippedOrder
    shared: bool
    """Whether there are other orders in the notice."""


IMD, LINE_NOTES = description(25)
SHIPPED = quantity("12")


def _write_quantities(value: ShippedLine, dialect: Dialect) -> Iterator[str]:
    if SHIPPED.write:
        yield from SHIPPED.write(value.line, dialect)
    if value.ordered is not None:
        unit = dialect.code["unit"][value.line.unit]
        yield segment("QTY", composite("21", dialect.number(value.ordered), text(unit)))


def _read_quantity(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    qualifier, number = components(row, 1, 2)
    if qualifier == "21":
        fields["ordered_quantity"] = read_decimal(number)
    elif SHIPPED.read:
        SHIPPED.read(fields, row, inside, dialect)


def _write_line_references(value: ShippedLine, dialect: Dialect) -> Iterator[str]:
    number = value.line.number
    if len(number) > MOST_LINE_NUMBER:
        yield from order_reference(value.order, dialect)
        yield segment("RFF", composite(dialect.code["reference"][OWN_NUMBER], text(number)))
    else:
        yield from order_reference(value.order, dialect, number)
    yield from write_references(value.line, dialect)
    if value.shared:
        yield from write_references(value.order, dialect)


def _read_line_reference(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    if not read_order(fields, row, inside, dialect):
        read_line_reference(fields, row, inside, dialect)
    elif number := components(row, 1, 3)[2]:
        fields["number"] = number


LINE = Place(
    "DESADV",
    *("CPS", "LIN"),
    parts={
        "PIA": of_line(ITEMS),
        "IMD": of_line(IMD),
        "QTY": Part(_write_quantities, _read_quantity),
        "DTM": of_line(PARTS["DTM"]),
        "FTX": of_line(LINE_NOTES),
        "RFF": Part(_write_line_references, _read_line_reference),
    },
)
