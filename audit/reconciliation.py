"""Reconciliation: the payments that one side has booked against those that the other side reports. Pure.

Two payments of the same bill are the same payment if amount and currency are equal and their days are at most
`DAYS_APART` apart. What is left of a bill after that is paired by day alone: its amount differs. The rest is
missing on the other side. Every payment stands in exactly one row, whatever the order in which they are given.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

DAYS_APART = 5


class Verdict(StrEnum):
    MATCHED = "matched"
    AMOUNT_DIFFERS = "amount_differs"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Verdict.MATCHED: "matched",
    Verdict.AMOUNT_DIFFERS: "amount differs",
    Verdict.MISSING_HERE: "missing in FreshBooks",
    Verdict.MISSING_THERE: "missing at the partner",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment as one side knows it. `bill` is the FreshBooks id of what it pays; empty if nobody can tell."""

    id: str
    bill: str
    amount: Decimal
    currency: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the reconciliation, with both sides where there are two."""

    verdict: Verdict
    here: Payment | None = None
    there: Payment | None = None

    @property
    def difference(self) -> Decimal | None:
        """How much more FreshBooks has than the partner; None for different currencies."""
        if self.here and self.there and self.here.currency != self.there.currency:
            return None
        here = self.here.amount if self.here else Decimal(0)
        return here - (self.there.amount if self.there else Decimal(0))

    @property
    def days(self) -> Iterator[date]:
        """The days of its payments."""
        return (payment.on for payment in (self.here, self.there) if payment)


Key = Callable[[Payment], Hashable]


def reconcile(here: Iterable[Payment], there: Iterable[Payment], days_apart: int = DAYS_APART) -> list[Row]:
    """The rows for `here` (FreshBooks) and `there` (the partner), by bill, day and id."""
    here, there = _in_order(here), _in_order(there)
    same, here, there = _paired(here, there, _what_it_pays_exactly, days_apart)
    other, here, there = _paired(here, there, lambda payment: payment.bill, days_apart)
    rows = [
        *(Row(verdict=Verdict.MATCHED, here=one, there=two) for one, two in same),
        *(Row(verdict=Verdict.AMOUNT_DIFFERS, here=one, there=two) for one, two in other),
        *(Row(verdict=Verdict.MISSING_THERE, here=one) for one in here),
        *(Row(verdict=Verdict.MISSING_HERE, there=two) for two in there),
    ]
    return sorted(rows, key=_order_of)


def _what_it_pays_exactly(payment: Payment) -> Hashable:
    return payment.bill, payment.amount, payment.currency


def _in_order(payments: Iterable[Payment]) -> list[Payment]:
    return sorted(payments, key=lambda payment: (payment.on, payment.id))


def _order_of(row: Row) -> tuple[str, date, str]:
    first = row.here or row.there
    assert first is not None  # noqa: S101 - no row is empty
    return first.bill, first.on, first.id


def _paired(
    here: Sequence[Payment], there: Sequence[Payment], key: Key, days_apart: int
) -> tuple[list[tuple[Payment, Payment]], list[Payment], list[Payment]]:
    """Pairs with the same key and days not too far apart, as many as there can be; and what is left of each.

    Both are ordered by day. The earlier of two that are too far apart finds no partner later on either, so going
    through both at once leaves as few as possible without one.
    """
    waiting: dict[Hashable, list[Payment]] = defaultdict(list)
    for payment in there:
        if payment.bill:
            waiting[key(payment)].append(payment)
    pairs, alone = [], []
    for one in here:
        others = waiting[key(one)] if one.bill else []
        while others and (one.on - others[0].on).days > days_apart:
            others.pop(0)
        if others and (others[0].on - one.on).days <= days_apart:
            pairs.append((one, others.pop(0)))
        else:
            alone.append(one)
    taken = {id(two) for _, two in pairs}
    return pairs, alone, [two for two in there if id(two) not in taken]
