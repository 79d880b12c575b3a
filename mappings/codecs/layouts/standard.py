"""Layouts to begin with: plain ones in CSV, XML and fixed width for every kind of document that FreshBooks has, and
those of the file exchange with Stampli.

A table has a row per column: its header, its path or source, its width in a file of fixed width, and settings as
`load` takes them. What stands after `each lines` is of the parts named, and is repeated for each of them. No template
of Stampli is public: its columns are a proposal that a connection may change, named after Stampli's own words.
"""

from __future__ import annotations

import json
from typing import Any

INVOICE = """
Invoice Number   | number                            | 22 | "required": true
Invoice Type     | kind                              | 12 |
Invoice Date     | date                              | 10 | "required": true
Due Date         | due_date                          | 10 |
Currency         | currency                          | 3  | "required": true
PO Number        | purchase_order                    | 22 |
Vendor Number    | references[vendor_number]         | 30 |
Customer Name    | parties[bill_to].name             | 60 |
Customer Tax ID  | parties[bill_to].identifiers[tax_id] | 20 |
Street 1         | parties[bill_to].address.lines[1] | 50 |
Street 2         | parties[bill_to].address.lines[2] | 50 |
City             | parties[bill_to].address.city     | 40 |
State            | parties[bill_to].address.region   | 10 |
Postal Code      | parties[bill_to].address.postal_code | 12 |
Country          | parties[bill_to].address.country  | 3  |
Terms            | terms.description                 | 60 |
Discount         | allowances                        | 16 |
Charges          | charges                           | 16 |
Tax Total        | tax_total                         | 16 |
Invoice Total    | total                             | 16 | "required": true
Notes            | notes                             | 80 | "too_long": "cut"
each lines
Line Number      | lines.position                    | 6  |
Item             | lines.seller_item                 | 40 |
Description      | lines.description                 | 80 | "too_long": "cut"
Quantity         | lines.quantity                    | 16 |
Unit             | lines.unit                        | 4  |
Unit Price       | lines.unit_price                  | 16 |
Price Basis      | lines.price_basis                 | 20 |
Line Amount      | lines.amount                      | 16 | "required": true
Line Tax         | lines.tax_total                   | 16 |
GL Segment       | lines.references[gl_segment]      | 30 |
"""

BILL = """
Bill Number      | number                            | 22 | "required": true
Bill Type        | kind                              | 12 |
Bill Date        | date                              | 10 | "required": true
Due Date         | due_date                          | 10 |
Currency         | currency                          | 3  | "required": true
PO Number        | purchase_order                    | 22 |
Vendor ID        | vendor.identifiers[buyer_assigned] | 30 |
Vendor Name      | vendor.name                       | 60 | "required": true
Discount         | allowances                        | 16 |
Charges          | charges                           | 16 |
Tax Total        | tax_total                         | 16 |
Bill Total       | total                             | 16 | "required": true
Notes            | notes                             | 80 | "too_long": "cut"
each lines
Line Number      | lines.position                    | 6  |
Description      | lines.description                 | 80 | "too_long": "cut"
Quantity         | lines.quantity                    | 16 |
Unit             | lines.unit                        | 4  |
Unit Price       | lines.unit_price                  | 16 |
Line Amount      | lines.amount                      | 16 | "required": true
Line Tax         | lines.tax_total                   | 16 |
GL Account       | lines.references[gl_account]      | 30 |
"""

PAYMENT = """
Payment Number   | number                            | 30 | "required": true
Payment Date     | date                              | 10 | "required": true
Amount           | amount                            | 16 | "required": true
Currency         | currency                          | 3  | "required": true
Invoice Number   | pays                              | 22 | "required": true
Payment Method   | method                            | 16 |
Check Number     | references[check]                 | 20 |
Payer Name       | parties[payer].name               | 60 |
Voided           | voided                            | 1  |
Notes            | notes                             | 80 | "too_long": "cut"
"""

