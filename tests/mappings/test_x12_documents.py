"""850, 855, 856 and 820: what is written, and that it is read back as the same document."""

import dataclasses
from decimal import Decimal

import pytest

from mappings.canonical import (
    Adjustment,
    Identifier,
    Line,
    Pack,
    Reference,
    RemittanceLine,
    ShippedItem,
    ShippedOrder,
)
from tests.mappings.x12_examples import (
    documents,
    messages,
    order,
    order_answer,
    remittance,
    segments,
    ship_notice,
    write,
)

D = Decimal


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize(
    "document", [order(), order_answer(), ship_notice(), remittance()], ids=lambda d: d.SCHEMA
)
def test_every_document_is_read_back_as_it_was(document, version):
    assert documents(write(document, version=version)) == [document]


class TestOrder:
    def test_as_the_standard_writes_it(self):
        assert segments(write(order()))[1:-2] == [
            "GS*PO*BYRON*9255550100*20260201*1205*101*X*004010",
            "ST*850*0001",
            "BEG*00*SA*PO-7781**20260115*C-9",
            "CUR*BY*USD",
            "REF*DP*0417",
            "PER*BD*JO MARCH*TE*5205550100*EM*jo@example.org",
            "FOB*PP",
            "ITD**3*****30",
            "DTM*002*20260201",
            "TD5**2*UPSN*M*GROUND",
            "N9*ZZ*NOTE",
            "MSG*call before delivery",
            "N1*BY*ACME RETAIL*1*123456789",
            "N1*ST*ACME STORE 12*92*0012",
            "PO1*1*2*EA*10.25**VP*WID-1",
            "PID*F****Widget, blue",
            "PO1*2*3*EA*10**BP*88",
            "MSG*no nails",
            "CTT*2",
            "AMT*TT*50.5",
            "SE*20*0001",
        ]

    def test_in_005010_notes_stand_in_mtx(self):
        lines = segments(write(order(), version="005010"))
        assert "MTX**call before delivery" in lines
        assert "MTX**no nails" in lines

    def test_a_price_may_be_missing(self):
        document = order(lines=(Line(number="1", quantity=D(2), seller_item="X"),), total=None)
        assert "PO1*1*2*EA***VP*X" in segments(write(document))
        assert documents(write(document)) == [document]

    def test_what_stands_in_other_loops_is_not_taken_for_the_orders_own(self):
        data = write(order()).replace(
            b"CTT*2~",
            b"SCH*1*EA*ST*X*002*20260301~REF*CO*9~N1*ST*OTHER~REF*DP*1~SLN*1**I*1~PID*F****PART~CTT*2~",
        )
        data = data.replace(b"SE*20*", b"SE*26*")
        (read,) = documents(data)
        assert read == order()


class TestOrderAcknowledgement:
    def test_as_the_standard_writes_it(self):
        assert segments(write(order_answer()))[3:-3] == [
            "BAK*00*AC*PO-7781*20260115****SO-5*20260116",
            "N1*ST*ACME STORE 12*92*0012",
            "PO1*1*2*EA*10.25**VP*WID-1",
            "PID*F****Widget, blue",
            "ACK*IA*1*EA*068*20260130",
            "ACK*IS*1*EA****VP*WID-2",
            "CTT*1",
        ]


