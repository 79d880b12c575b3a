"""Writing to FreshBooks, once.

FreshBooks has no key against doubles. So everything that is created carries something to recognise it by, and
after an attempt whose outcome is unknown it is looked up before a second one (`may_exist=True`). Values are
made by `mappings.freshbooks` (`from_payment`, `from_bill`, ...) and have the shape that FreshBooks documents.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connections.systems.base import Rejected, SystemFailure, UnknownOutcome
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import DELETED, Client, Row
from mappings.freshbooks.values import BridgeError, identifier, number, text

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the ledger. The journal ids are those that journal entries post to."""

    uuid: str
    number: str
    name: str
    kind: str
    sub_kind: str
    is_active: bool
    journal_sub_account: int | None
    expense_category: int | None


class Books:
    """The records of one FreshBooks business, over one client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    # Creating, each with the look-up that recognises it

    def create_payment(self, values: Values, *, may_exist: bool = False) -> Row:
        """Book a payment on an invoice (`from_payment`)."""
        return self._create("payments", values, self.find_payment, may_exist=may_exist)

    def find_payment(self, values: Values) -> Row | None:
        """The payment with the same invoice, amount, date and note, if it was booked."""
        rows = self.client.rows(RESOURCES["payments"], {"invoiceid": values["invoiceid"]})
        return _first(rows, lambda row: _same(row, values, "date", "note") and _same_amount(row, values))

    def create_bill(self, values: Values, *, may_exist: bool = False) -> Row:
        """Book a bill (`from_bill`)."""
        return self._create("bills", values, self.find_bill, may_exist=may_exist)

    def find_bill(self, values: Values) -> Row | None:
        """The vendor's bill with the same number, date and lines, if it was booked."""
        rows = self.client.rows(RESOURCES["bills"], {"vendorid": values["vendorid"]})
        return _first(
            rows,
            lambda row: (
                _same(row, values, "vendorid", "bill_number", "issue_date") and _lines(row) == _lines(values)
            ),
        )

    def create_vendor(self, values: Values, *, may_exist: bool = False) -> Row:
        """Make a bill vendor (`from_vendor`)."""
        return self._create("bill_vendors", values, self.find_vendor, may_exist=may_exist)

    def find_vendor(self, values: Values) -> Row | None:
        """The bill vendor of the same name and account number; all are read, for want of a filter."""
        rows = self.client.rows(RESOURCES["bill_vendors"])
        return _first(rows, lambda row: _same(row, values, "vendor_name", "account_number"))

    def create_client(self, values: Values, *, may_exist: bool = False) -> Row:
        """Make a client (`from_customer`)."""
        return self._create("clients", values, self.find_client, may_exist=may_exist)

    def find_client(self, values: Values) -> Row | None:
        """The client of the same company, person and e-mail address."""
        filters = {"organization_like": values["organization"]} if values.get("organization") else {}
        rows = self.client.rows(RESOURCES["clients"], filters)
        return _first(rows, lambda row: _same(row, values, "organization", "fname", "lname", "email"))

    def create_journal_entry(self, values: Values, *, may_exist: bool = False) -> Row:
        """Book a journal entry (`from_journal_entry`). It can never be changed, only reversed."""
        return self._create("journal_entries", values, self.find_journal_entry, may_exist=may_exist)

    def find_journal_entry(self, values: Values) -> Row | None:
        """The entry of the same name, date and description, put together from its lines: only those are listed."""
        rows = self.client.rows(RESOURCES["journal_details"])
        found = [row for row in rows if _same(row, values, "name", "user_entered_date", "description")]
        if not found:
            return None
        entry = found[0].get("entry")
        entry_id = identifier(entry, "entryid", "id") if isinstance(entry, dict) else ""
        return {
            "id": entry_id,
            "entryid": entry_id,
            "name": values["name"],
            "user_entered_date": values["user_entered_date"],
            "details": found,
        }

    # Changing: a PUT may be made twice

    def update_vendor(self, vendor_id: str, values: Values) -> Row:
        return self.client.update(RESOURCES["bill_vendors"], vendor_id, values)

    def update_client(self, client_id: str, values: Values) -> Row:
        return self.client.update(RESOURCES["clients"], client_id, values)

    def add_invoice_note(self, invoice_id: str, note: str) -> Row:
        """Append a line to an invoice's notes, unless it stands there already. The customer can read it.

        Needs the permission to write invoices, which we do not ask for unless somebody wants this.
        """
        resource = RESOURCES["invoices"]
        invoice = self.client.find(resource, invoice_id)
        if invoice is None:
            raise Rejected("The invoice is not in FreshBooks any more.")
        notes = text(invoice, "notes")
        if note in (line.strip() for line in notes.splitlines()):
            return invoice
        return self.client.update(resource, invoice_id, {"notes": f"{notes}\n{note}".strip()})

    # Reading what mappings are made from

    def accounts(self) -> list[Account]:
        """The chart of accounts. It comes in one piece."""
        path = f"/accounting/businesses/{self.client.business_uuid}/ledger_accounts/accounts"
        body = self.client.request("GET", path, what="the chart of accounts")
        data = body.get("data") if isinstance(body, dict) else None
        return [_account(row) for row in data or [] if isinstance(row, dict)]

    def journal_accounts(self) -> list[Row]:
        """The accounts of journal entries with their `sub_accounts`, as FreshBooks gives them."""
        return list(self.client.rows(RESOURCES["journal_accounts"]))

    def expense_categories(self) -> list[Row]:
        """Every bill line needs one of these."""
        return [row for row in self.client.rows(RESOURCES["categories"]) if row.get("vis_state") != DELETED]

    def clients(self) -> list[Row]:
        return list(self.client.rows(RESOURCES["clients"]))

    def vendors(self) -> list[Row]:
        return list(self.client.rows(RESOURCES["bill_vendors"]))

    def items(self) -> list[Row]:
        return list(self.client.rows(RESOURCES["items"]))

    def taxes(self) -> list[Row]:
        return list(self.client.rows(RESOURCES["taxes"]))

    def _create(
        self, name: str, values: Values, find: Callable[[Values], Row | None], *, may_exist: bool
    ) -> Row:
        """Create it unless a look-up finds it; an unknown outcome is looked up once at once, then raised."""
        if may_exist and (found := find(values)):
            return found
        try:
            return self.client.create(RESOURCES[name], values)
        except UnknownOutcome as unknown:
            with contextlib.suppress(SystemFailure):
                if found := find(values):
                    return found
            # Not there yet, or nobody can say: looked up again before the next attempt.
            raise unknown from None


