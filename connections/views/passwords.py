"""Entering a password again where it is missed: on the page of the connection."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections.models import Connection
from connections.systems.registry import REGISTRY
from connections.views.testing import run_test
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role

LONGEST = 1000


def has_password(connection: Connection) -> bool:
    """Whether its system is signed in to with a password that people type."""
    form = REGISTRY[connection.system].form_class()
    return form is not None and "password" in form.base_fields


@require_POST
@tenant_required(Role.EDITOR)
def enter_password(request: TenantRequest, key: str) -> HttpResponse:
    """Keep the new password and test the connection; passing the test makes it active again."""
    found = get_or_404(request, Connection, key=key)
    if not has_password(found):
        raise Http404
    password = request.POST.get("password", "")
    if not password or len(password) > LONGEST:
        messages.error(request, "Enter the password.")
        return redirect(found)
    settings: dict[str, Any] = dict(found.settings)
    if password != found.credentials.get("password") and "password_set_on" in settings:
        settings["password_set_on"] = ""  # it was chosen today, as far as anybody knows
    found.credentials = {**found.credentials, "password": password}
    found.credentials_set_at, found.settings = timezone.now(), settings
    found.save(update_fields=["credentials", "credentials_set_at", "settings", "updated_at"])
    messages.success(request, "The password is saved; the connection is being tested.")
    return run_test(found)
