"""Confirmations and payment exports: kept row by row, linked to the bill's delivery, shown on its timeline."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Arrival, Delivery, Notice, StatusReport
from audit.models.arrivals import ArrivalState
from audit.states import Acknowledgement, Transfer
from connections.models import Connection, Poll, PollKind
from connections.pipeline.poll import ensure_polls, run_poll
from connections.pipeline.reports import current, link_waiting
from connections.sandbox import stampli
from tests.factories import DeliveryFactory, RouteFactory
from tests.sandbox.test_stampli import with_invoice, work

BILL = "58213"


@pytest.fixture
def bill(connection: Connection) -> Delivery:
    """The delivery of the stand-in's invoice."""
    return sent_bill(connection)


def sent_bill(connection: Connection, **more: Any) -> Delivery:
    route = RouteFactory.create(tenant=connection.tenant, target=connection, kind="bill")
    delivered = {"transfer": Transfer.DELIVERED, "delivered_at": timezone.now(), "partner": None}
    about = {
        "kind": "bill",
        "source_id": BILL,
        "number": "MP-9931",
        "party_kind": "vendor",
        "party_id": "4471",
    }
    return DeliveryFactory.create(
        tenant=connection.tenant, route=route, **{**delivered, **about, "amount": Decimal("108.50"), **more}
    )


def collect(connection: Connection) -> list[Arrival]:
    """Look into Stampli's folder as every quarter of an hour."""
    ensure_polls(connection)
    polls = Poll.objects.filter(connection=connection, kind=PollKind.PLACE)
    polls.update(next_at=timezone.now())
    for poll in polls:
        run_poll(poll.pk)
    return list(Arrival.unscoped.order_by("pk"))


def put(connection: Connection, stand_in: stampli.Running, name: str, *rows: str) -> Arrival:
    """What arrives when such a file lies there; the rows with their header."""
    stand_in.sandbox.drop(f"/outbound/{name}", "\r\n".join([*rows, ""]).encode())
    return collect(connection)[-1]


HEADER = "Stampli Invoice ID,External Invoice ID,Invoice Number,Vendor ID,Status,Status Date,Amount"


def row(status: str, on: str, *, external: str = BILL, amount: str = "108.50") -> str:
    return f"SI-000001,{external},MP-9931,4471,{status},{on},{amount}"


def story(delivery: Delivery) -> list[str]:
    reports = delivery.events.filter(kind="status_report").order_by("sequence")
    return [event.data["stated"] for event in reports]


def reports() -> list[StatusReport]:
    return list(StatusReport.unscoped.order_by("pk"))


def test_it_is_looked_for_every_quarter_of_an_hour(connection: Connection) -> None:
    ensure_polls(connection)

    assert [(poll.subject, poll.every_seconds) for poll in connection.polls.all()] == [("outbound", 900)]