def _first(rows: Any, matches: Callable[[Row], bool]) -> Row | None:
    """The first match that was not deleted."""
    return next((row for row in rows if row.get("vis_state") != DELETED and matches(row)), None)


def _same(row: Row, values: Values, *names: str) -> bool:
    return all(text(row, name) == text(values, name) for name in names)


def _lines(bill: Values) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """Description, quantity and price of each line, in an order of their own."""
    lines = [line for line in bill.get("lines") or [] if isinstance(line, dict)]
    return sorted(
        (
            (text(line, "description"), _number(line.get("quantity")), _amount(line, "unit_cost"))
            for line in lines
        ),
        key=str,
    )


def _same_amount(row: Row, values: Values) -> bool:
    return _amount(row) == _amount(values)


def _amount(row: Values, key: str = "amount") -> Decimal | None:
    money = row.get(key)
    return _number(money.get("amount")) if isinstance(money, dict) else None


def _number(value: Any) -> Decimal | None:
    """The number, however many zeros stand behind its point; None if it is none."""
    try:
        return number(value, "the number").normalize()
    except BridgeError:
        return None


def _account(row: Row) -> Account:
    return Account(
        uuid=text(row, "uuid"),
        number=text(row, "number"),
        name=text(row, "name"),
        kind=text(row, "type"),
        sub_kind=text(row, "sub_type"),
        is_active=text(row, "state") == "active",
        journal_sub_account=_id(row, "jesa_id"),
        expense_category=_id(row, "category_id"),
    )


def _id(row: Row, key: str) -> int | None:
    found = identifier(row, key)
    return int(found) if found.isascii() and found.isdigit() else None
