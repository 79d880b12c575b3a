"""FreshBooks invoices become canonical invoices, to the cent."""

import contextlib
import datetime as dt
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mappings.canonical import InvalidDocument, Invoice, from_json, possible_totals, to_json
from mappings.freshbooks import BridgeError, eastern, is_draft_invoice, plain_date, to_invoice
from tests.freshbooks.untimed import untimed

CENT = Decimal("0.01")


def usd(amount: str | Decimal, code: str = "USD") -> dict[str, str]:
    return {"amount": str(amount), "code": code}


def line(**values: Any) -> dict[str, Any]:
    return {
        "lineid": 1,
        "type": 0,
        "name": "Widget",
        "description": "Widget, blue",
        "qty": "2",
        "unit_cost": usd("100.00"),
        "amount": usd("200.00"),
        "taxName1": "GST",
        "taxAmount1": "3",
        "taxNumber1": "RT 77",
        "taxName2": None,
        "taxAmount2": "0",
        "compounded_tax": False,
        **values,
    }


def invoice(**values: Any) -> dict[str, Any]:
    return {
        "id": 90001,
        "invoice_number": "0000042",
        "customerid": 55001,
        "create_date": "2026-02-01",
        "due_offset_days": 30,
        "due_date": "2026-03-03",
        "currency_code": "USD",
        "amount": usd("206.00"),
        "discount_value": "0",
        "discount_total": usd("0.00"),
        "status": 2,
        "v3_status": "sent",
        "po_number": "PO-7781",
        "organization": "Acme Retail",
        "fname": "Wile",
        "lname": "Coyote",
        "street": "9 Canyon Rd",
        "street2": "",
        "city": "Tucson",
        "province": "Arizona",
        "code": "85701",
        "country": "United States",
        "vat_number": "",
        "notes": "Thank you",
        "terms": "Net 30",
        "updated": "2026-02-01 10:16:10",
        "vis_state": 0,
        "lines": [line()],
        **values,
    }


def test_an_invoice_with_everything() -> None:
    made = to_invoice(invoice())
    assert (made.number, made.date, made.total) == ("0000042", dt.date(2026, 2, 1), Decimal("206.00"))
    assert (made.purchase_order, made.due_date) == ("PO-7781", dt.date(2026, 3, 3))
    assert made.terms[0].net_days == 30
    bill_to = made.party_as("bill_to")
    assert bill_to is not None
    assert bill_to.name == "Acme Retail"
    assert bill_to.address is not None
    assert (bill_to.address.region, bill_to.address.country) == ("AZ", "US")
    (only,) = made.lines
    assert (only.seller_item, only.amount) == ("Widget", Decimal("200.00"))
    (tax,) = only.taxes
    assert (tax.kind, tax.rate, tax.amount, tax.registration) == ("gst", Decimal(3), Decimal("6.00"), "RT 77")
    assert made.origin is not None
    assert (made.origin.id, made.origin.status) == ("90001", "sent")


def test_a_client_brings_contact_and_shipping_address() -> None:
    client = {
        "id": 55001,
        "organization": "Acme Retail",
        "email": "ap@acme.test",
        "s_street": "Dock 4",
        "s_city": "Phoenix",
        "s_province": "AZ",
        "s_country": "United States",
    }
    made = to_invoice(invoice(), client)
    assert made.contacts[0].email == "ap@acme.test"
    ship_to = made.party_as("ship_to")
    assert ship_to is not None
    assert ship_to.address is not None
    assert ship_to.address.lines == ("Dock 4",)


def test_a_percent_discount_is_an_allowance_and_lowers_the_tax() -> None:
    made = to_invoice(invoice(discount_value="10", discount_total=usd("20.00"), amount=usd("185.40")))
    (allowance,) = made.charges
    assert (allowance.charge, allowance.amount, allowance.percent) == (False, Decimal("20.00"), Decimal(10))
    assert made.lines[0].taxes[0].amount == Decimal("5.40")


