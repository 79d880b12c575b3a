"""The parts that several messages share, from canonical to segments and back.

A segment on its way out is a text without its terminator; one on its way in is the list of its tag and elements.
Readers take the first segment and an iterator over those that follow, and hand back what they read together with the
first segment that is not theirs; the tables have made sure before that everything is in its place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    Carrier,
    Contact,
    EventDate,
    Identifier,
    Line,
    Note,
    Party,
    PaymentTerms,
    Reference,
    Tax,
    trusted,
)
from mappings.canonical.words import IDENTIFIER_SCHEMES, REFERENCE_KINDS
from mappings.codecs.patterns import ELEMENT, TERMINATOR
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.values import (
    read_date,
    read_time,
    write_date,
    write_decimal,
    write_implied,
    write_time,
)

BAD = "\x1a"
"""Stands for a character that no segment can hold, until the writer replaces or refuses it."""
NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")

NONE = [""] * 15
"""Elements that a segment leaves out at its end."""

ZERO = Decimal(0)

Row = list[str]
Rows = Iterator[Row]

new_address = trusted(Address)
new_charge = trusted(AllowanceOrCharge)
new_contact = trusted(Contact)
new_date = trusted(EventDate)
new_identifier = trusted(Identifier)
LINE_FIELDS = tuple(field.name for field in fields(Line))
new_line = trusted(Line)
new_usual_line = trusted(
    Line, ("number", "quantity", "unit", "unit_price", "seller_item", "gtin", "description")
)
new_note = trusted(Note)
new_party = trusted(Party)
new_reference = trusted(Reference)
new_tax = trusted(Tax)
new_terms = trusted(PaymentTerms)


def segment(*elements: str) -> str:
    """A segment from its tag and elements, without empty ones at the end."""
    return ELEMENT.join(elements).rstrip(ELEMENT)


def text(value: str) -> str:
    """`value` as an element, with `BAD` for what would break the segment."""
    return value if value.isprintable() else NOT_PRINTABLE.sub(BAD, value.rstrip().replace("\r\n", "\n"))


def decimal(value: Decimal | None) -> str:
    """A number of type R, or nothing."""
    return "" if value is None else write_decimal(value)


def cents(value: Decimal | None) -> str:
    """An amount of type N2, or nothing. What N2 cannot hold is written with a point, which the tables refuse."""
    if value is None:
        return ""
    try:
        return write_implied(value, 2)
    except ValueError:
        return write_decimal(value)


def date(value: dt.date | None) -> str:
    """A date, or nothing."""
    return "" if value is None else write_date(value)


def at(row: Row, position: int) -> str:
    """The element in `position`, or an empty text if the segment ends before it."""
    return row[position] if position < len(row) else ""


def to_decimal(value: str) -> Decimal | None:
    """The number in an element of type R, or None."""
    return Decimal(value) if value else None


def from_cents(value: str) -> Decimal | None:
    """The amount in an element of type N2, or None."""
    return Decimal(f"{value}E-2") if value else None


def to_date(value: str) -> dt.date | None:
    """The date in an element, or None."""
    return read_date(value) if value else None


def to_int(value: str) -> int | None:
    """The number in an element of type N0, or None."""
    return int(value) if value else None


# References: a kind without a code of its own is spelt out in the description of a mutually defined one.

GL_SEGMENT = re.compile(r"gl_segment(_\d+)?")


def write_reference(reference: Reference, dialect: Dialect) -> str:
    """REF: qualifier, value, description."""
    codes = dialect.code["reference"]
    description = reference.description
    if reference.kind in codes or ":" in reference.kind:
        code = codes[reference.kind]
    else:
        code = codes["mutually_defined"]
        spelt = reference.kind.replace("_", " ").upper()
        description = f"{spelt} - {description}" if description else spelt
    return segment("REF", code, text(reference.value), text(description))


def read_reference(row: Row, dialect: Dialect) -> Reference:
    """The reference in REF. Without a value its description is the value."""
    kind = dialect.word["reference"][row[1]]
    if len(row) == 3:
        return new_reference(kind=kind, value=row[2])
    value, description = row[2], row[3]
    if kind == "mutually_defined" and description and value:
        spelt, _, rest = description.partition(" - ")
        word = spelt.lower().replace(" ", "_")
        if word in REFERENCE_KINDS or word in IDENTIFIER_SCHEMES or GL_SEGMENT.fullmatch(word):
            kind, description = word, rest
    if not value:
        value, description = description, ""
    return new_reference(kind=kind, value=value, description=description)


def write_date_time(event: EventDate, dialect: Dialect) -> str:
    """DTM."""
    time = write_time(event.time) if event.time else ""
    return segment("DTM", dialect.code["date"][event.kind], write_date(event.date), time)


def read_date_time(row: Row, dialect: Dialect) -> EventDate | None:
    """The date in DTM; None if it holds no date of its own (only a time, or a period)."""
    count = len(row)
    if count < 3 or not row[2]:
        return None
    kind = dialect.word["date"][row[1]]
    if count > 3 and row[3]:
        return new_date(kind=kind, date=read_date(row[2]), time=read_time(row[3]))
    return new_date(kind=kind, date=read_date(row[2]))


def write_note(note: Note, dialect: Dialect) -> Iterator[str]:
    """NTE; a long text becomes several."""
    code = dialect.code["note"][note.kind]
    return (segment("NTE", code, part) for part in chunks(text(note.text), 80))


def read_note(row: Row, dialect: Dialect) -> Note:
    """The note in NTE."""
    return new_note(kind=dialect.word["note"][row[1]], text=row[2])


def chunks(value: str, length: int) -> Iterator[str]:
    """`value` cut at blanks into parts of at most `length`; a longer word is left too long for the tables to see."""
    while len(value) > length:
        cut = value.rfind(" ", 1, length + 1)
        while cut > 0 and value[cut - 1] == " ":  # a blank at the end of a part would be lost
            cut = value.rfind(" ", 1, cut)
        if cut <= 0:
            break
        yield value[:cut]
        value = value[cut + 1 :]
    yield value


CHANNELS = (("phone", "TE"), ("email", "EM"), ("fax", "FX"))
CHANNEL_FIELDS = {"TE": "phone", "WP": "phone", "CP": "phone", "EM": "email", "FX": "fax"}


def write_contact(contact: Contact, dialect: Dialect) -> str:
    """PER: the role, the name, and up to three numbers."""
    numbers: list[str] = []
    for field, qualifier in CHANNELS:
        if value := getattr(contact, field):
            numbers += (qualifier, text(value))
    return segment("PER", dialect.code["contact"][contact.role], text(contact.name), *numbers)


def read_contact(row: Row, dialect: Dialect) -> Contact | None:
    """The contact in PER; None if it says nothing but a role."""
    fields: dict[str, str] = {}
    for position in range(3, min(len(row) - 1, 8), 2):
        field = CHANNEL_FIELDS.get(row[position])
        if field:
            fields.setdefault(field, row[position + 1])
    if name := at(row, 2):
        fields["name"] = name
    return new_contact(role=dialect.word["contact"][row[1]], **fields) if fields else None


def write_party(party: Party, dialect: Dialect) -> list[str]:
    """The N1 loop. Identifiers after the first one become references."""
    scheme = identifier = ""
    if party.identifiers:
        scheme = dialect.code["identifier"][party.identifiers[0].scheme]
        identifier = text(party.identifiers[0].value)
    out = [segment("N1", dialect.code["party"][party.role], text(party.name), scheme, identifier)]
    if party.more_names:
        out += _in_pairs("N2", party.more_names)
    if address := party.address:
        if address.lines:
            out += _in_pairs("N3", address.lines)
        place = segment(
            "N4", text(address.city), text(address.region), text(address.postal_code), text(address.country)
        )
        if place != "N4":
            out.append(place)
    for extra in party.identifiers[1:]:
        out.append(write_reference(Reference(kind=extra.scheme, value=extra.value), dialect))
    for reference in party.references:
        out.append(write_reference(reference, dialect))
    for contact in party.contacts:
        out.append(write_contact(contact, dialect))
    return out


def _in_pairs(tag: str, values: Sequence[str]) -> list[str]:
    return [segment(tag, *map(text, values[index : index + 2])) for index in range(0, len(values), 2)]


def read_party(row: Row, rows: Rows, dialect: Dialect, tags: frozenset[str]) -> tuple[Party | None, Row]:
    """The party in an N1 loop of `tags`; None if it has neither name nor identifier."""
    # Most often the loop is N1, N3 and N4, and the same party comes in many messages of a file.
    name, street, place = row, NONE[:1], NONE[:1]
    row = next(rows)
    if row[0] == "N3":
        street, row = row, next(rows)
    if row[0] == "N4":
        place, row = row, next(rows)
    more: list[Row] = []
    while row[0] in tags:
        more.append(row)
        row = next(rows)
    if more:
        return _party([name, street, place, *more], dialect), row
    key = TERMINATOR.join(map(ELEMENT.join, (name, street, place)))
    party = dialect.seen.get(key)
    return (dialect.remember(key, _party([name, street, place], dialect)) if party is None else party), row


def _party(rows: Sequence[Row], dialect: Dialect) -> Party | None:
    """The party in the segments of its loop, beginning with N1."""
    _, role, name, scheme, identifier, *_ = rows[0] + NONE[:4]
    names: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()
    place: Row | None = None
    for row in rows[1:]:
        tag = row[0]
        if tag == "N2":
            names += tuple(row[1:])
        elif tag == "N3":
            lines += tuple(row[1:])
        elif tag == "N4":
            place = row
        elif tag == "REF":
            references += (read_reference(row, dialect),)
        elif tag == "PER" and (contact := read_contact(row, dialect)):
            contacts += (contact,)
    if not (name or identifier):
        return None
    return new_party(
        role=dialect.word["party"][role],
        name=name,
        more_names=names,
        identifiers=(new_identifier(scheme=dialect.word["identifier"][scheme], value=identifier),)
        if identifier
        else (),
        address=_address(lines, place),
        contacts=contacts,
        references=references,
    )


def _address(lines: tuple[str, ...], place: Row | None) -> Address | None:
    """The address of N3 and N4."""
    if place is None:
        return new_address(lines=lines) if lines else None
    _, city, region, postal_code, country, *_ = place + NONE[:4]
    return new_address(lines=lines, city=city, region=region, postal_code=postal_code, country=country)


def write_terms(terms: PaymentTerms, dialect: Dialect) -> str:
    """ITD."""
    row = segment(
        "ITD",
        dialect.code["terms"][terms.kind],
        dialect.code["terms_basis"][terms.basis],
        decimal(terms.discount_percent),
        date(terms.discount_due_date),
        "" if terms.discount_days is None else str(terms.discount_days),
        date(terms.net_due_date),
        "" if terms.net_days is None else str(terms.net_days),
        cents(terms.discount_amount),
    )
    if terms.description:
        row += ELEMENT * (12 - row.count(ELEMENT)) + text(terms.description)
    return row


def seen_before(read: Callable[[Row, Dialect], Any]) -> Callable[[Row, Dialect], Any]:
    """`read` for a segment that comes again and again with the same content: it is read once."""

    def read_once(row: Row, dialect: Dialect) -> Any:
        key = ELEMENT.join(row)
        value = dialect.seen.get(key)
        return dialect.remember(key, read(row, dialect)) if value is None else value

    return read_once


@seen_before
def read_terms(row: Row, dialect: Dialect) -> PaymentTerms:
    """The terms in ITD."""
    _, kind, basis, percent, discount_date, discount_days, net_date, net_days, amount, *rest = row + NONE
    return new_terms(
        kind=dialect.word["terms"][kind],
        basis=dialect.word["terms_basis"][basis],
        discount_percent=Decimal(percent) if percent else None,
        discount_due_date=read_date(discount_date) if discount_date else None,
        discount_days=int(discount_days) if discount_days else None,
        net_due_date=read_date(net_date) if net_date else None,
        net_days=int(net_days) if net_days else None,
        discount_amount=Decimal(amount).scaleb(-2) if amount else None,
        description=rest[3],
    )


def write_tax(tax: Tax, dialect: Dialect) -> str:
    """TXI."""
    sign = dialect.sign
    rate = tax.rate if tax.rate is None or dialect.tax_in_percent else tax.rate.scaleb(-2)
    return segment(
        "TXI",
        dialect.code["tax"][tax.kind],
        decimal(None if tax.amount is None else tax.amount * sign),
        decimal(rate),
        "",
        "",
        "1" if tax.exempt else "",
        "" if tax.added else "O",
        decimal(None if tax.taxable_amount is None else tax.taxable_amount * sign),
        text(tax.registration),
        text(tax.name),
    )


def read_tax(row: Row, dialect: Dialect) -> Tax:
    """The tax in TXI."""
    _, kind, amount_text, rate_text, _, _, exempt, relation, base_text, registration, name = (row + NONE)[:11]
    numbers = dialect.numbers
    amount, rate, base = numbers[amount_text], numbers[rate_text], numbers[base_text]
    if dialect.sign < 0:
        amount, base = -amount if amount else amount, -base if base else base
    return new_tax(
        kind=dialect.word["tax"][kind],
        amount=amount,
        rate=rate if rate is None or dialect.tax_in_percent else rate.scaleb(2),
        taxable_amount=base,
        exempt=exempt == "1",
        registration=registration,
        name=name,
        added=relation != "O",
    )


def write_charge(item: AllowanceOrCharge, dialect: Dialect) -> str:
    """SAC. The amount has no sign: a negative credit memo turns charges into allowances."""
    charge = item.charge == (dialect.sign > 0)
    return segment(
        "SAC",
        "C" if charge else "A",
        dialect.code["charge"][item.kind],
        "",
        "",
        cents(item.amount),
        "" if item.percent is None else "Z",
        decimal(item.percent),
        "",
        "",
        "",
        "",
        "",
        text(item.reference),
        "",
        text(item.description),
    )


def read_charge(row: Row, dialect: Dialect) -> AllowanceOrCharge | None:
    """The allowance or charge in SAC; None if it is neither, but only information."""
    if row[1] not in ("A", "C"):
        return None
    row = row + NONE
    amount = from_cents(row[5]) or ZERO
    charge = (row[1] == "C") == (dialect.sign > 0)
    if amount < 0:
        amount, charge = -amount, not charge
    return new_charge(
        charge=charge,
        kind=dialect.word["charge"][row[2]] if row[2] else "other",
        amount=amount,
        percent=Decimal(row[7]) if row[7] else None,
        description=row[15],
        reference=row[13],
    )


def write_carrier(carrier: Carrier, dialect: Dialect) -> str:
    """CAD, of an invoice."""
    mode = dialect.code["transport"][carrier.mode]
    return segment(
        "CAD",
        mode,
        "",
        text(carrier.equipment),
        text(carrier.scac),
        text(carrier.name),
        "",
        "",
        "",
        text(carrier.service),
    )


def read_carrier(row: Row, dialect: Dialect) -> Carrier:
    """The carrier in CAD."""
    row = row + [""] * (10 - len(row))
    return Carrier(
        mode=dialect.word["transport"][row[1]], equipment=row[3], scac=row[4], name=row[5], service=row[9]
    )


def write_routing(carrier: Carrier, dialect: Dialect) -> str:
    """TD5, of an order or ship notice."""
    qualifier = dialect.code["identifier"]["scac"] if carrier.scac else ""
    mode = dialect.code["transport"][carrier.mode]
    before_service = [""] * 6
    return segment(
        "TD5",
        "",
        qualifier,
        text(carrier.scac),
        mode,
        text(carrier.name),
        *before_service,
        text(carrier.service),
    )


def read_routing(row: Row, dialect: Dialect) -> Carrier | None:
    """The carrier in TD5; None if it says nothing of one."""
    row = [*row, *[""] * (13 - len(row))]
    if not any(row[position] for position in (3, 4, 5, 12)):
        return None
    return Carrier(scac=row[3], mode=dialect.word["transport"][row[4]], name=row[5], service=row[12])
