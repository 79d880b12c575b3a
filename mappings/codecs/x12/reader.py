"""Reading interchanges as a stream: documents come out one by one, and memory does not grow with the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from mappings.canonical import Document, FieldProblem, InvalidDocument
from mappings.codecs.explain import check_segment, explain
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR
from mappings.codecs.report import Problem, Report
from mappings.codecs.x12.bridge.acknowledgement import read_ta1
from mappings.codecs.x12.bridge.registry import BRIDGES
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.envelope import (
    FIRST_LONG_DATE_VERSION,
    GroupHeader,
    InterchangeHeader,
    read_isa,
)
from mappings.codecs.x12.overlay import Overlay
from mappings.codecs.x12.tables import MESSAGES, message_table, segment_tables
from mappings.codecs.x12.values import ASCII_VALUES, VALUES, X12Values
from mappings.codecs.x12.writer import compiled

BLOCK = 1 << 16
MAX_MESSAGE = 1 << 26
"""Longest message, in bytes, that is read; a longer one, or a file without trailers, is not kept in memory."""

BOUNDARY = re.compile(f"{TERMINATOR}[\r\n ]*+(SE|ST|GE|GS|IEA|ISA){ELEMENT}")
LINE_ENDS = re.compile(f"{TERMINATOR}[\r\n ]++")
BOM = b"\xef\xbb\xbf"
SKIPPED = " \t\r\n\x00\x1a"
"""What may stand around interchanges without meaning anything: blanks, line ends, padding, an old end-of-file mark."""


@dataclass(slots=True, kw_only=True)
class Interchange:
    """An interchange while it is read; `report` is complete, and `ended` set, once its messages have been read."""

    header: InterchangeHeader
    number: int
    report: Report = field(default_factory=Report)
    groups: int = 0
    ended: bool = False


@dataclass(slots=True, kw_only=True)
class Group:
    """A functional group while it is read; `report` is complete once its messages have been read."""

    interchange: Interchange
    header: GroupHeader
    report: Report = field(default_factory=Report)
    messages: int = 0
    stated: int | None = None

    @property
    def unreadable(self) -> bool:
        """Whether nothing in the group can be read, because its version is not known."""
        return any(problem.rule == "group_version" for problem in self.report)


@dataclass(slots=True, kw_only=True)
class Message:
    """A message that was read: its `document`, or why there is none in `report`. A TA1 has no group."""

    interchange: Interchange
    group: Group | None
    type: str
    control_number: str = ""
    implementation: str = ""
    document: Document | None = None
    report: Report = field(default_factory=Report)
    line: int = 0


Item = Message | Group | Interchange
OverlayFor = Callable[[InterchangeHeader, GroupHeader], Overlay]


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


class _Buffer:
    """A window on the file, as bytes and as text of the same length in the internal delimiters."""

    def __init__(self, source: BinaryIO | bytes) -> None:
        self.source = source
        self.data = b""
        self.text = ""
        self.at = 0
        self.line = 1
        self.counted = 0
        self.table = bytes(range(256))
        self.ended = False
        if isinstance(source, bytes):
            self.data = source.removeprefix(BOM)
            self.text = self.data.decode("latin-1")
            self.ended = True
        elif self.more():
            self.data = self.data.removeprefix(BOM)
            self.text = self.data.decode("latin-1")

    def more(self) -> bool:
        """Read on, at least as much as is waiting, so that the work stays linear. False at the end of the file."""
        if self.ended or isinstance(self.source, bytes):
            return False
        self.count_lines(self.at)
        chunk = self.source.read(max(BLOCK, len(self.data) - self.at))
        self.ended = not chunk
        self.data = self.data[self.at :] + chunk
        self.text = self.text[self.at :] + chunk.translate(self.table).decode("latin-1")
        self.at = self.counted = 0
        return not self.ended

    def count_lines(self, at: int) -> int:
        """The line of the file at position `at`, which is not before earlier ones."""
        self.line += self.data.count(b"\n", self.counted, at)
        self.counted = max(self.counted, at)
        return self.line

    def use(self, delimiters: tuple[str, ...]) -> None:
        """From here on, translate `delimiters` (element, segment, component, repetition) to the internal ones.

        A control character that is used internally, but no delimiter of this partner, cannot be data either.
        """
        table = bytearray(range(256))
        for internal in (ELEMENT, TERMINATOR, COMPONENT, REPETITION):
            table[ord(internal)] = 0x1A
        for delimiter, internal in zip(delimiters, (ELEMENT, TERMINATOR, COMPONENT, REPETITION), strict=True):
            if delimiter:
                table[ord(delimiter)] = ord(internal)
        self.table = bytes(table)
        self.text = self.data.translate(self.table).decode("latin-1")

    def skip_filling(self) -> str:
        """Pass over what stands between segments; give the next character, or an empty text at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in SKIPPED:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def segment(self) -> str | None:
        """Take the next segment, without its terminator; None if the file ends before one."""
        searched = self.at
        while True:
            end = self.text.find(TERMINATOR, searched)
            if end >= 0:
                segment = self.text[self.at : end]
                self.at = end + 1
                return segment
            searched = len(self.text) - self.at
            if searched > MAX_MESSAGE or not self.more():
                return None

    def message(self) -> tuple[str, bool]:
        """Take a message from its ST to its SE, both included; False if another segment of the envelope comes first.

        Then the message ends before that segment, or where the file ends.
        """
        searched = self.at
        while True:
            boundary = BOUNDARY.search(self.text, searched)
            if boundary and boundary[1] == "SE":
                end = self.text.find(TERMINATOR, boundary.end())
                if end >= 0:
                    return self._take(end + 1), True
            elif boundary:
                return self._take(boundary.start() + 1), False
            # A boundary may be cut in two by the end of the window.
            waiting = len(self.text) - self.at
            searched = max(0, (boundary.start() if boundary else len(self.text) - 8) - self.at)
            if waiting > MAX_MESSAGE or not self.more():
                return self._take(len(self.text)), False

    def _take(self, end: int) -> str:
        taken = self.text[self.at : end]
        self.at = end
        return taken


