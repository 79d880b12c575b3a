"""Ship notices drafted from what FreshBooks has: an invoice, or the bill that a partner's order became. Pure.

FreshBooks knows what was invoiced, not how it was packed: a draft has no packages, carrier or weight.
"""

from collections.abc import Iterable

from mappings.canonical import (
    Bill,
    EventDate,
    FieldProblem,
    InvalidDocument,
    Invoice,
    Line,
    Party,
    PurchaseOrder,
    Reference,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
)
from mappings.ordered import ordered_lines, paired

SHIPMENT = frozenset({"ship_to", "ship_from", "mark_for"})
OF_THE_ORDER = frozenset({"vendor_number", "department", "customer_order", "account"})


def as_ship_notice(document: Invoice | Bill, order: PurchaseOrder | None, us: str) -> ShipNotice:
    """What was shipped of an order: the lines with an item number; with the order known, those that it has.

    It bears the document's number. It was shipped on the day that the invoice names, else on the document's own.
    Raises `InvalidDocument` naming what is missing.
    """
    number = document.purchase_order or (order.number if order else "")
    shipped = next((one.date for one in document.dates if one.kind == "shipped"), document.date)
    items = _of_order(document, order) if order else _by_themselves(document)
    problems = []
    if not number:
        problems.append(FieldProblem("purchase_order", "is missing"))
    if not items:
        problems.append(
            FieldProblem("lines", "hold nothing that could be shipped: no line has an item number")
        )
    if problems:
        raise InvalidDocument("ShipNotice", problems)
    return ShipNotice(
        number=document.number,
        date=document.date,
        dates=(EventDate(kind="shipped", date=shipped),),
        parties=_parties(document, order, us),
        references=tuple(one for one in document.references if one.kind not in OF_THE_ORDER),
        orders=(
            ShippedOrder(
                purchase_order=number,
                order_date=order.date if order else getattr(document, "order_date", None),
                release=order.release if order else getattr(document, "release", ""),
                references=_references(document, order),
                items=tuple(items),
            ),
        ),
        origin=document.origin,
    )


def _of_order(document: Invoice | Bill, order: PurchaseOrder) -> list[ShippedItem]:
    if isinstance(document, Bill):
        return [_item(line, ordered) for line, ordered in ordered_lines(document, order)]
    return [_item(line, ordered) for line, ordered in paired(document.lines, order) if ordered]


def _by_themselves(document: Invoice | Bill) -> list[ShippedItem]:
    return [
        _item(line, None)
        for line in document.lines
        if line.seller_item or line.buyer_item or line.gtin or line.other_items
    ]


def _item(line: Line, ordered: Line | None) -> ShippedItem:
    """Without prices, taxes and accounts: they are no business of a warehouse."""
    named = ordered or line
    return ShippedItem(
        line=Line(
            number=named.number or line.number,
            quantity=line.quantity,
            unit=named.unit,
            seller_item=line.seller_item or named.seller_item,
            buyer_item=line.buyer_item or named.buyer_item,
            gtin=line.gtin or named.gtin,
            other_items=named.other_items,
            description=named.description or line.description,
        ),
        ordered_quantity=ordered.quantity if ordered else None,
    )


def _parties(document: Invoice | Bill, order: PurchaseOrder | None, us: str) -> tuple[Party, ...]:
    sources: list[Iterable[Party]] = [getattr(document, "parties", ()), order.parties if order else ()]
    found = {party.role: party for parties in sources for party in parties if party.role in SHIPMENT}
    return (*found.values(), *(() if "ship_from" in found else (Party(role="ship_from", name=us),)))


def _references(document: Invoice | Bill, order: PurchaseOrder | None) -> tuple[Reference, ...]:
    sources = (*document.references, *(order.references if order else ()))
    found = {one.kind: one for one in reversed(sources) if one.kind in OF_THE_ORDER}
    if isinstance(document, Invoice):
        found["invoice"] = Reference(kind="invoice", value=document.number)
    return tuple(found.values())
