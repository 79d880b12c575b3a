"""INVOIC: what is written, and that it is read back as the same invoice."""

import datetime as dt
from decimal import Decimal

import pytest

from mappings.canonical import Address, AllowanceOrCharge, Line, Note, Party, PaymentTerms, Reference, Tax
from mappings.codecs import edifact
from mappings.codecs.report import CodecError
from tests.mappings.edifact_examples import BUYER, documents, envelope, invoice, items, segments, write

D = Decimal


@pytest.mark.parametrize("version", ["D:96A:UN", "D:01B:UN", "D:96A:UN:EAN008", "D:01B:UN:EAN011"])
def test_it_is_read_back_as_the_same_invoice(version):
    assert documents(write(invoice(), version=version)) == [invoice()]


def test_a_release_between_the_two_directories_is_read_by_the_nearer_tables():
    data = write(invoice()).replace(b"INVOIC:D:96A", b"INVOIC:D:97A")
    assert documents(data) == [invoice()]


def test_the_references_of_what_was_sent():
    written = edifact.write([invoice(), invoice(number="2026-18")], envelope(first_message=5))
    assert [(n.message_type, n.group, n.message) for n in written.numbers] == [
        ("INVOIC", "", "5"),
        ("INVOIC", "", "6"),
    ]
    assert b"UNZ+2+17'" in written.data


class TestWhatIsWritten:
    def test_a_line_without_an_amount_states_quantity_times_price(self):
        line = Line(number="1", quantity=D(3), unit_price=D("3.333"))
        data = write(invoice(lines=(line,), charges=(), taxes=(), total=D("10.00")))
        assert b"MOA+203:10'" in data
        assert documents(data)[0].lines[0].amount == D(10)

    def test_an_invoice_that_rounds_only_its_sum_states_exact_amounts(self):
        lines = (Line(number="1", quantity=D(1), unit_price=D("0.005")),) * 3
        data = write(invoice(lines=lines, charges=(), taxes=(), total=D("0.02")))
        assert data.count(b"MOA+203:0.005'") == 3
        assert b"MOA+79:0.02'" in data
        assert documents(data)[0].total == D("0.02")

    def test_a_credit_note_is_381_and_positive(self):
        assert b"BGM+381+2026-17+9'" in write(invoice(kind="credit_note"))

    def test_a_partner_may_want_negative_credit_notes(self):
        overlay = edifact.Overlay(negative_credits=True)
        data = write(invoice(kind="credit_note"), overlay=overlay)
        assert b"QTY+47:-2:EA'" in data
        assert b"MOA+77:-70.8'" in data
        assert b"ALC+A++++FC:::Freight'MOA+204:15'" in data  # a charge turned round
        assert documents(data, overlay=overlay) == [invoice(kind="credit_note")]

    def test_a_reference_of_any_kind_keeps_its_kind(self):
        references = (
            Reference(kind="gl_segment_2", value="410", description="Plant"),
            Reference(kind="mutually_defined", value="X", description="Y"),
            Reference(kind="x12:QX", value="Q"),
            Reference(kind="edifact:ABX", value="Z"),
        )
        data = write(invoice(references=references))
        assert b"RFF+ZZZ:410::GL SEGMENT 2?: Plant'RFF+ZZZ:X::Y'" in data
        assert documents(data)[0].references == references

    def test_a_tax_without_a_code_is_spelt_out(self):
        tax = Tax(kind="hst", amount=D("11.80"), rate=D(13), name="HST ON", registration="R1")
        data = write(invoice(taxes=(tax,)))
        assert b"TAX+7+OTH:::HST?: HST ON+++:::13+S+R1'MOA+124:11.8'" in data
        assert documents(data)[0].taxes == (tax,)

    def test_taxes_of_lines_are_summed_up_at_the_end(self):
        def taxed(number: str, amount: str) -> Line:
            tax = Tax(kind="vat", rate=D(20), amount=D(amount), taxable_amount=D(amount) * 5)
            return Line(number=number, quantity=D(1), amount=D(amount) * 5, taxes=(tax,))

        document = invoice(
            lines=(taxed("1", "2.00"), taxed("2", "3.00")), taxes=(), charges=(), total=D("30.00")
        )
        data = write(document)
        assert b"MOA+176:5'MOA+77:30'TAX+7+VAT+++:::20+S'MOA+124:5'MOA+125:25'" in data
        assert documents(data) == [document]

    def test_a_long_name_is_wrapped(self):
        name = "Allgemeine Vereinigte Maschinenfabriken und Eisenwerke Aktiengesellschaft"
        (party,) = documents(write(invoice(parties=(Party(role="buyer", name=name),))))[0].parties
        assert " ".join((party.name, *party.more_names)) == name

    def test_a_long_description_and_long_notes_are_read_back_whole(self):
        words = "Lorem ipsum, dolor sit amet. " * 20
        line = Line(
            number="1", amount=D(1), description=words.strip(), notes=(Note(text=words[:300].strip()),)
        )
        document = invoice(lines=(line,), taxes=(), charges=(), total=D(1))
        assert documents(write(document)) == [document]

    def test_a_very_long_description_goes_on_in_a_note(self):
        words = ("Lorem ipsum, dolor sit amet. " * 40).strip()
        line = Line(number="1", amount=D(1), description=words)
        document = documents(write(invoice(lines=(line,), taxes=(), charges=(), total=D(1))))[0]
        texts = [document.lines[0].description, *(note.text for note in document.lines[0].notes)]
        assert " ".join(texts) == words

    def test_a_zip_plus_4_fits_the_nine_characters_of_d96a(self):
        address = Address(city="Tucson", region="AZ", postal_code="85701-1234", country="US")
        document = invoice(parties=(Party(role="ship_to", name="Acme", address=address),))
        assert b"+857011234+US'" in write(document)
        assert documents(write(document)) == [document]

    def test_a_contact_of_nobody_goes_to_the_first_party(self):
        contacts = BUYER.contacts
        document = documents(write(invoice(contacts=contacts)))[0]
        assert document.parties[0].contacts == contacts * 2
        with pytest.raises(CodecError, match="segment CTA is not expected here"):
            write(invoice(parties=(), contacts=contacts))


