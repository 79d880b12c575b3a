"""Booking mappings: under which category, account or tax what partners send is booked, chosen from FreshBooks."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from connections.models import Connection, SystemKind
from connections.views import lists
from mappings.booking_forms import BookingMappingForm
from mappings.models import BookingMapping
from mappings.models.booking import BookingKind
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role

OFFERED: dict[str, Callable[[Connection], lists.Listed]] = {
    BookingKind.CATEGORY: lists.expense_categories,
    BookingKind.ACCOUNT: lists.journal_accounts,
    BookingKind.TAX: lists.taxes,
}
LEADS = {
    BookingKind.CATEGORY: "Every line of a bill needs an expense category.",
    BookingKind.ACCOUNT: "Journal entries post to the accounts that you map here.",
    BookingKind.TAX: "FreshBooks then calls the tax by its own name.",
}


@tenant_required(Role.EDITOR)
def add_booking(request: TenantRequest, key: str, kind: str) -> HttpResponse:
    if kind not in BookingKind.values:
        raise Http404
    connection = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    return _edit(request, BookingMapping(tenant=request.tenant, connection=connection, kind=kind))


@tenant_required(Role.EDITOR)
def edit_booking(request: TenantRequest, pk: int) -> HttpResponse:
    return _edit(request, get_or_404(request, BookingMapping, pk=pk))


def _edit(request: TenantRequest, edited: BookingMapping) -> HttpResponse:
    is_new = edited.pk is None
    listed = OFFERED[edited.kind](edited.connection)
    form = BookingMappingForm(request.POST or None, instance=edited, listed=listed.names)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"{edited}. What was held for want of it goes now.")
        return redirect("partners", request.tenant.slug)
    context = {
        "form": form,
        "title": f"{'Add' if is_new else 'Edit'} a booking mapping",
        "lead": LEADS[BookingKind(edited.kind)],
        "trouble": f"FreshBooks cannot be asked now: {listed.trouble}" if listed.trouble else "",
        "back": reverse("partners", args=[request.tenant.slug]),
    }
    return render(request, "partners/form.html", context)


@tenant_required(Role.EDITOR)
def remove_booking(request: TenantRequest, pk: int) -> HttpResponse:
    mapping = get_or_404(request, BookingMapping, pk=pk)
    back = reverse("partners", args=[request.tenant.slug])
    if request.method == "POST":
        mapping.delete()
        messages.success(request, f"{mapping} is removed.")
        return redirect(back)
    context = {
        "question": f"Remove {mapping}?",
        "consequence": "New documents that need it are held. What is booked stays as it is.",
        "action": "Remove",
        "back": back,
    }
    return render(request, "confirm.html", context)
