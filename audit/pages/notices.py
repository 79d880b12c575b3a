"""The notices of a home page: done with one."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from audit.models import Notice
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role


@require_POST
@tenant_required(Role.EDITOR)
def close_notice(request: TenantRequest, pk: int) -> HttpResponse:
    """Somebody has taken care of it. Should the matter come up again, there will be a new notice."""
    notice = get_or_404(request, Notice, pk=pk)
    still_open = Notice.objects.for_tenant(request.tenant).filter(pk=notice.pk, closed_at__isnull=True)
    still_open.update(closed_at=timezone.now())
    return redirect("home", request.tenant.slug)