class TestWhatStopsTheWriter:
    def test_what_is_too_long(self):
        with pytest.raises(CodecError) as error:
            write(invoice(purchase_order="P" * 36))
        assert str(error.value) == (
            f"segment 6 (RFF), element RFF01-2: the reference number is longer than 35 (it is {'P' * 36!r}). "
            "Shorten it to 35 characters."
        )

    def test_d01b_has_room_for_it(self):
        document = invoice(purchase_order="P" * 70)
        assert documents(write(document, version="D:01B:UN")) == [document]

    def test_a_word_without_a_code(self):
        with pytest.raises(CodecError, match="there is no EDIFACT code for the party 'landlord'"):
            write(invoice(parties=(Party(role="landlord", name="L"),)))

    def test_nothing_to_send(self):
        with pytest.raises(CodecError, match="there is no document to send"):
            write()


class TestOtherPartnersInvoices:
    """What our own writer never does, but others do."""

    def read(self, *changes: tuple[bytes, bytes]):
        data = write(invoice())
        for old, new in changes:
            assert old in data
            data = data.replace(old, new)
        count = data.count(b"'") - data.count(b"?'") - 3  # UNA, UNB, UNZ
        (message,) = items(data.replace(b"UNT+51+", b"UNT+%d+" % count))
        assert [str(problem) for problem in message.report] == []
        return message.document

    def test_the_rate_in_the_heading_and_only_the_sum_of_taxes_at_the_end(self):
        document = self.read(
            (b"CUX+2", b"TAX+7+VAT+++:::20+S'CUX+2"),
            (b"TAX+7+VAT+++:::20+S'MOA+124:11.8'MOA+125:59'", b""),
        )
        assert document.taxes == (Tax(kind="vat", rate=D(20), amount=D("11.80")),)

    def test_no_word_on_the_kind_of_tax(self):
        document = self.read((b"TAX+7+VAT+++:::20+S'MOA+124:11.8'MOA+125:59'", b""))
        assert document.taxes == (Tax(kind="all", amount=D("11.80")),)

    def test_tax_amounts_on_the_lines_and_more_at_the_end(self):
        """The tax on the freight is what the lines leave over."""
        document = self.read(
            (b"TAX+7+VAT+++:::20+S'LIN", b"TAX+7+VAT+++:::20+S'MOA+124:4.1'LIN"),
            (b"TAX+7+VAT+++:::20+S'ALC", b"TAX+7+VAT+++:::20+S'MOA+124:5.7'ALC"),
        )
        assert document.taxes == (Tax(kind="vat", rate=D(20), amount=D("2.0"), taxable_amount=D(59)),)

    def test_gross_and_net_price_in_any_order(self):
        document = self.read((b"PRI+AAA:10.25'", b"PRI+AAB:11'PRI+AAA:10.25'PRI+AAB:12'"))
        assert document.lines[0].unit_price == D("10.25")

    def test_a_price_for_a_hundred(self):
        document = self.read((b"PRI+AAA:10.25'", b"PRI+AAA:1025:::100:EA'"))
        assert document.lines[0].price_basis == "per_hundred"

    def test_two_item_numbers_of_one_kind(self):
        document = self.read((b"PIA+1+W?+1:SA'", b"PIA+1+W?+1:SA+W2:SA'PIA+5+B9:IN::92'"))
        assert (document.lines[0].seller_item, document.lines[0].buyer_item) == ("W+1", "B9")
        assert [item.value for item in document.lines[0].other_items] == ["W2"]

    def test_segments_that_say_nothing_to_us_are_passed_over(self):
        document = self.read(
            (b"BGM", b"BGM"),
            (b"FTX+AAI", b"ALI+++ARR'FTX+AAI"),
            (b"PRI+AAA:20'", b"PRI+AAA:20'LOC+7+5412345000013::9'QTY+11:1'"),
        )
        assert document.lines[1].unit_price == D(20)

    def test_a_bare_line_amount_is_a_matter_of_agreement(self):
        data = (
            write(invoice()).replace(b"MOA+203:28.5'", b"MOA+203:30'").replace(b"MOA+79:49'", b"MOA+79:50.5'")
        )
        assert documents(data, overlay=edifact.Overlay(bare_line_amounts=True)) == [invoice()]

    def test_dates_in_other_formats(self):
        document = self.read((b"DTM+137:20260201:102'", b"DTM+137:202602011530:203'"))
        assert document.date == dt.date(2026, 2, 1)

    def test_a_discount_alone_and_terms_in_words(self):
        document = self.read(
            (b"PAT+1++5:3:D:30'DTM+13:20260303:102'", b"PAT+3+6:::net 30 days'DTM+13:20260303:102'")
        )
        (terms,) = document.terms
        assert terms == PaymentTerms(
            kind="fixed_date",
            basis="invoice_date",
            net_due_date=dt.date(2026, 3, 3),
            discount_percent=D(2),
            discount_days=10,
            description="net 30 days",
        )

    def test_allowances_only_in_the_summary(self):
        document = self.read(
            (b"ALC+C++++FC:::Freight'MOA+23:15'ALC+A++++TD'MOA+204:5'", b""),
            (b"ALC+A++++DI'PCD+1:5'MOA+204:1.5'", b""),
            (b"MOA+124:11.8'MOA+125:59'", b"MOA+124:11.8'MOA+125:59'ALC+C++++FC'MOA+8:10'"),
        )
        assert document.charges == (AllowanceOrCharge(charge=True, kind="freight", amount=D(10)),)


