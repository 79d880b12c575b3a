"""Answering what was read: a 997 or 999 for every group, a TA1 for an interchange that asks for one or is rejected."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from mappings.canonical import Acknowledgement, Reason
from mappings.codecs.report import Problem
from mappings.codecs.x12.bridge.acknowledgement import (
    ELEMENT_CODES,
    GROUP_CODES,
    INTERCHANGE_CODES,
    MESSAGE_CODES,
    SEGMENT_CODES,
)
from mappings.codecs.x12.envelope import Delimiters, Envelope
from mappings.codecs.x12.received import Group, Interchange, Item, Message
from mappings.codecs.x12.values import DATE_6, TIME, read_date, read_time

DATE = re.compile(DATE_6)
TIME_4 = re.compile(f"(?=[0-9]{{4}}$){TIME}")

ELEMENT_RULES = {
    "mandatory_missing": "1",
    "conditional_missing": "2",
    "too_many_elements": "3",
    "trailing_separators": "3",
    "too_short": "4",
    "too_long": "5",
    "invalid_character": "6",
    "invalid_number": "6",
    "invalid_code": "7",
    "invalid_date": "8",
    "invalid_time": "9",
    "exclusion": "10",
    "too_many_repetitions": "12",
    "too_many_components": "13",
    "line_count": "7",
    "level_number": "7",
}
BEFORE_005010 = {"12": "3", "13": "3"}
"""Codes of AK403 that came with 005010, and what stands in for them before."""

SEGMENT_RULES = {
    "segment_unknown": "1",
    "segment_unexpected": "2",
    "segment_missing": "3",
    "loop_over_max": "4",
    "segment_over_max": "5",
    "segment_not_in_message": "6",
    "segment_order": "7",
    "segment_early": "7",
    "segment_empty": "8",
    "trailing_separators": "8",
}
MESSAGE_RULES = {
    "type_unknown": "1",
    "trailer_missing": "2",
    "control_mismatch": "3",
    "count_wrong": "4",
    "type_not_in_group": "6",
    "control_duplicate": "23",
}
IN_SEGMENTS = "5"
GROUP_RULES = {
    "group_type": "1",
    "group_version": "2",
    "group_trailer_missing": "3",
    "group_control_mismatch": "4",
    "group_count": "5",
}
GROUP_CONTROL_NUMBER = "6"
INTERCHANGE_RULES = {
    "interchange_control_mismatch": "001",
    "isa_version": "017",
    "isa_sender": "006",
    "isa_receiver": "008",
    "isa_date": "014",
    "isa_time": "015",
    "isa_control_number": "018",
    "isa_usage": "020",
    "interchange_count": "021",
    "isa_malformed": "022",
    "interchange_structure": "022",
    "interchange_truncated": "023",
    "group_header": "024",
    "isa_delimiters": "026",
}
INVALID_STRUCTURE = "022"
DUPLICATE = "025"

MAX_IN_SEGMENT = 99
"""Most errors that one AK3 can hold."""
MAX_NAMED = 1000
"""In a group with more messages than this, only those that are not accepted are named."""


class Acknowledger:
    """Makes the answers while the items of `read` go by: give it each item, take the answers it hands back.

    `form` is the answer for groups. Messages 997 and 999 and the TA1 are never answered.
    """

    def __init__(self, form: Literal["997", "999"] = "997") -> None:
        self.form = form
        self.parts: list[Acknowledgement] = []
        self.accepted = 0

    def add(self, item: Item) -> list[Acknowledgement]:
        """The answers that are complete with `item`: that of a group, or the TA1 of an interchange."""
        if isinstance(item, Message):
            if item.group is not None:
                self._message(item)
            return []
        if isinstance(item, Group):
            parts, accepted = self.parts, self.accepted
            self.parts, self.accepted = [], 0
            if item.header.functional_id == "FA" or not item.header.answerable:
                return []
            return [self._group(item, parts, accepted)]
        return _interchange(item)

    def _message(self, message: Message) -> None:
        problems = message.report.syntax_problems
        self.accepted += not problems
        if problems or len(self.parts) < MAX_NAMED:
            self.parts.append(self._answer(message, problems))

    def _answer(self, message: Message, problems: list[Problem]) -> Acknowledgement:
        later = message.group is not None and message.group.header.later
        reasons = list(_reasons(problems, later=later))
        if any(reason.position is not None for reason in reasons):
            reasons.append(Reason(code=IN_SEGMENTS, message=MESSAGE_CODES[IN_SEGMENTS]))
        return Acknowledgement(
            form=self.form,
            level="message",
            status="rejected" if problems else "accepted",
            control_number=_as_id(message.control_number, 4, 9, "0"),
            document_type=_as_id(message.type, 3, 3, "0"),
            implementation=message.implementation.strip()[:35],
            reasons=tuple(reasons),
        )

    def _group(self, group: Group, parts: list[Acknowledgement], accepted: int) -> Acknowledgement:
        problems = group.report.syntax_problems
        codes = dict.fromkeys(GROUP_RULES.get(problem.rule, GROUP_CONTROL_NUMBER) for problem in problems)
        if problems:
            status, accepted = "rejected", 0
        elif accepted == group.messages:
            status = "accepted"
        else:
            status = "partial" if accepted else "rejected"
        stated = group.messages if group.stated is None else group.stated
        return Acknowledgement(
            form=self.form,
            level="group",
            status=status,
            control_number=group.header.control_number,
            document_type=group.header.functional_id,
            version=group.header.version.strip()[:12],
            included=stated,
            received=group.messages,
            accepted=accepted,
            reasons=tuple(Reason(code=code, message=GROUP_CODES[code]) for code in codes),
            parts=()
            if group.unreadable
            else tuple(p for p in parts if p.status == "rejected" or not problems),
        )


def _as_id(value: str, shortest: int, longest: int, filler: str) -> str:
    """`value` as an id that can stand in an answer, even if what came could not stand anywhere."""
    return re.sub("[^A-Z0-9]", "", value.upper())[:longest].rjust(shortest, filler)


def _reasons(problems: Iterable[Problem], *, later: bool) -> Iterator[Reason]:
    seen = set()
    in_segment: Counter[int] = Counter()
    for problem in problems:
        code = MESSAGE_RULES.get(problem.rule)
        if code:
            if code not in seen:
                yield Reason(code=code, message=MESSAGE_CODES[code])
            seen.add(code)
        elif problem.position is not None and in_segment[problem.position] < MAX_IN_SEGMENT:
            in_segment[problem.position] += 1
            yield _segment_reason(problem, later=later)


def _segment_reason(problem: Problem, *, later: bool) -> Reason:
    element, code = problem.element, ELEMENT_RULES.get(problem.rule, "")
    if element is None or not code:
        code = SEGMENT_RULES.get(problem.rule, "8")
        return Reason(
            code=code,
            message=SEGMENT_CODES[code],
            segment=_as_id(problem.segment, 2, 3, "Z"),
            position=problem.position,
            loop=problem.loop,
        )
    code = code if later else BEFORE_005010.get(code, code)
    return Reason(
        code=code,
        message=ELEMENT_CODES[code],
        segment=_as_id(problem.segment, 2, 3, "Z"),
        position=problem.position,
        loop=problem.loop,
        element=min(element, 99),
        component=problem.component,
        repetition=problem.repetition,
        data_element=problem.data_element,
        value=problem.value[:99],
    )


def _interchange(interchange: Interchange) -> list[Acknowledgement]:
    problems = interchange.report.syntax_problems
    if not problems and not interchange.header.acknowledgement_requested:
        return []
    code = INTERCHANGE_RULES.get(problems[0].rule, INVALID_STRUCTURE) if problems else ""
    answerable = re.fullmatch("[0-9]{9}", interchange.header.control_number)
    return [interchange_answer(interchange, code)] if answerable else []


def interchange_answer(interchange: Interchange, code: str = "") -> Acknowledgement:
    """The TA1 for `interchange`: accepted, or rejected with a note code such as `DUPLICATE`.

    Whether a control number was used before only the caller can know.
    """
    header = interchange.header
    reasons = (Reason(code=code, message=INTERCHANGE_CODES[code]),) if code else ()
    return Acknowledgement(
        form="ta1",
        level="interchange",
        status="rejected" if code else "accepted",
        control_number=header.control_number,
        sender=header.sender.id,
        receiver=header.receiver.id,
        date=_date(header.date),
        time=_time(header.time),
        reasons=reasons,
    )


def _date(text: str) -> dt.date:
    """ISA09, which a TA1 repeats; 1 January 2000 if it is no date."""
    return read_date(text) if DATE.fullmatch(text) else dt.date(2000, 1, 1)


def _time(text: str) -> dt.time:
    return read_time(text) if TIME_4.fullmatch(text) else dt.time(0)


def reply_envelope(
    interchange: Interchange,
    group: Group | None,
    *,
    date: dt.date,
    time: dt.time,
    control_number: int,
    group_control_number: int,
) -> Envelope:
    """The envelope for answers to `interchange`: sender and receiver change places, the rest is as it came.

    `group` gives the version and the ids in the group; without one the answers can only be TA1s.
    """
    header = interchange.header
    ends = (group.header.receiver, group.header.sender) if group else ("", "")
    version = group.header.version[:6] if group else f"{header.version}0"
    return Envelope(
        sender=replace(header.receiver, group_id=ends[0]),
        receiver=replace(header.sender, group_id=ends[1]),
        date=date,
        time=time,
        control_number=control_number,
        group_control_number=group_control_number,
        version=version,
        interchange_version=header.version,
        usage="P" if header.usage == "P" else "T",
        delimiters=Delimiters(
            *(ours or usual for ours, usual in zip(header.delimiters, Delimiters(), strict=True))
        ),
    )
