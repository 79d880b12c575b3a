"""Purchase orders become bills in FreshBooks, each once."""

from dataclasses import replace

from audit import services
from audit.models import ArrivedDocument
from audit.models.documents import DocumentState
from connections.pipeline.inbound.take import take
from connections.pipeline.prepare import recheck_tenant
from connections.pipeline.read import read
from mappings.models import BookingMapping, PartnerLink
from mappings.models.booking import BookingKind
from mappings.models.partners import PartyKind
from tenants.models import User
from tests.inbound.conftest import FREIGHT, PURCHASE_ORDER, World, interchange, order


def test_an_order_becomes_a_bill_with_vendor_category_and_due_days(world: World) -> None:
    world.map(BookingKind.CATEGORY, "freight", FREIGHT)
    world.route(PURCHASE_ORDER)
    arrival = world.send(order())
    assert (arrival.state, arrival.format) == ("read", "x12")
    world.deliver()
    (bill,) = world.new_bills()
    assert (bill["vendorid"], bill["bill_number"], bill["due_offset_days"]) == (1561, "PO-1", 30)
    assert bill["total_amount"] == {"amount": "59.00", "code": "USD"}
    assert [line["categoryid"] for line in bill["lines"]] == [65771, 65772]
    assert bill["lines"][0]["description"].startswith("PO PO-1: Paper A4")
    delivery = world.only()
    assert (delivery.transfer, delivery.acknowledgement) == ("delivered", "none")
    assert delivery.freshbooks_id == str(bill["id"])
    assert world.story(delivery) == ["found", "translated", "delivered"]


def test_what_was_written_to_freshbooks_is_kept(world: World) -> None:
    world.route(PURCHASE_ORDER)
    world.send(order())
    delivery = world.only()
    assert delivery.interchange is not None
    assert b'"bill_number": "PO-1"' in bytes(delivery.interchange.content)


def test_a_resend_is_a_duplicate_and_says_so(world: World) -> None:
    world.route(PURCHASE_ORDER)
    world.send(order())
    world.deliver()
    world.send(order())
    world.deliver()
    assert len(world.new_bills()) == 1
    second = ArrivedDocument.unscoped.latest("pk")
    assert second.state == DocumentState.DUPLICATE
    assert world.story(world.only())[-1] == "repeated"


def test_the_same_number_with_other_content_waits_for_a_person(world: World, alice: User) -> None:
    world.route(PURCHASE_ORDER)
    world.send(order())
    world.deliver()
    world.send(order(price="13.00"))
    world.deliver()
    assert len(world.new_bills()) == 1
    change = world.only(revision=2)
    assert (change.document, change.reason_code) == ("held", "changed")
    services.release(change, actor=alice)
    world.deliver()
    assert [bill["total_amount"]["amount"] for bill in world.new_bills()] == ["59.00", "61.00"]


def test_a_changed_order_is_never_taken_for_the_one_before_it(world: World, alice: User) -> None:
    world.route(PURCHASE_ORDER)
    world.send(order())
    world.deliver()
    world.send(order(price="13.00"))
    services.release(world.only(revision=2), actor=alice)
    world.books.faults.set("reply_lost", times=1, path="*/bills/bills", method="POST")
    world.settle_all()
    assert len({delivery.remote_id for delivery in world.deliveries()}) == 2


def test_a_lost_reply_books_nothing_twice(world: World) -> None:
    world.route(PURCHASE_ORDER)
    world.send(order())
    world.books.faults.set("reply_lost", times=1, path="*/bills/bills", method="POST")
    world.settle_all()
    assert len(world.new_bills()) == 1
    assert world.only().freshbooks_id == str(world.new_bills()[0]["id"])


def test_what_is_missing_holds_the_bill_by_name_and_releases_it(world: World) -> None:
    BookingMapping.unscoped.all().delete()
    PartnerLink.unscoped.filter(party_kind=PartyKind.VENDOR).delete()
    world.route(PURCHASE_ORDER)
    world.send(order())
    held = world.only()
    assert (held.reason_code, held.document) == ("no_vendor", "held")
    world.link("1561", PartyKind.VENDOR)
    recheck_tenant(world.tenant.pk)
    held.refresh_from_db()
    assert held.reason_code == "no_category"
    assert "PAPER-A4" in held.reason
    world.map(BookingKind.CATEGORY, "", "65771")
    recheck_tenant(world.tenant.pk)
    world.deliver()
    assert len(world.new_bills()) == 1


def test_an_order_that_does_not_add_up_is_booked_as_its_lines_and_says_so(world: World) -> None:
    world.route(PURCHASE_ORDER)
    world.send_json(replace(order(), total=order().lines[0].unit_price))
    world.deliver()
    (bill,) = world.new_bills()
    assert bill["total_amount"]["amount"] == "59.00"
    difference = world.only().events.get(kind="total_differs")
    assert "states a total of 12.50, 46.50 less than" in difference.text


def test_without_a_route_it_stays_and_can_be_taken_later(world: World, alice: User) -> None:
    arrival = world.send(order())
    row = arrival.documents.get()
    assert (arrival.state, row.state) == ("read", "open")
    assert "No route" in row.reason
    world.route(PURCHASE_ORDER)
    assert take(row, actor=alice).state == DocumentState.TAKEN
    world.deliver()
    assert len(world.new_bills()) == 1


def test_an_unknown_sender_takes_no_route(world: World) -> None:
    world.route(PURCHASE_ORDER)
    from mappings.codecs import x12

    arrival = world.send(order(), sender=x12.Identity(qualifier="ZZ", id="NOBODY"))
    assert "ZZ:NOBODY" in arrival.documents.get().reason
    assert world.deliveries() == []


def test_one_broken_message_does_not_stop_the_others(world: World) -> None:
    world.route(PURCHASE_ORDER)
    content = interchange(order("PO-1"), order("PO-2"), order("PO-3"))
    arrival = world.arrive(content.replace(b"BEG*00*SA*PO-2", b"BEG*00*SA*"))
    world.deliver()
    assert arrival.state == "partly_failed"
    assert "BEG" in arrival.reason
    assert sorted(bill["bill_number"] for bill in world.new_bills()) == ["PO-1", "PO-3"]


def test_a_replay_of_the_arrival_handles_only_what_did_not_succeed(world: World, alice: User) -> None:
    arrival = world.send(order("PO-1"), order("PO-2"))
    assert [row.state for row in arrival.documents.all()] == ["open", "open"]
    world.route(PURCHASE_ORDER)
    take(arrival.documents.get(position=1), actor=alice)
    world.deliver()
    read(services.replay_arrival(arrival, actor=alice))
    world.deliver()
    assert sorted(bill["bill_number"] for bill in world.new_bills()) == ["PO-1", "PO-2"]
    assert {row.state for row in arrival.documents.all()} == {"taken"}


def test_a_booked_bill_cannot_be_replayed(world: World) -> None:
    from audit.decisions import REPLAY

    world.route(PURCHASE_ORDER)
    world.send(order())
    world.deliver()
    assert "booked in FreshBooks already" in REPLAY.refuses(world.only(), force=True)


def test_a_dry_run_books_nothing(world: World) -> None:
    world.route(PURCHASE_ORDER, dry_run=True)
    world.send(order())
    world.deliver()
    assert world.new_bills() == []
    assert world.only().reason_code == "dry_run"
