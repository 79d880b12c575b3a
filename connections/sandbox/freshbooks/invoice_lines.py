"""The lines of an invoice, as a client writes them and as they are kept."""

from collections.abc import Callable
from typing import Any

from connections.sandbox.freshbooks import cleaning, errors
from connections.sandbox.freshbooks.cleaning import InvalidError
from connections.sandbox.freshbooks.money import money, plain

NORMAL, REBILLED_EXPENSE = 0, 1


def clean_lines(value: Any) -> list[dict[str, Any]]:
    """All lines of the invoice; the currency is put in by the invoice. Raises InvalidError."""
    return each(value, _clean_line)


def each(value: Any, clean: Callable[[dict[str, Any], int], dict[str, Any]]) -> list[dict[str, Any]]:
    """`clean(line, number)` for each object of a list; the message of an error names the line."""
    if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
        raise InvalidError(errors.INVALID, "lines must be a list of objects.")
    cleaned = []
    for number, line in enumerate(value, 1):
        try:
            cleaned.append(clean(line, number))
        except InvalidError as error:
            raise InvalidError(error.errno, f"Line {number}: {error.message}") from None
    return cleaned


def take(line: dict[str, Any], name: str, cleaner: cleaning.Cleaner, default: Any = None) -> Any:
    """A cleaned field of a line; the message of an error names the field."""
    if line.get(name) is None:
        return default
    try:
        return cleaner(line[name])
    except InvalidError as error:
        raise InvalidError(error.errno, f"{name}: {error.message}") from None


def _clean_line(line: dict[str, Any], number: int) -> dict[str, Any]:
    kind = take(line, "type", cleaning.one_of(NORMAL, REBILLED_EXPENSE), NORMAL)
    expense = take(line, "expenseid", cleaning.identifier, 0)
    if kind == REBILLED_EXPENSE and not expense:
        raise InvalidError(errors.REQUIRED, "expenseid is required for a rebilled expense.")
    quantity = take(line, "qty", cleaning.number, cleaning.number(1))
    unit_cost = take(line, "unit_cost", cleaning.amount, cleaning.number(0))
    kept: dict[str, Any] = {
        "lineid": number,
        "taskno": number,
        "type": kind,
        "name": take(line, "name", cleaning.text(), ""),
        "description": take(line, "description", cleaning.text(10_000), ""),
        "qty": plain(quantity),
        "unit_cost": money(unit_cost, "USD"),
        "amount": money(quantity * unit_cost, "USD"),
        "expenseid": expense,
        "compounded_tax": take(line, "compounded_tax", cleaning.flag, default=False),
        "updated": None,
    }
    for tax in ("1", "2"):
        kept[f"taxName{tax}"] = take(line, f"taxName{tax}", cleaning.text())
        kept[f"taxAmount{tax}"] = take(line, f"taxAmount{tax}", cleaning.percent, "0")
        kept[f"taxNumber{tax}"] = take(line, f"taxNumber{tax}", cleaning.text())
    return kept
