"""Vendors and customers that partners send: created or changed in FreshBooks by their number; nothing is deleted.

A vendor's number is its account number in FreshBooks; a client has none there, so its number stands with the delivery
that made it. A field that was changed in FreshBooks, and differently by the partner, is a conflict for a person.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from audit.models import Delivery
from connections.pipeline.inbound.booking import books_of, document_of, put
from connections.pipeline.prepare import skip
from connections.systems.freshbooks import FreshBooks
from connections.systems.freshbooks.client import DELETED, Row
from mappings.canonical import Customer, Vendor
from mappings.freshbooks import BridgeError, from_customer, from_vendor
from mappings.freshbooks.values import identifier, text
from mappings.translation import Missing

NEW = "new"
CANDIDATES_SHOWN = 20


def ask_vendors(system: FreshBooks, delivery: Delivery) -> Callable[[Delivery], None]:
    """Look for the vendor by its account number. Raises `Missing` or `SystemFailure`."""
    vendor = document_of(delivery)
    assert isinstance(vendor, Vendor)  # noqa: S101 - by its kind
    partner = books_of(delivery).partner
    try:
        values = from_vendor(vendor if vendor.currency else _with_currency(vendor, partner.books_currency))
    except BridgeError as error:
        raise Missing("cannot_be_booked", str(error), "Set the currency at the partner.") from error
    rows = _living(system.books.vendors())
    same = [row for row in rows if text(row, "account_number") == vendor.number]
    return lambda locked: _decide(locked, values, rows, same, sure=True, key="vendorid", name="vendor_name")


def ask_clients(system: FreshBooks, delivery: Delivery) -> Callable[[Delivery], None]:
    """Look for the client by what we made of this number before, else by name. Raises as `ask_vendors`."""
    customer = document_of(delivery)
    assert isinstance(customer, Customer)  # noqa: S101 - by its kind
    try:
        values = from_customer(customer)
    except BridgeError as error:
        raise Missing("cannot_be_booked", str(error), "Correct the file.") from error
    rows = _living(system.books.clients())
    name = customer.party.name.casefold()
    same = [row for row in rows if text(row, "organization").casefold() == name]
    return lambda locked: _decide(locked, values, rows, same, sure=False, key="id", name="organization")


def _with_currency(vendor: Vendor, currency: str) -> Vendor:
    return replace(vendor, currency=currency)


def _living(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.get("vis_state") != DELETED]


def _decide(
    delivery: Delivery,
    values: dict[str, Any],
    rows: list[Row],
    same: list[Row],
    *,
    sure: bool,
    key: str,
    name: str,
) -> None:
    """Create, change or leave it; raise `Missing` where a person has to say. `sure`: the key leaves no doubt."""
    choice = delivery.matching.get("chosen", {})
    earlier = _earlier(delivery)
    known = choice.get("record") or (earlier.remote_id if earlier else "")
    found = [row for row in rows if identifier(row, key) == known] if known else same
    if known == NEW or not found:
        put(delivery, values)
        return
    if len(found) > 1 or not (sure or known):
        delivery.matching = {"candidates": [_shown(row, key, name) for row in found[:CANDIDATES_SHOWN]]}
        raise Missing(
            "same_name",
            f"FreshBooks has {len(found)} of this name or number, and it is not certain which is meant.",
            "Press Choose: take one of them, or create a new one.",
        )
    (row,) = found
    changes = {field: value for field, value in values.items() if text(row, field) != str(value)}
    delivery.remote_id = identifier(row, key)
    if not changes:
        delivery.matching = {**delivery.matching, "found": values}
        skip(delivery, code="unchanged", reason="FreshBooks has it like that already.")
        return
    if not choice.get("overwrite"):
        _refuse_conflicts(delivery, row, changes, written(earlier), key, name)
    put(delivery, changes, record_id=identifier(row, key))


def _refuse_conflicts(
    delivery: Delivery, row: Row, changes: dict[str, Any], written: dict[str, Any], key: str, name: str
) -> None:
    """What FreshBooks says now is neither empty nor what we wrote last: somebody there has changed it."""
    conflicts = [
        f"{field.replace('_', ' ')}: FreshBooks has “{text(row, field)}”, the file “{value}”"
        for field, value in changes.items()
        if text(row, field) and text(row, field) != str(written.get(field, ""))
    ]
    if conflicts:
        delivery.matching = {"candidates": [_shown(row, key, name)], "conflicts": conflicts}
        raise Missing(
            "conflict",
            f"both sides differ in {'; '.join(conflicts)}.",
            "Press Choose and say which side is right.",
        )


def _earlier(delivery: Delivery) -> Delivery | None:
    """The last revision that FreshBooks has."""
    earlier = Delivery.unscoped.filter(
        route=delivery.route_id, source_id=delivery.source_id, revision__lt=delivery.revision
    )
    return earlier.exclude(remote_id="").select_related("interchange").order_by("-revision").first()


def written(delivery: Delivery | None) -> dict[str, Any]:
    """What FreshBooks has of the company by this delivery and those before: what we wrote, or found there already."""
    if delivery is None:
        return {}
    return {**written(_earlier(delivery)), **_own_values(delivery)}


def _own_values(delivery: Delivery) -> dict[str, Any]:
    """A change holds only what it changed."""
    found: dict[str, Any] = delivery.matching.get("found", {})
    if found or delivery.interchange is None or not delivery.interchange.content:
        return found
    values: dict[str, Any] = json.loads(bytes(delivery.interchange.content))["values"]
    return values


def _shown(row: Row, key: str, name: str) -> dict[str, str]:
    return {"id": identifier(row, key), "name": text(row, name), "email": text(row, "email")}
