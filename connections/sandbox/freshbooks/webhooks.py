"""Callbacks: which are registered, and the thread that delivers to them.

What is not known of the real thing and is our choice: one attempt and two more after 5 s and 60 s, a
callback is switched off (unverified again) after ten failures in a row, deliveries go out in order.
"""

import base64
import hashlib
import heapq
import hmac
import itertools
import json
import secrets
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Condition, Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests

from connections.sandbox.common import Faults
from connections.sandbox.freshbooks import stamps
from connections.sandbox.freshbooks.notices import Notice
from connections.sandbox.freshbooks.table import Row, Table

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

SIGNATURE_HEADER = "X-FreshBooks-Hmac-SHA256"
HANDSHAKE = "callback.verify"
NOUNS = (
    "bill",
    "bill_vendor",
    "category",
    "client",
    "credit_note",
    "estimate",
    "expense",
    "invoice",
    "item",
    "payment",
    "project",
    "recurring",
    "service",
    "tax",
    "time_entry",
)
EVENTS = frozenset(
    {"estimate.sendByEmail", "invoice.sendByEmail"}
    | set(NOUNS)
    | {f"{noun}.{verb}" for noun in NOUNS for verb in ("create", "update", "delete")}
)


def sign(verifier: str, fields: Mapping[str, str]) -> str:
    """The signature of a delivery: base64 of HMAC-SHA256, keyed with the verifier, over JSON of the fields.

    The JSON is what Python's `json.dumps` makes of text values in the order sent: `", "` and `": "` between
    them, everything beyond ASCII escaped (FreshBooks API documentation, Webhooks).
    """
    message = json.dumps({name: str(value) for name, value in fields.items()})
    digest = hmac.new(verifier.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def declare(faults: Faults) -> None:
    """The switches for deliveries."""
    for name, description, params in (
        ("webhook_lost", "The delivery is never sent.", {}),
        ("webhook_delayed", "The delivery waits some seconds first.", {"seconds": 60}),
        ("webhook_duplicated", "The delivery is sent again, so many more times.", {"copies": 1}),
        ("webhook_fields_reordered", "The form fields come in another order.", {}),
        ("webhook_field_repeated", "One form field occurs twice.", {}),
        ("webhook_unsigned", "The signature is missing.", {}),
        ("webhook_forged", "The signature is made with another secret.", {}),
    ):
        faults.declare(name, description, event=None, **params)
    faults.declare("handshake_lost", "No verification is sent when a callback is registered.")
    faults.declare("handshake_unsigned", "The verification request carries no signature.")
    faults.declare("callback_disabled_is_deleted", "A callback with too many failures vanishes.")


@dataclass(order=True)
class Delivery:
    due: float  # on the monotonic clock
    sequence: int
    callback_id: int = field(compare=False)
    fields: dict[str, str] = field(compare=False)
    notice: Notice = field(compare=False)
    attempt: int = field(default=1, compare=False)

    @property
    def event(self) -> str:
        return self.fields["name"]


class Webhooks:
    """Registered callbacks and their deliveries.

    `disable_after`: failures in a row that switch a callback off. `retry_pauses`: seconds before each
    further attempt. `timeout`: seconds a receiver has to answer.
    """

    def __init__(
        self,
        books: "FreshBooks",
        *,
        disable_after: int = 10,
        retry_pauses: Sequence[float] = (5.0, 60.0),
        timeout: float = 10.0,
    ) -> None:
        self.books = books
        self.callbacks = Table("callbackid", first_id=2001)
        self.log: deque[dict[str, Any]] = deque(maxlen=500)
        self._disable_after = disable_after
        self._retry_pauses = tuple(retry_pauses)
        self.timeout = timeout
        self._queue: list[Delivery] = []
        self._held: list[Delivery] | None = None
        self._sequence = itertools.count()
        self._changed = Condition()
        self._busy = False
        self._thread: Thread | None = None  # one that finds itself replaced ends

    # Saying that something happened (under the lock of the books)

    def announce(self, event: str, object_id: int, notice: Notice | None = None) -> None:
        """Queue the deliveries of an event to every verified callback for it or for its noun."""
        notice = self._struck(event, notice or Notice())
        if not notice.send:
            return
        noun = event.partition(".")[0]
        for callback in self.callbacks.rows.values():
            if callback["verified"] and callback["event"] in {event, noun}:
                fields = self._fields(event, object_id)
                if notice.fields == "reordered":
                    fields = dict(reversed(fields.items()))
                for _ in range(1 + notice.duplicates):
                    self._put(callback["callbackid"], fields, notice)

    def handshake(self, callback: Row) -> None:
        """Queue the verification request of a callback."""
        if self.books.faults.take("handshake_lost"):
            return
        unsigned = self.books.faults.take("handshake_unsigned") is not None
        fields = {
            "user_id": "1",
            "name": HANDSHAKE,
            "verifier": callback["verifier"],
            "object_id": str(callback["callbackid"]),
            "account_id": self.books.identity.account_id,
            "system": "https://byronsupply.freshbooks.com",
        }
        self._put(callback["callbackid"], fields, Notice(signature="missing" if unsigned else "good"))

    def register(self, event: str, uri: str) -> Row:
        """A new callback with its verifier; the verification request is queued."""
        callback = self.callbacks.add(
            {
                "event": event,
                "uri": uri,
                "verified": False,
                "updated_at": stamps.utc(self.books.clock.now()),
                "verifier": secrets.token_urlsafe(24),
                "failures": 0,
            }
        )
        self.handshake(callback)
        return callback

    @contextmanager
    def held(self, *, reverse: bool = False) -> Iterator[None]:
        """Hold deliveries back while the block lasts, then send them, in reverse order if wanted."""
        with self._changed:
            self._held = []
        try:
            yield
        finally:
            with self._changed:
                held, self._held = self._held or [], None
                released = monotonic()
                for delivery in reversed(held) if reverse else held:
                    due = max(delivery.due, released)
                    heapq.heappush(self._queue, replace(delivery, due=due, sequence=next(self._sequence)))
                self._changed.notify_all()

    def wait_until_idle(self, timeout: float = 20.0) -> None:
        """Wait until nothing is queued or under way. Raises TimeoutError. Not to be called under the lock."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._queue and not self._busy, timeout):
                raise TimeoutError(f"{len(self._queue)} deliveries are still queued.")

    # The delivering thread

    def start(self) -> None:
        self._thread = Thread(target=self._run, name="webhook deliveries", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop delivering; what is queued is given up, as real webhooks may be."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._queue.clear()
            self._changed.notify_all()
        if thread:
            thread.join(timeout=1)  # it may be waiting for a slow receiver

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            try:
                self._deliver(delivery)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while self._thread is current_thread():
                pause = self._queue[0].due - monotonic() if self._queue else None
                if pause is not None and pause <= 0:
                    self._busy = True
                    return heapq.heappop(self._queue)
                self._changed.wait(pause)
        return None

    def _deliver(self, delivery: Delivery) -> None:
        with self.books.lock:
            callback = self.callbacks.get(delivery.callback_id)
            if callback is None or not (callback["verified"] or delivery.event == HANDSHAKE):
                return
            uri, verifier = callback["uri"], callback["verifier"]
        status, error = self._post(uri, delivery, verifier)
        with self.books.lock:
            self._note(delivery, uri, status, error)

    def _post(self, uri: str, delivery: Delivery, verifier: str) -> tuple[int | None, str | None]:
        pairs = list(delivery.fields.items())
        if delivery.notice.fields == "repeated":
            pairs.append(pairs[0])
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if delivery.notice.signature != "missing":
            secret = verifier if delivery.notice.signature == "good" else secrets.token_urlsafe(24)
            headers[SIGNATURE_HEADER] = sign(secret, delivery.fields)
        try:
            with requests.post(
                uri,
                urlencode(pairs),
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, None
        except (requests.RequestException, OSError, ValueError) as error:
            return None, type(error).__name__

    def _note(self, delivery: Delivery, uri: str, status: int | None, error: str | None) -> None:
        self.log.append(
            {
                "at": self.books.clock.now().isoformat(timespec="milliseconds"),
                "callbackid": delivery.callback_id,
                "event": delivery.event,
                "object_id": delivery.fields["object_id"],
                "uri": uri,
                "attempt": delivery.attempt,
                "status": status,
                "error": error,
            }
        )
        self.books.changed()
        callback = self.callbacks.get(delivery.callback_id)
        if callback is None:
            return
        if status is not None and 200 <= status < 300:
            callback["failures"] = 0
            return
        callback["failures"] += 1
        if callback["failures"] >= self._disable_after:
            self._disable(callback)
        elif delivery.attempt <= len(self._retry_pauses):
            due = monotonic() + self._retry_pauses[delivery.attempt - 1]
            self._push(replace(delivery, due=due, attempt=delivery.attempt + 1))

    def _disable(self, callback: Row) -> None:
        callback["verified"] = False
        callback["updated_at"] = stamps.utc(self.books.clock.now())
        if self.books.faults.take("callback_disabled_is_deleted"):
            self.callbacks.remove(callback["callbackid"])

    # Helpers

    def _struck(self, event: str, notice: Notice) -> Notice:
        """The notice as the switches that are set for this event change it."""
        take = self.books.faults.take
        if take("webhook_lost", event=event):
            notice = replace(notice, send=False)
        if delayed := take("webhook_delayed", event=event):
            notice = replace(notice, delay=notice.delay + float(delayed["seconds"]))
        if duplicated := take("webhook_duplicated", event=event):
            notice = replace(notice, duplicates=notice.duplicates + int(duplicated["copies"]))
        if take("webhook_fields_reordered", event=event):
            notice = replace(notice, fields="reordered")
        if take("webhook_field_repeated", event=event):
            notice = replace(notice, fields="repeated")
        if take("webhook_unsigned", event=event):
            notice = replace(notice, signature="missing")
        if take("webhook_forged", event=event):
            notice = replace(notice, signature="forged")
        return notice

    def _fields(self, event: str, object_id: int) -> dict[str, str]:
        identity = self.books.identity
        return {
            "name": event,
            "object_id": str(object_id),
            "account_id": identity.account_id,
            "business_id": str(identity.business_id),
            "identity_id": str(identity.identity_id),
            "user_id": "1",
        }

    def _put(self, callback_id: int, fields: dict[str, str], notice: Notice) -> None:
        self._push(Delivery(monotonic() + notice.delay, next(self._sequence), callback_id, fields, notice))

    def _push(self, delivery: Delivery) -> None:
        with self._changed:
            if self._held is not None and delivery.event != HANDSHAKE:
                self._held.append(delivery)
                return
            heapq.heappush(self._queue, delivery)
            self._changed.notify_all()

    def dump(self) -> dict[str, Any]:
        return {"callbacks": self.callbacks.dump(), "log": list(self.log)}

    def restore(self, state: dict[str, Any]) -> None:
        self.callbacks.restore(state["callbacks"])
        self.log.clear()
        self.log.extend(state["log"])

    def clear(self) -> None:
        self.callbacks.clear()
        self.log.clear()
        with self._changed:
            self._queue.clear()
            self._changed.notify_all()
