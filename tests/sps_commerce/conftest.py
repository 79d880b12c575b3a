"""A running stand-in of SPS Commerce and connections to it."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from connections.models import Connection, ConnectionState, SystemKind
from connections.sandbox import sps_commerce as sandbox
from connections.sandbox.sps_commerce import orders
from connections.systems.base import Collected, Interchange
from connections.systems.sps_commerce.system import SpsCommerce
from tenants.models import Tenant

INVOICE = (
    b'{"Header": {"InvoiceHeader": {"TradingPartnerId": "4X7", "InvoiceNumber": "FB-20418",'
    b' "InvoiceDate": "2026-03-09", "BuyersCurrency": "USD"}},'
    b' "LineItem": [{"InvoiceLine": {"LineSequenceNumber": "1", "InvoiceQty": 24, "InvoiceQtyUOM": "EA",'
    b' "PurchasePrice": 2.5}}], "Summary": {"TotalAmount": 60.0}}'
)
PARTNER = "4X7ALLNORTHLINE"
CLIENT = {"client_id": sandbox.CLIENT_ID, "client_secret": sandbox.CLIENT_SECRET}

Connect = Callable[..., SpsCommerce]


@pytest.fixture(autouse=True)
def _loopback(settings: DjangoSettings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True


@pytest.fixture
def sps() -> Iterator[sandbox.Running]:
    with sandbox.start() as running:
        yield running


@pytest.fixture
def connection(db: None, tenant: Tenant, sps: sandbox.Running) -> Connection:
    return connection_to(sps, tenant)


@pytest.fixture
def connect(connection: Connection) -> Connect:
    """Makes a system that talks to the stand-in; keywords are settings, `credentials` the secrets."""

    def make(credentials: Mapping[str, str] | None = None, **settings: Any) -> SpsCommerce:
        connection.settings |= settings
        connection.credentials = dict(CLIENT if credentials is None else credentials)
        connection.save()
        return SpsCommerce(connection)

    return make


def connection_to(running: sandbox.Running, tenant: Tenant, **settings: Any) -> Connection:
    values = {"api_url": running.url, "auth_url": running.auth_url, "insecure": True}
    return Connection.unscoped.create(
        tenant=tenant,
        system=SystemKind.SPS_COMMERCE,
        key="sps",
        name="SPS Commerce",
        state=ConnectionState.ACTIVE,
        settings=values | settings,
        credentials=dict(CLIENT),
    )


class Progress(dict[str, Any]):
    """What a delivery remembers of its attempts; called, it saves."""

    def __call__(self, values: Mapping[str, Any]) -> None:
        self.update(values)


def an_interchange(content: bytes = INVOICE, **more: Any) -> Interchange:
    return Interchange(
        **{"name": "invoice-FB-20418-k3x9.json", "place": "", "file": io.BytesIO(content), **more}
    )


def look(system: SpsCommerce, place: str = "out/", seen: set[str] | None = None) -> list[Collected]:
    with system:
        return list(system.collect(place, (seen or set()).__contains__))


def drop_orders(running: sandbox.Running, count: int, directory: str = "out/PO/") -> list[str]:
    """So many orders, a file each; returns their paths."""
    found = []
    for number in range(count):
        path = f"{directory}PO{number:04}.json"
        running.sps.drop(path, orders.as_json([orders.order(f"{number:04}")]))
        found.append(path)
    return found


def calls(running: sandbox.Running, method: str, part: str) -> list[dict[str, Any]]:
    """The calls of this method whose path holds `part`."""
    return [one for one in running.sps.calls if one["method"] == method and part in one["path"]]
