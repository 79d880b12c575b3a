"""Clients and vendors, as parties of documents and as documents of their own."""

from typing import Any

from mappings.canonical import Address, Contact, Customer, Identifier, Note, Origin, Party, Vendor
from mappings.freshbooks.places import country_code, country_name, region_code
from mappings.freshbooks.values import BridgeError, Row, identifier, text

DEFAULT_LANGUAGE = "en"


def invoice_party(invoice: Row, role: str) -> Party:
    """Who an invoice is for: the copy of the client's name and address that FreshBooks took then."""
    name = text(invoice, "organization") or text(invoice, "current_organization") or _person(invoice)
    if not name:
        raise BridgeError("The invoice has no client name: give the client a company or a person's name.")
    return Party(
        role=role,
        name=name,
        identifiers=_tax_ids(invoice),
        address=_address(invoice, "street", "street2", "city", "province", "code", "country"),
    )


def to_customer(client: Row) -> Customer:
    """A FreshBooks client. Its number is FreshBooks' own. Raises `BridgeError` or `InvalidDocument`."""
    number = identifier(client, "id", "userid")
    name = text(client, "organization") or _person(client)
    if not name:
        raise BridgeError(f"Client {number} has neither a company nor a person's name.")
    shipping = _address(client, "s_street", "s_street2", "s_city", "s_province", "s_code", "s_country")
    return Customer(
        number=number,
        party=Party(
            role="buyer",
            name=name,
            identifiers=_tax_ids(client),
            address=_address(client, "p_street", "p_street2", "p_city", "p_province", "p_code", "p_country"),
            contacts=_contact(
                _person(client),
                text(client, "bus_phone") or text(client, "mob_phone") or text(client, "home_phone"),
                text(client, "email"),
                text(client, "fax"),
            ),
        ),
        ship_to=Party(role="ship_to", name=name, address=shipping) if shipping else None,
        currency=text(client, "currency_code").upper(),
        language=text(client, "language"),
        active=text(client, "vis_state") in ("", "0"),
        notes=_notes(client, "note"),
        origin=Origin(system="freshbooks", id=number, updated_at=text(client, "updated")),
    )


def to_vendor(vendor: Row) -> Vendor:
    """A FreshBooks bill vendor; its number is the account number, else FreshBooks' id."""
    record_id = identifier(vendor, "vendorid", "id")
    return Vendor(
        number=text(vendor, "account_number") or record_id,
        party=vendor_party(vendor),
        currency=text(vendor, "currency_code").upper(),
        language=text(vendor, "language"),
        website=text(vendor, "website"),
        active=text(vendor, "vis_state") in ("", "0"),
        notes=_notes(vendor, "note"),
        origin=Origin(system="freshbooks", id=record_id, updated_at=text(vendor, "updated_at")),
    )


def vendor_party(vendor: Row) -> Party:
    """A FreshBooks bill vendor as the vendor of a document."""
    name = text(vendor, "vendor_name")
    if not name:
        raise BridgeError(f"Vendor {identifier(vendor, 'vendorid', 'id')} has no name.")
    first, last = text(vendor, "primary_contact_first_name"), text(vendor, "primary_contact_last_name")
    account = text(vendor, "account_number")
    return Party(
        role="vendor",
        name=name,
        identifiers=(Identifier(scheme="buyer_assigned", value=account),) if account else (),
        address=_address(vendor, "street", "street2", "city", "province", "postal_code", "country"),
        contacts=_contact(
            f"{first} {last}".strip(), text(vendor, "phone"), text(vendor, "primary_contact_email"), ""
        ),
    )


def from_vendor(vendor: Vendor) -> dict[str, Any]:
    """What to write to make, or to bring up to date, a bill vendor. Currency and language are obligatory."""
    if not vendor.party.name:
        raise BridgeError(f"Vendor {vendor.number} has no name.")
    if not vendor.currency:
        raise BridgeError(f"Vendor {vendor.party.name} has no currency.")
    contact = vendor.party.contacts[0] if vendor.party.contacts else None
    first, last = _split_name(contact.name if contact else "")
    values = {
        "vendor_name": vendor.party.name,
        "account_number": vendor.number,
        "currency_code": vendor.currency,
        "language": vendor.language or DEFAULT_LANGUAGE,
        "primary_contact_first_name": first,
        "primary_contact_last_name": last,
        "primary_contact_email": contact.email if contact else "",
        "phone": contact.phone if contact else "",
        "website": vendor.website,
        "note": "\n".join(note.text for note in vendor.notes),
    }
    return _without_empty(
        values
        | _address_on_wire(
            vendor.party.address, "street", "street2", "city", "province", "postal_code", "country"
        )
    )


def from_customer(customer: Customer) -> dict[str, Any]:
    """What to write to make, or to bring up to date, a client."""
    party = customer.party
    if not party.name:
        raise BridgeError(f"Customer {customer.number} has no name.")
    contact = party.contacts[0] if party.contacts else None
    first, last = _split_name(contact.name if contact else "")
    ship_to = customer.ship_to.address if customer.ship_to else None
    values = {
        "organization": party.name,
        "fname": first,
        "lname": last,
        "email": contact.email if contact else "",
        "bus_phone": contact.phone if contact else "",
        "fax": contact.fax if contact else "",
        "currency_code": customer.currency,
        "language": customer.language,
        "vat_number": party.identifier("tax_id"),
        "note": "\n".join(note.text for note in customer.notes),
    }
    billing = ("p_street", "p_street2", "p_city", "p_province", "p_code", "p_country")
    shipping = ("s_street", "s_street2", "s_city", "s_province", "s_code", "s_country")
    return _without_empty(
        values | _address_on_wire(party.address, *billing) | _address_on_wire(ship_to, *shipping)
    )


def _person(row: Row) -> str:
    return f"{text(row, 'fname')} {text(row, 'lname')}".strip()


def _tax_ids(row: Row) -> tuple[Identifier, ...]:
    number = text(row, "vat_number")
    return (Identifier(scheme="tax_id", value=number),) if number else ()


def _notes(row: Row, key: str) -> tuple[Note, ...]:
    return (Note(text=text(row, key)),) if text(row, key) else ()


def _contact(name: str, phone: str, email: str, fax: str) -> tuple[Contact, ...]:
    return (Contact(name=name, phone=phone, email=email, fax=fax),) if name or phone or email or fax else ()


def _address(
    row: Row, street: str, street2: str, city: str, region: str, postal_code: str, country: str
) -> Address | None:
    """The address under these keys; a country nobody knows the code of stays as its last line."""
    country_text = text(row, country)
    code = country_code(country_text)
    lines = [*text(row, street).split("\n"), *text(row, street2).split("\n")]
    if country_text and not code:
        lines.append(country_text)
    address = Address(
        lines=tuple(line.strip() for line in lines if line.strip()),
        city=text(row, city),
        region=region_code(text(row, region), code),
        postal_code=text(row, postal_code),
        country=code,
    )
    return None if address == Address() else address


def _address_on_wire(
    address: Address | None, street: str, street2: str, city: str, region: str, postal_code: str, country: str
) -> dict[str, str]:
    if address is None:
        return {}
    first, *others = address.lines or ("",)
    return {
        street: first,
        street2: ", ".join(others),
        city: address.city,
        region: address.region,
        postal_code: address.postal_code,
        country: country_name(address.country),
    }


def _split_name(name: str) -> tuple[str, str]:
    first, _, last = name.strip().rpartition(" ")
    return first, last


def _without_empty(values: dict[str, str]) -> dict[str, Any]:
    """An update must not empty what the other side does not know."""
    return {key: value for key, value in values.items() if value}
