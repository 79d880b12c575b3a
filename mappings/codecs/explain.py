"""The slow way through a message, segment by segment and element by element, to say all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple, cast

from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR, Values, segment_pattern
from mappings.codecs.report import Problem
from mappings.codecs.tables import UNLIMITED, Condition, Element, Item, Loop, Message, Segment, Use, tags_of

MAX_PROBLEMS = 500
"""More problems than this in one message help nobody."""

RULES = {
    # rule: (what is wrong, what to do)
    "mandatory_missing": ("the {name} is missing", "Fill it in; every message of this kind needs it."),
    "conditional_missing": ("{name}", "Fill in what is missing, or leave out what needs it."),
    "exclusion": ("{name}", "Leave out all but one."),
    "too_many_elements": (
        "the segment has more elements than the standard knows",
        "Remove what is after it.",
    ),
    "too_many_components": ("the {name} has more parts than the standard knows", "Remove what is too many."),
    "too_many_repetitions": ("the {name} is repeated, but may stand only once", "Send it once."),
    "too_short": ("the {name} is shorter than {min}", "Use at least {min} characters."),
    "too_long": ("the {name} is longer than {max}", "Shorten it to {max} characters."),
    "invalid_character": (
        "the {name} contains a character that is not allowed here",
        "Remove or replace it.",
    ),
    "invalid_number": ("the {name} is not a number as the standard writes it", "Use digits, and {point}."),
    "invalid_decimal": ("the {name} has its decimal mark or sign in a wrong place", "Write it as -1234.56."),
    "no_leading_digit": ("the {name} has no digit before the decimal mark", "Write a 0 there."),
    "date_format": (
        "the {name} is not what its format says",
        "Write YYYYMMDD with format 102, YYYYMMDDHHMM with 203, and others as the standard says.",
    ),
    "invalid_code": ("the {name} is not one of the codes allowed here", "Use a code from the list: {codes}."),
    "invalid_date": ("the {name} is not a date", "Use {date}."),
    "invalid_time": ("the {name} is not a time", "Use hours and minutes as HHMM, or HHMMSS."),
    "trailing_separators": (
        "the segment ends in separators that separate nothing",
        "End it after its last value.",
    ),
    "segment_empty": ("the segment has no values", "Leave it out."),
    "segment_unknown": ("there is no segment {tag} in the standard", "Remove it or correct its tag."),
    "segment_not_in_message": ("segment {tag} has no place in this kind of message", "Remove it."),
    "segment_unexpected": ("segment {tag} is not expected here", "Move or remove it."),
    "segment_order": (
        "segment {tag} comes too late; it belongs further up",
        "Put it in the standard's order.",
    ),
    "segment_early": ("segment {tag} comes too early; what should stand before it follows", "Move it down."),
    "segment_missing": ("segment {tag} ({name}) is missing before this one", "Add it."),
    "segment_over_max": ("segment {tag} stands here more than {max} times", "Remove what is too many."),
    "loop_over_max": (
        "the group that {tag} starts stands here more than {max} times",
        "Remove what is too many.",
    ),
}


class Placed(NamedTuple):
    """A segment and where in the table it belongs: the items' indexes from the message down; None if nowhere."""

    use: Use | None
    path: tuple[int, ...] | None
    loop: str
    problems: list[Problem]


@dataclass(slots=True)
class _Level:
    """The message or one instance of a loop, while its segments pass by."""

    table: Message | Loop
    name: str = ""
    parent: _Level | None = None
    index: int = 0
    count: int = 0
    path: tuple[int, ...] = field(default=())

    @property
    def items(self) -> tuple[Item, ...]:
        return self.table.items

    def find(self, tag: str) -> int | None:
        """The index of the next item, from here on, that starts with `tag`."""
        return next((i for i in self.table.starts.get(tag, ()) if i >= self.index), None)

    def find_behind(self, tag: str) -> int | None:
        """The index of an item that starts with `tag` and whose turn is over."""
        return next((i for i in self.table.starts.get(tag, ()) if i < self.index), None)

    def missing(self, end: int) -> Iterator[Item]:
        """The mandatory items between here and `end` that did not come."""
        start = self.index + 1 if self.count else self.index
        return (item for item in self.items[start:end] if item.required)


