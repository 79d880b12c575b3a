"""The service as a whole: who may call, how errors look, which switches exist."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, NoReturn

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connections.sandbox.cleo.access import TOKEN_PATH, Access
from connections.sandbox.cleo.mailbox import Mailbox
from connections.sandbox.cleo.shape import PLAIN, Shape
from connections.sandbox.common import Answer, StandIn, json_response
from connections.sandbox.common.standin import Handler
from connections.sandbox.sftp.storage import Storage

# Another origin: a client that sends its token there gives it away.
ELSEWHERE = "http://elsewhere.invalid"
KEPT_MISTAKES = 1000


class Service(StandIn):
    """Sign-in, errors and switches for the calls that are registered with `api()`.

    `shape` is how the file API is spelled. `allowed` are the "allowed file types" of the mailbox: names,
    wildcards, or regular expressions in square brackets. `mistakes` lists what a careful client never does.
    """

    name = "Cleo Integration Cloud"

    def __init__(
        self, storage: Storage, *, shape: Shape = PLAIN, allowed: Sequence[str] = (), **options: Any
    ) -> None:
        super().__init__(**options)
        self.shape = shape
        self.allowed = tuple(allowed)
        self.mailbox = Mailbox(storage)
        self.mistakes: list[dict[str, Any]] = []
        self.uploads: list[dict[str, Any]] = []
        self.actions_run: list[str] = []
        self.access = Access(self.clock, self.faults, self.note_mistake)
        _declare_switches(self)
        self.route("POST", TOKEN_PATH, self.access.issue)
        self.route("POST", f"{TOKEN_PATH}/tokens", self._no_token_here)
        self.route("GET POST PUT DELETE", "/api/api/<path:_>", self._joined_twice)

    @property
    def upload_folders(self) -> set[str]:
        """The folders from which files are taken."""
        raise NotImplementedError

    def pick_up_now(self) -> None:
        """Take what lies in the upload folders."""
        raise NotImplementedError

    def api(self, method: str, path: str, handler: Handler) -> None:
        """Answer `path` after sign-in."""

        def guarded(request: Request, **arguments: Any) -> Response:
            if self.faults.take("tokens_lost", method=request.method, path=request.path):
                self.access.revoke_all()
            if not self.access.accepts(request):
                self.fail(401, "The access token is missing, invalid or expired.")
            if request.method in {"POST", "PUT"} and not request.mimetype:
                self.note_mistake(request, "A request without Content-Type.")
                if self.faults.take("content_type_demanded"):
                    self.fail(415, "Unsupported Media Type")
            return handler(request, **arguments)

        self.route(method, path, guarded)

    def allows(self, name: str) -> bool:
        return not self.allowed or any(_fits(name, pattern) for pattern in self.allowed)

    def note_mistake(self, request: Request, text: str) -> None:
        """Remember that a client did what it should not; only the newest are kept."""
        at = self.clock.now().isoformat()
        self.mistakes.append({"at": at, "method": request.method, "path": request.path, "text": text})
        del self.mistakes[:-KEPT_MISTAKES]

    def fail(self, status: int, text: str) -> NoReturn:
        raise Answer(self._error(status, text))

    def error_response(self, error: HTTPException, request: Request) -> Response:
        return self._error(error.code or 500, error.description or "Error")

    def _error(self, status: int, text: str) -> Response:
        form = (self.faults.take("error_form") or {"form": "message"})["form"]
        if form == "none":
            return Response(status=status)
        if form == "errors":
            return json_response({"errors": [{"message": text}]}, status)
        if form == "description":
            return json_response({"error": "failed", "error_description": text}, status)
        return json_response({"message": text}, status)

    def _no_token_here(self, request: Request) -> Response:
        self.note_mistake(request, f"Tokens are given out at {TOKEN_PATH}.")
        self.fail(404, "Not found")

    def _joined_twice(self, request: Request, _: str) -> Response:
        self.note_mistake(request, "The address and the path both have /api.")
        self.fail(404, "Not found")


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("[") and pattern.endswith("]"):
        return re.fullmatch(pattern[1:-1], name) is not None
    return fnmatchcase(name, pattern)


def _declare_switches(service: Service) -> None:
    declare = service.faults.declare
    declare("tokens_lost", "Every token is worthless from this call on.", method=None, path=None)
    declare("content_type_demanded", "415 for a POST or PUT without Content-Type.")
    declare("error_form", "Errors are message, errors, description or none.", form="errors")
    declare("bare_array", "A list is a bare array, without a total.")
    declare("page_cap", "At most so many rows are answered, whatever is asked for.", rows=2)
    declare("renamed_keys", "Lists use other names of keys: a client must be told them.")
    declare("cross_origin_href", "The link of a file leads to another origin.")
    declare("id_is_name", "The id of a file is its name.")
    declare("name_taken", "409 for an upload whose name is in the folder already.")
    declare("picked_up_at_once", "An uploaded file is taken in the moment it is there.", file=None)
    declare("action_fails", "An action runs (200) and its result is an error.")
    declare("routing_fails", "The next file that is taken is lost on its way to the partner.")
