"""Files of fixed width: rows of cells to lines with positions, and back."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.codecs.files import Source, shown
from mappings.codecs.layouts import compose
from mappings.codecs.layouts.assemble import Row
from mappings.codecs.layouts.delimited import LINE_BREAK
from mappings.codecs.layouts.layout import Column, Layout, Record
from mappings.codecs.layouts.lines import Line, decoded, read_lines
from mappings.codecs.report import Problem, Report

BLANK = " "
ZERO = "0"


def write(layout: Layout, rows: Iterator[compose.Row], report: Report) -> str:
    """The rows as text. Positions count characters; cells that do not fit were refused or cut before."""
    lines = []
    for record, cells in rows:
        columns = [column for column in record.columns if column.written]
        last = max([column.end for column in columns] + [layout.code_start - 1 + len(record.code)])
        line = [BLANK] * max(layout.record_length, last)
        line[layout.code_start - 1 : layout.code_start - 1 + len(record.code)] = record.code
        for column, cell in zip(columns, cells, strict=True):
            line[column.start - 1 : column.end] = _padded(column, _one_line(layout, column, cell, report))
        lines.append("".join(line))
    return layout.newline.join([*lines, ""])


def _one_line(layout: Layout, column: Column, cell: str, report: Report) -> str:
    if "\n" not in cell and "\r" not in cell:
        return cell
    if layout.line_breaks == "refuse":
        report.add(
            f"{column.name} has more than one line", "line_break", field=column.name, value=shown(cell)
        )
    return LINE_BREAK.sub(" ", cell).strip()


def _padded(column: Column, cell: str) -> str:
    """The cell in its width. An empty one is blank; zeros stand between a number and its sign."""
    cell = cell[: column.length]
    if not cell:
        return BLANK * column.length
    if column.align == "left":
        return cell.ljust(column.length, column.pad)
    if column.pad == ZERO and cell[0] in "+-":
        return cell[0] + cell[1:].rjust(column.length - 1, ZERO)
    return cell.rjust(column.length, column.pad)


def read(layout: Layout, source: Source, report: Report) -> Iterator[Row]:
    """The rows of a file."""
    lines = _blocks(layout, source) if layout.line_end == "none" else read_lines(source, layout.encoding)
    for _ in range(layout.skip):
        next(lines, None)
    records = {record.code: record for record in layout.records}
    lengths = {len(code) for code in records if code}
    found = False
    for line in lines:
        if line.text.strip() or line.problem:
            found = True
            yield _row(layout, line, _record_of(layout, line, records, lengths))
    if not found:
        report.add("the file is empty", "empty")


def _blocks(layout: Layout, source: Source) -> Iterator[Line]:
    """Records of one length without line ends; their number takes the place of the line's."""
    length, number = layout.record_length, 0
    data, rest = source.head, b""
    while data:
        rest += data
        whole = len(rest) - len(rest) % length
        for at in range(0, whole, length):
            number += 1
            yield decoded(rest[at : at + length], number, layout.encoding)
        rest = rest[whole:]
        data = source.more()
    if rest.strip():
        problem = Problem(message="the last record is not whole", rule="wrong_length", line=number + 1)
        yield Line(number + 1, "", whole=False, problem=problem)


def _record_of(layout: Layout, line: Line, records: dict[str, Record], lengths: set[int]) -> Record | None:
    """The record whose code the line has; the only one if there are no codes."""
    if not lengths:
        return layout.records[0]
    start = layout.code_start - 1
    codes = (line.text[start : start + length] for length in sorted(lengths, reverse=True))
    return next((records[code] for code in codes if code in records), None)


def _row(layout: Layout, line: Line, record: Record | None) -> Row:
    if record is None:
        code = line.text[layout.code_start - 1 :][:10]
        unknown = Problem(
            message="the line is of an unknown kind",
            rule="unknown_record",
            remedy="Add a record for it to the layout.",
            line=line.number,
            value=shown(code),
        )
        return Row(line.number, layout.document_records[0], [], problem=line.problem or unknown)
    if line.problem and not line.text:
        return Row(line.number, record, [], problem=line.problem)
    problem = line.problem or _wrong_length(layout, record, line)
    return Row(line.number, record, [_cell(column, line.text) for column in record.columns], problem=problem)


def _cell(column: Column, text: str) -> str:
    cell = text[column.start - 1 : column.end].strip(BLANK)
    if column.pad in (BLANK, ""):
        return cell
    if column.align == "left":
        return cell.rstrip(column.pad)
    # A zero is a value.
    return cell.lstrip(column.pad) or (ZERO if column.pad == ZERO and cell else "")


def _wrong_length(layout: Layout, record: Record, line: Line) -> Problem | None:
    """A line that goes on behind its record, or ends inside a number or before what it needs."""
    text = line.text
    end = layout.record_length or max((column.end for column in record.columns), default=0)
    inside = [c for c in record.columns if c.read and c.start <= len(text) < c.end and c.align == "right"]
    before = [c for c in record.columns if c.read and c.required and c.start > len(text)]
    too_long = layout.record_length and text[end:].strip(BLANK)
    if not (inside or before or too_long):
        return None
    return Problem(
        message=f"the line has {len(text)} characters, but its record has {end}",
        rule="wrong_length",
        remedy="Ask the sender to correct it.",
        line=line.number,
        value=shown(text),
    )
