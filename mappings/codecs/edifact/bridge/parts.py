"""The parts that several messages share, from canonical to segments and back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mappings.canonical import (
    Address,
    Carrier,
    Contact,
    EventDate,
    Identifier,
    Note,
    Party,
    Reference,
    trusted,
)
from mappings.canonical.words import IDENTIFIER_SCHEMES, REFERENCE_KINDS
from mappings.codecs.edifact.bridge.rows import (
    Row,
    at,
    components,
    composite,
    is_foreign,
    joined,
    pieces,
    segment,
    spelt,
    text,
    unspelt,
)
from mappings.codecs.edifact.bridge.section import Fields, Part, many, single
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import read_date, write_date
from mappings.codecs.patterns import COMPONENT

new_address = trusted(Address)
new_contact = trusted(Contact)
new_date = trusted(EventDate)
new_identifier = trusted(Identifier)
new_note = trusted(Note)
new_party = trusted(Party)
new_reference = trusted(Reference)

COUNTRY = re.compile("[A-Z]{2,3}")
NAME = 35
"""The longest part of a name, an address or a description in D.96A."""


# Dates


def write_event(event: EventDate, dialect: Dialect) -> Iterator[str]:
    """DTM."""
    yield segment("DTM", composite(dialect.code["date"][event.kind], *write_date(event.date, event.time)))


def read_event(row: Row, _inside: Sequence[Row], dialect: Dialect) -> EventDate | None:
    """The date in DTM; None if it holds no full date."""
    qualifier, day, time = read_dtm(row)
    return new_date(kind=dialect.word["date"][qualifier], date=day, time=time) if day else None


def read_dtm(row: Row) -> tuple[str, dt.date | None, dt.time | None]:
    """The qualifier of a DTM, its date, and its time; no date if it holds no full one."""
    found = row[1].split(COMPONENT)
    if len(found) == 3 and found[2] == "102":
        return found[0], dt.date.fromisoformat(found[1]), None
    qualifier, value, format_ = components(row, 1, 3)
    return qualifier, *(read_date(value, format_) or (None, None))


def document_date(field: str = "date", kind: str = "document") -> Part:
    """DTM in a heading: the date of `kind` is the document's own `field`."""

    def write(document: Any, dialect: Dialect) -> Iterator[str]:
        day = getattr(document, field)
        if day is not None:
            yield from write_event(EventDate(kind=kind, date=day), dialect)
        for event in document.dates:
            yield from write_event(event, dialect)

    def read(fields: Fields, row: Row, _inside: Sequence[Row], dialect: Dialect) -> None:
        qualifier, day, time = read_dtm(row)
        if day is None:
            return
        word = dialect.word["date"][qualifier]
        if word == kind and field not in fields:
            fields[field] = day
        else:
            fields["dates"].append(new_date(kind=word, date=day, time=time))

    return Part(write, read)


# References: a kind without a code of its own is spelt out beside a mutually defined one.


GL_SEGMENT = re.compile(r"gl_segment_[0-9]+")
NAMED = REFERENCE_KINDS | IDENTIFIER_SCHEMES


def is_kind(word: str) -> bool:
    """Whether `word` is one of our kinds of references or schemes of identifiers."""
    return word in NAMED or GL_SEGMENT.fullmatch(word) is not None


def write_reference(reference: Reference, dialect: Dialect) -> Iterator[str]:
    """RFF."""
    codes = dialect.code["reference"]
    code, description = codes.get(reference.kind, ""), reference.description
    if not code and ":" in reference.kind and not is_foreign(reference.kind):
        code = codes[reference.kind]
    elif not code:
        code, description = codes["mutually_defined"], spelt(reference.kind, description)
    yield segment("RFF", composite(code, text(reference.value), "", text(description)))


def read_reference(row: Row, _inside: Sequence[Row], dialect: Dialect) -> Reference | None:
    """The reference in RFF; None without a value."""
    found = row[1].split(COMPONENT)
    if len(found) < 2 or not found[1]:
        return None
    kind, description = dialect.word["reference"][found[0]], ""
    if len(found) > 3:
        description = found[3]
        if kind == "mutually_defined" and description:
            word, rest = unspelt(description, is_kind)
            kind, description = (word, rest) if word else (kind, description)
    return new_reference(kind=kind, value=found[1], description=description)


