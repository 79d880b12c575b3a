"""A month of Byron Supply's traffic in minutes, with everything going wrong that the stand-in knows.

Ten suppliers get orders (850) and remittances (820), two customers get invoices (810) and remittances (820), and
suppliers send invoices (810) that are booked. Nothing may be lost, nothing may be there twice, and every 997 has
to find what it answers. `CLEO_MONTH_SCALE` multiplies the traffic of each day.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit import services
from audit.models import Arrival
from connections.models import DocumentKind, Route
from connections.pipeline.check import check
from connections.sandbox.freshbooks import FreshBooks as Books
from mappings.models.partners import PartyKind
from tenants.models import User
from tests.cleo.world import SENT_KINDS, World, byron
from tests.factories import UserFactory
from tests.freshbooks.conftest import books, server
from tests.sandbox.interchanges import invoice, x12

__all__ = ["books", "server"]

DAYS = 30
SCALE = int(os.environ.get("CLEO_MONTH_SCALE", "1"))
SUPPLIERS = [f"supplier{number:02}" for number in range(1, 11)]
CUSTOMERS = ["north-stores", "south-stores"]
UPLOADS = {"path": "*/upload*", "method": "POST"}
# What goes wrong, a few of them each day: the switch and where it strikes.
TROUBLES: list[tuple[str, dict[str, Any]]] = [
    ("reply_lost", UPLOADS),
    ("picked_up_at_once", {}),
    ("rate_limited", {"retry_after": "3"}),
    ("server_error", {"status": 503}),
    ("html_error", {"status": 502, **UPLOADS}),
    ("html_error", {"status": 502, "method": "GET"}),
    ("connection_closed", {"reset": True}),
    ("connection_closed", UPLOADS),
    ("tokens_lost", {}),
    ("reply_lost", {"path": "*/move"}),
    ("server_error", {"status": 500, "path": "*/content"}),
    ("short_tokens", {}),
    ("page_cap", {"rows": 1}),
]


@pytest.fixture
def world(transactional_db: None, books: Books, server: Any, tmp_path: Path) -> Iterator[World]:
    with byron(books, tmp_path / "cleo", [*SUPPLIERS, *CUSTOMERS]) as world:
        for code in SUPPLIERS:
            world.add_partner(code, PartyKind.VENDOR)
        for code in CUSTOMERS:
            world.add_partner(code, PartyKind.CLIENT)
        for kind in SENT_KINDS:
            world.way(kind)
        Route.unscoped.update(starts_at=timezone.now() - timedelta(days=DAYS + 2))
        world.way_in(DocumentKind.SUPPLIER_INVOICE, books_by_itself=True)
        yield world


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_nothing_is_lost_nothing_is_there_twice_and_every_997_is_matched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Days go by in seconds here: what has not appeared by the next look never will.
    monkeypatch.setattr("connections.pipeline.deliver.TIME_TO_APPEAR", timedelta(0))
    chance = random.Random(20260302)
    person = UserFactory.create()
    expected: dict[str, Counter[str]] = {code: Counter() for code in world.partners}
    arrived: list[str] = []
    for day in range(DAYS):
        on = date.today() - timedelta(days=DAYS - day)  # noqa: DTZ011 - any month will do
        _break_something(world, chance)
        for _ in range(SCALE):
            _work_of_a_day(world, chance, on, expected, arrived)
        world.run()
        world.running.cleo.tick()
        world.later()
        _look_after(world)
    world.running.cleo.faults.clear()
    _look_after(world)
    _come_to_rest(world, person)

    sent = [delivery for delivery in world.deliveries() if delivery.transfer != "skipped"]
    assert len(sent) == sum(counts.total() for counts in expected.values())
    assert {(delivery.transfer, delivery.acknowledgement) for delivery in sent} == {("delivered", "accepted")}
    got = {code: Counter(_kinds_received(world, code)) for code in world.partners}
    assert got == expected
    assert world.running.cleo.complaints() == []
    assert world.running.cleo.mistakes == []
    booked = Counter(row["bill_number"] for row in world.books.tables["bills"].rows.values())
    assert {number: booked[number] for number in arrived} == dict.fromkeys(arrived, 1)
    # What suppliers sent is a bill by now; it is not ordered from them once more.
    echoes = world.deliveries(transfer="skipped")
    assert {delivery.reason_code for delivery in echoes} == {"echo"}
    assert {delivery.number for delivery in echoes} == set(arrived)
    # Every file that came has been read and archived; each 997 is one of them.
    assert set(Arrival.unscoped.values_list("state", flat=True)) <= {"read", "duplicate"}
    assert not Arrival.unscoped.filter(settled_at__isnull=True).exists()
    assert all(world.running.cleo.names(f"{code}/download") == [] for code in world.partners)


def _break_something(world: World, chance: random.Random) -> None:
    world.running.cleo.faults.clear()
    for switch, params in chance.sample(TROUBLES, 3):
        world.running.cleo.faults.set(switch, times=chance.randint(1, 2), skip=chance.randint(0, 6), **params)


def _work_of_a_day(
    world: World, chance: random.Random, on: date, expected: dict[str, Counter[str]], arrived: list[str]
) -> None:
    keeper = world.books.bookkeeper
    customer = chance.choice(CUSTOMERS)
    sold = world.book(customer, create_date=on.isoformat())
    expected[customer]["810"] += 1
    if chance.random() < 0.6:
        keeper.pay_invoice(sold["id"], notify=False)
        expected[customer]["820"] += 1
    for supplier in chance.sample(SUPPLIERS, 2):
        bought = world.bill(supplier, issue_date=on.isoformat())
        expected[supplier]["850"] += 1
        if chance.random() < 0.4:
            keeper.pay_bill(bought["id"])
            expected[supplier]["820"] += 1
    supplier = chance.choice(SUPPLIERS)
    arrived.append(f"S-{len(arrived) + 1001}")
    content = x12(invoice(arrived[-1]), sender=supplier.upper(), receiver="BYRON", control=len(arrived))
    # Names are used again when they are free; some files come twice.
    name = f"810_{len(arrived) % 7}.edi"
    if name in world.running.cleo.names(f"{supplier}/download"):
        name = f"810_{len(arrived)}_late.edi"
    world.running.cleo.drop(f"{supplier}/download", name, content)
    if chance.random() < 0.2:
        world.running.cleo.drop(f"{supplier}/download", f"again_{name}", content)


def _look_after(world: World) -> None:
    """A token that is refused twice in a row stops the connection: then a person presses “Test it”."""
    world.cleo.refresh_from_db()
    if not world.cleo.is_usable:
        check(world.cleo.pk)


def _come_to_rest(world: World, person: User) -> None:
    """Let everything end; a person looks in Cleo for what nobody can know, and decides."""
    for _ in range(4):
        world.running.cleo.tick()
        world.later()
    for delivery in world.deliveries(transfer="in_doubt"):
        # Whatever was taken has been acknowledged by now, and is in doubt no more.
        services.replay(delivery, actor=person, why="It is not in Cleo's log.")
    for _ in range(6):
        world.later()
        world.running.cleo.tick()
    world.later()


def _kinds_received(world: World, code: str) -> list[str]:
    """What the partner has got, by its own account; a number that came twice would be among its complaints."""
    return [one["kind"] for one in world.running.cleo.sites[code].company.documents if one["taken"]]
