"""Lines: item identifiers, quantities, prices, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from mappings.canonical import FieldProblem, Identifier, InvalidDocument, Line
from mappings.canonical.words import PRICE_BASES
from mappings.codecs.rsx.bridge.parts import Part, Singles, read_parts, write_parts
from mappings.codecs.rsx.codes import Codes, unknown
from mappings.codecs.rsx.schema import Group, Tree

GTIN_MEMBERS = {8: "EAN", 12: "ConsumerPackageCode", 13: "EAN", 14: "GTIN"}
OTHER_ITEMS = {
    "UPCCaseCode": "rsx:UPCCaseCode",
    "ApplicationId": "rsx:ApplicationId",
    "NatlDrugCode": "rsx:NatlDrugCode",
    "InternationalStandardBookNumber": "isbn",
}
MEMBER_OF_ITEM = {kind: member for member, kind in OTHER_ITEMS.items()}
DESCRIPTION = "08"
"""The characteristic (ProductCharacteristicCode) that is the item's description."""
BY_THE_UNIT = frozenset({"", "rsx:UM"})
"""Bases of a price that is for one of the unit in which the quantity is."""


def write_items(line: Line, codes: Codes) -> Tree:
    """The members that identify an item. Identifiers without a member of their own are ProductIDs."""
    tree: Tree = {"VendorPartNumber": line.seller_item, "BuyerPartNumber": line.buyer_item, "ProductID": []}
    gtins = [Identifier(scheme="gtin", value=line.gtin)] if line.gtin else []
    for item in (*gtins, *line.other_items):
        member = MEMBER_OF_ITEM.get(item.scheme, "")
        if item.scheme == "gtin":
            member = GTIN_MEMBERS.get(len(item.value), "ConsumerPackageCode")
        if member and member not in tree:
            tree[member] = item.value
        else:
            number = {"PartNumberQual": codes.code("item", item.scheme), "PartNumber": item.value}
            tree["ProductID"].append(number)
    return tree


def read_items(tree: Tree, codes: Codes) -> dict[str, Any]:
    """The fields of a line that identify the item: the shortest trade item number is its `gtin`."""
    items = [
        Identifier(scheme="gtin", value=tree[member])
        for member in ("ConsumerPackageCode", "EAN", "GTIN")
        if member in tree
    ]
    items += [
        Identifier(scheme=scheme, value=tree[member])
        for member, scheme in OTHER_ITEMS.items()
        if member in tree
    ]
    for number in tree.get("ProductID", ()):
        if "PartNumber" in number:
            scheme = codes.word("item", number.get("PartNumberQual", "")) or "other"
            items.append(Identifier(scheme=scheme, value=number["PartNumber"]))
    fields: dict[str, Any] = {}
    if items and items[0].scheme == "gtin":
        fields["gtin"] = items.pop(0).value
    for field, member in (("seller_item", "VendorPartNumber"), ("buyer_item", "BuyerPartNumber")):
        if member in tree:
            fields[field] = tree[member]
    return {**fields, "other_items": tuple(items)} if items else fields


class Lines(NamedTuple):
    """Lines of one kind of document: the group of a line, the group inside it with its values, and the names there."""

    name: str
    part: Part
    singles: Singles

    @classmethod
    def of(cls, group: Group, name: str, quantity: str, apart: Iterable[str] = ()) -> Lines:
        """For lines in `group`, whose quantity is the member `quantity` of the group `name` in it."""
        part = Part(
            f"number=LineSequenceNumber quantity={quantity} unit={quantity}UOM unit_price=PurchasePrice"
            " price_basis=PurchasePriceBasis/price_basis amount=ExtendedItemTotal"
        )
        items = {"VendorPartNumber", "BuyerPartNumber", "ConsumerPackageCode", "EAN", "GTIN", *OTHER_ITEMS}
        inside = group.members[name].group
        assert inside is not None  # noqa: S101  # the tables are ours
        # The ordered and shipped quantities beside the one that counts have units, but say nothing by themselves.
        units = {member for member in inside.members if member.endswith("UOM")}
        mapped = {member for _field, member, _words in part.rows} | items | units | set(apart)
        return cls(name, part, Singles(inside, mapped))

    def write(self, line: Line, codes: Codes) -> Tree:
        """The group of a line."""
        values = {**self.part.write(line, codes), **write_items(line, codes)}
        if line.quantity is None:
            del values[self.part.rows[2][1]]
        references = self.singles.write_references(line.references, values)
        dates = self.singles.write_dates(line.dates, values)
        tree = {self.name: values, **write_parts(line, codes, references=references, dates=dates)}
        if line.description:
            description = {"ProductCharacteristicCode": DESCRIPTION, "ProductDescription": line.description}
            tree["ProductOrItemDescription"] = [description]
        return tree

    def read(self, tree: Tree, codes: Codes) -> Line:
        """The line in its group. Raises `InvalidDocument`, also for a price that nobody knows how to count."""
        values: Tree = tree.get(self.name, {})
        fields = {
            **self.part.read(values, codes),
            **read_items(values, codes),
            **read_parts(Line, tree, codes),
        }
        references = self.singles.read_references(values) + fields.pop("references", ())
        dates = self.singles.read_dates(values) + fields.pop("dates", ())
        if description := read_description(tree):
            fields["description"] = description
        _check_basis(fields)
        return Line(**fields, references=references, dates=dates)


def read_description(tree: Tree) -> str:
    """The texts that describe the item; characteristics such as its colour are not among them."""
    found = [
        each["ProductDescription"]
        for each in tree.get("ProductOrItemDescription", ())
        if each.get("ProductCharacteristicCode", DESCRIPTION) == DESCRIPTION and "ProductDescription" in each
    ]
    return " ".join(found)


def _check_basis(fields: dict[str, Any]) -> None:
    """Leave a price per case, weight and the like to a person, unless the line states its amount."""
    basis, unit = fields.get("price_basis", ""), fields.get("unit", "EA")
    known = basis in PRICE_BASES or basis in BY_THE_UNIT or basis == unknown(unit)
    if not known and "unit_price" in fields and "amount" not in fields:
        message = f"is {basis.removeprefix('rsx:')}, for which it is not known how many {unit} it means"
        raise InvalidDocument("Line", [FieldProblem("price_basis", message)])
