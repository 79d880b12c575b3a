"""An envelope and documents that the EDIFACT tests share."""

import datetime as dt
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    Contact,
    EventDate,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)
from mappings.codecs import edifact

D = Decimal


def envelope(**changes: Any) -> edifact.Envelope:
    values: dict[str, Any] = {
        "sender": edifact.Identity(id="4012345000009", qualifier="14"),
        "receiver": edifact.Identity(id="BYRON", qualifier="ZZZ"),
        "date": dt.date(2026, 2, 1),
        "time": dt.time(12, 5),
        "control_number": "17",
    }
    return edifact.Envelope(**(values | changes))


BUYER = Party(
    role="buyer",
    name="Müller & Söhne GmbH",
    more_names=("Einkauf",),
    identifiers=(Identifier(scheme="gln", value="4098765000003"),),
    address=Address(lines=("Hafenstraße 7",), city="Köln", region="NW", postal_code="50667", country="DE"),
    contacts=(Contact(role="orders", name="Jo Klein", phone="+49 221 1", email="jo@example.org"),),
    references=(Reference(kind="vat_registration", value="DE123456789"),),
)
SUPPLIER = Party(role="supplier", identifiers=(Identifier(scheme="gln", value="4012345000009"),))


def invoice(**changes: Any) -> Invoice:
    """Lines of 20.50 and 28.50 (30.00 less 1.50), freight 15.00, allowance 5.00, 20 % of 59.00 is 11.80: 70.80."""
    values: dict[str, Any] = {
        "number": "2026-17",
        "date": dt.date(2026, 2, 1),
        "currency": "EUR",
        "total": D("70.80"),
        "purchase_order": "PO-7781",
        "order_date": dt.date(2026, 1, 15),
        "references": (Reference(kind="delivery_note", value="LS-9"),),
        "parties": (BUYER, SUPPLIER),
        "terms": (
            PaymentTerms(
                kind="basic",
                basis="invoice_date",
                discount_percent=D(2),
                discount_days=10,
                net_days=30,
                net_due_date=dt.date(2026, 3, 3),
            ),
        ),
        "dates": (EventDate(kind="delivered", date=dt.date(2026, 1, 31)),),
        "lines": (
            Line(
                number="1",
                quantity=D(2),
                unit_price=D("10.25"),
                amount=D("20.50"),
                seller_item="W+1",
                gtin="4012345123456",
                description="What's blue? A widget: 10% more",
                taxes=(Tax(kind="vat", rate=D(20)),),
            ),
            Line(
                number="2",
                quantity=D("1.5"),
                unit="HR",
                unit_price=D(20),
                amount=D("30.00"),
                seller_item="LAB",
                description="Labour",
                taxes=(Tax(kind="vat", rate=D(20)),),
                charges=(AllowanceOrCharge(charge=False, kind="discount", amount=D("1.50"), percent=D(5)),),
            ),
        ),
        "taxes": (Tax(kind="vat", amount=D("11.80"), rate=D(20), taxable_amount=D("59.00")),),
        "charges": (
            AllowanceOrCharge(charge=True, kind="freight", amount=D(15), description="Freight"),
            AllowanceOrCharge(charge=False, kind="trade_discount", amount=D(5)),
        ),
        "notes": (Note(text="Thank you."),),
    }
    return Invoice(**(values | changes))


def write(*documents: Any, overlay: edifact.Overlay | None = None, **changes: Any) -> bytes:
    """The bytes of an interchange with `documents`."""
    return edifact.write(documents, envelope(**changes), overlay=overlay).data


def items(data: bytes, kind: Any = edifact.Message, **options: Any) -> list[Any]:
    """The messages, groups or interchanges read from `data`."""
    return [item for item in edifact.read(data, **options) if isinstance(item, kind)]


def documents(data: bytes, **options: Any) -> list[Any]:
    """The documents read from `data`; fails if there is a problem anywhere."""
    found = list(edifact.read(data, **options))
    assert [str(problem) for item in found for problem in item.report] == []
    return [item.document for item in found if isinstance(item, edifact.Message)]


def answers(data: bytes, **options: Any) -> list[Any]:
    """The acknowledgements for what is in `data`."""
    acknowledger = edifact.Acknowledger()
    return [answer for item in edifact.read(data, **options) for answer in acknowledger.add(item)]


def segments(data: bytes, encoding: str = "latin-1") -> list[str]:
    """The segments of an interchange in the usual separators, for comparing."""
    return data.decode(encoding).split("'")[:-1]
