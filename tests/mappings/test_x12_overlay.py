"""A partner's deviations, as data: what they do to a message, and what is found wrong with them."""

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from mappings.canonical import Line, Origin, Reference, Tax
from mappings.codecs import x12
from mappings.codecs.report import CodecError
from tests.mappings.x12_examples import (
    answers,
    documents,
    invoice,
    messages,
    order,
    order_answer,
    remittance,
    segments,
    write,
)

D = Decimal


def overlay(type_: str = "810", **rules: Any) -> x12.Overlay:
    """An overlay with these rules for one message, without problems."""
    data: dict[str, Any] = {"messages": {type_: rules}}
    assert x12.Overlay.problems(data) == []
    return x12.Overlay(**data)


def written(document: Any, settings: x12.Overlay) -> list[str]:
    return segments(write(document, overlay=settings))


class TestEnvelope:
    def test_version_qualifiers_and_delimiters(self):
        settings = x12.Overlay(
            version="005010",
            sender_qualifier="01",
            receiver_qualifier="14",
            delimiters={
                "element": "|",
                "segment": "'",
                "component": "<",
                "repetition": "%",
                "line_end": "\r\n",
            },
        )
        data = write(invoice(), overlay=settings)
        assert data[32:54] == b"01|BYRON          |14|"
        assert data[81:89] == b"|%|00501"
        assert b"|<'\r\nGS|IN|" in data
        assert documents(data, overlay=settings) == [invoice()]

    def test_the_basic_character_set(self):
        settings = x12.Overlay(character_set="basic")
        assert "PID*F****WIDGET, BLUE" in written(invoice(), settings)


class TestCodes:
    def test_a_partners_code_works_in_both_directions(self):
        settings = x12.Overlay(codes={"reference": {"gl_account": "11"}, "invoice_kind": {"invoice": "DI"}})
        data = write(invoice(), overlay=settings)
        assert b"~REF*11*4000~" in data
        assert b"*PO-7781***DI~" in data
        assert documents(data, overlay=settings) == [invoice()]

    def test_a_code_that_a_partner_uses_otherwise_loses_its_usual_meaning(self):
        settings = x12.Overlay(codes={"reference": {"department": "IA"}})
        document = invoice(references=(Reference(kind="department", value="1"),))
        assert documents(write(document, overlay=settings), overlay=settings) == [document]

    def test_a_default_currency(self):
        data = write(invoice(currency="CAD")).replace(b"CUR*SE*CAD~", b"").replace(b"SE*22*", b"SE*21*")
        assert documents(data, overlay=x12.Overlay(currency="CAD")) == [invoice(currency="CAD")]


class TestConventions:
    @pytest.mark.parametrize(("in_percent", "rate"), [(True, "6"), (False, ".06")])
    def test_tax_rates(self, in_percent, rate):
        settings = x12.Overlay(tax_in_percent=in_percent)
        assert f"TXI*ST*3.03*{rate}" in written(invoice(), settings)
        assert documents(write(invoice(), overlay=settings), overlay=settings) == [invoice()]

    def test_a_negative_credit_memo(self):
        """Quantities, totals and taxes are negative; allowances become charges, as amounts there have no sign."""
        settings = x12.Overlay(negative_credits=True)
        document = invoice(kind="credit_note", taxes=(Tax(kind="all", amount=D("3.03")),))
        lines = written(document, settings)
        assert "IT1*1*-2*EA*10.25**VP*WID-1*UP*036000291452" in lines
        assert "TDS*-6353" in lines
        assert "TXI*TX*-3.03" in lines
        assert "SAC*A*D240***1500**********Freight" in lines
        assert documents(write(document, overlay=settings), overlay=settings) == [document]

    def test_a_positive_credit_memo(self):
        document = invoice(kind="credit_note")
        assert "TDS*6353" in written(document, x12.Overlay())
        assert documents(write(document)) == [document]

    def test_a_credit_memo_against_the_convention_is_not_guessed_at(self):
        settings = x12.Overlay(negative_credits=True)
        (message,) = messages(write(invoice(kind="credit_note"), overlay=settings))
        assert message.document is None
        assert "a credit note states positive amounts" in str(message.report)


