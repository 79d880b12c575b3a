"""SPS Commerce at one end, FreshBooks at the other, and Byron Supply between: real HTTP on both sides."""

import datetime as dt
from typing import Any

from django.utils import timezone

from audit.models import Arrival, Delivery
from connections.models import Connection, Poll, Route
from connections.pipeline.collect import collect
from connections.pipeline.deliver import drain
from connections.pipeline.read import read_and_settle
from connections.sandbox import sps_commerce as sandbox
from connections.sandbox.freshbooks import FreshBooks as Books
from mappings.models import BookingMapping, ItemMapping, TradingPartner
from mappings.models.booking import BookingKind
from mappings.models.partners import PartyKind
from tenants.models import Tenant
from tests.factories import DeliveryPlaceFactory, PartnerFactory, PartnerLinkFactory, RouteFactory
from tests.freshbooks.conftest import connect, sign_in
from tests.sps_commerce.conftest import PARTNER, connection_to

ACME, NORTHWIND = "55001", "1561"
OFFICE, FREIGHT = "65771", "65772"


class World:
    """What the tests drive, and what they ask about."""

    def __init__(self, tenant: Tenant, books: Books, sps: sandbox.Running) -> None:
        self.tenant, self.books, self.sps = tenant, books, sps
        self.freshbooks = connect(tenant, books)
        sign_in(self.freshbooks, books)
        self.connection = connection_to(sps, tenant)
        self.retailer: TradingPartner = PartnerFactory.create(
            tenant=tenant,
            code="northline",
            name="Northline Retail",
            rsx_partner_id=PARTNER,
            books_currency="USD",
            acknowledges="",
        )
        DeliveryPlaceFactory.create(partner=self.retailer, connection=self.connection, outbound="in/")
        for party, kind in ((ACME, PartyKind.CLIENT), (NORTHWIND, PartyKind.VENDOR)):
            PartnerLinkFactory.create(
                partner=self.retailer, connection=self.freshbooks, party_kind=kind, party_id=party
            )
        self.category("", OFFICE)
        self.old_bills = frozenset(row["id"] for row in self.booked("bills"))

    def category(self, item: str, category: str) -> None:
        BookingMapping.unscoped.create(
            tenant=self.tenant,
            connection=self.freshbooks,
            kind=BookingKind.CATEGORY,
            source_key=item,
            target_id=category,
        )

    def item(self, buyer_item: str, item: str, **more: Any) -> None:
        ItemMapping.unscoped.create(
            tenant=self.tenant,
            connection=self.freshbooks,
            partner=self.retailer,
            buyer_item=buyer_item,
            item=item,
            **more,
        )

    def inbound(self, kind: str = "purchase_order", **options: Any) -> Route:
        return RouteFactory.create(
            tenant=self.tenant, kind=kind, source=self.connection, target=self.freshbooks, **options
        )

    def outbound(self, kind: str = "invoice", **options: Any) -> Route:
        values = {"format": "rsx_json"} | options
        return RouteFactory.create(
            tenant=self.tenant, kind=kind, source=self.freshbooks, target=self.connection, **values
        )

    def poll(self) -> int:
        """One look into the mailbox."""
        connection = Connection.unscoped.get(pk=self.connection.pk)
        return collect(connection, Poll(connection=connection, kind="place", subject="out/"))

    def deliver(self) -> None:
        drain(self.freshbooks.pk)
        drain(self.connection.pk)

    def later(self) -> None:
        """Everything that waits is due, and no connection rests."""
        past = timezone.now() - dt.timedelta(minutes=1)
        Delivery.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Arrival.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Connection.unscoped.update(paused_until=None, failures_in_row=0)

    def finish(self, times: int = 60) -> None:
        """Settle and deliver until nothing waits any more, as the sweep would in time."""
        for _ in range(times):
            self.later()
            read_and_settle(self.connection.pk)
            self.deliver()
            unsettled = Arrival.unscoped.filter(settled_at__isnull=True).exclude(state="failed").exists()
            if not unsettled and not Delivery.unscoped.filter(transfer__in=["ready", "waiting", "sending"]):
                return

    def booked(self, table: str) -> list[dict[str, Any]]:
        return list(self.books.tables[table].rows.values())

    def new_bills(self) -> list[dict[str, Any]]:
        return [row for row in self.booked("bills") if row["id"] not in self.old_bills]

    def only(self, **narrowed: Any) -> Delivery:
        return Delivery.unscoped.get(**narrowed)

    def story(self, delivery: Delivery) -> list[str]:
        return list(delivery.events.order_by("sequence").values_list("kind", flat=True))
