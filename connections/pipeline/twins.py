"""Twins: the same bytes arrive again. What was read stays read; what could not be read is read again."""

from audit.models import Arrival, Payload
from audit.models.arrivals import UNUSABLE
from connections.models import Connection
from connections.pipeline.unbooked import unbooked


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


def new_key(connection: Connection, place: str, key: str) -> str:
    """The key under which what the other side knows by `key` is new here; empty if it was taken and that is all.

    A file that we put aside because not all of it could be read or booked, and that lies there again, was put back
    by somebody: that is a wish to have it tried again, under a key that is counted.
    """
    here = Arrival.unscoped.filter(connection=connection, place=place)
    first = here.filter(key=key).first()
    if first is None:
        return key
    if not _was_put_back(first):
        return ""
    count = 2
    while here.filter(key=f"{key}|{count}").exists():
        count += 1
    return f"{key}|{count}"


def _was_put_back(arrival: Arrival) -> bool:
    """Whether its file was put aside, and lies there again; not while a copy of it is still to be put aside."""
    put_aside = arrival.settled_at is not None and bool(arrival.handle.get("put_aside"))
    return put_aside and is_tried_again(arrival) and not arrival.copies.filter(settled_at=None).exists()
