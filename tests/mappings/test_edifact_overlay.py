"""A partner's deviations from EDIFACT, as data: what they do to a message, and what is found wrong with them."""

import itertools
from decimal import Decimal
from typing import Any

import pytest

from mappings.canonical import Line, Origin, Party, Reference
from mappings.codecs import edifact
from mappings.codecs.report import CodecError
from tests.mappings.edifact_examples import (
    answers,
    documents,
    invoice,
    items,
    order,
    order_answer,
    remittance,
    segments,
    ship_notice,
    write,
)

D = Decimal


def overlay(type_: str = "INVOIC", **rules: Any) -> edifact.Overlay:
    """An overlay with these rules for one message, without problems."""
    data: dict[str, Any] = {"messages": {type_: rules}}
    assert edifact.Overlay.problems(data) == []
    return edifact.Overlay(**data)


def written(document: Any, settings: edifact.Overlay, **changes: Any) -> list[str]:
    return segments(write(document, overlay=settings, **changes))


class TestEnvelope:
    def test_version_character_set_qualifiers_and_separators(self):
        settings = edifact.Overlay(
            versions={"INVOIC": "D:01B:UN:EAN010"},
            syntax="UNOW",
            sender_qualifier="1",
            receiver_qualifier="14",
            separators={"decimal": ",", "line_end": "\n"},
        )
        data = write(invoice(), overlay=settings)
        assert data.startswith(b"UNA:+,?*'\nUNB+UNOW:4+4012345000009:1+BYRON:14+")
        assert b"UNH+1+INVOIC:D:01B:UN:EAN010'" in data
        assert "Müller".encode() in data
        assert documents(data, overlay=settings) == [invoice()]

    def test_codes_work_in_both_directions(self):
        settings = edifact.Overlay(
            codes={"reference": {"delivery_note": "AAJ"}, "invoice_kind": {"invoice": "82"}}
        )
        data = write(invoice(), overlay=settings)
        assert b"BGM+82+" in data
        assert b"RFF+AAJ:LS-9'" in data
        assert documents(data, overlay=settings) == [invoice()]


