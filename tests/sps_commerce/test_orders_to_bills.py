"""Retailers' orders become bills in FreshBooks, each once; their ship notices are written on the bill's timeline."""

import threading
from typing import Any

import pytest
from django.db import connections as databases

from audit import services
from audit.models import Arrival, ArrivedDocument, Delivery
from connections.pipeline.read import read
from connections.sandbox import sps_commerce as sandbox
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.sandbox.sps_commerce import orders
from connections.systems.base import Temporary
from tenants.models import Tenant, User
from tests.freshbooks.conftest import books, server
from tests.sps_commerce.world import FREIGHT, World

__all__ = ["books", "server"]


@pytest.fixture
def world(transactional_db: None, tenant: Tenant, books: Books, server: Any, sps: sandbox.Running) -> World:
    return World(tenant, books, sps)


NOTATIONS = [
    {"notation": "json"},
    {"notation": "xml"},
    {"notation": "xml", "wrapping": "singular"},
    {"notation": "xml", "wrapping": "bare"},
]


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda one: "-".join(one.values()))
@pytest.mark.parametrize("switch", ["", "bom", "crlf"])
def test_an_order_becomes_a_bill_in_every_notation(
    world: World, notation: dict[str, Any], switch: str
) -> None:
    world.inbound()
    world.sps.sps.book_order(**notation)
    if switch:
        world.sps.sps.faults.set(switch)

    assert world.poll() == 1
    world.deliver()

    [bill] = world.new_bills()
    assert (bill["vendorid"], bill["bill_number"], bill["due_offset_days"]) == (1561, "77120", 30)
    assert bill["total_amount"] == {"amount": "60.00", "code": "USD"}
    assert bill["lines"][0]["description"] == "PO 77120: Item BRKT-8"
    assert world.sps.sps.files() == {}


@pytest.mark.parametrize("notation", ["json", "xml"])
def test_a_file_may_hold_many(world: World, notation: str) -> None:
    world.inbound()
    world.sps.sps.book_order(notation=notation, documents=3)

    world.poll()
    world.deliver()

    assert sorted(bill["bill_number"] for bill in world.new_bills()) == ["77120", "77121", "77122"]


def test_one_broken_document_does_not_stop_the_others_of_its_file(world: World) -> None:
    world.inbound()
    trees = [orders.order(number) for number in ("1", "2", "3")]
    del trees[1]["Header"]["OrderHeader"]["PurchaseOrderNumber"]
    world.sps.sps.drop("out/PO/a.json", orders.as_json(trees))

    world.poll()
    world.deliver()

    arrival = Arrival.unscoped.get()
    assert arrival.state == "partly_failed"
    assert "PurchaseOrderNumber" in arrival.reason
    assert sorted(bill["bill_number"] for bill in world.new_bills()) == ["1", "3"]


def test_the_content_tells_format_and_number_not_the_name(world: World) -> None:
    world.inbound()
    world.sps.sps.drop("out/PO/PO1.json", orders.as_xml([orders.order("0077")]))

    world.poll()
    world.deliver()

    assert [bill["bill_number"] for bill in world.new_bills()] == ["0077"]


def test_the_original_is_kept(world: World) -> None:
    world.inbound()
    path = world.sps.sps.book_order()
    content = world.sps.sps.files()[path]

    world.poll()

    arrival = Arrival.unscoped.get()
    assert bytes(arrival.payload.content) == content
    assert arrival.settled_at is not None


def test_items_are_booked_by_the_item_mapping(world: World) -> None:
    world.inbound()
    world.item("BRKT-8", "Shelf bracket")
    world.category("Shelf bracket", FREIGHT)
    world.sps.sps.book_order()

    world.poll()
    world.deliver()

    [bill] = world.new_bills()
    assert bill["lines"][0]["categoryid"] == int(FREIGHT)


def test_without_a_currency_the_partners_counts(world: World) -> None:
    world.retailer.books_currency = "CAD"
    world.retailer.save()
    world.inbound()
    world.sps.sps.book_order(currency="")

    world.poll()
    world.deliver()

    assert world.new_bills()[0]["currency_code"] == "CAD"


def test_without_any_currency_it_is_held_by_name(world: World) -> None:
    world.retailer.books_currency = ""
    world.retailer.save()
    world.inbound()
    world.sps.sps.book_order(currency="")

    world.poll()

    assert world.only().reason_code == "no_currency"


