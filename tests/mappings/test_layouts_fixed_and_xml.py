"""Files of fixed width, and XML by paths of elements."""

from dataclasses import replace

import pytest

from mappings.canonical import Identifier, Line, Note, Pack, ShipNotice, ShippedItem, ShippedOrder, Tare
from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import BILL, DAY, INVOICE, PAYMENT, D, read, written

FIXED = {
    "document": "payment",
    "format": "fixed",
    "line_end": "lf",
    "date": "YYYYMMDD",
    "columns": [
        {"name": "Payment", "field": "number", "start": 1, "length": 6, "required": True},
        {"name": "Date", "field": "date", "start": 7, "length": 8},
        {
            "name": "Amount",
            "field": "amount",
            "start": 15,
            "length": 9,
            "align": "right",
            "pad": "0",
            "implied": 2,
        },
        {"name": "", "constant": "/", "start": 24, "length": 1},
        {"name": "Invoice", "field": "pays", "start": 25, "length": 8},
        {"name": "Notes", "field": "notes", "start": 33, "length": 5, "too_long": "cut"},
    ],
    "assume": {"currency": "USD"},
}


class TestFixedWidth:
    def test_cells_stand_at_their_positions(self):
        assert written(FIXED, PAYMENT) == "771   20260309000008043/FB-20418in fu\n"
        (item,), _ = read(b"771   20260309000008043/FB-20418in fu\n", FIXED)
        assert item.document.amount == D("80.43")
        assert item.document.notes == (Note(text="in fu"),)

    def test_zeros_stand_behind_the_sign(self):
        line = written(FIXED, replace(PAYMENT, amount=D("-0.05")))
        assert line[14:23] == "-00000005"
        (item,), _ = read(line.encode(), FIXED)
        assert item.document.amount == D("-0.05")

    def test_zero_is_a_value_and_blanks_are_none(self):
        (item,), _ = read(b"1     20260309000000000/A\n", FIXED)
        assert item.document.amount == 0
        (item,), _ = read(b"1     20260309         /A\n", FIXED)
        assert "amount is missing" in str(item.report)

    def test_what_does_not_fit_is_refused(self):
        with pytest.raises(CodecError, match="Payment has 7 characters; there is room for 6"):
            written(FIXED, replace(PAYMENT, number="1234567"))
        with pytest.raises(CodecError, match="Amount has 10 characters"):
            written(FIXED, replace(PAYMENT, amount=D("12345678.90")))

    def test_line_breaks_never_break_a_record(self):
        assert (
            written(FIXED | {"line_breaks": "keep"}, replace(PAYMENT, notes=(Note(text="a\nb"),))).count("\n")
            == 1
        )
        with pytest.raises(CodecError, match="more than one line"):
            written(FIXED | {"line_breaks": "refuse"}, replace(PAYMENT, notes=(Note(text="a\nb"),)))

    def test_blanks_at_the_end_may_be_missing(self):
        (item,), _ = read(b"771   20260309000008043/FB-1", FIXED)
        assert item.document.pays.value == "FB-1"

    @pytest.mark.parametrize("line", [b"771   2026030900000", b""])
    def test_a_line_that_ends_inside_a_number_is_noticed(self, line):
        (item, *_), _ = read(line + b"\n771   20260309000008043/FB-1\n", FIXED)
        assert (item.document is None) == bool(line)

    def test_a_line_that_is_too_long_is_noticed(self):
        (item,), _ = read(b"771   20260309000008043/FB-20418in fuXX\n", FIXED | {"record_length": 37})
        assert "the line has 39 characters, but its record has 37" in str(item.report)

    def test_records_without_line_ends(self):
        layout = FIXED | {"line_end": "none", "record_length": 40, "encoding": "latin-1"}
        text = written(layout, PAYMENT, replace(PAYMENT, number="772"))
        assert len(text) == 80
        items, file = read(text.encode() + b"773", layout)
        assert [item.document and item.document.number for item in items] == ["771", "772", None]
        assert "the last record is not whole" in str(items[2].report)
        assert not file.report

    def test_kinds_of_records_by_their_code(self):
        layout = layouts.load(layouts.STANDARD["bill_fixed"])
        text = written(layout, BILL, replace(BILL, number="2"))
        assert [line[0] for line in text.splitlines()] == ["H", "D", "H", "D", "T"]
        items, file = read(text.encode().replace(b"T         2", b"T         3"), layout)
        assert len(items) == 2
        assert "Documents says 3, but the file has 2" in str(file.report)
        items, _ = read(text.encode().replace(b"\nD", b"\nQ", 1), layout)
        assert "the line is of an unknown kind (it is 'Q1     Cop')" in str(items[0].report)
        assert items[1].document

    def test_an_empty_file(self):
        _, file = read(b"\n \n", FIXED)
        assert "the file is empty" in str(file.report)


XML = {
    "document": "invoice",
    "format": "xml",
    "root": "Batch/Invoices",
    "namespace": "urn:example:invoices",
    "records": [
        {
            "at": "",
            "element": "Invoice",
            "columns": [
                {"name": "@no", "field": "number"},
                {"name": "Head/Date", "field": "date"},
                {"name": "Head/Amount", "field": "total"},
                {"name": "Head/Amount/@currency", "field": "currency"},
                {"name": "Head/Tax", "field": "tax_total"},
                {"name": "Allowance", "field": "allowances"},
                {"name": "Charge", "field": "charges"},
                {"name": "Memo", "field": "notes"},
            ],
        },
        {
            "at": "lines",
            "element": "Items/Item",
            "columns": [
                {"name": "@id", "field": "lines.position"},
                {"name": ".", "field": "lines.description"},
                {"name": "Amount", "field": "lines.amount"},
            ],
        },
    ],
}


