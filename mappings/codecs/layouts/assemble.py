"""From rows of cells to documents, whatever the format of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from mappings.canonical import FieldProblem, InvalidDocument, from_plain
from mappings.codecs import files
from mappings.codecs.files import shown
from mappings.codecs.layouts.compose import Tally
from mappings.codecs.layouts.derived import Draft, finish
from mappings.codecs.layouts.formats import FormatError
from mappings.codecs.layouts.layout import END, Column, Layout, Record
from mappings.codecs.report import Problem, Report

MOST_HELD_ROWS = 200_000
"""Most rows that are kept in memory where the rows of a document need not be adjacent."""
MOST_KEYS = 1 << 16
"""Of how many documents the keys are remembered, to notice one that comes twice."""
MOST_EXTRA = 1000
"""Of how many rows of a document the unknown columns are kept."""


@dataclass(slots=True, kw_only=True)
class Item(files.Item):
    """A document of a file, from `rows` rows. `extra` are the unknown columns of each row that has any."""

    rows: int = 0
    extra: list[dict[str, str]] = field(default_factory=list)


class Row(NamedTuple):
    """A row that was read: its record, and a cell for each of the record's columns; or a problem with all of it."""

    line: int
    record: Record
    cells: Sequence[str]
    extra: dict[str, str] = {}  # never changed
    problem: Problem | None = None


@dataclass(slots=True)
class _Open:
    """A document while its rows are read."""

    key: tuple[str, ...]
    item: Item
    draft: Draft
    parts: list[Draft]
    """The draft of the document, and those of the current parts at each level below."""
    cells: list[tuple[str, ...]]
    """The cells that the draft at each level was read from."""
    texts: dict[str, str] = field(default_factory=dict)
    """What was read for each path of the document itself."""
    lines: dict[str, int] = field(default_factory=dict)
    """The line of each part, by its path: lines[2]."""
    paths: list[str] = field(default_factory=lambda: [""])


Put = Callable[[Draft, Any], None]


class _Columns(NamedTuple):
    """The columns of a record at one level: where their cells are, and where their values go."""

    indexes: list[int]
    columns: list[tuple[int, Column, Put]]
    assumed: list[tuple[Put, Any]]


