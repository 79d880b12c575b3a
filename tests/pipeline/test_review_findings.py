"""One bad row stops no other, nothing answered is lost, nobody is told twice, and no secret is kept."""

import re
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import yaml
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import leases
from audit.models import Arrival, Delivery, Event, Notice
from audit.services import notify
from connections.models import Backfill, Connection, Hint, Poll, Slot, Work
from connections.pipeline.backfill import _stop
from connections.pipeline.claim import claim_next
from connections.pipeline.conclude import conclude_delivered, conclude_failure
from connections.pipeline.deliver import drain
from connections.pipeline.health import note_failure, note_success
from connections.pipeline.mail import mail as mail_notice
from connections.pipeline.sweep import sweep
from connections.systems.base import Receipt, Temporary, UnknownOutcome
from connections.systems.sftp.system import Sftp
from mappings import translation
from tests.config.test_configuration_file import DEMO
from tests.factories import ConnectionFactory, MembershipFactory
from tests.pipeline.conftest import FOXGLOVE, World


def trip_over(monkeypatch: pytest.MonkeyPatch, module: Any, function: str, word: str) -> None:
    """Let `function` fail with an error that nobody foresaw wherever `word` is in its first argument."""
    real = getattr(module, function)

    def clumsy(first: Any, *rest: Any, **named: Any) -> Any:
        if word in str(first):
            raise KeyError("nobody foresaw this")
        return real(first, *rest, **named)

    monkeypatch.setattr(module, function, clumsy)


