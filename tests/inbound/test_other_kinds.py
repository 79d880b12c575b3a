"""Journal entries, supplier invoices, ship notices, vendors and customers that partners send."""

import datetime as dt
from decimal import Decimal
from typing import Any

from audit.models import ArrivedDocument
from audit.services import choose, release
from connections.models import DocumentKind
from connections.pipeline.inbound.reversing import reverse
from connections.pipeline.inbound.take import take
from connections.pipeline.prepare import recheck_tenant
from mappings.canonical import (
    Contact,
    Customer,
    Invoice,
    Line,
    Party,
    ShipNotice,
    Vendor,
    to_json,
)
from mappings.canonical.shipping import ShippedItem, ShippedOrder
from mappings.models.booking import BookingKind
from tenants.models import User
from tests.inbound.conftest import DAY, PURCHASE_ORDER, World, entry, order

D = Decimal


# Journal entries


def _accounts(world: World) -> None:
    world.map(BookingKind.ACCOUNT, "6000", "635980")
    world.map(BookingKind.ACCOUNT, "1000", "635971")


def test_a_journal_entry_is_booked_on_the_mapped_accounts(world: World) -> None:
    _accounts(world)
    world.route(DocumentKind.JOURNAL_ENTRY)
    world.send_json(entry())
    world.deliver()
    (row,) = world.booked("journal_entries")
    assert (row["name"], row["user_entered_date"]) == ("JE-1", "2026-03-02")
    assert world.only().freshbooks_id == str(row["id"])


def test_a_code_without_an_account_holds_the_entry_by_name(world: World) -> None:
    world.route(DocumentKind.JOURNAL_ENTRY)
    world.send_json(entry())
    held = world.only()
    assert held.reason_code == "no_account"
    assert held.reason == "2 GL codes have no account in FreshBooks: 6000, 1000."
    _accounts(world)
    recheck_tenant(world.tenant.pk)
    world.deliver()
    assert len(world.booked("journal_entries")) == 1


def test_an_entry_that_does_not_balance_is_refused(world: World) -> None:
    _accounts(world)
    world.route(DocumentKind.JOURNAL_ENTRY)
    broken = to_json(entry()).replace('"credit": "200.00"', '"credit": "199.99"')
    arrival = world.arrive(broken.encode())
    world.deliver()
    assert arrival.state == "failed"
    assert "debits are 200.00, but credits are 199.99" in arrival.reason
    assert world.booked("journal_entries") == []


def test_a_lost_reply_books_the_entry_once(world: World) -> None:
    _accounts(world)
    world.route(DocumentKind.JOURNAL_ENTRY)
    world.send_json(entry())
    world.books.faults.set("reply_lost", times=1, path="*/journal_entries/journal_entries", method="POST")
    world.settle_all()
    assert len(world.booked("journal_entries")) == 1
    assert world.only().is_delivered


def test_an_entry_is_corrected_by_its_reversal_once(world: World, alice: User) -> None:
    _accounts(world)
    world.route(DocumentKind.JOURNAL_ENTRY)
    world.send_json(entry())
    world.deliver()
    booked = world.only()
    made = reverse(booked, actor=alice)
    assert reverse(booked, actor=alice) == made
    world.deliver()
    assert [row["name"] for row in world.booked("journal_entries")] == ["JE-1", "R-JE-1"]
    sides = [
        (row["sub_accountid"], row["debit"] is not None)
        for row in world.books.tables["journal_entry_details"].rows.values()
    ]
    assert sides == [(635980, True), (635971, False), (635980, False), (635971, True)]
    made.refresh_from_db()
    assert (booked.can_be_reversed, made.can_be_reversed) == (True, False)


# Invoices of suppliers


def _invoice() -> Invoice:
    return Invoice(
        number="INV-88",
        date=DAY,
        currency="USD",
        total=D("25.00"),
        purchase_order="PO-9",
        parties=(Party(role="seller", name="ACME"),),
        lines=(Line(number="1", quantity=D(2), unit_price=D("12.50"), description="Paper"),),
    )


def test_a_suppliers_invoice_waits_for_a_person_who_creates_the_bill(world: World, alice: User) -> None:
    world.route(DocumentKind.SUPPLIER_INVOICE)
    row = world.send(_invoice()).documents.get()
    assert (row.state, world.deliveries()) == ("open", [])
    take(row, actor=alice)
    world.deliver()
    (bill,) = world.new_bills()
    assert (bill["bill_number"], bill["total_amount"]["amount"]) == ("INV-88", "25.00")


def test_a_route_may_book_them_by_itself(world: World) -> None:
    world.route(DocumentKind.SUPPLIER_INVOICE, books_by_itself=True)
    world.send(_invoice())
    world.deliver()
    assert len(world.new_bills()) == 1


# Ship notices


def _notice(order_number: str = "PO-1") -> ShipNotice:
    line = Line(number="1", quantity=D(4), buyer_item="PAPER-A4")
    shipped = ShippedOrder(purchase_order=order_number, items=(ShippedItem(line=line),))
    return ShipNotice(number="SHIP-1", date=dt.date(2026, 3, 5), orders=(shipped,))