def test_a_compounded_tax_is_due_on_the_first_one_too() -> None:
    taxed = line(taxName2="QST", taxAmount2="10", compounded_tax=True)
    made = to_invoice(invoice(lines=[taxed], amount=usd("226.60")))
    assert [tax.amount for tax in made.lines[0].taxes] == [Decimal("6.00"), Decimal("20.60")]


def test_a_zero_rated_tax_stays_visible_and_an_absent_one_does_not_appear() -> None:
    rated = line(taxName1="VAT", taxAmount1="0", taxName2=None, taxAmount2=None)
    made = to_invoice(invoice(lines=[rated], amount=usd("200.00")))
    assert [(tax.name, tax.rate, tax.amount) for tax in made.lines[0].taxes] == [
        ("VAT", Decimal(0), Decimal("0.00"))
    ]


def test_an_amount_that_rounding_cannot_explain_is_refused_with_both_numbers() -> None:
    with pytest.raises(BridgeError, match=r"Invoice 0000042: .*212\.00 USD.*206\.00 USD"):
        to_invoice(invoice(amount=usd("212.00")))


def test_yen_have_no_cents() -> None:
    yen = line(unit_cost=usd("333", "JPY"), qty="3", amount=usd("999", "JPY"), taxAmount1="10")
    made = to_invoice(
        invoice(currency_code="JPY", amount=usd("1099", "JPY"), lines=[yen], discount_total=None)
    )
    assert made.lines[0].taxes[0].amount == Decimal(100)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"currency_code": None}, "has no currency"),
        ({"create_date": None}, "the invoice date is missing"),
        ({"create_date": "02/01/2026"}, "“02/01/2026”, which is not a date"),
        ({"amount": None}, "the amount is missing"),
        ({"amount": usd("206.001")}, "parts of a USD cent"),
        ({"amount": usd("206.00", "CAD")}, "the amount is in CAD, but the document is in USD"),
        ({"lines": None}, "read without its lines"),
        ({"lines": []}, "has no lines"),
        ({"lines": [line(qty="two")]}, "the quantity of line 1 is “two”"),
        ({"lines": [line(qty=None)]}, "the quantity of line 1 is missing"),
        ({"lines": [line(qty="1e999")]}, "not a number that can be used"),
        ({"lines": [line(qty=True)]}, "not a number that can be used"),
        ({"lines": [line(unit_cost={"amount": "NaN"})]}, "the unit cost of line 1"),
        (
            {"lines": [line(), line(amount=usd("150.00"))]},
            r"the amount of line 2 is 150.00, but 2 times 100.00",
        ),
        ({"lines": [line(taxAmount1="three")]}, "the percentage of tax 1 of line 1"),
        ({"discount_value": "101"}, "the discount is 101 percent"),
        ({"organization": "", "current_organization": "", "fname": "", "lname": ""}, "no client name"),
    ],
)
def test_what_cannot_be_used_is_named_in_business_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BridgeError, match=words) as caught:
        to_invoice(invoice(**change))
    assert str(caught.value).startswith("Invoice 0000042: ")


def test_control_characters_and_nulls_do_not_reach_the_document() -> None:
    made = to_invoice(invoice(invoice_number=" 42\x00\x1b ", notes=None, po_number=None))
    assert made.number == "42"
    assert made.notes == ()


def test_a_country_nobody_knows_stays_in_the_address() -> None:
    party = to_invoice(invoice(country="Ruritania")).party_as("bill_to")
    assert party is not None
    assert party.address is not None
    assert (party.address.country, party.address.lines[-1]) == ("", "Ruritania")


@pytest.mark.parametrize(
    ("fields", "draft"),
    [
        ({"status": 1, "v3_status": "sent"}, True),
        ({"status": "1"}, True),
        ({"status": 2, "v3_status": "draft"}, False),
        ({"v3_status": "draft"}, True),
        ({"v3_status": "created"}, True),
        ({}, False),
    ],
)
def test_drafts_are_known_by_their_numeric_status_first(fields: dict[str, Any], draft: bool) -> None:
    assert is_draft_invoice(fields) is draft


