"""Setting Stampli up in one step: a partner, layouts and routes, all of which can be edited afterwards."""

from typing import Any

import pytest
from django.test import Client

from connections.models import Connection, OnUpdate, Route, SystemKind
from mappings.models import DeliveryPlace, FileLayout, TradingPartner
from tenants.models import Tenant, User
from tests.factories import ConnectionFactory

PAGE = "/t/acme-trading/connections/stampli/set-up/"


@pytest.fixture
def stampli(tenant: Tenant) -> Connection:
    ConnectionFactory.create(tenant=tenant, key="books", name="Our FreshBooks")
    return ConnectionFactory.create(
        tenant=tenant,
        system=SystemKind.STAMPLI,
        key="stampli",
        name="Stampli",
        settings={"company_id": "QUILL", "outbound_folder": "in"},
    )


def fill(client: Client, tenant: Tenant, **changes: Any) -> Any:
    books = Connection.objects.for_tenant(tenant).get(key="books")
    given = {"source": books.pk, "since": "2026-07-01", "every_minutes": 0, "file_format": "csv", **changes}
    return client.post(PAGE, given)


def routes(tenant: Tenant) -> dict[str, Route]:
    return {route.kind: route for route in Route.objects.for_tenant(tenant)}


def test_it_makes_what_is_needed(client: Client, stampli: Connection, alice: User) -> None:
    client.force_login(alice)
    assert "Say what flows" in client.get("/t/acme-trading/connections/stampli/").content.decode()
    assert fill(client, stampli.tenant).status_code == 302

    made = routes(stampli.tenant)
    assert {kind: (route.is_on, route.on_update) for kind, route in made.items()} == {
        "vendor": (False, OnUpdate.REPLACE),
        "bill": (False, OnUpdate.HOLD),
        "bill_payment": (False, OnUpdate.HOLD),
    }
    assert {route.partner.name for route in made.values() if route.partner} == {"Stampli"}
    assert DeliveryPlace.unscoped.get().outbound == "in"
    assert TradingPartner.unscoped.get().acknowledges == ""
    assert sorted(FileLayout.unscoped.values_list("kind", flat=True)) == ["bill", "payment", "vendor"]
    assert "Say what flows" not in client.get("/t/acme-trading/connections/stampli/").content.decode()


def test_doing_it_again_changes_nothing(client: Client, stampli: Connection, alice: User) -> None:
    client.force_login(alice)
    fill(client, stampli.tenant)
    Route.unscoped.filter(kind="bill").update(on_update=OnUpdate.REPLACE)
    routes(stampli.tenant)["vendor"].delete()
    fill(client, stampli.tenant)

    assert routes(stampli.tenant)["bill"].on_update == OnUpdate.REPLACE
    assert len(routes(stampli.tenant)) == 3
    assert (FileLayout.unscoped.count(), TradingPartner.unscoped.count()) == (3, 1)


def test_xml_collected_every_quarter_of_an_hour(client: Client, stampli: Connection, alice: User) -> None:
    client.force_login(alice)
    fill(client, stampli.tenant, every_minutes=15, file_format="xml")

    made = routes(stampli.tenant).values()
    assert {(route.format, route.every_minutes, route.batch) for route in made} == {("xml", 15, True)}
    assert {route.layout.format for route in made if route.layout} == {"xml"}


def test_what_is_missing_is_said(client: Client, stampli: Connection, alice: User) -> None:
    client.force_login(alice)
    assert fill(client, stampli.tenant, since="").status_code == 200
    Connection.unscoped.filter(key="books").delete()

    assert "FreshBooks is not connected yet" in client.get(PAGE).content.decode()


def test_it_checks_ownership(client: Client, stampli: Connection, charlie: User) -> None:
    client.force_login(charlie)

    assert client.get(PAGE).status_code == 404
    assert fill(client, stampli.tenant).status_code == 404
    assert not Route.unscoped.exists()
