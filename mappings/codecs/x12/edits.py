"""A partner's rules for one message, put into effect: on its segments when writing, on its document when reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.canonical import Document
from mappings.codecs.explain import place
from mappings.codecs.patterns import ELEMENT
from mappings.codecs.report import Problem
from mappings.codecs.tables import Loop, Message
from mappings.codecs.x12 import paths
from mappings.codecs.x12.bridge.parts import Row, text
from mappings.codecs.x12.overlay import PLACE
from mappings.codecs.x12.tables import message_table, segment_tables

LINE_STARTERS = frozenset({"IT1", "PO1", "RMR"})


@dataclass(slots=True)
class _Placed:
    """A segment on its way out: its row, its place in the table, and the canonical line that it belongs to."""

    row: Row
    path: tuple[int, ...]
    line: Any


def matches(row: Row, what: str) -> bool:
    """Whether `row` is a segment that `what` (PID, REF[DP], BIG08, REF[DP]03) speaks of."""
    found = PLACE.fullmatch(what)
    return bool(found and row[0] == found["tag"] and (not found["code"] or found["code"] == row[1]))


def _position(what: str) -> int:
    found = PLACE.fullmatch(what)
    return int(found["position"] or 0) if found else 0


def edit(
    type_: str, segments: list[str], document: Document, rules: Mapping[str, Any], *, later: bool
) -> list[str]:
    """`segments`, those between ST and SE of a message of `type_`, under `rules`."""
    table = message_table(type_, later=later)
    placed = _placed(table, segments, document)
    placed = _without(placed, rules.get("suppress", ()))
    for what, template in rules.get("set", {}).items():
        for each in placed:
            if matches(each.row, what) and (value := paths.fill(template, document, each.line)):
                _set(each.row, _position(what), text(value))
    for extra in rules.get("add", ()):
        placed = _with(table, placed, document, extra)
    tables = segment_tables(later=later)
    for what in rules.get("truncate", ()):
        for each in placed:
            position = _position(what)
            if matches(each.row, what) and position < len(each.row):
                longest = tables[each.row[0]].elements[position - 1].max
                each.row[position] = each.row[position][:longest].rstrip()
    return [ELEMENT.join(each.row).rstrip(ELEMENT) for each in placed]


def _placed(table: Message, segments: list[str], document: Document) -> list[_Placed]:
    rows = [segment.split(ELEMENT) for segment in segments]
    lines = iter(getattr(document, "lines", ()))
    placed: list[_Placed] = []
    line = None
    tags = ["ST", *(row[0] for row in rows), "SE"]
    for row, where in zip(rows, list(place(table, tags, lambda _: True))[1:-1], strict=True):
        if row[0] in LINE_STARTERS:
            line = next(lines, None)
        elif where.path and len(where.path) == 1:
            line = None
        placed.append(_Placed(row, where.path or (), line))
    return placed


def _set(row: Row, position: int, value: str) -> None:
    row += [""] * (position + 1 - len(row))
    row[position] = value


def _without(placed: list[_Placed], suppressed: Iterable[str]) -> list[_Placed]:
    """`placed` without the segments that are suppressed; with one that starts a loop goes all of its loop."""
    kept: list[_Placed] = []
    gone: tuple[int, ...] | None = None
    for each in placed:
        inside = gone is not None and each.path[: len(gone)] == gone and each.path != (*gone, 0)
        if inside:
            continue
        gone = None
        if any(matches(each.row, what) for what in suppressed):
            # The path of a loop's first segment ends in 0: what begins with the rest of it is inside the loop.
            gone = each.path[:-1] if len(each.path) > 1 and each.path[-1] == 0 else None
            continue
        kept.append(each)
    return kept


def _with(
    table: Message, placed: list[_Placed], document: Document, extra: Mapping[str, Any]
) -> list[_Placed]:
    """`placed` with a segment more: once in the message, or in every instance of the loop that `extra` names."""
    loop = extra.get("in", "")
    tag = extra["segment"]
    found = PLACE.fullmatch(loop)
    level: Any = table
    prefix: tuple[int, ...] = ()
    if found:
        (index, *_) = table.starts[found["tag"]]
        level, prefix = table.items[index], (index,)
    order = next((i for i in level.starts.get(tag, ()) if i or not isinstance(level, Loop)), None)
    if order is None:
        return placed
    result: list[_Placed] = []
    instances = list(_instances(placed, prefix))
    for instance in instances:
        result += instance
        if prefix and not (instance and instance[0].path[:1] == prefix and matches(instance[0].row, loop)):
            continue
        line = instance[0].line if prefix else None
        elements = [paths.fill(element, document, line) if element else "" for element in extra["elements"]]
        if any(template and not value for template, value in zip(extra["elements"], elements, strict=True)):
            continue
        depth = len(prefix)
        before = sum(1 for each in instance if each.path[depth : depth + 1] <= (order,))
        at = len(result) - len(instance) + before
        result.insert(at, _Placed([tag, *map(text, elements)], (*prefix, order), line))
    return result


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


def missing(rows: list[Row], rules: Mapping[str, Any]) -> Iterator[Problem]:
    """What a message lacks that the partner requires. `rows` begin with ST."""
    for what, name in rules.get("require", {}).items():
        position = _position(what)
        found = [(number, row) for number, row in enumerate(rows, 1) if matches(row, what)]
        if not found:
            yield _missing(what, name, None)
        for number, row in found:
            if position and not (row[position : position + 1] or [""])[0]:
                yield _missing(what, name, number)


def forbidden(rows: list[Row], rules: Mapping[str, Any]) -> Iterator[Problem]:
    """Codes in a message that are not among those agreed on with the partner. `rows` begin with ST."""
    for what, codes in rules.get("allow", {}).items():
        position = _position(what)
        for number, row in enumerate(rows, 1):
            value = row[position] if matches(row, what) and position < len(row) else ""
            if value and value not in codes:
                yield Problem(
                    message=f"the partner allows only {', '.join(codes)} in {what}",
                    rule="invalid_code",
                    segment=row[0],
                    position=number,
                    element=position,
                    value=value,
                )


def _missing(what: str, name: str, number: int | None) -> Problem:
    return Problem(
        message=f"the {name} is missing",
        rule="mandatory_missing" if number else "segment_missing",
        remedy="This partner rejects messages without it.",
        segment=what[:3].partition("[")[0],
        position=number,
        element=_position(what) or None if number else None,
    )


def put_read(document: Document, rows: list[Row], targets: Mapping[str, str]) -> Document:
    """`document` with the elements that the partner uses in a way of its own put where they belong."""
    for what, target in targets.items():
        position = _position(what)
        for row in rows:
            if matches(row, what) and position < len(row) and row[position]:
                document = paths.put(document, target, row[position])
                break
    return document
