"""Ship notices: what was shipped is written on the timeline of the bill that its order became."""

from audit.models import ArrivedDocument, Delivery
from audit.services import record
from connections.pipeline.inbound.kinds import BILL
from mappings.canonical import ShipNotice
from mappings.canonical.shipping import Pack, ShippedOrder, Tare


def note_ship_notice(row: ArrivedDocument, notice: ShipNotice) -> list[str]:
    """Write it on each order's bill, once; returns the orders without a bill here. All or none is written."""
    bills = {order.purchase_order: _bill(row, order.purchase_order) for order in notice.orders}
    missing = [number for number, bill in bills.items() if bill is None]
    if missing:
        return missing
    for order in notice.orders:
        bill = bills[order.purchase_order]
        if bill and not bill.events.filter(kind="shipped", data__notice=row.fingerprint).exists():
            record(
                bill,
                "shipped",
                _sentence(notice, order),
                data={
                    "notice": row.fingerprint,
                    "number": notice.number,
                    "arrival": row.arrival.public_id,
                    "items": _items(order),
                },
                payload=row.arrival.payload,
            )
    return []


def _bill(row: ArrivedDocument, order: str) -> Delivery | None:
    bills = Delivery.objects.for_tenant(row.tenant).filter(
        kind=BILL, partner=row.partner, number=order[:60], arrived__isnull=False
    )
    return bills.order_by("-revision", "-pk").first()


def _sentence(notice: ShipNotice, order: ShippedOrder) -> str:
    carrier = f" with {notice.carrier.name or notice.carrier.scac}" if notice.carrier else ""
    count = len(_items(order))
    return (
        f"Shipped on {notice.date:%d %b %Y}{carrier}, ship notice {notice.number}: "
        f"{count} {'item' if count == 1 else 'items'} of order {order.purchase_order}."
    )


def _items(order: ShippedOrder) -> list[dict[str, str]]:
    """Every shipped item, however it is packed: number, quantity and unit."""
    packs: list[Pack | Tare] = [
        *order.tares,
        *order.packs,
        *(pack for tare in order.tares for pack in tare.packs),
    ]
    items = [*order.items, *(item for pack in packs for item in pack.items)]
    return [
        {
            "item": item.line.seller_item or item.line.buyer_item or item.line.gtin,
            "quantity": str(item.line.quantity),
            "unit": item.line.unit,
        }
        for item in items
    ]
