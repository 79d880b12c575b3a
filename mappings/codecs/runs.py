"""Numbers that came before, in memory that does not grow with their count."""

from __future__ import annotations


class Runs:
    """Control numbers and references: a run of consecutive ones in two numbers, others one by one up to a limit."""

    LIMIT = 1 << 16

    def __init__(self) -> None:
        self._first = self._last = -1
        self._others: set[str] = set()

    def again(self, number: str) -> bool:
        """Whether `number` came before; remembers it."""
        value = int(number) if number.isdecimal() and len(number) < 10 else -1
        if value >= 0 and (self._last < 0 or value == self._last + 1):
            self._first = value if self._first < 0 else self._first
            self._last = value
            return False
        if 0 <= self._first <= value <= self._last or number in self._others:
            return True
        if len(self._others) < self.LIMIT:
            self._others.add(number)
        return False
