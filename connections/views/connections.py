"""A tenant's connections: what there is, how each goes, adding one and setting it up."""

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from connections.forms import ConnectionForm
from connections.models import Connection, ConnectionState, Route, SystemKind
from connections.pipeline.poll import has_reference
from connections.pipeline.reports import SYSTEMS as REPORTING
from connections.systems.forms import SettingsForm
from connections.systems.registry import REGISTRY
from connections.views.keys import free_key
from connections.views.passwords import has_password
from connections.views.pushes import push_context
from connections.views.stampli import is_set_up
from connections.views.testing import report_of, run_test
from mappings.models import DeliveryPlace
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role, Tenant

SAVED = ["name", "poll_seconds", "settings", "credentials", "credentials_set_at", "state", "updated_at"]


@tenant_required()
def connections(request: TenantRequest) -> HttpResponse:
    rows = Connection.objects.for_tenant(request.tenant).defer("credentials", "test_report").order_by("name")
    context = {"connections": rows.select_related("tenant"), "systems": REGISTRY.values()}
    return render(request, "connections/list.html", context)


@tenant_required()
def connection(request: TenantRequest, key: str) -> HttpResponse:
    """How it goes, and the steps of its last test."""
    rows = Connection.objects.for_tenant(request.tenant).select_related("tenant").defer("credentials")
    found = get_object_or_404(rows, key=key)
    places = DeliveryPlace.objects.for_tenant(request.tenant).filter(connection=found)
    context = {
        "connection": found,
        "entry": REGISTRY[found.system],
        "is_freshbooks": found.system == SystemKind.FRESHBOOKS,
        "has_reports": found.system in REPORTING,
        "can_be_set_up": found.system == SystemKind.STAMPLI and not is_set_up(found),
        "report": report_of(found),
        "polls": found.polls.order_by("kind", "subject"),
        "places": places.select_related("partner__tenant").order_by("partner__name"),
        "routes": _routes(request.tenant, found),
        "has_password": has_password(found),
        **push_context(found),
        "has_reference": found.system != SystemKind.FRESHBOOKS and has_reference(found),
    }
    return render(request, "connections/detail.html", context)


def _routes(tenant: Tenant, found: Connection) -> list[Route]:
    routes = Route.objects.for_tenant(tenant).select_related("tenant").order_by("name")
    return [*routes.filter(source=found), *routes.filter(target=found)]


@tenant_required(Role.EDITOR)
def add_connection(request: TenantRequest, system: str) -> HttpResponse:
    """Name it and give its settings. FreshBooks needs only a name; then the person signs in there."""
    if system not in REGISTRY:
        raise Http404
    return _edit(request, Connection(tenant=request.tenant, system=system))


@tenant_required(Role.EDITOR)
def edit_connection(request: TenantRequest, key: str) -> HttpResponse:
    return _edit(request, get_or_404(request, Connection, key=key))


def _edit(request: TenantRequest, edited: Connection) -> HttpResponse:
    """The connection's own fields and its system's settings, as one form on the page."""
    is_new = edited.pk is None
    entry = REGISTRY[edited.system]
    own = ConnectionForm(request.POST or None, instance=edited, initial=_suggested(edited))
    settings_class = entry.form_class()
    settings = settings_class(edited, request.POST or None, request.FILES or None) if settings_class else None
    forms: list[Any] = [own, *([settings] if settings else [])]
    if request.method == "POST" and _all_valid(forms):
        if settings:
            _apply(settings, edited)
        _save(edited)
        messages.success(request, f"{edited} is saved.")
        if settings:
            return run_test(edited)
        return redirect("start_sign_in", request.tenant.slug, edited.key) if is_new else redirect(edited)
    context = {"connection": edited, "entry": entry, "forms": forms, "is_new": is_new}
    return render(request, "connections/edit.html", context)


def _all_valid(forms: list[BaseForm]) -> bool:
    """Every form is asked, so that the page shows all errors at once."""
    return all([form.is_valid() for form in forms])  # noqa: C419


def _apply(settings: SettingsForm, edited: Connection) -> None:
    """Take over what was entered. Nothing goes to another address before the test has passed there.

    The keys that were confirmed are those of the old address; the new one's are compared anew.
    """
    settings.apply(edited)
    moved = set(settings.changed_data) & set(settings.address_fields)
    if not (edited.pk and moved):
        return
    if "host_keys" in edited.settings and "host_keys" not in settings.changed_data:
        edited.settings["host_keys"] = []
    if edited.state != ConnectionState.OFF:
        edited.state = ConnectionState.SETTING_UP


def _save(edited: Connection) -> None:
    """Only what the page shows is written: workers write the rest meanwhile."""
    if edited.pk:
        edited.save(update_fields=SAVED)
    else:
        taken = Connection.objects.for_tenant(edited.tenant).values_list("key", flat=True)
        edited.key = free_key(edited.name, edited.system, taken)
        edited.save()


def _suggested(edited: Connection) -> dict[str, Any]:
    entry = REGISTRY[edited.system]
    return {} if edited.pk else {"name": entry.title, "poll_seconds": entry.poll_seconds}


@require_GET
@never_cache
@tenant_required(Role.EDITOR)
def start_sign_in(request: TenantRequest, key: str) -> HttpResponse:
    """On the way from our form to FreshBooks.

    The content security policy lets a form lead to ourselves only, redirects included; so the browser goes
    on from this page by itself, or by its link.
    """
    found = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    address = reverse("freshbooks_connect", args=[request.tenant.slug, found.key])
    page = render(request, "connections/start_sign_in.html", {"connection": found, "address": address})
    page["Refresh"] = f"1; url={address}"
    return page
