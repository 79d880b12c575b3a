"""What messages with a heading, lines and a summary have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from mappings.canonical import InvalidDocument, Line, trusted
from mappings.canonical.base import FieldProblem
from mappings.codecs.edifact.bridge.lines import read_lin, settle_line
from mappings.codecs.edifact.bridge.money import settle_terms, short_description
from mappings.codecs.edifact.bridge.parts import PARTS, new_note, write_note
from mappings.codecs.edifact.bridge.rows import Row, at, components, composite, segment, text
from mappings.codecs.edifact.bridge.section import Fields, Part, Parts, Place, closed, new_fields
from mappings.codecs.edifact.codes import PREFIX
from mappings.codecs.edifact.dialect import Dialect

new_line = trusted(Line)


def build_line(fields: Fields) -> Line:
    """The line that `fields` describe. What is to be done with it, and what it belongs to, is no part of it."""
    fields.pop("action", None)
    fields.pop("above", None)
    return new_line(**closed(fields))


SUMMARY_FOLLOWS = "UNS\x1fS"
TERMS_NOTE = f"{PREFIX}AAB"
"""Kind of a note with payment terms whose description is too long for PAT."""


class Body:
    """The parts of a message of `type_` with heading, lines and summary."""

    def __init__(self, type_: str, *, heading: Parts, line: Parts, summary: Parts) -> None:
        self.heading = Place(type_, until="LIN", parts=heading)
        self.line = Place(type_, "LIN", parts=line)
        self.summary = Place(type_, after="UNS", until="UNT", parts=summary)

    def write(self, document: Any, lines: Iterable[tuple[str, Any]], dialect: Dialect) -> list[str]:
        """The segments between UNH and UNT. `lines` are LIN segments, and what stands below each."""
        out = self.heading.write(document, dialect)
        for lin, line in lines:
            out.append(lin)
            out += self.line.write(line, dialect)
        return [*out, SUMMARY_FOLLOWS, *self.summary.write(document, dialect)]

    def read(
        self, rows: list[Row], dialect: Dialect, build_line: Callable[[Fields], Any] = build_line
    ) -> Fields:
        """The fields of the document in `rows`, from UNH to UNT, with `lines` made by `build_line`."""
        fields = new_fields()
        position = self.heading.read(fields, rows, 1, dialect)
        lines = []
        while rows[position][0] == "LIN":
            line = new_fields()
            read_lin(line, rows[position], dialect)
            position = self.line.read(line, rows, position + 1, dialect)
            settle_line(line, dialect)
            lines.append(build_line(line))
        fields["lines"] = tuple(lines)
        self.summary.read(fields, rows, position + 1, dialect)
        settle_terms(fields)
        return fields


def beginning(
    write: Callable[[Any, Dialect], Iterable[str]], read: Callable[[Row, Dialect], dict[str, Any]]
) -> Part:
    """BGM: `write` gives its elements, `read` takes the segment."""

    def write_segment(document: Any, dialect: Dialect) -> Iterator[str]:
        yield segment("BGM", *write(document, dialect))

    def read_segment(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
        fields.update(read(row, dialect))

    return Part(write_segment, read_segment)


def numbered(vocabulary: str, usual: str) -> Part:
    """BGM of a document with kind, number and purpose; `usual` is the kind of a BGM that names none."""

    def write(document: Any, dialect: Dialect) -> Iterator[str]:
        yield dialect.code[vocabulary][document.kind]
        yield text(document.number)
        yield dialect.code["purpose"][document.purpose]

    def read(row: Row, dialect: Dialect) -> dict[str, Any]:
        code = components(row, 1, 1)[0]
        return {
            "kind": dialect.word[vocabulary][code] if code else usual,
            "number": components(row, 2, 1)[0],
            "purpose": dialect.word["purpose"][at(row, 3) or "9"],
        }

    return beginning(write, read)


def _write_notes(document: Any, dialect: Dialect) -> Iterator[str]:
    for note in document.notes:
        yield from write_note(note, dialect)
    for terms in getattr(document, "terms", ()):
        if terms.description and not short_description(terms):
            yield from write_note(new_note(kind=TERMS_NOTE, text=terms.description), dialect)


def _write_line_count(document: Any, _dialect: Dialect) -> Iterator[str]:
    if document.lines:
        yield segment("CNT", composite("2", str(len(document.lines))))


NOTES = Part(_write_notes, PARTS["FTX"].read)
LINE_COUNT = Part(_write_line_count, None)


def require(name: str, fields: Fields, **missing: str) -> None:
    """Raise `InvalidDocument` for those of the fields in `missing` that are empty, and say why."""
    problems = [
        FieldProblem(field, f"is missing: {why}")
        for field, why in missing.items()
        if fields.get(field) in (None, "")
    ]
    if problems:
        raise InvalidDocument(name, problems)
