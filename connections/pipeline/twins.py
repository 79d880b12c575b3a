"""Twins: the same bytes arrive again. What was read stays read; what could not be read is read again."""

from django.db.models import Q

from audit.models import Arrival, Payload
from audit.models.arrivals import UNUSABLE
from connections.models import Connection
from connections.pipeline.unbooked import having_unbooked, unbooked
from connections.systems.base import Collected


def twin_of(connection: Connection, place: str, digest: str) -> Arrival | None:
    """The first arrival of these bytes at this place; elsewhere the first of which something was made.

    A place belongs to a partner: what could not be read in one folder may belong into another. Bytes that could not
    be used, and that retention has taken since, can only be read from where they arrive now.
    """
    known = Arrival.unscoped.filter(connection=connection, sha256=digest).order_by("id")
    twin = known.filter(place=place).first() or known.exclude(state__in=UNUSABLE).first()
    if twin and twin.state in UNUSABLE and Payload.is_removed(twin.payload_id):
        return None
    return twin


def is_tried_again(twin: Arrival | None) -> bool:
    """Whether the same bytes, dropped once more, are another try: not all of them could be read, or booked."""
    return twin is not None and (twin.state in UNUSABLE or unbooked(twin).exists())


def was_taken(connection: Connection, place: str, key: str) -> bool:
    """Whether what the other side knows by `key` is here, and there is nothing new to make of it.

    A file that we put aside because not all of it could be read or booked, and that lies there again, was put back
    by somebody: that is a wish to have it tried again.
    """
    known = Arrival.objects.for_tenant(connection.tenant).filter(connection=connection, place=place, key=key)
    put_back = Q(settled_at__isnull=False, handle__put_aside=True) & (
        Q(state__in=UNUSABLE) | having_unbooked()
    )
    return known.exclude(put_back).exists()


def free_key(connection: Connection, collected: Collected) -> str:
    """The key of an arrival that is there already under its own: counted."""
    known = Arrival.unscoped.filter(connection=connection, place=collected.place)
    key, count = collected.key, 1
    while known.filter(key=key).exists():
        count += 1
        key = f"{collected.key}|{count}"
    return key
