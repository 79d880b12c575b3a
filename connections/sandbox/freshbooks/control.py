"""Driving the books from another process, as JSON under `/_sandbox/`, and the page at `/`.

Bodies hold the keyword arguments of the `Bookkeeper` methods; `notify` (true or false), `duplicates`,
`delay`, `signature` and `fields` say how callbacks are told (see `Notice`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_object, json_response
from connections.sandbox.freshbooks import pages
from connections.sandbox.freshbooks.notices import Notice
from connections.sandbox.freshbooks.table import Row

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

BASE = "/_sandbox"


def add_routes(books: "FreshBooks") -> None:
    """The routes beside the ones that every stand-in has."""
    keeper = books.bookkeeper
    for path, name, add, edit in (
        ("invoices", "client", keeper.book_invoice, keeper.edit_invoice),
        ("clients", "organization", keeper.add_client, keeper.edit_client),
        ("vendors", "vendor_name", keeper.add_vendor, keeper.edit_vendor),
        ("bills", "vendor", keeper.add_bill, keeper.edit_bill),
    ):
        books.route("POST", f"{BASE}/{path}", _adding(add, name))
        books.route("PUT", f"{BASE}/{path}/<int:row_id>", _acting(edit))
    for path, act in (
        ("invoices/<int:row_id>/send", keeper.mark_sent),
        ("invoices/<int:row_id>/pay", keeper.pay_invoice),
    ):
        books.route("POST", f"{BASE}/{path}", _acting(act))
    books.route("DELETE", f"{BASE}/invoices/<int:row_id>", _acting(keeper.delete_invoice))
    books.route("DELETE", f"{BASE}/bills/<int:row_id>", _acting(keeper.delete_bill))
    control = Control(books)
    books.route("POST", f"{BASE}/bills/<int:row_id>/pay", control.pay_bill)
    books.route("POST", f"{BASE}/webhooks", control.send_webhook)
    books.route("GET", f"{BASE}/deliveries", control.show_deliveries)
    books.route("POST", f"{BASE}/tokens", control.mint)
    books.route("POST", f"{BASE}/tokens/expire", control.expire)
    books.route("POST", f"{BASE}/redirect_uris", control.add_redirect_uri)
    books.route("POST", f"{BASE}/ticker", control.set_ticker)
    books.route("GET", "/", lambda _: pages.home(books))


def _adding(add: Callable[..., Row], name: str) -> Callable[..., Response]:
    """A route that creates: the value under `name` goes first, the others are keywords."""

    def answer(request: Request) -> Response:
        given = json_object(request)
        first = [given.pop(name)] if name in given else []
        return _call(add, *first, **_keywords(given))

    return answer


def _acting(act: Callable[..., Row]) -> Callable[..., Response]:
    """A route that does something to one record."""

    def answer(request: Request, row_id: int) -> Response:
        return _call(act, row_id, **_keywords(json_object(request)))

    return answer


def _call(function: Callable[..., Any], *args: Any, **keywords: Any) -> Response:
    try:
        return json_response(function(*args, **keywords))
    except (TypeError, ValueError) as error:
        raise BadRequest(str(error)) from error


def _keywords(given: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments, with everything about callbacks gathered in `notify`."""
    manner = {key: given.pop(key) for key in ("duplicates", "delay", "signature", "fields") if key in given}
    send = given.pop("notify", True) not in {False, "false"}
    try:
        given["notify"] = Notice(send=send, **manner)
    except (TypeError, ValueError) as error:
        raise BadRequest(str(error)) from error
    return given


class Control:
    """The routes that are not simply a method of the bookkeeper."""

    def __init__(self, books: "FreshBooks") -> None:
        self.books = books

    def pay_bill(self, request: Request, row_id: int) -> Response:
        return _call(self.books.bookkeeper.pay_bill, row_id, **json_object(request))

    def send_webhook(self, request: Request) -> Response:
        """`{"event": "invoice.update", "object_id": 90001, "duplicates": 1}`."""
        given = _keywords(json_object(request))
        return _call(self.books.bookkeeper.send_webhook, **given)

    def show_deliveries(self, _: Request) -> Response:
        return json_response({"deliveries": list(self.books.webhooks.log)})

    def mint(self, request: Request) -> Response:
        """`{"scopes": [...], "expires_in": 60}`, both optional; answers like the token endpoint."""
        return _call(self.books.oauth.mint, **json_object(request))

    def expire(self, _: Request) -> Response:
        self.books.oauth.expire_access_tokens()
        return json_response({"expired": True})

    def add_redirect_uri(self, request: Request) -> Response:
        """`{"uri": "http://127.0.0.1:8000/callback"}`: register one more."""
        uri = str(json_object(request).get("uri", ""))
        try:
            self.books.oauth.app.check_redirect_uri(uri)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        self.books.oauth.app.redirect_uris.append(uri)
        return json_response({"redirect_uris": self.books.oauth.app.redirect_uris})

    def set_ticker(self, request: Request) -> Response:
        """`{"seconds": 10}`; 0 stops booking."""
        _call(self.books.ticker.set, json_object(request).get("seconds"))
        return json_response({"seconds": self.books.ticker.seconds})
