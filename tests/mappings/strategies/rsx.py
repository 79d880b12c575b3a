"""Canonical documents that RSX can carry without losing anything, for hypothesis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from mappings.canonical import (
    AcknowledgedLine,
    EventDate,
    Identifier,
    Invoice,
    Line,
    LineStatus,
    Pack,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    line_amount,
    possible_totals,
    rounded,
)
from mappings.codecs.rsx.codes import VOCABULARIES
from tests.mappings.strategies import parts
from tests.mappings.strategies.parts import DAYS, TEXTS, TIMES, some, texts, words

KINDS = {name: sorted(vocabulary) for name, vocabulary in VOCABULARIES.items()}
UNITS = st.sampled_from(["EA", "CA", "DZ", "HR", "LB"])
CURRENCIES = st.just("USD")
# Kinds that stand as members of a header are read first; the others keep their order.
FREE_REFERENCES = [
    kind for kind in KINDS["reference"] if kind not in ("bill_of_lading", "carrier_reference", "invoice")
]
FREE_DATES = [
    kind
    for kind in KINDS["date"]
    if kind not in ("shipped", "delivered", "ship_scheduled", "delivery_scheduled")
]


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(""), strategy)


references = some(parts.references(FREE_REFERENCES))
dates = some(parts.dates(FREE_DATES))
notes = some(parts.notes([*KINDS["note"], ""]))
contacts = some(parts.contacts(KINDS["contact"]))
terms = some(
    parts.terms(["", *KINDS["terms"]], ["", *KINDS["terms_basis"]]).filter(
        lambda value: value != type(value)()
    )
)
taxes = some(parts.taxes(KINDS["tax"]))
charges = some(parts.charges(KINDS["charge"]))
place = st.one_of(st.just(()), st.tuples(parts.identifiers(KINDS["identifier"])))
tax_id = st.one_of(st.just(()), st.tuples(st.builds(Identifier, scheme=st.just("tax_id"), value=TEXTS)))
parties = some(
    parts.parties(
        KINDS["party"], st.builds(lambda *both: sum(both, ()), place, tax_id), references, KINDS["contact"]
    ),
    2,
)
carriers = st.one_of(st.none(), parts.carriers(["", *KINDS["transport"]]))
freight_terms = st.sampled_from(["", *KINDS["freight_terms"]])
digits = "0123456789"
other_items = some(
    st.builds(
        Identifier, scheme=st.sampled_from(["manufacturer_part", "sku", "buyer_catalogue"]), value=TEXTS
    ),
    2,
)


def lines(priced: bool = True) -> st.SearchStrategy[Line]:
    """Lines; with `priced`, none lacks what it costs."""
    price = parts.PRICES if priced else st.one_of(st.none(), parts.PRICES)
    line = st.builds(
        Line,
        number=_maybe(texts(4, digits)),
        quantity=parts.QUANTITIES,
        unit=UNITS,
        unit_price=price,
        price_basis=st.sampled_from(["", *KINDS["price_basis"]]),
        seller_item=_maybe(TEXTS),
        buyer_item=_maybe(TEXTS),
        gtin=_maybe(
            st.sampled_from([8, 12, 13, 14]).flatmap(lambda n: st.text(digits, min_size=n, max_size=n))
        ),
        other_items=other_items,
        description=_maybe(TEXTS),
        taxes=taxes,
        charges=charges,
        references=references,
        dates=dates,
        notes=notes,
    )
    return st.tuples(line, st.booleans()).map(lambda pair: _stated(*pair))


def _stated(line: Line, amount: bool) -> Line:
    return replace(line, amount=rounded(line_amount(line), "USD")) if amount else line


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Invoices that add up."""
    invoice_lines = draw(some(lines()))
    invoice_taxes, invoice_charges = draw(taxes), draw(charges)
    total, _ = possible_totals(invoice_lines, invoice_taxes, invoice_charges, "USD")
    kind = draw(words(KINDS["invoice_kind"]))
    return Invoice(
        number=draw(TEXTS),
        date=draw(DAYS),
        currency="USD",
        total=total,
        kind="invoice" if total < 0 else kind,
        purpose=draw(words(KINDS["purpose"])),
        purchase_order=draw(_maybe(TEXTS)),
        order_date=draw(st.one_of(st.none(), DAYS)),
        release=draw(_maybe(TEXTS)),
        parties=draw(parties),
        contacts=draw(contacts),
        references=draw(references),
        dates=draw(dates),
        terms=draw(terms),
        freight_terms=draw(freight_terms),
        carrier=draw(carriers),
        lines=invoice_lines,
        taxes=invoice_taxes,
        charges=invoice_charges,
        notes=draw(notes),
    )


