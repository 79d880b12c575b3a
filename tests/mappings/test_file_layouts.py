"""File layouts of a tenant: versions that never change, and files written and read by them."""

import copy
import io
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from mappings.canonical import Invoice
from mappings.codecs import layouts
from mappings.codecs.detect import detect
from mappings.models import FileLayout, LayoutVersion
from mappings.models.layouts import (
    LayoutProblems,
    problems_of,
    read,
    recognise,
    render,
    sentence,
    stream,
    version_fitting,
    version_for,
    versions_for,
)
from tenants.models import Tenant
from tests.factories import FileLayoutFactory, PartnerFactory
from tests.mappings.layout_examples import INVOICE, REMITTANCE


def invoice(number: str = "INV-1") -> Invoice:
    return replace(INVOICE, number=number)


pytestmark = pytest.mark.django_db

PAYMENTS: dict[str, Any] = {
    "name": "Acme payments",
    "document": "payment",
    "format": "csv",
    "columns": [
        {"name": "Check No", "field": "number", "required": True},
        {"name": "Check Date", "field": "date", "required": True},
        {"name": "Amount", "field": "amount", "required": True},
        {"name": "Invoice", "field": "pays", "required": True},
    ],
    "assume": {"currency": "USD"},
}


def version_of(data: dict[str, Any] | None = None, **more: Any) -> LayoutVersion:
    return FileLayoutFactory.create(data=data or PAYMENTS, **more).version


def test_saving_makes_the_next_version_and_leaves_the_earlier_ones_as_they_are() -> None:
    layout = FileLayoutFactory.create(data=PAYMENTS)
    changed = copy.deepcopy(PAYMENTS)
    changed["columns"][0]["name"] = "Number"
    second = layout.save_version(changed)
    assert (second.number, layout.version) == (2, second)
    assert [version.data["columns"][0]["name"] for version in layout.versions.order_by("number")] == [
        "Check No",
        "Number",
    ]


def test_the_same_layout_again_is_no_new_version() -> None:
    layout = FileLayoutFactory.create(data=PAYMENTS)
    assert layout.save_version(copy.deepcopy(PAYMENTS)).number == 1
    assert layout.versions.count() == 1


def test_a_version_is_neither_changed_nor_deleted() -> None:
    version = version_of()
    version.data = {}
    with pytest.raises(TypeError, match="never changed"):
        version.save()
    with pytest.raises(TypeError, match="never deleted"):
        version.delete()


def test_kind_and_format_come_from_the_layout_and_stay() -> None:
    layout = FileLayoutFactory.create(data=PAYMENTS)
    assert (layout.kind, layout.format, layout.direction) == ("payment", "csv", "both")
    with pytest.raises(ValidationError, match="This layout is for payment in CSV"):
        layout.save_version(layouts.STANDARD["invoice_csv"])


def test_a_partner_of_another_organisation_is_refused() -> None:
    with pytest.raises(ValidationError, match="another organisation"):
        FileLayoutFactory.create(data=PAYMENTS, partner=PartnerFactory.create())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "A layout is an object with keys."),
        ({**PAYMENTS, "columns": [{"name": "Paid", "feild": "date"}]}, "Column 1 (Paid): feild is not"),
        ({**PAYMENTS, "records": [{"code": "H", "columns": [{"name": "X", "no": ""}]}]}, "Record 1 (H), column 1 (X)"),
        ({**PAYMENTS, "name": "a\x00b"}, "The layout holds a character with the number zero."),
        ({**PAYMENTS, "name": "\ud800"}, "A layout is JSON"),
        ({**PAYMENTS, "name": "x" * 500_001}, "at most 500,000 are allowed"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_layout_is_said_in_sentences_that_name_the_column(data: Any, said: str) -> None:
    problems = problems_of(data)
    assert any(said in problem for problem in problems), problems
    assert all(problem[0].isupper() and problem[-1] in ".?!" for problem in problems), problems
    with pytest.raises(ValidationError):
        FileLayoutFactory.create(data=data)
    assert not FileLayout.unscoped.exists()


@pytest.mark.parametrize(
    ("standard", "extension", "media_type"),
    [
        ("invoice_csv", "csv", "text/csv"),
        ("invoice_xml", "xml", "application/xml"),
        ("invoice_fixed", "txt", "text/plain"),
    ],
)
def test_what_is_rendered_is_read_again(standard: str, extension: str, media_type: str) -> None:
    version = FileLayoutFactory.create(standard=standard).version
    rendered = render(version, [invoice(number="A1"), invoice(number="A2")])
    assert rendered[1:] == (extension, media_type)
    reading = read(version, rendered.content)
    assert [document.number for document in reading.documents] == ["A1", "A2"]  # type: ignore[attr-defined]
    assert reading.problems == []
    *items, end = stream(version, io.BytesIO(rendered.content))
    assert (len(items), isinstance(end, layouts.File)) == (2, True)


def test_what_cannot_be_written_is_said_in_sentences() -> None:
    version = FileLayoutFactory.create(standard="payment_csv").version
    with pytest.raises(
        LayoutProblems, match=r"The layout 'Payment, plain CSV' is for Payment, not for Invoice\."
    ):
        render(version, [invoice()])
    narrow = FileLayoutFactory.create(standard="invoice_fixed").version
    with pytest.raises(LayoutProblems) as caught:
        render(narrow, [invoice(number="9" * 30)])
    assert caught.value.problems[0].field == "Invoice Number"


def test_a_bad_row_names_its_line_and_column_and_leaves_the_others() -> None:
    content = (
        b"Check No,Check Date,Amount,Invoice\n1,2026-01-02,10.00,A\n2,2026-01-02,ten,B\n3,2026-01-02,5,C\n"
    )
    reading = read(version_of(), content)
    assert [document.number for document in reading.documents] == ["1", "3"]  # type: ignore[attr-defined]
    (problem,) = reading.problems
    assert (problem.line, problem.field, problem.value) == (3, "Amount", "ten")
    assert sentence(problem).startswith("Line 3: Amount is not a number (it is 'ten').")


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 99, b"%PDF-1.7\n", b"<a><b>", b"a" * 100_000, b'"' * 1001]
)
def test_a_file_that_is_no_such_file_has_problems_and_no_documents(content: bytes) -> None:
    reading = read(version_of(), content)
    assert (reading.documents, bool(reading.problems)) == ([], True)


