"""Preview: what would become of one FreshBooks record on a route. The steps of the pipeline, all undone after.

The delivery is made and prepared as in earnest, within a transaction that is rolled back: nothing is stored,
and no control number is used up.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from audit.models import Delivery
from connections.models import OnUpdate, Route
from connections.pipeline.intake import SENT_OR_MAYBE, canonical, covers, create_delivery
from connections.pipeline.kinds import KINDS, Kind
from connections.pipeline.make import order, outgoing
from connections.pipeline.prepare import prepare
from connections.systems.freshbooks import FreshBooks, Record
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.registry import open_system
from mappings import translation
from mappings.canonical import Document, to_json
from mappings.freshbooks.values import identifier, text
from mappings.models import PartnerLink
from mappings.translation import Missing

OFFERED = 20
# How FreshBooks sorts and finds the documents of a resource.
NEWEST_FIRST = {"invoices": "invoice_date_desc"}
BY_NUMBER = {"invoices": "invoice_number"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A record that can be looked at; `label` is for people."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why it would not go, and what to do."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would become of a record now. `interchange` is empty while there are `hindrances`.

    `delivery` was never stored: it serves to be shown. `business` is its document in JSON form, with what the
    partner wants added; `notes` say what else is to be known before it would go; `earlier` is what was
    made of the record before, if anything was.
    """

    delivery: Delivery
    business: dict[str, Any] | None
    interchange: bytes
    hindrances: list[Hindrance] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    earlier: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A preview, if the record was found, and the records that can be chosen instead."""

    preview: Preview | None
    chosen: str
    choices: list[Choice]


def look(route: Route, *, source_id: str = "", number: str = "") -> Look:
    """Preview the record with this FreshBooks id or number; without either the latest one that could be sent.

    Raises `SystemFailure` when FreshBooks cannot be asked.
    """
    kind = KINDS[route.kind]
    with open_system(route.source) as system:
        assert isinstance(system, FreshBooks)  # noqa: S101 - routes start at FreshBooks
        rows = _latest(system, kind)
        if number:
            source_id = _id_of(system, kind, rows, number)
        elif not source_id:
            source_id = _likeliest(route, kind, rows)
        found = system.fetch(kind.noun, source_id) if source_id else None
        record = next(system.complete([found])) if found else None
    choices = [Choice(_id(kind, row), _label(kind, row)) for row in rows]
    return Look(preview=preview(route, kind, record) if record else None, chosen=source_id, choices=choices)


def preview(route: Route, kind: Kind, record: Record) -> Preview:
    """Make and prepare a delivery of the record, and undo it."""
    document, trouble = canonical(kind, record)
    earlier = Delivery.objects.for_tenant(route.tenant).filter(route=route, source_id=record.source_id)
    latest = earlier.order_by("-revision").first()
    with transaction.atomic():
        delivery = create_delivery(
            route, kind, record, document, fingerprint="preview", after=latest, via="preview"
        )
        if document is None:
            hindrances = [Hindrance(trouble, "Correct it in FreshBooks.")]
        else:
            delivery.is_dry_run = False
            delivery.is_replacement = _replaces(route, earlier)
            prepare(delivery, alone=True)
            hindrances = list(_hindrances(delivery, document))
        interchange = bytes(delivery.interchange.content) if delivery.interchange else b""
        business = _business(delivery, document)
        transaction.set_rollback(True)
    return Preview(
        delivery=delivery,
        business=business,
        interchange=interchange,
        hindrances=hindrances,
        notes=list(_notes(route, kind, record)),
        earlier=latest,
    )


def _replaces(route: Route, earlier: Any) -> bool:
    return route.on_update == OnUpdate.REPLACE and earlier.filter(transfer__in=SENT_OR_MAYBE).exists()


def _hindrances(delivery: Delivery, document: Document) -> list[Hindrance]:
    """Why it is held, and what else would hold it once that is put right."""
    if not delivery.is_held:
        return []
    found = [Hindrance(delivery.reason, delivery.remedy)]
    if delivery.reason_code == "no_place" and delivery.partner:
        try:
            _translated(delivery, document)
        except Missing as missing:
            found.append(Hindrance(str(missing), missing.remedy))
    return found


def _translated(delivery: Delivery, document: Document) -> None:
    assert delivery.partner is not None  # noqa: S101 - asked by `_hindrances`
    partner = delivery.partner
    translation.encode(order(delivery, partner, [outgoing(document, delivery, partner)]))


def _business(delivery: Delivery, document: Document | None) -> dict[str, Any] | None:
    """The document with what the partner wants added, as far as it is known."""
    if document is None:
        return None
    if delivery.partner:
        with suppress(Missing):
            document = outgoing(document, delivery, delivery.partner)
    found: dict[str, Any] = json.loads(to_json(document))
    return found


def _notes(route: Route, kind: Kind, record: Record) -> list[str]:
    """What else decides whether it goes by itself."""
    notes = []
    if record.is_deleted:
        notes.append("It is deleted in FreshBooks, so it would not be sent.")
    if kind.is_draft(record.data):
        notes.append("It is a draft in FreshBooks. It goes once you have sent it there.")
    elif not covers(route, kind, record):
        notes.append(
            "It was booked before the start of this route, so it is left alone unless a backfill sends it. "
            "Newer ones go like this."
        )
    return notes


def _latest(system: FreshBooks, kind: Kind) -> list[dict[str, Any]]:
    page = system.client.page(
        RESOURCES[kind.resource], per_page=OFFERED, sort=NEWEST_FIRST.get(kind.resource, "")
    )
    return page.rows


def _likeliest(route: Route, kind: Kind, rows: list[dict[str, Any]]) -> str:
    """The id of the latest row that is no draft, best of a client or vendor that is linked; empty without any."""
    links = PartnerLink.objects.for_tenant(route.tenant).filter(
        connection=route.source, party_kind=kind.party_kind
    )
    linked = set(links.values_list("party_id", flat=True))
    ready = [row for row in rows if not kind.is_draft(row)]
    best = next((row for row in ready if kind.party_id(row) in linked), next(iter(ready), None))
    return _id(kind, best) if best else ""


def _id_of(system: FreshBooks, kind: Kind, rows: list[dict[str, Any]], number: str) -> str:
    """The id of the document with this number; empty if there is none. Payments go by their ids."""
    resource = RESOURCES[kind.resource]
    if name := BY_NUMBER.get(kind.resource):
        rows = system.client.page(resource, {name: number}, per_page=1).rows
        return _id(kind, rows[0]) if rows else ""
    named = (
        _id(kind, row) for row in rows if number in (text(row, "bill_number"), text(row, "account_number"))
    )
    return next(named, number if number.isascii() and number.isdigit() else "")


def _id(kind: Kind, row: dict[str, Any]) -> str:
    return identifier(row, RESOURCES[kind.resource].key, "id")


def _label(kind: Kind, row: dict[str, Any]) -> str:
    """Number, client or vendor, amount and date, as far as the row has them."""
    amount = row.get("total_amount") or row.get("amount")
    money = f"{amount.get('amount')} {amount.get('code')}" if isinstance(amount, dict) else ""
    names = ("current_organization", "organization", "vendor_name")
    who = next((found for name in names if (found := text(row, name))), "")
    number = text(row, "invoice_number") or text(row, "bill_number") or _id(kind, row)
    paid_on = text(row, "paid_date") or text(row, "date")
    return ", ".join(part[:60] for part in (number, who, money, paid_on) if part)