def test_a_total_that_is_another_sum_is_recorded_and_never_a_reason_to_refuse(world: World) -> None:
    world.inbound()
    world.sps.sps.book_order(total="55.00")

    world.poll()
    world.deliver()

    assert world.new_bills()[0]["total_amount"]["amount"] == "60.00"
    assert "total_differs" in world.story(world.only())


def test_a_line_without_a_price_is_held_by_name(world: World) -> None:
    world.inbound()
    tree = orders.order("77120")
    del tree["LineItem"][0]["OrderLine"]["PurchasePrice"]
    world.sps.sps.drop("out/PO/a.json", orders.as_json([tree]))

    world.poll()

    held = world.only()
    assert held.reason_code == "no_price"
    assert "Item BRKT-8" in held.reason


def test_an_order_of_somebody_unknown_is_nobodys(world: World) -> None:
    """Though only one partner leaves files here: its order would be billed to the wrong one."""
    world.inbound()
    world.sps.sps.book_order(partner="SOMEBODYELSE")

    world.poll()

    row = ArrivedDocument.unscoped.get()
    assert (row.state, row.partner) == ("open", None)
    assert "SOMEBODYELSE" in row.reason


class TestNotTwice:
    def test_the_same_content_under_another_name_and_notation_is_a_duplicate(self, world: World) -> None:
        world.inbound()
        world.sps.sps.book_order(number="77120")
        world.poll()
        world.sps.sps.book_order(number="77120", notation="xml")
        world.poll()
        world.deliver()

        assert len(world.new_bills()) == 1
        assert world.story(world.only())[-1] in ("repeated", "delivered")
        assert ArrivedDocument.unscoped.filter(state="duplicate").count() == 1
        assert world.sps.sps.files() == {}

    def test_the_same_number_with_other_content_is_shown_to_a_person_as_a_change(
        self, world: World, alice: User
    ) -> None:
        world.inbound()
        world.sps.sps.book_order(number="77120")
        world.poll()
        world.deliver()
        world.sps.sps.book_order(number="77120", lines=[("BRKT-8", 30, "2.50")])
        world.poll()
        world.deliver()

        assert len(world.new_bills()) == 1
        change = world.only(revision=2)
        assert (change.document, change.reason_code) == ("held", "changed")
        services.release(change, actor=alice)
        world.deliver()
        assert sorted(bill["total_amount"]["amount"] for bill in world.new_bills()) == ["60.00", "75.00"]

    @pytest.mark.parametrize("purpose", ["01", "05", "06", "07"])
    def test_what_is_no_original_waits_for_a_person(self, world: World, purpose: str) -> None:
        world.inbound()
        world.sps.sps.book_order(purpose=purpose)

        world.poll()
        world.deliver()

        assert world.new_bills() == []
        assert world.only().reason_code == "needs_a_person"

    def test_a_copy_for_information_is_not_billed_by_itself(self, world: World) -> None:
        world.inbound()
        world.sps.sps.book_order(kind="IN")

        world.poll()
        world.deliver()

        assert world.new_bills() == []
        assert "for information" in world.only().reason

    def test_the_same_number_of_another_partner_is_another_order(self, world: World) -> None:
        from tests.factories import PartnerFactory, PartnerLinkFactory

        other = PartnerFactory.create(
            tenant=world.tenant, code="other", rsx_partner_id="OTHER", receiver_id="O"
        )
        PartnerLinkFactory.create(
            partner=other, connection=world.freshbooks, party_kind="vendor", party_id="1562"
        )
        world.inbound()
        for partner in ("4X7ALLNORTHLINE", "OTHER"):
            path = f"out/PO/{partner}.json"
            world.sps.sps.drop(path, orders.as_json([orders.order("77120", partner=partner)]))

        world.poll()
        world.deliver()

        assert {bill["vendorid"] for bill in world.new_bills()} == {1561, 1562}

    def test_replaying_the_arrival_keeps_the_identity(self, world: World) -> None:
        world.inbound()
        world.sps.sps.book_order()
        world.poll()
        world.deliver()
        arrival = Arrival.unscoped.get()
        arrival.state = "received"
        arrival.save()

        read(arrival)
        world.deliver()

        assert len(world.new_bills()) == 1

    def test_after_a_lost_answer_the_bill_is_looked_up_before_a_second_post(self, world: World) -> None:
        world.inbound()
        world.sps.sps.book_order()
        world.books.faults.set("reply_lost", times=1, path="*/bills/bills", method="POST")

        world.poll()
        world.finish()

        assert len(world.new_bills()) == 1

    def test_two_workers_at_one_directory_make_one_bill_each(self, world: World) -> None:
        world.inbound()
        for _ in range(6):
            world.sps.sps.book_order()
        failures: list[BaseException] = []

        def work() -> None:
            try:
                world.poll()
            except BaseException as error:
                failures.append(error)
            finally:
                databases.close_all()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        world.finish()

        assert failures == []
        assert len({bill["bill_number"] for bill in world.new_bills()}) == len(world.new_bills()) == 6


