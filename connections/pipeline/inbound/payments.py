"""Payments: which invoice a line of a remittance pays, and what is written for it."""

from collections.abc import Callable
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from audit.models import Delivery
from audit.services import record
from audit.states import Transfer
from connections.pipeline.inbound.booking import books_of, document_of, put, reference_of
from connections.pipeline.inbound.kinds import NO_CURRENCY, PAYMENT
from connections.systems.freshbooks import FreshBooks
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import DELETED, Row
from mappings.canonical import Note, Payment
from mappings.freshbooks import from_payment, is_draft_invoice
from mappings.freshbooks.values import identifier, money, text
from mappings.matching import Match, OpenInvoice, PaymentLine, chosen, match
from mappings.models.partners import PartyKind
from mappings.translation import Missing

# Beyond so many pages of invoices nobody can say that there is no other that fits.
PAGES_READ = 20
ON_THEIR_WAY = (Transfer.READY, Transfer.SENDING, Transfer.WAITING, Transfer.IN_DOUBT)


def ask(system: FreshBooks, delivery: Delivery) -> Callable[[Delivery], None]:
    """Find the invoices that come into question. Raises `Missing` or `SystemFailure`."""
    payment = document_of(delivery)
    assert isinstance(payment, Payment)  # noqa: S101 - by its kind
    clients = frozenset(books_of(delivery).parties(PartyKind.CLIENT))
    if not clients:
        raise Missing(
            "unmapped_party",
            f"{delivery.partner} pays, but it is linked to no FreshBooks client.",
            "Link the client under Partners; the document then goes by itself.",
        )
    line = line_of(payment)
    choice = delivery.matching.get("chosen")
    if choice:
        row = system.client.find(RESOURCES["invoices"], str(choice["invoice"]))
        if row is None:
            raise Missing(
                "unknown", "the chosen invoice is not in FreshBooks any more.", "Choose another one."
            )
        invoice = _open(delivery, row)
        found = chosen(line, invoice, may_overpay=bool(choice.get("may_overpay")))
    else:
        numbered = [_open(delivery, row) for row in _numbered(system, line.invoice_number)]
        others, is_complete = ([], True) if numbered else _of_clients(system, delivery, clients)
        found = match(line, numbered, others, clients, is_complete=is_complete)
    return lambda locked: _decide(locked, payment, found)


def line_of(payment: Payment) -> PaymentLine:
    """What the matching looks at."""
    return PaymentLine(
        invoice_number=payment.pays.value,
        amount=payment.amount,
        currency="" if payment.currency == NO_CURRENCY else payment.currency,
        purchase_order=payment.reference_value("purchase_order"),
    )


def _numbered(system: FreshBooks, number: str) -> list[Row]:
    rows = system.client.rows(RESOURCES["invoices"], {"invoice_number": number})
    # A filter that FreshBooks should ignore one day would give every invoice.
    return [row for row in rows if text(row, "invoice_number") == number and row.get("vis_state") != DELETED]


def _of_clients(
    system: FreshBooks, delivery: Delivery, clients: frozenset[str]
) -> tuple[list[OpenInvoice], bool]:
    """The invoices of these clients, and whether these are all."""
    found: list[OpenInvoice] = []
    filters = {"customerids": sorted(clients)}
    for page in system.client.pages(RESOURCES["invoices"], filters):
        found += [_open(delivery, row) for row in page.rows if row.get("vis_state") != DELETED]
        if page.number >= PAGES_READ:
            return found, page.number >= page.pages
    return found, True


def _open(delivery: Delivery, row: Row) -> OpenInvoice:
    currency = text(row, "currency_code")
    invoice_id = identifier(row, "id", "invoiceid")
    return OpenInvoice(
        id=invoice_id,
        number=text(row, "invoice_number"),
        client_id=identifier(row, "customerid"),
        client=text(row, "current_organization") or text(row, "organization"),
        purchase_order=text(row, "po_number"),
        currency=currency,
        total=money(row.get("amount"), "the total", currency) or Decimal(0),
        outstanding=(money(row.get("outstanding"), "what is open", currency) or Decimal(0))
        - _on_the_way(delivery, invoice_id),
        is_draft=is_draft_invoice(row),
    )


def _on_the_way(delivery: Delivery, invoice_id: str) -> Decimal:
    """What other deliveries will book on the invoice, or may have booked without our knowing."""
    others = Delivery.unscoped.filter(
        target=delivery.target_id,
        kind=PAYMENT,
        party_kind="invoice",
        party_id=invoice_id,
        interchange__isnull=False,
        transfer__in=ON_THEIR_WAY,
    ).exclude(pk=delivery.pk)
    return others.aggregate(Sum("amount"))["amount__sum"] or Decimal(0)


def _decide(delivery: Delivery, payment: Payment, found: Match) -> None:
    """Keep what was found; prepare the payment, or raise `Missing` for a person to decide."""
    delivery.matching = {
        **{key: value for key, value in delivery.matching.items() if key == "chosen"},
        "verdict": found.verdict,
        "candidates": [_shown(candidate) for candidate in found.candidates],
    }
    if not found.is_booked or found.invoice is None:
        raise _undecided(found)
    invoice = found.invoice
    paid = _as_booked(delivery, payment, invoice)
    delivery.party_kind, delivery.party_id, delivery.number = "invoice", invoice.id, invoice.number[:60]
    delivery.currency, delivery.party_name = invoice.currency, (invoice.client or delivery.party_name)[:200]
    values = from_payment(paid, invoice_id=int(invoice.id))
    if delivery.partner and delivery.partner.payment_type:
        values["type"] = delivery.partner.payment_type
    put(delivery, values)
    record(
        delivery,
        "matched",
        f"Matched with invoice {invoice.number} of {invoice.client or invoice.client_id}: {found.reason}",
        data={"verdict": found.verdict, "invoice": invoice.id},
    )


def _undecided(found: Match) -> Missing:
    """A person has to say which invoice is meant, or what to do with the money."""
    remedy = "Press Choose and say which invoice, or dismiss the payment. It is looked at again by itself."
    return Missing(f"match_{found.verdict}", found.reason, remedy)


def _as_booked(delivery: Delivery, payment: Payment, invoice: OpenInvoice) -> Payment:
    """The payment in the invoice's currency, with the reference by which it is known again."""
    notes = (Note(text=reference_of(delivery)), *payment.notes)
    return replace(payment, currency=invoice.currency, notes=notes)


def _shown(candidate: OpenInvoice) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(candidate).items()
    }
