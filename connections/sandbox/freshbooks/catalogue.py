"""What is only read here: items, taxes, expense categories, expenses and their vendor names."""

from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from connections.sandbox.freshbooks.resource import Resource, result
from connections.sandbox.freshbooks.searching import (
    Filters,
    ListQuery,
    amounts,
    contains,
    days,
    one_or_more,
    one_page,
    truth,
)
from connections.sandbox.freshbooks.table import Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

READ = frozenset({"list", "get"})


class Items(Resource):
    path = "items/items"
    singular, plural, scope, noun = "item", "items", "billable_items", "item"
    methods = READ
    filters = days("updated", "updated")


class Taxes(Resource):
    path = "taxes/taxes"
    singular, plural, scope, noun = "tax", "taxes", "taxes", "tax"
    methods = READ
    filters = days("updated", "updated")


class Categories(Resource):
    """Expense categories; every bill line needs one."""

    path = "expenses/categories"
    singular, plural, scope, noun = "category", "categories", "expenses", "category"
    methods = READ


class Expenses(Resource):
    path = "expenses/expenses"
    singular, plural, scope, noun = "expense", "expenses", "expenses", "expense"
    methods = READ

    def __init__(self, books: "FreshBooks", table: Table) -> None:
        super().__init__(books, table)
        self.filters: Filters = {
            **days("date", "date"),
            **days("updated", "updated"),
            **one_or_more("clientid"),
            **one_or_more("projectid"),
            **one_or_more("categoryid"),
            "amount_min": amounts("amount")["amount_min"],
            "amount_max": amounts("amount")["amount_max"],
            "vendor": contains("vendor"),
            "has_receipt": truth(lambda row: row["has_receipt"]),
        }

    def add_routes(self) -> None:
        super().add_routes()
        self.books.route("GET", "/accounting/account/<account_id>/expenses/vendors", self.answer_vendors)

    def answer_vendors(self, request: Request, account_id: str) -> Response:
        """The distinct vendor names of expenses."""
        self.guard(request, account_id)
        query = ListQuery.read(request.args)
        names = sorted({row["vendor"] for row in self.table.rows.values() if row["vendor"]})
        found, paging = one_page([{"vendor": name} for name in names], query)
        return result({"vendors": found, **paging})
