"""The list of a tenant's documents, one document's journey, and the decisions about it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from audit.admin.content import SHOWN_DOCUMENT, show
from audit.decisions import FOR_DELIVERIES, RELEASE, REPLAY
from audit.models import ArrivedDocument, Delivery, Payload
from audit.pages import deciding
from audit.pages.finding import FOUND_AT_MOST, documents_like
from audit.pages.paging import page_of, with_query
from audit.pages.timeline import timeline_of
from audit.precedence import waited_for
from audit.services import sentence
from audit.standing import STANDINGS, TROUBLES
from audit.states import Acknowledgement, Transfer
from audit.views import download, note_look
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role

WAITS = "waits"
REVISIONS_SHOWN = 20
ATTEMPTS_SHOWN = 50


@tenant_required()
def documents(request: TenantRequest) -> HttpResponse:
    """The newest first; narrowed by where they stand, to a partner or route, or to what a person typed."""
    standing, text = request.GET.get("standing", ""), request.GET.get("q", "").strip()[:60]
    narrowed = _narrowed(request)
    groups = _groups(is_narrowed=bool(narrowed))
    if standing not in groups:
        raise Http404
    rows = _rows(request, narrowed, standing)
    found = documents_like(request.tenant, text) if text else None
    if found is not None:
        rows = rows.filter(pk__in=found)
    page = page_of(_standing(rows, standing), request.GET)
    context = {
        "rows": [(row, sentence(row)) for row in page.rows],
        "page": page,
        "groups": groups,
        "standing": standing,
        "q": text,
        "narrowed": narrowed,
        "is_cut": found is not None and len(found) == FOUND_AT_MOST,
        "is_narrowed": bool(text or standing or narrowed),
    }
    return render(request, "documents/list.html", context)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """To one partner or route: `name`=`key` in the address; `without` is the address without it."""

    name: str
    key: str
    row: Any
    without: str


def _narrowed(request: TenantRequest) -> list[Narrowing]:
    narrowed = []
    for name, field in (("partner", "code"), ("route", "key")):
        if key := request.GET.get(name, ""):
            model: Any = Delivery._meta.get_field(name).related_model
            without = with_query(request.GET, **{name: "", "before": "", "after": ""})
            narrowed.append(Narrowing(name, key, get_or_404(request, model, **{field: key}), without))
    return narrowed


def _rows(request: TenantRequest, narrowed: list[Narrowing], standing: str) -> QuerySet[Delivery]:
    """The tenant's deliveries, or those of the partner and route, which are the tenant's own.

    All of a partner's are asked for without a word about the tenant: SQLite would walk through everything
    the tenant has to find them. By standing the tenant's index is the right one again.
    """
    of_these = {one.name: one.row for one in narrowed}
    if narrowed and not standing:
        rows: QuerySet[Delivery] = narrowed[0].row.deliveries.filter(**of_these)
    else:
        rows = Delivery.objects.for_tenant(request.tenant).filter(**of_these)
    return rows.select_related("partner", "route", "tenant").defer("progress")


def _groups(*, is_narrowed: bool) -> dict[str, str]:
    """What the list can be narrowed to; a partner's or route's only to what is rare."""
    standings = TROUBLES if is_narrowed else STANDINGS
    said = {standing: STANDINGS[standing][0] for standing in standings}
    return {"": "All", WAITS: "What waits for you", **said}


def _standing(rows: QuerySet[Delivery], standing: str) -> Iterator[QuerySet[Delivery]]:
    """The rows that stand so, as parts that an index serves each."""
    if not standing:
        yield rows
    else:
        wanted = TROUBLES if standing == WAITS else (standing,)
        yield from (rows.filter(STANDINGS[one][1]) for one in wanted)


@tenant_required()
def document(request: TenantRequest, public_id: str) -> HttpResponse:
    """One document's journey: what came, what was made of it, what was sent, what was answered."""
    delivery = _delivery(request, public_id)
    shown = show(delivery.interchange_id)
    if shown:
        note_look(request.user, delivery)
    revisions = Delivery.objects.for_tenant(request.tenant).filter(
        route=delivery.route_id, source_id=delivery.source_id
    )
    decisions = deciding.open_decisions(FOR_DELIVERIES, delivery)
    context = {
        "delivery": delivery,
        "sentence": sentence(delivery),
        "waited_for": waited_for(delivery),
        "reasons": _reasons(delivery),
        "reason_tone": _tone(delivery),
        "business": business_of(delivery),
        "timeline": timeline_of(delivery),
        "attempts": delivery.attempts.order_by("-number")[:ATTEMPTS_SHOWN],
        "revisions": revisions.select_related("partner").order_by("-revision")[:REVISIONS_SHOWN],
        "shown": shown,
        "decisions": decisions,
        "main_decision": delivery.needs_a_person and decisions[:1] in ([REPLAY], [RELEASE]),
    }
    return render(request, "documents/detail.html", context)


def _reasons(delivery: Delivery) -> list[dict[str, str]]:
    """Why the partner did not simply accept it: rows of where, said, code and value."""
    if delivery.reason_code != "acknowledgement":
        return []
    answer = delivery.events.filter(kind="acknowledgement").order_by("-sequence").first()
    return answer.data.get("reasons", []) if answer else []


def _tone(delivery: Delivery) -> str:
    """The tone in which the reason is shown."""
    if delivery.transfer == Transfer.FAILED or delivery.acknowledgement == Acknowledgement.REJECTED:
        return "failed"
    return "attention" if delivery.needs_a_person or delivery.transfer == Transfer.WAITING else "neutral"


def business_of(delivery: Delivery | ArrivedDocument) -> dict[str, Any] | None:
    """The business document as it was stored, or None if there is none or it is too long to show."""
    payload = Payload.objects.for_tenant(delivery.tenant_id).filter(
        pk=delivery.canonical_id, size__lte=SHOWN_DOCUMENT
    )
    content = payload.values_list("content", flat=True).first()
    try:
        stored = json.loads(bytes(content)) if content is not None else None
    except ValueError:
        return None
    return stored if isinstance(stored, dict) else None


@tenant_required(Role.EDITOR)
def decide(request: TenantRequest, public_id: str, key: str) -> HttpResponse:
    """Replay, release, dismiss, or say what became of one in doubt."""
    return deciding.decide(request, FOR_DELIVERIES, _delivery(request, public_id), key)


@tenant_required()
def download_payload(request: TenantRequest, public_id: str, pk: int) -> FileResponse | HttpResponse:
    """The exact bytes of something that stands on the document's page."""
    delivery = _delivery(request, public_id)
    own = {delivery.interchange_id, delivery.canonical_id, delivery.source_record_id}
    own.update(delivery.events.values_list("payload", flat=True))
    if pk not in own:
        raise Http404
    return download(request.user, delivery, get_or_404(request, Payload, pk=pk))


def _delivery(request: TenantRequest, public_id: str) -> Delivery:
    rows = Delivery.objects.for_tenant(request.tenant).select_related("tenant", "partner", "route", "target")
    return get_object_or_404(rows.defer("target__credentials"), public_id=public_id)
