"""The layouts that are shipped: golden files, and the file exchange with Stampli."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from mappings.canonical import Line, Reference
from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import BILL, EXAMPLES, PAYMENT, read, written

GOLDEN = Path(__file__).parent / "golden" / "layouts"
ENDINGS = {"csv": "csv", "xml": "xml", "fixed": "txt"}
PLAIN = [(kind, format_) for kind in EXAMPLES for format_ in ENDINGS]


def standard(name):
    return layouts.load(layouts.STANDARD[name])


@pytest.mark.parametrize(("kind", "format_"), PLAIN)
def test_plain_golden_files(kind, format_):
    layout = standard(f"{kind}_{format_}")
    data = (GOLDEN / f"{kind}_{format_}.{ENDINGS[format_]}").read_bytes()
    assert layouts.write([EXAMPLES[kind]], layout).data == data
    (item,), file = read(data, layout)
    assert not file.report
    assert item.document == EXAMPLES[kind]


def test_every_kind_and_format_is_there():
    plain = {f"{kind}_{format_}" for kind, format_ in PLAIN}
    assert plain < layouts.STANDARD.keys()
    assert {name for name in layouts.STANDARD if name not in plain} == {
        "stampli_invoice",
        "stampli_vendor",
        "stampli_payment",
        "stampli_purchase_order",
        "stampli_confirmation",
        "stampli_payment_export",
    }


class TestFilesForStampli:
    def test_the_invoice_file(self):
        text = written(standard("stampli_invoice"), BILL, company_id="QUILL")
        assert text.encode() == (GOLDEN / "stampli_invoice.csv").read_bytes()
        assert text.splitlines()[1] == (
            'QUILL,Invoice,58213,4471,"Marlow Paper, Inc.",MP-9931,2026-03-09,2026-04-08,USD,,108.50,8.50,1,'
            "Copy paper A4,20,5,100.00,8.50,6010,,unpaid,2026-03-09T14:15:02Z"
        )

    def test_a_row_for_each_line_and_one_for_a_bill_without_lines(self):
        lines = (*BILL.lines, Line(amount=Decimal("1.50"), description="Postage"))
        two = replace(BILL, lines=lines, total=Decimal("110.00"))
        bare = replace(BILL, number="9", lines=(), total=Decimal(0), origin=replace(BILL.origin, id="9"))
        text = written(standard("stampli_invoice"), two, bare, company_id="QUILL")
        assert len(text.splitlines()) == 4

    def test_a_credit_note_says_so(self):
        text = written(standard("stampli_invoice"), replace(BILL, kind="credit_note"), company_id="Q")
        assert text.splitlines()[1].startswith("Q,Credit Memo,")

    def test_what_stampli_needs_is_insisted_on(self):
        bare = replace(BILL, origin=None, terms=(), vendor=replace(BILL.vendor, identifiers=()))
        with pytest.raises(CodecError) as error:
            written(standard("stampli_invoice"), bare)
        missing = [problem.field for problem in error.value.report if problem.rule == "mandatory_missing"]
        assert missing == ["Company ID", "External Invoice ID", "Vendor ID", "Due Date"]

    def test_the_vendor_and_the_payment_file(self):
        text = written(standard("stampli_vendor"), EXAMPLES["vendor"], company_id="QUILL")
        assert text.encode() == (GOLDEN / "stampli_vendor.csv").read_bytes()
        references = (
            Reference(kind="source_document", value="58213"),
            Reference(kind="vendor_number", value="4471"),
        )
        text = written(
            standard("stampli_payment"), replace(PAYMENT, references=references), company_id="QUILL"
        )
        assert text.encode() == (GOLDEN / "stampli_payment.csv").read_bytes()
        voided = replace(PAYMENT, references=references, voided=True)
        assert ",Voided," in written(standard("stampli_payment"), voided, company_id="QUILL")


class TestFilesFromStampli:
    def test_confirmations_become_status_reports(self):
        data = (
            "\ufeffstatus;Stampli_Invoice_ID;External Invoice ID;Invoice Number;Status Date;Approved By;"
            "Amount;Currency\n"
            "Pending  approval;S-1;58213;MP-9931;2026-03-10;;108.50;USD\n"
            "APPROVED;S-2;;MP-9932;2026-03-11;Kim;;\n"
            "Waiting for Godot;S-3;58215;;;;;\n"
            ";S-4;58216;;;;;\n"
        ).encode()
        items, file = read(data, standard("stampli_confirmation"))
        assert not file.report
        first, second, third = (item.document for item in items[:3])
        assert (first.status, first.stated) == ("unknown", "Pending  approval")
        assert (second.status, second.stated, second.remote_id, second.number) == (
            "approved",
            "APPROVED",
            "S-2",
            "MP-9932",
        )
        assert (second.date, second.document_kind) == (dt.date(2026, 3, 11), "bill")
        assert (third.status, third.stated, third.source_id) == ("unknown", "Waiting for Godot", "58215")
        assert items[1].extra == [{"Approved By": "Kim"}]
        assert "Status is missing" in str(items[3].report)
        assert (first.amount, first.currency) == (Decimal("108.50"), "USD")

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("Pending Approval", "pending_approval"),
            ("canceled", "cancelled"),
            ("PAID", "paid"),
            ("Partial", "partially_paid"),
        ],
    )
    def test_states_as_stampli_words_them(self, text, status):
        data = f"Stampli Invoice ID,Status\nS-1,{text}\n".encode()
        (item,), _ = read(data, standard("stampli_confirmation"))
        assert item.document.status == status

    def test_payment_exports_become_status_reports(self):
        data = (
            b"Stampli Payment ID,Stampli Invoice ID,External Invoice ID,Vendor ID,Payment Date,Amount,Currency,"
            b"Payment Method,Reference,Status,Message\r\n"
            b'P-1,S-1,58213,4471,2026-04-01,"108.50",USD,ACH,TR-9,Paid,ok\r\n'
            b"P-2,S-2,58214,4471,2026-04-01,,USD,ACH,TR-9,Paid,\r\n"
        )
        items, _ = read(data, standard("stampli_payment_export"))
        report = items[0].document
        assert (report.document_kind, report.status, report.remote_id, report.source_id) == (
            "payment",
            "paid",
            "P-1",
            "58213",
        )
        assert (report.amount, report.method, report.reference) == (Decimal("108.50"), "ACH", "TR-9")
        assert items[0].extra == [{"Stampli Invoice ID": "S-1"}]
        assert "Amount is missing" in str(items[1].report)

    def test_the_kind_of_file_shows_in_its_header(self):
        both = [standard("stampli_confirmation"), standard("stampli_payment_export")]
        assert layouts.match(b"Stampli Payment ID|Amount|Status\nP-1|5.00|Paid\n", both) is both[1]
        assert layouts.match(b"Stampli Invoice ID,Status\nS-1,Paid\n", both) is both[0]
        assert layouts.match(b"Invoice,State\nS-1,Paid\n", both) is None