REMITTANCE_ADVICE = """
Payment Number   | number                            | 30 | "required": true
Payment Date     | date                              | 10 |
Payment Amount   | amount                            | 16 | "required": true
Currency         | currency                          | 3  |
Payment Method   | method                            | 16 |
Payer Name       | parties[payer].name               | 60 |
Payee Name       | parties[payee].name               | 60 |
each lines
Invoice Number   | lines.document                    | 22 | "required": true
Invoice Date     | lines.dates[invoice]              | 10 |
Gross Amount     | lines.gross                       | 16 |
Discount         | lines.discount                    | 16 |
Adjustment       | lines.adjustments.amount          | 16 |
Adjustment Reason | lines.adjustments.reason         | 16 |
Paid Amount      | lines.paid                        | 16 | "required": true
"""

JOURNAL_ENTRY = """
Journal Number   | number                            | 30 | "required": true
Journal Date     | date                              | 10 | "required": true
Currency         | currency                          | 3  | "required": true
Description      | description                       | 60 |
each lines
Line Number      | lines.position                    | 6  |
Account          | lines.account                     | 30 | "required": true
Debit            | lines.debit                       | 16 |
Credit           | lines.credit                      | 16 |
Line Description | lines.description                 | 60 | "too_long": "cut"
Segment          | lines.references[gl_segment]      | 30 |
"""

DIRECTORY = """
{kind} ID        | number                            | 30 | "required": true
{kind} Name      | party.name                        | 60 | "required": true
Status           | active                            | 8  | "true": "Active", "false": "Inactive"
Contact          | party.contacts.name               | 40 |
Email            | party.contacts.email              | 60 |
Phone            | party.contacts.phone              | 20 |
Address 1        | party.address.lines[1]            | 50 |
Address 2        | party.address.lines[2]            | 50 |
City             | party.address.city                | 40 |
State            | party.address.region              | 10 |
Postal Code      | party.address.postal_code         | 12 |
Country          | party.address.country             | 3  |
Currency         | currency                          | 3  |
Payment Terms    | terms.description                 | 40 |
Tax ID           | party.identifiers[tax_id]         | 20 |
Notes            | notes                             | 80 | "too_long": "cut"
"""

SHIPPING = """
Ship-to Name     | ship_to.name                      | 60 |
Ship-to Address 1 | ship_to.address.lines[1]         | 50 |
Ship-to Address 2 | ship_to.address.lines[2]         | 50 |
Ship-to City     | ship_to.address.city              | 40 |
Ship-to State    | ship_to.address.region            | 10 |
Ship-to Postal Code | ship_to.address.postal_code    | 12 |
Ship-to Country  | ship_to.address.country           | 3  |
"""

PLAIN: dict[str, tuple[str, str, str]] = {
    # kind: (element, element of all, table)
    "invoice": ("Invoice", "Invoices", INVOICE),
    "bill": ("Bill", "Bills", BILL),
    "payment": ("Payment", "Payments", PAYMENT),
    "remittance_advice": ("RemittanceAdvice", "RemittanceAdvices", REMITTANCE_ADVICE),
    "journal_entry": ("JournalEntry", "JournalEntries", JOURNAL_ENTRY),
    "vendor": ("Vendor", "Vendors", DIRECTORY.format(kind="Vendor")),
    "customer": ("Customer", "Customers", DIRECTORY.format(kind="Customer") + SHIPPING.lstrip()),
}
VERIFIED = frozenset({"invoice", "bill", "remittance_advice", "journal_entry"})
"""Documents whose amounts must add up as others read them, too."""
AMOUNTS = frozenset(
    {"Amount", "Total", "Tax", "Discount", "Charges", "Debit", "Credit", "Adjustment", "Quantity", "Price"}
)
"""Last words of headers whose columns stand to the right in a file of fixed width."""


def _rows(table: str) -> tuple[list[dict[str, Any]], str, list[dict[str, Any]]]:
    """The columns of the document, the name of its repeated parts, and their columns; with their widths."""
    outer, _, inner = table.partition("\neach ")
    parts, _, inner = inner.partition("\n")
    return (
        [_column(row) for row in outer.strip().splitlines()],
        parts,
        [_column(row) for row in inner.splitlines()],
    )


def _column(row: str) -> dict[str, Any]:
    name, source, width, *settings = (cell.strip() for cell in row.split("|"))
    own = json.loads("{" + "".join(settings) + "}")
    kind, _, value = source.rpartition(" ")
    return {"name": name, kind or "field": value, "width": int(width or 0), **own}


