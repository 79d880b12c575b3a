"""What the command says: results on standard output, complaints on standard error."""

from __future__ import annotations

import sys
from typing import Any, BinaryIO

from mappings.canonical import Document
from mappings.codecs.report import CodecError, Problem
from mappings.reading.document import title_of
from mappings.reading.words import plural, visible
from mappings.translate_command.formats.base import Found

SAID = 1000
"""Most complaints; further ones are counted."""


class Console:
    """Standard output as bytes, standard error as lines, and whether anything was wrong so far."""

    def __init__(self) -> None:
        self.out: BinaryIO = sys.stdout.buffer
        self.complaints = 0

    def write(self, data: bytes) -> None:
        """Exactly these bytes."""
        self.out.write(data)

    def print(self, line: str = "") -> None:
        """A line of text."""
        self.out.write(f"{line}\n".encode("utf-8", "backslashreplace"))

    def complain(self, text: str) -> None:
        """Something is wrong: it is said on standard error, and the command will fail."""
        self.complaints += 1
        if self.complaints <= SAID:
            self.note(text)

    def complain_of(self, found: Found) -> None:
        """Every problem of what was read."""
        for problem in found.problems:
            self.complain(sentence(found.name, problem))

    def could_not_write(self, document: Document | None, error: CodecError) -> None:
        """Every reason why a document was not written."""
        name = title_of(document) if document else "nothing was written"
        for problem in error.report:
            self.complain(sentence(name, problem))

    def note(self, text: str) -> None:
        """A line on standard error; control characters of partners' texts are spelt out."""
        sys.stderr.write(f"{visible(text)}\n")

    def end(self) -> int:
        """The exit status: 0 if all is well, 1 if not."""
        self.out.flush()
        if self.complaints > SAID:
            self.note(f"{plural(self.complaints - SAID, 'more problem')} not shown.")
        return 1 if self.complaints else 0


def sentence(name: str, problem: Problem) -> str:
    """A problem with the thing that it was found in."""
    joint = ", " if problem.place else ": "
    return f"{name}{joint}{problem}"


def plain(name: str, problem: Problem) -> dict[str, Any]:
    """A problem for JSON: without what it does not say."""
    fields: dict[str, Any] = {
        "in": name,
        "place": problem.place,
        "message": problem.message,
        "remedy": problem.remedy,
        "value": problem.value,
        "rule": problem.rule,
        "business": problem.business,
        "line": problem.line,
        "segment": problem.segment,
        "position": problem.position,
        "element": problem.element,
        "component": problem.component,
        "field": problem.field,
    }
    return {key: value for key, value in fields.items() if value not in ("", None, False)}
