"""The Transaction API as a whole: who may call, how errors look, which switches exist."""

import json
from typing import Any, NoReturn

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, StandIn, json_response
from connections.sandbox.common.standin import Handler
from connections.sandbox.sps_commerce.auth import Auth
from connections.sandbox.sps_commerce.store import Store

BASE = "/transactions/v5"
KEPT_MISTAKES = 1000


class Service(StandIn):
    """Signing in and errors, for the operations that are registered with `api()`."""

    name = "SPS Commerce"
    store: Store

    def __init__(self, auth: Auth, **options: Any) -> None:
        super().__init__(**options)
        self.auth = auth
        self.mistakes: list[dict[str, str]] = []
        self._declare_switches()

    def api(self, methods: str, path: str, handler: Handler) -> None:
        """Answer `path` below the base for callers with a good token."""

        def guarded(request: Request, **arguments: Any) -> Response:
            self._check_token(request)
            return handler(request, **arguments)

        self.route(methods, path, guarded)

    def fail(self, status: int, error: str, description: str) -> NoReturn:
        """Answer with the API's own envelope, or in one of the other forms that a switch asks for."""
        if self.faults.take("problem_json"):
            problem = {"title": error, "status": status, "requestId": "r-1", "detail": description}
            raise Answer(Response(json.dumps(problem), status, content_type="application/problem+json"))
        if self.faults.take("plain_errors"):
            raise Answer(Response(f"{error}: {description}", status, content_type="text/plain"))
        raise Answer(json_response(envelope(error, description), status))

    def error_response(self, error: HTTPException, request: Request) -> Response:
        return json_response(envelope("Not Found", error.description or ""), error.code or 500)

    def rate_limit_response(self) -> Response:
        return json_response(envelope("Too Many Requests", "Rate limit exceeded."), 429)

    def note_mistake(self, request: Request, text: str) -> None:
        """Remember something that a client should not have done."""
        if len(self.mistakes) < KEPT_MISTAKES:
            at = self.clock.now().isoformat(timespec="seconds")
            self.mistakes.append({"at": at, "method": request.method, "path": request.path, "text": text})

    def _check_token(self, request: Request) -> None:
        where = {"method": request.method, "path": request.path}
        if redirect := self.faults.take("redirect", **where):
            headers = {"Location": str(redirect["to"])}
            raise Answer(json_response({}, 307, headers))
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if token and token in request.url:
            self.note_mistake(request, "The token stands in the address.")
        if self.faults.take("unauthorized", **where):
            self.auth.revoke_all()
        if scheme.lower() != "bearer" or not self.auth.accepts(token):
            self.fail(401, "Unauthorized", "The token is missing, wrong or expired.")
        if self.faults.take("forbidden", **where):
            self.fail(403, "Forbidden", "The application may not do this.")

    def _declare_switches(self) -> None:
        declare, anywhere = self.faults.declare, {"method": None, "path": None}
        declare(
            "unauthorized",
            "401, and every token given out so far is worthless: mid-cycle expiry.",
            **anywhere,
        )
        declare("forbidden", "403 with a good token.", **anywhere)
        declare("redirect", "307 to another address.", to="http://127.0.0.1:9/elsewhere", **anywhere)
        declare("problem_json", "Errors as application/problem+json.")
        declare("plain_errors", "Errors as plain text.")
        declare("not_activated", "The root lists as empty, and no directory is there.")
        declare("last_page", "How the last page ends: null, absent, or no_paging.", how="absent")
        declare("results_null", "An empty directory answers with results null.")
        declare("results_absent", "A listing without results.")
        declare("cursor_repeats", "Every page names the same next cursor.")
        declare("page_cap", "No page holds more entries than this.", entries=2)
        declare("foreign_url", "Listings name another host in url.", host="evil.example.com")
        declare("hostile_entry", "The listing has an entry of this path as well.", entry="/out/../in/x.json")
        declare("error_in_success", "200 with an error member; an upload is not stored.", **anywhere)
        declare("created_as_200", "An upload answers 200 instead of 201.")
        declare("bom", "Downloads begin with a byte-order mark.")
        declare("crlf", "Downloads end their lines with CR LF.")
        declare("odd_type", "Downloads say that they are of this type.", type="text/html")
        declare("consumed_at_once", "SPS takes an upload the moment it is stored.")
        declare("history_lag", "The history shows a transfer only after this time.", seconds=300)
        declare("history_page", "The history's pages are this long, whatever is asked.", rows=1)
        declare("history_counts_pages", "The history's offset counts pages, not rows.")
        declare("history_elsewhere", "The history's next page is on another host.", host="evil.example.com")
        declare("delete_fails", "A DELETE is carried out, and answered with this status.", status=500)


def envelope(error: str, description: str) -> dict[str, Any]:
    """The error form of the Transaction API."""
    return {"status": "error", "error": {"error": error, "errorDescription": description}}
