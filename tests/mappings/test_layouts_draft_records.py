"""Files with several kinds of rows: their codes are found where a sample clearly shows them, and nowhere else."""

from typing import Any

import pytest

from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import read

BILLS = (
    b"H,4711,2026-03-01,USD,150.00\n"
    b"D,4711,1,Paper,100.00\n"
    b"D,4711,2,Pens,50.00,,\n"
    b"H,4712,2026-03-02,USD,30.00,net 30\n"
    b"D,4712,1,Ink,30.00\n"
    b"T,2,180.00\n"
)
PAYMENTS = b"HDR;20260301\nPAY;1;100.00;INV-1\nPAY;2;50.00;INV-2\nTRL;2\n"
ENTRIES = (
    b"HDRJE-1      20260301USD\n"
    b"DTL6010      Paper               0000010000\n"
    b"DTL1000      Cash                0000010000\n"
    b"TRL0000002\n"
)
ONE_LETTER = ENTRIES.replace(b"HDR", b"H").replace(b"DTL", b"D").replace(b"TRL", b"T")
NUMBERED = b"01ACME   20260301\n02INV-1   100.00   USD\n02INV-2    50.00   USD\n09000002\n"


def kinds(sample: bytes, kind: str) -> list[tuple[str, str]]:
    records = layouts.draft_layout(sample, kind).layout.get("records", [])
    return [(record["code"], record["at"]) for record in records]


@pytest.mark.parametrize(
    ("sample", "kind", "expected"),
    [
        (BILLS, "bill", [("H", ""), ("D", "lines"), ("T", "end")]),
        (b"A,ACME\n" + BILLS, "invoice", [("A", "start"), ("H", ""), ("D", "lines"), ("T", "end")]),
        (BILLS.replace(b"\nT,2,180.00\n", b"\n"), "bill", [("H", ""), ("D", "lines")]),
        (PAYMENTS, "payment", [("HDR", "start"), ("PAY", ""), ("TRL", "end")]),
        (b"H,1,2026-03-01,USD\nD,1,100.00\nT,3\n", "bill", [("H", ""), ("D", "lines"), ("T", "end")]),
        (ENTRIES, "journal_entry", [("HDR", ""), ("DTL", "lines"), ("TRL", "end")]),
        (ONE_LETTER, "journal_entry", [("H", ""), ("D", "lines"), ("T", "end")]),
        (NUMBERED, "payment", [("01", "start"), ("02", ""), ("09", "end")]),
    ],
)  # fmt: skip
def test_rows_that_begin_with_codes_are_told_apart(sample, kind, expected):
    assert kinds(sample, kind) == expected


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        (b"ACME,2026-03-01,100.00\nBETA,2026-03-02,100.00\nBETA,2026-03-02,10.00\n", "payment"),
        (b"Number,Date,Amount\n1,2026-03-02,100.00\n2,2026-03-02,10.00\n", "payment"),
        (b"HELEN    100.00\nDIANA     50.00\nTODD       3.00\n", "payment"),
        (b"1001 ACME    100.00\n1002 BETA     50.00\n2001 XENIA     3.00\n", "payment"),
        (b"P,1,2,3\nQ,1,2\nR,1\n", "payment"),
        (b"H,1\nN,a,b\nS,a,b,c\nD,5,5\nD,5,5\nX,1\nY,1\nT,1\n", "bill"),
    ],
)
def test_what_could_be_a_value_is_no_code(sample, kind):
    assert kinds(sample, kind) == []


def test_columns_are_named_by_where_they_stand_and_asked_about():
    draft = layouts.draft_layout(BILLS, "bill")
    head, detail, _ = draft.layout["records"]
    assert [column["name"] for column in head["columns"]] == [f"Column {n}" for n in range(2, 7)]
    assert [column["name"] for column in detail["columns"]] == [f"Column {n}" for n in range(2, 6)]
    asked = {question.text for question in draft.questions}
    assert "What is the column 'Column 5'? It holds 150.00, 30.00." in asked
    assert any("Which one is the document, which are its lines" in each for each in asked)


def test_positions_are_counted_behind_the_code():
    (head, detail, _) = layouts.draft_layout(ENTRIES, "journal_entry").layout["records"]
    assert [(each["start"], each["length"]) for each in head["columns"]] == [(4, 10), (14, 11)]
    assert [(each["start"], each["length"]) for each in detail["columns"]] == [(4, 10), (14, 20), (34, 10)]


def test_a_completed_draft_reads_the_file():
    draft = layouts.draft_layout(BILLS, "bill").layout
    head, detail, end = draft["records"]
    for record, fields in (
        (head, ["number", "date", "currency", "total", "terms.description"]),
        (detail, [None, "lines.position", "lines.description", "lines.amount"]),
    ):
        for column, field in zip(record["columns"], fields, strict=True):
            column |= {"field": field} if field else {}
    end["columns"][0]["file"], end["columns"][1]["file"] = "file.documents", "file.total"
    items, file = read(BILLS, draft | {"assume": {"vendor.name": "Marlow"}})
    assert [item.document.total for item in items] == [150, 30]
    assert not file.report


def test_a_single_kind_of_row_can_have_a_code_too():
    data = {
        "document": "payment",
        "format": "csv",
        "records": [{"at": "", "code": "P", "columns": [{"name": "A", "field": "number"}]}],
        "assume": {"date": "2026-03-01", "currency": "USD", "amount": "5", "pays": "INV-1"},
    }
    items, _ = read(b"P,1\nX,2\nP,3\n", data)
    assert [item.document.number if item.document else "" for item in items] == ["1", "", "3"]
    assert layouts.write([items[0].document], layouts.load(data)).data == b"P,1\r\n"


@pytest.mark.parametrize("format_", ["csv", "fixed"])
def test_the_order_in_which_records_are_listed_does_not_matter(format_):
    records: list[dict[str, Any]] = [
        {"at": "end", "code": "T", "columns": [{"name": "Rows", "file": "file.rows", "start": 2, "length": 5}]},
        {"at": "lines", "code": "D", "columns": [{"name": "Amount", "field": "lines.amount", "start": 2, "length": 9}]},
        {"at": "", "code": "H", "columns": [{"name": "Number", "field": "number", "start": 2, "length": 9}]},
    ]  # fmt: skip
    if format_ == "csv":
        for record in records:
            record["columns"] = [
                {k: v for k, v in c.items() if k not in ("start", "length")} for c in record["columns"]
            ]
    data = {
        "document": "bill",
        "format": format_,
        "records": records,
        "assume": {"date": "2026-03-01", "currency": "USD", "vendor.name": "M", "total": "5"},
    }
    sample = b"H,B-1\nD,5\nT,2\n" if format_ == "csv" else b"HB-1\nD5\nT2\n"
    (item,), file = read(sample, data)
    assert (item.document.number, item.document.total, list(file.report)) == ("B-1", 5, [])
    written = layouts.write([item.document], layouts.load(data)).data
    assert [line[:1] for line in written.splitlines()] == [b"H", b"D", b"T"]


def test_too_many_columns_are_refused_and_not_forgotten():
    columns = [{"name": f"C{number}", "field": "number"} for number in range(501)]
    with pytest.raises(CodecError, match="columns are 501; one kind of row can have 500 at most"):
        layouts.load({"document": "payment", "format": "csv", "direction": "read", "columns": columns})
