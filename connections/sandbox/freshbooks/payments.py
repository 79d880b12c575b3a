"""Payments on invoices: `/payments/payments`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connections.sandbox.freshbooks import cleaning, errors, stamps
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.money import amount_of, money
from connections.sandbox.freshbooks.resource import Resource
from connections.sandbox.freshbooks.searching import (
    Filters,
    amounts,
    contains,
    days,
    equals,
    one,
    one_or_more,
    truth,
)
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

TYPES = (
    "Check",
    "Credit",
    "Cash",
    "Bank Transfer",
    "Credit Card",
    "Debit",
    "PayPal",
    "2Checkout",
    "VISA",
    "MASTERCARD",
    "DISCOVER",
    "AMEX",
    "DINERS",
    "JCB",
    "ACH",
    "Other",
)


class Payments(Resource):
    """A payment moves its invoice's paid, outstanding, status and `updated`."""

    path = "payments/payments"
    singular, plural, scope, noun, key = "payment", "payments", "payments", "payment", "logid"
    fields = {
        "invoiceid": cleaning.identifier,
        "amount": cleaning.amount,
        "date": cleaning.day,
        "type": cleaning.one_of(*TYPES),
        "note": cleaning.text(4000),
        "orderid": cleaning.identifier,
        "transactionid": cleaning.text(),
        "creditid": cleaning.identifier,
        "send_client_notification": cleaning.flag,
    }
    required = ("invoiceid", "amount", "date")
    read_only = frozenset({"id", "logid", "accounting_systemid", "clientid", "updated", "overpaymentid"})
    create_only = frozenset({"invoiceid", "creditid"})

    def __init__(self, books: "FreshBooks", table: Table) -> None:
        super().__init__(books, table)
        self.filters: Filters = {
            **one_or_more("logid"),
            **one_or_more("invoiceid"),
            **one_or_more("clientid"),
            "customerid": equals(lambda row: row["clientid"]),
            "customerids": equals(lambda row: row["clientid"]),
            **days("date", "date"),
            **days("updated", "updated"),
            "amount_min": amounts("amount")["amount_min"],
            "amount_max": amounts("amount")["amount_max"],
            **one("type"),
            "currency": equals(lambda row: row["amount"]["code"]),
            "notes": contains("note"),
            "from_credit": truth(lambda row: row["from_credit"]),
            "client_name": self._client_name,
            "number": equals(lambda row: self._invoice(row)["invoice_number"]),
        }

    def clean(self, data: Mapping[str, Any], *, new: bool) -> Row:
        cleaned = super().clean(data, new=new)
        if "amount" in cleaned and cleaned["amount"] <= 0:
            value = str(cleaned["amount"])
            raise Refused(422, Problem(errors.INVALID, "Amount must be above 0.", "amount", "payment", value))
        if new:
            self.books.invoices.refuse_if_deleted(self.books.invoices.find(cleaned["invoiceid"]))
        return cleaned

    def prepare(self, cleaned: Row) -> Row:
        invoice = self.books.invoices.find(cleaned["invoiceid"])
        row: Row = {
            "id": self.table.next_id,
            "logid": self.table.next_id,
            "accounting_systemid": self.books.identity.account_id,
            "clientid": invoice["customerid"],
            "type": "Other",
            "note": "",
            "gateway": None,
            "orderid": None,
            "transactionid": None,
            "creditid": None,
            "overpaymentid": None,
            "bulk_paymentid": None,
            "from_credit": bool(cleaned.get("creditid")),
            "send_client_notification": False,
            "vis_state": 0,
            **cleaned,
            "amount": money(cleaned["amount"], invoice["currency_code"]),
        }
        self.touch(row)
        return row

    def complete(self, row: Row) -> None:
        invoice = self._invoice(row)
        excess = amount_of(row["amount"]) - amount_of(invoice["outstanding"])
        if excess > 0:
            row["overpaymentid"] = self._keep_as_credit(row, excess)
        self._move_invoice(row)

    def update(self, row: Row, cleaned: Row) -> None:
        if "amount" in cleaned:
            cleaned["amount"] = money(cleaned["amount"], row["amount"]["code"])
        row.update(cleaned)
        self._move_invoice(row)

    def hidden(self, row: Row) -> None:
        self._move_invoice(row)

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        shown = dict(row)
        if "client" in includes:
            shown["client"] = self.books.clients.table.get(row["clientid"])
        if "invoice" in includes:
            shown["invoice"] = self.books.invoices.render(self._invoice(row), frozenset())
        for name in ("credit_note", "order", "gateway"):
            if name in includes:
                shown.setdefault(name, None)
        return shown

    def _move_invoice(self, row: Row) -> None:
        invoice = self._invoice(row)
        self.books.invoices.settle(invoice)
        self.books.invoices.touch(invoice)

    def announce(self, verb: str, row: Row, notice: Any = None) -> None:
        super().announce(verb, row, notice)
        self.books.invoices.announce("update", self._invoice(row), notice)

    def _invoice(self, row: Row) -> Row:
        return self.books.invoices.find(row["invoiceid"])

    def _client_name(self, values: list[str]) -> Any:
        matches = contains("organization", "fname", "lname")(values)
        return lambda row: matches(self.books.clients.find(row["clientid"]))

    def _keep_as_credit(self, row: Row, excess: Any) -> int:
        credit = self.books.credits.add(
            {
                "clientid": row["clientid"],
                "paymentid": row["id"],
                "amount": money(excess, row["amount"]["code"]),
                "credit_type": "overpayment",
                "create_date": stamps.today(self.books.clock.now()).isoformat(),
            }
        )
        return int(credit["id"])
