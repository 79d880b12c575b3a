"""Ending a pause, switching a connection off and on, deleting it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from connections.models import AccessToken, Connection, ConnectionState, SystemKind
from connections.pipeline.health import activate
from mappings.models import DeliveryPlace, GLMapping, ItemMapping, PartnerLink
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.doorbell import ring
from tenants.models import Role


@require_POST
@tenant_required(Role.EDITOR)
def resume_connection(request: TenantRequest, key: str) -> HttpResponse:
    """End its pause: what is due is tried now."""
    found = get_or_404(request, Connection, key=key)
    if found.state == ConnectionState.ACTIVE:
        _go_on(found)
        messages.success(request, f"{found} is tried again now.")
    return redirect(found)


@require_POST
@tenant_required(Role.EDITOR)
def switch_on_connection(request: TenantRequest, key: str) -> HttpResponse:
    """What was switched off goes on; FreshBooks, once it is disconnected, is signed in to instead."""
    found = get_or_404(request, Connection, key=key)
    if found.state == ConnectionState.OFF:
        if not _may_sign_in(found):
            messages.info(request, "It is disconnected. Connect FreshBooks again.")
            return redirect(found)
        _go_on(found)
        messages.success(request, f"{found} is switched on. What waited goes now.")
    return redirect(found)


def _go_on(connection: Connection) -> None:
    activate(connection)
    ring("connections.tasks.deliver", connection.pk)


def _may_sign_in(connection: Connection) -> bool:
    """It has what it signs in with: FreshBooks its tokens, the others what was entered."""
    if connection.system != SystemKind.FRESHBOOKS:
        return True
    return AccessToken.objects.filter(connection=connection).exists()


@tenant_required(Role.EDITOR)
def switch_off_connection(request: TenantRequest, key: str) -> HttpResponse:
    """Nothing more goes through it; one that was never active has nothing to switch off."""
    found = get_or_404(request, Connection, key=key)
    if found.state in (ConnectionState.OFF, ConnectionState.SETTING_UP):
        return redirect(found)
    if request.method == "POST":
        found.state, found.state_remedy = ConnectionState.OFF, ""
        found.state_text = f"Switched off by {request.user}."
        found.save(update_fields=["state", "state_text", "state_remedy"])
        messages.success(request, f"{found} is switched off.")
        return redirect(found)
    context = {
        "question": f"Switch off {found}?",
        "consequence": "Nothing is sent or fetched any more. What is due waits until it is switched on again; "
        "nothing is lost.",
        "action": "Switch off",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def delete_connection(request: TenantRequest, key: str) -> HttpResponse:
    """Only one that nothing ever went through can be deleted; others are switched off."""
    found = get_or_404(request, Connection, key=key)
    if obstacle := _obstacle(found):
        messages.error(request, obstacle)
        return redirect(found)
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
        "consequence": f"Its settings and credentials are removed for good{_with_it(request, found)}.",
        "action": "Delete the connection",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


def _obstacle(connection: Connection) -> str:
    """Why it cannot be deleted, as far as that is known before trying."""
    if connection.routes_out.exists() or connection.routes_in.exists():
        return "Routes hang on it, so it cannot be deleted. Switch it off instead."
    if connection.system == SystemKind.FRESHBOOKS and _may_sign_in(connection):
        return "Disconnect FreshBooks first, so that our access ends there too."
    return ""


def _with_it(request: TenantRequest, connection: Connection) -> str:
    """What else goes, such as ", with 2 delivery places and 14 links"."""
    counts = {
        "delivery place": DeliveryPlace.objects.for_tenant(request.tenant),
        "link": PartnerLink.objects.for_tenant(request.tenant),
        "GL mapping": GLMapping.objects.for_tenant(request.tenant),
        "item mapping": ItemMapping.objects.for_tenant(request.tenant),
    }
    said = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for word, rows in counts.items()
        if (count := rows.filter(connection=connection).count())
    ]
    return f", and with them {' and '.join(said)} of your partners" if said else ""