class TestRules:
    def test_fixed_values_of_elements_and_components(self):
        lines = written(invoice(), overlay(set={"BGM03": "31", "RFF[DQ]01-3": "1", "NAD[BY]06": "KOELN"}))
        assert "BGM+380+2026-17+31" in lines
        assert "RFF+DQ:LS-9:1" in lines
        assert "NAD+BY+4098765000003::9++Müller & Söhne GmbH:Einkauf+Hafenstraße 7+KOELN+NW+50667+DE" in lines
        assert "NAD+SU+4012345000009::9" in lines

    def test_content_of_the_document_in_the_way_of_the_standard(self):
        document = invoice(origin=Origin(system="freshbooks", id="90?01"))
        settings = overlay(
            set={
                "BGM01-4": "{number} of {origin.id}",
                "RFF[ON]01-3": "{references.contract}",
                "LIN01": "{line.seller_item}",
                "NAD[SU]08": "{order_date}",
                "FTX[AAI]04-2": "{total}",
            }
        )
        lines = written(document, settings, separators=edifact.Separators(decimal=","))
        assert "BGM+380:::2026-17 of 90??01+2026-17+9" in lines
        assert "RFF+ON:PO-7781" in lines
        assert "LIN+W?+1++4012345123456:EN" in lines
        assert "LIN+LAB" in lines
        assert "NAD+SU+4012345000009::9++++++20260115" in lines
        assert "FTX+AAI+++Thank you.:70,8" in lines

    def test_extra_segments_go_where_the_table_wants_them(self):
        document = invoice(origin=Origin(system="freshbooks", id="90001"), lines=invoice().lines)
        settings = overlay(
            add=[
                {"segment": "PAI", "elements": [["", "", "42"]]},
                {"segment": "RFF", "elements": [["API", "{origin.id}"]]},
                {"segment": "RFF", "elements": [["CT", "{references.contract}"]]},  # there is none
                {"segment": "LOC", "elements": ["7", ["X"]], "in": "NAD[BY]"},
                {"segment": "RFF", "elements": [["LI", "{line.number}"]], "in": "LIN"},
                {"segment": "FTX", "elements": ["ZZZ", "", "", ["LINE {line.number}", "OF US"]], "in": "LIN"},
            ]
        )
        lines = written(document, settings)
        after = dict(itertools.pairwise(lines))
        assert after["DTM+35:20260131:102"] == "PAI+::42"
        assert after["RFF+DQ:LS-9"] == "RFF+API:90001"
        assert (
            after["NAD+BY+4098765000003::9++Müller & Söhne GmbH:Einkauf+Hafenstraße 7+Köln+NW+50667+DE"]
            == "LOC+7+X"
        )
        assert [line for line in lines if line.startswith(("LIN", "FTX", "RFF+LI", "QTY", "TAX", "PRI"))] == [
            "FTX+AAI+++Thank you.",
            "LIN+1++4012345123456:EN",
            "QTY+47:2:EA",
            "FTX+ZZZ+++LINE 1:OF US",
            "PRI+AAA:10.25",
            "RFF+LI:1",
            "TAX+7+VAT+++:::20+S",
            "LIN+2",
            "QTY+47:1.5:HUR",
            "FTX+ZZZ+++LINE 2:OF US",
            "PRI+AAA:20",
            "RFF+LI:2",
            "TAX+7+VAT+++:::20+S",
            "TAX+7+VAT+++:::20+S",
        ]

    def test_suppressed_segments_and_groups(self):
        lines = written(invoice(), overlay(suppress=["IMD", "NAD[BY]", "PAT[22]", "RFF[DQ]"]))
        assert not [
            line
            for line in lines
            if line.startswith(("IMD", "NAD+BY", "CTA", "COM", "PCD+12", "RFF+DQ", "RFF+VA"))
        ]
        assert "NAD+SU+4012345000009::9" in lines
        assert "PAT+1++5:3:D:30" in lines

    def test_what_a_partner_requires_is_missing(self):
        settings = overlay(
            require={"RFF[ON]": "order number", "LIN03-1": "GTIN", "NAD[DP]": "place of delivery"}
        )
        with pytest.raises(CodecError) as error:
            write(invoice(purchase_order="", order_date=None), overlay=settings)
        assert [problem.message for problem in error.value.report] == [
            "the order number is missing",
            "the GTIN is missing",
            "the place of delivery is missing",
        ]
        assert error.value.report.problems[1].place.endswith("(LIN), element LIN03-1")

    def test_code_lists_hold_for_writing_and_reading(self):
        settings = overlay(allow={"QTY01-3": ["EA", "PCE"]})
        with pytest.raises(
            CodecError, match=r"QTY01-3: the partner allows only EA, PCE in QTY01-3 \(it is 'HUR'\)"
        ):
            write(invoice(), overlay=settings)
        (message,) = items(write(invoice()), overlay=settings)
        assert message.document is None
        assert [problem.rule for problem in message.report] == ["invalid_code"]
        (answer,) = answers(write(invoice()), overlay=settings)
        assert [(r.code, r.position, r.element, r.component) for r in answer.parts[0].reasons] == [
            ("12", 34, 1, 3)
        ]

    def test_texts_may_be_cut_where_that_is_agreed(self):
        document = invoice(
            parties=(Party(role="buyer", identifiers=invoice().parties[0].identifiers, name="x"),), release=""
        )
        settings = overlay(set={"RFF[ON]01-2": "long" * 20}, truncate=["RFF01-2"])
        with pytest.raises(CodecError, match="the reference number is longer than 35"):
            write(document, overlay=overlay(set={"RFF[ON]01-2": "long" * 20}))
        assert f"RFF+ON:{'long' * 8}lon" in written(document, settings)

    def test_elements_read_in_a_partners_own_way(self):
        settings = overlay(read={"RFF[DQ]01-2": "references.department", "NAD[BY]06": "release"})
        (read,) = documents(write(invoice()), overlay=settings)
        assert read.references[-1] == Reference(kind="department", value="LS-9")
        assert read.release == "Köln"

    def test_lines_of_every_message(self):
        found = written(order(), overlay("ORDERS", set={"LIN01": "{line.buyer_item}"}))
        assert "LIN+M-77++4012345123456:EN" in found
        settings = overlay(
            "ORDRSP", add=[{"segment": "RFF", "elements": [["LI", "{line.number}"]], "in": "LIN"}]
        )
        found = written(order_answer(), settings)
        assert [line[:8] for line in found if line.startswith(("LIN", "RFF+LI"))] == [
            "LIN+1++4",
            "RFF+LI:1",
            "LIN+5+5+",
            "RFF+LI:1",
            "LIN+6+6+",
            "RFF+LI:1",
            "LIN+2+5",
            "RFF+LI:2",
            "LIN+3+7",
            "RFF+LI:3",
            "LIN+4+6",
            "RFF+LI:4",
        ]
        found = written(
            remittance(),
            overlay("REMADV", add=[{"segment": "FTX", "elements": ["ZZZ", "", "", ["FOR {number}"]]}]),
        )
        assert "FTX+ZZZ+++FOR TR-2026-9" in found
        found = written(remittance(), overlay("REMADV", set={"DOC01-4": "{line.paid}"}))
        assert [line for line in found if line.startswith("DOC")][1] == "DOC+380:::50+2026-18"
        found = written(ship_notice(), overlay("DESADV", suppress=["TDT"], set={"BGM03": "31"}))
        assert "BGM+351+LS-9+31" in found

    def test_a_rule_for_one_message_leaves_others_alone(self):
        settings = overlay("ORDERS", suppress=["IMD"])
        assert documents(write(invoice(), overlay=settings)) == [invoice()]
        assert not any(line.startswith("IMD") for line in written(order(), settings))

    def test_a_rule_that_breaks_the_standard_is_found_when_writing(self):
        with pytest.raises(CodecError, match="BGM03: the message function is longer than 3"):
            write(invoice(), overlay=overlay(set={"BGM03": "9999"}))

    def test_a_group_is_added_to_a_message_that_has_none(self):
        document = invoice(
            purchase_order="",
            order_date=None,
            references=(),
            lines=(Line(number="1", amount=D("60.8")),),
            charges=(),
            taxes=(),
            total=D("60.8"),
        )
        lines = written(document, overlay(add=[{"segment": "RFF", "elements": [["ON", "NONE"]]}]))
        assert lines[lines.index("RFF+ON:NONE") + 1].startswith("NAD+BY")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "the settings must be an object"),
        ({"colour": 1}, "colour: there is no such setting"),
        ({"delimiters": {}}, "delimiters: there is no such setting"),
        ({"versions": []}, "versions: must be an object of versions by message"),
        ({"versions": {"INVOICE": "D:96A:UN"}}, "versions.INVOICE: must be one of CONTRL"),
        ({"versions": {"INVOIC": "96A"}}, "versions.INVOIC: must be a version such as D:96A:UN"),
        ({"syntax": "ASCII"}, "syntax: must be one of UNOA"),
        ({"received_as": 1}, "received_as: must be one of UNOA"),
        ({"separators": {"line": "'"}}, "separators.line: must be one of component, element"),
        ({"separators": {"segment": "''"}}, "separators.segment: must be one character"),
        ({"sender_qualifier": "TOOLONG"}, "sender_qualifier: must be one to four characters"),
        ({"on_bad_character": "ignore"}, "on_bad_character: must be replace or refuse"),
        ({"codes": {"colour": {}}}, "codes.colour: must be one of"),
        ({"codes": {"reference": {"contract": "c t"}}}, "must be a code of capitals and digits"),
        ({"currency": "euro"}, "currency: must be an ISO 4217 code"),
        ({"negative_credits": "yes"}, "negative_credits: must be true or false"),
        ({"messages": []}, "messages: must be an object of messages by type"),
        ({"messages": {"810": {}}}, "messages.810: must be one of CONTRL"),
        ({"messages": {"INVOIC": {"paint": {}}}}, "messages.INVOIC.paint: there is no such rule"),
        ({"messages": {"INVOIC": {"set": {"RFF[ON]": "1"}}}}, "must name an element"),
        ({"messages": {"INVOIC": {"set": {"RFF01": "1"}}}}, "RFF01 has components: name one, such as RFF01-1"),
        ({"messages": {"INVOIC": {"set": {"RFF01-9": "1"}}}}, "the element RFF01 has no component 9"),
        ({"messages": {"INVOIC": {"set": {"BGM03-1": "1"}}}}, "the element BGM03 has no component 1"),
        ({"messages": {"INVOIC": {"set": {"BGM00": "1"}}}}, "the segment BGM has no element 00"),
        ({"messages": {"INVOIC": {"set": {"DOC09": "1"}}}}, "the segment DOC has no element 09"),
        ({"messages": {"INVOIC": {"set": {"CPS01": "1"}}}}, "the message has no segment CPS"),
        ({"messages": {"INVOIC": {"set": {"BGM03": "{colour}"}}}}, "the document has no field 'colour'"),
        ({"messages": {"INVOIC": {"suppress": ["UNT"]}}}, "must name a segment"),
        ({"messages": {"INVOIC": {"allow": {"QTY01-3": "EA"}}}}, "must be a list of codes"),
        ({"messages": {"INVOIC": {"truncate": ["ALI01"]}}}, "has no length to be cut to"),
        ({"messages": {"INVOIC": {"read": {"BGM03": "total"}}}}, "must be a text field of the document"),
        ({"messages": {"INVOIC": {"add": [{"segment": "UNT", "elements": []}]}}}, "has no place outside of loops"),
        ({"messages": {"INVOIC": {"add": [{"segment": "LIN", "elements": [], "in": "LIN"}]}}}, "no place in loop LIN"),
        ({"messages": {"INVOIC": {"add": [{"segment": "FTX", "elements": ["a"], "in": "BGM"}]}}}, "is no loop of the"),
        ({"messages": {"INVOIC": {"add": [{"segment": "RFF", "elements": [["a"] * 9]}]}}}, "has 4 components"),
        ({"messages": {"INVOIC": {"add": [{"segment": "BGM", "elements": ["", "", ["9"]]}]}}}, "has no components"),
        ({"messages": {"INVOIC": {"add": [{"segment": "BGM", "elements": ["", "", 9]}]}}}, "must be a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_overlay_is_named(data, problem):
    assert problem in "\n".join(map(str, edifact.Overlay.problems(data)))


def test_without_a_version_the_rules_may_be_meant_for_either_directory():
    rules = {"INVOIC": {"set": {"BGM02-2": "1"}}}  # which D.96A does not have
    assert edifact.Overlay.problems({"messages": rules}) == []
    assert edifact.Overlay.problems({"messages": rules, "versions": {"INVOIC": "D:01B:UN"}}) == []
    (problem,) = edifact.Overlay.problems({"messages": rules, "versions": {"INVOIC": "D:96A:UN"}})
    assert "the element BGM02 has no component 2" in str(problem)


def test_the_example_of_the_module_is_right():
    data: dict[str, Any] = {
        "versions": {"INVOIC": "D:96A:UN:EAN008"},
        "syntax": "UNOB",
        "separators": {"decimal": ","},
        "codes": {"reference": {"gl_account": "ABX"}, "party": {"remit_to": "RE"}},
        "negative_credits": True,
        "messages": {
            "INVOIC": {
                "set": {"BGM03": "9", "NAD[BY]04-1": "{parties.buyer.name}"},
                "add": [
                    {"segment": "RFF", "elements": [["API", "{origin.id}"]]},
                    {"segment": "RFF", "elements": [["LI", "{line.number}"]], "in": "LIN"},
                ],
                "suppress": ["IMD", "NAD[SU]"],
                "require": {"RFF[ON]": "order number", "LIN03-1": "GTIN"},
                "allow": {"QTY01-3": ["PCE", "KGM"]},
                "truncate": ["IMD03-4"],
                "read": {"RFF[DQ]01-2": "references.delivery_note"},
            }
        },
    }
    assert edifact.Overlay.problems(data) == []
    with pytest.raises(CodecError, match="the GTIN is missing"):
        write(invoice(), overlay=edifact.Overlay(**data))
