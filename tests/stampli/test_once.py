"""One bill, whatever tells of it how often, and whoever dies over it: one file with that bill."""

import json
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection as database
from django.test import Client as Browser
from django.utils import timezone

from connections.models import Callback, Hint, Slot
from connections.systems.freshbooks.webhooks import token_hash
from tests.freshbooks.test_webhooks import TOKEN, VERIFIER, sign
from tests.stampli.test_outbound import add_bill, backdate_doubt
from tests.stampli.world import NORTHWIND, World

NAMES = (
    "SITE_URL",
    "OUTBOUND_ALLOW_LOOPBACK",
    "FRESHBOOKS_API_URL",
    "FRESHBOOKS_AUTH_URL",
    "FRESHBOOKS_CLIENT_ID",
    "FRESHBOOKS_CLIENT_SECRET",
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def start_worker(*, rounds: int = 1, dies: bool = False) -> subprocess.Popen[bytes]:
    """A process of its own, on the database of this test."""
    given = {
        "database": database.settings_dict["NAME"],
        "settings": {name: getattr(settings, name) for name in NAMES},
        "rounds": rounds,
        "dies": dies,
    }
    return subprocess.Popen([sys.executable, "-m", "tests.stampli.one_worker", json.dumps(given)])


def tell(world: World, event: str, object_id: int, times: int) -> None:
    """FreshBooks' webhook, so many times."""
    # The upkeep of webhooks has replaced one that FreshBooks does not list.
    secrets = {"token_hash": token_hash(TOKEN), "verifier": VERIFIER, "is_verified": True}
    Callback.objects.update_or_create(connection=world.freshbooks, event="bill", defaults=secrets)
    fields = {
        "name": event,
        "object_id": str(object_id),
        "account_id": world.books.identity.account_id,
        "business_id": str(world.books.identity.business_id),
        "identity_id": "1",
        "user_id": "1",
    }
    for _ in range(times):
        answer = Browser().post(
            f"/hooks/freshbooks/{TOKEN}",
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers={"X-FreshBooks-Hmac-SHA256": sign(fields, VERIFIER)},
        )
        assert answer.status_code < 300, answer.status_code


def test_five_webhooks_three_polls_two_workers_and_a_kill_make_one_file(world: World) -> None:
    world.flow()
    bill = add_bill(world)
    tell(world, "bill.create", bill["id"], 3)
    assert Hint.objects.get().count == 3
    Hint.objects.update(due_at=timezone.now())

    assert start_worker(dies=True).wait(timeout=120) == -signal.SIGKILL
    (delivery,) = world.deliveries("bill")
    assert delivery.transfer == "sending"
    assert len(world.rows("Line Number")) == 1

    # Nobody waits for the leases of the dead, and what it sent has had time to appear.
    Slot.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    backdate_doubt()
    tell(world, "bill.update", bill["id"], 2)
    Hint.objects.update(due_at=timezone.now())
    workers = [start_worker(rounds=3) for _ in range(2)]
    assert [worker.wait(timeout=200) for worker in workers] == [0, 0]

    (delivery,) = world.deliveries("bill")
    assert delivery.is_delivered
    assert [row["External Invoice ID"] for row in world.rows("Line Number")] == [str(bill["id"])]
    assert [row["Vendor ID"] for row in world.rows("Email")] == [str(NORTHWIND)]
    world.stampli_works()
    assert world.worker.received == {str(bill["id"]): 1}
    assert world.complaints() == []
    outcomes = list(delivery.attempts.order_by("number").values_list("outcome", flat=True))
    assert outcomes == ["crashed", "found"]
