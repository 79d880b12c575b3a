"""A document as a route would send it now, or why it would be held; nothing is stored or sent."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from audit.admin.content import SHOWN_LINES, cut, visible
from connections.models import Route, SystemKind
from connections.pipeline.preview import Look, look
from connections.systems.base import SystemFailure
from mappings.reading.views import interchange_view
from tenants.access import TenantRequest, tenant_required
from tenants.models import Role


@require_GET
@tenant_required(Role.EDITOR)
def preview(request: TenantRequest, key: str) -> HttpResponse:
    """The latest document, or the one that was asked for by its number or chosen from the list."""
    rows = Route.objects.for_tenant(request.tenant).select_related(
        "tenant", "source__tenant", "target__tenant"
    )
    route = get_object_or_404(rows, key=key, source__system=SystemKind.FRESHBOOKS)
    number, source_id = (request.GET.get(name, "").strip()[:60] for name in ("number", "document"))
    context = {"route": route, "number": number, "look": None}
    try:
        found = look(route, number=number, source_id=source_id if source_id.isalnum() else "")
    except SystemFailure as failure:
        context |= {"trouble": str(failure), "remedy": failure.remedy}
    else:
        context |= {"look": found, **_shown(found)}
    return render(request, "routes/preview.html", context)


def _shown(found: Look) -> dict[str, object]:
    """The interchange as readable lines, and in words."""
    if found.preview is None or not found.preview.interchange:
        return {}
    what, pieces = cut(found.preview.interchange)
    return {
        "what": what,
        "size": len(found.preview.interchange),
        "lines": [visible(piece) for piece in pieces[:SHOWN_LINES]],
        "is_cut": len(pieces) > SHOWN_LINES,
        "in_words": SafeString(interchange_view(found.preview.interchange, is_whole=True)),
    }