class TestOneBadRowStopsNoOther:
    def test_a_document_that_cannot_be_translated_is_held(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trip_over(monkeypatch, translation, "enrich", "BAD-1")
        bad, good = world.book(invoice_number="BAD-1"), world.book()
        world.run()
        assert world.delivery(good).is_delivered
        assert (world.delivery(bad).document, world.delivery(bad).reason_code) == (
            "held",
            "translation_failed",
        )
        monkeypatch.undo()
        world.later()
        assert world.delivery(bad).is_delivered

    def test_it_does_not_stop_the_drain_either(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.route.every_minutes = 60
        world.route.save()
        bad, good = world.book(invoice_number="BAD-1"), world.book()
        world.run()
        Delivery.unscoped.filter(source_id=str(bad["id"])).update(interchange=None)
        trip_over(monkeypatch, translation, "enrich", "BAD-1")
        world.later()
        assert world.delivery(good).is_delivered
        assert world.delivery(bad).is_held

    def test_a_record_that_trips_us_up_is_left_as_a_hint_and_told(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from connections.pipeline import intake

        trip_over(monkeypatch, intake, "_mark", "BAD-1")
        bad, good = world.book(invoice_number="BAD-1"), world.book()
        world.run()
        assert world.delivery(good).is_delivered
        assert Hint.objects.get().object_id == str(bad["id"])
        world.later()
        assert Hint.objects.get().attempts_made
        assert Notice.unscoped.filter(key__contains=str(bad["id"])).count() == 1
        monkeypatch.undo()
        world.later()
        assert world.delivery(bad).is_delivered
        assert not Hint.objects.exists()

    def test_a_held_delivery_that_fails_stops_neither_the_others_nor_the_sweep(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from connections.pipeline import prepare

        bad, good = world.book(FOXGLOVE, invoice_number="BAD-1"), world.book(FOXGLOVE)
        world.run()
        trip_over(monkeypatch, prepare, "prepare", "BAD-1")
        Delivery.unscoped.update(next_attempt_at=timezone.now())
        Poll.objects.update(next_at=timezone.now())
        assert sweep()
        assert world.delivery(bad).next_attempt_at < world.delivery(good).next_attempt_at  # type: ignore[operator]

    def test_a_poll_that_fails_by_our_fault_waits_for_its_next_time(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fall(*_: Any) -> Any:
            raise KeyError("nobody foresaw this")

        monkeypatch.setattr(Sftp, "collect", fall)
        world.run()
        poll = Poll.objects.get(connection=world.sftp)
        assert poll.next_at > timezone.now()
        assert "error of ours" in poll.last_failure

    def test_what_waits_for_a_person_does_not_stand_before_what_releases_itself(self, world: World) -> None:
        world.route.on_update = "hold"
        world.route.save()
        invoice = world.book()
        world.run()
        world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
        world.run()
        assert world.delivery(invoice, revision=2).is_held
        assert world.delivery(invoice, revision=2).next_attempt_at is None

    def test_arrivals_of_a_stopped_connection_are_read_once_and_settled_later(self, world: World) -> None:
        world.files.sandbox.drop("/outbound/strange.txt", b"hello")
        world.run()
        Arrival.unscoped.update(settled_at=None, next_attempt_at=timezone.now())
        Connection.unscoped.filter(pk=world.sftp.pk).update(state="off")
        world.run()
        assert Arrival.unscoped.get().next_attempt_at > timezone.now()  # type: ignore[operator]


class TestAnAnswerIsProof:
    def answered(self, world: World, **state: Any) -> Delivery:
        invoice = world.book()
        world.run()
        delivery = world.delivery(invoice)
        world.received()
        Delivery.unscoped.filter(pk=delivery.pk).update(acknowledgement="none", **state)
        delivery.attempts.update(outcome="unknown")
        Connection.unscoped.filter(pk=world.sftp.pk).update(paused_until=None)
        return delivery

    @pytest.mark.parametrize("transfer", ["in_doubt", "waiting"])
    def test_a_997_ends_the_doubt(self, world: World, transfer: str) -> None:
        later = timezone.now() + timedelta(hours=1)
        delivery = self.answered(world, transfer=transfer, delivered_at=None, next_attempt_at=later)
        world.run()
        delivery.refresh_from_db()
        assert (delivery.transfer, delivery.acknowledgement) == ("delivered", "accepted")

    @pytest.mark.parametrize("outcome", ["delivered", "unknown"])
    def test_a_997_may_be_quicker_than_the_receipt(self, world: World, outcome: str) -> None:
        world.route.every_minutes = 60
        world.route.save()
        world.book()
        world.run()
        Delivery.unscoped.update(next_attempt_at=timezone.now())
        slot = Slot.of(world.sftp, Work.DELIVER)
        token = leases.take(slot)
        claim = claim_next(world.sftp, token)
        assert claim
        with Sftp(world.sftp) as system:
            from connections.pipeline.deliver import _interchange, _progress_saver

            receipt = system.send(_interchange(claim.delivery), _progress_saver(claim))
        world.received()
        world.run()
        if outcome == "delivered":
            conclude_delivered(world.sftp, claim, receipt, was_found=False)
        else:
            conclude_failure(world.sftp, claim, UnknownOutcome("cut"), still_in_doubt=True)
        delivery = Delivery.unscoped.get()
        assert (delivery.transfer, delivery.acknowledgement) == ("delivered", "accepted")
        assert delivery.attempts.get().outcome == "found"


class TestHealth:
    def test_one_document_that_keeps_failing_keeps_its_own_time(self, world: World) -> None:
        world.route.every_minutes = 60
        world.route.save()
        invoice = world.book()
        world.run()
        later = timezone.now() + timedelta(hours=1)
        Delivery.unscoped.update(transfer="waiting", next_attempt_at=later)
        note_failure(world.sftp, Temporary("busy"))
        note_success(world.sftp)
        assert world.delivery(invoice).next_attempt_at == later

    def test_a_success_does_not_end_a_pause_that_another_worker_has_set(self, db: None) -> None:
        ours = ConnectionFactory.create()
        note_failure(
            Connection.unscoped.get(pk=ours.pk), Temporary("slow down", retry_after=timedelta(hours=1))
        )
        note_success(ours)
        assert Connection.unscoped.get(pk=ours.pk).is_paused()

    def test_a_worker_that_lost_its_lease_takes_nothing_more(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.route.every_minutes = 60
        world.route.save()
        for _ in range(2):
            world.book()
        world.run()
        Delivery.unscoped.update(next_attempt_at=timezone.now())
        real = Sftp.send

        def frozen(self: Sftp, *args: Any) -> Receipt:
            Slot.objects.filter(work=Work.DELIVER).update(lease_holder="successor")
            return real(self, *args)

        monkeypatch.setattr(Sftp, "send", frozen)
        assert drain(world.sftp.pk) == 1

    def test_a_cancelled_backfill_stays_cancelled(self, world: World) -> None:
        today = timezone.now().date()
        backfill = Backfill.unscoped.create(
            tenant=world.tenant, route=world.route, date_from=today, date_to=today
        )
        Backfill.unscoped.update(state="cancelled")
        _stop(backfill, UnknownOutcome("cut"))
        _stop(backfill, Temporary("busy"))
        assert Backfill.unscoped.get().state == "cancelled"


class Choosy(EmailBackend):
    """Refuses one address."""

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if "refused@example.org" in message.to:
                raise SMTPRecipientsRefused({})
        return super().send_messages(messages)


class TestMail:
    def test_a_refused_address_stops_nobody_and_mails_nobody_twice(self, db: None, settings: Any) -> None:
        settings.EMAIL_BACKEND = f"{__name__}.Choosy"
        tenant = MembershipFactory.create(user__email="first@example.org").tenant
        MembershipFactory.create(user__email="refused@example.org", tenant=tenant)
        MembershipFactory.create(user__email="last@example.org", tenant=tenant)
        notice = notify(tenant=tenant, key="matter", title="One\r\nTwo", text="Three")
        for _ in range(2):
            mail_notice(notice.pk)
            Notice.unscoped.filter(next_mail_at__isnull=False).update(next_mail_at=timezone.now())
        assert sorted(address for one in mail.outbox for address in one.to) == [
            "first@example.org",
            "last@example.org",
        ]

    def test_a_long_file_name_can_be_told_of(self, world: World) -> None:
        world.files.sandbox.drop(f"/outbound/{'a' * 240}", b"hello")
        world.run()
        assert len(Notice.unscoped.get(key__startswith="arrival-").title) <= 200


class TestSecrets:
    SECRET = "hunter2-hunter2"

    def test_a_secret_in_a_partners_answer_is_kept_nowhere(self, world: World) -> None:
        world.route.every_minutes = 60
        world.route.save()
        world.book()
        world.run()
        Delivery.unscoped.update(next_attempt_at=timezone.now())
        claim = claim_next(world.sftp, "token")
        assert claim
        said = f"refused for password={self.SECRET}"
        failure = Temporary(said, remedy=said, detail=f"Authorization: Basic {self.SECRET}")
        conclude_failure(world.sftp, claim, failure, still_in_doubt=False)
        for row in (
            Delivery.unscoped.get(),
            Connection.unscoped.get(pk=world.sftp.pk),
            claim.delivery.attempts.get(),
            *Event.unscoped.all(),
        ):
            assert self.SECRET not in str(vars(row))
        notice = notify(tenant=world.tenant, key="matter", title=said, text=said)
        assert self.SECRET not in notice.title + notice.text

    @pytest.mark.parametrize("settings", [{"password": SECRET}, None, ["a"], "text"])
    def test_a_secret_among_the_settings_is_refused(
        self, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        data = yaml.safe_load(DEMO.read_text())
        for name in set(re.findall(r"env:(\w+)", DEMO.read_text())):
            monkeypatch.setenv(name, "22" if "PORT" in name else "http://127.0.0.1:1")
        [files] = [one for one in data["connections"] if one["key"] == "files"]
        files["settings"] = {**files["settings"], **settings} if isinstance(settings, dict) else settings
        path = tmp_path / "config.yaml"
        path.write_text(yaml.safe_dump(data))
        says = (
            "settings.password: is a secret" if isinstance(settings, dict) else "settings: a mapping of keys"
        )
        if settings is None:
            says = "settings.host: "
        with pytest.raises(CommandError, match=says) as refusal:
            call_command("import_config", path)
        assert self.SECRET not in str(refusal.value)
