"""The columns of a drafted layout: which fields they are, how dates and numbers stand in them, and what to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings.codecs.layouts.guess import fields_for
from mappings.codecs.layouts.layout import KINDS
from mappings.codecs.layouts.paths import PathError, compile_path
from mappings.codecs.layouts.sniff import date_formats, is_numeric, negative_style, number_marks

MOST_EXAMPLES = 3
REPEATED: dict[str, str] = {
    "invoice": "lines",
    "bill": "lines",
    "purchase_order": "lines",
    "remittance_advice": "lines",
    "journal_entry": "lines",
}
"""The parts for which a kind of document usually has a row each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that the sample does not tell: about which column, in words, and the answers to choose from."""

    column: str
    text: str
    choices: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Draft:
    """A layout as plain data, to be completed, and what has to be asked."""

    layout: dict[str, Any]
    questions: list[Question] = field(default_factory=list)

    def ask(self, column: str, text: str, choices: Iterable[str] = ()) -> None:
        """Add a question."""
        self.questions.append(Question(column=column, text=text, choices=tuple(choices)))


@dataclass(slots=True)
class Seen:
    """A column of the sample: its name, its values that are not empty, and what they look like."""

    name: str
    values: list[str]
    dates: list[str] = field(default_factory=list)
    numeric: bool = False
    guesses: list[str] = field(default_factory=list)
    path: str = ""
    place: dict[str, int] = field(default_factory=dict)


def seen(name: str, values: Iterable[str]) -> Seen:
    found = [value.strip() for value in values if value.strip()]
    dates = date_formats(found, name)
    return Seen(name, found, dates, bool(found) and not dates and is_numeric(found))


def complete(columns: list[Seen], kind: str, draft: Draft, *, flat: bool) -> None:
    """Guess the fields, and the formats that all columns share."""
    _assign(columns, kind, flat=flat)
    choose_dates(columns, draft)
    choose_marks(columns, draft)


def _assign(columns: list[Seen], kind: str, *, flat: bool) -> None:
    """Give each column the likeliest field that fits its values and that no other column has."""
    taken: set[str] = set()
    for column in columns:
        each = ("lines",) if flat and REPEATED.get(kind) else ()
        fitting = [path for path in fields_for(column.name, kind) if fits(column, path, kind, each)]
        column.guesses = fitting
        column.path = next((path for path in fitting if path not in taken), "")
        taken |= {column.path} - {""}


def fits(column: Seen, path: str, kind: str, each: tuple[str, ...]) -> bool:
    try:
        type_ = compile_path(KINDS[kind], path, each).type
    except PathError:
        return False
    if not column.values:
        return True
    if type_ == "date":
        return bool(column.dates)
    if type_ in ("number", "integer"):
        return column.numeric
    return type_ != "time"


def choose_dates(columns: list[Seen], draft: Draft) -> None:
    """One format for all dates if there is one; a question if the sample fits several."""
    dated = [column for column in columns if column.dates and (column.path or not column.numeric)]
    if not dated:
        return
    shared = [each for each in dated[0].dates if all(each in column.dates for column in dated)]
    draft.layout["date"] = (shared or dated[0].dates)[0]
    if len(shared) > 1 and _differ(shared, dated):
        draft.ask(dated[0].name, f"Which form do dates such as {dated[0].values[0]} have?", shared)


def _differ(formats: Sequence[str], columns: Sequence[Seen]) -> bool:
    """Whether the formats would read some value differently (M/D/YYYY and MM/DD/YYYY do not)."""
    order = {re.sub(r"[^YMD]", "", re.sub(r"(Y|M|D)+", r"\1", each)) for each in formats}
    return len(order) > 1 and any(column.values for column in columns)


def choose_marks(columns: list[Seen], draft: Draft) -> None:
    """The decimal mark and the thousands separator that fit all numbers."""
    values = [
        value
        for column in columns
        if column.numeric and not _is_identifier(column)
        for value in column.values
    ]
    marks = number_marks(values)
    if not values or not marks:
        if values:
            draft.ask(
                "", "The numbers do not all have the same decimal mark. Which one do they have?", (".", ",")
            )
        return
    (decimal, thousands), *others = marks
    draft.layout |= {"decimal": decimal, "thousands": thousands}
    if style := {negative_style(values)} - {"leading"}:
        draft.layout["negative"] = style.pop()
    grouped = [value for value in values if re.search(r"\d[.,]\d{3}(?!\d)", value)]
    if grouped and len({mark for mark, _ in marks}) > 1:
        choices = [f"decimal {mark!r}, thousands {separator!r}" for mark, separator in [marks[0], *others]]
        draft.ask("", f"Is {grouped[0]} a number with thousands, or with three decimals?", choices)


def _is_identifier(column: Seen) -> bool:
    """Whether a column of digits is a name rather than a number: its field is text, or it has leading zeros."""
    return any(value.startswith("0") and value[1:2].isdigit() for value in column.values)


def column_data(column: Seen, draft: Draft) -> dict[str, Any]:
    data: dict[str, Any] = {"name": column.name, **column.place}
    if column.path:
        data["field"] = column.path
        if column.dates and column.path and draft.layout.get("date") not in column.dates:
            data["date"] = column.dates[0]
    elif column.values or not column.place:
        examples = ", ".join(dict.fromkeys(column.values[:MOST_EXAMPLES]))
        held = f" It holds {examples}." if examples else " It is empty in the sample."
        draft.ask(column.name, f"What is the column {column.name!r}?{held}", column.guesses)
    return data
