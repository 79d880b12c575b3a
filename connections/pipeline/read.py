"""Read: from the bytes of an arrival to what they mean here."""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone

from audit.leases import held
from audit.models import Arrival, ArrivedDocument
from audit.models.arrivals import UNUSABLE, ArrivalState
from audit.models.documents import DocumentState
from audit.services import notify, record, reopen_arrival, try_again
from connections.models import Connection, Slot, Work
from connections.pipeline.acknowledge import acknowledge
from connections.pipeline.health import note_failure
from connections.pipeline.heartbeat import beat
from connections.pipeline.inbound.owed import owe
from connections.pipeline.inbound.take import take_in
from connections.pipeline.prepare import prepare
from connections.pipeline.reports import SYSTEMS as REPORTING
from connections.pipeline.reports import read_reports
from connections.pipeline.settle import put_off, settle
from connections.pipeline.unbooked import unbooked
from connections.systems.base import SystemFailure
from connections.systems.registry import open_system
from mappings.canonical import Acknowledgement
from mappings.decoding import Decoding, Found
from mappings.senders import Senders
from tenants.log_context import log_context
from tenants.redaction import redact

READS_ALLOWED = 3
# Whoever stores an arrival reads and settles it at once; should it die before, the sweep takes over after this.
TAKE_OVER_AFTER = timedelta(seconds=60)
STILL_READING_EVERY = 50
PROBLEMS_SAID = 50

log = logging.getLogger(__name__)


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
    due = due.select_related("tenant", "connection", "payload", "same_as").defer("payload__content")
    return list(due.order_by("id")[:200])


def read(arrival: Arrival) -> None:
    """Understand the arrival and do what it asks, once. What cannot be read says where and why.

    A second reading repeats nothing that was done.
    """
    if arrival.state == ArrivalState.RECEIVED and arrival.read_as is not arrival:
        _read_first(arrival, arrival.read_as)
        return
    if not _claim(arrival):
        return
    if arrival.attempts_made > READS_ALLOWED:
        _fail(arrival, f"the worker died {READS_ALLOWED} times while reading it; tell support.")
        return
    if arrival.connection.system in REPORTING:
        read_reports(arrival)
        return
    senders = Senders(arrival.tenant, arrival.connection_id, arrival.place)
    with arrival.payload.open() as content:
        decoding = Decoding(content, senders)
        answers, count = _documents(arrival, decoding)
    with transaction.atomic():
        lines = [acknowledge(arrival, answer) for answer in answers]
        rows = ArrivedDocument.unscoped.filter(arrival=arrival, position__lte=count)
        broken = rows.filter(state=DocumentState.INVALID)
        problems = _problems(decoding, broken)
        arrival.format, arrival.read_at = decoding.format, timezone.now()
        arrival.layout_version = decoding.version
        arrival.summary = decoding.summary[:200]
        arrival.reason = redact("\n".join(problems))
        arrival.state = _state(problems, something=bool(answers) or count > broken.count())
        if arrival.settled_at:
            arrival.next_attempt_at = None
        arrival.save()
        record(
            arrival,
            arrival.state,
            " ".join([f"Read: {decoding.summary}.", *lines, *_became(rows), *problems]),
            data={"format": decoding.format},
        )
        for owed in owe(arrival):
            record(
                owed, "found", f"It answers {arrival}, interchange {owed.number}.", payload=arrival.payload
            )
            prepare(owed)
        if arrival.state in UNUSABLE:
            _tell(arrival)


def _read_first(copy: Arrival, first: Arrival) -> None:
    """Read the first arrival of the same bytes again, as a replay does: what was taken from it stays as it is.

    What FreshBooks had refused is tried again.
    """
    reopen_arrival(first, copy, due=timezone.now() + TAKE_OVER_AFTER)
    first.refresh_from_db()
    if first.state == ArrivalState.RECEIVED:
        read(first)
        first.refresh_from_db()
    if first.state == ArrivalState.RECEIVED:
        return  # another worker is at it; the sweep comes back to the copy
    booked_again = [try_again(delivery, copy) for delivery in unbooked(first)]
    what = f"{len(booked_again)} of its documents are booked again" if booked_again else _result(first)
    copy.state, copy.read_at = ArrivalState.DUPLICATE, timezone.now()
    copy.reason = f"the same bytes arrived before as {first.name}, and were tried again there: {what}."
    copy.save()
    record(copy, "duplicate", f"{copy.reason[:1].upper()}{copy.reason[1:]}", data={"first": first.public_id})


def _result(first: Arrival) -> str:
    return {
        ArrivalState.READ: "this time all of it could be used",
        ArrivalState.PARTLY_FAILED: "this time a part of it could be used",
    }.get(ArrivalState(first.state), "it could not be used this time either")


def _documents(arrival: Arrival, decoding: Decoding) -> tuple[list[Acknowledgement], int]:
    """Take in one document after the other, each for itself, and count them; the acknowledgements are matched later.

    None is kept in memory: a file may hold any number of them.
    """
    answers: list[Acknowledgement] = []
    count = 0
    for found in decoding:
        if isinstance(found.document, Acknowledgement):
            answers.append(found.document)
            continue
        count += 1
        _take_in(arrival, found, position=count)
        if count % STILL_READING_EVERY == 0:
            Arrival.unscoped.filter(pk=arrival.pk).update(next_attempt_at=timezone.now() + TAKE_OVER_AFTER)
    return answers, count


def _take_in(arrival: Arrival, found: Found, position: int) -> None:
    """A document that trips us up is marked as such, so that it stops none but itself."""
    try:
        take_in(arrival, found, position)
    except DatabaseError:
        raise
    except Exception:
        log.exception("a document that arrived could not be taken in")
        problem = "an error of ours came up while it was read; tell support."
        take_in(arrival, replace(found, document=None, problems=(problem,)), position)


def _named(row: ArrivedDocument) -> str:
    where = f"line {row.line}" if row.line else f"document {row.position}"
    return f"{row} ({where}): {row.reason}"


def _problems(decoding: Decoding, broken: QuerySet[ArrivedDocument]) -> list[str]:
    """What is wrong with the file and its documents, at most `PROBLEMS_SAID` of it, and how much more there is."""
    named = map(_named, broken.order_by("position")[:PROBLEMS_SAID])
    said = [*decoding.problems, *named][:PROBLEMS_SAID]
    more = len(decoding.problems) + decoding.more_problems + broken.count() - len(said)
    return [*said, f"… and {more} more."] if more else said


def _became(rows: QuerySet[ArrivedDocument]) -> list[str]:
    """ "3 taken by a route, 1 came before." """
    counts = rows.order_by("state").values_list("state").annotate(count=Count("pk"))
    said = ", ".join(f"{count} {DocumentState(state).label}" for state, count in counts)
    return [f"Of its documents: {said}."] if said else []


def _claim(arrival: Arrival) -> bool:
    """Count the attempt and commit it before reading, so that bytes which kill the worker are parked."""
    unread = Arrival.unscoped.filter(
        pk=arrival.pk, state=ArrivalState.RECEIVED, attempts_made=arrival.attempts_made
    )
    if not unread.update(attempts_made=F("attempts_made") + 1):
        return False
    arrival.attempts_made += 1
    return True


def _state(problems: list[str], *, something: bool) -> str:
    if not problems:
        return ArrivalState.READ
    return ArrivalState.PARTLY_FAILED if something else ArrivalState.FAILED


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
