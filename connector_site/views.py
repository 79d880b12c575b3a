"""The first page of all, and the home page of an organisation."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.services import sentence
from connector_site import home as page
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
    """Calm while all is well; otherwise what waits for a person comes first."""
    tenant = request.tenant
    context = {
        "nothing_moves": page.nothing_moves(tenant),
        "troubles": page.troubles(tenant),
        "notices": page.open_notices(tenant),
        "connections": page.connections_in_trouble(tenant),
        "documents": [(row, sentence(row)) for row in page.last_documents(tenant)],
        "set_up": page.set_up(tenant),
    }
    return render(request, "home.html", context)