def place(message: Message, tags: Sequence[str], known: Callable[[str], bool]) -> Iterator[Placed]:
    """For every tag of a message in turn: where it belongs, and the problems with its being there.

    `known` says whether a tag exists in the standard at all. Segments that belong nowhere are passed over, and so is
    one that comes far too early: it would make all that follows come too late.
    """
    level = _Level(message)
    in_message = tags_of(message.items)
    for position, tag in enumerate(tags, 1):
        problems: list[Problem] = []
        target, index = _find(level, tag)
        early = False
        if target is not None and index is not None:
            early = _comes_early(
                level, target, index, [t for t in tags[position : position + 4] if t in in_message]
            )
        if target is None or index is None or early:
            behind = None if early else _find_behind(level, tag)
            rule = _misplacement(
                tag, early=early, late=bool(behind), in_message=tag in in_message, known=known(tag)
            )
            problems.append(_problem(rule, position, tag, loop=level.name))
            if behind and isinstance(behind[0].items[behind[1]], Loop):
                level = _enter(*behind)
            yield Placed(None, None, level.name, problems)
            continue
        problems += _leave(level, target, index, position)
        item = target.items[index]
        target.count = target.count + 1 if index == target.index else 1
        target.index = index
        if item.max != UNLIMITED and target.count == item.max + 1:
            rule = "loop_over_max" if isinstance(item, Loop) else "segment_over_max"
            problems.append(_problem(rule, position, tag, loop=target.name, max=item.max))
        level = _enter(target, index) if isinstance(item, Loop) else target
        use = level.items[0] if isinstance(item, Loop) else item
        path = (*level.path, 0) if isinstance(item, Loop) else (*target.path, index)
        yield Placed(use if isinstance(use, Use) else None, path, level.name, problems)


def _misplacement(tag: str, *, early: bool, late: bool, in_message: bool, known: bool) -> str:
    """The rule that a segment breaks which has no place where it stands."""
    if early:
        return "segment_early"
    if late:
        return "segment_order"
    if in_message:
        return "segment_unexpected"
    return "segment_not_in_message" if known and tag else "segment_unknown"


def _comes_early(level: _Level, target: _Level, index: int, following: Sequence[str]) -> bool:
    """Whether to go on to item `index` of `target` would leave behind the segments that follow."""
    if not following:
        return False
    at, next_index = _find(level, following[0])
    before = at is not None and (
        len(at.path) > len(target.path) or (at is target and (next_index or 0) < index)
    )
    if not before:
        return False
    then = replace(target, index=index)
    if isinstance(target.items[index], Loop):
        then = _enter(then, index)
    return all(_find(then, tag)[0] is None and _find(level, tag)[0] is not None for tag in following[:2])


def _find(level: _Level, tag: str) -> tuple[_Level | None, int | None]:
    at: _Level | None = level
    while at is not None:
        index = at.find(tag)
        # The trigger of the loop we are in starts the loop anew, one level up.
        if index is not None and not (index == 0 and at.parent and isinstance(at.items[0], Use)):
            return at, index
        at = at.parent
    return None, None


def _find_behind(level: _Level, tag: str) -> tuple[_Level, int] | None:
    at: _Level | None = level
    while at is not None:
        index = at.find_behind(tag)
        if index is not None and not (index == 0 and at.parent):
            return at, index
        at = at.parent
    return None


def _enter(parent: _Level, index: int) -> _Level:
    loop = parent.items[index]
    if not isinstance(loop, Loop):
        raise TypeError(f"{loop.tag} starts no loop")
    return _Level(loop, name=loop.tag, parent=parent, count=1, path=(*parent.path, index))


def _leave(level: _Level, target: _Level, index: int, position: int) -> Iterator[Problem]:
    """The mandatory segments that are missing when we go on from `level` to an item of `target`."""
    at = level
    while at is not target:
        yield from (_missing(item, position, at.name) for item in at.missing(len(at.items)))
        at = at.parent  # type: ignore[assignment]
    yield from (_missing(item, position, at.name) for item in at.missing(index))


def _missing(item: Item, position: int, loop: str) -> Problem:
    use = item
    while isinstance(use, Loop):
        use = use.items[0]
    return _problem("segment_missing", position, use.tag, loop=loop, name=use.segment.name or use.tag)


def _problem(rule: str, position: int, tag: str, *, loop: str, **words: object) -> Problem:
    message, remedy = RULES[rule]
    return Problem(
        message=message.format(tag=tag, **words),
        rule=rule,
        remedy=remedy,
        segment=tag,
        position=position,
        loop=loop,
    )


def explain(
    message: Message, segments: list[list[str]], values: Values, known: Callable[[str], bool]
) -> list[Problem]:
    """All that is wrong with a message. `segments` are lists of the tag and its elements, from header to trailer."""
    problems: list[Problem] = []
    placed = place(message, [segment[0] for segment in segments], known)
    for position, (segment, where) in enumerate(zip(segments, placed, strict=True), 1):
        problems += where.problems
        if where.use is not None:
            problems += check_segment(where.use.segment, segment, values, position, where.loop)
        if len(problems) > MAX_PROBLEMS:
            return problems[:MAX_PROBLEMS]
    return problems


def _accepted(table: Segment, values: Values, segment: list[str]) -> bool:
    """Whether the segment is right as a whole, so that its elements need no look."""
    text = ELEMENT.join(segment) + TERMINATOR
    return values.allows(text) and _compiled(table, cast("Any", values)).fullmatch(text) is not None


@cache
def _compiled(table: Segment, values: Any) -> re.Pattern[str]:
    return re.compile(segment_pattern(table, values))


