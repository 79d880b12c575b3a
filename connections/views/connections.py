"""A tenant's connections: what there is, how it goes, add, set up, test, pause, switch off."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from connections.forms import ConnectionForm
from connections.models import Connection, ConnectionState, SystemKind
from connections.pipeline.check import start_report
from connections.pipeline.health import activate
from connections.systems.registry import REGISTRY
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.doorbell import ring
from tenants.models import Role


@tenant_required()
def connections(request: TenantRequest) -> HttpResponse:
    rows = Connection.objects.for_tenant(request.tenant).order_by("name")
    return render(request, "connections/list.html", {"connections": rows, "systems": REGISTRY.values()})


@tenant_required()
def connection(request: TenantRequest, key: str) -> HttpResponse:
    """How it goes, and the steps of its last test."""
    found = get_or_404(request, Connection, key=key)
    context = {
        "connection": found,
        "entry": REGISTRY[found.system],
        "steps": found.test_report.get("steps", []),
        "is_testing": found.test_report.get("running", False),
        "host_keys": _host_keys_to_confirm(found),
        "polls": found.polls.all(),
        "routes": [*found.routes_out.all(), *found.routes_in.all()],
    }
    return render(request, "connections/detail.html", context)


@tenant_required(Role.EDITOR)
def add_connection(request: TenantRequest, system: str) -> HttpResponse:
    """Name it and give its settings; FreshBooks is signed in to on its own page."""
    if system not in REGISTRY:
        raise Http404
    new = Connection(tenant=request.tenant, system=system)
    return _edit(request, new)


@tenant_required(Role.EDITOR)
def edit_connection(request: TenantRequest, key: str) -> HttpResponse:
    return _edit(request, get_or_404(request, Connection, key=key))


def _edit(request: TenantRequest, edited: Connection) -> HttpResponse:
    """The connection's own fields and its system's settings, as one form on the page."""
    entry = REGISTRY[edited.system]
    own = ConnectionForm(request.POST or None, instance=edited, initial=_suggested(edited))
    settings_class = entry.form_class()
    settings = settings_class(edited, request.POST or None, request.FILES or None) if settings_class else None
    forms = [own, *([settings] if settings else [])]
    if request.method == "POST" and _all_valid(forms):
        if settings:
            settings.apply(edited)
        if not edited.key:
            edited.key = _free_key(edited)
        edited.save()
        messages.success(request, f"{edited} is saved.")
        if settings:
            return _test(edited)
        return redirect(edited)
    context = {"connection": edited, "entry": entry, "forms": forms}
    return render(request, "connections/edit.html", context)


def _all_valid(forms: list[BaseForm]) -> bool:
    """Every form is asked, so that the page shows all errors at once."""
    return all([form.is_valid() for form in forms])  # noqa: C419


def _suggested(edited: Connection) -> dict[str, str]:
    return {} if edited.pk else {"name": REGISTRY[edited.system].title}


def _free_key(edited: Connection) -> str:
    """The name as a key, numbered if another connection has it."""
    wanted = slugify(edited.name)[:36] or edited.system
    taken = set(Connection.objects.for_tenant(edited.tenant).values_list("key", flat=True))
    candidates = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(key for key in candidates if key not in taken)


@require_POST
@tenant_required(Role.EDITOR)
def test_connection(request: TenantRequest, key: str) -> HttpResponse:
    return _test(get_or_404(request, Connection, key=key))


def _test(tested: Connection) -> HttpResponse:
    start_report(tested)
    ring("connections.tasks.check_connection", tested.pk)
    return redirect(tested)


def _host_keys_to_confirm(shown: Connection) -> list[dict[str, str]]:
    """The host keys that the last test saw and nobody has confirmed: [{"line", "fingerprint"}]."""
    steps = shown.test_report.get("steps", [])
    return next((step["detail"]["host_keys"] for step in steps if "host_keys" in step["detail"]), [])


@tenant_required(Role.EDITOR)
def confirm_host_key(request: TenantRequest, key: str) -> HttpResponse:
    """A person compared the fingerprints: from now on the server must show one of these keys."""
    found = get_or_404(request, Connection, key=key, system=SystemKind.SFTP)
    keys = _host_keys_to_confirm(found)
    if not keys:
        messages.info(request, "There is no host key to confirm. Run the test again.")
        return redirect(found)
    if request.method == "POST":
        found.settings["host_keys"] = [one["line"] for one in keys]
        found.save(update_fields=["settings"])
        return _test(found)
    return render(request, "connections/confirm_host_key.html", {"connection": found, "host_keys": keys})


@require_POST
@tenant_required(Role.EDITOR)
def resume_connection(request: TenantRequest, key: str) -> HttpResponse:
    """End a pause now, or switch on again what was switched off."""
    found = get_or_404(request, Connection, key=key)
    if found.state == ConnectionState.SETTING_UP:
        raise Http404
    activate(found)
    ring("connections.tasks.deliver", found.pk)
    messages.success(request, f"{found} goes on.")
    return redirect(found)


@tenant_required(Role.EDITOR)
def switch_off_connection(request: TenantRequest, key: str) -> HttpResponse:
    found = get_or_404(request, Connection, key=key)
    if request.method == "POST":
        found.state = ConnectionState.OFF
        found.save(update_fields=["state"])
        messages.success(request, f"{found} is switched off.")
        return redirect(found)
    context = {
        "question": f"Switch off {found}?",
        "consequence": "Nothing is sent or fetched any more. What is due waits until it is switched on again.",
        "action": "Switch off",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def delete_connection(request: TenantRequest, key: str) -> HttpResponse:
    """Only one that nothing ever went through can be deleted; others are switched off."""
    found = get_or_404(request, Connection, key=key)
    if request.method == "POST":
        try:
            found.delete_if_unused()
        except ValidationError as refusal:
            messages.error(request, refusal.message)
            return redirect(found)
        messages.success(request, f"{found} is deleted.")
        return redirect("connections", request.tenant.slug)
    context = {
        "question": f"Delete {found}?",
        "consequence": "Its settings and credentials are removed for good.",
        "action": "Delete the connection",
        "back": reverse("connection", args=[request.tenant.slug, found.key]),
    }
    return render(request, "confirm.html", context)
