"""The timeline: append-only, in order, and any change behind its back is detected."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit import services
from audit.models import Delivery, Event, Payload
from audit.models.events import EventIsFinal
from tenants.models import User
from tests.admin.conftest import stored
from tests.factories import ArrivalFactory, DeliveryFactory


@pytest.fixture
def delivery(db: None) -> Delivery:
    delivery = DeliveryFactory.create()
    for number in range(3):
        services.record(delivery, "found", f"Event {number}", data={"number": number})
    return delivery


def verify() -> str:
    said = StringIO()
    call_command("verify_audit", stdout=said, stderr=said)
    return said.getvalue()


def test_events_are_numbered_and_chained(delivery: Delivery) -> None:
    first, second, third = delivery.events.all()
    assert [first.sequence, second.sequence, third.sequence] == [1, 2, 3]
    assert second.previous_hash == first.hash
    assert third.previous_hash == second.hash
    assert delivery.last_event_hash == third.hash


def test_an_event_is_never_changed_or_deleted(delivery: Delivery) -> None:
    event = delivery.events.get(sequence=1)
    event.text = "Something else"
    with pytest.raises(EventIsFinal):
        event.save()
    with pytest.raises(EventIsFinal):
        event.delete()


def test_an_untouched_audit_is_found_so(delivery: Delivery) -> None:
    services.record(ArrivalFactory.create(tenant=delivery.tenant), "received", "Received.")
    assert "2 timelines checked, none was changed" in verify()


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        (lambda events: events.filter(sequence=2).update(text="Forged"), "event 2 was changed"),
        (lambda events: events.filter(sequence=2).update(data={"number": 9}), "event 2 was changed"),
        (lambda events: events.filter(sequence=2).delete(), "event 2 is missing"),
        (lambda events: events.filter(sequence=3).delete(), "the end is missing"),
        (lambda events: events.filter(sequence=3).update(sequence=4), "event 3 is missing"),
    ],
)
def test_tampering_is_detected(delivery: Delivery, tamper, finding) -> None:
    said = StringIO()
    tamper(Event.unscoped.filter(delivery=delivery))
    with pytest.raises(CommandError):
        call_command("verify_audit", stderr=said)
    assert finding in said.getvalue()


def test_who_pressed_what_stays_when_the_user_is_gone(delivery: Delivery, alice: User) -> None:
    event = services.record(delivery, "replayed", "Replayed.", actor=alice)
    alice.memberships.all().delete() if hasattr(alice, "memberships") else None
    Event.unscoped.filter(pk=event.pk).update(actor=None)
    event.refresh_from_db()
    assert event.actor_name == str(alice)
    assert event.hash == event.expected_hash()


def test_changed_bytes_are_detected(delivery: Delivery) -> None:
    payload = stored(delivery.tenant, "invoice.x12", b"ISA")
    services.record(delivery, "translated", "Translated.", payload=payload)
    said = StringIO()
    Payload.unscoped.filter(pk=payload.pk).update(content=b"ISB")
    with pytest.raises(CommandError):
        call_command("verify_audit", stderr=said)
    assert f"payload {payload.pk}, invoice.x12: its bytes were changed" in said.getvalue()


def test_bytes_changed_together_with_their_checksum_are_detected(delivery: Delivery) -> None:
    payload = stored(delivery.tenant, "invoice.x12", b"ISA")
    services.record(delivery, "translated", "Translated.", payload=payload)
    other = stored(delivery.tenant, "invoice.x12", b"ISB")
    said = StringIO()
    Payload.unscoped.filter(pk=payload.pk).update(content=b"ISB", sha256=other.sha256)
    with pytest.raises(CommandError):
        call_command("verify_audit", stderr=said)
    assert "event 4 was changed" in said.getvalue()