class _Reader:
    """The state of reading one file."""

    def __init__(self, source: BinaryIO | bytes, overlay_for: OverlayFor, character_set: str) -> None:
        self.buffer = _Buffer(source)
        self.overlay_for = overlay_for
        self.character_set = character_set

    def items(self) -> Iterator[Item]:
        """All that the file holds."""
        number = 0
        while self.buffer.skip_filling():
            number += 1
            yield from self._interchange(number)

    def _interchange(self, number: int) -> Iterator[Item]:
        buffer = self.buffer
        while len(buffer.text) - buffer.at < 200 and buffer.more():
            pass
        raw = buffer.data[buffer.at : buffer.at + 200].decode("latin-1")
        line = buffer.count_lines(buffer.at)
        header, problems = read_isa(raw)
        interchange = Interchange(header=header, number=number)
        interchange.report.extend(problems)
        if not raw.startswith("ISA") or any(p.rule in ("isa_malformed", "isa_delimiters") for p in problems):
            if not raw.startswith("ISA"):
                interchange.report = Report()
                interchange.report.add(
                    "the file, or what follows an interchange in it, does not begin with ISA",
                    "not_an_interchange",
                    remedy="Check that this is an X12 file, complete from its first byte.",
                    line=line,
                    value=raw[:40],
                )
            self._find_next_isa()
            yield interchange
            return
        d = header.delimiters
        buffer.use((d.element, d.segment, d.component, d.repetition))
        buffer.at += 106
        yield from self._inside(interchange)

    def _find_next_isa(self) -> None:
        """Give up this interchange: go on where another one may begin."""
        buffer = self.buffer
        buffer.at += 1
        while True:
            found = buffer.data.find(b"ISA", buffer.at)
            if found >= 0:
                buffer.at = found
                return
            buffer.at = max(buffer.at, len(buffer.data) - 2)
            if not buffer.more():
                buffer.at = len(buffer.data)
                return

    def _inside(self, interchange: Interchange) -> Iterator[Item]:
        buffer = self.buffer
        while True:
            buffer.skip_filling()
            if buffer.text.startswith("ISA" + ELEMENT, buffer.at):
                break
            line = buffer.count_lines(buffer.at)
            segment = buffer.segment()
            if segment is None:
                break
            row = segment.split(ELEMENT)
            if row[0] == "GS":
                interchange.groups += 1
                yield from self._group(interchange, row, line)
            elif row[0] == "TA1":
                yield self._ta1(interchange, row, line)
            elif row[0] == "IEA":
                self._end(interchange, row, line)
                yield interchange
                return
            elif row[0] not in ("ISB", "ISE"):
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
            line=buffer.count_lines(buffer.at),
        )
        if buffer.segment() is None and buffer.ended:
            buffer.at = len(buffer.text)
        yield interchange

    def _end(self, interchange: Interchange, row: list[str], line: int) -> None:
        problems = list(check_segment(segment_tables(later=False)["IEA"], row, VALUES))
        interchange.report.extend(problems)
        stated, control_number = [*row, "", ""][1:3]
        if control_number != interchange.header.control_number:
            interchange.report.add(
                f"the control numbers of ISA ({interchange.header.control_number}) and IEA differ",
                "interchange_control_mismatch",
                segment="IEA",
                element=2,
                line=line,
                value=control_number,
            )
        # An interchange of nothing but TA1s has no group, but many write 1.
        if stated.isdecimal() and int(stated) != interchange.groups and interchange.groups:
            interchange.report.add(
                f"the interchange says it has {stated} groups, but has {interchange.groups}",
                "interchange_count",
                segment="IEA",
                element=1,
                line=line,
                value=stated,
            )
        interchange.ended = True

    def _ta1(self, interchange: Interchange, row: list[str], line: int) -> Message:
        message = Message(interchange=interchange, group=None, type="TA1", line=line)
        row = [value.strip(" ") for value in row]
        message.report.extend(check_segment(segment_tables(later=False)["TA1"], row, VALUES))
        if not message.report:
            message.document = read_ta1(row)
        return message

    def _group(self, interchange: Interchange, row: list[str], line: int) -> Iterator[Item]:
        buffer = self.buffer
        row = [value.strip(" ") for value in row]
        header = GroupHeader(**dict(zip(GROUP_FIELDS, (row + [""] * 9)[1:], strict=False)))
        group = Group(interchange=interchange, header=header)
        group.report.extend(_group_problems(row, header))
        dialect = self.overlay_for(interchange.header, header).dialect(later=header.later)
        seen = _Seen()
        while True:
            buffer.skip_filling()
            start = buffer.text[buffer.at : buffer.at + 4]
            if start.startswith("ST" + ELEMENT):
                group.messages += 1
                yield self._message(group, dialect, seen)
                continue
            if start[:3] in ("GE" + ELEMENT, "GS" + ELEMENT, "IEA", "ISA"):
                break
            line = buffer.count_lines(buffer.at)
            segment = buffer.segment()
            if segment is None:
                break
            group.report.add(
                f"segment {segment[:3].split(ELEMENT)[0]!r} stands outside of any message",
                "group_structure",
                segment=segment[:3].split(ELEMENT)[0],
                line=line,
            )
        self._group_end(group, line)
        yield group

    def _group_end(self, group: Group, line: int) -> None:
        buffer = self.buffer
        if not buffer.text.startswith("GE" + ELEMENT, buffer.at):
            group.report.add(
                "the group has no end: its GE segment is missing", "group_trailer_missing", segment="GE"
            )
            return
        row = (buffer.segment() or "").split(ELEMENT)
        group.report.extend(check_segment(segment_tables(later=False)["GE"], row, VALUES))
        stated, control_number = [*row, "", ""][1:3]
        if not _same_number(control_number, group.header.control_number):
            group.report.add(
                f"the control numbers of GS ({group.header.control_number}) and GE differ",
                "group_control_mismatch",
                segment="GE",
                element=2,
                line=line,
                value=control_number,
            )
        if stated.isdecimal():
            group.stated = int(stated)
            if group.stated != group.messages:
                group.report.add(
                    f"the group says it has {stated} messages, but has {group.messages}",
                    "group_count",
                    segment="GE",
                    element=1,
                    line=line,
                    value=stated,
                )

    def _message(self, group: Group, dialect: Dialect, seen: _Seen) -> Message:
        buffer = self.buffer
        start = buffer.at
        text, complete = buffer.message()
        if "\n" in text or "\r" in text:
            text = LINE_ENDS.sub(TERMINATOR, text)
        message = Message(interchange=group.interchange, group=group, type=text[3:6])
        values = VALUES
        if not text.isascii():
            decoded = None if self.character_set == "ascii" else _decoded(text, self.character_set)
            text, values = (decoded, VALUES) if decoded is not None else (text, ASCII_VALUES)
        known = message.type in BRIDGES and not group.unreadable
        right = (
            known
            and values is VALUES
            and f" {ELEMENT}" not in text
            and f" {TERMINATOR}" not in text
            and compiled(message.type, later=dialect.later).fullmatch(text)
        )
        rows = [segment.split(ELEMENT) for segment in text.split(TERMINATOR)]
        rows.pop()
        header = rows[0] if len(rows[0]) > 2 else [*rows[0], "", ""]
        message.control_number = header[2]
        message.implementation = header[3] if len(header) > 3 else ""
        if not known:
            message.report.extend(_not_known(message, group))
        elif MESSAGES[message.type][0] != group.header.functional_id:
            message.report.extend(_misplaced(message, group))
        elif not right:
            message.report.extend(_message_problems(message, rows, dialect, values))
        if not right or int(rows[-1][1]) != len(rows) or rows[-1][2] != header[2]:
            message.report.extend(_frame_problems(message, rows, complete=complete))
        if seen.again(header[2]):
            message.report.add(
                "the control number of the message occurs more than once in its group",
                "control_duplicate",
                segment="ST",
                position=1,
                element=2,
                value=header[2],
            )
        if not message.report:
            _translate(message, rows, dialect)
        if message.report:
            message.line = buffer.count_lines(start)
        return message


