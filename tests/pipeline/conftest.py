"""A small world: Byron Supply's FreshBooks, a partner's SFTP server, and routes between them, on real sockets."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Arrival, Delivery
from connections.management.commands.run_pending import run_pending
from connections.models import Connection, ConnectionState, Hint, Poll, Route, SystemKind
from connections.sandbox import sftp
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.sftp.session import fetch_host_keys
from mappings.models import TradingPartner
from tenants.models import Tenant
from tests.factories import (
    ConnectionFactory,
    DeliveryPlaceFactory,
    PartnerFactory,
    PartnerLinkFactory,
    RouteFactory,
)
from tests.freshbooks.conftest import books, connect, server, sign_in

__all__ = ["books", "server"]

ACME, FOXGLOVE = "55001", "55006"


class World:
    """What the tests drive, and what they ask about."""

    def __init__(self, tenant: Tenant, books: Books, files: sftp.Running) -> None:
        self.tenant = tenant
        self.books = books
        self.files = files
        self.freshbooks = connect(tenant, books)
        sign_in(self.freshbooks, books)
        keys = fetch_host_keys(files.host, files.port)
        self.sftp: Connection = ConnectionFactory.create(
            tenant=tenant,
            system=SystemKind.SFTP,
            key="files",
            settings={
                "host": files.host,
                "port": files.port,
                "username": sftp.DEFAULT_USER,
                "host_keys": [key.line for key in keys],
                "settle_seconds": 0,
            },
            credentials={"password": sftp.DEFAULT_PASSWORD},
        )
        self.acme: TradingPartner = PartnerFactory.create(tenant=tenant, code="acme", name="Acme Retail")
        DeliveryPlaceFactory.create(partner=self.acme, connection=self.sftp, outbound="inbound")
        PartnerLinkFactory.create(partner=self.acme, connection=self.freshbooks, party_id=ACME)
        self.route: Route = RouteFactory.create(
            tenant=tenant,
            source=self.freshbooks,
            target=self.sftp,
            starts_at=timezone.now() - timedelta(minutes=1),
        )

    def book(self, client: str = ACME, **options: Any) -> dict[str, Any]:
        """An invoice that no webhook tells of."""
        return self.books.bookkeeper.book_invoice(int(client), notify=False, **options)

    def run(self) -> Counter[str]:
        """Do all that is due, every poll included."""
        Poll.objects.update(next_at=timezone.now())
        return run_pending()

    def later(self) -> Counter[str]:
        """As `run`, at a time when every retry, pause and hint is due."""
        past = timezone.now() - timedelta(seconds=1)
        Delivery.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Arrival.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Connection.unscoped.update(paused_until=None)
        Hint.objects.update(due_at=past)
        return self.run()

    def delivery(self, invoice: dict[str, Any], revision: int = 1) -> Delivery:
        return Delivery.unscoped.get(source_id=str(invoice["id"]), revision=revision, route=self.route)

    def deliveries(self) -> list[Delivery]:
        return list(Delivery.unscoped.order_by("pk"))

    def received(self) -> list[str]:
        """The numbers of the documents that the partner has taken, by its own account."""
        self.files.sandbox.tick()
        return [document["number"] for document in self.files.sandbox.partner.company.documents]

    def complaints(self) -> list[Any]:
        return list(self.files.sandbox.partner.company.complaints)

    def story(self, delivery: Delivery) -> list[str]:
        return list(delivery.events.order_by("sequence").values_list("kind", flat=True))

    def is_active(self, connection: Connection) -> bool:
        connection.refresh_from_db()
        return connection.state == ConnectionState.ACTIVE


@pytest.fixture
def world(transactional_db: None, books: Books, server: Any, tmp_path: Path) -> Iterator[World]:
    from tests.factories import TenantFactory

    with sftp.start(tmp_path / "sftp") as files:
        yield World(TenantFactory.create(name="Byron Supply"), books, files)
