"""Reading RSX as partners really send it: golden files, tolerance, and what is wrong with a file."""

import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.canonical import fingerprint, line_amount
from mappings.codecs import rsx
from tests.mappings.rsx_examples import EXAMPLES, GOLDEN, INVOICE, ORDER, PARTNER

D = Decimal

NAMESPACE = b' xmlns="http://www.spscommerce.com/RSX"'


def golden(type_, notation="json"):
    return (GOLDEN / f"{type_}.{notation}").read_bytes()


def changed(type_="Invoice", **paths):
    """The golden JSON document with members changed: Header__InvoiceHeader__InvoiceDate="x"; None removes."""
    document = json.loads(golden(type_), parse_float=D)
    for path, value in paths.items():
        *names, last = path.split("__")
        place = document
        for name in names:
            place = place[int(name) if name.isdecimal() else name]
        place.pop(last) if value is None else place.__setitem__(last, value)
    return json.dumps(document, default=float).encode()


def read(data, **options):
    *items, file = rsx.read(data, **options)
    return items, file


def documents(data, **options):
    items, file = read(data, **options)
    assert str(file.report) == ""
    return [item.document for item in items]


def problems(data, **options):
    (item,), _file = read(data, **options)
    assert item.document is None
    return [str(problem) for problem in item.report]


class TestGoldenFiles:
    @pytest.mark.parametrize("notation", rsx.NOTATIONS)
    @pytest.mark.parametrize("type_", EXAMPLES)
    def test_are_what_is_written(self, type_, notation):
        envelope = rsx.Envelope(trading_partner_id=PARTNER, notation=notation)
        assert rsx.write([EXAMPLES[type_]], envelope).data == golden(type_, notation)

    @pytest.mark.parametrize("notation", rsx.NOTATIONS)
    @pytest.mark.parametrize("type_", EXAMPLES)
    def test_are_read(self, type_, notation):
        (item,), file = read(golden(type_, notation))
        assert (item.document, item.type, item.trading_partner_id) == (EXAMPLES[type_], type_, PARTNER)
        assert fingerprint(item.document) == fingerprint(EXAMPLES[type_])
        assert not file.report


