"""Which invoice a payment pays: certain, or a person's matter. Never a guess."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.matching import OpenInvoice, PaymentLine, Verdict, chosen, match

D = Decimal
CLIENTS = frozenset({"55001"})


def line(amount: str = "100.00", **changes: Any) -> PaymentLine:
    values: dict[str, Any] = {"invoice_number": "0000042", "amount": D(amount), "currency": "USD"}
    return PaymentLine(**values | changes)


def invoice(outstanding: str = "100.00", **changes: Any) -> OpenInvoice:
    values: dict[str, Any] = {
        "id": "90001",
        "number": "0000042",
        "client_id": "55001",
        "client": "Acme Retail",
        "currency": "USD",
        "total": D("100.00"),
        "outstanding": D(outstanding),
    }
    return OpenInvoice(**values | changes)


@pytest.mark.parametrize(
    ("paid", "found", "verdict"),
    [
        (line(), invoice(), Verdict.IN_FULL),
        (line("60.00"), invoice(), Verdict.IN_PART),
        (line("40.00"), invoice("40.00"), Verdict.IN_FULL),
        (line(currency=""), invoice(), Verdict.IN_FULL),
        (line("100.01"), invoice(), Verdict.OVERPAID),
        (line(), invoice("0.00"), Verdict.PAID_ALREADY),
        (line(), invoice("-5.00"), Verdict.PAID_ALREADY),
        (line(), invoice(client_id="55002", client="Bluebell"), Verdict.WRONG_CLIENT),
        (line(currency="CAD"), invoice(), Verdict.OTHER_CURRENCY),
        (line(), invoice(is_draft=True), Verdict.DRAFT),
        (line("0.00"), invoice(), Verdict.NOTHING_PAID),
        (line("-20.00"), invoice(), Verdict.NOTHING_PAID),
    ],
)
def test_by_number(paid: PaymentLine, found: OpenInvoice, verdict: Verdict) -> None:
    decided = match(paid, [found], [], CLIENTS)
    assert decided.verdict == verdict
    assert (decided.invoice == found) == decided.is_booked
    assert decided.is_booked or decided.candidates == (found,)


def test_a_part_payment_says_what_stays_open() -> None:
    assert "40.00 stay open" in match(line("60.00"), [invoice()], [], CLIENTS).reason


def test_two_invoices_of_one_number_are_never_chosen_between() -> None:
    twins = [invoice(), invoice(id="90002")]
    assert match(line(), twins, [], CLIENTS).verdict == Verdict.AMBIGUOUS


def test_without_the_number_order_amount_and_client_must_all_fit() -> None:
    ordered = invoice(number="17", purchase_order="PO-1")
    paid = line(purchase_order="PO-1")
    assert match(paid, [], [ordered], CLIENTS).verdict == Verdict.BY_ORDER
    for other in (
        invoice(number="17", purchase_order="PO-2"),
        invoice("99.99", number="17", purchase_order="PO-1"),
        invoice(number="17", purchase_order="PO-1", client_id="55002"),
        invoice(number="17", purchase_order="PO-1", currency="CAD"),
        invoice(number="17", purchase_order="PO-1", is_draft=True),
    ):
        assert match(paid, [], [other], CLIENTS).verdict == Verdict.UNKNOWN


def test_an_amount_alone_is_a_candidate_and_no_match() -> None:
    same_amount = invoice(number="17")
    decided = match(line(), [], [same_amount, invoice("7.00", id="90003", number="18", total=D(7))], CLIENTS)
    assert (decided.verdict, decided.candidates) == (Verdict.UNKNOWN, (same_amount,))


def test_two_invoices_of_one_order_and_amount_are_for_a_person() -> None:
    twins = [invoice(id=key, number=key, purchase_order="PO-1") for key in ("1", "2")]
    decided = match(line(purchase_order="PO-1"), [], twins, CLIENTS)
    assert (decided.verdict, len(decided.candidates)) == (Verdict.AMBIGUOUS, 2)


def test_what_was_not_read_to_the_end_matches_no_order() -> None:
    ordered = invoice(number="17", purchase_order="PO-1")
    decided = match(line(purchase_order="PO-1"), [], [ordered], CLIENTS, is_complete=False)
    assert (decided.verdict, decided.candidates) == (Verdict.UNKNOWN, (ordered,))


def test_a_person_chooses_the_invoice_and_the_money_is_still_looked_at() -> None:
    other = invoice(client_id="55002")
    assert chosen(line(), other, may_overpay=False).is_booked
    assert chosen(line("120.00"), other, may_overpay=False).verdict == Verdict.OVERPAID
    assert "becomes a credit" in chosen(line("120.00"), other, may_overpay=True).reason
    assert not chosen(line(currency="CAD"), other, may_overpay=True).is_booked