class TestWhatIsWellFormedButWrong:
    @pytest.mark.parametrize(
        ("old", "new", "text"),
        [
            (
                b"MOA+77:70.8",
                b"MOA+77:70.81",
                "total: is 70.81, but lines, charges, allowances and taxes add up",
            ),
            (
                b"MOA+79:49",
                b"MOA+79:48",
                "lines: is 48 in MOA+79, but the amounts of the lines add up to 49.0",
            ),
            (b"BGM+380+2026-17+9", b"BGM+380++9", "number: is missing: BGM has none"),
            (b"MOA+77:70.8", b"MOA+1:70.8", "total: is missing: there is no MOA+77"),
            (b"DTM+137", b"DTM+136", "date: is missing: there is no DTM+137"),
        ],
    )
    def test_it_is_no_document_but_no_syntax_error_either(self, old, new, text):
        (message,) = items(write(invoice()).replace(old, new, 1))
        assert message.document is None
        assert [problem.business for problem in message.report] == [True]
        assert text in str(message.report)

    def test_the_segments_are_those_of_the_standard(self):
        assert [
            segment[:3] for segment in segments(write(invoice(lines=(), taxes=(), charges=(), total=D(0))))
        ][-5:] == ["UNS", "MOA", "MOA", "UNT", "UNZ"]
