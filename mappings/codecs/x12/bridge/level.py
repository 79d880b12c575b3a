"""One level of a message (its heading, a line, its summary): which field of a document goes to which segment.

A bridge says with `parts` which segments a level has, in the order of its table; `PARTS` knows what each of them
carries, for every message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mappings.canonical import Note
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.x12.bridge.parts import (
    Row,
    Rows,
    at,
    chunks,
    new_note,
    read_carrier,
    read_charge,
    read_contact,
    read_date_time,
    read_note,
    read_party,
    read_reference,
    read_routing,
    read_tax,
    read_terms,
    segment,
    text,
    write_carrier,
    write_charge,
    write_contact,
    write_date_time,
    write_note,
    write_party,
    write_reference,
    write_routing,
    write_tax,
    write_terms,
)
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.tables import Level, level

WHOLE = ""
"""In place of a field: the segment is made of the whole value, and fills several fields."""


Write = Callable[[Any, Dialect], str | Iterable[str]]


class Part(NamedTuple):
    """A segment: the field it carries, one value of it to a segment or several, and a segment to one value or None.

    A single segment that would be empty is left out. Without `write` it is only read, without `read` only written here.
    """

    field: str
    write: Write | None
    read: Callable[[Row, Dialect], Any] | None
    many: bool = True


Parts = Mapping[str, Part]


DESCRIPTION = f"PID{ELEMENT}F{ELEMENT}{ELEMENT}{ELEMENT}{ELEMENT}"
LONGEST_DESCRIPTION = 80


def write_currency(currency: str, dialect: Dialect, role: str = "seller") -> str:
    """CUR, of the party in `role`."""
    return segment("CUR", dialect.code["party"][role], currency)


def write_freight_terms(terms: str, dialect: Dialect) -> str:
    """FOB."""
    return segment("FOB", dialect.code["freight_terms"][terms])


def write_description(description: str, dialect: Dialect) -> list[str]:
    """PID of free text; several if it is long."""
    del dialect
    value = text(description)
    return [f"{DESCRIPTION}{part}" for part in chunks(value, LONGEST_DESCRIPTION)]


def write_message_text(note: Note, dialect: Dialect) -> Iterator[str]:
    """MSG, or from 005010 on MTX, which also says the kind of note."""
    if dialect.later:
        yield segment("MTX", dialect.code["note"][note.kind], text(note.text))
    else:
        yield from (segment("MSG", part) for part in chunks(text(note.text), 264))


def read_message_text(row: Row, dialect: Dialect) -> Note | None:
    """The note in MSG or MTX."""
    if row[0] == "MSG":
        return new_note(text=row[1])
    value = " ".join(filter(None, row[2:4]))
    return new_note(text=value, kind=dialect.word["note"][row[1]]) if value else None


def write_note_loop(note: Note, dialect: Dialect) -> Iterator[str]:
    """A loop of N9 for one note, where a message has no NTE."""
    yield segment(
        "N9", dialect.code["reference"]["mutually_defined"], "NOTE", dialect.code["note"][note.kind]
    )
    yield from write_message_text(note, dialect)


PARTS: dict[str, Part] = {
    "CAD": Part("carrier", write_carrier, read_carrier, many=False),
    "CUR": Part("currency", write_currency, lambda row, _: row[2], many=False),
    "DTM": Part("dates", write_date_time, read_date_time),
    "FOB": Part(
        "freight_terms", write_freight_terms, lambda row, d: d.word["freight_terms"][row[1]], many=False
    ),
    "ITD": Part("terms", write_terms, read_terms),
    "MSG": Part("notes", write_message_text, read_message_text),
    "MTX": Part("notes", None, read_message_text),
    "N1": Part("parties", write_party, None),  # a loop: see `read_level`
    "N9": Part("notes", write_note_loop, None),
    "NTE": Part("notes", write_note, read_note),
    "PER": Part("contacts", write_contact, read_contact),
    "PID": Part("description", write_description, lambda row, _: at(row, 5) or None, many=False),
    "REF": Part("references", write_reference, read_reference),
    "SAC": Part("charges", write_charge, read_charge),
    "TD5": Part("carrier", write_routing, read_routing, many=False),
    "TXI": Part("taxes", write_tax, read_tax),
}

INSIDE = {"SAC": frozenset({"TXI"}), "N9": frozenset({"MSG", "MTX"})}
"""What is read of the segments inside of a loop; everything else inside loops but N1 says nothing to us."""


def parts(*tags: str, **own: Part) -> Parts:
    """The parts of a level, in the order of its table: `PARTS`, but for the message's `own`."""
    chosen = {tag: own.get(tag) or PARTS[tag] for tag in tags} | own
    if "MSG" in chosen or "N9" in chosen:
        chosen["MTX"] = PARTS["MTX"]
    return chosen