class TestForms:
    @pytest.mark.parametrize("type_", EXAMPLES)
    @pytest.mark.parametrize("notation", rsx.NOTATIONS)
    def test_a_byte_order_mark_and_either_line_end(self, type_, notation):
        data = b"\xef\xbb\xbf" + golden(type_, notation).replace(b"\n", b"\r\n")
        assert documents(data) == [EXAMPLES[type_]]

    @pytest.mark.parametrize("type_", EXAMPLES)
    def test_xml_with_the_bare_singular_as_root(self, type_):
        data = (
            golden(type_, "xml").replace(f"<{type_}s".encode(), b"<!--").replace(f"</{type_}s>".encode(), b"")
        )
        data = data.replace(NAMESPACE + b">", b"-->")
        assert documents(data) == [EXAMPLES[type_]]

    @pytest.mark.parametrize("type_", EXAMPLES)
    def test_xml_without_a_namespace_or_with_a_prefix(self, type_):
        data = golden(type_, "xml")
        assert documents(data.replace(NAMESPACE, b"")) == [EXAMPLES[type_]]
        prefixed = data.replace(b"<", b"<r:").replace(b"<r:/", b"</r:").replace(b"<r:?", b"<?")
        assert documents(prefixed.replace(NAMESPACE, b' xmlns:r="urn:x"')) == [EXAMPLES[type_]]

    @pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-8"])
    def test_xml_in_the_encoding_that_it_declares(self, encoding):
        text = golden("Invoice", "xml").decode().replace("UTF-8", encoding).replace("Dayton", "Dünkirchen")
        (invoice,) = documents(text.encode(encoding))
        assert invoice.parties[1].address.city == "Dünkirchen"

    @pytest.mark.parametrize("encoding", ["utf-7", "cp037", "nonsense"])
    def test_xml_in_other_encodings_is_refused(self, encoding):
        items, file = read(golden("Invoice", "xml").replace(b"UTF-8", encoding.encode()))
        assert items == []
        assert f"declares the encoding {encoding!r}, which is not read here" in str(file.report)

    def test_several_documents_in_one_file(self):
        one = golden("Order", "json").strip()
        assert documents(b"[" + one + b",\r\n" + one + b"]") == [ORDER, ORDER]
        assert documents(one + b"\n" + one) == [ORDER, ORDER]
        xml = golden("Order", "xml")
        body = xml[xml.index(b"<Order>") : xml.index(b"</Orders>")]
        assert documents(xml.replace(body, body * 3)) == [ORDER] * 3

    @pytest.mark.parametrize("block", [1, 7, 100])
    def test_a_stream_in_small_pieces(self, block):
        class Slow(io.BytesIO):
            def read(self, size=-1):
                return super().read(min(size, block) if size > 0 else block)

        one = golden("Shipment").strip()
        assert documents(Slow(b"[" + one + b"," + one + b"]")) == [EXAMPLES["Shipment"]] * 2
        assert documents(Slow(golden("Shipment", "xml"))) == [EXAMPLES["Shipment"]]

    def test_lines_wrapped_as_version_6_did(self):
        xml = golden("Order", "xml").replace(b"<LineItem>", b"<LineItems><LineItem>", 1)
        end = xml.rindex(b"</LineItem>") + len(b"</LineItem>")
        assert documents(xml[:end] + b"</LineItems>" + xml[end:]) == [ORDER]
        plain = json.loads(golden("Order"))
        plain["LineItems"] = {"LineItem": plain.pop("LineItem")}
        assert documents(json.dumps(plain).encode()) == [ORDER]

    def test_a_root_around_json(self):
        plain = json.loads(golden("Invoice"))
        for wrapped in ({"Invoice": plain}, {"Invoices": [plain]}, {"Invoices": {"Invoice": [plain]}}):
            assert documents(json.dumps(wrapped).encode()) == [INVOICE]

    def test_json_of_an_order_or_an_answer_to_one_is_told_apart_by_what_only_answers_have(self):
        assert documents(golden("OrderAck")) == [EXAMPLES["OrderAck"]]
        bare = changed("OrderAck", Header__OrderHeader__AcknowledgementDate=None, LineItem=[])
        (item,), _ = read(bare)
        assert item.type == "Order"
        (item,), _ = read(bare, expected="OrderAck")
        assert item.type == "OrderAck"


