"""What must hold between the keys of a layout, each of which is right by itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any, Protocol

from mappings.codecs.layouts.derived import DEFAULTS, SUMS
from mappings.codecs.layouts.layout import Layout, Record


class Wrong(Protocol):
    """Reports what is wrong with a key."""

    def __call__(self, key: str, message: str, remedy: str = "") -> None: ...


def check(layout: Layout, wrong: Wrong) -> None:
    """Report everything in `layout` that does not go together."""
    if not layout.document_records:
        wrong("records", "has none for documents")
        return
    for record in layout.records:
        if layout.direction != "read" and layout.format != "fixed":
            _check_names(layout, record, wrong)
        if layout.format == "fixed":
            _check_positions(layout, record, wrong)
    if layout.format == "xml":
        _check_elements(layout, wrong)
    elif layout.has_codes:
        _check_codes(layout, wrong)
    if not layout.is_flat:
        _check_places(layout, wrong)
    elif layout.document_records[0].at and layout.format != "xml" and layout.direction != "write":
        _check_group(layout, wrong)
    if layout.direction != "write" or layout.verify:
        _check_readable(layout, wrong)


def normal_name(name: str) -> str:
    """A header as it is compared: without regard to case, blanks, `_` and `-`."""
    return re.sub(r"[\s_-]", "", name).casefold()


def _check_names(layout: Layout, record: Record, wrong: Wrong) -> None:
    seen: set[str] = set()
    for column in record.columns:
        name = column.name if layout.format == "xml" else normal_name(column.name)
        if column.written and name in seen:
            wrong(
                "columns",
                f"has {column.name!r} twice, which cannot be written",
                "Give one of them use: read.",
            )
        seen |= {name} if column.written else set()


def _check_positions(layout: Layout, record: Record, wrong: Wrong) -> None:
    used = [(column.start, column.end, column.name) for column in record.columns if column.written]
    if record.code:
        used.append((layout.code_start, layout.code_start - 1 + len(record.code), "the record's code"))
    used.sort()
    for (_, end, name), (start, _, following) in itertools.pairwise(used):
        if start <= end:
            wrong("columns", f"{name} and {following} overlap at position {start}")
    last = max((end for _, end, _ in used), default=0)
    if layout.record_length and last > layout.record_length:
        wrong("record_length", f"is {layout.record_length}, but there are columns up to {last}")
    elif layout.line_end == "none" and not layout.record_length:
        wrong("record_length", "is missing, and without line ends records cannot be told apart")
    if layout.line_end == "none" and layout.encoding.startswith("utf-8"):
        wrong(
            "encoding",
            "must have one byte for each character where there are no line ends",
            "Use latin-1 or ascii.",
        )


def _check_codes(layout: Layout, wrong: Wrong) -> None:
    codes = [record.code for record in layout.records]
    if not all(codes) or len(set(codes)) < len(codes):
        wrong("records", "need a code each, all different", "It tells the kinds of rows apart.")
    if layout.header and layout.format == "csv":
        wrong("header", "cannot be there with several kinds of rows")
    around = [record.at for record in layout.records if record.of_file]
    if layout.direction != "read" and len(set(around)) < len(around):
        wrong("records", "has two for the same end of the file, of which only one could be written")


def _check_elements(layout: Layout, wrong: Wrong) -> None:
    if not all(record.element for record in layout.document_records):
        wrong("element", "is missing", "Each kind of record needs an element.")
    if any(record.of_file for record in layout.records):
        wrong("records", "at the start or the end are for CSV and fixed width only")
    if layout.direction != "read" and not layout.root:
        wrong("root", "is missing", "Name the element around all documents, such as Invoices.")
    if layout.is_flat and layout.document_records[0].at:
        wrong("each", "needs records in XML: one for the document, and one for its parts")


def _check_places(layout: Layout, wrong: Wrong) -> None:
    places = [record.at for record in layout.document_records]
    if places[0] != ():
        wrong("records", "need one that is for the document itself, beside those for its parts")
    if len(set(places)) < len(places):
        wrong("records", "has two for the same part of the document")
    for place in places:
        if place and place[:-1] not in places:
            wrong("records", f"has one for {'.'.join(place)}, but none for {'.'.join(place[:-1])}")


def _check_group(layout: Layout, wrong: Wrong) -> None:
    columns = layout.document_records[0].columns
    missing = sorted({*layout.group} - {column.name for column in columns})
    if missing:
        wrong("group", f"names columns that are not there: {', '.join(missing)}")
    elif not layout.group:
        remedy = "Name the columns that are equal in all rows of one document, such as its number."
        wrong("group", "is missing", remedy)
    elif any(column.level for column in columns if column.name in layout.group):
        wrong("group", "can name only columns that belong to the whole document")


def _check_readable(layout: Layout, wrong: Wrong) -> None:
    """Reading needs something for every field that a document cannot do without."""
    columns = [column for record in layout.document_records for column in record.columns if column.read]
    given = {path.plain for column in columns for path in column.fields} | {
        path.plain for path, _ in layout.assume
    }
    summed = {name for name, part in SUMS.get(layout.document, {}).items() if part in given}
    repeated = {record.at[0] for record in layout.document_records if record.at}
    for name in _lacking(layout.document, given, {*DEFAULTS.get(layout.document, {}), *summed, *repeated}):
        wrong(
            "columns",
            f"give nothing for {name}, without which there is no {layout.kind.replace('_', ' ')}",
            "Add a column for it, assume a value, or set the direction to write.",
        )


def _lacking(cls: Any, given: set[str], excused: set[str]) -> Iterator[str]:
    """The fields that `cls` needs and that nothing gives."""
    for each in fields(cls):
        needed = each.default is MISSING and each.default_factory is MISSING
        if (
            needed
            and each.name not in excused
            and not any(path == each.name or path.startswith(f"{each.name}.") for path in given)
        ):
            yield each.name
