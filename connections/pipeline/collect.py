"""Collect: fetch what lies at a place of a partner system, store it, read it, then tell the other side."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Arrival, Payload
from audit.models.arrivals import ArrivalState
from audit.services import close_notice, notify, record
from connections.models import Connection, Poll
from connections.pipeline.read import TAKE_OVER_AFTER, read
from connections.pipeline.settle import settle
from connections.pipeline.twins import is_tried_again, new_key, twin_of
from connections.systems.base import Collected
from connections.systems.registry import open_system


def collect(connection: Connection, poll: Poll) -> int:
    """Take in everything new at `poll.subject`; returns the number of new arrivals."""
    place, found = poll.subject, 0

    def seen(key: str) -> bool:
        return not new_key(connection, place, key)

    with open_system(connection) as system:
        system.memory = poll.cursor
        for collected in system.collect(place, seen):
            with collected.file:
                arrival = store(connection, collected)
            if arrival:
                found += 1
                read(arrival)
                settle(system, arrival)
        poll.look_again = system.look_again
        _tell_remarks(connection, place, system.remarks)
    return found


def _tell_remarks(connection: Connection, place: str, remarks: Sequence[str]) -> None:
    """What was passed over stays a matter for a person until it is gone."""
    key = f"passed-over-{connection.pk}-{place}"[:120]
    if not remarks:
        close_notice(tenant_id=connection.tenant_id, key=key)
        return
    notify(
        tenant=connection.tenant,
        key=key,
        title=f"Something in {place} on {connection} was passed over",
        text="\n".join(remarks),
        url=connection.get_absolute_url(),
    )


@transaction.atomic
def store(connection: Connection, collected: Collected) -> Arrival | None:
    """Commit the bytes as they came, before anything reads them; None if they are there already.

    The same bytes once more are a duplicate, and not read; or another try, where not all of them could be used.
    """
    key = new_key(connection, collected.place, collected.key)
    if not key:
        return None
    payload = Payload.store(
        tenant_id=connection.tenant_id,
        content=collected.file,
        media_type="application/octet-stream",
        file_name=collected.name,
    )
    digest, size = payload.sha256, payload.size
    twin = twin_of(connection, collected.place, digest)
    again = is_tried_again(twin)
    try:
        with transaction.atomic():
            arrival = Arrival.unscoped.create(
                tenant=connection.tenant,
                connection=connection,
                place=collected.place,
                key=key,
                name=collected.name[:255],
                payload=payload,
                sha256=digest,
                size=size,
                handle=dict(collected.handle),
                state=ArrivalState.DUPLICATE if twin and not again else ArrivalState.RECEIVED,
                reason=f"the same bytes arrived before as {twin.name}." if twin else "",
                same_as=twin,
                next_attempt_at=timezone.now() + TAKE_OVER_AFTER,
            )
    except IntegrityError:
        payload.delete()
        return None
    text = f"Received from {connection}, {collected.place}, as {collected.name}."
    record(arrival, "received", text, data={"sha256": digest, "size": size}, payload=payload)
    if twin and not again:
        record(arrival, "duplicate", f"Not read again: {arrival.reason}")
    return arrival
