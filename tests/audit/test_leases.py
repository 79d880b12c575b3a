"""A lease is held by at most one worker, outlives slowness, and does not outlive its holder."""

import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.utils import timezone

from audit import leases
from connections.models import Slot, Work
from tests.factories import ConnectionFactory


@pytest.fixture
def slot(db: None) -> Slot:
    return Slot.of(ConnectionFactory.create(), Work.DELIVER)


def test_a_taken_lease_is_not_free_and_free_again_when_given_back(slot: Slot) -> None:
    token = leases.take(slot)
    assert token
    assert leases.take(slot) == ""
    leases.give_back(slot, token)
    assert leases.take(slot)


def test_only_the_holder_can_renew_or_give_back(slot: Slot) -> None:
    token = leases.take(slot)
    assert not leases.renew(slot, "somebody else")
    leases.give_back(slot, "somebody else")
    assert leases.renew(slot, token)


def test_a_lease_whose_holder_died_is_free_after_its_time(slot: Slot) -> None:
    dead = leases.take(slot)
    Slot.objects.filter(pk=slot.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert leases.take(slot)
    assert not leases.renew(slot, dead)


@pytest.mark.django_db(transaction=True)
def test_of_many_threads_one_gets_it() -> None:
    slot = Slot.of(ConnectionFactory.create(), Work.DELIVER)
    start, tokens = Barrier(8), []

    def grab() -> None:
        start.wait()
        tokens.append(leases.take(slot))
        connections.close_all()

    threads = [Thread(target=grab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([token for token in tokens if token]) == 1


@pytest.mark.django_db(transaction=True)
def test_slow_work_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=0.6))
    monkeypatch.setattr(leases, "RENEW_EVERY", timedelta(seconds=0.1))
    slot = Slot.of(ConnectionFactory.create(), Work.DELIVER)
    beats: list[None] = []
    with leases.held(slot, on_renew=lambda: beats.append(None)) as token:
        assert token
        time.sleep(1.5)
        assert leases.take(slot) == ""
    assert beats
    assert leases.take(slot)


def test_the_lease_is_given_back_when_the_work_fails(slot: Slot) -> None:
    with pytest.raises(ZeroDivisionError), leases.held(slot):
        raise ZeroDivisionError
    assert leases.take(slot)
