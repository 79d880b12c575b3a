"""Values that stand in no field of a canonical document, but in many files: totals, positions, sides of the ledger.

Each can be given; most can be taken, too. What has to wait until the whole document is there is kept in the draft
under a name that begins with `@` until `finish`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from mappings.canonical import (
    AcknowledgedLine,
    Bill,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    Payment,
    RemittanceAdvice,
    RemittanceLine,
    ShippedItem,
    Tax,
    Vendor,
    line_amount,
    rounded,
)

ZERO = Decimal(0)

Draft: TypeAlias = dict[str, Any]
"""A document or part while it is read: its fields, with dicts for parts and lists for repeated ones."""
Place: TypeAlias = Any
"""A class of documents or of their parts."""


@dataclass(slots=True)
class Frame:
    """Where a value is asked for: in which document currency, and the number of the current part among its like."""

    currency: str
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A derived value: how it is given, and how it is taken if it can be."""

    type: str
    get: Callable[[Any, Frame], Any]
    put: Callable[[Draft, Any], None] | None = None
    is_money: bool = False


def _set(name: str) -> Callable[[Draft, Any], None]:
    return lambda draft, value: draft.__setitem__(name, value)


def _added(taxes: Iterable[Tax]) -> list[Decimal]:
    return [tax.amount for tax in taxes if tax.added and tax.amount is not None]


def _due_date(document: Any, _frame: Frame) -> Any:
    """The stated due date, else the date of the document and the days to pay."""
    if document.due_date:
        return document.due_date
    days = next((terms.net_days for terms in document.terms if terms.net_days is not None), None)
    return None if days is None else document.date + dt.timedelta(days)


def _put_due_date(draft: Draft, value: Any) -> None:
    terms = draft.setdefault("terms", [{}])
    terms[0]["net_due_date"] = value


def _tax_total(document: Any, _frame: Frame) -> Decimal:
    amounts = _added(document.taxes) + [amount for line in document.lines for amount in _added(line.taxes)]
    return sum(amounts, ZERO)


def _line_amount(line: Any, frame: Frame) -> Decimal | None:
    """The stated amount, else quantity times price, to the cent."""
    if line.amount is None and (line.quantity is None or line.unit_price is None):
        return None
    return line.amount if line.amount is not None else rounded(line_amount(line), frame.currency)


def _line_tax(line: Any, _frame: Frame) -> Decimal | None:
    amounts = _added(line.taxes)
    return sum(amounts, ZERO) if amounts else None


def _put_line_tax(draft: Draft, value: Decimal) -> None:
    if value:
        draft.setdefault("taxes", []).append({"kind": "all", "amount": value})


def _position(_part: Any, frame: Frame) -> int:
    return frame.position


def _put_position(draft: Draft, value: int) -> None:
    draft["number"] = str(value)


def _put_journal_amount(draft: Draft, value: Decimal) -> None:
    draft["debit" if value >= 0 else "credit"] = abs(value)


def _money(get: Callable[[Any, Frame], Any], put: Callable[[Draft, Any], None] | None = None) -> Derived:
    return Derived(type="number", is_money=True, get=get, put=put)


BILLED = {
    "due_date": Derived(type="date", get=_due_date, put=_put_due_date),
    "tax_total": _money(_tax_total, _set("@tax_total")),
    "net_total": _money(lambda document, frame: document.total - _tax_total(document, frame)),
}
POSITION = Derived(type="integer", get=_position)
BY_CLASS: dict[Place, dict[str, Derived]] = {
    Invoice: BILLED,
    Bill: BILLED,
    Line: {
        "amount": _money(_line_amount, _set("amount")),
        "tax_total": _money(_line_tax, _put_line_tax),
        "position": Derived(type="integer", get=_position, put=_put_position),
    },
    AcknowledgedLine: {"position": POSITION},
    ShippedItem: {"position": POSITION},
    RemittanceLine: {"position": POSITION},
    JournalEntry: {"total": _money(lambda entry, _frame: sum((line.debit for line in entry.lines), ZERO))},
    JournalLine: {
        "position": POSITION,
        "amount": _money(lambda line, _frame: line.debit - line.credit, _put_journal_amount),
        "side": Derived(
            type="text", get=lambda line, _frame: "debit" if line.debit else "credit", put=_set("@side")
        ),
        "value": _money(lambda line, _frame: line.debit or line.credit, _set("@value")),
    },
}
DERIVED: dict[tuple[Place, str], Derived] = {
    (place, name): derived for place, names in BY_CLASS.items() for name, derived in names.items()
}
"""The derived values of each class of document or part, by name."""

DEFAULTS: dict[type[Document], dict[str, Any]] = {
    Bill: {"vendor": {"role": "vendor"}},
    Vendor: {"party": {"role": "vendor"}},
    Customer: {"party": {"role": "buyer"}, "ship_to": {"role": "ship_to"}},
    Payment: {"pays": {"kind": "invoice"}},
    RemittanceAdvice: {
        "date": None,
        "lines": {"document": {"kind": "invoice"}, "adjustments": {"reason": "other"}},
        "adjustments": {"reason": "other"},
    },
}
"""What is meant where a file says nothing else; only for parts that it does mention."""

SUMS: dict[type[Document], dict[str, str]] = {RemittanceAdvice: {"amount": "lines.paid"}}
"""What adds up from which values of the lines where a file does not state it."""


def finish(cls: type[Document], draft: Draft) -> Draft:
    """Complete what was read of a document: defaults, and values that depend on others."""
    _fill(draft, DEFAULTS.get(cls, {}))
    if "origin" in draft:
        draft["origin"] = {"system": "file", "id": draft.get("number", ""), **draft["origin"]}
    if "@tax_total" in draft:
        _finish_tax_total(draft)
    if cls is RemittanceAdvice and "amount" not in draft:
        _finish_amount(draft)
    if cls is JournalEntry:
        for line in draft.get("lines", ()):
            _finish_side(line)
    return draft


def _fill(draft: Draft, defaults: dict[str, Any]) -> None:
    for name, value in defaults.items():
        if not isinstance(value, dict):
            draft.setdefault(name, value)
        else:
            inner = draft.get(name, [])
            for each in inner if isinstance(inner, list) else [inner]:
                _fill(each, value)


def _finish_amount(draft: Draft) -> None:
    """What all lines and free adjustments pay together, if each says how much."""
    parts = [line.get("paid") for line in draft.get("lines", ())]
    parts += [adjustment.get("amount") for adjustment in draft.get("adjustments", ())]
    if parts and None not in parts:
        draft["amount"] = sum(parts, ZERO)


def _finish_tax_total(draft: Draft) -> None:
    """What the total says beyond the taxes that are stated one by one is a tax of its own."""
    total = draft.pop("@tax_total")
    taxes = [
        *draft.get("taxes", ()),
        *(tax for line in draft.get("lines", ()) for tax in line.get("taxes", ())),
    ]
    rest = total - sum((tax.get("amount", ZERO) for tax in taxes if tax.get("added", True)), ZERO)
    if rest:
        draft.setdefault("taxes", []).append({"kind": "all", "amount": rest})


def _finish_side(line: Draft) -> None:
    """A value with its side; a negative value is one of the other side."""
    side, value = line.pop("@side", "debit"), line.pop("@value", None)
    if value is not None:
        line["debit" if (side == "debit") == (value >= 0) else "credit"] = abs(value)
