"""How a value stands in a cell: texts, numbers, dates, times, yes and no, and codes. Both ways, and never guessing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from mappings.canonical import smallest_unit
from mappings.canonical.totals import EXACT

TYPES = ("text", "number", "integer", "date", "time", "boolean")
NEGATIVES = ("leading", "trailing", "parentheses")
CURRENCY = "currency"
"""As a number of decimals: as many as the document's currency has."""
PIVOT = 50
"""Years of two digits are 1950 to 2049."""
MOST_PLACES = 12
LONGEST = 60
"""Characters of the longest number that is read; canonical amounts have far fewer."""


class FormatError(ValueError):
    """A value that cannot be written, or a cell that cannot be read: what is wrong, the rule, and what to do."""

    def __init__(self, message: str, rule: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How the values of one column stand in its cells.

    `decimals` are those that are written: a number, a range such as 0-6, or "currency". With `implied` decimals
    there is no decimal mark: 12345 is 123.45. `negate` turns the sign. `rounding` says whether a number with more
    decimals is refused or rounded half up.
    """

    date: str = "YYYY-MM-DD"
    time: str = "hh:mm:ss"
    decimal: str = "."
    thousands: str = ""
    decimals: str = "0-6"
    implied: int | None = None
    rounding: str = "refuse"
    negative: str = "leading"
    negate: bool = False
    true: str = "Y"
    false: str = "N"

    def problems(self, type_: str) -> list[str]:
        """What is wrong with these settings for values of `type_`."""
        found = []
        if type_ == "date":
            found += date_problems(self.date)
        elif type_ == "time" and not {"hh", "mm"} <= set(_tokens(self.time)):
            found.append(f"the time format {self.time!r} needs hh and mm")
        elif type_ == "boolean" and self.true.casefold() == self.false.casefold():
            found.append("yes and no are the same text")
        elif type_ in ("number", "integer"):
            found += self._number_problems()
        return found

    def _number_problems(self) -> list[str]:
        found = []
        if self.decimal not in (".", ","):
            found.append(f"the decimal mark is {self.decimal!r}; it must be a point or a comma")
        if self.thousands not in ("", ".", ",", " ", "'") or self.thousands == self.decimal:
            found.append(
                f"the thousands separator cannot be {self.thousands!r} beside the decimal mark {self.decimal!r}"
            )
        if self.decimals != CURRENCY and not re.fullmatch(r"\d\d?(-\d\d?)?", self.decimals):
            found.append(f"decimals are {self.decimals!r}; say 2, or 0-6, or currency")
        elif self.decimals != CURRENCY and not 0 <= self.places("")[0] <= self.places("")[1] <= MOST_PLACES:
            found.append(
                f"decimals are {self.decimals!r}; there can be {MOST_PLACES} at most, the fewest first"
            )
        if self.implied is not None and not 0 <= self.implied <= MOST_PLACES:
            found.append(f"implied decimals are {self.implied}; there can be {MOST_PLACES} at most")
        return found

    def places(self, currency: str) -> tuple[int, int]:
        """The fewest and the most decimals that are written, for amounts in `currency`."""
        if self.decimals == CURRENCY:
            count = -int(smallest_unit(currency).as_tuple().exponent)
            return count, count
        least, _, most = self.decimals.partition("-")
        return int(least), int(most or least)


# Dates and times.

TOKEN = re.compile(r"YYYY|YY|MMM|MM|M|DDD|DD|D|hh|mm|ss")
PATTERNS = {
    "YYYY": r"(?P<YYYY>\d{4})",
    "YY": r"(?P<YY>\d\d)",
    "MMM": r"(?P<MMM>[A-Za-z]{3})",
    "MM": r"(?P<MM>\d\d)",
    "M": r"(?P<M>\d{1,2})",
    "DDD": r"(?P<DDD>\d{3})",
    "DD": r"(?P<DD>\d\d)",
    "D": r"(?P<D>\d{1,2})",
    "hh": r"(?P<hh>\d\d)",
    "mm": r"(?P<mm>\d\d)",
    "ss": r"(?P<ss>\d\d)",
}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def _tokens(pattern: str) -> list[str]:
    return TOKEN.findall(pattern)


def date_problems(pattern: str) -> list[str]:
    """What a date format lacks, or has twice."""
    tokens = _tokens(pattern)
    year = sum(token in ("YYYY", "YY") for token in tokens)
    month = sum(token in ("MMM", "MM", "M") for token in tokens)
    day = sum(token in ("DD", "D") for token in tokens)
    if (year, month, day, tokens.count("DDD")) not in ((1, 1, 1, 0), (1, 0, 0, 1)):
        return [
            f"the date format {pattern!r} needs a year (YYYY or YY), a month (MM, M or MMM) and a day (DD or D)"
        ]
    return []


@cache
def _date_expression(pattern: str) -> re.Pattern[str]:
    parts, at = [], 0
    for match in TOKEN.finditer(pattern):
        parts += [re.escape(pattern[at : match.start()]), PATTERNS[match[0]]]
        at = match.end()
    return re.compile("".join([*parts, re.escape(pattern[at:])]), re.ASCII | re.IGNORECASE)


def write_date(value: dt.date | dt.time, pattern: str) -> str:
    """`value` in `pattern`; what a date or time does not have is zero."""
    is_date = isinstance(value, dt.date)
    date = value if isinstance(value, dt.date) else dt.date.min
    time = value if isinstance(value, dt.time) else dt.time()
    texts = {
        "YYYY": f"{date.year:04d}",
        "YY": f"{date.year % 100:02d}",
        "MMM": MONTHS[date.month - 1],
        "MM": f"{date.month:02d}",
        "M": str(date.month),
        "DDD": f"{date.timetuple().tm_yday:03d}",
        "DD": f"{date.day:02d}",
        "D": str(date.day),
        "hh": f"{time.hour:02d}",
        "mm": f"{time.minute:02d}",
        "ss": f"{time.second:02d}",
    }
    if is_date and "YY" in _tokens(pattern) and not 1900 + PIVOT <= date.year < 2000 + PIVOT:
        raise FormatError(f"the year {date.year} cannot be written with two digits", "invalid_date")
    return TOKEN.sub(lambda match: texts[match[0]], pattern)


def read_date(text: str, pattern: str) -> dt.date:
    """The date in `text`. Raises `FormatError`."""
    match = _date_expression(pattern).fullmatch(text)
    if match is None:
        raise FormatError(
            f"is not a date in the form {pattern}", "invalid_date", "Correct it, or the date format."
        )
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    try:
        return _date_of(found)
    except ValueError as error:
        raise FormatError("is a day that does not exist", "invalid_date", "Correct it.") from error


def _date_of(found: Mapping[str, str]) -> dt.date:
    year = int(found["YYYY"]) if "YYYY" in found else int(found["YY"])
    if "YYYY" not in found:
        year += 2000 if year < PIVOT else 1900
    if "DDD" in found:
        date = dt.date(year, 1, 1) + dt.timedelta(int(found["DDD"]) - 1)
        if date.year != year or found["DDD"] == "000":
            raise ValueError(found["DDD"])
        return date
    name = found.get("MMM", "").upper()
    month = MONTHS.index(name) + 1 if name else int(found.get("MM") or found["M"])
    return dt.date(year, month, int(found.get("DD") or found["D"]))


def read_time(text: str, pattern: str) -> dt.time:
    """The time in `text`. Raises `FormatError`."""
    match = _date_expression(pattern).fullmatch(text)
    try:
        if match:
            found = match.groupdict()
            return dt.time(int(found["hh"]), int(found["mm"]), int(found.get("ss") or 0))
    except ValueError:
        pass
    raise FormatError(
        f"is not a time in the form {pattern}", "invalid_time", "Correct it, or the time format."
    )


# Numbers.

SYMBOLS = re.compile(r"[$€£¥]")
BLANKS = str.maketrans({"\xa0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u2212": "-"})
"""Separators and signs as some programs write them."""


def write_number(value: Decimal | int, style: Format, currency: str = "") -> str:
    """`value` in the style of its column. Raises `FormatError` if that would lose decimals."""
    number = Decimal(value).copy_negate() if style.negate else Decimal(value)
    if style.implied is not None:
        return _signed(_digits(_rounded(number.scaleb(style.implied, EXACT), 0, style.rounding), 0), style)
    least, most = style.places(currency)
    number = _rounded(number, most, style.rounding)
    text = _digits(number, most)
    whole, _, fraction = text.lstrip("-").partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    if style.thousands:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", style.thousands, whole)
    sign = "-" if text.startswith("-") and (whole.strip("0'., ") or fraction.strip("0")) else ""
    return _signed(f"{sign}{whole}{style.decimal}{fraction}" if fraction else sign + whole, style)


def _rounded(number: Decimal, places: int, rounding: str) -> Decimal:
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT)
    if rounded != number and rounding != "half_up":
        raise FormatError(
            f"has more than {places} decimals",
            "too_many_decimals",
            "Allow more decimals, or rounding, in the layout.",
        )
    return rounded


def _digits(number: Decimal, places: int) -> str:
    return format(number, f".{places}f")


def _signed(text: str, style: Format) -> str:
    if not text.startswith("-") or style.negative == "leading":
        return text
    return f"({text[1:]})" if style.negative == "parentheses" else f"{text[1:]}-"


@cache
def _number_expression(decimal: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    return re.compile(rf"({grouped}\d*)(?:{re.escape(decimal)}(\d*))?", re.ASCII)


def read_number(text: str, style: Format) -> Decimal:
    """The number in `text`, signed before, behind or by parentheses. Raises `FormatError`."""
    body = SYMBOLS.sub("", text.translate(BLANKS), count=1).strip()
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    elif body[:1] in ("-", "+"):
        negative, body = body[0] == "-", body[1:].strip()
    elif body[-1:] in ("-", "+"):
        negative, body = body[-1] == "-", body[:-1].strip()
    body = SYMBOLS.sub("", body, count=1).strip()
    match = (
        _number_expression(style.decimal, style.thousands).fullmatch(body) if len(body) < LONGEST else None
    )
    if match is None or not (match[1] or match[2]) or (style.implied is not None and match[2] is not None):
        raise FormatError("is not a number", "invalid_number", _number_remedy(style))
    whole = match[1].replace(style.thousands, "") if style.thousands else match[1]
    number = Decimal(f"{whole or 0}.{match[2] or 0}" if match[2] else whole)
    if style.implied:
        number = number.scaleb(-style.implied, EXACT)
    return number.copy_negate() if negative != style.negate and number else number


def _number_remedy(style: Format) -> str:
    marks = f"{style.decimal!r} as decimal mark"
    if style.implied is not None:
        marks = f"{style.implied} implied decimals and no decimal mark"
    thousands = (
        f", {style.thousands!r} between thousands" if style.thousands else ", nothing between thousands"
    )
    return f"The layout says: {marks}{thousands}. Correct the value, or the layout."


# Any value.

Write = Callable[[Any, str], str]
"""The text of a value, for a document in a currency."""
Read = Callable[[str], Any]


def writer(type_: str, style: Format) -> Write:
    """How a value of `type_` is written."""
    match type_:
        case "number" | "integer":
            return lambda value, currency: write_number(value, style, currency)
        case "date":
            return lambda value, _currency: write_date(value, style.date)
        case "time":
            return lambda value, _currency: write_date(value, style.time)
        case "boolean":
            return lambda value, _currency: style.true if value else style.false
        case _:
            return lambda value, _currency: str(value)


def reader(type_: str, style: Format) -> Read:
    """How a cell is read as a value of `type_`; what it gives raises `FormatError`."""
    readers: dict[str, Read] = {
        "text": lambda text: text,
        "number": lambda text: read_number(text, style),
        "integer": lambda text: _whole(text, style),
        "date": lambda text: read_date(text, style.date),
        "time": lambda text: read_time(text, style.time),
        "boolean": lambda text: _yes_or_no(text, style),
    }
    return readers[type_]


def _whole(text: str, style: Format) -> int:
    number = read_number(text, style)
    if number != number.to_integral_value():
        raise FormatError("is not a whole number", "invalid_number")
    return int(number)


def _yes_or_no(text: str, style: Format) -> bool:
    if text.casefold() not in (style.true.casefold(), style.false.casefold()):
        raise FormatError(f"is neither {style.true!r} nor {style.false!r}", "invalid_boolean")
    return text.casefold() == style.true.casefold()


class CodeTable:
    """Our words and a partner's: {ours: [theirs, other spellings of theirs ...]}. Read without regard to case."""

    def __init__(self, codes: Mapping[str, tuple[str, ...]]) -> None:
        self.theirs = {ours: spellings[0] for ours, spellings in codes.items() if spellings}
        self.ours = {
            spelling.strip().casefold(): ours for ours, spellings in codes.items() for spelling in spellings
        }

    def write(self, text: str) -> str | None:
        return self.theirs.get(text)

    def read(self, text: str) -> str | None:
        return self.ours.get(text.strip().casefold())
