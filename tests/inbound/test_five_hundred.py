"""A remittance of 500 invoices, FreshBooks failing one call in ten, workers killed: each paid once, to the cent."""

import os
import signal
import subprocess
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from audit.leases import free_all_of, group_name
from audit.models import Delivery
from audit.states import Transfer
from connections.models import Connection
from connections.pipeline.deliver import TIME_TO_APPEAR, drain
from tests import process
from tests.inbound.conftest import REMITTANCE, World, remittance

INVOICES = 500
KILL_AT = (100, 220, 340)
# Each strikes one call in thirty: carried out but unanswered, not carried out, told to come later.
FAULTS = ("reply_lost", "connection_closed", "rate_limited")
ONE_IN = 30

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_five_hundred_payments_each_once_to_the_cent(world: World) -> None:
    world.route(REMITTANCE)
    amounts = [Decimal(1000 + 7 * number) / 100 for number in range(INVOICES)]
    invoices = [world.invoice(str(amount)) for amount in amounts]
    # Every fifth is paid in part, to the cent.
    paid = [amount - Decimal("3.33") if n % 5 == 0 else amount for n, amount in enumerate(amounts)]
    lines = [(row["invoice_number"], str(cents)) for row, cents in zip(invoices, paid, strict=True)]
    world.send(remittance("REM-500", *lines))
    assert len(world.deliveries()) == INVOICES

    kills = list(KILL_AT)
    while open_ones():
        worker = process.start(f"{__name__}.work", world.freshbooks.pk)
        while worker.poll() is None:
            strike(world)
            if kills and delivered() >= kills[0]:
                kills.pop(0)
                kill(worker)
            time.sleep(0.05)

    assert kills == [], "no worker was there to be killed"
    rows = [row for row in world.booked("payments") if "REM-500 ref " in (row["note"] or "")]
    booked = Counter((row["invoiceid"], Decimal(row["amount"]["amount"])) for row in rows)
    assert booked == Counter((row["id"], cents) for row, cents in zip(invoices, paid, strict=True))
    assert {one.transfer for one in world.deliveries()} == {Transfer.DELIVERED}
    assert len({one.freshbooks_id for one in world.deliveries()}) == INVOICES


def work(connection_id: str) -> None:
    """What a worker does until all is delivered: deliver, and begin again when a call has failed."""
    while open_ones():
        drain(int(connection_id))
        hurry()
        time.sleep(0.05)


def open_ones() -> bool:
    under_way = [Transfer.READY, Transfer.SENDING, Transfer.WAITING]
    return Delivery.unscoped.filter(transfer__in=under_way).exists()


def delivered() -> int:
    return Delivery.unscoped.filter(transfer=Transfer.DELIVERED).count()


def kill(worker: "subprocess.Popen[bytes]") -> None:
    """Without warning; what it held is given free by whoever made sure that it is dead."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    free_all_of(group_name(worker.pid))


def strike(world: World) -> None:
    """Arm every switch that has struck; the last few go unharmed, or the test would wait for one of them alone."""
    if delivered() > INVOICES - 20:
        world.books.faults.clear()
        return
    board: dict[str, Any] = world.books.faults.board()
    for offset, name in enumerate(FAULTS):
        if board[name]["armed"] is None:
            skip = ONE_IN - 1 - 10 * offset if delivered() == 0 else ONE_IN - 1
            world.books.faults.set(name, times=1, skip=skip, path="*/accounting/account/*")


def hurry() -> None:
    """Pauses of minutes and hours are cut short, but not the time in which a lost payment may still appear."""
    now = timezone.now()
    soon = now + TIME_TO_APPEAR + timedelta(seconds=1)
    long_ones = Delivery.unscoped.filter(
        transfer=Transfer.WAITING, next_attempt_at__gt=soon + timedelta(seconds=5)
    )
    long_ones.update(next_attempt_at=soon)
    Connection.unscoped.update(paused_until=None)
