"""Documents as a retailer would have SPS put them into `out/`: orders and shipments, in every notation."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

NAMESPACE = "http://www.spscommerce.com/RSX"
WRAPPINGS = ("plural", "singular", "bare")
Tree = dict[str, Any]


def order(
    number: str,
    *,
    partner: str = "4X7ALLNORTHLINE",
    day: date = date(2026, 2, 20),
    lines: Sequence[tuple[str, int, str]] = (("BRKT-8", 24, "2.50"),),
    purpose: str = "00",
    kind: str = "SA",
    currency: str = "USD",
    total: str | None = None,
    **header: Any,
) -> Tree:
    """A purchase order (850). A line is (buyer's part number, quantity, price); `header` adds to OrderHeader."""
    amount = sum((Decimal(price) * quantity for _, quantity, price in lines), Decimal(0))
    return {
        "Header": {
            "OrderHeader": {
                "TradingPartnerId": partner,
                "PurchaseOrderNumber": number,
                "TsetPurposeCode": purpose,
                "PrimaryPOTypeCode": kind,
                "PurchaseOrderDate": day.isoformat(),
                **({"BuyersCurrency": currency} if currency else {}),
                "Department": "041",
                "Vendor": "N4410",
                **header,
            },
            "PaymentTerms": [{"TermsType": "01", "TermsBasisDateCode": "3", "TermsNetDueDays": 30}],
            "Dates": [{"DateTimeQualifier": "010", "Date": day.isoformat()}],
            "Address": [
                {
                    "AddressTypeCode": "ST",
                    "LocationCodeQualifier": "92",
                    "AddressLocationNumber": "0417",
                    "AddressName": "Northline DC 4",
                    "Address1": "400 Dock Road",
                    "City": "Columbus",
                    "State": "OH",
                    "PostalCode": "43004",
                    "Country": "USA",
                },
                {"AddressTypeCode": "BY", "AddressName": "Northline Retail"},
            ],
        },
        "LineItem": [
            {
                "OrderLine": {
                    "LineSequenceNumber": f"{index:03}",
                    "BuyerPartNumber": item,
                    "OrderQty": quantity,
                    "OrderQtyUOM": "EA",
                    "PurchasePrice": float(price),
                },
                "ProductOrItemDescription": [
                    {"ProductCharacteristicCode": "08", "ProductDescription": f"Item {item}"}
                ],
            }
            for index, (item, quantity, price) in enumerate(lines, start=1)
        ],
        "Summary": {"TotalAmount": float(total or amount), "TotalLineItemNumber": len(lines)},
    }


def shipment(number: str, order_number: str, *, partner: str = "4X7ALLNORTHLINE") -> Tree:
    """A ship notice (856) of one order with one item."""
    return {
        "Header": {
            "ShipmentHeader": {
                "TradingPartnerId": partner,
                "ShipmentIdentification": number,
                "ShipDate": "2026-03-08",
                "TsetPurposeCode": "00",
                "ShipNoticeDate": "2026-03-08",
                "ASNStructureCode": "0001",
                "BillOfLadingNumber": f"BOL-{number}",
            },
            "Address": [{"AddressTypeCode": "SF", "AddressName": "Quill Parts LLC"}],
            "CarrierInformation": [{"CarrierAlphaCode": "UPSN", "CarrierRouting": "UPS Ground"}],
            "QuantityAndWeight": [{"PackingMedium": "CTN", "LadingQuantity": 1}],
        },
        "OrderLevel": [
            {
                "OrderHeader": {"PurchaseOrderNumber": order_number, "PurchaseOrderDate": "2026-02-20"},
                "ItemLevel": [
                    {
                        "ShipmentLine": {
                            "LineSequenceNumber": "001",
                            "BuyerPartNumber": "BRKT-8",
                            "ShipQty": 24,
                            "ShipQtyUOM": "EA",
                        }
                    }
                ],
            }
        ],
        "Summary": {"TotalOrders": 1, "TotalLineItemNumber": 1},
    }


def as_json(documents: Sequence[Tree], *, array: bool | None = None) -> bytes:
    """One document as an object, several (or with `array`) as an array."""
    whole = list(documents) if array or len(documents) != 1 else documents[0]
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


def as_xml(documents: Sequence[Tree], *, wrapping: str = "plural") -> bytes:
    """`plural` root, `singular` root, or `bare`: singular without the namespace. Lines end as on Unix."""
    name = "Order" if "OrderHeader" in documents[0]["Header"] else "Shipment"
    space = "" if wrapping == "bare" else f' xmlns="{NAMESPACE}"'
    if wrapping == "plural":
        inside = "\n".join(_element(name, one) for one in documents)
        body = f"<{name}s{space}>\n{inside}\n</{name}s>"
    else:
        [one] = documents
        body = _element(name, one).replace(f"<{name}>", f"<{name}{space}>", 1)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        inside = "\n".join(_element(key, one) for key, one in value.items())
        return f"<{name}>\n{inside}\n</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
