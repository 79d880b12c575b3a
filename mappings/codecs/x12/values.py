"""X12 data types: what a valid value looks like, and how values are written and read.

Sources: X12.5 and X12.6 as restated in public implementation guides (AN, ID, Nn, R, DT, TM; lengths of numbers
without sign and point).
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import cache

from mappings.codecs.patterns import Values
from mappings.codecs.tables import Element

ANY = "[ -\U0010ffff]"
"""A single range, and so the fastest; with a look at the whole message for DEL it says the same as `PRINTABLE`."""
PRINTABLE = "[ -~\xa0-\U0010ffff]"
ASCII = "[ -~]"

# A calendar date: months of 31, 30 and 28 days, and the 29th of February in leap years.
MONTH_AND_DAY = (
    "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    "|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
LEAP = "(?:[02468][048]|[13579][26])"
DATE_8 = f"(?:(?!0000)[0-9]{{4}}{MONTH_AND_DAY}|(?:[0-9]{{2}}(?!00){LEAP}|(?!00){LEAP}00)0229)"
DATE_6 = f"(?:[0-9]{{2}}{MONTH_AND_DAY}|{LEAP}0229)"
NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9]{1,2}+)?+)?+"


ALPHABETIC = frozenset({"26", "100"})
"""Country and currency codes are letters only."""


class X12Values(Values):
    """The values of X12, with `characters` in texts, and perhaps with `short_dates` of six digits only."""

    def __init__(self, characters: str, *, short_dates: bool) -> None:
        self.characters = characters
        self.short_dates = short_dates

    def closely(self, *, ascii_only: bool) -> X12Values:
        """The same for a close look at texts: printable characters only, or of those only ASCII."""
        return x12_values(ASCII if ascii_only else PRINTABLE, short_dates=self.short_dates)

    def pattern(self, element: Element) -> str:
        """A possessive expression for the valid, non-empty values of `element`."""
        if element.type == "DT" and self.short_dates:
            return DATE_6
        alphabetic = element.number in ALPHABETIC
        type_ = "A" if alphabetic else element.type
        return _pattern(type_, element.min, element.max, element.codes, self.characters)

    def problem(self, element: Element, value: str) -> str:
        """The rule of `explain.RULES` that `value` breaks, or an empty text."""
        if element.type[0] in "NR" and not NUMBER.fullmatch(value):
            return "invalid_number"
        if element.type == "DT":
            return "" if re.fullmatch(self.pattern(element), value) else "invalid_date"
        if not re.fullmatch(f"{self.characters}+", value):
            return "invalid_character"
        return _length_problem(element, value) or self._content_problem(element, value)

    def _content_problem(self, element: Element, value: str) -> str:
        if re.fullmatch(self.pattern(element), value):
            return ""
        if element.codes or element.type == "ID":
            return "invalid_code"
        rules = {"AN": "invalid_character", "DT": "invalid_date", "TM": "invalid_time"}
        return rules.get(element.type, "invalid_number")


@cache
def x12_values(characters: str = ANY, *, short_dates: bool = False) -> X12Values:
    """The one instance of its kind, so that tables are compiled once."""
    return X12Values(characters, short_dates=short_dates)


VALUES = x12_values()
SHORT_DATES = x12_values(short_dates=True)
"""Before version 004010 all dates had six digits."""


@cache
def _pattern(type_: str, minimum: int, maximum: int, codes: frozenset[str], characters: str) -> str:
    if codes:
        one_letter = all(len(code) == 1 for code in codes)
        return f"[{''.join(sorted(codes))}]" if one_letter else f"(?:{'|'.join(sorted(codes))})"
    if type_ == "AN":
        return f"{characters}{{{minimum},{maximum}}}+(?<! )"
    if type_ == "A":
        return f"[A-Z]{{{minimum},{maximum}}}+"
    if type_ == "ID":
        return f"[A-Z0-9]{{{minimum},{maximum}}}+"
    if type_ == "R":
        at_least = rf"(?=(?:\.?+[0-9]){{{minimum}}})" if minimum > 1 else ""
        with_point = rf"(?=[0-9.]{{2,{maximum + 1}}}+(?![0-9.]))[0-9]*+\.[0-9]*+"
        return rf"-?+{at_least}(?:[0-9]{{1,{maximum}}}+(?!\.)|{with_point})"
    if type_[0] == "N":
        return f"-?+[0-9]{{{minimum},{maximum}}}+"
    if type_ == "DT":
        return {6: DATE_6, 8: DATE_8}[maximum]
    if type_ == "TM":
        return rf"(?=[0-9]{{{minimum},{maximum}}}+(?![0-9])){TIME}"
    raise ValueError(f"X12 has no data type {type_!r}")


def _length_problem(element: Element, value: str) -> str:
    length = len(value)
    if element.type == "R":
        length = sum(character.isdigit() for character in value)
    elif element.type[0] == "N":
        length = len(value.removeprefix("-"))
    if length < element.min:
        return "too_short"
    return "too_long" if length > element.max else ""


def write_decimal(value: Decimal) -> str:
    """A number of type R: a point only before a fraction, no needless zeros, no exponent."""
    text = str(value)
    if text.isdigit():
        return text
    if "E" in text:
        text = format(value, "f")
    if text[-1] == "0" and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text[0] > "0" or text == "0":
        return text
    if text[0] == "0":
        return text[1:]
    if text[:2] == "-0":
        return "-" + text[2:] if text != "-0" else "0"
    return text


def write_implied(value: Decimal, decimals: int) -> str:
    """A number of type Nn, with `decimals` implied: 123.45 is 12345 in N2. Raises ValueError if it has more."""
    scaled = value.scaleb(decimals)
    text = str(scaled)
    if text.isdigit():
        return text
    if scaled != (whole := scaled.to_integral_value()):
        raise ValueError(f"{value} has more than {decimals} decimals")
    return format(whole, "f") if whole else "0"


def write_date(value: dt.date) -> str:
    """A date as YYYYMMDD."""
    return value.isoformat().replace("-", "")


def write_time(value: dt.time) -> str:
    """A time as HHMM, HHMMSS or, with hundredths of a second, HHMMSSDD."""
    if value.microsecond:
        return f"{value:%H%M%S}{value.microsecond // 10000:02d}"
    return f"{value:%H%M%S}" if value.second else f"{value:%H%M}"


def read_date(text: str) -> dt.date:
    """A date from YYYYMMDD, or from YYMMDD of versions before 004010 (1950 to 2049)."""
    if len(text) == 6:
        text = ("20" if text < "50" else "19") + text
    return dt.date.fromisoformat(text)


def read_time(text: str) -> dt.time:
    """A time from HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    fraction = int(text[6:8].ljust(2, "0")) * 10000 if len(text) > 6 else 0
    return dt.time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0), fraction)
