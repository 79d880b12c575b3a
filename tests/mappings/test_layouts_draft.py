"""A first layout from a sample: what can be seen is filled in, what cannot becomes a question."""

from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import EXAMPLES, read

US = (
    b"Invoice #,Inv Date,Due Date,Customer,Item,Description,Qty,Price,Amount,Tax,Total\r\n"
    b'A-1,03/25/2026,04/24/2026,"ACME, Inc.",X1,Paper,2,"1,250.00","2,500.00",0.00,"2,510.00"\r\n'
    b'A-1,03/25/2026,04/24/2026,"ACME, Inc.",X2,Pen,1,10.00,10.00,0.00,"2,510.00"\r\n'
)
GERMAN = (
    "Beleg No;Date;Supplier;Total;Currency;Amount;GL Code\n1;25.03.2026;Müller;1.234,50;EUR;1.234,50;4400\n"
)


def asked(draft):
    return "\n".join(f"{question.column}|{question.text}|{question.choices}" for question in draft.questions)


def fields(draft):
    return {each["name"]: each.get("field", "") for each in draft.layout["columns"]}


def test_a_spreadsheet_from_the_united_states():
    draft = layouts.draft_layout(US, "invoice")
    settings = {
        key: draft.layout[key]
        for key in ("format", "delimiter", "header", "date", "decimal", "thousands", "each")
    }
    assert settings == {
        "format": "csv",
        "delimiter": ",",
        "header": True,
        "date": "MM/DD/YYYY",
        "decimal": ".",
        "thousands": ",",
        "each": "lines",
    }
    assert fields(draft) == {
        "Invoice #": "number",
        "Inv Date": "date",
        "Due Date": "due_date",
        "Customer": "parties[bill_to].name",
        "Item": "lines.seller_item",
        "Description": "lines.description",
        "Qty": "lines.quantity",
        "Price": "lines.unit_price",
        "Amount": "lines.amount",
        "Tax": "tax_total",
        "Total": "total",
    }
    assert draft.layout["group"] == ["Invoice #"]
    assert asked(draft).count("\n") == 0
    assert "give nothing for currency" in asked(draft)
    completed = draft.layout | {"assume": {"currency": "USD"}}
    (item,), _ = read(US, completed)
    assert item.document.total == 2510
    assert [line.quantity for line in item.document.lines] == [2, 1]


def test_a_spreadsheet_from_germany():
    draft = layouts.draft_layout(GERMAN.encode("cp1252"), "bill")
    assert (draft.layout["encoding"], draft.layout["delimiter"]) == ("cp1252", ";")
    assert (draft.layout["date"], draft.layout["decimal"], draft.layout["thousands"]) == (
        "DD.MM.YYYY",
        ",",
        ".",
    )
    assert "Is it Windows-1252" in asked(draft)
    assert "What is the column 'Beleg No'? It holds 1." in asked(draft)


def test_rows_that_are_not_adjacent_are_noticed():
    sample = b"Invoice Number,Line Amount\n1,5\n2,5\n1,5\n"
    assert layouts.draft_layout(sample, "invoice").layout["adjacent"] is False


def test_dates_that_could_be_either_are_asked_about():
    draft = layouts.draft_layout(b"Date,Amount\n01/02/2026,5.00\n03/04/2026,6.00\n", "payment")
    assert "Which form do dates such as 01/02/2026 have?" in asked(draft)
    one_way = layouts.draft_layout(b"Date,Amount\n01/02/2026,5.00\n13/04/2026,6.00\n", "payment")
    assert one_way.layout["date"] == "DD/MM/YYYY"
    assert "Which form" not in asked(one_way)