def test_a_confirmation_is_linked_and_shown(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    with_invoice(stand_in)
    (arrival,) = collect(connection)

    (report,) = reports()
    assert (report.delivery, report.status, report.stated) == (bill, "received", "Received")
    assert (arrival.state, arrival.summary) == (ArrivalState.READ, "1 invoice confirmations, 1 new")
    bill.refresh_from_db()
    assert bill.acknowledgement == Acknowledgement.ACCEPTED
    assert story(bill) == ["Received"]
    event = bill.events.get(kind="status_report")
    assert "Stampli says of SI-000001" in event.text
    assert event.data["freshbooks_id"] == BILL


def test_the_file_is_moved_only_when_it_is_safe_with_us(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    with_invoice(stand_in)
    collect(connection)

    assert [one["path"] for one in stand_in.sandbox.listing()] == ["/outbound/processed/invoices_000001.csv"]


def test_rows_that_come_again_are_harmless(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09"))
    same = [row("RECEIVED", "2026-03-09"), row("Approved", "2026-03-10")]
    put(connection, stand_in, "invoice_2.csv", HEADER, *same, *same)

    assert story(bill) == ["Received", "Approved"]


def test_the_same_file_twice_is_read_once(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    stand_in.sandbox.faults.set("same_file_twice", times=1)
    with_invoice(stand_in)

    states = sorted(arrival.state for arrival in collect(connection))

    assert states == [ArrivalState.DUPLICATE, ArrivalState.READ]
    assert story(bill) == ["Received"]


def test_a_late_row_does_not_set_the_state_back(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    put(connection, stand_in, "invoice_2.csv", HEADER, row("Approved", "2026-03-10"))
    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09"))
    put(connection, stand_in, "invoice_0.csv", HEADER, row("Pending Approval", "2026-03-10"))

    assert current(reports())["SI-000001"].status == "approved"
    assert story(bill) == ["Approved", "Received", "Pending Approval"]


def test_an_unknown_word_is_kept_and_shown(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    put(connection, stand_in, "invoice_1.csv", HEADER, row("Parked by AP", "2026-03-09"))

    (report,) = reports()
    assert (report.status, report.stated) == ("unknown", "Parked by AP")
    assert "not in the connection's table" in bill.events.get(kind="status_report").text
    bill.refresh_from_db()
    assert bill.acknowledgement == Acknowledgement.NONE


@pytest.mark.parametrize("word", ["Duplicate", "Failed"])
def test_what_stampli_did_not_take_is_rejected_and_told(
    connection: Connection, stand_in: stampli.Running, bill: Delivery, word: str
) -> None:
    put(connection, stand_in, "invoice_1.csv", HEADER, row(word, "2026-03-09"))

    bill.refresh_from_db()
    assert bill.acknowledgement == Acknowledgement.REJECTED
    assert bill.needs_a_person
    assert Notice.unscoped.get().title == f"Stampli: bill MP-9931 is {word.lower()}"


def test_vendor_and_number_link_as_well(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09", external=""))

    assert reports()[0].delivery == bill


def test_another_amount_links_to_nothing(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    put(
        connection,
        stand_in,
        "invoice_1.csv",
        HEADER,
        row("Received", "2026-03-09", external="", amount="9.00"),
    )

    assert (reports()[0].delivery, reports()[0].trouble) == (
        None,
        "The bill with number MP-9931 of vendor 4471 has another amount.",
    )


def test_a_number_that_fits_several_bills_links_to_none(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    sent_bill(connection, source_id="58299")

    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09", external=""))

    assert "Several bills" in reports()[0].trouble


def test_what_is_linked_to_nothing_is_looked_at_again(
    connection: Connection, stand_in: stampli.Running
) -> None:
    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09"))
    (report,) = reports()
    assert report.trouble == f"No bill with the FreshBooks id {BILL} was sent."
    assert link_waiting() == 0  # its time has not come

    bill = sent_bill(connection)
    StatusReport.unscoped.update(look_again_at=timezone.now() - timedelta(seconds=1))

    assert link_waiting() == 1
    assert reports()[0].delivery == bill
    assert story(bill) == ["Received"]


def test_a_bill_of_another_organisation_is_never_linked(
    connection: Connection, stand_in: stampli.Running
) -> None:
    stranger = RouteFactory.create(kind="bill")
    DeliveryFactory.create(
        tenant=stranger.tenant,
        route=stranger,
        kind="bill",
        source_id=BILL,
        transfer=Transfer.DELIVERED,
        delivered_at=timezone.now(),
    )

    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09"))

    assert reports()[0].delivery is None


def test_a_confirmation_proves_that_a_bill_has_arrived(
    connection: Connection, stand_in: stampli.Running
) -> None:
    bill = sent_bill(connection, transfer=Transfer.IN_DOUBT, delivered_at=None)
    bill.attempts.create(number=1, outcome="unknown")

    put(connection, stand_in, "invoice_1.csv", HEADER, row("Received", "2026-03-09"))

    bill.refresh_from_db()
    assert bill.transfer == Transfer.DELIVERED


def test_a_payment_is_shown_on_the_bill(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    with_invoice(stand_in)
    stand_in.sandbox.worker.pay(BILL, "108.50", "2026-04-01")
    work(stand_in)
    collect(connection)

    report = StatusReport.unscoped.get(about="payment")
    assert (report.delivery, report.amount, report.dated) == (bill, Decimal("108.50"), date(2026, 4, 1))
    assert bill.events.filter(kind="status_report").last().text == (  # type: ignore[union-attr]
        "Stampli reports payment SP-000001 of 108.50 USD on 1 Apr 2026: Paid."
    )


@pytest.mark.parametrize(
    "switch", ["bom", "semicolon", "other_order", "other_headers", "windows_1252", "growing_file"]
)
def test_however_the_export_is_written(
    connection: Connection, stand_in: stampli.Running, bill: Delivery, switch: str
) -> None:
    stand_in.sandbox.faults.set(switch, times=1)
    with_invoice(stand_in)
    work(stand_in)
    collect(connection)

    assert story(bill) == ["Received"]


@pytest.mark.parametrize(
    ("switch", "state"), [("empty_file", ArrivalState.FAILED), ("half_row", ArrivalState.FAILED)]
)
def test_what_cannot_be_read_goes_to_the_error_folder_and_is_told(
    connection: Connection, stand_in: stampli.Running, bill: Delivery, switch: str, state: str
) -> None:
    stand_in.sandbox.faults.set(switch, times=1)
    with_invoice(stand_in)
    (arrival,) = collect(connection)

    assert arrival.state == state
    assert arrival.reason
    assert Notice.unscoped.get().title == "invoices_000001.csv from Stampli cannot be read in full"
    folders = {one["path"].rpartition("/")[0] for one in stand_in.sandbox.listing()}
    assert folders == {"/outbound/error"}


def test_a_bad_row_does_not_stop_the_others(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    rows = [
        row("Received", "soon"),
        row("Approved", "2026-03-10"),
        row("Paid", "2026-03-11", amount="1.23456"),
    ]
    arrival = put(connection, stand_in, "invoice_1.csv", HEADER, *rows)

    assert arrival.state == ArrivalState.PARTLY_FAILED
    assert "line 2" in arrival.reason
    assert "line 4" in arrival.reason
    assert story(bill) == ["Approved"]


def test_columns_that_nobody_knows_are_kept(
    connection: Connection, stand_in: stampli.Running, bill: Delivery
) -> None:
    put(connection, stand_in, "invoice_1.csv", f"{HEADER},Queue", row("Approved", "2026-03-10") + ",North")

    assert reports()[0].extra == {"Queue": "North"}
