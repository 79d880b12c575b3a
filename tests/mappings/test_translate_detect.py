"""What a file is, by its content: its name is not asked."""

import codecs
from dataclasses import replace
from typing import Any

import pytest

from mappings.canonical import to_json
from mappings.codecs import rsx
from mappings.codecs.detect import detect
from tests.mappings.x12_examples import invoice, write

X12 = write(invoice())


def sent_to_sps(notation: str = "json", **changes: Any) -> bytes:
    lines = tuple(replace(line, references=()) for line in invoice().lines)
    document = invoice(lines=lines, references=(), **changes)
    return rsx.write([document], rsx.Envelope(trading_partner_id="T", notation=notation)).data


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        (X12, "x12"),
        (X12.replace(b"*", b"|"), "x12"),
        (b"\xef\xbb\xbf\r\n " + X12, "x12"),
        (b"UNB+UNOC:3+A+B+260201:1205+1'", "edifact"),
        (b"UNA:+.? 'UNB+UNOC:3+A+B", "edifact"),
        (b"UNA:+,?*'\r\nUNB+UNOC:4", "edifact"),
        (b"UNB\x1dUNOA\x1f1", "edifact"),
        (to_json(invoice()).encode(), "json"),
        (b'[\n  {"number": "1", "schema": "invoice/1"}]', "json"),
        (sent_to_sps(), "rsx-json"),
        (b'[{"Meta": {}, "Header": {}}]', "rsx-json"),
        (b'{"Invoices": {"Invoice": []}}', "rsx-json"),
        (sent_to_sps("xml"), "rsx-xml"),
        (b"<!-- x --><n:Shipment><n:Header>", "rsx-xml"),
        (b'<?xml version="1.0"?><Report xmlns="urn:own">', "xml"),
        (b"<Invoices>\n<Invoice><InvoiceNumber>1</InvoiceNumber>", "xml"),
        (codecs.BOM_UTF16_LE + "<Invoices><Invoice><Header/>".encode("utf-16-le"), "rsx-xml"),
        (codecs.BOM_UTF16_BE + "<Report/>".encode("utf-16-be"), "xml"),
        (b"number;date;total\r\n1;2026-02-01;5\r\n", "csv"),
        (b"number\tdate\n1\t2026-02-01\n", "csv"),
        (b'a,b\n"x\ny",2\n3,4\n', "csv"),
        (b"HINV-1      invoice     2026-02-01\nD1    WID-1    2\nT   1   2\n", "fixed"),
        (b"HB-1 20260201USD\nD6000 0000012\nD1000 0000012\nT02\n", "fixed"),
        (b"H0001   20260201  USD\nD0001   00000012EA   \nD0002   00000002EA   \n", "fixed"),
    ],
)
def test_what_a_file_is(head, format_):
    assert detect(head) == (format_, "", "")


@pytest.mark.parametrize(
    ("head", "remark"),
    [
        (b"", "empty"),
        (b"\r\n \x00", "empty"),
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"PK\x03\x04...", "a ZIP archive or an Office file"),
        (b"\x1f\x8b\x08", "compressed with gzip"),
        (b"-----BEGIN PGP MESSAGE-----", "encrypted or signed with PGP"),
        ("ISA".encode("cp037"), "X12 in EBCDIC"),
        ("UNB".encode("cp037"), "EDIFACT in EBCDIC"),
        (b'{"invoice": 1}', "JSON of a kind that is not known here"),
        (b"Hello, dear partner\nplease find the invoice\n", "text without a structure that is known here"),
        (b"ISAAC NEWTON", "text without a structure that is known here"),
        (b"\x02\x05\x07binary", "neither text nor a format that is known here"),
    ],
)
def test_what_else_people_send(head, remark):
    found = detect(head)
    assert (found.format, found.remark) == ("", remark)
    assert found.remedy


def test_a_partners_text_cannot_pass_for_ours():
    """Within a text the quotation marks are escaped."""
    assert detect(sent_to_sps(number='x", "schema": "invoice/1')).format == "rsx-json"


def test_any_first_bytes_are_answered():
    for value in range(256):
        assert detect(bytes([value]) * 3) is not None
