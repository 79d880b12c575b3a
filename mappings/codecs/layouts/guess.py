"""Which field of a document a column is likely to be, by its name."""

from __future__ import annotations

import difflib
import re
from functools import cache

from mappings.codecs.layouts.standard import PLAIN

TRADE = {
    "number": "{kind} number, {kind} no, {kind} num, {kind} id, {kind} ref, {kind}, document number, document no,"
    " doc no, number, invoice number, invoice no, inv no, inv number, invoice id, invoice, bill no, voucher number",
    "date": "{kind} date, document date, doc date, date, issue date, issued, invoice date, inv date, posting date",
    "due_date": "due date, due, payment due, pay by, due on, net due date",
    "currency": "currency, currency code, curr, ccy, cur",
    "total": "{kind} total, total, total amount, amount due, {kind} amount, invoice amount, grand total, gross total,"
    " gross amount, invoice total, inv amt",
    "tax_total": "tax total, total tax, tax, tax amount, sales tax, vat, vat amount, gst",
    "purchase_order": "po number, po no, po, purchase order, purchase order number, order number, customer po,"
    " your order",
    "allowances": "discount, discount amount, allowance, total discount",
    "charges": "charges, freight, shipping, freight amount, shipping amount, handling",
    "notes": "notes, note, memo, comment, comments, remarks",
    "terms.description": "terms, payment terms",
    "kind": "{kind} type, type, document type, record type",
    "lines.position": "line number, line no, line, line id, line num, item no, pos, position, seq",
    "lines.seller_item": "item, item number, sku, product, product code, part number, item code, article, style",
    "lines.description": "description, line description, item description, product description, details, service",
    "lines.quantity": "quantity, qty, units, hours, invoiced quantity, qty shipped, count",
    "lines.unit": "unit, uom, unit of measure, measure",
    "lines.unit_price": "unit price, price, rate, unit cost, price each, each, cost",
    "lines.amount": "line amount, line total, amount, extended amount, extended price, net amount, ext price,"
    " extension",
    "lines.tax_total": "line tax, item tax, line tax amount",
    "lines.references[gl_account]": "gl account, account, gl code, account code, ledger account, expense account",
    "lines.references[gl_segment]": "gl segment, segment, cost center, cost centre, department",
}
VENDOR_OF_BILL = {
    "vendor.name": "vendor name, vendor, supplier, supplier name, payee, company",
    "vendor.identifiers[buyer_assigned]": "vendor id, vendor number, vendor no, supplier id, supplier number,"
    " vendor code",
}
CUSTOMER_OF_INVOICE = {
    "references[vendor_number]": "vendor number, our vendor number, supplier number, vendor id, vendor no",
    "parties[bill_to].name": "customer name, customer, bill to, client, client name, sold to, company, bill to name",
}
DIRECTORY = {
    "number": "{kind} id, {kind} number, {kind} no, {kind} code, account number, id, code, number",
    "party.name": "{kind} name, name, company, company name, organization, business name, {kind}",
    "active": "status, active, state of account",
    "party.contacts.name": "contact, contact name, contact person, attention",
    "party.contacts.email": "email, e mail, email address, mail",
    "party.contacts.phone": "phone, telephone, phone number, tel",
    "party.address.lines[1]": "address, address 1, street, address line 1, street 1, addr1",
    "party.address.lines[2]": "address 2, address line 2, street 2, addr2, suite",
    "party.address.city": "city, town",
    "party.address.region": "state, province, region, state province",
    "party.address.postal_code": "postal code, zip, zip code, postcode",
    "party.address.country": "country, country code",
    "currency": "currency, currency code",
    "terms.description": "terms, payment terms",
    "party.identifiers[tax_id]": "tax id, vat number, ein, tax number, vat id, tin",
    "notes": "notes, note, comments",
}
MONEY = {
    "number": "payment number, payment id, payment no, check number, check no, cheque number, trace number,"
    " transaction id, reference, payment reference, eft number, remittance number, remittance no, remit number,"
    " remit no, remit id",
    "date": "payment date, date, paid date, check date, settlement date, value date, date paid, remittance date,"
    " remit date, paid on",
    "amount": "amount, payment amount, amount paid, paid, paid amount, check amount, total paid",
    "currency": "currency, currency code, curr",
    "method": "payment method, method, payment type, type",
}
SYNONYMS: dict[str, dict[str, str]] = {
    "invoice": TRADE | CUSTOMER_OF_INVOICE,
    "bill": TRADE | VENDOR_OF_BILL,
    "purchase_order": TRADE,
    "vendor": DIRECTORY,
    "customer": DIRECTORY,
    "payment": MONEY
    | {
        "pays": "invoice number, invoice no, invoice, bill number, document number, inv no",
        "parties[payer].name": "payer, payer name, customer, customer name, client",
        "notes": "notes, memo, comment",
        "voided": "voided, void",
    },
    "remittance_advice": MONEY
    | {
        "amount": "payment amount, check amount, total paid, payment total, total amount, total",
        "lines.document": "invoice number, invoice no, invoice, inv no, document number, bill number",
        "lines.dates[invoice]": "invoice date, inv date, document date",
        "lines.gross": "gross amount, invoice amount, gross, original amount, invoice total",
        "lines.discount": "discount, discount taken, discount amount",
        "lines.adjustments.amount": "adjustment, adjustment amount, deduction",
        "lines.paid": "paid amount, amount paid, net amount, net paid, paid, net, amount",
        "parties[payer].name": "payer, payer name, company, customer",
        "parties[payee].name": "payee, payee name, vendor, supplier",
    },
    "journal_entry": {
        "number": "journal number, journal no, journal id, entry number, je number, batch, reference, document number",
        "date": "journal date, date, posting date, entry date, effective date",
        "currency": "currency, currency code, curr",
        "description": "description, memo, header text",
        "lines.position": "line number, line no, line",
        "lines.account": "account, gl account, account number, account code, ledger account, gl code",
        "lines.debit": "debit, debit amount, dr, debits",
        "lines.credit": "credit, credit amount, cr, credits",
        "lines.amount": "amount, signed amount, net amount",
        "lines.side": "debit or credit, debit credit, dr cr, d c, side, posting side",
        "lines.value": "amount without sign, absolute amount, unsigned amount",
        "lines.description": "line description, line memo, text, line text, details",
        "lines.references[gl_segment]": "segment, cost center, cost centre, department, class",
    },
    "status_report": {
        "remote_id": "stampli invoice id, stampli payment id, remote id, id",
        "source_id": "external invoice id, external id, source id",
        "number": "invoice number, invoice no, document number, number",
        "vendor_number": "vendor id, vendor number",
        "status": "status, state",
        "date": "status date, payment date, date",
        "amount": "amount, paid amount",
        "currency": "currency",
        "method": "payment method, method",
        "reference": "reference, check number",
        "account": "gl account, account",
        "message": "message, error, reason, comment",
    },
}
CLOSE_ENOUGH = 0.84


