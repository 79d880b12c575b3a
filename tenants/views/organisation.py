"""The settings of an organisation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tenants.access import TenantRequest, require, tenant_required
from tenants.forms import TenantForm
from tenants.models import Role, Tenant


@tenant_required()
def settings(request: TenantRequest) -> HttpResponse:
    """Editors change them, viewers read them."""
    # The form writes into an object of its own: a rejected name must not show in the page's header.
    form = TenantForm(request.POST or None, instance=Tenant.objects.get(pk=request.tenant.pk))
    if request.method == "POST":
        require(request, Role.EDITOR)
        if form.is_valid():
            form.save()
            messages.success(request, "The settings are saved.")
            return redirect("settings", request.tenant.slug)
    return render(request, "tenants/settings.html", {"form": form})
