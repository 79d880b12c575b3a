"""What a retailer would complain of in an RSX 7.7 file that was put into `in/`. The API itself takes any bytes."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

NAMESPACE = "http://www.spscommerce.com/RSX"
HEADERS = {"Invoice": "InvoiceHeader", "Order": "OrderHeader", "Shipment": "ShipmentHeader"}
MANDATORY = {
    "Invoice": (
        (
            "Header.InvoiceHeader.TradingPartnerId",
            "Header.InvoiceHeader.InvoiceNumber",
            "Header.InvoiceHeader.InvoiceDate",
            "Header.InvoiceHeader.PurchaseOrderNumber",
            "Header.InvoiceHeader.InvoiceTypeCode",
            "Header.InvoiceHeader.BuyersCurrency",
            "Summary.TotalAmount",
            "Summary.TotalLineItemNumber",
        )
    ),
    "Shipment": (
        (
            "Header.ShipmentHeader.TradingPartnerId",
            "Header.ShipmentHeader.ShipmentIdentification",
            "Header.ShipmentHeader.TsetPurposeCode",
            "Header.ShipmentHeader.ASNStructureCode",
        )
    ),
    "Order": ("Header.OrderHeader.TradingPartnerId", "Header.OrderHeader.PurchaseOrderNumber"),
}
ARRAYS = frozenset(
    [
        "LineItem",
        "Address",
        "PaymentTerms",
        "Dates",
        "Contacts",
        "References",
        "Notes",
        "Taxes",
        "ChargesAllowances",
        "OrderLevel",
        "PackLevel",
        "ItemLevel",
        "QuantityAndWeight",
        "CarrierInformation",
        "ProductOrItemDescription",
        "ProductID",
    ]
)
NUMBERS = re.compile(
    r"(Qty|Amount|Price|Percent|Total|Days|Rate|TotalLineItemNumber|LadingQuantity|TotalOrders)$"
)
TEXTS = re.compile(r"(Id|Number|Code|Identification|UOM|PurchaseOrderNumber)$")
COUNTED = re.compile(r"^(TotalLineItemNumber|TotalOrders|TotalCartonCount)$")
LONGEST_PARTNER_ID = 15
A_CENT = Decimal("0.01")


def complaints(content: bytes) -> list[str]:
    """A sentence for each fault; none for a file that a retailer would take."""
    try:
        if content.lstrip().startswith(b"<"):
            if b"<!" in content:
                return ["It has a document type or a comment."]
            return list(_of_xml(ElementTree.fromstring(content)))  # noqa: S314 - no entities without a DTD
        data = json.loads(content, parse_float=Decimal)
    except Exception as error:
        return [f"It is neither JSON nor XML: {error}"]
    documents = data if isinstance(data, list) else [data]
    return [text for one in documents for text in _of_document(_type_of(one), one, strict=True)]


def _of_xml(root: Element) -> Iterator[str]:
    name = root.tag.removeprefix(f"{{{NAMESPACE}}}").removesuffix("s")
    if root.tag == f"{{{NAMESPACE}}}{name}s":
        for one in root:
            yield from _of_document(name, _tree(one), strict=False)
    else:
        yield f"The root is {root.tag}, not a plural in the namespace of RSX."


def _tree(element: Element) -> Any:
    if element.attrib:
        return {"@": element.attrib}
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name in ARRAYS:
            found.setdefault(name, []).append(_tree(child))
        else:
            found[name] = _tree(child)
    return found


def _type_of(document: Any) -> str:
    header = document.get("Header", {}) if isinstance(document, dict) else {}
    return next((name for name, inside in HEADERS.items() if inside in header), "")


def _of_document(name: str, document: Any, *, strict: bool) -> Iterator[str]:
    if name not in MANDATORY or not isinstance(document, dict):
        yield "There is no header of a document that we know."
        return
    for path in MANDATORY[name]:
        if _at(document, path) in (None, ""):
            yield f"{path} is missing."
    partner = str(_at(document, f"Header.{HEADERS[name]}.TradingPartnerId") or "")
    if len(partner) > LONGEST_PARTNER_ID:
        yield f"TradingPartnerId {partner} is longer than {LONGEST_PARTNER_ID} characters."
    yield from _forms(document, "", strict=strict)
    if name == "Invoice":
        yield from _sums(document)


def _forms(tree: dict[str, Any], path: str, *, strict: bool) -> Iterator[str]:
    for key, value in tree.items():
        place = f"{path}{key}"
        if value is None or key == "@":
            yield f"{place} is null or has attributes."
        elif (key in ARRAYS) != isinstance(value, list):
            yield f"{place} is {'no' if key in ARRAYS else 'an'} array."
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, dict):
                    yield from _forms(one, f"{place}[{index}].", strict=strict)
        elif isinstance(value, dict):
            yield from _forms(value, f"{place}.", strict=strict)
        elif strict:
            yield from _leaf(key, place, value)


def _leaf(key: str, place: str, value: Any) -> Iterator[str]:
    if COUNTED.match(key):
        wanted: tuple[type, ...] = (int,)
    elif TEXTS.search(key):
        wanted = (str,)
    elif NUMBERS.search(key):
        wanted = (int, Decimal)
    else:
        wanted = (str, int, Decimal, bool)
    if not isinstance(value, wanted):
        yield f"{place} is of the wrong type: {value!r}."
    if key.endswith("Date") or key == "Date":
        try:
            date.fromisoformat(str(value))
        except ValueError:
            yield f"{place} is no date: {value!r}."


def _sums(document: dict[str, Any]) -> Iterator[str]:
    lines = document.get("LineItem", [])
    if int(_at(document, "Summary.TotalLineItemNumber") or 0) != len(lines):
        yield "Summary.TotalLineItemNumber does not count the lines."
    goods = sum((Decimal(str(_at(line, "InvoiceLine.ExtendedItemTotal") or 0)) for line in lines), Decimal(0))
    sales = _at(document, "Summary.TotalSalesAmount")
    if sales is not None and abs(Decimal(str(sales)) - goods) > A_CENT:
        yield f"Summary.TotalSalesAmount is {sales}, the lines come to {goods}."


def _at(tree: Any, path: str) -> Any:
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
