"""Files of documents that name their own values, and files of lines: each value with its path, problems beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

from mappings.codecs.report import Problem
from mappings.reading.annotated import SHOWN_SEGMENTS, Annotated, Element, Segment
from mappings.reading.words import cut, plural

SHOWN_VALUES = 8 * SHOWN_SEGMENTS
NOT_CHECKED = "problems were not looked for"
FIRST = re.compile(r"\[1\]")


class Record(NamedTuple):
    """A document of a file: what it is, its line, its content as nested dicts and lists, and what is wrong with it."""

    name: str
    line: int
    content: Any
    problems: list[Problem]


def annotate_records(
    records: Iterable[Record],
    label: str,
    *,
    limit: int = SHOWN_VALUES,
    beside: Iterable[Problem] = (),
    checked: bool = True,
) -> Annotated:
    """The values of `records`, at most `limit` of them; `beside` are the problems of the file itself.

    If it was not `checked`, nothing is said of problems.
    """
    shown: list[Segment] = []
    documents = values = problems = left = 0
    for record in records:
        documents += 1
        problems += len(record.problems)
        elements: list[Element] = []
        said = _by_path(record.problems)
        for path, value in _leaves(record.content, ""):
            values += 1
            if values <= limit:
                mine = said.pop(_key(path), [])
                elements.append(Element(path, "", cut(value), "", tuple(map(_beside, mine))))
        rest = tuple(str(problem) for several in said.values() for problem in several)
        if elements or (rest and len(shown) < limit):
            where = f"document {documents}{f', line {record.line}' if record.line > 1 else ''}"
            shown.append(Segment(record.name or "document", "", where, 0, tuple(elements), rest))
        else:
            left += len(record.problems)
    about_file = tuple(map(str, beside))
    elsewhere = (*about_file, *([f"{plural(left, 'more problem')} not shown."] if left else []))
    problems += len(about_file)
    amount = plural(values, "value") if values <= limit else f"the first {limit:,} of {values:,} values"
    found = plural(problems, "problem") if problems else "no problems" if checked else NOT_CHECKED
    return Annotated(
        f"{label}, {plural(documents, 'document')}, {amount}; {found}.", tuple(shown), elsewhere, values
    )


def annotate_lines(
    source: BinaryIO,
    label: str,
    problems: Iterable[Problem],
    *,
    limit: int = SHOWN_SEGMENTS,
    checked: bool = True,
) -> Annotated:
    """The first `limit` lines of `source`, with the problems that name them. See `annotate_records`."""
    at: dict[int, list[Problem]] = {}
    for problem in problems:
        at.setdefault(problem.line or 0, []).append(problem)
    count = sum(map(len, at.values()))
    shown = []
    total = 0
    for total, line in enumerate(_lines(source), 1):
        if total <= limit:
            text = cut(_decoded(line))
            mine = tuple(str(problem) for problem in at.pop(total, []))
            shown.append(Segment(str(total), "", "", 0, (Element("", "", text, ""),), mine))
    amount = plural(total, "line") if total <= limit else f"the first {limit:,} of {total:,} lines"
    found = plural(count, "problem") if count else "no problems" if checked else NOT_CHECKED
    elsewhere = tuple(str(problem) for several in at.values() for problem in several)
    return Annotated(f"{label}, {amount}; {found}.", tuple(shown), elsewhere, total)


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines without their ends; a very long one in pieces, so that memory stays bounded."""
    while line := source.readline(1 << 20):
        yield line.rstrip(b"\r\n")


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each value with its path, such as LineItem[2].InvoiceLine.InvoiceQty; of many the first has number 1."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value, 1):
            yield from _leaves(inner, path if len(value) == 1 else f"{path}[{index}]")
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    else:
        yield path, "" if value is None else str(value)


def _by_path(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(_key(problem.field), []).append(problem)
    return found


def _key(path: str) -> str:
    """A path without the numbers of what stands alone or first, which not every notation writes."""
    return FIRST.sub("", path)


def _beside(problem: Problem) -> str:
    return str(Problem(message=problem.message, rule=problem.rule, remedy=problem.remedy))
