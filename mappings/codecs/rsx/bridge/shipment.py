"""The levels of a shipment: orders, pallets (tares), packs and items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mappings.canonical import (
    FieldProblem,
    Identifier,
    InvalidDocument,
    Pack,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
)
from mappings.codecs.rsx.bridge.lines import Lines
from mappings.codecs.rsx.bridge.parts import Part, Singles, inside, no_room, read_parts, write_parts
from mappings.codecs.rsx.codes import Codes
from mappings.codecs.rsx.schema import Tree
from mappings.codecs.rsx.tables import table

ORDER = Part("purchase_order=PurchaseOrderNumber order_date=PurchaseOrderDate release=ReleaseNumber")
WITH_TARES, WITH_PACKS, WITHOUT_PACKS = "SOTPI", "0001", "0004"
TARE, PACK = "T", "P"
SSCC_DIGITS = 18
SSCC_PREFIX = "00"
"""The application identifier that RSX writes before the 18 digits of a serial shipping container code."""
MEDIUM_LENGTH = 3
"""A packaging code such as CTN25 is a medium (CTN) and a material (25)."""
PACKAGE_MEMBERS = {"sscc": "ShippingSerialID", "carrier_package": "CarrierPackageID"}

_LEVEL = table("Shipment").members["OrderLevel"].group
assert _LEVEL is not None  # noqa: S101  # the tables are ours
_ITEM, _ORDER = _LEVEL.members["ItemLevel"].group, _LEVEL.members["OrderHeader"].group
assert _ITEM is not None  # noqa: S101
assert _ORDER is not None  # noqa: S101
LINES = Lines.of(_ITEM, "ShipmentLine", "ShipQty")
ORDER_SINGLES = Singles(_ORDER, {member for _field, member, _words in ORDER.rows})


def structure(notice: ShipNotice) -> str:
    """The code for the levels that the shipment has (ASNStructureCode)."""
    if any(order.tares for order in notice.orders):
        return WITH_TARES
    return WITH_PACKS if any(order.packs for order in notice.orders) else WITHOUT_PACKS


def count_items(order: ShippedOrder) -> int:
    """How many items the order has, wherever they are packed."""
    packs = [*order.packs, *(pack for tare in order.tares for pack in tare.packs)]
    loose = [order.items, *(tare.items for tare in order.tares), *(pack.items for pack in packs)]
    return sum(map(len, loose))


def write_quantity(notice: ShipNotice) -> Tree:
    """How many packages of which kind, and their weight."""
    medium, material = notice.packaging[:MEDIUM_LENGTH], notice.packaging[MEDIUM_LENGTH:]
    return {
        "PackingMedium": medium,
        "PackingMaterial": material,
        "LadingQuantity": notice.package_count,
        "WeightQualifier": "G" if notice.gross_weight is not None else "",
        "Weight": notice.gross_weight,
        "WeightUOM": notice.weight_unit,
    }


def read_quantity(header: Tree) -> dict[str, Any]:
    """The fields of a ship notice about packages and weight. A weight without unit is passed over."""
    fields: dict[str, Any] = {}
    for each in header.get("QuantityAndWeight", ()):
        if "PackingMedium" in each:
            fields.setdefault("packaging", each["PackingMedium"] + each.get("PackingMaterial", ""))
        if "LadingQuantity" in each:
            fields.setdefault("package_count", each["LadingQuantity"])
        if each.get("WeightQualifier", "G") == "G" and "Weight" in each and "WeightUOM" in each:
            fields.setdefault("gross_weight", each["Weight"])
            fields.setdefault("weight_unit", each["WeightUOM"])
    return fields


def write_order(order: ShippedOrder, codes: Codes) -> Tree:
    values = ORDER.write(order, codes)
    references = ORDER_SINGLES.write_references(order.references, values)
    packs = [_write_tare(tare, codes) for tare in order.tares] + [_write_pack(p, codes) for p in order.packs]
    return {
        "OrderHeader": values,
        **write_parts(order, codes, references=references),
        "PackLevel": packs,
        "ItemLevel": [_write_item(item, codes) for item in order.items],
    }


def _write_tare(tare: Tare, codes: Codes) -> Tree:
    return {
        "Pack": {"PackLevelType": TARE, **_write_marks(tare.marks)},
        **write_parts(tare, codes),
        "PackLevel": [_write_pack(pack, codes) for pack in tare.packs],
        "ItemLevel": [_write_item(item, codes) for item in tare.items],
    }


def _write_pack(pack: Pack, codes: Codes) -> Tree:
    return {
        "Pack": {"PackLevelType": PACK, **_write_marks(pack.marks)},
        **write_parts(pack, codes),
        "ItemLevel": [_write_item(item, codes) for item in pack.items],
    }


def _write_marks(marks: Iterable[Identifier]) -> Tree:
    tree: Tree = {}
    for mark in marks:
        member = PACKAGE_MEMBERS.get(mark.scheme)
        if member is None or member in tree:
            raise no_room(
                "marks", f"RSX has no place for another mark on a package: {mark.scheme} {mark.value}"
            )
        is_bare = mark.scheme == "sscc" and len(mark.value) == SSCC_DIGITS
        tree[member] = SSCC_PREFIX + mark.value if is_bare else mark.value
    return tree


def _write_item(item: ShippedItem, codes: Codes) -> Tree:
    tree = LINES.write(item.line, codes)
    if item.ordered_quantity is not None:
        tree["ShipmentLine"] |= {"OrderQty": item.ordered_quantity, "OrderQtyUOM": item.line.unit}
    return tree


def read_order(level: Tree, codes: Codes) -> ShippedOrder:
    """The order of a level. Packs that stand in packs are put beside them."""
    values: Tree = level.get("OrderHeader", {})
    fields = {**ORDER.read(values, codes), **read_parts(ShippedOrder, level, codes)}
    if "purchase_order" not in fields:
        raise InvalidDocument("ShippedOrder", [FieldProblem("purchase_order", "is missing")])
    fields["references"] = ORDER_SINGLES.read_references(values) + fields.get("references", ())
    levels = [*level.get("PackLevel", ())]
    levels += [
        each for container in level.get("ContainerLevel", ()) for each in container.get("PackLevel", ())
    ]
    tares = [each for each in levels if _is_tare(each)]
    packs = [each for each in levels if not _is_tare(each)]
    return ShippedOrder(
        **fields,
        tares=tuple(_read_tare(each, codes) for each in tares),
        packs=tuple(pack for each in packs for pack in _read_packs(each, codes)),
        items=_read_items(level, codes),
    )


def _is_tare(level: Tree) -> bool:
    """Whether a pack level is a pallet: it says so, or says nothing and holds packs."""
    kind = level.get("Pack", {}).get("PackLevelType")
    return bool(kind == TARE or (kind is None and level.get("PackLevel")))


def _read_tare(level: Tree, codes: Codes) -> Tare:
    return Tare(
        marks=_read_marks(level),
        **read_parts(Tare, level, codes),
        packs=tuple(pack for each in level.get("PackLevel", ()) for pack in _read_packs(each, codes)),
        items=_read_items(level, codes),
    )


def _read_packs(level: Tree, codes: Codes) -> Iterator[Pack]:
    yield Pack(marks=_read_marks(level), **read_parts(Pack, level, codes), items=_read_items(level, codes))
    for each in level.get("PackLevel", ()):
        yield from _read_packs(each, codes)


def _read_marks(level: Tree) -> tuple[Identifier, ...]:
    pack = level.get("Pack", {})
    marks = []
    for scheme, member in PACKAGE_MEMBERS.items():
        value = pack.get(member, "")
        if scheme == "sscc" and len(value) == len(SSCC_PREFIX) + SSCC_DIGITS:
            value = value.removeprefix(SSCC_PREFIX)
        if value:
            marks.append(Identifier(scheme=scheme, value=value))
    return tuple(marks)


def _read_items(level: Tree, codes: Codes) -> tuple[ShippedItem, ...]:
    items = []
    for each in level.get("ItemLevel", ()):
        with inside("items"):
            line = LINES.read(each, codes)
            ordered = each.get("ShipmentLine", {}).get("OrderQty")
            items.append(ShippedItem(line=line, ordered_quantity=ordered))
    return tuple(items)
