"""Documents of a small company, for layouts of files."""

import datetime as dt
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    Address,
    Adjustment,
    AllowanceOrCharge,
    Bill,
    Contact,
    Customer,
    EventDate,
    Identifier,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    Note,
    Origin,
    Party,
    Payment,
    PaymentTerms,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    Tax,
    Vendor,
)
from mappings.codecs import layouts

D = Decimal
DAY = dt.date(2026, 3, 9)
DUE = dt.date(2026, 4, 8)

ADDRESS = Address(
    lines=("9 Mill Lane", "Suite 4"), city="Dayton", region="OH", postal_code="45402", country="US"
)

INVOICE = Invoice(
    number="FB-20418",
    date=DAY,
    currency="USD",
    total=D("80.43"),
    purchase_order="0077120",
    references=(Reference(kind="vendor_number", value="N4410"),),
    parties=(
        Party(
            role="bill_to",
            name="Marlow, Inc.",
            identifiers=(Identifier(scheme="tax_id", value="12-34"),),
            address=ADDRESS,
        ),
    ),
    terms=(PaymentTerms(net_due_date=DUE, description="Net 30"),),
    charges=(
        AllowanceOrCharge(charge=False, amount=D("1.50")),
        AllowanceOrCharge(charge=True, amount=D("1.50")),
    ),
    lines=(
        Line(
            number="1",
            quantity=D(24),
            unit_price=D("2.5"),
            amount=D("60.00"),
            seller_item="BRKT-8",
            description='Bracket 8" & screws',
            taxes=(Tax(kind="all", amount=D("4.80")),),
            references=(Reference(kind="gl_segment", value="07"),),
        ),
        Line(
            number="2",
            quantity=D(500),
            unit="CA",
            unit_price=D("3.125"),
            price_basis="per_hundred",
            amount=D("15.63"),
            description="Screws",
        ),
    ),
    notes=(Note(text="Thank you"),),
)

BILL: Any = Bill(
    number="MP-9931",
    date=DAY,
    currency="USD",
    total=D("108.50"),
    vendor=Party(
        role="vendor",
        name="Marlow Paper, Inc.",
        identifiers=(Identifier(scheme="buyer_assigned", value="4471"),),
    ),
    terms=(PaymentTerms(net_due_date=DUE),),
    lines=(
        Line(
            number="1",
            description="Copy paper A4",
            quantity=D(20),
            unit_price=D(5),
            amount=D("100.00"),
            taxes=(Tax(kind="all", amount=D("8.50")),),
            references=(Reference(kind="gl_account", value="6010"),),
        ),
    ),
    origin=Origin(system="freshbooks", id="58213", status="unpaid", updated_at="2026-03-09T14:15:02Z"),
)

PAYMENT = Payment(
    number="771",
    date=DAY,
    amount=D("80.43"),
    currency="USD",
    pays=Reference(kind="invoice", value="FB-20418"),
    method="check",
    references=(Reference(kind="check", value="000123"),),
    parties=(Party(role="payer", name="Marlow, Inc."),),
    notes=(Note(text="in full"),),
)

REMITTANCE = RemittanceAdvice(
    number="TR-1",
    date=DAY,
    amount=D("150.00"),
    currency="USD",
    method="ach",
    parties=(Party(role="payer", name="Northline"), Party(role="payee", name="Quill Parts LLC")),
    lines=(
        RemittanceLine(
            document=Reference(kind="invoice", value="FB-1"),
            gross=D("110.00"),
            discount=D("2.00"),
            paid=D("100.00"),
            adjustments=(Adjustment(amount=D("-8.00"), reason="damage"),),
            dates=(EventDate(kind="invoice", date=DAY),),
        ),
        RemittanceLine(document=Reference(kind="invoice", value="FB-2"), paid=D("50.00")),
    ),
)

JOURNAL = JournalEntry(
    number="JE-7",
    date=DAY,
    currency="USD",
    description="March payroll",
    lines=(
        JournalLine(account="6000", debit=D("500.00"), description="Wages"),
        JournalLine(
            account="2100", credit=D("500.00"), references=(Reference(kind="gl_segment", value="OH"),)
        ),
    ),
)

PARTY = Party(
    role="vendor",
    name="Marlow Paper, Inc.",
    identifiers=(Identifier(scheme="tax_id", value="12-34"),),
    address=ADDRESS,
    contacts=(Contact(name="Rosa Lind", email="rosa@marlow.example", phone="937 555 0134"),),
)
VENDOR = Vendor(
    number="4471",
    party=PARTY,
    currency="USD",
    active=False,
    terms=PaymentTerms(description="Net 30"),
    notes=(Note(text="call first"),),
)
CUSTOMER = Customer(
    number="C-9",
    party=Party(role="buyer", name="Northline", address=ADDRESS),
    ship_to=Party(
        role="ship_to", name="Northline DC 4", address=Address(lines=("17 Quay Road",), city="Duluth")
    ),
    currency="CAD",
)

EXAMPLES: dict[str, Any] = {
    "invoice": INVOICE,
    "bill": BILL,
    "payment": PAYMENT,
    "remittance_advice": REMITTANCE,
    "journal_entry": JOURNAL,
    "vendor": VENDOR,
    "customer": CUSTOMER,
}


def plain_data(**changes: Any) -> dict[str, Any]:
    """A small layout of payments in CSV, as data."""
    columns = [
        {"name": "Payment", "field": "number", "required": True},
        {"name": "Date", "field": "date", "required": True},
        {"name": "Amount", "field": "amount", "required": True},
        {"name": "Currency", "field": "currency"},
        {"name": "Invoice", "field": "pays", "required": True},
        {"name": "Notes", "field": "notes"},
    ]
    data = {
        "name": "Payments",
        "document": "payment",
        "format": "csv",
        "columns": columns,
        "assume": {"currency": "USD"},
    }
    return {key: value for key, value in (data | changes).items() if value is not None}


def column(data: dict[str, Any], name: str, /, **changes: Any) -> dict[str, Any]:
    """`data` with a column changed; None takes a setting away."""
    columns = [
        {key: value for key, value in (each | changes).items() if value is not None}
        if each["name"] == name
        else each
        for each in data["columns"]
    ]
    return data | {"columns": columns}


def read(data: Any, layout: Any, **changes: Any) -> tuple[list[Any], layouts.File]:
    """The items and the file at the end; `layout` may be data."""
    loaded = layouts.load(layout | changes) if isinstance(layout, dict) else layout
    *items, file = layouts.read(data, loaded)
    assert isinstance(file, layouts.File)
    assert all(
        (item.document is None) == bool(item.report) for item in items if isinstance(item, layouts.Item)
    )
    return list(items), file


def written(layout: Any, *documents: Any, **context: Any) -> str:
    """What is written, as text."""
    loaded = layouts.load(layout) if isinstance(layout, dict) else layout
    return layouts.write(documents, loaded, context).data.decode(loaded.encoding)
