"""ORDERS and ORDRSP: what of them is not as in every other message."""

import datetime as dt
from decimal import Decimal

import pytest

from mappings.canonical import EventDate, Identifier, LineStatus
from mappings.codecs import edifact
from mappings.codecs.report import CodecError
from tests.mappings.edifact_examples import documents, interchange, items, order, order_answer, write

D = Decimal


class TestOrders:
    @pytest.mark.parametrize(
        ("kind", "code"), [("new", "220"), ("blanket", "221"), ("call_off", "226"), ("rush", "224")]
    )
    def test_kinds(self, kind, code):
        assert f"BGM+{code}+PO-7781+9'".encode() in write(order(kind=kind))

    @pytest.mark.parametrize("kind", ["new", "purchase", "stand_alone"])
    def test_kinds_that_are_the_same_here(self, kind):
        assert documents(write(order(kind=kind)))[0].kind == "stand_alone"

    def test_a_cancellation(self):
        assert documents(write(order(purpose="cancel"))) == [order(purpose="cancel")]

    def test_an_order_of_another_partner(self):
        """Price before the lines' references, order dates in the heading, units and places that we do not know."""
        data = interchange(
            "ORDERS:D:96A:UN:EAN008",
            """
            BGM+220::9+128576+9
            DTM+137:20260830:102
            DTM+64:20260901:102
            ALI++3
            FTX+ZZZ+1+001::91
            RFF+CT:652744
            DTM+171:20250825:102
            NAD+BY+5412345000013::9
            RFF+VA:4146023
            NAD+SU+4012345000009::9
            NAD+UD+5412345000020::9
            CTA+OC
            CUX+2:GBP:9
            PAT+1++5:3:M:1
            TOD+3++CIF:23:9
            LOC+1+BE-BRU
            LIN+1++5410738000152:EN
            PIA+1+CC12:SA+B7:BP
            IMD+C++TU::9
            IMD+F+8+:::Rye bread:sliced
            QTY+21:48
            QTY+11:6
            DTM+2:202609011200:203
            MOA+203:699.84
            PRI+AAA:14.58:CT:AAE:1:KGM
            RFF+ON:AOP9812:21
            LOC+7+3312345502000::9
            QTY+11:24
            UNS+S
            MOA+86:1
            CNT+2:1
            """,
        )
        (found,) = documents(data)
        (line,) = found.lines
        assert (found.contract, found.currency, found.total) == ("652744", "GBP", D(1))
        assert [party.role for party in found.parties] == ["buyer", "supplier", "edifact:UD"]
        assert found.dates == (EventDate(kind="deliver_not_before", date=dt.date(2026, 9, 1)),)
        assert (line.quantity, line.unit, line.unit_price) == (D(48), "EA", D("14.58"))
        assert (line.description, line.price_basis) == ("Rye bread sliced", "each")
        assert (line.gtin, line.seller_item, line.buyer_item) == ("5410738000152", "CC12", "B7")

    def test_an_order_without_lines_is_none(self):
        (message,) = items(interchange("ORDERS:D:96A:UN", "BGM+220+1+9\nDTM+137:20260101:102\nUNS+S"))
        assert [problem.rule for problem in message.report] == ["segment_missing"] or not message.document


class TestAnswers:
    @pytest.mark.parametrize(
        ("response", "written"),
        [
            ("accepted", "29+AP"),
            ("rejected", "27+RE"),
            ("accepted_with_changes", "4+AC"),
            ("acknowledged", "12+AB"),
            ("on_hold", "23+AJ"),
        ],
    )
    def test_responses(self, response, written):
        answer = order_answer(response=response)
        data = write(answer)
        assert f"BGM+231+SO-5+{written}'".encode() in data
        assert documents(data) == [answer]

    @pytest.mark.parametrize(
        ("written", "purpose", "response"),
        [
            ("29", "original", "accepted"),
            ("27", "original", "rejected"),
            ("4", "original", "accepted_with_changes"),
            ("9+AP", "original", "accepted"),
            ("5+CA", "replace", "counter_offer"),
            ("9", "original", "acknowledged"),
            ("", "original", "acknowledged"),
            ("15", "original", "edifact:15"),
        ],
    )
    def test_responses_of_other_partners(self, written, purpose, response):
        data = write(order_answer()).replace(b"SO-5+4+AC", b"SO-5" + f"+{written}".rstrip("+").encode())
        (answer,) = documents(data)
        assert (answer.purpose, answer.response) == (purpose, response)

    def test_an_answer_that_replaces_another(self):
        answer = order_answer(purpose="replace", response="rejected")
        assert documents(write(answer)) == [answer]
        with pytest.raises(CodecError, match="no EDIFACT code for the order response 'rejected_with_detail'"):
            write(order_answer(purpose="replace", response="rejected_with_detail"))

    def test_the_number_of_the_order_stands_for_a_missing_one_of_the_seller(self):
        answer = order_answer(seller_order="")
        assert b"BGM+231+PO-7781+4+AC'" in write(answer)
        assert documents(write(answer)) == [answer]

    def test_an_answer_needs_a_date(self):
        with pytest.raises(CodecError, match="date: is missing"):
            write(order_answer(date=None))

    def test_without_the_number_of_an_order_it_answers_nothing(self):
        data = write(order_answer()).replace(b"RFF+ON:PO-7781'DTM+171:20260115:102'", b"")
        (message,) = items(data.replace(b"UNT+43", b"UNT+41"))
        assert "number: is missing: there is no RFF+ON" in str(message.report)

    def test_another_partner_may_have_a_code_of_its_own(self):
        overlay = edifact.Overlay(
            codes={"line_status": {"back_ordered": "9"}, "order_response": {"on_hold": "39"}}
        )
        answer = order_answer(response="on_hold")
        data = write(answer, overlay=overlay)
        assert b"+39'" in data
        assert b"LIN+4+9'" in data
        assert documents(data, overlay=overlay) == [answer]

    def test_the_lines_of_another_partner(self):
        """A status without an action, one without anything but a reason, and sub-lines of an order's line."""
        data = interchange(
            "ORDRSP:D:96A:UN:EAN005",
            """
            BGM+231+A1+4
            DTM+137:20260201:102
            RFF+ON:PO-1
            DTM+171:20260115:102
            NAD+SU+4012345000009::9
            LIN+1+5+4000862141404:EN
            QTY+21:48
            DTM+67:20260205:102
            LIN+2++4000862141405:EN
            QTY+113:10:PCE
            LIN+3++4000862141406:EN
            QTY+21:5
            QVR+-2:21+BP
            LIN+4+24+:EN
            PIA+3+NEW:BP
            LIN+5
            UNS+S
            """,
        )
        (answer,) = documents(data)
        soon = EventDate(kind="delivery_scheduled", date=dt.date(2026, 2, 5))
        assert [each.statuses for each in answer.lines] == [
            (LineStatus(status="accepted", date=soon),),
            (LineStatus(status="accepted_with_changes", quantity=D(10), unit="PC"),),
            (LineStatus(status="partly_shipped"),),
            (
                LineStatus(
                    status="accepted_with_changes",
                    substitute=Identifier(scheme="buyer_item", value="NEW"),
                ),
            ),
            (),
        ]
