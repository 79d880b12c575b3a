"""Linking: which FreshBooks client is which trading partner, chosen from the list that FreshBooks holds."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from audit.models import Delivery
from audit.standing import STANDINGS
from connections.models import Connection, SystemKind
from connections.systems.base import SystemFailure
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system
from mappings.models import PartnerLink, TradingPartner
from mappings.models.partners import PartyKind
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role, Tenant


@tenant_required(Role.EDITOR)
def link_clients(request: TenantRequest, key: str) -> HttpResponse:
    """Every client of the FreshBooks connection, with a choice of partners beside each."""
    connection = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    try:
        with open_system(connection) as system:
            assert isinstance(system, FreshBooks)  # noqa: S101 - looked up by system
            clients = system.client_names()
    except SystemFailure as failure:
        messages.error(request, f"{failure} {failure.remedy}".strip())
        return redirect(connection)
    links = PartnerLink.objects.for_tenant(request.tenant).filter(
        connection=connection, party_kind=PartyKind.CLIENT
    )
    linked = dict(links.values_list("party_id", "partner_id"))
    waiting = held_parties(request.tenant, connection)
    rows = [
        {"id": party, "name": name, "partner_id": linked.get(party), "held": waiting.get(party, 0)}
        for party, name in clients.items()
    ]
    rows.sort(key=lambda row: (not row["held"], row["partner_id"] is not None, str(row["name"]).casefold()))
    partners = TradingPartner.objects.for_tenant(request.tenant).order_by("name")
    context = {"connection": connection, "rows": rows, "partners": partners}
    return render(request, "partners/links.html", context)


def held_parties(tenant: Tenant, connection: Connection) -> dict[str, int]:
    """FreshBooks client id -> how many of its documents are held for want of a link."""
    held = Delivery.objects.for_tenant(tenant).filter(
        STANDINGS["held"][1], route__source=connection, reason_code="unmapped_party"
    )
    counts: dict[str, int] = {}
    for party in held.values_list("party_id", flat=True)[:10_000]:
        counts[party] = counts.get(party, 0) + 1
    return counts


@require_POST
@tenant_required(Role.EDITOR)
def save_link(request: TenantRequest, key: str) -> HttpResponse:
    """Link one client, or unlink it with an empty choice."""
    connection = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    party_id, name = request.POST.get("party_id", "")[:40], request.POST.get("party_name", "")[:200]
    code = request.POST.get("partner", "")
    same: dict[str, Any] = {"connection": connection, "party_kind": PartyKind.CLIENT, "party_id": party_id}
    if not code:
        PartnerLink.objects.for_tenant(request.tenant).filter(**same).delete()
        messages.success(request, f"{name} is linked to nobody now.")
    else:
        partner = get_or_404(request, TradingPartner, code=code)
        PartnerLink.unscoped.update_or_create(
            tenant=request.tenant, **same, defaults={"partner": partner, "party_name": name}
        )
        messages.success(request, f"{name} is {partner}. What was held for it goes now.")
    return redirect("link_clients", request.tenant.slug, key)
