"""Bills, payments, vendors, clients and journal entries between FreshBooks and the canonical documents."""

import datetime as dt
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    Bill,
    Contact,
    Customer,
    Identifier,
    JournalEntry,
    JournalLine,
    Line,
    Note,
    Party,
    Payment,
    PaymentTerms,
    Reference,
    Tax,
    Vendor,
)
from mappings.freshbooks import (
    BridgeError,
    from_bill,
    from_bill_payment,
    from_customer,
    from_journal_entry,
    from_payment,
    from_vendor,
    to_bill,
    to_bill_payment,
    to_customer,
    to_payment,
    to_vendor,
)
from mappings.freshbooks.places import country_code, country_name, region_code
from tests.freshbooks.untimed import untimed

CENT = Decimal("0.01")


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "code": "USD"}


VENDOR = {
    "vendorid": 1563,
    "vendor_name": "Northwind Paper",
    "account_number": "45454545",
    "primary_contact_first_name": "Jo",
    "primary_contact_last_name": "March",
    "primary_contact_email": "jo@northwind.test",
    "phone": "4155550100",
    "website": "northwind.test",
    "street": "1 Pier",
    "street2": None,
    "city": "Oakland",
    "province": "California",
    "postal_code": "94607",
    "country": "United States",
    "currency_code": "USD",
    "language": "en",
    "note": None,
    "updated_at": "2026-01-06 14:20:20",
    "vis_state": 0,
}
BILL = {
    "id": 7001,
    "vendorid": 1563,
    "bill_number": "INV-88",
    "issue_date": "2026-02-03",
    "due_date": "2026-03-05",
    "currency_code": "USD",
    "status": "unpaid",
    "total_amount": usd("262.50"),
    "bill_payments": [],
    "updated_at": "2026-02-03 15:28:49",
    "vis_state": 0,
    "lines": [
        {
            "id": 13,
            "categoryid": 65773,
            "category": {"id": 65773, "categoryid": 65773, "category": "Office Supplies"},
            "description": "Paper",
            "quantity": "2",
            "unit_cost": usd("125.00"),
            "amount": usd("250.00"),
            "tax_name1": "GST",
            "tax_percent1": "5",
            "tax_amount1": usd("12.50"),
            "tax_name2": None,
            "tax_percent2": None,
            "tax_amount2": None,
        }
    ],
}


def test_a_bill_keeps_vendor_accounts_and_taxes() -> None:
    bill = to_bill(BILL, VENDOR)
    assert (bill.number, bill.total, bill.due_date) == ("INV-88", Decimal("262.50"), dt.date(2026, 3, 5))
    assert bill.vendor.name == "Northwind Paper"
    (only,) = bill.lines
    assert only.references == (Reference(kind="gl_account", value="65773", description="Office Supplies"),)
    assert [(tax.kind, tax.rate, tax.amount) for tax in only.taxes] == [("gst", Decimal(5), Decimal("12.50"))]


def test_a_bill_whose_category_is_a_word_and_whose_vendor_is_inside() -> None:
    inside = {**BILL, "vendor": VENDOR, "lines": [{**BILL["lines"][0], "category": "Paper"}]}  # type: ignore[index]
    bill = to_bill(inside)
    assert bill.vendor.identifier("buyer_assigned") == "45454545"
    assert bill.lines[0].references[0].description == "Paper"


def test_a_bill_without_its_vendor_is_refused() -> None:
    with pytest.raises(BridgeError, match=r"Bill INV-88: Vendor 1563 has no name"):
        to_bill(BILL)


def a_bill(**values: Any) -> Bill:
    base = Bill(
        number="4711",
        date=dt.date(2026, 2, 1),
        currency="USD",
        total=Decimal("20.50"),
        vendor=Party(role="vendor", name="Northwind Paper"),
        lines=(Line(number="1", quantity=Decimal(2), unit_price=Decimal("10.25"), description="Paper"),),
    )
    return replace(base, **values)


def test_a_bill_is_written_with_days_instead_of_a_due_date() -> None:
    bill = a_bill(purchase_order="PO-9", terms=(PaymentTerms(net_due_date=dt.date(2026, 3, 3)),))
    values = from_bill(bill, vendor_id=1563, category_of=lambda _: 65773)
    assert (values["due_offset_days"], values["language"]) == (30, "en")
    assert values["lines"] == [
        {"categoryid": 65773, "description": "PO PO-9: Paper", "quantity": "2", "unit_cost": usd("10.25")}
    ]
    assert {"due_date", "amount", "total_amount"}.isdisjoint(values)


