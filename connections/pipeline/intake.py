"""Intake: a FreshBooks record has been read; which deliveries does it ask for?

Everything about one record happens in one transaction that locks the row we keep of it, so two workers that
read the same record at the same time decide one after the other, and a killed one has decided nothing.
"""

import hashlib
import json
import logging
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from audit.models import Delivery, Payload
from audit.services import may_be_there, notify
from audit.services import record as record_event
from audit.states import Transfer
from connections.models import Connection, Hint, OnUpdate, Poll, PollKind, Route, SourceRecord
from connections.pipeline.echo import as_known_there, is_echo, origin_of
from connections.pipeline.kinds import BILL, BY_RESOURCE, VENDOR, Kind
from connections.pipeline.prepare import hold, prepare, skip
from connections.systems.base import SystemFailure, Temporary
from connections.systems.freshbooks import FreshBooks, Record
from mappings.canonical import Document as CanonicalDocument
from mappings.canonical import InvalidDocument, fingerprint, to_json
from mappings.freshbooks import BridgeError

# A record that tripped us up is read again after this, and then ever more seldom.
READ_AGAIN = timedelta(minutes=1)

SENT_OR_MAYBE = (Transfer.DELIVERED, Transfer.SENDING, Transfer.IN_DOUBT)


log = logging.getLogger(__name__)


def take_in_page(
    system: FreshBooks,
    records: Iterable[Record],
    *,
    read_at: datetime,
    via: str,
    backfill: Route | None = None,
) -> int:
    """Look up what the records belong to, and `take_in` each; returns the number of new deliveries.

    A record that trips us up stops none of the others: it stays behind as a hint, and people are told.
    """
    made, connection = 0, system.connection
    fresh: list[Record] = []
    for record in records:
        with _left_behind_if_it_trips(connection, record):
            fresh += changed(connection, [record], backfill=backfill)
    for record in system.complete(fresh):
        with _left_behind_if_it_trips(connection, record):
            made += len(take_in(connection, record, read_at=read_at, via=via, backfill=backfill))
    return made


def changed(
    connection: Connection, records: Iterable[Record], *, backfill: Route | None = None
) -> Iterator[Record]:
    """The records that are not as we know them; nothing has to be looked up for the others."""
    for record in records:
        same = SourceRecord.objects.filter(**_key(connection, record), mark=_mark(record))
        if backfill or not same.exists():
            yield record


def missed(system: FreshBooks, kind: Kind, seen: Container[str]) -> Iterator[Record]:
    """What we know of a kind and a full scan has not `seen`: deleted, if FreshBooks says so when it is asked."""
    known = SourceRecord.objects.filter(
        connection=system.connection, resource=kind.resource, is_deleted=False
    ).order_by("pk")
    for source_id in list(known.values_list("source_id", flat=True)):
        if source_id not in seen:
            record = system.fetch(kind.noun, source_id)
            yield record or Record(resource=kind.resource, source_id=source_id, data={}, is_deleted=True)


