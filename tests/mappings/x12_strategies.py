"""Documents with every optional part, over every character that X12 can carry, for round trips."""

import datetime as dt
import string
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from mappings.canonical import (
    AcknowledgedLine,
    Acknowledgement,
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
    Reason,
    Reference,
    RemittanceAdvice,
    RemittanceLine,
    ShipNotice,
    ShippedItem,
    ShippedOrder,
    Tare,
    Tax,
    possible_totals,
)
from mappings.codecs import x12
from mappings.codecs.x12.codes import VOCABULARIES

D = Decimal
PRINTABLE = [chr(code) for code in range(32, 127)]
MARKS = "*|~>:^<!'%\"&()+,/;=?@[]_{}\\#$`\x1c\x1d\x1e\x1f\x15"
"""Delimiters that a partner may choose."""

Strategy = st.SearchStrategy[Any]


@st.composite
def delimiters(draw: Any) -> x12.Delimiters:
    element, component, repetition = draw(
        st.lists(st.sampled_from(MARKS), min_size=3, max_size=3, unique=True)
    )
    segment = draw(
        st.sampled_from(MARKS + "\r\n").filter(lambda mark: mark not in (element, component, repetition))
    )
    # After a terminator that is itself a line end, another one would not be told from data.
    line_end = "" if segment in "\r\n" else draw(st.sampled_from(["", "\n", "\r\n"]))
    return x12.Delimiters(element, segment, component, repetition, line_end)


def dates() -> Strategy:
    return st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


def times() -> Strategy:
    return st.builds(
        lambda hour, minute, second, hundredth: dt.time(hour, minute, second, hundredth * 10000),
        st.integers(0, 23),
        st.integers(0, 59),
        st.integers(0, 59),
        st.integers(0, 99),
    )


def numbers(digits: int, places: int, low: int = 0) -> Strategy:
    """Decimals of at most `digits` digits, `places` of them after the point."""
    high = 10 ** (digits - places) - 1
    return st.decimals(-high if low < 0 else 0, high, places=places, allow_nan=False, allow_infinity=False)


