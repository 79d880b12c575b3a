"""Conclude: what an attempt's end means for the delivery. One place for all retry and in-doubt rules.

A conclusion is written only while the delivery is still ours, so a worker that was given up for dead cannot
overwrite what its successor found out.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.models import Delivery
from audit.models.deliveries import AttemptOutcome
from audit.services import lock, mark_delivered, notify, record
from audit.states import Transfer
from connections.models import Connection
from connections.pipeline.batch import take_apart
from connections.pipeline.claim import Claim
from connections.pipeline.health import note_failure, note_success
from connections.pipeline.unbooked import settle_anew
from connections.systems.base import (
    CannotTell,
    Misconfigured,
    NeedsSignIn,
    Receipt,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from tenants.redaction import redact

# After each attempt that failed temporarily; when they are used up the delivery fails. 28 hours in all.
RETRY_AFTER = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
]
# After a lost reply, when to look whether it is there; from then on as after a temporary failure.
LOOK_AFTER = [timedelta(seconds=3), timedelta(seconds=20)]


class NotThereYet(UnknownOutcome):
    """`find` says no, but it is too early to be sure."""


OUTCOMES: dict[type[SystemFailure], str] = {
    Temporary: AttemptOutcome.TEMPORARY,
    Rejected: AttemptOutcome.REJECTED,
    NeedsSignIn: AttemptOutcome.NEEDS_SIGN_IN,
    Misconfigured: AttemptOutcome.MISCONFIGURED,
    UnknownOutcome: AttemptOutcome.UNKNOWN,
    NotThereYet: AttemptOutcome.LOOKED,
    CannotTell: AttemptOutcome.UNKNOWN,
}


def _outcome(failure: SystemFailure) -> str:
    """What attempts call it; systems may raise kinds of their own of each."""
    return next(OUTCOMES[kind] for kind in type(failure).__mro__ if kind in OUTCOMES)


def conclude_delivered(connection: Connection, claim: Claim, receipt: Receipt, *, was_found: bool) -> None:
    """It is there: either this attempt put it there, or an earlier one had, as `find` showed."""
    with transaction.atomic():
        for part in claim.parts:
            _delivered(connection, part, receipt, was_found=was_found)
        if not claim.is_whole:
            _tell_the_rest(claim, receipt)
    note_success(connection)


def _tell_the_rest(claim: Claim, receipt: Receipt) -> None:
    """The file held documents that were not to be sent any more; it was there already."""
    rest = Delivery.unscoped.filter(interchange=claim.delivery.interchange_id)
    for delivery in rest.exclude(pk__in=[part.delivery.pk for part in claim.parts]):
        text = f"The partner has it all the same: it was in {receipt.name}, which had got through before."
        record(delivery, "got_through", text)


def _delivered(connection: Connection, claim: Claim, receipt: Receipt, *, was_found: bool) -> None:
    now = timezone.now()
    with _still_ours(claim) as delivery:
        if delivery:
            mark_delivered(delivery, remote_id=receipt.remote_id, at=now)
            delivery.claimed_by = ""
            delivery.save()
            how = "Found at" if was_found else "Delivered to"
            record(
                delivery,
                "delivered",
                f"{how} {connection} as {receipt.name} in {receipt.place}.",
                data={
                    "remote_id": receipt.remote_id,
                    "freshbooks_id": delivery.freshbooks_id,
                    **receipt.detail,
                },
                payload=delivery.interchange,
                at=now,
            )
            _close(claim, AttemptOutcome.FOUND if was_found else AttemptOutcome.DELIVERED)
            if delivery.replays:
                settle_anew(delivery)


def conclude_failure(
    connection: Connection, claim: Claim, failure: SystemFailure, *, still_in_doubt: bool
) -> None:
    """It is not there, or nobody knows. `still_in_doubt`: an earlier attempt's outcome is still open."""
    with transaction.atomic():
        for part in claim.parts:
            _failed(connection, part, failure, still_in_doubt=still_in_doubt)
    note_failure(connection, failure)


def conclude_apart(claim: Claim) -> None:
    """It is surely not there, and some of its documents are not sent any more: the others go in a new file."""
    with transaction.atomic():
        for part in claim.parts:
            with _still_ours(part) as delivery:
                if delivery:
                    take_apart([delivery])


