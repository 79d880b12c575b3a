"""Comparing lists: FreshBooks' companies and accounts beside another system's, and linking by one click."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections import linking
from connections.models import (
    Connection,
    Poll,
    PollKind,
    ReferenceEntry,
    ReferenceKind,
    ReferenceLink,
    SystemKind,
)
from mappings.comparing import Finding
from mappings.models import TradingPartner
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.doorbell import ring
from tenants.models import Role

ROWS = 50
OFFERED = 500

TITLES = {
    Finding.GONE: ("Gone", "Linked, but one of the two is not listed any more."),
    Finding.CHANGED: ("Changed", "Linked, and one of the two reads otherwise now."),
    Finding.UNMAPPED: ("Linked, but not mapped", "Documents do not go by these links yet."),
    Finding.SUGGESTED: ("Probably the same", "They have the same name or number. Link them if they are."),
    Finding.ONLY_HERE: ("Only in FreshBooks", "New there, or of no concern here: then set it aside."),
    Finding.ONLY_THERE: ("Only in {}", "New there, or of no concern here: then set it aside."),
    Finding.LINKED: ("In step", "Linked, and both read as they did then."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the page. `partner`: whom a company that is not mapped yet would be mapped to."""

    books: ReferenceEntry | None
    other: ReferenceEntry | None
    link: int | None
    changes: tuple[str, ...]
    partner: TradingPartner | None = None
    add_url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """All rows with one finding, as far as they are shown."""

    finding: str
    title: str
    text: str
    lines: list[Line]
    left_out: int


@tenant_required()
def reference(request: TenantRequest, key: str) -> HttpResponse:
    """What is new, changed or gone on either side, most urgent first."""
    connection = _other(request, key)
    entries = {one.pk: one for one in ReferenceEntry.objects.for_tenant(request.tenant)}
    wanted = request.GET.get("q", "").strip()
    aside = [
        one
        for one in entries.values()
        if one.is_set_aside
        and (one.connection_id == connection.pk or one.kind in (*linking.PARTIES, ReferenceKind.ACCOUNT))
    ]
    others = [one for one in entries.values() if one.connection_id == connection.pk and not one.gone_at]
    context = {
        "connection": connection,
        "sections": list(_sections(connection, entries, wanted)),
        "q": wanted,
        "aside": sorted(aside, key=str)[:OFFERED],
        "parties": _offered(others, ReferenceKind.PARTNER, *linking.PARTIES),
        "accounts": _offered(others, ReferenceKind.ACCOUNT),
        "polls": _polls(request, connection),
        "anything": bool(entries),
    }
    return render(request, "connections/reference.html", context)


def _other(request: TenantRequest, key: str) -> Connection:
    """The connection to a partner system, whose lists are compared with FreshBooks'."""
    found = get_or_404(request, Connection, key=key)
    if found.system == SystemKind.FRESHBOOKS:
        raise Http404
    return found


def _sections(connection: Connection, entries: dict[int, ReferenceEntry], wanted: str) -> Iterator[Section]:
    found: dict[str, list[Line]] = {finding: [] for finding in Finding}
    for row in linking.comparison(connection):
        books = entries[row.books.id] if row.books else None
        other = entries[row.other.id] if row.other else None
        if any(wanted.casefold() in f"{one} {one.key}".casefold() for one in (books, other) if one):
            line = Line(books, other, row.link.id if row.link else None, row.changes)
            found[row.finding].append(line)
    partners = linking.TradingPartners(connection)
    for finding, lines in found.items():
        title, text = TITLES[Finding(finding)]
        if lines:
            shown = lines[:ROWS]
            if finding in (Finding.UNMAPPED, Finding.ONLY_THERE):
                shown = [_with_partner(line, partners, connection) for line in shown]
            yield Section(finding, title.format(connection), text, shown, len(lines[ROWS:]))


