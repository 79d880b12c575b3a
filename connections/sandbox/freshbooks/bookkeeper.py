"""What a person does on the FreshBooks screens, for tests, the demo and the sandbox's own page.

Everything goes through the same rules as the API, and tells callbacks unless asked not to.
"""

import random
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from connections.sandbox.freshbooks import errors, stamps
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.invoices import SENT
from connections.sandbox.freshbooks.money import amount_of
from connections.sandbox.freshbooks.notices import SILENT, Notice
from connections.sandbox.freshbooks.resource import DELETED, Resource
from connections.sandbox.freshbooks.table import Row

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

Notify = Notice | bool


class Bookkeeper:
    """Books, edits, pays and deletes. Every method is thread-safe and returns the record as the API shows it.

    `notify` is True (tell callbacks as usual), False (tell nobody, so that only a poll finds it) or a
    `Notice` (twice, later, unsigned, forged ...). Raises Refused for what the API would refuse.
    Records are named by id; a client or vendor also by its name.
    """

    def __init__(self, books: "FreshBooks", seed: int) -> None:
        self.books = books
        self._seed = seed
        self.booked = 0  # by `book_next`

    # Invoices

    def book_invoice(
        self,
        client: int | str = 55001,
        *,
        lines: Sequence[Mapping[str, Any]] | None = None,
        po_number: str | None = None,
        notify: Notify = True,
        **fields: Any,
    ) -> Row:
        """Book an invoice, sent and due in 30 days unless `fields` (as the API takes them) say otherwise.

        Without `lines` it gets one to three of the seeded items; without `po_number` one made of its number.
        """
        with self.books.lock:
            invoices = self.books.invoices
            today = stamps.today(self.books.clock.now()).isoformat()
            data: dict[str, Any] = {
                "create_date": today,
                "due_offset_days": 30,
                "status": SENT,
                "terms": "Net 30",
                **fields,
                "customerid": self._client_id(client),
                "po_number": po_number or f"PO-{invoices.table.next_id}",
                "lines": self._some_lines(invoices.table.next_id) if lines is None else list(lines),
            }
            row = invoices.add(data, _notice(notify))
            return self._done(invoices, row)

    def book_next(self, *, notify: Notify = True) -> Row:
        """Book the next invoice of an endless series that depends on the seed alone."""
        with self.books.lock:
            self.booked += 1
            chance = random.Random(f"{self._seed}/{self.booked}")
            return self.book_invoice(chance.choice(self._client_ids()), notify=notify)

    def edit_invoice(self, invoice_id: int, *, notify: Notify = True, **changes: Any) -> Row:
        """Change fields, named as in the API; `lines` replaces all lines. Without changes: a new note."""
        changes = changes or {"notes": f"Edited {self.books.clock.now():%H:%M:%S}"}
        return self._change(self.books.invoices, invoice_id, changes, notify)

    def mark_sent(self, invoice_id: int, *, notify: Notify = True) -> Row:
        return self._change(self.books.invoices, invoice_id, {"action_mark_as_sent": True}, notify)

    def delete_invoice(self, invoice_id: int, *, notify: Notify = True) -> Row:
        return self._change(self.books.invoices, invoice_id, {"vis_state": DELETED}, notify)

    def pay_invoice(
        self, invoice_id: int, amount: Any = None, *, notify: Notify = True, **fields: Any
    ) -> Row:
        """Record a payment, of all that is outstanding unless an amount is given; returns the payment."""
        with self.books.lock:
            invoice = self.books.invoices.find(invoice_id)
            owed = amount_of(invoice["outstanding"]) if amount is None else amount
            data = {
                "invoiceid": invoice_id,
                "amount": {"amount": str(owed), "code": invoice["currency_code"]},
                "date": stamps.today(self.books.clock.now()).isoformat(),
                "type": "Check",
                **fields,
            }
            return self._done(self.books.payments, self.books.payments.add(data, _notice(notify)))

    # Clients, vendors, bills

    def add_client(self, organization: str, *, notify: Notify = True, **fields: Any) -> Row:
        with self.books.lock:
            row = self.books.clients.add({"organization": organization, **fields}, _notice(notify))
            return self._done(self.books.clients, row)

    def edit_client(self, client: int | str, *, notify: Notify = True, **changes: Any) -> Row:
        return self._change(self.books.clients, self._client_id(client), changes, notify)

    def add_vendor(self, vendor_name: str, *, notify: Notify = True, **fields: Any) -> Row:
        data = {"vendor_name": vendor_name, "currency_code": "USD", "language": "en", **fields}
        with self.books.lock:
            return self._done(self.books.bill_vendors, self.books.bill_vendors.add(data, _notice(notify)))

    def edit_vendor(self, vendor: int | str, *, notify: Notify = True, **changes: Any) -> Row:
        return self._change(self.books.bill_vendors, self._vendor_id(vendor), changes, notify)

    def add_bill(
        self,
        vendor: int | str = 1561,
        *,
        lines: Sequence[Mapping[str, Any]] | None = None,
        notify: Notify = True,
        **fields: Any,
    ) -> Row:
        """Enter a bill, due in 30 days; without `lines` it gets one line of office supplies."""
        line = {
            "categoryid": 65771,
            "description": "Paper",
            "quantity": "2",
            "unit_cost": {"amount": "125.00"},
        }
        with self.books.lock:
            data = {
                "issue_date": stamps.today(self.books.clock.now()).isoformat(),
                "due_offset_days": 30,
                "currency_code": "USD",
                "language": "en",
                "bill_number": f"INV-{self.books.bills.table.next_id}",
                **fields,
                "vendorid": self._vendor_id(vendor),
                "lines": [line] if lines is None else list(lines),
            }
            return self._done(self.books.bills, self.books.bills.add(data, _notice(notify)))

    def edit_bill(self, bill_id: int, *, notify: Notify = True, **changes: Any) -> Row:
        return self._change(self.books.bills, bill_id, changes, notify)

    def delete_bill(self, bill_id: int, *, notify: Notify = True) -> Row:
        return self._change(self.books.bills, bill_id, {"vis_state": DELETED}, notify)

    def pay_bill(self, bill_id: int, amount: Any = None, **fields: Any) -> Row:
        """Record a bill payment, of all that is outstanding unless an amount is given; no webhook exists."""
        with self.books.lock:
            bill = self.books.bills.find(bill_id)
            owed = amount_of(bill["outstanding"]) if amount is None else amount
            data = {
                "billid": bill_id,
                "amount": {"amount": str(owed), "code": bill["currency_code"]},
                "paid_date": stamps.today(self.books.clock.now()).isoformat(),
                "payment_type": "Check",
                **fields,
            }
            return self._done(self.books.bill_payments, self.books.bill_payments.add(data))

    def pay_next_bill(self) -> Row:
        """Enter a bill and pay it; returns the bill payment."""
        with self.books.lock:
            return self.pay_bill(self.add_bill()["id"])

    # Webhooks by hand

    def send_webhook(self, event: str, object_id: int, *, notify: Notify = True) -> None:
        """Tell callbacks of an event that did not happen (or happened before)."""
        with self.books.lock:
            self.books.webhooks.announce(event, object_id, _notice(notify))

    # Helpers

    def _change(self, resource: Resource, row_id: int, changes: Mapping[str, Any], notify: Notify) -> Row:
        with self.books.lock:
            return self._done(resource, resource.change(row_id, changes, _notice(notify)))

    def _done(self, resource: Resource, row: Row) -> Row:
        self.books.changed()
        return deepcopy(resource.render(row, frozenset({"lines"})))

    def _client_ids(self) -> list[int]:
        return [row["id"] for row in self.books.clients.table.rows.values() if row["vis_state"] != DELETED]

    def _client_id(self, client: int | str) -> int:
        return _by_name(client, "organization", self.books.clients)

    def _vendor_id(self, vendor: int | str) -> int:
        return _by_name(vendor, "vendor_name", self.books.bill_vendors)

    def _some_lines(self, number: int) -> list[dict[str, Any]]:
        chance = random.Random(f"{self._seed}/{number}")
        items = list(self.books.items.table.rows.values())
        taxes = self.books.taxes.table
        lines = []
        for item in chance.sample(items, k=chance.randint(1, min(3, len(items)))):
            tax = taxes.get(item["tax1"])
            lines.append(
                {
                    "name": item["name"],
                    "description": item["description"],
                    "qty": str(chance.randint(1, 24)),
                    "unit_cost": dict(item["unit_cost"]),
                    "taxName1": tax and tax["name"],
                    "taxAmount1": tax and tax["amount"],
                }
            )
        return lines


def _notice(notify: Notify) -> Notice | None:
    if isinstance(notify, Notice):
        return notify
    return None if notify else SILENT


def _by_name(wanted: int | str, field: str, resource: Resource) -> int:
    if isinstance(wanted, int):
        return wanted
    for row in resource.table.rows.values():
        if row[field] == wanted or str(row[resource.table.key]) == wanted:
            return int(row[resource.table.key])
    problem = Problem(
        errors.UNKNOWN, f"There is no {resource.singular} named {wanted}.", field, resource.singular
    )
    raise Refused(404, problem)
