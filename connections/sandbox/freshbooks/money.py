"""Amounts as FreshBooks writes them, and the totals it computes. Decimal only, never float."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def rounded(value: Decimal) -> Decimal:
    """To the cent, halves away from zero."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def money(value: Decimal, code: str) -> dict[str, str]:
    """`{"amount": "125.00", "code": "USD"}`."""
    return {"amount": str(rounded(value)), "code": code}


def amount_of(value: Mapping[str, Any] | None) -> Decimal:
    """The amount inside a money object; nothing is zero."""
    return Decimal(value["amount"]) if value else ZERO


def plain(value: Decimal) -> str:
    """A number without exponent or superfluous zeros: `2`, `0.5`, `12.375`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class InvoiceTotals:
    discount: Decimal
    total: Decimal


def invoice_totals(lines: Iterable[Mapping[str, Any]], discount_percent: Decimal) -> InvoiceTotals:
    """The discount and the grand total of invoice lines in their wire shape.

    A line is quantity times unit cost before tax. The discount is taken off every line in proportion, and
    taxes are due on what remains; a compounded second tax is due on the first one too. Each tax (name and
    percentage) is rounded once, over all lines. The sources do not state this rounding; it is our reading.
    """
    subtotal = discount = ZERO
    taxes: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in lines:
        amount = amount_of(line["amount"])
        reduction = amount * discount_percent / 100
        subtotal += amount
        discount += reduction
        base = amount - reduction
        for number in ("1", "2"):
            percent = Decimal(line[f"taxAmount{number}"] or 0)
            tax = base * percent / 100
            taxes[str(line[f"taxName{number}"]), percent] += tax
            if line["compounded_tax"]:
                base += tax
    discount = rounded(discount)
    return InvoiceTotals(discount, subtotal - discount + sum(map(rounded, taxes.values()), ZERO))
