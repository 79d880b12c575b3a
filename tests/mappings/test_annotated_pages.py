"""The pages of support and customers show documents and interchanges in words, escaped, from stored bytes."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Delivery
from mappings.canonical import to_json
from mappings.codecs import rsx, x12
from mappings.reading.views import SHOWN_SEGMENTS, document_view, interchange_view
from tenants.models import Tenant, User
from tests.admin.conftest import browser_of, stored
from tests.factories import DeliveryFactory
from tests.mappings.edifact_examples import invoice as edifact_invoice
from tests.mappings.edifact_examples import write as write_edifact
from tests.mappings.test_annotated_x12 import HARMLESS, PLAIN, tags_of
from tests.mappings.test_translate_command import simple_invoice
from tests.mappings.x12_examples import invoice, write

HOSTILE = "<script>alert(1)</script>"
COLON = x12.Delimiters(component=":")  # so that the text may hold the usual one


class TestViews:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (write(invoice()), "Beginning of invoice"),
            (write_edifact(edifact_invoice()), "Beginning of message"),
            (rsx.write([simple_invoice()], rsx.Envelope(trading_partner_id="T")).data, "InvoiceNumber"),
        ],
    )
    def test_an_interchange_is_shown_in_words(self, content, said):
        html = interchange_view(content, is_whole=True)
        assert said in html
        assert tags_of(html).found <= PLAIN
        assert tags_of(html).attributes <= HARMLESS

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            (
                "bill_csv",
                ["CSV, ", "Vendor Name", "Marlow Paper, Inc.", "problems were not looked for"],
            ),
            ("bill_xml", ["XML, 1 document", "Marlow Paper, Inc."]),
            ("bill_fixed", ["fixed width", "Marlow Paper, Inc."]),
        ],
    )
    def test_a_file_is_shown_value_by_value(self, name, said):
        (path,) = (Path(__file__).parent / "golden" / "layouts").glob(f"{name}.*")
        html = interchange_view(path.read_bytes(), is_whole=True)
        assert [text for text in said if text not in html] == []
        assert tags_of(html).found <= PLAIN
        assert tags_of(html).attributes <= HARMLESS

    def test_our_own_json_is_shown_value_by_value(self):
        html = interchange_view(to_json(invoice()).encode() * 2, is_whole=True)
        assert "our own JSON, 2 documents" in html
        assert "lines[2].seller_item" in html

    @pytest.mark.parametrize(
        "content",
        [
            b"<a><b></a>",
            b"<!DOCTYPE a [<!ENTITY x 'y'>]><a><b>&x;</b></a>",
            b'{"schema": "invoice/1", ' * 99,
            b"a,b\n" + b'"' + b"x" * 200_000 + b",\n1,2\n",
        ],
    )
    def test_a_file_that_cannot_be_taken_apart_is_left_to_its_bytes(self, content):
        assert interchange_view(content, is_whole=True) == ""

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"hello", b"\x00\xff"])
    def test_what_is_no_interchange_is_left_to_its_bytes(self, content):
        assert interchange_view(content, is_whole=True) == ""

    def test_the_beginning_of_a_larger_one_has_no_problems_of_our_making(self):
        html = interchange_view(write(invoice())[:400], is_whole=False)
        assert "of a larger file; problems were not looked for." in html
        assert "reading-problem" not in html
        assert "has no end" not in html

    def test_very_many_segments_are_cut(self):
        html = interchange_view(write(*[invoice() for _ in range(100)]), is_whole=True)
        assert f"the first {SHOWN_SEGMENTS} of 2,204 segments" in html

    def test_a_document_is_shown_as_what_it_is(self):
        assert "Invoice INV-1" in document_view(to_json(invoice()).encode())

    @pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": "invoice/1"}', b"\xff"])
    def test_what_is_no_document_of_ours_is_left_as_it_is(self, content):
        assert document_view(content) == ""


@pytest.fixture
def delivery(tenant: Tenant) -> Delivery:
    """An invoice to somebody with a hostile name, and the interchange that carried it."""
    document = invoice(purchase_order=HOSTILE[:22])
    return DeliveryFactory.create(
        tenant=tenant,
        canonical=stored(tenant, "invoice.json", to_json(document).encode()),
        interchange=stored(tenant, "invoice.x12", write(document, delimiters=COLON)),
    )


@pytest.mark.django_db
class TestPages:
    def test_the_supports(self, delivery: Delivery, staff: User):
        staff.is_superuser = True
        staff.save()
        answer = browser_of(staff).get(reverse("admin:audit_delivery_change", args=[delivery.pk]))
        self.check(answer.content.decode())
        assert '<p class="reading-title">Invoice INV-1</p>' in answer.content.decode()

    def test_the_customers(self, delivery: Delivery, alice: User):
        answer = browser_of(alice).get(delivery.get_absolute_url())
        self.check(answer.content.decode())

    def check(self, html: str) -> None:
        assert "Piece by piece, in words" in html
        assert "internal vendor number" in html
        assert "reading.css" in html
        assert "<script>alert" not in html
        assert "style=" not in html.partition('<div class="reading">')[2].partition("</details>")[0]

    def test_a_stranger_sees_nothing(self, delivery: Delivery, charlie: User):
        assert browser_of(charlie).get(delivery.get_absolute_url()).status_code == 404

    def test_nobody_sees_nothing(self, delivery: Delivery):
        assert "Piece by piece" not in Client().get(delivery.get_absolute_url()).content.decode()