class LevelWriter:
    """Writes one level of a message: the segments for `parts`, in their order."""

    def __init__(self, level_parts: Parts) -> None:
        # Plain tuples are unpacked several times faster than named ones, and this is done for every document.
        self.steps = [(field, write, many) for field, write, _, many in level_parts.values() if write]

    def write(self, thing: Any, dialect: Dialect) -> list[str]:
        """The segments of a document, line or other canonical value."""
        out: list[str] = []
        for field, write, many in self.steps:
            value = getattr(thing, field) if field else thing
            if not value:
                continue
            for item in value if many else (value,):
                written = write(item, dialect)
                if not isinstance(written, str):
                    out += written
                elif ELEMENT in written:
                    out.append(written)
        return out


Step = tuple[str, Callable[[Row, Dialect], Any] | None, bool, frozenset[str]]
"""What to do with a segment on a level: the part it is, and the tags inside of the loop that it starts."""


class LevelReader:
    """Reads one level of a message: its heading or summary, or what stands below the first segment of a loop.

    `loops` lead to it from outside in; it ends before the tags `until`, and where a tag is not its own.
    """

    def __init__(self, type_: str, *loops: str, parts: Parts, until: Iterable[str] = ()) -> None:
        self.before, self.later = (
            _steps(level(type_, *loops, later=later), parts, frozenset(until)) for later in (False, True)
        )

    def read(self, fields: dict[str, Any], row: Row, rows: Rows, dialect: Dialect) -> Row:
        """Put what stands on the level into `fields`, many of a kind as tuples; give the first segment after it."""
        steps = self.later if dialect.later else self.before
        lists: dict[str, list[Any]] = {}
        while (step := steps.get(row[0])) is not None:
            field, read, many, inside = step
            if read is not None:
                value = read(row, dialect)
                if value is not None:
                    if not many:
                        _put(fields, field, value)
                    elif field in lists:
                        lists[field].append(value)
                    else:
                        lists[field] = [value]
            elif field == PARTIES:
                value, row = read_party(row, rows, dialect, inside)
                if value is not None:
                    lists.setdefault(field, []).append(value)
                continue
            trigger, row = row, next(rows)
            if inside and row[0] in inside:
                row = _read_inside(lists, trigger, row, rows, dialect, inside)
        for field, values in lists.items():
            fields[field] = tuple(values)
        return row


PARTIES = "parties"


def _steps(of: Level, level_parts: Parts, until: frozenset[str]) -> dict[str, Step]:
    unread = Part("", None, None)
    steps: dict[str, Step] = {}
    for tag in of.tags - until:
        part = level_parts.get(tag, unread)
        steps[tag] = (part.field, part.read, part.many, of.loops.get(tag, frozenset()))
    return steps


def _read_inside(
    lists: dict[str, list[Any]], trigger: Row, row: Row, rows: Rows, dialect: Dialect, inside: frozenset[str]
) -> Row:
    """Pass over the inside of a loop that `trigger` starts; the little that is kept of it goes into `lists`."""
    kept = INSIDE.get(trigger[0], frozenset())
    while (tag := row[0]) in inside:
        read = PARTS[tag].read if tag in kept else None
        value = read(row, dialect) if read else None
        if tag == "MSG" and trigger[1:3] == [dialect.code["reference"]["mutually_defined"], "NOTE"]:
            value = new_note(text=row[1], kind=dialect.word["note"][at(trigger, 3)])
        if value is not None:
            lists.setdefault(PARTS[tag].field, []).append(value)
        row = next(rows)
    return row


def _put(fields: dict[str, Any], field: str, value: Any) -> None:
    if field == WHOLE:
        fields |= value
    elif field == "description" and field in fields:
        fields[field] += f" {value}"
    else:
        fields[field] = value