def _with_partner(line: Line, partners: linking.TradingPartners, connection: Connection) -> Line:
    """With whom to map a company to, or where to add it as a trading partner."""
    if line.other is None or line.other.kind == ReferenceKind.ACCOUNT:
        return line
    partner = partners.of(line.other)
    query = urlencode({"name": line.other.name})
    add_url = "" if partner else f"{reverse('add_partner', args=[connection.tenant.slug])}?{query}"
    return replace(line, partner=partner, add_url=add_url)


def _offered(entries: list[ReferenceEntry], *kinds: str) -> list[ReferenceEntry]:
    return sorted((one for one in entries if one.kind in kinds), key=lambda one: str(one).casefold())[
        :OFFERED
    ]


def _polls(request: TenantRequest, connection: Connection) -> list[Poll]:
    """The looks at this list and at FreshBooks'."""
    concerned = Connection.objects.for_tenant(request.tenant).filter(system=SystemKind.FRESHBOOKS)
    polls = Poll.objects.filter(kind=PollKind.REFERENCE).select_related("connection__tenant")
    return list(polls.filter(connection__in=[connection.pk, *concerned.values_list("pk", flat=True)]))


@require_POST
@tenant_required(Role.EDITOR)
def read_again(request: TenantRequest, key: str) -> HttpResponse:
    """Have both sides read by a worker now."""
    connection = _other(request, key)
    for poll in _polls(request, connection):
        Poll.objects.filter(pk=poll.pk).update(next_at=timezone.now())
        ring("connections.tasks.poll", poll.pk)
    messages.success(request, "Both lists are being read. Load this page again in a moment.")
    return redirect("reference", request.tenant.slug, connection.key)


@require_POST
@tenant_required(Role.EDITOR)
def link_entries(request: TenantRequest, key: str) -> HttpResponse:
    """Link the two that were chosen, or take over what has changed since."""
    connection = _other(request, key)
    books = get_or_404(
        request, ReferenceEntry, pk=_id(request, "books"), connection__system=SystemKind.FRESHBOOKS
    )
    other = get_or_404(request, ReferenceEntry, pk=_id(request, "other"), connection=connection)
    try:
        partner = linking.link(books, other, by=str(request.user))
    except linking.CannotLink as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{books} is {other}. {_what_follows(books, other, partner)}".strip())
    return _back(request, connection)


def _what_follows(books: ReferenceEntry, other: ReferenceEntry, partner: TradingPartner | None) -> str:
    if books.kind == ReferenceKind.ACCOUNT:
        segment = other.detail.get("segment")
        return f"Lines booked to it carry the GL segment {segment}." if segment else ""
    if partner:
        return f"Its documents go to {partner}."
    return f"No trading partner stands for {other} yet: add it, then link again."


@require_POST
@tenant_required(Role.EDITOR)
def unlink_entries(request: TenantRequest, key: str) -> HttpResponse:
    connection = _other(request, key)
    link = get_or_404(request, ReferenceLink, pk=_id(request, "link"), connection=connection)
    linking.unlink(link)
    messages.success(request, f"{link.books} and {link.other} are not linked any more. Mappings stay.")
    return _back(request, connection)


@require_POST
@tenant_required(Role.EDITOR)
def set_aside(request: TenantRequest, key: str) -> HttpResponse:
    """Say that an entry needs no counterpart; with `back`, that it does."""
    connection = _other(request, key)
    entry = get_or_404(request, ReferenceEntry, pk=_id(request, "entry"))
    entry.is_set_aside = not request.POST.get("back")
    entry.save(update_fields=["is_set_aside"])
    messages.success(request, f"{entry} is {'set aside' if entry.is_set_aside else 'compared again'}.")
    return _back(request, connection)


def _id(request: TenantRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Http404
    return int(given)


def _back(request: TenantRequest, connection: Connection) -> Any:
    linking.tell_changes(connection)
    url = reverse("reference", args=[request.tenant.slug, connection.key])
    wanted = request.POST.get("q", "")[:80]
    return redirect(f"{url}?{urlencode({'q': wanted})}" if wanted else url)
