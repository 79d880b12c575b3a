"""Sweep: find everything that is due in our own tables, and ring for it.

The state in the database is the truth; a queued task is only a doorbell. If every queued task were deleted,
the next sweep would ring for all of it again.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from audit.leases import free
from audit.models import Arrival, ArrivedDocument, Delivery, Notice
from audit.models.documents import DocumentState
from audit.retention import remove_old_bytes
from audit.services import lock, notify, record
from audit.states import Acknowledgement, Document, Transfer
from connections.models import Backfill, BackfillState, Connection, Hint, InvoiceNote, Poll, Slot, Work
from connections.pipeline.claim import due_everywhere, looks_due, to_look_up
from connections.pipeline.inbound.take import OPEN_NOTICE
from connections.pipeline.prepare import HELD_NOTICE, recheck_all
from connections.pipeline.reports import link_waiting

BATCH = 200

Doorbell = tuple[str, int]

log = logging.getLogger(__name__)


def sweep() -> list[Doorbell]:
    """Do the small chores, and return what else is due as (task, id) pairs, oldest trouble first.

    A chore that fails is logged: the doorbells are rung all the same.
    """
    chores = (
        turn_overdue,
        recheck_held,
        link_waiting,
        close_held_notices,
        close_open_notices,
        remove_old_bytes,
    )
    for chore in chores:
        try:
            chore()
        except Exception:
            log.exception("a chore of the sweep failed")
    return list(doorbells())


def doorbells() -> Iterator[Doorbell]:
    """(dotted task, id) for all work that is due and that no worker holds."""
    now = timezone.now()
    working = Connection.unscoped.filter(Connection.working(now))
    hinted = Hint.objects.filter(due_at__lte=now).values("connection")
    for pk in _idle(working.filter(pk__in=hinted), Work.FETCH, now):
        yield "connections.tasks.fetch", pk
    sendable = Exists(due_everywhere().filter(target=OuterRef("pk")))
    to_be_looked_up = Exists(looks_due().filter(target=OuterRef("pk")))
    for pk in _idle(working.filter(sendable | to_be_looked_up), Work.DELIVER, now):
        yield "connections.tasks.deliver", pk
    unfinished = Arrival.unscoped.filter(next_attempt_at__lte=now).values("connection")
    for pk in _idle(Connection.unscoped.filter(pk__in=unfinished), Work.READ, now):
        yield "connections.tasks.read", pk
    noted = InvoiceNote.unscoped.filter(next_attempt_at__lte=now).values("connection")
    for pk in _idle(working.filter(pk__in=noted), Work.NOTE, now):
        yield "connections.tasks.write_notes", pk
    asked = Exists(Delivery.unscoped.filter(target=OuterRef("pk"), next_status_at__lte=now))
    for pk in _idle(working.filter(asked), Work.STATUS, now):
        yield "connections.tasks.ask_status", pk
    polls = Poll.objects.filter(free(now), Connection.working(now, "connection__"), next_at__lte=now)
    for pk in polls.order_by("next_at").values_list("pk", flat=True)[:BATCH]:
        yield "connections.tasks.poll", pk
    backfills = Backfill.unscoped.filter(
        free(now), Connection.working(now, "route__source__"), state=BackfillState.RUNNING
    )
    for pk in backfills.values_list("pk", flat=True)[:BATCH]:
        yield "connections.tasks.backfill", pk
    notices = Notice.unscoped.filter(next_mail_at__lte=now, closed_at__isnull=True)
    for pk in notices.order_by("next_mail_at").values_list("pk", flat=True)[:BATCH]:
        yield "connections.tasks.mail_notice", pk


def _idle(connections: QuerySet[Connection], work: str, now: datetime) -> list[int]:
    """The connections whose `work` no worker is doing."""
    taken = Slot.objects.filter(connection=OuterRef("pk"), work=work, lease_until__gt=now)
    return list(connections.exclude(Exists(taken)).values_list("pk", flat=True))


def turn_overdue() -> None:
    """No answer within the partner's time is "overdue", and somebody is told."""
    late = Delivery.unscoped.filter(
        acknowledgement=Acknowledgement.WAITING, acknowledgement_due_at__lte=timezone.now()
    )
    for delivery in late.order_by("acknowledgement_due_at")[:BATCH]:
        try:
            _turn_overdue(delivery)
        except Exception:
            log.exception("delivery %s could not be marked as overdue", delivery.public_id)


@transaction.atomic
def _turn_overdue(delivery: Delivery) -> None:
    delivery = lock(delivery)
    if delivery.acknowledgement != Acknowledgement.WAITING:
        return
    delivery.acknowledge(Acknowledgement.OVERDUE, timezone.now())
    delivery.save()
    record(delivery, "overdue", f"{delivery.partner} has not acknowledged it in the agreed time.")
    notify(
        tenant=delivery.tenant,
        key=f"overdue-{delivery.pk}",
        title=f"{delivery.partner} has not acknowledged {delivery}",
        text="The agreed time is over. Ask the partner whether it arrived, or replay it.",
        url=delivery.get_absolute_url(),
    )


def recheck_held() -> None:
    """Held deliveries look again by themselves, should nobody have rung when a mapping was saved."""
    held = Delivery.unscoped.filter(
        ~to_look_up(), document=Document.HELD, transfer=Transfer.READY, next_attempt_at__lte=timezone.now()
    )
    recheck_all(held.order_by("next_attempt_at")[:BATCH])


def close_held_notices() -> None:
    """A notice of held documents is settled when the last of them has gone, whichever way it went."""
    told = Notice.unscoped.filter(key__startswith=HELD_NOTICE, closed_at__isnull=True)
    held = Delivery.unscoped.filter(
        tenant=OuterRef("tenant"),
        document=Document.HELD,
        transfer=Transfer.READY,
        reason_code=OuterRef("code"),
    )
    settled = told.annotate(code=Substr("key", len(HELD_NOTICE) + 1)).filter(~Exists(held))
    settled.update(closed_at=timezone.now())


def close_open_notices() -> None:
    """The notice of documents that wait is settled when the last of them has been decided."""
    told = Notice.unscoped.filter(key=OPEN_NOTICE, closed_at__isnull=True)
    waiting = ArrivedDocument.unscoped.filter(tenant=OuterRef("tenant"), state=DocumentState.OPEN)
    told.filter(~Exists(waiting)).update(closed_at=timezone.now())


def oldest_due() -> datetime | None:
    """Since when the oldest due work waits that could be done now; None if nothing waits."""
    now = timezone.now()
    deliveries = due_everywhere().filter(
        Connection.working(now, "target__"), transfer__in=[Transfer.READY, Transfer.WAITING]
    )
    hints = Hint.objects.filter(Connection.working(now, "connection__"), due_at__lte=now)
    polls = Poll.objects.filter(Connection.working(now, "connection__"), next_at__lte=now)
    moments = (
        deliveries.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first(),
        hints.order_by("due_at").values_list("due_at", flat=True).first(),
        polls.order_by("next_at").values_list("next_at", flat=True).first(),
    )
    return min((moment for moment in moments if moment), default=None)