class TestXml:
    def test_paths_lead_to_elements_and_attributes(self):
        text = written(XML, INVOICE)
        (item,), file = read(text.encode(), XML)
        assert not file.report
        assert item.document.total == INVOICE.total
        assert [(line.number, line.description) for line in item.document.lines] == [
            ("1", 'Bracket 8" & screws'),
            ("2", "Screws"),
        ]
        assert (
            '<Invoice no="FB-20418"><Head><Date>2026-03-09</Date><Amount currency="USD">80.43</Amount>'
            in text
        )
        assert text.count("<Head>") == 1

    def test_names_count_without_namespaces_and_unknown_elements_are_kept(self):
        data = b"""<x:Invoices xmlns:x="urn:other"><x:Invoice no="1"><x:Extra><x:Branch>7</x:Branch></x:Extra><x:Head>
            <x:Date>2026-03-09</x:Date><x:Amount currency="USD">0</x:Amount></x:Head></x:Invoice></x:Invoices>"""
        (item,), _ = read(data, XML)
        assert item.document.number == "1"
        assert item.extra == [{"Extra/Branch": "7"}]

    def test_problems_are_named_at_their_line(self):
        data = (
            b'<Invoices>\n<Invoice no="1"><Head>\n<Date>soon</Date><Amount currency="USD">1</Amount></Head>'
        )
        data += b"</Invoice>\n"
        data += b'<Invoice no="2"><Head></Invoice>\n<Invoice no="3"><Head><Date>2026-03-09</Date>'
        data += b'<Amount currency="USD">0</Amount></Head></Invoice></Invoices>'
        items, file = read(data, XML)
        assert str(items[0].report).startswith(
            "line 2: Head/Date is not a date in the form YYYY-MM-DD (it is 'soon')"
        )
        assert str(items[1].report).startswith("line 4: the XML is not well-formed")
        assert items[2].document.number == "3"
        assert not file.report

    def test_empty_elements_are_left_out_or_written_as_the_layout_says(self):
        bare = replace(INVOICE, notes=())
        assert "Memo" not in written(XML, bare)
        assert "<Memo></Memo>" in written(XML | {"keep_empty": True}, bare)

    def test_what_xml_cannot_hold_is_refused(self):
        with pytest.raises(CodecError, match="Memo contains characters that XML cannot hold"):
            written(XML, replace(INVOICE, notes=(Note(text="a\x01b"),)))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "ascii"])
    def test_every_encoding_holds_every_character(self, encoding):
        layout = layouts.load(XML | {"encoding": encoding})
        invoice = replace(INVOICE, notes=(Note(text="Łódź €5 日本"),))
        (item,), _ = read(layouts.write([invoice], layout).data, layout)
        assert item.document.notes == invoice.notes

    def test_files_that_are_not_of_this_kind(self):
        for data, expected in [
            (b"<Orders/>", "no element Invoice"),
            (b"", "empty"),
            (b"<Invoices>", "not whole"),
        ]:
            items, file = read(data, XML)
            assert items == []
            assert expected in str(file.report)

    def test_declarations_are_refused(self):
        data = (
            b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><Invoices><Invoice no="&e;"/></Invoices>'
        )
        items, file = read(data, XML)
        assert items == []
        assert "document type declaration" in str(file.report)


class TestShipNotices:
    """Parts in parts in parts: a row for each item, with its pack and its order."""

    LAYOUT = {
        "document": "ship_notice",
        "format": "csv",
        "each": "orders.packs.items",
        "group": ["Shipment"],
        "columns": [
            {"name": "Shipment", "field": "number"},
            {"name": "Date", "field": "date"},
            {"name": "Order", "field": "orders.purchase_order"},
            {"name": "Carton", "field": "orders.packs.marks[sscc]"},
            {"name": "Item", "field": "orders.packs.items.line.seller_item"},
            {"name": "Quantity", "field": "orders.packs.items.line.quantity"},
            {"name": "Ordered", "field": "orders.packs.items.ordered_quantity"},
        ],
    }
    DATA = (
        b"Shipment,Date,Order,Carton,Item,Quantity,Ordered\r\n"
        b"S1,2026-03-09,PO1,001,A,1,2\r\n"
        b"S1,2026-03-09,PO1,001,B,2,\r\n"
        b"S1,2026-03-09,PO1,002,A,3,\r\n"
        b"S1,2026-03-09,PO2,003,C,4,4\r\n"
    )

    @staticmethod
    def notice():
        def item(name, quantity, ordered=None):
            return ShippedItem(line=Line(seller_item=name, quantity=D(quantity)), ordered_quantity=ordered)

        def pack(mark, *items):
            return Pack(marks=(Identifier(scheme="sscc", value=mark),), items=items)

        first = ShippedOrder(
            purchase_order="PO1",
            packs=(pack("001", item("A", 1, D(2)), item("B", 2)), pack("002", item("A", 3))),
        )
        second = ShippedOrder(purchase_order="PO2", packs=(pack("003", item("C", 4, D(4))),))
        return ShipNotice(number="S1", date=DAY, orders=(first, second))

    def test_come_back(self):
        assert written(self.LAYOUT, self.notice()).encode() == self.DATA
        (item,), _ = read(self.DATA, self.LAYOUT)
        assert item.document == self.notice()

    def test_items_that_the_layout_has_no_rows_for_are_refused(self):
        loose = ShippedItem(line=Line(seller_item="A", quantity=D(1)))
        for order in (
            ShippedOrder(purchase_order="1", items=(loose,)),
            ShippedOrder(purchase_order="1", tares=(Tare(packs=(Pack(items=(loose,)),)),)),
        ):
            with pytest.raises(CodecError, match="has items, for which the layout has no rows"):
                written(self.LAYOUT, replace(self.notice(), orders=(order,)))
