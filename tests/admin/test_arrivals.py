"""Arrivals at the support's desk: the page, reading them again, dismissing them."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from audit.models import Arrival
from audit.models.arrivals import ArrivalState
from audit.services import notify
from tenants.models import User
from tests.admin.conftest import World, browser_of

LIST = "admin:audit_arrival_changelist"


def page_of(arrival: Arrival) -> str:
    return reverse("admin:audit_arrival_change", args=[arrival.pk])


def confirm_page(arrival: Arrival, key: str) -> str:
    return reverse("admin:audit_arrival_decide", args=[arrival.pk, key])


@pytest.fixture
def broken(world: World) -> Arrival:
    world.arrival.state = ArrivalState.FAILED
    world.arrival.reason = "Segment 3: the ST has no control number."
    world.arrival.save()
    return world.arrival


def test_the_page_says_what_came_and_what_was_made_of_it(desk: Client, broken: Arrival) -> None:
    text = desk.get(page_of(broken)).content.decode()
    for expected in (
        "997-0001.edi",
        "Segment 3: the ST has no control number.",
        "Globex server",
        "/acme/ack",
    ):
        assert expected in text
    assert "<li>ISA*00*short~</li>" in text
    assert "invoice INV-1001" in text


def test_the_list_is_searched_by_name_hash_and_id(world: World, desk: Client) -> None:
    Arrival.unscoped.filter(pk=world.arrival.pk).update(sha256="ab" * 32)
    for text in (
        "997-00",
        "997-0001.EDI",
        "AB" * 32,
        world.arrival.public_id,
        f"x-{world.arrival.public_id}.edi",
    ):
        assert "997-0001.edi" in desk.get(reverse(LIST), {"q": text}).content.decode(), text
    for text in ("0001", "cd" * 32, "0" * 12):
        assert "No arrivals" in desk.get(reverse(LIST), {"q": text}).content.decode(), text


def test_the_list_is_filtered_by_state(world: World, desk: Client) -> None:
    assert "997-0001.edi" in desk.get(reverse(LIST), {"state": "read"}).content.decode()
    assert "No arrivals" in desk.get(reverse(LIST), {"state": "failed"}).content.decode()


@pytest.mark.django_db(transaction=True)
def test_replay_reads_the_bytes_again(desk: Client, sam: User, broken: Arrival) -> None:
    OrmQ.objects.all().delete()
    notify(tenant=broken.tenant, key=f"arrival-{broken.pk}", title="It cannot be read", text="Look at it.")
    assert "1 arrival will be replayed." in desk.get(confirm_page(broken, "replay")).content.decode()

    desk.post(confirm_page(broken, "replay"), {"confirm": "1", "why": "The reader was mended."})
    broken.refresh_from_db()
    assert broken.state == ArrivalState.RECEIVED
    event = broken.events.get(kind="replayed")
    assert event.actor == sam
    assert "Reason: The reader was mended." in event.text
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["connections.tasks.read"]
    assert not broken.tenant.notice_set.filter(key=f"arrival-{broken.pk}", closed_at=None).exists()


def test_dismissing_is_for_what_cannot_be_read(
    world: World, desk: Client, sam: User, broken: Arrival
) -> None:
    desk.post(confirm_page(broken, "dismiss"), {"confirm": "1", "why": "Sent to us by mistake."})
    broken.refresh_from_db()
    assert broken.state == ArrivalState.DISMISSED
    assert broken.events.get(kind="dismissed").actor == sam
    shown = desk.get(confirm_page(broken, "dismiss")).content.decode()
    assert "1 of 1 is skipped: dismissed: nothing to dismiss." in shown


def test_many_at_once(desk: Client, broken: Arrival) -> None:
    said: dict[str, Any] = {
        "action": "replay",
        "_selected_action": [broken.pk],
        "confirm": "1",
        "why": "because",
    }
    answer = desk.post(reverse(LIST), said, follow=True)
    assert "1 arrival replayed." in answer.content.decode()


@pytest.mark.parametrize("key", ["replay", "dismiss"])
def test_each_needs_its_permission(olga: User, broken: Arrival, key: str) -> None:
    said = {"confirm": "1", "why": "because"}
    assert browser_of(olga).post(confirm_page(broken, key), said).status_code == 403
    broken.refresh_from_db()
    assert broken.state == ArrivalState.FAILED
    olga.user_permissions.add(Permission.objects.get(codename=f"{key}_arrival"))
    assert browser_of(User.objects.get(pk=olga.pk)).post(confirm_page(broken, key), said).status_code == 302


def test_without_the_permission_no_byte_is_shown(world: World, olga: User) -> None:
    browser = browser_of(olga)
    assert "ISA*00*short" not in browser.get(page_of(world.arrival)).content.decode()
    content = reverse("admin:audit_arrival_bytes", args=[world.arrival.pk, "content"])
    assert browser.get(content).status_code == 403
