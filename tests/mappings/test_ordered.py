"""What an order says that our invoice of it repeats, and ship notices drafted from invoices and bills."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.canonical import (
    Bill,
    EventDate,
    Identifier,
    InvalidDocument,
    Invoice,
    Line,
    Party,
    PurchaseOrder,
    Reference,
    ShipNotice,
)
from mappings.codecs import rsx
from mappings.ordered import with_order
from mappings.shipping_drafts import as_ship_notice

D = Decimal
DAY = dt.date(2026, 3, 9)
DC4 = Party(
    role="ship_to", name="Northline DC 4", identifiers=(Identifier(scheme="buyer_assigned", value="0417"),)
)
ORDER = PurchaseOrder(
    number="77120",
    date=dt.date(2026, 2, 20),
    release="3",
    kind="drop_ship",
    currency="USD",
    parties=(DC4, Party(role="buyer", name="Northline Retail"), Party(role="vendor", name="QUILL")),
    references=(Reference(kind="department", value="041"), Reference(kind="vendor_number", value="N4410")),
    dates=(EventDate(kind="ship_requested", date=dt.date(2026, 3, 8)),),
    lines=(
        Line(
            number="001",
            quantity=D(24),
            unit="CA",
            unit_price=D("2.5"),
            buyer_item="B1",
            gtin="036000291452",
            description="Shelf bracket",
        ),
        Line(number="003", quantity=D(10), unit_price=D(1), buyer_item="B3", description="Screws"),
    ),
)
INVOICE = Invoice(
    number="FB-20418",
    date=DAY,
    currency="USD",
    total=D("69.00"),
    purchase_order="77120",
    parties=(Party(role="bill_to", name="Northline AP"), Party(role="ship_to", name="Somewhere")),
    lines=(
        Line(number="1", quantity=D(10), unit_price=D(1), amount=D(10), seller_item="SCREW", buyer_item="B3"),
        Line(
            number="2", quantity=D(20), unit_price=D("2.5"), amount=D(50), seller_item="BRKT", buyer_item="b1"
        ),
        Line(number="3", quantity=D(1), unit_price=D(9), amount=D(9), seller_item="Freight"),
    ),
)
BILL = Bill(
    number="77120",
    date=DAY,
    currency="USD",
    total=D("74.00"),
    vendor=Party(role="vendor", name="Quill"),
    lines=(
        Line(
            number="1",
            quantity=D(24),
            unit_price=D("2.5"),
            amount=D(60),
            description="PO 77120: Shelf bracket",
        ),
        Line(number="2", quantity=D(10), unit_price=D(1), amount=D(10), description="Screws"),
        Line(number="3", quantity=D(1), unit_price=D(4), amount=D(4), description="Freight"),
    ),
)


class TestInvoice:
    def test_it_carries_the_orders_numbers_and_dates(self) -> None:
        made = with_order(INVOICE, ORDER)

        assert (made.order_date, made.release) == (dt.date(2026, 2, 20), "3")
        assert made.reference_value("department") == "041"
        assert made.reference_value("rsx:PrimaryPOTypeCode") == "DS"
        assert [one.kind for one in made.dates] == ["ship_requested"]

    def test_what_the_invoice_says_itself_stays(self) -> None:
        own = replace(INVOICE, references=(Reference(kind="vendor_number", value="OURS"),), release="1")

        made = with_order(own, ORDER)

        assert (made.reference_value("vendor_number"), made.release) == ("OURS", "1")
        assert made.total == INVOICE.total

    def test_numbered_locations_take_the_place_of_addresses_and_we_are_never_theirs_to_name(self) -> None:
        made = with_order(INVOICE, ORDER)

        assert made.party_as("ship_to") == DC4
        assert made.party_as("bill_to") == INVOICE.parties[0]
        assert made.party_as("buyer") is not None
        assert made.party_as("vendor") is None
        assert len(made.parties) == 3

    def test_lines_refer_to_the_ordered_ones_and_others_are_numbered_behind(self) -> None:
        made = with_order(INVOICE, ORDER)

        assert [line.number for line in made.lines] == ["003", "001", "4"]
        assert [line.unit for line in made.lines] == ["EA", "CA", "EA"]
        assert made.lines[1].gtin == "036000291452"

    def test_two_lines_of_one_item_take_the_two_that_were_ordered(self) -> None:
        twice = replace(ORDER, lines=(ORDER.lines[1], replace(ORDER.lines[1], number="004")))
        lines = (INVOICE.lines[0], INVOICE.lines[0], INVOICE.lines[0])

        made = with_order(replace(INVOICE, lines=lines, total=D(30)), twice)

        assert [line.number for line in made.lines] == ["003", "004", "003"]

    def test_it_can_be_written_as_rsx(self) -> None:
        written = rsx.write([with_order(INVOICE, ORDER)], rsx.Envelope(trading_partner_id="4X7"))

        for said in (
            b'"PurchaseOrderDate": "2026-02-20"',
            b'"PrimaryPOTypeCode": "DS"',
            b'"AddressLocationNumber": "0417"',
        ):
            assert said in written.data.replace(b'":"', b'": "')


class TestShipNotice:
    def test_an_invoice_with_its_order_ships_what_was_ordered(self) -> None:
        notice = as_ship_notice(INVOICE, ORDER, "Byron Supply")

        [shipped] = notice.orders
        assert (notice.number, shipped.purchase_order, shipped.order_date) == (
            "FB-20418",
            "77120",
            ORDER.date,
        )
        assert [(one.line.number, one.line.quantity, one.ordered_quantity) for one in shipped.items] == [
            ("003", D(10), D(10)),
            ("001", D(20), D(24)),
        ]
        assert notice.party_as("ship_to") == DC4
        assert notice.party_as("ship_from") == Party(role="ship_from", name="Byron Supply")
        assert {one.kind: one.value for one in shipped.references}["invoice"] == "FB-20418"
        assert all(one.line.unit_price is None for one in shipped.items)

    def test_a_bill_ships_by_the_descriptions_of_its_order(self) -> None:
        notice = as_ship_notice(BILL, ORDER, "Byron Supply")

        assert [one.line.buyer_item for one in notice.orders[0].items] == ["B1", "B3"]

    def test_the_day_is_that_of_the_shipment_if_it_is_known(self) -> None:
        day = dt.date(2026, 3, 7)
        sent = replace(INVOICE, dates=(EventDate(kind="shipped", date=day),))

        assert as_ship_notice(sent, ORDER, "us").dates[0].date == day
        assert as_ship_notice(INVOICE, ORDER, "us").dates[0].date == DAY

    def test_without_its_order_an_invoice_ships_what_has_a_number(self) -> None:
        assert len(as_ship_notice(INVOICE, None, "us").orders[0].items) == 3

    @pytest.mark.parametrize(
        ("document", "said"),
        [
            (replace(INVOICE, purchase_order=""), "purchase_order: is missing"),
            (BILL, "no line has an item number"),
        ],
        ids=["no order number", "no item numbers"],
    )
    def test_what_is_missing_is_named(self, document: Invoice | Bill, said: str) -> None:
        with pytest.raises(InvalidDocument, match=said):
            as_ship_notice(document, None, "us")

    @pytest.mark.parametrize("document", [INVOICE, BILL], ids=["invoice", "bill"])
    @pytest.mark.parametrize("notation", ["json", "xml"])
    def test_it_can_be_written_as_rsx_and_read_again(self, document: Invoice | Bill, notation: str) -> None:
        notice = as_ship_notice(document, ORDER, "Byron Supply")

        written = rsx.write([notice], rsx.Envelope(trading_partner_id="4X7", notation=notation))

        [item] = [one for one in rsx.read(written.data) if isinstance(one, rsx.Item)]
        assert isinstance(item.document, ShipNotice)
        assert item.document.orders[0].items == notice.orders[0].items
        assert (
            rsx.write([item.document], rsx.Envelope(trading_partner_id="4X7", notation=notation)) == written
        )
