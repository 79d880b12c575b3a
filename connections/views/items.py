"""Item mappings: a partner's part number for each item, chosen from FreshBooks' list of items."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from connections.models import Connection, SystemKind
from connections.views import lists
from mappings.forms import ItemMappingForm
from mappings.models import ItemMapping, TradingPartner
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role


@tenant_required(Role.EDITOR)
def add_item(request: TenantRequest, code: str, key: str) -> HttpResponse:
    partner = get_or_404(request, TradingPartner, code=code)
    connection = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    return _edit(request, ItemMapping(tenant=request.tenant, connection=connection, partner=partner))


@tenant_required(Role.EDITOR)
def edit_item(request: TenantRequest, pk: int) -> HttpResponse:
    return _edit(request, get_or_404(request, ItemMapping, pk=pk))


def _edit(request: TenantRequest, edited: ItemMapping) -> HttpResponse:
    """FreshBooks' items are offered; when it cannot be asked, the name is typed."""
    listed = lists.items(edited.connection)
    names = sorted({name for name in listed.names.values() if name}, key=str.casefold)
    form = ItemMappingForm(request.POST or None, instance=edited, items=names)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"{edited.item} is {edited.buyer_item} for {edited.partner}.")
        return redirect(edited.partner)
    context = {
        "form": form,
        "title": "Edit the item" if edited.pk else "Map an item",
        "lead": f"By which part number {edited.partner} orders it.",
        "parent": edited.partner.name,
        "trouble": f"The items of FreshBooks cannot be listed now: {listed.trouble}"
        if listed.trouble
        else "",
        "back": edited.partner.get_absolute_url(),
    }
    return render(request, "partners/form.html", context)


@tenant_required(Role.EDITOR)
def remove_item(request: TenantRequest, pk: int) -> HttpResponse:
    mapping = get_or_404(request, ItemMapping, pk=pk)
    back = mapping.partner.get_absolute_url()
    if request.method == "POST":
        mapping.delete()
        messages.success(request, f"{mapping.item} has no part number of {mapping.partner} any more.")
        return redirect(back)
    context = {
        "question": f"Remove the part number of {mapping.item}?",
        "consequence": f"Invoices go to {mapping.partner} without it. What is ordered by {mapping.buyer_item} is "
        "booked under the category for items that have none of their own.",
        "action": "Remove",
        "back": back,
    }
    return render(request, "confirm.html", context)
