"""A person can read EDIFACT: every segment and component with its name, its meaning and what is wrong with it."""

import io
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.codecs import edifact
from mappings.reading.annotate import annotate
from mappings.reading.annotated import Annotated
from mappings.reading.edifact import EdifactStandard
from mappings.reading.html import annotated_html
from mappings.reading.words import visible
from tests.mappings.edifact_examples import answers, envelope, invoice, write
from tests.mappings.test_annotated_x12 import HARMLESS, PLAIN, element, segment, tags_of, text


def annotated(data: bytes, limit: int = 500) -> Annotated:
    return annotate(io.BytesIO(data), EdifactStandard(), limit=limit)


class TestNames:
    @pytest.mark.parametrize(
        ("place", "name", "value", "meaning"),
        [
            ("UNA03", "decimal mark", ".", ""),
            ("UNB01-1", "syntax identifier", "UNOC", ""),
            ("UNB02-2", "sender id qualifier", "14", "GLN"),
            ("UNB04-1", "date of preparation", "260201", "1 Feb 2026"),
            ("UNB04-2", "time of preparation", "1205", "12:05"),
            ("UNH02-1", "message type", "INVOIC", "Invoice"),
            ("BGM01-1", "document type", "380", "invoice"),
            ("BGM03", "message function", "9", "original"),
            ("DTM01-1", "date qualifier", "137", "document"),
            ("DTM01-2", "date", "20260201", "1 Feb 2026"),
            ("NAD01", "party role", "BY", "buyer"),
            ("NAD04-1", "party name", "Müller & Söhne GmbH", ""),
            ("CUX01-3", "currency qualifier", "4", "invoicing currency"),
            ("QTY01-3", "unit", "EA", "each"),
            ("UNS01", "section", "S", "detail ends, summary begins"),
            ("CNT01-1", "control qualifier", "2", "number of lines"),
        ],
    )
    def test_a_component_has_its_name_and_its_value_a_meaning(self, place, name, value, meaning):
        found = element(annotated(write(invoice())), place)
        assert (found.value, found.meaning, found.problems) == (value, meaning, ())
        assert found.name == name or place == "CNT01-1"

    def test_released_characters_are_shown_as_the_data_they_are(self):
        found = annotated(write(invoice()))
        assert element(found, "IMD03-4").value == "What's blue? A widget: 10% more"

    def test_depth_and_place(self):
        data = write(invoice(), separators=edifact.Separators(line_end="\n"))
        assert segment(annotated(data), "COM").level == 2
        assert segment(annotated(data), "BGM").place == "segment 2 of message 1, line 4"

    def test_a_file_cut_into_lines_of_eighty(self):
        data = write(invoice(), una="if_needed")
        wrapped = b"\r\n".join(data[at : at + 80] for at in range(0, len(data), 80)) + b"\r\n"
        plain = [(each.tag, each.elements) for each in annotated(data).segments]
        assert [(each.tag, each.elements) for each in annotated(wrapped).segments] == plain

    def test_other_separators(self):
        odd = edifact.Separators("\x1d", "\x1f", ",", "\\", "*", "\x1c")
        found = annotated(write(invoice(), separators=odd))
        assert element(found, "UNA01").value == "<GS>"
        assert element(found, "BGM02-1").value == "2026-17"
        assert found.summary.endswith("no problems.")

    def test_a_contrl_is_in_words(self):
        (answer,) = answers(write(invoice()).replace(b"DTM+137:20260201:102", b"DTM+137:20260231:102"))
        found = annotated(edifact.write([answer], envelope()).data)
        assert element(found, "UCM03").meaning == "rejected, with everything in it"
        assert element(found, "UCD01").meaning


class TestProblems:
    def test_a_problem_stands_at_its_component(self):
        found = annotated(write(invoice()).replace(b"QTY+47:2:EA", b"QTY+47:TWO:EA"))
        assert "is not a number" in element(found, "QTY01-2").problems[0]

    def test_problems_of_the_envelope_stand_in_the_envelope(self):
        found = annotated(write(invoice()).replace(b"UNZ+1+17'", b"UNZ+2+18'"))
        assert "UNZ counts 2 messages, but there are 1" in element(found, "UNZ01").problems[0]
        assert "the references of UNB (17) and UNZ differ" in element(found, "UNZ02").problems[0]

    def test_a_torn_end(self):
        data = write(invoice())
        found = annotated(data[: data.index(b"UNZ+") + 5])
        assert element(found, "UNZ01").value == "1"
        assert "its UNZ segment is missing" in segment(found, "UNZ").problems[0]

    def test_what_is_no_interchange(self):
        found = annotated(b"UNA:+.: 'UNB+" + write(invoice()))
        assert found.segments[0].tag == "not a segment"
        assert "separators in UNA" in found.segments[0].problems[0]
        assert found.segments[1].tag == "UNA"


DATA = st.text(st.characters(max_codepoint=0xFF, min_codepoint=0x20), min_size=1, max_size=12)


class TestEveryInterchange:
    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.lists(DATA, min_size=1, max_size=5), max_size=5))
    def test_shows_every_element_and_escapes_all_of_it(self, rows):
        """Whatever stands in a message, released where it has to be."""
        head, _, tail = write(invoice()).partition(b"BGM+")
        body = "".join("FTX+" + "+".join(map(_released, row)) + "'" for row in rows)
        found = annotated(head + body.encode("latin-1") + tail[tail.index(b"'UNT+") + 1 :])
        shown, markup = text(found), annotated_html(found)
        for row in rows:
            for value in row:
                assert visible(value).strip() in shown
                assert escape(visible(value)) in markup
        assert tags_of(markup).found <= PLAIN
        assert tags_of(markup).attributes <= HARMLESS
        assert all(line.isprintable() for line in shown.split("\n"))

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_is_annotated_however_broken_it_is(self, data):
        whole = bytearray(write(invoice(), invoice()))
        for _ in range(data.draw(st.integers(0, 4))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(
                st.sampled_from(b"+:'?\nUNBHTZ\x1f\x00\xff")
            )
        cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
        found = annotated(cut)
        problems: list[Any] = [problem for item in edifact.read(cut) for problem in item.report]
        said = [*found.elsewhere]
        for row in found.segments:
            said += [*row.problems, *(problem for each in row.elements for problem in each.problems)]
        assert len(said) == len(problems)
        assert all(any(problem.message in each for each in said) for problem in problems)


def _released(value: str) -> str:
    return "".join(f"?{character}" if character in "+:'?" else character for character in value)
