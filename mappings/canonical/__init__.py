"""Canonical business documents: one shape for every wire format. Frozen, checked, pure.

Build them with keywords; a broken rule raises `InvalidDocument` with every problem named by field:

    Invoice(number="INV-1", date=dt.date(2026, 2, 1), currency="USD", total=Decimal("20.50"),
            lines=(Line(number="1", quantity=Decimal(2), unit_price=Decimal("10.25")),))
"""

from mappings.canonical.answers import Acknowledgement, Reason, StatusReport
from mappings.canonical.base import Checked, FieldProblem, InvalidDocument, trusted
from mappings.canonical.directory import Customer, Vendor
from mappings.canonical.money import (
    Adjustment,
    JournalEntry,
    JournalLine,
    Payment,
    RemittanceAdvice,
    RemittanceLine,
)
from mappings.canonical.parts import (
    Address,
    AllowanceOrCharge,
    BankAccount,
    Carrier,
    Contact,
    EventDate,
    Identifier,
    Line,
    Note,
    Origin,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)
from mappings.canonical.serialise import DOCUMENTS, fingerprint, from_json, from_plain, to_json
from mappings.canonical.shipping import Pack, ShipNotice, ShippedItem, ShippedOrder, Tare
from mappings.canonical.totals import line_amount, possible_totals, rounded, smallest_unit
from mappings.canonical.trade import (
    AcknowledgedLine,
    Bill,
    Document,
    Invoice,
    LineStatus,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
)

__all__ = [
    "DOCUMENTS",
    "AcknowledgedLine",
    "Acknowledgement",
    "Address",
    "Adjustment",
    "AllowanceOrCharge",
    "BankAccount",
    "Bill",
    "Carrier",
    "Checked",
    "Contact",
    "Customer",
    "Document",
    "EventDate",
    "FieldProblem",
    "Identifier",
    "InvalidDocument",
    "Invoice",
    "JournalEntry",
    "JournalLine",
    "Line",
    "LineStatus",
    "Note",
    "Origin",
    "Pack",
    "Party",
    "Payment",
    "PaymentTerms",
    "PurchaseOrder",
    "PurchaseOrderAcknowledgement",
    "Reason",
    "Reference",
    "RemittanceAdvice",
    "RemittanceLine",
    "ShipNotice",
    "ShippedItem",
    "ShippedOrder",
    "StatusReport",
    "Tare",
    "Tax",
    "Vendor",
    "fingerprint",
    "from_json",
    "from_plain",
    "line_amount",
    "possible_totals",
    "rounded",
    "smallest_unit",
    "to_json",
    "trusted",
]
