"""Writing files by a layout: documents in, bytes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mappings.canonical import Document
from mappings.codecs.files import shown
from mappings.codecs.layouts import delimited, elements, fixed
from mappings.codecs.layouts.compose import Composer, Context, Row, Tally
from mappings.codecs.layouts.layout import END, START, Layout
from mappings.codecs.layouts.reader import read
from mappings.codecs.report import CodecError, Report
from mappings.codecs.x12.characters import transliterate


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a file, and how many rows it has beside the header."""

    data: bytes
    rows: int


def write(documents: Sequence[Document], layout: Layout, context: Context | None = None) -> Written:
    """One file with all of `documents`; `context` are the values that columns take from it, such as company_id.

    Raises `CodecError` with all problems found; then nothing is written. With `verify` in the layout the file is also
    read back, and refused if a document in it would not be valid, for example because its total does not add up.
    """
    report = Report()
    _check_call(documents, layout, report)
    rows = list(_rows(documents, layout, context or {}, report))
    if not report:
        rows = [Row(record, [_sendable(layout, cell, report) for cell in cells]) for record, cells in rows]
    if report:
        raise CodecError(report)
    data = _encoded(layout, rows, report)
    if not report and layout.verify:
        _verify(layout, data, len(documents), report)
    if report:
        raise CodecError(report)
    return Written(data, len(rows))


def _check_call(documents: Sequence[Document], layout: Layout, report: Report) -> None:
    if layout.direction == "read":
        report.add(f"the layout {layout.name!r} is for reading only", "direction")
    if not documents:
        report.add("there is no document to send", "empty")
    for name in sorted({type(document).__name__ for document in documents} - {layout.document.__name__}):
        report.add(
            f"the layout {layout.name!r} is for {layout.document.__name__}, not for {name}", "no_message"
        )
    if report:
        raise CodecError(report)


def _rows(documents: Sequence[Document], layout: Layout, context: Context, report: Report) -> Iterator[Row]:
    composer = Composer(layout, context, report)
    tally = Tally()
    body: list[Row] = []
    keys: dict[tuple[str, ...], int] = {}
    for index, document in enumerate(documents, 1):
        tally.count(document)
        first = len(body)
        body += composer.rows(document, _place(documents, index))
        other = keys.setdefault(_key(layout, body[first]), index)
        if layout.group and other != index:
            report.add(
                f"documents {other} and {index} have the same {', '.join(layout.group)}: nobody could tell them apart",
                "same_key",
                remedy="Send them in different files, or group by more columns.",
                business=True,
            )
    tally.rows = len(body)
    by_place = {record.at: record for record in layout.records}
    if START in by_place:
        yield composer.file_row(by_place[START], tally)
    yield from body
    if END in by_place:
        yield composer.file_row(by_place[END], tally)


def _key(layout: Layout, row: Row) -> tuple[str, ...]:
    """The cells by which readers put the rows of a document together."""
    names = [column.name for column in row.record.columns if column.written]
    return tuple(row.cells[names.index(name)] for name in layout.group if name in names)


def _place(documents: Sequence[Document], index: int) -> str:
    """How problems name one of several documents."""
    number = getattr(documents[index - 1], "number", "")
    return f"document {index}{f' ({shown(number)})' if number else ''}: " if len(documents) > 1 else ""


def _sendable(layout: Layout, cell: str, report: Report) -> str:
    """The cell in characters that the layout's encoding has. XML can hold any."""
    if layout.format == "xml" or cell.isascii():
        return cell
    encoding = layout.encoding
    try:
        cell.encode(encoding)
    except UnicodeEncodeError:
        if layout.transliterate:
            spelt = "".join(
                character if _fits(character, encoding) else transliterate(character) for character in cell
            )
            if all(_fits(character, encoding) for character in spelt):
                return spelt
        bad = "".join(sorted({character for character in cell if not _fits(character, encoding)}))
        report.add(
            f"these characters cannot be sent in {encoding}: {shown(bad)!r}",
            "unsendable_character",
            remedy="Change the text, or the layout's encoding, or let it spell such characters out.",
            value=shown(cell),
        )
    return cell


def _fits(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _encoded(layout: Layout, rows: list[Row], report: Report) -> bytes:
    if layout.format == "xml":
        return elements.write(layout, iter(rows), report)
    text = (delimited if layout.format == "csv" else fixed).write(layout, iter(rows), report)
    return text.encode(layout.encoding) if not report else b""


def _verify(layout: Layout, data: bytes, count: int, report: Report) -> None:
    """Read the file back: whoever reads it by the same layout must find as many valid documents."""
    *items, file = read(data, layout)
    for item in items:
        for problem in item.report:
            remedy = "The file would say something else than the document: check the layout's columns."
            report.extend([replace(problem, remedy=remedy)])
    report.extend(file.report)
    if not report and len(items) != count:
        report.add(f"{count} documents would be read back as {len(items)}", "not_readable", field="group")
