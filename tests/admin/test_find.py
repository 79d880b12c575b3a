"""Finding a delivery: by everything that a customer may read out on the telephone."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.admin.deliveries import amount_in
from audit.models import Delivery
from tenants.admin_base import FOUND_AT_MOST
from tests.admin.conftest import World, delivered_invoice
from tests.factories import TenantFactory

LIST = "admin:audit_delivery_changelist"


def found(desk: Client, text: str, **more: str) -> list[str]:
    answer = desk.get(reverse(LIST), {"q": text, **more})
    assert answer.status_code == 200
    return [delivery.number for delivery in answer.context["cl"].result_list]


@pytest.fixture
def other(world: World) -> Delivery:
    """A delivery that has nothing in common with the world's."""
    return delivered_invoice(
        world.tenant,
        world.route,
        None,  # type: ignore[arg-type]
        number="XY-9",
        source_id="777",
        amount=None,
        party_name="Nobody",
        remote_id="else",
        interchange_control="9",
        group_control="9",
    )


@pytest.mark.parametrize(
    "text",
    [
        "INV-1001",
        "inv-1001",
        " INV-1001 ",
        "INV-10",
        "90001",
        "1234.5",
        "1,234.50",
        "$1,234.50",
        "1234.50 USD",
        "Globex",
        "globex corp",
        "lobe",
        "message-4711",
        "42",
        "000000042",
    ],
)
def test_it_is_found_by(world: World, other: Delivery, desk: Client, text: str) -> None:
    assert found(desk, text) == ["INV-1001"]


def test_it_is_found_by_its_public_id_alone_or_in_a_file_name(
    world: World, other: Delivery, desk: Client
) -> None:
    public_id = world.delivery.public_id
    assert found(desk, public_id) == ["INV-1001"]
    assert found(desk, f"invoice-INV-1001-{public_id}-2.edi") == ["INV-1001"]
    assert found(desk, f"https://connector.example/t/acme/documents/{public_id}/") == ["INV-1001"]


@pytest.mark.parametrize("text", ["INV-1002", "1234.51", "Globby", "43", "%", "INV%", "_NV-1001", "nothing"])
def test_it_is_not_found_by(world: World, other: Delivery, desk: Client, text: str) -> None:
    assert found(desk, text) == []


def test_an_organisation_narrows_the_search(world: World, desk: Client) -> None:
    TenantFactory.create(name="Byron Bolts")
    assert found(desk, "INV-1001", tenant="acme-trading") == ["INV-1001"]
    assert found(desk, "INV-1001", tenant="ACME") == ["INV-1001"]
    assert found(desk, "INV-1001", tenant="byron") == []


def test_the_organisation_filter_asks_when_several_match(world: World, desk: Client) -> None:
    for name in ("Acme North", "Acme South"):
        TenantFactory.create(name=name)
    answer = desk.get(reverse(LIST), {"tenant": "acme"})
    assert [tenant.name for tenant in answer.context["cl"].filter_specs[0].tenants] == [
        "Acme North",
        "Acme South",
        "Acme Trading",
    ]
    assert list(answer.context["cl"].result_list) == []
    none = desk.get(reverse(LIST), {"tenant": "zzz"}).content.decode()
    assert "No organisation is called “zzz”." in none


def test_too_many_matches_are_cut_and_said(world: World, desk: Client) -> None:
    twin = Delivery.unscoped.get(pk=world.delivery.pk)
    Delivery.unscoped.bulk_create(
        Delivery(
            tenant=twin.tenant,
            route=twin.route,
            target=twin.target,
            kind="invoice",
            source_id=str(number),
            fingerprint="0",
            number=f"INV-1001-{number}",
            amount=twin.amount,
        )
        for number in range(FOUND_AT_MOST + 10)
    )
    answer = desk.get(reverse(LIST), {"q": "INV-1001-"})
    assert "Many match “INV-1001-”" in answer.content.decode()


def test_pages_go_on_without_counting(world: World, desk: Client) -> None:
    Delivery.unscoped.bulk_create(
        Delivery(
            tenant=world.tenant,
            route=world.route,
            target=world.server,
            kind="invoice",
            source_id=str(number),
            fingerprint="0",
        )
        for number in range(120)
    )
    first = desk.get(reverse(LIST)).content.decode()
    assert "Rows 1 to 50" in first
    assert "Older →" in first
    assert "← Newer" not in first
    last = desk.get(reverse(LIST), {"p": "3"}).content.decode()
    assert "Rows 101 to 121" in last
    assert "Older →" not in last
    assert "← Newer" in last


@pytest.mark.parametrize("number", ["0", "-1", "201", "99999999999999999999"])
def test_pages_beyond_reach_lead_back_to_the_list(world: World, desk: Client, number: str) -> None:
    answer = desk.get(reverse(LIST), {"p": number})
    assert answer.status_code == 302
    assert answer["Location"].endswith("?e=1")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"),
        ("12.5", "12.5"),
        ("1,234.50", "1234.50"),
        ("-3.00", "-3.00"),
        ("€ 99.00", "99.00"),
        ("99.00 USD", "99.00"),
        ("INV-1001", None),
        ("1.234,50", None),
        ("12.345", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_what_counts_as_an_amount(text: str, amount: str | None) -> None:
    assert (None if (value := amount_in(text)) is None else str(value)) == amount
