"""pytest plugin `flow`: Byron Supply's FreshBooks, an IBM Sterling installation, and a route between them."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Arrival, Delivery
from connections.management.commands.run_pending import run_pending
from connections.models import Connection, ConnectionState, Hint, Poll, Route, SystemKind
from connections.sandbox import ibm_sterling as sandbox
from connections.sandbox.freshbooks import FreshBooks as Books
from mappings.models import TradingPartner
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

__all__ = ["books", "flow", "server"]

ACME = "55001"


class Flow:
    """What the tests drive, and what they ask about."""

    def __init__(self, tenant: Tenant, books: Books, installation: sandbox.Running) -> None:
        self.tenant = tenant
        self.books = books
        self.installation = installation
        self.freshbooks = connect(tenant, books)
        sign_in(self.freshbooks, books)
        self.sterling: Connection = ConnectionFactory.create(
            tenant=tenant,
            system=SystemKind.IBM_STERLING,
            key="sterling",
            name="Sterling",
            settings={
                "base_url": installation.url,
                "insecure": True,
                "outbound_path": "/acme/outbound",
                "ack_path": "/acme/ack",
                "archive_path": "/acme/archive",
            },
            credentials={"username": sandbox.USERNAME, "password": sandbox.PASSWORD},
        )
        self.acme: TradingPartner = PartnerFactory.create(tenant=tenant, code="acme", name="Acme Retail")
        DeliveryPlaceFactory.create(partner=self.acme, connection=self.sterling, outbound="/acme/outbound")
        PartnerLinkFactory.create(partner=self.acme, connection=self.freshbooks, party_id=ACME)
        self.route: Route = RouteFactory.create(
            tenant=tenant,
            source=self.freshbooks,
            target=self.sterling,
            starts_at=timezone.now() - timedelta(minutes=1),
        )

    def set(self, **settings: Any) -> None:
        """Change settings of the Sterling connection."""
        self.sterling.refresh_from_db()
        self.sterling.settings |= settings
        self.sterling.save()

    def book(self, client: str = ACME, **options: Any) -> dict[str, Any]:
        """An invoice that no webhook tells of."""
        return self.books.bookkeeper.book_invoice(int(client), notify=False, **options)

    def run(self) -> Counter[str]:
        """Do all that is due, every poll and every question for a state included."""
        Poll.objects.update(next_at=timezone.now())
        Delivery.unscoped.filter(next_status_at__isnull=False).update(next_status_at=timezone.now())
        return run_pending()

    def later(self) -> Counter[str]:
        """As `run`, at a time when every retry, pause and hint is due."""
        past = timezone.now() - timedelta(seconds=1)
        Delivery.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Arrival.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Connection.unscoped.update(paused_until=None)
        Hint.objects.update(due_at=past)
        return self.run()

    def tick(self) -> None:
        """Let the partners take what lies there and answer."""
        self.installation.sterling.tick()

    def delivery(self, invoice: dict[str, Any]) -> Delivery:
        return Delivery.unscoped.get(source_id=str(invoice["id"]), route=self.route)

    def story(self, delivery: Delivery) -> list[str]:
        return list(delivery.events.order_by("sequence").values_list("kind", flat=True))

    def is_active(self, connection: Connection) -> bool:
        connection.refresh_from_db()
        return connection.state == ConnectionState.ACTIVE


@pytest.fixture
def flow(transactional_db: None, books: Books, server: Any) -> Iterator[Flow]:
    with sandbox.start() as installation:
        yield Flow(TenantFactory.create(name="Byron Supply"), books, installation)
