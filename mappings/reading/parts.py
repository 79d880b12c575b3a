"""The parts of business documents in words: one line of text each, or a few."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.canonical import (
    Address,
    Adjustment,
    AllowanceOrCharge,
    BankAccount,
    Carrier,
    Contact,
    EventDate,
    Identifier,
    LineStatus,
    Note,
    Origin,
    Party,
    PaymentTerms,
    Reason,
    Reference,
    Tax,
)
from mappings.reading.page import Fact
from mappings.reading.words import day, moment, money, number, spoken, titled


def joined(*parts: str, by: str = ", ") -> str:
    """The parts that are not empty."""
    return by.join(part for part in parts if part)


def identifier(item: Identifier) -> str:
    return f"{spoken(item.scheme)} {item.value}"


def reference(item: Reference) -> str:
    return f"{spoken(item.kind)} {described(item)}"


def described(item: Reference) -> str:
    """A reference without its kind."""
    return f"{item.value} ({item.description})" if item.description else item.value


def event(item: EventDate) -> str:
    return f"{spoken(item.kind)} {moment(item.date, item.time)}"


def note(item: Note) -> str:
    return f"{spoken(item.kind)}: {item.text}" if item.kind else item.text


def contact(item: Contact) -> str:
    fax = f"fax {item.fax}" if item.fax else ""
    return f"{titled(spoken(item.role))}: {joined(item.name, item.phone, item.email, fax)}"


def carrier(item: Carrier) -> str:
    mode = f"by {spoken(item.mode)}" if item.mode else ""
    return joined(item.name, item.scac, mode, item.equipment, item.service)


def account(item: BankAccount) -> str:
    bank = joined(spoken(item.bank_scheme) if item.bank_scheme else "", item.bank, by=" ")
    kind = spoken(item.account_kind) if item.account_kind else ""
    return joined(
        f"bank {bank}" if bank else "", joined(kind, "account" if item.account else "", item.account, by=" ")
    )


def origin(item: Origin) -> str:
    updated = f"changed {item.updated_at}" if item.updated_at else ""
    return joined(f"{item.system} {item.id}", item.status, updated)


def address(item: Address) -> Iterator[str]:
    yield from item.lines
    if place := joined(joined(item.city, item.region, item.postal_code, by=" "), item.country):
        yield place


def party(item: Party) -> Iterator[str]:
    """Name, address, identifiers, references, contacts: a line each."""
    if item.name:
        yield item.name
    yield from item.more_names
    if item.address:
        yield from address(item.address)
    yield from map(identifier, item.identifiers)
    yield from map(reference, item.references)
    yield from map(contact, item.contacts)


def terms(item: PaymentTerms) -> str:
    """2 % within 10 days, net 30 days, from the invoice date (basic)."""
    discount = f"{number(item.discount_percent)} %" if item.discount_percent is not None else ""
    amount = money(item.discount_amount) if item.discount_amount is not None else ""
    early = joined(discount, amount, by=", that is ")
    within = f"within {item.discount_days} days" if item.discount_days is not None else ""
    by = f"until {day(item.discount_due_date)}" if item.discount_due_date else ""
    return joined(
        joined(f"discount {early}" if early else "", within, by, by=" "),
        f"net {item.net_days} days" if item.net_days is not None else "",
        f"due {day(item.net_due_date)}" if item.net_due_date else "",
        f"counted from the {spoken(item.basis)}" if item.basis else "",
        f"terms: {spoken(item.kind)}" if item.kind else "",
        item.description,
    )


def tax(item: Tax) -> Fact:
    """What kind of tax, and how much."""
    kind = "Taxes" if item.kind == "all" else f"{titled(spoken(item.kind))} tax"
    base = f"on {money(item.taxable_amount)}" if item.taxable_amount is not None else ""
    label = joined(
        joined(
            kind,
            f"“{item.name}”" if item.name else "",
            f"{number(item.rate)} %" if item.rate is not None else "",
            base,
            by=" ",
        ),
        "exempt" if item.exempt else "",
        f"registration {item.registration}" if item.registration else "",
        "" if item.added else "contained in the prices",
    )
    return Fact(label, money(item.amount) if item.amount is not None else "")


def charge(item: AllowanceOrCharge) -> Fact:
    """What is added, or taken off as a negative amount."""
    kind = titled(spoken(item.kind))
    label = joined(
        f"{kind} ({'charge' if item.charge else 'allowance'})",
        f"{number(item.percent)} %" if item.percent is not None else "",
        item.description,
        item.reference,
    )
    return Fact(label, money(item.amount if item.charge else -item.amount))


def adjustment(item: Adjustment) -> Fact:
    label = joined(
        f"Adjustment: {spoken(item.reason)}", reference(item.reference) if item.reference else "", item.note
    )
    return Fact(label, money(item.amount))


def line_status(item: LineStatus) -> str:
    count = f"{number(item.quantity)} {item.unit}" if item.quantity is not None else ""
    when = event(item.date) if item.date else ""
    instead = f"instead: {identifier(item.substitute)}" if item.substitute else ""
    return joined(joined(spoken(item.status), count, by=" "), when, instead)


def reason(item: Reason) -> str:
    """Why something was not accepted, with its place."""
    element = "" if item.element is None else f"element {item.element:02d}"
    if item.component is not None:
        element += f"-{item.component}"
    place = joined(
        f"segment {item.position}" if item.position is not None else "",
        item.segment,
        f"in loop {item.loop}" if item.loop else "",
        element,
        f"repetition {item.repetition}" if item.repetition is not None else "",
        f"data element {item.data_element}" if item.data_element else "",
        by=" ",
    )
    value = f"it is “{item.value}”" if item.value else ""
    return joined(place, joined(item.message, f"(code {item.code})", by=" "), value, by=": ")


def labelled(fact: Fact) -> str:
    """A fact in one line."""
    return joined(fact.label, fact.value, by=": ")
