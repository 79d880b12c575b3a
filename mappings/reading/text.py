"""Pages and annotated interchanges as plain text for a terminal: nothing in them can move its cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.reading.annotated import Annotated, Segment
from mappings.reading.html import first_of
from mappings.reading.page import Fact, Page, Table
from mappings.reading.words import visible

WIDEST = 60
"""No column of a table is wider; what is longer pushes its line to the right."""


def document_text(page: Page) -> str:
    """A business document, with a line end at its end."""
    return "".join(f"{line.rstrip()}\n" for line in _document(page))


def _document(page: Page) -> Iterator[str]:
    yield visible(page.title)
    yield "=" * len(visible(page.title))
    yield from _aligned(page.facts)
    for title, lines in page.blocks:
        yield ""
        yield visible(title)
        yield from (f"  {visible(line)}" for line in lines)
    for table in page.tables:
        yield ""
        yield from _table(table)
    if page.totals:
        yield ""
        yield from _totals(page.totals)
    for label, text in page.notes:
        yield ""
        yield from (visible(line) for line in (f"{label}: {text}" if label else text).splitlines())


def _aligned(facts: Iterable[Fact]) -> Iterator[str]:
    shown = [(visible(label), visible(value)) for label, value in facts]
    width = min(max((len(label) for label, _ in shown), default=0), WIDEST)
    yield from (f"{label:<{width}}  {value}" for label, value in shown)


def _totals(totals: Iterable[Fact]) -> Iterator[str]:
    shown = [(visible(label), visible(value)) for label, value in totals]
    # The currency stands behind the number, so amounts are aligned without it.
    numbers = [value.partition(" ") for _, value in shown]
    width = max(len(label) for label, _ in shown)
    digits = max(len(number) for number, _, _ in numbers)
    for (label, _), (number, _, unit) in zip(shown, numbers, strict=True):
        yield f"{label:<{width}}  {number:>{digits}} {unit}"


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield visible(table.title)
    rows = [[visible(cell) for cell in row.cells] for row in table.rows]
    columns = list(zip(table.columns, *rows, strict=True))
    widths = [min(max(map(len, column)), WIDEST) for column in columns]

    def aligned(cells: Iterable[str]) -> str:
        return "  ".join(
            f"{cell:>{width}}" if index in table.numbers else f"{cell:<{width}}"
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )

    yield aligned(table.columns)
    yield "  ".join("-" * width for width in widths)
    indent = sum(width + 2 for width in widths[: table.wide]) + 2
    for cells, row in zip(rows, table.rows, strict=True):
        yield aligned(cells)
        yield from (f"{'':{indent}}{visible(line)}" for line in row.more)
    if len(table.rows) < table.total:
        yield first_of(table)


def annotated_text(annotated: Annotated) -> Iterator[str]:
    """An annotated interchange, line by line, without line ends."""
    yield visible(annotated.summary)
    yield from (f"!! {visible(problem)}" for problem in annotated.elsewhere)
    for segment in annotated.segments:
        yield from _segment(segment)


def _segment(segment: Segment) -> Iterator[str]:
    indent = "  " * min(segment.level, 6)
    yield ""
    where = f"({segment.place})" if segment.place else ""
    yield "  ".join(filter(None, [f"{indent}{visible(segment.tag)}", visible(segment.name), where]))
    yield from (f"{indent}!! {visible(problem)}" for problem in segment.problems)
    shown = [
        (visible(each.place), visible(each.name), visible(each.value), visible(each.meaning), each.problems)
        for each in segment.elements
    ]
    places, names, values = (
        min(max((len(row[column]) for row in shown), default=0), WIDEST) for column in range(3)
    )
    for place, name, value, meaning, problems in shown:
        yield f"{indent}  {place:<{places}}  {name:<{names}}  {value:<{values}}  {meaning}".rstrip()
        yield from (f"{indent}  !! {visible(problem)}" for problem in problems)
