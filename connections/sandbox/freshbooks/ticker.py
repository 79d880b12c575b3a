"""Books an invoice every few seconds, and pays a bill now and then, so that a demo has something to move."""

from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks


# So many invoices come between two bills that are entered and paid.
INVOICES_PER_BILL = 4


class Ticker:
    """Calls `Bookkeeper.book_next` every `seconds`, and `pay_next_bill` less often; 0 means never."""

    def __init__(self, books: "FreshBooks", seconds: float = 0) -> None:
        self.books = books
        self.seconds = seconds
        self._changed = Condition()
        self._stopping = False
        self._thread: Thread | None = None

    def set(self, seconds: float) -> None:
        """Another pace, from now on. Raises ValueError below 0."""
        if not 0 <= seconds <= 86_400:
            raise ValueError("The pace must be 0 to 86400 seconds.")
        with self._changed:
            self.seconds = seconds
            self._changed.notify_all()

    def start(self) -> None:
        self._stopping = False
        self._thread = Thread(target=self._run, name="booking ticker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(timeout=5)
            self._thread = None

    def _run(self) -> None:
        while True:
            with self._changed:
                disturbed = self._changed.wait(self.seconds or None)
                if self._stopping:
                    return
            if not disturbed:
                self.books.bookkeeper.book_next()
                if self.books.bookkeeper.booked % INVOICES_PER_BILL == 0:
                    self.books.bookkeeper.pay_next_bill()