orders = st.builds(
    PurchaseOrder,
    number=TEXTS,
    date=DAYS,
    currency=CURRENCIES,
    total=st.one_of(st.none(), parts.AMOUNTS),
    kind=words(KINDS["order_kind"]),
    purpose=words(KINDS["purpose"]),
    release=_maybe(TEXTS),
    contract=_maybe(TEXTS),
    parties=parties,
    contacts=contacts,
    references=some(parts.references([kind for kind in FREE_REFERENCES if kind != "contract"])),
    dates=dates,
    terms=terms,
    freight_terms=freight_terms,
    carrier=carriers,
    lines=st.lists(lines(priced=False), min_size=1, max_size=3).map(tuple),
    taxes=taxes,
    charges=charges,
    notes=notes,
)

substitutes = st.one_of(
    st.none(), parts.identifiers(["seller_item", "buyer_item", "manufacturer_part", "sku", "buyer_catalogue"])
)
statuses = st.builds(
    LineStatus,
    status=words(KINDS["line_status"]),
    quantity=parts.QUANTITIES,
    unit=UNITS,
    date=st.one_of(st.none(), st.builds(EventDate, kind=words(KINDS["date"]), date=DAYS)),
    substitute=substitutes,
)


def _own(line: Line) -> set[str]:
    return {line.seller_item, line.buyer_item, line.gtin, *(item.value for item in line.other_items)}


answered_lines = st.builds(AcknowledgedLine, line=lines(priced=False), statuses=some(statuses)).filter(
    lambda each: not any(s.substitute and s.substitute.value in _own(each.line) for s in each.statuses)
)
answers = st.builds(
    PurchaseOrderAcknowledgement,
    number=TEXTS,
    order_date=DAYS,
    response=words(KINDS["order_response"]),
    date=st.one_of(st.none(), DAYS),
    purpose=words(KINDS["purpose"]),
    release=_maybe(TEXTS),
    seller_order=_maybe(TEXTS),
    currency=CURRENCIES,
    total=st.one_of(st.none(), parts.AMOUNTS),
    parties=parties,
    contacts=contacts,
    references=references,
    dates=dates,
    terms=terms,
    freight_terms=freight_terms,
    carrier=carriers,
    lines=some(answered_lines),
    charges=charges,
    notes=notes,
)


def _identified(line: Line) -> Line:
    return replace(line, seller_item=line.seller_item or "A-1")


items = some(
    st.builds(
        ShippedItem,
        line=lines(priced=False).map(_identified),
        ordered_quantity=st.one_of(st.none(), parts.QUANTITIES),
    ),
    2,
)
sscc = st.builds(Identifier, scheme=st.just("sscc"), value=st.text(digits, min_size=18, max_size=18))
carrier_package = st.builds(Identifier, scheme=st.just("carrier_package"), value=TEXTS)
MARKS = [(), (sscc,), (carrier_package,), (sscc, carrier_package)]
marks = st.sampled_from(MARKS).flatmap(lambda each: st.tuples(*each))
packs = st.builds(Pack, marks=marks, references=references, items=items)
tares = st.one_of(
    st.builds(Tare, marks=marks, references=references, packs=some(packs, 2)),
    st.builds(Tare, marks=marks, references=references, items=items),
)
shipped_orders = st.one_of(
    st.builds(
        ShippedOrder,
        purchase_order=TEXTS,
        order_date=st.one_of(st.none(), DAYS),
        release=_maybe(TEXTS),
        parties=parties,
        references=references,
        tares=some(tares, 2),
        packs=some(packs, 2),
    ),
    st.builds(ShippedOrder, purchase_order=TEXTS, items=items),
)
ship_notices = st.builds(
    ShipNotice,
    number=TEXTS,
    date=DAYS,
    time=TIMES,
    purpose=words(KINDS["purpose"]),
    parties=parties,
    references=references,
    dates=dates,
    carrier=carriers,
    freight_terms=freight_terms,
    packaging=st.sampled_from(["", "CTN", "CTN25", "PLT94"]),
    package_count=st.one_of(st.none(), st.integers(0, 9999)),
    gross_weight=parts.QUANTITIES,
    weight_unit=st.sampled_from(["LB", "KG"]),
    orders=st.lists(shipped_orders, min_size=1, max_size=2).map(tuple),
    notes=notes,
)

documents = st.one_of(invoices(), orders, answers, ship_notices)
