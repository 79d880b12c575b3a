"""Checks of single fields in what a client writes. Each cleaner returns the value as it is kept."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connections.sandbox.freshbooks import errors
from connections.sandbox.freshbooks.money import plain

Cleaner = Callable[[Any], Any]


class InvalidError(ValueError):
    """A field that cannot be taken: errno and message."""

    def __init__(self, errno: int, message: str) -> None:
        super().__init__(message)
        self.errno = errno
        self.message = message


def text(limit: int = 255) -> Cleaner:
    """Text of at most `limit` characters; null stays null."""

    def clean(value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidError(errors.INVALID, "Value must be text.")
        if len(str(value)) > limit:
            raise InvalidError(errors.TOO_LONG, f"Value is longer than {limit} characters.")
        return str(value)

    return clean


def whole(value: Any) -> int:
    """A JSON integer; text is refused."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidError(errors.NOT_A_NUMBER, "Value must be an integer.")
    return value


def identifier(value: Any) -> int:
    """An id, as integer or as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return whole(value)


def one_of(*allowed: Any) -> Cleaner:
    """One of the values, compared exactly."""

    def clean(value: Any) -> Any:
        if value not in allowed:
            raise InvalidError(errors.INVALID, f"Value must be one of: {', '.join(map(str, allowed))}.")
        return value

    return clean


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise InvalidError(errors.BAD_BOOLEAN, "Value must be true or false.")
    return value


def day(value: Any) -> str:
    """A date as `YYYY-MM-DD`."""
    try:
        if len(value) == 10:
            return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        pass
    raise InvalidError(errors.BAD_DATE, "Value must be a date as YYYY-MM-DD.")


def number(value: Any) -> Decimal:
    """A finite number, given as number or text."""
    if not isinstance(value, bool) and isinstance(value, str | int | float):
        try:
            parsed = Decimal(str(value))
        except InvalidOperation:
            parsed = Decimal("NaN")
        if parsed.is_finite() and abs(parsed.adjusted()) < 15:
            return parsed
    raise InvalidError(errors.NOT_A_NUMBER, "Value must be a number.")


def quantity(value: Any) -> str:
    """A number, kept as text: FreshBooks takes both and gives text back."""
    return plain(number(value))


def percent(value: Any) -> str | None:
    """A percentage with at most three decimals, kept as text; null stays null."""
    if value is None:
        return None
    parsed = number(value)
    if not 0 <= parsed <= 100 or parsed != round(parsed, 3):
        raise InvalidError(errors.BAD_PERCENT, "Value must be a percentage with at most three decimals.")
    return plain(parsed)


def amount(value: Any) -> Decimal:
    """The amount of a money object, e.g. `{"amount": "12.50", "code": "USD"}`; the code may be missing."""
    if not isinstance(value, dict) or "amount" not in value:
        raise InvalidError(errors.INVALID, "Value must be an amount with a currency code.")
    return number(value["amount"])