class TestRules:
    def test_fixed_values(self):
        lines = written(invoice(), overlay(set={"BIG08": "00", "IT105": "PE", "REF[DP]03": "DEPARTMENT"}))
        assert "BIG*20260201*INV-1*20260115*PO-7781****00" in lines
        assert "IT1*1*2*EA*10.25*PE*VP*WID-1*UP*036000291452" in lines
        assert "REF*DP*0417*DEPARTMENT" in lines
        assert "REF*IA*77120" in lines

    def test_elements_with_content_of_the_document(self):
        document = invoice(origin=Origin(system="freshbooks", id="90001"))
        settings = overlay(
            set={
                "BIG05": "{references.department}",
                "BIG06": "{references.contract}",
                "ITD12": "DUE {terms} {origin.id}",
                "FOB03": "{parties.ship_to.address.city}",
                "N1[ST]02": "{parties.ship_to.name} {parties.ship_to.identifiers.buyer_assigned}",
                "IT101": "{line.seller_item}",
                "DTM02": "{order_date}",
                "SAC13": "{total}",
            }
        )
        lines = written(document, settings)
        assert "BIG*20260201*INV-1*20260115*PO-7781*0417" in lines
        assert "ITD*01*3*2**10**30" in lines  # several terms are no text
        assert "N1*ST*ACME STORE 12 0012*92*0012" in lines
        assert "IT1*WID-1*2*EA*10.25**VP*WID-1*UP*036000291452" in lines
        assert "IT1*LAB*1.5*HR*20**VP*LAB" in lines
        assert "DTM*011*20260115" in lines
        assert "SAC*A*C310***500********63.53" in lines

    def test_extra_segments_go_where_the_table_wants_them(self):
        document = invoice(origin=Origin(system="freshbooks", id="90001"))
        settings = overlay(
            add=[
                {"segment": "REF", "elements": ["CR", "{origin.id}"]},
                {"segment": "REF", "elements": ["CT", "{references.contract}"]},  # there is none
                {"segment": "FOB", "elements": ["PP"]},
                {"segment": "AMT", "elements": ["1", "{total}"]},
                {"segment": "REF", "elements": ["ZZ", "ITEM {line.number}"], "in": "IT1"},
                {"segment": "REF", "elements": ["VR", "9"], "in": "N1[RE]"},
                {"segment": "TXI", "elements": ["TX", "", "", "", "", "1"], "in": "IT1"},
            ]
        )
        assert written(document, settings)[3:-3] == [
            "BIG*20260201*INV-1*20260115*PO-7781",
            "CUR*SE*USD",
            "REF*IA*77120",
            "REF*DP*0417",
            "REF*CR*90001",
            "N1*ST*ACME STORE 12*92*0012",
            "N3*9 CANYON RD",
            "N4*TUCSON*AZ*85701-1234*US",
            "N1*RE*BYRON SUPPLY",
            "REF*VR*9",
            "ITD*01*3*2**10**30",
            "DTM*011*20260131",
            "FOB*PP",
            "IT1*1*2*EA*10.25**VP*WID-1*UP*036000291452",
            "TXI*TX*****1",
            "PID*F****Widget, blue",
            "REF*ZZ*4000*GL ACCOUNT",
            "REF*ZZ*ITEM 1",
            "IT1*2*1.5*HR*20**VP*LAB",
            "TXI*TX*****1",
            "PID*F****Labor",
            "REF*ZZ*ITEM 2",
            "TDS*6353",
            "TXI*ST*3.03*.06",
            "AMT*1*63.53",
            "SAC*C*D240***1500**********Freight",
            "SAC*A*C310***500",
            "CTT*2",
        ]

    def test_suppressed_segments_and_loops(self):
        lines = written(invoice(), overlay(suppress=["PID", "N1[ST]", "REF[IA]", "CTT"]))
        assert lines[3:-3] == [
            "BIG*20260201*INV-1*20260115*PO-7781",
            "CUR*SE*USD",
            "REF*DP*0417",
            "N1*RE*BYRON SUPPLY",
            "ITD*01*3*2**10**30",
            "DTM*011*20260131",
            "IT1*1*2*EA*10.25**VP*WID-1*UP*036000291452",
            "REF*ZZ*4000*GL ACCOUNT",
            "IT1*2*1.5*HR*20**VP*LAB",
            "TDS*6353",
            "TXI*ST*3.03*.06",
            "SAC*C*D240***1500**********Freight",
            "SAC*A*C310***500",
        ]

    def test_suppressing_a_line_takes_all_below_it(self):
        lines = written(invoice(), overlay(suppress=["IT1", "CTT"]))
        assert not [line for line in lines if line.startswith(("IT1", "PID", "REF*ZZ"))]

    def test_what_a_partner_requires_is_missing(self):
        settings = overlay(require={"BIG04": "PO number", "REF[VR]": "vendor number", "IT105": "price basis"})
        with pytest.raises(CodecError) as error:
            write(invoice(purchase_order=""), overlay=settings)
        assert [problem.message for problem in error.value.report] == [
            "the PO number is missing",
            "the vendor number is missing",
            "the price basis is missing",
            "the price basis is missing",
        ]

    def test_code_lists_hold_for_writing_and_reading(self):
        settings = overlay(allow={"IT103": ["EA", "CA"]})
        with pytest.raises(
            CodecError, match=r"element IT103: the partner allows only EA, CA in IT103 \(it is 'HR'\)"
        ):
            write(invoice(), overlay=settings)
        (message,) = messages(write(invoice()), overlay=settings)
        assert message.document is None
        assert message.report.problems[0].rule == "invalid_code"

    def test_texts_may_be_cut_where_that_is_agreed(self):
        line = Line(number="1", quantity=D(1), unit_price=D(10), description="long" * 30)
        document = invoice(lines=(line,), taxes=(), charges=(), total=D(10))
        with pytest.raises(CodecError, match="the description is longer than 80"):
            write(document)
        assert "PID*F****" + "long" * 20 in written(document, overlay(truncate=["PID05"]))

    def test_elements_read_in_a_partners_own_way(self):
        settings = overlay(read={"BIG05": "references.department", "CAD05": "purchase_order"})
        (read,) = documents(write(invoice(release="0417")), overlay=settings)
        assert read.references[-1] == Reference(kind="department", value="0417")

    def test_lines_of_acknowledgements_and_remittances(self):
        settings = overlay("855", set={"PO101": "{line.seller_item}"})
        assert "PO1*WID-1*2*EA*10.25**VP*WID-1" in written(order_answer(), settings)
        settings = overlay("820", add=[{"segment": "NTE", "elements": ["", "PAYS {number}"]}])
        assert "NTE**PAYS EFT-9" in written(remittance(), settings)

    def test_a_rule_for_one_message_leaves_others_alone(self):
        settings = overlay("850", suppress=["PID"])
        assert documents(write(invoice(), overlay=settings)) == [invoice()]
        assert not any(line.startswith("PID") for line in written(order(), settings))

    def test_a_rule_that_breaks_the_standard_is_found_when_writing(self):
        with pytest.raises(CodecError, match="IT103: the unit is not one of the codes allowed here"):
            write(invoice(), overlay=overlay(set={"IT103": "ea"}))

    def test_acknowledgements_are_not_touched_by_rules_for_invoices(self):
        assert answers(write(invoice(), overlay=overlay(set={"BIG08": "00"})))[0].status == "accepted"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "the settings must be an object"),
        ({"colour": 1}, "colour: there is no such setting"),
        ({"version": "4010"}, "version: must be an X12 version such as 004010"),
        ({"interchange_version": "00040"[:4]}, "interchange_version: must be an interchange version"),
        ({"sender_qualifier": "Z"}, "sender_qualifier: must be two characters such as ZZ"),
        ({"character_set": "ebcdic"}, "character_set: must be basic, extended, latin-1 or utf-8"),
        ({"on_bad_character": "ignore"}, "on_bad_character: must be replace or refuse"),
        ({"currency": "dollars"}, "currency: must be an ISO 4217 code"),
        ({"tax_in_percent": "yes"}, "tax_in_percent: must be true or false"),
        ({"delimiters": "*"}, "delimiters: must be an object"),
        ({"delimiters": {"line": "*"}}, "delimiters.line: must be one of element, segment"),
        ({"delimiters": {"element": "**"}}, "delimiters.element: must be one character"),
        ({"codes": []}, "codes: must be an object of code lists"),
        ({"codes": {"colour": {}}}, "codes.colour: must be one of account"),
        ({"codes": {"reference": []}}, "codes.reference: must be an object of codes by word"),
        (
            {"codes": {"reference": {"department": "dp"}}},
            "codes.reference.department: must be a code of capitals",
        ),
        ({"messages": []}, "messages: must be an object of messages by type"),
        ({"messages": {"811": {}}}, "messages.811: must be one of 810"),
        ({"messages": {"810": []}}, "messages.810: must be an object"),
        ({"messages": {"810": {"paint": {}}}}, "messages.810.paint: there is no such rule"),
        ({"messages": {"810": {"set": []}}}, "messages.810.set: must be an object of texts by element"),
        (
            {"messages": {"810": {"set": {"BIG": "1"}}}},
            "messages.810.set.BIG: must name an element, such as BIG08",
        ),
        ({"messages": {"810": {"set": {"BIG99": "1"}}}}, "the segment BIG has no element 99"),
        ({"messages": {"810": {"set": {"BEG01": "1"}}}}, "the message has no segment BEG"),
        ({"messages": {"810": {"set": {"big08": "1"}}}}, "must be an element such as BIG08 or REF[DP]03"),
        ({"messages": {"810": {"set": {"BIG08": 1}}}}, "messages.810.set.BIG08: must be a text"),
        ({"messages": {"810": {"set": {"BIG08": "{colour}"}}}}, "the document has no field 'colour'"),
        (
            {"messages": {"810": {"set": {"BIG08": "{parties.ship_to.hat}"}}}},
            "no field 'parties.ship_to.hat'",
        ),
        ({"messages": {"810": {"set": {"BIG08": "{number()}"}}}}, "the document has no field 'number()'"),
        (
            {"messages": {"856": {"set": {"BSN02": "{line.number}"}}}},
            "the document has no field 'line.number'",
        ),
        ({"messages": {"810": {"add": {}}}}, "messages.810.add: must be a list of segments"),
        (
            {"messages": {"810": {"add": [{"segment": "REF"}]}}},
            "must say segment, elements and, if in a loop, in",
        ),
        (
            {"messages": {"810": {"add": [{"segment": "BEG", "elements": []}]}}},
            "has no place outside of loops",
        ),
        (
            {"messages": {"810": {"add": [{"segment": "REF", "elements": ["A"] * 5}]}}},
            "REF has only 4 elements",
        ),
        (
            {"messages": {"810": {"add": [{"segment": "REF", "elements": ["A"], "in": "PO1"}]}}},
            "is no loop of the",
        ),
        ({"messages": {"810": {"suppress": ["BIG01"]}}}, "must name a segment, such as PID or REF[DP]"),
        ({"messages": {"810": {"suppress": ["SE"]}}}, "must name a segment, such as PID or REF[DP]"),
        ({"messages": {"810": {"require": {"BIG04": 1}}}}, "must be the name of what is required"),
        ({"messages": {"810": {"allow": {"IT103": "EA"}}}}, "must be a list of codes"),
        ({"messages": {"810": {"truncate": ["N1"]}}}, "must name an element"),
        ({"messages": {"810": {"read": {"BIG05": "lines"}}}}, "must be a text field of the document"),
    ],
)
def test_what_is_wrong_with_an_overlay_is_named(data, problem):
    assert problem in "\n".join(map(str, x12.Overlay.problems(data)))


