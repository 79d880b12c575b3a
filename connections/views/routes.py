"""A tenant's routes: what flows where, and switching it on and off."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from connections.forms import BackfillForm, RouteForm, SwitchOnForm
from connections.inbound_forms import InboundRouteForm
from connections.models import (
    Backfill,
    BackfillState,
    Connection,
    ConnectionState,
    DocumentKind,
    Route,
    SystemKind,
)
from connections.pipeline.inbound.kinds import KINDS as INBOUND_KINDS
from connections.pipeline.kinds import KINDS
from connections.views.keys import free_key
from mappings.codecs import layouts
from mappings.models import DeliveryPlace, FileLayout, PartnerLink, TradingPartner
from tenants.access import TenantRequest, tenant_required
from tenants.doorbell import ring
from tenants.models import Role

BACKFILLS_SHOWN = 10
WITH_FILES = (SystemKind.SFTP, SystemKind.CLEO, SystemKind.IBM_STERLING)
"""Through which files by a layout of the tenant's own may come."""


@tenant_required()
def routes(request: TenantRequest) -> HttpResponse:
    connections = Connection.objects.for_tenant(request.tenant)
    books = connections.filter(system=SystemKind.FRESHBOOKS)
    context = {
        "routes": _routes(request).order_by("name"),
        "can_add": books.exists() and connections.exclude(system=SystemKind.FRESHBOOKS).exists(),
    }
    return render(request, "routes/list.html", context)


@tenant_required()
def route(request: TenantRequest, key: str) -> HttpResponse:
    return route_page(request, get_object_or_404(_routes(request), key=key), BackfillForm())


def route_page(request: TenantRequest, found: Route, backfill_form: BackfillForm) -> HttpResponse:
    """The page of one route, also after a backfill that was asked for wrongly."""
    backfills = list(found.backfills.all()[:BACKFILLS_SHOWN])
    context = {
        "route": found,
        "stopped": [one for one in (found.source, found.target) if not one.is_usable],
        "reach": _reach(found),
        "lacks_layout": _lacks_layout(found),
        "backfills": backfills,
        "is_filling": any(backfill.state == BackfillState.RUNNING for backfill in backfills),
        "backfill_form": backfill_form,
    }
    return render(request, "routes/detail.html", context)


def _routes(request: TenantRequest) -> QuerySet[Route]:
    rows: QuerySet[Route] = Route.objects.for_tenant(request.tenant)
    rows = rows.select_related("tenant", "source__tenant", "target__tenant")
    return rows.defer("source__credentials", "target__credentials")


def _reach(found: Route) -> dict[str, int]:
    """How many partners the route can serve: with a place on their side, and of those with a link in FreshBooks."""
    theirs, ours = (found.source, found.target) if found.is_inbound else (found.target, found.source)
    places = DeliveryPlace.objects.for_tenant(found.tenant).filter(connection=theirs)
    partners = TradingPartner.objects.for_tenant(found.tenant).filter(pk__in=places.values("partner"))
    links = PartnerLink.objects.for_tenant(found.tenant).filter(connection=ours, partner=OuterRef("pk"))
    if found.is_from_freshbooks:
        links = links.filter(party_kind=KINDS[found.kind].party_kind)
    linked = partners.filter(pk=found.partner_id) if found.partner_id else partners.filter(Exists(links))
    return {"placed": partners.count(), "linked": linked.count()}


def _lacks_layout(found: Route) -> bool:
    """Whether files in CSV, XML or fixed width that arrive for the route could not be read."""
    kind = next((one for one in INBOUND_KINDS if found.is_inbound and one.route_kind == found.kind), None)
    if kind is None or found.source.system not in WITH_FILES:
        return False
    documents = [name for name, class_ in layouts.KINDS.items() if issubclass(class_, kind.classes)]
    reading = FileLayout.objects.for_tenant(found.tenant).exclude(direction="write").filter(latest__gt=0)
    return not reading.filter(kind__in=documents).exists()


