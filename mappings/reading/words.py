"""How words, dates, numbers and hostile characters are shown to people."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal

from mappings.canonical import smallest_unit

ABBREVIATIONS = {
    "aba": "ABA",
    "ach": "ACH",
    "duns": "DUNS",
    "gl": "GL",
    "gln": "GLN",
    "gst": "GST",
    "gtin": "GTIN",
    "hst": "HST",
    "id": "id",
    "isbn": "ISBN",
    "scac": "SCAC",
    "sku": "SKU",
    "sscc": "SSCC",
    "swift": "SWIFT",
    "vat": "VAT",
}
SHOWN_CHARACTERS = 4096
"""Most characters of one value that are shown; no honest one has more."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def spoken(word: str) -> str:
    """One of our words as people write it: purchase_order is "purchase order", x12:QX is "X12 code QX"."""
    standard, colon, code = word.partition(":")
    if colon:
        return f"{standard.upper()} code {code}"
    return " ".join(ABBREVIATIONS.get(part, part) for part in word.split("_"))


def titled(text: str) -> str:
    """`text` with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def day(date: dt.date) -> str:
    """A date as people write it: 14 Mar 2026."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def moment(date: dt.date, time: dt.time | None) -> str:
    """A date with its time, if it has one: 14 Mar 2026, 12:05."""
    return day(date) if time is None else f"{day(date)}, {clock(time)}"


def clock(time: dt.time) -> str:
    """A time, with seconds if it has any."""
    return f"{time:%H:%M:%S}" if time.second or time.microsecond else f"{time:%H:%M}"


def number(value: Decimal | int) -> str:
    """A number with commas for thousands, and no needless zeros: 1,200 or 2.5."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal, currency: str = "") -> str:
    """An amount with the decimals of its currency, and all that say more: 1,234.50 USD, 500 JPY, 0.0125."""
    usual = -int(smallest_unit(currency).as_tuple().exponent)
    whole, _, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0").ljust(usual, "0")
    return f"{whole}{'.' if decimals else ''}{decimals} {currency}".rstrip()


def plural(count: int, thing: str, things: str = "") -> str:
    """`1 segment`, `1,200 segments`."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def cut(text: str) -> str:
    """`text`, or its beginning if it is too long to show."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{text[:SHOWN_CHARACTERS]}… ({len(text):,} characters)"


def visible(text: str) -> str:
    """`text` with every character that has no shape, or could turn the line or the terminal around, spelt out.

    Controls are <ESC> or <LF>, the rest <U+202E>; line ends and tabs too, so the result is one line.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shape(character) if _is_hidden(character) else character for character in text)


# fmt: off
CONTROLS = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)
# fmt: on


def _is_hidden(character: str) -> bool:
    """Control, format and separator characters but the blank; unassigned and lone surrogate code points."""
    return unicodedata.category(character)[0] in "CZ" and character != " "


def _shape(character: str) -> str:
    code = ord(character)
    if code < len(CONTROLS):
        return f"<{CONTROLS[code]}>"
    return "<DEL>" if code == 0x7F else f"<U+{code:04X}>"
