"""Byron Supply: its FreshBooks, its Cleo tenant, customers and suppliers with a folder each, and all routes."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from audit.models import Arrival, Delivery
from connections.management.commands.run_pending import run_pending
from connections.models import Connection, DocumentKind, Hint, Poll, Route
from connections.sandbox import cleo as sandbox
from connections.sandbox.freshbooks import FreshBooks as Books
from mappings.models import BookingMapping, TradingPartner
from mappings.models.booking import BookingKind
from mappings.models.partners import PartyKind
from tenants.models import Tenant
from tests.cleo.conftest import connection_to
from tests.factories import (
    DeliveryPlaceFactory,
    PartnerFactory,
    PartnerLinkFactory,
    RouteFactory,
    TenantFactory,
)
from tests.freshbooks.conftest import connect, sign_in

OFFICE = "65771"
SENT_KINDS = (DocumentKind.INVOICE, DocumentKind.BILL, DocumentKind.PAYMENT, DocumentKind.BILL_PAYMENT)


class World:
    """What the tests drive, and what they ask about. `parties` maps a partner's code to its FreshBooks id."""

    def __init__(self, books: Books, running: sandbox.Running, **settings: Any) -> None:
        self.books, self.running = books, running
        self.tenant: Tenant = TenantFactory.create(name="Byron Supply", time_zone="America/New_York")
        self.freshbooks = connect(self.tenant, books)
        sign_in(self.freshbooks, books)
        self.cleo: Connection = connection_to(running, self.tenant, archive_mode="move", **settings)
        self.parties: dict[str, int] = {}
        self.partners: dict[str, TradingPartner] = {}
        BookingMapping.unscoped.create(
            tenant=self.tenant,
            connection=self.freshbooks,
            kind=BookingKind.CATEGORY,
            source_key="",
            target_id=OFFICE,
        )

    def add_partner(self, code: str, party_kind: str, **options: Any) -> TradingPartner:
        """A company in FreshBooks that is a partner with folders of its own below its code."""
        books = self.books.bookkeeper
        if party_kind == PartyKind.CLIENT:
            self.parties[code] = int(books.add_client(code.title(), notify=False)["id"])
        else:
            self.parties[code] = int(books.add_vendor(code.title(), notify=False)["vendorid"])
        partner: TradingPartner = PartnerFactory.create(
            tenant=self.tenant,
            code=code,
            name=code.title(),
            books_currency="USD",
            bill_due_days=30,
            **options,
        )
        DeliveryPlaceFactory.create(
            partner=partner, connection=self.cleo, outbound=f"{code}/upload", inbound=f"{code}/download"
        )
        PartnerLinkFactory.create(
            partner=partner,
            connection=self.freshbooks,
            party_kind=party_kind,
            party_id=str(self.parties[code]),
        )
        self.partners[code] = partner
        return partner

    def way(self, kind: str, **options: Any) -> Route:
        return RouteFactory.create(
            tenant=self.tenant,
            source=self.freshbooks,
            target=self.cleo,
            kind=kind,
            starts_at=timezone.now() - timedelta(minutes=1),
            **options,
        )

    def way_in(self, kind: str, **options: Any) -> Route:
        return RouteFactory.create(
            tenant=self.tenant, source=self.cleo, target=self.freshbooks, kind=kind, **options
        )

    def book(self, code: str, **options: Any) -> dict[str, Any]:
        return self.books.bookkeeper.book_invoice(self.parties[code], notify=False, **options)

    def bill(self, code: str, **options: Any) -> dict[str, Any]:
        return self.books.bookkeeper.add_bill(self.parties[code], notify=False, **options)

    def run(self) -> Counter[str]:
        """Do all that is due, every poll included."""
        Poll.objects.update(next_at=timezone.now())
        return run_pending()

    def later(self) -> Counter[str]:
        """As `run`, at a time when every retry, pause and hint is due."""
        past = timezone.now() - timedelta(minutes=1)
        Delivery.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Arrival.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Connection.unscoped.update(paused_until=None)
        Hint.objects.update(due_at=past)
        return self.run()

    def exchange(self) -> None:
        """Send, let Cleo and the partners work, and take their answers in."""
        self.run()
        self.running.cleo.tick()
        self.run()

    def deliveries(self, **narrowed: Any) -> list[Delivery]:
        return list(Delivery.unscoped.filter(target=self.cleo, **narrowed).order_by("pk"))

    def received(self, code: str) -> list[str]:
        """The numbers of what the partner has got, by its own account."""
        return [document["number"] for document in self.running.cleo.sites[code].company.documents]

    def written_to_freshbooks(self) -> list[str]:
        """The calls that change something there; signing in and webhooks do not."""
        return [
            f"{call['method']} {call['path']}"
            for call in self.books.calls
            if call["method"] not in ("GET", "HEAD")
            and "/events/" not in call["path"]
            and "/oauth/" not in call["path"]
        ]


@contextmanager
def byron(
    books: Books, folder: Path, partners: list[str], *, shape: str = "plain", **settings: Any
) -> Iterator[World]:
    """The world with the stand-in running; the partners are added by the test."""
    sites = [sandbox.Site(code) for code in partners]
    with sandbox.start(folder, shape=sandbox.SHAPES[shape], partners=sites) as running:
        yield World(books, running, **settings)
