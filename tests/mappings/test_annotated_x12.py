"""A person can read X12: every segment and element with its name, its meaning and what is wrong with it."""

import io
import re
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.codecs import x12
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION
from mappings.reading.annotate import KEPT_PROBLEMS, SHOWN_ELEMENTS, annotate
from mappings.reading.annotated import Annotated, Element, Segment
from mappings.reading.html import annotated_html
from mappings.reading.text import annotated_text
from mappings.reading.words import SHOWN_CHARACTERS, visible
from mappings.reading.x12 import X12Standard
from tests.mappings.x12_examples import answers, envelope, invoice, order, remittance, ship_notice, write


def annotated(data: bytes, limit: int = 500) -> Annotated:
    return annotate(io.BytesIO(data), X12Standard(), limit=limit)


def segment(found: Annotated, tag: str, number: int = 0) -> Segment:
    """The segment `tag`, the first or a later one."""
    return [each for each in found.segments if each.tag == tag][number]


def element(found: Annotated, place: str) -> Element:
    return next(each for row in found.segments for each in row.elements if each.place == place)


def text(found: Annotated) -> str:
    return "\n".join(annotated_text(found))


class TestNames:
    @pytest.mark.parametrize(
        ("place", "name", "value", "meaning"),
        [
            ("ISA06", "sender id", "BYRON          ", ""),
            ("ISA07", "receiver id qualifier", "08", "UCC communications id"),
            ("ISA09", "interchange date", "260201", "1 Feb 2026"),
            ("ISA15", "usage", "P", "production"),
            ("GS01", "functional id", "IN", "Invoice"),
            ("GS05", "group time", "1205", "12:05"),
            ("ST01", "transaction set id", "810", "Invoice"),
            ("BIG01", "invoice date", "20260201", "1 Feb 2026"),
            ("BIG04", "PO number", "PO-7781", ""),
            ("REF01", "reference qualifier", "IA", "internal vendor number"),
            ("N101", "party role", "ST", "ship to"),
            ("IT103", "unit", "EA", "each"),
            ("IT108", "product id qualifier", "UP", "GTIN"),
            ("TDS01", "invoice total", "6353", "63.53"),
            ("TXI01", "tax type", "ST", "state sales"),
            ("SAC01", "allowance or charge indicator", "C", "charge"),
            ("SAC05", "allowance or charge amount", "1500", "15.00"),
        ],
    )
    def test_an_element_has_its_name_and_its_value_a_meaning(self, place, name, value, meaning):
        assert element(annotated(write(invoice())), place) == (place, name, value, meaning, ())

    def test_a_segment_has_its_name_its_place_and_its_depth(self):
        data = x12.write([invoice()], envelope(delimiters=x12.Delimiters(line_end="\n"))).data
        assert segment(annotated(data), "PID")[:4] == (
            "PID",
            "Item description",
            "segment 13 of message 1, line 15",
            1,
        )
        assert segment(annotated(data), "IT1").level == 0
        assert segment(annotated(data), "REF", 2).level == 1

    def test_what_the_tables_do_not_describe_is_shown_by_its_tag(self):
        found = annotated(write(invoice()).replace(b"~TDS*", b"~PWK*OL*EM~TDS*").replace(b"SE*22", b"SE*23"))
        assert segment(found, "PWK").elements == (
            Element("PWK01", "", "OL", ""),
            Element("PWK02", "", "EM", ""),
        )

    def test_components_and_repetitions_stand_apart(self):
        data = write(order(), version="005010").replace(b"REF*DP*0417~", b"REF*DP*0417**PO>77>VN>8~")
        assert element(annotated(data), "REF04-2") == ("REF04-2", "reference", "77", "", ())
        repeated = annotated(write(order(), version="005010").replace(b"REF*DP*0417~", b"REF*DP^IA*0417~"))
        assert element(repeated, "REF01 (2)").meaning == "internal vendor number"

    def test_the_later_version_has_its_own_table(self):
        data = write(invoice(), version="005010")
        assert element(annotated(data), "ISA11").value == "^"
        assert element(annotated(data), "GS08").value == "005010"

    def test_every_message_of_ours_is_described(self):
        """No element that we write is without a name."""
        data = write(invoice(), order(), ship_notice(), remittance())
        assert [each for row in annotated(data).segments for each in row.elements if not each.name] == []

    def test_codes_of_an_acknowledgement_are_in_words(self):
        broken = write(invoice()).replace(b"BIG*20260201*", b"BIG*20261301*")
        (answer,) = answers(broken)
        found = annotated(write(answer))
        assert element(found, "AK403").meaning == "invalid date"
        assert element(found, "AK501").meaning == "rejected"

    def test_a_ta1_has_names_too(self):
        data = write(invoice(), acknowledgement_requested=True)
        (ta1,) = [answer for answer in answers(data) if answer.form == "ta1"]
        assert element(annotated(write(ta1)), "TA105").meaning == "no error"


