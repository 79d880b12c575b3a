"""A business document as a page: what an invoice or an order looks like, whatever it travels as.

Every field of every kind of document has its place here by its type, so a field that is added later is shown too.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Acknowledgement,
    Adjustment,
    AllowanceOrCharge,
    BankAccount,
    Bill,
    Carrier,
    Contact,
    Document,
    EventDate,
    Invoice,
    Note,
    Origin,
    Party,
    PaymentTerms,
    Reference,
    ShippedOrder,
    Tax,
    line_amount,
    rounded,
)
from mappings.canonical.base import Word, field_types
from mappings.reading import lines, parts
from mappings.reading.page import SHOWN_ROWS, Block, Fact, Page, Table
from mappings.reading.words import clock, day, moment, money, number, spoken, titled

LABELS = {"credit": "Credit to the payee", "pays": "Pays", "origin": "Made from"}
TITLES = {"lines": "", "parts": "What was answered", "reasons": "Reasons"}
TOTALS = frozenset({"total", "amount"})


def page_of(document: Document, *, limit: int = SHOWN_ROWS) -> Page:
    """`document` as a page; of longer tables the first `limit` rows."""
    builder = _Builder(document, limit)
    cls: Any = type(document)
    for field in fields(cls):
        value = getattr(document, field.name)
        is_default = value == field.default and type(value) is type(field.default)
        if not is_default and value is not None and field.name not in ("number", *TOTALS):
            builder.put(field.name, value, is_word=field_types(cls)[field.name] == Word)
    builder.put_total()
    return builder.page()


def title_of(document: Document) -> str:
    """What kind of document it is, and its number: "Invoice INV-1", "Credit note CR-7"."""
    kind = getattr(document, "kind", "")
    if isinstance(document, (Invoice, Bill)) and kind != "invoice":
        name = titled(spoken(kind))
    elif isinstance(document, Acknowledgement):
        name = f"Acknowledgement ({document.form.upper()})"
    else:
        name = titled(re.sub("(?<!^)(?=[A-Z])", " ", type(document).__name__).lower())
    return parts.joined(name, getattr(document, "number", ""), by=" ")


class _Builder:
    """The page while the fields of a document are put on it, one by one."""

    def __init__(self, document: Document, limit: int) -> None:
        self.document = document
        self.currency: str = getattr(document, "currency", "")
        self.limit = limit
        self.facts: list[Fact] = []
        self.blocks: list[Block] = []
        self.tables: list[Table] = []
        self.totals: list[Fact] = []
        self.notes: list[Fact] = []

    def page(self) -> Page:
        return Page(
            title_of(self.document),
            *map(tuple, (self.facts, self.blocks, self.tables, self.totals, self.notes)),  # type: ignore[arg-type]
        )

    def put(self, name: str, value: Any, *, is_word: bool = False) -> None:
        """Put the field `name` where values of its type belong."""
        label = LABELS.get(name) or titled(spoken(name))
        if isinstance(value, tuple):
            self._put_all(name, label, value)
        elif is_word:
            self.facts.append(Fact(label, spoken(value)))
        else:
            self._put_one(label, value)

    def _put_all(self, name: str, label: str, values: tuple[Any, ...]) -> None:
        if type(values[0]) in lines.TABLES:
            title = TITLES.get(name, label)
            self.tables.append(lines.table(values, title=title, currency=self.currency, limit=self.limit))
            return
        for value in values:
            self._put_one(label, value)

    def _put_one(self, label: str, value: Any) -> None:
        kind = type(value)
        if kind in SAID:
            self.facts.append(Fact(label, SAID[kind](value)))
        elif kind in FACTS:
            self.facts.append(FACTS[kind](value))
        elif kind in SUMS:
            self.totals.append(SUMS[kind](value))
        elif isinstance(value, Party):
            self._put_party(value)
        elif isinstance(value, Contact):
            self.blocks.append(Block("Contact", (parts.contact(value),)))
        elif isinstance(value, ShippedOrder):
            self.tables.append(lines.shipped_table(value, limit=self.limit))
            for party in value.parties:
                self._put_party(party)
        elif isinstance(value, Note):
            self.notes.append(Fact(spoken(value.kind), value.text))
        else:
            raise TypeError(f"a page has no place for {kind.__name__}")

    def _put_party(self, party: Party) -> None:
        self.blocks.append(Block(titled(spoken(party.role)), tuple(parts.party(party))))

    def put_total(self) -> None:
        """The sum of the lines, if something is added to it, and the document's own total."""
        for name in ("total", "amount"):
            total = getattr(self.document, name, None)
            if total is None:
                continue
            if isinstance(self.document, (Invoice, Bill)) and self.totals:
                amounts = sum(
                    (rounded(line_amount(line), self.currency) for line in self.document.lines), Decimal(0)
                )
                self.totals.insert(0, Fact("Lines", money(amounts, self.currency)))
            self.totals.append(Fact(titled(name), money(total, self.currency)))


SAID: dict[type, Callable[[Any], str]] = {
    # What becomes a fact under the name of its field.
    str: str,
    bool: lambda value: "yes" if value else "no",
    int: number,
    Decimal: number,
    dt.date: day,
    dt.time: clock,
    Carrier: parts.carrier,
    BankAccount: parts.account,
    Origin: parts.origin,
}
FACTS: dict[type, Callable[[Any], Fact]] = {
    # What becomes a fact under a name of its own.
    Reference: lambda value: Fact(titled(spoken(value.kind)), parts.described(value)),
    EventDate: lambda value: Fact(titled(spoken(value.kind)), moment(value.date, value.time)),
    PaymentTerms: lambda value: Fact("Payment terms", parts.terms(value)),
}
SUMS: dict[type, Callable[[Any], Fact]] = {
    Tax: parts.tax,
    AllowanceOrCharge: parts.charge,
    Adjustment: parts.adjustment,
}
