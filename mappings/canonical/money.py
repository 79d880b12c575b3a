"""Payments, remittance advices and journal entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from mappings.canonical.base import Checked, Currency, Word
from mappings.canonical.parts import BankAccount, Contact, EventDate, Note, Origin, Party, Reference
from mappings.canonical.totals import ZERO
from mappings.canonical.trade import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Document):
    """One payment on one invoice or bill; `pays` names that document: kind invoice, and its number.

    `invoiced` is what that document amounts to, `invoiced_on` its date.
    """

    SCHEMA: ClassVar[str] = "payment/1"

    number: str
    date: dt.date
    amount: Decimal
    currency: Currency
    pays: Reference
    invoiced: Decimal | None = None
    invoiced_on: dt.date | None = None
    method: Word = ""
    voided: bool = False
    parties: tuple[Party, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment(Checked):
    """A correction of what is paid; a negative amount pays less."""

    amount: Decimal
    reason: Word
    reference: Reference | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceLine(Checked):
    """What a payment pays of one document: gross amount, less discount, plus adjustments, is paid.

    A `partial` payment leaves the rest of the gross amount open.
    """

    document: Reference
    paid: Decimal
    gross: Decimal | None = None
    discount: Decimal | None = None
    action: Word = ""
    adjustments: tuple[Adjustment, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    notes: tuple[Note, ...] = ()

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.gross is None:
            return
        expected = self.gross - (self.discount or ZERO) + sum((a.amount for a in self.adjustments), ZERO)
        leaves_open = self.action == "partial" and abs(self.paid) < abs(expected)
        if expected != self.paid and not leaves_open:
            yield "paid", f"is {self.paid}, but gross less discount plus adjustments is {expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceAdvice(Document):
    """One payment of many invoices. `amount` is what the lines and the free adjustments add up to.

    `number` is the trace, check or transfer number; `date` the settlement date.
    """

    SCHEMA: ClassVar[str] = "remittance_advice/1"

    number: str
    date: dt.date | None
    amount: Decimal
    currency: Currency = ""
    method: Word = "none"
    handling: Word = "remittance_only"
    credit: bool = True
    originator: str = ""
    payer_account: BankAccount | None = None
    payee_account: BankAccount | None = None
    parties: tuple[Party, ...] = ()
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    lines: tuple[RemittanceLine, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.amount < 0:
            yield "amount", "must not be negative"
        expected = sum((line.paid for line in self.lines), ZERO) + sum(
            (a.amount for a in self.adjustments), ZERO
        )
        if (self.lines or self.adjustments) and expected != self.amount:
            yield "amount", f"is {self.amount}, but the lines and adjustments add up to {expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine(Checked):
    """A debit or a credit on one account; the GL segments are references."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    description: str = ""
    references: tuple[Reference, ...] = ()

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.debit < 0 or self.credit < 0:
            yield "debit", "debit and credit must not be negative"
        if bool(self.debit) == bool(self.credit):
            yield "debit", "a line is either a debit or a credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry(Document):
    """A balanced entry in the general ledger."""

    SCHEMA: ClassVar[str] = "journal_entry/1"

    number: str
    date: dt.date
    currency: Currency
    description: str = ""
    lines: tuple[JournalLine, ...]
    references: tuple[Reference, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    def rules(self) -> Iterator[tuple[str, str]]:
        if len(self.lines) < 2:
            yield "lines", "a journal entry needs at least two lines"
        debit = sum((line.debit for line in self.lines), ZERO)
        credit = sum((line.credit for line in self.lines), ZERO)
        if debit != credit:
            yield "lines", f"debits are {debit}, but credits are {credit}"
