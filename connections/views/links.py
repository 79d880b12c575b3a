"""Linking: which FreshBooks client or vendor is which trading partner, chosen from the lists of FreshBooks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.models import Delivery
from audit.standing import STANDINGS
from connections.models import Connection, SystemKind
from connections.views import lists
from mappings.models import PartnerLink, TradingPartner
from mappings.models.partners import PartyKind
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role, Tenant

ROWS = 50
HELD_COUNTED = 10_000
WORDS = {PartyKind.CLIENT: "client", PartyKind.VENDOR: "vendor"}
PARTY_ID = re.compile(r"[A-Za-z0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Party:
    """A client or vendor as a row of the page; `held`: so many of its documents wait for a link."""

    id: str
    name: str
    partner: TradingPartner | None
    held: int


@tenant_required(Role.EDITOR)
def link_clients(request: TenantRequest, key: str) -> HttpResponse:
    """Every client of the FreshBooks connection with a choice of partners; whose documents are held, first.

    While FreshBooks does not answer, the clients that are known here can be linked all the same.
    """
    return _link(request, key, PartyKind.CLIENT)


@tenant_required(Role.EDITOR)
def link_vendors(request: TenantRequest, key: str) -> HttpResponse:
    """The same for the bill vendors: whose bills a partner's orders and invoices become."""
    return _link(request, key, PartyKind.VENDOR)


def _link(request: TenantRequest, key: str, kind: PartyKind) -> HttpResponse:
    connection = get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)
    partners = list(TradingPartner.objects.for_tenant(request.tenant).order_by("name"))
    if request.method == "POST":
        return _save(request, connection, kind, {partner.code: partner for partner in partners})
    listed = lists.clients(connection) if kind == PartyKind.CLIENT else lists.vendors(connection)
    wanted = request.GET.get("q", "").strip()
    rows = [
        row
        for row in _parties(request.tenant, connection, kind, listed.names)
        if wanted.casefold() in row.name.casefold() or wanted == row.id
    ]
    context = {
        "connection": connection,
        "rows": rows[:ROWS],
        "left_out": len(rows[ROWS:]),
        "partners": partners,
        "trouble": listed.trouble,
        "q": wanted,
        "word": WORDS[kind],
        "heading": f"Link {WORDS[kind]}s",
    }
    return render(request, "partners/links.html", context)


def _parties(tenant: Tenant, connection: Connection, kind: PartyKind, names: dict[str, str]) -> list[Party]:
    """Those of FreshBooks' list, and those of our own links and held documents, most urgent first."""
    links = _links(tenant, connection, kind)
    waiting = held_parties(tenant, connection, kind)
    known = {party: link.party_name for party, link in links.items()}
    known |= {party: name for party, (_, name) in waiting.items()} | names
    rows = [
        Party(
            id=party,
            name=name or f"{WORDS[kind].capitalize()} {party}",
            partner=links[party].partner if party in links else None,
            held=waiting[party][0] if party in waiting else 0,
        )
        for party, name in known.items()
    ]
    return sorted(rows, key=lambda row: (-row.held, row.partner is not None, row.name.casefold()))


def _links(tenant: Tenant, connection: Connection, kind: PartyKind) -> dict[str, PartnerLink]:
    links = PartnerLink.objects.for_tenant(tenant).filter(connection=connection, party_kind=kind)
    return {link.party_id: link for link in links.select_related("partner")}


def held_parties(tenant: Tenant, connection: Connection, kind: PartyKind) -> dict[str, tuple[int, str]]:
    """FreshBooks id -> how many of its documents are held for want of a link, and its name."""
    held = Delivery.objects.for_tenant(tenant).filter(
        STANDINGS["held"][1], route__source=connection, party_kind=kind, reason_code="unmapped_party"
    )
    counts: dict[str, tuple[int, str]] = {}
    for party, name in held.values_list("party_id", "party_name")[:HELD_COUNTED]:
        counts[party] = (counts.get(party, (0, ""))[0] + 1, name)
    return counts


def _save(
    request: TenantRequest, connection: Connection, kind: PartyKind, partners: dict[str, TradingPartner]
) -> HttpResponse:
    """Write the choices that differ from what is stored."""
    links = _links(request.tenant, connection, kind)
    linked = unlinked = 0
    for party, code in _choices(request):
        link = links.get(party)
        if not code and link:
            link.delete()
            unlinked += 1
        elif code in partners and (link is None or link.partner_id != partners[code].pk):
            same: dict[str, Any] = {
                "connection": connection,
                "party_kind": kind,
                "party_id": party,
            }
            name = request.POST.get(f"name-{party}", "")[:200]
            PartnerLink.unscoped.update_or_create(
                tenant=request.tenant, **same, defaults={"partner": partners[code], "party_name": name}
            )
            linked += 1
    if linked:
        said = f"{linked} {WORDS[kind]}{' is' if linked == 1 else 's are'} linked."
        messages.success(request, f"{said} What was held for want of it goes now.")
    if unlinked:
        messages.success(request, f"{unlinked} link{' is' if unlinked == 1 else 's are'} removed.")
    if not (linked or unlinked):
        messages.info(request, "Nothing was changed.")
    return redirect(f"link_{WORDS[kind]}s", request.tenant.slug, connection.key)


def _choices(request: TenantRequest) -> Iterator[tuple[str, str]]:
    """(FreshBooks client id, partner code or nothing) of each row that this person has changed.

    The others stay as they are now: somebody else may have linked them meanwhile.
    """
    for name, code in request.POST.items():
        kind, _, party = name.partition("-")
        if kind == "partner" and PARTY_ID.fullmatch(party) and code != request.POST.get(f"was-{party}", ""):
            yield party, str(code)
