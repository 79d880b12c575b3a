"""Settle: tell the other side, after our commit, that we have an arrival: move, archive, extract, leave it."""

import logging
from datetime import timedelta

from django.utils import timezone

from audit.models import Arrival
from audit.models.arrivals import UNUSABLE, ArrivalState
from connections.pipeline.unbooked import said_of
from connections.systems.base import Collected, Outcome, System, SystemFailure
from tenants.redaction import redact

SETTLE_AGAIN = timedelta(minutes=5)

log = logging.getLogger(__name__)


def settle(system: System, arrival: Arrival) -> None:
    """Move, archive or leave it at the other side; a failure is tried again by the sweep."""
    if arrival.state == ArrivalState.RECEIVED and arrival.read_as is not arrival:
        put_off(arrival)
        return
    # Bytes that came before go where those went, if they could not be used then either.
    judged = arrival.read_as if arrival.read_as.state in UNUSABLE else arrival
    refused = said_of(arrival)
    outcome = Outcome.PROCESSED if judged.is_readable and not refused else Outcome.ERROR
    unused = [judged.reason] if judged.state in UNUSABLE else []
    collected = Collected(
        key=arrival.key,
        name=arrival.name,
        place=arrival.place,
        handle=arrival.handle,
        report="\n".join([*unused, *refused]),
    )
    try:
        system.settle(collected, outcome)
    except SystemFailure as failure:
        log.warning("could not settle an arrival: %s", failure)
        arrival.settle_failure = redact(str(failure))
        put_off(arrival)
        raise
    arrival.settled_at, arrival.settle_failure, arrival.next_attempt_at = timezone.now(), "", None
    arrival.save(update_fields=["settled_at", "settle_failure", "next_attempt_at"])


def put_off(arrival: Arrival) -> None:
    """It is settled later."""
    arrival.next_attempt_at = timezone.now() + SETTLE_AGAIN
    arrival.save(update_fields=["settle_failure", "next_attempt_at"])
