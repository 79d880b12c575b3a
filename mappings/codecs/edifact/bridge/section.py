"""A section of a message (its heading, a line, its summary): which segment carries which fields of a document.

A bridge says with `parts` which segments a section has; in what order they are written is the table's business.
`PARTS`, in `parts.py`, knows what each of them carries, for every message.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mappings.codecs.edifact.bridge.rows import Row
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.tables import section

Fields = defaultdict[str, Any]
"""What was read for a document or a line: values by field. A field that was not met before is an empty list."""

Write = Callable[[Any, Dialect], Iterable[str]]
Read = Callable[[Fields, Row, Sequence[Row], Dialect], None]
ReadOne = Callable[[Row, Sequence[Row], Dialect], Any]


class Part(NamedTuple):
    """A segment, with the group that it starts, and the two ways between it and a document, line or other value.

    `write` makes segments of the whole value. `read` gets the segment and those inside of its group, and puts what
    they say into the fields. Without `write` a segment is only read, without `read` only written.
    """

    write: Write | None
    read: Read | None


Parts = Mapping[str, Part]


def many(field: str, write: Write, read: ReadOne) -> Part:
    """A segment for each of the values of `field`; `read` gives a value or None."""

    def write_all(thing: Any, dialect: Dialect) -> Iterable[str]:
        return (written for value in getattr(thing, field) for written in write(value, dialect))

    def read_one(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
        value = read(row, inside, dialect)
        if value is not None:
            fields[field].append(value)

    return Part(write_all, read_one)


def single(field: str, write: Write, read: ReadOne) -> Part:
    """A segment for the value of `field`, if it has one."""

    def write_one(thing: Any, dialect: Dialect) -> Iterable[str]:
        value = getattr(thing, field)
        return write(value, dialect) if value else ()

    def read_one(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
        value = read(row, inside, dialect)
        if value is not None:
            fields[field] = value

    return Part(write_one, read_one)


def of_line(part: Part) -> Part:
    """`part` for values that have a line: it writes that."""
    write = part.write
    return Part(write and (lambda value, dialect: write(value.line, dialect)), part.read)


class _Plan(NamedTuple):
    """A section with its parts in one directory: writers in order, readers and what is inside of groups by tag."""

    writers: tuple[Write, ...]
    readers: dict[str, tuple[Read | None, frozenset[str]]]


class Place:
    """A section of messages of one type, and the parts that stand in it."""

    def __init__(self, type_: str, *path: str, parts: Parts, after: str = "", until: str = "") -> None:
        self.type = type_
        self.parts = parts
        self._where = (type_, *path)
        self._bounds = {"after": after, "until": until}
        self._plans: dict[bool, _Plan] = {}

    def _plan(self, *, later: bool) -> _Plan:
        plan = self._plans.get(later)
        if plan is None:
            tags, groups = section(*self._where, **self._bounds, later=later)
            parts = self.parts
            plan = self._plans[later] = _Plan(
                tuple(w for tag in tags if tag in parts and (w := parts[tag].write)),
                {
                    tag: (parts[tag].read if tag in parts else None, groups.get(tag, frozenset()))
                    for tag in tags
                },
            )
        return plan

    def write(self, value: Any, dialect: Dialect) -> list[str]:
        """The segments of a document, line or other canonical value, in the order of the table."""
        return [
            segment for write in self._plan(later=dialect.later).writers for segment in write(value, dialect)
        ]

    def read(self, fields: Fields, rows: list[Row], position: int, dialect: Dialect) -> int:
        """Put what stands here from `position` on into `fields`; gives the position of the first segment after it."""
        readers = self._plan(later=dialect.later).readers
        row = rows[position]
        while (found := readers.get(row[0])) is not None:
            read, tags = found
            start = position = position + 1
            following = rows[position]
            if following[0] in tags:
                while rows[position][0] in tags:
                    position += 1
                following = rows[position]
                if read is not None:
                    read(fields, row, rows[start:position], dialect)
            elif read is not None:
                read(fields, row, (), dialect)
            row = following
        return position


def new_fields() -> Fields:
    """Fields of which nothing is known yet."""
    return defaultdict(list)


def closed(fields: Fields) -> dict[str, Any]:
    """`fields` with its lists as tuples, ready for a constructor."""
    return {name: tuple(value) if type(value) is list else value for name, value in fields.items()}
