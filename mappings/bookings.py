"""From an arrived document to what is written in FreshBooks, with the mappings of its partner.

What is missing raises `Missing` by name; nothing is guessed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mappings.canonical import (
    AllowanceOrCharge,
    Bill,
    Document,
    InvalidDocument,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    Party,
    PaymentTerms,
    PurchaseOrder,
    Tax,
    rounded,
)
from mappings.canonical.totals import possible_totals
from mappings.freshbooks import BridgeError, from_bill, from_journal_entry
from mappings.models import Items, PartnerLink, TradingPartner
from mappings.models.booking import Bookings
from mappings.models.partners import PartyKind
from mappings.translation import Missing

CODES_SAID = 20
GOES = "the document then goes by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A partner, and the FreshBooks connection in which its documents are booked."""

    connection_id: int
    partner: TradingPartner

    @property
    def bookings(self) -> Bookings:
        return Bookings(self.partner.tenant, self.connection_id, self.partner)

    def parties(self, party_kind: str) -> list[str]:
        """The FreshBooks ids of the clients, or of the bill vendors, that the partner is."""
        links = PartnerLink.objects.for_tenant(self.partner.tenant).filter(
            connection=self.connection_id, partner=self.partner, party_kind=party_kind
        )
        return list(links.order_by("party_id").values_list("party_id", flat=True))


def bill_values(document: Document, books: Books) -> dict[str, Any]:
    """What to write to book an order or a supplier's invoice as a bill."""
    bill = as_bill(document, books.partner)
    items = Items(connection_id=books.connection_id, partner=books.partner)
    vendors = books.parties(PartyKind.VENDOR)
    if len(vendors) != 1:
        has = "no FreshBooks vendor" if not vendors else f"{len(vendors)} FreshBooks vendors"
        raise Missing(
            "no_vendor",
            f"{books.partner} is linked to {has}, and a bill needs one.",
            f"Link the vendor under Partners; {GOES}",
        )
    bookings = books.bookings
    bill = replace(bill, lines=tuple(_with_tax_names(items.ours(line), bookings) for line in bill.lines))
    try:
        return from_bill(bill, vendor_id=int(vendors[0]), category_of=_category_of(bookings, books.partner))
    except (BridgeError, InvalidDocument) as error:
        raise Missing(
            "cannot_be_booked", str(error), "Ask the partner to correct it, or book it by hand."
        ) from error


def as_bill(document: Document, partner: TradingPartner) -> Bill:
    """An order, or an invoice of a supplier, as the bill it becomes. Raises `Missing`.

    The bill of an order is what its lines come to; partners' stated totals are often another sum.
    """
    if isinstance(document, Bill):
        return document
    if isinstance(document, Invoice):
        return _bill_of_invoice(document, partner)
    assert isinstance(document, PurchaseOrder)  # noqa: S101 - nothing else becomes a bill
    return _bill_of_order(document, partner)


def journal_values(entry: JournalEntry, books: Books, reference: str) -> dict[str, Any]:
    """What to write to book a journal entry; `reference` in its description is how it is recognised later."""
    found = {line.account: books.bookings.account(line.account) for line in entry.lines}
    missing = [code for code, account in found.items() if not account]
    if missing:
        named = ", ".join(missing[:CODES_SAID]) + (" …" if len(missing) > CODES_SAID else "")
        raise Missing(
            "no_account",
            f"The GL code {named} has no account in FreshBooks."
            if len(missing) == 1
            else f"{len(missing)} GL codes have no account in FreshBooks: {named}.",
            f"Add a booking mapping for {'it' if len(missing) == 1 else 'each'} under Partners; {GOES}",
        )

    def sub_account_of(line: JournalLine) -> int:
        account = found[line.account]
        assert account  # noqa: S101 - asked above
        return account

    described = f"{entry.description or entry.number} ({reference})"
    return from_journal_entry(replace(entry, description=described), sub_account_of)


def _bill_of_invoice(invoice: Invoice, partner: TradingPartner) -> Bill:
    return Bill(
        number=invoice.number,
        date=invoice.date,
        currency=invoice.currency,
        total=invoice.total,
        vendor=_vendor(invoice, partner),
        kind=invoice.kind,
        purchase_order=invoice.purchase_order,
        references=invoice.references,
        terms=_terms(invoice.terms, partner),
        lines=invoice.lines,
        taxes=invoice.taxes,
        charges=invoice.charges,
        notes=invoice.notes,
    )


def _bill_of_order(order: PurchaseOrder, partner: TradingPartner) -> Bill:
    currency = order.currency or partner.books_currency
    if not currency:
        raise Missing(
            "no_currency",
            f"The order names no currency, and none is set for {partner}.",
            f"Set it at the partner; {GOES}",
        )
    for position, line in enumerate(order.lines, start=1):
        if line.unit_price is None and line.amount is None:
            raise Missing(
                "no_price",
                f"Line {line.number or position} ({line.description or line.buyer_item}) has no price.",
                "Ask the partner for the price, or book the bill by hand and dismiss this.",
            )
    total = rounded(possible_totals(order.lines, order.taxes, order.charges, currency)[0], currency)
    return Bill(
        number=f"{order.number}-{order.release}" if order.release else order.number,
        date=order.date,
        currency=currency,
        total=total,
        vendor=_vendor(order, partner),
        purchase_order=order.number,
        terms=_terms(order.terms, partner),
        lines=order.lines,
        taxes=order.taxes,
        charges=order.charges,
    )


def _vendor(document: Document, partner: TradingPartner) -> Party:
    found = document.party_as("seller", "vendor", "remit_to", "supplier")
    return replace(found, role="vendor") if found else Party(role="vendor", name=partner.name)


def _terms(stated: tuple[PaymentTerms, ...], partner: TradingPartner) -> tuple[PaymentTerms, ...]:
    if any(terms.net_due_date or terms.net_days is not None for terms in stated):
        return stated
    if partner.bill_due_days is None:
        raise Missing(
            "no_due_days",
            f"It does not say when it is due, and nothing is set for {partner}.",
            f"Set at the partner after how many days its bills are due; {GOES}",
        )
    return (*stated, PaymentTerms(net_days=partner.bill_due_days))


def _with_tax_names(line: Line, bookings: Bookings) -> Line:
    """The line with its taxes called as FreshBooks calls them, where somebody said so."""
    named = tuple(replace(tax, name=bookings.tax([tax.name, tax.kind]) or tax.name) for tax in line.taxes)
    return replace(line, taxes=named)


def _category_of(
    bookings: Bookings, partner: TradingPartner
) -> Callable[[Line | AllowanceOrCharge | Tax], int]:
    def category(part: Line | AllowanceOrCharge | Tax) -> int:
        if found := bookings.category(_item_keys(part)):
            return found
        what = _item_keys(part)[:1] or [getattr(part, "description", "") or "a line"]
        raise Missing(
            "no_category",
            f"“{what[0]}” has no expense category, and there is none for every item of {partner}.",
            f"Add a booking mapping for it under Partners; {GOES}",
        )

    return category


def _item_keys(part: Line | AllowanceOrCharge | Tax) -> list[str]:
    if isinstance(part, Line):
        others = [item.value for item in part.other_items]
        return [key for key in (part.seller_item, part.buyer_item, part.gtin, *others) if key]
    return [part.kind]
