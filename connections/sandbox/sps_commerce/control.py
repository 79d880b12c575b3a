"""The stand-in itself, and what a test or a person may ask of it beyond SPS's own API."""

import base64
import binascii
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_response
from connections.sandbox.common.standin import CONTROL, json_object
from connections.sandbox.sps_commerce import orders, rsx_check
from connections.sandbox.sps_commerce.auth import Auth
from connections.sandbox.sps_commerce.files import BOM, Files
from connections.sandbox.sps_commerce.history import History
from connections.sandbox.sps_commerce.page import render
from connections.sandbox.sps_commerce.service import Service
from connections.sandbox.sps_commerce.store import Store, parent_of

FIRST_ORDER = 77120


class Sps(Service):
    """The stand-in for SPS Commerce: a mailbox over HTTPS, with retailers behind it.

    `consume_after` seconds after an upload SPS takes the file out of `in/` (None: only when a test says so), which
    is looked at every `tick_every` seconds, or when `tick()` is called. What it took is checked: see `complaints`.
    """

    def __init__(
        self,
        *,
        auth: Auth,
        consume_after: float | None = None,
        tick_every: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(auth, **options)
        self.consume_after = consume_after
        self.tick_every = tick_every
        self.next_order = FIRST_ORDER
        self.route("GET POST", "/auth-check", self._auth_check)
        Files(self)
        History(self)
        self._add_control()
        self.load_saved_state()

    # For tests and for the page

    def drop(self, path: str, content: bytes) -> None:
        """Put a file there as SPS would, over whatever was there. Its directory is made if it is missing."""
        with self.lock:
            directory = parent_of(path)
            if directory not in self.store.directories:
                self.store.directories.append(directory)
            self.store.put(path, content, self.clock.now())
        self.changed()

    def book_order(
        self, *, notation: str = "json", wrapping: str = "plural", documents: int = 1, **fields: Any
    ) -> str:
        """A retailer orders: a new file in `out/PO/`; returns its path. `fields` are those of `orders.order`."""
        with self.lock:
            numbers = [str(self.next_order + index) for index in range(documents)]
            self.next_order += documents
        number = fields.pop("number", None)
        trees = [orders.order(str(number or one), **fields) for one in numbers]
        content = orders.as_json(trees) if notation == "json" else orders.as_xml(trees, wrapping=wrapping)
        path = f"out/PO/PO{number or numbers[0]}-1-v7.7-BulkImport.{notation}"
        self.drop(path, content)
        return path

    def files(self, directory: str = "") -> dict[str, bytes]:
        """Path and content of every file below a directory."""
        with self.lock:
            return {p: f.content for p, f in self.store.files.items() if p.startswith(directory)}

    def tick(self) -> None:
        """SPS takes what has been in `in/` long enough."""
        if self.consume_after is not None:
            with self.lock:
                taken = self.store.consume(self.clock.now(), self.consume_after)
            if taken:
                self.changed()

    def complaints(self) -> list[dict[str, str]]:
        """What a retailer would complain of in the files that were ever put into `in/`."""
        with self.lock:
            received = dict(self.store.received)
        return [
            {"path": path, "text": text}
            for path, content in received.items()
            for text in rsx_check.complaints(content)
        ]

    # Life

    def dump(self) -> dict[str, Any]:
        return {"store": self.store.dump(), "mistakes": self.mistakes, "next_order": self.next_order}

    def restore(self, state: dict[str, Any]) -> None:
        self.store = Store.load(state["store"])
        self.mistakes, self.next_order = state["mistakes"], state["next_order"]

    def reset(self) -> None:
        self.store = Store()
        self.mistakes, self.next_order = [], FIRST_ORDER

    # Over HTTP

    def _auth_check(self, request: Request) -> Response:
        self._check_token(request)
        return Response(status=204)

    def _add_control(self) -> None:
        self.route("GET", "/", lambda _: render(self))
        self.route("POST", f"{CONTROL}/tick", self._tick_now)
        self.route("POST", f"{CONTROL}/files", self._drop)
        self.route("POST", f"{CONTROL}/orders", self._book)
        self.route("POST", f"{CONTROL}/shipments", self._ship)
        self.route("GET", f"{CONTROL}/file", self._show)
        self.route("GET", f"{CONTROL}/complaints", lambda _: json_response({"complaints": self.complaints()}))
        self.route("GET", f"{CONTROL}/mistakes", lambda _: json_response({"mistakes": self.mistakes}))

    def _tick_now(self, _: Request) -> Response:
        self.tick()
        return json_response({"files": sorted(self.files())})

    def _drop(self, request: Request) -> Response:
        """`{"path": "out/PO/x.json", "content": "<base64>"}`, or `text`; `bom` and `crlf` are true or false."""
        wish = json_object(request)
        try:
            path = str(wish["path"]).lstrip("/")
            encoded = wish.get("content")
            content = str(wish["text"]).encode() if encoded is None else base64.b64decode(encoded)
        except (KeyError, TypeError, binascii.Error) as error:
            raise BadRequest(f"Give path, and content (base64) or text: {error!r}") from error
        if not path or path.endswith("/"):
            raise BadRequest("path is that of a file.")
        if wish.get("crlf"):
            content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.drop(path, BOM + content if wish.get("bom") else content)
        return json_response({"path": path}, 201)

    def _book(self, request: Request) -> Response:
        """Any of `number`, `partner`, `notation`, `wrapping`, `documents`, `purpose`, `currency`."""
        wish = json_object(request)
        known = {"number", "partner", "notation", "wrapping", "documents", "purpose", "currency"}
        if unknown := wish.keys() - known:
            raise BadRequest(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}.")
        try:
            path = self.book_order(**wish)
        except (TypeError, ValueError) as error:
            raise BadRequest(str(error)) from error
        return json_response({"path": path}, 201)

    def _ship(self, request: Request) -> Response:
        """`{"number": "S1", "order": "77120"}`: a ship notice in `out/SH/`."""
        wish = json_object(request)
        number, order_number = str(wish.get("number", "")), str(wish.get("order", ""))
        if not number or not order_number:
            raise BadRequest("Give number and order.")
        path = f"out/SH/SH{number}-1-v7.7-BulkImport.json"
        self.drop(path, orders.as_json([orders.shipment(number, order_number)]))
        return json_response({"path": path}, 201)

    def _show(self, request: Request) -> Response:
        content = self.files().get(request.args.get("path", ""))
        if content is None:
            raise NotFound("There is no such file.")
        return Response(content, content_type="application/octet-stream")
