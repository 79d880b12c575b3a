"""A clock that a test can move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The time a stand-in lives in: real time, plus whatever it was moved by.

    `now` may be injected; it must return an aware datetime.
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or (lambda: datetime.now(UTC))
        self.offset = timedelta()

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self._now().astimezone(UTC) + self.offset

    def epoch(self) -> int:
        """The present moment in whole seconds since 1970."""
        return int(self.now().timestamp())

    def move(self, **amount: float) -> None:
        """Jump by a timedelta given as keywords, e.g. `move(hours=13)`; negative values go back."""
        self.offset += timedelta(**amount)

    def move_to(self, moment: datetime) -> None:
        """Jump to an aware datetime; time goes on from there."""
        self.offset += moment - self.now()
