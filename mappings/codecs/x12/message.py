"""One message, from ST to SE: accepted at one look, or looked at closely; then translated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import starmap

from mappings.canonical import Document, FieldProblem, InvalidDocument
from mappings.codecs.explain import explain
from mappings.codecs.frames import Frame, frame_problems, rows_of, too_long, with_lines
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR, message_pattern
from mappings.codecs.report import Problem
from mappings.codecs.rules import Rules, forbidden, put_read
from mappings.codecs.runs import Runs
from mappings.codecs.x12.bridge.parts import Row
from mappings.codecs.x12.bridge.registry import BRIDGES
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.overlay import Overlay
from mappings.codecs.x12.received import Group, Message
from mappings.codecs.x12.tables import MESSAGES, message_table, segment_tables
from mappings.codecs.x12.values import X12Values
from mappings.codecs.x12.window import Window

LINE_ENDS = re.compile(f"{TERMINATOR}[\r\n ]++")
FRAME = Frame("ST", "SE", "control numbers")

COUNTED = {"810": "IT1", "850": "PO1", "855": "PO1", "856": "HL"}
"""Which segments CTT01 counts in each message."""


@cache
def compiled(type_: str, values: X12Values, *, later: bool) -> re.Pattern[str]:
    """The expression for message `type_` before (`later` False) or from version 005010 on."""
    return message_pattern(message_table(type_, later=later), values)


class MessageReader:
    """Reads the messages of one group from `window`, under what is agreed with the partner."""

    def __init__(self, group: Group, overlay: Overlay, character_set: str, window: Window) -> None:
        self.group = group
        self.character_set = character_set
        self.window = window
        self.dialect = dialect = overlay.dialect(group.header.version)
        self.rules: Mapping[str, Rules] = overlay.messages
        self.numbers = Runs()
        self.patterns = {
            type_: compiled(type_, dialect.values, later=dialect.later)
            for type_ in BRIDGES
            if MESSAGES[type_][0] == group.header.functional_id and not group.unreadable
        }

    def read(self) -> Iterable[Message]:
        """The message that begins here in the window, and those behind it that are right as well."""
        window = self.window
        pattern = self.patterns.get(window.text[window.at + 3 : window.at + 6])
        # No table has anything after its SE, nor a segment of the envelope before: a match is the whole message.
        texts = window.matching(pattern) if pattern else ()
        return map(self._read_matched, texts, texts) if texts else (self._read_next(),)

    def _read_next(self) -> Message:
        """The message that begins here, which may be wrong, have line ends, or reach beyond the window."""
        raw, complete = self.window.message()
        if problem := too_long(raw):
            return self._refused(raw, problem)
        text = LINE_ENDS.sub(TERMINATOR, raw) if "\n" in raw or "\r" in raw else raw
        pattern = self.patterns.get(text[3:6])
        if complete and pattern and pattern.fullmatch(text):
            return self._read_matched(text, raw)
        return self._read_closely(text, raw, complete=complete)

    def _read_matched(self, text: str, raw: str) -> Message:
        """The message whose table matches `text`; its length, characters and numbers may still be wrong."""
        if problem := too_long(raw):
            return self._refused(raw, problem)
        if not text.isascii() or "\x7f" in text:
            return self._read_closely(text, raw, complete=True)
        rows = rows_of(text)
        header, trailer = rows[0], rows[-1]
        repeated = self.numbers.again(header[2])
        if repeated or trailer[1] != str(len(rows)) or trailer[2] != header[2]:
            return self._read_closely(text, raw, complete=True, repeated=repeated)
        message = self._message(header)
        self._translate(message, rows, raw)
        if message.document is None or _may_miscount(message.document, rows):
            message.report.extend(self._with_lines(_content_problems(message.type, rows), raw))
            message.document = None if message.report else message.document
        return message

    def _read_closely(self, text: str, raw: str, *, complete: bool, repeated: bool | None = None) -> Message:
        """The message, with everything that is wrong with it."""
        decoded = _decoded(text, self.character_set)
        values = self.dialect.values.closely(ascii_only=decoded is None)
        rows = rows_of(text if decoded is None else decoded)
        message = self._message(rows[0])
        repeated = self.numbers.again(message.control_number) if repeated is None else repeated
        problems = _problems(message, rows, self.dialect, values, complete=complete, repeated=repeated)
        message.report.extend(self._with_lines(problems, raw))
        self._translate(message, rows, raw)
        return message

    def _refused(self, raw: str, problem: Problem) -> Message:
        message = self._message(raw.partition(TERMINATOR)[0].split(ELEMENT))
        message.report.extend([problem])
        return message

    def _message(self, header: Row) -> Message:
        return Message(
            interchange=self.group.interchange,
            group=self.group,
            type=header[1] if len(header) > 1 else "",
            control_number=header[2] if len(header) > 2 else "",
            implementation=header[3] if len(header) > 3 else "",
        )

    def _translate(self, message: Message, rows: list[Row], raw: str) -> None:
        """Give `message` its document if nothing is wrong with it, or report why its content makes none."""
        rules = self.rules.get(message.type)
        if rules:
            message.report.extend(self._with_lines(forbidden(rows, rules), raw))
        if message.report.problems:
            return
        segments = iter(rows)
        next(segments)  # ST
        try:
            document = BRIDGES[message.type].read(segments, self.dialect)
            broken = tuple(starmap(FieldProblem, document.rules()))
        except InvalidDocument as error:
            broken = error.problems
        if not broken:
            message.document = put_read(document, rows, rules) if rules else document
        for problem in broken:
            message.report.add(
                str(problem),
                "invalid_document",
                remedy="The message is well-formed; ask the partner about its content.",
                business=True,
            )

    def _with_lines(self, problems: Iterable[Problem], raw: str) -> Iterator[Problem]:
        """`problems` of the message just taken with their line in the file, if that has one per segment or so."""
        return with_lines(problems, raw, self.window.line_at(self.window.at) - raw.count("\n"))


def _may_miscount(document: Document, rows: list[Row]) -> bool:
    """Whether CTT does not count the lines of the document; always for a ship notice, where it counts its levels."""
    totals = rows[-2] if rows[-2][0] == "CTT" else rows[-3]
    lines = getattr(document, "lines", None)
    return totals[0] == "CTT" and (lines is None or totals[1] != str(len(lines)))


def _decoded(text: str, character_set: str) -> str | None:
    """`text`, so far one character for each byte, in the set agreed on; None if that is ASCII or does not fit."""
    if text.isascii():
        return text
    try:
        return None if character_set == "ascii" else text.encode("latin-1").decode(character_set)
    except UnicodeDecodeError:
        return None


def _problems(
    message: Message, rows: list[Row], dialect: Dialect, values: X12Values, *, complete: bool, repeated: bool
) -> Iterator[Problem]:
    """All that is wrong with a message, from the outside in."""
    group = message.group
    if group is None or group.unreadable:
        yield Problem(
            message="the version of the group is not known", rule="group_version", segment="GS", element=8
        )
        return
    if repeated:
        yield _at_start(
            message, "the control number occurs more than once in its group", "control_duplicate", element=2
        )
    if message.type not in BRIDGES:
        yield _at_start(message, f"messages of type {message.type!r} are not translated here", "type_unknown")
    elif MESSAGES[message.type][0] != group.header.functional_id:
        text = f"a message {message.type} does not belong in a group {group.header.functional_id!r}"
        yield _at_start(message, text, "type_not_in_group")
    else:
        yield from _table_problems(message, rows, dialect, values)
        yield from _content_problems(message.type, rows)
    yield from frame_problems(FRAME, rows, message.control_number, complete=complete)


def _at_start(message: Message, text: str, rule: str, *, element: int = 1) -> Problem:
    value = message.type if element == 1 else message.control_number
    return Problem(message=text, rule=rule, segment="ST", position=1, element=element, value=value)


def _table_problems(
    message: Message, rows: list[Row], dialect: Dialect, values: X12Values
) -> Iterator[Problem]:
    """Why a message does not match its table. Blanks at the end of values, which mean nothing, are taken away."""
    for row in rows:
        trimmed = [value.rstrip(" ") for value in row]
        while len(trimmed) > 1 and not trimmed[-1] and row[len(trimmed) - 1]:
            trimmed.pop()
        row[:] = trimmed
    tables = segment_tables(later=dialect.later)
    table = message_table(message.type, later=dialect.later)
    delimiters = message.interchange.header.delimiters
    back = str.maketrans({COMPONENT: delimiters.component, REPETITION: delimiters.repetition})
    for problem in explain(table, rows, values, tables.__contains__):
        yield replace(problem, value=problem.value.translate(back)) if problem.value else problem


def _content_problems(type_: str, rows: list[Row]) -> Iterator[Problem]:
    """Counts and levels that do not agree with the segments they speak of."""
    tag = COUNTED.get(type_)
    if tag is None:
        return
    for position in range(len(rows) - 1, max(0, len(rows) - 4), -1):
        row = rows[position - 1]
        if row[0] == "CTT" and len(row) > 1:
            count = sum(1 for row in rows if row[0] == tag)
            if row[1].isdecimal() and int(row[1][:10]) != count:
                yield Problem(
                    message=f"the message says it has {row[1]} segments {tag}, but has {count}",
                    rule="line_count",
                    remedy=f"Count the {tag} segments.",
                    segment="CTT",
                    position=position,
                    element=1,
                    data_element="354",
                    value=row[1],
                )
            break
    if tag == "HL":
        yield from _level_problems(rows)


def _level_problems(rows: list[Row]) -> Iterator[Problem]:
    """Levels are numbered from 1 on, and each is below one that came before."""
    number = 0
    for position, row in enumerate(rows, 1):
        if row[0] != "HL":
            continue
        number += 1
        _, own, parent, *_ = [*row, "", ""]
        if own != str(number):
            yield _level_problem(
                position, 1, "628", own, f"level {number} of the message bears another number"
            )
        if parent and not (parent.isdecimal() and 0 < int(parent[:12]) < number):
            yield _level_problem(
                position, 2, "734", parent, "a level is below one that did not come before it"
            )


def _level_problem(position: int, element: int, number: str, value: str, text: str) -> Problem:
    return Problem(
        message=text,
        rule="level_number",
        remedy="Number the HL segments 1, 2, 3 ... and name the number of the level above in HL02.",
        segment="HL",
        position=position,
        element=element,
        data_element=number,
        value=value,
    )
