"""Unbooked: what an arrival held, and FreshBooks refused for good.

The other side's file then goes to the error folder with a report, as one that cannot be read; and back again once all
of it is booked. Only where files are put aside one by one (SFTP) is there anything to move.
"""

from django.db.models import QuerySet
from django.utils import timezone

from audit.models import Arrival, Delivery
from audit.states import Transfer

SAID = 50


def unbooked(arrival: Arrival) -> QuerySet[Delivery]:
    """The deliveries to FreshBooks that failed."""
    rows = Delivery.unscoped.filter(arrival=arrival, arrived__isnull=False, transfer=Transfer.FAILED)
    return rows.select_related("arrived").order_by("pk")


def said_of(arrival: Arrival) -> list[str]:
    """A sentence for each of them, with its line in the file."""
    found = list(unbooked(arrival)[: SAID + 1])
    said = [_said(delivery) for delivery in found[:SAID]]
    return [*said, "… and more."] if len(found) > SAID else said


def _said(delivery: Delivery) -> str:
    line = delivery.arrived.line if delivery.arrived else None
    where = f" (line {line})" if line else ""
    return f"{delivery}{where} could not be booked in FreshBooks: {delivery.reason}"


def settle_anew(delivery: Delivery) -> None:
    """Its outcome may change where the file belongs: let the sweep settle the arrival once more."""
    if delivery.arrival_id is None or not delivery.is_inbound:
        return
    settled = Arrival.unscoped.filter(
        pk=delivery.arrival_id, settled_at__isnull=False, handle__put_aside=True
    )
    settled.update(settled_at=None, next_attempt_at=timezone.now())
