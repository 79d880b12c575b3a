"""The kinds of business documents that leave FreshBooks: where each comes from and what it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from connections.models import DocumentKind
from mappings import freshbooks as bridge
from mappings.canonical import Bill, Document, Party, Payment
from mappings.freshbooks.values import identifier
from mappings.models.partners import PartyKind

# A record with those that it belongs to inside (`Record.whole`).
Data = Mapping[str, Any]


def _never(_data: Data) -> bool:
    return False


def _unstamped(_data: Data) -> datetime | None:
    return None


def _nothing(_data: Data) -> str:
    return ""


def _as_it_is(document: Document) -> Document:
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of document is read from FreshBooks.

    `own` leaves out of a document what belongs to another record: a vendor's new address is no change of their bills.
    """

    kind: str
    noun: str  # how hints name it
    event: str  # the webhook that tells of it
    resource: str  # as our FreshBooks client names it
    party_kind: str
    party_roles: tuple[str, ...] = ()  # in the canonical document, the first one found
    party_id: Callable[[Data], str]
    is_draft: Callable[[Data], bool] = _never
    booked_at: Callable[[Data], datetime | None] = _unstamped
    dated: Callable[[Data], date | None]
    to_canonical: Callable[[Data], Document]
    own: Callable[[Document], Document] = _as_it_is
    pays_id: Callable[[Data], str] = _nothing  # of a payment: the FreshBooks id of what it pays
    is_listed: bool = True  # deleted ones can be asked for; others are missed, and asked for one by one


def inner(data: Data, name: str) -> Data:
    """A related record; empty if FreshBooks did not know it."""
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _utc(value: Any) -> datetime | None:
    """Stamps of bills and vendors, and the signing up of clients, are UTC without saying so."""
    moment = bridge.eastern(value)
    return moment and moment.replace(tzinfo=UTC)


def _changed_on(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _own_bill(document: Document) -> Document:
    if not isinstance(document, Bill):
        return document
    return replace(document, vendor=Party(role="vendor", name="the vendor"))


def _own_bill_payment(document: Document) -> Document:
    return replace(document, parties=()) if isinstance(document, Payment) else document


INVOICE = Kind(
    kind=DocumentKind.INVOICE,
    noun="invoice",
    event="invoice",
    resource="invoices",
    party_kind=PartyKind.CLIENT,
    party_roles=("bill_to", "buyer"),
    party_id=lambda data: identifier(data, "customerid"),
    is_draft=bridge.is_draft_invoice,
    booked_at=lambda data: bridge.eastern(data.get("created_at")),
    dated=lambda data: bridge.plain_date(data.get("create_date")),
    to_canonical=bridge.to_invoice,
)

BILL = Kind(
    kind=DocumentKind.BILL,
    noun="bill",
    event="bill",
    resource="bills",
    party_kind=PartyKind.VENDOR,
    party_id=lambda data: identifier(data, "vendorid"),
    booked_at=lambda data: _utc(data.get("created_at")),
    dated=lambda data: bridge.plain_date(data.get("issue_date")),
    to_canonical=lambda data: bridge.to_bill(data, inner(data, "vendor") or None),
    own=_own_bill,
)

PAYMENT = Kind(
    kind=DocumentKind.PAYMENT,
    noun="payment",
    event="payment",
    resource="payments",
    party_kind=PartyKind.CLIENT,
    party_roles=("payer",),
    party_id=lambda data: identifier(inner(data, "invoice"), "customerid") or identifier(data, "clientid"),
    # There is no stamp of its booking: checks are often entered days after their date.
    booked_at=lambda data: bridge.eastern(data.get("updated")),
    dated=lambda data: bridge.plain_date(data.get("date")),
    to_canonical=lambda data: bridge.to_payment(data, inner(data, "invoice")),
    pays_id=lambda data: identifier(inner(data, "invoice"), "id", "invoiceid"),
)

BILL_PAYMENT = Kind(
    kind=DocumentKind.BILL_PAYMENT,
    noun="bill_payment",
    event="bill",
    resource="bill_payments",
    party_kind=PartyKind.VENDOR,
    party_roles=("payee",),
    party_id=lambda data: identifier(inner(data, "bill"), "vendorid"),
    dated=lambda data: bridge.plain_date(data.get("paid_date")),
    to_canonical=lambda data: bridge.to_bill_payment(
        data, inner(data, "bill"), inner(data, "vendor") or None
    ),
    own=_own_bill_payment,
    pays_id=lambda data: identifier(inner(data, "bill"), "id"),
    is_listed=False,
)

VENDOR = Kind(
    kind=DocumentKind.VENDOR,
    noun="bill_vendor",
    event="bill_vendor",
    resource="bill_vendors",
    party_kind=PartyKind.VENDOR,
    party_id=lambda data: identifier(data, "vendorid"),
    booked_at=lambda data: _utc(data.get("updated_at")),
    dated=lambda data: _changed_on(_utc(data.get("updated_at"))),
    to_canonical=bridge.to_vendor,
)

CUSTOMER = Kind(
    kind=DocumentKind.CUSTOMER,
    noun="client",
    event="client",
    resource="clients",
    party_kind=PartyKind.CLIENT,
    party_id=lambda data: identifier(data, "id", "userid"),
    booked_at=lambda data: bridge.eastern(data.get("updated")),
    dated=lambda data: _changed_on(bridge.eastern(data.get("updated"))),
    to_canonical=bridge.to_customer,
)

KINDS = {kind.kind: kind for kind in (INVOICE, BILL, PAYMENT, BILL_PAYMENT, VENDOR, CUSTOMER)}
BY_RESOURCE = {kind.resource: kind for kind in KINDS.values()}
BY_NOUN = {kind.noun: kind for kind in KINDS.values()}
