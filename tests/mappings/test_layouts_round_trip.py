"""What a layout carries comes back as it was, in every format and with every option."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import PAYMENT, plain_data, read
from tests.mappings.strategies import layouts as strategies
from tests.mappings.strategies import rsx as rich
from tests.mappings.strategies.parts import DAYS

FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
BARE = replace(PAYMENT, method="", references=(), parties=())
PLAIN = [(kind, format_) for kind in strategies.KINDS for format_ in ("csv", "xml", "fixed")]


def comes_back(layout, *documents):
    written = layouts.write(documents, layout, {"company_id": "QUILL"})
    items, file = read(written.data, layout)
    assert str(file.report) == ""
    assert ["\n".join(map(str, item.report)) for item in items] == [""] * len(items)
    assert [item.document for item in items] == list(documents)


def different(documents):
    """Whether a file can tell the documents apart."""
    return len({document.number for document in documents}) == len(documents)


def plain_comes_back(kind, format_, data):
    layout = layouts.load(layouts.STANDARD[f"{kind}_{format_}"])
    documents = data.draw(st.lists(strategies.KINDS[kind], min_size=1, max_size=3).filter(different))
    comes_back(layout, *documents)


@pytest.mark.parametrize(("kind", "format_"), PLAIN)
@FEW
@given(data=st.data())
def test_plain_layouts_carry_what_they_have_columns_for(kind, format_, data):
    plain_comes_back(kind, format_, data)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "format_"), PLAIN)
@MANY
@given(data=st.data())
def test_plain_layouts_carry_it_every_time(kind, format_, data):
    plain_comes_back(kind, format_, data)


@pytest.mark.parametrize("format_", ["csv", "xml", "fixed"])
@FEW
@given(invoice=rich.invoices())
def test_of_richer_documents_the_same_comes_back_every_time_or_the_file_is_refused(format_, invoice):
    """What has no column is lost once, not bit by bit; and never so that amounts do not add up."""
    layout = layouts.load(layouts.STANDARD[f"invoice_{format_}"])
    try:
        data = layouts.write([invoice], layout).data
    except CodecError:
        return
    (item,), _file = read(data, layout)
    assert item.document.total == invoice.total
    comes_back(layout, item.document)


DELIMITERS = st.sampled_from([",", ";", "\t", "|"])
MARKS = st.sampled_from([(".", ""), (".", ","), (",", "."), (",", " "), (".", "'"), (",", "")])
DATES = ["YYYY-MM-DD", "MM/DD/YYYY", "D.M.YYYY", "YYYYMMDD", "DD-MMM-YYYY", "YYYYDDD", "YYYY-MM-DDThh:mm:ss"]
options = st.fixed_dictionaries(
    {
        "delimiter": DELIMITERS,
        "quoting": st.sampled_from(["minimal", "all"]),
        "header": st.booleans(),
        "line_end": st.sampled_from(["crlf", "lf"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig"]),
        "guard": st.booleans(),
        "date": st.sampled_from(DATES),
        "negative": st.sampled_from(["leading", "trailing", "parentheses"]),
        "verify": st.booleans(),
    }
)
numbers: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.sampled_from(["0-6", "2", "2-4", "currency", 3]).map(lambda value: {"decimals": value}),
    st.sampled_from([2, 3, 6]).map(lambda value: {"implied": value}),
    st.just({"negate": True}),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    options=options,
    marks=MARKS,
    amount=numbers,
    documents=st.lists(strategies.payments, min_size=1, max_size=3),
)
def test_csv_with_any_options(options, marks, amount, documents):
    layout = dict(layouts.STANDARD["payment_csv"]) | options
    layout |= {"decimal": marks[0], "thousands": marks[1]}
    layout["columns"] = [each | (amount if each["name"] == "Amount" else {}) for each in layout["columns"]]
    comes_back(layouts.load(layout), *documents)


fixed_options = st.fixed_dictionaries(
    {
        "line_end": st.sampled_from(["crlf", "lf", "none"]),
        "encoding": st.just("cp1252"),
        "date": st.sampled_from(["YYYYMMDD", "MM/DD/YYYY"]),
        "negative": st.sampled_from(["leading", "trailing", "parentheses"]),
    }
)
cells = st.fixed_dictionaries(
    {
        "align": st.sampled_from(["left", "right"]),
        "pad": st.sampled_from([" ", "0"]),
        "implied": st.sampled_from([2, 4]),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(options=fixed_options, cell=cells, documents=st.lists(strategies.payments, min_size=1, max_size=3))
def test_fixed_width_with_any_options(options, cell, documents):
    cell = cell if cell["align"] == "right" else cell | {"pad": " "}
    ascii_only = [
        replace(each, number="7", pays=replace(each.pays, value="A1"), notes=(), parties=(), references=())
        for each in documents
    ]
    layout = dict(layouts.STANDARD["payment_fixed"]) | options
    if options["line_end"] == "none":
        layout["record_length"] = 260
    first, *others = layout["records"]
    columns = [each | (cell if each["name"] == "Amount" else {}) for each in first["columns"]]
    comes_back(layouts.load(layout | {"records": [first | {"columns": columns}, *others]}), *ascii_only)


@FEW
@given(documents=st.lists(strategies.journals(), min_size=1, max_size=3).filter(different))
@pytest.mark.parametrize("columns", [("amount",), ("side", "value"), ("debit", "credit")])
def test_journals_by_sign_by_side_or_by_two_columns(columns, documents):
    data: dict[str, Any] = dict(layouts.STANDARD["journal_entry_csv"])
    kept = [each for each in data["columns"] if each["name"] not in ("Debit", "Credit")]
    data["columns"] = [*kept, *({"name": name, "field": f"lines.{name}"} for name in columns)]
    comes_back(layouts.load(data), *documents)


@FEW
@given(documents=st.lists(strategies.bills(), min_size=2, max_size=3).filter(different), data=st.data())
def test_rows_that_are_not_adjacent(documents, data):
    layout = layouts.load(layouts.STANDARD["bill_csv"] | {"adjacent": False})
    written = layouts.write(documents, layout).data
    header, *rows = written.splitlines(keepends=True)
    mixed = data.draw(st.permutations(rows))
    items, _file = read(header + b"".join(mixed), layout)
    found = {item.document.number: item.document for item in items}
    assert found.keys() == {document.number for document in documents}
    for document in documents:
        assert sorted(found[document.number].lines, key=by_number) == list(document.lines)


def by_number(line):
    return int(line.number)


@FEW
@given(day=DAYS)
def test_every_day_in_every_form(day):
    for pattern in [*DATES, "DDMMYYYY", "YYYY.DDD"]:
        comes_back(layouts.load(plain_data(date=pattern)), replace(BARE, date=day))
