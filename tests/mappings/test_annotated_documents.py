"""A business document looks like what it is: parties, numbers, dates, lines, taxes, totals and notes."""

import datetime as dt
import types
import typing
from decimal import Decimal
from html import escape
from typing import Any

import pytest

from mappings.canonical import DOCUMENTS, AllowanceOrCharge, Bill, Invoice, Line, Note, Party, Tax, trusted
from mappings.canonical.base import Checked, Country, Currency, Word, field_types
from mappings.reading.document import page_of, title_of
from mappings.reading.html import document_html
from mappings.reading.page import Fact, Row
from mappings.reading.text import document_text
from mappings.reading.words import clock, day, money, number, spoken, titled, visible
from tests.mappings.test_annotated_x12 import HARMLESS, PLAIN, tags_of
from tests.mappings.x12_examples import answers, invoice, order_answer, remittance, ship_notice, write

D = Decimal


class TestInvoice:
    def test_as_a_person_reads_it(self):
        assert document_text(page_of(invoice(notes=(Note(text="Thank you.\nCome again."),)))) == (
            "Invoice INV-1\n"
            "=============\n"
            "Date                    1 Feb 2026\n"
            "Currency                USD\n"
            "Purchase order          PO-7781\n"
            "Order date              15 Jan 2026\n"
            "Internal vendor number  77120\n"
            "Department              0417\n"
            "Shipped                 31 Jan 2026\n"
            "Payment terms           discount 2 % within 10 days, net 30 days, "
            "counted from the invoice date, terms: basic\n"
            "\n"
            "Ship to\n"
            "  ACME STORE 12\n"
            "  9 CANYON RD\n"
            "  TUCSON AZ 85701-1234, US\n"
            "  buyer assigned 0012\n"
            "\n"
            "Remit to\n"
            "  BYRON SUPPLY\n"
            "\n"
            "No.  Item          Quantity  Unit  Price  Amount\n"
            "---  ------------  --------  ----  -----  ------\n"
            "1    Widget, blue         2  EA    10.25   20.50\n"
            "       seller's item WID-1\n"
            "       GTIN 036000291452\n"
            "       GL account 4000\n"
            "2    Labor              1.5  HR    20.00   30.00\n"
            "       seller's item LAB\n"
            "\n"
            "Lines                      50.50 USD\n"
            "State sales tax 6 %         3.03\n"
            "Freight (charge), Freight  15.00\n"
            "Discount (allowance)       -5.00\n"
            "Total                      63.53 USD\n"
            "\n"
            "Thank you.\n"
            "Come again.\n"
        )

    def test_its_parts(self):
        page = page_of(invoice())
        assert page.title == "Invoice INV-1"
        assert Fact("Purchase order", "PO-7781") in page.facts
        assert page.blocks[0].lines[0] == "ACME STORE 12"
        assert page.tables[0].rows[1] == Row(
            ("2", "Labor", "1.5", "HR", "20.00", "30.00"), ("seller's item LAB",)
        )
        assert page.totals[-1] == Fact("Total", "63.53 USD")

    @pytest.mark.parametrize(
        ("currency", "price", "total", "shown"),
        [
            ("JPY", "1500", "4500", "4,500 JPY"),
            ("KWD", "1.2345", "3.704", "3.704 KWD"),
            ("EUR", "0.5", "1.5", "1.50 EUR"),
        ],
    )
    def test_amounts_have_the_decimals_of_their_currency(self, currency, price, total, shown):
        line = Line(quantity=D(3), unit_price=D(price))
        bill = Invoice(number="1", date=dt.date(2026, 2, 1), currency=currency, total=D(total), lines=(line,))
        assert page_of(bill).totals == (Fact("Total", shown),)

    def test_a_credit_note_says_that_it_is_one(self):
        assert title_of(invoice(kind="credit_note")) == "Credit note INV-1"

    def test_a_contained_tax_and_an_exemption(self):
        taxes = (
            Tax(kind="vat", amount=D("3.50"), rate=D(20), added=False, name="TVA"),
            Tax(kind="all", exempt=True, registration="77-1"),
        )
        page = page_of(invoice(taxes=taxes, total=D("60.50")))
        assert Fact("VAT tax “TVA” 20 %, contained in the prices", "3.50") in page.totals
        assert Fact("Taxes, exempt, registration 77-1", "") in page.totals

    def test_the_first_rows_of_very_many(self):
        lines = tuple(Line(number=str(n), quantity=D(1), unit_price=D(1)) for n in range(1, 1201))
        page = page_of(invoice(lines=lines, total=D("1213.03")), limit=100)
        assert "The first 100 of 1,200 rows are shown." in document_text(page)
        assert "The first 100 of 1,200 rows are shown." in document_html(page)
        assert len(page.tables[0].rows) == 100


