"""A layout is checked when it is saved: every problem is named at its key."""

import json

import pytest

from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import column, plain_data


def problems(data):
    with pytest.raises(CodecError) as error:
        layouts.load(data)
    return str(error.value)


def xml_data(**changes):
    columns = plain_data()["columns"]
    record = {"at": "", "element": "Payment", "columns": columns}
    data = {
        "document": "payment",
        "format": "xml",
        "root": "Payments",
        "records": [record],
        "assume": {"currency": "USD"},
    }
    return data | changes


def fixed_data(*places, **changes):
    columns = plain_data()["columns"]
    usual = [(1, 9), (10, 10), (20, 9), (29, 3), (32, 9), (41, 9)]
    for each, (start, length) in zip(columns, [*places, *usual[len(places) :]], strict=True):
        each |= {"start": start, "length": length}
    return plain_data(format="fixed", columns=columns, **changes)


def lines_data(**changes):
    columns = [
        {"name": "Number", "field": "number"},
        {"name": "Date", "field": "date"},
        {"name": "Currency", "field": "currency"},
        {"name": "Total", "field": "total"},
        {"name": "Amount", "field": "lines.amount"},
    ]
    data = {"document": "invoice", "format": "csv", "each": "lines", "group": ["Number"], "columns": columns}
    return data | changes


def test_good_layouts_load():
    for data in (plain_data(), xml_data(), fixed_data(), lines_data(), *layouts.STANDARD.values()):
        assert layouts.load(data).data == data


def test_layouts_survive_json():
    for data in layouts.STANDARD.values():
        assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("data", [None, [], "x", {}, {"document": "invoice"}])
def test_of_what_is_no_layout(data):
    assert problems(data)


