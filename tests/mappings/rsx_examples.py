"""Four documents of a supplier and its retailer, and how they stand in a file (`golden/rsx`)."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

from mappings.canonical import (
    AcknowledgedLine,
    Address,
    AllowanceOrCharge,
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
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    Tax,
)

GOLDEN = Path(__file__).parent / "golden" / "rsx"
PARTNER = "4X7ALLNORTHLINE"

SHIP_TO = Party(
    role="ship_to",
    name="Northline DC 4",
    identifiers=(Identifier(scheme="buyer_assigned", value="0417"),),
    address=Address(
        lines=("17 Quay Road", "Dock 3"), city="Duluth", region="MN", postal_code="55802", country="USA"
    ),
)

D = Decimal
REMIT_TO = Party(
    role="remit_to",
    name="Quill Parts LLC",
    address=Address(lines=("9 Mill Lane",), city="Dayton", region="OH", postal_code="45402", country="USA"),
    contacts=(Contact(role="billing", name="Rosa Lind", phone="+1 937 555 0134", email="ar@quill.example"),),
)
BRACKETS = Line(
    number="1",
    quantity=D(24),
    unit_price=D("2.5"),
    amount=D("60.00"),
    seller_item="BRKT-8",
    buyer_item="0093371",
    gtin="036000291452",
    description='Shelf bracket 8" & screws',
)
SCREWS = Line(
    number="2",
    quantity=D(500),
    unit_price=D("3.125"),
    price_basis="per_hundred",
    amount=D("15.63"),
    seller_item="SCR-M4",
    description="Screws M4",
    references=(Reference(kind="department", value="07", description="Hardware"),),
)

INVOICE = Invoice(
    number="FB-20418",
    date=dt.date(2026, 3, 9),
    currency="USD",
    total=D("80.43"),
    purchase_order="0077120",
    order_date=dt.date(2026, 2, 20),
    parties=(SHIP_TO, REMIT_TO),
    references=(
        Reference(kind="vendor_number", value="N4410"),
        Reference(kind="contract", value="C-9", description="Spring"),
    ),
    dates=(EventDate(kind="shipped", date=dt.date(2026, 3, 8)),),
    terms=(
        PaymentTerms(
            kind="basic",
            basis="invoice_date",
            net_days=30,
            net_due_date=dt.date(2026, 4, 8),
            description="Net 30",
        ),
    ),
    freight_terms="collect",
    lines=(BRACKETS, SCREWS),
    taxes=(Tax(kind="state_sales", amount=D("4.80"), rate=D("6.5"), name="Ohio sales tax"),),
    charges=(
        AllowanceOrCharge(charge=False, kind="discount", amount=D("1.50"), percent=D(2)),
        AllowanceOrCharge(charge=True, kind="freight", amount=D("1.50")),
    ),
    notes=(Note(kind="general", text="Thank you"),),
)

ORDER = PurchaseOrder(
    number="0077120",
    date=dt.date(2026, 2, 20),
    currency="USD",
    total=D("75.63"),
    kind="stand_alone",
    contract="C-9",
    parties=(SHIP_TO,),
    references=(Reference(kind="department", value="07"), Reference(kind="vendor_number", value="N4410")),
    dates=(EventDate(kind="delivery_requested", date=dt.date(2026, 3, 10), time=dt.time(9, 30)),),
    lines=(BRACKETS, SCREWS),
)

ANSWER = PurchaseOrderAcknowledgement(
    number="0077120",
    order_date=dt.date(2026, 2, 20),
    response="accepted_with_changes",
    date=dt.date(2026, 2, 21),
    seller_order="SO-5",
    currency="USD",
    total=D("75.63"),
    lines=(
        AcknowledgedLine(
            line=BRACKETS,
            statuses=(
                LineStatus(
                    status="accepted",
                    quantity=D(20),
                    date=EventDate(kind="ship_scheduled", date=dt.date(2026, 3, 8)),
                ),
                LineStatus(
                    status="substituted",
                    quantity=D(4),
                    substitute=Identifier(scheme="seller_item", value="BRKT-9"),
                ),
            ),
        ),
    ),
)

SHIPMENT = ShipNotice(
    number="SH-77120",
    date=dt.date(2026, 3, 8),
    time=dt.time(14, 22, 5),
    parties=(SHIP_TO,),
    references=(
        Reference(kind="bill_of_lading", value="BOL-5"),
        Reference(kind="tracking_number", value="1Z9"),
    ),
    dates=(EventDate(kind="shipped", date=dt.date(2026, 3, 8), time=dt.time(16)),),
    packaging="CTN25",
    package_count=2,
    gross_weight=D("12.5"),
    weight_unit="LB",
    orders=(
        ShippedOrder(
            purchase_order="0077120",
            order_date=dt.date(2026, 2, 20),
            tares=(
                Tare(
                    marks=(Identifier(scheme="sscc", value="007777476000000692"),),
                    packs=(
                        Pack(
                            marks=(
                                Identifier(scheme="sscc", value="007777476000000689"),
                                Identifier(scheme="carrier_package", value="1Z9-1"),
                            ),
                            items=(ShippedItem(line=BRACKETS, ordered_quantity=D(24)),),
                        ),
                    ),
                ),
            ),
            packs=(Pack(items=(ShippedItem(line=SCREWS),)),),
        ),
    ),
)

EXAMPLES = {"Invoice": INVOICE, "Order": ORDER, "OrderAck": ANSWER, "Shipment": SHIPMENT}
