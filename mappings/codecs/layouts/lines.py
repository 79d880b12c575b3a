"""The lines of a text file from outside, of bounded length, decoded without losing what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mappings.codecs.files import Source
from mappings.codecs.report import Problem

MAX_LINE = 1 << 20
"""Most bytes of a line. A longer one is reported and passed over."""
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NOT_DECODED = re.compile("[\ud800-\udfff]")
END_OF_FILE_MARK = "\x1a"


class Line(NamedTuple):
    """A line without its end. `whole` is False for a last line that has no end."""

    number: int
    text: str
    whole: bool = True
    problem: Problem | None = None


def read_lines(source: Source, encoding: str) -> Iterator[Line]:
    """The lines of `source`. Those that are not text in `encoding`, or too long, come with a problem."""
    number = 0
    for raw, whole in _raw_lines(source):
        number += 1
        if raw is None:
            yield Line(number, "", whole, _too_long(number))
            continue
        yield decoded(raw, number, encoding, whole=whole)


def decoded(raw: bytes, number: int, encoding: str, *, whole: bool = True) -> Line:
    """The line in `raw`, with a problem if that is not text in `encoding`."""
    text = raw.decode(encoding, "surrogateescape")
    return Line(number, text, whole, _problem_of(text, number, encoding))


def _problem_of(text: str, number: int, encoding: str) -> Problem | None:
    if NOT_TEXT.search(text):
        return Problem(
            message="the line contains control characters",
            rule="invalid_character",
            remedy="Ask the sender to remove them.",
            line=number,
        )
    if not text.isascii() and NOT_DECODED.search(text):
        return Problem(
            message=f"the line is not text in {encoding}",
            rule="invalid_encoding",
            remedy="Ask the sender which encoding the file has, and set it in the layout.",
            line=number,
        )
    return None


def _too_long(number: int) -> Problem:
    return Problem(
        message=f"the line has more than {MAX_LINE} bytes",
        rule="too_long",
        remedy="Check that it is the kind of file that the layout describes.",
        line=number,
    )


def _raw_lines(source: Source) -> Iterator[tuple[bytes | None, bool]]:
    """Each line's bytes, or None if there are too many; and whether it ended."""
    data = source.head
    only_returns = b"\r" in data and b"\n" not in data
    rest, too_long = b"", False
    while data:
        if only_returns:
            data = data.replace(b"\r", b"\n")
        *complete, rest = (rest + data).split(b"\n")
        for line in complete:
            yield (None if too_long or len(line) > MAX_LINE else line.removesuffix(b"\r")), True
            too_long = False
        if len(rest) > MAX_LINE:
            rest, too_long = b"", True
        data = source.more()
    if too_long or rest.strip(END_OF_FILE_MARK.encode()):
        yield (None if too_long else rest.removesuffix(b"\r")), False
