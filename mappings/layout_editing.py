"""A layout while a person makes it: what its columns can hold, and their own file as it is read by it.

A layout is edited as the plain data that `layouts.load` takes (docs/translation-files.md), right or wrong: what is
wrong with it is shown beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from mappings.canonical import Document
from mappings.codecs import layouts
from mappings.codecs.files import Source, shown
from mappings.codecs.layouts.guess import SYNONYMS
from mappings.codecs.layouts.layout import Layout, Record
from mappings.codecs.layouts.reader import READERS
from mappings.codecs.report import CodecError, Problem, Report
from mappings.layout_rows import OF_FILE, Data, raw_records, records_of
from mappings.models.layouts import problems_of, sentence

SHOWN_ROWS = 30
SHOWN_PROBLEMS = 30
SHOWN_LINES = 40
RULED_LINES = 12
LONGEST_CODE = 20
FILE_CHOICES = (
    ("file.documents", "Number of documents in the file"),
    ("file.rows", "Number of rows of documents"),
    ("file.total", "Sum of their amounts"),
)
"""What rows at the start and the end of a file can hold of it."""


@cache
def field_choices(kind: str) -> tuple[tuple[str, str], ...]:
    """(path, words) of what a column of such a document usually holds, in the order of the shipped layouts."""
    words: dict[str, str] = {}
    for data in layouts.STANDARD.values():
        if data["document"] == kind:
            for _, columns in records_of(data):
                for column in columns:
                    if isinstance(column.get("field"), str):
                        words.setdefault(column["field"], column["name"])
    for path, names in SYNONYMS.get(kind, {}).items():
        name = names.partition(",")[0].strip().format(kind=kind.replace("_", " "))
        words.setdefault(path, name.capitalize())
    outer = [(path, name) for path, name in words.items() if not path.startswith("lines.")]
    inner = [(path, f"Line: {name}") for path, name in words.items() if path.startswith("lines.")]
    return (*outer, *inner)


def choices_in(kind: str, at: str | None) -> list[tuple[str, str]]:
    """(source, words) of what a column can hold in rows for `at`; None is a layout with one kind of row."""
    if at in OF_FILE:
        return list(FILE_CHOICES)
    choices = field_choices(kind)
    if at is None:
        return list(choices)
    inner = [(path, words) for path, words in choices if path.startswith("lines.")]
    outer = [(path, words) for path, words in choices if not path.startswith("lines.")]
    return [*inner, *outer] if at.partition(".")[0] == "lines" else outer


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of the file, and what is wrong with it."""

    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: list[Cell]
    problem: str = ""


