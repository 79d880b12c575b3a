"""Linking reference data: what one click of a person does, and what it means for the mappings.

A link says that a FreshBooks entry and another system's are the same. For companies it becomes a partner
link, for accounts a GL mapping: documents go by those, whatever the lists say later.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.services import close_notice, notify
from connections.models import Connection, ReferenceEntry, ReferenceKind, ReferenceLink, SystemKind
from connections.systems.base import Reference
from mappings.comparing import Finding, Row, compare, plain
from mappings.models import DeliveryPlace, GLMapping, PartnerLink, TradingPartner
from mappings.models.gl import GLSource

PARTIES = (ReferenceKind.CLIENT, ReferenceKind.VENDOR)


class CannotLink(Exception):
    """The two are not the same sort of thing, or one of them is gone."""


def comparison(connection: Connection) -> list[Row]:
    """FreshBooks' entries compared with those of `connection`, another system; ids are those of the rows."""
    tenant_entries = ReferenceEntry.objects.for_tenant(connection.tenant_id)
    others = list(tenant_entries.filter(connection=connection))
    sides = {entry.compared().side for entry in others}
    books = [
        entry
        for entry in tenant_entries.filter(connection__system=SystemKind.FRESHBOOKS)
        if entry.compared().side in sides
    ]
    links = links_of(connection)
    mapped = _Mapped(connection)
    return compare(
        [entry.compared() for entry in books],
        [entry.compared() for entry in others],
        [link.compared(is_mapped=mapped.holds(link)) for link in links],
    )


def tell_changes(connection: Connection) -> None:
    """Tell people once that linked entries have changed or gone, until somebody has looked after them."""
    key = f"reference-{connection.pk}"
    count = sum(row.finding in (Finding.GONE, Finding.CHANGED) for row in comparison(connection))
    if not count:
        close_notice(tenant_id=connection.tenant_id, key=key)
        return
    notify(
        tenant=connection.tenant,
        key=key,
        title=f"Companies or accounts of FreshBooks and {connection} are not in step",
        text="What was linked reads otherwise now, or is gone, on one of the two sides. Documents go as they were "
        "mapped until you have looked.",
        url=reverse("reference", args=[connection.tenant.slug, connection.key]),
    )


def links_of(connection: Connection) -> list[ReferenceLink]:
    links = ReferenceLink.objects.for_tenant(connection.tenant_id).filter(connection=connection)
    return list(links.select_related("books", "other"))


@transaction.atomic
def link(books: ReferenceEntry, other: ReferenceEntry, *, by: str = "") -> TradingPartner | None:
    """Say that the two are the same, as they read now, and bring the mappings in line.

    Also takes over what has changed on either side since. Returns the trading partner that the company is
    mapped to; None for accounts, and for a company that no trading partner stands for yet. Raises `CannotLink`.
    """
    if books.compared().side != other.compared().side or books.gone_at or other.gone_at:
        raise CannotLink(f"{books} and {other} cannot be linked.")
    ReferenceLink.unscoped.update_or_create(
        tenant_id=books.tenant_id,
        books=books,
        connection_id=other.connection_id,
        defaults={
            "other": other,
            "books_seen": books.seen(),
            "other_seen": other.seen(),
            "linked_at": timezone.now(),
            "linked_by": by[:150],
        },
    )
    if books.kind == ReferenceKind.ACCOUNT:
        _map_account(books, other)
        return None
    return _map_party(books, other)


@transaction.atomic
def unlink(found: ReferenceLink) -> None:
    """Forget that the two are the same, and entries that only hung on it. Mappings stay as they are."""
    pair = (found.books, found.other)
    found.delete()
    for entry in pair:
        if entry.gone_at and not entry.links_in.exists() and not entry.links_out.exists():
            entry.delete()


def accounts_to_add(connection: Connection) -> list[Reference]:
    """Accounts with a GL mapping for every partner that the connection's own list has never had."""
    tenant_id = connection.tenant_id
    entries = ReferenceEntry.objects.for_tenant(tenant_id).filter(kind=ReferenceKind.ACCOUNT)
    listed = set(entries.filter(connection=connection).values_list("key", flat=True))
    names = dict(
        entries.filter(connection__system=SystemKind.FRESHBOOKS, gone_at__isnull=True).values_list(
            "key", "name"
        )
    )
    mappings = GLMapping.objects.for_tenant(tenant_id).filter(
        source_kind=GLSource.ACCOUNT, partner__isnull=True, source_key__in=list(names)
    )
    return [
        Reference(key=row.source_key, name=names[row.source_key], detail={"segment": row.segment})
        for row in mappings.order_by("source_key")
        if row.source_key not in listed
    ]


