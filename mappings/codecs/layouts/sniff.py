"""What the values of a sample look like: which date formats and which number marks fit all of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from mappings.codecs.layouts.formats import Format, FormatError, read_date, read_number

DATE_FORMATS = (
    "YYYY-MM-DD",
    "YYYYMMDD",
    "MM/DD/YYYY",
    "DD/MM/YYYY",
    "DD.MM.YYYY",
    "MM-DD-YYYY",
    "DD-MM-YYYY",
    "YYYY/MM/DD",
    "M/D/YYYY",
    "D/M/YYYY",
    "D.M.YYYY",
    "MM/DD/YY",
    "DD/MM/YY",
    "DD.MM.YY",
    "M/D/YY",
    "YYMMDD",
    "DD-MMM-YYYY",
    "DD MMM YYYY",
    "DDMMYYYY",
    "MMDDYYYY",
    "YYYY-MM-DDThh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
    "YYYYDDD",
)
"""Date formats in the order of preference."""
UNLIKELY_WITHOUT_NAME = frozenset({"YYMMDD", "DDMMYYYY", "MMDDYYYY", "YYYYDDD", "YYYYMMDD"})
"""Formats that are digits only: they are dates only in a column that is called one."""
MARKS = ((".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", " "), (".", "'"))
"""Decimal mark and thousands separator, in the order of preference."""
NUMERIC = re.compile(r"[-+(]?\s*[$€£¥]?\s*\d[\d.,' \xa0\u202f]*\s*[$€£¥]?\s*[-+)]?", re.ASCII)
DATE_WORD = re.compile(r"date|day|due|issued|datum", re.IGNORECASE)

MOST_ROWS = 2000


def rows_of(text: str, delimiter: str) -> list[list[str]]:
    """The first rows of a CSV text that are not empty, as stripped cells; up to one that cannot be taken apart."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
            if len(rows) >= MOST_ROWS:
                break
    except csv.Error:
        pass
    return rows


def date_formats(values: Sequence[str], name: str = "") -> list[str]:
    """The date formats that fit all of `values`, which are not empty."""
    formats = (
        [each for each in DATE_FORMATS if all(_is_date(value, each) for value in values)] if values else []
    )
    if not DATE_WORD.search(name):
        formats = [each for each in formats if each not in UNLIKELY_WITHOUT_NAME]
    return formats


def _is_date(value: str, pattern: str) -> bool:
    try:
        date = read_date(value, pattern)
    except FormatError:
        return False
    # Eight digits are a date only if that would be one of our time.
    return 1970 <= date.year <= 2100


def is_numeric(values: Iterable[str]) -> bool:
    """Whether all of `values` look like numbers in some notation."""
    return all(NUMERIC.fullmatch(value) for value in values)


def number_marks(values: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of decimal mark and thousands separator that fit all of `values`."""
    return [
        (decimal, thousands)
        for decimal, thousands in MARKS
        if all(_is_number(value, decimal, thousands) for value in values)
    ]


def _is_number(value: str, decimal: str, thousands: str) -> bool:
    try:
        read_number(value, Format(decimal=decimal, thousands=thousands))
    except FormatError:
        return False
    return True


def negative_style(values: Iterable[str]) -> str:
    """How negative numbers are marked, as far as there are any."""
    values = [value.strip() for value in values]
    if any(value.startswith("(") for value in values):
        return "parentheses"
    return "trailing" if any(value.endswith("-") for value in values) else "leading"
