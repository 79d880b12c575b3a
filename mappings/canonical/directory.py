"""Vendors and customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from mappings.canonical.base import Currency
from mappings.canonical.parts import Note, Origin, Party, PaymentTerms, Reference
from mappings.canonical.trade import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor(Document):
    """A company we buy from. `number` is its account number with us; name and address are in `party`."""

    SCHEMA: ClassVar[str] = "vendor/1"

    number: str
    party: Party
    currency: Currency = ""
    language: str = ""
    website: str = ""
    active: bool = True
    terms: PaymentTerms | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Document):
    """A company we sell to. `party` is the billing side, `ship_to` where goods go if that differs."""

    SCHEMA: ClassVar[str] = "customer/1"

    number: str
    party: Party
    ship_to: Party | None = None
    currency: Currency = ""
    language: str = ""
    active: bool = True
    terms: PaymentTerms | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    origin: Origin | None = field(default=None, compare=False)
