"""Reading files by a layout as a stream: documents come out one by one, and a bad row costs its own document only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from mappings.codecs.files import File, Source
from mappings.codecs.layouts import delimited, elements, fixed
from mappings.codecs.layouts.assemble import Assembler, Item, Row
from mappings.codecs.layouts.layout import Layout
from mappings.codecs.report import Report

READERS: dict[str, Callable[[Layout, Source, Report], Iterator[Row]]] = {
    "csv": delimited.read,
    "fixed": fixed.read,
    "xml": elements.read,
}


def read(source: BinaryIO | bytes, layout: Layout) -> Iterator[Item | File]:
    """The documents in `source`, and at the end one `File` with what is wrong beside them.

    Nothing raises: problems are in the reports. Memory does not grow with the file, unless the layout says that the
    rows of a document need not be adjacent.
    """
    file = File()
    assembler = Assembler(layout, file.report)
    for row in READERS[layout.format](layout, Source(source), file.report):
        yield from assembler.add(row)
    yield from assembler.end()
    file.documents = assembler.count
    yield file


def match(sample: bytes, layouts: Iterable[Layout]) -> Layout | None:
    """The first of `layouts` whose columns a file has that begins with `sample`; None if none fits.

    A layout fits if the sample gives at least one document, or only problems of single values.
    """
    for layout in layouts:
        *items, file = read(sample, layout)
        if items and not any(problem.rule in STRUCTURE for problem in file.report):
            return layout
    return None


STRUCTURE = frozenset({"header", "empty", "unknown_content", "invalid_encoding"})
"""Problems that show that a file is not of the kind that a layout describes."""