class TestOtherDocuments:
    def test_what_becomes_of_an_ordered_line(self):
        text = document_text(page_of(order_answer()))
        assert text.startswith("Purchase order acknowledgement PO-7781\n")
        assert "Response      accepted with changes\n" in text
        assert "→ accepted 1 EA, ship scheduled 30 Jan 2026\n" in text
        assert "→ substituted 1 EA, instead: seller item WID-2\n" in text

    def test_where_an_item_is_packed(self):
        (table,) = page_of(ship_notice()).tables
        assert table.title == "Order PO-7781 of 15 Jan 2026, department 0417"
        assert table.rows[0].cells == (
            "pallet SSCC 00100000000000000024, carrier reference 77, carton SSCC 00100000000000000017",
            "1",
            "Widget",
            "3",
            "2",
            "EA",
        )

    def test_what_a_payment_pays(self):
        text = document_text(page_of(remittance()))
        assert "invoice INV-1  100.00      2.00  90.00\n" in text
        assert "  Adjustment: damage, credit memo CM-1, wet: -8.00\n" in text
        assert text.endswith("Adjustment: pricing   -5.00\nAmount               135.00 USD\n")

    def test_why_something_was_rejected(self):
        (answer,) = answers(write(invoice()).replace(b"BIG*20260201*", b"BIG*20260231*"))
        text = document_text(page_of(answer))
        assert text.startswith("Acknowledgement (997)\n")
        assert "rejected" in text
        assert "segment 2 BIG element 01 data element 373: invalid date (code 8): it is “20260231”" in text

    def test_a_bill_names_its_vendor(self):
        bill = Bill(
            number="7",
            date=dt.date(2026, 2, 1),
            currency="USD",
            total=D(5),
            vendor=Party(role="vendor", name="Byron Supply"),
            charges=(AllowanceOrCharge(charge=True, amount=D(5)),),
        )
        assert page_of(bill).blocks[0] == ("Vendor", ("Byron Supply",))


class Filler:
    """Makes values of any type, each text and number of its own; the rules of the documents are left aside."""

    def __init__(self, decoration: str) -> None:
        self.count = 0
        self.decoration = decoration

    def document(self, cls: Any, depth: int) -> Any:
        """One with every field filled, and two things wherever there may be several."""
        filled = {name: self.value(hint, depth) for name, hint in field_types(cls).items()}
        return trusted(cls)(**filled)

    def value(self, hint: Any, depth: int) -> Any:
        self.count += 1
        if hint in WORDS:
            return WORDS[hint]
        if typing.get_origin(hint) in (typing.Union, types.UnionType):
            (inner,) = [each for each in typing.get_args(hint) if each is not type(None)]
            return self.value(inner, depth)
        if typing.get_origin(hint) is tuple:
            inner = typing.get_args(hint)[0]
            return tuple(self.value(inner, depth - 1) for _ in range(2 if depth > 0 else 0))
        if isinstance(hint, type) and issubclass(hint, Checked):
            return self.document(hint, depth)
        return {
            str: f"T{self.count}{self.decoration}",
            bool: True,
            int: self.count,
            Decimal: D(self.count) / 8,
            dt.date: dt.date(1900 + self.count % 200, 2, 1 + self.count % 28),
            dt.time: dt.time(self.count % 24, self.count % 60),
        }[hint]


WORDS: dict[Any, str] = {Word: "gl_account", Currency: "USD", Country: "US"}


def said(value: Any) -> typing.Iterator[set[str]]:
    """For everything that `value` says: the ways in which it may be said."""
    if isinstance(value, Checked):
        cls: Any = type(value)
        for name in field_types(cls):
            yield from said(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from said(each)
    elif isinstance(value, str):
        yield {visible(value), visible(value).upper(), spoken(value), titled(spoken(value))}
    elif isinstance(value, Decimal):
        yield {money(value), money(-value), number(value)}
    elif isinstance(value, (dt.date, dt.time)):
        yield {day(value)} if isinstance(value, dt.date) else {clock(value)}


@pytest.mark.parametrize(
    "decoration", ["", "<script>alert('\"&amp;')</script>", "\x1b[2J\x07\t", "\u202e\u200b é"]
)
@pytest.mark.parametrize("cls", DOCUMENTS, ids=lambda cls: cls.__name__)
def test_every_document_shows_all_that_it_says_and_escapes_it(cls, decoration):
    document = Filler(decoration).document(cls, 4)
    page = page_of(document)
    text, html = document_text(page), document_html(page)
    for ways in said(document):
        assert any(way in text for way in ways), ways
        assert any(escape(way) in html for way in ways), ways
    parsed = tags_of(html)
    assert parsed.found <= PLAIN
    assert parsed.attributes <= HARMLESS
    assert all(line.isprintable() for line in text.split("\n"))
