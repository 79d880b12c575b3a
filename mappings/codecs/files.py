"""What the readers of files of documents share: where they read from, and what they give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from mappings.canonical import Document, InvalidDocument
from mappings.codecs.report import Problem, Report

BLOCK = 1 << 16
MAX_DOCUMENT = 1 << 26
"""Most bytes of one document. A longer one is reported and passed over, so that memory stays bounded."""
MAX_BROKEN = 1000
"""Most broken documents of a file that are passed over one by one; with more, the rest of the file is given up."""
BOM = b"\xef\xbb\xbf"
SHOWN = 80
"""Most characters of a bad value that a problem quotes."""


@dataclass(slots=True, kw_only=True)
class Item:
    """One document of a file: `document`, or why there is none in `report`.

    `number` counts the documents of the file from 1, `line` is where this one begins.
    """

    number: int
    line: int
    document: Document | None = None
    report: Report = field(default_factory=Report)


@dataclass(slots=True, kw_only=True)
class File:
    """Comes last: how many documents there were, and what is wrong with the file beside them."""

    documents: int = 0
    report: Report = field(default_factory=Report)


class Source:
    """A stream or bytes, read in blocks. `head` is what comes first, without a byte-order mark."""

    def __init__(self, source: BinaryIO | bytes) -> None:
        self._stream = None if isinstance(source, bytes) else source
        self.head = (source if isinstance(source, bytes) else source.read(BLOCK)).removeprefix(BOM)

    def more(self, wanted: int = BLOCK) -> bytes:
        """The next bytes, about `wanted`; empty at the end of the file. `head` is not given again."""
        return self._stream.read(max(BLOCK, wanted)) if self._stream else b""


def shown(value: object) -> str:
    """`value` as a problem quotes it: its beginning, printable."""
    text = str(value)
    text = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def business_problems(error: InvalidDocument, *, line: int | None = None, prefix: str = "") -> list[Problem]:
    """The broken rules of a canonical document as problems of the file it came from, or should go to."""
    return [
        Problem(
            message=f"{problem.field} {problem.message}" if problem.field else problem.message,
            rule="invalid_document",
            remedy="The file is well-formed; correct its content, or ask the sender about it.",
            line=line,
            field=f"{prefix}{problem.field}",
            business=True,
        )
        for problem in error.problems
    ]