class TestProblems:
    def test_a_problem_stands_at_its_element(self):
        found = annotated(write(invoice()).replace(b"BIG*20260201*", b"BIG*20260231*"))
        assert element(found, "BIG01").problems == ("the invoice date is not a date. Use YYYYMMDD.",)
        assert found.summary == "X12, 26 segments; 1 problem."

    def test_a_missing_element_is_named_at_its_segment(self):
        found = annotated(write(invoice()).replace(b"N1*ST*ACME STORE 12*92*0012~", b"N1*ST*ACME*92~"))
        (problem,) = segment(found, "N1").problems
        assert problem.startswith("segment N1, element N104: the party identifier must be given")

    def test_a_missing_segment_is_named_where_it_is_missed(self):
        found = annotated(write(invoice()).replace(b"TDS*6353~", b""))
        assert "segment TDS (Total) is missing before this one" in segment(found, "TXI").problems[0]

    def test_problems_of_the_envelope_stand_in_the_envelope(self):
        data = write(invoice())
        data = data.replace(b"GE*1*101~", b"GE*2*102~").replace(b"IEA*1*000000017~", b"IEA*1*000000018~")
        found = annotated(data)
        assert "has 2 messages, but has 1" in element(found, "GE01").problems[0]
        assert "control numbers of GS (101) and GE differ" in element(found, "GE02").problems[0]
        assert "control numbers of ISA (000000017) and IEA differ" in element(found, "IEA02").problems[0]

    def test_a_segment_between_messages_carries_its_own(self):
        found = annotated(write(invoice()).replace(b"~GE*", b"~NTE**LOST~NTE**TOO~GE*"))
        assert [
            "stands outside of any message" in str(segment(found, "NTE", n).problems) for n in (0, 1)
        ] == [
            True,
            True,
        ]

    def test_what_is_missing_at_the_end_is_said_beside(self):
        data = write(invoice())
        found = annotated(data[: data.index(b"GE*1")])
        assert any("the group has no end" in problem for problem in found.elsewhere)
        assert any("the interchange has no end" in problem for problem in found.elsewhere)

    def test_every_message_has_its_own(self):
        data = write(invoice(), invoice(number="INV-2"), invoice(number="INV-3"))
        found = annotated(data.replace(b"BIG*20260201*INV-2", b"BIG*2026*INV-2"))
        assert [bool(segment(found, "BIG", n).elements[0].problems) for n in range(3)] == [False, True, False]

    def test_a_wrong_total_is_shown_with_the_message(self):
        found = annotated(write(invoice()).replace(b"TDS*6353~", b"TDS*6354~"))
        assert "add up to 63.53" in segment(found, "ST").problems[0]

    def test_what_is_no_interchange_is_shown_by_its_beginning(self):
        found = annotated(b"HELLO\n" + write(invoice()))
        assert found.segments[0].tag == "not a segment"
        assert "does not begin with ISA" in str(found.segments[0].problems)
        assert found.segments[1].tag == "ISA"

    def test_a_segment_without_end_is_shown(self):
        found = annotated(write(invoice())[:-16] + b"IEA*1*0000")
        assert found.segments[-1].tag == "IEA"
        assert element(found, "IEA02").value == "0000"

    def test_too_many_are_counted(self):
        data = write(*[invoice() for _ in range(600)]).replace(b"BIG*20260201", b"BIG*2026")
        found = annotated(data, limit=20)
        assert f"{600 - KEPT_PROBLEMS:,} more problems are not shown." in found.elsewhere