def test_a_ship_notice_stands_on_the_timeline_of_its_bill(world: World) -> None:
    world.route(PURCHASE_ORDER)
    world.route(DocumentKind.SHIP_NOTICE)
    world.send(order())
    row = world.send_json(_notice()).documents.get()
    assert row.state == "recorded"
    event = world.only().events.get(kind="shipped")
    assert "SHIP-1" in event.text
    assert event.data["items"] == [{"item": "PAPER-A4", "quantity": "4", "unit": "EA"}]
    world.send_json(_notice())
    assert world.only().events.filter(kind="shipped").count() == 1


def test_a_ship_notice_without_a_bill_waits(world: World, alice: User) -> None:
    world.route(PURCHASE_ORDER)
    world.route(DocumentKind.SHIP_NOTICE)
    row = world.send_json(_notice()).documents.get()
    assert (row.state, "PO-1" in row.reason) == ("open", True)
    world.send(order())
    assert take(row, actor=alice).state == "recorded"


# Vendors and customers


def _vendor(phone: str = "555-0100", **changes: Any) -> Vendor:
    party = Party(role="vendor", name="New Mill", contacts=(Contact(name="Jo March", phone=phone),))
    values: dict[str, Any] = {"number": "V-9", "party": party, "currency": "USD"}
    return Vendor(**values | changes)


def _vendors(world: World) -> list[dict[str, object]]:
    return [row for row in world.booked("bill_vendors") if row["vendor_name"] == "New Mill"]


def test_a_vendor_is_created_and_then_kept_up_to_date(world: World) -> None:
    world.route(DocumentKind.VENDOR)
    world.send_json(_vendor())
    world.deliver()
    (row,) = _vendors(world)
    assert (row["account_number"], row["phone"]) == ("V-9", "555-0100")
    world.send_json(_vendor("555-0199"))
    world.deliver()
    (row,) = _vendors(world)
    assert row["phone"] == "555-0199"


def test_a_vendor_that_did_not_change_is_left_alone(world: World) -> None:
    world.route(DocumentKind.VENDOR)
    world.send_json(_vendor())
    world.deliver()
    again = world.arrive(to_json(_vendor()).encode() + b"\n")
    assert again.documents.get().state == "duplicate"


def test_a_field_that_both_sides_changed_is_a_conflict(world: World, alice: User) -> None:
    world.route(DocumentKind.VENDOR)
    world.send_json(_vendor())
    world.deliver()
    (row,) = _vendors(world)
    world.books.bookkeeper.edit_vendor(int(str(row["vendorid"])), phone="555-7777", notify=False)
    world.send_json(_vendor("555-0199"))
    world.deliver()
    held = world.only(revision=2)
    assert (held.reason_code, "555-7777" in held.reason) == ("conflict", True)
    assert _vendors(world)[0]["phone"] == "555-7777"
    choose(held, {"record": str(row["vendorid"]), "overwrite": True}, actor=alice, text="chose the file.")
    world.deliver()
    assert _vendors(world)[0]["phone"] == "555-0199"


def test_a_vendor_that_is_not_active_any_more_is_not_deleted(world: World, alice: User) -> None:
    world.route(DocumentKind.VENDOR)
    world.send_json(_vendor(active=False))
    world.deliver()
    assert world.only().reason_code == "needs_a_person"
    assert _vendors(world) == []


def _customer(email: str = "ap@acme.example", name: str = "Acme Retail") -> Customer:
    contact = Contact(name="Wile Coyote", email=email)
    return Customer(number="C-1", party=Party(role="buyer", name=name, contacts=(contact,)), currency="USD")


def test_a_customer_of_a_known_name_is_never_merged_by_itself(world: World, alice: User) -> None:
    world.route(DocumentKind.CUSTOMER)
    world.send_json(_customer())
    world.deliver()
    held = world.only()
    assert (held.reason_code, held.matching["candidates"][0]["id"]) == ("same_name", "55001")
    before = len(world.booked("clients"))
    choose(held, {"record": "new"}, actor=alice, text="wanted a new one.")
    world.deliver()
    assert len(world.booked("clients")) == before + 1


def test_a_new_customer_is_created_and_found_again_by_its_number(world: World) -> None:
    world.route(DocumentKind.CUSTOMER)
    world.send_json(_customer(name="Quill & Co"))
    world.deliver()
    world.send_json(_customer(email="new@quill.example", name="Quill & Co"))
    world.deliver()
    (row,) = [row for row in world.booked("clients") if row["organization"] == "Quill & Co"]
    assert row["email"] == "new@quill.example"
    assert ArrivedDocument.unscoped.filter(state="taken").count() == 2


def test_a_superseded_change_is_skipped(world: World, alice: User) -> None:
    world.route(DocumentKind.VENDOR)
    world.send_json(_vendor(currency=""))
    world.acme.books_currency = ""
    world.acme.save()
    world.deliver()
    assert world.only().reason_code == "cannot_be_booked"
    world.send_json(_vendor())
    world.deliver()
    assert [one.transfer for one in world.deliveries()] == ["skipped", "delivered"]
    release(world.only(revision=1), actor=alice)
