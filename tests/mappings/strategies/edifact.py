"""Canonical documents that EDIFACT can carry without losing anything, for hypothesis."""

from __future__ import annotations

import dataclasses
import datetime as dt
import string
import typing
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from mappings.canonical import (
    AcknowledgedLine,
    Adjustment,
    AllowanceOrCharge,
    BankAccount,
    Carrier,
    Document,
    EventDate,
    Identifier,
    Invoice,
    Line,
    LineStatus,
    Pack,
    PaymentTerms,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    Tax,
    possible_totals,
    rounded,
)
from mappings.canonical.base import field_types
from mappings.canonical.totals import EXACT
from mappings.canonical.words import CHARGE_KINDS, LINE_STATUSES, PRICE_BASES, REFERENCE_KINDS, TAX_KINDS
from mappings.codecs.edifact.codes import VOCABULARIES
from mappings.codecs.edifact.envelope import Separators
from tests.mappings.strategies import parts
from tests.mappings.strategies.parts import AMOUNTS, DAYS, QUANTITIES, TEXTS, numbers, some, texts, words

KINDS = {name: sorted(filter(None, vocabulary)) for name, vocabulary in VOCABULARIES.items()}
SHORT = texts(8)
UNITS = st.sampled_from([*VOCABULARIES["unit"], "BX", "LM"])

# Alphabets of free texts: what each character set of the syntax can hold.

LEVEL_A = string.ascii_uppercase + string.digits + ".,-()/='+:?!\"%&*;<> "
LEVEL_B = string.ascii_letters + string.digits + ".,-()/='+:?!\"%&*;<> "
ALPHABETS = {
    "UNOA": LEVEL_A,
    "UNOB": LEVEL_B,
    "UNOC": "".join(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)])),
    "UNOD": string.printable[:95] + "ąŁĽŚŠ§Ť",
    "UNOE": string.printable[:95] + "ЖзЙлЯё№",
    "UNOW": "",
}


T = TypeVar("T", Pack, Tare)
CODED = frozenset({"gtin", "unit", "weight_unit"})


def in_alphabet(value: Any, alphabet: str) -> Any:
    """A canonical value with its free texts in the characters of `alphabet`; an empty one allows all."""
    if not alphabet:
        return value
    changes: dict[str, Any] = {}
    cls: Any = type(value)
    for name, hint in field_types(cls).items():
        before = getattr(value, name)
        if isinstance(before, tuple):
            texts_ = typing.get_args(hint)[0] is str
            changes[name] = tuple(
                _letters(each, alphabet) if texts_ else in_alphabet(each, alphabet) for each in before
            )
        elif hint is str and name not in CODED and before:
            changes[name] = _letters(before, alphabet)
        elif dataclasses.is_dataclass(before):
            changes[name] = in_alphabet(before, alphabet)
    return replace(value, **changes)


def carried(document: Document, alphabet: str) -> Document:
    """`document` as an interchange in `alphabet` can say it: see `in_alphabet` and `_in_packing_order`."""
    found: Document = in_alphabet(document, alphabet)
    return _in_packing_order(found) if isinstance(found, ShipNotice) else found


def _in_packing_order(notice: ShipNotice) -> ShipNotice:
    """The notice with the packages that two orders share at the place where the first order has them."""
    if len(notice.orders) < 2:
        return notice
    first, later = notice.orders
    inner = {_key(tare): tare.packs for tare in first.tares if tare.marks}
    tares = tuple(
        replace(tare, packs=_aligned(inner.get(_key(tare), ()), tare.packs))
        for tare in _aligned(first.tares, later.tares)
    )
    return replace(
        notice, orders=(first, replace(later, tares=tares, packs=_aligned(first.packs, later.packs)))
    )


def _key(part: Pack | Tare) -> tuple[Any, ...]:
    return part.marks, part.references


def _aligned(first: tuple[T, ...], later: tuple[T, ...]) -> tuple[T, ...]:
    """`later` with what is marked like something in `first` in front, in the order of `first`."""
    places = {_key(part): place for place, part in enumerate(first) if part.marks}
    return tuple(sorted(later, key=lambda part: places.get(_key(part), len(first))))


def _letters(text: str, alphabet: str) -> str:
    """As many characters of `alphabet`, without blanks at the ends."""
    found = "".join(alphabet[ord(character) % len(alphabet)] for character in text)
    return "".join("X" if c == " " and i in (0, len(found) - 1) else c for i, c in enumerate(found))


