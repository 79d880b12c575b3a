"""How amounts add up, to the cent.

The rule: an amount is rounded half up to the smallest unit of its currency (cents; none for JPY, three places
for KWD). A line's amount is the one stated, else quantity times unit price. The total is the lines plus
charges, minus allowances, plus added taxes, both of the lines and of the document. Partners round
either every line or only the sum, so a stated total is right if it equals one of the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from mappings.canonical.parts import AllowanceOrCharge, Line, Tax
from mappings.canonical.words import PRICE_BASES, THREE_DECIMAL_CURRENCIES, ZERO_DECIMAL_CURRENCIES

ZERO = Decimal(0)
CENT = Decimal("0.01")
EXACT = Context(prec=80)
"""Room for the product of two of the longest numbers without rounding."""


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount in `currency`: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    if currency in ZERO_DECIMAL_CURRENCIES:
        return Decimal(1)
    return Decimal("0.001") if currency in THREE_DECIMAL_CURRENCIES else CENT


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half up to the smallest unit of `currency`."""
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP, EXACT)


def line_amount(line: Line) -> Decimal:
    """The amount of a line before its taxes and charges, not rounded; zero if it has no quantity or price."""
    if line.amount is not None:
        return line.amount
    if line.quantity is None or line.unit_price is None:
        return ZERO
    amount = line.quantity * line.unit_price
    per = PRICE_BASES.get(line.price_basis, 1)
    return amount if per == 1 else amount / per


def plus_extras(total: Decimal, taxes: Iterable[Tax], charges: Iterable[AllowanceOrCharge]) -> Decimal:
    """`total` plus added taxes plus charges minus allowances."""
    for tax in taxes:
        if tax.added and tax.amount is not None:
            total = EXACT.add(total, tax.amount)
    for item in charges:
        total = EXACT.add(total, item.amount) if item.charge else EXACT.subtract(total, item.amount)
    return total


def exact_total(
    lines: Iterable[Line], taxes: Iterable[Tax], charges: Iterable[AllowanceOrCharge]
) -> Decimal | None:
    """The total without any rounding; None if a line has no amount. Mostly it is the stated one, to the digit."""
    total = ZERO
    plus_product = EXACT.fma  # much faster than to compute in a context of one's own
    for line in lines:
        quantity, price = line.quantity, line.unit_price
        if line.amount is not None or line.price_basis:
            with localcontext(EXACT):
                total += line_amount(line)
        elif quantity is None or price is None:
            return None
        else:
            total = plus_product(quantity, price, total)
        if line.taxes or line.charges:
            total = plus_extras(total, line.taxes, line.charges)
    return plus_extras(total, taxes, charges)


def possible_totals(
    lines: Iterable[Line], taxes: Iterable[Tax], charges: Iterable[AllowanceOrCharge], currency: str
) -> tuple[Decimal, Decimal]:
    """The total with every line rounded, and the total rounded once at the end. Usually they are equal."""
    unit = smallest_unit(currency)
    with localcontext(EXACT):
        beside = plus_extras(ZERO, taxes, charges)
        by_line = at_end = ZERO
        for line in lines:
            amount = line_amount(line)
            at_end += amount
            by_line += amount.quantize(unit, ROUND_HALF_UP)
            if line.taxes or line.charges:
                beside = plus_extras(beside, line.taxes, line.charges)
        return (by_line + beside).quantize(unit, ROUND_HALF_UP), (at_end + beside).quantize(
            unit, ROUND_HALF_UP
        )
