"""`kill -9` of every kind of process while 200 documents are on their way: nothing lost, nothing twice.

The whole product runs as in `make demo`: gunicorn, worker and sandbox under supervisord, on free ports.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from audit.models import Attempt
from connections.models import Heartbeat
from connector_site.stack.environment import Site
from connector_site.stack.ports import Ports
from connector_site.stack.running import ALIAS, RunningStack, running

DOCUMENTS = 200
KILLS = 5
CLIENTS = (55001, 55002, 55003, 55004, 55005)
FLOWS_AGAIN_WITHIN = 180.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture
def stack(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[RunningStack]:
    """A stack whose stuck workers are noticed sooner than usual, so that the test does not take an hour."""
    site = Site(tmp_path, Ports.free(), extra={"WORKER_STALL_SECONDS": "25"})
    with django_db_blocker.unblock(), running(site, sandbox_options=["--ack-after", "1"]) as made:
        yield made


def web_server(stack: RunningStack) -> int | None:
    """gunicorn's master: the first of its processes."""
    return min(processes("gunicorn", str(stack.site.ports.web)), default=None)


def worker_group(stack: RunningStack) -> int | None:
    """All of it at once, by its negative group id, as `kill` takes it."""
    group = Heartbeat.objects.using(ALIAS).values_list("group_id", flat=True).first()
    return -group if group else None


def busy_worker(stack: RunningStack) -> int | None:
    """One that is in the middle of an attempt."""
    under_way = Attempt.objects.using(ALIAS).filter(outcome="running", delivery__target__key="sterling")
    attempt = under_way.order_by("-pk").first()
    return int(attempt.worker.rpartition(":")[2]) if attempt else None


def idle_worker_next_in_line(stack: RunningStack) -> int | None:
    """The one that holds the queue's lock and reads from it, while the others wait for the lock."""
    log = (stack.site.directory / "worker.log").read_text(errors="replace")
    workers = [int(pid) for pid in re.findall(r"ready for work at (\d+)", log)]
    reading = [pid for pid in workers if pid in processes("qcluster") and system_call(pid) == "0"]
    return max(reading, default=None)


@pytest.mark.parametrize("victim", [web_server, worker_group, busy_worker, idle_worker_next_in_line])
def test_nothing_is_lost_and_nothing_doubled(
    stack: RunningStack, victim: Callable[[RunningStack], int | None]
) -> None:
    if victim is busy_worker:
        slow = {"name": "slow", "params": {"seconds": 0.4, "path": "*/mailboxmessages/*"}}
        stack.sandbox("POST", f"{stack.site.sterling_url}/_sandbox/faults", **slow)
    booked: list[str] = []
    for round_ in range(KILLS):
        for number in range(DOCUMENTS // KILLS):
            booked.append(stack.book_invoice(CLIENTS[number % 5])["invoice_number"])
        assert kill(stack, victim), f"no {victim.__name__} to be killed in round {round_ + 1}"
        stalled = wait_until(partial(flows, stack, delivered(stack), len(booked)), FLOWS_AGAIN_WITHIN)
        assert stalled is not None, f"nothing flowed for three minutes after kill {round_ + 1}"
    assert wait_until(lambda: is_settled(stack), 900) is not None, standings(stack)
    doubtful = set(stack.deliveries.filter(transfer="in_doubt").values_list("number", flat=True))
    assert len(doubtful) <= KILLS, "more documents in doubt than workers killed"
    at_sterling, at_files = received(stack)
    assert at_sterling == Counter(booked)
    assert {number: at_files[number] for number in booked if number not in doubtful} == {
        number: 1 for number in booked if number not in doubtful
    }
    assert all(at_files[number] <= 1 for number in doubtful)


def is_settled(stack: RunningStack) -> bool:
    """Everything is delivered and acknowledged, but for what a person has to decide.

    A file that was being renamed when its worker died, and that the partner has taken away since, is such a
    thing: nobody can know, so it is held and never sent blindly.
    """
    open_ones = stack.deliveries.exclude(acknowledgement="accepted").exclude(
        transfer="in_doubt", target__key="files"
    )
    return stack.deliveries.count() == 2 * DOCUMENTS and not open_ones.exists()


def standings(stack: RunningStack) -> Counter[tuple[str, ...]]:
    return Counter(stack.deliveries.values_list("transfer", "acknowledgement", "reason_code"))


def kill(stack: RunningStack, victim: Callable[[RunningStack], int | None]) -> bool:
    """Wait for a victim to show itself, and kill it without warning."""
    found = wait_until(lambda: victim(stack) is not None, 60)
    target = victim(stack) if found is not None else None
    while target is None and found is not None:
        target = victim(stack)
    if target is None:
        return False
    with suppress(ProcessLookupError):
        if target < 0:
            os.killpg(-target, signal.SIGKILL)
        else:
            os.kill(target, signal.SIGKILL)
    return True


def flows(stack: RunningStack, before: int, booked: int) -> bool:
    """Something was delivered since, or nothing is left to be delivered."""
    now = delivered(stack)
    return now > before or now >= 2 * booked - KILLS


def delivered(stack: RunningStack) -> int:
    return stack.deliveries.filter(transfer="delivered").count()


def received(stack: RunningStack) -> tuple[Counter[str], Counter[str]]:
    """Invoice numbers as the partners count them: behind Sterling, behind the SFTP server."""
    sites = stack.sandbox("GET", f"{stack.site.sterling_url}/_sandbox/partners")["partners"]
    files = stack.sandbox("GET", f"{stack.site.sftp_url}/_sandbox/partner")
    return (
        Counter(document["number"] for site in sites for document in site["documents"]),
        Counter(document["number"] for document in files["documents"]),
    )


def wait_until(is_true: Callable[[], bool], seconds: float) -> float | None:
    """How long it took, or None if it did not come true."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if is_true():
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def processes(*words: str) -> list[int]:
    """The processes of this machine whose command line has all of `words`."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (path / "cmdline").read_bytes().decode(errors="replace")
            if all(word in line for word in words):
                found.append(int(path.name))
    return found


def system_call(pid: int) -> str:
    """The number of the system call that the process waits in; 0 is `read`."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/syscall").read_text().split()[0]
    return ""
