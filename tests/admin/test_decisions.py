"""Replay, release, dismiss, resolve: weighed, confirmed, carried out, written down with the person."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django_q.models import OrmQ

from audit import decisions
from audit.decisions import (
    DISMISS,
    FOR_DELIVERIES,
    NOT_SENT,
    RELEASE,
    REPLAY,
    WAS_SENT,
    Decision,
    carry_out,
    weigh,
)
from audit.models import Delivery
from audit.states import Acknowledgement, Document, Transfer
from tenants.models import User
from tests.admin.conftest import World, browser_of, delivered_invoice

LIST = "admin:audit_delivery_changelist"


def made(world: World, transfer: str, **more: Any) -> Delivery:
    """One more delivery of the world, in the given state."""
    number = str(95000 + Delivery.unscoped.count())
    delivered_at = timezone.now() if transfer == Transfer.DELIVERED else None
    next_attempt_at = timezone.now() if transfer == Transfer.WAITING else None
    values = {"delivered_at": delivered_at, "next_attempt_at": next_attempt_at, **more}
    return delivered_invoice(
        world.tenant,
        world.route,
        world.partner,
        number=f"N-{number}",
        source_id=number,
        transfer=transfer,
        **values,
    )


def confirm_page(delivery: Delivery, decision: Decision) -> str:
    return reverse("admin:audit_delivery_decide", args=[delivery.pk, decision.key])


def state_of(delivery: Delivery) -> tuple[str, str, str]:
    delivery = Delivery.unscoped.get(pk=delivery.pk)
    return delivery.document, delivery.transfer, delivery.acknowledgement


def chosen(*deliveries: Delivery, action: str = "replay", **more: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [delivery.pk for delivery in deliveries], **more}


@pytest.fixture
def rung(transactional_db: None) -> Any:
    """The tasks in the queue: (dotted task, ids)."""
    return lambda: sorted((row.task["func"], row.task["args"]) for row in OrmQ.objects.all())


class TestWhatAppliesToWhat:
    @pytest.mark.parametrize(
        ("transfer", "more", "applies"),
        [
            (Transfer.READY, {}, ["dismiss"]),
            (Transfer.READY, {"document": Document.HELD}, ["release", "dismiss"]),
            (Transfer.SENDING, {}, []),
            (Transfer.WAITING, {}, ["replay", "dismiss"]),
            (Transfer.FAILED, {}, ["replay", "dismiss"]),
            (Transfer.IN_DOUBT, {}, ["dismiss", "was-sent", "not-sent"]),
            (Transfer.SKIPPED, {}, ["replay", "release"]),
            (Transfer.DISMISSED, {}, ["replay"]),
            (Transfer.DELIVERED, {}, ["replay"]),
            (Transfer.DELIVERED, {"acknowledgement": Acknowledgement.REJECTED}, ["replay"]),
            (Transfer.DELIVERED, {"acknowledgement": Acknowledgement.ACCEPTED}, []),
        ],
    )
    def test_each_state(self, world: World, transfer: str, more: dict[str, Any], applies: list[str]) -> None:
        delivery = made(world, transfer, **more)
        assert [each.key for each in FOR_DELIVERIES if not each.refuses(delivery, force=False)] == applies

    def test_every_decision_that_applies_can_be_carried_out(self, world: World, sam: User) -> None:
        for decision in FOR_DELIVERIES:
            for transfer in Transfer.values:
                delivery = made(world, transfer)
                if not decision.refuses(delivery, force=True):
                    done = carry_out(decision, [delivery], actor=sam, why="test", force=True)
                    assert len(done.applies) == 1, (decision.key, transfer)

    def test_only_an_acceptance_can_be_overruled(self, world: World) -> None:
        accepted = made(world, Transfer.DELIVERED, acknowledgement=Acknowledgement.ACCEPTED)
        assert REPLAY.refuses(accepted, force=False) == "already accepted by the partner"
        assert REPLAY.refuses(accepted, force=True) == ""
        assert REPLAY.refuses(made(world, Transfer.IN_DOUBT), force=True)


class TestWeighing:
    def test_counts_what_is_done_and_what_is_left_alone(self, world: World) -> None:
        made(world, Transfer.FAILED)
        made(world, Transfer.SENDING)
        made(world, Transfer.DELIVERED, acknowledgement=Acknowledgement.ACCEPTED)
        weighing = weigh(REPLAY, Delivery.unscoped.all(), force=False)
        assert len(weighing.applies) == 2
        assert weighing.total == 4
        assert weighing.second_copies() == 1
        assert weighing.refused == {"being sent at this moment": 1, "already accepted by the partner": 1}
        assert not weighing.more

    def test_one_press_takes_the_oldest_of_many(self, world: World, monkeypatch: Any) -> None:
        monkeypatch.setattr(decisions, "AT_MOST", 2)
        first, second, _ = (made(world, Transfer.FAILED) for _ in range(3))
        weighing = weigh(REPLAY, Delivery.unscoped.filter(transfer=Transfer.FAILED), force=False)
        assert weighing.applies == [first, second]
        assert weighing.more

    def test_what_changed_since_is_left_alone(self, world: World, sam: User) -> None:
        delivery = made(world, Transfer.FAILED)
        Delivery.unscoped.filter(pk=delivery.pk).update(transfer=Transfer.SENDING)
        done = carry_out(REPLAY, [delivery], actor=sam, why="test", force=False)
        assert done.applies == []
        assert done.refused == {"being sent at this moment": 1}
        assert state_of(delivery)[1] == Transfer.SENDING

    def test_an_acceptance_that_comes_in_between_is_respected(self, world: World, sam: User) -> None:
        delivery = made(world, Transfer.DELIVERED)
        Delivery.unscoped.filter(pk=delivery.pk).update(acknowledgement=Acknowledgement.ACCEPTED)
        done = carry_out(REPLAY, [delivery], actor=sam, why="test", force=False)
        assert done.refused == {"already accepted by the partner": 1}


class TestOne:
    @pytest.mark.parametrize(
        ("decision", "transfer", "more", "after", "kind"),
        [
            (REPLAY, Transfer.FAILED, {}, ("valid", "ready", "none"), "replayed"),
            (RELEASE, Transfer.READY, {"document": Document.HELD}, ("valid", "ready", "none"), "released"),
            (DISMISS, Transfer.FAILED, {}, ("valid", "dismissed", "none"), "dismissed"),
            (NOT_SENT, Transfer.IN_DOUBT, {}, ("valid", "ready", "none"), "doubt_resolved"),
            (WAS_SENT, Transfer.IN_DOUBT, {}, ("valid", "delivered", "waiting"), "doubt_resolved"),
        ],
    )
    def test_confirm_then_done_then_on_the_timeline(
        self,
        world: World,
        desk: Client,
        sam: User,
        decision: Decision,
        transfer: str,
        more: dict[str, Any],
        after: tuple[str, str, str],
        kind: str,
    ) -> None:
        delivery = made(world, transfer, **more)
        before = state_of(delivery)

        shown = desk.get(confirm_page(delivery, decision)).content.decode()
        assert f"1 delivery will be {decision.done}." in shown
        assert escape(decision.effect) in shown
        assert state_of(delivery) == before

        answer = desk.post(confirm_page(delivery, decision), {"confirm": "1", "why": "The partner called."})
        assert answer.status_code == 302
        assert answer["Location"] == reverse("admin:audit_delivery_change", args=[delivery.pk])
        assert state_of(delivery) == after
        event = delivery.events.order_by("-sequence").first()
        assert event is not None
        assert (event.kind, event.actor) == (kind, sam)
        assert "sam@example.org" in event.text
        assert "Reason: The partner called." in event.text

    def test_a_reason_is_asked_for(self, world: World, desk: Client) -> None:
        delivery = made(world, Transfer.FAILED)
        answer = desk.post(confirm_page(delivery, REPLAY), {"confirm": "1", "why": "  "})
        assert answer.status_code == 200
        assert "This field is required." in answer.content.decode()
        assert state_of(delivery)[1] == Transfer.FAILED

    def test_without_confirmation_nothing_happens(self, world: World, desk: Client) -> None:
        delivery = made(world, Transfer.FAILED)
        desk.post(confirm_page(delivery, REPLAY), {"why": "because"})
        assert state_of(delivery)[1] == Transfer.FAILED

    @pytest.mark.parametrize("decision", FOR_DELIVERIES, ids=lambda decision: decision.key)
    def test_each_needs_its_permission(self, world: World, olga: User, decision: Decision) -> None:
        delivery = made(world, Transfer.FAILED)
        url, said = confirm_page(delivery, decision), {"confirm": "1", "why": "because"}
        assert browser_of(olga).get(url).status_code == 403
        assert browser_of(olga).post(url, said).status_code == 403
        assert state_of(delivery)[1] == Transfer.FAILED
        app, codename = decision.permission.split(".")
        olga.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        assert browser_of(User.objects.get(pk=olga.pk)).get(url).status_code == 200

    def test_replaying_twice_by_a_double_click_replays_once(self, world: World, desk: Client) -> None:
        delivery = made(world, Transfer.FAILED)
        for _ in range(2):
            desk.post(confirm_page(delivery, REPLAY), {"confirm": "1", "why": "because"})
        assert Delivery.unscoped.get(pk=delivery.pk).replays == 1
        assert delivery.events.filter(kind="replayed").count() == 1

    def test_an_accepted_one_needs_the_box(self, world: World, desk: Client) -> None:
        delivery = made(world, Transfer.DELIVERED, acknowledgement=Acknowledgement.ACCEPTED)
        shown = desk.get(confirm_page(delivery, REPLAY)).content.decode()
        assert "1 of 1 is skipped: already accepted by the partner, unless you tick the box below." in shown
        desk.post(confirm_page(delivery, REPLAY), {"confirm": "1", "why": "because"})
        assert state_of(delivery)[2] == Acknowledgement.ACCEPTED
        desk.post(confirm_page(delivery, REPLAY), {"confirm": "1", "why": "they lost it", "force": "on"})
        assert state_of(delivery) == ("valid", "ready", "none")


class TestMany:
    def test_the_confirm_page_counts(self, world: World, desk: Client) -> None:
        rows = [made(world, Transfer.FAILED) for _ in range(3)]
        rows.append(made(world, Transfer.DELIVERED, acknowledgement=Acknowledgement.ACCEPTED))
        rows.append(world.delivery)
        shown = desk.post(reverse(LIST), chosen(*rows, index="0")).content.decode()
        assert "4 of 5 deliveries will be replayed." in shown
        assert "1 of 5 is skipped: already accepted by the partner, unless you tick the box below." in shown
        assert "1 has been delivered before: the partner gets a second copy." in shown
        assert {state_of(row)[1] for row in rows[:3]} == {Transfer.FAILED}

    def test_confirmed_it_is_done_to_all_of_them(self, world: World, desk: Client, sam: User) -> None:
        rows = [made(world, Transfer.FAILED) for _ in range(3)]
        answer = desk.post(reverse(LIST), chosen(*rows, confirm="1", why="disk full"), follow=True)
        assert "3 deliveries replayed." in answer.content.decode()
        assert {state_of(row)[1] for row in rows} == {Transfer.READY}
        for row in rows:
            assert row.events.get(kind="replayed").actor == sam

    def test_those_left_alone_are_told(self, world: World, desk: Client) -> None:
        rows = [made(world, Transfer.FAILED), made(world, Transfer.IN_DOUBT)]
        answer = desk.post(reverse(LIST), chosen(*rows, confirm="1", why="disk full"), follow=True)
        text = answer.content.decode()
        assert "1 delivery replayed." in text
        assert "1 left alone: in doubt: say first whether the partner has it." in text

    def test_all_that_match_can_be_chosen(self, world: World, desk: Client) -> None:
        rows = [made(world, Transfer.FAILED) for _ in range(3)]
        url = f"{reverse(LIST)}?standing=failed"
        answer = desk.post(url, chosen(rows[0], select_across="1", confirm="1", why="disk full"), follow=True)
        assert "3 deliveries replayed." in answer.content.decode()
        assert state_of(world.delivery)[1] == Transfer.DELIVERED

    def test_actions_are_offered_by_permission(self, world: World, desk: Client, olga: User) -> None:
        def offered(client: Client) -> list[str]:
            form = client.get(reverse(LIST)).context["action_form"]
            return [value for value, _ in form.fields["action"].choices if value] if form else []

        assert offered(desk) == [decision.key for decision in FOR_DELIVERIES]
        assert offered(browser_of(olga)) == []
        row = made(world, Transfer.FAILED)
        browser_of(olga).post(reverse(LIST), chosen(row, confirm="1", why="because"))
        assert state_of(row)[1] == Transfer.FAILED

    @pytest.mark.django_db(transaction=True)
    def test_one_ring_for_each_connection_that_has_work(self, world: World, sam: User, rung: Any) -> None:
        OrmQ.objects.all().delete()
        rows = [made(world, Transfer.FAILED) for _ in range(3)]
        carry_out(REPLAY, rows, actor=sam, why="disk full", force=False)
        assert rung() == [("connections.tasks.deliver", (world.server.pk,))]

    @pytest.mark.django_db(transaction=True)
    def test_a_queue_that_does_not_answer_loses_nothing(
        self, world: World, sam: User, monkeypatch: Any
    ) -> None:
        def broken(*_: Any) -> None:
            raise ConnectionError("no queue")

        monkeypatch.setattr("tenants.doorbell.async_task", broken)
        row = made(world, Transfer.FAILED)
        done = carry_out(REPLAY, [row], actor=sam, why="disk full", force=False)
        assert len(done.applies) == 1
        assert state_of(row)[1] == Transfer.READY
