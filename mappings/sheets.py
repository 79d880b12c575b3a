"""Partner links, GL and item mappings as CSV sheets: out, and in again by way of a difference that is shown first.

A sheet is UTF-8 with a heading row, separated by commas or semicolons. Rows are recognised by their key
columns; a file adds and changes rows, and removes those it does not mention only if asked to.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from mappings.models import GLMapping, ItemMapping, PartnerLink, TradingPartner
from tenants.doorbell import ring
from tenants.models import Tenant

MOST_ROWS = 20_000
MOST_CHARACTERS = 2_000_000
# A cell that begins so is a formula to a spreadsheet program (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`key` identifies a row, `value` is what it says. Columns are field names; relations go by code or key.

    `more` are further values, which a file may leave out.
    """

    model: Any
    key: tuple[str, ...]
    value: str
    more: tuple[str, ...] = ()
    # Written on export for the reader's sake, ignored on import.
    extra: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, self.value)


LINKS = Sheet(
    model=PartnerLink, key=("connection", "party_kind", "party_id"), value="partner", extra=("party_name",)
)
GL_MAPPINGS = Sheet(
    model=GLMapping,
    key=("connection", "partner", "source_kind", "source_key"),
    value="segment",
    optional=frozenset({"partner"}),
)
ITEMS = Sheet(
    model=ItemMapping, key=("connection", "partner", "buyer_item"), value="item", more=("gtin", "unit")
)


@dataclass(slots=True)
class Difference:
    """What importing a file would do. Nothing is imported while there are `problems`."""

    added: list[Any] = field(default_factory=list)
    # (row as it is to be, what its value was)
    changed: list[tuple[Any, str]] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def __str__(self) -> str:
        return f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed"


def write(sheet: Sheet, tenant: Tenant) -> str:
    """All rows of the tenant as CSV text, in a stable order, with formulas disarmed."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns = (*sheet.columns, *sheet.more, *sheet.extra)
    writer.writerow(columns)
    for row in _rows(sheet, tenant).order_by("pk"):
        writer.writerow([guarded(_cell(row, column)) for column in columns])
    return out.getvalue()


def compare(sheet: Sheet, tenant: Tenant, text: str, *, is_complete: bool) -> Difference:
    """What the file would change; with `is_complete` rows that it does not mention are removed."""
    difference = Difference()
    present = {_key(sheet, row): row for row in _rows(sheet, tenant)}
    names = _Names(sheet, tenant)
    seen: set[tuple[str, ...]] = set()
    for line, cells in _read(sheet, text, difference.problems):
        key = tuple(cells[column] for column in sheet.key)
        if key in seen:
            difference.problems.append(
                f"Line {line}: the same {', '.join(sheet.key)} stands in the file twice."
            )
            continue
        seen.add(key)
        try:
            _compare_row(sheet, tenant, names, cells, present.get(key), difference)
        except ValidationError as error:
            difference.problems.extend(f"Line {line}: {message}" for message in _messages(error))
    if is_complete:
        difference.removed = [row for key, row in present.items() if key not in seen]
    return difference


@transaction.atomic
def apply(sheet: Sheet, tenant: Tenant, difference: Difference) -> None:
    """Write the difference, all or nothing; documents that were held for a mapping are looked at again."""
    if difference.problems:
        raise ValueError("a file with problems is not imported")
    sheet.model.unscoped.filter(pk__in=[row.pk for row in difference.removed]).delete()
    sheet.model.objects.bulk_create(difference.added)
    sheet.model.unscoped.bulk_update([row for row, _ in difference.changed], [sheet.value, *sheet.more])
    ring("connections.tasks.release_held", tenant.pk)


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet program would calculate it."""
    return f"{GUARD}{cell}" if cell.startswith(FORMULA_STARTS) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(FORMULA_STARTS) else cell


class _Names:
    """The tenant's connections by key and partners by code."""

    def __init__(self, sheet: Sheet, tenant: Tenant) -> None:
        connections: Any = sheet.model._meta.get_field("connection").related_model
        self.of = {
            "connection": {
                row.key: row for row in connections.objects.for_tenant(tenant).only("key", "name")
            },
            "partner": {row.code: row for row in TradingPartner.objects.for_tenant(tenant)},
        }

    def find(self, column: str, name: str) -> Any:
        if name not in self.of[column]:
            raise ValidationError(f"there is no {column} “{name}”.")
        return self.of[column][name]


def _compare_row(
    sheet: Sheet, tenant: Tenant, names: _Names, cells: dict[str, str], row: Any, difference: Difference
) -> None:
    said = [column for column in (sheet.value, *sheet.more) if column in cells]
    if row is not None and all(_cell(row, column) == cells[column] for column in said):
        difference.unchanged += 1
        return
    before = _cell(row, sheet.value) if row is not None else ""
    if row is None:
        row = sheet.model(tenant=tenant)
    for column, cell in cells.items():
        if column in names.of:
            setattr(row, column, names.find(column, cell) if cell else None)
        else:
            setattr(row, column, cell)
    row.clean_fields()
    row.clean()
    if row.pk:
        difference.changed.append((row, before))
    else:
        difference.added.append(row)


def _read(sheet: Sheet, text: str, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, column -> cell) of each row; what is wrong with the whole file goes to `problems`."""
    if len(text) > MOST_CHARACTERS:
        problems.append(f"The file is larger than {MOST_CHARACTERS // 1_000_000} MB.")
        return
    heading = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    try:
        columns = [cell.strip().lower() for cell in next(rows, [])]
        missing = [column for column in sheet.columns if column not in columns]
        if missing:
            problems.append(f"Line 1: these columns are missing: {', '.join(missing)}.")
            return
        yield from _cells(sheet, columns, rows, problems)
    except csv.Error as error:
        problems.append(f"Line {rows.line_num}: this is no CSV: {error}.")


def _cells(
    sheet: Sheet, columns: list[str], rows: Any, problems: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            problems.append(f"Line {rows.line_num}: more than {MOST_ROWS:,} rows; split the file.")
            return
        given = {column: unguarded(cell.strip()) for column, cell in zip(columns, row, strict=False)}
        if not any(given.values()):
            continue
        cells = {column: given.get(column, "") for column in sheet.columns}
        cells |= {column: given.get(column, "") for column in sheet.more if column in columns}
        optional = sheet.optional | set(sheet.more)
        empty = [column for column, cell in cells.items() if not cell and column not in optional]
        if empty:
            problems.append(f"Line {rows.line_num}: {', '.join(empty)} must not be empty.")
        elif any("\0" in cell for cell in cells.values()):
            problems.append(f"Line {rows.line_num}: a NUL character stands in it.")
        else:
            yield rows.line_num, cells


def _rows(sheet: Sheet, tenant: Tenant) -> Any:
    rows = sheet.model.objects.for_tenant(tenant).select_related("connection", "partner")
    return rows.defer("connection__credentials")


def _key(sheet: Sheet, row: Any) -> tuple[str, ...]:
    return tuple(_cell(row, column) for column in sheet.key)


def _cell(row: Any, column: str) -> str:
    value = getattr(row, column)
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.code if isinstance(value, TradingPartner) else value.key)  # type: ignore[attr-defined]
    return str(value)


def _messages(error: ValidationError) -> Iterable[str]:
    if hasattr(error, "message_dict"):
        return (f"{name}: {text}" for name, texts in error.message_dict.items() for text in texts)
    return error.messages
