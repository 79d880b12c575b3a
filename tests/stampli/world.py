"""Byron Supply's FreshBooks and Stampli's stand-in with the routes between them, on real sockets."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from audit.models import Arrival, Delivery
from connections.management.commands.run_pending import run_pending
from connections.models import Connection, Hint, Poll, Route
from connections.sandbox import stampli
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.stampli_setup import set_up
from tenants.models import Tenant
from tests.freshbooks.conftest import connect as connect_books
from tests.freshbooks.conftest import sign_in
from tests.stampli.conftest import connect

NORTHWIND = 1561


class World:
    """What the tests drive, and what they ask about."""

    def __init__(self, tenant: Tenant, books: Books, stand_in: stampli.Running, **settings: Any) -> None:
        self.tenant = tenant
        self.books = books
        self.stand_in = stand_in
        self.freshbooks: Connection = connect_books(tenant, books)
        sign_in(self.freshbooks, books)
        self.stampli: Connection = connect(tenant, stand_in, **settings)

    def flow(self, *, since: datetime | None = None, every_minutes: int = 0, **changes: Any) -> None:
        """Make the routes as the page does, and switch them on."""
        for route in set_up(
            self.stampli,
            self.freshbooks,
            starts_at=since or timezone.now() - timedelta(minutes=1),
            every_minutes=every_minutes,
            file_format="csv",
        ):
            for name, value in {"is_on": True, **changes}.items():
                setattr(route, name, value)
            route.save()

    def route(self, kind: str) -> Route:
        return Route.unscoped.get(tenant=self.tenant, kind=kind)

    @property
    def worker(self) -> stampli.StampliWorker:
        return self.stand_in.sandbox.worker

    def run(self) -> Counter[str]:
        """Do all that is due, every poll included."""
        Poll.objects.update(next_at=timezone.now())
        return run_pending()

    def later(self) -> Counter[str]:
        """As `run`, at a time when every retry, pause, hint and collection is due."""
        past = timezone.now() - timedelta(seconds=1)
        Delivery.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Arrival.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)
        Connection.unscoped.update(paused_until=None)
        Hint.objects.update(due_at=past)
        return self.run()

    def stampli_works(self) -> None:
        """Stampli takes what is there and puts its exports down."""
        self.stand_in.sandbox.tick()
        self.stand_in.sandbox.tick()

    def deliveries(self, kind: str) -> list[Delivery]:
        return list(Delivery.unscoped.filter(kind=kind).order_by("pk"))

    def files(self) -> dict[str, list[dict[str, str]]]:
        """The rows of every file that Stampli took, or that waits for it, by name in the order of writing."""
        taken = {one["name"]: self.worker.content(one["number"]) for one in self.worker.taken}
        storage = self.stand_in.sandbox.storage
        waiting = {
            path.rpartition("/")[2]: storage.local(path).read_bytes()
            for path, _ in sorted(storage.files(), key=lambda file: file[1].st_mtime_ns)
            if path.startswith("/inbound/")
        }
        return {name: rows_of(content) for name, content in {**taken, **waiting}.items()}

    def rows(self, column: str) -> list[dict[str, str]]:
        """The rows of all files that have this column."""
        return [row for rows in self.files().values() for row in rows if column in row]

    def complaints(self) -> list[str]:
        return [one["text"] for one in self.worker.company.complaints]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def since(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