def _without_width(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in column.items() if key != "width"} for column in columns]


def _csv(kind: str) -> dict[str, Any]:
    outer, parts, inner = _rows(PLAIN[kind][2])
    grouped = {"each": parts, "group": [outer[0]["name"]]} if parts else {}
    return {"format": "csv", **grouped, "columns": _without_width(outer + inner)}


def _xml(kind: str) -> dict[str, Any]:
    element, root, table = PLAIN[kind]
    outer, parts, inner = _rows(table)
    for column in outer + inner:
        column["name"] = column["name"].replace(" ", "").replace("-", "")
    records = [{"at": "", "element": element, "columns": _without_width(outer)}]
    if parts:
        records.append({"at": parts, "element": "Lines/Line", "columns": _without_width(inner)})
    return {"format": "xml", "root": root, "records": records}


def _fixed(kind: str) -> dict[str, Any]:
    """A record H for each document, D for each line, and T with the counts at the end."""
    outer, parts, inner = _rows(PLAIN[kind][2])
    records = [{"at": "", "code": "H", "columns": _positioned(outer)}]
    if parts:
        records.append({"at": parts, "code": "D", "columns": _positioned(inner)})
    totals = [{"name": name, "file": f"file.{name.lower()}", "width": 10} for name in ("Documents", "Rows")]
    records.append({"at": "end", "code": "T", "columns": _positioned(totals)})
    return {"format": "fixed", "records": records}


