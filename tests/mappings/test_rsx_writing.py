"""Writing RSX: what is refused, and what a trading partner's settings change."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mappings.canonical import Identifier, Line, Note, Pack, Party, Reference, ShippedItem, Tare, Tax, Vendor
from mappings.codecs import rsx
from mappings.codecs.report import CodecError
from tests.mappings.rsx_examples import EXAMPLES, INVOICE, ORDER, PARTNER, SHIP_TO, SHIPMENT

D = Decimal

ENVELOPE = rsx.Envelope(trading_partner_id=PARTNER)


def refused(*documents, envelope=ENVELOPE, overlay=None):
    with pytest.raises(CodecError) as error:
        rsx.write(documents, envelope, overlay=overlay)
    return str(error.value)


def written(document=INVOICE, overlay=None):
    return json.loads(rsx.write([document], ENVELOPE, overlay=overlay).data)


def with_line(**changes):
    """The invoice with one line more, which costs nothing."""
    return replace(INVOICE, lines=(*INVOICE.lines, Line(**{"quantity": D(0), "unit_price": D(1)} | changes)))


class TestNotation:
    def test_one_document_is_an_object_and_several_are_an_array(self):
        assert isinstance(written(), dict)
        data = rsx.write([INVOICE, INVOICE], ENVELOPE).data
        assert [each["Header"]["InvoiceHeader"]["InvoiceNumber"] for each in json.loads(data)] == [
            "FB-20418"
        ] * 2

    def test_null_and_empty_members_are_never_written(self):
        for document in EXAMPLES.values():
            data = rsx.write([document], ENVELOPE).data
            assert b"null" not in data
            assert b'""' not in data
            assert b"[]" not in data
            assert b"{}" not in data

    def test_numbers_are_numbers_without_exponent_and_money_has_its_decimals(self):
        data = rsx.write([with_line(quantity=D("0E+3"), unit_price=D("1E+2"))], ENVELOPE).data
        assert b'"PurchasePrice":100,' in data or b'"PurchasePrice":100}' in data
        assert b'"TotalAmount":80.43' in data
        assert b'"TotalSalesAmount":75.63' in data

    def test_currencies_without_cents_have_none(self):
        lines = (Line(quantity=D(1), unit_price=D(100), amount=D(100)),)
        yen = replace(INVOICE, currency="JPY", total=D(100), lines=lines, taxes=(), charges=())
        assert b'"ExtendedItemTotal":100}' in rsx.write([yen], ENVELOPE).data

    def test_texts_keep_every_character_that_xml_can_hold(self):
        note = 'Ünïcode <&> "quoted"\ttab\r\nline 日本 🚚'
        for notation in rsx.NOTATIONS:
            envelope = replace(ENVELOPE, notation=notation)
            data = rsx.write([replace(INVOICE, notes=(Note(text=note),))], envelope).data
            item: Any = next(rsx.read(data))
            assert item.document.notes[0].text == note

    def test_a_number_of_18_digits_gets_the_prefix_of_its_application_identifier(self):
        mark = Identifier(scheme="sscc", value="00007777476000000692")
        order = replace(SHIPMENT.orders[0], tares=(), packs=(Pack(marks=(mark,)),))
        packs = written(replace(SHIPMENT, orders=(order,)))["OrderLevel"][0]["PackLevel"]
        assert packs[0]["Pack"]["ShippingSerialID"] == "00007777476000000692"


class TestRefusals:
    def test_nothing_is_written_if_one_document_is_wrong_and_all_problems_are_named(self):
        wrong = replace(INVOICE, notes=(Note(text="a\x01b"),), kind="prepayment")
        text = refused(INVOICE, wrong, replace(INVOICE, purpose="unheard_of"))
        assert "no RSX code for the invoice kind 'prepayment'" in text
        assert "no RSX code for the purpose 'unheard_of'" in text
        assert "Invoice[2]" in text
        assert "Invoice[3]" in text

    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (
                replace(INVOICE, notes=(Note(text="a\x01b"),)),
                "Header.Notes[1].Note: the Note contains a character",
            ),
            (replace(INVOICE, notes=(Note(text="a\ud800b"),)), "contains a character that cannot be sent"),
            (with_line(unit="BALES"), "LineItem[3].InvoiceLine.InvoiceQtyUOM: 'BALES' is not a code"),
            (with_line(unit_price=D("0.1234567")), "PurchasePrice has more than 6 decimals"),
            (
                replace(INVOICE, taxes=(Tax(kind="gst", amount=D("4.801")),)),
                "TaxAmount has more than 2 decimals",
            ),
            (
                replace(INVOICE, parties=(replace(SHIP_TO, role="rsx:QQ"),)),
                "'QQ' is not a code of AddressTypeCode",
            ),
            (
                replace(INVOICE, parties=(replace(SHIP_TO, role="x12:QQ"),)),
                "no RSX code for the party 'x12:QQ'",
            ),
            (
                with_line(references=(Reference(kind="gl_segment", value="1"),)),
                "no RSX code for the reference 'gl_segment'",
            ),
            (
                replace(INVOICE, parties=(Party(role="buyer", name="B", more_names=("1", "2", "3")),)),
                "parties[buyer].more_names has 3 lines; RSX has room for 2",
            ),
            (
                replace(INVOICE, parties=(replace(SHIP_TO, identifiers=SHIP_TO.identifiers * 2),)),
                "more than one identifier",
            ),
        ],
    )
    def test_of_what_rsx_cannot_say(self, document, expected):
        assert expected in refused(document)

    def test_of_packs_beside_loose_items(self):
        loose = ShippedItem(line=Line(quantity=D(1), seller_item="A"))
        order = replace(SHIPMENT.orders[0], items=(loose,))
        assert "can hold only one of PackLevel and ItemLevel" in refused(replace(SHIPMENT, orders=(order,)))
        tare = Tare(packs=(Pack(items=(loose,)),), items=(loose,))
        order = replace(SHIPMENT.orders[0], tares=(tare,))
        assert "can hold only one of ItemLevel and PackLevel" in refused(replace(SHIPMENT, orders=(order,)))

    def test_of_marks_without_a_place(self):
        pack = Pack(marks=(Identifier(scheme="shipping_mark", value="X"),))
        order = replace(SHIPMENT.orders[0], packs=(pack,))
        assert "no place for another mark" in refused(replace(SHIPMENT, orders=(order,)))

    @pytest.mark.parametrize("partner", ["", "A" * 16])
    def test_of_a_partner_id_that_is_none(self, partner):
        assert "TradingPartnerId" in refused(INVOICE, envelope=rsx.Envelope(trading_partner_id=partner))

    def test_of_files_that_are_none(self):
        assert "no document to send" in refused()
        assert "one type of document" in refused(INVOICE, ORDER)
        assert "no notation 'csv'" in refused(INVOICE, envelope=replace(ENVELOPE, notation="csv"))
        vendor = Vendor(number="1", party=Party(role="vendor", name="V"))
        assert "no document for this one (Vendor)" in refused(vendor)


class TestOverlay:
    def test_fixed_values_and_demands(self):
        overlay = rsx.Overlay(
            fixed={"Header.InvoiceHeader.Division": "7", "LineItem.InvoiceLine.PurchasePriceType": "CON"},
            required=("Header.InvoiceHeader.PurchaseOrderNumber", "LineItem.InvoiceLine.VendorPartNumber"),
        )
        tree = written(overlay=overlay)
        assert tree["Header"]["InvoiceHeader"]["Division"] == "7"
        assert [line["InvoiceLine"]["PurchasePriceType"] for line in tree["LineItem"]] == ["CON", "CON"]
        assert "PurchaseOrderNumber is missing, which this trading partner insists on" in refused(
            replace(INVOICE, purchase_order=""), overlay=overlay
        )
        assert "VendorPartNumber is missing" in refused(with_line(), overlay=overlay)

    def test_is_checked_where_it_is_saved(self):
        overlay = rsx.Overlay(
            codes={"colour": {}},
            fixed={
                "Header.InvoiceHeader.InvoiceDate": "soon",
                "Header.Nothing": "1",
                "Header.OrderHeader.TsetPurposeCode": "99",
            },
            required=("Summary", "Summary.TotalAmount"),
        )
        text = "\n".join(map(str, overlay.problems()))
        assert "no code list 'colour'" in text
        assert "'soon' is not a value of Header.InvoiceHeader.InvoiceDate" in text
        assert "no document has a member Header.Nothing" in text
        assert "'99' is not a value of Header.OrderHeader.TsetPurposeCode" in text
        assert "no document has a member Summary" in text
        assert "Summary.TotalAmount" not in text

    def test_generic_words_are_written_as_the_nearest_code(self):
        generic = replace(INVOICE, taxes=(replace(INVOICE.taxes[0], kind="sales"),))
        assert written(generic)["Header"]["Taxes"][0]["TaxTypeCode"] == "ST"
