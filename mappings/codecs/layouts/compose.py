"""From documents to rows of cells, whatever the format of the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from mappings.canonical import Document, ShipNotice, ShippedItem
from mappings.codecs.files import shown
from mappings.codecs.layouts.derived import Frame
from mappings.codecs.layouts.formats import FormatError
from mappings.codecs.layouts.layout import Column, Layout, Record
from mappings.codecs.layouts.paths import item_type
from mappings.codecs.report import Report

Context = Mapping[str, str | int | Decimal | dt.date | dt.time]
"""What the caller adds to a file: the company's id at the partner, the day ..."""

PLACES_OF_ITEMS = (
    ("orders", "items"),
    ("orders", "packs", "items"),
    ("orders", "tares", "items"),
    ("orders", "tares", "packs", "items"),
)
"""Where the items of a ship notice can be: a layout has rows for one of these places."""


class Row(NamedTuple):
    """A row to be written: its record, and a cell for each of the record's columns that is written."""

    record: Record
    cells: list[str]


@dataclass(slots=True)
class Tally:
    """What a file holds so far, for the record at its end."""

    documents: int = 0
    rows: int = 0
    total: Decimal = Decimal(0)
    currencies: set[str] = field(default_factory=set)

    def count(self, document: Document) -> None:
        """Count a document and its amount."""
        self.documents += 1
        self.total += amount_of(document)
        self.currencies.add(getattr(document, "currency", ""))

    def value(self, name: str) -> int | Decimal:
        """The value of `file.documents`, `file.rows` or `file.total`."""
        value: int | Decimal = getattr(self, name.partition(".")[2])
        return value


def amount_of(document: Any) -> Decimal:
    """What a document adds to the total of its file."""
    if hasattr(document, "lines") and not hasattr(document, "total") and not hasattr(document, "amount"):
        return sum((getattr(line, "debit", Decimal(0)) for line in document.lines), Decimal(0))
    return getattr(document, "total", None) or getattr(document, "amount", None) or Decimal(0)


class Composer:
    """Makes the rows of documents; problems go to `report`, at the places that `place` names."""

    def __init__(self, layout: Layout, context: Context, report: Report) -> None:
        self.layout = layout
        self.context = context
        self.report = report
        self.place = ""
        self.columns = {id(record): [c for c in record.columns if c.written] for record in layout.records}
        records = layout.document_records
        self.children = {
            record.at: [r for r in records if r.at and r.at[:-1] == record.at] for record in records
        }
        self.unreached = tuple(_unreached(layout))

    def rows(self, document: Document, place: str) -> Iterator[Row]:
        """The rows of `document`."""
        self.place = place
        frame = Frame(getattr(document, "currency", ""))
        for path in self.unreached:
            if _any_at(document, path):
                message = f"{'.'.join(path)} has items, for which the layout has no rows"
                self.report.add(message, "no_place", field=place, business=True)
        record = self.layout.document_records[0]
        if self.layout.is_flat:
            cells = [""] * len(self.columns[id(record)])
            yield from self._flat(record, 0, document, cells, frame)
        else:
            yield from self._nested(record, [document], frame)

    def _flat(self, record: Record, level: int, part: Any, cells: list[str], frame: Frame) -> Iterator[Row]:
        """A row for each of the deepest parts, with the cells of those around it; one row if there are none."""
        for index, column in enumerate(self.columns[id(record)]):
            if column.level == level:
                cells[index] = self._cell(column, part, frame)
        if level == len(record.at):
            yield Row(record, [*cells])
            return
        parts = getattr(part, record.at[level]) if part is not None else ()
        for position, inner in enumerate(parts or (None,), 1):
            frame.position = position
            yield from self._flat(record, level + 1, inner, cells, frame)

    def _nested(self, record: Record, parts: list[Any], frame: Frame) -> Iterator[Row]:
        """A row for the last of `parts`, and then those of the parts inside of it."""
        cells = [self._cell(column, parts[column.level], frame) for column in self.columns[id(record)]]
        yield Row(record, cells)
        for child in self.children[record.at]:
            for position, inner in enumerate(getattr(parts[-1], child.at[-1]), 1):
                frame.position = position
                yield from self._nested(child, [*parts, inner], frame)

    def file_row(self, record: Record, tally: Tally) -> Row:
        """The row of a record that opens or closes the file."""
        currency = next(iter(tally.currencies)) if len(tally.currencies) == 1 else ""
        frame = Frame(currency)
        return Row(record, [self._cell(column, tally, frame) for column in self.columns[id(record)]])

    def _cell(self, column: Column, part: Any, frame: Frame) -> str:
        """The cell of `column` for `part`, which is None where a document has none of it."""
        value: Any = None
        try:
            value = self._value(column, part, frame)
            return _limited(column, self._text(column, value, frame, needed=part is not None))
        except FormatError as error:
            self.report.add(
                f"{column.name or 'a constant'} {error.message}",
                error.rule,
                remedy=error.remedy,
                field=f"{self.place}{column.name}",
                value="" if value is None else shown(value),
            )
            return ""

    def _value(self, column: Column, part: Any, frame: Frame) -> Any:
        if column.constant is not None:
            return column.constant
        if column.context:
            return self.context.get(column.context)
        if column.file:
            return part.value(column.file)
        if part is None:
            return None
        values = (path.get(part, frame) for path in column.fields)
        return next((value for value in values if value not in (None, "")), None)

    def _text(self, column: Column, value: Any, frame: Frame, *, needed: bool) -> str:
        text = "" if value is None else self._formatted(column, value, frame)
        text = text or (column.default if needed else "")
        if not text and column.required and needed:
            raise FormatError("is missing", "mandatory_missing", "Fill it in at its source.")
        return text

    def _formatted(self, column: Column, value: Any, frame: Frame) -> str:
        if column.codes:
            key = ("true" if value else "false") if isinstance(value, bool) else str(value)
            code = column.codes.write(key)
            if code is None and not column.keeps_unmapped:
                raise FormatError(
                    "has no code for this", "no_code", "Add a code for it to the column in the layout."
                )
            return key if code is None else code
        if column.constant is not None or isinstance(value, str):
            return str(value)
        if column.context:
            return str(value.isoformat() if isinstance(value, (dt.date, dt.time)) else value)
        return column.to_text(value, frame.currency)


def _limited(column: Column, text: str) -> str:
    longest = min(column.max or len(text), column.length or len(text))
    if len(text) <= longest:
        return text
    if column.cut and column.is_text:
        return text[:longest]
    raise FormatError(
        f"has {len(text)} characters; there is room for {longest}",
        "too_long",
        "Shorten it, or let the layout cut it.",
    )


def _unreached(layout: Layout) -> Iterator[Sequence[str]]:
    """The places of a ship notice's items for which `layout` has no rows, if it has rows for others."""
    if layout.document is not ShipNotice:
        return
    reached = [record.at for record in layout.document_records]
    if any(_holds_items(at) for at in reached):
        yield from (path for path in PLACES_OF_ITEMS if path not in reached)


def _holds_items(at: tuple[str, ...]) -> bool:
    place: Any = ShipNotice
    for name in at:
        place = item_type(place, name)
    return place is ShippedItem


def _any_at(part: Any, path: Sequence[str]) -> bool:
    """Whether there is any part where `path` leads."""
    if not path:
        return True
    return any(_any_at(inner, path[1:]) for inner in getattr(part, path[0]))
