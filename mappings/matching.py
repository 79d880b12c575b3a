"""Matching payments with invoices. Pure: what is known comes in, a verdict comes out, and nothing is guessed.

First by the invoice's number. If no invoice has it: by purchase order, amount and client together. What is not certain
is no match: it comes back with the invoices that a person may choose from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

CANDIDATES_SHOWN = 20


class Verdict(StrEnum):
    """What a payment turned out to be. The first three are booked, the others wait for a person."""

    IN_FULL = "in_full"
    IN_PART = "in_part"
    BY_ORDER = "by_order"
    OVERPAID = "overpaid"
    PAID_ALREADY = "paid_already"
    WRONG_CLIENT = "wrong_client"
    OTHER_CURRENCY = "other_currency"
    DRAFT = "draft"
    AMBIGUOUS = "ambiguous"
    NOTHING_PAID = "nothing_paid"
    UNKNOWN = "unknown"


BOOKED = frozenset({Verdict.IN_FULL, Verdict.IN_PART, Verdict.BY_ORDER})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """What a remittance pays of one invoice. An empty `currency` was not stated."""

    invoice_number: str
    amount: Decimal
    currency: str = ""
    purchase_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice of ours; `outstanding` is what is left once all that is on its way is booked."""

    id: str
    number: str
    client_id: str
    client: str = ""
    purchase_order: str = ""
    currency: str
    total: Decimal
    outstanding: Decimal
    is_draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The verdict with its reason; `invoice` if it is certain which one is meant, else `candidates`."""

    verdict: Verdict
    reason: str
    invoice: OpenInvoice | None = None
    candidates: tuple[OpenInvoice, ...] = ()

    @property
    def is_booked(self) -> bool:
        return self.verdict in BOOKED


def match(
    line: PaymentLine,
    numbered: Sequence[OpenInvoice],
    of_clients: Sequence[OpenInvoice],
    clients: frozenset[str],
    *,
    is_complete: bool = True,
) -> Match:
    """Decide what a line pays.

    `numbered` are the invoices with its number; `of_clients` the other invoices of `clients`, the ids of those that
    the paying partner is; `is_complete` says whether these are all of them.
    """
    if line.amount <= 0:
        return _not(Verdict.NOTHING_PAID, f"it pays nothing: {line.amount}.", numbered)
    if len(numbered) > 1:
        return _not(
            Verdict.AMBIGUOUS, f"{len(numbered)} invoices have the number {line.invoice_number}.", numbered
        )
    if numbered:
        return _by_number(line, numbered[0], clients)
    return _by_order(line, of_clients, clients, is_complete=is_complete)


def chosen(line: PaymentLine, invoice: OpenInvoice, *, may_overpay: bool) -> Match:
    """A person has said which invoice is meant, of whichever client; the money is looked at all the same."""
    found = _money(line, invoice)
    if found.verdict in (Verdict.OVERPAID, Verdict.PAID_ALREADY) and may_overpay:
        return Match(
            verdict=Verdict.IN_FULL,
            reason=f"more than the {invoice.outstanding} that were open; the rest becomes a credit.",
            invoice=invoice,
        )
    return found


def _by_number(line: PaymentLine, invoice: OpenInvoice, clients: frozenset[str]) -> Match:
    if invoice.client_id not in clients:
        who = invoice.client or f"client {invoice.client_id}"
        return _not(
            Verdict.WRONG_CLIENT,
            f"invoice {invoice.number} belongs to {who}, who is not linked to the partner that pays.",
            [invoice],
        )
    return _money(line, invoice)


def _money(line: PaymentLine, invoice: OpenInvoice) -> Match:
    """The invoice is known: does the money fit?"""
    if invoice.is_draft:
        return _not(Verdict.DRAFT, f"invoice {invoice.number} is still a draft in FreshBooks.", [invoice])
    if line.currency and line.currency != invoice.currency:
        return _not(
            Verdict.OTHER_CURRENCY,
            f"it pays {line.currency}, but invoice {invoice.number} is in {invoice.currency}.",
            [invoice],
        )
    if invoice.outstanding <= 0:
        return _not(
            Verdict.PAID_ALREADY,
            f"invoice {invoice.number} is paid, or its payment is on the way.",
            [invoice],
        )
    if line.amount > invoice.outstanding:
        return _not(
            Verdict.OVERPAID,
            f"it pays {line.amount}, but only {invoice.outstanding} of invoice {invoice.number} are open.",
            [invoice],
        )
    if line.amount == invoice.outstanding:
        return Match(verdict=Verdict.IN_FULL, reason="it pays all that was open.", invoice=invoice)
    left = invoice.outstanding - line.amount
    return Match(verdict=Verdict.IN_PART, reason=f"it pays a part; {left} stay open.", invoice=invoice)


def _by_order(
    line: PaymentLine, invoices: Sequence[OpenInvoice], clients: frozenset[str], *, is_complete: bool
) -> Match:
    own = [one for one in invoices if one.client_id in clients and one.outstanding > 0 and not one.is_draft]
    fitting = [one for one in own if not line.currency or one.currency == line.currency]
    same = [
        one
        for one in fitting
        if line.purchase_order
        and one.purchase_order == line.purchase_order
        and one.outstanding == line.amount
    ]
    if len(same) == 1 and is_complete:
        found = _money(line, same[0])
        reason = f"no invoice has the number {line.invoice_number}, but order, amount and client fit."
        return replace(found, verdict=Verdict.BY_ORDER, reason=reason)
    if len(same) > 1:
        reason = f"{len(same)} open invoices are for order {line.purchase_order} and this amount."
        return _not(Verdict.AMBIGUOUS, reason, same)
    near = [one for one in fitting if line.amount in (one.outstanding, one.total)]
    ordered = [one for one in own if line.purchase_order and one.purchase_order == line.purchase_order]
    unique = {one.id: one for one in [*ordered, *near]}
    return _not(
        Verdict.UNKNOWN,
        f"no invoice has the number {line.invoice_number}, and none is certain by order, amount and client.",
        list(unique.values()),
    )


def _not(verdict: Verdict, reason: str, candidates: Sequence[OpenInvoice]) -> Match:
    return Match(verdict=verdict, reason=reason, candidates=tuple(candidates[:CANDIDATES_SHOWN]))
