"""Collect: fetch what lies at a place of a partner system, store it, read it, then tell the other side."""

import hashlib
import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Arrival, Payload
from audit.models.arrivals import ArrivalState
from audit.services import record
from connections.models import Connection, Poll
from connections.pipeline.read import read
from connections.systems.base import Collected, Outcome, System, SystemFailure
from connections.systems.registry import open_system

log = logging.getLogger(__name__)


def collect(connection: Connection, poll: Poll) -> int:
    """Take in everything new at `poll.subject`; returns the number of new arrivals."""
    place, found = poll.subject, 0

    def seen(key: str) -> bool:
        known = Arrival.objects.for_tenant(connection.tenant).filter(
            connection=connection, place=place, key=key
        )
        return known.exists()

    with open_system(connection) as system:
        for collected in system.collect(place, seen):
            if arrival := store(connection, collected):
                found += 1
                read(arrival)
                settle(system, arrival)
    return found


@transaction.atomic
def store(connection: Connection, collected: Collected) -> Arrival | None:
    """Commit the bytes as they came, before anything reads them; None if they are there already."""
    digest = hashlib.sha256(collected.content).hexdigest()
    twin = Arrival.unscoped.filter(connection=connection, sha256=digest).order_by("id").first()
    payload = Payload.store(
        tenant_id=connection.tenant_id,
        content=collected.content,
        media_type="application/octet-stream",
        file_name=collected.name,
    )
    try:
        with transaction.atomic():
            arrival = Arrival.unscoped.create(
                tenant=connection.tenant,
                connection=connection,
                place=collected.place,
                key=collected.key,
                name=collected.name[:255],
                payload=payload,
                sha256=digest,
                size=len(collected.content),
                handle=dict(collected.handle),
                state=ArrivalState.DUPLICATE if twin else ArrivalState.RECEIVED,
                reason=f"the same bytes arrived before as {twin.name}." if twin else "",
                next_attempt_at=timezone.now(),
            )
    except IntegrityError:
        payload.delete()
        return None
    text = f"Received from {connection}, {collected.place}, as {collected.name}."
    record(
        arrival, "received", text, data={"sha256": digest, "size": len(collected.content)}, payload=payload
    )
    if twin:
        record(arrival, "duplicate", f"Not read again: {arrival.reason}")
    return arrival


def settle(system: System, arrival: Arrival) -> None:
    """Move, archive or leave it at the other side; a failure is tried again by the sweep."""
    outcome = Outcome.PROCESSED if arrival.is_readable else Outcome.ERROR
    collected = Collected(
        key=arrival.key, name=arrival.name, place=arrival.place, content=b"", handle=arrival.handle
    )
    try:
        system.settle(collected, outcome)
    except SystemFailure as failure:
        log.warning("could not settle an arrival: %s", failure)
        arrival.settle_failure = str(failure)
        arrival.save(update_fields=["settle_failure"])
        raise
    arrival.settled_at, arrival.settle_failure, arrival.next_attempt_at = timezone.now(), "", None
    arrival.save(update_fields=["settled_at", "settle_failure", "next_attempt_at"])