@st.composite
def separators(draw: st.DrawFn, version: int = 3) -> Separators:
    """Any that UNA could announce: visible ones, control characters as of level B, and both decimal marks."""
    chosen = draw(st.permutations("+:?'*|~^!#;\x1c\x1d\x1e\x1f@\\"))
    component, element, release, repetition, segment = chosen[:5]
    return Separators(
        component=component,
        element=element,
        decimal=draw(st.sampled_from(".,")),
        release=release,
        repetition=repetition if version > 3 else " ",
        segment=segment,
        line_end=draw(st.sampled_from(["", "\n", "\r\n"])),
    )


def _maybe(strategy: st.SearchStrategy[Any], nothing: Any = "") -> st.SearchStrategy[Any]:
    return st.one_of(st.just(nothing), strategy)


# Parts


def references(*fields: str) -> st.SearchStrategy[Any]:
    """References but for those that fill fields of the document."""
    spelt = sorted(REFERENCE_KINDS - VOCABULARIES["reference"].keys())
    coded = [kind for kind in KINDS["reference"] if kind not in (*fields, "line_number", "mutually_defined")]
    return some(
        st.one_of(
            parts.references(coded),
            parts.references(["gl_segment_2", *spelt], described=False),
            st.just(Reference(kind="mutually_defined", value="7", description="Colour: red")),
        )
    )


EVENTS = parts.dates(KINDS["date"])
dates = some(EVENTS)
notes = some(parts.notes([*KINDS["note"], "", "edifact:DEL"]))
PARTY_SCHEMES = [scheme for scheme in KINDS["identifier"] if scheme != "scac"]


def _identifiers(first: Any, others: Any) -> tuple[Identifier, ...]:
    return (*first, *others)


TAX_ID = st.builds(Identifier, scheme=st.just("tax_id"), value=TEXTS)
FIRST_IDENTIFIER = st.tuples(parts.identifiers(PARTY_SCHEMES))
ALL_IDENTIFIERS = st.builds(_identifiers, FIRST_IDENTIFIER, some(TAX_ID, 1))


REFERENCES = references()


def parties(identifiers: Any = ALL_IDENTIFIERS, references: Any = REFERENCES) -> st.SearchStrategy[Any]:
    return some(parts.parties(KINDS["party"], identifiers, references, KINDS["contact"]), 2)


carriers = st.one_of(
    st.none(),
    st.builds(
        Carrier, scac=texts(4), name=TEXTS, mode=words(KINDS["transport"]), equipment=TEXTS, service=texts(17)
    ),
)
freight_terms = st.sampled_from(["", *KINDS["freight_terms"]])
SIMPLE_TERMS = st.builds(
    PaymentTerms,
    kind=words(KINDS["terms"]),
    basis=words(KINDS["terms_basis"]),
    net_days=st.integers(0, 999),
    net_due_date=_maybe(DAYS, None),
    discount_percent=_maybe(numbers("100", 3), None),
    discount_days=_maybe(st.integers(0, 365), None),
    discount_due_date=_maybe(DAYS, None),
    discount_amount=_maybe(AMOUNTS, None),
    description=_maybe(TEXTS),
)
terms = some(SIMPLE_TERMS, 2)


def taxes(amounts: st.SearchStrategy[Any] = AMOUNTS) -> st.SearchStrategy[Tax]:
    return st.builds(
        Tax,
        kind=words(TAX_KINDS),
        amount=amounts,
        rate=numbers("30", 3),
        taxable_amount=_maybe(AMOUNTS, None),
        exempt=st.booleans(),
        registration=_maybe(texts(20)),
        name=_maybe(SHORT),
        added=st.booleans(),
    )


rates = some(taxes(st.none()), 1)
charges = some(
    st.builds(
        AllowanceOrCharge,
        charge=st.booleans(),
        kind=words(CHARGE_KINDS),
        amount=AMOUNTS,
        percent=_maybe(numbers("100", 2), None),
        description=_maybe(SHORT),
        reference=_maybe(TEXTS),
    ),
    2,
)
digits = "0123456789"
GTINS = st.sampled_from([8, 12, 13, 14]).flatmap(lambda n: st.text(digits, min_size=n, max_size=n))
SCHEMES = [scheme for scheme in KINDS["item"] if scheme not in ("seller_item", "buyer_item")]
ITEMS: dict[str, Any] = {
    "seller_item": _maybe(TEXTS),
    "buyer_item": _maybe(TEXTS),
    "gtin": _maybe(GTINS),
    "other_items": some(parts.identifiers(SCHEMES), 6),
    "description": _maybe(texts(100)),
    "references": references("purchase_order"),
    "dates": dates,
    "notes": notes,
}


def _numbered(lines: tuple[Any, ...]) -> tuple[Any, ...]:
    """Lines get a number in every LIN: those that are not told by the source count from 1 on."""
    return tuple(line if line.number else replace(line, number=str(i)) for i, line in enumerate(lines, 1))


