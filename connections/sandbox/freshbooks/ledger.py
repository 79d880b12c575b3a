"""The chart of accounts: ledger accounts by business UUID, and the report on them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_object, json_response
from connections.sandbox.freshbooks import cleaning, errors, stamps
from connections.sandbox.freshbooks.cleaning import InvalidError
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.journal import balance_of
from connections.sandbox.freshbooks.money import plain
from connections.sandbox.freshbooks.resource import result
from connections.sandbox.freshbooks.table import Row

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

TYPES = ("asset", "equity", "expense", "income", "liability")
SUB_TYPES = (
    (1, "asset", "Cash & Bank", "1000"),
    (2, "asset", "Current Asset", "1200"),
    (3, "liability", "Current Liability", "2000"),
    (4, "equity", "Owner's Equity", "3000"),
    (5, "income", "Income", "4000"),
    (6, "expense", "Cost of Goods Sold", "5000"),
    (7, "expense", "Operating Expense", "6000"),
)


class Ledger:
    """Ledger accounts, each with its numbers in the other numberings (`jea_id`, `jesa_id`, `category_id`)."""

    def __init__(self, books: "FreshBooks") -> None:
        self.books = books
        self.accounts: dict[str, Row] = {}
        self.by_sub_account: dict[int, Row] = {}

    def load(self, accounts: Iterable[Row]) -> None:
        self.accounts = {account["uuid"]: account for account in accounts}
        self.by_sub_account = {a["jesa_id"]: a for a in self.accounts.values() if a["jesa_id"]}

    def add_routes(self) -> None:
        base = "/accounting/businesses/<business_uuid>"
        route = self.books.route
        route("GET", f"{base}/ledger_accounts/accounts", self.answer_list)
        route("POST", f"{base}/ledger_accounts/accounts", self.answer_create)
        route("GET", f"{base}/ledger_accounts/accounts/<uuid>", self.answer_get)
        route("PUT", f"{base}/ledger_accounts/accounts/<uuid>", self.answer_update)
        route("GET", f"{base}/reports/chart_of_accounts", self.answer_report)
        route("GET", "/accounting/ledger_accounts/types", self.answer_types)
        route("GET", "/accounting/ledger_accounts/sub_types", self.answer_sub_types)
        route("GET", "/accounting/ledger_accounts/sub_types/<int:number>", self.answer_sub_type)

    # Endpoints

    def answer_list(self, request: Request, business_uuid: str) -> Response:
        self._guard(request, business_uuid)
        return json_response({"data": list(self.accounts.values())})

    def answer_get(self, request: Request, business_uuid: str, uuid: str) -> Response:
        self._guard(request, business_uuid)
        return json_response({"data": self._find(uuid)})

    def answer_create(self, request: Request, business_uuid: str) -> Response:
        self._guard(request, business_uuid)
        given = json_object(request)
        for name in ("name", "number", "sub_type"):
            _required(given, name)
        sub_type = next((row for row in SUB_TYPES if row[2] == given["sub_type"]), None)
        parent = self.accounts.get(str(given.get("parent_account")))
        if sub_type is None or (given.get("parent_account") and parent is None):
            name = "parent_account" if sub_type else "sub_type"
            raise Refused(400, Problem(errors.INVALID, "Invalid value.", name))
        account: Row = {
            "uuid": self.books.new_uuid(),
            "name": str(given["name"]),
            "number": str(given["number"]),
            "description": str(given.get("description") or ""),
            "type": sub_type[1],
            "sub_type": sub_type[2],
            "parent_account": parent and parent["uuid"],
            "sub_accounts": [],
            "auto_created": False,
            "state": "active",
            "updated_at": stamps.rfc3339(self.books.clock.now()),
            "category_id": None,
            "jea_id": parent["jea_id"] if parent else self._next("jea_id"),
            "jesa_id": self._next("jesa_id") if parent else None,
        }
        if parent:
            parent["sub_accounts"].append(account["uuid"])
        self.load([*self.accounts.values(), account])
        return json_response({"data": account})

    def answer_update(self, request: Request, business_uuid: str, uuid: str) -> Response:
        self._guard(request, business_uuid)
        account, given = self._find(uuid), json_object(request)
        for name in ("uuid", "name", "number", "type", "sub_accounts"):
            _required(given, name)
        account |= {
            name: str(given[name] or "") for name in ("name", "number", "description") if name in given
        }
        account["updated_at"] = stamps.rfc3339(self.books.clock.now())
        return json_response({"data": account})

    def answer_types(self, request: Request) -> Response:
        self.books.oauth.require(request, "user:journal_entries:read")
        return json_response({"data": [{"name": name} for name in TYPES]})

    def answer_sub_types(self, request: Request) -> Response:
        self.books.oauth.require(request, "user:journal_entries:read")
        return json_response({"data": [_sub_type(row) for row in SUB_TYPES]})

    def answer_sub_type(self, request: Request, number: int) -> Response:
        self.books.oauth.require(request, "user:journal_entries:read")
        found = [row for row in SUB_TYPES if row[0] == number]
        if not found:
            raise Refused(404, Problem(errors.UNKNOWN, "Not found."))
        return json_response({"data": _sub_type(found[0])})

    def answer_report(self, request: Request, business_uuid: str) -> Response:
        """Balances between flat `start_date` and `end_date`; without them the report covers today only."""
        self._guard(request, business_uuid, "user:reports:read")
        today = stamps.today(self.books.clock.now()).isoformat()
        try:
            start = cleaning.day(request.args.get("start_date", today))
            end = cleaning.day(request.args.get("end_date", today))
        except InvalidError as error:
            raise Refused(400, Problem(error.errno, error.message, "start_date")) from None
        code = request.args.get("currency_code", "USD")
        details = [
            row
            for row in self.books.journal_details.rows.values()
            if start <= row["user_entered_date"] <= end and row["currency_code"] == code
        ]
        accounts = [self._reported(account, details) for account in self._parents()]
        reverse = request.args.get("sort") == "account_number_desc"
        accounts.sort(key=lambda account: account["account_number"], reverse=reverse)
        return result({"journal_entry_accounts": accounts})

    # For journal entries

    def journal_accounts(self) -> list[Row]:
        """The accounts in the shape of `journal_entry_accounts`, with their sub-accounts."""
        return [
            {
                **_journal_account(parent),
                "balance": plain(sum(map(self._balance, self._children(parent)), start=balance_of([]))),
                "sub_accounts": [self._journal_sub_account(child) for child in self._children(parent)],
            }
            for parent in self._parents()
        ]

    def sub_account_and_parent(self, sub_account_id: int) -> tuple[Row, Row]:
        child = self.by_sub_account[sub_account_id]
        return self._journal_sub_account(child), _journal_account(self.accounts[child["parent_account"]])

    # Helpers

    def _guard(self, request: Request, business_uuid: str, scope: str | None = None) -> None:
        verb = "read" if request.method == "GET" else "write"
        self.books.oauth.require(request, scope or f"user:journal_entries:{verb}")
        if business_uuid != self.books.identity.business_uuid:
            raise Refused(404, Problem(errors.UNKNOWN, "Not found."))
        if verb == "write":
            self.books.identity.require_write_role()

    def _find(self, uuid: str) -> Row:
        account = self.accounts.get(uuid)
        if account is None:
            raise Refused(404, Problem(errors.UNKNOWN, "Not found."))
        return account

    def _next(self, name: str) -> int:
        return 1 + max(account[name] or 0 for account in self.accounts.values())

    def _parents(self) -> list[Row]:
        return [account for account in self.accounts.values() if account["parent_account"] is None]

    def _children(self, parent: Row) -> list[Row]:
        return [self.accounts[uuid] for uuid in parent["sub_accounts"]]

    def _balance(self, child: Row) -> Any:
        rows = self.books.journal_details.rows.values()
        return balance_of(row for row in rows if row["sub_accountid"] == child["jesa_id"])

    def _journal_sub_account(self, child: Row) -> Row:
        return {
            "id": child["jesa_id"],
            "sub_accountid": child["jesa_id"],
            "parentid": child["jea_id"],
            "account_sub_name": child["name"],
            "account_sub_number": child["number"],
            "account_type": child["type"],
            "balance": plain(self._balance(child)),
            "currency_code": "USD",
            "custom": not child["auto_created"],
        }

    def _reported(self, parent: Row, details: list[Row]) -> Row:
        def shown(account: Row, ids: set[int]) -> Row:
            balance = balance_of(row for row in details if row["sub_accountid"] in ids)
            return {
                "account_uuid": account["uuid"],
                "account_number": account["number"],
                "account_name": account["name"],
                "account_type": account["type"],
                "account_sub_type": account["sub_type"],
                "balance": {"amount": str(balance), "code": "USD"},
            }

        children = self._children(parent)
        sub_accounts = [shown(child, {child["jesa_id"]}) for child in children]
        return {**shown(parent, {child["jesa_id"] for child in children}), "sub_accounts": sub_accounts}


def _required(given: Row, name: str) -> None:
    if name not in given or given[name] in (None, ""):
        raise Refused(400, Problem(errors.REQUIRED, "This field is required.", name))


def _journal_account(account: Row) -> Row:
    return {
        "id": account["jea_id"],
        "accountid": account["jea_id"],
        "account_name": account["name"],
        "account_number": account["number"],
        "account_type": account["type"],
        "currency_code": "USD",
    }


def _sub_type(row: tuple[int, str, str, str]) -> Row:
    return dict(zip(("id", "type", "name", "base_number"), row, strict=True))
