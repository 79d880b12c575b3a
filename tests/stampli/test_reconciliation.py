"""Every payment stands in one row: matched, with another amount, or missing on one side."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from audit.reconciliation import DAYS_APART, Payment, Row, Verdict, reconcile

MARCH = date(2026, 3, 1)


def paid(amount: str = "108.50", day: int = 0, bill: str = "58213", **more: Any) -> Payment:
    given = {"id": f"{bill}-{day}-{amount}", "currency": "USD", **more}
    return Payment(bill=bill, amount=Decimal(amount), on=MARCH + timedelta(day), **given)


def verdicts(here: list[Payment], there: list[Payment]) -> list[str]:
    return [row.verdict for row in reconcile(here, there)]


def test_the_same_payment_on_both_sides() -> None:
    (row,) = reconcile([paid(day=1)], [paid(day=4)])

    assert (row.verdict, row.difference) == (Verdict.MATCHED, Decimal(0))


def test_five_days_apart_is_the_same_and_six_is_not() -> None:
    assert verdicts([paid(day=0)], [paid(day=5)]) == ["matched"]
    assert verdicts([paid(day=0)], [paid(day=6)]) == ["missing_there", "missing_here"]
    assert verdicts([paid(day=6)], [paid(day=0)]) == ["missing_here", "missing_there"]


def test_another_amount_of_the_same_bill_differs() -> None:
    (row,) = reconcile([paid("100.00")], [paid("90.00", day=2)])

    assert (row.verdict, row.difference) == (Verdict.AMOUNT_DIFFERS, Decimal("10.00"))


def test_another_currency_is_another_amount() -> None:
    (row,) = reconcile([paid()], [paid(currency="CAD")])

    assert (row.verdict, row.difference) == (Verdict.AMOUNT_DIFFERS, None)


def test_cents_written_in_another_way_are_the_same() -> None:
    assert verdicts([paid("108.5")], [paid("108.500")]) == ["matched"]


def test_another_bill_is_another_payment() -> None:
    assert verdicts([paid(bill="1")], [paid(bill="2")]) == ["missing_there", "missing_here"]


def test_payments_of_nobody_knows_what_are_never_paired() -> None:
    assert verdicts([paid(bill="")], [paid(bill="")]) == ["missing_there", "missing_here"]


def test_equal_instalments_are_paired_as_far_as_they_go() -> None:
    here = [paid("50.00", day) for day in (0, 5)]
    there = [paid("50.00", day) for day in (5, 10)]

    # The closest pair alone would leave two without a partner.
    assert verdicts(here, there) == ["matched", "matched"]


def test_what_is_left_of_a_bill_differs_in_its_amount() -> None:
    rows = reconcile([paid("60.00"), paid("40.00")], [paid("60.00"), paid("41.00")])

    assert Counter(row.verdict for row in rows) == {Verdict.MATCHED: 1, Verdict.AMOUNT_DIFFERS: 1}


ids = count()
PAYMENTS = st.lists(
    st.builds(
        lambda bill, amount, day, currency: paid(amount, day, bill, currency=currency, id=f"{next(ids):09}"),
        st.sampled_from(["1", "2", ""]),
        st.sampled_from(["10.00", "10.0", "20.00"]),
        st.integers(0, 14),
        st.sampled_from(["USD", "USD", "CAD"]),
    ),
    max_size=12,
)


@given(here=PAYMENTS, there=PAYMENTS, seed=st.randoms())
def test_every_payment_stands_in_one_row(here: list[Payment], there: list[Payment], seed: Any) -> None:
    rows = reconcile(here, there)

    assert Counter(row.here.id for row in rows if row.here) == Counter(payment.id for payment in here)
    assert Counter(row.there.id for row in rows if row.there) == Counter(payment.id for payment in there)
    for row in rows:
        _check(row)
    shuffled = [*here], [*there]
    for side in shuffled:
        seed.shuffle(side)
    assert reconcile(*shuffled) == rows


@given(here=PAYMENTS, there=PAYMENTS)
def test_nothing_is_missing_that_could_have_been_paired(here: list[Payment], there: list[Payment]) -> None:
    rows = reconcile(here, there)
    alone = [row.here for row in rows if row.verdict == Verdict.MISSING_THERE and row.here]
    unmatched = [row.there for row in rows if row.verdict == Verdict.MISSING_HERE and row.there]

    assert not any(
        one.bill and one.bill == two.bill and _close(one, two) for one in alone for two in unmatched
    )


def _check(row: Row) -> None:
    here, there = row.here, row.there
    if here and there:
        assert here.bill == there.bill != ""
        assert _close(here, there)
        same = (here.amount, here.currency) == (there.amount, there.currency)
        assert row.verdict == (Verdict.MATCHED if same else Verdict.AMOUNT_DIFFERS)
    else:
        assert row.verdict == (Verdict.MISSING_THERE if here else Verdict.MISSING_HERE)


def _close(one: Payment, two: Payment) -> bool:
    return abs((one.on - two.on).days) <= DAYS_APART
