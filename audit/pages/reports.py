"""What partners reported of bills and payments, row by row; those that are linked to nothing can be looked at alone."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from audit.models import StatusReport
from audit.pages.paging import page_of
from tenants.access import TenantRequest, tenant_required

UNLINKED = "unlinked"


@tenant_required()
def reports(request: TenantRequest) -> HttpResponse:
    """The newest first."""
    rows: Any = StatusReport.objects.for_tenant(request.tenant)
    rows = rows.select_related("tenant", "connection", "arrival__tenant", "delivery__tenant")
    rows = rows.defer("connection__credentials")
    standing = request.GET.get("standing", "")
    if standing == UNLINKED:
        rows = rows.filter(delivery__isnull=True)
    context = {"page": page_of([rows], request.GET), "standing": standing}
    return render(request, "documents/reports.html", context)
