"""Claim: which delivery may be sent next, and making it ours before anything happens."""

import os
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.models import Attempt, Delivery
from audit.models.deliveries import AttemptOutcome
from audit.precedence import BEFORE, SETTLED
from audit.services import may_be_there, record
from audit.states import Document, Transfer
from connections.models import Connection
from connections.pipeline.batch import gather, take_apart
from connections.pipeline.inbound.kinds import LOOKED_UP
from connections.pipeline.prepare import is_collected, prepare

# A document whose worker died goes once more at once, then lets others pass; after the last it is parked.
REST_AFTER_CRASHES = [timedelta(0), timedelta(seconds=30), timedelta(minutes=2)]


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours under lease `token`.

    `in_doubt_since`: when an earlier attempt ended that may have got through; None if there is no doubt.
    `others` are the claims on those that share its interchange. `is_whole` is False if the interchange holds
    documents that are not to be sent any more: it may still be found, but is not sent again.
    """

    delivery: Delivery
    attempt: Attempt
    token: str
    in_doubt_since: datetime | None
    others: tuple["Claim", ...] = ()
    is_whole: bool = True

    @property
    def parts(self) -> tuple["Claim", ...]:
        """The claims on all documents of the interchange."""
        return (self, *self.others)


def due_everywhere() -> QuerySet[Delivery]:
    """What is due by its own clock, whatever the state of its connection.

    A later revision never overtakes an earlier one of the same document that is still on its way. What is
    marked as being sent belongs to whoever holds the target's lease, see `claim_next`.
    """
    earlier_revision = Delivery.unscoped.filter(
        route=OuterRef("route"),
        source_id=OuterRef("source_id"),
        revision__lt=OuterRef("revision"),
        document=Document.VALID,
        transfer__in=[Transfer.READY, Transfer.SENDING, Transfer.WAITING, Transfer.IN_DOUBT],
    )
    # What has to be looked up in FreshBooks first is not ready to be claimed.
    # A claim leaves `next_attempt_at` as it is, so one index finds what is due and what was left being sent.
    return Delivery.unscoped.filter(
        ~Exists(earlier_revision),
        ~waits_for_another(),
        ~to_look_up(),
        next_attempt_at__lte=timezone.now(),
        transfer__in=[Transfer.READY, Transfer.WAITING, Transfer.SENDING],
        document=Document.VALID,
    )


def waits_for_another() -> Q:
    """A bill never overtakes its vendor on the way to the same system, nor a payment its bill; see `precedence`."""
    waiting = Q()
    for kind, (first, named_by) in BEFORE.items():
        same = Delivery.unscoped.filter(target=OuterRef("target"), kind=first, source_id=OuterRef(named_by))
        waiting |= (
            Q(kind=kind, arrived__isnull=True)
            & Exists(same.exclude(transfer__in=SETTLED))
            & ~Exists(same.filter(transfer=Transfer.DELIVERED))
        )
    return waiting


def to_look_up() -> Q:
    """FreshBooks has to be asked before it is known what to write there; see `inbound.looking`."""
    return Q(arrived__isnull=False, interchange__isnull=True, kind__in=LOOKED_UP, transfer=Transfer.READY)


def looks_due() -> QuerySet[Delivery]:
    """What has to be looked up now; what is held because FreshBooks had nothing that fits is looked at again."""
    return Delivery.unscoped.filter(to_look_up(), next_attempt_at__lte=timezone.now())


def due(connection: Connection) -> QuerySet[Delivery]:
    """What may be sent over `connection` now, in order; nothing while it is stopped or paused."""
    connection.refresh_from_db(fields=["state", "paused_until"])
    if not connection.is_usable or connection.is_paused():
        return Delivery.unscoped.none()
    return due_everywhere().filter(target=connection).order_by("next_attempt_at", "id")


def claim_next(connection: Connection, token: str) -> Claim | None:
    """Take the next due delivery under the lease `token`: count the attempt and commit, then let it happen.

    Only the holder of the target's lease gets here. So a delivery that somebody else left as "being sent" was
    left by a worker that is gone; after a few such deaths the document is parked.
    """
    while True:
        with transaction.atomic():
            candidates = due(connection).exclude(transfer=Transfer.SENDING, claimed_by=token)
            delivery = candidates.select_for_update(of=("self",)).first()
            if delivery is None:
                return None
            if delivery.interchange_id is None:
                _prepare(delivery, candidates)
                continue
            together = _together(delivery)
            is_whole = len(together) == delivery.batch_size
            if not is_whole and not any(map(may_be_there, together)):
                take_apart(together)
                continue
            unfinished = [_close_unfinished(one) for one in together]
            if not any(unfinished):
                return _claim_all(together, token, is_whole=is_whole)
            crashes = _crashes_in_row(delivery)
            if crashes > len(REST_AFTER_CRASHES):
                for one in together:
                    _park(one, crashes)
            elif rest := REST_AFTER_CRASHES[crashes - 1]:
                for one in together:
                    _rest(one, rest)
            else:
                return _claim_all(together, token, is_whole=is_whole)


def _prepare(delivery: Delivery, candidates: QuerySet[Delivery]) -> None:
    """Make its interchange: its own, or one with all others that are due along its route for its partner."""
    if is_collected(delivery):
        gather(candidates.filter(route=delivery.route_id, interchange__isnull=True, is_test=delivery.is_test))
    else:
        prepare(delivery)


def _together(delivery: Delivery) -> list[Delivery]:
    """Those that share the interchange and are to be sent, this one first."""
    if delivery.batch_size == 1:
        return [delivery]
    others = Delivery.unscoped.select_for_update(of=("self",)).filter(
        interchange=delivery.interchange_id,
        document=Document.VALID,
        transfer__in=[Transfer.READY, Transfer.WAITING, Transfer.SENDING],
    )
    return [delivery, *others.exclude(pk=delivery.pk).order_by("pk")]


def _rest(delivery: Delivery, rest: timedelta) -> None:
    delivery.step(Transfer.WAITING)
    delivery.next_attempt_at = timezone.now() + rest
    delivery.save()


def _claim_all(together: list[Delivery], token: str, *, is_whole: bool) -> Claim:
    first, *others = [_claim(one, token) for one in together]
    return replace(first, others=tuple(others), is_whole=is_whole)


def _claim(delivery: Delivery, token: str) -> Claim:
    in_doubt_since = _in_doubt_since(delivery)
    if delivery.transfer != Transfer.SENDING:
        delivery.step(Transfer.SENDING)
    delivery.claimed_by = token
    delivery.attempts_made += 1
    delivery.save()
    attempt = Attempt.objects.create(
        delivery=delivery,
        number=delivery.attempts.count() + 1,
        worker=f"{socket.gethostname()}:{os.getpid()}",
    )
    return Claim(delivery, attempt, token, in_doubt_since)


def _in_doubt_since(delivery: Delivery) -> datetime | None:
    doubtful = list(takewhile(lambda one: one.leaves_doubt, delivery.attempts.order_by("-number")))
    ended = [one.finished_at or one.started_at for one in doubtful if one.may_have_worked]
    return max(ended, default=None)


def _close_unfinished(delivery: Delivery) -> bool:
    """An attempt that never ended was cut short by the death of its worker; True if there was one."""
    unfinished = delivery.attempts.filter(outcome=AttemptOutcome.RUNNING)
    if not unfinished.update(
        outcome=AttemptOutcome.CRASHED, finished_at=timezone.now(), text="The worker died before it ended."
    ):
        return False
    record(delivery, "worker_died", "The worker died during an attempt; what it did is looked up first.")
    return True


def _crashes_in_row(delivery: Delivery) -> int:
    outcomes = delivery.attempts.order_by("-number").values_list("outcome", flat=True)
    return len(list(takewhile(lambda outcome: outcome == AttemptOutcome.CRASHED, outcomes)))


def _park(delivery: Delivery, crashes: int) -> None:
    delivery.step(Transfer.IN_DOUBT)
    delivery.claimed_by, delivery.next_attempt_at = "", None
    delivery.reason_code = "worker_died"
    delivery.reason = f"the worker died {crashes} times while sending it."
    delivery.remedy = "Look at the partner whether it is there, then resolve it; tell support."
    delivery.save()
    record(delivery, "parked", f"Parked: {delivery.reason}")
