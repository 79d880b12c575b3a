"""What the messages of X12 and EDIFACT have in common: their segments and lines, their header and trailer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple

from mappings.codecs.patterns import ELEMENT, TERMINATOR
from mappings.codecs.report import Problem

MOST_SEGMENTS = 500_000
"""A message with more is not read: taken apart, a segment takes up to a kilobyte of memory."""


class Frame(NamedTuple):
    """The tags around a message, and what the standard calls the numbers in them."""

    header: str
    trailer: str
    numbers: str


def rows_of(text: str) -> list[list[str]]:
    """The segments of `text` as tags and elements; of a truncated message also the last one, without its terminator."""
    rows = list(map(str.split, text.split(TERMINATOR), repeat(ELEMENT)))
    if not rows[-1][0]:
        rows.pop()
    return rows


def with_lines(problems: Iterable[Problem], raw: str, line: int = 0) -> Iterator[Problem]:
    """`problems` of the message `raw`, which begins at `line`, with their own line, if segments are on lines."""
    if "\n" not in raw:
        yield from problems
        return
    lines = []
    for segment in raw.split(TERMINATOR):
        before = len(segment) - len(segment.lstrip(" \t\r\n"))
        line += segment.count("\n", 0, before)
        lines.append(line)
        line += segment.count("\n", before)
    for problem in problems:
        known = problem.position is not None and problem.position <= len(lines)
        yield replace(problem, line=lines[(problem.position or 1) - 1]) if known else problem


def too_long(raw: str) -> Problem | None:
    """That a message, in the internal delimiters, has more segments than are read; None if it has not."""
    if len(raw) <= MOST_SEGMENTS or raw.count(TERMINATOR) <= MOST_SEGMENTS:
        return None
    return Problem(
        message=f"the message has more than {MOST_SEGMENTS:,} segments, and is not read",
        rule="segment_over_max",
        remedy="Ask the partner to send it as several messages.",
        position=MOST_SEGMENTS + 1,
    )


def frame_problems(
    frame: Frame, rows: Sequence[Sequence[str]], control_number: str, *, complete: bool
) -> Iterator[Problem]:
    """What is wrong between header and trailer of the message in `rows`; `complete` is whether it has a trailer.

    `control_number` is that of the header.
    """
    position = len(rows)
    if not complete:
        yield Problem(
            message=f"the message has no end: its {frame.trailer} segment is missing",
            rule="trailer_missing",
            remedy="Ask the partner to send it again.",
            segment=frame.trailer,
            position=position,
        )
        return
    _, count, number, *_ = [*rows[-1], "", ""]
    if count.isdecimal() and int(count[:10]) != position:
        yield Problem(
            message=f"the message says it has {count} segments, but has {position}",
            rule="count_wrong",
            remedy=f"Count every segment, {frame.header} and {frame.trailer} included.",
            segment=frame.trailer,
            position=position,
            element=1,
            value=count,
        )
    if number != control_number:
        yield Problem(
            message=f"the {frame.numbers} of {frame.header} ({control_number}) and {frame.trailer} differ",
            rule="control_mismatch",
            segment=frame.trailer,
            position=position,
            element=2,
            value=number,
        )
