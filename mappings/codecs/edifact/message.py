"""One message, from UNH to UNT: accepted at one look, or looked at closely; then translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from mappings.canonical import FieldProblem, InvalidDocument
from mappings.codecs.edifact.bridge.registry import BRIDGES
from mappings.codecs.edifact.characters import CHARACTER_SETS, LIMITED, decode
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.envelope import MessageHeader
from mappings.codecs.edifact.received import Message
from mappings.codecs.edifact.tables import message_table, segment_tables
from mappings.codecs.edifact.values import VALUES, EdifactValues, edifact_values
from mappings.codecs.explain import explain
from mappings.codecs.frames import Frame, frame_problems, rows_of, too_long, with_lines
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR, message_pattern
from mappings.codecs.report import Problem
from mappings.codecs.rules import Rules, forbidden, put_read

Row = list[str]

LINE_ENDS = re.compile(f"{TERMINATOR}[ \t\r\n]++")
BLANKS = re.compile(f" ++(?=[{COMPONENT}{ELEMENT}{TERMINATOR}])")
EMPTY_COMPONENTS = re.compile(f"{COMPONENT}++(?=[{ELEMENT}{TERMINATOR}])")
EMPTY_ELEMENTS = re.compile(f"{ELEMENT}++(?={TERMINATOR})")
RELEASES = re.compile(r"[0-9]{2}[AB]")
FRAME = Frame("UNH", "UNT", "references")
ASCII = edifact_values(re.compile(r"[ -~\x1c-\x1f]*+"))


@cache
def compiled(type_: str, *, later: bool) -> re.Pattern[str]:
    """The expression for message `type_` in D.96A (`later` False) or in D.01B, in any character set."""
    return message_pattern(message_table(type_, later=later), VALUES)


def read_header(row: Row) -> MessageHeader:
    """What a UNH says, complete or not."""
    identifier = row[2].split(COMPONENT, 5)[:5] if len(row) > 2 else []
    return MessageHeader(row[1] if len(row) > 1 else "", *identifier, *[""] * (5 - len(identifier)))


def tidied(text: str) -> str:
    """`text` without what means nothing: blanks before a separator, and separators that separate nothing."""
    text = BLANKS.sub("", text)
    return EMPTY_ELEMENTS.sub("", EMPTY_COMPONENTS.sub("", text))


def read_into(
    message: Message,
    raw: str,
    dialect: Dialect,
    character_set: str,
    *,
    complete: bool,
    repeated: bool,
    rules: Rules | None = None,
) -> None:
    """Fill `message` from `raw`, its text in the internal separators, one character per byte.

    `complete` is whether it ends in a trailer, `repeated` whether its reference came before in its interchange.
    `rules` are the partner's for this kind of message.
    """
    if problem := too_long(raw):
        message.report.extend([problem])
        return
    text = LINE_ENDS.sub(TERMINATOR, raw) if "\n" in raw or "\r" in raw else raw
    values = None
    if not text.isascii():
        decoded = decode(text, character_set)
        text, values = (text, ASCII) if decoded is None else (decoded, None)
    # The tables refuse control characters; only levels A and B have less than the printable ones of ASCII.
    plain = text.isascii() and character_set not in LIMITED
    if values is None and not plain and not CHARACTER_SETS[character_set].allowed.fullmatch(text):
        values = edifact_values(CHARACTER_SETS[character_set].allowed)
    if f" {ELEMENT}" in text or f" {TERMINATOR}" in text or f" {COMPONENT}" in text:
        text = tidied(text)
    header = message.header
    known = header.type in BRIDGES and (
        header.type == "CONTRL" or RELEASES.fullmatch(header.release) is not None
    )
    matched = known and values is None and compiled(header.type, later=header.later).fullmatch(text)
    if known and not matched:
        text = tidied(text)
        matched = values is None and compiled(header.type, later=header.later).fullmatch(text)
    rows = rows_of(text)
    right = (
        matched
        and complete
        and not repeated
        and int(rows[-1][1]) == len(rows)
        and rows[-1][2] == header.control_number
    )
    if not right:
        problems = _problems(
            message, rows, values or VALUES, known=known, complete=complete, repeated=repeated
        )
        message.report.extend(with_lines(problems, raw))
    if rules:
        message.report.extend(with_lines(forbidden(rows, rules), raw))
    if not message.report:
        _translate(message, rows, dialect)
    if rules and message.document is not None:
        message.document = put_read(message.document, rows, rules)


def _problems(
    message: Message, rows: list[Row], values: EdifactValues, *, known: bool, complete: bool, repeated: bool
) -> Iterator[Problem]:
    """All that is wrong with a message, from the outside in."""
    header = message.header
    if repeated:
        yield Problem(
            message="the message reference occurs more than once in its interchange",
            rule="control_duplicate",
            segment="UNH",
            position=1,
            element=1,
            value=header.control_number,
        )
    if not known:
        wrong_version = header.type in BRIDGES
        name = f"{header.type} in {header.version}:{header.release}" if wrong_version else header.type
        yield Problem(
            message=f"messages {name!r} are not translated here",
            rule="version_unknown" if wrong_version else "type_unknown",
            segment="UNH",
            position=1,
            element=2,
            component=3 if wrong_version else 1,
            value=header.release if wrong_version else header.type,
        )
    else:
        table, segments = (
            message_table(header.type, later=header.later),
            segment_tables(later=header.later),
        )
        separators = message.interchange.header.separators
        back = str.maketrans({COMPONENT: separators.component, REPETITION: separators.repetition})
        for problem in explain(table, rows, values, segments.__contains__):
            yield replace(problem, value=problem.value.translate(back)) if problem.value else problem
    yield from frame_problems(FRAME, rows, message.control_number, complete=complete)


def _translate(message: Message, rows: list[Row], dialect: Dialect) -> None:
    """Build the document, or report why its content makes none."""
    try:
        document = BRIDGES[message.type].read(rows, dialect)
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
