"""What a tenant's people see of their documents: the list, one document's journey, and their decisions."""

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from audit.admin.content import show
from audit.decisions import FOR_DELIVERIES, carry_out
from audit.models import Arrival, Delivery, Payload
from audit.services import sentence
from audit.standing import STANDINGS, TROUBLES
from audit.views import download, note_look
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role

PAGE = 50
GROUPS = {
    "": "All",
    "waits": "Waits for you",
    **{key: label for key, (label, _) in STANDINGS.items()},
}


@tenant_required()
def documents(request: TenantRequest) -> HttpResponse:
    """The latest first, a page at a time; found by number, FreshBooks id, control number or party."""
    standing, text = request.GET.get("standing", ""), request.GET.get("q", "").strip()
    rows = Delivery.objects.for_tenant(request.tenant).select_related("partner", "route", "tenant")
    rows = _found(_standing(rows, standing), text).order_by("-id")
    if before := _number(request.GET.get("before")):
        rows = rows.filter(id__lt=before)
    page = list(rows[: PAGE + 1])
    context = {
        "rows": [(row, sentence(row)) for row in page[:PAGE]],
        "groups": GROUPS,
        "standing": standing,
        "q": text,
        "older": _older(request.GET, page) if len(page) > PAGE else "",
        "newer": _without(request.GET, "before") if before else "",
    }
    return render(request, "documents/list.html", context)


def _standing(rows: QuerySet[Delivery], standing: str) -> QuerySet[Delivery]:
    if standing == "waits":
        waits = Q()
        for trouble in TROUBLES:
            waits |= STANDINGS[trouble][1]
        return rows.filter(waits)
    if standing and standing not in STANDINGS:
        raise Http404
    return rows.filter(STANDINGS[standing][1]) if standing else rows


def _found(rows: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
    if not text:
        return rows
    control = text.lstrip("0") or text
    return rows.filter(
        Q(number__startswith=text)
        | Q(source_id=text)
        | Q(interchange_control=control)
        | Q(group_control=control)
        | Q(party_name__istartswith=text)
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _older(query: QueryDict, page: list[Delivery]) -> str:
    return f"?{_with(query, before=str(page[PAGE - 1].pk))}"


def _without(query: QueryDict, name: str) -> str:
    rest = query.copy()
    rest.pop(name, None)
    return f"?{rest.urlencode()}"


def _with(query: QueryDict, **values: str) -> str:
    changed = query.copy()
    for name, value in values.items():
        changed[name] = value
    return changed.urlencode()


@tenant_required()
def document(request: TenantRequest, public_id: str) -> HttpResponse:
    """One document's journey: what came, what was made of it, what was sent, what was answered."""
    delivery = get_or_404(request, Delivery, public_id=public_id)
    shown = show(delivery.interchange_id)
    if shown:
        note_look(request.user, delivery)
    revisions = Delivery.objects.for_tenant(request.tenant).filter(
        route=delivery.route_id, source_id=delivery.source_id
    )
    context = {
        "delivery": delivery,
        "sentence": sentence(delivery),
        "events": delivery.events.select_related("payload").order_by("sequence"),
        "attempts": delivery.attempts.all(),
        "revisions": revisions.exclude(pk=delivery.pk).order_by("revision"),
        "shown": shown,
        "decisions": [one for one in FOR_DELIVERIES if not one.refuses(delivery, force=True)],
    }
    return render(request, "documents/detail.html", context)


@tenant_required(Role.EDITOR)
def decide(request: TenantRequest, public_id: str, key: str) -> HttpResponse:
    """Replay, release, dismiss, or resolve a doubt: asked first, then done and put on record."""
    delivery = get_or_404(request, Delivery, public_id=public_id)
    decision = next((one for one in FOR_DELIVERIES if one.key == key), None)
    if decision is None:
        raise Http404
    if request.method == "POST":
        force = bool(decision.refuses(delivery, force=False)) and "force" in request.POST
        why = request.POST.get("why", "").strip()[:500]
        carry_out(decision, [delivery], actor=request.user, why=why, force=force)
        return redirect(delivery)
    context = {
        "delivery": delivery,
        "decision": decision,
        "refusal": decision.refuses(delivery, force=True),
        "needs_force": bool(decision.refuses(delivery, force=False)),
    }
    return render(request, "documents/decide.html", context)


@tenant_required()
def download_payload(request: TenantRequest, public_id: str, pk: int) -> HttpResponse:
    """The exact bytes that belong to a document of the tenant."""
    delivery = get_or_404(request, Delivery, public_id=public_id)
    own = {delivery.interchange_id, delivery.canonical_id, delivery.source_record_id}
    own.update(delivery.events.values_list("payload", flat=True))
    if pk not in own:
        raise Http404
    return download(request.user, delivery, get_or_404(request, Payload, pk=pk))


@tenant_required()
def arrival(request: TenantRequest, public_id: str) -> HttpResponse:
    """One file or message that came in."""
    found = get_or_404(request, Arrival, public_id=public_id)
    note_look(request.user, found)
    context = {
        "arrival": found,
        "events": found.events.order_by("sequence"),
        "shown": show(found.payload_id),
    }
    return render(request, "documents/arrival.html", context)
