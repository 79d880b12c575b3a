"""A first layout from a sample of XML."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from mappings.codecs import xml
from mappings.codecs.files import Source
from mappings.codecs.layouts.draft_columns import (
    REPEATED,
    Draft,
    Seen,
    choose_dates,
    choose_marks,
    column_data,
    fits,
    seen,
)
from mappings.codecs.layouts.guess import fields_for
from mappings.codecs.report import CodecError, Report

MOST_RECORDS = 2000


def draft_xml(sample: bytes, kind: str, draft: Draft) -> None:
    """Complete `draft` with what can be seen in `sample`. Raises `CodecError` if that holds no whole record."""
    report = Report()
    record, root = _names(sample)
    elements = [each.element for each in xml.fragments(Source(sample), [record], report)]
    found = [element for element in elements if element is not None][:MOST_RECORDS]
    if not found:
        report = report or Report()
        report.add("the sample holds no whole record in XML that can be read", "not_well_formed")
        raise CodecError(report)
    lines_path = _repeated(found)
    values: dict[str, list[str]] = {}
    inner: dict[str, list[str]] = {}
    for element in found:
        _gather(element, "", lines_path, values, inner)
    outer_columns = [seen(name, each) for name, each in values.items()]
    inner_columns = [seen(name, each) for name, each in inner.items()]
    _assign_xml(outer_columns, inner_columns, kind)
    choose_dates(outer_columns + inner_columns, draft)
    choose_marks(outer_columns + inner_columns, draft)
    draft.layout |= {"format": "xml", "root": root}
    records = [
        {"at": "", "element": record, "columns": [column_data(column, draft) for column in outer_columns]}
    ]
    if inner_columns:
        columns = [column_data(column, draft) for column in inner_columns]
        records.append({"at": REPEATED.get(kind, "lines"), "element": lines_path, "columns": columns})
    draft.layout["records"] = records


def _names(sample: bytes) -> tuple[str, str]:
    """The name of the records (the root's most frequent child, else the root itself) and of what is around them."""
    children: Counter[str] = Counter()
    root, depth = "", 0
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    if b"<!DOCTYPE" in sample:
        return "", ""
    # What comes before an error counts.
    with contextlib.suppress(etree.XMLSyntaxError):
        parser.feed(sample)
    for event, element in parser.read_events():
        depth += 1 if event == "start" else -1
        if event == "start" and depth == 1:
            root = xml.local_name(element)  # type: ignore[arg-type]
        elif event == "start" and depth == 2:
            children[xml.local_name(element)] += 1  # type: ignore[arg-type]
    name, count = children.most_common(1)[0] if children else ("", 0)
    return (name, root) if count > 1 or _is_plural(root, name) else (root, "")


def _is_plural(plural: str, name: str) -> bool:
    """Whether one is a name for several of the other: Invoices of Invoice, JournalEntries of JournalEntry."""
    return bool(name) and plural.casefold().startswith(name.casefold().removesuffix("y"))


def _repeated(elements: Sequence[xml.Element]) -> str:
    """The path of the elements with children that a record repeats, or has in one of the plural; or nothing."""
    counts: Counter[str] = Counter()
    for element in elements:
        inside: Counter[str] = Counter()
        for child in element.iter():
            if len(child) and child is not element:
                inside[_path(element, child)] += 1
        counts.update({path: count - 1 for path, count in inside.items()})
    best = max(counts, key=lambda path: counts[path], default="")
    if counts[best] > 0:
        return best
    pairs = [(path, path.rpartition("/")) for path in counts]
    return next((path for path, (outer, _, name) in pairs if _is_plural(outer.rpartition("/")[2], name)), "")


def _path(element: xml.Element, child: xml.Element) -> str:
    names: list[str] = []
    at: xml.Element | None = child
    while at is not None and at is not element:
        names.insert(0, xml.local_name(at))
        at = at.getparent()
    return "/".join(names)


def _gather(
    element: xml.Element,
    path: str,
    lines_path: str,
    values: dict[str, list[str]],
    inner: dict[str, list[str]],
) -> None:
    for name, value in element.attrib.items():
        values.setdefault(f"{path}@{str(name).rpartition('}')[2]}", []).append(str(value))
    for child in element:
        name = f"{path}{xml.local_name(child)}"
        if name == lines_path:
            _gather(child, "", "", inner, inner)
        elif len(child) or child.attrib:
            _gather(child, f"{name}/", lines_path, values, inner)
        if not len(child) and (child.text or "").strip():
            values.setdefault(name, []).append(child.text or "")


def _assign_xml(outer: list[Seen], inner: list[Seen], kind: str) -> None:
    """Fields of the document for what stands outside the repeated elements, fields of its parts for the others."""
    part = REPEATED.get(kind, "")
    for columns, wanted in ((outer, False), (inner, True)):
        taken: set[str] = set()
        for column in columns:
            each = (part,) if part else ()
            paths = [path for path in fields_for(column.name, kind) if path.startswith("lines.") == wanted]
            column.guesses = [path for path in paths if fits(column, path, kind, each)]
            column.path = next((path for path in column.guesses if path not in taken), "")
            taken |= {column.path} - {""}