@tenant_required(Role.EDITOR)
def add_route(request: TenantRequest) -> HttpResponse:
    return _edit(request, Route(tenant=request.tenant))


@tenant_required(Role.EDITOR)
def add_inbound_route(request: TenantRequest) -> HttpResponse:
    """A route from a partner into FreshBooks."""
    return _edit(request, Route(tenant=request.tenant), inbound=True)


@tenant_required(Role.EDITOR)
def edit_route(request: TenantRequest, key: str) -> HttpResponse:
    found = get_object_or_404(_routes(request), key=key)
    if found.kind == DocumentKind.ACKNOWLEDGEMENT:
        messages.info(request, "It was made for the acknowledgements that you owe; there is nothing to edit.")
        return redirect(found)
    return _edit(request, found, inbound=found.is_inbound)


def _edit(request: TenantRequest, edited: Route, *, inbound: bool = False) -> HttpResponse:
    before = edited.name if edited.pk else ""
    form_class = InboundRouteForm if inbound else RouteForm
    form = form_class(request.POST or None, instance=edited, tenant=request.tenant)
    if request.method == "POST" and form.is_valid():
        if not edited.key:
            taken = Route.objects.for_tenant(request.tenant).values_list("key", flat=True)
            edited.key = free_key(edited.name, "route", taken)
        form.save()
        messages.success(request, f"{edited} is saved.")
        return redirect(edited)
    context = {"form": form, "route": edited, "before": before, "inbound": inbound}
    return render(request, "routes/edit.html", context)


@tenant_required(Role.EDITOR)
def switch_route(request: TenantRequest, key: str) -> HttpResponse:
    """On or off, by way of a page that says what it means."""
    found = get_object_or_404(_routes(request), key=key)
    return _switch_off(request, found) if found.is_on else _switch_on(request, found)


def _switch_off(request: TenantRequest, found: Route) -> HttpResponse:
    if request.method == "POST":
        _switch(found, is_on=False)
        messages.success(request, f"{found} is switched off.")
        return redirect(found)
    context = {
        "question": f"Switch off “{found}”?",
        "consequence": "New documents are not taken in any more. What is on its way goes on. You can switch it "
        "on again at any time, and fetch what came up meanwhile.",
        "action": "Switch off",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


def _switch_on(request: TenantRequest, found: Route) -> HttpResponse:
    since = _missed_since(found)
    form = None
    if since:
        kind, today = found.get_kind_display(), timezone.localdate()
        form = SwitchOnForm(
            request.POST if request.method == "POST" else None, since=since, until=today, what=kind
        )
    if request.method == "POST" and (form is None or form.is_valid()):
        with transaction.atomic():
            _switch(found, is_on=True)
            if form and since and form.cleaned_data["catch_up"]:
                _catch_up(request, found, since)
        messages.success(request, f"{found} is switched on.")
        return redirect(found)
    context: dict[str, Any] = {
        "route": found,
        "form": form,
        "reach": _reach(found),
        "lacks_layout": _lacks_layout(found),
        "stopped": [one for one in (found.source, found.target) if one.state != ConnectionState.ACTIVE],
    }
    return render(request, "routes/switch_on.html", context)


def _switch(found: Route, *, is_on: bool) -> None:
    found.is_on = is_on
    found.save(update_fields=["is_on", "updated_at"])


def _missed_since(found: Route) -> date | None:
    """The first day whose documents a poll that begins now would not find any more: it looks back one day."""
    if found.source.system != SystemKind.FRESHBOOKS:
        return None
    yesterday = timezone.localdate() - timedelta(days=1)
    return found.starts_on if found.starts_on < yesterday else None


def _catch_up(request: TenantRequest, found: Route, since: date) -> None:
    wished = Backfill.objects.create(
        tenant=request.tenant,
        route=found,
        date_from=since,
        date_to=timezone.localdate(),
        requested_by=str(request.user),
    )
    ring("connections.tasks.backfill", wished.pk)
