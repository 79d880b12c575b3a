"""Payments and journal entries."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mappings.canonical import JournalEntry, JournalLine, Note, Origin, Payment, Reference
from mappings.freshbooks.parties import invoice_party, vendor_party
from mappings.freshbooks.values import (
    BridgeError,
    Row,
    amount_on_wire,
    currency_of,
    day,
    identifier,
    is_deleted,
    plain_date,
    text,
    whole_amount,
)

# FreshBooks' words for how something was paid (they are case-sensitive), and ours.
METHODS = {
    "Check": "check",
    "Credit": "credit",
    "Cash": "cash",
    "Bank Transfer": "bank_transfer",
    "ACH": "ach",
    "Credit Card": "card",
    "Debit": "card",
    "VISA": "card",
    "MASTERCARD": "card",
    "DISCOVER": "card",
    "AMEX": "card",
    "DINERS": "card",
    "JCB": "card",
    "PayPal": "other",
    "2Checkout": "other",
    "Other": "other",
}
TYPES = {
    "check": "Check",
    "credit": "Credit",
    "cash": "Cash",
    "bank_transfer": "Bank Transfer",
    "wire": "Bank Transfer",
    "swift": "Bank Transfer",
    "ach": "ACH",
    "card": "Credit Card",
}


def to_payment(payment: Row, invoice: Row) -> Payment:
    """A payment on one of our invoices, with that invoice's record. Raises `BridgeError`."""
    record_id = identifier(payment, "id", "logid")
    what = f"Payment {record_id}"
    _require(invoice, f"{what} pays an invoice that FreshBooks does not know any more.")
    currency = _currency(payment, "amount", invoice)
    return Payment(
        number=record_id,
        date=day(payment, "date", f"{what}: the date"),
        amount=whole_amount(payment.get("amount"), f"{what}: the amount", currency),
        currency=currency,
        pays=Reference(kind="invoice", value=_number_of(invoice, "invoice_number", what)),
        invoiced=_optional_amount(invoice, "amount", f"{what}: the amount of the invoice", currency),
        invoiced_on=plain_date(invoice.get("create_date")),
        method=METHODS.get(text(payment, "type"), "other"),
        voided=is_deleted(payment),
        parties=(invoice_party(invoice, "payer"),),
        references=_purchase_order(invoice),
        notes=_notes(payment),
        origin=Origin(system="freshbooks", id=record_id, updated_at=text(payment, "updated")),
    )


def to_bill_payment(payment: Row, bill: Row, vendor: Row | None = None) -> Payment:
    """A payment of a bill, as it stands in the bill's `bill_payments`; with the vendor's record, who is paid.

    Raises `BridgeError`.
    """
    record_id = identifier(payment, "id")
    what = f"Bill payment {record_id}"
    _require(bill, f"{what} pays a bill that FreshBooks does not know any more.")
    currency = _currency(payment, "amount", bill)
    return Payment(
        number=record_id,
        date=day(payment, "paid_date", f"{what}: the date"),
        amount=whole_amount(payment.get("amount"), f"{what}: the amount", currency),
        currency=currency,
        pays=Reference(kind="invoice", value=_number_of(bill, "bill_number", what)),
        invoiced=_optional_amount(bill, "total_amount", f"{what}: the amount of the bill", currency),
        invoiced_on=plain_date(bill.get("issue_date")),
        method=METHODS.get(text(payment, "payment_type"), "other"),
        voided=is_deleted(payment),
        parties=(replace(vendor_party(vendor), role="payee"),) if vendor else (),
        notes=_notes(payment),
        origin=Origin(system="freshbooks", id=record_id, status=text(bill, "status")),
    )


def from_payment(payment: Payment, *, invoice_id: int) -> dict[str, Any]:
    """What to write to book a payment on an invoice.

    Our reference leads the note: FreshBooks has no key against doubles, so a payment is recognised by
    invoice, amount, date and note.
    """
    notes = "; ".join(note.text for note in payment.notes)
    return {
        "invoiceid": invoice_id,
        "amount": amount_on_wire(payment.amount, payment.currency),
        "date": payment.date.isoformat(),
        "type": TYPES.get(payment.method, "Other"),
        "note": f"{payment.number} {notes}".strip(),
        "send_client_notification": False,
    }


def from_bill_payment(payment: Payment, *, bill_id: int) -> dict[str, Any]:
    """What to write to book a payment of a bill; recognised like one on an invoice."""
    values = from_payment(payment, invoice_id=0)
    return {
        "billid": bill_id,
        "amount": values["amount"],
        "paid_date": values["date"],
        "payment_type": values["type"],
        "note": values["note"],
    }


def from_journal_entry(entry: JournalEntry, sub_account_of: Callable[[JournalLine], int]) -> dict[str, Any]:
    """What to write to book an entry; `sub_account_of` gives FreshBooks' journal sub-account of a line.

    The name is how the entry is recognised later. FreshBooks keeps one description for the whole entry.
    """
    return {
        "name": entry.number,
        "description": entry.description or entry.number,
        "user_entered_date": entry.date.isoformat(),
        "currency_code": entry.currency,
        "details": [_detail(line, sub_account_of(line)) for line in entry.lines],
    }


def _detail(line: JournalLine, sub_account: int) -> dict[str, Any]:
    side = {"debit": line.debit} if line.debit else {"credit": line.credit}
    return {"sub_accountid": sub_account} | {name: format(amount, "f") for name, amount in side.items()}


def _currency(payment: Row, key: str, document: Row) -> str:
    inside = payment.get(key)
    code = text(inside, "code").upper() if isinstance(inside, dict) else ""
    return code or currency_of(document, "The document that is paid")


def _number_of(document: Row, key: str, what: str) -> str:
    number = text(document, key) or identifier(document, "id")
    if not number:
        raise BridgeError(f"{what} pays a document that has no number.")
    return number


def _require(document: Row, otherwise: str) -> None:
    if not document:
        raise BridgeError(otherwise)


def _optional_amount(document: Row, key: str, what: str, currency: str) -> Decimal | None:
    return whole_amount(document[key], what, currency) if document.get(key) else None


def _purchase_order(invoice: Row) -> tuple[Reference, ...]:
    number = text(invoice, "po_number")
    return (Reference(kind="purchase_order", value=number),) if number else ()


def _notes(payment: Row) -> tuple[Note, ...]:
    return (Note(text=text(payment, "note")),) if text(payment, "note") else ()
