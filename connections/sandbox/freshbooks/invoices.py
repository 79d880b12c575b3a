"""Invoices: `/invoices/invoices`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.freshbooks import cleaning, errors, stamps
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.invoice_lines import clean_lines
from connections.sandbox.freshbooks.money import ZERO, amount_of, invoice_totals, money
from connections.sandbox.freshbooks.notices import Notice
from connections.sandbox.freshbooks.resource import Resource, result
from connections.sandbox.freshbooks.searching import Filters, amounts, days, equals, one, one_or_more
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

DISPUTED, DRAFT, SENT, VIEWED, PAID, PARTIAL = 0, 1, 2, 3, 4, 8
NAMES = {
    DISPUTED: "disputed",
    DRAFT: "draft",
    SENT: "sent",
    VIEWED: "viewed",
    PAID: "paid",
    PARTIAL: "partial",
}
TEXT = cleaning.text()


class Invoices(Resource):
    """Invoices with their lines, totals and status.

    `_base_status` remembers the status without payments, so that a deleted payment gives it back.
    """

    path = "invoices/invoices"
    singular, plural, scope, noun = "invoice", "invoices", "invoices", "invoice"
    methods = frozenset({"list", "get", "create", "update", "delete"})
    fields = {
        "customerid": cleaning.identifier,
        "create_date": cleaning.day,
        "due_offset_days": cleaning.whole,
        "currency_code": cleaning.text(3),
        "language": cleaning.text(7),
        "po_number": TEXT,
        "notes": cleaning.text(10_000),
        "terms": cleaning.text(10_000),
        "invoice_number": TEXT,
        **dict.fromkeys(("fname", "lname", "organization", "address", "street", "street2"), TEXT),
        **dict.fromkeys(("city", "province", "code", "country", "vat_name", "vat_number"), TEXT),
        "discount_value": cleaning.percent,
        "discount_description": TEXT,
        "deposit_percentage": cleaning.percent,
        "status": cleaning.whole,
        "lines": clean_lines,
    }
    required = ("customerid", "create_date")
    read_only = frozenset(
        {"id", "invoiceid", "uuid", "accountid", "accounting_systemid"}
        | {"amount", "paid", "outstanding", "net_paid_amount", "due_date", "date_paid", "discount_total"}
        | {"payment_status", "display_status", "v3_status", "current_organization", "description"}
        | {"created_at", "updated", "version"}
    )
    actions = ("action_email", "action_mark_as_sent")
    sorts = {"invoice_date": lambda row: row["create_date"]}

    def __init__(self, books: "FreshBooks", table: Table) -> None:
        super().__init__(books, table)
        self.next_number = 1
        self._numbers: dict[str, int] = {}
        self.filters: Filters = {
            **days("date", "create_date"),
            **days("updated", "updated"),
            **one_or_more("customerid"),
            **one_or_more("invoiceid"),
            **one("invoice_number"),
            "v3_status": equals(self.v3_status),
            "paid": amounts("paid")["paid"],
            "outstanding": amounts("outstanding")["outstanding"],
        }

    def add_routes(self) -> None:
        super().add_routes()
        path = f"/accounting/account/<account_id>/{self.path}/<int:row_id>/share_link"
        self.books.route("GET", path, self.answer_share_link)

    def answer_share_link(self, request: Request, account_id: str, row_id: int) -> Response:
        self.guard(request, account_id)
        row = self.find(row_id)
        if row["status"] == DRAFT:
            raise Refused(
                422, Problem(errors.INVALID, "The invoice was not sent yet.", "status", "invoice", DRAFT)
            )
        link = f"{request.host_url}link/{row['uuid']}"
        return result({"share_link": {"share_link": link, "resourceid": row_id, "resource_type": "invoice"}})

    # Creating and changing

    def clean(self, data: Mapping[str, Any], *, new: bool) -> Row:
        cleaned = super().clean(data, new=new)
        if "customerid" in cleaned and self.books.clients.table.get(cleaned["customerid"]) is None:
            value = str(cleaned["customerid"])
            raise Refused(404, Problem(errors.UNKNOWN, "Client not found.", "userid", "client", value))
        if cleaned.get("status", DRAFT) not in {DISPUTED, DRAFT, SENT, VIEWED}:
            problem = Problem(errors.INVALID, "Status cannot be set.", "status", "invoice", cleaned["status"])
            raise Refused(422, problem)
        return cleaned

    def prepare(self, cleaned: Row) -> Row:
        number = cleaned.get("invoice_number") or self._free_number()
        self._require_free(number, None)
        client = self.books.clients.find(cleaned["customerid"])
        now = self.books.clock.now()
        row: Row = {
            "id": self.table.next_id,
            "invoiceid": self.table.next_id,
            "accountid": self.books.identity.account_id,
            "accounting_systemid": self.books.identity.account_id,
            "uuid": self.books.new_uuid(),
            "customerid": client["id"],
            "due_offset_days": 0,
            "generation_date": None,
            "fulfillment_date": None,
            "date_paid": None,
            "currency_code": client["currency_code"] or "USD",
            "language": client["language"] or "en",
            "net_paid_amount": None,
            "discount_value": "0",
            "discount_description": None,
            "deposit_amount": None,
            "deposit_percentage": None,
            "deposit_status": "none",
            "status": DRAFT,
            "autobill_status": None,
            "auto_bill": False,
            "dispute_status": None,
            "last_order_status": None,
            "po_number": None,
            **_copy_of(client),
            "notes": "",
            "terms": None,
            "ownerid": 1,
            "sentid": 1,
            "estimateid": 0,
            "parent": 0,
            "basecampid": 0,
            "ext_archive": 0,
            "template": "clean-grouped",
            "gmail": False,
            "show_attachments": False,
            "return_uri": None,
            "payment_details": "",
            "created_at": stamps.eastern(now),
            "lines": [],
            "vis_state": 0,
            **cleaned,
            "invoice_number": number,
        }
        row["_base_status"] = row["status"]
        row["lines"] = row["lines"] or []
        self.touch(row)
        return row

    def complete(self, row: Row) -> None:
        self._numbers[row["invoice_number"]] = row["id"]
        self._total(row)

    def update(self, row: Row, cleaned: Row) -> None:
        number: str = cleaned.get("invoice_number") or row["invoice_number"]
        cleaned["invoice_number"] = number
        self._require_free(number, row["id"])
        self._numbers[number] = row["id"]
        self.table.move(row, cleaned.get("customerid", row["customerid"]))
        row.update(cleaned)
        if "status" in cleaned:
            row["_base_status"] = cleaned["status"]
        self._total(row)

    def act(self, row: Row, action: str, data: Mapping[str, Any], notice: Notice | None) -> None:
        if action == "action_email" and not data.get("email_recipients"):
            problem = Problem(
                errors.REQUIRED, "'email_recipients' is a required field.", "email_recipients", "invoice"
            )
            raise Refused(422, problem)
        if row["_base_status"] == DRAFT:
            row["_base_status"] = SENT
            self.settle(row)
        self.touch(row)
        if action == "action_email":
            self.announce("sendByEmail", row, notice)
        self.announce("update", row, notice)

    def settle(self, row: Row) -> None:
        """Compute paid, outstanding and status from the payments on the invoice."""
        payments = [p for p in self.books.payments.table.with_index(row["id"]) if p["vis_state"] != 1]
        total = amount_of(row["amount"])
        paid = min(sum((amount_of(payment["amount"]) for payment in payments), ZERO), max(total, ZERO))
        code = row["currency_code"]
        row["paid"] = money(paid, code)
        row["outstanding"] = money(total - paid, code)
        fully = paid > 0 and paid >= total
        row["status"] = PAID if fully else PARTIAL if paid > 0 else row["_base_status"]
        row["payment_status"] = "paid" if fully else "partial" if paid > 0 else "unpaid"
        row["date_paid"] = max(payment["date"] for payment in payments) if fully else None

    def touch(self, row: Row) -> None:
        now = self.books.clock.now()
        row["updated"] = stamps.eastern(now)
        row["version"] = stamps.eastern_version(now)

    # Showing

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        status = self.v3_status(row)
        client = self.books.clients.table.get(row["customerid"])
        shown = {key: value for key, value in row.items() if key != "lines" and not key.startswith("_")}
        shown["display_status"] = shown["v3_status"] = status
        shown["due_date"] = stamps.due_date(row["create_date"], row["due_offset_days"])
        shown["current_organization"] = client["organization"] if client else ""
        if "lines" in includes:
            shown["lines"] = row["lines"]
        if "presentation" in includes:
            shown["presentation"] = {"theme_layout": "simple", "theme_primary_color": "#0063c1"}
        if "allowed_gateways" in includes:
            shown["allowed_gateways"] = []
        if "owner" in includes:
            shown["owner"] = {"id": 1, "fname": "Ada", "lname": "Byron"}
        return shown

    def v3_status(self, row: Row) -> str:
        """The status in words; overdue when the due day is past and something is outstanding."""
        if row["status"] in {SENT, VIEWED, PARTIAL} and amount_of(row["outstanding"]) > 0:
            today = stamps.today(self.books.clock.now()).isoformat()
            if stamps.due_date(row["create_date"], row["due_offset_days"]) < today:
                return "overdue"
        return NAMES[row["status"]]

    # Helpers

    def restored(self) -> None:
        """Rebuild what is derived from the rows."""
        self._numbers = {row["invoice_number"]: row["id"] for row in self.table.rows.values()}

    def _total(self, row: Row) -> None:
        code = row["currency_code"]
        for line in row["lines"]:
            line["unit_cost"]["code"] = line["amount"]["code"] = code
            line["updated"] = line["updated"] or row["updated"]
        totals = invoice_totals(row["lines"], Decimal(row["discount_value"] or 0))
        row["amount"] = money(totals.total, code)
        row["discount_total"] = money(totals.discount, code)
        row["description"] = row["lines"][0]["description"] or row["lines"][0]["name"] if row["lines"] else ""
        self.settle(row)

    def _free_number(self) -> str:
        while (number := f"{self.next_number:07d}") in self._numbers:
            self.next_number += 1
        self.next_number += 1
        return number

    def _require_free(self, number: str, row_id: int | None) -> None:
        if self._numbers.get(number, row_id) != row_id:
            message = "Invoice number is already in use."
            raise Refused(422, Problem(errors.DUPLICATE, message, "invoice_number", "invoice", number))


def _copy_of(client: Row) -> Row:
    """Name and address as they are now: later changes of the client do not reach the invoice."""
    return {
        "organization": client["organization"],
        "fname": client["fname"],
        "lname": client["lname"],
        "address": "",
        **{
            part: client[f"p_{part}"] for part in ("street", "street2", "city", "province", "code", "country")
        },
        "vat_name": client["vat_name"],
        "vat_number": client["vat_number"] or "",
    }
