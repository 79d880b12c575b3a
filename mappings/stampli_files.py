"""The files that Stampli takes: documents of FreshBooks in Stampli's words, and the templates to begin with. Pure.

No template of Stampli is public (docs/stampli.md). These are the shipped layouts; a customer's own is an
edited copy.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Bill,
    Document,
    Identifier,
    Line,
    Origin,
    Party,
    Payment,
    Reference,
    Tax,
    Vendor,
)
from mappings.codecs import layouts

NUMBER_PREFIX = "FB-"
"""Before the FreshBooks id of a bill that has no number of its own."""

FRESHBOOKS_STAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)", re.ASCII)
"""How FreshBooks writes when a bill or vendor changed: UTC, without saying so."""


class NoNumberError(ValueError):
    """The bill has no number, and none may be made up."""


def as_stampli(
    document: Document, *, vendor_id: str, bill_id: str = "", makes_numbers: bool = True
) -> Document:
    """The document as Stampli is told of it: under FreshBooks' own ids, by which doubles are recognised.

    `vendor_id` and `bill_id` are the FreshBooks ids of the document's vendor, and of the bill that a payment pays.
    A bill without a number is called FB- and its id if `makes_numbers`, else it raises `NoNumberError`.
    """
    document = replace(document, origin=_stamped(document.origin)) if document.origin else document  # type: ignore[type-var]
    if isinstance(document, Bill):
        return _bill(document, vendor_id, makes_numbers=makes_numbers)
    if isinstance(document, Vendor):
        return replace(document, number=vendor_id)
    if isinstance(document, Payment):
        return _payment(document, vendor_id, bill_id, makes_numbers=makes_numbers)
    return document


def _stamped(origin: Origin) -> Origin:
    """With the time of the last change in ISO 8601, UTC."""
    match = FRESHBOOKS_STAMP.fullmatch(origin.updated_at)
    return replace(origin, updated_at=f"{match[1]}T{match[2]}Z") if match else origin


def _bill(bill: Bill, vendor_id: str, *, makes_numbers: bool) -> Bill:
    bill_id = bill.origin.id if bill.origin else ""
    bill = replace(
        bill,
        number=_number(bill.number, bill_id, makes_numbers=makes_numbers),
        vendor=_called(bill.vendor, vendor_id),
        lines=tuple(map(_with_mapped_account, bill.lines)),
    )
    return _credit_memo(bill) if bill.total < 0 else bill


def _number(number: str, bill_id: str, *, makes_numbers: bool) -> str:
    """A bill without a number comes from FreshBooks under its id."""
    if number != bill_id:
        return number
    if not makes_numbers:
        raise NoNumberError("the bill has no number.")
    return f"{NUMBER_PREFIX}{bill_id}"


def _called(vendor: Party, vendor_id: str) -> Party:
    others = tuple(one for one in vendor.identifiers if one.scheme != "buyer_assigned")
    return replace(vendor, identifiers=(*others, Identifier(scheme="buyer_assigned", value=vendor_id)))


def _with_mapped_account(line: Line) -> Line:
    """The GL account is what the expense category is mapped to; FreshBooks' own number would tell Stampli nothing."""
    mapped = [one for one in line.references if one.kind == "gl_segment"]
    others = tuple(one for one in line.references if one.kind not in ("gl_account", "gl_segment"))
    return replace(
        line, references=(*others, *(Reference(kind="gl_account", value=one.value) for one in mapped))
    )


def _credit_memo(bill: Bill) -> Bill:
    """A bill with a negative total as a credit memo over the positive amounts."""
    return replace(
        bill,
        kind="credit_note",
        total=-bill.total,
        lines=tuple(map(_negated, bill.lines)),
        taxes=tuple(map(_negated_tax, bill.taxes)),
    )


def _negated(line: Line) -> Line:
    return replace(
        line,
        unit_price=_negative(line.unit_price),
        amount=_negative(line.amount),
        taxes=tuple(map(_negated_tax, line.taxes)),
    )


def _negated_tax(tax: Tax) -> Tax:
    return replace(tax, amount=_negative(tax.amount))


def _negative(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount


def _payment(payment: Payment, vendor_id: str, bill_id: str, *, makes_numbers: bool) -> Payment:
    references = (
        Reference(kind="source_document", value=bill_id),
        Reference(kind="vendor_number", value=vendor_id),
    )
    number = _number(payment.pays.value, bill_id, makes_numbers=makes_numbers)
    origin = payment.origin or Origin(system="freshbooks", id=payment.number)
    return replace(
        payment,
        pays=replace(payment.pays, value=number),
        references=(*payment.references, *references),
        origin=replace(origin, status=_status(payment, origin.status)),
    )


def _status(payment: Payment, of_bill: str) -> str:
    """What the payment leaves of its bill, whose status in FreshBooks was `of_bill` when it was read."""
    if payment.voided:
        return "voided"
    pays_all = of_bill == "paid" or payment.invoiced is None or payment.amount >= payment.invoiced
    return "paid" if pays_all else "partially_paid"


STATUS_OF_PAYMENT = {
    "name": "Status",
    "field": "origin.status",
    "codes": {"paid": "Paid", "partially_paid": "Partially Paid", "voided": "Voided"},
}
TEMPLATES = {"vendor": "stampli_vendor", "bill": "stampli_invoice", "payment": "stampli_payment"}
"""The shipped layout of each kind of document."""
ROOTS = {"vendor": ("Vendors", "Vendor"), "bill": ("Invoices", "Invoice"), "payment": ("Payments", "Payment")}


def template(kind: str, file_format: str = "csv") -> Mapping[str, Any]:
    """The layout to begin with for `kind` (vendor, bill, payment), as data: CSV, or XML with the same fields."""
    data: dict[str, Any] = copy.deepcopy(layouts.STANDARD[TEMPLATES[kind]])
    data["columns"] = [
        STATUS_OF_PAYMENT if kind == "payment" and column["name"] == "Status" else column
        for column in data["columns"]
    ]
    return data if file_format == "csv" else _in_xml(kind, data)


def _in_xml(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Elements instead of columns: headers without blanks, one record for each document, its lines nested."""
    root, element = ROOTS[kind]
    outer: list[dict[str, Any]] = []
    inner: list[dict[str, Any]] = []
    for column in data["columns"]:
        of_line = str(column.get("field", "")).startswith("lines.")
        (inner if of_line else outer).append({**column, "name": column["name"].replace(" ", "")})
    records = [{"at": "", "element": element, "columns": outer}]
    if inner:
        records.append({"at": "lines", "element": "Lines/Line", "columns": inner})
    kept: dict[str, Any] = {key: data[key] for key in ("document", "verify") if key in data}
    return {**kept, "name": f"{data['name']} in XML", "format": "xml", "root": root, "records": records}
