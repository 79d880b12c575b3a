"""Booking: what a delivery to FreshBooks will write there, as its interchange. No network; see `looking`."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from audit.models import Delivery, Payload
from audit.services import record
from connections.pipeline.inbound.kinds import BILL, JOURNAL_ENTRY, LOOKED_UP
from mappings.bookings import Books, bill_values, journal_values
from mappings.canonical import Document, JournalEntry, PurchaseOrder, from_json
from mappings.names import safe_name
from mappings.translation import Missing

# What each kind of delivery makes, as our FreshBooks client names the resource.
RESOURCES = {
    BILL: "bills",
    "payment": "payments",
    JOURNAL_ENTRY: "journal_entries",
    "vendor": "bill_vendors",
    "customer": "clients",
}


def needs_look(delivery: Delivery) -> bool:
    """FreshBooks has to be asked first; see `looking`."""
    return delivery.is_inbound and delivery.kind in LOOKED_UP and delivery.interchange_id is None


def make(delivery: Delivery) -> None:
    """Set the interchange of a bill or a journal entry; does not save. Raises `Missing`."""
    document, books = document_of(delivery), books_of(delivery)
    if isinstance(document, JournalEntry):
        put(delivery, journal_values(document, books, reference_of(delivery)))
        return
    put(delivery, bill_values(document, books))
    if isinstance(document, PurchaseOrder) and (difference := document.difference()):
        record(
            delivery,
            "total_differs",
            f"The order states a total of {document.total}, {abs(difference)} {_than(difference)} what its lines come "
            "to; the bill is what they come to.",
        )


def put(delivery: Delivery, values: Mapping[str, Any], *, record_id: str = "") -> None:
    """Keep what will be written: a new record, or a change of the one with `record_id`."""
    resource = RESOURCES[delivery.kind]
    change = {"id": record_id} if record_id else {}
    content = {"resource": resource, **change, "values": dict(values)}
    number = safe_name(delivery.number or delivery.source_id)
    delivery.interchange_name = f"{delivery.kind}-{number}-{delivery.public_id}.json"
    delivery.place = resource
    delivery.interchange = Payload.store(
        tenant_id=delivery.tenant_id,
        content=json.dumps(content, indent=1, ensure_ascii=False).encode(),
        media_type="application/json",
        file_name=delivery.interchange_name,
    )


def _than(difference: Decimal) -> str:
    return "more than" if difference > 0 else "less than"


def reference_of(delivery: Delivery) -> str:
    """What FreshBooks keeps of ours, so that a record is known again: it stays the same over all attempts."""
    return f"ref {delivery.public_id}"


def document_of(delivery: Delivery) -> Document:
    if delivery.canonical is None:
        raise Missing("unreadable", delivery.reason, delivery.remedy)
    return from_json(bytes(delivery.canonical.content).decode())


def books_of(delivery: Delivery) -> Books:
    if delivery.partner is None:
        raise Missing(
            "no_partner",
            "the partner it came from was deleted.",
            "Dismiss it, and replay the arrival it came in.",
        )
    return Books(connection_id=delivery.target_id, partner=delivery.partner)
