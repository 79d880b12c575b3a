"""Reading what Stampli exports: whatever order, spelling, delimiter and encoding the customer's template has."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mappings.stampli import BILL, PAYMENT, STATUSES, WORDS, lines_of, read_export, words_of

CONFIRMATION = {
    "Stampli Invoice ID": "SI-000007",
    "External Invoice ID": "58213",
    "Invoice Number": "MP-9931",
    "Vendor ID": "4471",
    "Vendor Name": "Marlow Paper, Inc.",
    "Status": "Approved",
    "Status Date": "2026-03-10",
    "Amount": "108.50",
    "Currency": "USD",
    "Message": "",
}
PAYMENT_ROW = {
    "Stampli Payment ID": "SP-000003",
    "External Invoice ID": "58213",
    "Payment Date": "2026-04-01",
    "Amount": "108.50",
    "Currency": "USD",
    "Reference": "9100",
    "Status": "Paid",
}


def written(rows: list[dict[str, str]], columns: list[str] | None = None, **how: Any) -> bytes:
    out = io.StringIO()
    columns = columns or list(rows[0])
    encoding, spell = how.pop("encoding", "utf-8"), how.pop("spell", str)
    writer = csv.writer(out, **how)
    writer.writerow(map(spell, columns))
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue().encode(encoding)


def test_a_confirmation() -> None:
    export = read_export("invoices_1.csv", written([CONFIRMATION]))

    (row,) = export.rows
    assert (export.kind, export.problems, row.line) == (BILL, (), 2)
    assert (row.report.remote_id, row.report.source_id) == ("SI-000007", "58213")
    assert (row.report.status, row.report.stated, row.report.date) == (
        "approved",
        "Approved",
        date(2026, 3, 10),
    )
    assert row.report.amount == Decimal("108.50")
    assert row.extra == {"Vendor Name": "Marlow Paper, Inc."}


def test_a_payment_export() -> None:
    (row,) = read_export("payment-2026.csv", written([PAYMENT_ROW])).rows

    assert (row.report.remote_id, row.report.reference, row.report.status) == ("SP-000003", "9100", "paid")


@pytest.mark.parametrize(("row", "kind"), [(CONFIRMATION, BILL), (PAYMENT_ROW, PAYMENT)])
def test_the_header_tells_the_kind_where_the_name_does_not(row: dict[str, str], kind: str) -> None:
    assert read_export("export.csv", written([row])).kind == kind


def test_an_unknown_word_is_kept_as_it_was_stated() -> None:
    (row,) = read_export("invoice.csv", written([CONFIRMATION | {"Status": "Parked by AP"}])).rows

    assert (row.report.status, row.report.stated) == ("unknown", "Parked by AP")


def test_the_table_of_words_can_be_changed() -> None:
    words = words_of(["Parked by AP = pending approval", "  Bezahlt=paid"])

    export = read_export("invoice.csv", written([CONFIRMATION | {"Status": "PARKED BY AP"}]), words=words)

    assert export.rows[0].report.status == "pending_approval"
    assert words["Bezahlt"] == "paid"


@pytest.mark.parametrize("line", ["Paid", "= paid", "Paid = payd", "Paid ="])
def test_a_wrong_line_of_the_table_is_explained(line: str) -> None:
    with pytest.raises(ValueError, match="an equals sign"):
        words_of([line])


def test_a_word_stands_in_the_table_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        words_of(["Paid = paid", "PAID = failed"])


def test_the_table_to_begin_with_survives_its_lines() -> None:
    assert words_of(lines_of(WORDS)) == WORDS


@pytest.mark.parametrize(
    ("stated", "form"),
    [
        ("2026-03-10", "YYYY-MM-DD"),
        ("03/10/2026", "MM/DD/YYYY"),
        ("10/03/2026", "DD/MM/YYYY"),
        ("20260310", "YYYYMMDD"),
        ("2026-03-10T14:15:02Z", "MM/DD/YYYY"),
        ("2026-03-10 14:15:02", "YYYY-MM-DD"),
    ],
)
def test_dates(stated: str, form: str) -> None:
    export = read_export("invoice.csv", written([CONFIRMATION | {"Status Date": stated}]), date=form)

    assert export.rows[0].report.date == date(2026, 3, 10)


def test_a_bad_row_costs_itself_only() -> None:
    good, other = CONFIRMATION, CONFIRMATION | {"External Invoice ID": "58214"}
    bad = CONFIRMATION | {"Amount": "a lot"}

    export = read_export("invoice.csv", written([good, bad, other]))

    assert [row.report.source_id for row in export.rows] == ["58213", "58214"]
    assert len(export.problems) == 1
    assert "line 3, Amount" in export.problems[0] or "line 3: Amount" in export.problems[0]


def test_half_a_row_at_the_end_is_a_problem() -> None:
    content = written([CONFIRMATION, CONFIRMATION])

    export = read_export("invoice.csv", content[:-60])

    assert len(export.rows) == 1
    assert "cells" in export.problems[0]


def test_a_row_that_names_no_document_is_a_problem() -> None:
    row = CONFIRMATION | {"External Invoice ID": "", "Vendor ID": ""}

    export = read_export("invoice.csv", written([row]))

    assert export.rows == ()
    assert "neither an External Invoice ID" in export.problems[0]


def test_vendor_and_number_name_a_document_too() -> None:
    (row,) = read_export("invoice.csv", written([CONFIRMATION | {"External Invoice ID": ""}])).rows

    assert (row.report.vendor_number, row.report.number) == ("4471", "MP-9931")


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", "empty"), (b"\xef\xbb\xbf", "empty"), (b"A,B\r\n1,2\r\n", "the header has no")],
)
def test_what_is_no_export_says_why(content: bytes, fault: str) -> None:
    export = read_export("export.csv", content)

    assert (export.kind, export.rows) == ("", ())
    assert fault in export.problems[0]


TEXTS = st.text(st.characters(codec="cp1252", categories=("L", "N", "P", "Zs")), max_size=20).map(str.strip)
SPELLINGS = (str, str.upper, lambda name: name.lower().replace(" ", "_"), lambda name: name.replace(" ", "-"))


@given(
    messages=st.lists(TEXTS, min_size=1, max_size=5),
    words=st.lists(st.sampled_from([*WORDS, "Parked by AP", "???"]), min_size=5, max_size=5),
    columns=st.permutations([*CONFIRMATION, "Batch"]),
    spell=st.sampled_from(SPELLINGS),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    lineterminator=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_the_same_rows_however_they_are_written(
    messages: list[str], words: list[str], columns: list[str], **how: Any
) -> None:
    rows = [
        CONFIRMATION | {"External Invoice ID": str(58000 + at), "Status": words[at], "Message": text}
        for at, text in enumerate(messages)
    ]

    content = written(rows, columns, **how)
    # Few texts in Windows-1252 are UTF-8 as well, and nobody can tell which one was meant.
    assume(how["encoding"] != "cp1252" or content.isascii() or not is_utf8(content))

    export = read_export("invoices.csv", content)

    assert export.problems == ()
    assert [(row.report.source_id, row.report.stated) for row in export.rows] == [
        (row["External Invoice ID"], row["Status"]) for row in rows
    ]
    assert [row.report.message for row in export.rows] == messages
    assert all(row.report.status == WORDS.get(row.report.stated, "unknown") for row in export.rows)


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(name=st.sampled_from(["invoice.csv", "payment.csv", "x"]), content=st.binary(max_size=400))
def test_nothing_raises(name: str, content: bytes) -> None:
    export = read_export(name, content)

    assert export.rows or export.problems
    assert all(row.report.status in STATUSES for row in export.rows)
