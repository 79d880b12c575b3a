"""A small threaded HTTP/1.1 server for WSGI applications, on werkzeug's side of the wire.

werkzeug's own development server closes every connection after one answer; the outside systems keep
them open, and a client's connection handling deserves a test. Request bodies are read whole before the
application runs, so a connection is always in a clean state for the next request.
"""

import signal
import socket
import socketserver
import ssl
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from threading import Event, Lock, Thread, current_thread
from typing import Any, Generic, TypeVar
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from connections.sandbox.common.standin import ConnectionDropped, StandIn

AppT = TypeVar("AppT", bound="WSGIApplication | StandIn")
MAX_BODY = 64 * 1024 * 1024
IDLE_SECONDS = 75


class UnreadableError(Exception):
    """The request cannot be read: HTTP status and the reason."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # so that even nonsense gets an answer with a status
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer leave together
    timeout = IDLE_SECONDS
    server: "_Listener"

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
            self.close_connection = True
            if self.raw_requestline and self.parse_request():
                self._answer()
            self.wfile.flush()
        except ConnectionDropped as dropped:
            self.close_connection = True
            if dropped.reset:
                _reset_on_close(self.connection)
        except UnreadableError as error:
            self.close_connection = True
            self.send_error(*error.args)
        except (TimeoutError, ConnectionError, ssl.SSLError, ValueError):  # ValueError: socket is closed
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        answered = super().handle_expect_100()
        self.wfile.flush()
        return answered

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the parent's
        """Say nothing: the stand-in keeps a list of its calls."""

    def _answer(self) -> None:
        environ = self._environ(self._read_body())
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_exc_info: Any) -> Any:
            head[:] = [status, headers]

        chunks = self.server.app(environ, start_response)
        try:
            framing = None
            for chunk in chunks:
                framing = framing or self._send_head(*head)
                if chunk and framing != "none":
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if framing == "chunked" else chunk)
                    self.wfile.flush()
            framing = framing or self._send_head(*head)
            if framing == "chunked":
                self.wfile.write(b"0\r\n\r\n")
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def _send_head(self, status: str, headers: list[tuple[str, str]]) -> str:
        code, _, reason = status.partition(" ")
        names = {name.lower() for name, _ in headers}
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        framing = "plain"
        if self.command == "HEAD" or code in {"204", "304"}:
            framing = "none"
        elif "content-length" not in names:
            framing = "chunked" if self.request_version == "HTTP/1.1" else "until closed"
        if framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        if framing == "until closed" or self.close_connection or self.server.closing.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        return framing

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self.server.ssl_context else "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in {"CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"}:
                key = f"HTTP_{key}"
                value = f"{environ[key]},{value}" if key in environ else value
            environ[key] = value
        if environ.pop("TRANSFER_ENCODING", None) is not None:
            environ["CONTENT_LENGTH"] = str(len(body))
        return environ

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunked()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise UnreadableError(400, "Content-Length is not a number")
        if int(length) > MAX_BODY:
            raise UnreadableError(413, "The body is too large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("The request ended early")
        return body

    def _read_chunked(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > MAX_BODY:
                raise UnreadableError(413, "The body is too large")
            body += self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(65537).strip():
            pass  # trailers
        return bytes(body)

    def _chunk_size(self) -> int:
        try:
            return int(self.rfile.readline(1024).split(b";")[0], 16)
        except ValueError:
            raise UnreadableError(400, "A chunk has no size") from None


def _reset_on_close(connection: socket.socket) -> None:
    """Let close() send RST instead of FIN, as a crashed or overloaded host does."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], app: Any, ssl_context: ssl.SSLContext | None) -> None:
        self.app = app
        self.ssl_context = ssl_context
        self.closing = Event()
        self._open: dict[socket.socket, Thread | None] = {}
        self._guard = Lock()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.ssl_context:  # the handshake happens on the first read, in the connection's own thread
            connection = self.ssl_context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        with self._guard:
            self._open[connection] = None
        return connection, address

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open[request] = current_thread()
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._guard:
            self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not self.closing.is_set():
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        """Stop listening, cut every open connection and wait for its thread."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        with self._guard:
            remaining = list(self._open.items())
        for connection, _ in remaining:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in remaining:
            if thread is not None:
                thread.join(timeout=5)


class Server(Generic[AppT]):
    """A running stand-in. `stop()` makes its port refuse connections, `start()` opens the same port again."""

    def __init__(
        self, app: AppT, host: str = "127.0.0.1", port: int = 0, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self.app = app
        self.host = host
        self.port = port
        self._ssl_context = ssl_context
        self._listener: _Listener | None = None

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{'https' if self._ssl_context else 'http'}://{self.host}:{self.port}"

    def start(self) -> None:
        """Listen, and answer from a thread. Raises OSError when the port is taken."""
        self._listener = _Listener((self.host, self.port), self.app, self._ssl_context)
        self.port = self._listener.server_address[1]
        if isinstance(self.app, StandIn):
            self.app.start()
        Thread(target=self._listener.serve_forever, args=(0.05,), name=self.url, daemon=True).start()

    def stop(self) -> None:
        """Close the port and all connections, end the stand-in's threads and save its state."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        if isinstance(self.app, StandIn):
            self.app.stopping.set()  # wakes answers that are slow on purpose
        listener.close_all()
        if isinstance(self.app, StandIn):
            self.app.stop()


@contextmanager
def serve(
    app: AppT,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ssl_context: ssl.SSLContext | None = None,
) -> Iterator[Server[AppT]]:
    """Run an application in a thread while the block lasts; port 0 takes a free one (see `Server.url`)."""
    server = Server(app, host, port, ssl_context)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def serve_until_stopped(
    app: AppT,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[Server[AppT]], None] = lambda _: None,
) -> None:
    """Run an application until SIGTERM or SIGINT; `ready` is called once it answers. Main thread only."""
    with serve(app, host, port) as server:
        ready(server)
        wait_until_stopped()


def wait_until_stopped() -> None:
    """Wait for SIGTERM or SIGINT, then put the earlier signal handlers back. Main thread only."""
    stopped = Event()
    earlier = {
        number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    stopped.wait()
    for number, handler in earlier.items():
        signal.signal(number, handler)
