"""Reading interchanges as a stream: documents come out one by one, and memory does not grow with the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from mappings.codecs.edifact.characters import CHARACTER_SETS
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.envelope import (
    UNA_LENGTH,
    GroupHeader,
    Identity,
    InterchangeHeader,
    Separators,
)
from mappings.codecs.edifact.message import Row, read_header, read_into, tidied
from mappings.codecs.edifact.overlay import Overlay
from mappings.codecs.edifact.received import Group, Interchange, Item, Message
from mappings.codecs.edifact.tables import segment_tables
from mappings.codecs.edifact.values import EdifactValues, edifact_values
from mappings.codecs.edifact.window import Window
from mappings.codecs.explain import check_segment
from mappings.codecs.patterns import COMPONENT, ELEMENT
from mappings.codecs.report import Problem
from mappings.codecs.runs import Runs

OverlayFor = Callable[[InterchangeHeader], Overlay]

NO_HEADER = InterchangeHeader(
    sender=Identity(id=""),
    receiver=Identity(id=""),
    date="",
    time="",
    syntax="",
    syntax_version="",
    control_number="",
    application_reference="",
    acknowledgement_requested=False,
    test=False,
    separators=Separators(),
)
UNB_LENGTH = 2048
"""A longer interchange header is none."""


def read(source: BinaryIO | bytes, *, overlay: Overlay | OverlayFor | None = None) -> Iterator[Item]:
    """The messages of every interchange in `source`; each group and each interchange follows its last message.

    `overlay` is the partner's deviations, or a function that finds them by the header. What is wrong does not raise:
    it is in the report of the message, group or interchange where it belongs.
    """
    if not callable(overlay):
        found = overlay or Overlay()
        return _Reader(source, lambda _: found).items()
    return _Reader(source, overlay).items()


class _Reader:
    """The state of reading one file, and of the interchange in it that is being read."""

    def __init__(self, source: BinaryIO | bytes, overlay_for: OverlayFor) -> None:
        self.window = Window(source)
        self.overlay_for = overlay_for
        self.overlay = Overlay()
        self.dialects: dict[bool, Dialect] = {}
        self.character_set = "UNOC"
        self.references = Runs()

    def items(self) -> Iterator[Item]:
        """All that the file holds."""
        number = 0
        while self.window.skip_filling():
            number += 1
            yield from self._interchange(number)

    def _interchange(self, number: int) -> Iterator[Item]:
        window = self.window
        line = window.line_at(window.at)
        separators, problem = self._separators()
        row = None if problem else self._header_row()
        if row is None:
            interchange = Interchange(header=NO_HEADER, number=number)
            interchange.report.extend([replace(problem or self._no_interchange(), line=line)])
            window.find_start()
            yield interchange
            return
        header = _header(row, separators)
        version = int(header.syntax_version) if header.syntax_version.isdecimal() else 3
        window.use(separators, version)
        self.overlay = self.overlay_for(header)
        self.dialects = {later: self.overlay.dialect(later=later) for later in (False, True)}
        self.character_set = self.overlay.received_as or header.character_set
        self.references = Runs()
        interchange = Interchange(header=header, number=number)
        interchange.report.extend(replace(each, line=line) for each in _header_problems(row, header))
        yield from self._inside(interchange)

    def _separators(self) -> tuple[Separators, Problem | None]:
        """The separators of UNA, which is taken, or those that hold without it; and what is wrong with it."""
        window = self.window
        window.holds(UNA_LENGTH + 3)
        start = window.data[window.at : window.at + UNA_LENGTH].decode("latin-1")
        separators, wrong = Separators(), False
        if start.startswith("UNA"):
            marks = start[3:]
            used = marks[:2] + marks[3:4].strip() + marks[5:]
            wrong = len(marks) < 6 or len(set(used)) < len(used) or bool(re.search("[A-Za-z0-9 ]", used))
            if not wrong:
                component, element, decimal, release, repetition, segment = tuple(marks)
                repetition = "*" if repetition == " " else repetition
                separators = Separators(component, element, decimal, release, repetition, segment)
                window.at += UNA_LENGTH
        window.use(separators, 3)
        window.look_for_wrapping()
        if not wrong:
            return separators, None
        return Separators(), Problem(
            message="the separators in UNA are not six different characters without letters and digits",
            rule="una_malformed",
            remedy="Ask the partner to send the file again.",
            segment="UNA",
            value=start,
        )

    def _header_row(self) -> Row | None:
        """The UNB segment, if one stands here; else nothing is taken."""
        window = self.window
        if not window.skip_filling() or window.tag() != "UNB":
            return None
        window.holds(UNB_LENGTH)
        at = window.at
        segment = window.segment()
        if segment is None or len(segment) > UNB_LENGTH or segment[3:4] != ELEMENT:
            window.at = min(at, len(window.data))
            return None
        return tidied(segment + "\x1e")[:-1].split(ELEMENT)

    def _no_interchange(self) -> Problem:
        start = self.window.data[self.window.at : self.window.at + 40]
        return Problem(
            message="the file, or what follows an interchange in it, does not begin with UNA or UNB",
            rule="not_an_interchange",
            remedy="Check that this is an EDIFACT file, complete from its first byte.",
            value=start.decode("latin-1"),
        )

    def _inside(self, interchange: Interchange) -> Iterator[Item]:
        """What stands between UNB and UNZ, and the interchange."""
        window = self.window
        while window.skip_filling() and (tag := window.tag()) not in ("UNA", "UNB"):
            line = window.line_at(window.at)
            if tag == "UNH":
                interchange.messages += 1
                yield self._message(interchange, None)
                continue
            segment = window.segment()
            if segment is None:
                break
            row = tidied(segment + "\x1e")[:-1].split(ELEMENT)
            if tag == "UNG":
                interchange.groups += 1
                yield from self._group(interchange, row, line)
            elif tag == "UNZ":
                interchange.report.extend(_end_problems(interchange, row, line))
                yield interchange
                return
            else:
                text = f"segment {tag!r} stands outside of any message"
                interchange.report.add(text, "interchange_structure", segment=tag, line=line)
        interchange.report.add(
            "the interchange has no end: its UNZ segment is missing",
            "interchange_truncated",
            remedy="Ask the partner to send the whole file again.",
            segment="UNZ",
            line=window.line_at(window.at),
        )
        yield interchange

    def _group(self, interchange: Interchange, row: Row, line: int) -> Iterator[Item]:
        window = self.window
        group = Group(interchange=interchange, header=_group_header(row))
        self.references = Runs()
        checked = check_segment(segment_tables(later=False)["UNG"], row, self._values())
        group.report.extend(replace(problem, line=line) for problem in checked)
        while window.skip_filling() and (tag := window.tag()) not in ("UNA", "UNB", "UNZ", "UNG", "UNE"):
            if tag == "UNH":
                group.messages += 1
                yield self._message(interchange, group)
                continue
            line = window.line_at(window.at)
            if window.segment() is None:
                break
            group.report.add(
                f"segment {tag!r} stands outside of any message",
                "interchange_structure",
                segment=tag,
                line=line,
            )
        line = window.line_at(window.at)
        if window.tag() == "UNE" and (segment := window.segment()) is not None:
            row = tidied(segment + "\x1e")[:-1].split(ELEMENT)
            table = segment_tables(later=False)["UNE"]
            counted = _Counted("UNG", group.header.control_number, "UNE", group.messages, "messages")
            group.report.extend(check_segment(table, row, self._values()))
            group.report.extend(_trailer_problems(counted, row, line))
        else:
            text = "the group has no end: its UNE segment is missing"
            group.report.add(text, "group_trailer_missing", segment="UNE", line=line)
        yield group

    def _values(self) -> EdifactValues:
        return edifact_values(CHARACTER_SETS[self.character_set].allowed)

    def _message(self, interchange: Interchange, group: Group | None) -> Message:
        window = self.window
        line = window.line_at(window.at)
        raw, complete = window.message()
        header = read_header(raw[: raw.find("\x1e")].split(ELEMENT))
        message = Message(interchange=interchange, group=group, header=header)
        dialect = self.dialects[header.later]
        repeated = self.references.again(header.control_number)
        read_into(
            message,
            raw,
            dialect,
            self.character_set,
            complete=complete,
            repeated=repeated,
            rules=self.overlay.messages.get(header.type),
        )
        if message.report:
            message.report.problems = [
                replace(problem, line=line + (problem.line or 0)) for problem in message.report
            ]
        return message


def _header(row: Row, separators: Separators) -> InterchangeHeader:
    """What a UNB says, complete or not."""
    row = [*row, *[""] * 12]
    syntax, version, *_ = [*row[1].split(COMPONENT), "", ""]
    date, time, *_ = [*row[4].split(COMPONENT), "", ""]
    return InterchangeHeader(
        sender=_identity(row[2]),
        receiver=_identity(row[3]),
        date=date,
        time=time,
        syntax=syntax,
        syntax_version=version,
        control_number=row[5],
        application_reference=row[7],
        acknowledgement_requested=row[9] == "1",
        test=row[11] == "1",
        separators=separators,
    )


def _identity(element: str) -> Identity:
    id_, qualifier, internal, *_ = [*element.split(COMPONENT), "", "", ""]
    return Identity(id=id_, qualifier=qualifier, internal=internal)


def _group_header(row: Row) -> GroupHeader:
    row = [*row, *[""] * 6]
    date, time, *_ = [*row[4].split(COMPONENT), ""]
    return GroupHeader(
        type=row[1],
        sender=row[2].split(COMPONENT)[0],
        receiver=row[3].split(COMPONENT)[0],
        date=date,
        time=time,
        control_number=row[5],
    )


def _header_problems(row: Row, header: InterchangeHeader) -> Iterator[Problem]:
    allowed = CHARACTER_SETS[header.character_set].allowed
    yield from check_segment(segment_tables(later=False)["UNB"], row, edifact_values(allowed))
    if header.syntax not in CHARACTER_SETS or header.syntax_version not in ("1", "2", "3", "4"):
        yield Problem(
            message="the character set or the syntax version is not known",
            rule="syntax_unknown",
            remedy=f"Agree on one of {', '.join(CHARACTER_SETS)} and on version 3 or 4 with the partner.",
            segment="UNB",
            element=1,
            value=f"{header.syntax}:{header.syntax_version}",
        )


class _Counted:
    """A header whose trailer repeats its reference and counts what stood between."""

    def __init__(self, header: str, number: str, trailer: str, count: int, name: str) -> None:
        self.header = header
        self.number = number
        self.trailer = trailer
        self.count = count
        self.name = name


def _trailer_problems(counted: _Counted, row: Row, line: int) -> Iterator[Problem]:
    _, stated, number, *_ = [*row, "", ""]
    if number != counted.number:
        yield Problem(
            message=f"the references of {counted.header} ({counted.number}) and {counted.trailer} differ",
            rule="control_mismatch",
            segment=counted.trailer,
            element=2,
            line=line,
            value=number,
        )
    if stated.isdecimal() and int(stated[:6]) != counted.count:
        yield Problem(
            message=f"{counted.trailer} counts {stated} {counted.name}, but there are {counted.count}",
            rule="count_wrong",
            segment=counted.trailer,
            element=1,
            line=line,
            value=stated,
        )


def _end_problems(interchange: Interchange, row: Row, line: int) -> Iterator[Problem]:
    header = interchange.header
    allowed = CHARACTER_SETS[header.character_set].allowed
    yield from check_segment(segment_tables(later=False)["UNZ"], row, edifact_values(allowed))
    count, name = (interchange.groups, "groups") if interchange.groups else (interchange.messages, "messages")
    yield from _trailer_problems(_Counted("UNB", header.control_number, "UNZ", count, name), row, line)
    if interchange.groups and interchange.messages:
        text = "the interchange has messages both in groups and outside of them"
        yield Problem(message=text, rule="groups_mixed", segment="UNZ", line=line)
    if not interchange.groups and not interchange.messages:
        text = "there is nothing between UNB and UNZ"
        yield Problem(message=text, rule="interchange_empty", segment="UNZ", line=line)
