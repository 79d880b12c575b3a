"""Retention: old bytes go, unless somebody may still need them; what happened stays, and stays proven."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from audit import services
from audit.decisions import BYTES_ARE_GONE, READ_AGAIN, REPLAY
from audit.models import Arrival, Delivery, Payload, PayloadPart
from audit.models.arrivals import ArrivalState
from audit.models.payloads import PART
from audit.retention import remove_old_bytes
from audit.states import Acknowledgement, Document, Transfer
from tenants.models import User
from tests.admin.conftest import browser_of, stored
from tests.factories import ArrivalFactory, DeliveryFactory

NOW = timezone.now()


@pytest.fixture(autouse=True)
def a_year(settings: Any) -> None:
    settings.RETENTION_DAYS = 365


def delivery(tenant: Any, *, days: int = 400, **values: Any) -> Delivery:
    """A delivery whose bytes were stored `days` ago."""
    answers = {
        "transfer": Transfer.DELIVERED,
        "acknowledgement": Acknowledgement.ACCEPTED,
        "delivered_at": NOW,
        "next_attempt_at": NOW,
    } | values
    made = DeliveryFactory.create(
        tenant=tenant,
        source_record=stored(tenant, "record.json", b"{}"),
        canonical=stored(tenant, "invoice.json", b'{"a": 1}'),
        interchange=stored(tenant, "invoice.x12", b"ISA*"),
        **answers,
    )
    services.record(made, "translated", "Translated.", payload=made.interchange)
    Payload.unscoped.update(created_at=NOW - timedelta(days=days))
    return made


def contents() -> set[bytes]:
    return {bytes(content) for content in Payload.unscoped.values_list("content", flat=True)}


def test_old_bytes_of_a_finished_document_go(tenant: Any) -> None:
    delivery(tenant)
    assert remove_old_bytes() == 3
    assert contents() == {b""}
    assert remove_old_bytes() == 0


def test_of_large_bytes_every_part_goes(tenant: Any) -> None:
    made = delivery(tenant)
    made.interchange = stored(tenant, "large.x12", b"x" * (2 * PART + 1))
    made.save()
    Payload.unscoped.update(created_at=NOW - timedelta(days=400))
    assert remove_old_bytes() == 4
    assert contents() == {b""}
    assert not PayloadPart.unscoped.exists()
    assert Payload.unscoped.get(pk=made.interchange.pk).is_as_stored


def test_what_happened_stays_and_is_still_proven(tenant: Any) -> None:
    made = delivery(tenant)
    remove_old_bytes()
    made.refresh_from_db()
    assert made.fingerprint
    assert made.events.count() == 1
    call_command("verify_audit", stdout=StringIO())


def test_young_bytes_stay(tenant: Any) -> None:
    delivery(tenant, days=364)
    assert remove_old_bytes() == 0


def test_without_a_retention_time_all_stays(tenant: Any, settings: Any) -> None:
    settings.RETENTION_DAYS = 0
    delivery(tenant)
    assert remove_old_bytes() == 0


@pytest.mark.parametrize(
    "answers",
    [
        {"document": Document.HELD, "transfer": Transfer.READY, "acknowledgement": Acknowledgement.NONE},
        {"transfer": Transfer.WAITING, "acknowledgement": Acknowledgement.NONE},
        {"transfer": Transfer.FAILED, "acknowledgement": Acknowledgement.NONE},
        {"transfer": Transfer.IN_DOUBT, "acknowledgement": Acknowledgement.NONE},
        {"acknowledgement": Acknowledgement.WAITING},
        {"acknowledgement": Acknowledgement.OVERDUE},
        {"acknowledgement": Acknowledgement.REJECTED},
    ],
)
def test_what_waits_for_anything_keeps_its_bytes(tenant: Any, answers: dict[str, Any]) -> None:
    delivery(tenant, **answers)
    assert remove_old_bytes() == 0


@pytest.mark.parametrize(
    ("state", "settled", "gone"),
    [
        (ArrivalState.READ, True, 1),
        (ArrivalState.DISMISSED, True, 1),
        (ArrivalState.READ, False, 0),
        (ArrivalState.RECEIVED, True, 0),
        (ArrivalState.FAILED, True, 0),
        (ArrivalState.PARTLY_FAILED, True, 0),
    ],
)
def test_arrivals_keep_theirs_until_read_and_settled(
    tenant: Any, state: str, settled: bool, gone: int
) -> None:
    ArrivalFactory.create(tenant=tenant, state=state, settled_at=NOW if settled else None)
    Payload.unscoped.update(created_at=NOW - timedelta(days=400))
    assert remove_old_bytes() == gone


def test_what_is_gone_is_said_and_cannot_be_replayed(tenant: Any, alice: User) -> None:
    made = delivery(tenant)
    arrival: Arrival = ArrivalFactory.create(tenant=tenant, state=ArrivalState.READ, settled_at=NOW)
    Payload.unscoped.update(created_at=NOW - timedelta(days=400))
    remove_old_bytes()
    assert REPLAY.refuses(made, force=True) == BYTES_ARE_GONE
    assert READ_AGAIN.refuses(arrival, force=False) == BYTES_ARE_GONE
    browser: Client = browser_of(alice)
    assert "bytes were removed on" in browser.get(made.get_absolute_url()).content.decode()
    assert browser.get(f"{made.get_absolute_url()}bytes/{made.interchange_id}/").status_code == 410
