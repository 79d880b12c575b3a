"""856 Ship notice: hierarchical levels S shipment, O order, T tare (pallet), P pack (carton), I item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mappings.canonical import (
    Identifier,
    InvalidDocument,
    Note,
    Pack,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    trusted,
)
from mappings.canonical.base import FieldProblem
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.x12.bridge.level import (
    WHOLE,
    LevelReader,
    LevelWriter,
    Part,
    parts,
    write_description,
)
from mappings.codecs.x12.bridge.lines import read_items, totals_row, write_items
from mappings.codecs.x12.bridge.parts import (
    Row,
    Rows,
    at,
    date,
    decimal,
    new_identifier,
    new_line,
    new_note,
    segment,
    text,
    to_date,
    to_decimal,
    to_int,
)
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.values import read_time, write_time

WITH_PACKS, WITHOUT_PACKS = "0001", "0004"
"""Hierarchical structures of BSN05: shipment, order, packaging, item; and shipment, order, item."""

new_order = trusted(ShippedOrder)
new_notice = trusted(ShipNotice)


def _write_mark(mark: Identifier, dialect: Dialect) -> str:
    return segment("MAN", dialect.code["mark"][mark.scheme], text(mark.value))


def _read_mark(row: Row, dialect: Dialect) -> Identifier:
    return new_identifier(scheme=dialect.word["mark"][row[1]], value=row[2])


def _write_note(note: Note, dialect: Dialect) -> list[str]:
    return write_description(note.text, dialect)


def _read_note(row: Row, dialect: Dialect) -> Note | None:
    del dialect
    return new_note(text=row[5]) if at(row, 5) else None


def _write_weights(notice: ShipNotice, dialect: Dialect) -> Iterator[str]:
    del dialect
    count = "" if notice.package_count is None else str(notice.package_count)
    weight = decimal(notice.gross_weight)
    qualifier, unit = ("G", text(notice.weight_unit)) if weight else ("", "")
    row = segment("TD1", text(notice.packaging), count, "", "", "", qualifier, weight, unit)
    if row != "TD1":
        yield row


def _read_weights(row: Row, dialect: Dialect) -> dict[str, Any]:
    del dialect
    row = [*row, *[""] * (9 - len(row))]
    fields: dict[str, Any] = {"packaging": row[1], "package_count": to_int(row[2])}
    if row[6] == "G":
        fields |= {"gross_weight": to_decimal(row[7]), "weight_unit": row[8]}
    return fields


def _write_order(order: ShippedOrder, dialect: Dialect) -> str:
    del dialect
    return segment("PRF", text(order.purchase_order), text(order.release), "", date(order.order_date))


def _read_order(row: Row, dialect: Dialect) -> dict[str, Any]:
    del dialect
    return {"purchase_order": row[1], "release": at(row, 2), "order_date": to_date(at(row, 4))}


def _write_item(item: ShippedItem, dialect: Dialect) -> str:
    return f"LIN{ELEMENT}{text(item.line.number)}{write_items(item.line, dialect)}"


def _read_item(row: Row, dialect: Dialect) -> dict[str, Any]:
    return {"number": row[1], **read_items(row, 2, dialect)}


def _write_shipped(item: ShippedItem, dialect: Dialect) -> str:
    del dialect
    unit = text(item.line.unit)
    ordered = decimal(item.ordered_quantity)
    return segment("SN1", "", decimal(item.line.quantity), unit, "", ordered, unit if ordered else "")


def _read_shipped(row: Row, dialect: Dialect) -> dict[str, Any]:
    del dialect
    fields: dict[str, Any] = {"quantity": to_decimal(row[2]), "unit": row[3]}
    return fields | ({"ordered_quantity": to_decimal(row[5])} if at(row, 5) else {})


SHIPMENT = parts(
    *("PID", "TD1", "TD5", "REF", "DTM", "FOB", "N1"),
    PID=Part("notes", _write_note, _read_note),
    TD1=Part(WHOLE, _write_weights, _read_weights, many=False),
)
ORDER = parts("PRF", "REF", "N1", PRF=Part(WHOLE, _write_order, _read_order, many=False))
PACKAGE = parts("REF", "MAN", MAN=Part("marks", _write_mark, _read_mark))
ITEM = parts(
    LIN=Part(WHOLE, _write_item, _read_item, many=False),
    SN1=Part(WHOLE, _write_shipped, _read_shipped, many=False),
)
BELOW_ITEM = parts("PID", "REF", "DTM")

HEADING_READER = LevelReader("856", parts=parts("DTM"), until=("HL",))
LEVEL_READERS = {
    code: LevelReader("856", "HL", parts=level_parts)
    for code, level_parts in {
        "S": SHIPMENT,
        "O": ORDER,
        "T": PACKAGE,
        "P": PACKAGE,
        "I": {**ITEM, **BELOW_ITEM},
    }.items()
}
NOTHING_READER = LevelReader("856", "HL", parts={})

SHIPMENT_WRITER = LevelWriter(SHIPMENT)
ORDER_WRITER = LevelWriter(ORDER)
PACKAGE_WRITER = LevelWriter(PACKAGE)
ITEM_WRITER = LevelWriter(ITEM)
BELOW_ITEM_WRITER = LevelWriter(BELOW_ITEM)


@dataclass(slots=True)
class _Levels:
    """The levels of a notice on their way out, numbered from 1 on."""

    out: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, code: str, parent: int, segments: Iterable[str], *, children: bool) -> int:
        """Add a level below `parent` (0 for none), and give its number."""
        self.count += 1
        above = str(parent) if parent else ""
        self.out += [segment("HL", str(self.count), above, code, "1" if children else "0"), *segments]
        return self.count


def write(notice: ShipNotice, dialect: Dialect) -> list[str]:
    """The segments between ST and SE."""
    packed = any(order.tares or order.packs for order in notice.orders)
    beginning = segment(
        "BSN",
        dialect.code["purpose"][notice.purpose],
        text(notice.number),
        date(notice.date),
        write_time(notice.time),
        WITH_PACKS if packed else WITHOUT_PACKS,
    )
    levels = _Levels([beginning])
    shipment = levels.add("S", 0, SHIPMENT_WRITER.write(notice, dialect), children=True)
    for order in notice.orders:
        segments = ORDER_WRITER.write(order, dialect)
        number = levels.add("O", shipment, segments, children=bool(order.tares or order.packs or order.items))
        _write_tares(levels, number, order.tares, dialect)
        _write_packs(levels, number, order.packs, dialect)
        _write_items(levels, number, order.items, dialect)
    return [*levels.out, totals_row(levels.count)]


def _write_tares(levels: _Levels, parent: int, tares: Iterable[Tare], dialect: Dialect) -> None:
    for tare in tares:
        segments = PACKAGE_WRITER.write(tare, dialect)
        number = levels.add("T", parent, segments, children=bool(tare.packs or tare.items))
        _write_packs(levels, number, tare.packs, dialect)
        _write_items(levels, number, tare.items, dialect)


def _write_packs(levels: _Levels, parent: int, packs: Iterable[Pack], dialect: Dialect) -> None:
    for pack in packs:
        segments = PACKAGE_WRITER.write(pack, dialect)
        number = levels.add("P", parent, segments, children=bool(pack.items))
        _write_items(levels, number, pack.items, dialect)


def _write_items(levels: _Levels, parent: int, items: Iterable[ShippedItem], dialect: Dialect) -> None:
    for item in items:
        segments = ITEM_WRITER.write(item, dialect) + BELOW_ITEM_WRITER.write(item.line, dialect)
        levels.add("I", parent, segments, children=False)


class _Node(NamedTuple):
    """A level on its way in: its code, what stands in it, and the levels below."""

    code: str
    fields: dict[str, Any]
    below: list[_Node]


def read(rows: Rows, dialect: Dialect) -> ShipNotice:
    """The ship notice in the segments after ST. Raises `InvalidDocument` if its levels make no notice."""
    row = next(rows)
    fields: dict[str, Any] = {
        "purpose": dialect.word["purpose"][row[1]],
        "number": row[2],
        "date": to_date(row[3]),
        "time": read_time(row[4]),
    }
    row = HEADING_READER.read(fields, next(rows), rows, dialect)
    nodes: dict[str, _Node] = {}
    top: list[_Node] = []
    while row[0] == "HL":
        header = row
        node, row = _read_node(header, rows, dialect)
        nodes[header[1]] = node
        parent = nodes.get(at(header, 2))
        (parent.below if parent else top).append(node)
    if [node.code for node in top] != ["S"]:
        problem = FieldProblem("orders", "a ship notice has one shipment level (S), with all others below it")
        raise InvalidDocument("ShipNotice", [problem])
    shipment = top[0].fields
    shipment["dates"] = fields.pop("dates", ()) + shipment.get("dates", ())
    return new_notice(orders=tuple(_orders(top[0], [])), **fields, **shipment)


def _read_node(header: Row, rows: Rows, dialect: Dialect) -> tuple[_Node, Row]:
    fields: dict[str, Any] = {}
    row = LEVEL_READERS.get(header[3], NOTHING_READER).read(fields, next(rows), rows, dialect)
    return _Node(header[3], fields, []), row


def _orders(node: _Node, around: list[_Node]) -> Iterator[ShippedOrder]:
    """The orders below `node`; `around` are the pallets and cartons, outermost first, that hold whole orders."""
    for below in node.below:
        if below.code == "O":
            yield _order(below, around)
        elif below.code in ("T", "P"):
            yield from _orders(below, [*around, below])
        else:
            message = f"a level {below.code!r} stands where an order (O) is expected"
            raise InvalidDocument("ShipNotice", [FieldProblem("orders", message)])


def _order(node: _Node, around: list[_Node]) -> ShippedOrder:
    tares, packs, items = _contents(node)
    for outer in reversed(around):
        if outer.code == "P":
            packs, items = (*packs, _package(Pack, outer, items=items)), ()
        else:
            tares, packs, items = (*tares, _package(Tare, outer, packs=packs, items=items)), (), ()
    fields = node.fields
    if not fields.get("purchase_order"):
        raise InvalidDocument("ShipNotice", [FieldProblem("orders", "the PO number of an order is missing")])
    return new_order(tares=tares, packs=packs, items=items, **fields)


def _contents(node: _Node) -> tuple[tuple[Tare, ...], tuple[Pack, ...], tuple[ShippedItem, ...]]:
    """What stands directly below an order, tare or pack. A pack below its item stands beside it here."""
    tares, packs, items = [], [], []
    for below in node.below:
        if below.code == "T":
            _, its_packs, its_items = _contents(below)
            tares.append(_package(Tare, below, packs=its_packs, items=its_items))
        elif below.code == "P":
            packs.append(_package(Pack, below, items=_contents(below)[2]))
        elif below.code == "I":
            items.append(_item(below))
            packs += _contents(below)[1]
        else:
            message = f"a level {below.code!r} stands inside of an order"
            raise InvalidDocument("ShipNotice", [FieldProblem("orders", message)])
    return tuple(tares), tuple(packs), tuple(items)


def _package(cls: Any, node: _Node, **contents: Any) -> Any:
    return cls(**node.fields, **contents)


def _item(node: _Node) -> ShippedItem:
    fields = dict(node.fields)
    ordered = fields.pop("ordered_quantity", None)
    return ShippedItem(line=new_line(**fields), ordered_quantity=ordered)