class TestShipNotice:
    def test_as_the_standard_writes_it(self):
        assert segments(write(ship_notice()))[3:-3] == [
            "BSN*00*SHIP-1*20260130*1430*0001",
            "HL*1**S*1",
            "TD1*CTN25*1****G*12.5*LB",
            "TD5**2*UPSN",
            "REF*BM*BOL-3",
            "DTM*011*20260130",
            "N1*ST*ACME STORE 12*92*0012",
            "N1*SF*BYRON SUPPLY",
            "HL*2*1*O*1",
            "PRF*PO-7781***20260115",
            "REF*DP*0417",
            "HL*3*2*T*1",
            "REF*CN*77",
            "MAN*GM*00100000000000000024",
            "HL*4*3*P*1",
            "MAN*GM*00100000000000000017",
            "HL*5*4*I*0",
            "LIN*1*VP*WID-1*UP*036000291452",
            "SN1**2*EA**3*EA",
            "PID*F****Widget",
            "HL*6*2*I*0",
            "LIN**BP*88",
            "SN1**1*EA",
            "CTT*6",
        ]

    def test_a_carton_that_holds_a_whole_order(self):
        """Shipment, pack, order, item: the carton stands in its order all the same."""
        data = write(ship_notice()).decode()
        start, end = data.index("HL*1"), data.index("SE*")
        levels = (
            "HL*1**S~HL*2*1*P~MAN*GM*17~HL*3*2*O~PRF*A~HL*4*3*I~LIN**VP*X~SN1**1*EA~"
            "HL*5*1*O~PRF*B~HL*6*5*I~LIN**VP*Y~SN1**2*EA~CTT*6~"
        )
        (read,) = documents(
            f"{data[:start]}{levels}SE*{2 + levels.count('~') + 1}*0001~{data[data.index('GE*') :]}".encode()
        )
        mark = Identifier(scheme="sscc", value="17")
        x, y = (
            ShippedItem(line=Line(seller_item=s, quantity=D(q), unit="EA")) for s, q in (("X", 1), ("Y", 2))
        )
        assert read.orders == (
            ShippedOrder(purchase_order="A", packs=(Pack(marks=(mark,), items=(x,)),)),
            ShippedOrder(purchase_order="B", items=(y,)),
        )
        assert end > start

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (b"HL*1**S*1", b"HL*1**X*1", "has one shipment level (S)"),
            (b"HL*2*1*O*1", b"HL*2*1*Z*1", "a level 'Z' stands where an order (O) is expected"),
            (b"HL*5*4*I*0", b"HL*5*4*O*0", "a level 'O' stands inside of an order"),
        ],
    )
    def test_levels_that_make_no_notice(self, old, new, message):
        (read,) = messages(write(ship_notice()).replace(old, new))
        assert read.document is None
        assert message in str(read.report)


class TestRemittance:
    def test_as_the_standard_writes_it(self):
        assert segments(write(remittance()))[3:-3] == [
            "BPR*C*135*C*ACH**01*021000021*DA*4411*1234567890**01*021000089*DA*9922*20260220",
            "TRN*1*EFT-9*1234567890",
            "CUR*PR*USD",
            "N1*PR*ACME RETAIL",
            "N1*PE*BYRON SUPPLY",
            "ENT*1",
            "ADX*-5*01",
            "RMR*IV*INV-1**90*100*2",
            "REF*PO*PO-7781",
            "DTM*003*20260201",
            "ADX*-8*11*CM*CM-1",
            "NTE**wet",
            "RMR*IV*INV-2**50",
        ]

    def test_a_line_that_does_not_balance_is_named(self):
        (read,) = messages(write(remittance()).replace(b"*90*100*2~", b"*90*101*2~"))
        assert read.document is None
        assert "lines[0].paid: is 90, but gross less discount plus adjustments is 91" in str(read.report)

    def test_lines_that_do_not_add_up_to_the_payment(self):
        (read,) = messages(write(remittance()).replace(b"BPR*C*135*", b"BPR*C*136*"))
        assert "amount: is 136, but the lines and adjustments add up to 135" in str(read.report)

    @pytest.mark.parametrize("amount", [b"8", b"-8"])
    def test_an_adjustment_in_the_line_itself_gets_the_sign_that_balances(self, amount):
        plain = remittance(
            lines=(RemittanceLine(document=Reference(kind="invoice", value="A"), paid=D(92), gross=D(92)),),
            adjustments=(),
            amount=D(92),
        )
        (read,) = documents(write(plain).replace(b"RMR*IV*A**92*92", b"RMR*IV*A**92*100**01*" + amount))
        assert read.lines[0].adjustments == (Adjustment(amount=D(-8), reason="pricing"),)

    def test_without_a_trace_number_there_is_nothing_to_match_the_payment_with(self):
        data = write(remittance()).replace(b"TRN*1*EFT-9*1234567890~", b"").replace(b"SE*15*", b"SE*14*")
        assert "the trace number (TRN) is missing" in str(messages(data)[0].report)

    def test_an_advice_without_details(self):
        document = dataclasses.replace(remittance(), lines=(), adjustments=())
        assert documents(write(document)) == [document]
