"""Replaying a span of time: what it finds, that it counts first, and that it needs the permission."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Delivery
from audit.services import record
from audit.states import Acknowledgement, Transfer
from tenants.models import User
from tests.admin.conftest import World, browser_of, delivered_invoice
from tests.factories import ConnectionFactory, RouteFactory

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
SPAN = {"since": "2025-03-01T11:00", "until": "2025-03-01T13:00"}
URL = "admin:audit_delivery_replay"


@pytest.fixture
def outage(world: World) -> list[Delivery]:
    """Three that failed at noon, one that failed the day before, one on another connection."""

    def failed(number: int, at: datetime, **more: Any) -> Delivery:
        values = {"route": world.route, "partner": world.partner, **more}
        delivery = delivered_invoice(
            world.tenant,
            number=f"F-{number}",
            source_id=f"7{number}",
            transfer=Transfer.FAILED,
            reason_code="rejected" if number == 1 else "temporary",
            **values,
        )
        record(delivery, "failed", "Failed.", at=at)
        return delivery

    elsewhere = RouteFactory.create(
        tenant=world.tenant,
        source=world.books,
        target=ConnectionFactory.create(tenant=world.tenant, system="sftp"),
    )
    inside = [failed(number, NOON) for number in (1, 2, 3)]
    failed(4, NOON - timedelta(days=1))
    failed(5, NOON, route=elsewhere)
    failed(6, NOON + timedelta(hours=1))
    return inside


def described(world: World, **more: str) -> dict[str, str]:
    return {"what": "failed", "target": str(world.server.pk), **SPAN, **more}


def counted(desk: Client, said: dict[str, str]) -> str:
    answer = desk.get(reverse(URL), said)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_counts_before_anything_happens(world: World, desk: Client, outage: list[Delivery]) -> None:
    assert "3 deliveries will be replayed." in counted(desk, described(world))
    assert Delivery.unscoped.filter(transfer=Transfer.FAILED).count() == 6


def test_confirmed_it_replays_them_and_only_them(
    world: World, desk: Client, sam: User, outage: list[Delivery]
) -> None:
    url = f"{reverse(URL)}?" + "&".join(f"{key}={value}" for key, value in described(world).items())
    answer = desk.post(url, {"confirm": "1", "why": "the disk was full"}, follow=True)
    assert "3 deliveries replayed." in answer.content.decode()
    assert "Nothing matches." in answer.content.decode()
    ready = Delivery.unscoped.filter(transfer=Transfer.READY)
    assert sorted(ready.values_list("pk", flat=True)) == [delivery.pk for delivery in outage]
    assert {delivery.events.get(kind="replayed").actor for delivery in ready} == {sam}


@pytest.mark.parametrize(
    ("more", "count"),
    [({"reason_code": "rejected"}, "1 delivery"), ({"reason_code": "temporary"}, "2 deliveries")],
)
def test_it_is_narrowed_by_reason(
    world: World, desk: Client, outage: list[Delivery], more: dict[str, str], count: str
) -> None:
    assert f"{count} will be replayed." in counted(desk, described(world, **more))


def test_it_is_narrowed_by_route(world: World, desk: Client, outage: list[Delivery]) -> None:
    assert "3 deliveries" in counted(desk, described(world, route=str(world.route.pk)))
    other = RouteFactory.create(tenant=world.tenant, source=world.books, target=world.server)
    assert "Nothing matches." in counted(desk, described(world, route=str(other.pk)))


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("rejected", {"acknowledgement": Acknowledgement.REJECTED, "acknowledged_at": NOON}),
        ("overdue", {"acknowledgement": Acknowledgement.OVERDUE, "acknowledgement_due_at": NOON}),
        ("delivered", {"delivered_at": NOON}),
    ],
)
def test_other_ends_than_failure(world: World, desk: Client, what: str, changes: dict[str, Any]) -> None:
    said = described(world, what=what)
    assert "Nothing matches." in counted(desk, said)
    Delivery.unscoped.filter(pk=world.delivery.pk).update(**changes)
    shown = counted(desk, said)
    assert "1 delivery will be replayed." in shown
    assert "the partner gets a second copy." in shown


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"target": ""}, "This field is required."),
        ({"since": "yesterday"}, "Enter a valid date/time."),
        ({"until": "2025-03-01T10:00"}, "The end is not after the beginning."),
        ({"what": "everything"}, "Select a valid choice."),
        ({"route": "999999"}, "Select a valid choice."),
        ({"target": "x"}, "Select a valid choice."),
        ({"target": "9" * 40}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said(world: World, desk: Client, wrong: dict[str, str], message: str) -> None:
    assert message in counted(desk, described(world, **wrong))


def test_it_needs_the_permission(world: World, olga: User, outage: list[Delivery]) -> None:
    assert browser_of(olga).get(reverse(URL)).status_code == 403
    answer = browser_of(olga).post(f"{reverse(URL)}?what=failed", {"confirm": "1", "why": "because"})
    assert answer.status_code == 403
