"""Retention: the bytes of documents that are finished go after a time; what happened to them stays.

Deliveries, arrivals and their timelines are kept: they know what was sent before, and nothing may be doubled.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.models import Arrival, ArrivedDocument, Delivery, Payload, PayloadPart
from audit.models.arrivals import UNUSABLE, ArrivalState
from audit.models.documents import DocumentState
from audit.states import Acknowledgement, Document, Transfer

AT_ONCE = 500

OPEN_DELIVERY = (
    Q(document=Document.HELD, transfer=Transfer.READY)
    | ~Q(transfer__in=[Transfer.DELIVERED, Transfer.SKIPPED, Transfer.DISMISSED])
    | Q(acknowledgement__in=[Acknowledgement.WAITING, Acknowledgement.REJECTED, Acknowledgement.OVERDUE])
)
OPEN_ARRIVAL = Q(state__in=[ArrivalState.RECEIVED, *UNUSABLE]) | Q(settled_at__isnull=True)


def remove_old_bytes() -> int:
    """Empty payloads older than `RETENTION_DAYS` of which nobody waits for anything; returns how many.

    At most `AT_ONCE`, the oldest first. 0 days keep everything for ever.
    """
    if not settings.RETENTION_DAYS:
        return 0
    now = timezone.now()
    old = removable().filter(created_at__lt=now - timedelta(days=settings.RETENTION_DAYS))
    ids = list(old.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
    with transaction.atomic():
        PayloadPart.unscoped.filter(payload__in=ids).delete()
        return Payload.unscoped.filter(pk__in=ids).update(content=b"", removed_at=now)


def removable() -> QuerySet[Payload]:
    """The payloads that are still there and belong to nothing that is open."""
    deliveries = Delivery.unscoped.filter(OPEN_DELIVERY)
    uses = [
        Exists(deliveries.filter(**{field: OuterRef("pk")}))
        for field in ("source_record", "canonical", "interchange")
    ]
    undecided = ArrivedDocument.unscoped.filter(state__in=[DocumentState.OPEN, DocumentState.INVALID])
    uses += [
        Exists(undecided.filter(canonical=OuterRef("pk"))),
        Exists(undecided.filter(arrival__payload=OuterRef("pk"))),
        Exists(Arrival.unscoped.filter(OPEN_ARRIVAL, payload=OuterRef("pk"))),
    ]
    return Payload.unscoped.filter(*(~use for use in uses), removed_at__isnull=True)
