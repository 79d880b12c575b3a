"""EDIFACT for `annotate`: its segments, and what its elements mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from mappings.codecs import edifact, tables
from mappings.codecs.edifact.bridge.acknowledgement import ERRORS
from mappings.codecs.edifact.characters import CHARACTER_SETS, decode
from mappings.codecs.edifact.codes import PREFIX, standard_codes
from mappings.codecs.edifact.envelope import UNA_LENGTH, Separators, is_later
from mappings.codecs.edifact.tables import MESSAGES, message_table, segment_tables
from mappings.codecs.edifact.values import CLOCK, DATES, read_date
from mappings.codecs.edifact.window import Window
from mappings.codecs.patterns import COMPONENT, ELEMENT
from mappings.reading.annotate import GROUP, INTERCHANGE, MESSAGE, NO_SEGMENT, Raw
from mappings.reading.meanings import EDIFACT, UNITS
from mappings.reading.words import SHOWN_CHARACTERS, moment, spoken, visible

UNA = tables.segments(
    """
UNA Separators
  01 M AN 1/1 component separator
  02 M AN 1/1 element separator
  03 M AN 1/1 decimal mark
  04 M AN 1/1 release character
  05 M AN 1/1 repetition separator, or blank for none
  06 M AN 1/1 segment terminator
""",
    later=False,
)["UNA"]

VOCABULARY_OF = {
    # data element: the vocabulary of its codes
    "1153": "reference",
    "1225": "purpose",
    "2005": "date",
    "2475": "terms_basis",
    "3035": "party",
    "3055": "identifier",
    "3139": "contact",
    "4215": "freight_terms",
    "4279": "terms",
    "4451": "note",
    "4461": "payment_method",
    "4465": "adjustment",
    "5153": "tax",
    "5387": "price_type",
    "7143": "item",
    "7161": "charge",
    "7405": "mark",
    "8067": "transport",
}


class EdifactStandard:
    """EDIFACT, syntax versions 1 to 4."""

    label = "EDIFACT"
    headers = {"UNB": INTERCHANGE, NO_SEGMENT: INTERCHANGE, "UNG": GROUP, "UNH": MESSAGE}
    trailers = {"UNZ": INTERCHANGE, "UNE": GROUP, "UNT": MESSAGE}
    messages_need_groups = False

    def read(self, source: BinaryIO) -> Iterator[edifact.Item]:
        return edifact.read(source)

    def level(self, item: edifact.Item) -> str:
        if isinstance(item, edifact.Message):
            return MESSAGE
        return GROUP if isinstance(item, edifact.Group) else INTERCHANGE

    def segments(self, source: BinaryIO) -> Iterator[Raw]:
        """All segments; what cannot be an interchange is shown by its beginning, as the reader passes over it."""
        window = Window(source)
        while window.skip_filling():
            yield from _interchange(window)

    def version(self, group: list[str], header: list[str]) -> tuple[str, bool]:
        type_, _, release, *_ = [*(header[2:3] or [""])[0].split(COMPONENT), "", ""]
        return type_, is_later(release)

    def message_table(self, type_: str, *, later: bool) -> tables.Message | None:
        return message_table(type_, later=later) if type_ in MESSAGES else None

    def segment_table(self, tag: str, *, later: bool) -> tables.Segment | None:
        return UNA if tag == "UNA" else segment_tables(later=later).get(tag)

    def meaning(self, element: tables.Element, parts: list[str], index: int) -> str:
        value = parts[index]
        if element.number == "6411":
            unit = standard_codes().to_word["unit"][value]
            return UNITS.get(unit, "")
        if element.number == "2380":
            return _date(value, (parts[index + 1 : index + 2] or [""])[0])
        if element.type == "DT":
            return _date(value, "101" if len(value) == 6 else "102")
        if element.type == "TM" and re.fullmatch(CLOCK, value):
            return f"{value[:2]}:{value[2:]}"
        return _codes(element.number).get(value, "")


def _interchange(window: Window) -> Iterator[Raw]:
    """What stands up to the next interchange."""
    line = window.line_at(window.at)
    window.holds(UNA_LENGTH + 3)
    start = window.data[window.at : window.at + UNA_LENGTH].decode("latin-1")
    separators = Separators()
    if start.startswith("UNA"):
        marks = start[3:]
        used = marks[:2] + marks[3:4].strip() + marks[5:]
        if len(marks) < 6 or len(set(used)) < len(used) or re.search("[A-Za-z0-9 ]", used):
            yield _no_segment(window, line)
            return
        component, element, decimal, release, repetition, segment = tuple(marks)
        repetition = repetition.strip() or "*"
        separators = Separators(component, element, decimal, release, repetition, segment)
        yield Raw(ELEMENT.join(["UNA", *map(visible, marks)]), line)
    window.use(separators, 3)
    window.look_for_wrapping()
    window.at += UNA_LENGTH if start.startswith("UNA") else 0
    if not window.skip_filling() or window.tag() != "UNB":
        yield _no_segment(window, line)
        return
    yield from _segments(window, separators)


def _no_segment(window: Window, line: int) -> Raw:
    """The beginning of what is none, which is passed over."""
    beginning = window.data[window.at : window.at + SHOWN_CHARACTERS].decode("latin-1")
    window.find_start()
    return Raw(NO_SEGMENT + ELEMENT + visible(beginning), line)


def _segments(window: Window, separators: Separators) -> Iterator[Raw]:
    """The segments from UNB to UNZ."""
    character_set = "UNOC"
    first = True
    while window.skip_filling() and (first or window.tag() not in ("UNA", "UNB")):
        line = window.line_at(window.at)
        segment = window.segment()
        if segment is None:
            # It has no end: all that is left of it is in the window.
            rest = window.data.rpartition(separators.segment.encode())[2]
            yield Raw(_decoded(window.wire.read(rest.lstrip()), character_set), line)
            return
        segment = segment.translate({10: None, 13: None}) if window.wrapped else segment
        if first:
            syntax, version, *_ = [*segment[4:].split(ELEMENT)[0].split(COMPONENT), "", ""]
            character_set = syntax if syntax in CHARACTER_SETS else "UNOC"
            window.use(separators, int(version) if version.isdecimal() else 3)
            first = False
        yield Raw(_decoded(segment, character_set), line)
        if segment.startswith("UNZ"):
            return


def _decoded(text: str, character_set: str) -> str:
    """Text of one character per byte in its character set, if it is in that."""
    if text.isascii():
        return text
    return decode(text, character_set) or decode(text, "UNOY") or text


def _date(value: str, format_: str) -> str:
    if format_ not in DATES or not re.fullmatch(DATES[format_], value):
        return ""
    found = read_date(value, format_)
    return moment(*found) if found else ""


@cache
def _codes(number: str) -> dict[str, str]:
    """The meanings of the codes of a data element, as far as they are known."""
    if number == "0065":
        return {type_: name for type_, (name, _) in MESSAGES.items()}
    if number == "0085":
        return dict(ERRORS)
    known = dict(EDIFACT.get(number, {}))
    if vocabulary := VOCABULARY_OF.get(number):
        words = standard_codes().to_word[vocabulary]
        known |= {code: spoken(word) for code, word in words.items() if word and not word.startswith(PREFIX)}
    return known
