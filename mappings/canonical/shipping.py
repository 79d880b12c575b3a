"""Ship notices: a shipment of orders, packed on pallets (tares) and in packs, holding items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from mappings.canonical.base import Checked, Word
from mappings.canonical.parts import Carrier, EventDate, Identifier, Line, Note, Origin, Party, Reference
from mappings.canonical.trade import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedItem(Checked):
    """What was shipped of an ordered line: `line.quantity` is the shipped quantity."""

    line: Line
    ordered_quantity: Decimal | None = None

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.line.quantity is None:
            yield "line.quantity", "the shipped quantity is missing"
        if not (self.line.seller_item or self.line.buyer_item or self.line.gtin or self.line.other_items):
            yield "line.seller_item", "an item identifier is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack(Checked):
    """A carton: its marks (scheme sscc, carrier_package ...), references and contents."""

    marks: tuple[Identifier, ...] = ()
    references: tuple[Reference, ...] = ()
    items: tuple[ShippedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tare(Checked):
    """A pallet: its marks, and the packs and loose items on it."""

    marks: tuple[Identifier, ...] = ()
    references: tuple[Reference, ...] = ()
    packs: tuple[Pack, ...] = ()
    items: tuple[ShippedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedOrder(Checked):
    """The part of a shipment that belongs to one order."""

    purchase_order: str
    order_date: dt.date | None = None
    release: str = ""
    parties: tuple[Party, ...] = ()
    references: tuple[Reference, ...] = ()
    tares: tuple[Tare, ...] = ()
    packs: tuple[Pack, ...] = ()
    items: tuple[ShippedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipNotice(Document):
    """An advance ship notice. Weight and package count are of the whole shipment."""

    SCHEMA: ClassVar[str] = "ship_notice/1"

    number: str
    date: dt.date
    time: dt.time = dt.time(0)
    purpose: Word = "original"
    parties: tuple[Party, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    carrier: Carrier | None = None
    freight_terms: Word = ""
    packaging: str = ""
    package_count: int | None = None
    gross_weight: Decimal | None = None
    weight_unit: str = ""
    orders: tuple[ShippedOrder, ...]
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    def rules(self) -> Iterator[tuple[str, str]]:
        if not self.orders:
            yield "orders", "a ship notice needs at least one order"
        if self.gross_weight is not None and not self.weight_unit:
            yield "weight_unit", "is missing, but there is a weight"
