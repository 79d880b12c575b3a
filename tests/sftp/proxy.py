"""A TCP relay that cuts the connection at a chosen moment, so that a transfer can be broken at every step."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class CuttingProxy:
    """Relays between whoever connects to `port` and `target`.

    It counts the pieces that pass. `cut_request(n)`: the nth piece from the client is not passed on, the
    connection is cut instead. `cut_answer(n)`: the same for the nth piece from the server, so the request
    before it was carried out. Cuts happen once; later connections pass.
    """

    target: tuple[str, int]
    port: int = 0
    requests: int = 0
    answers: int = 0
    _cut_request_at: int = 0
    _cut_answer_at: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    def cut_request(self, number: int) -> None:
        self.requests, self._cut_request_at = 0, number

    def cut_answer(self, number: int) -> None:
        self.answers, self._cut_answer_at = 0, number

    @property
    def has_cut(self) -> bool:
        return not (self._cut_request_at or self._cut_answer_at)

    @contextlib.contextmanager
    def running(self) -> Iterator["CuttingProxy"]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            self._start(self._accept, listener)
            try:
                yield self
            finally:
                self._closing.set()
                for thread in self._threads:
                    thread.join(timeout=10)

    def _start(self, run: object, *args: object) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            if select.select([listener], [], [], 0.05)[0]:
                self._start(self._relay, listener.accept()[0])

    def _relay(self, client: socket.socket) -> None:
        with client, socket.create_connection(self.target) as server, contextlib.suppress(OSError):
            while not self._closing.is_set():
                for source in select.select([client, server], [], [], 0.05)[0]:
                    piece = source.recv(65536)
                    if not piece or self._cuts(from_client=source is client):
                        return
                    (server if source is client else client).sendall(piece)

    def _cuts(self, *, from_client: bool) -> bool:
        if from_client:
            self.requests += 1
            if self.requests == self._cut_request_at:
                self._cut_request_at = 0
                return True
        else:
            self.answers += 1
            if self.answers == self._cut_answer_at:
                self._cut_answer_at = 0
                return True
        return False
