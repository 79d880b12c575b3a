"""The layout editor: the forms over a layout's data, and what its buttons do to it."""

import copy
from dataclasses import dataclass, field
from typing import Any

from mappings.layout_editor_forms import ColumnForm, FileForm, KindForm, MoreForm, NewKindForm
from mappings.layout_rows import (
    Data,
    likely_place,
    new_column,
    raw_records,
    records_of,
    settled,
    with_columns,
    with_kind,
)
from mappings.models import FileLayout

MOST_COLUMNS = 500
"""Of all kinds of rows together; more of them make a page that no browser likes."""
CHANGED_MEANWHILE = (
    "The layout was changed in another window, or by somebody else. This page shows it as it is now: make your last "
    "change again."
)


@dataclass(slots=True)
class Kind:
    """A kind of row: its own form, unless it is the only one, and a form for each column with its place."""

    number: int
    title: str
    form: KindForm | None
    columns: list[tuple[str, ColumnForm]] = field(default_factory=list)


class Editor:
    """The forms over a layout's data: for the file, the kinds of rows, their columns, and the column that is open.

    `opened` and the places in the buttons are `kind-column`, both counted from 0. `posted` is None, or what was sent
    with `act`, the button that was pressed.
    """

    def __init__(self, found: FileLayout, opened: str, posted: Any = None) -> None:
        self.layout = found
        self.data: Data = copy.deepcopy(found.draft if found.draft is not None else found.version.data)
        self.act = posted.get("do", "") if posted is not None else ""
        self.opened = posted.get("opened", "") if posted is not None else opened
        self.is_stale = posted is not None and posted.get("shape") != self.shape
        self.more: MoreForm | None = None
        self.kinds: list[Kind] = []
        # What was sent for other columns than there are says nothing about these.
        given = None if self.is_stale else posted
        self.file = FileForm(given, data_of=self.data, prefix="file")
        if not self.is_too_large:
            self._open(given)
        adds = given if self.act == "add_kind" else None
        about: dict[str, Any] = {"kind": found.kind, "file_format": found.format}
        self.new_kind = NewKindForm(adds, data_of=self.data, prefix="new", **about)

    def _open(self, posted: Any) -> None:
        about: dict[str, Any] = {"kind": self.layout.kind, "file_format": self.layout.format}
        titled = zip(raw_records(self.data), records_of(self.data), strict=True)
        for number, (record, (title, columns)) in enumerate(titled):
            form = KindForm(posted, data_of=record, prefix=f"k{number}", **about) if title else None
            kind = Kind(number, title, form)
            for index, column in enumerate(columns):
                place = f"{number}-{index}"
                at = record.get("at", "") if title else None
                shown = ColumnForm(posted, prefix=f"c{place}", data_of=column, at=at, **about)
                kind.columns.append((place, shown))
                if place == self.opened:
                    self.more = MoreForm(
                        posted, prefix="more", data_of=column, file_format=self.layout.format
                    )
            self.kinds.append(kind)

    @property
    def shape(self) -> str:
        """How many columns each kind of row has: what the fields of a page are about."""
        return "-".join(str(len(columns)) for _, columns in records_of(self.data))

    @property
    def is_too_large(self) -> bool:
        return self.count > MOST_COLUMNS

    @property
    def count(self) -> int:
        return sum(len(columns) for _, columns in records_of(self.data))

    @property
    def most(self) -> int:
        return MOST_COLUMNS

    @property
    def forms(self) -> list[Any]:
        kinds = [kind.form for kind in self.kinds if kind.form]
        columns = [form for kind in self.kinds for _, form in kind.columns]
        last = [self.more] if self.more else []
        return [self.file, *kinds, *columns, *last, *([self.new_kind] if self.new_kind.is_bound else [])]

    def is_valid(self) -> bool:
        return not (self.is_too_large or self.is_stale or self._overflows) and all(
            form.is_valid() for form in self.forms
        )

    @property
    def _overflows(self) -> bool:
        return self.act.startswith("add") and self.count >= MOST_COLUMNS

    @property
    def mistakes(self) -> list[str]:
        """What was entered and cannot be taken, in sentences."""
        if self.is_stale:
            return [CHANGED_MEANWHILE]
        if self._overflows:
            return [f"A layout can have {MOST_COLUMNS} columns here. Remove some that are not used first."]
        return [
            f"{form.fields[name].label}: {message}" if name in form.fields else str(message)
            for form in self.forms
            for name, messages in form.errors.items()
            for message in messages
        ]

    def after(self) -> tuple[Data, str]:
        """The data with what was entered, after the act of the button; and the place to open then."""
        data = self._entered()
        verb, _, place = self.act.partition(":")
        if verb == "add_kind":
            said = self.new_kind.cleaned_data if self.new_kind.is_bound else {}
            sample, code = bytes(self.layout.sample), said.get("code") or place
            return with_kind(data, code, said.get("at", likely_place(data, code, sample)), sample), ""
        number, _, index = place.partition("-")
        if _is_counted(number) and int(number) < len(self.kinds):
            columns = records_of(data)[int(number)][1]
            if verb == "add":
                columns.append(new_column(data, raw_records(data)[int(number)]))
            _act(columns, verb, index)
            data = with_columns(data, int(number), columns)
        opens = place if verb == "more" else "" if verb in ("close", "remove", "up", "down") else self.opened
        return settled(data), opens

    def _entered(self) -> Data:
        data = self.file.edited()
        for kind in self.kinds:
            columns = [form.edited() for _, form in kind.columns]
            if self.more and self.opened.startswith(f"{kind.number}-"):
                index = int(self.opened.partition("-")[2])
                self.more.data_of = columns[index]
                columns[index] = self.more.edited()
            if kind.form:
                data["records"][kind.number] = kind.form.edited()
            data = with_columns(data, kind.number, columns)
        return data


def _is_counted(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 5


def _act(columns: list[Data], verb: str, index: str) -> None:
    """Remove or move a column."""
    at = int(index) if _is_counted(index) else len(columns)
    if at >= len(columns):
        return
    if verb == "remove":
        columns.pop(at)
    elif verb in ("up", "down"):
        to = at + (1 if verb == "down" else -1)
        if 0 <= to < len(columns):
            columns[at], columns[to] = columns[to], columns[at]
