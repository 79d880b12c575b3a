"""The last day of the month: every invoice to its partner through IBM Sterling, with trouble on the way.

The whole product runs as in `make demo`. One post in ten fails, and the workers are killed twice. In the end each
invoice lies in its partner's mailbox once and is acknowledged once. CI runs a small month; the whole one:

    MONTH_END=2000 .venv/bin/pytest tests/endurance/test_month_end.py
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from audit.models import Arrival, Attempt, Event
from audit.states import Acknowledgement, Transfer
from connections.models import Connection, SystemKind
from connector_site.stack.environment import Site
from connector_site.stack.ports import Ports
from connector_site.stack.running import ALIAS, RunningStack, _manage, running
from tests.endurance.test_kills import kill, standings, wait_until, worker_group

INVOICES = int(os.environ.get("MONTH_END", "60"))
PARTNERS = [f"p{number:02}" for number in range(1, 31)]
FAILS_ONE_IN = 10
# Without the kills and failures it takes a fraction of a second for each.
PATIENCE = 240.0 + 3.0 * INVOICES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(int(2 * PATIENCE) + 300)]


@pytest.fixture
def stack(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[RunningStack]:
    site = Site(tmp_path, Ports.free(), extra={"WORKER_STALL_SECONDS": "25"})
    options = [option for partner in PARTNERS for option in ("--sterling-partner", partner)]
    with (
        django_db_blocker.unblock(),
        running(site, sandbox_options=["--ack-after", "1", *options]) as made,
    ):
        yield made


def test_every_invoice_arrives_once_and_is_acknowledged_once(
    stack: RunningStack, capsys: pytest.CaptureFixture[str]
) -> None:
    clients = set_up(stack)
    fails = {"name": "server_error", "every": FAILS_ONE_IN}
    params = {"status": 503, "method": "POST", "path": "*/mailboxmessages/"}
    stack.sandbox("POST", f"{stack.site.sterling_url}/_sandbox/faults", **fails, params=params)
    began = time.monotonic()
    booked = [
        str(stack.book_invoice(clients[number % len(clients)], notify=False)["invoice_number"])
        for number in range(INVOICES)
    ]
    for part in (1, 2):
        enough = INVOICES * part // 3
        assert wait_until(partial(has_delivered, stack, enough), PATIENCE) is not None, standings(stack)
        assert kill(stack, worker_group)
    assert wait_until(partial(is_settled, stack), PATIENCE) is not None, standings(stack)
    took = time.monotonic() - began

    assert messages(stack) == INVOICES
    assert received(stack) == Counter(booked)
    answered = Event.unscoped.using(ALIAS).filter(kind="acknowledgement").values_list("delivery", flat=True)
    assert Counter(Counter(answered).values()) == {1: INVOICES}
    assert Arrival.unscoped.using(ALIAS).filter(connection__key="sterling").count() == INVOICES
    failed = Attempt.objects.using(ALIAS).filter(outcome="temporary").count()
    assert failed >= INVOICES // FAILS_ONE_IN // 2
    seen = stack.sandbox("GET", f"{stack.site.sterling_url}/_sandbox/mistakes")
    assert seen["mistakes"] == []
    assert seen["most_at_once"] <= 2
    with capsys.disabled():
        print(  # noqa: T201 - the figure is what the run is for
            f"\nmonth end: {INVOICES} invoices to {len(PARTNERS)} partners, {failed} temporary failures, "
            f"2 kills: {took:.0f} s until the last acknowledgement"
        )


def set_up(stack: RunningStack) -> list[int]:
    """Thirty clients in FreshBooks, each linked to a partner with mailboxes of its own; returns the clients."""
    url = f"{stack.site.freshbooks_url}/_sandbox/clients"
    address = {"p_street": "1 Long Road", "p_city": "Tucson", "p_province": "AZ", "p_code": "85701"}
    clients = [
        int(stack.sandbox("POST", url, organization=f"Partner {code}", notify=False, **address)["id"])
        for code in PARTNERS
    ]
    config = stack.site.directory / "month-end.yaml"
    config.write_text(yaml.safe_dump(configuration(clients)))
    _manage(stack.site, "import_config", str(config))
    assert Connection.unscoped.using(ALIAS).filter(system=SystemKind.IBM_STERLING).count() == 1
    return clients


def configuration(clients: list[int]) -> dict[str, Any]:
    partners = [
        {
            "code": code,
            "name": f"Partner {code}",
            "sender_id": "BYRONSUPPLY",
            "receiver_id": code.upper(),
            "places": [
                {"connection": "sterling", "outbound": f"/{code}/outbound", "inbound": f"/{code}/ack"}
            ],
            "links": [{"connection": "freshbooks", "client": str(client)}],
        }
        for code, client in zip(PARTNERS, clients, strict=True)
    ]
    ends = {"source": "freshbooks", "target": "files"}
    return {
        "tenant": {"slug": "byron-supply", "name": "Byron Supply", "time_zone": "America/New_York"},
        "connections": [
            {"key": "freshbooks", "system": "freshbooks"},
            {
                "key": "sterling",
                "system": "ibm_sterling",
                "poll_seconds": 15,
                "credentials": {
                    "username": "env:DEMO_STERLING_USERNAME",
                    "password": "env:DEMO_STERLING_PASSWORD",
                },
            },
            {"key": "files", "system": "sftp", "credentials": {"password": "env:DEMO_SFTP_PASSWORD"}},
        ],
        "partners": partners,
        "routes": [{"key": "invoices-to-files", **ends, "is_on": False}],
    }


def has_delivered(stack: RunningStack, enough: int) -> bool:
    return stack.deliveries.filter(transfer="delivered").count() >= enough


def is_settled(stack: RunningStack) -> bool:
    """Everything is accepted. When only waits are left, they are cut short: after a second failure it is minutes."""
    undelivered = stack.deliveries.exclude(transfer=Transfer.DELIVERED)
    if not undelivered.exclude(transfer=Transfer.WAITING).exists():
        undelivered.filter(next_attempt_at__gt=timezone.now()).update(next_attempt_at=timezone.now())
    accepted = stack.deliveries.filter(acknowledgement=Acknowledgement.ACCEPTED)
    return stack.deliveries.count() == INVOICES == accepted.count()


def received(stack: RunningStack) -> Counter[str]:
    """Invoice numbers as the partners count them."""
    sites = stack.sandbox("GET", f"{stack.site.sterling_url}/_sandbox/partners")["partners"]
    return Counter(document["number"] for site in sites for document in site["documents"])


def messages(stack: RunningStack) -> int:
    """How many messages lie in the partners' outbound boxes, taken or not."""
    boxes = stack.sandbox("GET", f"{stack.site.sterling_url}/_sandbox/boxes")["boxes"]
    return sum(len(box["messages"]) for box in boxes if box["path"].endswith("/outbound"))