@contextmanager
def _left_behind_if_it_trips(connection: Connection, record: Record) -> Iterator[None]:
    try:
        yield
    except (SystemFailure, OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a FreshBooks record could not be taken in")
        _leave_behind(connection, record)


def _leave_behind(connection: Connection, record: Record) -> None:
    noun = BY_RESOURCE[record.resource].noun
    Hint.objects.get_or_create(
        connection=connection,
        noun=noun,
        object_id=record.source_id[:40],
        defaults={"due_at": timezone.now() + READ_AGAIN},
    )
    notify(
        tenant=connection.tenant,
        key=f"record-{connection.pk}-{noun}-{record.source_id}"[:120],
        title=f"FreshBooks {noun} {record.source_id} could not be taken in",
        text="An error of ours came up. It is tried again by itself; tell support.",
        url=connection.get_absolute_url(),
    )


def take_in(
    connection: Connection, record: Record, *, read_at: datetime, via: str, backfill: Route | None = None
) -> list[Delivery]:
    """Make the deliveries that `record`, read at `read_at`, asks for; returns the new ones.

    `via` says how we learned of it ("webhook", "poll", "backfill"). A backfill asks for one route only and
    takes documents from before the route's start.
    """
    return _decide(connection, record, _mark(record), read_at=read_at, via=via, backfill=backfill)


@transaction.atomic
def _decide(
    connection: Connection,
    record: Record,
    mark: str,
    *,
    read_at: datetime,
    via: str,
    backfill: Route | None,
) -> list[Delivery]:
    kind = BY_RESOURCE[record.resource]
    known = _lock_known(connection, record)
    is_stale = known.read_at is not None and read_at < known.read_at
    if is_stale and backfill:
        raise Temporary("A document changed while it was being read.", retry_after=timedelta(seconds=1))
    if is_stale or (known.mark == mark and not backfill):
        return []
    was_draft, is_new = known.was_draft, known.read_at is None
    known.mark, known.read_at, known.was_draft = mark, read_at, kind.is_draft(record.data)
    known.is_deleted = record.is_deleted
    known.save()
    if record.is_deleted:
        _withdraw(connection, kind, record)
        return []
    if known.was_draft:
        return []
    made = []
    for route in _routes(connection, kind, backfill):
        covered = bool(backfill) or was_draft or (is_new and _appeared_since(route, kind, record))
        if delivery := _offer(route, kind, record, via=via, covered=covered):
            made.append(delivery)
    return made


def _key(connection: Connection, record: Record) -> dict[str, Any]:
    return {"connection": connection, "resource": record.resource, "source_id": record.source_id}


def _lock_known(connection: Connection, record: Record) -> SourceRecord:
    key = _key(connection, record)
    SourceRecord.objects.get_or_create(**key)
    return SourceRecord.objects.select_for_update().get(**key)


def _mark(record: Record) -> str:
    said = json.dumps(record.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{record.is_deleted}{said}".encode()).hexdigest()


def _routes(connection: Connection, kind: Kind, backfill: Route | None) -> list[Route]:
    if backfill:
        return [backfill]
    routes = Route.unscoped.filter(source=connection, kind=kind.kind, is_on=True)
    return list(routes.select_related("tenant", "target"))


def covers(route: Route, kind: Kind, record: Record) -> bool:
    """Booked, or dated, since the route's start."""
    booked, dated = kind.booked_at(record.data), kind.dated(record.data)
    return bool((booked and booked >= route.starts_at) or (dated and dated >= route.starts_on))


def _appeared_since(route: Route, kind: Kind, record: Record) -> bool:
    """Without a stamp: it is new to us, although we have looked at all of them since the route's start."""
    looked = Poll.objects.filter(
        connection=route.source_id,
        kind=PollKind.RECORDS,
        subject=kind.resource,
        last_success_at__gte=route.starts_at,
    )
    return kind.booked_at(record.data) is None and looked.exists()


def _offer(route: Route, kind: Kind, record: Record, *, via: str, covered: bool) -> Delivery | None:
    """The new delivery of this record along this route, if there is to be one."""
    earlier = list(
        Delivery.unscoped.select_for_update(of=("self",))
        .filter(route=route, source_id=record.source_id)
        .order_by("-revision")
    )
    if not earlier and not covered and not covers(route, kind, record):
        return None
    document, trouble = canonical(kind, record)
    origin = origin_of(route, kind.kind, record.source_id, getattr(document, "number", ""))
    if document and origin:
        document = as_known_there(document, origin)
    mark = fingerprint(kind.own(document)) if document else _mark(record)
    if earlier and earlier[0].fingerprint == mark:
        if via == "webhook":
            record_event(
                earlier[0], "unchanged", "FreshBooks reported it again; nothing that we send changed."
            )
        return None
    after = earlier[0] if earlier else None
    delivery = create_delivery(route, kind, record, document, fingerprint=mark, after=after, via=via)
    record_event(
        delivery,
        "found",
        f"Found in FreshBooks ({via}).",
        data={"freshbooks_id": record.source_id, "via": via, "fingerprint": mark},
        payload=delivery.source_record,
    )
    if kind is BILL:
        _offer_vendor(route, record, via=via)
    if document is None:
        hold(delivery, code="unreadable", reason=trouble, remedy="Correct the document in FreshBooks.")
    elif origin and is_echo(origin, document, after):
        skip(delivery, code="echo", reason=f"it came from {origin.partner or route.target} itself.")
    elif _goes_out(delivery, route, earlier):
        prepare(delivery)
    return delivery


def _offer_vendor(bills: Route, bill: Record, *, via: str) -> None:
    """Whoever gets a bill and is sent vendors gets its vendor before, however long FreshBooks has known them."""
    routes = Route.unscoped.filter(source=bills.source, target=bills.target, kind=VENDOR.kind, is_on=True)
    route, vendor = routes.select_related("tenant", "target").first(), bill.related.get("vendor")
    if route is None or vendor is None:
        return
    record = Record(
        resource=VENDOR.resource, source_id=VENDOR.party_id(vendor), data=vendor, is_deleted=False
    )
    # Two bills of one vendor may be taken in at the same time.
    _lock_known(bills.source, record)
    if not Delivery.unscoped.filter(route=route, source_id=record.source_id).exists():
        _offer(route, VENDOR, record, via=via, covered=True)


def canonical(kind: Kind, record: Record) -> tuple[CanonicalDocument | None, str]:
    """The record as a canonical document, or why it cannot be one."""
    try:
        return kind.to_canonical(record.whole), ""
    except (BridgeError, InvalidDocument) as error:
        return None, str(error)


def create_delivery(
    route: Route,
    kind: Kind,
    record: Record,
    document: CanonicalDocument | None,
    *,
    fingerprint: str,
    after: Delivery | None,
    via: str,
) -> Delivery:
    """A new delivery of the record along the route, stored with its record and its document."""
    source = Payload.store(
        tenant_id=route.tenant_id,
        content=json.dumps(record.whole, indent=1, default=str).encode(),
        media_type="application/json",
        file_name=f"freshbooks-{kind.noun}-{record.source_id}.json",
    )
    delivery = Delivery(
        tenant=route.tenant,
        route=route,
        target=route.target,
        kind=kind.kind,
        source_id=record.source_id,
        revision=after.revision + 1 if after else 1,
        fingerprint=fingerprint,
        party_kind=kind.party_kind,
        party_id=kind.party_id(record.whole)[:40],
        pays_id=kind.pays_id(record.whole)[:40],
        source_record=source,
        is_test=route.is_test,
        is_dry_run=route.dry_run,
        is_forced=via == "backfill",
        document_date=kind.dated(record.data),
    )
    if document:
        describe(delivery, kind, document)
        delivery.canonical = Payload.store(
            tenant_id=route.tenant_id,
            content=to_json(document).encode(),
            media_type="application/json",
            file_name=f"{kind.kind}-{record.source_id}-r{delivery.revision}.json",
        )
    delivery.save()
    return delivery


def describe(delivery: Delivery, kind: Kind, document: CanonicalDocument) -> None:
    """Copy onto the delivery what people search by."""
    delivery.number = getattr(document, "number", "")[:60]
    delivery.document_date = getattr(document, "date", delivery.document_date)
    delivery.amount = getattr(document, "total", getattr(document, "amount", None))
    delivery.currency = getattr(document, "currency", "")
    party = document.party_as(*kind.party_roles) or getattr(
        document, "vendor", getattr(document, "party", None)
    )
    delivery.party_name = party.name[:200] if party else ""


def _may_have_left(delivery: Delivery) -> bool:
    return delivery.transfer in SENT_OR_MAYBE or may_be_there(delivery)


def _withdraw(connection: Connection, kind: Kind, record: Record) -> None:
    """The record was deleted in FreshBooks: what has not left yet stays here, what has is marked."""
    deliveries = Delivery.unscoped.select_for_update(of=("self",)).filter(
        route__source=connection, route__kind=kind.kind, source_id=record.source_id
    )
    for delivery in deliveries:
        if not _may_have_left(delivery) and delivery.is_pending:
            skip(delivery, code="deleted", reason="it was deleted in FreshBooks.")
        elif _may_have_left(delivery):
            record_event(delivery, "deleted_at_source", "Deleted in FreshBooks after it had been sent.")


def _goes_out(delivery: Delivery, route: Route, earlier: list[Delivery]) -> bool:
    """Settle what an earlier revision means for this one; False if this one stays here."""
    for older in earlier:
        if not _may_have_left(older) and older.is_pending:
            skip(older, code="superseded", reason=f"superseded by revision {delivery.revision}.")
    if not any(_may_have_left(older) for older in earlier):
        return True
    if route.on_update == OnUpdate.HOLD:
        hold(
            delivery,
            code="changed_after_delivery",
            reason="it was changed in FreshBooks after an earlier revision had been delivered.",
            remedy="Release it to send a replacement, or dismiss it.",
        )
        return False
    if route.on_update == OnUpdate.IGNORE:
        skip(
            delivery, code="changed_after_delivery", reason="the route does not send changed documents again."
        )
        return False
    delivery.is_replacement = True
    return True
