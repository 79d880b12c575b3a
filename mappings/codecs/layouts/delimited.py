"""CSV and its relatives: rows of cells to bytes, and bytes to rows of cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from mappings.codecs.files import Source, shown
from mappings.codecs.layouts import compose
from mappings.codecs.layouts.assemble import Row
from mappings.codecs.layouts.checks import normal_name
from mappings.codecs.layouts.layout import Column, Layout, Record
from mappings.codecs.layouts.lines import Line, read_lines
from mappings.codecs.report import Problem, Report

DELIMITERS = ",;\t|"
"""What is tried, in this order, where the delimiter is not known."""
QUOTE = '"'
QUOTINGS = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "none": csv.QUOTE_NONE}
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""How a cell begins that a spreadsheet would take for a formula; quotes that the guard added before are doubled."""
LINE_BREAK = re.compile(r"\s*[\r\n]+\s*")


# Writing.


def write(layout: Layout, rows: Iterator[compose.Row], report: Report) -> str:
    """The rows as text, with the header row if the layout has one. Cells that cannot be written are reported."""
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=layout.delimiter,
        quotechar=QUOTE,
        doublequote=True,
        quoting=QUOTINGS[layout.quoting],  # type: ignore[arg-type]
        lineterminator=layout.newline,
        escapechar=None,
    )
    names = {id(record): [c for c in record.columns if c.written] for record in layout.records}
    if layout.header:
        writer.writerow([column.name for column in names[id(layout.records[0])]])
    for record, cells in rows:
        columns = names[id(record)]
        for index, column in enumerate(columns):
            cells[index] = _cell(
                layout, column.name, cells[index], report, guarded=layout.guard and column.is_text
            )
        if not report:
            writer.writerow([record.code, *cells] if record.code else cells)
    return out.getvalue()


def _cell(layout: Layout, name: str, text: str, report: Report, *, guarded: bool) -> str:
    if guarded and FORMULA.match(text):
        text = f"'{text}"
    if "\n" in text or "\r" in text:
        if layout.line_breaks == "space":
            text = LINE_BREAK.sub(" ", text).strip()
        elif layout.line_breaks == "refuse":
            report.add(f"{name} has more than one line", "line_break", field=name, value=shown(text))
    if layout.quoting == "none" and any(sign in text for sign in (layout.delimiter, QUOTE, "\n", "\r")):
        report.add(
            f"{name} contains a delimiter, a quote or a line break, and the layout does not quote",
            "unsendable_character",
            remedy="Let the layout quote, or change the text.",
            field=name,
            value=shown(text),
        )
    return text


# Reading.


def read(layout: Layout, source: Source, report: Report) -> Iterator[Row]:
    """The rows of a file. What is wrong with the whole file goes to `report`; then there may be no rows."""
    lines = read_lines(source, layout.encoding)
    for _ in range(layout.skip):
        next(lines, None)
    return _Reader(layout, lines, report).rows()


class _Kind(NamedTuple):
    """A kind of row: where the cells of its record's columns are, and how many cells it has."""

    record: Record
    places: list[int]
    """Where the cell of each column is; -1 for a column that the file does not have."""
    width: int
    optional_from: int
    """From here on, cells at the end of a row may be missing."""
    unknown: list[tuple[int, str]]
    """The columns that the layout does not have, by place and name."""


class _Raw(NamedTuple):
    """A row before its columns are known: its cells, or the line that is broken and why."""

    line: int
    cells: list[str]
    whole: bool
    problem: Problem | None = None
    lines: tuple[Line, ...] = ()


