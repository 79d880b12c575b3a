"""Poll: look at one thing again. Polling is the authority; webhooks only make it quicker."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from audit.leases import held
from audit.services import close_notice, notify
from connections.models import Connection, Poll, PollKind, SystemKind
from connections.pipeline.collect import collect
from connections.pipeline.health import note_read, note_unread
from connections.pipeline.heartbeat import beat
from connections.pipeline.intake import missed, take_in_page
from connections.pipeline.kinds import BY_RESOURCE, KINDS
from connections.pipeline.reference import read_reference
from connections.systems.base import SystemFailure
from connections.systems.freshbooks import FreshBooks, keep_webhooks, verify
from connections.systems.freshbooks.callbacks import EVENTS
from connections.systems.registry import REGISTRY, open_system
from mappings.models import DeliveryPlace
from tenants.log_context import log_context
from tenants.redaction import redact

# A look at the webhooks costs one request; a lost handshake should not wait for a day.
HOUR = 3600
REFERENCE_EVERY = 6 * HOUR
# Before the time of day of a route: long enough to have read what changed.
LOOK_AHEAD = timedelta(minutes=2)
WEBHOOKS_AGAIN = timedelta(minutes=5)

log = logging.getLogger(__name__)


def run_poll(poll_id: int) -> int:
    """Do one poll that is due, unless another worker does; returns how many new things it found."""
    poll = Poll.objects.select_related("connection__tenant").get(pk=poll_id)
    connection = poll.connection
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        held(poll, on_renew=beat) as token,
    ):
        if not token or not connection.is_usable or connection.is_paused():
            return 0
        poll.refresh_from_db()
        if poll.next_at > timezone.now():
            return 0
        return _run(poll, connection)


def _run(poll: Poll, connection: Connection) -> int:
    found = 0
    try:
        found = WAYS[PollKind(poll.kind)](poll, connection)
    except SystemFailure as failure:
        log.warning("poll failed: %s", failure)
        poll.last_failure = redact(str(failure))
        note_unread(connection, poll.subject, failure)
    except Exception:
        # Looked at again in its own time, not at every sweep.
        log.exception("a poll failed in an unforeseen way")
        poll.last_failure = "An error of ours interrupted it; tell support."
    else:
        poll.last_failure, poll.last_success_at = "", timezone.now()
        note_read(connection, poll.subject)
    poll.schedule_next(timezone.now())
    if poll.kind == PollKind.RECORDS:
        _look_before_times_of_day(poll, connection)
    poll.save(update_fields=["next_at", "cursor", "last_failure", "last_success_at"])
    return found


def _look_before_times_of_day(poll: Poll, connection: Connection) -> None:
    """A route that sends at 08:00 sends what was booked until then, however seldom FreshBooks is looked at."""
    ahead = timezone.now() + LOOK_AHEAD
    for route in connection.routes_out.select_related("tenant").filter(is_on=True).exclude(times_of_day=[]):
        if route.kind in KINDS and KINDS[route.kind].resource == poll.subject:
            poll.next_at = min(poll.next_at, route.next_slot(ahead) - LOOK_AHEAD)


def _records(poll: Poll, connection: Connection) -> int:
    """Read what changed in one FreshBooks resource; the cursor is committed page by page."""
    found, seen, kind = 0, set[str](), BY_RESOURCE[poll.subject]
    with open_system(connection) as system:
        assert isinstance(system, FreshBooks)  # noqa: S101 - only FreshBooks has records
        read_at = timezone.now()
        for records, cursor in system.changes(poll.subject, poll.cursor):
            found += take_in_page(system, records, read_at=read_at, via="poll")
            poll.cursor = cursor
            poll.save(update_fields=["cursor"])
            read_at = timezone.now()
            if not kind.is_listed:
                seen.update(record.source_id for record in records)
        if not kind.is_listed:
            for record in missed(system, kind, seen):
                found += take_in_page(system, [record], read_at=timezone.now(), via="poll")
    return found


def _place(poll: Poll, connection: Connection) -> int:
    return collect(connection, poll)


def _upkeep(poll: Poll, connection: Connection) -> int:
    """What has to be seen to from time to time: FreshBooks' webhooks, passwords that are about to expire."""
    if connection.system == SystemKind.FRESHBOOKS:
        return _keep_webhooks(poll, connection)
    _warn_of_expiry(connection)
    return 0


