"""The parts that documents are made of: parties, lines, taxes, charges, terms, references, notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from mappings.canonical.base import Checked, Country, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier(Checked):
    """An identifier under a scheme: duns, gln, buyer_assigned ... for parties; sku, isbn ... for items."""

    scheme: Word
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Checked):
    """A postal address; `region` is a state or province code, `lines` are the street lines in order."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: Country = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Checked):
    """A person or desk, by phone, mail and fax."""

    role: Word = "information"
    name: str = ""
    phone: str = ""
    email: str = ""
    fax: str = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        if not (self.name or self.phone or self.email or self.fax):
            yield "name", "a contact needs a name, a phone, an e-mail or a fax number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Checked):
    """A number by which somebody knows this thing. `kind` is our word: purchase_order, gl_account ..."""

    kind: Word
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Checked):
    """Free text for people. `kind` says for whom, if that is known."""

    text: str
    kind: Word = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDate(Checked):
    """A date with a meaning, such as delivery_requested or shipped. Without zone, as business dates are."""

    kind: Word
    date: dt.date
    time: dt.time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Checked):
    """A company or place in its role: buyer, seller, ship_to, bill_to, remit_to, payer, payee ..."""

    role: Word
    name: str = ""
    more_names: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()

    def rules(self) -> Iterator[tuple[str, str]]:
        if not (self.name or self.identifiers):
            yield "name", "a party needs a name or an identifier"

    def identifier(self, scheme: str) -> str:
        """The value under `scheme`, or an empty text."""
        return next((i.value for i in self.identifiers if i.scheme == scheme), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax(Checked):
    """One tax: its amount in the document's currency, its rate in percent (7 means 7 %), its base.

    `added` is False for a tax that is only stated and already contained in the prices.
    """

    kind: Word
    amount: Decimal | None = None
    rate: Decimal | None = None
    taxable_amount: Decimal | None = None
    exempt: bool = False
    registration: str = ""
    name: str = ""
    added: bool = True

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.amount is None and self.rate is None and not self.exempt:
            yield "amount", "a tax needs an amount or a rate, or to be exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceOrCharge(Checked):
    """A discount or surcharge beside the lines; `amount` is not negative, `charge` gives the direction."""

    charge: bool
    kind: Word = "other"
    amount: Decimal
    percent: Decimal | None = None
    description: str = ""
    reference: str = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.amount < 0:
            yield "amount", "must not be negative: turn an allowance into a charge instead"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms(Checked):
    """When to pay, and the discount for paying early. Days count from the date named by `basis`."""

    kind: Word = ""
    basis: Word = ""
    net_days: int | None = None
    net_due_date: dt.date | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    discount_due_date: dt.date | None = None
    discount_amount: Decimal | None = None
    description: str = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        for name in ("net_days", "discount_days"):
            days = getattr(self, name)
            if days is not None and days < 0:
                yield name, "must not be negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier(Checked):
    """Who carries the goods, and how."""

    scac: str = ""
    name: str = ""
    mode: Word = ""
    equipment: str = ""
    service: str = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        if not (self.scac or self.name or self.mode or self.equipment or self.service):
            yield "name", "a carrier needs a name or a SCAC"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount(Checked):
    """One end of a payment: a bank and an account in it."""

    bank_scheme: Word = ""
    bank: str = ""
    account_kind: Word = ""
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Checked):
    """A line of an invoice, bill or order.

    `unit` is an X12 355 code (EA, CA, HR ...). `unit_price` is for as many units as `price_basis` says.
    `amount` is the line's amount as the source states it; without it quantity times price counts.
    `gtin` has 8, 12, 13 or 14 digits: GTIN-12 is the UPC. GL accounts and segments are `references`.
    """

    number: str = ""
    quantity: Decimal | None = None
    unit: str = "EA"
    unit_price: Decimal | None = None
    price_basis: Word = ""
    seller_item: str = ""
    buyer_item: str = ""
    gtin: str = ""
    other_items: tuple[Identifier, ...] = ()
    description: str = ""
    amount: Decimal | None = None
    taxes: tuple[Tax, ...] = ()
    charges: tuple[AllowanceOrCharge, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin(Checked):
    """Where a document was made. Not business content: it takes no part in equality or the fingerprint."""

    system: str
    id: str
    status: str = ""
    updated_at: str = ""
