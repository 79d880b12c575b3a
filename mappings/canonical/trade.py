"""Invoices, bills, purchase orders and their acknowledgements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from mappings.canonical.base import Checked, Currency, Word
from mappings.canonical.parts import (
    AllowanceOrCharge,
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
from mappings.canonical.totals import exact_total, possible_totals, rounded


class Document(Checked):
    """Base of the business documents. `SCHEMA` tags the JSON form."""

    __slots__ = ()
    SCHEMA: ClassVar[str]
    origin: Origin | None

    def party_as(self, *roles: str) -> Party | None:
        """The first party in one of `roles`, in the order of `roles`."""
        parties: tuple[Party, ...] = getattr(self, "parties", ())
        return next((p for role in roles for p in parties if p.role == role), None)

    def reference_value(self, kind: str) -> str:
        """The value of the first reference of `kind`, or an empty text."""
        references: tuple[Reference, ...] = getattr(self, "references", ())
        return next((r.value for r in references if r.kind == kind), "")


class _Billed(Document):
    """What invoices and bills have in common."""

    __slots__ = ()
    currency: str
    total: Decimal
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    charges: tuple[AllowanceOrCharge, ...]
    terms: tuple[PaymentTerms, ...]
    kind: str

    @property
    def due_date(self) -> dt.date | None:
        """The net due date of the first payment terms that state one."""
        return next((t.net_due_date for t in self.terms if t.net_due_date), None)

    def rules(self) -> Iterable[tuple[str, str]]:
        total = self.total
        plain = exact_total(self.lines, self.taxes, self.charges) == total == rounded(total, self.currency)
        if plain and (self.kind != "credit_note" or total >= 0):
            return ()
        return self._broken_rules()

    def _broken_rules(self) -> Iterator[tuple[str, str]]:
        for index, line in enumerate(self.lines):
            if line.amount is None and (line.quantity is None or line.unit_price is None):
                yield f"lines[{index}]", "needs a quantity and a unit price, or an amount"
        if self.kind == "credit_note" and self.total < 0:
            yield "total", "a credit note states positive amounts; its kind gives the direction"
        by_line, at_end = possible_totals(self.lines, self.taxes, self.charges, self.currency)
        if self.total not in (by_line, at_end):
            yield "total", f"is {self.total}, but lines, charges, allowances and taxes add up to {by_line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(_Billed):
    """An invoice, credit note or debit note that we issue or a partner issued.

    A credit note states positive amounts. `total` is what is to be paid, with taxes and charges.
    """

    SCHEMA: ClassVar[str] = "invoice/1"

    number: str
    date: dt.date
    currency: Currency
    total: Decimal
    kind: Word = "invoice"
    purpose: Word = "original"
    purchase_order: str = ""
    order_date: dt.date | None = None
    release: str = ""
    parties: tuple[Party, ...] = ()
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    terms: tuple[PaymentTerms, ...] = ()
    freight_terms: Word = ""
    carrier: Carrier | None = None
    lines: tuple[Line, ...] = ()
    taxes: tuple[Tax, ...] = ()
    charges: tuple[AllowanceOrCharge, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill(_Billed):
    """An invoice of a vendor as the payer books it. GL accounts and segments are references of its lines."""

    SCHEMA: ClassVar[str] = "bill/1"

    number: str
    date: dt.date
    currency: Currency
    total: Decimal
    vendor: Party
    kind: Word = "invoice"
    purchase_order: str = ""
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    terms: tuple[PaymentTerms, ...] = ()
    lines: tuple[Line, ...] = ()
    taxes: tuple[Tax, ...] = ()
    charges: tuple[AllowanceOrCharge, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder(Document):
    """An order. Prices may be missing; `total` is what the buyer states, whatever the lines add up to."""

    SCHEMA: ClassVar[str] = "purchase_order/1"

    number: str
    date: dt.date
    currency: Currency = ""
    total: Decimal | None = None
    kind: Word = "stand_alone"
    purpose: Word = "original"
    release: str = ""
    contract: str = ""
    parties: tuple[Party, ...] = ()
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    terms: tuple[PaymentTerms, ...] = ()
    freight_terms: Word = ""
    carrier: Carrier | None = None
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...] = ()
    charges: tuple[AllowanceOrCharge, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    def rules(self) -> Iterator[tuple[str, str]]:
        if not self.lines:
            yield "lines", "an order needs at least one line"
        for index, line in enumerate(self.lines):
            if line.quantity is None:
                yield f"lines[{index}].quantity", "is missing"

    def difference(self) -> Decimal:
        """How much the stated total is above what the order adds up to; zero without a stated total."""
        if self.total is None:
            return Decimal(0)
        return self.total - rounded(
            possible_totals(self.lines, self.taxes, self.charges, self.currency)[0], self.currency
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus(Checked):
    """What the seller says of (a part of) an ordered line: `quantity` of it is accepted, back-ordered ..."""

    status: Word
    quantity: Decimal | None = None
    unit: str = "EA"
    date: EventDate | None = None
    substitute: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedLine(Checked):
    """The line as it was ordered, and what becomes of it."""

    line: Line
    statuses: tuple[LineStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderAcknowledgement(Document):
    """A seller's business answer to an order. `number` and `order_date` are the buyer's."""

    SCHEMA: ClassVar[str] = "purchase_order_acknowledgement/1"

    number: str
    order_date: dt.date
    response: Word
    date: dt.date | None = None
    purpose: Word = "original"
    release: str = ""
    seller_order: str = ""
    currency: Currency = ""
    total: Decimal | None = None
    parties: tuple[Party, ...] = ()
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    terms: tuple[PaymentTerms, ...] = ()
    freight_terms: Word = ""
    carrier: Carrier | None = None
    lines: tuple[AcknowledgedLine, ...] = ()
    charges: tuple[AllowanceOrCharge, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)