def _warn_of_expiry(connection: Connection) -> None:
    key = f"expiring-{connection.pk}"
    with open_system(connection) as system:
        text = system.expiring()
    if not text:
        close_notice(tenant_id=connection.tenant_id, key=key)
        return
    notify(
        tenant=connection.tenant,
        key=key,
        title=f"{connection} needs a new password",
        text=text,
        url=connection.get_absolute_url(),
    )


def _keep_webhooks(poll: Poll, connection: Connection) -> int:
    """Verify what waits for it, should no worker have been there to do so; look again soon until all are."""
    unverified = connection.callbacks.filter(is_verified=False)
    for callback in unverified:
        verify(callback)
    mended = keep_webhooks(connection, _events(connection))
    if unverified.all().exists():
        poll.look_again = WEBHOOKS_AGAIN
    return mended


def _events(connection: Connection) -> set[str]:
    """The webhooks that the connection's routes make use of; a noun stands for all its verbs."""
    routes = connection.routes_out.filter(is_on=True).values_list("kind", flat=True)
    return {*EVENTS, *(KINDS[kind].event for kind in routes)}


WAYS: dict[PollKind, Callable[[Poll, Connection], int]] = {
    PollKind.RECORDS: _records,
    PollKind.PLACE: _place,
    PollKind.UPKEEP: _upkeep,
    PollKind.REFERENCE: read_reference,
}


def _wanted(connection: Connection) -> Iterator[tuple[tuple[str, str], int]]:
    """((kind, subject), every how many seconds) for all that has to be looked at."""
    every = connection.poll_seconds
    if connection.system == SystemKind.FRESHBOOKS:
        yield (PollKind.UPKEEP, ""), HOUR
        for route in connection.routes_out.filter(is_on=True):
            yield (PollKind.RECORDS, KINDS[route.kind].resource), every
        if any(has_reference(other) for other in _others(connection)):
            yield (PollKind.REFERENCE, ""), REFERENCE_EVERY
        return
    if has_reference(connection):
        yield (PollKind.REFERENCE, ""), REFERENCE_EVERY
    if REGISTRY[connection.system].system_class().credentials_expire:
        yield (PollKind.UPKEEP, ""), HOUR
    places = DeliveryPlace.objects.for_tenant(connection.tenant).filter(connection=connection)
    answers = places.exclude(inbound="").values_list("inbound", flat=True)
    for place in {*answers, *_own_places(connection)}:
        yield (PollKind.PLACE, place), every


def has_reference(connection: Connection) -> bool:
    """Whether reference data is read from it, as it is set; no while the settings cannot be read."""
    try:
        with open_system(connection) as system:
            return bool(system.reference_kinds())
    except SystemFailure:
        return False


def _others(connection: Connection) -> QuerySet[Connection]:
    """The tenant's connections to partner systems: FreshBooks' lists are read to be compared with theirs."""
    return Connection.unscoped.filter(tenant=connection.tenant_id).exclude(system=SystemKind.FRESHBOOKS)


def _own_places(connection: Connection) -> list[str]:
    """The places that the connection's settings name; none while the settings cannot be read."""
    try:
        with open_system(connection) as system:
            return system.places()
    except SystemFailure:
        return []


def ensure_polls(connection: Connection) -> None:
    """Make the polls that the connection's routes and partners ask for; drop those nobody needs any more."""
    wanted = dict(_wanted(connection))
    for poll in connection.polls.all():
        if (poll.kind, poll.subject) not in wanted:
            poll.delete()
    for (kind, subject), every in wanted.items():
        poll, _ = Poll.objects.get_or_create(
            connection=connection, kind=kind, subject=subject, defaults={"every_seconds": every}
        )
        if poll.every_seconds != every:
            poll.every_seconds = every
            poll.save(update_fields=["every_seconds"])
