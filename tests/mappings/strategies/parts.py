"""Canonical parts for hypothesis: plain texts, amounts, dates, and the parts made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    Carrier,
    Contact,
    EventDate,
    Identifier,
    Note,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2079, 12, 31))
TIMES = st.times().map(lambda time: time.replace(microsecond=0))


def texts(most: int = 30, alphabet: str = "") -> st.SearchStrategy[str]:
    """Texts of one to `most` characters that nothing about their ends could change."""
    characters = st.sampled_from(alphabet) if alphabet else st.characters(exclude_categories=("C", "Z"))
    inside = st.one_of(characters, st.just(" "))
    return st.text(inside, min_size=1, max_size=most).map(str.strip).filter(bool)


def numbers(most: str, places: int, least: str = "0") -> st.SearchStrategy[Decimal]:
    """Numbers with up to `places` decimals."""
    return st.decimals(Decimal(least), Decimal(most), places=places)


AMOUNTS = numbers("99999999", 2)
QUANTITIES = numbers("99999", 3, least="0.001")
PRICES = numbers("9999", 4)
TEXTS = texts()


def some(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to `most` of them, as a tuple."""
    return st.lists(strategy, max_size=most).map(tuple)


def words(vocabulary: Iterable[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(vocabulary))


def identifiers(schemes: Iterable[str]) -> st.SearchStrategy[Identifier]:
    return st.builds(Identifier, scheme=words(schemes), value=TEXTS)


def references(kinds: Iterable[str], described: bool = True) -> st.SearchStrategy[Reference]:
    description = st.one_of(st.just(""), TEXTS) if described else st.just("")
    return st.builds(Reference, kind=words(kinds), value=TEXTS, description=description)


def dates(kinds: Iterable[str]) -> st.SearchStrategy[EventDate]:
    return st.builds(EventDate, kind=words(kinds), date=DAYS, time=st.one_of(st.none(), TIMES))


def contacts(roles: Iterable[str]) -> st.SearchStrategy[Contact]:
    return st.builds(Contact, role=words(roles), name=TEXTS, phone=texts(15), email=texts(20), fax=texts(10))


def notes(kinds: Iterable[str] = ("",)) -> st.SearchStrategy[Note]:
    return st.builds(Note, kind=words(kinds), text=TEXTS)


def terms(kinds: Iterable[str], bases: Iterable[str]) -> st.SearchStrategy[PaymentTerms]:
    days = st.one_of(st.none(), st.integers(0, 365))
    return st.builds(
        PaymentTerms,
        kind=words(kinds),
        basis=words(bases),
        net_days=days,
        net_due_date=st.one_of(st.none(), DAYS),
        discount_percent=st.one_of(st.none(), numbers("100", 3)),
        discount_days=days,
        discount_due_date=st.one_of(st.none(), DAYS),
        discount_amount=st.one_of(st.none(), AMOUNTS),
        description=st.one_of(st.just(""), TEXTS),
    )


def taxes(kinds: Iterable[str]) -> st.SearchStrategy[Tax]:
    return st.builds(
        Tax,
        kind=words(kinds),
        amount=AMOUNTS,
        rate=st.one_of(st.none(), numbers("30", 3)),
        taxable_amount=st.one_of(st.none(), AMOUNTS),
        exempt=st.booleans(),
        registration=st.one_of(st.just(""), TEXTS),
        name=st.one_of(st.just(""), TEXTS),
        added=st.booleans(),
    )


def charges(kinds: Iterable[str]) -> st.SearchStrategy[AllowanceOrCharge]:
    return st.builds(
        AllowanceOrCharge,
        charge=st.booleans(),
        kind=words(kinds),
        amount=AMOUNTS,
        percent=st.one_of(st.none(), numbers("100", 2)),
        description=st.one_of(st.just(""), TEXTS),
        reference=st.one_of(st.just(""), TEXTS),
    )


def addresses(most_lines: int = 4) -> st.SearchStrategy[Address]:
    address = st.builds(
        Address,
        lines=some(TEXTS, most_lines),
        city=st.one_of(st.just(""), TEXTS),
        region=st.one_of(st.just(""), texts(3)),
        postal_code=st.one_of(st.just(""), texts(9)),
        country=st.sampled_from(["", "US", "USA", "CA"]),
    )
    return address.filter(lambda value: value != Address())


def parties(
    roles: Iterable[str],
    identifiers: st.SearchStrategy[tuple[Identifier, ...]],
    references: st.SearchStrategy[tuple[Reference, ...]],
    contact_roles: Iterable[str],
) -> st.SearchStrategy[Party]:
    return st.builds(
        Party,
        role=words(roles),
        name=TEXTS,
        more_names=some(TEXTS, 2),
        identifiers=identifiers,
        address=st.one_of(st.none(), addresses()),
        contacts=some(contacts(contact_roles), 2),
        references=references,
    )


def carriers(modes: Iterable[str]) -> st.SearchStrategy[Carrier]:
    return st.builds(
        Carrier,
        scac=texts(4),
        name=TEXTS,
        mode=words(modes),
        equipment=TEXTS,
        service=st.one_of(st.just(""), TEXTS),
    )
