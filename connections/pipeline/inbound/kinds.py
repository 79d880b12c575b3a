"""The kinds of business documents that come into FreshBooks: which route takes each, and what is made of it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connections.models import DocumentKind
from mappings.canonical import (
    Bill,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    Note,
    Payment,
    PurchaseOrder,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    ShipNotice,
    Vendor,
)

# What deliveries to FreshBooks make there, by their `kind`.
BILL, PAYMENT, JOURNAL_ENTRY, VENDOR, CUSTOMER = "bill", "payment", "journal_entry", "vendor", "customer"
# FreshBooks has to be asked before it is known what to write.
LOOKED_UP = (PAYMENT, VENDOR, CUSTOMER)
# Their next state replaces the one before; anything else that changes is a matter for a person.
UPDATED = (VENDOR, CUSTOMER)


# ISO 4217's code for "no currency": the document names none, and nothing was agreed.
NO_CURRENCY = "XXX"
CORRECTION = "it is a correction that pays no invoice. Book it in FreshBooks by hand, then dismiss it here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstated:
    """What holds where a document says nothing: the day it arrived, and the currency agreed with the partner."""

    date: date
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one delivery to FreshBooks carries. `identity` tells it from all others of its partner, for ever."""

    kind: str
    identity: str
    document: Document
    number: str = ""
    # Why a person has to decide in any case; empty if nothing speaks against it.
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundKind:
    """`route_kind` takes documents of `classes`; `parts` says what each becomes."""

    route_kind: str
    classes: tuple[type[Document], ...]
    parts: Callable[[Document, Unstated], Iterator[Part]]


def _bill(document: Document, _: Unstated) -> Iterator[Part]:
    assert isinstance(document, (PurchaseOrder, Invoice, Bill))  # noqa: S101 - by `KINDS`
    release = getattr(document, "release", "")
    name = "order" if isinstance(document, PurchaseOrder) else "invoice"
    yield Part(
        kind=BILL,
        identity=f"{name}|{document.number}|{release}",
        document=document,
        number=document.number,
        doubt=_purpose(document),
    )


def _purpose(document: Document) -> str:
    if isinstance(document, PurchaseOrder) and document.kind == "information_copy":
        return "it says that it is a copy for information, not to be billed."
    purpose = getattr(document, "purpose", "original")
    return "" if purpose in ("original", "") else f"it says that it is no original but “{purpose}”."


def _journal_entry(document: Document, _: Unstated) -> Iterator[Part]:
    assert isinstance(document, JournalEntry)  # noqa: S101 - by `KINDS`
    yield Part(
        kind=JOURNAL_ENTRY, identity=f"journal|{document.number}", document=document, number=document.number
    )


def _party(document: Document, _: Unstated) -> Iterator[Part]:
    assert isinstance(document, (Vendor, Customer))  # noqa: S101 - by `KINDS`
    kind = VENDOR if isinstance(document, Vendor) else CUSTOMER
    doubt = "" if document.active else "it says that this company is not active any more; nothing is deleted."
    yield Part(
        kind=kind,
        identity=f"{kind}|{document.number}",
        document=document,
        number=document.number,
        doubt=doubt,
    )


def _payments(document: Document, unstated: Unstated) -> Iterator[Part]:
    """One payment for each line of a remittance, and one for each correction that belongs to no line."""
    if isinstance(document, Payment):
        doubt = "it says that the payment is void." if document.voided else ""
        yield _payment(document, times=1, doubt=doubt)
        return
    assert isinstance(document, RemittanceAdvice)  # noqa: S101 - by `KINDS`
    doubt = "" if document.credit else "it says that the money was taken from you, not given."
    # An invoice that is named twice is paid twice.
    times: Counter[str] = Counter()
    for line in document.lines:
        times[line.document.value] += 1
        payment = _paid(document, unstated, line.document, line.paid, _why(line), line.references)
        yield _payment(payment, times=times[line.document.value], doubt=doubt)
    for number, adjustment in enumerate(document.adjustments, start=1):
        pays = adjustment.reference or Reference(kind="other", value="no invoice")
        said = f"Correction {adjustment.amount}: {adjustment.reason} {adjustment.note}".strip()
        payment = _paid(document, unstated, pays, adjustment.amount, said, ())
        part = _payment(payment, times=number, doubt=CORRECTION)
        yield replace(part, identity=f"remittance|{document.number}|correction|{number}")


def _payment(payment: Payment, *, times: int, doubt: str) -> Part:
    return Part(
        kind=PAYMENT,
        identity=f"remittance|{payment.number}|{payment.pays.value}|{times}",
        document=payment,
        number=payment.pays.value,
        doubt=doubt,
    )


def _paid(
    advice: RemittanceAdvice,
    unstated: Unstated,
    pays: Reference,
    amount: Decimal,
    why: str,
    references: tuple[Reference, ...],
) -> Payment:
    return Payment(
        number=advice.number,
        date=advice.date or unstated.date,
        amount=amount,
        currency=advice.currency or unstated.currency,
        pays=pays,
        method=advice.method if advice.method != "none" else "",
        parties=advice.parties,
        references=references,
        notes=(Note(text=why),) if why else (),
    )


def _why(line: RemittanceLine) -> str:
    """How the paid amount came about: "of 100.00, less discount 2.00, damage -3.00"."""
    parts = [f"of {line.gross}"] if line.gross is not None and line.gross != line.paid else []
    if line.discount:
        parts.append(f"less discount {line.discount}")
    parts += [f"{one.reason} {one.amount} {one.note}".strip() for one in line.adjustments]
    return ", ".join(parts)


def _nothing(_: Document, __: Unstated) -> Iterator[Part]:
    """A ship notice makes no record: it is written on the timeline of its order's bill."""
    return iter(())


KINDS = (
    InboundKind(route_kind=DocumentKind.PURCHASE_ORDER, classes=(PurchaseOrder,), parts=_bill),
    InboundKind(route_kind=DocumentKind.SUPPLIER_INVOICE, classes=(Invoice, Bill), parts=_bill),
    InboundKind(route_kind=DocumentKind.REMITTANCE, classes=(RemittanceAdvice, Payment), parts=_payments),
    InboundKind(route_kind=DocumentKind.JOURNAL_ENTRY, classes=(JournalEntry,), parts=_journal_entry),
    InboundKind(route_kind=DocumentKind.SHIP_NOTICE, classes=(ShipNotice,), parts=_nothing),
    InboundKind(route_kind=DocumentKind.VENDOR, classes=(Vendor,), parts=_party),
    InboundKind(route_kind=DocumentKind.CUSTOMER, classes=(Customer,), parts=_party),
)


def kind_for(document: Document) -> InboundKind | None:
    """The kind that takes such a document, if any does."""
    return next((kind for kind in KINDS if isinstance(document, kind.classes)), None)


def source_id(partner_id: int, identity: str) -> str:
    """An identity as deliveries keep it: 40 characters, the same for the same partner and identity."""
    return hashlib.sha256(f"{partner_id}|{identity}".encode()).hexdigest()[:40]
