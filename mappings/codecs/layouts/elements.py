"""XML files: rows of cells to elements, and back. Names are compared without namespaces when reading."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from lxml import etree

from mappings.codecs import xml
from mappings.codecs.files import Source, shown
from mappings.codecs.layouts import compose
from mappings.codecs.layouts.assemble import Row
from mappings.codecs.layouts.layout import Layout, Record
from mappings.codecs.layouts.lines import NOT_DECODED, NOT_TEXT
from mappings.codecs.report import Problem, Report

XML_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "latin-1": "ISO-8859-1",
    "cp1252": "windows-1252",
    "ascii": "US-ASCII",
}
ITSELF = "."
"""The path of a column that is the text of its record's own element."""


# Writing.


def write(layout: Layout, rows: Iterator[compose.Row], report: Report) -> bytes:
    """The rows as an XML file: each record's element inside that of the part around it."""
    root = _Open.root(layout)
    parts = [root]
    for record, cells in rows:
        del parts[len(record.at) + 1 :]
        part = _Open(layout, parts[-1].inside(record.element))
        part.element.tail = "\n" if not record.at else None
        parts.append(part)
        for column, cell in zip([c for c in record.columns if c.written], cells, strict=True):
            if NOT_TEXT.search(cell) or NOT_DECODED.search(cell):
                report.add(
                    f"{column.name} contains characters that XML cannot hold",
                    "unsendable_character",
                    remedy="Remove them from the text.",
                    field=column.name,
                    value=shown(cell),
                )
            elif cell or layout.keep_empty:
                part.put(column.name, cell)
    out = io.BytesIO()
    encoding = XML_NAMES.get(layout.encoding, layout.encoding)
    root.element.getroottree().write(out, xml_declaration=True, encoding=encoding)
    mark = b"\xef\xbb\xbf" if layout.encoding == "utf-8-sig" else b""
    return mark + out.getvalue() + b"\n"


class _Open:
    """An element that is filled. Elements on the way to a value are shared by values that follow each other."""

    def __init__(self, layout: Layout, element: xml.Element) -> None:
        self.layout = layout
        self.element = element
        self.way: list[tuple[str, xml.Element]] = []

    @classmethod
    def root(cls, layout: Layout) -> _Open:
        first, *others = layout.root
        spaces: Any = {None: layout.namespace} if layout.namespace else None
        element = etree.Element(_qualified(layout, first), nsmap=spaces)
        for name in others:
            element = etree.SubElement(element, _qualified(layout, name))
        element.text = "\n"
        return cls(layout, element)

    def inside(self, names: Sequence[str]) -> xml.Element:
        """A new element at the end of `names`."""
        *outer, last = names
        return self._new(self._reached(outer), last)

    def put(self, path: str, text: str) -> None:
        """Set the element or attribute at `path`."""
        *outer, last = path.split("/")
        element = self._reached(outer)
        if last.startswith("@"):
            element.set(last[1:], text)
        elif last == ITSELF:
            element.text = text
        else:
            self._new(element, last).text = text
            self.way.append((last, element[-1]))

    def _reached(self, names: Sequence[str]) -> xml.Element:
        shared = len(list(takewhile(lambda pair: pair[0][0] == pair[1], zip(self.way, names, strict=False))))
        del self.way[shared:]
        for name in names[shared:]:
            self.way.append((name, self._new(self.way[-1][1] if self.way else self.element, name)))
        return self.way[-1][1] if self.way else self.element

    def _new(self, element: xml.Element, name: str) -> xml.Element:
        return etree.SubElement(element, _qualified(self.layout, name))


def _qualified(layout: Layout, name: str) -> str:
    return f"{{{layout.namespace}}}{name}" if layout.namespace else name


# Reading.


def read(layout: Layout, source: Source, report: Report) -> Iterator[Row]:
    """The rows of a file: one for each element of a record, those of a document after its own."""
    record = layout.document_records[0]
    found = False
    for fragment in xml.fragments(source, [record.element[-1]], report):
        found = True
        if fragment.element is None:
            yield Row(fragment.line, record, [], problem=fragment.problem)
        else:
            yield from _rows(layout, record, fragment.element, fragment.line)
    if not found and not report:
        report.add(
            f"the file has no element {record.element[-1]}",
            "empty",
            remedy="Check that it is the kind of file that the layout describes.",
        )


def _rows(layout: Layout, record: Record, element: xml.Element, line: int) -> Iterator[Row]:
    children = [each for each in layout.document_records if each.at and each.at[:-1] == record.at]
    values: dict[str, str] = {}
    _collect(element, "", {each.element for each in children}, values)
    names = {column.name for column in record.columns}
    extra = {name: text for name, text in values.items() if name not in names and text.strip()}
    cells = [values.get(column.name, "") for column in record.columns]
    sourceline: Any = element.sourceline
    where = line + sourceline - 1
    yield Row(where, record, cells, extra, _problem(cells, where))
    for child in children:
        for inner in _found(element, child.element):
            yield from _rows(layout, child, inner, line)


def _collect(element: xml.Element, path: str, records: set[tuple[str, ...]], values: dict[str, str]) -> None:
    """The texts and attributes inside `element` by path, the first of each; not those of the records inside."""
    prefix = f"{path}/" if path else ""
    for name, value in element.attrib.items():
        values.setdefault(f"{prefix}@{str(name).rpartition('}')[2]}", str(value))
    text = (element.text or "").strip()
    if text or not len(element):
        values.setdefault(path or ITSELF, text)
    for child in element:
        inner = f"{prefix}{xml.local_name(child)}"
        if tuple(inner.split("/")) not in records:
            _collect(child, inner, records, values)


def _found(element: xml.Element, names: Sequence[str]) -> list[xml.Element]:
    found = [element]
    for name in names:
        found = [child for each in found for child in each if xml.local_name(child) == name]
    return found


def _problem(cells: Sequence[str], line: int) -> Problem | None:
    if any(NOT_TEXT.search(cell) for cell in cells):
        return Problem(message="a value contains control characters", rule="invalid_character", line=line)
    return None
