"""A layout: how the documents of one kind stand in a trading partner's files, as data.

`load` makes one from plain JSON data and names everything that is wrong with it; docs/translation-files.md describes
the keys. A loaded layout has its paths and formats compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.canonical import DOCUMENTS, Document
from mappings.codecs.layouts.formats import CodeTable, Format, Read, Write
from mappings.codecs.layouts.paths import Path

KINDS: dict[str, type[Document]] = {
    cls.SCHEMA.partition("/")[0]: cls for cls in DOCUMENTS if cls.SCHEMA != "acknowledgement/1"
}
"""The kinds of documents that layouts can describe."""
FORMATS = ("csv", "fixed", "xml")
DIRECTIONS = ("both", "read", "write")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "ascii")
LINE_ENDS = {"crlf": "\r\n", "lf": "\n", "none": ""}
MOST_COLUMNS = 500
"""Of one kind of row."""
START, END = ("start",), ("end",)
"""Where a record stands that opens or closes the file, instead of a part of a document."""
FILE_VALUES = ("file.documents", "file.rows", "file.total")
"""What the records at the start and the end can say of the file: rows do not count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, position or element.

    `fields` are the paths it is written from, the first one that has a value, and read to the first of. Otherwise it
    holds a `constant`, a value of the caller's `context`, or a count or sum of the `file`. `level` is that of its path.
    """

    name: str
    fields: tuple[Path, ...] = ()
    constant: str | None = None
    context: str = ""
    file: str = ""
    written: bool = True
    read: bool = True
    required: bool = False
    max: int = 0
    cut: bool = False
    default: str = ""
    codes: CodeTable | None = None
    keeps_unmapped: bool = False
    unmapped_as: str = ""
    style: Format = field(default_factory=Format)
    type: str = "text"
    level: int = 0
    to_text: Write
    to_value: Read
    start: int = 0
    length: int = 0
    align: str = "left"
    pad: str = " "

    @property
    def is_text(self) -> bool:
        """Whether its cells are words, and not numbers or dates."""
        return self.type == "text" or self.codes is not None

    @property
    def end(self) -> int:
        """The position behind its last one, in a file of fixed width; positions count from 0 here."""
        return self.start - 1 + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One kind of row: at the start or end of the file, for each document (`at` is empty), or for each of its parts.

    `code` tells it from other kinds of rows. `element` is its XML element, inside that of the part around it.
    """

    at: tuple[str, ...] = ()
    code: str = ""
    element: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def of_file(self) -> bool:
        return self.at in (START, END)

    @property
    def order(self) -> tuple[int, int]:
        """Sorts records as their rows stand: what opens the file, the document, its parts, what closes the file."""
        return (0 if self.at == START else 2 if self.at == END else 1), len(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A checked layout. `data` is what it was loaded from."""

    data: Mapping[str, Any]
    name: str
    kind: str
    document: type[Document]
    format: str
    direction: str = "both"
    encoding: str = "utf-8"
    transliterate: bool = False
    blanks: frozenset[str] = frozenset()
    records: tuple[Record, ...] = ()
    group: tuple[str, ...] = ()
    adjacent: bool = True
    assume: tuple[tuple[Path, Any], ...] = ()
    verify: bool = False
    # CSV
    delimiter: str = ","
    quoting: str = "minimal"
    header: bool = True
    line_end: str = "crlf"
    line_breaks: str = "space"
    guard: bool = False
    skip: int = 0
    # fixed width
    code_start: int = 1
    record_length: int = 0
    # XML
    root: tuple[str, ...] = ()
    namespace: str = ""
    keep_empty: bool = False

    @property
    def is_flat(self) -> bool:
        """Whether documents are made of one kind of row, with the values of the document repeated in each."""
        return len(self.document_records) == 1

    @property
    def has_codes(self) -> bool:
        """Whether rows begin with a code, which tells their kinds apart."""
        return (len(self.records) > 1 or bool(self.records[0].code)) and self.format != "xml"

    @property
    def document_records(self) -> tuple[Record, ...]:
        """The records that documents are made of."""
        return tuple(record for record in self.records if not record.of_file)

    @property
    def newline(self) -> str:
        return LINE_ENDS[self.line_end]
