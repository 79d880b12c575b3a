"""DESADV Despatch advice: a hierarchy of packing levels (CPS) with packages and lines in them.

The shipment is the first level; pallets and cartons are levels below it. EDIFACT knows orders at the lines only, so
every line repeats the number of its order and its own in it, and of an order all is read back that its lines say. What
else is said of an order goes into the heading if it is the only one, and otherwise, as far as possible, to its lines.
A package with lines of several orders is one level, which stands where the first of these orders has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from mappings.canonical import (
    EventDate,
    InvalidDocument,
    Pack,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    trusted,
)
from mappings.canonical.base import FieldProblem
from mappings.codecs.edifact.bridge.body import beginning, build_line, require
from mappings.codecs.edifact.bridge.lines import (
    read_lin,
    settle_line,
    write_lin,
)
from mappings.codecs.edifact.bridge.packing import (
    LEVEL,
    LINE,
    Level,
    OrderName,
    ShippedLine,
    order_reference,
    read_order,
    write_references,
)
from mappings.codecs.edifact.bridge.parts import (
    PARTS,
    parts,
    read_dtm,
    read_reference,
    write_event,
    write_party,
)
from mappings.codecs.edifact.bridge.rows import Row, at, components, composite, segment, text
from mappings.codecs.edifact.bridge.section import Fields, Part, Place, closed, new_fields
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import read_decimal

new_notice = trusted(ShipNotice)
new_item = trusted(ShippedItem)
new_order = trusted(ShippedOrder)

DESPATCH_ADVICE = "351"
OUTER, INNER = "3", "1"
"""Packaging levels (7075) of pallets and cartons."""
T = TypeVar("T", Tare, Pack)
Package = list[tuple[ShippedOrder, T]]
"""A pallet or carton: what is in it, by order."""
GROSS_WEIGHT = frozenset({"G", "AAB", "AAD", "WX"})


# The heading


def _write_beginning(notice: ShipNotice, dialect: Dialect) -> Iterator[str]:
    yield DESPATCH_ADVICE
    yield text(notice.number)
    yield dialect.code["purpose"][notice.purpose]


def _read_beginning(row: Row, dialect: Dialect) -> dict[str, Any]:
    purpose = dialect.word["purpose"][at(row, 3) or "9"]
    return {"number": components(row, 2, 1)[0], "purpose": purpose}


def _write_dates(notice: ShipNotice, dialect: Dialect) -> Iterator[str]:
    yield from write_event(EventDate(kind="document", date=notice.date, time=notice.time), dialect)
    for event in notice.dates:
        yield from write_event(event, dialect)


def _read_date(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    qualifier, day, time = read_dtm(row)
    if day is None:
        return
    kind = dialect.word["date"][qualifier]
    if kind == "document" and "date" not in fields:
        fields["date"] = day
        if time:
            fields["time"] = time
    else:
        fields["dates"].append(EventDate(kind=kind, date=day, time=time))


def _write_weight(notice: ShipNotice, dialect: Dialect) -> Iterator[str]:
    if notice.gross_weight is not None:
        unit = dialect.code["unit"][notice.weight_unit]
        yield segment("MEA", "PD", "AAD", composite(text(unit), dialect.number(notice.gross_weight)))


def _read_weight(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
    unit, value = components(row, 3, 2)
    if components(row, 2, 1)[0] in GROSS_WEIGHT and value:
        fields["gross_weight"] = read_decimal(value)
        fields["weight_unit"] = dialect.word["unit"][unit]


def _write_references(notice: ShipNotice, dialect: Dialect) -> Iterator[str]:
    for order in _only(notice):
        yield from order_reference(order, dialect)
        yield from write_references(order, dialect)
    yield from write_references(notice, dialect)


def _only(notice: ShipNotice) -> Sequence[ShippedOrder]:
    """The order of a notice of one order, whose references and parties can stand in the heading."""
    return notice.orders if len(notice.orders) == 1 else ()


def _read_reference(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    if not read_order(fields, row, inside, dialect) and (reference := read_reference(row, inside, dialect)):
        fields["references"].append(reference)


def _write_parties(notice: ShipNotice, dialect: Dialect) -> Iterator[str]:
    for order in _only(notice):
        for party in order.parties:
            yield from write_party(party, dialect)
    if PARTS["NAD"].write:
        yield from PARTS["NAD"].write(notice, dialect)


HEADING = Place(
    "DESADV",
    until="CPS",
    parts=parts(
        *("TOD", "TDT"),
        NAD=Part(_write_parties, PARTS["NAD"].read),
        BGM=beginning(_write_beginning, _read_beginning),
        DTM=Part(_write_dates, _read_date),
        MEA=Part(_write_weight, _read_weight),
        RFF=Part(_write_references, _read_reference),
    ),
)


@dataclass(slots=True)
class _Levels:
    """The levels of a notice on their way out, numbered from 1 on, and its lines, too."""

    dialect: Dialect
    shared: bool
    out: list[str] = field(default_factory=list)
    count: int = 0
    lines: int = 0

    def add(self, parent: int, packaging: str, level: Level) -> int:
        """Add a level below `parent` (0 for none), and give its number."""
        self.count += 1
        self.out.append(segment("CPS", str(self.count), str(parent) if parent else "", packaging))
        self.out += LEVEL.write(level, self.dialect)
        return self.count

    def add_items(self, order: ShippedOrder, items: Iterable[ShippedItem]) -> None:
        """Add lines to the last level."""
        for item in items:
            self.lines += 1
            self.out.append(write_lin(item.line, str(self.lines)))
            line = ShippedLine(item.line, item.ordered_quantity, order, self.shared)
            self.out += LINE.write(line, self.dialect)

    def add_package(self, parent: int, packaging: str, type_: str, package: Package[Any]) -> int:
        """Add a tare or pack with its own lines below `parent`, and give its number."""
        part = package[0][1]
        code = self.dialect.code["package"][type_]
        level = Level(packages="1", package=code, marks=part.marks, references=part.references)
        number = self.add(parent, packaging, level)
        for order, part in package:
            self.add_items(order, part.items)
        return number


def write(notice: ShipNotice, dialect: Dialect) -> list[str]:
    """The segments between UNH and UNT. Raises `InvalidDocument` for what EDIFACT cannot say of an order."""
    if problems := list(_unsayable(notice)):
        raise InvalidDocument("ShipNotice", problems)
    levels = _Levels(dialect, not _only(notice), HEADING.write(notice, dialect))
    count = "" if notice.package_count is None else str(notice.package_count)
    levels.add(0, "", Level(notes=notice.notes, packages=count, package=notice.packaging))
    # What lies loose is in the first level, and so comes first.
    for order in notice.orders:
        levels.add_items(order, order.items)
    for tare in _packages((order, tare) for order in notice.orders for tare in order.tares):
        number = levels.add_package(1, OUTER, "tare", tare)
        for pack in _packages((order, pack) for order, part in tare for pack in part.packs):
            levels.add_package(number, INNER, "pack", pack)
    for pack in _packages((order, pack) for order in notice.orders for pack in order.packs):
        levels.add_package(1, INNER, "pack", pack)
    return [*levels.out, segment("CNT", composite("2", str(levels.lines)))]


def _unsayable(notice: ShipNotice) -> Iterator[FieldProblem]:
    """What gets lost of the orders of a notice with several."""
    if _only(notice):
        return
    for index, order in enumerate(notice.orders):
        if order.parties:
            yield FieldProblem(f"orders[{index}].parties", "DESADV knows parties of the whole shipment only")
        packs = (*order.packs, *(pack for tare in order.tares for pack in tare.packs))
        if not (order.items or any(tare.items for tare in order.tares) or any(pack.items for pack in packs)):
            yield FieldProblem(f"orders[{index}]", "DESADV knows an order by its lines only, but it has none")


def _packages(parts: Iterable[tuple[ShippedOrder, T]]) -> list[Package[T]]:
    """`parts`, each a package on its own; but parts of several orders with the same marks lie in one package."""
    packages: list[Package[T]] = []
    marked: dict[Any, Package[T]] = {}
    for order, part in parts:
        key = (part.marks, part.references)
        package = marked.get(key) if part.marks else None
        if package is None or package[-1][0] is order:
            package = marked[key] = []
            packages.append(package)
        package.append((order, part))
    return packages


# Reading


class _Level(NamedTuple):
    """A packing level on its way in: what is said of it, its lines by order, and the level above."""

    fields: Fields
    lines: dict[OrderName, list[ShippedItem]]
    above: int | None

    def package(self, order: OrderName) -> dict[str, Any]:
        """The fields of a package with the lines of `order`."""
        return {
            "marks": tuple(self.fields["marks"]),
            "references": tuple(self.fields["references"]),
            "items": tuple(self.lines.get(order, ())),
        }


def read(rows: list[Row], dialect: Dialect) -> ShipNotice:
    """The notice in `rows`, from UNH to UNT. Raises `InvalidDocument` if its lines name no order."""
    fields = new_fields()
    position = HEADING.read(fields, rows, 1, dialect)
    usual: OrderName | None = fields.pop("order", None)
    levels: list[_Level] = []
    numbers: dict[str, int] = {}
    while rows[position][0] == "CPS":
        row = rows[position]
        level = _Level(new_fields(), {}, numbers.get(at(row, 2)))
        position = LEVEL.read(level.fields, rows, position + 1, dialect)
        while rows[position][0] == "LIN":
            position = _read_line(level, rows, position, usual, dialect)
        numbers[row[1]] = len(levels)
        levels.append(level)
    shipment = _shipment(levels, dialect)
    if shipment is not None:
        said = levels[shipment].fields
        if said["count"]:
            fields["package_count"] = int(said["count"])
        fields["packaging"] = said["package"] or ""
        fields["notes"] += said["notes"]
    fields["orders"] = _orders(levels, shipment, usual, dialect)
    require("ShipNotice", fields, number="BGM has none", date="there is no DTM+137")
    return new_notice(**closed(fields))


def _read_line(
    level: _Level, rows: list[Row], position: int, usual: OrderName | None, dialect: Dialect
) -> int:
    line = new_fields()
    read_lin(line, rows[position], dialect)
    number = line.pop("number", "")
    position = LINE.read(line, rows, position + 1, dialect)
    settle_line(line, dialect)
    order = line.pop("order", usual)
    if order is None:
        message = f"line {number or '(no number)'} does not say to which order it belongs: there is no RFF+ON"
        raise InvalidDocument("ShipNotice", [FieldProblem("orders", message)])
    ordered = line.pop("ordered_quantity", None)
    level.lines.setdefault(order, []).append(new_item(line=build_line(line), ordered_quantity=ordered))
    return position


def _shipment(levels: list[_Level], dialect: Dialect) -> int | None:
    """The level of the whole shipment, if there is one: the only one at the top that is no package itself."""
    tops = [index for index, level in enumerate(levels) if level.above is None]
    if len(tops) != 1 or levels[tops[0]].fields["marks"]:
        return None
    return None if len(levels) == 1 and _is_tare(levels[0], dialect) else tops[0]


def _is_tare(level: _Level, dialect: Dialect) -> bool:
    return dialect.word["package"].get(level.fields["package"] or "") == "tare"


def _first_below(levels: list[_Level]) -> dict[int, list[OrderName]]:
    """For a level without lines, the order of the first line in the levels below it, if there is one."""
    found: dict[int, list[OrderName]] = {}
    for index in range(len(levels) - 1, -1, -1):
        level = levels[index]
        first = list(level.lines)[:1] or found.get(index)
        if first and level.above is not None:
            found[level.above] = first
    return found


@dataclass(slots=True)
class _Order:
    """An order on its way in: its loose items, its packs, and its tares with their packs, by level."""

    items: list[ShippedItem] = field(default_factory=list)
    packs: list[Pack] = field(default_factory=list)
    tares: dict[int, list[Pack]] = field(default_factory=dict)


def _orders(
    levels: list[_Level], shipment: int | None, usual: OrderName | None, dialect: Dialect
) -> list[ShippedOrder]:
    """The orders, as their lines name them, in the order in which they are first named.

    A tare is a level at the top with levels below it, or one of such a type; all levels below it are packs.
    """
    orders = {order: _Order() for level in levels for order in level.lines}
    if not orders and usual:
        orders[usual] = _Order()
    without_lines = [usual] if usual and usual in orders else list(orders)[:1]
    inner = {level.above for level in levels}
    below = _first_below(levels)
    tops: list[int] = []
    for index, level in enumerate(levels):
        on_top = level.above is None or level.above == shipment
        top = index if on_top else tops[level.above or 0]
        tops.append(top)
        tare = top in inner or _is_tare(levels[top], dialect)
        # A level without lines is a package of those of the first level below it, or of the usual order.
        for name in level.lines or below.get(index, without_lines):
            order = orders[name]
            if index == shipment:
                order.items += level.lines.get(name, ())
            elif not tare:
                order.packs.append(Pack(**level.package(name)))
            elif index == top:
                order.tares.setdefault(top, [])
            else:
                order.tares.setdefault(top, []).append(Pack(**level.package(name)))
    return [
        new_order(
            purchase_order=name.number,
            release=name.release,
            order_date=name.date,
            items=tuple(order.items),
            packs=tuple(order.packs),
            tares=tuple(
                Tare(**levels[index].package(name), packs=tuple(packs))
                for index, packs in order.tares.items()
            ),
        )
        for name, order in orders.items()
    ]
