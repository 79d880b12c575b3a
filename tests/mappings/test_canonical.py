"""Canonical documents check themselves, keep their content through JSON, and have a stable fingerprint."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.canonical import (
    Acknowledgement,
    Address,
    Adjustment,
    AllowanceOrCharge,
    Bill,
    Contact,
    Identifier,
    InvalidDocument,
    Invoice,
    JournalEntry,
    JournalLine,
    Line,
    Origin,
    Pack,
    Party,
    PaymentTerms,
    PurchaseOrder,
    Reason,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    Tax,
    Vendor,
    fingerprint,
    from_json,
    to_json,
    trusted,
)

D = Decimal
DAY = dt.date(2026, 2, 1)


def invoice(**changes):
    values: dict[str, Any] = {
        "number": "INV-1",
        "date": DAY,
        "currency": "USD",
        "total": D("22.07"),
        "lines": (Line(number="1", quantity=D(2), unit_price=D("10.25")),),
        "taxes": (Tax(kind="gst", amount=D("1.57"), rate=D(5)),),
    }
    return Invoice(**(values | changes))


def problems_of(error):
    return {problem.field for problem in error.value.problems}


class TestConstruction:
    def test_a_good_invoice(self):
        assert invoice().total == D("22.07")

    def test_documents_are_frozen(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            invoice().number = "other"

    def test_all_problems_are_reported_at_once(self):
        with pytest.raises(InvalidDocument) as error:
            invoice(
                number=" ", date=dt.datetime(2026, 2, 1, tzinfo=dt.UTC), currency="usd", total=22.07, lines=[]
            )
        assert problems_of(error) == {"number", "date", "currency", "total", "lines"}
        assert "number: is missing" in str(error.value)

    def test_an_element_of_a_tuple_is_named_with_its_index(self):
        with pytest.raises(InvalidDocument) as error:
            invoice(references=(Reference(kind="department", value="1"), "no reference"))
        assert problems_of(error) == {"references[1]"}

    @pytest.mark.parametrize("kind", ["Purchase Order", "", "x12:", "über"])
    def test_a_kind_is_a_word(self, kind):
        with pytest.raises(InvalidDocument) as error:
            Reference(kind=kind, value="1")
        assert problems_of(error) == {"kind"}

    def test_a_partners_code_without_a_word_is_kept_with_its_standard(self):
        assert Reference(kind="x12:QX", value="1").kind == "x12:QX"

    @pytest.mark.parametrize("amount", [D("NaN"), D("Infinity"), D("1e18"), D("1e-18")])
    def test_amounts_are_numbers_of_reasonable_size(self, amount):
        with pytest.raises(InvalidDocument) as error:
            Tax(kind="gst", amount=amount)
        assert problems_of(error) == {"amount"}

    @pytest.mark.parametrize(
        ("build", "field"),
        [
            (lambda: Party(role="buyer"), "name"),
            (lambda: Contact(), "name"),
            (lambda: Tax(kind="gst"), "amount"),
            (lambda: AllowanceOrCharge(charge=True, amount=D(-1)), "amount"),
            (lambda: PaymentTerms(net_days=-1), "net_days"),
            (lambda: PurchaseOrder(number="1", date=DAY, lines=()), "lines"),
            (lambda: PurchaseOrder(number="1", date=DAY, lines=(Line(),)), "lines[0].quantity"),
            (lambda: ShipNotice(number="1", date=DAY, orders=()), "orders"),
            (lambda: ShippedItem(line=Line(quantity=D(1))), "line.seller_item"),
            (lambda: JournalLine(account="1"), "debit"),
            (lambda: JournalLine(account="1", debit=D(1), credit=D(1)), "debit"),
            (
                lambda: Acknowledgement(form="997", level="set", status="accepted", control_number="1"),
                "level",
            ),
            (lambda: Reason(code="1", element=2), "position"),
        ],
    )
    def test_rules_of_the_parts(self, build, field):
        with pytest.raises(InvalidDocument) as error:
            build()
        assert field in problems_of(error)


class TestTotals:
    def test_a_wrong_total_says_what_it_should_be(self):
        with pytest.raises(InvalidDocument, match=r"total: is 22.08, but .* add up to 22.07"):
            invoice(total=D("22.08"))

    def test_charges_add_and_allowances_subtract(self):
        charges = (
            AllowanceOrCharge(charge=True, kind="freight", amount=D(5)),
            AllowanceOrCharge(charge=False, kind="discount", amount=D(2)),
        )
        assert invoice(charges=charges, total=D("25.07"))

    def test_taxes_and_charges_of_lines_count(self):
        line = Line(
            quantity=D(1),
            unit_price=D(10),
            taxes=(Tax(kind="gst", amount=D("0.50")),),
            charges=(AllowanceOrCharge(charge=False, amount=D(1)),),
        )
        assert invoice(lines=(line,), taxes=(), total=D("9.50"))

    def test_a_tax_that_is_only_stated_does_not_count(self):
        assert invoice(taxes=(Tax(kind="vat", amount=D("3.42"), added=False),), total=D("20.50"))

    def test_a_price_for_a_hundred(self):
        line = Line(quantity=D(250), unit_price=D(12), price_basis="per_hundred")
        assert invoice(lines=(line,), taxes=(), total=D(30))

    @pytest.mark.parametrize("total", [D("0.03"), D("0.02")])
    def test_rounding_each_line_or_only_the_sum_are_both_right(self, total):
        """Three lines of 0.005: 0.01 each is 0.03; 0.015 together is 0.02."""
        lines = (Line(quantity=D(1), unit_price=D("0.005")),) * 3
        assert invoice(lines=lines, taxes=(), total=total)

    def test_half_a_cent_is_rounded_up(self):
        assert invoice(lines=(Line(quantity=D(1), unit_price=D("2.345")),), taxes=(), total=D("2.35"))

    @pytest.mark.parametrize(("currency", "total"), [("JPY", D(3)), ("KWD", D("2.501"))])
    def test_the_currency_gives_the_smallest_unit(self, currency, total):
        assert invoice(
            lines=(Line(quantity=D(1), unit_price=D("2.5005")),), taxes=(), currency=currency, total=total
        )

    def test_a_stated_line_amount_goes_before_quantity_times_price(self):
        line = Line(quantity=D(3), unit_price=D("3.33"), amount=D(10))
        assert invoice(lines=(line,), taxes=(), total=D(10))

    def test_a_credit_note_is_positive(self):
        line = Line(quantity=D(1), unit_price=D(-5))
        with pytest.raises(InvalidDocument, match="total: a credit note states positive amounts"):
            invoice(kind="credit_note", lines=(line,), taxes=(), total=D(-5))

    def test_the_longest_numbers_multiply_exactly(self):
        line = Line(quantity=D("123456789012345678"), unit_price=D("0.12345678901234567"))
        with pytest.raises(InvalidDocument, match=r"add up to 15241578753238835\.54"):
            invoice(lines=(line,), taxes=(), total=D(1))

    def test_an_order_keeps_a_total_that_does_not_add_up(self):
        order = PurchaseOrder(
            number="1", date=DAY, total=D(21), lines=(Line(quantity=D(2), unit_price=D(10)),), currency="USD"
        )
        assert order.difference() == 1

    def test_remittance_lines_add_up_to_the_payment(self):
        line = RemittanceLine(
            document=Reference(kind="invoice", value="INV-1"),
            gross=D(100),
            discount=D(2),
            adjustments=(Adjustment(amount=D(-8), reason="damage"),),
            paid=D(90),
        )
        advice = RemittanceAdvice(
            number="T1",
            date=DAY,
            amount=D(85),
            lines=(line,),
            adjustments=(Adjustment(amount=D(-5), reason="pricing"),),
        )
        assert advice.amount == D(85)
        with pytest.raises(
            InvalidDocument, match="amount: is 86, but the lines and adjustments add up to 85"
        ):
            dataclasses.replace(advice, amount=D(86))
        with pytest.raises(InvalidDocument, match="paid: is 91"):
            dataclasses.replace(line, paid=D(91))

    def test_a_journal_entry_balances(self):
        lines = (JournalLine(account="1000", debit=D(5)), JournalLine(account="2000", credit=D(4)))
        with pytest.raises(InvalidDocument, match="debits are 5, but credits are 4"):
            JournalEntry(number="J1", date=DAY, currency="USD", lines=lines)


class TestLookUps:
    def test_party_reference_and_due_date(self):
        document = invoice(
            parties=(Party(role="buyer", name="B"), Party(role="ship_to", name="S")),
            references=(Reference(kind="department", value="17"),),
            terms=(PaymentTerms(net_days=30), PaymentTerms(net_due_date=DAY)),
        )
        assert document.party_as("bill_to", "ship_to").name == "S"
        assert document.party_as("payer") is None
        assert document.reference_value("department") == "17"
        assert document.reference_value("gl_account") == ""
        assert document.due_date == DAY


EXAMPLES = [
    invoice(
        parties=(
            Party(
                role="ship_to",
                name="Ärger & Söhne",
                identifiers=(Identifier(scheme="gln", value="4012345000009"),),
                address=Address(lines=("9 Canyon Rd",), city="Tucson", region="AZ", country="US"),
                contacts=(Contact(name="Jo", email="jo@example.org"),),
            ),
        ),
        origin=Origin(system="freshbooks", id="90001"),
    ),
    Bill(
        number="B1",
        date=DAY,
        currency="USD",
        total=D("10.00"),
        vendor=Party(role="vendor", name="V"),
        lines=(Line(amount=D(10), references=(Reference(kind="gl_account", value="6010"),)),),
    ),
    ShipNotice(
        number="S1",
        date=DAY,
        time=dt.time(13, 5),
        orders=(
            ShippedOrder(
                purchase_order="PO1",
                tares=(
                    Tare(
                        marks=(Identifier(scheme="sscc", value="1"),),
                        packs=(Pack(items=(ShippedItem(line=Line(seller_item="X", quantity=D(1))),)),),
                    ),
                ),
            ),
        ),
    ),
    Vendor(number="V1", party=Party(role="vendor", name="V"), active=False),
    Acknowledgement(
        form="997",
        level="group",
        status="partial",
        control_number="101",
        document_type="IN",
        parts=(
            Acknowledgement(
                form="997",
                level="message",
                status="rejected",
                control_number="0001",
                reasons=(Reason(code="1", segment="BIG", position=2, element=2, value="bad"),),
            ),
        ),
    ),
]


class TestJson:
    @pytest.mark.parametrize("document", EXAMPLES, ids=lambda d: type(d).__name__)
    def test_round_trip(self, document):
        again = from_json(to_json(document))
        assert again == document
        assert again.origin == document.origin

    def test_decimals_are_strings_and_defaults_are_left_out(self):
        assert to_json(invoice(taxes=(), total=D("20.50"))) == (
            '{"schema": "invoice/1", "number": "INV-1", "date": "2026-02-01", "currency": "USD", '
            '"total": "20.50", "lines": [{"number": "1", "quantity": "2", "unit_price": "10.25"}]}'
        )

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("no json", "is not JSON"),
            ("[]", "schema: is not one we know"),
            ('{"schema": "invoice/99"}', "schema: is not one we know: 'invoice/99'"),
            (
                '{"schema": "invoice/1", "colour": 1}',
                "colour: is not a known field; number: is missing; date: is missing",
            ),
            ('{"schema": "vendor/1", "number": "1", "party": []}', "party: must be an object"),
            (
                '{"schema": "vendor/1", "number": "1", "party": {"role": "vendor", "identifiers": [{}]}}',
                "party.identifiers[0].scheme: is missing",
            ),
            (
                to_json(invoice()).replace('"10.25"', '"ten"').replace("2026-02-01", "2026-02-30"),
                "date: cannot be read: '2026-02-30'; lines[0].unit_price: cannot be read: 'ten'",
            ),
            (
                to_json(invoice()).replace('"10.25"', "10.25"),
                "lines[0].unit_price: must be Decimal, not float",
            ),
        ],
    )
    def test_what_cannot_be_read_is_named_with_its_path(self, text, message):
        with pytest.raises(InvalidDocument) as error:
            from_json(text)
        assert message in str(error.value)

    @given(
        st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**9)
    )
    def test_any_text_and_amount_survive(self, text, amount):
        document = invoice(lines=(Line(description=text, amount=amount),), taxes=(), total=amount, notes=())
        assert from_json(to_json(document)) == document


class TestFingerprint:
    def test_it_is_a_known_value(self):
        """Stored fingerprints must keep their meaning: a change here needs a new schema number."""
        assert fingerprint(invoice()) == "a8b65fbba00e9dbc594370b7334e8dfe8ecd3898db1701ccf1041706ae58033a"

    def test_the_way_a_number_is_written_does_not_matter(self):
        assert fingerprint(invoice(total=D("22.070"))) == fingerprint(invoice())

    def test_the_origin_does_not_matter(self):
        assert fingerprint(invoice(origin=Origin(system="freshbooks", id="1"))) == fingerprint(invoice())

    def test_business_content_matters(self):
        assert fingerprint(invoice(purchase_order="PO1")) != fingerprint(invoice())


def test_the_trusted_constructor_builds_the_same_value():
    build = trusted(Line)
    line = build(number="1", quantity=D(2), unit_price=D(3))
    assert line == Line(number="1", quantity=D(2), unit_price=D(3))
    assert type(line) is Line
    assert hash(line) == hash(Line(number="1", quantity=D(2), unit_price=D(3)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        line.number = "2"  # type: ignore[misc]
