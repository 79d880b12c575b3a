"""Bill payments: `/bill_payments/bill_payments`. No time stamps, no working filter, no webhook."""

from collections.abc import Mapping
from typing import Any

from connections.sandbox.freshbooks import cleaning
from connections.sandbox.freshbooks.money import money
from connections.sandbox.freshbooks.notices import Notice
from connections.sandbox.freshbooks.payments import TYPES
from connections.sandbox.freshbooks.resource import DELETED, Resource
from connections.sandbox.freshbooks.table import Row


class BillPayments(Resource):
    """A bill payment moves its bill's paid, outstanding and status.

    Whether it also moves the bill's `updated_at` is not known; it does only with the switch
    `bill_payment_touches_bill`.
    """

    path = "bill_payments/bill_payments"
    singular, plural, scope = "bill_payment", "bill_payments", "bill_payments"
    fields = {
        "billid": cleaning.identifier,
        "amount": cleaning.amount,
        "paid_date": cleaning.day,
        "payment_type": cleaning.one_of(*TYPES),
        "note": cleaning.text(4000),
    }
    required = ("billid", "amount", "paid_date", "payment_type")
    read_only = frozenset({"id"})
    create_only = frozenset({"billid"})

    def clean(self, data: Mapping[str, Any], *, new: bool) -> Row:
        cleaned = super().clean(data, new=new)
        if new:
            self.books.bills.refuse_if_deleted(self.books.bills.find(cleaned["billid"]))
        return cleaned

    def prepare(self, cleaned: Row) -> Row:
        bill = self.books.bills.find(cleaned["billid"])
        amount = money(cleaned["amount"], bill["currency_code"])
        return {"id": self.table.next_id, "note": None, **cleaned, "amount": amount, "vis_state": 0}

    def complete(self, row: Row) -> None:
        self._move_bill(row)

    def update(self, row: Row, cleaned: Row) -> None:
        if "amount" in cleaned:
            cleaned["amount"] = money(cleaned["amount"], row["amount"]["code"])
        row.update(cleaned)
        self._move_bill(row)

    def hidden(self, row: Row) -> None:
        self._move_bill(row)

    def visible(self, search: Mapping[str, list[str]]) -> Any:
        return (row for row in self.table.newest_first() if row["vis_state"] != DELETED)

    def touch(self, row: Row) -> None:
        """There is no stamp to set."""

    def announce(self, verb: str, row: Row, notice: Notice | None = None) -> None:
        if self.books.faults.take("bill_payment_touches_bill"):
            bill = self.books.bills.find(row["billid"])
            self.books.bills.touch(bill)
            self.books.bills.announce("update", bill, notice)

    def _move_bill(self, row: Row) -> None:
        self.books.bills.settle(self.books.bills.find(row["billid"]))