def test_charges_and_document_taxes_become_lines_of_their_own() -> None:
    freight = AllowanceOrCharge(charge=True, kind="freight", amount=Decimal("5.00"))
    rebate = AllowanceOrCharge(charge=False, kind="discount", amount=Decimal("1.00"))
    tax = Tax(kind="sales", amount=Decimal("2.00"))
    bill = a_bill(charges=(freight, rebate), taxes=(tax,), total=Decimal("26.50"))
    values = from_bill(bill, vendor_id=1, category_of=lambda part: {Line: 1, Tax: 2}.get(type(part), 3))
    assert [
        (row["description"], row["categoryid"], row["unit_cost"]["amount"]) for row in values["lines"][1:]
    ] == [
        ("Freight", 3, "5.00"),
        ("Discount", 3, "-1.00"),
        ("Sales", 2, "2.00"),
    ]


def test_a_price_per_hundred_is_written_as_one_amount() -> None:
    line = Line(number="1", quantity=Decimal(50), unit_price=Decimal("41.00"), price_basis="per_hundred")
    values = from_bill(a_bill(lines=(line,)), vendor_id=1, category_of=lambda _: 1)
    assert values["lines"][0] | {"description": ""} == {
        "categoryid": 1,
        "description": "",
        "quantity": "1",
        "unit_cost": usd("20.50"),
    }


def test_a_bill_that_freshbooks_would_total_otherwise_is_refused() -> None:
    tax = Tax(kind="sales", name="Tax", rate=Decimal("7.25"), amount=Decimal("1.50"))
    line = Line(number="1", quantity=Decimal(2), unit_price=Decimal("10.25"), taxes=(tax,))
    with pytest.raises(BridgeError, match=r"22\.00 USD.*21\.99 USD"):
        from_bill(a_bill(lines=(line,), total=Decimal("22.00")), vendor_id=1, category_of=lambda _: 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "credit_note"}, "credit note"),
        ({"terms": (PaymentTerms(net_due_date=dt.date(2026, 1, 1)),)}, "before its own date"),
        ({"lines": (), "total": Decimal(0)}, "no lines"),
    ],
)
def test_what_freshbooks_cannot_hold_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(BridgeError, match=words):
        from_bill(a_bill(**values), vendor_id=1, category_of=lambda _: 1)