def test_nothing_is_deleted_before_it_is_ours(world: World) -> None:
    """The worker dies between storing and deleting: the file is still there, and is deleted by the next one."""
    world.inbound()
    path = world.sps.sps.book_order()
    world.sps.sps.faults.set("server_error", method="DELETE", times=1)
    with pytest.raises(Temporary):
        world.poll()
    assert list(world.sps.sps.files()) == [path]
    assert Arrival.unscoped.count() == 1

    world.finish()

    assert world.sps.sps.files() == {}
    assert len(world.new_bills()) == 1


def test_what_cannot_be_read_stays_is_said_once_and_blocks_nobody(world: World) -> None:
    world.inbound()
    world.sps.sps.drop("out/PO/AAA.json", b"{ half")
    world.sps.sps.book_order()

    for _ in range(3):
        world.poll()
    world.deliver()

    assert list(world.sps.sps.files()) == ["out/PO/AAA.json"]
    assert Arrival.unscoped.filter(state="failed").count() == 1
    assert len(world.new_bills()) == 1


class TestShipNotices:
    def test_they_are_events_of_the_orders_bill(self, world: World) -> None:
        world.inbound()
        world.inbound("ship_notice")
        world.sps.sps.book_order()
        world.poll()
        world.deliver()
        world.sps.sps.drop("out/SH/S1.json", orders.as_json([orders.shipment("S1", "77120")]))

        world.poll()

        event = world.only().events.get(kind="shipped")
        assert "ship notice S1: 1 item of order 77120" in event.text
        assert event.data["items"] == [{"item": "BRKT-8", "quantity": "24", "unit": "EA"}]
        assert world.sps.sps.files() == {}
        assert Delivery.unscoped.count() == 1

    def test_one_that_comes_again_is_noted_once(self, world: World) -> None:
        world.inbound()
        world.inbound("ship_notice")
        world.sps.sps.book_order()
        world.poll()
        for notation in (orders.as_json, orders.as_xml):
            content = notation([orders.shipment("S1", "77120")])
            world.sps.sps.drop("out/SH/S1", content)
            world.poll()

        assert world.only().events.filter(kind="shipped").count() == 1

    def test_without_its_order_it_waits_for_a_person(self, world: World) -> None:
        world.inbound("ship_notice")
        world.sps.sps.drop("out/SH/S1.json", orders.as_json([orders.shipment("S1", "77120")]))

        world.poll()

        row = ArrivedDocument.unscoped.get()
        assert (row.state, "77120" in row.reason) == ("open", True)


def run_with_faults(world: World, count: int) -> None:
    """So many orders in one directory, five faults on the way, and every bill once."""
    world.inbound()
    world.connection.settings["page_size"] = max(count // 7, 1)
    world.connection.save()
    for number in range(count):
        content = orders.as_json([orders.order(f"N{number:05}", lines=[("BRKT-8", number + 1, "2.50")])])
        world.sps.sps.drop(f"out/PO/PO{number:05}.json", content)
    sps, freshbooks = world.sps.sps.faults, world.books.faults
    sps.set("server_error", times=1, skip=3, path="*/out/PO/")
    sps.set("unauthorized", times=1, skip=count // 4, method="GET")
    sps.set("reply_lost", times=1, skip=count // 3, method="DELETE")
    sps.set("rate_limited", times=1, skip=count // 2, retry_after=1, method="GET", path="*/PO0*")
    freshbooks.set("reply_lost", times=1, skip=count // 5, path="*/bills/bills", method="POST")

    for _ in range(20):
        try:
            world.poll()
        except Temporary:
            world.later()
        if not world.sps.sps.files("out/"):
            break
    world.finish()

    struck = [*sps.board().values(), *freshbooks.board().values()]
    assert not [one for one in struck if one["armed"]]
    numbers = [bill["bill_number"] for bill in world.new_bills()]
    assert len(numbers) == len(set(numbers)) == count
    assert world.sps.sps.files() == {}
    assert not Delivery.unscoped.exclude(transfer="delivered").exists()


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_thousand_orders_in_one_directory_become_one_bill_each_in_spite_of_five_faults(
    world: World,
) -> None:
    run_with_faults(world, 1000)
