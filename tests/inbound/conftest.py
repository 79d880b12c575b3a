"""A partner that sends, and Byron Supply's FreshBooks that books what it sends, over a real socket."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Arrival, Delivery
from connections.management.commands.run_pending import run_pending
from connections.models import Connection, DocumentKind, Hint, Route, SystemKind
from connections.pipeline.collect import store
from connections.pipeline.deliver import drain
from connections.pipeline.read import read
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.base import Collected
from mappings.canonical import (
    Document,
    Identifier,
    JournalEntry,
    JournalLine,
    Line,
    Party,
    PurchaseOrder,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    to_json,
)
from mappings.codecs import x12
from mappings.models import BookingMapping, TradingPartner
from mappings.models.booking import BookingKind
from mappings.models.partners import PartyKind
from tenants.models import Tenant
from tests.factories import (
    ConnectionFactory,
    DeliveryPlaceFactory,
    PartnerFactory,
    PartnerLinkFactory,
    RouteFactory,
    TenantFactory,
)
from tests.freshbooks.conftest import books, connect, server, sign_in

__all__ = ["books", "server"]

ACME, BLUEBELL, FOXGLOVE = "55001", "55002", "55006"
NORTHWIND = "1561"
OFFICE, FREIGHT = "65771", "65772"
PLACE = "/acme/out"
D = Decimal
DAY = dt.date(2026, 3, 2)


class World:
    """What the tests drive, and what they ask about."""

    def __init__(self, tenant: Tenant, books: Books) -> None:
        self.tenant = tenant
        self.books = books
        self.freshbooks = connect(tenant, books)
        sign_in(self.freshbooks, books)
        self.files: Connection = ConnectionFactory.create(tenant=tenant, system=SystemKind.SFTP, key="files")
        self.acme: TradingPartner = PartnerFactory.create(
            tenant=tenant, code="acme", name="Acme Retail", books_currency="USD", bill_due_days=30
        )
        DeliveryPlaceFactory.create(
            partner=self.acme, connection=self.files, outbound="/acme/in", inbound=PLACE
        )
        self.link(ACME, PartyKind.CLIENT)
        self.link(NORTHWIND, PartyKind.VENDOR)
        self.map(BookingKind.CATEGORY, "", OFFICE)
        self.arrived = 0

    def link(self, party: str, kind: str) -> None:
        PartnerLinkFactory.create(
            partner=self.acme, connection=self.freshbooks, party_kind=kind, party_id=party
        )

    def map(self, kind: str, key: str, target: str, name: str = "") -> BookingMapping:
        return BookingMapping.unscoped.create(
            tenant=self.tenant,
            connection=self.freshbooks,
            kind=kind,
            source_key=key,
            target_id=target,
            target_name=name,
        )

    def route(self, kind: str, **options: Any) -> Route:
        return RouteFactory.create(
            tenant=self.tenant, kind=kind, source=self.files, target=self.freshbooks, **options
        )

    def arrive(self, content: bytes, *, place: str = PLACE) -> Arrival:
        """A file that was collected and is read at once."""
        self.arrived += 1
        name = f"file-{self.arrived}"
        arrival = store(self.files, Collected(key=name, name=name, place=place, file=io.BytesIO(content)))
        assert arrival is not None
        read(arrival)
        arrival.refresh_from_db()
        return arrival

    def send(self, *documents: Document, **envelope: Any) -> Arrival:
        """The partner sends these in one X12 interchange."""
        return self.arrive(interchange(*documents, control_number=self.arrived + 1, **envelope))

    def send_json(self, document: Document) -> Arrival:
        return self.arrive(to_json(document).encode())

    def deliver(self) -> None:
        drain(self.freshbooks.pk)

    def later(self) -> None:
        """Everything that waits is due, and no connection rests."""
        past = timezone.now() - dt.timedelta(minutes=1)
        Delivery.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Arrival.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Connection.unscoped.update(paused_until=None)
        Hint.objects.update(due_at=past)

    def settle_all(self, times: int = 30) -> None:
        """Deliver until nothing waits any more, as the sweep would in time."""
        for _ in range(times):
            self.later()
            self.deliver()
            if not Delivery.unscoped.filter(transfer__in=["waiting", "sending"]).exists():
                return

    def run(self) -> None:
        run_pending()

    def deliveries(self, **narrowed: Any) -> list[Delivery]:
        return list(Delivery.unscoped.filter(**narrowed).order_by("pk"))

    def only(self, **narrowed: Any) -> Delivery:
        return Delivery.unscoped.get(**narrowed)

    def story(self, delivery: Delivery) -> list[str]:
        return list(delivery.events.order_by("sequence").values_list("kind", flat=True))

    # FreshBooks as it is

    def invoice(self, amount: str = "100.00", client: str = ACME, **options: Any) -> dict[str, Any]:
        """A sent invoice of one line, without tax."""
        lines = [{"name": "Work", "qty": "1", "unit_cost": {"amount": amount, "code": "USD"}}]
        return self.books.bookkeeper.book_invoice(int(client), lines=lines, notify=False, **options)

    def booked(self, table: str) -> list[dict[str, Any]]:
        return list(self.books.tables[table].rows.values())

    def new_bills(self) -> list[dict[str, Any]]:
        return [row for row in self.booked("bills") if row["id"] not in self.old_bills]

    old_bills: frozenset[int] = frozenset()


@pytest.fixture
def world(transactional_db: None, books: Books, server: Any) -> World:
    made = World(TenantFactory.create(name="Byron Supply"), books)
    made.old_bills = frozenset(row["id"] for row in made.booked("bills"))
    return made


def interchange(*documents: Document, control_number: int = 1, **changes: Any) -> bytes:
    """X12 from Acme to Byron Supply."""
    values: dict[str, Any] = {
        "sender": x12.Identity(qualifier="ZZ", id="ACME"),
        "receiver": x12.Identity(qualifier="ZZ", id="BYRON"),
        "date": DAY,
        "time": dt.time(9, 30),
        "control_number": control_number,
        "group_control_number": control_number,
        **changes,
    }
    return x12.write(documents, x12.Envelope(**values)).data


def order(number: str = "PO-1", price: str = "12.50", **changes: Any) -> PurchaseOrder:
    values: dict[str, Any] = {
        "number": number,
        "date": DAY,
        "currency": "USD",
        "parties": (
            Party(role="seller", name="ACME", identifiers=(Identifier(scheme="duns", value="123456789"),)),
        ),
        "lines": (
            Line(
                number="1", quantity=D(4), unit_price=D(price), buyer_item="PAPER-A4", description="Paper A4"
            ),
            Line(
                number="2", quantity=D(1), unit_price=D("9.00"), buyer_item="FREIGHT", description="Freight"
            ),
        ),
    }
    return PurchaseOrder(**values | changes)


def remittance(number: str, *paid: tuple[str, str], **changes: Any) -> RemittanceAdvice:
    """A remittance that pays these amounts of these invoices: ("0000042", "100.00")."""
    lines = tuple(
        RemittanceLine(document=Reference(kind="invoice", value=invoice), paid=D(amount))
        for invoice, amount in paid
    )
    values: dict[str, Any] = {
        "number": number,
        "date": DAY,
        "amount": sum((line.paid for line in lines), D(0)),
        "currency": "USD",
        "method": "ach",
        "lines": lines,
    }
    return RemittanceAdvice(**values | changes)


def entry(number: str = "JE-1", amount: str = "200.00", **changes: Any) -> JournalEntry:
    values: dict[str, Any] = {
        "number": number,
        "date": DAY,
        "currency": "USD",
        "description": "Payroll",
        "lines": (
            JournalLine(account="6000", debit=D(amount)),
            JournalLine(account="1000", credit=D(amount)),
        ),
    }
    return JournalEntry(**values | changes)


PURCHASE_ORDER, REMITTANCE = DocumentKind.PURCHASE_ORDER, DocumentKind.REMITTANCE
