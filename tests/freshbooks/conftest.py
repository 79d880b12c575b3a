"""A FreshBooks stand-in on a free port, and a connection that is signed in to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connections.models import AccessToken, Connection, ConnectionState, SystemKind
from connections.sandbox.common import Server, serve
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.freshbooks.client import Client
from tenants.models import Tenant

SITE_URL = "http://testserver"
REDIRECT_URI = f"{SITE_URL}/oauth/freshbooks/callback"


@pytest.fixture
def books() -> Books:
    """The stand-in itself: its bookkeeper, switches and clock."""
    return Books(redirect_uris=[REDIRECT_URI], allow_http=True, me_per_minute=1000, retry_pauses=())


@pytest.fixture
def server(books: Books, settings: Any) -> Iterator[Server]:
    with serve(books) as running:
        settings.SITE_URL = SITE_URL
        settings.OUTBOUND_ALLOW_LOOPBACK = True
        settings.FRESHBOOKS_API_URL = settings.FRESHBOOKS_AUTH_URL = running.url
        settings.FRESHBOOKS_CLIENT_ID = "sandbox-client"
        settings.FRESHBOOKS_CLIENT_SECRET = "sandbox-secret"
        yield running


@pytest.fixture
def connection(tenant: Tenant, books: Books, server: Server) -> Connection:
    """Signed in, with Byron Supply chosen."""
    made = connect(tenant, books)
    sign_in(made, books)
    return made


@pytest.fixture
def client_(connection: Connection) -> Iterator[Client]:
    made = Client(connection)
    yield made
    made.close()


def connect(tenant: Tenant, books: Books, key: str = "freshbooks") -> Connection:
    return Connection.unscoped.create(
        tenant=tenant,
        system=SystemKind.FRESHBOOKS,
        key=key,
        name="Our FreshBooks",
        state=ConnectionState.ACTIVE,
        settings={
            "account_id": books.identity.account_id,
            "business_id": str(books.identity.business_id),
            "business_uuid": books.identity.business_uuid,
            "business_name": "Byron Supply",
        },
    )


def sign_in(connection: Connection, books: Books, scopes: list[str] | None = None) -> AccessToken:
    """Tokens without the browser, some time ago."""
    pair = books.oauth.mint(scopes)
    token, _ = AccessToken.objects.update_or_create(
        connection=connection,
        defaults={
            "access_token": pair["access_token"],
            "refresh_token": pair["refresh_token"],
            "expires_at": datetime.fromtimestamp(pair["created_at"] + pair["expires_in"], tz=UTC),
            "scope": pair["scope"],
            "generation": 1,
        },
    )
    age(token)
    return token


def age(token: AccessToken, **values: Any) -> None:
    """As if the pair had been saved an hour ago; `values` are further columns to set."""
    AccessToken.objects.filter(pk=token.pk).update(
        updated_at=datetime.now(UTC) - timedelta(hours=1), **values
    )