def link_by_itself(connection: Connection, keys: Sequence[str]) -> None:
    """Link the accounts that we have added to the connection's list ourselves."""
    entries = ReferenceEntry.objects.for_tenant(connection.tenant_id).filter(
        kind=ReferenceKind.ACCOUNT, key__in=list(keys), gone_at__isnull=True
    )
    books = {one.key: one for one in entries.filter(connection__system=SystemKind.FRESHBOOKS)}
    for other in entries.filter(connection=connection):
        if other.key in books:
            link(books[other.key], other, by="ml-connector")


def _map_party(books: ReferenceEntry, other: ReferenceEntry) -> TradingPartner | None:
    """A party that is linked to a trading partner already stays with it: that says where documents go."""
    same = {"connection_id": books.connection_id, "party_kind": books.kind, "party_id": books.key}
    known = PartnerLink.objects.for_tenant(books.tenant_id).filter(**same).select_related("partner").first()
    if known:
        return known.partner
    partner = TradingPartners(other.connection).of(other)
    if partner:
        PartnerLink.unscoped.create(tenant_id=books.tenant_id, **same, partner=partner, party_name=books.name)
    return partner


def _map_account(books: ReferenceEntry, other: ReferenceEntry) -> None:
    if segment := other.detail.get("segment"):
        for key in _account_keys(books):
            GLMapping.unscoped.update_or_create(
                tenant_id=books.tenant_id,
                connection_id=books.connection_id,
                partner=None,
                source_kind=GLSource.ACCOUNT,
                source_key=key,
                defaults={"segment": segment[:30]},
            )


def _account_keys(books: ReferenceEntry) -> list[str]:
    """How documents name the account: by its number, and bills by the expense category that is booked to it."""
    return [key for key in (books.key, books.detail.get("expense category")) if key]


class TradingPartners:
    """Which trading partner a company of another system stands for; reads the tenant's once."""

    def __init__(self, connection: Connection) -> None:
        partners = list(TradingPartner.objects.for_tenant(connection.tenant_id))
        self._by_id = {partner.pk: partner for partner in partners}
        self._by_place: dict[str, set[int]] = defaultdict(set)
        self._by_name: dict[str, set[int]] = defaultdict(set)
        places = DeliveryPlace.objects.for_tenant(connection.tenant_id).filter(connection=connection)
        for partner_id, outbound in places.values_list("partner", "outbound"):
            self._by_place[outbound].add(partner_id)
        for partner in partners:
            for name in {plain(partner.name), plain(partner.code)}:
                self._by_name[name].add(partner.pk)

    def of(self, other: ReferenceEntry) -> TradingPartner | None:
        """The one whose delivery place is the company's mailbox, else the one of its name, if there is one."""
        for found in (
            self._by_place.get(other.detail.get("mailbox", ""), set()),
            self._by_name.get(plain(other.name or other.key), set()),
        ):
            if len(found) == 1:
                return self._by_id[next(iter(found))]
        return None


class _Mapped:
    """Whether the mappings agree with links; reads them once."""

    def __init__(self, connection: Connection) -> None:
        tenant_id = connection.tenant_id
        self.parties = {
            (one.connection_id, one.party_kind, one.party_id)
            for one in PartnerLink.objects.for_tenant(tenant_id)
        }
        rows = GLMapping.objects.for_tenant(tenant_id).filter(
            source_kind=GLSource.ACCOUNT, partner__isnull=True
        )
        self.segments = {(one.connection_id, one.source_key): one.segment for one in rows}

    def holds(self, found: ReferenceLink) -> bool:
        books = found.books
        if books.kind != ReferenceKind.ACCOUNT:
            return (books.connection_id, books.kind, books.key) in self.parties
        wanted = found.other.detail.get("segment", "")[:30]
        return not wanted or all(
            self.segments.get((books.connection_id, key)) == wanted for key in _account_keys(books)
        )
