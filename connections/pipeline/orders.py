"""The order that a document of ours answers: as the partner sent it last."""

from audit.models import ArrivedDocument
from audit.models.documents import DocumentState
from mappings.canonical import Bill, Document, Invoice, PurchaseOrder, from_json
from mappings.models import TradingPartner

# Orders that a person threw away, or that could not be read, count for nothing.
COUNTS = (DocumentState.OPEN, DocumentState.TAKEN, DocumentState.DUPLICATE)


def order_of(document: Document, partner: TradingPartner) -> PurchaseOrder | None:
    """The purchase order that the document names by number, or by number and release; None if none came in.

    A bill without one is itself named after its order.
    """
    if not isinstance(document, Invoice | Bill):
        return None
    name = document.purchase_order or (document.number if isinstance(document, Bill) else "")
    if not name:
        return None
    bare = name.rpartition("-")[0] or name
    rows = ArrivedDocument.objects.for_tenant(partner.tenant).filter(
        number__in={name[:60], bare[:60]}, partner=partner, kind="purchase_order", state__in=COUNTS
    )
    for row in rows.select_related("canonical").order_by("-id"):
        order = from_json(bytes(row.canonical.content).decode()) if row.canonical else None
        if isinstance(order, PurchaseOrder) and name in (order.number, f"{order.number}-{order.release}"):
            return order
    return None