def _failed(connection: Connection, claim: Claim, failure: SystemFailure, *, still_in_doubt: bool) -> None:
    with _still_ours(claim) as delivery:
        if delivery:
            _settle(delivery, failure, in_doubt=still_in_doubt or isinstance(failure, UnknownOutcome))
            delivery.claimed_by = ""
            delivery.save()
            record(
                delivery,
                delivery.transfer,
                _what_happened(delivery, connection, failure),
                data={"failure": type(failure).__name__, "detail": failure.detail},
            )
            outcome = _outcome(failure)
            if still_in_doubt and outcome != AttemptOutcome.LOOKED:
                outcome = AttemptOutcome.UNKNOWN
            _close(claim, outcome, text=redact(str(failure)), detail=redact(failure.detail))
            if delivery.transfer in (Transfer.FAILED, Transfer.IN_DOUBT):
                _tell(delivery)
            if delivery.transfer == Transfer.FAILED:
                settle_anew(delivery)


def _settle(delivery: Delivery, failure: SystemFailure, *, in_doubt: bool) -> None:
    """Set what follows from the failure; does not save."""
    delivery.reason_code = _outcome(failure)
    delivery.reason, delivery.remedy = redact(str(failure)), redact(failure.remedy)
    if isinstance(failure, CannotTell):
        _end(delivery, Transfer.IN_DOUBT)
    elif isinstance(failure, Rejected):
        _end(delivery, Transfer.IN_DOUBT if in_doubt else Transfer.FAILED)
    elif isinstance(failure, (NeedsSignIn, Misconfigured)):
        # Not the document's fault: it waits for the connection, and the attempt does not count.
        delivery.attempts_made -= 1
        _wait(delivery, timedelta(0))
    elif isinstance(failure, Temporary) and failure.retry_after:
        delivery.attempts_made -= 1
        _wait(delivery, failure.retry_after)
    elif delivery.attempts_made > len(RETRY_AFTER):
        _end(delivery, Transfer.IN_DOUBT if in_doubt else Transfer.FAILED)
    elif isinstance(failure, UnknownOutcome) and delivery.attempts_made <= len(LOOK_AFTER):
        _wait(delivery, LOOK_AFTER[delivery.attempts_made - 1])
    else:
        _wait(delivery, RETRY_AFTER[delivery.attempts_made - 1] * random.uniform(0.9, 1.1))  # noqa: S311


def _wait(delivery: Delivery, rest: timedelta) -> None:
    delivery.step(Transfer.WAITING)
    delivery.next_attempt_at = timezone.now() + rest


def _end(delivery: Delivery, transfer: str) -> None:
    delivery.step(transfer)
    delivery.next_attempt_at = None
    if transfer == Transfer.IN_DOUBT and not delivery.remedy:
        delivery.remedy = "Look at the partner whether it is there, then say so here."


def _what_happened(delivery: Delivery, connection: Connection, failure: SystemFailure) -> str:
    said = {
        Transfer.WAITING: f"{connection}: {failure} It is tried again.",
        Transfer.FAILED: f"{connection}: {failure}",
        Transfer.IN_DOUBT: f"{connection}: {failure} It is not sent again before a person has looked.",
    }
    return said[Transfer(delivery.transfer)]


def _tell(delivery: Delivery) -> None:
    notify(
        tenant=delivery.tenant,
        key=f"delivery-{delivery.pk}",
        title=f"{delivery} {delivery.get_transfer_display()}",
        text=f"{delivery.reason} {delivery.remedy}".strip(),
        url=delivery.get_absolute_url(),
    )


@contextmanager
def _still_ours(claim: Claim) -> Iterator[Delivery | None]:
    """The delivery, locked, if our claim on it still stands; otherwise None, with the late answer recorded."""
    with transaction.atomic():
        delivery = lock(claim.delivery)
        is_ours = delivery.claimed_by == claim.token
        if is_ours and delivery.transfer == Transfer.SENDING:
            yield delivery
        elif is_ours and delivery.is_delivered:
            # The partner's acknowledgement was quicker than its receipt, and has closed the attempt.
            yield None
        else:
            record(
                delivery,
                "late_answer",
                "A worker that had been given up came back; the state stays as it is.",
            )
            yield None


def _close(claim: Claim, outcome: str, *, text: str = "", detail: str = "") -> None:
    attempt = claim.attempt
    attempt.outcome, attempt.text, attempt.detail = outcome, text, detail
    attempt.finished_at = timezone.now()
    attempt.save(update_fields=["outcome", "text", "detail", "finished_at"])
