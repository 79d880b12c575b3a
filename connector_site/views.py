"""The first page of all, and the home page of an organisation."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tenants.access import AuthenticatedRequest, TenantRequest, tenant_required
from tenants.models import Membership


@login_required
def start(request: AuthenticatedRequest) -> HttpResponse:
    """Leads to the user's organisation; those with several choose, those with none are told what to do."""
    memberships = (
        Membership.unscoped.filter(user=request.user).select_related("tenant").order_by("tenant__name")
    )
    if len(memberships) == 1:
        return redirect("home", memberships[0].tenant.slug)
    if not memberships and request.user.is_staff:
        return redirect("admin:index")
    return render(request, "start.html", {"memberships": memberships})


@tenant_required()
def home(request: TenantRequest) -> HttpResponse:
    return render(request, "home.html")
