"""GL mappings: under which segment a partner books an item, chosen from FreshBooks' list of items."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from connections.models import Connection, ReferenceEntry, ReferenceKind, SystemKind
from connections.views import lists
from mappings.forms import GLMappingForm
from mappings.models import GLMapping
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role


@tenant_required(Role.EDITOR)
def add_gl_mapping(request: TenantRequest, key: str) -> HttpResponse:
    connection = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    return _edit(request, GLMapping(tenant=request.tenant, connection=connection))


@tenant_required(Role.EDITOR)
def edit_gl_mapping(request: TenantRequest, pk: int) -> HttpResponse:
    return _edit(request, get_or_404(request, GLMapping, pk=pk))


def _edit(request: TenantRequest, edited: GLMapping) -> HttpResponse:
    """FreshBooks' items are offered; when it cannot be asked, the name is typed."""
    is_new = edited.pk is None
    listed = lists.items(edited.connection)
    names = sorted({name for name in listed.names.values() if name}, key=str.casefold)
    form = GLMappingForm(
        request.POST or None,
        instance=edited,
        items=names,
        accounts=_accounts(edited),
        segments=_segments(edited),
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        if doubt := form.doubt():
            messages.warning(request, doubt)
        messages.success(request, f"{edited.source_key} is booked under {edited.segment}.")
        return redirect("partners", request.tenant.slug)
    context = {
        "form": form,
        "title": "Add a GL mapping" if is_new else "Edit the GL mapping",
        "lead": "Under which segment a partner books the lines with this item or account.",
        "trouble": f"The items of FreshBooks cannot be listed now: {listed.trouble}"
        if listed.trouble
        else "",
        "back": reverse("partners", args=[request.tenant.slug]),
    }
    return render(request, "partners/form.html", context)


def _accounts(edited: GLMapping) -> list[str]:
    """The account numbers of FreshBooks as they were read last."""
    entries = ReferenceEntry.objects.for_tenant(edited.tenant).filter(
        connection=edited.connection, kind=ReferenceKind.ACCOUNT, gone_at__isnull=True
    )
    return list(entries.order_by("key").values_list("key", flat=True))


def _segments(edited: GLMapping) -> list[str]:
    """The segments of the partner systems' lists as they were read last."""
    entries = ReferenceEntry.objects.for_tenant(edited.tenant).filter(
        kind=ReferenceKind.ACCOUNT, gone_at__isnull=True
    )
    others = entries.exclude(connection__system=SystemKind.FRESHBOOKS).values_list("detail", flat=True)
    return sorted({str(detail["segment"]) for detail in others if detail.get("segment")})


@tenant_required(Role.EDITOR)
def remove_gl_mapping(request: TenantRequest, pk: int) -> HttpResponse:
    mapping = get_or_404(request, GLMapping, pk=pk)
    back = reverse("partners", args=[request.tenant.slug])
    if request.method == "POST":
        mapping.delete()
        messages.success(request, f"The GL mapping of {mapping.source_key} is removed.")
        return redirect(back)
    context = {
        "question": f"Remove the GL mapping of {mapping.source_key}?",
        "consequence": "Lines with this item go without a GL segment. A partner that wants one on every line "
        "has its documents held.",
        "action": "Remove",
        "back": back,
    }
    return render(request, "confirm.html", context)
