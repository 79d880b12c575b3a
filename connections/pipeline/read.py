"""Read: from the bytes of an arrival to what they mean here."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.leases import held
from audit.models import Arrival
from audit.models.arrivals import ArrivalState
from audit.services import notify, record
from connections.models import Connection, Slot, Work
from connections.pipeline.acknowledge import acknowledge
from connections.pipeline.health import note_failure
from connections.pipeline.heartbeat import beat
from connections.pipeline.reports import SYSTEMS as REPORTING
from connections.pipeline.reports import read_reports
from connections.pipeline.settle import put_off, settle
from connections.systems.base import SystemFailure
from connections.systems.registry import open_system
from mappings import translation
from tenants.log_context import log_context
from tenants.redaction import redact

READS_ALLOWED = 3


def read_and_settle(connection_id: int) -> int:
    """Finish the connection's arrivals that an earlier worker left unread or unsettled; returns how many."""
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    finished = 0
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        held(Slot.of(connection, Work.READ), on_renew=beat) as token,
    ):
        if not token:
            return 0
        with open_system(connection) as system:
            for arrival in _unfinished(connection):
                read(arrival)
                finished += 1
                if arrival.settled_at:
                    continue
                if not connection.is_usable or connection.is_paused():
                    put_off(arrival)
                    continue
                try:
                    settle(system, arrival)
                except SystemFailure as failure:
                    note_failure(connection, failure)
    return finished


def _unfinished(connection: Connection) -> list[Arrival]:
    due = Arrival.unscoped.filter(connection=connection, next_attempt_at__lte=timezone.now())
    return list(due.select_related("tenant", "connection", "payload").order_by("id")[:200])


def read(arrival: Arrival) -> None:
    """Understand the arrival and do what it asks, once. What cannot be read says where and why."""
    if not _claim(arrival):
        return
    if arrival.attempts_made > READS_ALLOWED:
        _fail(arrival, f"the worker died {READS_ALLOWED} times while reading it; tell support.")
        return
    if arrival.connection.system in REPORTING:
        read_reports(arrival)
        return
    decoded = translation.decode(bytes(arrival.payload.content))
    with transaction.atomic():
        lines = [acknowledge(arrival, answer) for answer in decoded.acknowledgements]
        arrival.format, arrival.read_at = decoded.format, timezone.now()
        arrival.summary = decoded.summary[:200]
        arrival.reason = redact("\n".join(decoded.problems))
        arrival.state = _state(decoded)
        if arrival.settled_at:
            arrival.next_attempt_at = None
        arrival.save()
        record(
            arrival,
            arrival.state,
            " ".join([f"Read: {decoded.summary}", *lines, *decoded.problems]),
            data={"format": decoded.format},
        )
        if arrival.state in (ArrivalState.FAILED, ArrivalState.PARTLY_FAILED):
            _tell(arrival)


def _claim(arrival: Arrival) -> bool:
    """Count the attempt and commit it before reading, so that bytes which kill the worker are parked."""
    unread = Arrival.unscoped.filter(
        pk=arrival.pk, state=ArrivalState.RECEIVED, attempts_made=arrival.attempts_made
    )
    if not unread.update(attempts_made=F("attempts_made") + 1):
        return False
    arrival.attempts_made += 1
    return True


def _state(decoded: translation.Decoded) -> str:
    if not decoded.problems:
        return ArrivalState.READ
    return ArrivalState.PARTLY_FAILED if decoded.acknowledgements else ArrivalState.FAILED


def _fail(arrival: Arrival, reason: str) -> None:
    with transaction.atomic():
        arrival.state, arrival.reason = ArrivalState.FAILED, reason
        if arrival.settled_at:
            arrival.next_attempt_at = None
        arrival.save()
        record(arrival, "failed", f"Failed: {reason}")
        _tell(arrival)


def _tell(arrival: Arrival) -> None:
    notify(
        tenant=arrival.tenant,
        key=f"arrival-{arrival.pk}",
        title=f"{arrival.name} from {arrival.connection} cannot be used",
        text=arrival.reason,
        url=arrival.get_absolute_url(),
    )
