"""An envelope and documents that the EDIFACT tests share; as messages they stand in `golden/edifact`."""

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


WAREHOUSE = Party(
    role="ship_to",
    name="Müller & Söhne, Lager Süd",
    identifiers=(Identifier(scheme="gln", value="4098765000010"),),
)


def order(**changes: Any) -> PurchaseOrder:
    """Two lines, 20 pieces at 3.50 each and 1.5 hours at 80.00 each, less 5.00: 185.00."""
    values: dict[str, Any] = {
        "number": "PO-7781",
        "date": dt.date(2026, 1, 15),
        "currency": "EUR",
        "total": D("185.00"),
        "contract": "RV-2026",
        "parties": (BUYER, SUPPLIER, WAREHOUSE),
        "references": (Reference(kind="project", value="Umbau"), Reference(kind="price_list", value="P-3")),
        "dates": (EventDate(kind="delivery_requested", date=dt.date(2026, 1, 31), time=dt.time(8)),),
        "terms": (PaymentTerms(kind="basic", basis="invoice_date", net_days=30),),
        "freight_terms": "prepaid",
        "carrier": Carrier(name="Spedition Nord", mode="motor", service="EXPRESS"),
        "lines": (
            Line(
                number="1",
                quantity=D(20),
                unit="PC",
                unit_price=D("3.50"),
                price_basis="each",
                gtin="4012345123456",
                buyer_item="M-77",
                description="Cable tie, 200 mm, weather-proof and resistant to light, bag of a hundred",
                notes=(Note(text="Black only."),),
            ),
            Line(
                number="2",
                quantity=D("1.5"),
                unit="HR",
                unit_price=D(80),
                seller_item="LAB",
                dates=(EventDate(kind="deliver_no_later", date=dt.date(2026, 2, 15)),),
            ),
        ),
        "charges": (AllowanceOrCharge(charge=False, kind="promotion", amount=D(5)),),
        "notes": (Note(text="Call the gate first: +49 221 2"),),
    }
    return PurchaseOrder(**(values | changes))


def order_answer(**changes: Any) -> PurchaseOrderAcknowledgement:
    """The first line comes in two parts, one of them substituted; the second is accepted, the third refused."""
    first, second = order().lines
    soon = EventDate(kind="delivery_scheduled", date=dt.date(2026, 1, 31))
    values: dict[str, Any] = {
        "number": "PO-7781",
        "order_date": dt.date(2026, 1, 15),
        "date": dt.date(2026, 1, 16),
        "response": "accepted_with_changes",
        "seller_order": "SO-5",
        "currency": "EUR",
        "parties": (BUYER, SUPPLIER),
        "lines": (
            AcknowledgedLine(
                line=first,
                statuses=(
                    LineStatus(status="accepted", quantity=D(12), unit="PC", date=soon),
                    LineStatus(
                        status="substituted",
                        quantity=D(8),
                        unit="PC",
                        substitute=Identifier(scheme="seller_item", value="CT-201"),
                    ),
                ),
            ),
            AcknowledgedLine(line=second, statuses=(LineStatus(status="accepted", date=soon),)),
            AcknowledgedLine(
                line=Line(number="3", quantity=D(1), buyer_item="OLD"),
                statuses=(LineStatus(status="rejected"),),
            ),
            AcknowledgedLine(
                line=Line(number="4", quantity=D(2), buyer_item="M-78"),
                statuses=(LineStatus(status="back_ordered", quantity=D(2)),),
            ),
        ),
    }
    return PurchaseOrderAcknowledgement(**(values | changes))


def shipped(number: str, item: str, quantity: int, **changes: Any) -> ShippedItem:
    line = Line(number=number, quantity=D(quantity), unit="PC", seller_item=item)
    return ShippedItem(line=line, **changes)


def sscc(value: str) -> Identifier:
    return Identifier(scheme="sscc", value=value)


