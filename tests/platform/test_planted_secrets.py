"""Secrets are planted wherever the application keeps them, and then looked for wherever anybody could look."""

import io
import itertools
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from connections.fields import EncryptedJSONField, EncryptedTextField
from connections.models import AccessToken, Callback, Connection, KeyCanary, PushAddress
from tenants.models import Tenant, User
from tests.factories import ConnectionFactory, RouteFactory

PLANTED = "plantedsecret"
pytestmark = pytest.mark.django_db


def secret(name: str) -> str:
    """Each its own, so that a find says which; its last four characters may be shown."""
    return f"{PLANTED}-{name}-0123456789abcdef"


def finds(text: str) -> list[str]:
    return re.findall(rf"{PLANTED}[\w-]*", text)


@pytest.fixture
def planted(tenant: Tenant) -> Connection:
    """A connection with every kind of secret there is."""
    found = ConnectionFactory.create(
        tenant=tenant,
        credentials={name: secret(name) for name in ("password", "private_key", "client_secret", "token")},
    )
    AccessToken.objects.create(
        connection=found, access_token=secret("access_token"), refresh_token=secret("refresh_token")
    )
    Callback.objects.create(
        connection=found, event="invoice.create", token_hash="0" * 64, verifier=secret("verifier")
    )
    PushAddress.objects.create(connection=found, token=secret("push_token"), token_hash="1" * 64)
    RouteFactory.create(
        tenant=tenant, source=found, target=ConnectionFactory.create(tenant=tenant, key="place")
    )
    return found


def test_every_encrypted_column_is_planted(planted: Connection) -> None:
    """A new column with a secret must be planted here too."""
    known = {Connection, AccessToken, Callback, KeyCanary, PushAddress}
    for model in apps.get_models():
        encrypted = [
            f.name
            for f in model._meta.concrete_fields
            if isinstance(f, EncryptedTextField | EncryptedJSONField)
        ]
        assert model in known or not encrypted
        if model in known - {KeyCanary}:
            values = model._base_manager.values_list(*encrypted).first()
            assert values is not None
            assert all(
                finds(repr(dict(value) if isinstance(value, dict) else str(value))) for value in values
            )


def test_no_table_holds_one(planted: Connection) -> None:
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608
            assert not finds(repr(cursor.fetchall())), table


def test_no_fixture_holds_one(planted: Connection) -> None:
    for format_name in ("json", "xml"):
        output = io.StringIO()
        call_command("dumpdata", format=format_name, use_base_manager=True, stdout=output)
        assert planted.name in output.getvalue()
        assert not finds(output.getvalue())


def admin_pages() -> Iterator[str]:
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for item in model._base_manager.values_list("pk", flat=True)[:3]:
            yield from (reverse(f"{name}_{page}", args=[item]) for page in ("change", "history", "delete"))


@pytest.fixture
def viewer(staff: User) -> User:
    """Staff who may see everything and change nothing: every field of every page is shown as text."""
    staff.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return staff


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser(email="root@example.org", password="correct horse battery")


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_no_page_of_the_admin_shows_one(
    client: Client, planted: Connection, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    shown = 0
    for page in admin_pages():
        response = client.get(page)
        assert response.status_code in {200, 302, 403}, page
        assert not finds(response.content.decode()), page
        shown += response.status_code == 200
    assert shown > 10


def customer_pages(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Django's routes for everything outside the admin."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.startswith("/admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from customer_pages(pattern.url_patterns, route)
        else:
            yield route


def test_no_page_of_the_customer_shows_one(client: Client, planted: Connection, alice: User) -> None:
    client.force_login(alice)
    # Some pages ask the outside system, which does not answer here: an error page must not show a secret either.
    client.raise_request_exception = False
    shown = 0
    routes = set(customer_pages(get_resolver().url_patterns))
    for route, key in itertools.product(sorted(routes), [planted.key, "place", "way"]):
        page = route.replace("<slug:tenant_slug>", planted.tenant.slug).replace("<slug:key>", key)
        page = re.sub("<[^>]*>", "1", page)
        response = client.get(page)
        if not response.streaming:
            assert not finds(response.content.decode()), page
        shown += response.status_code == 200
    assert shown > 10