def test_all_problems_are_named_at_once():
    text = problems(
        {
            "document": "invoce",
            "format": "cvs",
            "delimter": ";",
            "columns": [{"name": "A", "field": "number", "requird": True}, {"field": "nmber"}],
        }
    )
    assert "document is 'invoce'" in text
    assert "format is 'cvs'. Use csv, fixed or xml" in text
    assert "delimter is not a known key. Do you mean delimiter?" in text
    assert "columns[0].requird is not a known key. Do you mean required?" in text
    assert "columns[1].field 'nmber': a Invoice has no field nmber; do you mean number?" in text
    assert "columns[1].name is missing" in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"columns": []}, "columns are missing"),
        ({"columns": "x"}, "columns should be a list"),
        ({"columns": ["x"]}, "columns[0] should be an object with keys"),
        ({"name": 1}, "name should be a text"),
        ({"header": "yes"}, "header should be true or false"),
        ({"skip": -1}, "skip is -1; it must be 0 or more"),
        ({"skip": True}, "skip should be a whole number"),
        ({"encoding": "utf-7"}, "encoding is 'utf-7'. Use utf-8"),
        ({"delimiter": "ab"}, "delimiter is 'ab'"),
        ({"delimiter": '"'}, "delimiter is"),
        ({"delimiter": ""}, "delimiter is missing. It can be found out when reading, but not when writing"),
        ({"quoting": "some"}, "quoting is 'some'"),
        ({"line_end": "none"}, "line_end is 'none'"),
        ({"date": "soon"}, "columns[1] the date format 'soon' needs a year"),
        ({"date": "YYYY-YY-MM-DD"}, "needs a year"),
        ({"decimal": ";"}, "the decimal mark is ';'"),
        ({"thousands": "."}, "the thousands separator cannot be '.' beside the decimal mark '.'"),
        ({"negative": "red"}, "negative is 'red'. Use leading, trailing or parentheses"),
        ({"each": "lines"}, "each leads nowhere: Payment has no repeated part 'lines'"),
        ({"assume": {"curency": "USD"}}, "do you mean currency?"),
        ({"assume": {"date": "yesterday"}}, "assume date: 'yesterday' is not a date"),
        ({"assume": {}, "columns": [{"name": "A", "field": "number"}]}, "columns give nothing for date"),
        ({"records": [{"at": "", "columns": []}]}, "records cannot stand beside columns"),
        ({"root": "x"}, "root is not a known key"),
        ({"blanks": [1]}, "blanks should be a list of texts"),
        ({"direction": "up"}, "direction is 'up'"),
    ],
)
def test_of_single_keys(changes, expected):
    assert expected in problems(plain_data() | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"field": "notes", "constant": "x"}, "has more than one of field, constant, context and file"),
        ({"field": ["notes", "amount"]}, "has paths to values of different types"),
        ({"field": "file.rows"}, "has no field file"),
        (
            {"field": None, "file": "file.rows"},
            "file is 'file.rows'. Records at the start and the end can hold",
        ),
        ({"codes": {"a": "X", "b": "x "}}, "codes 'x ' stands for both 'a' and 'b'"),
        ({"codes": {"a": []}}, "'a' should lead to a text"),
        ({"decimals": "lots"}, "decimals are 'lots'"),
        ({"decimals": "6-2"}, "the fewest first"),
        ({"implied": 40}, "there can be 12 at most"),
        ({"true": "x", "false": "X", "field": "voided"}, "yes and no are the same text"),
        ({"max": "3"}, "max should be a whole number"),
        ({"too_long": "wrap"}, "too_long is 'wrap'. Use refuse or cut"),
        ({"name": "Payment"}, "columns has 'Payment' twice"),
        ({"name": "pay_ment"}, "columns has 'pay_ment' twice"),
        ({"start": 1}, "start is not a known key"),
        ({"field": "parties.name"}, "say which of parties, such as parties[bill_to]"),
        ({"field": "parties[payr].name"}, "do you mean payer?"),
        ({"field": "parties"}, "say which of parties"),
    ],
)
def test_of_columns(changes, expected):
    data = column(plain_data(), "Notes", **changes)
    if "amount" in str(changes) or "decimals" in changes or "implied" in changes:
        data = column(plain_data(), "Amount" if "field" not in changes else "Notes", **changes)
    assert expected in problems(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            lines_data(group=[]),
            "group is missing. Name the columns that are equal in all rows of one document",
        ),
        (lines_data(group=["Nr"]), "group names columns that are not there: Nr"),
        (lines_data(group=["Amount"]), "group can name only columns that belong to the whole document"),
        (fixed_data((1, 9), (9, 10)), "Payment and Date overlap at position 9"),
        (fixed_data((1, 0)), "length is 0; it must be 1 or more"),
        (fixed_data(record_length=20), "record_length is 20, but there are columns up to 49"),
        (fixed_data(line_end="none"), "record_length is missing"),
        (fixed_data(line_end="none", record_length=60), "must have one byte for each character"),
        (fixed_data(pad="ab"), "pad is not a known key"),
        (xml_data(root=""), "root is missing. Name the element around all documents"),
        (xml_data(root="a b"), "root has a part 'a b' that is no element name"),
        (xml_data(records=[{"at": "", "columns": plain_data()["columns"]}]), "element is missing"),
        (
            xml_data(records=[{"at": "", "element": "P", "columns": [{"name": "a b", "field": "number"}]}]),
            "name 'a b' is no path of elements",
        ),
        (xml_data(delimiter=","), "delimiter is not a known key"),
    ],
)
def test_of_formats(data, expected):
    assert expected in problems(data)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([{"at": "", "code": "H"}, {"at": "lines", "code": "H"}], "records need a code each, all different"),
        ([{"at": "", "code": "H"}, {"at": "lines"}], "records need a code each"),
        (
            [{"at": "lines", "code": "D"}, {"at": "lines.taxes", "code": "T"}],
            "records need one that is for the document itself",
        ),
        (
            [{"at": "", "code": "H"}, {"at": "lines.taxes", "code": "T"}],
            "has one for lines.taxes, but none for lines",
        ),
        ([{"at": "", "code": "H"}, {"at": "", "code": "I"}], "has two for the same part"),
        ([{"at": "end", "code": "T"}], "records has none for documents"),
        (
            [{"at": "", "code": "H"}, {"at": "end", "code": "T"}, {"at": "end", "code": "Z"}],
            "has two for the same end of the file",
        ),
    ],
)
def test_of_records(records, expected):
    named = {"": "number", "lines": "lines.amount", "lines.taxes": "lines.taxes.amount"}
    for record in records:
        source = {"field": named[record["at"]]} if record["at"] in named else {"file": "file.rows"}
        record["columns"] = [{"name": "A", **source}]
    assert expected in problems({"document": "invoice", "format": "csv", "records": records})


def test_headers_cannot_name_the_columns_of_several_kinds_of_rows():
    records = [
        {"at": "", "code": "H", "columns": [{"name": "A", "field": "number"}]},
        {"at": "lines", "code": "D", "columns": [{"name": "B", "field": "lines.amount"}]},
    ]
    data = {"document": "invoice", "format": "csv", "records": records, "header": True, "direction": "write"}
    assert "header cannot be there with several kinds of rows" in problems(data)


def test_a_layout_for_writing_need_not_be_readable():
    data = plain_data(direction="write", columns=[{"name": "A", "field": "number"}], assume=None)
    assert layouts.load(data)
    assert "columns give nothing for amount" in problems(data | {"verify": True})


def test_data_that_is_changed_later_does_not_change_the_layout():
    data = plain_data()
    layout = layouts.load(data)
    data["columns"].clear()
    assert layout.data["columns"]
    assert layout.records[0].columns
