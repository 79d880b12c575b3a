"""A partner's rules for one message, put into effect: on its segments when writing, on its document when reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mappings.canonical import Document
from mappings.codecs import explain
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.report import Problem
from mappings.codecs.rules import paths
from mappings.codecs.rules.places import Place, Row, place
from mappings.codecs.tables import Element, Loop, Message, Segment

Rules = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The message that rules are for: its tables, and how its standard writes.

    `starts_line` says which segments start a line of the document, `text` makes a value of a text, `number` one of a
    number.
    """

    message: Message
    segments: Mapping[str, Segment]
    starts_line: Callable[[Row], bool]
    text: Callable[[str], str]
    number: Callable[[Decimal], str]


@dataclass(slots=True)
class _Placed:
    """A segment on its way out: its row, its place in the table, and the canonical line that it belongs to."""

    row: Row
    path: tuple[int, ...]
    line: Any


def edit(target: Target, segments: list[str], document: Document, rules: Rules) -> list[str]:
    """`segments`, those between header and trailer of a message with `document`, under `rules`."""
    placed = _placed(target, segments, document)
    placed = _without(placed, [place(what) for what in rules.get("suppress", ())])
    for what, template in rules.get("set", {}).items():
        where = place(what)
        for each in placed:
            if where.matches(each.row) and (
                value := paths.fill(template, document, each.line, target.number)
            ):
                where.put(each.row, target.text(value))
    for extra in rules.get("add", ()):
        placed = _with(target, placed, document, extra)
    for what in rules.get("truncate", ()):
        _truncate(target, placed, place(what))
    return [ELEMENT.join(each.row).rstrip(ELEMENT) for each in placed]


def _truncate(target: Target, placed: list[_Placed], where: Place) -> None:
    longest = described(target.segments, where).max
    for each in placed:
        if where.matches(each.row) and (value := where.get(each.row)):
            where.put(each.row, value[:longest].rstrip())


def described(segments: Mapping[str, Segment], where: Place) -> Element:
    """What the tables say of the element or component at `where`, which is there."""
    element = segments[where.tag].elements[(where.element or 0) - 1]
    return element.components[where.component - 1] if where.component else element


def _placed(target: Target, segments: list[str], document: Document) -> list[_Placed]:
    rows = [segment.split(ELEMENT) for segment in segments]
    lines = iter(getattr(document, "lines", ()))
    placed: list[_Placed] = []
    line = None
    header, trailer = target.message.items[0].tag, target.message.items[-1].tag
    tags = [header, *(row[0] for row in rows), trailer]
    found = list(explain.place(target.message, tags, lambda _: True))[1:-1]
    for row, where in zip(rows, found, strict=True):
        if target.starts_line(row):
            line = next(lines, None)
        elif where.path and len(where.path) == 1:
            line = None
        placed.append(_Placed(row, where.path or (), line))
    return placed


def _without(placed: list[_Placed], suppressed: Iterable[Place]) -> list[_Placed]:
    """`placed` without the segments that are suppressed; with one that starts a loop goes all of its loop."""
    kept: list[_Placed] = []
    gone: tuple[int, ...] | None = None
    for each in placed:
        inside = gone is not None and each.path[: len(gone)] == gone and each.path != (*gone, 0)
        if inside:
            continue
        gone = None
        if any(what.matches(each.row) for what in suppressed):
            # The path of a loop's first segment ends in 0: what begins with the rest of it is inside the loop.
            gone = each.path[:-1] if len(each.path) > 1 and each.path[-1] == 0 else None
            continue
        kept.append(each)
    return kept


