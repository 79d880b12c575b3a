"""Reading interchanges as a stream: documents come out one by one, and memory does not grow with the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import BinaryIO

from mappings.codecs.explain import check_segment
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.report import Problem, Report
from mappings.codecs.tables import Segment
from mappings.codecs.x12.bridge.acknowledgement import read_ta1
from mappings.codecs.x12.bridge.parts import Row
from mappings.codecs.x12.envelope import (
    FIRST_LONG_DATE_VERSION,
    ISA_LENGTH,
    GroupHeader,
    InterchangeHeader,
    read_isa,
    same_number,
)
from mappings.codecs.x12.message import MessageReader
from mappings.codecs.x12.overlay import Overlay
from mappings.codecs.x12.received import Group, Interchange, Item, Message
from mappings.codecs.x12.tables import segment_tables
from mappings.codecs.x12.values import VALUES
from mappings.codecs.x12.window import Window

OverlayFor = Callable[[InterchangeHeader, GroupHeader], Overlay]

GROUP_FIELDS = ("functional_id", "sender", "receiver", "date", "time", "control_number", "agency", "version")
VERSION = re.compile(r"00[3-8]\d\d\d\w*")
UNREADABLE = frozenset({"isa_malformed", "isa_delimiters"})
MESSAGE_START = f"ST{ELEMENT}"
GROUP_ENDS = (f"GE{ELEMENT}", f"GS{ELEMENT}", f"IEA{ELEMENT}")
BETWEEN_GROUPS = frozenset({"ISB", "ISE"})


def read(
    source: BinaryIO | bytes, *, overlay: Overlay | OverlayFor | None = None, character_set: str = "ascii"
) -> Iterator[Item]:
    """The messages of every interchange in `source`; each group and each interchange follows its last message.

    `overlay` is the partner's deviations, or a function that finds them by the headers. `character_set` other than
    ascii (latin-1, utf-8) is for partners with whom that is agreed. What is wrong does not raise: it is in the report
    of the message, group or interchange where it belongs.
    """
    if not callable(overlay):
        found = overlay or Overlay()
        return _Reader(source, lambda _interchange, _group: found, character_set).items()
    return _Reader(source, overlay, character_set).items()


class _Reader:
    """The state of reading one file."""

    def __init__(self, source: BinaryIO | bytes, overlay_for: OverlayFor, character_set: str) -> None:
        self.window = Window(source)
        self.overlay_for = overlay_for
        self.character_set = character_set

    def items(self) -> Iterator[Item]:
        """All that the file holds."""
        number = 0
        while self.window.skip_filling():
            number += 1
            interchange, readable = self._interchange(number)
            if readable:
                yield from self._inside(interchange)
            else:
                yield interchange

    def _interchange(self, number: int) -> tuple[Interchange, bool]:
        """The interchange that begins here, with its header taken; and whether that says how to read on."""
        window = self.window
        window.holds(2 * ISA_LENGTH)
        start = window.data[window.at : window.at + 2 * ISA_LENGTH].decode("latin-1")
        line = window.line_at(window.at)
        header, problems = read_isa(start)
        interchange = Interchange(header=header, number=number, report=Report(problems))
        if not re.match("ISA[^A-Za-z0-9]", start):
            interchange.report = Report()
            interchange.report.add(
                "the file, or what follows an interchange in it, does not begin with ISA",
                "not_an_interchange",
                remedy="Check that this is an X12 file, complete from its first byte.",
                line=line,
                value=start[:40],
            )
        if any(problem.rule in UNREADABLE for problem in problems) or interchange.report.problems != problems:
            window.find_start()
            return interchange, False
        window.use(header.delimiters)
        window.at += ISA_LENGTH
        return interchange, True

    def _inside(self, interchange: Interchange) -> Iterator[Item]:
        """What stands between ISA and IEA, and the interchange."""
        window = self.window
        while window.skip_filling() and not self._next_is_isa():
            line = window.line_at(window.at)
            segment = window.segment()
            if segment is None:
                break
            row = segment.split(ELEMENT)
            if row[0] == "GS":
                interchange.groups += 1
                yield from self._group(interchange, row, line)
            elif row[0] == "TA1":
                yield _ta1(interchange, row)
            elif row[0] == "IEA":
                interchange.report.extend(_end_problems(interchange, row, line))
                yield interchange
                return
            elif row[0] not in BETWEEN_GROUPS:
                interchange.report.add(
                    f"segment {row[0][:3]!r} does not belong between the groups of an interchange",
                    "interchange_structure",
                    segment=row[0][:3],
                    line=line,
                )
        interchange.report.add(
            "the interchange has no end: its IEA segment is missing",
            "interchange_truncated",
            remedy="Ask the partner to send the whole file again.",
            segment="IEA",
            line=window.line_at(window.at),
        )
        yield interchange

    def _next_is_isa(self) -> bool:
        """Whether a new interchange begins here, whatever its delimiters."""
        self.window.holds(4)
        start = self.window.data[self.window.at : self.window.at + 4]
        return start[:3] == b"ISA" and not start[3:].isalnum()

    def _group(self, interchange: Interchange, row: Row, line: int) -> Iterator[Item]:
        window = self.window
        row = [value.strip(" ") for value in row]
        header = GroupHeader(**dict(zip(GROUP_FIELDS, [*row[1:], *[""] * 8], strict=False)))
        group = Group(interchange=interchange, header=header)
        group.report.extend(replace(problem, line=line) for problem in _group_problems(row, header))
        if not header.answerable:
            interchange.report.add(
                "a group has no functional id or no control number, so that it cannot be acknowledged",
                "group_header",
                segment="GS",
                line=line,
                value=header.functional_id,
            )
        overlay = self.overlay_for(interchange.header, header)
        reader = MessageReader(group, overlay, self.character_set, window)
        while True:
            if window.text.startswith(MESSAGE_START, window.at):
                for message in reader.read():
                    group.messages += 1
                    yield message
                continue
            if not window.skip_filling() or self._next_is_isa():
                break
            window.holds(4)
            if window.text.startswith(GROUP_ENDS, window.at):
                break
            if not window.text.startswith(MESSAGE_START, window.at):
                line = window.line_at(window.at)
                tag = (window.segment() or "").split(ELEMENT)[0][:3]
                text = f"segment {tag!r} stands outside of any message"
                group.report.add(text, "group_structure", segment=tag, line=line)
        self._group_end(group)
        yield group

    def _group_end(self, group: Group) -> None:
        window = self.window
        line = window.line_at(window.at)
        if not window.text.startswith("GE" + ELEMENT, window.at):
            text = "the group has no end: its GE segment is missing"
            group.report.add(text, "group_trailer_missing", segment="GE", line=line)
            return
        row = (window.segment() or "").split(ELEMENT)
        group.report.extend(check_segment(segment_tables(later=False)["GE"], row, VALUES))
        _, stated, control_number, *_ = [*row, "", ""]
        if not same_number(control_number, group.header.control_number):
            group.report.add(
                f"the control numbers of GS ({group.header.control_number}) and GE differ",
                "group_control_mismatch",
                segment="GE",
                element=2,
                line=line,
                value=control_number,
            )
        if stated.isdecimal():
            group.stated = int(stated[:6])
            if group.stated != group.messages:
                group.report.add(
                    f"the group says it has {stated} messages, but has {group.messages}",
                    "group_count",
                    segment="GE",
                    element=1,
                    line=line,
                    value=stated,
                )


def _ta1(interchange: Interchange, row: Row) -> Message:
    row = [value.strip(" ") for value in row]
    message = Message(interchange=interchange, group=None, type="TA1")
    message.report.extend(check_segment(segment_tables(later=False)["TA1"], row, VALUES))
    if not message.report:
        message.document = read_ta1(row)
    return message


def _end_problems(interchange: Interchange, row: Row, line: int) -> Iterator[Problem]:
    yield from check_segment(segment_tables(later=False)["IEA"], row, VALUES)
    _, stated, control_number, *_ = [*row, "", ""]
    if control_number != interchange.header.control_number:
        yield Problem(
            message=f"the control numbers of ISA ({interchange.header.control_number}) and IEA differ",
            rule="interchange_control_mismatch",
            segment="IEA",
            element=2,
            line=line,
            value=control_number,
        )
    # An interchange of nothing but TA1s has no group, but many write 1.
    if stated.isdecimal() and int(stated[:5]) != interchange.groups and interchange.groups:
        yield Problem(
            message=f"the interchange says it has {stated} groups, but has {interchange.groups}",
            rule="interchange_count",
            segment="IEA",
            element=1,
            line=line,
            value=stated,
        )


@cache
def _group_table(*, short_date: bool) -> Segment:
    table = segment_tables(later=False)["GS"]
    if short_date:
        short = replace(table.elements[3], min=6, max=6)
        table = replace(table, elements=(*table.elements[:3], short, *table.elements[4:]))
    return table


def _group_problems(row: Row, header: GroupHeader) -> Iterator[Problem]:
    table = _group_table(short_date=header.version < FIRST_LONG_DATE_VERSION)
    yield from check_segment(table, row, VALUES)
    if not VERSION.fullmatch(header.version):
        yield Problem(
            message="the version of the group is not one of X12 003010 to 008999",
            rule="group_version",
            remedy="Agree on 004010 or 005010 with the partner.",
            segment="GS",
            element=8,
            value=header.version,
        )
