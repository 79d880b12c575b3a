"""A tenant's trading partners: who they are, where they are served, which FreshBooks parties they are."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from mappings.forms import DeliveryPlaceForm, PartnerForm
from mappings.models import BookingMapping, DeliveryPlace, GLMapping, ItemMapping, PartnerLink, TradingPartner
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role

MAPPINGS_SHOWN = 500
LINKS_SHOWN = 200


@tenant_required()
def partners(request: TenantRequest) -> HttpResponse:
    rows = TradingPartner.objects.for_tenant(request.tenant).select_related("tenant").order_by("name")
    rows = rows.annotate(Count("links", distinct=True), Count("places", distinct=True))
    gl_mappings = GLMapping.objects.for_tenant(request.tenant).select_related("partner", "connection")
    context = {
        "partners": rows,
        "gl_mappings": gl_mappings.defer("connection__credentials").order_by("source_key", "pk")[
            :MAPPINGS_SHOWN
        ],
        "bookings": BookingMapping.objects.for_tenant(request.tenant)
        .select_related("partner", "connection")
        .defer("connection__credentials")
        .order_by("kind", "source_key", "pk")[:MAPPINGS_SHOWN],
        "booking_kinds": {"category": "a category", "account": "an account", "tax": "a tax"},
        "books": _books(request),
    }
    return render(request, "partners/list.html", context)


def _books(request: TenantRequest) -> QuerySet[Any]:
    """The tenant's FreshBooks connections: where clients and items are chosen from."""
    connections: Any = PartnerLink._meta.get_field("connection").related_model
    own: QuerySet[Any] = connections.objects.for_tenant(request.tenant).filter(system="freshbooks")
    return own.defer("credentials").order_by("name")


@tenant_required()
def partner(request: TenantRequest, code: str) -> HttpResponse:
    found = get_or_404(request, TradingPartner, code=code)
    places = found.places.select_related("connection__tenant").defer("connection__credentials")
    links = found.links.select_related("connection__tenant").defer("connection__credentials")
    context = {
        "partner": found,
        "places": places.order_by("connection__name"),
        "links": links.order_by("party_name", "party_id")[:LINKS_SHOWN],
        "items": _items(request, found)[:MAPPINGS_SHOWN],
        "books": _books(request),
    }
    return render(request, "partners/detail.html", context)


def _items(request: TenantRequest, found: TradingPartner) -> QuerySet[ItemMapping]:
    own = ItemMapping.objects.for_tenant(request.tenant).filter(partner=found)
    return own.order_by("item", "pk")


@tenant_required(Role.EDITOR)
def add_partner(request: TenantRequest) -> HttpResponse:
    """A new company, named beforehand if the address says so, known to you as the latest one is."""
    latest = TradingPartner.objects.for_tenant(request.tenant).order_by("-pk").first()
    initial = {"name": request.GET.get("name", "")[:120]}
    if latest:
        initial |= {"sender_qualifier": latest.sender_qualifier, "sender_id": latest.sender_id}
    return _edit_partner(request, TradingPartner(tenant=request.tenant), initial)


@tenant_required(Role.EDITOR)
def edit_partner(request: TenantRequest, code: str) -> HttpResponse:
    return _edit_partner(request, get_or_404(request, TradingPartner, code=code), {})


def _edit_partner(request: TenantRequest, edited: TradingPartner, initial: dict[str, str]) -> HttpResponse:
    before = str(edited) if edited.pk else ""
    form = PartnerForm(request.POST or None, instance=edited, initial=initial)
    if request.method == "POST" and form.is_valid():
        form.save()
        for doubt in form.doubts():
            messages.warning(request, doubt)
        messages.success(request, f"{edited} is saved.")
        return redirect(edited)
    list_url = reverse("partners", args=[request.tenant.slug])
    context = {
        "form": form,
        "title": f"Edit {before}" if before else "Add a partner",
        "parent": before,
        "back": edited.get_absolute_url() if before else list_url,
    }
    return render(request, "partners/form.html", context)


@tenant_required(Role.EDITOR)
def add_place(request: TenantRequest, code: str) -> HttpResponse:
    found = get_or_404(request, TradingPartner, code=code)
    return _edit_place(request, DeliveryPlace(tenant=request.tenant, partner=found))


@tenant_required(Role.EDITOR)
def edit_place(request: TenantRequest, pk: int) -> HttpResponse:
    return _edit_place(request, get_or_404(request, DeliveryPlace, pk=pk))


def _edit_place(request: TenantRequest, edited: DeliveryPlace) -> HttpResponse:
    form = DeliveryPlaceForm(request.POST or None, instance=edited)
    back = edited.partner.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(
            request, f"Documents for {saved.partner} go to {saved.outbound} on {saved.connection}."
        )
        return redirect(back)
    context = {
        "form": form,
        "title": "Edit the delivery place" if edited.pk else "Add a delivery place",
        "lead": "Where documents for this partner are put, and where its answers are found.",
        "parent": edited.partner.name,
        "back": back,
    }
    return render(request, "partners/form.html", context)


@tenant_required(Role.EDITOR)
def remove_place(request: TenantRequest, pk: int) -> HttpResponse:
    place = get_or_404(request, DeliveryPlace, pk=pk)
    if request.method == "POST":
        place.delete()
        messages.success(request, f"{place.outbound} is removed.")
        return redirect(place.partner)
    context = {
        "question": f"Remove {place.outbound} on {place.connection}?",
        "consequence": f"New documents for {place.partner} along routes to {place.connection} will be held. "
        "What is on its way goes on.",
        "action": "Remove",
        "back": place.partner.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def remove_link(request: TenantRequest, pk: int) -> HttpResponse:
    link = get_or_404(request, PartnerLink, pk=pk)
    who = link.party_name or link.party_id
    if request.method == "POST":
        link.delete()
        messages.success(request, f"{who} is linked to nobody now.")
        return redirect(link.partner)
    context = {
        "question": f"Remove the link of {who}?",
        "consequence": f"New documents of the FreshBooks {link.get_party_kind_display()} {who} will be held.",
        "action": "Remove",
        "back": link.partner.get_absolute_url(),
    }
    return render(request, "confirm.html", context)
