"""Files of layouts that are not known here, for people: each value of CSV, XML and JSON with its name; else lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from mappings.codecs import xml
from mappings.codecs.detect import SEPARATORS
from mappings.reading.annotated import Annotated
from mappings.reading.records import Record, annotate_lines, annotate_records

TITLES = {"csv": "CSV", "fixed": "fixed width", "json": "our own JSON", "xml": "XML"}


def annotate_file(content: bytes, format_: str) -> Annotated | None:
    """The values of `content`, each with its name; None if it cannot be taken apart. Problems are not looked for."""
    if format_ == "fixed":
        return annotate_lines(io.BytesIO(content), TITLES[format_], (), checked=False)
    read = {"csv": _rows, "json": _documents, "xml": _elements}[format_]
    try:
        records = list(read(content))
    except (ValueError, RecursionError, csv.Error, etree.XMLSyntaxError):
        return None
    return annotate_records(records, TITLES[format_], checked=False)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(content: bytes) -> Iterator[Record]:
    """Each row by the names of the first one."""
    text = _text(content)
    first = text.partition("\n")[0]
    delimiter = max((separator.decode() for separator in SEPARATORS), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = next(reader, [])
    for row in filter(any, reader):
        cells = enumerate(row)
        named = {(names[i] if i < len(names) and names[i] else f"column {i + 1}"): cell for i, cell in cells}
        yield Record("row", reader.line_num, named, [])


def _documents(content: bytes) -> Iterator[Record]:
    """Our own documents: one, several, or one a line."""
    text, decoder, at = _text(content), json.JSONDecoder(), 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        for one in value if isinstance(value, list) else [value]:
            yield Record("document", text.count("\n", 0, at) + 1, one, [])
        at = end + len(text[end:]) - len(text[end:].lstrip())


def _elements(content: bytes) -> Iterator[Record]:
    """The elements below the root."""
    if b"<!DOCTYPE" in content:
        raise ValueError("a document type declaration")
    root = etree.fromstring(content, xml.parser())
    for child in root.iterchildren(tag=etree.Element):
        line = child.sourceline
        yield Record(xml.local_name(child), line if isinstance(line, int) else 0, _value(child), [])


def _value(element: xml.Element) -> Any:
    """Nested names and texts; attributes with an @ before their names."""
    found: dict[str, Any] = {f"@{etree.QName(name).localname}": text for name, text in element.attrib.items()}
    for child in element.iterchildren(tag=etree.Element):
        found.setdefault(xml.local_name(child), []).append(_value(child))
    text = (element.text or "").strip()
    return found | ({"text": text} if text else {}) if found else text
