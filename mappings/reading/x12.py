"""X12 for `annotate`: its segments, and what its elements mean."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, BinaryIO

from mappings.codecs import tables, x12
from mappings.codecs.patterns import ELEMENT, TERMINATOR
from mappings.codecs.x12.bridge.acknowledgement import (
    ELEMENT_CODES,
    GROUP_CODES,
    INTERCHANGE_CODES,
    MESSAGE_CODES,
    SEGMENT_CODES,
)
from mappings.codecs.x12.codes import PREFIX, standard_codes
from mappings.codecs.x12.envelope import ISA_LENGTH, is_later, read_isa
from mappings.codecs.x12.reader import UNREADABLE
from mappings.codecs.x12.tables import MESSAGES, message_table, segment_tables
from mappings.codecs.x12.values import NUMBER, SHORT_DATES, VALUES, read_date, read_time
from mappings.codecs.x12.window import Window
from mappings.reading.annotate import ANSWER, GROUP, INTERCHANGE, MESSAGE, NO_SEGMENT, Raw
from mappings.reading.meanings import X12
from mappings.reading.words import SHOWN_CHARACTERS, clock, day, money, spoken, visible

ISA = tables.segments(
    """
ISA Interchange control header
  01 M ID 2/2       I01 authorisation qualifier
  02 M AN 10/10     I02 authorisation
  03 M ID 2/2       I03 security qualifier
  04 M AN 10/10     I04 security information
  05 M ID 2/2       I05 sender id qualifier
  06 M AN 15/15     I06 sender id
  07 M ID 2/2       I05 receiver id qualifier
  08 M AN 15/15     I07 receiver id
  09 M DT 6/6       I08 interchange date
  10 M TM 4/4       I09 interchange time
  11 M AN 1/1       I65 repetition separator, or U for none
  12 M ID 5/5       I11 interchange version
  13 M N0 9/9       I12 interchange control number
  14 M ID 1/1       I13 acknowledgement requested
  15 M ID 1/1       I14 usage
  16 M AN 1/1       I15 component separator
""",
    later=False,
)["ISA"]

VOCABULARY_OF = {
    # data element: the vocabulary of its codes
    "66": "identifier",
    "88": "mark",
    "91": "transport",
    "92": "order_kind",
    "98": "party",
    "128": "reference",
    "146": "freight_terms",
    "235": "item",
    "305": "payment_handling",
    "333": "terms_basis",
    "336": "terms",
    "353": "purpose",
    "363": "note",
    "366": "contact",
    "374": "date",
    "426": "adjustment",
    "482": "payment_action",
    "506": "bank",
    "569": "account",
    "587": "order_response",
    "591": "payment_method",
    "639": "price_basis",
    "640": "invoice_kind",
    "668": "line_status",
    "963": "tax",
    "1300": "charge",
}


class X12Standard:
    """X12, all versions."""

    label = "X12"
    headers = {"ISA": INTERCHANGE, NO_SEGMENT: INTERCHANGE, "GS": GROUP, "ST": MESSAGE, "TA1": ANSWER}
    trailers = {"IEA": INTERCHANGE, "GE": GROUP, "SE": MESSAGE}
    messages_need_groups = True

    def read(self, source: BinaryIO) -> Iterator[x12.Item]:
        return x12.read(source)

    def level(self, item: x12.Item) -> str:
        if isinstance(item, x12.Message):
            return MESSAGE if item.group is not None else ANSWER
        return GROUP if isinstance(item, x12.Group) else INTERCHANGE

    def segments(self, source: BinaryIO) -> Iterator[Raw]:
        """All segments; what cannot be an interchange is shown by its beginning, as the reader passes over it."""
        window = Window(source)
        while window.skip_filling():
            yield from _interchange(window)

    def version(self, group: list[str], header: list[str]) -> tuple[str, bool]:
        return header[1] if len(header) > 1 else "", is_later((group[8:9] or [""])[0].strip())

    def message_table(self, type_: str, *, later: bool) -> tables.Message | None:
        return message_table(type_, later=later) if type_ in MESSAGES else None

    def segment_table(self, tag: str, *, later: bool) -> tables.Segment | None:
        return ISA if tag == "ISA" else segment_tables(later=later).get(tag)

    def meaning(self, element: tables.Element, parts: list[str], index: int) -> str:
        value = parts[index].strip(" ")
        if not value:
            return "blank"
        if code := _codes(element.number).get(value):
            return code
        if not element.described or (VALUES.problem(element, value) and SHORT_DATES.problem(element, value)):
            return ""
        if element.type == "DT":
            return day(read_date(value))
        if element.type == "TM":
            return clock(read_time(value))
        if element.type == "N2" and NUMBER.fullmatch(value):
            return money(Decimal(value).scaleb(-2))
        return ""


def _interchange(window: Window) -> Iterator[Raw]:
    """What stands up to the next interchange."""
    window.holds(2 * ISA_LENGTH)
    line = window.line_at(window.at)
    start = window.data[window.at : window.at + 2 * ISA_LENGTH].decode("latin-1")
    header, problems = read_isa(start)
    if not start.startswith("ISA") or any(problem.rule in UNREADABLE for problem in problems):
        beginning = window.data[window.at : window.at + SHOWN_CHARACTERS].decode("latin-1")
        window.find_start()
        yield Raw(NO_SEGMENT + ELEMENT + visible(beginning), line)
        return
    window.use(header.delimiters)
    window.at += ISA_LENGTH
    yield Raw(ELEMENT.join(map(visible, start[: ISA_LENGTH - 1].split(header.delimiters.element))), line)
    while window.skip_filling() and not _is_isa(window):
        line = window.line_at(window.at)
        segment = window.segment()
        if segment is None:
            # It has no end: all that is left of it is in the window.
            yield Raw(_decoded(window.text.rpartition(TERMINATOR)[2]), line)
            return
        yield Raw(_decoded(segment), line)
        if segment.startswith("IEA" + ELEMENT):
            return


def _is_isa(window: Window) -> bool:
    window.holds(4)
    start = window.data[window.at : window.at + 4]
    return start[:3] == b"ISA" and not start[3:].isalnum()


def _decoded(text: str) -> str:
    """Text of one character per byte as UTF-8 if it is that, else as ISO 8859-1."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return text


@cache
def _codes(number: str) -> dict[str, str]:
    """The meanings of the codes of a data element, as far as they are known."""
    own: dict[str, Any] = {
        "143": {type_: name for type_, (_, name, _) in MESSAGES.items()},
        "479": {functional: name for functional, name, _ in MESSAGES.values()},
        "620": SEGMENT_CODES,
        "720": SEGMENT_CODES,
        "621": ELEMENT_CODES,
        "723": ELEMENT_CODES,
        "618": MESSAGE_CODES,
        "718": MESSAGE_CODES,
        "716": GROUP_CODES,
        "I18": INTERCHANGE_CODES,
    }
    if number in own:
        return dict(own[number])
    if vocabulary := VOCABULARY_OF.get(number):
        words = standard_codes().to_word[vocabulary]
        return {code: spoken(word) for code, word in words.items() if word and not word.startswith(PREFIX)}
    return X12.get(number, {})
