"""What every accounting resource does the same way: routes, lists, partial updates, visibility."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_object, json_response
from connections.sandbox.freshbooks import cleaning, errors, stamps
from connections.sandbox.freshbooks.cleaning import Cleaner, InvalidError
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.notices import Notice
from connections.sandbox.freshbooks.searching import (
    Filters,
    ListQuery,
    matching,
    one_page,
    ordered,
    read_includes,
)
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

ACTIVE, DELETED, ARCHIVED = 0, 1, 2
GATE_ERRNO = {"items": 12001, "bills": 41001, "bill_vendors": 31001, "bill_payments": 41101}
NO_INCLUDES: frozenset[str] = frozenset()


class Resource:
    """One accounting resource under `/accounting/account/<account_id>`.

    A subclass says in class attributes what its endpoint looks like and which fields can be written, and
    overrides `prepare`, `complete`, `render` where the resource has rules of its own. The same methods
    serve the API and the bookkeeper, so both obey the same rules.
    """

    path: ClassVar[str]  # e.g. "invoices/invoices"
    singular: ClassVar[str]
    plural: ClassVar[str]
    scope: ClassVar[str]  # object of `user:<object>:<read|write>`
    noun: ClassVar[str | None] = None  # of its events; None: no events exist
    key: ClassVar[str] = "id"
    methods: ClassVar[frozenset[str]] = frozenset({"list", "get", "create", "update"})
    fields: Mapping[str, Cleaner] = {}
    required: ClassVar[tuple[str, ...]] = ()
    read_only: ClassVar[frozenset[str]] = frozenset()
    create_only: ClassVar[frozenset[str]] = frozenset()
    actions: ClassVar[tuple[str, ...]] = ()
    filters: Filters = {}
    sorts: ClassVar[dict[str, Callable[[Row], Any]]] = {}

    def __init__(self, books: "FreshBooks", table: Table) -> None:
        self.books = books
        self.table = table

    # HTTP

    def add_routes(self) -> None:
        base = f"/accounting/account/<account_id>/{self.path}"
        one = f"{base}/<int:row_id>"
        route = self.books.route
        if "list" in self.methods:
            route("GET", base, self.answer_list)
        if "create" in self.methods:
            route("POST", base, self.answer_create)
        if "get" in self.methods:
            route("GET", one, self.answer_get)
        if "update" in self.methods:
            route("PUT", one, self.answer_update)
        if "delete" in self.methods:
            route("DELETE", one, self.answer_delete)

    def guard(self, request: Request, account_id: str) -> None:
        """Token, scope, role, account, and the switches that refuse. Raises Refused."""
        verb = "read" if request.method == "GET" else "write"
        self.books.oauth.require(request, f"user:{self.scope}:{verb}")
        if account_id != self.books.identity.account_id:
            raise Refused(
                404, Problem(errors.UNKNOWN, "Account not found.", "accountid", "account", account_id)
            )
        if verb == "write":
            self.books.identity.require_write_role()
        if gate := self.books.faults.take("feature_gate", resource=self.plural):
            errno = GATE_ERRNO.get(self.plural, errors.DENIED)
            name = self.plural.replace("_", " ")
            problem = Problem(errno, f"You do not have access to {name}.", None, self.singular)
            raise Refused(int(gate["status"]), problem)
        if verb == "write" and self.books.faults.take("conflict", resource=self.plural):
            message = "The resource is being modified by another request."
            raise Refused(409, Problem(errors.INVALID, message, None, self.singular))

    def answer_list(self, request: Request, account_id: str) -> Response:
        self.guard(request, account_id)
        query = ListQuery.read(request.args)
        rows = matching(self.visible(query.search), query.search, self.filters)
        rows = ordered(rows, query.sort, self.sorts)
        total = len(rows)
        if hidden := self.books.faults.take("hidden_rows", resource=self.plural):
            total += int(hidden["extra"])
            rows = [] if hidden["all"] else rows
        found, paging = one_page(rows, query, total)
        return result({self.plural: [self.render(row, query.includes) for row in found], **paging})

    def answer_get(self, request: Request, account_id: str, row_id: int) -> Response:
        self.guard(request, account_id)
        return self.answer_one(request, self.find(row_id))

    def answer_create(self, request: Request, account_id: str) -> Response:
        self.guard(request, account_id)
        return self.answer_one(request, self.add(self.body(request)))

    def answer_update(self, request: Request, account_id: str, row_id: int) -> Response:
        self.guard(request, account_id)
        return self.answer_one(request, self.change(row_id, self.body(request)))

    def answer_delete(self, request: Request, account_id: str, row_id: int) -> Response:
        self.guard(request, account_id)
        self.change(row_id, {"vis_state": DELETED})
        return json_response({"response": {}})

    def answer_one(self, request: Request, row: Row) -> Response:
        return result({self.singular: self.render(row, read_includes(request.args))})

    def body(self, request: Request) -> Row:
        """What stands under the singular name in the JSON body. Raises Refused."""
        data = json_object(request).get(self.singular)
        if not isinstance(data, dict):
            message = f"The body must hold an object named {self.singular}."
            raise Refused(422, Problem(errors.UNPARSED, message, self.singular, self.singular))
        return data

    # What the API and the bookkeeper share

    def find(self, row_id: int) -> Row:
        """The row, deleted or not. Raises Refused (404, errno 1012)."""
        row = self.table.get(row_id)
        if row is None:
            name = self.singular.replace("_", " ").capitalize()
            problem = Problem(errors.UNKNOWN, f"{name} not found.", self.key, self.singular, str(row_id))
            raise Refused(404, problem)
        return row

    def visible(self, search: Mapping[str, list[str]]) -> Iterator[Row]:
        """Newest first; active and archived unless `vis_state` is asked for."""
        if wanted := search.get("vis_state"):
            return (row for row in self.table.newest_first() if str(row["vis_state"]) in wanted)
        return (row for row in self.table.newest_first() if row["vis_state"] != DELETED)

    def add(self, data: Mapping[str, Any], notice: Notice | None = None) -> Row:
        """Create a row, announce it, and return it. Raises Refused and changes nothing then."""
        cleaned = self.clean(data, new=True)
        row = self.prepare(cleaned)
        self.table.add(row)
        self.complete(row)
        self.announce("create", row, notice)
        return row

    def change(self, row_id: int, data: Mapping[str, Any], notice: Notice | None = None) -> Row:
        """A PUT: only the first phase that is present runs, the rest is dropped without a word.

        The phases: `ext_vis_state`, `vis_state`, actions, data. Raises Refused and changes nothing then.
        """
        row = self.find(row_id)
        if "ext_vis_state" in data:
            row["ext_vis_state"] = self._checked("ext_vis_state", cleaning.whole, data["ext_vis_state"])
            self.touch(row)
            self.announce("update", row, notice)
        elif "vis_state" in data:
            self._show_or_hide(row, data["vis_state"], notice)
        elif wanted := [name for name in self.actions if data.get(name)]:
            self.act(row, wanted[0], data, notice)
        else:
            self.refuse_if_deleted(row)
            self.update(row, self.clean(data, new=False))
            self.touch(row)
            self.announce("update", row, notice)
        return row

    def clean(self, data: Mapping[str, Any], *, new: bool) -> Row:
        """The writable fields of `data` as they are kept; unknown ones are dropped. Raises Refused."""
        forbidden = self.read_only if new else self.read_only | self.create_only
        if denied := [name for name in data if name in forbidden]:
            raise Refused(
                403, *(self._problem(errors.READ_ONLY, "Write access denied.", name, data) for name in denied)
            )
        problems = []
        for name in self.required if new else ():
            if data.get(name) in (None, "", []):
                problems.append(self.missing(name))
        cleaned = {}
        for name, cleaner in self.fields.items():
            if name in data and not any(problem.field == name for problem in problems):
                try:
                    cleaned[name] = cleaner(data[name])
                except InvalidError as error:
                    problems.append(self._problem(error.errno, error.message, name, data))
        if problems:
            raise Refused(422, *problems)
        return cleaned

    def missing(self, name: str) -> Problem:
        """What is said about a required field that was left out."""
        return Problem(errors.REQUIRED, f"'{name}' is a required field.", name, self.singular)

    # What a resource defines

    def prepare(self, cleaned: Row) -> Row:
        """The whole new row from the cleaned fields; its id is given by the table unless set here."""
        return {**cleaned, "vis_state": ACTIVE}

    def update(self, row: Row, cleaned: Row) -> None:
        """Put cleaned fields into an existing row and compute what follows from them."""
        row.update(cleaned)

    def complete(self, row: Row) -> None:
        """What is computed once a new row has its id, and what follows for other rows."""

    def hidden(self, row: Row) -> None:
        """What follows for other rows when this one was deleted, archived or brought back."""

    def act(self, row: Row, action: str, data: Mapping[str, Any], notice: Notice | None) -> None:
        """Carry out one of `actions`."""

    def render(self, row: Row, includes: frozenset[str]) -> Row:
        """The row as it is shown. Must not change the row."""
        return row

    def touch(self, row: Row) -> None:
        """Note that the row changed now."""
        row["updated"] = stamps.eastern(self.books.clock.now())

    # Helpers

    def announce(self, verb: str, row: Row, notice: Notice | None = None) -> None:
        if self.noun:
            self.books.webhooks.announce(f"{self.noun}.{verb}", row[self.table.key], notice)

    def _show_or_hide(self, row: Row, wanted: Any, notice: Notice | None) -> None:
        row["vis_state"] = self._checked("vis_state", cleaning.one_of(ACTIVE, DELETED, ARCHIVED), wanted)
        self.touch(row)
        self.hidden(row)
        self.announce("delete" if row["vis_state"] == DELETED else "update", row, notice)

    def refuse_if_deleted(self, row: Row) -> None:
        """Raises Refused (errno 1011) for a deleted row."""
        if row.get("vis_state") == DELETED:
            name = self.singular.replace("_", " ").capitalize()
            problem = Problem(
                errors.DELETED, f"{name} is deleted.", self.key, self.singular, str(row[self.key])
            )
            raise Refused(422, problem)

    def _checked(self, name: str, cleaner: Cleaner, value: Any) -> Any:
        try:
            return cleaner(value)
        except InvalidError as error:
            raise Refused(422, self._problem(error.errno, error.message, name, {name: value})) from None

    def _problem(self, errno: int, message: str, name: str, data: Mapping[str, Any]) -> Problem:
        value = data.get(name)
        shown = value if value is None or isinstance(value, str | int) else str(value)
        return Problem(errno, message, name, self.singular, shown)


def result(data: Row) -> Response:
    """The accounting envelope around a result."""
    return json_response({"response": {"result": data}})
