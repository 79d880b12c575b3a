"""The tables of the standards: segments, elements, conditions and messages, written as the standards print them.

A segment table has a heading with the tag and the name, then one row per element:

    N1 Party
      01 M ID 2/3        98 party role
      02 X AN 1/60       93 party name
      05 O ID 2/2       706
      R0203 P0304

A row gives the position, the requirement (M mandatory, else anything), the type, the length min/max, the number in
the data dictionary, and the name in business words. Rows `04.1`, `04.2` describe the components of composite 04.
There are two versions of everything, an earlier and a later one: 004010 and 005010 of X12, D.96A and D.01B of EDIFACT.
`1/30[50]` is a maximum of 30, but of 50 in the later version; a row or rule in brackets exists only there.
`= A C` at a row's end is a complete code list. A last row `10` or `10[11]` says how many elements there are, if the
table ends early; positions that are skipped exist, but are not described. `06..25 pairs X ID ... | X AN ...` are
pairs of elements from 06 to 25, both of a pair or none.
The last lines are relational rules: P all or none, R at least one, E at most one, C if the first then all the
others, L if the first then at least one of the others.

A message table lists its segments in order: `BIG!` mandatory, `NTE*100` at most 100, `ITD*` any number,
`TXI*10[*]` in the later version any number; `{N1 N2*2 N3*2}*200` is a loop that its first segment starts;
`4:MSG*5` or `A:MSG*5` exists only in the earlier version, `5:MTX*` or `B:MTX*` only in the later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

UNLIMITED = 0
"""As a maximum: any number of times."""

LATER = ("5", "B")
"""What marks a segment or loop of the later version, 005010 or D.01B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a segment, or component of a composite. Lengths are in characters."""

    position: int
    name: str = ""
    type: str = ""
    required: bool = False
    min: int = 0
    max: int = 0
    number: str = ""
    codes: frozenset[str] = frozenset()
    components: tuple[Element, ...] = ()
    repeat: int = 1

    @property
    def described(self) -> bool:
        """False for an element that exists, but of which nothing else is known."""
        return bool(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A relational rule between the elements of a segment: P, R, E, C or L, and their positions."""

    kind: str
    positions: tuple[int, ...]

    def broken(self, present: frozenset[int] | set[int]) -> bool:
        """Whether a segment with values in the positions `present` breaks this rule."""
        first, *others = self.positions
        count = sum(position in present for position in self.positions)
        match self.kind:
            case "P":
                return 0 < count < len(self.positions)
            case "R":
                return count == 0
            case "E":
                return count > 1
            case "C":
                return first in present and not all(position in present for position in others)
            case _:  # L
                return first in present and count == 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """A segment's table; `elements[0]` is the element in position 1. Without elements it is not described."""

    tag: str
    name: str = ""
    elements: tuple[Element, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Use:
    """A segment at its place in a message."""

    segment: Segment
    required: bool = False
    max: int = 1

    @property
    def tag(self) -> str:
        return self.segment.tag


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loop:
    """A group of segments that its first one starts. `starts` are the indexes of the items by tag."""

    items: tuple[Item, ...]
    required: bool = False
    max: int = UNLIMITED
    starts: Mapping[str, tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", _starts(self.items))

    @property
    def tag(self) -> str:
        return self.items[0].tag


Item: TypeAlias = Use | Loop


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Message:
    """A message's table in one version of the standard. `starts` are the indexes of the items by tag."""

    type: str
    name: str
    items: tuple[Item, ...]
    starts: Mapping[str, tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", _starts(self.items))

    def inside(self, *loops: str) -> tuple[Item, ...]:
        """The items of the message, or of the loop inside loops that `loops` names by their starters."""
        items = self.items
        for loop in loops:
            items = next(item.items for item in items if isinstance(item, Loop) and item.tag == loop)
        return items


def _starts(items: tuple[Item, ...]) -> dict[str, tuple[int, ...]]:
    starts: dict[str, tuple[int, ...]] = {}
    for index, item in enumerate(items):
        starts[item.tag] = (*starts.get(item.tag, ()), index)
    return starts


def tags_of(items: tuple[Item, ...]) -> frozenset[str]:
    """Every tag that may occur in `items` and the loops among them."""
    return frozenset(use.tag for use in _uses(items))


def _uses(items: tuple[Item, ...]) -> Iterator[Use]:
    for item in items:
        if isinstance(item, Use):
            yield item
        else:
            yield from _uses(item.items)


ROW = re.compile(
    r"(?P<bracket>\[)?(?P<position>\d\d)(?:\.(?P<component>\d))?"
    r"(?:\s+(?P<requirement>[MOXC])\s+(?P<type>[A-Za-z]\w*)"
    r"(?:\s+(?P<min>\d+)/(?P<max>\d+)(?:\[(?P<later_max>\d+)\])?)?"
    r"(?:\s+(?P<number>[A-Z]?\d+))?(?P<name>\s+[^=]*?)?(?:\s+=\s*(?P<codes>[^\]]*?))?)?"
    r"(?:\[(?P<later_count>\d\d)\])?\]?"
)
PAIRS = re.compile(r"(\d\d)\.\.(\d\d) pairs (.*) \| (.*)")
CONDITION = re.compile(r"([PRECL])((?:\d\d)+)")


def segments(text: str, *, later: bool) -> dict[str, Segment]:
    """The segment tables in `text`, by tag, as they are before (`later` False) or from version 005010 on."""
    tables = {}
    for block in re.split(r"\n+(?=\S)", text.strip()):
        heading, *rows = block.splitlines()
        tag, _, name = heading.partition(" ")
        tables[tag] = _segment(tag, name.strip(), [row.strip() for row in rows if row.strip()], later=later)
    return tables


def _segment(tag: str, name: str, rows: list[str], *, later: bool) -> Segment:
    elements: dict[int, Element] = {}
    conditions: list[Condition] = []
    count = 0
    for row in _without_pairs(rows):
        match = ROW.fullmatch(row)
        if match is None:
            conditions += _conditions(tag, row, later=later)
            continue
        if match["bracket"] and not later:
            continue
        position = int(match["position"])
        if match["type"] is None:
            count = int(match["later_count"]) if later and match["later_count"] else position
        elif match["component"]:
            whole = elements[position]
            component = _element(match, int(match["component"]), later=later)
            elements[position] = replace(whole, components=(*whole.components, component))
        else:
            elements[position] = _element(match, position, later=later)
    last = max([count, *elements])
    filled = tuple(elements.get(position) or Element(position=position) for position in range(1, last + 1))
    return Segment(tag=tag, name=name, elements=filled, conditions=tuple(conditions))


def _without_pairs(rows: list[str]) -> Iterator[str]:
    """The rows, with `pairs` written out as elements and rules."""
    for row in rows:
        match = PAIRS.fullmatch(row)
        if match is None:
            yield row
            continue
        for position in range(int(match[1]), int(match[2]), 2):
            yield f"{position:02d} {match[3]}"
            yield f"{position + 1:02d} {match[4]}"
            yield f"P{position:02d}{position + 1:02d}"


def _element(match: re.Match[str], position: int, *, later: bool) -> Element:
    maximum = match["later_max"] if later and match["later_max"] else match["max"]
    return Element(
        position=position,
        name=(match["name"] or "").strip(),
        type=match["type"],
        required=match["requirement"] == "M",
        min=int(match["min"] or 0),
        max=int(maximum or 0),
        number=match["number"] or "",
        codes=frozenset((match["codes"] or "").split()),
    )


def _conditions(tag: str, row: str, *, later: bool) -> Iterator[Condition]:
    always, _, from_later = row.partition("[")
    for word in (always + (from_later.rstrip("]") if later else "")).split():
        match = CONDITION.fullmatch(word)
        if match is None:
            raise ValueError(f"{tag}: neither an element nor a rule: {row!r}")
        positions = re.findall(r"\d\d", match[2])
        yield Condition(kind=match[1], positions=tuple(map(int, positions)))


def message(type_: str, name: str, text: str, tables: dict[str, Segment], *, later: bool) -> Message:
    """The message table in `text`. A segment without a table in `tables` is known by its tag only."""
    # A brace stands for itself; what follows a closing brace (its maximum) belongs to it.
    tokens = re.sub(r"([45AB]:)?\{", r" \1{ ", text).replace("}", " }").split()
    items, rest = _items(tokens, tables, later=later)
    if rest:
        raise ValueError(f"{type_}: one closing brace too many")
    return Message(type=type_, name=name, items=items)


def _items(
    tokens: list[str], tables: dict[str, Segment], *, later: bool
) -> tuple[tuple[Item, ...], list[str]]:
    """The items up to the closing brace of this level, and the tokens from that brace on."""
    items: list[Item] = []
    while tokens and not tokens[0].startswith("}"):
        token, *tokens = tokens
        when, token = (token[0], token[2:]) if token[1:2] == ":" else ("", token)
        wanted = not when or (when in LATER) == later
        item: Item
        if token.startswith("{"):
            inside, tokens = _items(tokens, tables, later=later)
            required, maximum = _occurrence(tokens.pop(0), later=later)
            item = Loop(items=_started(inside), required=required, max=maximum)
        else:
            tag = token[: re.match(r"\w+", token).end()]  # type: ignore[union-attr]
            required, maximum = _occurrence(token, later=later)
            item = Use(segment=tables.get(tag) or Segment(tag=tag), required=required, max=maximum)
        if wanted:
            items.append(item)
    return tuple(items), tokens


def _started(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items of a loop. It cannot be without the first one, which starts it."""
    start, *others = items
    return (replace(start, required=True), *others)


def _occurrence(token: str, *, later: bool) -> tuple[bool, int]:
    """Whether mandatory, and the maximum, of `BIG!`, `NTE*100`, `ITD*`, `TXI*10[*]` or `}*200`."""
    match = re.fullmatch(r"(?:\w+|\})(!)?(?:\*(\d*)(?:\[(\*|\d+)\])?)?", token)
    if match is None:
        raise ValueError(f"not a use of a segment: {token!r}")
    maximum = match[3] if later and match[3] else match[2]
    if maximum is None:
        return bool(match[1]), 1
    return bool(match[1]), UNLIMITED if maximum in ("", "*") else int(maximum)