def test_stamps_are_eastern_and_dates_have_no_zone() -> None:
    winter, summer = eastern("2026-02-01 10:15:00"), eastern("2026-07-01 10:15:00")
    assert winter is not None
    assert summer is not None
    assert winter.astimezone(dt.UTC).hour == 15
    assert summer.astimezone(dt.UTC).hour == 14
    assert eastern("soon") is eastern(None) is None
    assert plain_date("2026-02-01") == dt.date(2026, 2, 1)
    assert plain_date("2026-02-30") is plain_date("20260201") is plain_date(20260201) is None


# Whatever FreshBooks' way of rounding is, the cents work out

quantities = st.decimals("0.01", "999", places=2)
prices = st.decimals("-50", "9999", places=2)
rates = st.decimals("0", "25", places=3)


@st.composite
def invoices(draw: st.DrawFn) -> tuple[dict[str, Any], list[Decimal]]:
    """An invoice as FreshBooks might make it, under one of the ways to round, and its exact taxes."""
    rounding = draw(st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]))
    each_line = draw(st.booleans())
    percent = draw(st.one_of(st.just(Decimal(0)), st.decimals("0.5", "60", places=1)))
    lines, exact = [], []
    for _ in range(draw(st.integers(1, 6))):
        qty, price = draw(quantities), draw(prices)
        amount = (qty * price).quantize(CENT, rounding)
        first, second, compounded = draw(rates), draw(rates), draw(st.booleans())
        lines.append(
            line(
                qty=str(qty),
                unit_cost=usd(price),
                amount=usd(amount),
                taxAmount1=str(first),
                taxName2="PST",
                taxAmount2=str(second),
                compounded_tax=compounded,
            )
        )
        base = amount * (100 - percent) / 100
        one = base * first / 100
        exact += [one, (base + one if compounded else base) * second / 100]
    net = sum((Decimal(row["amount"]["amount"]) for row in lines), Decimal(0))
    assume(net >= 0)
    discount = (net * percent / 100).quantize(CENT, rounding)
    if each_line:
        tax = sum((one.quantize(CENT, rounding) for one in exact), Decimal(0))
    else:
        tax = sum(exact, Decimal(0)).quantize(CENT, rounding)
    made = invoice(
        lines=lines,
        discount_value=str(percent),
        discount_total=usd(discount),
        amount=usd(net - discount + tax),
    )
    return made, exact


@untimed
@given(invoices())
def test_totals_agree_with_freshbooks_and_every_tax_is_right_to_the_cent(
    made: tuple[dict[str, Any], list[Decimal]],
) -> None:
    source, exact = made
    document = to_invoice(source)
    assert document.total == Decimal(source["amount"]["amount"])
    assert document.total in possible_totals(document.lines, document.taxes, document.charges, "USD")
    stated = [tax.amount or Decimal(0) for item in document.lines for tax in item.taxes]
    assert len(stated) == len(exact)
    for amount, wanted in zip(stated, exact, strict=True):
        assert abs(amount - wanted) <= 2 * CENT
    assert from_json(to_json(document)) == document


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@untimed
@given(st.dictionaries(st.sampled_from(sorted(invoice())), junk, max_size=4))
@example({"lines": [{"qty": "1", "unit_cost": {"amount": {}}}]})
@example({"due_offset_days": "0" * 5000})
def test_hostile_values_give_an_invoice_or_a_refusal(changes: dict[str, Any]) -> None:
    with contextlib.suppress(BridgeError, InvalidDocument):
        assert isinstance(to_invoice(invoice(**changes)), Invoice)


@untimed
@given(st.dictionaries(st.sampled_from(sorted(line())), junk, max_size=4))
def test_hostile_values_in_a_line_give_an_invoice_or_a_refusal(changes: dict[str, Any]) -> None:
    with contextlib.suppress(BridgeError, InvalidDocument):
        assert isinstance(to_invoice(invoice(lines=[line(**changes)])), Invoice)