class Assembler:
    """Puts rows together to documents. Each is given out when it is complete."""

    def __init__(self, layout: Layout, report: Report) -> None:
        self.layout = layout
        self.report = report
        self.tally = Tally()
        self.bad = 0
        self.count = 0
        self.rows = 0
        self.open: dict[tuple[str, ...], _Open] = {}
        self.keys: dict[tuple[str, ...], int] = {}
        self.levels = {id(record): self._levels(record) for record in layout.document_records}
        record = layout.document_records[0]
        self.grouped = layout.is_flat and bool(record.at)
        names = [column.name for column in record.columns]
        self.key_indexes = [names.index(name) for name in layout.group] if self.grouped else []

    def _levels(self, record: Record) -> list[_Columns]:
        levels = []
        for level in range(len(record.at) + 1):
            columns = [
                (index, column, column.fields[0].put)
                for index, column in enumerate(record.columns)
                if column.read and column.fields and column.level == level and column.fields[0].put
            ]
            assumed = [
                (path.put, value) for path, value in self.layout.assume if path.level == level and path.put
            ]
            levels.append(_Columns([index for index, _, _ in columns], columns, assumed))
        return levels

    def add(self, row: Row) -> Iterator[Item]:
        """Take the next row; give the documents that are complete now."""
        if row.problem and not row.cells:
            yield from self._lost(row)
            return
        if row.record.of_file:
            yield from self._all()
            self._check_file(row)
            return
        self.rows += 1
        if self.layout.is_flat:
            yield from self._flat(row)
        elif row.record.at:
            self._part(row)
        else:
            yield from self._all()
            self._begin((str(row.line),), row)
        if not self.layout.adjacent and self.rows > MOST_HELD_ROWS and self.grouped:
            self._give_up(row.line)

    def end(self) -> Iterator[Item]:
        """The documents that are still open."""
        yield from self._all()

    # Rows with everything in each.

    def _flat(self, row: Row) -> Iterator[Item]:
        key = tuple(row.cells[index].strip() for index in self.key_indexes)
        current = self._current(key)
        if current is None:
            if self.layout.adjacent or not self.grouped:
                yield from self._all()
            current = self._begin(key, row)
        elif row.problem is None:
            self._read_again(current, row)
        current.item.rows += 1
        self._note(current, row)
        if row.problem is None:
            self._add_parts(current, row)
        if not self.grouped:
            yield from self._all()

    def _current(self, key: tuple[str, ...]) -> _Open | None:
        """The open document that a row with `key` belongs to; rows without key go on with the one before."""
        if not self.grouped:
            return None
        if not any(key) and self.open:
            return self.open[next(reversed(self.open))]
        return self.open.get(key)

    def _lost(self, row: Row) -> Iterator[Item]:
        """A row without cells stands alone, unless it stands among the rows that make up a document."""
        self.rows += 1
        if self.layout.format == "xml":
            yield from self._all()
        current = None if self.layout.is_flat else next(iter(self.open.values()), None)
        if current:
            self._note(current, row)
            return
        self.count += 1
        self.bad += 1
        item = Item(number=self.count, line=row.line, rows=1)
        self._note_problem(item, row)
        yield item

    def _read_again(self, current: _Open, row: Row) -> None:
        """The cells of the document in a further row: the same as before, or empty, or new."""
        for index, column, put in self.levels[id(row.record)][0].columns:
            text = row.cells[index].strip()
            first = current.texts.get(column.fields[0].text, "")
            if text and not first:
                self._read_cell(current, row, column, put, text, current.draft)
            elif text and text != first:
                current.item.report.add(
                    f"{column.name} differs between the rows of one document: it was {shown(first)!r} before",
                    "rows_differ",
                    remedy="Correct the rows, or the columns by which the layout groups them.",
                    line=row.line,
                    field=column.name,
                    value=shown(text),
                )

    def _add_parts(self, current: _Open, row: Row) -> None:
        """Go down the levels of the row: a part that is described like the one before is the same part."""
        levels = self.levels[id(row.record)]
        del current.cells[len(current.parts) :]
        for level in range(1, len(levels)):
            cells = tuple(row.cells[index].strip() for index in levels[level].indexes)
            is_last = level == len(levels) - 1
            if not is_last and len(current.parts) > level and current.cells[level] == cells:
                continue
            if is_last and not any(cells):
                return
            self._new_part(current, row, level, cells)

    # One kind of row for each kind of part.

    def _part(self, row: Row) -> None:
        current = next(iter(self.open.values()), None)
        level = len(row.record.at)
        if current is None or len(current.parts) < level:
            missing = ".".join(row.record.at[: len(current.parts) if current else 0][-1:]) or "the document"
            item = current.item.report if current else self.report
            item.add(
                f"this row stands before the one for {missing}, which it belongs to",
                "wrong_order",
                remedy="Ask the sender to send the whole file again.",
                line=row.line,
            )
            return
        current.item.rows += 1
        self._note(current, row)
        if row.problem is None:
            self._new_part(current, row, level, tuple(row.cells))
            self._read_again(current, row)

    # Both.

    def _begin(self, key: tuple[str, ...], row: Row) -> _Open:
        self.count += 1
        item = Item(number=self.count, line=row.line)
        draft: Draft = {}
        current = _Open(key, item, draft, [draft], [tuple(row.cells)])
        self.open[key] = current
        self._check_key(current, row.line)
        if not self.layout.is_flat:
            item.rows += 1
            self._note(current, row)
        if row.problem is None:
            columns = self.levels[id(row.record)][0]
            for put, value in columns.assumed:
                put(draft, value)
            self._read(current, row, columns, draft)
        return current

    def _check_key(self, current: _Open, line: int) -> None:
        if not (self.grouped and self.layout.adjacent and any(current.key)):
            return
        first = self.keys.setdefault(current.key, line)
        if first != line:
            current.item.report.add(
                f"the rows of this document are not next to each other: it began in line {first}",
                "rows_not_adjacent",
                remedy="Sort the file, or say in the layout that rows need not be adjacent.",
                line=line,
                value=shown(" ".join(current.key)),
            )
        elif len(self.keys) > MOST_KEYS:
            del self.keys[next(iter(self.keys))]

    def _note(self, current: _Open, row: Row) -> None:
        """Keep the unknown columns and the problem of a row."""
        if row.extra and len(current.item.extra) < MOST_EXTRA:
            current.item.extra.append(row.extra)
        self._note_problem(current.item, row)

    @staticmethod
    def _note_problem(item: Item, row: Row) -> None:
        if row.problem:
            item.report.extend([row.problem])

    def _new_part(self, current: _Open, row: Row, level: int, cells: tuple[str, ...]) -> None:
        del current.parts[level:], current.cells[level:], current.paths[level:]
        name = row.record.at[level - 1]
        parts = current.parts[-1].setdefault(name, [])
        part: Draft = {}
        path = f"{current.paths[-1]}{'.' if current.paths[-1] else ''}{name}[{len(parts)}]"
        parts.append(part)
        current.parts.append(part)
        current.cells.append(cells)
        current.paths.append(path)
        current.lines[path] = row.line
        columns = self.levels[id(row.record)][level]
        for put, value in columns.assumed:
            put(part, value)
        self._read(current, row, columns, part)

    def _read(self, current: _Open, row: Row, columns: _Columns, draft: Draft) -> None:
        for index, column, put in columns.columns:
            text = row.cells[index].strip()
            if text or column.required or column.default:
                self._read_cell(current, row, column, put, text, draft)

    def _read_cell(self, current: _Open, row: Row, column: Column, put: Put, text: str, draft: Draft) -> None:
        if draft is current.draft:
            current.texts[column.fields[0].text] = text
        try:
            value = self._value(column, text)
            if value is not None:
                put(draft, value)
        except FormatError as error:
            current.item.report.add(
                f"{column.name} {error.message}",
                error.rule,
                remedy=error.remedy,
                line=row.line,
                field=column.name,
                value=shown(text),
            )

    def _value(self, column: Column, text: str) -> Any:
        """The value in a cell; None if it says nothing."""
        if not text or text.casefold() in self.layout.blanks:
            text = column.default
        if not text:
            if column.required:
                raise FormatError("is missing", "mandatory_missing", "Ask the sender to fill it in.")
            return None
        if column.max and len(text) > column.max and not column.cut:
            raise FormatError(
                f"has {len(text)} characters; at most {column.max} are allowed", "too_long", "Shorten it."
            )
        if column.codes:
            ours = column.codes.read(text) or column.unmapped_as or (text if column.keeps_unmapped else "")
            if not ours:
                raise FormatError(
                    "is a code that the layout does not know", "unknown_code", "Add it to the column's codes."
                )
            return ours == "true" if column.type == "boolean" else ours
        return column.to_value(text)

    def _all(self) -> Iterator[Item]:
        """Close all open documents."""
        while self.open:
            yield self._finished(self.open.pop(next(iter(self.open))))

    def _finished(self, current: _Open) -> Item:
        item = current.item
        if not item.report:
            try:
                item.document = from_plain(self.layout.document, finish(self.layout.document, current.draft))
                self.tally.count(item.document)
            except InvalidDocument as error:
                for problem in error.problems:
                    item.report.extend([self._placed(current, problem)])
        self.bad += item.document is None
        return item

    def _placed(self, current: _Open, problem: FieldProblem) -> Problem:
        """A broken rule of the document, at the line and column where its value stands."""
        path, line = problem.field, current.item.line
        known = [place for place in current.lines if path == place or path.startswith(f"{place}.")]
        if known:
            line = current.lines[max(known, key=len)]
        plain = _without_numbers(path)
        names = [
            column.name
            for record in self.layout.document_records
            for column in record.columns
            if any(each.plain == plain for each in column.fields)
        ]
        return Problem(
            message=f"{plain or 'the document'} {problem.message}",
            rule="invalid_document",
            remedy="Ask the sender to correct it.",
            line=line,
            field=names[0] if names else "",
            business=True,
        )

    # The whole file.

    def _check_file(self, row: Row) -> None:
        """What a record at the end says of the file must be so; amounts only if every document could be read."""
        if row.problem:
            self.report.extend([row.problem])
        if row.record.at != END or row.problem:
            return
        for column, cell in zip(row.record.columns, row.cells, strict=True):
            if not (column.file and column.read and cell.strip()):
                continue
            try:
                stated = column.to_value(cell.strip())
            except FormatError as error:
                self.report.add(
                    f"{column.name} {error.message}",
                    error.rule,
                    line=row.line,
                    field=column.name,
                    value=shown(cell),
                )
                continue
            counted = self._counted(column.file)
            if counted is not None and stated != counted:
                self.report.add(
                    f"{column.name} says {stated}, but the file has {counted}",
                    "file_total",
                    remedy="Ask the sender to send the whole file again.",
                    line=row.line,
                    field=column.name,
                )

    def _counted(self, name: str) -> int | Decimal | None:
        if name == "file.total":
            return None if self.bad else self.tally.total
        return self.count if name == "file.documents" else self.rows

    def _give_up(self, line: int) -> None:
        """Too many rows to keep: no document is known to be complete."""
        for current in self.open.values():
            current.item.report.add(
                f"the file has more than {MOST_HELD_ROWS} rows, which is too much to put together rows that are apart",
                "too_many_rows",
                remedy="Sort the file by document, and say in the layout that rows are adjacent.",
                line=line,
            )
        self.rows = 0


def _without_numbers(path: str) -> str:
    return "".join(part.partition("]")[2] if "]" in part else part for part in path.split("["))
