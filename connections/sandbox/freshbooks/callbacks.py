"""The endpoint for callbacks: `/events/account/<account_id>/events/callbacks`."""

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_object, json_response
from connections.sandbox.freshbooks import errors, stamps
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.oauth import PROFILE
from connections.sandbox.freshbooks.resource import result
from connections.sandbox.freshbooks.searching import ListQuery, one_page
from connections.sandbox.freshbooks.table import Row
from connections.sandbox.freshbooks.webhooks import EVENTS

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

# The object of `user:<object>:read` that guards the events of a noun, where it is not the noun's plural.
SCOPE_OF = {"category": "expenses", "item": "billable_items", "recurring": "invoices"}
SCOPE_OF |= {"service": "billable_items", "tax": "taxes", "time_entry": "time_entries"}


class Callbacks:
    """Registering, verifying, changing and deleting callbacks."""

    def __init__(self, books: "FreshBooks") -> None:
        self.books = books

    def add_routes(self) -> None:
        base = "/events/account/<account_id>/events/callbacks"
        route = self.books.route
        route("GET", base, self.answer_list)
        route("POST", base, self.answer_create)
        route("GET", f"{base}/<int:callback_id>", self.answer_get)
        route("PUT", f"{base}/<int:callback_id>", self.answer_update)
        route("DELETE", f"{base}/<int:callback_id>", self.answer_delete)

    def answer_list(self, request: Request, account_id: str) -> Response:
        self._guard(request, account_id)
        query = ListQuery.read(request.args)
        rows = list(self.books.webhooks.callbacks.rows.values())
        if wanted := query.search.get("event"):
            events = {*wanted, *(event.partition(".")[0] for event in wanted)}
            rows = [row for row in rows if row["event"] in events]
        found, paging = one_page(rows, query)
        return result({"callbacks": [self._shown(row) for row in found], **paging})

    def answer_create(self, request: Request, account_id: str) -> Response:
        self._guard(request, account_id)
        given = _body(request)
        self._guard(request, account_id, given.get("event"))
        event, uri = _checked(given.get("event"), given.get("uri"))
        return result({"callback": self._shown(self.books.webhooks.register(event, uri))})

    def answer_get(self, request: Request, account_id: str, callback_id: int) -> Response:
        return result({"callback": self._shown(self._find(request, account_id, callback_id))})

    def answer_update(self, request: Request, account_id: str, callback_id: int) -> Response:
        """Verify, resend the verification, or change event or uri (which needs verification again)."""
        callback = self._find(request, account_id, callback_id)
        given = _body(request)
        if given.get("resend"):
            self.books.webhooks.handshake(callback)
        elif "verifier" in given:
            if not hmac.compare_digest(str(given["verifier"]).encode(), callback["verifier"].encode()):
                raise Refused(
                    422, Problem(errors.INVALID, "Value error, Verifier does not match.", "verifier")
                )
            callback |= {"verified": True, "failures": 0}
        else:
            event, uri = _checked(given.get("event", callback["event"]), given.get("uri", callback["uri"]))
            callback |= {"event": event, "uri": uri, "verified": False, "failures": 0}
            self.books.webhooks.handshake(callback)
        callback["updated_at"] = stamps.utc(self.books.clock.now())
        return result({"callback": self._shown(callback)})

    def answer_delete(self, request: Request, account_id: str, callback_id: int) -> Response:
        callback = self._find(request, account_id, callback_id)
        self.books.webhooks.callbacks.remove(callback["callbackid"])
        return json_response({"response": {}})

    def _guard(self, request: Request, account_id: str, event: Any = None) -> None:
        noun = str(event).partition(".")[0]
        scope = f"user:{SCOPE_OF.get(noun, f'{noun}s')}:read" if event in EVENTS else PROFILE
        self.books.oauth.require(request, scope)
        if account_id != self.books.identity.account_id:
            raise Refused(404, Problem(errors.UNKNOWN, "Account not found."))

    def _find(self, request: Request, account_id: str, callback_id: int) -> Row:
        self._guard(request, account_id)
        callback = self.books.webhooks.callbacks.get(callback_id)
        if callback is None:
            raise Refused(404, Problem(errors.UNKNOWN, "Callback not found."))
        self._guard(request, account_id, callback["event"])
        return callback

    def _shown(self, callback: Row) -> Row:
        shown = {name: callback[name] for name in ("callbackid", "event", "uri", "verified", "updated_at")}
        if self.books.faults.take("callback_documented_shape"):
            shown["id"] = shown.pop("callbackid")
            shown["updated_at"] = f"{shown['updated_at'].replace(' ', 'T')}Z"
        return shown


def _body(request: Request) -> Row:
    callback = json_object(request).get("callback")
    if not isinstance(callback, dict):
        raise Refused(422, Problem(errors.REQUIRED, "Field required", "callback"))
    return callback


def _checked(event: Any, uri: Any) -> tuple[str, str]:
    problems = []
    if event not in EVENTS:
        problems.append(Problem(errors.INVALID, "Value error, Unrecognized event.", "event"))
    if not _is_url(uri):
        message = "Input should be a valid URL, relative URL without a base"
        problems.append(Problem(errors.INVALID, message, "uri"))
    if problems:
        raise Refused(422, *problems)
    return event, uri


def _is_url(uri: Any) -> bool:
    try:
        parts = urlsplit(uri) if isinstance(uri, str) else urlsplit("")
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
