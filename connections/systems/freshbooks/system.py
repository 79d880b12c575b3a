"""FreshBooks as a system: the connection test, the source of what leaves, the target of what partners send."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from connections.models import Connection, ReferenceKind
from connections.systems.base import (
    Interchange,
    Misconfigured,
    Receipt,
    Reference,
    SaveProgress,
    Step,
    StepState,
    System,
    SystemFailure,
    Temporary,
)
from connections.systems.freshbooks import booking, records, reference
from connections.systems.freshbooks.businesses import Business, businesses, the_chosen
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import Client
from connections.systems.freshbooks.oauth import require_app
from connections.systems.freshbooks.records import Record
from connections.systems.freshbooks.resources import Books
from connections.systems.network import resolve

# What every connection must be able to read; what only some businesses have, and some routes need.
NEEDED = (("invoices", "Invoices can be read"), ("clients", "Clients can be read"))
OPTIONAL = (
    ("payments", "Payments can be read"),
    ("bills", "Bills can be read"),
    ("bill_vendors", "Vendors can be read"),
)


@dataclass(frozen=True, slots=True)
class _Question:
    key: str
    title: str
    answer: Callable[[], str]
    is_optional: bool = False


class FreshBooks(System):
    """One session with the FreshBooks business of a connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.client = Client(connection)
        self.books = Books(self.client)
        self._lookup = records.Lookup(self.client)
        self._businesses: list[Business] = []

    def close(self) -> None:
        with suppress(Exception):
            self.client.close()

    # The source of records

    def fetch(self, noun: str, object_id: str) -> Record | None:
        """The record that a webhook named by noun ("invoice") and id; None if there is none to be read."""
        return records.fetch(self.client, noun, object_id)

    def hinted(self, noun: str, object_id: str) -> list[Record]:
        """What a webhook's noun and id lead to: that record, and of a bill also its payments."""
        record = self.fetch(noun, object_id)
        if record is None:
            return []
        return [record, *records.payments_of(record)] if record.resource == "bills" else [record]

    def complete(self, found: Iterable[Record]) -> Iterator[Record]:
        """Each record with those that it belongs to (`Record.related`), looked up once in this session."""
        return self._lookup.complete(found)

    def changes(
        self, resource: str, cursor: Mapping[str, Any]
    ) -> Iterator[tuple[list[Record], dict[str, Any]]]:
        """Pages of records that may have changed since `cursor`, each with the cursor to commit after it."""
        return records.changes(self.client, resource, cursor)

    def between(self, resource: str, date_from: date, date_to: date, page: int) -> tuple[list[Record], int]:
        """Part `page` (from 1) of the documents dated within the range, and the number of parts."""
        return records.between(self.client, resource, date_from, date_to, page)

    # Reference data

    def reference_kinds(self) -> Sequence[ReferenceKind]:
        return tuple(reference.LISTS)

    def reference(self, kind: ReferenceKind) -> list[Reference]:
        """The clients, vendors or accounts that are active."""
        return reference.LISTS[kind](self.books)

    # The target of what partners send

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        """Create or change one record. One request does it, so there is no progress to be saved."""
        return booking.book(self.books, interchange)

    def find(self, interchange: Interchange) -> Receipt | None:
        return booking.find(self.books, interchange)

    # The connection test

    def check(self) -> Iterator[Step]:
        """The connection test, step by step. What a business does not have is said, but is no failure."""
        broken = False
        for question in self._questions():
            if broken:
                yield _step(question, StepState.NOT_RUN, "Not looked at, because of the step before.")
                continue
            try:
                yield _step(question, StepState.PASSED, question.answer())
            except SystemFailure as failure:
                if question.is_optional and isinstance(failure, Misconfigured):
                    yield _step(question, StepState.NOT_RUN, f"{failure} Routes that need it cannot be used.")
                    continue
                broken = True
                text = f"{failure} {failure.remedy}".strip()
                yield _step(question, StepState.FAILED, text, {"support": failure.detail})
        yield self._webhooks(broken=broken)

    def _questions(self) -> Iterator[_Question]:
        yield _Question("configured", "This installation is registered with FreshBooks", self._configured)
        yield _Question("name", "FreshBooks' address is known", self._name)
        yield _Question("reached", "FreshBooks answers", self._reached)
        yield _Question("signed_in", "Somebody is signed in", self._signed_in)
        yield _Question("business", "A business is chosen whose books they may keep", self._business)
        for name, title in NEEDED:
            yield _Question(f"read_{name}", title, lambda name=name: self._readable(name))  # type: ignore[misc]
        for name, title in OPTIONAL:
            yield _Question(
                f"read_{name}",
                title,
                lambda name=name: self._readable(name),  # type: ignore[misc]
                is_optional=True,
            )

    def _configured(self) -> str:
        require_app()
        return "It is."

    def _name(self) -> str:
        parts = urlsplit(settings.FRESHBOOKS_API_URL)
        resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        return f"{parts.hostname} was found."

    def _reached(self) -> str:
        answer = self.client.http.call("GET", f"{settings.FRESHBOOKS_API_URL}/auth/api/v1/users/me")
        if answer.status >= 500:
            raise Temporary(f"FreshBooks has an error of its own (HTTP {answer.status}). Try again later.")
        secure = settings.FRESHBOOKS_API_URL.startswith("https://")
        return "It does, over a verified connection." if secure else "It does."

    def _signed_in(self) -> str:
        self._businesses = businesses(self.client)
        person = self._businesses[0].person if self._businesses else "Somebody without any business"
        return f"{person} is signed in."

    def _business(self) -> str:
        chosen = the_chosen(self._businesses, self.client.account_id)
        if chosen is None:
            raise Misconfigured(
                "The person who signed in does not belong to the chosen business any more.",
                remedy="Connect again as somebody who does.",
            )
        if chosen.obstacle:
            raise Misconfigured(chosen.obstacle, remedy="Connect again as somebody who may.")
        return f"{chosen.name}, as its {chosen.role_word}."

    def _readable(self, name: str) -> str:
        page = self.client.page(RESOURCES[name], per_page=1)
        return "They can." if page.rows else "They can; there are none yet."

    def _webhooks(self, *, broken: bool) -> Step:
        """Never a failure: without webhooks changes are found by polling, somewhat later."""
        question = _Question("webhooks", "FreshBooks tells us of changes at once", str)
        waiting = [callback for callback in self.connection.callbacks.all() if not callback.is_verified]
        if broken or not self.connection.callbacks.exists():
            text = "Not set up yet; it happens by itself. Until then changes are found every few minutes."
            return _step(question, StepState.NOT_RUN, text)
        if waiting:
            text = (
                "FreshBooks has not confirmed our address yet. Changes are found every few minutes all the "
                f"same. If it stays so: can FreshBooks reach {settings.SITE_URL} from outside?"
            )
            return _step(question, StepState.NOT_RUN, text)
        return _step(question, StepState.PASSED, "It does.")


def _step(question: _Question, state: StepState, text: str, detail: Mapping[str, Any] | None = None) -> Step:
    return Step(key=question.key, title=question.title, state=state, text=text, detail=detail or {})