NUMBERS = _maybe(st.one_of(st.integers(1, 999999).map(str), st.integers(10**6, 10**9).map(str)))


@st.composite
def priced_lines(draw: st.DrawFn, *, stated: bool) -> Line:
    """A line with a price; if `stated`, with its amount."""
    line: Line = draw(
        st.builds(
            Line,
            number=NUMBERS,
            quantity=QUANTITIES,
            unit=UNITS,
            unit_price=parts.PRICES,
            price_basis=st.sampled_from(["", *PRICE_BASES, "net", "contract"]),
            taxes=rates,
            charges=charges,
            **ITEMS,
        )
    )
    if not stated:
        return line
    return replace(line, amount=rounded(EXACT.multiply(line.quantity or 0, line.unit_price or 0), "EUR"))


# Documents

HEADING: dict[str, Any] = {
    "parties": parties(),
    "dates": dates,
    "notes": notes,
}
TERMS: dict[str, Any] = {"terms": terms, "freight_terms": freight_terms, "carrier": carriers}


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Invoices that add up."""
    lines = _numbered(draw(some(priced_lines(stated=True))))
    kind = draw(words(KINDS["invoice_kind"]))
    invoice_taxes, invoice_charges = draw(some(taxes(), 2)), draw(charges)
    total, _ = possible_totals(lines, invoice_taxes, invoice_charges, "EUR")
    values = {name: draw(strategy) for name, strategy in (HEADING | TERMS).items()}
    return Invoice(
        number=draw(TEXTS),
        date=draw(DAYS),
        currency="EUR",
        total=total,
        kind="invoice" if total < 0 else kind,
        purpose=draw(words(KINDS["purpose"])),
        purchase_order="PO",
        order_date=draw(_maybe(DAYS, None)),
        release=draw(TEXTS),
        references=draw(references("purchase_order", "release")),
        lines=lines,
        taxes=invoice_taxes,
        charges=invoice_charges,
        **values,
    )


ORDER_KINDS = sorted({code: word for word, code in VOCABULARIES["order_kind"].items()}.values())
orders = st.builds(
    PurchaseOrder,
    number=TEXTS,
    date=DAYS,
    currency=st.sampled_from(["", "EUR", "USD"]),
    total=_maybe(AMOUNTS, None),
    kind=st.sampled_from(ORDER_KINDS),
    purpose=words(KINDS["purpose"]),
    release=TEXTS,
    contract=TEXTS,
    references=references("contract", "release"),
    lines=st.lists(priced_lines(stated=False), min_size=1, max_size=3).map(tuple).map(_numbered),
    taxes=rates,
    charges=charges,
    **HEADING,
    **TERMS,
)


SUBSTITUTES = parts.identifiers(["seller_item", "buyer_item", "sku"])


def statuses() -> st.SearchStrategy[LineStatus]:
    status_dates = ["delivery_scheduled", "delivery_estimated", "ship_scheduled", "ship_promised"]
    return st.builds(
        LineStatus,
        status=words(LINE_STATUSES),
        quantity=_maybe(QUANTITIES, None),
        unit=st.just("EA"),
        date=_maybe(parts.dates(status_dates), None),
        substitute=_maybe(SUBSTITUTES, None),
    )


def _answered(lines: tuple[Line, ...], of_each: tuple[tuple[LineStatus, ...], ...]) -> Any:
    return tuple(
        AcknowledgedLine(line=line, statuses=found) for line, found in zip(lines, of_each, strict=False)
    )


answers = st.builds(
    PurchaseOrderAcknowledgement,
    number=TEXTS,
    order_date=DAYS,
    response=words(KINDS["order_response"]),
    date=DAYS,
    seller_order=texts(30).map(lambda number: f"{number}-S"),
    release=TEXTS,
    currency=st.sampled_from(["", "EUR", "USD"]),
    total=_maybe(AMOUNTS, None),
    references=references("purchase_order", "release"),
    lines=st.builds(
        _answered,
        some(priced_lines(stated=False)).map(_numbered),
        st.lists(some(statuses()), min_size=3, max_size=3).map(tuple),
    ),
    charges=charges,
    **HEADING,
    **TERMS,
)

MARKS = some(parts.identifiers(KINDS["mark"]), 2)
PACKAGE: dict[str, Any] = {"marks": MARKS, "references": some(references().map(lambda found: found[0]), 0)}


@st.composite
def shipped_items(draw: st.DrawFn) -> ShippedItem:
    """An item with an ordered quantity or without one."""
    values = {name: draw(strategy) for name, strategy in ITEMS.items()}
    line = Line(
        number=draw(_maybe(texts(9))),
        quantity=draw(QUANTITIES),
        unit=draw(UNITS),
        **(values | {"seller_item": draw(TEXTS)}),
    )
    return ShippedItem(line=line, ordered_quantity=draw(_maybe(QUANTITIES, None)))


ITEMS_IN = st.lists(shipped_items(), min_size=1, max_size=2).map(tuple)
packs = st.builds(Pack, marks=MARKS, references=references("purchase_order"), items=ITEMS_IN)
tares = st.builds(
    Tare,
    marks=MARKS,
    references=references("purchase_order"),
    packs=some(packs, 2),
    items=ITEMS_IN,
)


@st.composite
def ship_notices(draw: st.DrawFn) -> ShipNotice:
    """Notices of one order or two, packed or loose."""
    names = draw(st.lists(TEXTS, min_size=1, max_size=2, unique=True))
    found = tuple(
        ShippedOrder(
            purchase_order=f"{index}{name}",
            order_date=draw(_maybe(DAYS, None)),
            release=draw(_maybe(TEXTS)),
            tares=draw(some(tares, 1)),
            packs=draw(some(packs, 2)),
            items=draw(ITEMS_IN),
        )
        for index, name in enumerate(names)
    )
    weight = draw(_maybe(QUANTITIES, None))
    values = {name: draw(strategy) for name, strategy in HEADING.items()}
    return ShipNotice(
        number=draw(TEXTS),
        date=draw(DAYS),
        time=draw(st.times()).replace(second=0, microsecond=0),
        purpose=draw(words(KINDS["purpose"])),
        references=draw(references("purchase_order")),
        carrier=draw(carriers),
        freight_terms=draw(freight_terms),
        packaging=draw(_maybe(texts(7))),
        package_count=draw(_maybe(st.integers(1, 9999), None)),
        gross_weight=weight,
        weight_unit="" if weight is None else "KG",
        orders=found,
        **(values | {"notes": draw(notes)}),
    )


adjustments = st.builds(
    Adjustment,
    amount=numbers("999", 2, least="-999"),
    reason=words(KINDS["adjustment"]),
    reference=references().map(lambda found: found[0] if found else None),
    note=_maybe(TEXTS),
)


@st.composite
def remittance_lines(draw: st.DrawFn) -> RemittanceLine:
    """A line that adds up."""
    found = draw(some(adjustments, 2))
    gross, discount = draw(_maybe(AMOUNTS, None)), draw(_maybe(AMOUNTS, None))
    paid = draw(AMOUNTS)
    if gross is not None:
        paid = gross - (discount or Decimal(0)) + sum((a.amount for a in found), Decimal(0))
    spelt = ["check", "despatch_advice"]
    document = st.one_of(
        parts.references([kind for kind in KINDS["paid_document"] if kind != "mutually_defined"]),
        parts.references(spelt, described=False),
    )
    return RemittanceLine(
        document=draw(document),
        paid=paid,
        gross=gross,
        discount=discount,
        action=draw(st.sampled_from(["", "pay_in_full"])),
        adjustments=found,
        references=draw(references()),
        dates=draw(dates),
        notes=draw(notes),
    )


ACCOUNTS = st.builds(
    BankAccount,
    bank_scheme=st.just("swift"),
    bank=texts(11),
    account_kind=st.sampled_from(["", "demand", "x12:DA"]),
    account=TEXTS,
)


@st.composite
def remittances(draw: st.DrawFn) -> RemittanceAdvice:
    """Advices that add up to something to pay."""
    lines, free = draw(some(remittance_lines())), draw(some(adjustments, 1))
    total = sum((line.paid for line in lines), sum((a.amount for a in free), Decimal(0)))
    if total < 0:
        free = (*free, Adjustment(amount=-total, reason="other"))
        total = Decimal(0)
    values = {name: draw(strategy) for name, strategy in HEADING.items()}
    events = tuple(EventDate(kind=e.kind, date=e.date, time=e.time) for e in draw(dates))
    return RemittanceAdvice(
        number=draw(TEXTS),
        date=draw(DAYS),
        amount=total,
        currency=draw(st.sampled_from(["", "EUR"])),
        method=draw(words(KINDS["payment_method"])),
        originator=draw(_maybe(TEXTS)),
        payer_account=draw(_maybe(ACCOUNTS, None)),
        payee_account=draw(_maybe(ACCOUNTS, None)),
        references=draw(references()),
        lines=lines,
        adjustments=free,
        **(
            values
            | {
                "parties": draw(parties(FIRST_IDENTIFIER, st.just(()))),
                "dates": tuple(e for e in events if e.kind != "document" or e.date > dt.date(2079, 1, 1)),
            }
        ),
    )


DOCUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "DESADV": ship_notices(),
    "INVOIC": invoices(),
    "ORDERS": orders,
    "ORDRSP": answers,
    "REMADV": remittances(),
}