@cache
def _names(kind: str) -> dict[str, list[str]]:
    """For each path the names it may have, folded, the most usual first."""
    words = kind.replace("_", " ")
    names = {
        path: [folded(each) for each in text.format(kind=words).split(",")]
        for path, text in SYNONYMS.get(kind, {}).items()
    }
    for row in PLAIN.get(kind, ("", "", ""))[2].splitlines():
        cells = [cell.strip() for cell in row.split("|")]
        if len(cells) > 1:
            names.setdefault(cells[1], []).append(folded(cells[0]))
    return names


def folded(name: str) -> str:
    """A name as letters and digits only; a number sign is a number."""
    return re.sub(r"[^a-z0-9]", "", name.replace("#", " no").casefold())


def fields_for(name: str, kind: str) -> list[str]:
    """The paths that a column called `name` may be, the most likely first."""
    wanted = folded(re.split(r"[/.]", name)[-1].lstrip("@") or name)
    exact = [(names.index(wanted), path) for path, names in _names(kind).items() if wanted in names]
    if exact:
        return [path for _, path in sorted(exact)]
    scored = [
        (max(difflib.SequenceMatcher(None, wanted, each).ratio() for each in names), path)
        for path, names in _names(kind).items()
    ]
    return [path for score, path in sorted(scored, reverse=True) if score >= CLOSE_ENOUGH]
