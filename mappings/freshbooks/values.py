"""Single values out of FreshBooks JSON. Every field may be missing, null, empty or of another type.

The readers name a value in business words when it cannot be used, because their `BridgeError` is shown to
the person who can correct it in FreshBooks.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from mappings.canonical import smallest_unit

EASTERN = ZoneInfo("America/New_York")
MAX_DIGITS = 18
DELETED = 1

Row = Mapping[str, Any]


class BridgeError(ValueError):
    """A record cannot be turned into the other shape; the text says which field of what, and why."""


def text(row: Row, key: str) -> str:
    """The text under `key`, without surrounding space and control characters; empty for null."""
    value = row.get(key)
    if value is None or isinstance(value, bool | dict | list):
        return ""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in str(value).replace("\r\n", "\n"))
    return clean.strip()


def identifier(row: Row, *keys: str) -> str:
    """The first id under `keys`, as text; ids come as numbers or as text, 0 means none."""
    return next((found for key in keys if (found := text(row, key)) not in ("", "0")), "")


def rows(row: Row, key: str) -> list[Row]:
    """The list of objects under `key`; anything else counts as empty."""
    value = row.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def number(value: Any, what: str) -> Decimal:
    """A number given as number or text. `what` names it in the error ("the quantity of line 2")."""
    if value is None or value == "":
        raise BridgeError(f"{what} is missing.")
    try:
        parsed = Decimal("NaN") if isinstance(value, bool | float | dict | list) else Decimal(str(value))
    except InvalidOperation:
        parsed = Decimal("NaN")
    exponent = parsed.as_tuple().exponent
    if not isinstance(exponent, int) or parsed.adjusted() >= MAX_DIGITS or exponent <= -MAX_DIGITS:
        raise BridgeError(f"{what} is “{str(value)[:40]}”, which is not a number that can be used.")
    return parsed


def money(value: Any, what: str, currency: str) -> Decimal:
    """The amount of `{"amount": "125.00", "code": "USD"}`, which has to be in `currency` if it says so."""
    if not isinstance(value, Mapping):
        raise BridgeError(f"{what} is missing.")
    amount = number(value.get("amount"), what)
    code = text(value, "code").upper()
    if code and code != currency:
        raise BridgeError(f"{what} is in {code}, but the document is in {currency}.")
    return amount


def whole_amount(value: Any, what: str, currency: str) -> Decimal:
    """Like `money`, but of an amount that is paid: it cannot have parts of a cent."""
    amount = money(value, what, currency)
    unit = smallest_unit(currency)
    if amount != amount.quantize(unit):
        raise BridgeError(f"{what} is {amount}, which has parts of a {currency} cent.")
    return amount.quantize(unit)


def currency_of(row: Row, what: str) -> str:
    """The ISO 4217 code of a document."""
    code = text(row, "currency_code").upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise BridgeError(f"{what} has no currency.")
    return code


def plain_date(value: Any) -> dt.date | None:
    """`YYYY-MM-DD` as a date; None for anything else. A date has no zone and is never converted."""
    if not isinstance(value, str) or len(value) != 10:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def day(row: Row, key: str, what: str) -> dt.date:
    """The date under `key`, which has to be there."""
    value = row.get(key)
    if value in (None, ""):
        raise BridgeError(f"{what} is missing.")
    found = plain_date(value)
    if found is None:
        raise BridgeError(f"{what} is “{str(value)[:40]}”, which is not a date.")
    return found


def eastern(value: Any) -> dt.datetime | None:
    """An accounting stamp as a moment; None if it is none.

    It is `YYYY-MM-DD HH:MM:SS` in US/Eastern without saying so. Not for bills and vendors, whose stamps are
    UTC, and not for ledger accounts.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=EASTERN) if moment.tzinfo is None else moment


def is_deleted(row: Row) -> bool:
    """Whether a record was deleted; archived ones were not."""
    return text(row, "vis_state") == str(DELETED)


def amount_on_wire(amount: Decimal, currency: str) -> dict[str, str]:
    """The money object that FreshBooks takes."""
    return {"amount": format(amount, "f"), "code": currency}
