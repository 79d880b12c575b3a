"""Numbers, dates, codes, lengths and characters in cells."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.canonical import Identifier, Note, PaymentTerms, Reference, Tax
from mappings.codecs import layouts
from mappings.codecs.layouts.formats import (
    Format,
    FormatError,
    read_date,
    read_number,
    write_date,
    write_number,
)
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import BILL, INVOICE, PAYMENT, VENDOR, column, plain_data, read, written

D = Decimal


def refused(layout, *documents, **context):
    with pytest.raises(CodecError) as error:
        written(layout, *documents, **context)
    return str(error.value)


class TestNumbers:
    @pytest.mark.parametrize(
        ("style", "value", "text"),
        [
            ({}, "1234.50", "1234.5"),
            ({"decimals": "2"}, "1234.5", "1234.50"),
            ({"decimals": "2-4"}, "1.5", "1.50"),
            ({"decimals": "2-4"}, "1.23456789", None),
            ({"decimals": "2", "rounding": "half_up"}, "1.005", "1.01"),
            ({"decimals": "0"}, "7", "7"),
            ({"decimals": "2", "decimal": ",", "thousands": "."}, "1234567.5", "1.234.567,50"),
            ({"decimals": "2", "thousands": " "}, "-1234567", "-1 234 567.00"),
            ({"decimals": "2", "negative": "trailing"}, "-5", "5.00-"),
            ({"decimals": "2", "negative": "parentheses"}, "-5", "(5.00)"),
            ({"decimals": "2", "negate": True}, "5", "-5.00"),
            ({"implied": 2}, "123.45", "12345"),
            ({"implied": 2}, "-0.05", "-5"),
            ({"implied": 2}, "1.234", None),
            ({"decimals": "2"}, "-0", "0.00"),
            ({"decimals": "0-12"}, "123456789012345678.123456789012", "123456789012345678.123456789012"),
            ({"decimals": "currency"}, "5", "5.00"),
        ],
    )
    def test_are_written_exactly_or_not_at_all(self, style, value, text):
        if text is None:
            with pytest.raises(FormatError, match="more than"):
                write_number(D(value), Format(**style))
        else:
            assert write_number(D(value), Format(**style), "USD") == text

    @pytest.mark.parametrize(("currency", "text"), [("USD", "5.00"), ("JPY", "5"), ("KWD", "5.000")])
    def test_amounts_have_the_decimals_of_their_currency(self, currency, text):
        assert write_number(D(5), Format(decimals="currency"), currency) == text

    @pytest.mark.parametrize(
        ("style", "text", "value"),
        [
            ({}, "1234.50", "1234.50"),
            ({}, "+1.5", "1.5"),
            ({}, "5-", "-5"),
            ({}, "(5.00)", "-5"),
            ({}, "-$5.00", "-5"),
            ({}, "$ 5.00", "5"),
            ({}, "5 €", "5"),
            ({}, ".5", "0.5"),
            ({}, "5.", "5"),
            ({}, "\u22125", "-5"),
            ({}, "1,234", None),
            ({}, "1 234", None),
            ({}, "1e5", None),
            ({}, "--5", None),
            ({}, "-", None),
            ({}, ".", None),
            ({}, "12a", None),
            ({}, "NaN", None),
            ({}, "٣", None),
            ({}, "9" * 100, None),
            ({"thousands": ","}, "1,234.5", "1234.5"),
            ({"thousands": ","}, "1234.5", "1234.5"),
            ({"thousands": ","}, "1,23", None),
            ({"thousands": ","}, "12,34,567", None),
            ({"decimal": ",", "thousands": "."}, "1.234,5", "1234.5"),
            ({"decimal": ",", "thousands": "."}, "1.5", None),
            ({"decimal": ",", "thousands": " "}, "1\xa0234,5", "1234.5"),
            ({"thousands": "'"}, "1\u2019234.5", "1234.5"),
            ({"implied": 2}, "00012345", "123.45"),
            ({"implied": 2}, "123.45", None),
            ({"negate": True}, "5", "-5"),
        ],
    )
    def test_are_read_by_the_marks_of_the_layout_and_never_guessed(self, style, text, value):
        if value is None:
            with pytest.raises(FormatError, match="is not a number"):
                read_number(text, Format(**style))
        else:
            assert read_number(text, Format(**style)) == D(value)

    def test_a_wrong_mark_says_what_the_layout_expects(self):
        (item,), _ = read(b'Payment,Date,Amount,Invoice\n1,2026-03-09,"1.234,50",A\n', plain_data())
        assert str(item.report) == (
            "line 2: Amount is not a number (it is '1.234,50'). The layout says: '.' as decimal mark, "
            "nothing between thousands. Correct the value, or the layout."
        )

    def test_whole_numbers_are_whole(self):
        data = plain_data(document="invoice", assume={"number": "1", "date": "2026-01-01", "total": "0"})
        data["assume"]["currency"] = "USD"
        data["columns"] = [{"name": "Days", "field": "terms.net_days"}]
        (item,), _ = read(b"Days\n30\n", data)
        assert item.document.terms[0].net_days == 30
        (item,), _ = read(b"Days\n30.5\n", data)
        assert "is not a whole number" in str(item.report)


class TestDates:
    @pytest.mark.parametrize(
        ("pattern", "text"),
        [
            ("YYYY-MM-DD", "2026-03-09"),
            ("MM/DD/YYYY", "03/09/2026"),
            ("M/D/YY", "3/9/26"),
            ("DD.MM.YYYY", "09.03.2026"),
            ("YYYYMMDD", "20260309"),
            ("YYMMDD", "260309"),
            ("DD-MMM-YYYY", "09-MAR-2026"),
            ("YYYYDDD", "2026068"),
            ("YYYY-MM-DDThh:mm:ss", "2026-03-09T00:00:00"),
        ],
    )
    def test_in_every_form(self, pattern, text):
        assert write_date(dt.date(2026, 3, 9), pattern) == text
        assert read_date(text, pattern) == dt.date(2026, 3, 9)

    @pytest.mark.parametrize(
        ("pattern", "text", "expected"),
        [
            ("YYYY-MM-DD", "2026-02-30", "does not exist"),
            ("YYYY-MM-DD", "03/09/2026", "is not a date in the form YYYY-MM-DD"),
            ("YYYY-MM-DD", "2026-3-9", "is not a date"),
            ("YYYY-MM-DD", "٢٠٢٦-03-09", "is not a date"),
            ("YYYYDDD", "2026366", "does not exist"),
            ("YYYYDDD", "2026000", "does not exist"),
            ("DD-MMM-YYYY", "09-MÄR-2026", "is not a date"),
            ("DD-MMM-YYYY", "09-XXX-2026", "does not exist"),
            ("YYYY-MM-DD", "0000-01-01", "does not exist"),
        ],
    )
    def test_that_are_none(self, pattern, text, expected):
        with pytest.raises(FormatError, match=expected):
            read_date(text, pattern)

    def test_two_digits_of_a_year_are_1950_to_2049(self):
        assert read_date("490101", "YYMMDD").year == 2049
        assert read_date("500101", "YYMMDD").year == 1950
        with pytest.raises(FormatError, match="cannot be written with two digits"):
            write_date(dt.date(2050, 1, 1), "YYMMDD")

    def test_a_column_may_have_a_form_of_its_own(self):
        data = column(plain_data(date="YYYYMMDD"), "Date", date="DD.MM.YYYY")
        assert "09.03.2026" in written(data, PAYMENT)

    def test_the_due_date_follows_from_the_days_to_pay(self):
        layout = layouts.load(layouts.STANDARD["bill_csv"])
        bill = replace(BILL, terms=(PaymentTerms(net_days=10),))
        assert ",2026-03-19," in written(layout, bill)


class TestCodes:
    METHODS = {"check": ["CHK", "Cheque"], "ach": "ACH"}

    def layout(self, **changes):
        method = {"name": "Method", "field": "method", "codes": self.METHODS} | changes
        return plain_data(columns=[*plain_data()["columns"], method])

    def test_are_written_as_the_first_and_read_as_any_without_regard_to_case(self):
        assert written(self.layout(), PAYMENT).endswith("CHK\r\n")
        for code in ("chk", "CHEQUE ", "Chk"):
            data = f"Payment,Date,Amount,Invoice,Method\n1,2026-03-09,1,A,{code}\n".encode()
            (item,), _ = read(data, self.layout())
            assert item.document.method == "check"

    def test_unknown_ones_are_refused_or_kept_or_replaced_as_the_layout_says(self):
        data = b"Payment,Date,Amount,Invoice,Method\n1,2026-03-09,1,A,barter\n"
        (item,), _ = read(data, self.layout())
        assert "Method is a code that the layout does not know (it is 'barter')" in str(item.report)
        (item,), _ = read(data, self.layout(unmapped="keep"))
        assert item.document.method == "barter"
        (item,), _ = read(data, self.layout(unmapped_as="other"))
        assert item.document.method == "other"
        assert "has no code for this (it is 'wire')" in refused(
            self.layout(), replace(PAYMENT, method="wire")
        )
        assert written(self.layout(unmapped="keep"), replace(PAYMENT, method="wire")).endswith("wire\r\n")

    def test_yes_and_no_can_be_codes(self):
        layout = plain_data(
            columns=[
                *plain_data()["columns"],
                {"name": "Voided", "field": "voided", "codes": {"true": "V", "false": "-"}},
            ]
        )
        assert written(layout, replace(PAYMENT, voided=True)).endswith("V\r\n")
        (item,), _ = read(written(layout, PAYMENT).encode(), layout)
        assert item.document.voided is False

    def test_neither_yes_nor_no(self):
        layout = plain_data(columns=[*plain_data()["columns"], {"name": "Voided", "field": "voided"}])
        (item,), _ = read(b"Payment,Date,Amount,Invoice,Voided\n1,2026-03-09,1,A,maybe\n", layout)
        assert "is neither 'Y' nor 'N'" in str(item.report)


class TestLengths:
    def test_a_text_that_is_too_long_is_refused_or_cut_as_the_layout_says(self):
        assert "Notes has 7 characters; there is room for 3" in refused(
            column(plain_data(), "Notes", max=3), PAYMENT
        )
        assert written(column(plain_data(), "Notes", max=3, too_long="cut"), PAYMENT).endswith(",in \r\n")

    def test_a_number_is_never_cut(self):
        assert "Amount has 5 characters" in refused(
            column(plain_data(), "Amount", max=3, too_long="cut"), PAYMENT
        )

    def test_what_is_read_is_held_to_the_same_length(self):
        (item,), _ = read(
            b"Payment,Date,Amount,Invoice\n12345,2026-03-09,1,A\n", column(plain_data(), "Payment", max=3)
        )
        assert "Payment has 5 characters; at most 3 are allowed" in str(item.report)


class TestMissing:
    def test_values_that_the_layout_insists_on(self):
        layout = column(plain_data(), "Notes", required=True)
        assert "Notes is missing. Fill it in at its source" in refused(layout, replace(PAYMENT, notes=()))
        (item,), _ = read(b"Payment,Date,Amount,Invoice,Notes\n1,2026-03-09,1,A,\n", layout)
        assert "Notes is missing. Ask the sender to fill it in" in str(item.report)

    def test_defaults_stand_in_both_ways(self):
        layout = column(plain_data(), "Notes", default="none")
        assert written(layout, replace(PAYMENT, notes=())).endswith(",none\r\n")
        (item,), _ = read(b"Payment,Date,Amount,Invoice,Notes\n1,2026-03-09,1,A,\n", layout)
        assert item.document.notes == (Note(text="none"),)

    def test_texts_that_mean_nothing(self):
        layout = plain_data(blanks=["NULL", "n/a"])
        (item,), _ = read(b"Payment,Date,Amount,Invoice,Notes\n1,2026-03-09,1,A,null\n", layout)
        assert item.document.notes == ()

    def test_what_is_assumed_gives_way_to_what_the_file_says(self):
        (item,), _ = read(b"Payment,Date,Amount,Invoice,Currency\n1,2026-03-09,1,A,CAD\n", plain_data())
        assert item.document.currency == "CAD"
        (item,), _ = read(b"Payment,Date,Amount,Invoice,Currency\n1,2026-03-09,1,A,\n", plain_data())
        assert item.document.currency == "USD"


class TestSources:
    def test_constants_values_of_the_caller_and_the_first_field_that_has_a_value(self):
        columns = [
            {"name": "Kind", "constant": "PAY"},
            {"name": "Company", "context": "company_id", "required": True},
            {"name": "Day", "context": "today"},
            {"name": "Reference", "field": ["references[transaction]", "references[check]", "number"]},
        ]
        layout = plain_data(direction="write", columns=columns)
        assert written(layout, PAYMENT, company_id="QUILL", today=dt.date(2026, 3, 9)).endswith(
            "PAY,QUILL,2026-03-09,000123\r\n"
        )
        assert written(layout, replace(PAYMENT, references=()), company_id="Q").endswith("PAY,Q,,771\r\n")
        assert "Company is missing" in refused(layout, PAYMENT)

    def test_sums_of_what_is_not_chosen_and_the_first_of_what_is_no_amount(self):
        taxes = (Tax(kind="gst", amount=D("1.00"), rate=D(5)), Tax(kind="vat", amount=D("2.00"), rate=D(7)))
        contained = Tax(kind="all", amount=D("9.00"), added=False)
        invoice = replace(INVOICE, taxes=(*taxes, contained), total=INVOICE.total + 3)
        columns = [
            {"name": "All", "field": "taxes"},
            {"name": "GST", "field": "taxes[gst]"},
            {"name": "First", "field": "taxes.rate"},
            {"name": "Second", "field": "taxes[2].amount"},
            {"name": "Total", "field": "tax_total"},
            {"name": "Net", "field": "net_total"},
        ]
        layout = plain_data(document="invoice", direction="write", columns=columns, assume=None)
        assert written(layout, invoice).endswith("3.00,1.00,5,2.00,7.80,75.63\r\n")

    def test_parts_chosen_by_number(self):
        layout = plain_data(
            document="vendor",
            columns=[
                {"name": "ID", "field": "number"},
                {"name": "Name", "field": "party.name"},
                {"name": "A", "field": "party.identifiers[1].value"},
                {"name": "B", "field": "party.identifiers[2].value"},
            ],
            direction="write",
            assume=None,
        )
        two = (Identifier(scheme="duns", value="1"), Identifier(scheme="gln", value="2"))
        assert written(layout, replace(VENDOR, party=replace(VENDOR.party, identifiers=two))).endswith(
            ",1,2\r\n"
        )

    def test_derived_values_that_can_only_be_written_are_passed_over_when_reading(self):
        columns = [*plain_data()["columns"], {"name": "X", "constant": "1"}]
        (item,), _ = read(
            b"Payment,Date,Amount,Invoice,X\n1,2026-03-09,1,A,other\n", plain_data(columns=columns)
        )
        assert item.document.pays == Reference(kind="invoice", value="A")


class TestCharacters:
    def test_what_an_encoding_lacks_is_refused_or_spelt_out_and_never_a_question_mark(self):
        payment = replace(PAYMENT, notes=(Note(text="Café “Łódź” €5 日本"),))
        assert "Café “Łódź” €5 日本" in written(plain_data(), payment)
        text = refused(plain_data(encoding="latin-1"), payment)
        assert "these characters cannot be sent in latin-1" in text
        assert "日" in text
        spelt = replace(PAYMENT, notes=(Note(text="Café “Łódź” €5"),))
        assert "Café Lódz EUR5" in written(
            plain_data(encoding="latin-1", on_bad_character="transliterate"), spelt
        ).replace('"', "")
        assert "日" in refused(plain_data(encoding="ascii", on_bad_character="transliterate"), payment)

    @pytest.mark.parametrize(
        ("encoding", "begin"), [("utf-8", b"Payment"), ("utf-8-sig", b"\xef\xbb\xbfPayment")]
    )
    def test_byte_order_marks(self, encoding, begin):
        layout = layouts.load(plain_data(encoding=encoding))
        data = layouts.write([PAYMENT], layout).data
        assert data.startswith(begin)
        for other in ("utf-8", "utf-8-sig"):
            (item,), _ = read(data, plain_data(encoding=other))
            assert item.document.number == "771"

    def test_windows_characters(self):
        layout = plain_data(encoding="cp1252")
        payment = replace(PAYMENT, notes=(Note(text="€ “quoted” – Ž"),))
        data = layouts.write([payment], layouts.load(layout)).data
        assert b"\x80 \x93quoted\x94 \x96 \x8e" in data
        (item,), _ = read(data, layout)
        assert item.document.notes == payment.notes
