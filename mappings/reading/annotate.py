"""From the bytes of an X12 or EDIFACT interchange to its segments with names, meanings and problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple, Protocol

from mappings.codecs import tables
from mappings.codecs.explain import place
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION
from mappings.codecs.report import Problem
from mappings.reading.annotated import SHOWN_SEGMENTS, Annotated, Element, Segment
from mappings.reading.words import cut, plural

SHOWN_ELEMENTS = 200
"""Most elements of one segment; no honest one has more."""
KEPT_PROBLEMS = 500

INTERCHANGE, GROUP, MESSAGE, ANSWER = "interchange", "group", "message", "interchange acknowledgement"
DEPTHS = {INTERCHANGE: 0, GROUP: 1, MESSAGE: 2}
NO_SEGMENT = ""
"""The tag of what stands where an interchange should begin."""


class Raw(NamedTuple):
    """A segment as it stands in the file, in the internal separators; its tag is `NO_SEGMENT` if it is none."""

    text: str
    line: int


class Standard(Protocol):
    """What has to be known of X12 or EDIFACT."""

    label: str
    headers: dict[str, str]
    """What each header begins, by its tag."""
    trailers: dict[str, str]
    messages_need_groups: bool

    def read(self, source: BinaryIO) -> Iterator[Any]:
        """What the reader makes of the file: items with a `report`."""

    def level(self, item: Any) -> str:
        """Whether an item of the reader is a message, a group, an interchange or an answer."""

    def segments(self, source: BinaryIO) -> Iterator[Raw]:
        """All segments of the file."""

    def version(self, group: list[str], header: list[str]) -> tuple[str, bool]:
        """The type of the message with these header segments, and whether it is of the later version."""

    def message_table(self, type_: str, *, later: bool) -> tables.Message | None:
        """The message's table, if it has one."""

    def segment_table(self, tag: str, *, later: bool) -> tables.Segment | None:
        """The segment's table, if it has one."""

    def meaning(self, element: tables.Element, parts: list[str], index: int) -> str:
        """What component `index` of an element means; `parts` are all of its components."""


def annotate(
    source: BinaryIO, standard: Standard, *, limit: int = SHOWN_SEGMENTS, is_whole: bool = True
) -> Annotated:
    """The first `limit` segments of `source`, which is read twice: for its problems, and for its segments.

    Of a `source` that is only the beginning of a file the problems are not looked for: they would be of our making.
    """
    start = source.tell()
    problems = _Problems(standard, standard.read(source) if is_whole else ())
    source.seek(start)
    walk = _Walk(standard, problems, limit)
    for raw in standard.segments(source):
        walk.take(raw)
    walk.end()
    shown = len(walk.shown)
    if not is_whole:
        # The last segment may be torn.
        whole = tuple(walk.shown[:-1] if shown == walk.count else walk.shown)
        summary = f"{standard.label}, the first {plural(len(whole), 'segment')} of a larger file"
        return Annotated(f"{summary}; problems were not looked for.", whole, (), walk.count)
    summary = f"{standard.label}, {plural(walk.count, 'segment')}"
    if shown < walk.count:
        summary = f"{standard.label}, the first {shown:,} of {walk.count:,} segments"
    found = plural(problems.count, "problem") if problems.count else "no problems"
    return Annotated(f"{summary}; {found}.", tuple(walk.shown), tuple(problems.left()), walk.count)


