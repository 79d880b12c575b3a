"""A connection to Stampli's stand-in, over real SFTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from connections.models import Connection, SystemKind
from connections.sandbox import stampli
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.sftp.session import fetch_host_keys
from tenants.models import Tenant
from tests.factories import ConnectionFactory, TenantFactory
from tests.freshbooks.conftest import books, server

if TYPE_CHECKING:
    from tests.stampli.world import World

__all__ = ["books", "server"]


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[stampli.Running]:
    with stampli.start(tmp_path / "stampli") as running:
        yield running


def connect(tenant: Tenant, stand_in: stampli.Running, **settings: object) -> Connection:
    """A connection that knows the stand-in's host key."""
    return ConnectionFactory.create(
        tenant=tenant,
        system=SystemKind.STAMPLI,
        key="stampli",
        name="Stampli",
        poll_seconds=900,
        settings={
            "host": stand_in.host,
            "port": stand_in.port,
            "username": stampli.USER.name,
            "host_keys": [key.line for key in fetch_host_keys(stand_in.host, stand_in.port)],
            "company_id": "QUILL",
            "settle_seconds": 0,
            **settings,
        },
        credentials={"password": stampli.PASSWORD},
    )


@pytest.fixture
def connection(tenant: Tenant, stand_in: stampli.Running, settings: DjangoSettings) -> Connection:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    return connect(tenant, stand_in)


@pytest.fixture
def world(transactional_db: None, books: Books, server: Any, stand_in: stampli.Running) -> World:
    """Byron Supply with FreshBooks and Stampli connected, and nothing flowing yet."""
    from tests.stampli.world import World

    return World(TenantFactory.create(name="Byron Supply"), books, stand_in)
