"""Documents that the plain layouts carry without losing anything, for hypothesis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from mappings.canonical import (
    Address,
    Adjustment,
    AllowanceOrCharge,
    Bill,
    Contact,
    Customer,
    EventDate,
    Identifier,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    Note,
    Party,
    Payment,
    PaymentTerms,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    Tax,
    Vendor,
    possible_totals,
)
from tests.mappings.strategies.parts import AMOUNTS, DAYS, PRICES, QUANTITIES, numbers, texts, words

ZERO = Decimal(0)
SHORT = texts(3)
NAMES = texts(20)
METHODS = words(["ach", "check", "wire", "card"])


def maybe(strategy: st.SearchStrategy[Any], without: Any = "") -> st.SearchStrategy[Any]:
    return st.one_of(st.just(without), strategy)


def none_or(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def at_most_one(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(st.just(()), st.tuples(strategy))


def references(kind: str) -> st.SearchStrategy[tuple[Reference, ...]]:
    return at_most_one(st.builds(Reference, kind=st.just(kind), value=NAMES))


def identifiers(scheme: str) -> st.SearchStrategy[tuple[Identifier, ...]]:
    return at_most_one(st.builds(Identifier, scheme=st.just(scheme), value=NAMES))


notes = at_most_one(st.builds(Note, text=NAMES))
countries = st.sampled_from(["", "US", "CAN"])
# The second street line has a place of its own only behind a first one.
streets = st.one_of(st.just(()), st.tuples(NAMES), st.tuples(NAMES, NAMES))
addresses = none_or(
    st.builds(
        Address,
        lines=streets,
        city=maybe(NAMES),
        region=maybe(SHORT),
        postal_code=maybe(SHORT),
        country=countries,
    ).filter(lambda each: each != Address())
)
terms_of_billed = at_most_one(
    st.builds(PaymentTerms, net_due_date=none_or(DAYS), description=maybe(NAMES)).filter(
        lambda each: each != PaymentTerms()
    )
)
taxes_of_line = at_most_one(st.builds(Tax, kind=st.just("all"), amount=numbers("999", 2, least="0.01")))
ALLOWANCE = st.builds(AllowanceOrCharge, charge=st.sampled_from([False]), amount=AMOUNTS)
CHARGE = st.builds(AllowanceOrCharge, charge=st.sampled_from([True]), amount=AMOUNTS)


@st.composite
def lines(draw: st.DrawFn, kind: str, number: int) -> Line:
    reference = "gl_segment" if kind == "invoice" else "gl_account"
    return Line(
        number=str(number),
        quantity=draw(none_or(QUANTITIES)),
        unit=draw(st.sampled_from(["EA", "CA"])),
        unit_price=draw(none_or(PRICES)),
        price_basis=draw(st.sampled_from(["", "per_dozen"])) if kind == "invoice" else "",
        seller_item=draw(maybe(NAMES)) if kind == "invoice" else "",
        description=draw(maybe(NAMES)),
        amount=draw(AMOUNTS),
        taxes=draw(taxes_of_line),
        references=draw(references(reference)),
    )


@st.composite
def billed(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    count = draw(st.integers(0, 3))
    made = tuple(draw(lines(kind, number)) for number in range(1, count + 1))
    taxes = draw(at_most_one(st.builds(Tax, kind=st.just("all"), amount=numbers("999", 2, least="0.01"))))
    allowance = draw(at_most_one(ALLOWANCE))
    charge = draw(at_most_one(CHARGE))
    total = possible_totals(made, taxes, allowance + charge, "USD")[0]
    return {
        "number": draw(NAMES),
        "kind": draw(st.sampled_from(["invoice", "credit_note"])) if total >= 0 else "invoice",
        "date": draw(DAYS),
        "currency": "USD",
        "total": total,
        "purchase_order": draw(maybe(NAMES)),
        "terms": draw(terms_of_billed),
        "lines": made,
        "taxes": taxes,
        "charges": allowance + charge,
        "notes": draw(notes),
    }


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    fields = draw(billed("invoice"))
    bill_to = st.builds(
        Party, role=st.just("bill_to"), name=NAMES, identifiers=identifiers("tax_id"), address=addresses
    )
    return Invoice(**fields, references=draw(references("vendor_number")), parties=draw(at_most_one(bill_to)))


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    fields = draw(billed("bill"))
    terms = tuple(
        PaymentTerms(net_due_date=each.net_due_date) for each in fields["terms"] if each.net_due_date
    )
    vendor = st.builds(Party, role=st.just("vendor"), name=NAMES, identifiers=identifiers("buyer_assigned"))
    return Bill(**(fields | {"terms": terms}), vendor=draw(vendor))


def parties(role: str) -> st.SearchStrategy[tuple[Party, ...]]:
    return at_most_one(st.builds(Party, role=st.just(role), name=NAMES))


payments = st.builds(
    Payment,
    number=NAMES,
    date=DAYS,
    amount=numbers("99999999", 2, least="-99999999"),
    currency=st.just("USD"),
    pays=st.builds(Reference, kind=st.just("invoice"), value=NAMES),
    method=maybe(METHODS),
    voided=st.booleans(),
    parties=parties("payer"),
    references=references("check"),
    notes=notes,
)


@st.composite
def remittance_lines(draw: st.DrawFn) -> RemittanceLine:
    paid, discount = draw(AMOUNTS), draw(none_or(AMOUNTS))
    adjustment = draw(at_most_one(st.builds(Adjustment, amount=AMOUNTS, reason=words(["damage", "pricing"]))))
    gross = paid + (discount or ZERO) - sum((each.amount for each in adjustment), ZERO)
    return RemittanceLine(
        document=Reference(kind="invoice", value=draw(NAMES)),
        paid=paid,
        gross=draw(st.sampled_from([None, gross])),
        discount=discount,
        adjustments=adjustment,
        dates=draw(at_most_one(st.builds(EventDate, kind=st.just("invoice"), date=DAYS))),
    )


@st.composite
def remittances(draw: st.DrawFn) -> RemittanceAdvice:
    made = tuple(draw(st.lists(remittance_lines(), max_size=3)))
    return RemittanceAdvice(
        number=draw(NAMES),
        date=draw(none_or(DAYS)),
        amount=sum((line.paid for line in made), ZERO) if made else draw(AMOUNTS),
        currency=draw(st.sampled_from(["", "USD"])),
        method=draw(METHODS),
        parties=draw(parties("payer")) + draw(parties("payee")),
        lines=made,
    )


@st.composite
def journals(draw: st.DrawFn) -> JournalEntry:
    amounts = draw(st.lists(numbers("9999", 2, least="0.01"), min_size=1, max_size=3))

    def line(**side: Decimal) -> JournalLine:
        return JournalLine(
            account=draw(NAMES),
            description=draw(maybe(NAMES)),
            references=draw(references("gl_segment")),
            **side,
        )

    made = [line(debit=amount) for amount in amounts] + [line(credit=sum(amounts, ZERO))]
    return JournalEntry(
        number=draw(NAMES), date=draw(DAYS), currency="USD", description=draw(maybe(NAMES)), lines=tuple(made)
    )


contacts = at_most_one(st.builds(Contact, name=maybe(NAMES), email=NAMES, phone=maybe(SHORT)))
terms_of_party = none_or(st.builds(PaymentTerms, description=NAMES))


def directory_parties(role: str) -> st.SearchStrategy[Party]:
    return st.builds(
        Party,
        role=st.just(role),
        name=NAMES,
        identifiers=identifiers("tax_id"),
        address=addresses,
        contacts=contacts,
    )


directory: dict[str, Any] = {
    "number": NAMES,
    "currency": st.sampled_from(["", "EUR"]),
    "active": st.booleans(),
    "terms": terms_of_party,
    "notes": notes,
}
vendors = st.builds(Vendor, party=directory_parties("vendor"), **directory)
ship_to = none_or(st.builds(Party, role=st.just("ship_to"), name=NAMES, address=addresses))
customers = st.builds(Customer, party=directory_parties("buyer"), ship_to=ship_to, **directory)

KINDS: dict[str, st.SearchStrategy[Any]] = {
    "invoice": invoices(),
    "bill": bills(),
    "payment": payments,
    "remittance_advice": remittances(),
    "journal_entry": journals(),
    "vendor": vendors,
    "customer": customers,
}