@dataclass(slots=True)
class Grid:
    """The rows of one kind: `columns` are (name, what it is read as)."""

    title: str
    columns: list[tuple[str, str]]
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A sample as a layout reads it.

    `wrong` is what keeps the data from being a layout; `problems` what is wrong with the file, by this layout; `raw`
    are its first lines where rows cannot be told, `ruled` those of fixed width below a ruler. `strange` are the codes
    of rows of no kind that the layout has. `documents` were read, `broken` could not be.
    """

    wrong: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    more_problems: int = 0
    unknown: list[str] = field(default_factory=list)
    ruled: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    documents: int = 0
    broken: int = 0
    first: Document | None = None
    is_cut: bool = False


def sheet(data: Data, sample: bytes) -> Sheet:
    """`sample` as `data` reads it: its rows, cell by cell, with what is wrong at its place. Never raises."""
    found = Sheet(wrong=problems_of(data), ruled=_ruled(sample) if data.get("format") == "fixed" else [])
    layout = _loaded(data)
    if layout is None or not sample:
        found.raw = _first_lines(sample)
        return found
    at_place: dict[tuple[int | None, str], str] = {}
    if not found.wrong:
        _read(layout, sample, found, at_place)
    _lay_out(layout, sample, found, at_place)
    if not any(grid.rows for grid in found.grids):
        found.raw = _first_lines(sample)
    return found


def _loaded(data: Data) -> Layout | None:
    """The layout; while it still lacks fields that reading needs, one that only tells rows and columns apart."""
    for attempt in (data, {**data, "direction": "write", "verify": False}):
        if not problems_of(attempt):
            return layouts.load(attempt)
    return None


def _read(layout: Layout, sample: bytes, found: Sheet, at_place: dict[tuple[int | None, str], str]) -> None:
    if layout.direction == "write":
        return
    problems: list[Problem] = []
    for item in layouts.read(sample, layout):
        problems += item.report
        if isinstance(item, layouts.Item):
            found.documents += item.document is not None
            found.broken += item.document is None
            found.first = found.first or item.document
    for problem in problems:
        at_place.setdefault((problem.line, problem.field), sentence(problem))
    found.problems = [sentence(problem) for problem in problems[:SHOWN_PROBLEMS]]
    found.more_problems = max(0, len(problems) - SHOWN_PROBLEMS)


def _lay_out(
    layout: Layout, sample: bytes, found: Sheet, at_place: Mapping[tuple[int | None, str], str]
) -> None:
    grids = {
        id(record): Grid(title, [(column.name, _meaning(column)) for column in record.columns])
        for record, title in _titled(layout)
    }
    rows = list(islice(READERS[layout.format](layout, Source(sample), Report()), SHOWN_ROWS + 1))
    found.is_cut = len(rows) > SHOWN_ROWS
    for row in rows[:SHOWN_ROWS]:
        names = [column.name for column in row.record.columns]
        cells = [
            Cell(shown(text), at_place.get((row.line, name), ""))
            for name, text in zip(names, row.cells, strict=False)
        ]
        problem = at_place.get((row.line, ""), "") or (sentence(row.problem) if row.problem else "")
        grids[id(row.record)].rows.append(Row(row.line, cells, problem))
        found.unknown += [name for name in row.extra if name not in found.unknown]
        if row.problem and row.problem.rule == "unknown_record" and layout.has_codes:
            _note_strange(layout, row.problem.value, found)
    found.grids = [grid for grid in grids.values() if grid.rows]
    found.unknown = [shown(name) for name in found.unknown[:SHOWN_ROWS]]


def _note_strange(layout: Layout, begins: str, found: Sheet) -> None:
    """The code of a row that no record has: in fixed width as long as the others' are."""
    longest = max(len(record.code) for record in layout.records)
    code = begins if layout.format == "csv" else begins[:longest]
    if code.strip() and len(code) <= LONGEST_CODE and code not in found.strange:
        found.strange.append(code)


def _titled(layout: Layout) -> Iterator[tuple[Record, str]]:
    """The records in the order of the data, which is the editor's, with their titles."""
    data = layout.data
    for record, (title, _) in zip(raw_records(data), records_of(data), strict=True):
        named = (record.get("code", ""), record.get("element", ""), record.get("at", ""))
        yield next((each, title) for each in layout.records if not title or _named(each) == named)


def _named(record: Record) -> tuple[str, str, str]:
    return record.code, "/".join(record.element), ".".join(record.at)


def _meaning(column: Any) -> str:
    """What a cell of the column is read as, for the head of a table."""
    if column.fields:
        return ", ".join(path.text for path in column.fields)
    return (
        f"always “{shown(column.constant)}”" if column.constant is not None else column.context or column.file
    )


def _ruled(sample: bytes) -> list[str]:
    """The first lines as they are, below a ruler that ends each ten positions with their number."""
    lines = [_visible(line) for line in sample[:20_000].decode("utf-8", "replace").splitlines()[:RULED_LINES]]
    width = max(map(len, lines), default=0)
    return ["".join(f"{end:.>10}" for end in range(10, width + 10, 10)), *lines] if lines else []


def _first_lines(sample: bytes) -> list[str]:
    return [shown(line) for line in sample[:20_000].decode("utf-8", "replace").splitlines()[:SHOWN_LINES]]


def written(data: Data, document: Document) -> tuple[list[str], list[str]]:
    """(lines of the file, problems) if `document` were sent by the layout now; one of them is empty.

    Values that a connection adds to its files stand there by their names.
    """
    try:
        layout = layouts.load(data)
        context = {column.context: column.context.upper() for r in layout.records for column in r.columns}
        content = layouts.write([document], layout, context).data
    except CodecError as error:
        return [], [sentence(problem, data) for problem in error.report][:SHOWN_PROBLEMS]
    lines = content.decode(layout.encoding, "replace").splitlines()
    return [_visible(line) for line in lines[:SHOWN_LINES]], []


def _visible(line: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in line[:2000])