def test_the_partners_own_layout_comes_before_the_organisations(tenant: Tenant) -> None:
    partner, other = PartnerFactory.create_batch(2, tenant=tenant)
    own = version_of(tenant=tenant, partner=partner)
    general = version_of(tenant=tenant)
    version_of(tenant=tenant, partner=other)
    version_of({**PAYMENTS, "direction": "read"}, tenant=tenant, partner=partner)
    version_of()  # another organisation's
    found = versions_for(tenant, partner, kind="payment", file_format="csv", writes=True)
    assert found == [own, general]
    assert version_for(partner, kind="payment", file_format="csv", writes=True) == own
    assert version_for(partner, kind="payment", file_format="xml", writes=True) is None


def test_only_the_latest_version_is_used(tenant: Tenant) -> None:
    layout = FileLayoutFactory.create(tenant=tenant, data=PAYMENTS)
    second = layout.save_version({**PAYMENTS, "delimiter": ";"})
    assert versions_for(tenant, None, writes=False) == [second]


def test_a_file_is_recognised_by_its_columns(tenant: Tenant) -> None:
    invoices = FileLayoutFactory.create(tenant=tenant, standard="invoice_csv").version
    payments = version_of(tenant=tenant)
    content = b"Check No,Check Date,Amount,Invoice\n1,2026-01-02,10.00,A\n"
    assert recognise([invoices, payments], content) == payments
    assert recognise([invoices, payments], b"a,b\n1,2\n") is None


DEPOSITS: dict[str, Any] = {
    "document": "payment",
    "format": "fixed",
    "direction": "read",
    "columns": [
        {"name": "Number", "field": "number", "start": 1, "length": 4},
        {"name": "Date", "field": "date", "start": 5, "length": 10},
        {"name": "Payer", "field": "notes", "start": 15, "length": 14},
        {"name": "Amount", "field": "amount", "start": 29, "length": 6},
        {"name": "Pays", "field": "pays", "start": 35, "length": 6},
    ],
    "assume": {"currency": "USD"},
}


def test_a_layout_says_what_looks_like_another_format(tenant: Tenant) -> None:
    deposits = version_of(DEPOSITS, tenant=tenant)
    headless = {**PAYMENTS, "header": False, "direction": "read"}
    version_of(headless, tenant=tenant)
    commas = b"4711" + b"2026-03-01" + b"Acme, Inc.    " + b" 50.00" + b"INV-1 \n"
    assert detect(commas * 2).format == "csv"
    assert version_fitting(tenant, None, commas * 2, file_format="csv") == deposits
    assert version_fitting(tenant, None, b"Hello, dear partner\n", file_format="") is None


def test_of_layouts_whose_records_look_alike_the_one_that_reads_most_is_taken(tenant: Tenant) -> None:
    names = ["journal_entry_fixed", "remittance_advice_fixed", "invoice_fixed"]
    journal, remittances, invoices = (
        FileLayoutFactory.create(tenant=tenant, standard=name).version for name in names
    )
    content = render(remittances, [REMITTANCE]).content
    for versions in ([journal, remittances, invoices], [invoices, remittances, journal]):
        assert recognise(versions, content) == remittances
