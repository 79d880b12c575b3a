"""A tenant's trading partners: who they are, where they are served, which FreshBooks parties they are."""

from django.contrib import messages
from django.db.models import Count
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from mappings.forms import DeliveryPlaceForm, GLMappingForm, PartnerForm
from mappings.models import DeliveryPlace, GLMapping, PartnerLink, TradingPartner
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role


@tenant_required()
def partners(request: TenantRequest) -> HttpResponse:
    rows = TradingPartner.objects.for_tenant(request.tenant).order_by("name")
    rows = rows.annotate(Count("links", distinct=True), Count("places", distinct=True))
    gl_mappings = GLMapping.objects.for_tenant(request.tenant).select_related("partner", "connection")
    context = {"partners": rows, "gl_mappings": gl_mappings.order_by("source_key")[:500]}
    return render(request, "partners/list.html", context)


@tenant_required()
def partner(request: TenantRequest, code: str) -> HttpResponse:
    found = get_or_404(request, TradingPartner, code=code)
    context = {
        "partner": found,
        "places": found.places.select_related("connection"),
        "links": found.links.select_related("connection").order_by("party_name", "party_id"),
    }
    return render(request, "partners/detail.html", context)


@tenant_required(Role.EDITOR)
def add_partner(request: TenantRequest) -> HttpResponse:
    return _edit_partner(request, TradingPartner(tenant=request.tenant))


@tenant_required(Role.EDITOR)
def edit_partner(request: TenantRequest, code: str) -> HttpResponse:
    return _edit_partner(request, get_or_404(request, TradingPartner, code=code))


def _edit_partner(request: TenantRequest, edited: TradingPartner) -> HttpResponse:
    title = str(edited) if edited.pk else "Add a partner"
    back = edited.get_absolute_url() if edited.pk else reverse("partners", args=[request.tenant.slug])
    return _form_page(request, PartnerForm(request.POST or None, instance=edited), title=title, back=back)


@tenant_required(Role.EDITOR)
def add_place(request: TenantRequest, code: str) -> HttpResponse:
    found = get_or_404(request, TradingPartner, code=code)
    new = DeliveryPlace(tenant=request.tenant, partner=found)
    return _edit_place(request, new)


@tenant_required(Role.EDITOR)
def edit_place(request: TenantRequest, pk: int) -> HttpResponse:
    return _edit_place(request, get_or_404(request, DeliveryPlace, pk=pk))


def _edit_place(request: TenantRequest, edited: DeliveryPlace) -> HttpResponse:
    form = DeliveryPlaceForm(request.POST or None, instance=edited)
    back = edited.partner.get_absolute_url()
    return _form_page(request, form, title=f"Delivery place of {edited.partner}", back=back)


@tenant_required(Role.EDITOR)
def remove_place(request: TenantRequest, pk: int) -> HttpResponse:
    place = get_or_404(request, DeliveryPlace, pk=pk)
    return _remove(
        request,
        place,
        question=f"Remove {place.outbound} on {place.connection}?",
        consequence=f"Documents for {place.partner} along routes to {place.connection} will be held.",
        back=place.partner.get_absolute_url(),
    )


@tenant_required(Role.EDITOR)
def remove_link(request: TenantRequest, pk: int) -> HttpResponse:
    link = get_or_404(request, PartnerLink, pk=pk)
    who = link.party_name or link.party_id
    return _remove(
        request,
        link,
        question=f"Remove the link of {who}?",
        consequence=f"New documents of the FreshBooks {link.get_party_kind_display()} {who} will be held.",
        back=link.partner.get_absolute_url(),
    )


@tenant_required(Role.EDITOR)
def add_gl_mapping(request: TenantRequest) -> HttpResponse:
    form = GLMappingForm(request.POST or None, instance=GLMapping(tenant=request.tenant))
    return _form_page(
        request, form, title="Add a GL mapping", back=reverse("partners", args=[request.tenant.slug])
    )


@tenant_required(Role.EDITOR)
def edit_gl_mapping(request: TenantRequest, pk: int) -> HttpResponse:
    form = GLMappingForm(request.POST or None, instance=get_or_404(request, GLMapping, pk=pk))
    return _form_page(request, form, title="GL mapping", back=reverse("partners", args=[request.tenant.slug]))


@tenant_required(Role.EDITOR)
def remove_gl_mapping(request: TenantRequest, pk: int) -> HttpResponse:
    mapping = get_or_404(request, GLMapping, pk=pk)
    return _remove(
        request,
        mapping,
        question=f"Remove the GL mapping of {mapping.source_key}?",
        consequence="Lines with it go without a GL segment, or hold their document if the partner wants one.",
        back=reverse("partners", args=[request.tenant.slug]),
    )


def _form_page(request: TenantRequest, form: ModelForm, *, title: str, back: str) -> HttpResponse:
    if form.is_valid():
        saved = form.save()
        messages.success(request, f"{saved} is saved.")
        return redirect(saved.get_absolute_url() if isinstance(saved, TradingPartner) else back)
    return render(request, "partners/form.html", {"form": form, "title": title, "back": back})


def _remove(
    request: TenantRequest,
    row: DeliveryPlace | PartnerLink | GLMapping,
    *,
    question: str,
    consequence: str,
    back: str,
) -> HttpResponse:
    if request.method == "POST":
        row.delete()
        messages.success(request, "It is removed.")
        return redirect(back)
    context = {"question": question, "consequence": consequence, "action": "Remove", "back": back}
    return render(request, "confirm.html", context)