def check_segment(
    table: Segment, segment: list[str], values: Values, position: int | None = None, loop: str = ""
) -> Iterator[Problem]:
    """What is wrong with the elements of one segment: `segment` is its tag and its elements."""
    if _accepted(table, values, segment):
        return
    for finding in _findings(table, segment[1:], values):
        message, remedy = RULES[finding.rule]
        yield Problem(
            message=message.format(**finding.words),
            rule=finding.rule,
            remedy=remedy.format(**finding.words),
            segment=table.tag,
            position=position,
            loop=loop,
            element=finding.element,
            component=finding.component,
            repetition=finding.repetition,
            data_element=finding.number,
            value=finding.value,
        )


class Finding(NamedTuple):
    """A broken rule of an element, before it is put into words."""

    rule: str
    element: int | None = None
    number: str = ""
    value: str = ""
    component: int | None = None
    repetition: int | None = None
    words: dict[str, object] = {}


def _findings(table: Segment, elements: list[str], values: Values) -> Iterator[Finding]:
    if not any(elements):
        yield Finding("segment_empty")
        return
    if not elements[-1]:
        yield Finding("trailing_separators", len(elements))
    if not table.elements:
        return
    for position, value in enumerate(elements, 1):
        if value and position > len(table.elements):
            yield Finding("too_many_elements", position, value=value)
    for element in table.elements:
        value = elements[element.position - 1] if element.position <= len(elements) else ""
        yield from _element_findings(table, element, value, values)
    present = {position for position, value in enumerate(elements, 1) if value}
    for condition in table.conditions:
        if condition.broken(present):
            yield _broken(table, condition, present)


def _name(table: Segment, position: int) -> str:
    element = table.elements[position - 1] if position <= len(table.elements) else None
    return (element and element.name) or f"element {table.tag}{position:02d}"


def _element_findings(table: Segment, element: Element, value: str, values: Values) -> Iterator[Finding]:
    words: dict[str, object] = {"name": _name(table, element.position)}
    at = Finding("mandatory_missing", element.position, element.number, words=words)
    if not value:
        if element.required:
            yield at
        return
    if not element.described:
        return
    repetitions = value.split(REPETITION)
    if len(repetitions) > element.repeat:
        yield at._replace(rule="too_many_repetitions", value=value, repetition=element.repeat + 1)
        return
    for number, repetition in enumerate(repetitions, 1):
        at = at._replace(value=repetition, repetition=number if element.repeat > 1 else None)
        yield from _part_findings(element, at, values)


def _part_findings(element: Element, at: Finding, values: Values) -> Iterator[Finding]:
    """What is wrong with one repetition, `at.value`, of an element."""
    parts = at.value.split(COMPONENT)
    if len(parts) > max(1, len(element.components)):
        yield at._replace(rule="too_many_components")
        return
    if not element.components:
        yield from _value_finding(element, at, values)
        return
    if not parts[-1]:
        yield at._replace(rule="trailing_separators")
    sound = True
    for component in element.components:
        part = parts[component.position - 1] if component.position <= len(parts) else ""
        here = at._replace(value=part, component=component.position, number=component.number)
        if component.name:
            here = here._replace(words={"name": component.name})
        found = list(_value_finding(component, here, values)) if part else [here] * component.required
        sound = sound and not found
        yield from found
    if sound and values.composite(element):
        yield from _value_finding(element, at, values)


def _value_finding(element: Element, at: Finding, values: Values) -> Iterator[Finding]:
    if rule := values.problem(element, at.value):
        words = at.words | {
            "min": element.min,
            "max": element.max,
            "codes": ", ".join(sorted(element.codes)) or "see the standard",
            "date": "YYYYMMDD" if element.max > 6 else "YYMMDD",
            "point": "a point before decimals" if element.type == "R" else "no point",
        }
        yield at._replace(rule=rule, words=words)


def _broken(table: Segment, condition: Condition, present: set[int]) -> Finding:
    """A broken relational rule in words, at the element that is missing (or, for E, one too many)."""
    first, *others = condition.positions
    missing = [position for position in condition.positions if position not in present]
    there = [position for position in condition.positions if position in present]

    def names(positions: Iterable[int], joint: str) -> str:
        return joint.join(_name(table, position) for position in positions)

    match condition.kind:
        case "P" | "C":
            there = there if condition.kind == "P" else [first]
            text = f"the {names(missing, ' and ')} must be given with the {names(there, ' and ')}"
        case "R":
            text = f"at least one is needed of: {names(condition.positions, ', ')}"
        case "L":
            text = f"with the {names([first], '')}, at least one is needed of: {names(others, ', ')}"
        case _:
            text = f"only one may be given of: {names(there, ', ')}"
    at = there[-1] if condition.kind == "E" else missing[0]
    number = table.elements[at - 1].number if at <= len(table.elements) else ""
    rule = "exclusion" if condition.kind == "E" else "conditional_missing"
    return Finding(rule, at, number, words={"name": text})
