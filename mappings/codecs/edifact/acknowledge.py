"""Answering what was read: one CONTRL for every interchange, down to the element that is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from mappings.canonical import Acknowledgement, Reason
from mappings.codecs.edifact.bridge.acknowledgement import ERRORS, HEADERS, joined_address
from mappings.codecs.edifact.characters import FROM_VERSION_4
from mappings.codecs.edifact.envelope import Envelope, Identity, MessageHeader
from mappings.codecs.edifact.received import Group, Interchange, Item, Message
from mappings.codecs.report import Problem

CODES = {
    # elements
    "mandatory_missing": "13",
    "conditional_missing": "13",
    "too_many_elements": "16",
    "too_many_components": "16",
    "too_many_repetitions": "16",
    "trailing_separators": "16",
    "exclusion": "15",
    "too_short": "40",
    "too_long": "39",
    "invalid_character": "21",
    "invalid_number": "37",
    "invalid_decimal": "19",
    "no_leading_digit": "38",
    "invalid_code": "12",
    "invalid_date": "12",
    "invalid_time": "12",
    "date_format": "12",
    # segments
    "segment_missing": "13",
    "segment_empty": "13",
    "segment_unknown": "15",
    "segment_unexpected": "15",
    "segment_not_in_message": "15",
    "segment_order": "15",
    "segment_early": "15",
    "segment_over_max": "35",
    "loop_over_max": "36",
    # messages, groups and interchanges
    "type_unknown": "14",
    "version_unknown": "14",
    "trailer_missing": "13",
    "control_mismatch": "28",
    "control_duplicate": "26",
    "count_wrong": "29",
    "group_trailer_missing": "13",
    "una_malformed": "22",
    "syntax_unknown": "2",
    "interchange_structure": "33",
    "interchange_truncated": "13",
    "interchange_empty": "32",
    "groups_mixed": "30",
}
"""Codes of data element 0085 for our rules."""

UNSPECIFIED = "18"
DUPLICATE = "26"

MAX_NAMED = 1000
"""In an interchange with more messages than this, only those that are rejected are named."""
MAX_IN_SEGMENT = 99
"""Most errors that one UCS can hold."""
MAX_PLACE = 998
"""The last element or component that an answer can point at."""
NOT_IN_IDS = re.compile("[^ -~]")
NOT_IN_CODES = re.compile("[^A-Za-z0-9]")
"""What an id or a code cannot have in every character set: an answer leaves it out."""


class Acknowledger:
    """Makes the answers while the items of `read` go by: give it each item, take the answers it hands back.

    CONTRL messages are never answered, nor is an interchange of nothing else.
    """

    def __init__(self) -> None:
        self.parts: list[Acknowledgement] = []
        self.in_group: list[Acknowledgement] = []
        self.answered = self.not_answered = 0

    def add(self, item: Item) -> list[Acknowledgement]:
        """The answer that is complete with `item`: that of an interchange, after all that is in it."""
        if isinstance(item, Message):
            self._message(item)
            return []
        if isinstance(item, Group):
            self.parts.append(_group(item, self.in_group))
            self.in_group = []
            return []
        parts, answered, not_answered = self.parts, self.answered, self.not_answered
        self.__init__()  # type: ignore[misc]
        if not _as_id(item.header.control_number, 14) or (not_answered and not answered):
            return []
        return [_interchange(item, parts)]

    def _message(self, message: Message) -> None:
        if message.type == "CONTRL":
            self.not_answered += 1
            return
        self.answered += 1
        problems = message.report.syntax_problems
        if problems or self.answered <= MAX_NAMED:
            (self.parts if message.group is None else self.in_group).append(_answer(message, problems))


def _answer(message: Message, problems: list[Problem]) -> Acknowledgement:
    header = message.header
    return Acknowledgement(
        form="contrl",
        level="message",
        status="rejected" if problems else "accepted",
        control_number=_as_id(header.control_number, 14) or "0",
        document_type=_as_id(header.type, 6) or "0",
        version=":".join(_version(header)).rstrip(":"),
        reasons=tuple(_reasons(problems)),
    )


def _version(header: MessageHeader) -> Iterator[str]:
    """The parts of the message identifier after the type; three of them must be there, whatever came."""
    for part in (header.version, header.release, header.agency):
        yield NOT_IN_CODES.sub("", part)[:3] or "0"
    yield NOT_IN_CODES.sub("", header.association)[:6]


def _as_id(value: str, longest: int) -> str:
    """`value` as an id that can stand in an answer, even if what came could not stand anywhere."""
    return NOT_IN_IDS.sub("", value)[:longest].strip()


def _group(group: Group, parts: list[Acknowledgement]) -> Acknowledgement:
    problems = group.report.syntax_problems
    return Acknowledgement(
        form="contrl",
        level="group",
        status=_status(problems, parts),
        control_number=_as_id(group.header.control_number, 14) or "0",
        sender=joined_address(_as_id(group.header.sender, 35)),
        receiver=joined_address(_as_id(group.header.receiver, 35)),
        reasons=tuple(_reasons(problems)),
        parts=() if problems else tuple(parts),
    )


def _interchange(interchange: Interchange, parts: list[Acknowledgement]) -> Acknowledgement:
    problems = interchange.report.syntax_problems
    header = interchange.header
    return Acknowledgement(
        form="contrl",
        level="interchange",
        status=_status(problems, parts),
        control_number=_as_id(header.control_number, 14),
        sender=_address(header.sender),
        receiver=_address(header.receiver),
        reasons=tuple(_reasons(problems)),
        parts=() if problems else tuple(parts),
    )


def _address(identity: Identity) -> str:
    return joined_address(_as_id(identity.id, 35) or "0", _as_id(identity.qualifier, 4))


def _status(problems: list[Problem], parts: list[Acknowledgement]) -> str:
    if problems:
        return "rejected"
    return "accepted" if all(part.status == "accepted" for part in parts) else "partial"


def _reasons(problems: Iterable[Problem]) -> Iterator[Reason]:
    """The reasons that problems are, in the order of their segments."""
    known = sorted(problems, key=lambda problem: problem.position or 0)
    for _, found in groupby(known, key=lambda problem: problem.position):
        for problem in list(found)[:MAX_IN_SEGMENT]:
            code = CODES.get(problem.rule, UNSPECIFIED)
            element = problem.element
            position = problem.position or (1 if problem.segment in HEADERS else None)
            yield Reason(
                code=code,
                message=ERRORS[code],
                segment=problem.segment,
                position=position,
                loop=problem.loop,
                element=None if element is None else min(element, MAX_PLACE),
                component=None
                if element is None or not problem.component
                else min(problem.component, MAX_PLACE),
                repetition=problem.repetition,
                data_element=problem.data_element,
                value=problem.value[:99],
            )


def interchange_answer(interchange: Interchange, code: str = "", status: str = "") -> Acknowledgement:
    """The answer to `interchange` as a whole: accepted, rejected with a code of 0085 such as `DUPLICATE`, or `status`.

    Whether a reference was used before only the caller can know; a status "received" promises a further CONTRL.
    """
    header = interchange.header
    return Acknowledgement(
        form="contrl",
        level="interchange",
        status=status or ("rejected" if code else "accepted"),
        control_number=_as_id(header.control_number, 14),
        sender=_address(header.sender),
        receiver=_address(header.receiver),
        reasons=(Reason(code=code, message=ERRORS[code]),) if code else (),
    )


def reply_envelope(
    interchange: Interchange, *, date: dt.date, time: dt.time, control_number: str
) -> Envelope:
    """The envelope for the answer to `interchange`: sender and receiver change places, the rest is as it came."""
    header = interchange.header
    syntax = header.character_set
    version = 4 if header.syntax_version == "4" or syntax in FROM_VERSION_4 else 3
    return Envelope(
        sender=header.receiver,
        receiver=header.sender,
        date=date,
        time=time,
        control_number=control_number,
        syntax=syntax,
        syntax_version=version,
        test=header.test,
        separators=header.separators,
    )
