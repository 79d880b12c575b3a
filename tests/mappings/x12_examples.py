"""An envelope and documents that the X12 tests share."""

import datetime as dt
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    EventDate,
    Identifier,
    Invoice,
    Line,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)
from mappings.codecs import x12

D = Decimal


def envelope(**changes: Any) -> x12.Envelope:
    values: dict[str, Any] = {
        "sender": x12.Identity(id="BYRON"),
        "receiver": x12.Identity(qualifier="08", id="9255550100"),
        "date": dt.date(2026, 2, 1),
        "time": dt.time(12, 5),
        "control_number": 17,
        "group_control_number": 101,
    }
    return x12.Envelope(**(values | changes))


def invoice(**changes: Any) -> Invoice:
    """Two lines of 20.50 and 30.00, freight 15.00, allowance 5.00, tax 3.03: 63.53."""
    values: dict[str, Any] = {
        "number": "INV-1",
        "date": dt.date(2026, 2, 1),
        "currency": "USD",
        "total": D("63.53"),
        "purchase_order": "PO-7781",
        "order_date": dt.date(2026, 1, 15),
        "references": (
            Reference(kind="internal_vendor_number", value="77120"),
            Reference(kind="department", value="0417"),
        ),
        "parties": (
            Party(
                role="ship_to",
                name="ACME STORE 12",
                identifiers=(Identifier(scheme="buyer_assigned", value="0012"),),
                address=Address(
                    lines=("9 CANYON RD",), city="TUCSON", region="AZ", postal_code="85701-1234", country="US"
                ),
            ),
            Party(role="remit_to", name="BYRON SUPPLY"),
        ),
        "terms": (
            PaymentTerms(
                kind="basic", basis="invoice_date", discount_percent=D(2), discount_days=10, net_days=30
            ),
        ),
        "dates": (EventDate(kind="shipped", date=dt.date(2026, 1, 31)),),
        "lines": (
            Line(
                number="1",
                quantity=D(2),
                unit_price=D("10.25"),
                seller_item="WID-1",
                gtin="036000291452",
                description="Widget, blue",
                references=(Reference(kind="gl_account", value="4000"),),
            ),
            Line(
                number="2",
                quantity=D("1.5"),
                unit="HR",
                unit_price=D(20),
                seller_item="LAB",
                description="Labor",
            ),
        ),
        "taxes": (Tax(kind="state_sales", amount=D("3.03"), rate=D(6)),),
        "charges": (
            AllowanceOrCharge(charge=True, kind="freight", amount=D(15), description="Freight"),
            AllowanceOrCharge(charge=False, kind="discount", amount=D(5)),
        ),
    }
    return Invoice(**(values | changes))


def write(*documents: Any, overlay: x12.Overlay | None = None, **changes: Any) -> bytes:
    """The bytes of an interchange with `documents`."""
    return x12.write(documents, envelope(**changes), overlay=overlay).data


def messages(data: bytes, **options: Any) -> list[x12.Message]:
    """The messages read from `data`."""
    return [item for item in x12.read(data, **options) if isinstance(item, x12.Message)]


def documents(data: bytes, **options: Any) -> list[Any]:
    """The documents read from `data`; fails if there is a problem anywhere."""
    items = list(x12.read(data, **options))
    assert not [problem for item in items for problem in item.report]
    return [item.document for item in items if isinstance(item, x12.Message)]


def answers(data: bytes, form: Any = "997") -> list[Any]:
    """The acknowledgements for what is in `data`."""
    acknowledger = x12.Acknowledger(form)
    return [answer for item in x12.read(data) for answer in acknowledger.add(item)]


def segments(data: bytes) -> list[str]:
    """The segments of an interchange in the usual delimiters, for comparing."""
    return data.decode().split("~")[:-1]
