"""Finding out what changed: windows, deletions, drafts, full scans, backfills; nothing is missed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.base import Temporary
from connections.systems.freshbooks import Record, records
from connections.systems.freshbooks.client import Client
from mappings.freshbooks import to_bill, to_invoice
from mappings.freshbooks.values import EASTERN

pytestmark = pytest.mark.django_db

Changes = Callable[..., tuple[list[Record], dict[str, Any]]]


@pytest.fixture
def changes(client_: Client, books: Books) -> Changes:
    """All records of one poll, and the cursor after it."""

    def poll(resource: str = "invoices", cursor: dict[str, Any] | None = None) -> Any:
        pages = list(records.changes(client_, resource, cursor or {}, books.clock.now()))
        return [record for page, _ in pages for record in page], pages[-1][1]

    return poll


def ids(found: list[Record]) -> list[str]:
    return [record.source_id for record in found]


def eastern_today(books: Books) -> date:
    return books.clock.now().astimezone(EASTERN).date()


def searches(books: Books, path: str = "invoices/invoices") -> list[dict[str, Any]]:
    return [call["query"] for call in books.calls if path in call["path"]]


# One record


def test_a_webhook_s_record_is_read_whole(client_: Client) -> None:
    record = records.fetch(client_, "invoice", "90001")
    assert record is not None
    assert (record.resource, record.source_id, record.is_deleted) == ("invoices", "90001", False)
    assert to_invoice(record.data).number == record.data["invoice_number"]


@pytest.mark.parametrize(
    ("noun", "object_id", "resource"),
    [
        ("client", "55001", "clients"),
        ("payment", "115900", "payments"),
        ("bill", "7001", "bills"),
        ("bill_vendor", "1561", "bill_vendors"),
    ],
)
def test_every_noun_we_read_leads_to_its_record(
    client_: Client, noun: str, object_id: str, resource: str
) -> None:
    record = records.fetch(client_, noun, object_id)
    assert record is not None
    assert (record.resource, record.source_id) == (resource, object_id)


def test_other_nouns_and_absent_records_are_nothing(client_: Client, books: Books) -> None:
    assert records.fetch(client_, "estimate", "1") is None
    assert not books.calls
    assert records.fetch(client_, "invoice", "4711") is None


def test_a_deleted_record_says_so(client_: Client, books: Books) -> None:
    books.bookkeeper.delete_invoice(90001, notify=False)
    record = records.fetch(client_, "invoice", "90001")
    assert record is not None
    assert record.is_deleted


# Polling by change stamp


def test_the_first_poll_begins_yesterday_and_sees_the_drafts(books: Books, changes: Changes) -> None:
    old_draft = books.bookkeeper.book_invoice(status=1, notify=False)
    books.clock.move(days=40)
    new = books.bookkeeper.book_invoice(notify=False)
    found, cursor = changes()
    assert set(ids(found)) == {str(old_draft["id"]), str(new["id"])}
    assert cursor == {"since": (eastern_today(books) - timedelta(days=1)).isoformat()}


def test_a_poll_finds_new_changed_paid_and_deleted_invoices(books: Books, changes: Changes) -> None:
    _, cursor = changes()
    books.bookkeeper.edit_invoice(90001, notes="new", notify=False)
    books.bookkeeper.delete_invoice(90002, notify=False)
    books.bookkeeper.pay_invoice(90003, notify=False)
    new = books.bookkeeper.book_invoice(notify=False)
    found, _ = changes(cursor=cursor)
    assert set(ids(found)) == {"90001", "90002", "90003", str(new["id"])}
    assert [record.source_id for record in found if record.is_deleted] == ["90002"]


def test_a_poll_in_quiet_times_costs_two_requests(books: Books, changes: Changes) -> None:
    _, cursor = changes()
    books.calls.clear()
    changes(cursor=cursor)
    assert [search.get("search[vis_state]") for search in searches(books)] == [None, ["1"]]
    assert all(search["include[]"] == ["lines"] for search in searches(books))


@pytest.mark.parametrize("hour", [3, 4, 5, 12, 23])
def test_days_are_those_of_the_us_east_coast(books: Books, changes: Changes, hour: int) -> None:
    books.clock.move_to(datetime(2026, 3, 10, 12, tzinfo=UTC))
    _, cursor = changes()
    books.clock.move_to(datetime(2026, 3, 10, hour, 30, tzinfo=UTC) + timedelta(days=1))
    new = books.bookkeeper.book_invoice(notify=False)
    found, cursor = changes(cursor=cursor)
    assert str(new["id"]) in ids(found)
    assert cursor["since"] == ("2026-03-09" if hour < 4 else "2026-03-10")


def test_after_an_outage_every_day_is_made_up_for(books: Books, changes: Changes) -> None:
    _, cursor = changes()
    booked = []
    for _ in range(6):
        books.clock.move(days=1)
        booked.append(str(books.bookkeeper.book_invoice(notify=False)["id"]))
    books.calls.clear()
    found, after = changes(cursor=cursor)
    assert set(booked) <= set(ids(found))
    assert after == {"since": (eastern_today(books) - timedelta(days=1)).isoformat()}
    days = [search["search[updated_min]"][0] for search in searches(books)]
    assert days == sorted(days)
    assert days[0] == cursor["since"]


def test_the_cursor_moves_only_past_days_that_were_handed_over(books: Books, client_: Client) -> None:
    start = eastern_today(books)
    books.clock.move(days=4)
    since = {"since": start.isoformat()}
    cursors = [
        cursor["since"] for _, cursor in records.changes(client_, "invoices", since, books.clock.now())
    ]
    assert cursors == sorted(cursors)
    # A worker that is killed after the first pages begins again with the same day.
    assert cursors[0] == start.isoformat()
    assert cursors[-1] == (start + timedelta(days=3)).isoformat()


def test_a_poll_that_breaks_off_loses_nothing(books: Books, changes: Changes) -> None:
    _, cursor = changes()
    new = books.bookkeeper.book_invoice(notify=False)
    books.faults.set("server_error", path="*/invoices/*", skip=1, times=1)
    with pytest.raises(Temporary):
        changes(cursor=cursor)
    assert str(new["id"]) in ids(changes(cursor=cursor)[0])


def test_a_day_that_lost_records_while_it_was_read_is_read_again(books: Books, client_: Client) -> None:
    """The first page is read, then two of its invoices change: those behind them slip onto the first page."""
    booked = [str(books.bookkeeper.book_invoice(notify=False)["id"]) for _ in range(150)]
    day = eastern_today(books)
    books.clock.move(days=5)
    walk = records.changes(client_, "invoices", {"since": day.isoformat()}, books.clock.now())
    page, _ = next(walk)
    found = set(ids(page))
    for invoice_id in booked[-2:]:
        books.bookkeeper.edit_invoice(int(invoice_id), notes="later", notify=False)
    for page, _ in walk:
        found |= set(ids(page))
    assert found >= set(booked)


def test_pages_are_asked_for_only_when_they_are_needed(books: Books, client_: Client) -> None:
    for _ in range(120):
        books.bookkeeper.book_invoice(notify=False)
    books.calls.clear()
    since = {"since": eastern_today(books).isoformat()}
    walk = records.changes(client_, "invoices", since, books.clock.now())
    assert not books.calls
    next(walk)
    assert len(books.calls) == 1


@pytest.mark.parametrize("resource", ["clients", "payments"])
def test_clients_and_payments_are_polled_by_their_stamp(
    books: Books, changes: Changes, resource: str
) -> None:
    _, cursor = changes(resource)
    books.bookkeeper.edit_client(55003, fax="1", notify=False)
    payment = books.bookkeeper.pay_invoice(90003, notify=False)
    found, _ = changes(resource, cursor)
    changed = {"clients": "55003", "payments": str(payment["id"])}[resource]
    assert changed in ids(found)
    assert "v3_status" not in str(searches(books, resource))


# Full scans


@pytest.mark.parametrize(("resource", "expected"), [("bills", 3), ("bill_vendors", 4)])
def test_what_has_no_stamp_to_filter_by_is_scanned_whole(
    changes: Changes, resource: str, expected: int
) -> None:
    found, cursor = changes(resource)
    assert len(set(ids(found))) == expected
    assert cursor == {}


def test_a_scan_shows_deleted_bills_and_payments_of_bills(books: Books, changes: Changes) -> None:
    books.bookkeeper.delete_bill(7003, notify=False)
    found, _ = changes("bills")
    by_id = {record.source_id: record for record in found}
    assert by_id["7003"].is_deleted
    assert by_id["7001"].data["bill_payments"][0]["id"] == 9101
    vendor = {"vendorid": 1561, "vendor_name": "Northwind Paper"}
    assert to_bill(by_id["7001"].data, vendor).number == "NW-88"


def test_an_unknown_resource_is_our_own_mistake(client_: Client) -> None:
    with pytest.raises(ValueError, match="no FreshBooks resource"):
        list(records.changes(client_, "invoice", {}))


# Backfills


def everything(client: Client, resource: str, first: date, last: date) -> list[str]:
    found, parts, number = [], 1, 1
    while number <= parts:
        part, parts = records.between(client, resource, first, last, number)
        found += ids(part)
        number += 1
    return found


def test_a_backfill_takes_both_its_first_and_its_last_day(client_: Client) -> None:
    assert everything(client_, "invoices", date(2026, 2, 2), date(2026, 2, 16)) == ["90001", "90002", "90003"]
    assert everything(client_, "invoices", date(2026, 2, 3), date(2026, 2, 15)) == ["90002"]


def test_a_backfill_goes_week_by_week(client_: Client) -> None:
    part, parts = records.between(client_, "invoices", date(2026, 2, 1), date(2026, 2, 28), 2)
    assert (ids(part), parts) == (["90002"], 4)
    assert records.between(client_, "invoices", date(2026, 2, 1), date(2026, 2, 28), 5) == ([], 4)


def test_a_backfill_of_payments_goes_by_their_date(client_: Client) -> None:
    assert everything(client_, "payments", date(2026, 3, 2), date(2026, 3, 2)) == ["115900"]


def test_a_backfill_of_bills_compares_dates_itself(client_: Client) -> None:
    assert sorted(everything(client_, "bills", date(2026, 2, 3), date(2026, 2, 10))) == ["7001", "7002"]


def test_clients_and_vendors_go_by_the_day_of_their_last_change(client_: Client, books: Books) -> None:
    client = books.bookkeeper.add_client("Quill & Co", notify=False)
    vendor = books.bookkeeper.add_vendor("Ink Mill", notify=False)
    today = books.clock.now().date()
    span = (today - timedelta(days=1), today + timedelta(days=1))
    assert str(client["id"]) in everything(client_, "clients", *span)
    assert everything(client_, "bill_vendors", *span) == [str(vendor["vendorid"])]


def test_what_has_no_date_at_all_cannot_be_filled_in(client_: Client) -> None:
    with pytest.raises(ValueError, match="no document date"):
        records.between(client_, "items", date(2026, 2, 1), date(2026, 2, 2), 1)


# Bill payments, and what payments and bills belong to


def test_bill_payments_are_read_from_their_bills(client_: Client, books: Books, changes: Changes) -> None:
    bill = books.bookkeeper.add_bill(notify=False)
    payment = books.bookkeeper.pay_bill(bill["id"], "100.00")
    found = {record.source_id: record for record in changes("bill_payments")[0]}
    assert found[str(payment["id"])].related["bill"]["bill_number"] == bill["bill_number"]
    paid_on = date.fromisoformat(payment["paid_date"])
    assert str(payment["id"]) in everything(client_, "bill_payments", paid_on, paid_on)


def test_what_a_record_belongs_to_is_looked_up_once(client_: Client, books: Books) -> None:
    payments = []
    for _ in range(3):
        invoice = books.bookkeeper.book_invoice(notify=False)
        payments.append(books.bookkeeper.pay_invoice(invoice["id"], notify=False))
    bill = books.bookkeeper.pay_bill(books.bookkeeper.add_bill(notify=False)["id"])
    read = [records.fetch(client_, "payment", str(payment["id"])) for payment in payments]
    read.append(records.fetch(client_, "bill_payment", str(bill["id"])))
    lookup, before = records.Lookup(client_), len(books.calls)
    whole = [record.whole for record in lookup.complete([record for record in read if record])]
    assert all(one["invoice"]["id"] == one["invoiceid"] for one in whole[:3])
    assert whole[3]["bill"]["vendorid"] == whole[3]["vendor"]["vendorid"]
    # All invoices together, the bill, its vendor.
    assert len(books.calls) == before + 3
    list(lookup.complete([record for record in read if record]))
    assert len(books.calls) == before + 3