GROUP_FIELDS = ("functional_id", "sender", "receiver", "date", "time", "control_number", "agency", "version")
VERSION = re.compile(r"00[3-8]\d\d\d\w*")


def _group_problems(row: list[str], header: GroupHeader) -> Iterator[Problem]:
    table = segment_tables(later=False)["GS"]
    if header.version < FIRST_LONG_DATE_VERSION:
        short = replace(table.elements[3], min=6, max=6)
        table = replace(table, elements=(*table.elements[:3], short, *table.elements[4:]))
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


def _not_known(message: Message, group: Group) -> Iterator[Problem]:
    if group.unreadable:
        yield Problem(
            message="the version of the group is not known", rule="group_version", segment="GS", element=8
        )
    else:
        yield Problem(
            message=f"messages of type {message.type!r} are not translated here",
            rule="type_unknown",
            remedy="Ask the partner not to send them.",
            segment="ST",
            position=1,
            element=1,
            value=message.type,
        )


def _misplaced(message: Message, group: Group) -> Iterator[Problem]:
    yield Problem(
        message=f"a message {message.type} does not belong in a group {group.header.functional_id!r}",
        rule="type_not_in_group",
        remedy=f"Send it in a group {MESSAGES[message.type][0]}.",
        segment="ST",
        position=1,
        element=1,
        value=message.type,
    )