class TestValues:
    def test_codes_keep_leading_zeros_and_numbers_stay_exact(self):
        (invoice,) = documents(changed(LineItem__0__InvoiceLine__PurchasePrice=D("2.50")))
        assert invoice.purchase_order == "0077120"
        assert invoice.lines[0].buyer_item == "0093371"
        exact = golden("Order").replace(b'"PurchasePrice":2.5', b'"PurchasePrice":0.1000000000000001')
        assert documents(exact)[0].lines[0].unit_price == D("0.1000000000000001")

    def test_numbers_and_texts_may_be_mixed_up(self):
        lines = [{"InvoiceLine": {"LineSequenceNumber": 1, "InvoiceQty": "24", "PurchasePrice": "2.5"}}]
        (invoice,) = documents(
            changed(LineItem=lines, Summary=None, Header__ChargesAllowances=None, Header__Taxes=None)
        )
        assert (invoice.lines[0].number, invoice.lines[0].quantity, invoice.total) == ("1", 24, 60)

    def test_empty_and_null_members_are_absent(self):
        (invoice,) = documents(changed(Header__InvoiceHeader__ReleaseNumber="", Header__Notes=[]))
        assert (invoice.release, invoice.notes) == ("", ())
        text = golden("Invoice").replace(b'"Vendor":"N4410"', b'"Vendor":null')
        assert documents(text)[0].reference_value("vendor_number") == ""

    def test_unknown_codes_are_kept(self):
        (invoice,) = documents(changed(Header__Address__0__AddressTypeCode="Q Z%"))
        assert invoice.parties[0].role == "rsx:Q%20Z%25"

    def test_a_known_code_without_a_word_is_written_again(self):
        (invoice,) = documents(changed(Header__Address__0__AddressTypeCode="OB"))
        assert invoice.parties[0].role == "rsx:OB"
        data = rsx.write([invoice], rsx.Envelope(trading_partner_id=PARTNER)).data
        assert b'"AddressTypeCode":"OB"' in data

    def test_unknown_members_are_noted_and_passed_over(self):
        (item,), _ = read(changed(Header__Extra={"A": 1}, LineItem__0__InvoiceLine__Colour="red"))
        assert item.document == INVOICE
        assert item.ignored == ["Header.Extra", "LineItem[1].InvoiceLine.Colour"]

    def test_groups_that_are_known_by_name_only_are_passed_over(self):
        (item,), _ = read(changed(LineItem__0__Measurements=[{"MeasurementValue": 3}]))
        assert (item.document, item.ignored) == (INVOICE, [])

    def test_header_values_without_a_field_are_references_and_dates(self):
        (order,) = documents(changed("Order", Header__OrderHeader__Division="12"))
        assert order.references[-1].kind == "rsx:Division"
        data = rsx.write([order], rsx.Envelope(trading_partner_id=PARTNER)).data
        assert json.loads(data)["Header"]["OrderHeader"]["Division"] == "12"

    def test_what_sps_says_for_itself_stands_in_meta(self):
        data = golden("Invoice").replace(b"{", b'{"Meta":{"IsDropShip":true,"BatchTotal":2},', 1)
        (item,), _ = read(data)
        assert item.meta == {"IsDropShip": True, "BatchTotal": 2}

    @pytest.mark.parametrize(
        ("basis", "unit", "amount"),
        [("PE", "EA", "12"), ("PD", "EA", "1"), ("HTH", "EA", "0.00012"), ("CA", "CA", "12")],
    )
    def test_a_price_basis_divides_the_price(self, basis, unit, amount):
        line = {"OrderQty": 12, "OrderQtyUOM": unit, "PurchasePrice": 1, "PurchasePriceBasis": basis}
        (order,) = documents(changed("Order", LineItem=[{"OrderLine": line}]))
        assert line_amount(order.lines[0]) == D(amount)

    def test_a_price_per_case_of_single_pieces_is_left_to_a_person(self):
        line = {"OrderQty": 12, "OrderQtyUOM": "EA", "PurchasePrice": 1, "PurchasePriceBasis": "CA"}
        (text,) = problems(changed("Order", LineItem=[{"OrderLine": line}]))
        assert "lines[0].price_basis is CA, for which it is not known how many EA it means" in text
        (order,) = documents(changed("Order", LineItem=[{"OrderLine": line | {"ExtendedItemTotal": 3}}]))
        assert order.lines[0].amount == 3

    def test_an_order_whose_total_does_not_add_up_is_taken(self):
        (order,) = documents(changed("Order", Summary__TotalAmount=80))
        assert order.difference() == D("4.37")

    def test_a_line_without_price_has_none(self):
        (order,) = documents(changed("Order", LineItem__0__OrderLine__PurchasePrice=None))
        assert order.lines[0].unit_price is None

    def test_charges_that_leave_the_total_as_it_is_are_passed_over(self):
        bill_back = {"AllowChrgIndicator": "A", "AllowChrgAmt": 5, "AllowChrgHandlingCode": "01"}
        neither = {"AllowChrgIndicator": "N", "AllowChrgAmt": 5}
        (order,) = documents(changed("Order", Header__ChargesAllowances=[bill_back, neither]))
        assert order.charges == ()

    def test_a_charge_by_rate_or_percentage_is_computed(self):
        rate = {"AllowChrgIndicator": "C", "AllowChrgRate": 2.5, "AllowChrgQty": 3, "AllowChrgQtyUOM": "EA"}
        share = {"AllowChrgIndicator": "A", "AllowChrgPercent": 10, "PercentDollarBasis": 50}
        (order,) = documents(changed("Order", Header__ChargesAllowances=[rate, share]))
        assert [charge.amount for charge in order.charges] == [D("7.5"), D(5)]

    def test_a_country_that_is_no_code_is_part_of_the_address(self):
        (invoice,) = documents(changed(Header__Address__0__Country="United States"))
        assert invoice.parties[0].address.lines[-1] == "United States"
        assert invoice.parties[0].address.country == ""

    def test_the_partners_currency_stands_in_where_none_is_stated(self):
        data = changed("Order", Header__OrderHeader__BuyersCurrency=None)
        assert documents(data)[0].currency == "USD"
        assert documents(data, overlay=rsx.Overlay(currency="CAD"))[0].currency == "CAD"
        assert (
            documents(data, overlay=lambda partner: rsx.Overlay(currency={PARTNER: "MXN"}[partner]))[
                0
            ].currency
            == "MXN"
        )

    def test_codes_of_the_partner(self):
        overlay = rsx.Overlay(codes={"reference": {"store": "WH"}})
        data = changed(Header__References=[{"ReferenceQual": "WH", "ReferenceID": "12"}])
        (invoice,) = documents(data, overlay=overlay)
        assert invoice.reference_value("store") == "12"
        written = rsx.write([invoice], rsx.Envelope(trading_partner_id=PARTNER), overlay=overlay)
        assert b'"ReferenceQual":"WH"' in written.data

    def test_a_shipment_without_pack_types_is_understood_by_what_holds_what(self):
        plain = json.loads(golden("Shipment"))
        tare = plain["OrderLevel"][0]["PackLevel"][0]
        del tare["Pack"]["PackLevelType"]
        del tare["PackLevel"][0]["Pack"]["PackLevelType"]
        assert documents(json.dumps(plain).encode()) == [EXAMPLES["Shipment"]]

    def test_orders_in_containers_are_orders_of_the_shipment(self):
        plain = json.loads(golden("Shipment"))
        plain["ContainerLevel"] = [{"Container": {}, "OrderLevel": plain.pop("OrderLevel")}]
        assert documents(json.dumps(plain).encode()) == [EXAMPLES["Shipment"]]


