"""Bill vendors: `/bill_vendors/bill_vendors`. The key is `vendorid`; no filter works."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from connections.sandbox.freshbooks import cleaning, errors, stamps
from connections.sandbox.freshbooks.errors import Problem
from connections.sandbox.freshbooks.money import amount_of, money
from connections.sandbox.freshbooks.resource import DELETED, Resource
from connections.sandbox.freshbooks.table import Row

TEXT_FIELDS = (
    "vendor_name",
    "account_number",
    "primary_contact_first_name",
    "primary_contact_last_name",
    "primary_contact_email",
    "phone",
    "website",
    "street",
    "street2",
    "city",
    "province",
    "postal_code",
    "country",
)


class BillVendors(Resource):
    path = "bill_vendors/bill_vendors"
    singular, plural, scope, noun, key = (
        "bill_vendor",
        "bill_vendors",
        "bill_vendors",
        "bill_vendor",
        "vendorid",
    )
    fields = {
        **dict.fromkeys(TEXT_FIELDS, cleaning.text()),
        "currency_code": cleaning.text(3),
        "language": cleaning.text(7),
        "is_1099": cleaning.flag,
        "note": cleaning.text(4000),
    }
    required = ("vendor_name", "currency_code", "language")
    read_only = frozenset({"vendorid", "outstanding_balance", "overdue_balance", "created_at", "updated_at"})

    def missing(self, name: str) -> Problem:
        if name == "language":  # said to be an invalid value, not a missing one
            return Problem(errors.INVALID, "Invalid value.", "language", self.singular)
        return super().missing(name)

    def prepare(self, cleaned: Row) -> Row:
        now = stamps.utc(self.books.clock.now())
        return {
            "vendorid": self.table.next_id,
            **dict.fromkeys(TEXT_FIELDS),
            "is_1099": False,
            "note": None,
            "tax_defaults": [],
            "created_at": now,
            "updated_at": now,
            "vis_state": 0,
            **cleaned,
        }

    def touch(self, row: Row) -> None:
        row["updated_at"] = stamps.utc(self.books.clock.now())

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        bills = [
            bill
            for bill in self.books.bills.table.rows.values()
            if bill["vendorid"] == row["vendorid"] and bill["vis_state"] != DELETED
        ]
        overdue = [bill for bill in bills if self.books.bills.status(bill) == "overdue"]
        return {**row, "outstanding_balance": _balances(bills), "overdue_balance": _balances(overdue)}


def _balances(bills: list[Row]) -> list[dict[str, Any]]:
    """What is outstanding, one entry for each currency."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for bill in bills:
        owed[bill["currency_code"]] += amount_of(bill["outstanding"])
    return [{"amount": money(amount, code)} for code, amount in sorted(owed.items()) if amount]