def test_a_remittance_without_a_total_is_what_its_rows_pay():
    sample = (
        b"Remit No,Remit Date,Invoice No,Paid,Payer\n"
        b"R-1,2026-03-31,INV-1,401.84,Northline\nR-1,2026-03-31,INV-2,10.00,Northline\n"
    )
    draft = layouts.draft_layout(sample, "remittance_advice")
    assert fields(draft) == {
        "Remit No": "number",
        "Remit Date": "date",
        "Invoice No": "lines.document",
        "Paid": "lines.paid",
        "Payer": "parties[payer].name",
    }
    (item,), _ = read(sample, draft.layout | {"assume": {"currency": "USD"}})
    assert (item.document.number, item.document.amount) == ("R-1", Decimal("411.84"))


def test_numbers_that_could_be_either_are_asked_about():
    draft = layouts.draft_layout(b"Payment ID;Amount\nx;1,234\n", "payment")
    assert "Is 1,234 a number with thousands, or with three decimals?" in asked(draft)
    one_way = layouts.draft_layout(b"Payment ID;Amount\nx;1,234\ny;1,234.50\n", "payment")
    assert "with thousands, or" not in asked(one_way)
    assert one_way.layout["thousands"] == ","


def test_negative_numbers_show_their_style():
    draft = layouts.draft_layout(b"Payment ID,Amount\nx,(5.00)\n", "payment")
    assert draft.layout["negative"] == "parentheses"


def test_without_a_header_the_columns_are_asked_about():
    draft = layouts.draft_layout(b"1,2026-03-09,5.00\n2,2026-03-10,6.00\n", "payment")
    assert draft.layout["header"] is False
    assert "What is the column 'Column 2'? It holds 2026-03-09, 2026-03-10." in asked(draft)


def test_a_field_must_fit_what_the_column_holds():
    draft = layouts.draft_layout(b"Date,Amount,Invoice\nsoon,lots,A\n", "payment")
    assert fields(draft) == {"Date": "", "Amount": "", "Invoice": "pays"}


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("format_", ["csv", "xml"])
def test_our_own_files_are_understood(kind, format_):
    plain = layouts.load(layouts.STANDARD[f"{kind}_{format_}"])
    data = layouts.write([EXAMPLES[kind]], plain).data
    draft = layouts.draft_layout(data, kind)
    given = draft.layout.get("records") or [draft.layout]
    for drafted, record in zip(given, plain.records, strict=True):
        expected = {each.name: each.fields[0].text for each in record.columns}
        found = {each["name"]: each["field"] for each in drafted["columns"] if "field" in each}
        wrong = {name: path for name, path in found.items() if expected[name] != path}
        assert wrong == {}
        assert len(found) > len(drafted["columns"]) / 2


def test_fixed_width_is_cut_at_blanks_and_the_rest_is_asked():
    draft = layouts.draft_layout(two_bills(), "bill")
    assert draft.layout["format"] == "fixed"
    assert [record["code"] for record in draft.layout["records"]] == ["H", "D", "T"]
    assert draft.layout["records"][0]["columns"][0] == {"name": "Position 2", "start": 2, "length": 22}
    assert "Are the positions right?" in asked(draft)


@pytest.mark.parametrize(
    ("sample", "kind", "expected"),
    [
        (b"", "invoice", "the sample is empty"),
        (b" \n", "invoice", "the sample is empty"),
        (b"a,b\n", "invoce", "no layouts for 'invoce'"),
        (b"<a><b></a>", "invoice", "no whole record"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a><b>&b;</b><b/></a>', "invoice", "no whole record"),
    ],
)
def test_samples_without_anything_to_see(sample, kind, expected):
    with pytest.raises(CodecError, match=expected):
        layouts.draft_layout(sample, kind)


def test_a_sample_that_ends_inside_of_a_character():
    sample = "Payment ID,Amount\nx,5.00\né".encode()
    assert "encoding" not in layouts.draft_layout(sample[:-1], "payment").layout


def two_bills():
    bill = EXAMPLES["bill"]
    layout = layouts.load(layouts.STANDARD["bill_fixed"])
    return layouts.write([bill, replace(bill, number="MP-9932")], layout).data
