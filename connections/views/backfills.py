"""Backfills: send the documents of a date range, see how far it is, cancel it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections.forms import BackfillForm
from connections.models import Backfill, BackfillState, Route, SystemKind
from connections.views.routes import route_page
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.doorbell import ring
from tenants.models import Role


@require_POST
@tenant_required(Role.EDITOR)
def start_backfill(request: TenantRequest, key: str) -> HttpResponse:
    """Send the documents of a date range, whatever the route's start says."""
    found = get_or_404(request, Route, key=key, source__system=SystemKind.FRESHBOOKS)
    wished = Backfill(tenant=request.tenant, route=found, requested_by=str(request.user))
    form = BackfillForm(request.POST, instance=wished)
    if not form.is_valid():
        return route_page(request, found, form)
    running = found.backfills.filter(state=BackfillState.RUNNING)
    if running.exists():
        messages.error(request, "A backfill is under way. Let it end, or cancel it.")
    else:
        form.save()
        ring("connections.tasks.backfill", wished.pk)
        messages.success(request, "The backfill has begun. Its progress is shown below.")
    return redirect(found)


@require_POST
@tenant_required(Role.EDITOR)
def cancel_backfill(request: TenantRequest, pk: int) -> HttpResponse:
    found = get_or_404(request, Backfill, pk=pk)
    running = Backfill.objects.for_tenant(request.tenant).filter(pk=found.pk, state=BackfillState.RUNNING)
    if running.update(state=BackfillState.CANCELLED, finished_at=timezone.now()):
        messages.success(request, "The backfill is cancelled. What it had taken in goes on.")
    return redirect(found.route)
