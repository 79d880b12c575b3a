"""Stampli's stand-in: it takes finished files, refuses what is wrong or came before, and exports what became of it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connections.sandbox.common import Clock
from connections.sandbox.stampli import Running, start

VENDORS = 'Vendor ID,Vendor Name\r\n4471,"Marlow Paper, Inc."\r\n'
INVOICE = (
    "Company ID,Record Type,External Invoice ID,Vendor ID,Vendor Name,Invoice Number,Invoice Date,Due Date,"
    "Currency,Invoice Total,Line Number,Line Amount,Line Tax\r\n"
    'QUILL,Invoice,58213,4471,"Marlow Paper, Inc.",MP-9931,2026-03-09,2026-04-08,USD,108.50,1,100.00,8.50\r\n'
)
PAYMENT = (
    "Payment ID,External Invoice ID,Invoice Number,Vendor ID,Payment Date,Amount,Currency\r\n"
    "9100,58213,MP-9931,4471,2026-04-01,108.50,USD\r\n"
)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(tmp_path) as running:
        yield running


def put(running: Running, name: str, text: str) -> None:
    running.sandbox.drop(f"/inbound/{name}", text.encode())
    work(running)


def work(running: Running) -> None:
    """Once to take and to write the export, once to put it down."""
    running.sandbox.tick()
    running.sandbox.tick()


def exports(running: Running) -> dict[str, bytes]:
    storage = running.sandbox.storage
    return {
        path.rpartition("/")[2]: storage.local(path).read_bytes()
        for path, _ in storage.files()
        if path.rpartition("/")[0] == "/outbound"
    }


def rows(running: Running) -> list[dict[str, str]]:
    return [
        row
        for name, content in sorted(exports(running).items())
        for row in csv.DictReader(io.StringIO(content.decode(), newline=""))
    ]


def with_invoice(running: Running) -> None:
    put(running, "vendor_1.csv", VENDORS)
    put(running, "invoice_1.csv", INVOICE)


def test_an_invoice_of_a_known_vendor_is_received(running: Running) -> None:
    with_invoice(running)

    (row,) = rows(running)
    assert (row["External Invoice ID"], row["Status"], row["Amount"]) == ("58213", "Received", "108.50")


def test_an_invoice_before_its_vendor_fails(running: Running) -> None:
    put(running, "invoice_1.csv", INVOICE)

    (row,) = rows(running)
    assert (row["Status"], row["Message"]) == ("Failed", "Vendor 4471 is not known.")
    assert running.sandbox.worker.invoices == {}


def test_the_same_invoice_again_is_a_duplicate(running: Running) -> None:
    with_invoice(running)
    put(running, "invoice_2.csv", INVOICE)

    assert [row["Status"] for row in rows(running)] == ["Received", "Duplicate"]
    assert running.sandbox.worker.received == {"58213": 2}


def test_a_template_that_knows_updates_takes_it_anew(running: Running) -> None:
    running.sandbox.worker.knows_updates = True
    with_invoice(running)
    put(running, "invoice_2.csv", INVOICE.replace("MP-9931", "MP-9932"))

    assert [row["Stampli Invoice ID"] for row in rows(running)] == ["SI-000001", "SI-000001"]
    assert running.sandbox.worker.invoices["58213"]["Invoice Number"] == "MP-9932"


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("108.50,1", "108.60,1", "The lines add up to 108.50, not to 108.60."),
        ("MP-9931", "", "Invoice Number is empty."),
        ("100.00", "a lot", "An amount is not a number."),
    ],
)
def test_a_wrong_invoice_fails(running: Running, before: str, after: str, fault: str) -> None:
    put(running, "vendor_1.csv", VENDORS)
    put(running, "invoice_1.csv", INVOICE.replace(before, after))

    (row,) = rows(running)
    assert (row["Status"], row["Message"]) == ("Failed", fault)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "The file is empty."),
        ("A,B\r\n1,2\r\n", "is no vendor, invoice or payment file"),
        ("Vendor Name\r\nMarlow\r\n", "The header lacks Vendor ID."),
        ("Vendor ID,Vendor Name\r\n4471\r\n", "as many cells"),
    ],
)
def test_what_cannot_be_read_is_complained_of(running: Running, text: str, complaint: str) -> None:
    put(running, "vendor_1.csv", text)

    assert complaint in running.sandbox.worker.company.complaints[0]["text"]
    assert exports(running) == {}


@pytest.mark.parametrize("name", [".a.csv.part", "a.csv.tmp", "a.xml", "a.x12"])
def test_only_finished_csv_files_are_taken(running: Running, name: str) -> None:
    put(running, name, VENDORS)

    assert running.sandbox.worker.taken == []


def test_a_payment_is_exported_with_its_reference(running: Running) -> None:
    with_invoice(running)
    put(running, "payment_1.csv", PAYMENT)

    row = rows(running)[-1]
    assert (row["Stampli Payment ID"], row["External Invoice ID"]) == ("SP-000001", "58213")
    assert (row["Amount"], row["Reference"], row["Status"]) == ("108.50", "9100", "Paid")


def test_people_at_stampli_set_states_and_pay(running: Running) -> None:
    with_invoice(running)
    for path, order in (
        ("say", {"external_id": "58213", "status": "Approved", "on": "2026-03-10"}),
        ("pay", {"external_id": "58213", "amount": "100.00", "on": "2026-04-01"}),
    ):
        assert requests.post(f"{running.url}/_sandbox/{path}", json=order, timeout=30).ok
    assert (
        requests.post(f"{running.url}/_sandbox/pay", json={"external_id": "1"}, timeout=30).status_code == 400
    )
    work(running)

    assert [row["Status"] for row in rows(running)] == ["Received", "Approved", "Paid"]
    page = requests.get(running.url, timeout=30).text
    assert "MP-9931" in page
    assert "semicolon" in page


@pytest.mark.parametrize(
    ("switch", "seen"),
    [
        ("bom", lambda content: content.startswith(b"\xef\xbb\xbf")),
        ("semicolon", lambda content: content.count(b";") > 10),
        ("other_order", lambda content: content.startswith(b"Batch,Message,")),
        ("other_headers", lambda content: b"EXTERNAL_INVOICE_ID" in content),
        ("unknown_status", lambda content: b"Parked by AP" in content),
        ("empty_file", lambda content: content == b""),
        ("half_row", lambda content: not content.endswith(b"\r\n")),
    ],
)
def test_an_export_is_spoilt_once(running: Running, switch: str, seen: object) -> None:
    assert callable(seen)
    running.sandbox.faults.set(switch, times=1)
    with_invoice(running)
    running.sandbox.worker.approve("58213", "2026-03-10")
    work(running)

    first, second = (content for _, content in sorted(exports(running).items()))
    assert seen(first)
    assert not seen(second)


def test_an_export_comes_again_under_another_name(running: Running) -> None:
    running.sandbox.faults.set("same_file_twice", times=1)
    with_invoice(running)

    assert len(exports(running)) == 2
    assert len(set(exports(running).values())) == 1


def test_an_export_grows_slowly(running: Running) -> None:
    running.sandbox.faults.set("growing_file", times=1)
    with_invoice(running)

    (half,) = exports(running).values()
    work(running)
    (whole,) = exports(running).values()
    assert whole.startswith(half)
    assert len(half) < len(whole)


def test_its_memory_outlives_a_restart(tmp_path: Path) -> None:
    options: dict[str, Any] = {"save_to": tmp_path / "stampli.json", "clock": Clock()}
    with start(tmp_path / "files", **options) as running:
        with_invoice(running)
    with start(tmp_path / "files", **options) as running:
        put(running, "invoice_2.csv", INVOICE)

        assert rows(running)[-1]["Status"] == "Duplicate"