class TestSize:
    def test_the_first_segments_of_many(self):
        data = write(*[invoice() for _ in range(100)])
        found = annotated(data, limit=50)
        assert found.summary == "X12, the first 50 of 2,204 segments; no problems."
        assert len(found.segments) == 50
        assert found.summary in text(found)
        assert found.summary in annotated_html(found)

    def test_a_segment_of_very_many_elements_and_a_very_long_one(self):
        data = write(invoice()).replace(b"REF*IA*77120~", b"REF*" + b"A*" * 5000 + b"B" * 9000 + b"~")
        row = segment(annotated(data), "REF")
        assert len(row.elements) == SHOWN_ELEMENTS + 1
        assert row.elements[-1].name == "4,801 more elements are not shown"
        data = write(invoice()).replace(b"REF*IA*77120~", b"REF*IA*" + b"B" * 9000 + b"~")
        assert segment(annotated(data), "REF").elements[1].value.startswith("B" * SHOWN_CHARACTERS + "…")


class _Tags(HTMLParser):
    """Which tags and attributes occur, and the text between."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes.update(name for name, _ in attrs)


def tags_of(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser


PLAIN = {
    "div",
    "p",
    "span",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "dl",
    "dt",
    "dd",
    "ul",
    "li",
}
HARMLESS = {"class", "scope", "colspan"}

DATA = st.text(
    st.characters(exclude_characters="*~:^\r\n", max_codepoint=0x2FFF, exclude_categories=["Cs"]),
    max_size=12,
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["REF", "N1", "BIG", "IT1", "ZZZ", "<b>", "N", "é1"]),
        st.lists(DATA, min_size=1, max_size=5),
    ),
    max_size=6,
)


class TestEveryInterchange:
    @settings(max_examples=150, deadline=None)
    @given(ROWS)
    def test_shows_every_element_and_escapes_all_of_it(self, rows):
        """Whatever stands between ST and SE, in whichever characters."""
        body = "".join("*".join((tag, *elements)) + "~" for tag, elements in rows).encode()
        data = write(invoice(), delimiters=x12.Delimiters(component=":"))
        head, _, tail = data.partition(b"BIG*")
        found = annotated(head + body + tail[tail.index(b"~SE*") + 1 :])
        shown, markup = text(found), annotated_html(found)
        for tag, elements in rows:
            for value in (tag, *elements):
                # The four control characters that stand for delimiters inside are shown as another one.
                value = re.sub(f"[{ELEMENT}{COMPONENT}{REPETITION}\x1e]", "\x1a", value)
                assert visible(value).strip() in shown
                assert escape(visible(value)) in markup
        parsed = tags_of(markup)
        assert parsed.found <= PLAIN
        assert parsed.attributes <= HARMLESS
        assert all(line.isprintable() for line in shown.split("\n"))

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_is_annotated_however_broken_it_is(self, data):
        """Cut anywhere, and with bytes of any kind in it: no error, and every problem is said once."""
        whole = bytearray(write(invoice(), order(), remittance()))
        for _ in range(data.draw(st.integers(0, 4))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(
                st.sampled_from(b"*~>\nISGT\x1f\x00\xff")
            )
        cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
        found = annotated(cut)
        problems = [problem for item in x12.read(cut) for problem in item.report]
        said = [*found.elsewhere]
        for row in found.segments:
            said += [*row.problems, *(problem for each in row.elements for problem in each.problems)]
        assert len(said) == len(problems)
        assert all(any(problem.message in each for each in said) for problem in problems)
        assert tags_of(annotated_html(found)).found <= PLAIN
        assert "\x1b" not in text(found)