class TestProblems:
    def test_name_the_place_the_value_and_what_to_do(self):
        (text,) = problems(b"\n\n" + changed(Header__InvoiceHeader__InvoiceDate="9 March"))
        assert text == (
            "line 3, Header.InvoiceHeader.InvoiceDate: the InvoiceDate is not a date such as 2026-03-09 "
            "(it is '9 March'). Ask the partner to correct it."
        )

    @pytest.mark.parametrize(
        ("path", "value", "expected"),
        [
            ("Header__InvoiceHeader__InvoiceNumber", None, "the InvoiceNumber is missing"),
            ("Header__InvoiceHeader__TradingPartnerId", None, "the TradingPartnerId is missing"),
            ("Header__InvoiceHeader__InvoiceDate", None, "date is missing"),
            ("Header__InvoiceHeader__InvoiceDate", "2026-02-30", "is not a date"),
            ("Header__InvoiceHeader__InvoiceTime", "25:00", "is not a time"),
            ("Header__PaymentTerms__0__TermsNetDueDays", 2.5, "is not a whole number"),
            ("Header__PaymentTerms__0__TermsNetDueDays", -1, "terms.net_days must not be negative"),
            ("LineItem__0__InvoiceLine__InvoiceQty", "many", "is not a number"),
            ("LineItem__0__InvoiceLine__InvoiceQty", True, "is not a number"),
            ("LineItem__0__InvoiceLine__InvoiceQty", [1, 2], "there is more than one InvoiceQty"),
            ("LineItem__0__InvoiceLine__InvoiceQty", {"a": 1}, "should be a value, but holds members"),
            ("LineItem__0__InvoiceLine", "x", "should hold members, but is a value"),
            ("Header__InvoiceHeader__Vendor", "a\x00b", "is not text without control characters"),
            ("Header__InvoiceHeader__Vendor", "\ud800", "is not text without control characters"),
            (
                "Summary__TotalAmount",
                1,
                "total is 1, but lines, charges, allowances and taxes add up to 80.43",
            ),
            ("Summary__TotalAmount", 10**30, "must be a number of at most 18 digits"),
        ],
    )
    def test_of_single_values(self, path, value, expected):
        assert any(expected in text for text in problems(changed(**{path: value})))

    def test_a_broken_document_does_not_hide_its_neighbours_in_json(self):
        good = golden("Invoice").strip()
        data = b"[" + b",\n".join([good, good[:-30], good, good.replace(b'"FB-20418"', b"FB"), good]) + b"]"
        items, file = read(data)
        assert [item.document for item in items] == [INVOICE, None, INVOICE, None, INVOICE]
        assert [item.line for item in items] == [1, 2, 3, 4, 5]
        assert not file.report

    def test_a_broken_document_does_not_hide_its_neighbours_in_xml(self):
        xml = golden("Invoice", "xml")
        body = xml[xml.index(b"<Invoice>") : xml.index(b"</Invoices>")]
        broken = [
            body.replace(b"</Header>", b""),
            body.replace(b"</Invoice>", b""),
            body.replace(b"FB-", b"\xff&x;"),
        ]
        data = xml.replace(body, body + broken[0] + body + broken[1] + body + broken[2] + body)
        items, file = read(data)
        assert [item.document is not None for item in items] == [True, False, True, False, True, False, True]
        assert [item.line for item in items] == [3, 4, 5, 6, 7, 8, 9]
        assert not file.report

    def test_a_document_that_is_not_utf_8_is_reported_alone(self):
        good = golden("Invoice").strip()
        items, _ = read(b"[" + good + b"," + good.replace(b"Northline", b"N\xf6rdlein") + b"," + good + b"]")
        assert [item.document for item in items] == [INVOICE, None, INVOICE]
        assert "not text in UTF-8" in str(items[1].report)

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (b"", "the file is empty"),
            (b" \r\n", "the file is empty"),
            (b"\xef\xbb\xbf", "the file is empty"),
            (b"ISA*00*", "neither JSON nor XML"),
            (b"[]", "holds no document"),
            (b"<Orders/>", "holds none of Invoice, Order"),
            (b"<html>", "not whole"),
        ],
    )
    def test_of_files_without_documents(self, data, expected):
        items, file = read(data)
        assert items == []
        assert expected in str(file.report)

    @pytest.mark.parametrize("data", [b"{}", b"[1]", b'["a"]', b'{"Header":{"ReturnHeader":{}}}', b"[null]"])
    def test_of_documents_of_other_kinds(self, data):
        assert "no Invoice, Order, OrderAck or Shipment" in problems(data)[0]

    def test_of_files_that_were_cut_off(self):
        items, file = read(b"[" + golden("Invoice").strip())
        assert [item.document for item in items] == [INVOICE]
        assert "not whole" in str(file.report)
        items, file = read(golden("Invoice", "xml").replace(b"</Invoices>", b""))
        assert [item.document for item in items] == [INVOICE]
        assert "not whole" in str(file.report)
        assert file.documents == 1

    def test_of_something_after_the_array(self):
        _items, file = read(b"[" + golden("Invoice") + b"] x")
        assert "something stands after" in str(file.report)

    def test_a_credit_note_keeps_its_direction(self):
        (invoice,) = documents(changed(Header__InvoiceHeader__InvoiceTypeCode="CR"))
        assert invoice == replace(INVOICE, kind="credit_note")
