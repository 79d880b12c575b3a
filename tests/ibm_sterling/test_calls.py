"""At most so many calls at once per installation, whoever makes them."""

import threading
from datetime import timedelta

import pytest
from django.db import connections as databases
from django.utils import timezone

from audit.leases import LEASE
from connections.models import CallSlot
from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import Temporary
from connections.systems.ibm_sterling import calls
from connections.systems.ibm_sterling.calls import Calls
from connections.systems.ibm_sterling.system import Sterling
from tests.ibm_sterling.conftest import INBOUND, Connect, connection_to, nothing_seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most", [1, 2])
def test_six_workers_make_no_more_calls_at_once_than_set(installation: sandbox.Running, most: int) -> None:
    for number in range(3):
        installation.sterling.drop(INBOUND, str(number), b"x")
    installation.sterling.faults.set("slow", seconds=0.03)
    found: list[int] = []

    def work() -> None:
        try:
            with Sterling(connection_to(installation, most_calls=most)) as system:
                found.append(len(list(system.collect(INBOUND, nothing_seen))))
        finally:
            databases.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [3] * 6
    assert installation.sterling.most_at_once <= most


def test_a_slot_is_given_back_whatever_becomes_of_the_call(
    installation: sandbox.Running, connect: Connect
) -> None:
    installation.sterling.faults.set("connection_closed", times=3)
    for _ in range(3):
        with connect() as system, pytest.raises(Temporary):
            list(system.collect(INBOUND, nothing_seen))
    assert not CallSlot.objects.exclude(lease_holder="").exists()


def test_a_killed_workers_slot_comes_free_by_itself() -> None:
    CallSlot.objects.create(
        installation="host:1",
        number=1,
        lease_holder="gone",
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    with Calls("host:1", 1).one():
        assert CallSlot.objects.get().lease_holder != "gone"


def test_who_waits_too_long_comes_back_later_and_no_document_pays_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "WAIT_SECONDS", 0.0)
    CallSlot.objects.create(
        installation="host:1", number=1, lease_holder="busy", lease_until=timezone.now() + LEASE
    )
    with pytest.raises(Temporary) as waited, Calls("host:1", 1).one():
        pass
    assert waited.value.retry_after


def test_another_installation_has_slots_of_its_own() -> None:
    with Calls("one:1", 1).one(), Calls("two:1", 1).one():
        assert CallSlot.objects.exclude(lease_holder="").count() == 2
