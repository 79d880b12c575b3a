"""The start page: which organisation hurts, which connection, and whether the machinery runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ, Task

from audit.models import Delivery
from audit.standing import STANDINGS, tenants_in_trouble
from audit.states import Acknowledgement, Document, Transfer
from connections.models import Connection, ConnectionState, Heartbeat
from connections.overview import connections_in_trouble, machinery
from tenants.models import User
from tests.admin.conftest import World, browser_of, delivered_invoice
from tests.factories import DeliveryFactory, TenantFactory


def start(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


@pytest.fixture
def trouble(world: World) -> World:
    """Each kind of trouble at the world's organisation, and one failure elsewhere."""
    troubles: list[dict[str, Any]] = [
        {"transfer": Transfer.FAILED},
        {"transfer": Transfer.FAILED},
        {"transfer": Transfer.IN_DOUBT},
        {"transfer": Transfer.READY, "document": Document.HELD},
        {"acknowledgement": Acknowledgement.REJECTED},
        {"acknowledgement": Acknowledgement.OVERDUE},
    ]
    for number, values in enumerate(troubles):
        delivered_invoice(world.tenant, world.route, world.partner, source_id=f"8{number}", **values)
    DeliveryFactory.create(tenant=TenantFactory.create(name="Other Company"), transfer=Transfer.FAILED)
    return world


def test_every_legal_standing_has_exactly_one_name(trouble: World) -> None:
    for delivery in Delivery.unscoped.all():
        named = [
            key for key, (_, where) in STANDINGS.items() if Delivery.unscoped.filter(where, pk=delivery.pk)
        ]
        assert len(named) == 1, delivery


def test_organisations_are_counted_by_kind_of_trouble(trouble: World) -> None:
    acme, other = tenants_in_trouble()
    assert acme.tenant == trouble.tenant
    assert acme.counts == {"failed": 2, "in_doubt": 1, "held": 1, "rejected": 1, "overdue": 1}
    assert (other.tenant.name, other.counts) == ("Other Company", {"failed": 1})


def test_each_count_leads_to_its_documents(trouble: World, desk: Client) -> None:
    page = start(desk)
    for standing, count in (("failed", 2), ("in_doubt", 1), ("held", 1), ("rejected", 1), ("overdue", 1)):
        url = f"{reverse('admin:audit_delivery_changelist')}?tenant=acme-trading&amp;standing={standing}"
        assert f'<a href="{url}">{count}</a>' in page
        answer = desk.get(url.replace("&amp;", "&"))
        assert len(answer.context["cl"].result_list) == count


def test_when_all_is_well_it_says_so(world: World, desk: Client) -> None:
    page = start(desk)
    assert "No document waits for a person." in page
    assert "Every connection works." in page


def test_connections_that_stopped_paused_or_stumble(world: World, desk: Client) -> None:
    assert list(connections_in_trouble()) == []
    Connection.unscoped.filter(pk=world.books.pk).update(
        state=ConnectionState.NEEDS_SIGN_IN, state_text="FreshBooks wants a new sign-in."
    )
    Connection.unscoped.filter(pk=world.server.pk).update(paused_until=timezone.now() + timedelta(hours=1))
    assert set(connections_in_trouble()) == {world.books, world.server}
    assert "FreshBooks wants a new sign-in." in start(desk)
    Connection.unscoped.update(state=ConnectionState.OFF)
    assert list(connections_in_trouble()) == []


class TestMachinery:
    def test_a_worker_that_is_quiet(self, world: World, desk: Client) -> None:
        assert not machinery().worker_is_quiet
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=10))
        assert machinery().worker_is_quiet
        assert "No worker works." in start(desk)
        Heartbeat.objects.all().delete()
        assert machinery().worker_is_quiet
        assert "never" in start(desk)

    def test_work_that_is_late(self, world: World) -> None:
        assert not machinery().work_is_late
        late = timezone.now() - timedelta(hours=3)
        delivered_invoice(
            world.tenant,
            world.route,
            world.partner,
            source_id="9",
            transfer=Transfer.READY,
            next_attempt_at=late,
        )
        assert machinery().oldest_due == late
        assert machinery().work_is_late

    def test_a_queue_that_does_not_answer(self, world: World, desk: Client, monkeypatch: Any) -> None:
        def broken() -> None:
            raise ConnectionError("no queue")

        monkeypatch.setattr("connections.overview.get_broker", broken)
        assert machinery().queued is None
        assert "no answer" in start(desk)
        assert "The queue does not answer." in desk.get(reverse("admin:queue")).content.decode()


class TestQueue:
    @pytest.fixture
    def failed(self, db: None) -> Task:
        now = timezone.now()
        return Task.objects.create(
            id="f" * 32,
            name="seven-lemon-lion",
            func="connections.tasks.deliver",
            args=("planted-argument",),
            result="ValueError: planted-result",
            started=now,
            stopped=now,
            success=False,
        )

    def test_failures_are_listed_without_arguments_and_results(self, desk: Client, failed: Task) -> None:
        page = desk.get(reverse("admin:queue")).content.decode()
        assert "connections.tasks.deliver" in page
        assert "seven-lemon-lion" in page
        assert "planted" not in page
        assert machinery().failed_today == 1

    def test_what_waits_is_counted(self, desk: Client, db: None) -> None:
        before = machinery().queued
        assert before is not None
        OrmQ.objects.create(key="ml-connector", payload="x", lock=timezone.now())
        assert machinery().queued == before + 1

    def test_it_needs_the_permission(self, staff: User) -> None:
        assert browser_of(staff).get(reverse("admin:queue")).status_code == 403
        staff.user_permissions.add(Permission.objects.get(codename="view_failure"))
        assert browser_of(User.objects.get(pk=staff.pk)).get(reverse("admin:queue")).status_code == 200


def test_a_document_is_found_from_the_start_page(world: World, desk: Client) -> None:
    assert f'action="{reverse("admin:audit_delivery_changelist")}"' in start(desk)
