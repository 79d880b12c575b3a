"""Numbers that came before, in memory that does not grow with their count."""

from __future__ import annotations


class Runs:
    """Control numbers and references: a run of consecutive ones in two numbers, others one by one up to a limit."""

    LIMIT = 1 << 16

    def __init__(self) -> None:
        self._first = self._next = -2
        self._others: set[str] = set()

    def again(self, number: str) -> bool:
        """Whether `number` came before; remembers it."""
        value = int(number) if number.isdecimal() and len(number) < 10 else -1
        if value == self._next and number not in self._others:
            self._next += 1
            return False
        if self._first <= value < self._next or number in self._others:
            return True
        if self._next < 0 <= value:
            self._first, self._next = value, value + 1
        elif len(self._others) < self.LIMIT:
            self._others.add(number)
        return False
