"""What goes wrong, and what must hold all the same: nothing lost, nothing doubled, people told."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from audit import services
from audit.models import Attempt, Delivery, Notice
from audit.services import sentence
from connections.models import Connection, Hint, Slot, Work
from connections.pipeline.claim import claim_next
from connections.pipeline.conclude import RETRY_AFTER
from connections.pipeline.deliver import drain
from connections.pipeline.fetch import fetch_hinted
from connections.pipeline.intake import take_in
from connections.pipeline.sweep import doorbells
from connections.systems.freshbooks import Record
from tenants.models import User
from tests.pipeline.conftest import World


@pytest.mark.parametrize(
    "fault",
    ["cut_in_upload", "cut_after_upload", "cut_after_rename"],
)
def test_a_connection_cut_at_any_step_leaves_one_file(world: World, fault: str) -> None:
    params = {"after_bytes": 100} if fault == "cut_in_upload" else {}
    world.files.sandbox.faults.set(fault, times=1, **params)
    invoice = world.book()
    world.run()
    assert not world.delivery(invoice).is_delivered
    world.later()
    long_ago(world)
    world.later()
    assert world.delivery(invoice).is_delivered
    assert world.received() == [invoice["invoice_number"]]


def long_ago(world: World) -> None:
    """As if what was sent had had all the time to appear."""
    hour = timezone.now() - timedelta(hours=1)
    Attempt.objects.filter(finished_at__isnull=False).update(finished_at=hour, started_at=hour)


def test_what_is_not_there_yet_is_not_sent_again_at_once(world: World) -> None:
    invoice = world.book()
    world.run()
    delivery = world.delivery(invoice)
    for one in world.files.sandbox.listing():
        world.files.sandbox.storage.local(one["path"]).unlink()
    pretend_the_worker_died(delivery)
    Delivery.unscoped.update(progress={})
    delivery.attempts.update(started_at=timezone.now())
    world.later()
    assert [attempt.outcome for attempt in delivery.attempts.all()][-1] == "looked"
    long_ago(world)
    world.later()
    delivery.refresh_from_db()
    assert delivery.is_delivered


def test_a_partner_that_is_down_for_a_while_gets_everything_once_afterwards(world: World) -> None:
    port = world.files.port
    world.files.sandbox.close()
    invoices = [world.book() for _ in range(5)]
    world.run()
    world.sftp.refresh_from_db()
    assert world.sftp.is_paused()
    assert {delivery.transfer for delivery in world.deliveries()} <= {"ready", "waiting"}
    world.files.sandbox.listen(port=port)
    assert world.files.sandbox.ssh
    world.files.sandbox.ssh.start()
    world.later()
    assert sorted(world.received()) == sorted(invoice["invoice_number"] for invoice in invoices)
    world.sftp.refresh_from_db()
    assert world.sftp.failures_in_row == 0


def test_the_breaker_opens_and_people_are_told_once(world: World) -> None:
    world.files.sandbox.close()
    world.book()
    for _ in range(5):
        world.later()
    world.sftp.refresh_from_db()
    assert world.sftp.breaker_is_open
    assert Notice.unscoped.filter(key=f"connection-down-{world.sftp.pk}").count() == 1


def test_a_paused_connection_is_left_in_peace(world: World) -> None:
    Connection.unscoped.filter(pk=world.sftp.pk).update(paused_until=timezone.now() + timedelta(hours=1))
    invoice = world.book()
    world.run()
    assert world.delivery(invoice).transfer == "ready"
    assert not Attempt.objects.exists()


def test_attempts_reach_over_a_day_and_then_a_person_is_told(world: World) -> None:
    assert sum(RETRY_AFTER, timedelta()) > timedelta(days=1)
    world.files.sandbox.close()
    invoice = world.book()
    for _ in range(len(RETRY_AFTER) + 2):
        world.later()
    delivery = world.delivery(invoice)
    assert delivery.transfer == "failed"
    assert Notice.unscoped.get(key=f"delivery-{delivery.pk}").text


def test_a_changed_host_key_stops_the_connection_and_tells(world: World) -> None:
    invoice = world.book()
    world.files.sandbox.faults.set("changed_host_key")
    world.run()
    world.sftp.refresh_from_db()
    assert world.sftp.state == "misconfigured"
    assert "SHA256:" in world.sftp.state_text
    assert world.delivery(invoice).transfer in ("ready", "waiting")
    assert Notice.unscoped.filter(key=f"connection-stopped-{world.sftp.pk}").exists()
    assert world.received() == []


def test_a_wrong_password_stops_at_the_first_refusal(world: World) -> None:
    world.sftp.credentials = {"password": "wrong"}
    world.sftp.save()
    world.book()
    world.later()
    world.later()
    world.sftp.refresh_from_db()
    assert world.sftp.state == "needs_sign_in"
    refused = [one for one in world.files.sandbox.board.requests if "login" in str(one).lower()]
    assert len(refused) <= 1


class TestDeadWorkers:
    def test_what_a_dead_worker_was_sending_is_looked_up_first(self, world: World) -> None:
        invoice = world.book()
        world.run()
        delivery = world.delivery(invoice)
        pretend_the_worker_died(delivery)
        world.later()
        delivery.refresh_from_db()
        assert delivery.is_delivered
        assert [attempt.outcome for attempt in delivery.attempts.all()][-2:] == ["crashed", "found"]
        assert world.received() == [invoice["invoice_number"]]

    def test_a_document_that_kills_its_workers_is_parked(self, world: World) -> None:
        invoice = world.book()
        world.route.every_minutes = 60
        world.route.save()
        world.run()
        Delivery.unscoped.update(next_attempt_at=timezone.now())
        for number in range(4):
            assert claim_next(world.sftp, f"dead-{number}") or claim_next_later(world, f"dead-{number}")
        assert claim_next_later(world, "alive") is None
        delivery = world.delivery(invoice)
        assert (delivery.transfer, delivery.reason_code) == ("in_doubt", "worker_died")

    def test_a_worker_that_was_given_up_cannot_overwrite_its_successor(self, world: World) -> None:
        from connections.pipeline.conclude import conclude_delivered
        from connections.systems.base import Receipt

        world.route.every_minutes = 60
        world.route.save()
        world.book()
        world.run()
        Delivery.unscoped.update(next_attempt_at=timezone.now())
        slow = claim_next(world.sftp, "slow")
        assert slow
        assert claim_next(world.sftp, "successor")
        receipt = Receipt(remote_id="x", place="inbound", name="x")
        conclude_delivered(world.sftp, slow, receipt, was_found=False)
        delivery = Delivery.unscoped.get()
        assert delivery.transfer == "sending"
        assert "late_answer" in world.story(delivery)

    def test_two_workers_never_drain_one_connection(self, world: World) -> None:
        from audit import leases

        world.book()
        assert leases.take(Slot.of(world.sftp, Work.DELIVER))
        assert drain(world.sftp.pk) == 0


def claim_next_later(world: World, token: str) -> object:
    """As `claim_next`, once the rest that a crash earns is over."""
    claim_next(world.sftp, token)
    Delivery.unscoped.filter(transfer="waiting").update(next_attempt_at=timezone.now())
    return claim_next(world.sftp, token)


def pretend_the_worker_died(delivery: Delivery) -> None:
    """As if the worker had been killed after the rename, before it could write that down."""
    Delivery.unscoped.filter(pk=delivery.pk).update(
        transfer="sending",
        acknowledgement="none",
        delivered_at=None,
        claimed_by="dead",
        next_attempt_at=timezone.now(),
    )
    delivery.attempts.update(outcome="running", finished_at=None)


class TestDoubt:
    def test_a_lost_file_whose_rename_had_begun_waits_for_a_person(self, world: World, alice: User) -> None:
        invoice = world.book()
        world.run()
        delivery = world.delivery(invoice)
        world.received()  # the partner has taken the file away: its absence proves nothing
        for one in world.files.sandbox.listing():  # and its answer, which would prove it, got lost
            if one["path"].startswith("/outbound/"):
                world.files.sandbox.storage.local(one["path"]).unlink()
        pretend_the_worker_died(delivery)
        world.later()
        delivery.refresh_from_db()
        assert delivery.transfer == "in_doubt"
        assert "In doubt" in sentence(delivery)
        world.later()
        assert world.received() == [invoice["invoice_number"]]
        services.resolve_doubt(delivery, actor=alice, was_sent=True)
        delivery.refresh_from_db()
        assert delivery.is_delivered

    def test_a_person_who_is_sure_that_it_is_not_there_sends_it_again(
        self, world: World, alice: User
    ) -> None:
        invoice = world.book()
        world.run()
        delivery = world.delivery(invoice)
        [path] = [one["path"] for one in world.files.sandbox.listing() if one["path"].startswith("/inbound/")]
        world.files.sandbox.storage.local(path).unlink()
        pretend_the_worker_died(delivery)
        world.later()
        delivery.refresh_from_db()
        assert delivery.transfer == "in_doubt"
        services.resolve_doubt(delivery, actor=alice, was_sent=False)
        world.run()
        assert world.received() == [invoice["invoice_number"]]


def test_a_later_revision_never_overtakes_an_earlier_one(world: World) -> None:
    world.route.every_minutes = 60
    world.route.save()
    invoice = world.book()
    world.run()
    first = world.delivery(invoice)
    Attempt.objects.create(delivery=first, number=1, outcome="unknown")
    world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
    world.run()
    now = timezone.now()
    Delivery.unscoped.filter(pk=first.pk).update(next_attempt_at=now + timedelta(hours=1))
    Delivery.unscoped.filter(revision=2).update(next_attempt_at=now)
    assert claim_next(world.sftp, "token") is None
    Delivery.unscoped.filter(pk=first.pk).update(next_attempt_at=now)
    claim = claim_next(world.sftp, "token")
    assert claim
    assert claim.delivery == first


def test_with_every_queued_task_deleted_the_sweep_finds_the_work(world: World) -> None:
    Hint.objects.create(connection=world.freshbooks, noun="invoice", object_id="90001")
    world.book()
    OrmQ.objects.all().delete()
    rung = {task for task, _ in doorbells()}
    assert {"connections.tasks.fetch", "connections.tasks.poll"} <= rung


def test_a_stale_read_does_not_bring_back_an_older_state(world: World) -> None:
    before = timezone.now()
    invoice = world.book()
    older = Record(resource="invoices", source_id=str(invoice["id"]), data=dict(invoice), is_deleted=False)
    world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
    world.run()
    take_in(world.freshbooks, older, read_at=before, via="webhook")
    assert len(world.deliveries()) == 1


class TestFreshBooks:
    def test_a_flood_of_hints_for_one_record_costs_one_fetch(self, world: World) -> None:
        invoice = world.book()
        hint = {"connection": world.freshbooks, "noun": "invoice", "object_id": str(invoice["id"])}
        Hint.objects.create(**hint, count=500)
        before = len(world.books.calls)
        assert fetch_hinted(world.freshbooks.pk) == 1
        assert len(world.books.calls) == before + 1
        assert world.delivery(invoice)
        assert not Hint.objects.exists()

    def test_a_burned_refresh_token_asks_for_a_sign_in_and_does_not_loop(self, world: World) -> None:
        world.books.oauth.expire_access_tokens()
        world.freshbooks.token.refresh_token = "burned"
        world.freshbooks.token.save()
        world.book()
        world.later()
        calls = len(world.books.calls)
        world.later()
        world.freshbooks.refresh_from_db()
        assert world.freshbooks.state == "needs_sign_in"
        assert len(world.books.calls) == calls

    @pytest.mark.parametrize(
        "fault",
        [
            ("server_error", {}),
            ("rate_limited", {"retry_after": 7}),
            ("rate_limited", {}),
            ("html_error", {}),
            ("connection_closed", {}),
        ],
    )
    def test_a_passing_fault_delays_and_loses_nothing(self, world: World, fault: Any) -> None:
        name, params = fault
        world.books.faults.set(name, times=1, path="/accounting/*", **params)
        invoice = world.book()
        world.run()
        world.later()
        assert world.delivery(invoice).is_delivered

    def test_a_rate_limit_pauses_the_connection_for_as_long_as_it_says(self, world: World) -> None:
        world.books.faults.set("rate_limited", times=1, path="/accounting/*", retry_after=77)
        world.run()
        world.freshbooks.refresh_from_db()
        assert world.freshbooks.paused_until
        rest = world.freshbooks.paused_until - timezone.now()
        assert timedelta(seconds=60) < rest <= timedelta(seconds=77)