def test_all_problems_are_named_at_once():
    data = {
        "version": 4010,
        "currency": "usd",
        "messages": {"810": {"set": {"BIG99": "{x}"}, "suppress": "PID"}},
    }
    assert len(x12.Overlay.problems(data)) == 5


def test_the_example_of_the_module_is_right():
    data: dict[str, Any] = {
        "version": "004010",
        "delimiters": {"element": "|", "line_end": "\n"},
        "codes": {"reference": {"gl_account": "11"}, "invoice_kind": {"invoice": "DI"}},
        "tax_in_percent": True,
        "negative_credits": True,
        "messages": {
            "810": {
                "set": {"BIG08": "00", "IT105": "PE", "REF[DP]03": "{parties.ship_to.name}"},
                "add": [
                    {"segment": "REF", "elements": ["CR", "{origin.id}"]},
                    {"segment": "REF", "elements": ["ZZ", "{line.references.gl_segment}"], "in": "IT1"},
                ],
                "suppress": ["PID", "N1[RE]"],
                "require": {"BIG04": "PO number", "REF[IA]": "vendor number"},
                "allow": {"IT103": ["EA", "HR"]},
                "truncate": ["N102", "PID05"],
                "read": {"BIG05": "references.department"},
            }
        },
    }
    assert x12.Overlay.problems(data) == []
    assert dataclasses.is_dataclass(x12.Overlay(**data))
    write(invoice(), overlay=x12.Overlay(**data))