class Texts:
    """Strategies for texts and parts, without the delimiters in use."""

    def __init__(self, used: x12.Delimiters, version: str) -> None:
        self.characters = [character for character in PRINTABLE if character not in used]
        self.later = version >= "005010"

    def text(self, longest: int, shortest: int = 1) -> Strategy:
        return st.text(self.characters, min_size=shortest, max_size=longest).filter(
            lambda text: text == text.rstrip() and len(text) >= shortest
        )

    def maybe(self, longest: int, shortest: int = 1) -> Strategy:
        return st.just("") | self.text(longest, shortest)

    def word(self, vocabulary: str, *, code: int = 2) -> Strategy:
        """One of our words, or a partner's code that has none."""
        # Sales tax of no stated kind is written as that of the state, and read as such.
        words = [word for word in VOCABULARIES[vocabulary] if word not in ("", "sales")]
        own = st.text(string.ascii_uppercase, min_size=code, max_size=code).map(
            lambda text: f"x12:Q{text[1:]}"
        )
        known = {f"x12:{c}" for c in VOCABULARIES[vocabulary].values()}
        return st.sampled_from(words) | own.filter(lambda word: word not in known)

    @property
    def reference_length(self) -> int:
        return 50 if self.later else 30

    def references(self, most: int = 2) -> Strategy:
        kinds = st.sampled_from(["gl_account", "gl_segment", "gl_segment_3", "project", "store"])
        reference = st.builds(
            Reference,
            kind=self.word("reference", code=3) | kinds,
            value=self.text(self.reference_length),
            description=self.maybe(60),
        )
        return st.lists(reference, max_size=most).map(tuple)

    def events(self, most: int = 2) -> Strategy:
        event = st.builds(EventDate, kind=self.word("date", code=3), date=dates(), time=st.none() | times())
        return st.lists(event, max_size=most).map(tuple)

    def notes(self, longest: int = 80, kinds: Any = ("", "general", "x12:SHP")) -> Strategy:
        note = st.builds(Note, text=self.text(longest), kind=st.sampled_from(kinds))
        return st.lists(note, max_size=2).map(tuple)

    def contacts(self) -> Strategy:
        values = {
            "name": self.maybe(60),
            "phone": self.maybe(80),
            "email": self.maybe(80),
            "fax": self.maybe(80),
        }
        some = st.fixed_dictionaries(values).filter(lambda parts: any(parts.values()))
        contact = st.builds(lambda role, parts: Contact(role=role, **parts), self.word("contact"), some)
        return st.lists(contact, max_size=3).map(tuple)

    def addresses(self) -> Strategy:
        return st.builds(
            Address,
            lines=st.lists(self.text(55), max_size=4).map(tuple),
            city=self.maybe(30, 2),
            region=st.sampled_from(["", "AZ", "QC"]),
            postal_code=self.maybe(15, 3),
            country=st.sampled_from(["", "US", "CAN"]),
        ).filter(lambda address: address != Address())

    def parties(self, *, contacts: bool = True) -> Strategy:
        identifier = st.builds(Identifier, scheme=self.word("identifier", code=1), value=self.text(80, 2))
        party = st.tuples(
            self.word("party"),
            self.maybe(60),
            st.lists(identifier, max_size=1).map(tuple),
            st.lists(self.text(60), max_size=4).map(tuple),
            st.none() | self.addresses(),
            self.references(),
            self.contacts() if contacts else st.just(()),
        ).filter(lambda parts: bool(parts[1] or parts[2]))
        built = party.map(
            lambda p: Party(
                role=p[0],
                name=p[1],
                identifiers=p[2],
                more_names=p[3],
                address=p[4],
                references=p[5],
                contacts=p[6],
            )
        )
        return st.lists(built, max_size=2).map(tuple)

    def terms(self) -> Strategy:
        plain = {
            "kind": st.just("") | self.word("terms"),
            "basis": st.just("") | self.word("terms_basis"),
            "net_days": st.none() | st.integers(0, 999),
            "net_due_date": st.none() | dates(),
            "description": self.maybe(80),
        }
        discounts: Strategy = st.just({}) | st.fixed_dictionaries(
            {
                "discount_percent": st.none() | numbers(5, 2),
                "discount_amount": st.none() | numbers(10, 2),
                "discount_days": st.integers(0, 999),
                "discount_due_date": st.none() | dates(),
            }
        )
        built = st.builds(lambda a, b: PaymentTerms(**a, **b), st.fixed_dictionaries(plain), discounts)
        return st.lists(built.filter(lambda terms: terms != PaymentTerms()), max_size=2).map(tuple)

    def taxes(self) -> Strategy:
        tax = st.builds(
            Tax,
            kind=self.word("tax"),
            amount=numbers(10, 2, -1),
            rate=st.none() | numbers(6, 3),
            exempt=st.booleans(),
            registration=self.maybe(20),
            name=self.maybe(20),
            added=st.booleans(),
        )
        based = st.builds(
            Tax,
            kind=self.word("tax"),
            rate=numbers(6, 3),
            taxable_amount=numbers(9, 2, -1),
            exempt=st.booleans(),
        )
        return st.lists(tax | based, max_size=2).map(tuple)

    def charges(self) -> Strategy:
        charge = st.builds(
            AllowanceOrCharge,
            charge=st.booleans(),
            kind=self.word("charge", code=4),
            amount=numbers(10, 2),
            percent=st.none() | numbers(5, 2),
            description=self.maybe(80),
            reference=self.maybe(self.reference_length),
        )
        return st.lists(charge, max_size=2).map(tuple)

    def carriers(self) -> Strategy:
        fields = {
            "scac": st.sampled_from(["", "UPSN", "FX"]),
            "name": self.maybe(35),
            "mode": st.just("") | self.word("transport", code=1).filter(lambda word: word != "x12:Q"),
            "service": st.sampled_from(["", "ND"]),
        }
        return (
            st.fixed_dictionaries(fields).filter(lambda f: f["scac"] or f["name"]).map(lambda f: Carrier(**f))
        )

    def items(self) -> dict[str, Strategy]:
        other = st.builds(Identifier, scheme=self.word("item"), value=self.text(48)).filter(
            lambda item: item.scheme not in ("seller_item", "buyer_item", "gtin")
        )
        return {
            "seller_item": self.maybe(48),
            "buyer_item": self.maybe(48),
            "gtin": st.just("") | st.text(string.digits, min_size=12, max_size=14),
            "other_items": st.lists(other, max_size=3).map(tuple),
        }

    def lines(self, **more: Any) -> Strategy:
        fields: dict[str, Any] = {
            "number": self.maybe(20),
            "quantity": numbers(8, 3, -1),
            "unit": st.sampled_from(["EA", "CA", "HR", "LB"]),
            "unit_price": numbers(10, 4, -1),
            "description": self.maybe(200).filter(lambda text: max(map(len, text.split(" "))) <= 80),
            "references": self.references(),
            "dates": self.events(),
            "charges": self.charges(),
            "taxes": self.taxes(),
            **self.items(),
            **more,
        }
        return st.fixed_dictionaries(fields).map(lambda f: Line(**f))

    def headings(self, **more: Any) -> Strategy:
        """What invoices and orders have in common."""
        return st.fixed_dictionaries(
            {
                "purpose": self.word("purpose"),
                "parties": self.parties(),
                "contacts": self.contacts(),
                "references": self.references(3),
                "dates": self.events(3),
                "terms": self.terms(),
                "freight_terms": st.just("") | self.word("freight_terms"),
                "carrier": st.none() | self.carriers(),
                "charges": self.charges(),
                **more,
            }
        )

    # Documents

    def invoices(self) -> Strategy:
        bases = st.sampled_from(["", "each", "net", "per_hundred"])
        own = {
            "number": self.text(22),
            "date": dates(),
            "currency": st.sampled_from(["USD", "CAD", "EUR"]),
            "kind": st.sampled_from(list(VOCABULARIES["invoice_kind"])),
            "purchase_order": self.maybe(22),
            "order_date": st.none() | dates(),
            "release": self.maybe(30),
            "taxes": self.taxes(),
            "lines": st.lists(self.lines(price_basis=bases), max_size=4).map(tuple),
            "notes": self.notes(),
        }
        return (
            self.headings(**own)
            .map(_balanced)
            .filter(lambda invoice: invoice.kind != "credit_note" or invoice.total >= 0)
        )

    def orders(self) -> Strategy:
        lines = self.lines(
            unit_price=st.none() | numbers(12, 4),
            notes=self.notes(264, kinds=("", "general") if self.later else ("",)),
        )
        own = {
            "number": self.text(22),
            "date": dates(),
            "kind": self.word("order_kind"),
            "currency": st.sampled_from(["USD", "EUR", ""]),
            "total": st.none() | numbers(12, 2),
            "release": self.maybe(30),
            "contract": self.maybe(30),
            "taxes": self.taxes(),
            "lines": st.lists(lines, min_size=1, max_size=3).map(tuple),
            "notes": self.notes(264),
        }
        return self.headings(**own).map(lambda fields: PurchaseOrder(**fields))

    def order_answers(self) -> Strategy:
        status = st.builds(
            LineStatus,
            status=self.word("line_status"),
            quantity=st.none() | numbers(9, 2),
            date=st.none() | st.builds(EventDate, kind=self.word("date", code=3), date=dates()),
            substitute=st.none() | st.builds(Identifier, scheme=self.word("item"), value=self.text(48)),
        )
        line = self.lines(notes=self.notes(264))
        answered = st.builds(AcknowledgedLine, line=line, statuses=st.lists(status, max_size=3).map(tuple))
        own = {
            "number": self.text(22),
            "order_date": dates(),
            "date": st.none() | dates(),
            "response": self.word("order_response"),
            "seller_order": self.maybe(self.reference_length),
            "release": self.maybe(30),
            "total": st.none() | numbers(12, 2),
            "lines": st.lists(answered, max_size=3).map(tuple),
            "notes": self.notes(264),
        }
        return self.headings(**own).map(lambda fields: PurchaseOrderAcknowledgement(**fields))

    def ship_notices(self) -> Strategy:
        line = st.fixed_dictionaries(
            {
                **self.items(),
                "number": self.maybe(20),
                "quantity": numbers(9, 2),
                "unit": st.sampled_from(["EA", "CA"]),
                "description": self.maybe(80),
                "references": self.references(),
                "dates": self.events(),
            }
        ).filter(lambda f: f["seller_item"] or f["buyer_item"] or f["gtin"] or f["other_items"])
        item = st.builds(
            ShippedItem, line=line.map(lambda f: Line(**f)), ordered_quantity=st.none() | numbers(12, 2)
        )
        items = st.lists(item, max_size=2).map(tuple)
        marks = st.lists(
            st.builds(Identifier, scheme=self.word("mark"), value=self.text(48)), min_size=1, max_size=2
        ).map(tuple)
        packs = st.lists(
            st.builds(Pack, marks=marks, references=self.references(), items=items), max_size=2
        ).map(tuple)
        tares = st.lists(st.builds(Tare, marks=marks, packs=packs, items=items), max_size=2).map(tuple)
        order = st.builds(
            ShippedOrder,
            purchase_order=self.text(22),
            order_date=st.none() | dates(),
            release=self.maybe(30),
            parties=self.parties(),
            references=self.references(),
            tares=tares,
            packs=packs,
            items=items,
        )
        weights: Strategy = st.just({}) | st.fixed_dictionaries(
            {"gross_weight": numbers(9, 2), "weight_unit": st.just("LB")}
        )
        packaging: Strategy = st.just({}) | st.fixed_dictionaries(
            {"packaging": st.just("CTN25"), "package_count": st.integers(0, 9999999)}
        )
        fields = {
            "number": self.text(30, 2),
            "date": dates(),
            "time": times(),
            "purpose": self.word("purpose"),
            "parties": self.parties(),
            "references": self.references(),
            "dates": self.events(),
            "carrier": st.none() | self.carriers(),
            "freight_terms": st.just("") | self.word("freight_terms"),
            "notes": self.notes(80, kinds=("",)),
            "orders": st.lists(order, min_size=1, max_size=2).map(tuple),
        }
        return st.builds(
            lambda f, w, p: ShipNotice(**f, **w, **p), st.fixed_dictionaries(fields), weights, packaging
        )

    def remittances(self) -> Strategy:
        adjustment = st.builds(
            Adjustment,
            amount=numbers(10, 2, -1),
            reason=self.word("adjustment"),
            reference=st.none()
            | st.builds(
                Reference, kind=self.word("reference", code=3), value=self.text(self.reference_length)
            ),
            note=self.maybe(80),
        )
        account = st.builds(
            BankAccount,
            bank_scheme=self.word("bank"),
            bank=self.text(12, 3),
            account_kind=self.word("account"),
            account=self.text(35),
        )
        fields = {
            "number": self.text(self.reference_length),
            "date": st.none() | dates(),
            "currency": st.sampled_from(["USD", "EUR"]),
            "method": self.word("payment_method", code=3),
            "handling": self.word("payment_handling", code=1).filter(lambda word: word != "x12:Q"),
            "credit": st.booleans(),
            "originator": self.maybe(10, 10),
            "payer_account": st.none() | account,
            "payee_account": st.none() | account,
            "parties": self.parties(),
            "references": self.references(),
            "dates": self.events(),
            "notes": self.notes(),
            "lines": st.lists(self._paid_lines(adjustment), max_size=3).map(tuple),
            "adjustments": st.lists(adjustment, max_size=2).map(tuple),
        }
        return st.fixed_dictionaries(fields).map(_paid).filter(lambda advice: advice is not None)

    def _paid_lines(self, adjustment: Strategy) -> Strategy:
        parts = st.fixed_dictionaries(
            {
                "document": st.builds(
                    Reference, kind=self.word("reference", code=3), value=self.text(self.reference_length)
                ),
                "paid": numbers(10, 2, -1),
                "discount": st.none() | numbers(8, 2),
                "action": st.just("") | self.word("payment_action"),
                "adjustments": st.lists(adjustment, max_size=2).map(tuple),
                "references": self.references(),
                "dates": self.events(),
                "notes": self.notes(),
            }
        )
        return st.builds(_paid_line, parts, st.booleans())

    def acknowledgements(self, form: str) -> Strategy:
        reason = st.builds(
            Reason,
            code=st.sampled_from(["1", "7", "8"]),
            segment=st.sampled_from(["BIG", "N1"]),
            position=st.integers(1, 9999),
            element=st.integers(1, 99),
            component=st.none() | st.integers(1, 9),
            data_element=st.sampled_from(["", "324"]),
            value=self.maybe(99),
        )
        statuses = st.sampled_from(["accepted", "accepted_with_errors", "rejected"])
        message = st.builds(
            Acknowledgement,
            form=st.just(form),
            level=st.just("message"),
            status=statuses,
            control_number=st.text(string.digits, min_size=4, max_size=9),
            document_type=st.just("810"),
            implementation=self.maybe(35) if self.later else st.just(""),
            reasons=st.lists(reason, max_size=3).map(lambda reasons: tuple(sorted(reasons, key=_place))),
        )
        counts = st.integers(0, 999999)
        return st.builds(
            Acknowledgement,
            form=st.just(form),
            level=st.just("group"),
            status=statuses | st.just("partial"),
            control_number=st.integers(1, 999999999).map(str),
            document_type=st.just("IN"),
            version=st.just("005010") if self.later else st.just(""),
            included=counts,
            received=counts,
            accepted=counts,
            reasons=st.sampled_from([(), (Reason(code="5", message="number of messages does not match"),)]),
            parts=st.lists(message, max_size=3).map(tuple),
        )


def _place(reason: Reason) -> tuple[int, str]:
    return reason.position or 0, reason.segment


def _balanced(fields: dict[str, Any]) -> Invoice:
    total, _ = possible_totals(fields["lines"], fields["taxes"], fields["charges"], fields["currency"])
    if fields["kind"] == "credit_note" and total < 0:
        fields["kind"] = "invoice"
    return Invoice(total=total, **fields)


def _paid_line(fields: dict[str, Any], with_gross: bool) -> RemittanceLine:
    if with_gross:
        adjusted = sum((adjustment.amount for adjustment in fields["adjustments"]), D(0))
        fields["gross"] = fields["paid"] + (fields["discount"] or D(0)) - adjusted
    return RemittanceLine(**fields)


def _paid(fields: dict[str, Any]) -> RemittanceAdvice | None:
    amount = sum((line.paid for line in fields["lines"]), D(0))
    amount += sum((adjustment.amount for adjustment in fields["adjustments"]), D(0))
    return RemittanceAdvice(amount=amount, **fields) if amount >= 0 else None
