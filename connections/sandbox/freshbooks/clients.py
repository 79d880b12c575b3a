"""Clients: `/users/clients`."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connections.sandbox.freshbooks import cleaning, stamps
from connections.sandbox.freshbooks.money import ZERO, amount_of, money
from connections.sandbox.freshbooks.resource import Resource
from connections.sandbox.freshbooks.searching import Filters, contains, days, one, one_or_more, truth
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

TEXT = cleaning.text()
ADDRESS = ("street", "street2", "city", "province", "code", "country")


class Clients(Resource):
    """Billing address in `p_*`, shipping address in `s_*`; every field may be left out."""

    path = "users/clients"
    singular, plural, scope, noun = "client", "clients", "clients", "client"
    fields = {
        **dict.fromkeys(("organization", "fname", "lname", "email", "username"), TEXT),
        **dict.fromkeys(("bus_phone", "home_phone", "mob_phone", "fax"), TEXT),
        **dict.fromkeys((f"{kind}_{part}" for kind in "ps" for part in ADDRESS), TEXT),
        **dict.fromkeys(("vat_name", "vat_number", "company_industry", "company_size"), TEXT),
        "currency_code": cleaning.text(3),
        "language": cleaning.text(7),
        "note": cleaning.text(4000),
        **dict.fromkeys(
            ("allow_late_fees", "allow_late_notifications", "pref_email", "pref_gmail"), cleaning.flag
        ),
    }
    read_only = frozenset({"id", "userid", "updated", "signup_date", "accounting_systemid", "uuid"})
    sorts = {
        "organization_name": lambda row: (row["organization"] or "").casefold(),
        "fullname": lambda row: f"{row['fname']} {row['lname']}".casefold(),
        "email": lambda row: (row["email"] or "").casefold(),
        "updated": lambda row: row["updated"],
    }

    def __init__(self, books: "FreshBooks", table: Table) -> None:
        super().__init__(books, table)
        self.filters: Filters = {
            **one("email"),
            **one("username"),
            **one_or_more("userid"),
            **days("updated", "updated"),
            "fname_like": contains("fname"),
            "lname_like": contains("lname"),
            "organization_like": contains("organization"),
            "email_like": contains("email"),
            "address_like": contains(*(f"p_{part}" for part in ADDRESS)),
            "phone_like": contains("bus_phone", "home_phone", "mob_phone"),
            "note_like": contains("note"),
            "user_like": contains("organization", "fname", "lname", "email"),
            "has_credit": truth(lambda row: self._credit(row) > 0),
            "has_draft": truth(lambda row: self._has_invoice(row, {"draft"})),
            "has_outstanding": truth(lambda row: self._outstanding(row) > 0),
            "has_overdue": truth(lambda row: self._has_invoice(row, {"overdue"})),
        }

    def prepare(self, cleaned: Row) -> Row:
        now = self.books.clock.now()
        row: Row = {
            "id": self.table.next_id,
            "userid": self.table.next_id,
            "uuid": self.books.new_uuid(),
            "accounting_systemid": self.books.identity.account_id,
            **dict.fromkeys(("organization", "fname", "lname", "email", "bus_phone"), ""),
            "home_phone": None,
            "mob_phone": "",
            "fax": "",
            **dict.fromkeys((f"{kind}_{part}" for kind in "ps" for part in ADDRESS), ""),
            "currency_code": "USD",
            "language": "en",
            **dict.fromkeys(("vat_name", "vat_number", "note", "company_industry", "company_size")),
            "allow_late_fees": True,
            "allow_late_notifications": True,
            "pref_email": True,
            "pref_gmail": False,
            "role": "client",
            "level": 0,
            "num_logins": 0,
            "last_login": None,
            "last_activity": None,
            "username": f"client{self.table.next_id}",
            **dict.fromkeys(("subdomain", "statement_token", "has_retainer", "retainer_id")),
            "signup_date": stamps.utc(now),
            "updated": stamps.eastern(now),
            "vis_state": 0,
        }
        return row | cleaned

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        if "outstanding_balance" not in includes:
            return row
        owed = self._outstanding(row)
        balance = [{"amount": money(owed, row["currency_code"] or "USD")}] if owed else []
        return {**row, "outstanding_balance": balance}

    def _invoices(self, row: Row) -> list[Row]:
        found = self.books.invoices.table.with_index(row["id"])
        return [invoice for invoice in found if invoice["vis_state"] != 1]

    def _has_invoice(self, row: Row, statuses: set[str]) -> bool:
        return any(self.books.invoices.v3_status(invoice) in statuses for invoice in self._invoices(row))

    def _outstanding(self, row: Row) -> Decimal:
        owed = (
            amount_of(invoice["outstanding"]) for invoice in self._invoices(row) if invoice["status"] != 1
        )
        return sum(owed, ZERO)

    def _credit(self, row: Row) -> Decimal:
        credits_: Any = (amount_of(c["amount"]) for c in self.books.credits.with_index(row["id"]))
        return sum(credits_, ZERO)
