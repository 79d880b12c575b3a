"""Writing what a delivery carries: one record, created or changed, and how it is recognised afterwards.

The content is JSON of ours: the `resource`, the `values` as FreshBooks takes them and, for a change, the `id` of the
record.
"""

import json
from collections.abc import Callable
from typing import Any

from connections.systems.base import Interchange, Receipt, UnknownOutcome
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import Row
from connections.systems.freshbooks.resources import Books, Values
from mappings.freshbooks.values import identifier

Create = Callable[[Values], Row]
Find = Callable[[Values], Row | None]


def book(books: Books, interchange: Interchange) -> Receipt:
    """Create the record, or change it. After a lost reply it is looked up at once, then `UnknownOutcome`."""
    content = json.loads(interchange.content)
    resource, values = RESOURCES[content["resource"]], content["values"]
    if record_id := content.get("id"):
        return _receipt(content, books.client.update(resource, record_id, values))
    creates: dict[str, Create] = {
        "payments": books.create_payment,
        "bills": books.create_bill,
        "bill_vendors": books.create_vendor,
        "clients": books.create_client,
        "journal_entries": books.create_journal_entry,
    }
    row = creates[resource.name](values)
    receipt = _receipt(content, row)
    if not receipt.remote_id:
        raise UnknownOutcome(f"FreshBooks answered without the id of {resource.title}.")
    return receipt


def find(books: Books, interchange: Interchange) -> Receipt | None:
    """The record that an earlier attempt created; None for a change: it may be made twice."""
    content = json.loads(interchange.content)
    if content.get("id"):
        return None
    finds: dict[str, Find] = {
        "payments": books.find_payment,
        "bills": books.find_bill,
        "bill_vendors": books.find_vendor,
        "clients": books.find_client,
        "journal_entries": books.find_journal_entry,
    }
    row = finds[content["resource"]](content["values"])
    return _receipt(content, row) if row else None


def _receipt(content: dict[str, Any], row: Row) -> Receipt:
    resource = RESOURCES[content["resource"]]
    record_id = identifier(row, resource.key, "id", "entryid", "logid")
    return Receipt(
        remote_id=record_id,
        place=resource.plural.replace("_", " "),
        name=f"{resource.singular.replace('_', ' ')} {record_id}",
        detail={"freshbooks_id": record_id},
    )