class _Problems:
    """The problems of a file by the message, group or interchange that they belong to; each is given out once."""

    def __init__(self, standard: Standard, items: Iterable[Any]) -> None:
        self.found: dict[tuple[str, int], list[Problem]] = {}
        self.count = 0
        numbers: Counter[str] = Counter()
        for item in items:
            level = standard.level(item)
            numbers[level] += 1
            for problem in item.report:
                self.count += 1
                if self.count <= KEPT_PROBLEMS:
                    self.found.setdefault((level, numbers[level]), []).append(problem)

    def at(self, number: int, position: int) -> list[Problem]:
        """Those about one segment of message `number`; what is about the whole message is said at its header."""
        return self._take(MESSAGE, number, lambda problem: (problem.position or 1) == position)

    def about(self, level: str, number: int, tags: Collection[str]) -> list[Problem]:
        """Those of an envelope that speak of one of `tags`."""
        return self._take(level, number, lambda problem: problem.segment in tags)

    def first(self, level: str, number: int, tag: str) -> list[Problem]:
        """The next one that speaks of a segment `tag`."""
        found = self.found.get((level, number), [])
        for index, problem in enumerate(found):
            if problem.segment == tag:
                return [found.pop(index)]
        return []

    def _take(self, level: str, number: int, wanted: Any) -> list[Problem]:
        found = self.found.get((level, number), [])
        if not found:
            return []
        self.found[level, number] = [problem for problem in found if not wanted(problem)]
        return [problem for problem in found if wanted(problem)]

    def left(self) -> Iterator[str]:
        """What has not been given out."""
        for (level, number), problems in self.found.items():
            yield from (f"{level} {number}: {problem}" for problem in problems)
        if self.count > KEPT_PROBLEMS:
            yield f"{self.count - KEPT_PROBLEMS:,} more problems are not shown."