def _message_problems(
    message: Message, rows: list[list[str]], dialect: Dialect, values: X12Values
) -> Iterator[Problem]:
    """Why a message does not match its table. Blanks at the end of values, which mean nothing, are taken away."""
    for row in rows:
        trimmed = [value.rstrip(" ") for value in row]
        while not trimmed[-1] and row[len(trimmed) - 1]:
            trimmed.pop()
        row[:] = trimmed
    tables = segment_tables(later=dialect.later)
    table = message_table(message.type, later=dialect.later)
    delimiters = message.interchange.header.delimiters
    shown = {COMPONENT: delimiters.component, REPETITION: delimiters.repetition}
    back = str.maketrans(shown)
    for problem in explain(table, rows, values, tables.__contains__):
        yield replace(problem, value=problem.value.translate(back)) if problem.value else problem


def _frame_problems(message: Message, rows: list[list[str]], *, complete: bool) -> Iterator[Problem]:
    """What is wrong between header and trailer."""
    if not complete:
        yield Problem(
            message="the message has no end: its SE segment is missing",
            rule="trailer_missing",
            remedy="Ask the partner to send it again.",
            segment="SE",
            position=len(rows),
        )
        return
    trailer = [*rows[-1], "", ""]
    if trailer[1].isdecimal() and int(trailer[1]) != len(rows):
        yield Problem(
            message=f"the message says it has {trailer[1]} segments, but has {len(rows)}",
            rule="count_wrong",
            remedy="Count every segment, ST and SE included.",
            segment="SE",
            position=len(rows),
            element=1,
            value=trailer[1],
        )
    if trailer[2] != message.control_number:
        yield Problem(
            message=f"the control numbers of ST ({message.control_number}) and SE differ",
            rule="control_mismatch",
            segment="SE",
            position=len(rows),
            element=2,
            value=trailer[2],
        )


class _Seen:
    """Control numbers of a group: a run of consecutive ones in two numbers, others one by one up to a limit."""

    LIMIT = 1 << 16

    def __init__(self) -> None:
        self.first = self.last = -1
        self.others: set[str] = set()

    def again(self, number: str) -> bool:
        """Whether `number` came before; remembers it."""
        value = int(number) if number.isdecimal() else -1
        if value >= 0 and (self.last < 0 or value == self.last + 1):
            self.first = value if self.first < 0 else self.first
            self.last = value
            return False
        if self.first <= value <= self.last or number in self.others:
            return True
        if len(self.others) < self.LIMIT:
            self.others.add(number)
        return False


def _decoded(text: str, character_set: str) -> str | None:
    """`text`, read as bytes, in `character_set`; None if it is not."""
    try:
        return text.encode("latin-1").decode(character_set)
    except UnicodeDecodeError:
        return None


def _translate(message: Message, rows: list[list[str]], dialect: Dialect) -> None:
    following = iter(rows).__next__
    following()
    try:
        document = BRIDGES[message.type].read(following, dialect)
        broken = [FieldProblem(field, text) for field, text in document.rules()]
    except InvalidDocument as error:
        broken = list(error.problems)
    if not broken:
        message.document = document
    for problem in broken:
        message.report.add(
            str(problem),
            "invalid_document",
            remedy="The message is well-formed; ask the partner about its content.",
            business=True,
        )


def _same_number(one: str, other: str) -> bool:
    return one == other or (one.isdecimal() and other.isdecimal() and int(one) == int(other))
