"""Percent taxes of invoice lines, brought to the cent.

FreshBooks states a percentage per line and one amount for the whole invoice; how it rounds on the way is not
documented. So the exact tax of every line is computed, and the cents are shared out so that they add up to
what FreshBooks says the invoice amounts to. A difference that rounding cannot explain is an error.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext

from mappings.canonical import Tax, smallest_unit
from mappings.canonical.totals import EXACT
from mappings.freshbooks.values import Row, number, text

HUNDRED = Decimal(100)
ZERO = Decimal(0)

# What names of taxes mean, the most telling first. FreshBooks lets people name taxes as they like.
KIND_BY_WORD = (
    ("hst", "hst"),
    ("gst", "gst"),
    ("vat", "vat"),
    ("pst", "provincial_sales"),
    ("qst", "provincial_sales"),
    ("rst", "provincial_sales"),
    ("state", "state_sales"),
    ("city", "city_sales"),
    ("local", "local"),
    ("use tax", "sales_and_use"),
    ("sales", "sales"),
    ("tax", "sales"),
)


@dataclass(frozen=True, slots=True)
class ExactTax:
    """One tax of one line before rounding; `line` is the line's index."""

    line: int
    name: str
    rate: Decimal
    registration: str
    base: Decimal
    amount: Decimal


def exact_taxes(line: Row, index: int, amount: Decimal, discount_percent: Decimal) -> list[ExactTax]:
    """The taxes of one invoice line whose `amount` is before discount and tax.

    They are due on what the invoice's discount leaves; a compounded second tax is due on the first one, too.
    """
    found = []
    with localcontext(EXACT):
        base = amount * (HUNDRED - discount_percent) / HUNDRED
        for which in ("1", "2"):
            name, percent = text(line, f"taxName{which}"), line.get(f"taxAmount{which}")
            if percent in (None, ""):
                continue
            rate = number(percent, f"the percentage of tax {which} of line {index + 1}")
            if not (name or rate):
                continue
            tax = base * rate / HUNDRED
            registration = text(line, f"taxNumber{which}")
            found.append(ExactTax(index, name, rate, registration, base, tax))
            if line.get("compounded_tax") is True:
                base += tax
    return found


def rounding_allows(taxes: Sequence[ExactTax], wanted: Decimal, currency: str) -> bool:
    """Whether `wanted` can be the sum of `taxes` after each, and the discount, was rounded somehow."""
    with localcontext(EXACT):
        difference = abs(sum((tax.amount for tax in taxes), ZERO) - wanted)
        return difference <= smallest_unit(currency) * (len(taxes) + 1) / 2 if taxes else difference == 0


def shared_out(taxes: Sequence[ExactTax], wanted: Decimal, currency: str) -> list[tuple[ExactTax, Decimal]]:
    """Every tax with an amount in whole cents, so that together they are exactly `wanted`.

    Each is rounded down first; the cents that are left go to those that lost most.
    """
    unit = smallest_unit(currency)
    with localcontext(EXACT):
        amounts = [tax.amount.quantize(unit, ROUND_FLOOR) for tax in taxes]
        left = int((wanted - sum(amounts, ZERO)) / unit)
        by_loss = sorted(range(len(taxes)), key=lambda i: (amounts[i] - taxes[i].amount, i))
        for turn in range(abs(left)):
            # More cents than taxes, or cents to take away: go on around, from the other end when taking.
            at = by_loss[turn % len(taxes)] if left > 0 else by_loss[-1 - turn % len(taxes)]
            amounts[at] += unit if left > 0 else -unit
    return list(zip(taxes, amounts, strict=True))


def canonical_tax(tax: ExactTax, amount: Decimal, currency: str) -> Tax:
    return Tax(
        kind=tax_kind(tax.name),
        name=tax.name,
        rate=tax.rate,
        amount=amount,
        taxable_amount=tax.base.quantize(smallest_unit(currency)),
        registration=tax.registration,
    )


def tax_kind(name: str) -> str:
    """Our word for a tax that people named."""
    folded = name.casefold()
    return next((kind for word, kind in KIND_BY_WORD if word in folded), "other")


def total_of(taxes: Iterable[ExactTax]) -> Decimal:
    return sum((tax.amount for tax in taxes), ZERO)