@untimed
@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "500", places=2),
            st.decimals("-20", "900", places=2),
            st.decimals("0", "25", places=3),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_bill_that_went_to_freshbooks_comes_back_with_the_same_money(
    rows: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    lines = []
    for quantity, price, rate in rows:
        amount = (quantity * price).quantize(CENT, ROUND_HALF_UP)
        tax = Tax(
            kind="sales", name="Tax", rate=rate, amount=(amount * rate / 100).quantize(CENT, ROUND_HALF_UP)
        )
        lines.append(Line(quantity=quantity, unit_price=price, amount=amount, description="x", taxes=(tax,)))
    total = sum(((line.amount or 0) + (line.taxes[0].amount or 0) for line in lines), Decimal(0))
    bill = a_bill(lines=tuple(lines), total=total)
    written = from_bill(bill, vendor_id=1563, category_of=lambda _: 1)
    read = to_bill(as_freshbooks_would(written), VENDOR)
    assert (read.total, read.date, read.number) == (bill.total, bill.date, bill.number)
    assert [line.amount for line in read.lines] == [line.amount for line in lines]


def as_freshbooks_would(written: dict[str, Any]) -> dict[str, Any]:
    """The stored bill: FreshBooks computes the amounts."""
    lines, total = [], Decimal(0)
    for row in written["lines"]:
        amount = (Decimal(row["quantity"]) * Decimal(row["unit_cost"]["amount"])).quantize(
            CENT, ROUND_HALF_UP
        )
        tax = (amount * Decimal(row.get("tax_percent1", "0")) / 100).quantize(CENT, ROUND_HALF_UP)
        lines.append({**row, "amount": usd(str(amount)), "tax_amount1": usd(str(tax))})
        total += amount + tax
    return {**written, "id": 1, "lines": lines, "total_amount": usd(str(total))}


def test_a_payment_names_the_invoice_and_who_paid() -> None:
    payment = {
        "id": 115900,
        "invoiceid": 90001,
        "amount": usd("206.00"),
        "date": "2026-02-20",
        "type": "VISA",
        "note": "REM-5512",
        "vis_state": 1,
    }
    invoice = {
        "id": 90001,
        "invoice_number": "0000042",
        "organization": "Acme Retail",
        "currency_code": "USD",
    }
    made = to_payment(payment, invoice)
    assert (made.pays.value, made.amount, made.method, made.voided) == (
        "0000042",
        Decimal("206.00"),
        "card",
        True,
    )
    assert made.parties[0].role == "payer"


def test_a_bill_payment_names_the_bill() -> None:
    payment = {
        "id": 9100,
        "billid": 7001,
        "amount": usd("262.50"),
        "paid_date": "2026-03-01",
        "payment_type": "ACH",
    }
    made = to_bill_payment(payment, BILL)
    assert (made.number, made.pays.value, made.method) == ("9100", "INV-88", "ach")


def test_a_payment_is_written_with_our_reference_first_in_its_note() -> None:
    payment = Payment(
        number="REM-5512",
        date=dt.date(2026, 2, 20),
        amount=Decimal("206.00"),
        currency="USD",
        pays=Reference(kind="invoice", value="0000042"),
        method="wire",
        notes=(Note(text="February"),),
    )
    assert from_payment(payment, invoice_id=90001) == {
        "invoiceid": 90001,
        "amount": usd("206.00"),
        "date": "2026-02-20",
        "type": "Bank Transfer",
        "note": "REM-5512 February",
        "send_client_notification": False,
    }
    assert from_bill_payment(payment, bill_id=7001)["payment_type"] == "Bank Transfer"


def test_a_vendor_goes_there_and_back() -> None:
    vendor = to_vendor(VENDOR)
    assert vendor.party.address == Address(
        lines=("1 Pier",), city="Oakland", region="CA", postal_code="94607", country="US"
    )
    written = from_vendor(vendor)
    assert written["country"] == "United States"
    assert to_vendor({**written, "vendorid": 1563}) == vendor


def test_a_customer_goes_there_and_back() -> None:
    customer = Customer(
        number="55001",
        party=Party(
            role="buyer",
            name="Acme Retail",
            identifiers=(Identifier(scheme="tax_id", value="12-345"),),
            address=Address(lines=("9 Canyon Rd", "Suite 2"), city="Tucson", region="AZ", country="US"),
            contacts=(Contact(name="Wile E Coyote", email="ap@acme.test", phone="1"),),
        ),
        ship_to=Party(role="ship_to", name="Acme Retail", address=Address(city="Phoenix")),
        currency="USD",
        language="en",
        notes=(Note(text="Good customer"),),
    )
    assert to_customer({**from_customer(customer), "id": 55001}) == customer


def test_what_is_empty_is_not_written() -> None:
    vendor = Vendor(number="7", party=Party(role="vendor", name="Paper"), currency="USD")
    assert from_vendor(vendor) == {
        "vendor_name": "Paper",
        "account_number": "7",
        "currency_code": "USD",
        "language": "en",
    }


def test_a_vendor_without_currency_is_refused() -> None:
    with pytest.raises(BridgeError, match="Paper has no currency"):
        from_vendor(Vendor(number="7", party=Party(role="vendor", name="Paper")))


def test_a_journal_entry_always_names_its_currency() -> None:
    entry = JournalEntry(
        number="JE-1",
        date=dt.date(2026, 2, 28),
        currency="USD",
        lines=(
            JournalLine(account="6000", debit=Decimal("200.00")),
            JournalLine(account="1000", credit=Decimal("200.00")),
        ),
    )
    assert from_journal_entry(entry, lambda line: {"6000": 635974, "1000": 635976}[line.account]) == {
        "name": "JE-1",
        "description": "JE-1",
        "user_entered_date": "2026-02-28",
        "currency_code": "USD",
        "details": [
            {"sub_accountid": 635974, "debit": "200.00"},
            {"sub_accountid": 635976, "credit": "200.00"},
        ],
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States", "US"),
        ("u.s.a.", "US"),
        ("US", "US"),
        ("Côte d’Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("great  britain", "GB"),
        ("Ruritania", ""),
        ("", ""),
    ],
)
def test_countries_are_known_by_what_people_call_them(name: str, code: str) -> None:
    assert country_code(name) == code


def test_every_country_goes_there_and_back() -> None:
    codes = [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    known = [code for code in codes if country_name(code) != code]
    assert len(known) == 249
    assert [country_code(country_name(code)) for code in known] == known


def test_regions_are_coded_within_their_country_only() -> None:
    assert region_code("québec", "CA") == "QC"
    assert region_code("Washington", "US") == "WA"
    assert region_code("Georgia", "GE") == "Georgia"
