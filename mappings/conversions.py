"""From one canonical document to another: as what FreshBooks' documents are sent to partners. Pure.

FreshBooks has no purchase orders: what is ordered stands in a bill. It has no remittance advices either: each payment
pays one invoice or bill, and is the advice of that.
"""

from dataclasses import replace

from mappings.canonical import (
    Bill,
    Document,
    EventDate,
    Line,
    Party,
    Payment,
    PurchaseOrder,
    RemittanceAdvice,
    RemittanceLine,
)

# Ways of paying that remittance advices have no word for.
WITHOUT_A_WORD = frozenset({"", "cash", "credit"})


def as_message(document: Document) -> Document:
    """The document as X12, EDIFACT and RSX know it: a bill as an order, a payment as a remittance advice.

    Raises `InvalidDocument` for what cannot be said so, such as a refund.
    """
    if isinstance(document, Bill):
        return as_purchase_order(document)
    if isinstance(document, Payment):
        return as_remittance_advice(document)
    return document


def as_purchase_order(bill: Bill) -> PurchaseOrder:
    """What the bill's vendor is asked to deliver; its number is the purchase order's, else the bill's own."""
    return PurchaseOrder(
        number=bill.purchase_order or bill.number,
        date=bill.date,
        currency=bill.currency,
        total=bill.total,
        parties=(bill.vendor,),
        references=bill.references,
        dates=bill.dates,
        terms=bill.terms,
        lines=tuple(_ordered(line) for line in bill.lines),
        taxes=bill.taxes,
        charges=bill.charges,
        notes=bill.notes,
        origin=bill.origin,
    )


def _ordered(line: Line) -> Line:
    """The line without the account that we book it to, which is no business of the vendor's."""
    return replace(line, references=tuple(one for one in line.references if one.kind != "gl_account"))


def as_remittance_advice(payment: Payment) -> RemittanceAdvice:
    """The payment with what it pays: number, date and amount of that document, its order, and what stays open."""
    is_partial = payment.invoiced is not None and payment.amount < payment.invoiced
    # Of what was paid beyond the document it is not known what it pays.
    gross = payment.invoiced if payment.invoiced is not None and payment.amount <= payment.invoiced else None
    line = RemittanceLine(
        document=payment.pays,
        paid=payment.amount,
        gross=gross,
        action="partial" if is_partial else "",
        references=payment.references,
        dates=(EventDate(kind="invoice", date=payment.invoiced_on),) if payment.invoiced_on else (),
    )
    return RemittanceAdvice(
        number=payment.number,
        date=payment.date,
        amount=payment.amount,
        currency=payment.currency,
        method="other" if payment.method in WITHOUT_A_WORD else payment.method,
        parties=payment.parties,
        lines=(line,),
        notes=payment.notes,
        origin=payment.origin,
    )


def with_us(document: Document, name: str) -> Document:
    """The document with ourselves, by name, as the party that FreshBooks leaves out: it knows only the other side."""
    if isinstance(document, PurchaseOrder):
        role = "buyer"
    elif isinstance(document, RemittanceAdvice):
        role = "payee" if document.party_as("payer") else "payer"
    else:
        return document
    return replace(document, parties=(Party(role=role, name=name), *document.parties))