class _Reader:
    def __init__(self, layout: Layout, lines: Iterator[Line], report: Report) -> None:
        self.layout = layout
        self.lines = lines
        self.waiting: deque[Line] = deque()
        self.taken: list[Line] = []
        self.report = report
        self.delimiter = layout.delimiter
        self.record = layout.document_records[0]

    def rows(self) -> Iterator[Row]:
        if not self.delimiter:
            self.delimiter = self._detected()
        raws = self._raws()
        kinds = self._by_header(raws) if self.layout.header else self._by_order()
        for raw in raws if kinds else ():
            if raw.problem or any(map(str.strip, raw.cells)):
                yield self._row(raw, kinds)

    def _detected(self) -> str:
        """The delimiter under which the first line with content has most of the layout's columns, else most cells."""
        line = self._peek()
        known = {normal_name(column.name) for column in self.record.columns}

        def fitness(delimiter: str) -> tuple[int, int]:
            try:
                cells = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:
                cells = line.split(delimiter)
            return sum(normal_name(cell) in known for cell in cells), len(cells)

        return max(DELIMITERS, key=fitness) if line else ","

    def _peek(self) -> str:
        for line in self.lines:
            self.waiting.append(line)
            if line.text.strip():
                return line.text
        return ""

    # Cells.

    def _raws(self) -> Iterator[_Raw]:
        """The rows as cells. One that cannot be taken apart costs its first line only: the next ones are tried anew."""
        reader = self._cells()
        while True:
            self.taken = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._broken(str(error))
                # The lines may have come to their end inside of the row that is broken.
                reader = self._cells()
                continue
            first = self.taken[0]
            problem = next((line.problem for line in self.taken if line.problem), None)
            yield _Raw(first.number, cells, self.taken[-1].whole, problem, tuple(self.taken))

    def _cells(self) -> Iterator[list[str]]:
        quoting: Any = csv.QUOTE_NONE if self.layout.quoting == "none" else csv.QUOTE_MINIMAL
        return csv.reader(
            self._feed(), delimiter=self.delimiter, quotechar=QUOTE, quoting=quoting, strict=True
        )

    def _feed(self) -> Iterator[str]:
        while True:
            line = self.waiting.popleft() if self.waiting else next(self.lines, None)
            if line is None:
                return
            self.taken.append(line)
            # A line that nobody can read must not open a quote.
            yield "\n" if line.problem and not line.text else line.text + "\n"

    def _broken(self, reason: str) -> _Raw:
        first, *others = self.taken
        self.waiting.extendleft(reversed(others))
        message = "a quote is not closed, or something stands behind a closing quote"
        if "field larger" in reason:
            message = "a cell is too long, or a quote is not closed"
        problem = Problem(
            message=message,
            rule="broken_row",
            remedy="Quotes inside a cell are doubled, and the cell is quoted. Ask the sender to correct the row.",
            line=first.number,
            value=shown(first.text),
        )
        return _Raw(first.number, self._roughly(first), first.whole, problem)

    def _roughly(self, line: Line) -> list[str]:
        """The cells of a broken line as far as they can be told apart, to find the document it belongs to."""
        try:
            return next(csv.reader([line.text], delimiter=self.delimiter), [])
        except csv.Error:
            return []

    # Columns.

    def _by_order(self) -> dict[str, _Kind]:
        """The kinds of rows by their codes, with columns by their order, for files without a header."""
        kinds = {}
        for record in self.layout.records:
            order: dict[str, int] = {}
            for column in record.columns:
                order.setdefault(column.name, len(order) + bool(record.code))
            places = [order[column.name] for column in record.columns]
            kinds[record.code] = self._kind(record, places, len(order) + bool(record.code), [])
        return kinds

    def _kind(self, record: Record, places: list[int], width: int, unknown: list[tuple[int, str]]) -> _Kind:
        needed = [
            place for place, column in zip(places, record.columns, strict=True) if self._is_needed(column)
        ]
        return _Kind(record, places, width, max(needed, default=-1) + 1, unknown)

    def _is_needed(self, column: Column) -> bool:
        return column.read and (column.required or column.name in self.layout.group)

    def _by_header(self, raws: Iterator[_Raw]) -> dict[str, _Kind]:
        """The only kind of row, by the header that comes next; none, and a report, if it does not fit."""
        raw = next((each for each in raws if each.problem or any(map(str.strip, each.cells))), None)
        if raw is None:
            self.report.add("the file is empty", "empty")
            return {}
        if raw.problem:
            self.report.extend([raw.problem])
            return {}
        names = [normal_name(cell) for cell in raw.cells]
        self._check_header(raw, names)
        if self.report:
            return {}
        folded = [normal_name(column.name) for column in self.record.columns]
        places = [names.index(name) if name in names else -1 for name in folded]
        unknown = [(place, cell.strip()) for place, cell in enumerate(raw.cells) if place not in places]
        return {"": self._kind(self.record, places, len(names), unknown)}

    def _check_header(self, raw: _Raw, names: list[str]) -> None:
        columns = [column for column in self.record.columns if column.read and column.fields]
        wanted = {normal_name(column.name) for column in columns}
        needed = dict.fromkeys(column.name for column in columns if self._is_needed(column))
        missing = [name for name in needed if normal_name(name) not in names]
        if missing or not wanted & set(names):
            lack = f"no column {', '.join(missing)}" if missing else "none of the layout's columns"
            self.report.add(
                f"the header has {lack}",
                "header",
                remedy="Check that it is the kind of file that the layout describes, and the delimiter.",
                line=raw.line,
                value=shown(self.delimiter.join(raw.cells)),
            )
        for name in [name for name, count in Counter(names).items() if count > 1 and name in wanted]:
            self.report.add(f"the header has a column {name} more than once", "header", line=raw.line)

    def _row(self, raw: _Raw, kinds: dict[str, _Kind]) -> Row:
        code = (raw.cells or [""])[0].strip() if self.layout.has_codes else ""
        kind = kinds.get(code)
        if kind is None:
            unknown = Problem(
                message="the row is of an unknown kind",
                rule="unknown_record",
                remedy="Add a record for it to the layout.",
                line=raw.line,
                value=shown(code),
            )
            return Row(raw.line, self.record, [], problem=raw.problem or unknown)
        problem = raw.problem or self._miscounted(raw, kind)
        if problem and len(raw.lines) > 1:
            # A quote may have swallowed the lines that follow: give them back.
            self.waiting.extendleft(reversed(raw.lines[1:]))
            raw = raw._replace(cells=self._roughly(raw.lines[0]))
        got = len(raw.cells)
        cells = [raw.cells[place] if 0 <= place < got else "" for place in kind.places] if got else []
        if self.layout.guard:
            cells = [cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell for cell in cells]
        extra = {name: raw.cells[at] for at, name in kind.unknown if at < got and raw.cells[at].strip()}
        return Row(raw.line, kind.record, cells, extra, problem)

    def _miscounted(self, raw: _Raw, kind: _Kind) -> Problem | None:
        """Too many cells, or too few: those at the end may be missing if no row needs them and the line is whole."""
        got = len(raw.cells)
        too_many = any(cell.strip() for cell in raw.cells[kind.width :])
        too_few = got < kind.width and (not raw.whole or got < kind.optional_from)
        if not (too_many or too_few):
            return None
        return Problem(
            message=f"the row has {got} cells, but there are {kind.width} columns",
            rule="wrong_count",
            remedy="Cells with a delimiter or a quote inside must be quoted. Ask the sender to correct the row.",
            line=raw.line,
            value=shown(self.delimiter.join(raw.cells)),
        )