class _Walk:
    """The way through a file: which interchange, group and message a segment belongs to."""

    def __init__(self, standard: Standard, problems: _Problems, limit: int) -> None:
        self.standard = standard
        self.problems = problems
        self.limit = limit
        self.count = 0
        self.shown: list[Segment] = []
        self.numbers: Counter[str] = Counter()
        self.inside: list[str] = []
        self.group: list[str] = []
        self.message: list[tuple[Raw, list[str]]] = []

    def take(self, raw: Raw) -> None:
        """The next segment."""
        self.count += 1
        if self.count > self.limit:
            return
        row = raw.text.split(ELEMENT)
        header, trailer = self.standard.headers.get(row[0]), self.standard.trailers.get(row[0])
        if header == MESSAGE and self.standard.messages_need_groups and GROUP not in self.inside:
            header = None
        if header or trailer in (GROUP, INTERCHANGE):
            self.end()
        if header:
            self._open(header, row)
        if MESSAGE in self.inside:
            self.message.append((raw, row))
        else:
            self._add_outside(raw, row)
        if trailer in self.inside:
            self.inside = [level for level in self.inside if DEPTHS[level] < DEPTHS[trailer]]
            self.end()

    def end(self) -> None:
        """Add the segments of the message, if one ends here."""
        if self.message:
            self._add_message()
        self.message = []
        self.inside = [level for level in self.inside if level != MESSAGE]

    def _open(self, level: str, row: list[str]) -> None:
        self.numbers[level] += 1
        if level == ANSWER:
            return
        self.inside = [each for each in self.inside if DEPTHS[each] < DEPTHS[level]] + [level]
        if level != MESSAGE:
            self.group = row

    def _add_outside(self, raw: Raw, row: list[str]) -> None:
        """A segment of the envelope, or one that stands outside of any message."""
        tag = row[0]
        header, trailer = self.standard.headers.get(tag), self.standard.trailers.get(tag)
        level = self.inside[-1] if self.inside else INTERCHANGE
        if header and header != MESSAGE:
            tags = {each for each, begins in self.standard.headers.items() if begins == header}
            problems = self.problems.about(header, self.numbers[header], tags | {"", "UNA"})
        elif trailer in self.inside:
            problems = self.problems.about(str(trailer), self.numbers[str(trailer)], {tag})
        else:
            problems = self.problems.first(level, self.numbers[level], tag)
        table = self.standard.segment_table(tag, later=False)
        self.shown.append(self._segment(row, table, 0, _line(raw), problems))

    def _add_message(self) -> None:
        type_, later = self.standard.version(self.group, self.message[0][1])
        number = self.numbers[MESSAGE]
        levels = self._levels(self.standard.message_table(type_, later=later))
        for position, ((raw, row), level) in enumerate(zip(self.message, levels, strict=True), 1):
            table = self.standard.segment_table(row[0], later=later)
            where = f"segment {position} of message {number}{_line(raw, ', ')}"
            problems = self.problems.at(number, position)
            self.shown.append(self._segment(row, table, level, where, problems))

    def _levels(self, table: tables.Message | None) -> list[int]:
        """How deep in loops each segment of the message stands; what has no place stands at the margin."""
        if table is None:
            return [0] * len(self.message)
        placed = place(table, [row[0] for _, row in self.message], lambda _: True)
        return [_depth(each.path or ()) for each in placed]

    def _segment(
        self,
        row: list[str],
        table: tables.Segment | None,
        level: int,
        where: str,
        problems: list[Problem],
    ) -> Segment:
        described = table.elements if table else ()
        elements: list[Element] = []
        for position, value in enumerate(row[1:], 1):
            known = position <= len(described)
            element = described[position - 1] if known else tables.Element(position=position)
            mine = [problem for problem in problems if problem.element == position]
            elements += self._elements(row[0], element, value, mine)
        if len(elements) > SHOWN_ELEMENTS:
            left_out = f"{len(elements) - SHOWN_ELEMENTS:,} more elements are not shown"
            elements[SHOWN_ELEMENTS:] = [Element("…", left_out, "", "")]
        own = [problem for problem in problems if problem.element is None or problem.element >= len(row)]
        return Segment(
            row[0] or "not a segment",
            table.name if table else "",
            where,
            level,
            tuple(elements),
            tuple(str(replace(problem, line=None, position=None)) for problem in own),
        )

    def _elements(
        self, tag: str, element: tables.Element, value: str, problems: list[Problem]
    ) -> Iterator[Element]:
        """An element; of a composite each component, of a repeated one each repetition. Empty ones say nothing."""
        repetitions = [each.split(COMPONENT) for each in value.split(REPETITION)]
        is_composite = bool(element.components) or any(len(parts) > 1 for parts in repetitions)
        slots = [(r, c) for r, parts in enumerate(repetitions, 1) for c in range(1, len(parts) + 1)]
        said: dict[tuple[int, int], list[str]] = {slot: [] for slot in slots}
        for problem in problems:
            slot = (problem.repetition or 1, problem.component or 1)
            said[slot if slot in said else slots[-1]].append(_said(problem))
        for repetition, component in slots:
            parts = repetitions[repetition - 1]
            part = _component(element, component) if is_composite else element
            where = f"{tag}{element.position:02d}{f'-{component}' if is_composite else ''}"
            where += f" ({repetition})" if len(repetitions) > 1 else ""
            text = parts[component - 1]
            if not text and not said[repetition, component]:
                continue
            yield Element(
                where,
                part.name or (element.name if component == 1 else ""),
                cut(text),
                self.standard.meaning(part, parts, component - 1) if text else "",
                tuple(said[repetition, component]),
            )


def _line(raw: Raw, before: str = "") -> str:
    """The line of a segment; in a file of one line it says nothing."""
    return f"{before}line {raw.line}" if raw.line > 1 else ""


def _depth(path: tuple[int, ...]) -> int:
    """The first segment of a loop stands where the loop stands, the others one deeper."""
    return max(0, len(path) - (2 if path[-1:] == (0,) else 1))


def _component(element: tables.Element, position: int) -> tables.Element:
    if position <= len(element.components):
        return element.components[position - 1]
    return tables.Element(position=position)


def _said(problem: Problem) -> str:
    """A problem beside its element: without place and value, which are plain to see there."""
    return str(Problem(message=problem.message, rule=problem.rule, remedy=problem.remedy))
