"""EDIFACT data types: what a valid value looks like, and how values are written and read.

Sources: ISO 9735 (representation of numbers: decimal mark, sign, lengths without both), UN/ECE code list 2379 (formats
of dates).
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import cache

from mappings.codecs.patterns import COMPONENT, Values
from mappings.codecs.tables import Element
from mappings.codecs.x12.values import DATE_6, DATE_8

TEXT = r"[^\x00-\x1f\x7f]"
CODE = r"[^\x00-\x20\x7f]"
"""A character of a code: whatever has at most three of them is one, and has no blanks."""
ANY = re.compile(r"[^\x00-\x1b\x7f]*+")
"""Texts of any character set, and whole segments in the internal separators."""
NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
NEARLY_NUMBER = re.compile(r"[-+]?[0-9.,]+")
NO_LEADING_DIGIT = re.compile(r"-?[.,][0-9]+")
CLOCK = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
SECONDS = "[0-5][0-9]"

DATES = {
    # format (2379): its values
    "102": DATE_8,
    "203": DATE_8 + CLOCK,
    "204": DATE_8 + CLOCK + SECONDS,
    "101": DATE_6,
    "201": DATE_6 + CLOCK,
    "202": DATE_6 + CLOCK + SECONDS,
    "303": DATE_8 + CLOCK + "[A-Z]{3}",
    "304": DATE_8 + CLOCK + SECONDS + "[A-Z]{3}",
    "401": CLOCK,
    "402": CLOCK + SECONDS,
    "602": "[0-9]{4}",
    "609": "[0-9]{2}(?:0[1-9]|1[0-2])",
    "610": "[0-9]{4}(?:0[1-9]|1[0-2])",
    "616": "[0-9]{4}(?:0[1-9]|[1-4][0-9]|5[0-3])",
    "718": f"{DATE_8}-?+{DATE_8}",
    "719": f"{DATE_8}{CLOCK}-?+{DATE_8}{CLOCK}",
}
"""The formats that are checked; a date in another one is a text."""


class EdifactValues(Values):
    """The values of EDIFACT. `allowed` matches texts, and whole segments, in the interchange's character set."""

    def __init__(self, allowed: re.Pattern[str]) -> None:
        self.allowed = allowed

    def allows(self, segment: str) -> bool:
        """Whether all characters of `segment` are in the character set."""
        return self.allowed.fullmatch(segment) is not None

    def pattern(self, element: Element) -> str:
        """A possessive expression for the valid, non-empty values of `element`, of any character set."""
        return _pattern(element.type, element.min, element.max, element.codes)

    def composite(self, element: Element) -> str:
        """An expression for C507, whose second component must be in the format that the third one names."""
        return DATE if element.type == "C507" else ""

    def problem(self, element: Element, value: str) -> str:
        """The rule of `explain.RULES` that `value` breaks, or an empty text."""
        if element.components:
            return "" if re.fullmatch(self.composite(element), value) else "date_format"
        if element.type in ("R", "N0") and not NUMBER.fullmatch(value):
            if NO_LEADING_DIGIT.fullmatch(value):
                return "no_leading_digit"
            return "invalid_decimal" if NEARLY_NUMBER.fullmatch(value) else "invalid_number"
        if not self.allowed.fullmatch(value) or not ANY.fullmatch(value):
            return "invalid_character"
        return _length_problem(element, value) or self._content_problem(element, value)

    def _content_problem(self, element: Element, value: str) -> str:
        if re.fullmatch(self.pattern(element), value):
            return ""
        rules = {
            "AN": "invalid_character",
            "DT": "invalid_date",
            "TM": "invalid_time",
            "N0": "invalid_number",
        }
        return "invalid_code" if element.codes else rules.get(element.type, "invalid_code")


@cache
def edifact_values(allowed: re.Pattern[str] = ANY) -> EdifactValues:
    """The one instance of its kind, so that tables are compiled once."""
    return EdifactValues(allowed)


VALUES = edifact_values()


def _date() -> str:
    """C507: a qualifier, a date, and its format."""
    known = "|".join(f"{pattern}{COMPONENT}{code}(?![0-9A-Z])" for code, pattern in DATES.items())
    other = f"(?:{TEXT}{{1,35}}+)?+(?:{COMPONENT}(?!(?:{'|'.join(DATES)})(?![0-9A-Z])){CODE}{{1,3}}+)?+"
    return f"{CODE}{{1,3}}+(?:{COMPONENT}(?:{known}|{other}))?+(?<!{COMPONENT})"


DATE = _date()


@cache
def _pattern(type_: str, minimum: int, maximum: int, codes: frozenset[str]) -> str:
    if codes:
        return f"(?:{'|'.join(sorted(codes))})"
    if type_ == "AN":
        return f"{CODE if maximum <= 3 else TEXT}{{{minimum},{maximum}}}+"
    if type_ == "A":
        return f"[A-Z]{{{minimum},{maximum}}}+"
    if type_ == "R":
        with_mark = rf"(?=[0-9.,]{{3,{maximum + 1}}}+(?![0-9.,]))[0-9]++[.,][0-9]++"
        return rf"-?+(?:[0-9]{{{minimum},{maximum}}}+(?![.,])|{with_mark})"
    if type_ == "N0":
        return f"[0-9]{{{minimum},{maximum}}}+"
    if type_ == "DT":
        return f"(?:{DATE_8}|{DATE_6})"
    if type_ == "TM":
        return CLOCK
    raise ValueError(f"EDIFACT has no data type {type_!r}")


def _length_problem(element: Element, value: str) -> str:
    length = sum(map(str.isdigit, value)) if element.type in ("R", "N0") else len(value)
    if length < element.min:
        return "too_short"
    return "too_long" if length > element.max else ""


def write_decimal(value: Decimal, mark: str = ".") -> str:
    """A number with a digit before and after its decimal mark, no needless zeros, no exponent."""
    text = format(value, "f") if value else "0"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
        return text if mark == "." else text.replace(".", mark)
    return text


def read_decimal(text: str) -> Decimal:
    """The number in `text`, whichever decimal mark it has."""
    return Decimal(text.replace(",", ".") if "," in text else text)


def write_date(day: dt.date, time: dt.time | None = None) -> tuple[str, str]:
    """A date, with its time to the second if there is one; and its format."""
    text = f"{day.year:04d}{day.month:02d}{day.day:02d}"
    if time is None:
        return text, "102"
    if time.second:
        return f"{text}{time:%H%M%S}", "204"
    return f"{text}{time:%H%M}", "203"


WITH_DATE = {
    "102": 8,
    "203": 8,
    "204": 8,
    "303": 8,
    "304": 8,
    "718": 8,
    "719": 8,
    "101": 6,
    "201": 6,
    "202": 6,
}


def read_date(text: str, format_: str) -> tuple[dt.date, dt.time | None] | None:
    """The date in `text`, and its time if it has one. Of a period it is the beginning. None without a full date.

    Without a format, eight digits are a date. Years of two digits are 1950 to 2049.
    """
    length = WITH_DATE.get(format_) or (8 if not format_ and re.fullmatch(DATE_8, text) else 0)
    if not length:
        return None
    if length == 6:
        text = ("20" if text < "50" else "19") + text
    day = dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    clock = text[8:14] if format_ in ("203", "204", "201", "202", "303", "304", "719") else ""
    if not clock:
        return day, None
    seconds = int(clock[4:6]) if format_ in ("204", "202", "304") else 0
    return day, dt.time(int(clock[:2]), int(clock[2:4]), seconds)
