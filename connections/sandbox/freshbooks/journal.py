"""Journal entries and the accounts they post to, in the legacy endpoints. Entries are only ever created."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, json_response
from connections.sandbox.freshbooks import cleaning, errors
from connections.sandbox.freshbooks.cleaning import InvalidError
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.invoice_lines import each, take
from connections.sandbox.freshbooks.money import ZERO, amount_of, money, rounded
from connections.sandbox.freshbooks.notices import Notice
from connections.sandbox.freshbooks.resource import Resource, result
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks


class JournalEntries(Resource):
    """At least two lines that balance; the entry's description is stamped on every line."""

    path = "journal_entries/journal_entries"
    singular, plural, scope, key = "journal_entry", "journal_entries", "journal_entries", "entryid"
    methods = frozenset({"create"})
    required = ("name", "user_entered_date", "details")

    def __init__(self, books: "FreshBooks", table: Table, details: Table) -> None:
        super().__init__(books, table)
        self.details = details
        self.fields = {
            "name": cleaning.text(),
            "description": cleaning.text(4000),
            "user_entered_date": cleaning.day,
            "currency_code": cleaning.text(3),
            "details": lambda value: each(value, self._clean_line),
        }

    def clean(self, data: Mapping[str, Any], *, new: bool) -> Row:
        if not data.get("currency_code"):  # seen on a live account: not a validation error
            raise Answer(json_response({"message": "There was an error accessing your account data."}, 500))
        cleaned = super().clean(data, new=new)
        lines = cleaned["details"]
        balance = sum((line["debit"] - line["credit"] for line in lines), ZERO)
        if len(lines) < 2 or balance != 0:
            message = "A journal entry needs at least two lines, and its debits must equal its credits."
            raise Refused(422, Problem(errors.INVALID, message, "details", self.singular))
        return cleaned

    def prepare(self, cleaned: Row) -> Row:
        return {
            "id": self.table.next_id,
            "entryid": self.table.next_id,
            "description": "",
            **cleaned,
            "details": [],
            "_lines": cleaned["details"],
            "vis_state": 0,
        }

    def complete(self, row: Row) -> None:
        code = row["currency_code"]
        for line in row.pop("_lines"):
            detail = self.details.add(
                {
                    "detailid": self.details.next_id,
                    "sub_accountid": line["sub_accountid"],
                    "debit": money(line["debit"], code) if line["debit"] else None,
                    "credit": money(line["credit"], code) if line["credit"] else None,
                    "currency_code": code,
                    "description": row["description"],
                    "name": row["name"],
                    "user_entered_date": row["user_entered_date"],
                    "entryid": row["id"],
                }
            )
            row["details"].append(detail["id"])

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        shown = {key: value for key, value in row.items() if key != "vis_state"}
        return {**shown, "details": [_as_written(self.details.rows[number]) for number in row["details"]]}

    def _clean_line(self, line: Row, number: int) -> Row:
        account = take(line, "sub_accountid", cleaning.identifier)
        if account not in self.books.ledger.by_sub_account:
            raise InvalidError(errors.UNKNOWN, "Sub account not found.")
        debit = take(line, "debit", cleaning.number, ZERO)
        credit = take(line, "credit", cleaning.number, ZERO)
        if (debit > 0) == (credit > 0) or debit < 0 or credit < 0:
            raise InvalidError(errors.INVALID, "One of debit and credit must be above 0.")
        return {"sub_accountid": account, "debit": rounded(debit), "credit": rounded(credit)}


class JournalEntryDetails(Resource):
    """The lines of all journal entries, newest first."""

    path = "journal_entries/journal_entry_details"
    singular, plural, scope, key = (
        "journal_entry_detail",
        "journal_entry_details",
        "journal_entries",
        "detailid",
    )
    methods = frozenset({"list"})

    def visible(self, search: Mapping[str, list[str]]) -> Any:
        return self.table.newest_first()

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        sub_account, account = self.books.ledger.sub_account_and_parent(row["sub_accountid"])
        entry = {**dict.fromkeys(("clientid", "creditid", "expenseid", "incomeid", "invoiceid", "paymentid"))}
        return {
            "id": row["id"],
            "detailid": row["id"],
            "name": row["name"],
            "description": row["description"],
            "detail_type": "journal_entry",
            "user_entered_date": row["user_entered_date"],
            "debit": row["debit"],
            "credit": row["credit"],
            "balance": money(amount_of(row["debit"]) - amount_of(row["credit"]), row["currency_code"]),
            "account": account,
            "sub_account": sub_account,
            "entry": {"entryid": row["entryid"], **entry},
        }


class JournalEntryAccounts(Resource):
    """The accounts with their sub-accounts, whose ids journal entries are written with; no filter works."""

    path = "journal_entry_accounts/journal_entry_accounts"
    singular, plural, scope = "journal_entry_account", "journal_entry_accounts", "journal_entries"
    methods = frozenset({"list"})

    def answer_list(self, request: Request, account_id: str) -> Response:
        self.guard(request, account_id)
        accounts = self.books.ledger.journal_accounts()
        shape = {"page": 1, "pages": 1, "per_page": len(accounts), "total": len(accounts)}
        return result({self.plural: accounts, **shape})

    def announce(self, verb: str, row: Row, notice: Notice | None = None) -> None:
        """There are no events."""


def _as_written(detail: Row) -> Row:
    """A line as the answer to its creation shows it: plain amounts."""
    shown = {key: value for key, value in detail.items() if key != "entryid"}
    for side in ("debit", "credit"):
        shown[side] = shown[side] and shown[side]["amount"]
    return shown


def balance_of(details: Any) -> Decimal:
    """Debits minus credits."""
    return sum((amount_of(row["debit"]) - amount_of(row["credit"]) for row in details), ZERO)
