"""From FreshBooks into the folder of each partner and back, over real sockets."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit import services
from audit.models import Arrival, ArrivedDocument, Delivery
from audit.models.documents import DocumentState
from connections.models import ConnectionState, DocumentKind, Format, Poll
from connections.sandbox.cleo import Verdict
from connections.sandbox.freshbooks import FreshBooks as Books
from mappings.models.partners import PartyKind
from tests.cleo.world import SENT_KINDS, World, byron
from tests.factories import MembershipFactory, UserFactory
from tests.freshbooks.conftest import books, server
from tests.sandbox.interchanges import invoice, x12

__all__ = ["books", "server"]

SHOP, MILL = "shop", "mill"


@pytest.fixture(params=["plain"])
def shape(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(transactional_db: None, books: Books, server: Any, tmp_path: Path, shape: str) -> Iterator[World]:
    with byron(books, tmp_path / "cleo", [SHOP, MILL], shape=shape) as world:
        world.add_partner(SHOP, PartyKind.CLIENT)
        world.add_partner(MILL, PartyKind.VENDOR)
        yield world


@pytest.mark.parametrize("shape", ["plain", "second"], indirect=True)
def test_every_kind_lands_in_its_partner_s_folder_and_is_acknowledged(world: World) -> None:
    for kind in SENT_KINDS:
        world.way(kind)
    sold, bought = world.book(SHOP), world.bill(MILL)
    world.run()
    world.books.bookkeeper.pay_invoice(sold["id"], notify=False)
    world.books.bookkeeper.pay_bill(bought["id"])

    world.exchange()

    assert {(d.kind, d.acknowledgement, d.place) for d in world.deliveries()} == {
        ("invoice", "accepted", "shop/upload"),
        ("payment", "accepted", "shop/upload"),
        ("bill", "accepted", "mill/upload"),
        ("bill_payment", "accepted", "mill/upload"),
    }
    names = sorted(one["name"].split("_")[0] for one in world.running.cleo.exchange.taken)
    assert names == ["810", "820", "820", "850"]
    assert world.running.cleo.complaints() == []
    assert world.running.cleo.mistakes == []
    assert world.written_to_freshbooks() == []
    # Every file that was collected has been archived.
    assert len(world.running.cleo.names("archive")) == 4
    assert world.running.cleo.names("shop/download") == []


def test_a_rejection_comes_back_to_its_document(world: World) -> None:
    world.way(DocumentKind.INVOICE)
    bad, good = world.book(SHOP), world.book(SHOP)
    partner = world.running.cleo.sites[SHOP].company
    partner.instruct(Verdict.ACCEPT, {bad["invoice_number"]: Verdict.REJECT})
    world.exchange()

    said = {delivery.number: delivery.acknowledgement for delivery in world.deliveries()}
    assert said == {bad["invoice_number"]: "rejected", good["invoice_number"]: "accepted"}


def test_a_partner_may_want_edifact(world: World) -> None:
    partner = world.partners[SHOP]
    partner.acknowledges = "contrl"
    partner.edifact_sender_id, partner.edifact_receiver_id = "BYRON", "SHOP"
    partner.save()
    world.way(DocumentKind.INVOICE, format=Format.EDIFACT)
    world.book(SHOP)
    world.exchange()

    [delivery] = world.deliveries()
    assert delivery.acknowledgement == "accepted"
    assert delivery.interchange_name.startswith("INVOIC_shop_")


class TestWhatArrives:
    """Supplier invoices: by default a person decides; an opt-in route does it alone."""

    def arrive(self, world: World, number: str = "MILL-77") -> ArrivedDocument:
        content = x12(invoice(number), sender="MILL", receiver="BYRON")
        world.running.cleo.drop("mill/download", f"810_{number}.edi", content)
        world.run()
        return ArrivedDocument.unscoped.get(number=number)

    def bills(self, world: World) -> list[str]:
        return [row["bill_number"] for row in world.books.tables["bills"].rows.values()]

    def test_without_a_route_it_is_shown_and_nothing_is_booked(self, world: World) -> None:
        row = self.arrive(world)

        assert row.state == DocumentState.OPEN
        assert world.written_to_freshbooks() == []

    def test_a_person_creates_the_bill_and_it_is_booked_once(self, world: World) -> None:
        world.way_in(DocumentKind.SUPPLIER_INVOICE)
        row = self.arrive(world)
        assert row.state == DocumentState.OPEN
        assert "MILL-77" not in self.bills(world)

        user = UserFactory.create()
        MembershipFactory.create(tenant=world.tenant, user=user)
        browser = Client()
        browser.force_login(user)
        assert b"Create as bill" in browser.get(row.get_absolute_url()).content
        for _ in range(2):
            browser.post(f"{row.get_absolute_url()}take/")
            world.later()

        assert self.bills(world).count("MILL-77") == 1

    def test_a_route_that_is_set_to_books_by_itself(self, world: World) -> None:
        world.way_in(DocumentKind.SUPPLIER_INVOICE, books_by_itself=True)
        self.arrive(world)
        world.later()

        assert self.bills(world).count("MILL-77") == 1

    def test_the_bill_that_it_became_is_not_ordered_from_the_supplier(self, world: World) -> None:
        world.way(DocumentKind.BILL)
        world.way_in(DocumentKind.SUPPLIER_INVOICE, books_by_itself=True)
        self.arrive(world)
        world.later()
        bought = world.bill(MILL)
        world.later()

        echo, order = world.deliveries()
        assert (echo.number, echo.transfer, echo.reason_code) == ("MILL-77", "skipped", "echo")
        assert "it came from Mill itself" in services.sentence(echo)
        assert (order.number, order.transfer) == (bought["bill_number"], "delivered")

    def test_a_reply_that_is_lost_while_it_is_booked_makes_no_echo_either(self, world: World) -> None:
        world.way(DocumentKind.BILL)
        world.way_in(DocumentKind.SUPPLIER_INVOICE, books_by_itself=True)
        world.books.faults.set("reply_lost", times=1, path="*/bills/bills", method="POST")
        self.arrive(world)
        world.later()

        assert [delivery.reason_code for delivery in world.deliveries()] == ["echo"]
        assert self.bills(world).count("MILL-77") == 1

    def test_it_is_acknowledged_under_a_name_that_the_mailbox_takes(self, world: World) -> None:
        world.running.cleo.allowed = ("*.edi",)
        world.partners[MILL].answers_with = "997"
        world.partners[MILL].save()
        self.arrive(world)
        world.later()

        [name] = world.running.cleo.names("mill/upload")
        assert name.startswith("997_mill_")

    def test_the_same_invoice_again_is_a_duplicate(self, world: World) -> None:
        world.way_in(DocumentKind.SUPPLIER_INVOICE, books_by_itself=True)
        self.arrive(world)
        content = x12(invoice("MILL-77"), sender="MILL", receiver="BYRON", control=2)
        world.running.cleo.drop("mill/download", "again.edi", content)
        world.later()

        assert self.bills(world).count("MILL-77") == 1


class TestTrouble:
    def test_a_lost_answer_with_the_file_taken_waits_for_a_person(self, world: World) -> None:
        world.way(DocumentKind.INVOICE)
        world.book(SHOP)
        world.running.cleo.faults.set("picked_up_at_once", times=1)
        world.running.cleo.faults.set("reply_lost", times=1, path="*/shop/upload*", method="POST")
        world.run()
        world.later()
        [delivery] = world.deliveries()
        assert delivery.transfer == "in_doubt"
        assert "Cleo may have taken it" in delivery.reason
        world.later()
        assert len(world.received(SHOP)) == 1

        # Its 997 proves that it is there.
        world.exchange()
        [delivery] = world.deliveries()
        assert (delivery.transfer, delivery.acknowledgement) == ("delivered", "accepted")

    def test_a_refused_password_stops_the_connection_until_it_is_entered_again(self, world: World) -> None:
        world.way(DocumentKind.INVOICE)
        world.book(SHOP)
        world.running.cleo.faults.set("password_expired")
        world.run()
        world.later()
        world.cleo.refresh_from_db()
        assert world.cleo.state == ConnectionState.NEEDS_SIGN_IN
        assert world.running.cleo.access.refusals == 1

        world.running.cleo.faults.clear("password_expired")
        world.cleo.credentials_set_at = timezone.now()
        world.cleo.state = ConnectionState.ACTIVE
        world.cleo.save()
        world.later()
        assert [delivery.transfer for delivery in world.deliveries()] == ["delivered"]

    def test_a_rate_limit_rests_the_connection_and_loses_nothing(self, world: World) -> None:
        world.way(DocumentKind.INVOICE)
        for _ in range(3):
            world.book(SHOP)
        world.running.cleo.faults.set("rate_limited", times=2, retry_after="30", path="*/upload*")
        world.run()
        world.cleo.refresh_from_db()
        assert world.cleo.is_paused()
        world.later()
        world.later()
        world.later()
        world.running.cleo.tick()
        assert len(world.received(SHOP)) == len(set(world.received(SHOP))) == 3


class TestFrequency:
    """The choice of each route; what is found early waits for its time."""

    def test_daily_at_a_time_in_the_organisation_s_zone(self, world: World) -> None:
        world.way(DocumentKind.INVOICE, times_of_day=["17:30"])
        world.book(SHOP)
        world.run()

        [delivery] = world.deliveries()
        assert delivery.transfer == "ready"
        assert delivery.next_attempt_at is not None
        local = delivery.next_attempt_at.astimezone(world.tenant.zone)
        assert (local.time(), local - timezone.now() <= timedelta(days=1)) == (time(17, 30), True)
        assert world.received(SHOP) == []

    @pytest.mark.parametrize("minutes", [5, 240])
    def test_at_intervals(self, world: World, minutes: int) -> None:
        world.way(DocumentKind.INVOICE, every_minutes=minutes)
        world.book(SHOP)
        world.run()

        [delivery] = world.deliveries()
        assert delivery.next_attempt_at is not None
        assert timedelta(0) < delivery.next_attempt_at - timezone.now() <= timedelta(minutes=minutes)
        world.running.cleo.tick()
        assert world.received(SHOP) == []

    def test_two_routes_of_one_connection_keep_their_own_times(self, world: World) -> None:
        world.way(DocumentKind.INVOICE)
        world.way(DocumentKind.BILL, times_of_day=["06:00"])
        world.book(SHOP)
        world.bill(MILL)
        world.exchange()

        assert {d.kind: d.transfer for d in world.deliveries()} == {"invoice": "delivered", "bill": "ready"}

    def test_freshbooks_is_looked_at_just_before_a_time_comes(self, world: World) -> None:
        zone = world.tenant.zone
        soon = timezone.now().astimezone(zone) + timedelta(hours=2)
        world.way(DocumentKind.INVOICE, times_of_day=[f"{soon:%H:%M}"])
        world.freshbooks.poll_seconds = 24 * 3600
        world.freshbooks.save()
        world.run()

        poll = Poll.objects.get(connection=world.freshbooks, subject="invoices")
        slot = datetime.combine(soon.date(), time(soon.hour, soon.minute), tzinfo=zone)
        assert timedelta(0) < slot - poll.next_at <= timedelta(minutes=5)


def test_what_is_seen_on_the_timeline_says_where_it_came_from(world: World) -> None:
    world.way(DocumentKind.INVOICE)
    sold = world.book(SHOP)
    world.exchange()

    [delivery] = world.deliveries()
    told = delivery.events.get(kind="delivered")
    assert told.data["freshbooks_id"] == str(sold["id"]) == delivery.source_id
    assert services.sentence(delivery)
    assert Arrival.unscoped.filter(connection=world.cleo).count() == 1
    assert Delivery.unscoped.count() == 1
