"""Take: a document has arrived; which deliveries to FreshBooks does it ask for?

One document is one transaction, and a second reading repeats nothing: what was taken stays as it is. Identity is
route, partner, kind of document and number. The same content once more is a duplicate; other content under the same
number is a change, which a person decides.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.models import Arrival, ArrivedDocument, Delivery, Payload
from audit.models.documents import DONE, DocumentState
from audit.services import notify, record
from connections.models import DocumentKind, Route, SystemKind
from connections.pipeline.inbound.kinds import (
    NO_CURRENCY,
    UPDATED,
    InboundKind,
    Part,
    Unstated,
    kind_for,
    source_id,
)
from connections.pipeline.inbound.notices import note_ship_notice
from connections.pipeline.prepare import hold, prepare, skip
from mappings.canonical import Document, ShipNotice, fingerprint, from_json, to_json
from mappings.decoding import Found, kind_of
from mappings.models import TradingPartner
from mappings.senders import Senders
from tenants.models import User
from tenants.redaction import redact

OPEN_NOTICE = "open-documents"


@transaction.atomic
def take_in(arrival: Arrival, found: Found, position: int) -> ArrivedDocument:
    """Store what was found at `position` of the arrival, and make the deliveries that it asks for."""
    row = _row(arrival, position)
    mark = fingerprint(found.document) if found.document else ""
    if row.state in DONE and row.fingerprint == mark:
        return row
    _describe(row, found, mark)
    if found.document is None:
        row.state, row.reason = DocumentState.INVALID, redact("\n".join(found.problems))
        row.save()
        return row
    row.save()
    _decide(row, found.document)
    return row


@transaction.atomic
def take(row: ArrivedDocument, *, actor: User) -> ArrivedDocument:
    """A person wants an open document to be taken now; it says why if still nothing can take it."""
    row = _locked(row)
    if row.state == DocumentState.OPEN and row.canonical:
        row.partner = row.partner or _sender(row)
        _decide(row, from_json(bytes(row.canonical.content).decode()), on_purpose=True)
        text = f"{actor} wanted {row} to be taken: {row.get_state_display()}. {row.reason}".strip()
        record(row.arrival, "taken", text, actor=actor, data={"document": row.public_id, "state": row.state})
    return row


@transaction.atomic
def dismiss(row: ArrivedDocument, *, actor: User, why: str = "") -> ArrivedDocument:
    """A person decides that nothing is to be made of it."""
    row = _locked(row)
    if row.state in (DocumentState.OPEN, DocumentState.INVALID):
        row.state = DocumentState.DISMISSED
        row.save(update_fields=["state", "updated_at"])
        because = f" Reason: {why}" if why else ""
        record(row.arrival, "dismissed", f"{row} was dismissed by {actor}.{because}", actor=actor)
    return row


def _locked(row: ArrivedDocument) -> ArrivedDocument:
    return ArrivedDocument.unscoped.select_for_update(of=("self",)).get(pk=row.pk)


def _sender(row: ArrivedDocument) -> TradingPartner | None:
    """Who sent it, as the partners are entered by now."""
    senders = Senders(row.tenant, row.arrival.connection_id, row.arrival.place)
    return senders.by_wire(row.arrival.format, row.sender, row.receiver)


def _row(arrival: Arrival, position: int) -> ArrivedDocument:
    key = {"arrival": arrival, "position": position}
    locked = ArrivedDocument.unscoped.select_for_update(of=("self",)).filter(**key)
    return locked.first() or ArrivedDocument(tenant=arrival.tenant, **key)


def _describe(row: ArrivedDocument, found: Found, mark: str) -> None:
    """Copy onto the row what people search by."""
    document = found.document
    row.line, row.partner, row.fingerprint = found.line, found.partner, mark
    row.sender, row.receiver = found.sender[:80], found.receiver[:80]
    row.kind, row.number = found.type[:40], found.number[:60]
    if document is None:
        return
    row.kind, row.number = kind_of(document), getattr(document, "number", "")[:60]
    row.document_date = getattr(document, "date", None)
    row.currency = getattr(document, "currency", "")
    amount = getattr(document, "total", None)
    row.amount = getattr(document, "amount", None) if amount is None else amount
    row.canonical = Payload.store(
        tenant_id=row.tenant_id,
        content=to_json(document).encode(),
        media_type="application/json",
        file_name=f"{row.kind}-{row.number or row.position}.json",
    )


def _decide(row: ArrivedDocument, document: Document, *, on_purpose: bool = False) -> None:
    """Taken, recorded, a duplicate, or open with the reason why."""
    kind = kind_for(document)
    routes = _routes(row, kind) if kind else []
    if row.partner is None:
        who = (
            f"“{row.sender}”"
            if row.sender
            else f"whoever leaves files in {row.arrival.place or 'this place'}"
        )
        _leave_open(row, f"It is not known which of your partners {who} is. Enter that under Partners.")
    elif kind is None or not routes:
        _leave_open(
            row,
            f"No route that is switched on takes a {row.kind.replace('_', ' ')} from {row.arrival.connection}.",
        )
    elif isinstance(document, ShipNotice):
        _record_ship_notice(row, document)
    else:
        willing = [route for route in routes if on_purpose or _takes_by_itself(route)]
        made = sum(_offer(route, row, document, kind) for route in willing)
        if willing:
            row.state, row.reason = (DocumentState.TAKEN, "") if made else (DocumentState.DUPLICATE, _TWIN)
            row.save()
        else:
            _leave_open(row, "It becomes a bill in FreshBooks when somebody here says so.")


_TWIN = "the same document came before and was taken then."


def _routes(row: ArrivedDocument, kind: InboundKind) -> list[Route]:
    routes = Route.unscoped.filter(
        tenant=row.tenant_id,
        source=row.arrival.connection_id,
        target__system=SystemKind.FRESHBOOKS,
        kind=kind.route_kind,
        is_on=True,
    )
    return list(routes.select_related("tenant", "source", "target").order_by("pk"))


def _takes_by_itself(route: Route) -> bool:
    return route.kind != DocumentKind.SUPPLIER_INVOICE or route.books_by_itself


def _leave_open(row: ArrivedDocument, reason: str) -> None:
    row.state, row.reason = DocumentState.OPEN, reason
    row.save()
    notify(
        tenant=row.tenant,
        key=OPEN_NOTICE,
        title="Documents that came in wait for you",
        text=f"{row} in {row.arrival}: {reason} Others may wait too; Arrivals lists them.",
        url=row.get_absolute_url(),
    )


def _record_ship_notice(row: ArrivedDocument, notice: ShipNotice) -> None:
    missing = note_ship_notice(row, notice)
    if missing:
        _leave_open(row, f"There is no bill here for the order {', '.join(missing)} that it speaks of.")
    else:
        row.state, row.reason = DocumentState.RECORDED, ""
        row.save()


def _offer(route: Route, row: ArrivedDocument, document: Document, kind: InboundKind) -> int:
    """Make the deliveries along one route; returns how many are new."""
    assert row.partner is not None  # noqa: S101 - asked by `_decide`
    unstated = Unstated(
        date=row.arrival.arrived_at.astimezone(row.tenant.zone).date(),
        currency=row.partner.books_currency or NO_CURRENCY,
    )
    return sum(_offer_part(route, row, part) for part in kind.parts(document, unstated))


def _offer_part(route: Route, row: ArrivedDocument, part: Part) -> bool:
    assert row.partner is not None  # noqa: S101 - asked by `_decide`
    key = source_id(row.partner.pk, part.identity)
    earlier = list(
        Delivery.unscoped.select_for_update(of=("self",))
        .filter(route=route, source_id=key)
        .order_by("-revision")
    )
    mark = fingerprint(part.document)
    is_same = earlier[:1] if part.kind in UPDATED else earlier
    if twin := next((one for one in is_same if one.fingerprint == mark), None):
        if twin.arrived_id != row.pk:
            record(
                twin,
                "repeated",
                f"It came once more, in {row.arrival}: nothing is booked again.",
                data={"arrival": row.arrival.public_id},
                payload=row.arrival.payload,
            )
        return False
    delivery = _delivery(route, row, part, key, mark, revision=earlier[0].revision + 1 if earlier else 1)
    record(
        delivery,
        "found",
        f"Found in {row.arrival}, which came from {row.arrival.connection}.",
        data={"arrival": row.arrival.public_id, "position": row.position, "fingerprint": mark},
        payload=delivery.canonical,
    )
    if part.doubt:
        hold(
            delivery, code="needs_a_person", reason=part.doubt, remedy="Release it to book it, or dismiss it."
        )
    elif earlier and part.kind not in UPDATED:
        hold(
            delivery,
            code="changed",
            reason=f"{part.number} came before with other content ({_fate(earlier[0])}).",
            remedy=(
                "Compare the two. If it takes the place of the first, correct that in FreshBooks and dismiss this one; "
                "release it to book this one as well."
            ),
        )
    else:
        for older in earlier:
            if older.is_pending:
                skip(older, code="superseded", reason=f"superseded by revision {delivery.revision}.")
        prepare(delivery)
    return True


def _fate(delivery: Delivery) -> str:
    if delivery.is_delivered:
        return f"booked as {delivery.remote_id}"
    return "held" if delivery.is_held else delivery.get_transfer_display()


def _delivery(
    route: Route, row: ArrivedDocument, part: Part, key: str, mark: str, *, revision: int
) -> Delivery:
    document, now = part.document, timezone.now()
    payer = document.party_as("payer", "buyer", "seller", "vendor", "bill_to")
    amount = getattr(document, "total", None)
    return Delivery.unscoped.create(
        tenant=route.tenant,
        route=route,
        target=route.target,
        partner=row.partner,
        arrival=row.arrival,
        arrived=row,
        kind=part.kind,
        source_id=key,
        revision=revision,
        fingerprint=mark,
        number=part.number[:60],
        document_date=getattr(document, "date", None),
        amount=getattr(document, "amount", None) if amount is None else amount,
        currency=getattr(document, "currency", ""),
        party_name=(payer.name if payer else str(row.partner))[:200],
        is_test=route.is_test,
        is_dry_run=route.dry_run,
        next_attempt_at=_when(route, now),
        canonical=Payload.store(
            tenant_id=route.tenant_id,
            content=to_json(document).encode(),
            media_type="application/json",
            file_name=f"{part.kind}-{part.number or row.position}-r{revision}.json",
        ),
    )


def _when(route: Route, now: datetime) -> datetime:
    return route.next_slot(now)
