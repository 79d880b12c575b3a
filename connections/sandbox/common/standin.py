"""The base of every HTTP stand-in: routes, the faults that all share, and the control surface."""

import json
import sys
import traceback
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from connections.sandbox.common.clock import Clock
from connections.sandbox.common.faults import FaultError, Faults
from connections.sandbox.common.state_file import StateFile

CONTROL = "/_sandbox"
SECRET_QUERY_KEYS = {"code", "state", "token", "verifier", "password", "client_secret", "access_token"}

Handler = Callable[..., Response]


class ConnectionDropped(Exception):
    """Raised instead of answering: the server closes the connection (`reset`: with RST)."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("connection dropped on purpose")
        self.reset = reset


class Answer(HTTPException):
    """Raise it to answer with this response at once, from anywhere below a handler."""

    def __init__(self, response: Response) -> None:
        super().__init__(response=response)


def json_response(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`data` as a JSON answer. Decimals, dates and the like become text."""
    return Response(json.dumps(data, default=str), status, headers, content_type="application/json")


class StandIn(ABC):
    """A WSGI application that stands in for one outside system.

    `name` is what people read. `save_to` names the file its state is kept in (None: memory only).
    Handlers run one at a time under `lock`. `/` and everything under `/_sandbox` is for the people and
    programs that drive it: never struck by a fault, never in the list of calls.
    """

    name = "Stand-in"
    # Every how many seconds `tick` is called while it is served; None: only by whoever drives it.
    tick_every: float | None = None

    def __init__(self, *, save_to: Path | None = None, clock: Clock | None = None) -> None:
        self.lock = RLock()
        self.clock = clock or Clock()
        self.faults = Faults()
        self.calls: deque[dict[str, Any]] = deque(maxlen=1000)
        self.stopping = Event()
        self._ticker: Thread | None = None
        self._map = Map(merge_slashes=False)
        self._file = StateFile(save_to, self._snapshot) if save_to else None
        self._declare_faults()
        self._add_control_routes()

    # What a system defines

    @abstractmethod
    def dump(self) -> dict[str, Any]:
        """Everything it holds, as values that JSON knows."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned earlier."""

    @abstractmethod
    def reset(self) -> None:
        """Back to the seed data."""

    def public_state(self) -> dict[str, Any]:
        """What `GET /_sandbox/state` answers; override it to leave out secrets."""
        return self.dump()

    def error_response(self, error: HTTPException, request: Request) -> Response:
        """The system's way to answer a werkzeug HTTPException, such as an unknown path."""
        return json_response({"message": error.description}, error.code or 500)

    def rate_limit_response(self) -> Response:
        """The system's 429, without Retry-After."""
        return json_response({"message": "Too many requests."}, 429)

    def tick(self) -> None:  # noqa: B027  # most have nothing to do
        """What happens by itself at the other side: files are taken, answers written."""

    def start(self) -> None:
        """Called when a server begins to serve it; extend it to start threads."""
        self.stopping.clear()
        if self._file:
            self._file.open()
        if self.tick_every:
            self._ticker = Thread(target=self._keep_ticking, name=f"{self.name} ticks", daemon=True)
            self._ticker.start()

    def stop(self) -> None:
        """Called when the server stops; extend it to end threads. Saves the state."""
        self.stopping.set()
        if self._ticker is not None:
            self._ticker.join()
            self._ticker = None
        if self._file:
            self._file.close()

    def _keep_ticking(self) -> None:
        while not self.stopping.wait(self.tick_every):
            self.tick()

    # What a system uses

    def route(self, methods: str, path: str, handler: Handler) -> None:
        """Answer `path` (a werkzeug rule) for the space-separated methods: `handler(request, **args)`."""
        self._map.add(Rule(path, methods=methods.split(), endpoint=handler))

    def load_saved_state(self) -> None:
        """Go on with the saved state, or start with the seed. Called at the end of a system's `__init__`.

        Raises StateFileError when the file is damaged.
        """
        saved = self._file.load() if self._file else None
        if saved is None:
            self.reset()
        else:
            self.clock.move(seconds=saved.get("clock_offset_seconds", 0))
            self.restore(saved["data"])

    def changed(self) -> None:
        """Say that the state changed outside a request, so that it is saved."""
        if self._file:
            self._file.changed()

    def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until the stand-in is stopped."""
        self.stopping.wait(max(0.0, seconds))

    # The life of a request

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/" or request.path.startswith(CONTROL):
            return self._control(request)(environ, start_response)
        call: dict[str, Any] = {
            "at": self.clock.now().isoformat(timespec="milliseconds"),
            "method": request.method,
            "path": request.path,
            "query": _safe_query(request),
            "status": None,  # stays None when the connection was dropped
        }
        self.calls.append(call)
        response = self._respond(request)
        call["status"] = response.status_code
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        where = {"method": request.method, "path": request.path}
        response = self._fault_before(where) or self._handle(request)
        if self.faults.take("reply_lost", **where):
            raise ConnectionDropped
        if late := self.faults.take("slow_answer", **where):
            self.pause(float(late["seconds"]))
        if drip := self.faults.take("slow_body", **where):
            body = response.get_data()
            response.response = self._drip(body, int(drip["chunk"]), float(drip["pause"]))
            response.headers["Content-Length"] = str(len(body))
        return response

    def _fault_before(self, where: dict[str, str]) -> Response | None:
        if closed := self.faults.take("connection_closed", **where):
            raise ConnectionDropped(reset=bool(closed["reset"]))
        if slow := self.faults.take("slow", **where):
            self.pause(float(slow["seconds"]))
        if limited := self.faults.take("rate_limited", **where):
            response = self.rate_limit_response()
            if limited["retry_after"] is not None:
                response.headers["Retry-After"] = str(limited["retry_after"])
            return response
        if failing := self.faults.take("server_error", **where):
            return json_response({"message": "Internal server error"}, int(failing["status"]))
        if broken := self.faults.take("html_error", **where):
            page = "<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"
            return Response(page, int(broken["status"]), content_type="text/html; charset=utf-8")
        return None

    def _handle(self, request: Request) -> Response:
        try:
            handler, arguments = self._map.bind_to_environ(request.environ).match()
            with self.lock:
                response: Response = handler(request, **arguments)
        except HTTPException as error:
            given = error.response
            response = given if isinstance(given, Response) else self.error_response(error, request)
        except ConnectionDropped:
            raise
        except Exception:
            traceback.print_exc(file=sys.stderr)
            response = json_response(
                {"message": f"The {self.name} stand-in itself failed; see its output."}, 500
            )
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            self.changed()
        return response

    def _drip(self, body: bytes, chunk: int, pause: float) -> Iterator[bytes]:
        for start in range(0, len(body), max(1, chunk)):
            yield body[start : start + max(1, chunk)]
            self.pause(pause)

    # Faults and control surface

    def _declare_faults(self) -> None:
        declare, anywhere = self.faults.declare, {"method": None, "path": None}
        declare("slow", "Wait before answering.", seconds=5, **anywhere)
        declare("slow_answer", "The request is carried out, the answer comes late.", seconds=5, **anywhere)
        declare("slow_body", "Send the answer in small pieces with pauses.", chunk=64, pause=0.5, **anywhere)
        declare("rate_limited", "429; with Retry-After (seconds) when given.", retry_after=None, **anywhere)
        declare("server_error", "A 5xx answer, nothing is done.", status=500, **anywhere)
        declare("html_error", "An HTML page instead of an answer, nothing is done.", status=502, **anywhere)
        declare(
            "reply_lost", "The request is carried out, then the connection closes unanswered.", **anywhere
        )
        declare("connection_closed", "The connection closes, nothing is done.", reset=False, **anywhere)

    def _add_control_routes(self) -> None:
        self.route("GET", f"{CONTROL}/faults", lambda _: json_response({"faults": self.faults.board()}))
        self.route("POST", f"{CONTROL}/faults", self._set_fault)
        self.route("DELETE", f"{CONTROL}/faults", self._clear_fault)
        self.route("DELETE", f"{CONTROL}/faults/<name>", self._clear_fault)
        self.route("GET", f"{CONTROL}/state", lambda _: json_response(self.public_state()))
        self.route("POST", f"{CONTROL}/reset", self._reset)
        self.route("GET", f"{CONTROL}/calls", lambda _: json_response({"calls": list(self.calls)}))
        self.route("GET", f"{CONTROL}/clock", self._show_clock)
        self.route("POST", f"{CONTROL}/clock", self._move_clock)

    def _control(self, request: Request) -> Response:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return json_response({"message": "Only pages of this stand-in may drive it."}, 403)
        return self._handle(request)

    def _set_fault(self, request: Request) -> Response:
        order = json_object(request)
        params = order.get("params", {})
        if not isinstance(params, dict):
            raise BadRequest("params must be an object.")
        try:
            self.faults.set(
                str(order.get("name")),
                order.get("times"),
                order.get("skip", 0),
                order.get("every", 1),
                **_named(params),
            )
        except FaultError as error:
            raise BadRequest(str(error)) from error
        return json_response({"faults": self.faults.board()})

    def _clear_fault(self, _: Request, name: str | None = None) -> Response:
        try:
            self.faults.clear(name)
        except FaultError as error:
            raise BadRequest(str(error)) from error
        return json_response({"faults": self.faults.board()})

    def _reset(self, _: Request) -> Response:
        self.reset()
        self.faults.clear()
        self.calls.clear()
        return json_response({"reset": True})

    def _show_clock(self, _: Request) -> Response:
        return json_response({"now": self.clock.now().isoformat()})

    def _move_clock(self, request: Request) -> Response:
        try:
            self.clock.move(**json_object(request))
        except (TypeError, OverflowError) as error:
            raise BadRequest(f'Give an amount such as {{"hours": 13}}: {error}') from error
        return self._show_clock(request)

    def _snapshot(self) -> dict[str, Any]:
        with self.lock:
            return {"clock_offset_seconds": self.clock.offset.total_seconds(), "data": self.dump()}


def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Raises BadRequest."""
    if not request.get_data():
        return {}
    data = request.get_json(force=True)
    if not isinstance(data, dict):
        raise BadRequest("The body must be a JSON object.")
    return data


def _named(params: dict[Any, Any]) -> dict[str, Any]:
    if reserved := params.keys() & {"name", "times", "skip", "every"}:
        raise BadRequest(f"{', '.join(sorted(reserved))} belong beside params, not in it.")
    return params


def _safe_query(request: Request) -> dict[str, list[str]]:
    return {key: ["..."] if key in SECRET_QUERY_KEYS else values for key, values in request.args.lists()}
