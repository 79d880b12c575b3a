"""What Stampli exports: invoice confirmations and payments, read from bytes to rows. Pure.

No template of Stampli is public (docs/stampli.md): the columns are those of the shipped layouts, found by their
headers in any order and spelling. Status words are free text of the customer's template, so a table that people
can edit says what they mean; a word that is not in it is read as `unknown` and kept as it was stated.
"""

from __future__ import annotations

import copy
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.canonical import StatusReport
from mappings.codecs import layouts
from mappings.codecs.layouts.standard import STATUS_CODES
from mappings.codecs.report import Problem

BILL, PAYMENT = "bill", "payment"
LAYOUTS = {BILL: "stampli_confirmation", PAYMENT: "stampli_payment_export"}
NAMES = {"invoice": BILL, "payment": PAYMENT}
"""How the name of a file begins that holds one or the other."""

STATUSES = (*STATUS_CODES, "unknown")
WORDS = {word: status for status, words in STATUS_CODES.items() for word in words}
"""The table to begin with: Stampli's words, as far as its screens and help pages show them, and ours."""

DATES = ("YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY", "YYYYMMDD")
STAMPS = ("YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm:ss")
"""Points in time that some exports have where others have a day; they are tried where the date does not fit."""
BAD_DATE = "invalid_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One row: the line it stands on, what it says, and the cells of columns that nobody knows, by header."""

    line: int
    report: StatusReport
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file: `kind` is bill or payment, empty if it is neither. `problems` are sentences with line and column."""

    kind: str
    rows: tuple[ExportRow, ...] = ()
    problems: tuple[str, ...] = ()


def read_export(
    name: str, content: bytes, *, words: Mapping[str, str] = WORDS, date: str = DATES[0]
) -> Export:
    """The rows of the file `name`, told by its name or else by its header. Nothing raises.

    `words` maps Stampli's status words to `STATUSES`; `date` is the form of dates, one of `DATES`. UTF-8 and
    UTF-16 are recognised, else it is Windows-1252. A bad row costs itself only.
    """
    content = in_utf8(content)
    kinds = [kind for start, kind in NAMES.items() if name.lower().startswith(start)] or list(LAYOUTS)
    tried = [_best(kind, content, words, date) for kind in kinds]
    fitting = [export for export, fits in tried if fits]
    # A payment export has all columns that a confirmation must have, but for the id.
    return fitting[0] if fitting else Export(kind="", problems=tried[0][0].problems)


def in_utf8(content: bytes) -> bytes:
    """The text of a file in UTF-8. Bytes that Windows-1252 does not have become their Latin-1 characters."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").encode("utf-8", "replace")
    try:
        content.decode()
    except UnicodeDecodeError:
        return "".join(map(_windows_1252, content)).encode()
    return content


def _windows_1252(byte: int) -> str:
    raw = bytes([byte])
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _best(kind: str, content: bytes, words: Mapping[str, str], date: str) -> tuple[Export, bool]:
    """The file under the form of dates that fits the most of its rows, and whether it is of this kind."""
    best: tuple[list[ExportRow], list[Problem]] | None = None
    for form in (date, *STAMPS):
        rows, problems = _read(layout(kind, words, form), content)
        if best is None or _bad_dates(problems) < _bad_dates(best[1]):
            best = rows, problems
        if not _bad_dates(best[1]):
            break
    rows, problems = best or ([], [])
    fits = not any(problem.rule in ("header", "empty") for problem in problems)
    return Export(kind=kind, rows=tuple(rows), problems=tuple(map(str, problems))), fits


def layout(kind: str, words: Mapping[str, str], date: str) -> layouts.Layout:
    """The shipped layout of `kind` with these status words and dates. Raises `CodecError` for unusable ones."""
    data: dict[str, Any] = copy.deepcopy(layouts.STANDARD[LAYOUTS[kind]])
    data["date"] = date
    codes: dict[str, list[str]] = {}
    for word, status in words.items():
        codes.setdefault(status, []).append(word)
    for column in data["columns"]:
        if column["field"] == "status":
            column["codes"] = codes
    return layouts.load(data)


def _read(form: layouts.Layout, content: bytes) -> tuple[list[ExportRow], list[Problem]]:
    rows: list[ExportRow] = []
    problems: list[Problem] = []
    for item in layouts.read(content, form):
        problems += item.report
        if not isinstance(item, layouts.Item) or not isinstance(item.document, StatusReport):
            continue
        if _names_its_document(item.document):
            extra = dict(pair for cells in item.extra for pair in cells.items())
            rows.append(ExportRow(line=item.line, report=item.document, extra=extra))
        else:
            problems.append(_nameless(item.line))
    return rows, problems


def _names_its_document(report: StatusReport) -> bool:
    return bool(report.source_id or (report.vendor_number and report.number))


def _nameless(line: int) -> Problem:
    return Problem(
        message="the row has neither an External Invoice ID nor a Vendor ID with an Invoice Number",
        rule="no_document",
        remedy="Have one of them added to the export.",
        line=line,
    )


def _bad_dates(problems: Iterable[Problem]) -> int:
    return sum(problem.rule == BAD_DATE for problem in problems)


def words_of(lines: Iterable[str]) -> dict[str, str]:
    """The status table from lines such as `Paid in full = paid`. Raises `ValueError` with what is wrong."""
    table: dict[str, str] = {}
    for line in lines:
        word, status = _pair(line)
        if table.setdefault(word, status) != status or _spelt(word, table) != word:
            raise ValueError(f"“{word}” stands there twice.")
    return table


def _pair(line: str) -> tuple[str, str]:
    word, sign, status = (part.strip() for part in line.rpartition("="))
    status = status.lower().replace(" ", "_")
    if not (word and sign) or status not in STATUSES:
        known = ", ".join(STATUSES)
        raise ValueError(f"“{line}”: write Stampli's word, an equals sign, and one of {known}.")
    return word, status


def _spelt(word: str, table: Mapping[str, str]) -> str:
    """The first spelling of the word in the table: case does not tell words apart."""
    return next(known for known in table if known.casefold() == word.casefold())


def lines_of(words: Mapping[str, str]) -> Iterator[str]:
    """The lines that `words_of` reads."""
    return (f"{word} = {status}" for word, status in words.items())
