"""What goes before what to one system: a vendor before its bills, a bill before the payments that pay it.

One that was never asked for is not waited for, nor is a change of one that is there.
"""

from audit.models import Delivery
from audit.states import Transfer

# Which kind waits for which, and the field that holds the FreshBooks id of the one that is waited for.
BEFORE = {"bill": ("vendor", "party_id"), "bill_payment": ("bill", "pays_id")}
SETTLED = (Transfer.DELIVERED, Transfer.SKIPPED, Transfer.DISMISSED)


def waited_for(delivery: Delivery) -> Delivery | None:
    """The delivery without which this one does not go yet."""
    if delivery.is_inbound or delivery.kind not in BEFORE or not delivery.is_pending:
        return None
    kind, named_by = BEFORE[delivery.kind]
    same = Delivery.objects.for_tenant(delivery.tenant).filter(
        target=delivery.target_id, kind=kind, source_id=getattr(delivery, named_by)
    )
    if same.filter(transfer=Transfer.DELIVERED).exists():
        return None
    return same.exclude(transfer__in=SETTLED).select_related("tenant").order_by("revision").first()