def ship_notice(**changes: Any) -> ShipNotice:
    """A pallet with two cartons, of which one holds parts of two orders, and something loose."""
    mixed = sscc("340123450000000025")
    pallet = sscc("340123450000000018")
    values: dict[str, Any] = {
        "number": "LS-9",
        "date": dt.date(2026, 1, 30),
        "time": dt.time(14, 30),
        "parties": (BUYER, SUPPLIER, WAREHOUSE),
        "references": (Reference(kind="bill_of_lading", value="BL-3"),),
        "dates": (EventDate(kind="delivery_estimated", date=dt.date(2026, 1, 31)),),
        "carrier": Carrier(scac="DHLC", mode="motor"),
        "packaging": "CT",
        "package_count": 2,
        "gross_weight": D("12.5"),
        "weight_unit": "KG",
        "orders": (
            ShippedOrder(
                purchase_order="PO-7781",
                order_date=dt.date(2026, 1, 15),
                tares=(
                    Tare(
                        marks=(pallet,),
                        packs=(
                            Pack(marks=(mixed,), items=(shipped("1", "CT-200", 12, ordered_quantity=D(20)),)),
                            Pack(
                                marks=(sscc("340123450000000032"),),
                                references=(Reference(kind="delivery_note", value="LS-9/2"),),
                                items=(shipped("1", "CT-201", 8),),
                            ),
                        ),
                    ),
                ),
                items=(shipped("4", "LONG-1", 1),),
            ),
            ShippedOrder(
                purchase_order="PO-7790",
                release="2",
                tares=(
                    Tare(
                        marks=(pallet,),
                        packs=(Pack(marks=(mixed,), items=(shipped("", "X-1", 3),)),),
                    ),
                ),
            ),
        ),
        "notes": (Note(text="Ring twice."),),
    }
    return ShipNotice(**(values | changes))


def remittance(**changes: Any) -> RemittanceAdvice:
    """Two invoices, of which one is cut, less a credit note, plus what was forgotten: 90 + 50 - 15 + 5 = 130."""
    values: dict[str, Any] = {
        "number": "TR-2026-9",
        "date": dt.date(2026, 2, 20),
        "amount": D(130),
        "currency": "EUR",
        "method": "bank_transfer",
        "payer_account": BankAccount(bank_scheme="swift", bank="DEUTDEFF", account="DE89370400440532013000"),
        "payee_account": BankAccount(bank_scheme="swift", bank="COBADEFF", account="DE02120300000000202051"),
        "parties": (
            Party(role="payer", name="Müller & Söhne GmbH"),
            Party(role="payee", identifiers=SUPPLIER.identifiers),
        ),
        "lines": (
            RemittanceLine(
                document=Reference(kind="invoice", value="2026-17"),
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
            RemittanceLine(document=Reference(kind="invoice", value="2026-18"), paid=D(50)),
            RemittanceLine(
                document=Reference(kind="credit_memo", value="CM-2"),
                paid=D(-15),
                action="pay_in_full",
                notes=(Note(text="As agreed."),),
            ),
        ),
        "adjustments": (Adjustment(amount=D(5), reason="pricing"),),
    }
    return RemittanceAdvice(**(values | changes))


def write(*documents: Any, overlay: edifact.Overlay | None = None, **changes: Any) -> bytes:
    """The bytes of an interchange with `documents`."""
    return edifact.write(documents, envelope(**changes), overlay=overlay).data


def interchange(identifier: str, body: str) -> bytes:
    """A message of a partner, in the usual separators; `body` are its segments between UNH and UNT, one on a line."""
    found = [line.strip() for line in body.strip().splitlines()]
    segments = [f"UNH+1+{identifier}", *found, f"UNT+{len(found) + 2}+1"]
    text = ["UNB+UNOC:3+PARTNER+BYRON+260201:1205+5", *segments, "UNZ+1+5", ""]
    return "'\n".join(text).encode("latin-1")


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
