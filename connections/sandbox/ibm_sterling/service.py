"""The B2B REST service as a whole: who may call, how errors and lists look, which switches exist."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, NoReturn
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, StandIn, json_response
from connections.sandbox.common.standin import Handler, json_object
from connections.sandbox.ibm_sterling.identity import Identity
from connections.sandbox.ibm_sterling.store import INTERNAL_ADDRESS, Store

BASE = "/B2BAPIs/svc"
# A list without `_range` is cut here: a client that forgets it shall notice in a test, not at month-end.
ROWS_WITHOUT_RANGE = 25
# The account that the page, the demo and the tests use.
USERNAME = "ml-connector"
PASSWORD = "sterling-password"
KEPT_MISTAKES = 1000
JSON_TYPE = "application/json; charset=UTF-8"


@dataclass
class User:
    """`api` says whether the account holds the permission "API User"."""

    password: str
    api: bool = True


class Service(StandIn):
    """Signing in, errors, lists and `Location`, for the resources that are registered with `api()`.

    `auth` is `basic`, `oauth` (tokens of `identity`) or `any`. After `lock_after` failed sign-ins in a
    row an account is locked until `unlock()`. `mistakes` lists what a careful client never does.
    """

    name = "IBM Sterling B2B Integrator"

    def __init__(
        self,
        *,
        users: dict[str, User] | None = None,
        auth: str = "basic",
        identity: Identity | None = None,
        lock_after: int = 10,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.users = users or {USERNAME: User(PASSWORD), "no-api": User("no-api-password", api=False)}
        self.auth = auth
        self.identity = identity
        self.lock_after = lock_after
        self.store = Store()
        self.mistakes: list[dict[str, Any]] = []
        self.most_at_once = 0
        self._failed_sign_ins: dict[str, int] = {}
        self._at_once = 0
        self._counting = Lock()
        _declare_switches(self)
        self.route("POST", "/oauth2/token", self._token_at_the_wrong_place)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_api = str(environ.get("PATH_INFO", "")).startswith(BASE)
        with self._counting:
            self._at_once += is_api
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return super().__call__(environ, start_response)
        finally:
            with self._counting:
                self._at_once -= is_api

    def looked_into(self, path: str) -> None:
        """Called when somebody lists a box; for what waits to be looked for."""

    # Routes and sign-in

    def api(self, methods: str, resource: str, rest: str, handler: Handler) -> None:
        """Answer `resource` in both spellings, `mailboxMessages` and `mailboxmessages`, after sign-in."""

        def guarded(request: Request, **arguments: Any) -> Response:
            self._sign_in(request)
            self._fail_on_purpose()
            return handler(request, **arguments)

        for spelling in {resource, resource.lower()}:
            self.route(methods, f"{BASE}/{spelling}{rest}", guarded)

    def unlock(self) -> None:
        """Let accounts in again that were locked after failed sign-ins."""
        self._failed_sign_ins.clear()

    def note_mistake(self, request: Request, text: str) -> None:
        """Remember that a client did what it should not; only the newest are kept."""
        at = self.clock.now().isoformat()
        self.mistakes.append({"at": at, "method": request.method, "path": request.path, "text": text})
        del self.mistakes[:-KEPT_MISTAKES]

    def _sign_in(self, request: Request) -> None:
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        scheme = scheme.lower()
        if scheme == "bearer" and self.auth in {"oauth", "any"} and self.identity is not None:
            if not self.identity.accepts(credentials):
                self._refuse_sign_in("The access token is invalid or has expired.")
        elif scheme == "basic" and self.auth in {"basic", "any"}:
            self._check_password(credentials)
        else:
            self._refuse_sign_in("Authentication is required.")
        if "application/json" not in request.headers.get("Accept", ""):
            self.note_mistake(request, "No `Accept: application/json`.")

    def _check_password(self, credentials: str) -> None:
        try:
            username, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            self._refuse_sign_in("The credentials cannot be read.")
        user = self.users.get(username)
        failed = self._failed_sign_ins.get(username, 0)
        if user is None or user.password != password or failed >= self.lock_after:
            self._failed_sign_ins[username] = failed + 1
            locked = " The account is locked." if failed >= self.lock_after else ""
            self._refuse_sign_in(f"User name or password is wrong.{locked}")
        self._failed_sign_ins.pop(username, None)
        if not user.api or self.faults.take("missing_permission"):
            self.fail(403, f"API000403: User {username} does not have the permission API User.")

    def _refuse_sign_in(self, text: str) -> NoReturn:
        challenge = {"WWW-Authenticate": 'Basic realm="B2BAPIs"' if self.auth != "oauth" else "Bearer"}
        if self.faults.take("unauthorized_page"):
            page = "<html><head><title>Error 401</title></head><body>SRVE0295E: 401</body></html>"
            raise Answer(Response(page, 401, challenge, content_type="text/html;charset=ISO-8859-1"))
        raise Answer(self._error(401, f"API000401: {text}", challenge))

    def _fail_on_purpose(self) -> None:
        if self.faults.take("passphrase_missing"):
            self.fail(500, "API000500: The property security.passphrase is not set in customer_overrides.")

    def _token_at_the_wrong_place(self, request: Request) -> Response:
        self.note_mistake(request, "Tokens are not given out by the API host.")
        raise Answer(Response("<html><body>Not Found</body></html>", 404, content_type="text/html"))

    # Answers

    def fail(self, status: int, text: str) -> NoReturn:
        """Answer with the product's error object."""
        raise Answer(self._error(status, text))

    def error_response(self, error: HTTPException, request: Request) -> Response:
        """Unknown paths and methods; a collection without its slash is an unknown path."""
        status = error.code or 500
        status = 404 if 300 <= status < 400 else status
        if request.path.startswith(BASE):
            return self._error(status, f"API000{status}: {error.description or 'Not found.'}")
        return json_response({"message": error.description}, status)

    def _error(self, status: int, text: str, headers: dict[str, str] | None = None) -> Response:
        if status in {400, 404} and self.faults.take("error_page"):
            return Response("<html><body>Error</body></html>", status, headers, content_type="text/html")
        key = "errorDiscription" if self.faults.take("misspelled_error_key") else "errorDescription"
        return self.answer({"errorCode": status, key: text}, status, headers)

    def answer(self, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        response = json_response(data, status, headers)
        response.headers["Content-Type"] = JSON_TYPE
        return response

    def created(self, request: Request, resource: str, identifier: str) -> Response:
        """201 with the `Location` of the new record as the installation itself sees it."""
        form = (self.faults.take("location") or {"form": "internal"})["form"]
        path = f"{BASE}/{resource}/{identifier if form == 'colons' else quote(identifier, safe='')}"
        address = {"relative": "", "public": request.host_url.rstrip("/")}.get(form, INTERNAL_ADDRESS)
        status = 200 if self.faults.take("created_as_200") else 201
        if form == "header":
            return self.answer({}, status, {"Location": f"{address}{path}"})
        return self.answer({"Location": f"{address}{path}"}, status)

    def changed_rows(self, rows: int) -> Response:
        form = (self.faults.take("rows_affected") or {"form": "number"})["form"]
        shown: Any = {"number": rows, "text": str(rows), "zero": 0}.get(form, rows)
        return self.answer({"rowsAffected": shown})

    def coded(self, value: bool, switch: str, *, coded: bool) -> Any:
        """A flag as an object or plain; the switch turns the usual way round."""
        if self.faults.take(switch):
            coded = not coded
        return {"code": value, "display": "Yes" if value else "No"} if coded else value

    def rows(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        """A list with the common parameters `_sort`, `_range`, `_include` and `_exclude` applied."""
        rows = self._sorted(request, rows)
        first, last = self._range(request)
        if cap := self.faults.take("range_cap"):
            last = min(last, first + int(cap["rows"]) - 1)
        page = [_fields(request, row) for row in rows[first : last + 1]]
        if not page and (empty := self.faults.take("empty_list")):
            status = int(empty["status"])
            self.fail(status, f"API000{status}: No records were found for the given criteria.")
        return self.answer(page)

    def _sorted(self, request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for key in reversed(request.args.get("_sort", "").split(",")):
            rows = sorted(rows, key=lambda row: str(row.get(key, "")))
        if self.faults.take("unsorted_rows"):
            rows = sorted(rows, key=lambda row: hashlib.sha256(repr(sorted(row.items())).encode()).digest())
        return rows

    def _range(self, request: Request) -> tuple[int, int]:
        given = request.args.get("_range")
        if given is None:
            self.note_mistake(request, "A list without `_range`.")
            return 0, ROWS_WITHOUT_RANGE - 1
        first, dash, last = given.partition("-")
        if not (dash and first.isdecimal() and last.isdecimal()):
            self.fail(400, f"API000170: The value {given} of _range is not valid.")
        return int(first), int(last)

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON object that was sent; anything else is answered with 400."""
        if request.mimetype != "application/json":
            self.fail(400, f"API000162: Content type {request.mimetype or 'none'} is not supported here.")
        try:
            return json_object(request)
        except HTTPException:
            self.fail(400, "API000161: The JSON input cannot be parsed.")

    def required(self, body: dict[str, Any], *names: str) -> list[Any]:
        missing = [name for name in names if body.get(name) in (None, "")]
        if missing:
            self.fail(400, f"API000160: Required input is missing: {', '.join(missing)}.")
        return [body[name] for name in names]


def stamp(moment: datetime) -> str:
    """A time as the API writes it: milliseconds, offset without a colon."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


def _fields(request: Request, row: dict[str, Any]) -> dict[str, Any]:
    include, exclude = (request.args.get(name, "").split(",") for name in ("_include", "_exclude"))
    return {
        key: value for key, value in row.items() if key not in exclude and (include == [""] or key in include)
    }


def _declare_switches(service: Service) -> None:
    declare: Callable[..., None] = service.faults.declare
    declare("unauthorized_page", "A refused sign-in is answered with an HTML page.")
    declare("missing_permission", "403: the account does not hold the permission API User.")
    declare("mailbox_forbidden", "403 for this mailbox (all, when no path is given).", mailbox=None)
    declare("passphrase_missing", "500: security.passphrase is not set by the administrator.")
    declare("empty_list", "An empty list is answered with an error of this status (404 or 400).", status=404)
    declare("error_page", "Errors 400 and 404 are HTML pages.")
    declare("misspelled_error_key", "Errors carry errorDiscription, as the vendor's specification has it.")
    declare(
        "location", "Location is relative, header, colons or public instead of internal.", form="relative"
    )
    declare("created_as_200", "A new record is answered with 200 instead of 201.")
    declare("rows_affected", "rowsAffected is text, or zero, instead of a number.", form="text")
    declare("plain_flags", "Flags of mailboxmessages are plain instead of objects.")
    declare("coded_contents", "Flags of mailboxcontents are objects instead of plain.")
    declare("payload_purged", "The content of a document (any, when none is given) is gone.", document=None)
    declare(
        "duplicate_name",
        "A message whose name is in the box already: drop (the old one is answered), phantom (a new id that"
        " does not exist is answered) or refuse (400).",
        handling="drop",
    )
    declare("unsorted_rows", "Lists come in no order.")
    declare("range_cap", "At most so many rows are answered, whatever _range asks for.", rows=2)
    declare("routing_fails", "The next message that is picked up ends in /DeadLetter.")
    declare("workflow_state", "The last step of a process has this state.", state="1")
