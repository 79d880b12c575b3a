"""An envelope and documents that the X12 tests share."""

import datetime as dt
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    AcknowledgedLine,
    Address,
    Adjustment,
    AllowanceOrCharge,
    BankAccount,
    Carrier,
    Contact,
    EventDate,
    Identifier,
    Invoice,
    Line,
    LineStatus,
    Note,
    Pack,
    Party,
    PaymentTerms,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
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


BUYER = Party(role="buyer", name="ACME RETAIL", identifiers=(Identifier(scheme="duns", value="123456789"),))
STORE = Party(
    role="ship_to", name="ACME STORE 12", identifiers=(Identifier(scheme="buyer_assigned", value="0012"),)
)


def order(**changes: Any) -> PurchaseOrder:
    values: dict[str, Any] = {
        "number": "PO-7781",
        "date": dt.date(2026, 1, 15),
        "currency": "USD",
        "total": D("50.50"),
        "contract": "C-9",
        "parties": (BUYER, STORE),
        "contacts": (Contact(role="buyer", name="JO MARCH", phone="5205550100", email="jo@example.org"),),
        "references": (Reference(kind="department", value="0417"),),
        "dates": (EventDate(kind="delivery_requested", date=dt.date(2026, 2, 1)),),
        "terms": (PaymentTerms(net_days=30, basis="invoice_date"),),
        "freight_terms": "prepaid",
        "carrier": Carrier(scac="UPSN", mode="motor", name="GROUND"),
        "lines": (
            Line(
                number="1",
                quantity=D(2),
                unit_price=D("10.25"),
                seller_item="WID-1",
                description="Widget, blue",
            ),
            Line(
                number="2", quantity=D(3), unit_price=D(10), buyer_item="88", notes=(Note(text="no nails"),)
            ),
        ),
        "notes": (Note(text="call before delivery"),),
    }
    return PurchaseOrder(**(values | changes))


def order_answer(**changes: Any) -> PurchaseOrderAcknowledgement:
    values: dict[str, Any] = {
        "number": "PO-7781",
        "order_date": dt.date(2026, 1, 15),
        "date": dt.date(2026, 1, 16),
        "response": "accepted_with_changes",
        "seller_order": "SO-5",
        "parties": (STORE,),
        "lines": (
            AcknowledgedLine(
                line=order().lines[0],
                statuses=(
                    LineStatus(
                        status="accepted",
                        quantity=D(1),
                        date=EventDate(kind="ship_scheduled", date=dt.date(2026, 1, 30)),
                    ),
                    LineStatus(
                        status="substituted",
                        quantity=D(1),
                        substitute=Identifier(scheme="seller_item", value="WID-2"),
                    ),
                ),
            ),
        ),
    }
    return PurchaseOrderAcknowledgement(**(values | changes))


def ship_notice(**changes: Any) -> ShipNotice:
    """One order on a pallet with one carton, and a loose item."""
    item = ShippedItem(
        line=Line(number="1", quantity=D(2), seller_item="WID-1", gtin="036000291452", description="Widget"),
        ordered_quantity=D(3),
    )
    loose = ShippedItem(line=Line(quantity=D(1), buyer_item="88"))
    carton = Pack(marks=(Identifier(scheme="sscc", value="00100000000000000017"),), items=(item,))
    pallet = Tare(
        marks=(Identifier(scheme="sscc", value="00100000000000000024"),),
        references=(Reference(kind="carrier_reference", value="77"),),
        packs=(carton,),
    )
    values: dict[str, Any] = {
        "number": "SHIP-1",
        "date": dt.date(2026, 1, 30),
        "time": dt.time(14, 30),
        "parties": (STORE, Party(role="ship_from", name="BYRON SUPPLY")),
        "references": (Reference(kind="bill_of_lading", value="BOL-3"),),
        "dates": (EventDate(kind="shipped", date=dt.date(2026, 1, 30)),),
        "carrier": Carrier(scac="UPSN"),
        "packaging": "CTN25",
        "package_count": 1,
        "gross_weight": D("12.5"),
        "weight_unit": "LB",
        "orders": (
            ShippedOrder(
                purchase_order="PO-7781",
                order_date=dt.date(2026, 1, 15),
                references=(Reference(kind="department", value="0417"),),
                tares=(pallet,),
                items=(loose,),
            ),
        ),
    }
    return ShipNotice(**(values | changes))


def remittance(**changes: Any) -> RemittanceAdvice:
    """Two invoices and a free adjustment: 90 + 50 - 5 = 135."""
    values: dict[str, Any] = {
        "number": "EFT-9",
        "date": dt.date(2026, 2, 20),
        "amount": D(135),
        "currency": "USD",
        "method": "ach",
        "handling": "payment_and_remittance",
        "originator": "1234567890",
        "payer_account": BankAccount(
            bank_scheme="aba", bank="021000021", account_kind="demand", account="4411"
        ),
        "payee_account": BankAccount(
            bank_scheme="aba", bank="021000089", account_kind="demand", account="9922"
        ),
        "parties": (Party(role="payer", name="ACME RETAIL"), Party(role="payee", name="BYRON SUPPLY")),
        "lines": (
            RemittanceLine(
                document=Reference(kind="invoice", value="INV-1"),
                paid=D(90),
                gross=D(100),
                discount=D(2),
                adjustments=(
                    Adjustment(
                        amount=D(-8),
                        reason="damage",
                        reference=Reference(kind="credit_memo", value="CM-1"),
                        note="wet",
                    ),
                ),
                references=(Reference(kind="purchase_order", value="PO-7781"),),
                dates=(EventDate(kind="invoice", date=dt.date(2026, 2, 1)),),
            ),
            RemittanceLine(document=Reference(kind="invoice", value="INV-2"), paid=D(50)),
        ),
        "adjustments": (Adjustment(amount=D(-5), reason="pricing"),),
    }
    return RemittanceAdvice(**(values | changes))
