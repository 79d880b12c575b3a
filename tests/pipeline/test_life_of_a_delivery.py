"""From a booked invoice to the partner's acknowledgement, and everything that may happen in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit import services
from audit.models import Arrival, Delivery, Notice
from audit.services import sentence
from audit.states import IllegalStep
from connections.models import OnUpdate
from connections.sandbox.sftp import Verdict
from mappings.models import PartnerLink
from tenants.models import User
from tests.factories import DeliveryPlaceFactory, PartnerFactory, PartnerLinkFactory
from tests.pipeline.conftest import FOXGLOVE, World


def test_an_invoice_becomes_an_810_that_the_partner_accepts(world: World) -> None:
    invoice = world.book(po_number="PO-7781")
    world.run()
    delivery = world.delivery(invoice)
    assert (delivery.transfer, delivery.acknowledgement) == ("delivered", "waiting")
    assert world.received() == [invoice["invoice_number"]]
    assert world.complaints() == []
    world.run()
    delivery.refresh_from_db()
    assert delivery.acknowledgement == "accepted"
    assert world.story(delivery) == ["found", "translated", "delivered", "acknowledgement"]
    assert "accepted it" in sentence(delivery)


def test_the_timeline_carries_the_freshbooks_id_and_the_bytes(world: World) -> None:
    delivery = world.delivery(_sent(world))
    sent = delivery.events.get(kind="delivered")
    assert sent.data["freshbooks_id"] == delivery.source_id
    assert sent.payload is not None
    assert bytes(sent.payload.content).startswith(b"ISA*")


def _sent(world: World, **options: Any) -> dict[str, Any]:
    invoice = world.book(**options)
    world.run()
    return invoice


def content_of(delivery: Delivery) -> bytes:
    assert delivery.interchange is not None
    return bytes(delivery.interchange.content)


def test_polling_again_sends_nothing_again(world: World) -> None:
    invoice = _sent(world)
    world.run()
    world.run()
    assert world.received() == [invoice["invoice_number"]]


def test_a_payment_changes_nothing_that_is_sent(world: World) -> None:
    invoice = _sent(world)
    world.books.bookkeeper.pay_invoice(invoice["id"], notify=False)
    world.run()
    assert len(world.deliveries()) == 1


def test_a_draft_waits_until_it_is_sent(world: World) -> None:
    draft = world.book(status=1, create_date="2025-01-15")
    world.run()
    assert world.deliveries() == []
    world.books.bookkeeper.mark_sent(draft["id"], notify=False)
    world.run()
    assert world.delivery(draft).is_delivered


def test_what_was_booked_before_the_start_is_left_alone(world: World) -> None:
    world.route.starts_at = timezone.now() + timedelta(days=2)
    world.route.save()
    world.book()
    world.run()
    assert world.deliveries() == []


def test_an_unmapped_client_holds_the_document_and_its_link_releases_it(world: World) -> None:
    invoice = world.book(FOXGLOVE)
    world.run()
    held = world.delivery(invoice)
    assert held.is_held
    assert "not linked to a trading partner" in sentence(held)
    foxglove = PartnerFactory.create(tenant=world.tenant, code="foxglove", name="Foxglove")
    DeliveryPlaceFactory.create(partner=foxglove, connection=world.sftp, outbound="inbound")
    PartnerLinkFactory.create(partner=foxglove, connection=world.freshbooks, party_id=FOXGLOVE)
    world.later()
    assert world.delivery(invoice).is_delivered
    assert world.story(held)[:2] == ["found", "held"]


def test_people_are_told_of_held_documents_once_and_until_they_go(world: World) -> None:
    for _ in range(3):
        world.book(FOXGLOVE)
    world.run()
    notice = Notice.unscoped.get(key="held-unmapped_party")
    assert notice.text.startswith(
        "The FreshBooks client Foxglove Florist is not linked to a trading partner."
    )
    foxglove = PartnerFactory.create(tenant=world.tenant, code="foxglove", name="Foxglove")
    DeliveryPlaceFactory.create(partner=foxglove, connection=world.sftp, outbound="inbound")
    PartnerLinkFactory.create(partner=foxglove, connection=world.freshbooks, party_id=FOXGLOVE)
    world.later()
    notice.refresh_from_db()
    assert notice.closed_at


def test_the_notice_of_held_documents_goes_with_the_last_of_them(world: World, alice: User) -> None:
    invoice = world.book(FOXGLOVE)
    world.run()
    services.dismiss(world.delivery(invoice), actor=alice)
    world.run()
    assert Notice.unscoped.get(key="held-unmapped_party").closed_at


def test_one_held_document_does_not_stop_the_others(world: World) -> None:
    world.book(FOXGLOVE)
    invoice = world.book()
    world.run()
    assert world.delivery(invoice).is_delivered


@pytest.mark.parametrize(
    ("wish", "reason"),
    [({"needs_gl_segment": True}, "GL segment"), ({"needs_po_number": True}, "purchase order number")],
)
def test_what_a_partner_insists_on_is_asked_for_by_name(
    world: World, wish: dict[str, bool], reason: str
) -> None:
    type(world.acme).unscoped.filter(pk=world.acme.pk).update(**wish)
    invoice = world.book(po_number=" ")
    world.run()
    assert reason in world.delivery(invoice).reason


def test_a_dry_run_does_everything_but_the_sending(world: World) -> None:
    world.route.dry_run = True
    world.route.save()
    delivery = world.delivery(_sent(world))
    assert delivery.transfer == "skipped"
    assert content_of(delivery).startswith(b"ISA")
    assert world.received() == []


def test_a_test_route_says_so_in_the_interchange(world: World) -> None:
    world.route.is_test = True
    world.route.save()
    content = content_of(world.delivery(_sent(world)))
    assert content.split(b"*")[15] == b"T"


def test_a_schedule_keeps_documents_until_their_time(world: World) -> None:
    world.route.every_minutes = 60
    world.route.save()
    delivery = world.delivery(_sent(world))
    assert delivery.transfer == "ready"
    assert delivery.next_attempt_at
    assert delivery.next_attempt_at > timezone.now()
    world.later()
    assert world.delivery({"id": delivery.source_id}).is_delivered


class TestChanges:
    def test_a_changed_invoice_is_sent_as_a_replacement(self, world: World) -> None:
        invoice = _sent(world)
        world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
        world.run()
        second = world.delivery(invoice, revision=2)
        assert second.is_delivered
        assert b"*05~" in content_of(second).split(b"BIG")[1][:60]

    def test_it_can_be_held_for_a_person_instead(self, world: World, alice: User) -> None:
        world.route.on_update = OnUpdate.HOLD
        world.route.save()
        invoice = _sent(world)
        world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
        world.later()
        second = world.delivery(invoice, revision=2)
        assert second.is_held
        services.release(second, actor=alice)
        world.run()
        assert world.delivery(invoice, revision=2).is_delivered

    def test_or_ignored(self, world: World) -> None:
        world.route.on_update = OnUpdate.IGNORE
        world.route.save()
        invoice = _sent(world)
        world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
        world.run()
        assert world.delivery(invoice, revision=2).transfer == "skipped"

    def test_changing_back_is_a_change_too(self, world: World) -> None:
        invoice = _sent(world, po_number="PO-1")
        for number in ("PO-2", "PO-1"):
            world.books.bookkeeper.edit_invoice(invoice["id"], po_number=number, notify=False)
            world.run()
        contents = [content_of(delivery) for delivery in world.deliveries()]
        assert [b"PO-1" in content for content in contents] == [True, False, True]

    def test_what_has_not_left_yet_is_superseded(self, world: World) -> None:
        world.route.every_minutes = 60
        world.route.save()
        invoice = _sent(world)
        world.books.bookkeeper.edit_invoice(invoice["id"], po_number="PO-9", notify=False)
        world.run()
        world.later()
        first, second = world.deliveries()
        assert (first.transfer, first.reason_code) == ("skipped", "superseded")
        assert second.is_delivered
        assert not second.is_replacement

    def test_a_deleted_invoice_is_not_sent(self, world: World) -> None:
        world.route.every_minutes = 60
        world.route.save()
        invoice = _sent(world)
        world.books.bookkeeper.delete_invoice(invoice["id"], notify=False)
        world.run()
        world.later()
        assert world.delivery(invoice).transfer == "skipped"

    def test_one_deleted_after_delivery_says_so(self, world: World) -> None:
        invoice = _sent(world)
        world.books.bookkeeper.delete_invoice(invoice["id"], notify=False)
        world.run()
        assert "deleted_at_source" in world.story(world.delivery(invoice))


class TestDecisions:
    def test_a_replay_sends_a_new_interchange_under_new_numbers(self, world: World, alice: User) -> None:
        delivery = world.delivery(_sent(world))
        before = delivery.interchange_control, delivery.interchange_name
        services.replay(delivery, actor=alice, why="the partner lost it")
        world.run()
        delivery.refresh_from_db()
        assert delivery.is_delivered
        assert (delivery.interchange_control, delivery.interchange_name) != before
        assert delivery.events.get(kind="replayed").actor == alice

    def test_what_is_being_sent_cannot_be_dismissed(self, world: World, alice: User) -> None:
        delivery = world.delivery(_sent(world))
        Delivery.unscoped.filter(pk=delivery.pk).update(transfer="sending", acknowledgement="none")
        with pytest.raises(IllegalStep):
            services.dismiss(delivery, actor=alice)

    def test_a_dismissed_document_is_not_sent(self, world: World, alice: User) -> None:
        invoice = world.book(FOXGLOVE)
        world.run()
        services.dismiss(world.delivery(invoice), actor=alice)
        world.later()
        assert world.delivery(invoice).transfer == "dismissed"


class TestAcknowledgements:
    def test_a_rejection_is_shown_with_its_reasons_and_told(self, world: World) -> None:
        world.files.sandbox.partner.company.instruct(Verdict.REJECT, {})
        invoice = _sent(world)
        world.received()
        world.run()
        delivery = world.delivery(invoice)
        assert delivery.acknowledgement == "rejected"
        assert delivery.reason
        assert Notice.unscoped.get(key=f"rejected-{delivery.pk}")

    def test_accepted_with_errors_is_not_simply_accepted(self, world: World) -> None:
        world.files.sandbox.partner.company.instruct(Verdict.ACCEPT_WITH_ERRORS, {})
        invoice = _sent(world)
        world.received()
        world.run()
        assert world.delivery(invoice).acknowledgement == "accepted_with_errors"

    def test_no_answer_in_time_is_overdue_and_told(self, world: World) -> None:
        delivery = world.delivery(_sent(world))
        Delivery.unscoped.filter(pk=delivery.pk).update(acknowledgement_due_at=timezone.now())
        world.run()
        delivery.refresh_from_db()
        assert delivery.acknowledgement == "overdue"
        assert Notice.unscoped.get(key=f"overdue-{delivery.pk}").closed_at is None

    def test_a_late_answer_still_counts(self, world: World) -> None:
        delivery = world.delivery(_sent(world))
        Delivery.unscoped.filter(pk=delivery.pk).update(acknowledgement="overdue")
        world.received()
        world.run()
        delivery.refresh_from_db()
        assert delivery.acknowledgement == "accepted"

    def test_an_answer_to_nothing_of_ours_is_kept_and_harmless(self, world: World) -> None:
        _sent(world)
        world.received()
        Delivery.unscoped.update(group_control="999")
        world.run()
        assert "which we did not send" in Arrival.unscoped.get().events.get(kind="read").text


def test_a_file_that_is_no_edi_fails_by_itself_and_goes_to_the_error_folder(world: World) -> None:
    world.files.sandbox.drop("/outbound/strange.txt", b"hello")
    world.run()
    arrival = Arrival.unscoped.get()
    assert arrival.state == "failed"
    assert sorted(one["path"] for one in world.files.sandbox.listing()) == [
        "/outbound/error/strange.txt",
        "/outbound/error/strange.txt.report.txt",
    ]


def test_a_failed_arrival_can_be_replayed(world: World, alice: User) -> None:
    world.files.sandbox.drop("/outbound/strange.txt", b"hello")
    world.run()
    arrival = services.replay_arrival(Arrival.unscoped.get(), actor=alice)
    world.later()
    arrival.refresh_from_db()
    assert list(arrival.events.values_list("kind", flat=True)) == ["received", "failed", "replayed", "failed"]


def test_the_same_bytes_under_another_name_are_a_duplicate(world: World) -> None:
    _sent(world)
    world.received()
    [answer] = [one["path"] for one in world.files.sandbox.listing() if one["path"].startswith("/outbound/")]
    content = world.files.sandbox.storage.local(answer).read_bytes()
    world.run()
    world.files.sandbox.drop("/outbound/again.x12", content)
    world.run()
    assert list(Arrival.unscoped.order_by("pk").values_list("state", flat=True)) == ["read", "duplicate"]


def test_a_link_removed_holds_new_documents(world: World) -> None:
    PartnerLink.unscoped.all().delete()
    assert world.delivery(_sent(world)).is_held