def heading_references(**fields: str) -> Part:
    """RFF in a heading, with an order's date. `fields` are kinds of references that fill a field of the document."""

    def write(document: Any, dialect: Dialect) -> Iterator[str]:
        for kind, field in fields.items():
            if value := getattr(document, field):
                yield from write_reference(Reference(kind=kind, value=value), dialect)
                if kind == "purchase_order" and (day := getattr(document, "order_date", None)):
                    yield segment("DTM", composite("171", *write_date(day)))
        for reference in document.references:
            yield from write_reference(reference, dialect)

    def read(fields_: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
        reference = read_reference(row, inside, dialect)
        if reference is None:
            return
        field = fields.get(reference.kind)
        if field is None or field in fields_ or reference.description:
            fields_["references"].append(reference)
            return
        fields_[field] = reference.value
        if inside and reference.kind == "purchase_order" and (day := reference_date(inside)):
            fields_["order_date"] = day

    return Part(write, read)


def reference_date(inside: Sequence[Row]) -> dt.date | None:
    """The date of a reference, in a DTM below it, or None."""
    for row in inside:
        qualifier, day, _ = read_dtm(row)
        if qualifier in ("171", "4", "137") and day:
            return day
    return None


# Notes


def write_note(note: Note, dialect: Dialect) -> Iterator[str]:
    """FTX; a text of more than five pieces becomes several."""
    longest = 512 if dialect.later else 70
    parts = list(pieces(text(note.text), longest))
    for start in range(0, len(parts), 5):
        yield segment("FTX", dialect.code["note"][note.kind], "", "", composite(*parts[start : start + 5]))


def read_note(row: Row, _inside: Sequence[Row], dialect: Dialect) -> Note | None:
    """The note in FTX; None if it has no text, but only a code for one."""
    found = [part for part in at(row, 4).split(COMPONENT) if part]
    if not found:
        return None
    whole = joined(found, 512 if dialect.later else 70) if len(found) > 1 else found[0]
    return new_note(kind=dialect.word["note"][row[1]], text=whole)


# Parties

CHANNELS = (("phone", "TE"), ("email", "EM"), ("fax", "FX"))
CHANNEL_FIELDS = {"TE": "phone", "AL": "phone", "EM": "email", "FX": "fax"}


def write_party(party: Party, dialect: Dialect) -> Iterator[str]:
    """The NAD group. An identifier whose scheme has no agency, and every further one, becomes a reference."""
    agencies = dialect.code["identifier"]
    first = next((i for i in party.identifiers if i.scheme in agencies or _own(i.scheme)), None)
    address = party.address or Address()
    yield segment(
        "NAD",
        dialect.code["party"][party.role],
        composite(text(first.value), "", agencies[first.scheme]) if first else "",
        "",
        composite(*_in_pieces(party.name, *party.more_names)),
        composite(*_in_pieces(*address.lines)),
        text(address.city),
        text(address.region),
        text(_without_hyphen(address.postal_code, dialect)),
        text(address.country),
    )
    for identifier in party.identifiers:
        if identifier is not first:
            code = dialect.code["reference"]["mutually_defined"]
            yield segment("RFF", composite(code, text(identifier.value), "", spelt(identifier.scheme, "")))
    for reference in party.references:
        yield from write_reference(reference, dialect)
    for contact in party.contacts:
        yield from write_contact(contact, dialect)


ZIP_PLUS_4 = re.compile(r"([0-9]{5})-?([0-9]{4})")


def _without_hyphen(postal_code: str, dialect: Dialect) -> str:
    """A ZIP+4 in the nine characters of D.96A."""
    match = None if dialect.later else ZIP_PLUS_4.fullmatch(postal_code)
    return "".join(match.groups()) if match else postal_code


def _with_hyphen(postal_code: str, country: str) -> str:
    match = ZIP_PLUS_4.fullmatch(postal_code) if country in ("US", "USA") else None
    return "-".join(match.groups()) if match else postal_code


def _own(scheme: str) -> bool:
    return ":" in scheme and not is_foreign(scheme)


def _in_pieces(*values: str) -> Iterator[str]:
    for value in values:
        yield from pieces(text(value), NAME)


def write_contact(contact: Contact, dialect: Dialect) -> Iterator[str]:
    """CTA and COM."""
    yield segment("CTA", dialect.code["contact"][contact.role], composite("", text(contact.name)))
    for field, channel in CHANNELS:
        if number := getattr(contact, field):
            yield segment("COM", composite(text(number), channel))


def read_party(row: Row, inside: Sequence[Row], dialect: Dialect) -> Party | None:
    """The party in a NAD group; None if it has neither name nor identifier."""
    row = row + [""] * (10 - len(row))
    _, role, number, other_name, name, street, city, region, postal_code, country = row
    names = [part for part in (name or other_name).split(COMPONENT)[:5] if part]
    identifiers = [_read_identifier(number, dialect)] if number else []
    references: list[Reference] = []
    contacts: tuple[Contact, ...] = ()
    for below in inside:
        tag = below[0]
        if tag == "RFF" and (reference := read_reference(below, (), dialect)):
            if reference.kind in IDENTIFIER_SCHEMES and not reference.description:
                identifiers.append(new_identifier(scheme=reference.kind, value=reference.value))
            else:
                references.append(reference)
        elif tag == "CTA" and not contacts:
            contacts = tuple(_read_contacts(inside, dialect))
    if not (names or identifiers):
        return None
    return new_party(
        role=dialect.word["party"][role],
        name=names[0] if names else "",
        more_names=tuple(names[1:]),
        identifiers=tuple(identifiers),
        address=_read_address(street, city, region, postal_code, country),
        contacts=contacts,
        references=tuple(references),
    )


def _read_identifier(element: str, dialect: Dialect) -> Identifier:
    number, *others = element.split(COMPONENT)
    agency = others[1] if len(others) > 1 else ""
    return new_identifier(
        scheme=dialect.word["identifier"][agency] if agency else "mutually_defined", value=number
    )


def _read_address(street: str, city: str, region: str, postal_code: str, country: str) -> Address | None:
    if not (street or city or region or postal_code or country):
        return None
    lines = tuple(line for line in street.split(COMPONENT) if line)
    country = country.upper()
    if country and not COUNTRY.fullmatch(country):
        lines, country = (*lines, country), ""
    return new_address(
        lines=lines,
        city=city,
        region=region.partition(COMPONENT)[0],
        postal_code=_with_hyphen(postal_code, country),
        country=country,
    )


def _read_contacts(inside: Sequence[Row], dialect: Dialect) -> Iterator[Contact]:
    """The contacts in the CTA groups among `inside`; those that say nothing but a role are left out."""
    fields: dict[str, str] = {}
    role = ""
    for row in (*inside, ["CTA"]):
        if row[0] == "CTA":
            if fields:
                yield new_contact(role=role, **fields)
            role = dialect.word["contact"][at(row, 1) or "IC"]
            name = components(row, 2, 2)
            fields = {"name": name[1] or name[0]} if any(name) else {}
        elif row[0] == "COM":
            number, channel = components(row, 1, 2)
            if field := CHANNEL_FIELDS.get(channel):
                fields.setdefault(field, number)


def write_parties(document: Any, dialect: Dialect) -> Iterator[str]:
    """All NAD groups. EDIFACT knows contacts of parties only: the document's own are those of its first party."""
    contacts = getattr(document, "contacts", ())
    for party in document.parties:
        yield from write_party(party, dialect)
        for contact in contacts:
            yield from write_contact(contact, dialect)
        contacts = ()
    # Without a party they stand in no place, which the tables refuse.
    for contact in contacts:
        yield from write_contact(contact, dialect)


def read_parties(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    """The party in a NAD group as one of the document's."""
    key = (*row, *[element for below in inside for element in below])
    party = dialect.seen.get(key)
    if party is None:
        party = read_party(row, inside, dialect)
        dialect.remember(key, party)
    if party:
        fields["parties"].append(party)


# Currency, terms of delivery, transport


def currency_as(use: str) -> Part:
    """CUX, with the qualifier (6343) that this kind of message has."""

    def write(currency: str, _dialect: Dialect) -> Iterator[str]:
        yield segment("CUX", composite("2", currency, use))

    def read(row: Row, _inside: Sequence[Row], _dialect: Dialect) -> str | None:
        kind, currency = components(row, 1, 2)
        return currency if currency and kind in ("2", "1") else None

    return single("currency", write, read)


def write_freight_terms(terms: str, dialect: Dialect) -> Iterator[str]:
    """TOD."""
    yield segment("TOD", "6", dialect.code["freight_terms"][terms])


def read_freight_terms(row: Row, _inside: Sequence[Row], dialect: Dialect) -> str | None:
    """Who pays the transport, in TOD."""
    code = at(row, 2)
    return dialect.word["freight_terms"][code] if code else None


MAIN_CARRIAGE = "20"


def write_carrier(carrier: Carrier, dialect: Dialect) -> Iterator[str]:
    """TDT."""
    agency = dialect.code["identifier"]["scac"]
    yield segment(
        "TDT",
        MAIN_CARRIAGE,
        "",
        dialect.code["transport"][carrier.mode],
        composite("", text(carrier.service)),
        composite(text(carrier.scac), "", agency if carrier.scac else "", text(carrier.name)),
        "",
        "",
        composite("", "", "", text(carrier.equipment)),
    )


def read_carrier(row: Row, _inside: Sequence[Row], dialect: Dialect) -> Carrier | None:
    """The carrier in TDT; None if it says nothing of one."""
    number, _, agency, name = components(row, 5, 4)
    is_scac = not agency or dialect.word["identifier"][agency] == "scac"
    carrier: dict[str, str] = {
        "scac": number if is_scac else "",
        "name": name or ("" if is_scac else number),
        "mode": dialect.word["transport"][components(row, 3, 1)[0]],
        "service": components(row, 4, 2)[1],
        "equipment": components(row, 8, 4)[3],
    }
    return Carrier(**carrier) if any(carrier.values()) else None


PARTS: dict[str, Part] = {
    "DTM": many("dates", write_event, read_event),
    "RFF": many("references", write_reference, read_reference),
    "FTX": many("notes", write_note, read_note),
    "NAD": Part(write_parties, read_parties),
    "TOD": single("freight_terms", write_freight_terms, read_freight_terms),
    "TDT": single("carrier", write_carrier, read_carrier),
}


def parts(*tags: str, **others: Part) -> dict[str, Part]:
    """The parts with these tags from `PARTS`, and others."""
    return {tag: PARTS[tag] for tag in tags} | others