def _with(
    target: Target, placed: list[_Placed], document: Document, extra: Mapping[str, Any]
) -> list[_Placed]:
    """`placed` with a segment more: once in the message, or in every instance of the loop that `extra` names."""
    loop = place(extra["in"]) if extra.get("in") else None
    tag = extra["segment"]
    level: Message | Loop = target.message
    prefix: tuple[int, ...] = ()
    if loop:
        index = loop_index(target.message, loop.tag)
        inner = target.message.items[index]
        if not isinstance(inner, Loop):
            return placed
        level, prefix = inner, (index,)
    order = next((i for i in level.starts.get(tag, ()) if i or not isinstance(level, Loop)), None)
    if order is None:
        return placed
    path = (*prefix, order, 0) if isinstance(level.items[order], Loop) else (*prefix, order)
    result: list[_Placed] = []
    for instance in _instances(placed, prefix):
        result += instance
        if loop and not (instance and instance[0].path[:1] == prefix and loop.matches(instance[0].row)):
            continue
        line = instance[0].line if loop else None
        row = _filled(target, extra, document, line)
        if row:
            depth = len(prefix)
            before = sum(1 for each in instance if each.path[depth : depth + 1] <= (order,))
            result.insert(len(result) - len(instance) + before, _Placed(row, path, line))
    return result


def loop_index(message: Message, tag: str) -> int:
    """Which item of `message` is the loop that `tag` starts. KeyError if none is."""
    for index in message.starts.get(tag, ()):
        if isinstance(message.items[index], Loop):
            return index
    raise KeyError(tag)


def _filled(target: Target, extra: Mapping[str, Any], document: Document, line: Any) -> Row | None:
    """The segment to be added; None if something in it that comes from the document is empty.

    An element is a text, or a list of texts for its components.
    """
    row = [extra["segment"]]
    for position, template in enumerate(extra["elements"], 1):
        whole = isinstance(template, str)
        for number, one in enumerate([template] if whole else template, 1):
            value = paths.fill(one, document, line, target.number) if one else ""
            if one and not value:
                return None
            if value:
                where = Place(row[0], element=position, component=None if whole else number)
                where.put(row, target.text(value))
    return row


def _instances(placed: list[_Placed], prefix: tuple[int, ...]) -> Iterator[list[_Placed]]:
    """`placed` in one piece for the message, or cut where the loop at `prefix` begins anew and where it ends."""
    if not prefix:
        yield placed
        return
    piece: list[_Placed] = []
    for each in placed:
        starts = each.path == (*prefix, 0)
        leaves = bool(piece) and piece[0].path[:1] == prefix and each.path[:1] != prefix
        if starts or leaves:
            yield piece
            piece = []
        piece.append(each)
    yield piece


def missing(rows: list[Row], rules: Rules) -> Iterator[Problem]:
    """What a message lacks that the partner requires. `rows` begin with the header."""
    for what, name in rules.get("require", {}).items():
        where = place(what)
        found = [(number, row) for number, row in enumerate(rows, 1) if where.matches(row)]
        if not found:
            yield _missing(where, name, None)
        for number, row in found:
            if where.element and not where.get(row):
                yield _missing(where, name, number)


def _missing(where: Place, name: str, number: int | None) -> Problem:
    return Problem(
        message=f"the {name} is missing",
        rule="mandatory_missing" if number else "segment_missing",
        remedy="This partner rejects messages without it.",
        segment=where.tag,
        position=number,
        element=where.element if number else None,
        component=where.component if number else None,
    )


def forbidden(rows: list[Row], rules: Rules) -> Iterator[Problem]:
    """Codes in a message that are not among those agreed on with the partner. `rows` begin with the header."""
    for what, codes in rules.get("allow", {}).items():
        where = place(what)
        for number, row in enumerate(rows, 1):
            value = where.get(row) if where.matches(row) else ""
            if value and value not in codes:
                yield Problem(
                    message=f"the partner allows only {', '.join(codes)} in {what}",
                    rule="invalid_code",
                    segment=where.tag,
                    position=number,
                    element=where.element,
                    component=where.component,
                    value=value,
                )


def put_read(document: Document, rows: list[Row], rules: Rules) -> Document:
    """`document` with the elements that the partner uses in a way of its own put where they belong."""
    for what, target in rules.get("read", {}).items():
        where = place(what)
        value = next((value for row in rows if where.matches(row) and (value := where.get(row))), "")
        if value:
            document = paths.put(document, target, value)
    return document
