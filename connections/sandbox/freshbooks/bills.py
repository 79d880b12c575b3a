"""Bills: `/bills/bills`. Totals, status and due date are computed; there is no purchase-order field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connections.sandbox.freshbooks import cleaning, errors, stamps
from connections.sandbox.freshbooks.cleaning import InvalidError
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.invoice_lines import each, take
from connections.sandbox.freshbooks.money import ZERO, amount_of, money, rounded
from connections.sandbox.freshbooks.resource import Resource
from connections.sandbox.freshbooks.searching import Filters, equals, one
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks


class Bills(Resource):
    """Lines and bill payments come without any include; there is no filter on time."""

    path = "bills/bills"
    singular, plural, scope, noun = "bill", "bills", "bills", "bill"
    required = ("vendorid", "issue_date", "due_offset_days", "currency_code", "lines")
    read_only = frozenset(
        {"id", "amount", "tax_amount", "total_amount", "paid", "outstanding", "status", "due_date"}
        | {"overall_category", "overall_description", "bill_payments", "created_at", "updated_at"}
    )

    def __init__(self, books: "FreshBooks", table: Table) -> None:
        super().__init__(books, table)
        self.fields = {
            "vendorid": cleaning.identifier,
            "issue_date": cleaning.day,
            "due_offset_days": cleaning.whole,
            "currency_code": cleaning.text(3),
            "language": cleaning.text(7),
            "bill_number": cleaning.text(),
            "attachment": lambda value: value,
            "lines": lambda value: each(value, self._clean_line),
        }
        self.filters: Filters = {
            **one("vendorid"),
            "statuses": equals(self.status),
            **one("currency_code"),
            "ids": equals(lambda row: row["id"]),
        }

    def clean(self, data: Mapping[str, Any], *, new: bool) -> Row:
        cleaned = super().clean(data, new=new)
        if "vendorid" in cleaned and self.books.bill_vendors.table.get(cleaned["vendorid"]) is None:
            value = str(cleaned["vendorid"])
            raise Refused(404, Problem(errors.UNKNOWN, "Vendor not found.", "vendorid", "bill_vendor", value))
        return cleaned

    def prepare(self, cleaned: Row) -> Row:
        now = stamps.utc(self.books.clock.now())
        row: Row = {
            "id": self.table.next_id,
            "bill_number": None,
            "language": "en",
            "attachment": None,
            "created_at": now,
            "updated_at": now,
            "vis_state": 0,
            **cleaned,
        }
        self._total(row)
        return row

    def update(self, row: Row, cleaned: Row) -> None:
        row.update(cleaned)
        self._total(row)

    def touch(self, row: Row) -> None:
        row["updated_at"] = stamps.utc(self.books.clock.now())

    def settle(self, row: Row) -> None:
        """Compute paid and outstanding from the bill payments."""
        paid = sum((amount_of(payment["amount"]) for payment in self._payments(row)), ZERO)
        total = amount_of(row["total_amount"])
        row["paid"] = money(paid, row["currency_code"])
        row["outstanding"] = money(max(total - paid, ZERO), row["currency_code"])

    def status(self, row: Row) -> str:
        """unpaid, partial, paid or overdue."""
        outstanding = amount_of(row["outstanding"])
        if outstanding <= 0 and amount_of(row["paid"]) > 0:
            return "paid"
        due = stamps.due_date(row["issue_date"], row["due_offset_days"])
        if outstanding > 0 and due < stamps.today(self.books.clock.now()).isoformat():
            return "overdue"
        return "partial" if amount_of(row["paid"]) > 0 else "unpaid"

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        lines = row["lines"]
        categories = [line["category"]["category"] for line in lines]
        return {
            **row,
            "status": self.status(row),
            "due_date": stamps.due_date(row["issue_date"], row["due_offset_days"]),
            "overall_category": categories[0] if len(set(categories)) == 1 else "Multiple",
            "overall_description": lines[0]["description"] or "",
            "bill_payments": self._payments(row),
        }

    def _payments(self, row: Row) -> list[Row]:
        return [p for p in self.books.bill_payments.table.with_index(row["id"]) if p["vis_state"] != 1]

    def _clean_line(self, line: Row, number: int) -> Row:
        for name in ("categoryid", "unit_cost", "quantity"):
            if line.get(name) is None:
                raise InvalidError(errors.REQUIRED, f"{name} is a required field.")
        category = self.books.categories.table.get(take(line, "categoryid", cleaning.identifier))
        if category is None:
            raise InvalidError(errors.UNKNOWN, "Category not found.")
        quantity = take(line, "quantity", cleaning.number)
        unit_cost = take(line, "unit_cost", cleaning.amount)
        amount = rounded(quantity * unit_cost)
        kept: Row = {
            "id": self.books.next_bill_line_id(),
            "list_index": number,
            "categoryid": category["id"],
            "category": category,
            "description": take(line, "description", cleaning.text(1000), ""),
            "quantity": take(line, "quantity", cleaning.quantity),
            "unit_cost": money(unit_cost, "USD"),
            "amount": money(amount, "USD"),
        }
        total = amount
        for tax in ("1", "2"):
            percent = take(line, f"tax_percent{tax}", cleaning.percent)
            tax_amount = None if percent is None else rounded(amount * Decimal(percent) / 100)
            total += tax_amount or ZERO
            kept[f"tax_name{tax}"] = take(line, f"tax_name{tax}", cleaning.text())
            kept[f"tax_percent{tax}"] = percent
            kept[f"tax_authorityid{tax}"] = take(line, f"tax_authorityid{tax}", cleaning.text())
            kept[f"tax_amount{tax}"] = None if tax_amount is None else money(tax_amount, "USD")
        return {**kept, "total_amount": money(total, "USD")}

    def _total(self, row: Row) -> None:
        code = row["currency_code"]
        for line in row["lines"]:
            for name in ("unit_cost", "amount", "tax_amount1", "tax_amount2", "total_amount"):
                if line[name]:
                    line[name]["code"] = code
        amount = sum((amount_of(line["amount"]) for line in row["lines"]), ZERO)
        total = sum((amount_of(line["total_amount"]) for line in row["lines"]), ZERO)
        row["amount"] = money(amount, code)
        row["tax_amount"] = money(total - amount, code)
        row["total_amount"] = money(total, code)
        self.settle(row)
