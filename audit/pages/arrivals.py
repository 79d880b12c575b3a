"""What came in: the list of arrivals, and one of them with what was made of it."""

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render

from audit.admin.content import show
from audit.decisions import FOR_ARRIVALS
from audit.models import Arrival, ArrivedDocument, Delivery, Event
from audit.models.arrivals import UNUSABLE
from audit.models.documents import DocumentState
from audit.pages import deciding
from audit.pages.paging import page_of
from audit.pages.timeline import timeline_of
from audit.views import download, note_look
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role

WAITS = "waits"
OPEN = "open"
ANSWERED_SHOWN = 100
DOCUMENTS_SHOWN = 500

# Formats that can be read by a layout only.
LAID_OUT = ("csv", "xml", "fixed", "text")


@tenant_required()
def arrivals(request: TenantRequest) -> HttpResponse:
    """The newest first; narrowed to those that cannot be used or wait for a decision, or to one connection."""
    connections: Any = Arrival._meta.get_field("connection").related_model
    chosen = request.GET.get("connection", "")
    rows = Arrival.objects.for_tenant(request.tenant).select_related("tenant", "connection")
    rows = rows.defer("connection__credentials", "handle")
    if chosen:
        rows = rows.filter(connection=get_or_404(request, connections, key=chosen))
    standing = request.GET.get("standing", "")
    parts = [rows.filter(state=state) for state in UNUSABLE] if standing == WAITS else [rows]
    if standing == OPEN:
        undecided = ArrivedDocument.objects.for_tenant(request.tenant).filter(state=DocumentState.OPEN)
        parts = [rows.filter(pk__in=undecided.order_by().values("arrival"))]
    page = page_of(parts, request.GET)
    context = {
        "page": page,
        "connections": connections.objects.for_tenant(request.tenant)
        .exclude(system="freshbooks")
        .defer("credentials")
        .order_by("name"),
        "chosen": chosen,
        "standing": standing,
    }
    return render(request, "documents/arrivals.html", context)


@tenant_required()
def arrival(request: TenantRequest, public_id: str) -> HttpResponse:
    """One file or message as it came, what it said, and which documents it answers."""
    found = _arrival(request, public_id)
    note_look(request.user, found)
    answers = Event.objects.for_tenant(request.tenant).filter(
        payload=found.payload_id, delivery__isnull=False
    )
    answered = Delivery.objects.for_tenant(request.tenant).filter(pk__in=answers.values("delivery"))
    context = {
        "arrival": found,
        "timeline": timeline_of(found),
        "answered": answered.select_related("tenant", "partner").order_by("pk")[:ANSWERED_SHOWN],
        "documents": found.documents.select_related("tenant", "partner")[:DOCUMENTS_SHOWN],
        "shown": show(found.payload_id),
        "needs_layout": found.format in LAID_OUT and found.layout_version_id is None,
        "decisions": deciding.open_decisions(FOR_ARRIVALS, found),
    }
    return render(request, "documents/arrival.html", context)


@tenant_required(Role.EDITOR)
def decide_arrival(request: TenantRequest, public_id: str, key: str) -> HttpResponse:
    """Read it again, or dismiss it."""
    return deciding.decide(request, FOR_ARRIVALS, _arrival(request, public_id), key)


@tenant_required()
def download_arrival(request: TenantRequest, public_id: str) -> FileResponse | HttpResponse:
    """The exact bytes as they came."""
    found = _arrival(request, public_id)
    return download(request.user, found, found.payload)


def _arrival(request: TenantRequest, public_id: str) -> Arrival:
    rows = Arrival.objects.for_tenant(request.tenant).select_related("tenant", "connection")
    return get_object_or_404(rows.defer("connection__credentials"), public_id=public_id)
