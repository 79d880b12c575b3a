"""A tenant's routes: what flows where; switching on and off; backfills with their progress."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from connections.forms import BackfillForm, RouteForm
from connections.models import Backfill, BackfillState, Connection, Route
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.doorbell import ring
from tenants.models import Role


@tenant_required()
def routes(request: TenantRequest) -> HttpResponse:
    rows = Route.objects.for_tenant(request.tenant).select_related("source", "target").order_by("name")
    can_add = Connection.objects.for_tenant(request.tenant).exclude(system="freshbooks").exists()
    return render(request, "routes/list.html", {"routes": rows, "can_add": can_add})


@tenant_required()
def route(request: TenantRequest, key: str) -> HttpResponse:
    found = get_or_404(request, Route, key=key)
    context = {"route": found, "backfills": found.backfills.all()[:10], "backfill_form": BackfillForm()}
    return render(request, "routes/detail.html", context)


@tenant_required(Role.EDITOR)
def add_route(request: TenantRequest) -> HttpResponse:
    return _edit(request, Route(tenant=request.tenant))


@tenant_required(Role.EDITOR)
def edit_route(request: TenantRequest, key: str) -> HttpResponse:
    return _edit(request, get_or_404(request, Route, key=key))


def _edit(request: TenantRequest, edited: Route) -> HttpResponse:
    form = RouteForm(request.POST or None, instance=edited, tenant=request.tenant)
    if form.is_valid():
        if not edited.key:
            edited.key = _free_key(edited)
        form.save()
        messages.success(request, f"{edited} is saved.")
        return redirect(edited)
    return render(request, "routes/edit.html", {"form": form, "route": edited})


def _free_key(edited: Route) -> str:
    wanted = slugify(edited.name)[:36] or "route"
    taken = set(Route.objects.for_tenant(edited.tenant).values_list("key", flat=True))
    candidates = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(key for key in candidates if key not in taken)


@tenant_required(Role.EDITOR)
def switch_route(request: TenantRequest, key: str) -> HttpResponse:
    """On, off: with a page between that says what it means."""
    found = get_or_404(request, Route, key=key)
    if request.method == "POST":
        found.is_on = not found.is_on
        found.save(update_fields=["is_on"])
        messages.success(request, f"{found} is switched {'on' if found.is_on else 'off'}.")
        return redirect(found)
    if found.is_on:
        question, consequence = (
            f"Switch off “{found}”?",
            "New documents are not sent any more. What is on its way goes on.",
        )
    else:
        question = f"Switch on “{found}”?"
        consequence = (
            f"{found.get_kind_display().capitalize()} booked or dated from {found.starts_on:%d %b %Y} on go from "
            f"{found.source} to {found.target}{', as a dry run' if found.dry_run else ''}."
        )
    context = {
        "question": question,
        "consequence": consequence,
        "action": "Switch off" if found.is_on else "Switch on",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@require_POST
@tenant_required(Role.EDITOR)
def start_backfill(request: TenantRequest, key: str) -> HttpResponse:
    """Send the documents of a date range, whatever the route's start says."""
    found = get_or_404(request, Route, key=key)
    wished = Backfill(tenant=request.tenant, route=found, requested_by=str(request.user))
    form = BackfillForm(request.POST, instance=wished)
    if not form.is_valid():
        context = {"route": found, "backfills": found.backfills.all()[:10], "backfill_form": form}
        return render(request, "routes/detail.html", context)
    form.save()
    ring("connections.tasks.backfill", wished.pk)
    messages.success(request, "The backfill has begun; its progress is shown below.")
    return redirect(found)


@require_POST
@tenant_required(Role.EDITOR)
def cancel_backfill(request: TenantRequest, pk: int) -> HttpResponse:
    found = get_or_404(request, Backfill, pk=pk)
    running = Backfill.objects.for_tenant(request.tenant).filter(pk=found.pk, state=BackfillState.RUNNING)
    if running.update(state=BackfillState.CANCELLED):
        messages.success(request, "The backfill is cancelled. What it had taken in goes on.")
    return redirect(reverse("route", args=[request.tenant.slug, found.route.key]))
