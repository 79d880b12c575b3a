"""A first layout from a sample file: what can be seen is filled in, what cannot becomes a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mappings.codecs.files import BOM
from mappings.codecs.layouts.delimited import DELIMITERS
from mappings.codecs.layouts.draft_columns import REPEATED, Draft, Seen, column_data, complete, seen
from mappings.codecs.layouts.draft_records import cells_seen, kinds_in_csv, kinds_in_lines, positions_seen
from mappings.codecs.layouts.draft_xml import draft_xml
from mappings.codecs.layouts.guess import fields_for
from mappings.codecs.layouts.layout import KINDS
from mappings.codecs.layouts.loading import load
from mappings.codecs.layouts.sniff import MOST_ROWS, date_formats, is_numeric, rows_of
from mappings.codecs.report import CodecError, Report

SAMPLE = 1 << 20
"""Most bytes of a sample that are looked at."""
WHICH_KIND = (
    "There are several kinds of rows, told apart by how they begin. Which one is the document, which are its lines, "
    "and which opens or ends the file?"
)


def draft_layout(sample: bytes, kind: str) -> Draft:
    """A layout for reading files like `sample`, which hold documents of `kind` (see `layout.KINDS`).

    Detects the format, the encoding, delimiter, header and columns, the formats of dates and numbers, and guesses the
    fields by the names of the columns and what they hold. Raises `CodecError` if there is nothing to look at.
    """
    report = Report()
    if kind not in KINDS:
        report.add(f"there are no layouts for {kind!r}", "unknown", remedy=f"Use one of {', '.join(KINDS)}.")
    if not sample.strip():
        report.add("the sample is empty", "empty")
    if report:
        raise CodecError(report)
    draft = Draft(layout={"name": "", "document": kind, "direction": "read"})
    text = _decoded(sample[:SAMPLE], draft)
    if text.lstrip().startswith("<"):
        draft_xml(sample[:SAMPLE], kind, draft)
    else:
        _draft_text(text, kind, draft)
    _ask_for_the_rest(draft)
    return draft


def _decoded(sample: bytes, draft: Draft) -> str:
    """The sample as text: UTF-8 if it is that, else Windows-1252, and a question."""
    if sample.startswith(BOM):
        draft.layout["encoding"] = "utf-8-sig"
    try:
        # The sample may end inside of a character.
        return sample.removeprefix(BOM).decode("utf-8", "strict" if len(sample) < SAMPLE else "ignore")
    except UnicodeDecodeError as error:
        if len(sample) - error.start < 4:
            return sample.removeprefix(BOM)[: error.start].decode("utf-8")
    draft.layout["encoding"] = "cp1252"
    draft.ask(
        "",
        "The file is not UTF-8. Is it Windows-1252, as most Western spreadsheets write?",
        ("cp1252", "latin-1"),
    )
    return sample.decode("cp1252", "replace")


def _draft_text(text: str, kind: str, draft: Draft) -> None:
    """CSV or fixed width, with one kind of row or several."""
    draft.layout["line_end"] = "crlf" if "\r\n" in text else "lf"
    delimiter, kinds, places = kinds_in_csv(text, REPEATED.get(kind, ""))
    if kinds:
        draft.layout |= {"format": "csv", "delimiter": delimiter}
        found = {code: cells_seen(rows) for code, rows in kinds.items()}
        _draft_records(found, places, draft)
    elif delimiter := _delimiter(text):
        _draft_csv(text, delimiter, kind, draft)
    else:
        _draft_fixed(text, kind, draft)


def _draft_records(found: dict[str, list[Seen]], places: dict[str, str], draft: Draft) -> None:
    """Several kinds of rows. Where a value stands says nothing about what it is: the fields are left to a person."""
    complete([column for columns in found.values() for column in columns], "", draft, flat=False)
    draft.layout["records"] = [
        {"code": code, "at": places[code], "columns": [column_data(column, draft) for column in columns]}
        for code, columns in found.items()
    ]
    draft.ask("", WHICH_KIND, tuple(found))


# CSV.


def _delimiter(text: str) -> str:
    """The delimiter that gives most rows the same number of cells, at least two; empty if none does."""
    best = (0.0, 0, "")
    for delimiter in DELIMITERS:
        rows = rows_of(text, delimiter)
        if not rows:
            continue
        (width, count), *_ = Counter(map(len, rows)).most_common(1)
        if width > 1 and count / len(rows) > 0.5:
            best = max(best, (round(count / len(rows), 1), width, delimiter))
    return best[2]


def _draft_csv(text: str, delimiter: str, kind: str, draft: Draft) -> None:
    rows = rows_of(text, delimiter)
    has_header = _is_header(rows, kind)
    width = max(map(len, rows))
    names = rows[0] if has_header else [f"Column {number}" for number in range(1, width + 1)]
    body = rows[1:] if has_header else rows
    if not has_header:
        draft.ask(
            "",
            "The file seems to have no header row. Is that so?",
            ("no header", "the first row is the header"),
        )
    columns = [
        seen(name, [row[index] for row in body if index < len(row)])
        for index, name in enumerate(names)
        if name
    ]
    draft.layout |= {"format": "csv", "delimiter": delimiter, "header": has_header}
    complete(columns, kind, draft, flat=True)
    draft.layout["columns"] = [column_data(column, draft) for column in columns]
    _group(draft, columns, names, body)


def _is_header(rows: Sequence[Sequence[str]], kind: str) -> bool:
    """Whether the first row is names: all different, none a number or date, and more than one of them known."""
    first = [cell for cell in rows[0] if cell]
    named = len(set(first)) == len(first) and not any(
        is_numeric([cell]) or date_formats([cell], "date") for cell in first
    )
    known = sum(bool(fields_for(cell, kind)) for cell in first)
    return named and (known > 1 or len(rows) > 1)


def _group(draft: Draft, columns: list[Seen], names: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """With a row per part, the column of the number groups them; its values show whether they are adjacent."""
    if not any(column.path.startswith("lines.") for column in columns):
        return
    draft.layout["each"] = "lines"
    key = next((column.name for column in columns if column.path == "number"), "")
    if not key:
        draft.ask("", "Which columns tell that rows belong to the same document?", names)
        return
    draft.layout["group"] = [key]
    index = list(names).index(key)
    keys: list[str] = []
    for row in body:
        value = row[index] if index < len(row) else ""
        if value and (not keys or keys[-1] != value):
            draft.layout["adjacent"] = draft.layout.get("adjacent", True) and value not in keys
            keys.append(value)


# Fixed width.


def _draft_fixed(text: str, kind: str, draft: Draft) -> None:
    lines = [line for line in text.splitlines() if line.strip()][:MOST_ROWS]
    draft.layout["format"] = "fixed"
    draft.ask("", "The columns were cut where all lines of the sample have blanks. Are the positions right?")
    kinds, places = kinds_in_lines(lines, REPEATED.get(kind, ""))
    if kinds:
        found = {code: positions_seen([line for (line,) in rows], 1, code) for code, rows in kinds.items()}
        _draft_records(found, places, draft)
        return
    columns = positions_seen(lines, 1, "")
    complete(columns, "", draft, flat=True)
    draft.layout["columns"] = [column_data(column, draft) for column in columns]


# What is still open.


def _ask_for_the_rest(draft: Draft) -> None:
    """What would keep the draft from being a layout."""
    try:
        load(draft.layout)
    except CodecError as error:
        for problem in error.report:
            draft.ask(problem.field, f"{problem.message}. {problem.remedy}".strip())
