"""The groups that several documents share, from canonical to RSX and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    Carrier,
    Contact,
    EventDate,
    FieldProblem,
    Identifier,
    InvalidDocument,
    Note,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)
from mappings.codecs.rsx.codes import Codes
from mappings.codecs.rsx.schema import Group, Tree

ZERO = Decimal(0)
HUNDRED = Decimal(100)
OTHER = "other"
"""The kind of what has no qualifier."""


class Part:
    """Which field of a canonical part is which member of a group: `name=ContactName role=ContactTypeCode/contact`.

    After the slash stands the vocabulary that a code is from.
    """

    def __init__(self, text: str) -> None:
        rows = re.findall(r"(\w+)=(\w+)(?:/(\w+))?", text)
        self.rows: list[tuple[str, str, str]] = [(field, member, words) for field, member, words in rows]

    def write(self, value: Any, codes: Codes) -> Tree:
        """The members for `value`. Raises `NoCode`."""
        return {
            member: codes.code(vocabulary, getattr(value, field)) if vocabulary else getattr(value, field)
            for field, member, vocabulary in self.rows
        }

    def read(self, tree: Tree, codes: Codes) -> dict[str, Any]:
        """The fields that `tree` fills."""
        return {
            field: codes.word(vocabulary, tree[member]) if vocabulary else tree[member]
            for field, member, vocabulary in self.rows
            if member in tree
        }


CONTACT = Part(
    "role=ContactTypeCode/contact name=ContactName phone=PrimaryPhone fax=PrimaryFax email=PrimaryEmail"
)
DATE = Part("kind=DateTimeQualifier/date date=Date time=Time")
NOTE = Part("kind=NoteCode/note text=Note")
REFERENCE = Part("kind=ReferenceQual/reference value=ReferenceID description=Description")
TERMS = Part(
    "kind=TermsType/terms basis=TermsBasisDateCode/terms_basis discount_percent=TermsDiscountPercentage"
    " discount_due_date=TermsDiscountDate discount_days=TermsDiscountDueDays net_due_date=TermsNetDueDate"
    " net_days=TermsNetDueDays discount_amount=TermsDiscountAmount description=TermsDescription"
)
TAX = Part(
    "kind=TaxTypeCode/tax amount=TaxAmount rate=TaxPercent taxable_amount=PercentDollarBasis"
    " registration=TaxID name=Description"
)
CHARGE = Part(
    "kind=AllowChrgCode/charge amount=AllowChrgAmt percent=AllowChrgPercent"
    " description=AllowChrgHandlingDescription reference=ReferenceIdentification"
)
CARRIER = Part(
    "scac=CarrierAlphaCode name=CarrierRouting mode=CarrierTransMethodCode/transport"
    " equipment=CarrierEquipmentNumber"
)
ADDRESS = Part("city=City region=State postal_code=PostalCode country=Country")

NOT_PART_OF_THE_TOTAL = frozenset({"01", "15"})
"""Ways of handling a charge (AllowChrgHandlingCode) that leave the invoice as it is: bill back, information."""
STREETS = ("Address1", "Address2", "Address3", "Address4")
MORE_NAMES = ("AddressAlternateName", "AddressAlternateName2")
COUNTRY_CODE = re.compile(r"[A-Z]{2,3}")


def no_room(field: str, message: str) -> InvalidDocument:
    """What a canonical document says that RSX has no place for."""
    return InvalidDocument("RSX document", [FieldProblem(field, message)])


def read_contact(tree: Tree, codes: Codes) -> Iterator[Contact]:
    fields = CONTACT.read(tree, codes)
    if fields.keys() - {"role"}:
        yield Contact(**fields)


def read_date(tree: Tree, codes: Codes) -> Iterator[EventDate]:
    """The date, if it is one: a time or a period alone is none."""
    if "Date" in tree:
        yield EventDate(**{"kind": OTHER, **DATE.read(tree, codes)})


def read_note(tree: Tree, codes: Codes) -> Iterator[Note]:
    if "Note" in tree:
        yield Note(**NOTE.read(tree, codes))


def read_reference(tree: Tree, codes: Codes) -> Iterator[Reference]:
    """The reference, and those inside of it. Without a value its description is the value."""
    fields = REFERENCE.read(tree, codes)
    if "value" not in fields and "description" in fields:
        fields["value"] = fields.pop("description")
    if "value" in fields:
        yield Reference(**{"kind": OTHER, **fields})
    for inner in tree.get("ReferenceIDs", ()):
        yield from read_reference(inner, codes)


def read_terms(tree: Tree, codes: Codes) -> Iterator[PaymentTerms]:
    if fields := TERMS.read(tree, codes):
        yield PaymentTerms(**fields)


def write_tax(tax: Tax, codes: Codes) -> Tree:
    tree = TAX.write(tax, codes)
    if tax.exempt:
        tree["TaxExemptCode"] = "1"
    if not tax.added:
        tree["RelationshipCode"] = "I"
    return tree


def read_tax(tree: Tree, codes: Codes) -> Iterator[Tax]:
    """The tax, if it says an amount, a rate or an exemption. Included or informative ones are not added."""
    fields = {"kind": OTHER, **TAX.read(tree, codes)}
    exempt = tree.get("TaxExemptCode", "2") in ("0", "1", "3")
    if exempt or "amount" in fields or "rate" in fields:
        yield Tax(**fields, exempt=exempt, added=tree.get("RelationshipCode", "A") not in ("I", "O"))


def write_charge(item: AllowanceOrCharge, codes: Codes) -> Tree:
    return {"AllowChrgIndicator": "C" if item.charge else "A", **CHARGE.write(item, codes)}


def read_charge(tree: Tree, codes: Codes) -> Iterator[AllowanceOrCharge]:
    """The allowance or charge, if it changes the total. A negative one is the opposite."""
    indicator = tree.get("AllowChrgIndicator")
    if indicator not in ("A", "C") or tree.get("AllowChrgHandlingCode") in NOT_PART_OF_THE_TOTAL:
        return
    fields = CHARGE.read(tree, codes)
    amount = fields.pop("amount", None)
    if amount is None:
        amount = _computed_charge(tree)
    charge = (indicator == "C") == (amount >= 0)
    yield AllowanceOrCharge(charge=charge, amount=abs(amount), **fields)


def _computed_charge(tree: Tree) -> Decimal:
    """The amount of a charge that gives a rate for a quantity, or a percentage of a basis; else zero."""
    if "AllowChrgRate" in tree and "AllowChrgQty" in tree:
        return Decimal(tree["AllowChrgRate"] * tree["AllowChrgQty"])
    return Decimal(tree.get("PercentDollarBasis", ZERO) * tree.get("AllowChrgPercent", ZERO) / HUNDRED)


def write_carrier(carrier: Carrier, codes: Codes) -> Tree:
    services = [{"ServiceLevelCode": carrier.service}] if carrier.service else []
    return {**CARRIER.write(carrier, codes), "ServiceLevelCodes": services}


def read_carrier(tree: Tree, codes: Codes) -> Carrier | None:
    fields = CARRIER.read(tree, codes)
    service = next((each.get("ServiceLevelCode", "") for each in tree.get("ServiceLevelCodes", ())), "")
    return Carrier(**fields, service=service) if fields or service else None


def write_party(party: Party, codes: Codes) -> Tree:
    """An address with room for one identifier of the place, its tax id, three names and four street lines."""
    tree: Tree = {
        "AddressTypeCode": codes.code("party", party.role),
        "AddressName": party.name,
        "References": [REFERENCE.write(reference, codes) for reference in party.references],
        "Contacts": [CONTACT.write(contact, codes) for contact in party.contacts],
    }
    for identifier in party.identifiers:
        if identifier.scheme == "tax_id" and "AddressTaxIdNumber" not in tree:
            tree["AddressTaxIdNumber"] = identifier.value
        elif "AddressLocationNumber" not in tree:
            tree["LocationCodeQualifier"] = codes.code("identifier", identifier.scheme)
            tree["AddressLocationNumber"] = identifier.value
        else:
            raise no_room(f"parties[{party.role}]", "has more than one identifier; RSX has room for one")
    _place(tree, MORE_NAMES, party.more_names, f"parties[{party.role}].more_names")
    if party.address:
        _place(tree, STREETS, party.address.lines, f"parties[{party.role}].address.lines")
        tree |= ADDRESS.write(party.address, codes)
    return tree


def _place(tree: Tree, members: tuple[str, ...], values: tuple[str, ...], field: str) -> None:
    if len(values) > len(members):
        raise no_room(field, f"has {len(values)} lines; RSX has room for {len(members)}")
    tree.update(zip(members, values, strict=False))


def read_party(tree: Tree, codes: Codes) -> Iterator[Party]:
    """The party, if it has a name or an identifier. A country that is not a code is the last line of the address."""
    identifiers = []
    if "AddressLocationNumber" in tree:
        scheme = codes.word("identifier", tree.get("LocationCodeQualifier", ""))
        identifiers.append(Identifier(scheme=scheme or OTHER, value=tree["AddressLocationNumber"]))
    if "AddressTaxIdNumber" in tree:
        identifiers.append(Identifier(scheme="tax_id", value=tree["AddressTaxIdNumber"]))
    if not identifiers and "AddressName" not in tree:
        return
    fields = ADDRESS.read(tree, codes)
    lines = [tree[member] for member in STREETS if member in tree]
    if not COUNTRY_CODE.fullmatch(fields.get("country", "US")):
        lines.append(fields.pop("country"))
    yield Party(
        role=codes.word("party", tree.get("AddressTypeCode", "")) or OTHER,
        name=tree.get("AddressName", ""),
        more_names=tuple(tree[member] for member in MORE_NAMES if member in tree),
        identifiers=tuple(identifiers),
        address=Address(lines=tuple(lines), **fields) if lines or fields else None,
        contacts=_all(read_contact, tree.get("Contacts"), codes),
        references=_all(read_reference, tree.get("References"), codes),
    )


def _all(
    read: Callable[[Tree, Codes], Iterator[Any]], trees: Iterable[Tree] | None, codes: Codes
) -> tuple[Any, ...]:
    return tuple(value for tree in trees or () for value in read(tree, codes))


PARTS: dict[str, tuple[str, Callable[[Any, Codes], Tree], Callable[[Tree, Codes], Iterator[Any]]]] = {
    # field of the document or line: (group, to RSX, from RSX)
    "terms": ("PaymentTerms", TERMS.write, read_terms),
    "dates": ("Dates", DATE.write, read_date),
    "contacts": ("Contacts", CONTACT.write, read_contact),
    "parties": ("Address", write_party, read_party),
    "references": ("References", REFERENCE.write, read_reference),
    "notes": ("Notes", NOTE.write, read_note),
    "taxes": ("Taxes", write_tax, read_tax),
    "charges": ("ChargesAllowances", write_charge, read_charge),
}


def write_parts(value: Any, codes: Codes, **instead: Iterable[Any]) -> Tree:
    """The groups of all parts that `value` has; `instead` gives other parts than its own."""
    return {
        group: [write(part, codes) for part in instead.get(field, getattr(value, field))]
        for field, (group, write, _read) in PARTS.items()
        if hasattr(value, field)
    }


def read_parts(cls: type, tree: Tree, codes: Codes) -> dict[str, tuple[Any, ...]]:
    """The parts of a document or line of `cls` that stand in `tree`. Raises `InvalidDocument`."""
    fields = {}
    for field, (group, _write, read) in PARTS.items():
        if group in tree and hasattr(cls, field):
            with inside(field):
                fields[field] = _all(read, tree[group], codes)
    return fields


@contextmanager
def inside(field: str) -> Iterator[None]:
    """Name the fields of an `InvalidDocument` that is raised here as fields of `field`."""
    try:
        yield
    except InvalidDocument as error:
        problems = [FieldProblem(f"{field}.{problem.field}", problem.message) for problem in error.problems]
        raise InvalidDocument(error.name, problems) from error


# What stands as single members of a header or line: references and dates of a kind.

REFERENCE_OF = {
    "Vendor": "vendor_number",
    "Department": "department",
    "CustomerAccountNumber": "account",
    "CustomerOrderNumber": "customer_order",
    "BillOfLadingNumber": "bill_of_lading",
    "CarrierProNumber": "carrier_reference",
    "JobNumber": "project",
    "InvoiceNumber": "invoice",
}
DATE_OF = {
    "ShipDate": "shipped",
    "ShipDeliveryDate": "delivered",
    "ScheduledShipDate": "ship_scheduled",
    "CurrentScheduledDeliveryDate": "delivery_scheduled",
}
TIME_OF = {"ShipDate": ("ShipTime", "ShipmentTime")}
NOT_REFERENCES = frozenset(
    {
        "TradingPartnerId",
        "DepartmentDescription",
        "BuyersCurrency",
        "SellersCurrency",
        "PrimaryPOTypeDescription",
    }
)


class Singles:
    """The references and dates among the members of a group, apart from `mapped`, which fill fields of their own."""

    def __init__(self, group: Group, mapped: Iterable[str]) -> None:
        free = [
            m for m in group.members.values() if not m.is_group and m.name not in {*mapped, *NOT_REFERENCES}
        ]
        self.references = {
            m.name: REFERENCE_OF.get(m.name, f"rsx:{m.name}") for m in free if m.type == "text"
        }
        self.dates = {m.name: DATE_OF.get(m.name, f"rsx:{m.name}") for m in free if m.type == "date"}
        self.times = {name: self._time_member(name, group) for name in self.dates}
        self.reference_members = {kind: name for name, kind in self.references.items()}
        self.date_members = {kind: name for name, kind in self.dates.items()}

    @staticmethod
    def _time_member(name: str, group: Group) -> str:
        names = TIME_OF.get(name, (name.removesuffix("Date") + "Time",))
        return next((each for each in names if each in group.members), "")

    def write_references(self, references: Iterable[Reference], tree: Tree) -> list[Reference]:
        """Put the first of each kind that has a member into `tree`; give the others."""
        others = []
        for reference in references:
            member = self.reference_members.get(reference.kind, "")
            description = "DepartmentDescription" if member == "Department" else ""
            if not member or member in tree or (reference.description and not description):
                others.append(reference)
            else:
                tree[member] = reference.value
                if description:
                    tree[description] = reference.description
        return others

    def write_dates(self, dates: Iterable[EventDate], tree: Tree) -> list[EventDate]:
        """Put the first of each kind that has a member into `tree`; give the others."""
        others = []
        for event in dates:
            member = self.date_members.get(event.kind, "")
            if not member or member in tree or (event.time and not self.times[member]):
                others.append(event)
            else:
                tree[member] = event.date
                if event.time:
                    tree[self.times[member]] = event.time
        return others

    def read_references(self, tree: Tree) -> tuple[Reference, ...]:
        """The references among the members of `tree`."""
        return tuple(
            Reference(
                kind=kind,
                value=tree[name],
                description=tree.get("DepartmentDescription", "") if name == "Department" else "",
            )
            for name, kind in self.references.items()
            if name in tree
        )

    def read_dates(self, tree: Tree) -> tuple[EventDate, ...]:
        """The dates among the members of `tree`, with their times."""
        return tuple(
            EventDate(kind=kind, date=tree[name], time=tree.get(self.times[name]))
            for name, kind in self.dates.items()
            if name in tree
        )