def _positioned(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    start = 2  # behind the code
    placed = []
    for column in columns:
        width = column.pop("width")
        right = column["name"].rpartition(" ")[2] in AMOUNTS or "file" in column
        placed.append({**column, "start": start, "length": width, **({"align": "right"} if right else {})})
        start += width
    return placed


STAMPLI_INVOICE = """
Company ID          | context company_id              | | "required": true
Record Type         | kind                            | | "codes": {"invoice": "Invoice", "credit_note": "Credit Memo"}
External Invoice ID | origin.id                       | | "required": true
Vendor ID           | vendor.identifiers[buyer_assigned] | | "required": true
Vendor Name         | vendor.name                     | | "required": true
Invoice Number      | number                          | | "required": true
Invoice Date        | date                            | | "required": true
Due Date            | due_date                        | | "required": true
Currency            | currency                        | | "required": true
PO Number           | purchase_order                  | |
Invoice Total       | total                           | | "required": true
Tax Total           | tax_total                       | |
Line Number         | lines.position                  | | "required": true
Line Description    | lines.description               | |
Quantity            | lines.quantity                  | |
Unit Price          | lines.unit_price                | |
Line Amount         | lines.amount                    | | "required": true
Line Tax            | lines.tax_total                 | |
GL Account          | lines.references[gl_account]    | |
Memo                | notes                           | |
Status              | origin.status                   | |
Source Updated At   | origin.updated_at               | |
"""

STAMPLI_VENDOR = """
Company ID          | context company_id              | | "required": true
Vendor ID           | number                          | | "required": true
Vendor Name         | party.name                      | | "required": true
Status              | active                          | | "true": "Active", "false": "Inactive"
Email               | party.contacts.email            | |
Phone               | party.contacts.phone            | |
Address 1           | party.address.lines[1]          | |
Address 2           | party.address.lines[2]          | |
City                | party.address.city              | |
State               | party.address.region            | |
Postal Code         | party.address.postal_code       | |
Country             | party.address.country           | |
Currency            | currency                        | |
Payment Terms       | terms.description               | |
Tax ID              | party.identifiers[tax_id]       | |
Source Updated At   | origin.updated_at               | |
"""

STAMPLI_PAYMENT = """
Company ID          | context company_id              | | "required": true
Payment ID          | number                          | | "required": true
External Invoice ID | references[source_document]     | | "required": true
Invoice Number      | pays                            | | "required": true
Vendor ID           | references[vendor_number]       | | "required": true
Payment Date        | date                            | | "required": true
Amount              | amount                          | | "required": true
Currency            | currency                        | | "required": true
Payment Method      | method                          | |
Reference           | notes                           | |
Status              | voided                          | | "true": "Voided", "false": "Paid"
Source Updated At   | origin.updated_at               | |
"""

STAMPLI_PURCHASE_ORDER = """
Company ID          | context company_id              | | "required": true
PO Number           | number                          | | "required": true
Vendor ID           | parties[vendor].identifiers[buyer_assigned] | | "required": true
PO Date             | date                            | |
Currency            | currency                        | |
Status              | origin.status                   | |
Line Number         | lines.position                  | |
Description         | lines.description               | |
Quantity            | lines.quantity                  | |
Unit Price          | lines.unit_price                | |
Amount              | lines.amount                    | |
GL Account          | lines.references[gl_account]    | |
"""

STATUS_CODES = {
    "received": ["Received", "Processing"],
    "pending_approval": ["Pending Approval", "Pending", "Coded"],
    "approved": ["Approved"],
    "rejected": ["Rejected"],
    "cancelled": ["Cancelled", "Canceled"],
    "exported": ["Exported"],
    "scheduled": ["Scheduled"],
    "paid": ["Paid", "Processed"],
    "partially_paid": ["Partially Paid", "Partial"],
    "failed": ["Failed", "Exception"],
    "duplicate": ["Duplicate"],
}
"""What Stampli's screens call the states; a status that is not here is read as unknown, and kept as it is stated."""

STAMPLI_CONFIRMATION = """
Stampli Invoice ID  | remote_id                       | | "required": true
External Invoice ID | source_id                       | |
Invoice Number      | number                          | |
Vendor ID           | vendor_number                   | |
Status              | status                          | | "required": true, "unmapped_as": "unknown"
Status              | stated                          | |
Status Date         | date                            | |
Amount              | amount                          | |
Currency            | currency                        | |
GL Account          | account                         | |
Message             | message                         | |
"""

STAMPLI_PAYMENT_EXPORT = """
Stampli Payment ID  | remote_id                       | | "required": true
External Invoice ID | source_id                       | |
Invoice Number      | number                          | |
Vendor ID           | vendor_number                   | |
Payment Date        | date                            | |
Amount              | amount                          | | "required": true
Currency            | currency                        | |
Payment Method      | method                          | |
Reference           | reference                       | |
Status              | status                          | | "required": true, "unmapped_as": "unknown"
Status              | stated                          | |
Message             | message                         | |
"""


def _written(kind: str, name: str, table: str, **settings: Any) -> dict[str, Any]:
    columns = _without_width([_column(row) for row in table.strip().splitlines()])
    return {"name": name, "document": kind, "format": "csv", "columns": columns, **settings}


def _report(name: str, table: str, about: str) -> dict[str, Any]:
    layout = _written(
        "status_report", name, table, direction="read", delimiter="", assume={"document_kind": about}
    )
    for column in layout["columns"]:
        if column["field"] == "status":
            column["codes"] = STATUS_CODES
    return layout


def _plain(kind: str, format_: str) -> dict[str, Any]:
    name = f"{kind.replace('_', ' ').capitalize()}, plain {format_.upper() if format_ != 'fixed' else 'fixed width'}"
    of_format = {"csv": _csv, "xml": _xml, "fixed": _fixed}[format_](kind)
    return {"name": name, "document": kind, "verify": kind in VERIFIED, **of_format}


STANDARD: dict[str, dict[str, Any]] = {
    **{f"{kind}_{format_}": _plain(kind, format_) for kind in PLAIN for format_ in ("csv", "xml", "fixed")},
    "stampli_invoice": _written(
        "bill",
        "Stampli invoice file",
        STAMPLI_INVOICE,
        each="lines",
        group=["External Invoice ID"],
        verify=True,
    ),
    "stampli_vendor": _written("vendor", "Stampli vendor file", STAMPLI_VENDOR),
    "stampli_payment": _written("payment", "Stampli payment file", STAMPLI_PAYMENT),
    "stampli_purchase_order": _written(
        "purchase_order",
        "Stampli purchase order file",
        STAMPLI_PURCHASE_ORDER,
        each="lines",
        group=["PO Number"],
    ),
    "stampli_confirmation": _report("Stampli invoice confirmations", STAMPLI_CONFIRMATION, "bill"),
    "stampli_payment_export": _report("Stampli payment export", STAMPLI_PAYMENT_EXPORT, "payment"),
}
"""The layouts by name, as plain data to load, or to copy and change."""
