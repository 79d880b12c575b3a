"""A running installation and connections to it."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from connections.models import Connection, SystemKind
from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import Interchange
from connections.systems.ibm_sterling.system import Sterling

CONTENT = b"ISA*00*          *\r\n" + bytes(range(256))
OUTBOUND, INBOUND, ACK, ARCHIVE = "/acme/outbound", "/acme/inbound", "/acme/ack", "/acme/archive"

Connect = Callable[..., Sterling]


@pytest.fixture(autouse=True)
def _loopback(settings: DjangoSettings, db: None) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True


@pytest.fixture
def installation() -> Iterator[sandbox.Running]:
    with sandbox.start() as running:
        yield running


@pytest.fixture
def connect(installation: sandbox.Running) -> Connect:
    """Makes a system that talks to the installation; keywords are settings, `credentials` the secrets."""

    def make(credentials: Mapping[str, str] | None = None, **settings: Any) -> Sterling:
        return Sterling(connection_to(installation, credentials, **settings))

    return make


def connection_to(
    installation: sandbox.Running, credentials: Mapping[str, str] | None = None, **settings: Any
) -> Connection:
    """An unsaved connection with user name and password."""
    values = {
        "base_url": installation.url,
        "insecure": True,
        "outbound_path": OUTBOUND,
        "inbound_path": INBOUND,
        "ack_path": ACK,
        "archive_path": ARCHIVE,
    }
    known = {"username": sandbox.USERNAME, "password": sandbox.PASSWORD}
    return Connection(
        system=SystemKind.IBM_STERLING,
        settings=values | settings,
        credentials=dict(known if credentials is None else credentials),
    )


class Progress(dict[str, Any]):
    """What a delivery remembers of its attempts; called, it saves."""

    def __call__(self, values: Mapping[str, Any]) -> None:
        self.update(values)


def an_interchange(name: str = "INV-acme-17.x12", content: bytes = CONTENT, **more: Any) -> Interchange:
    return Interchange(**{"name": name, "place": "", "file": io.BytesIO(content), **more})


def nothing_seen(_key: str) -> bool:
    return False


def messages_in(installation: sandbox.Running, path: str = OUTBOUND) -> list[dict[str, Any]]:
    [box] = [box for box in installation.sterling.boxes() if box["path"] == path]
    return list(box["messages"])


def calls_to(installation: sandbox.Running, method: str, ending: str) -> int:
    """How many calls of this method went to a path that ends so."""
    calls = installation.sterling.calls
    return sum(call["method"] == method and call["path"].endswith(ending) for call in calls)
