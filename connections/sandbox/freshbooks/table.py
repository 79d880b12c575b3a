"""Rows of one kind, found by id."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]


class Table:
    """Rows in the order they were made, by the integer under `key`.

    `index` names one field by which rows are found fast; change it with `move` only.
    """

    def __init__(self, key: str = "id", *, first_id: int = 1, index: str | None = None) -> None:
        self.key = key
        self.rows: dict[int, Row] = {}
        self.next_id = first_id
        self._first_id = first_id
        self._index = index
        self._found: defaultdict[Any, list[Row]] = defaultdict(list)

    def add(self, row: Row) -> Row:
        """Keep a row; it gets the next id unless it has one."""
        row.setdefault(self.key, self.next_id)
        self.next_id = max(self.next_id, row[self.key] + 1)
        self.rows[row[self.key]] = row
        if self._index:
            self._found[row[self._index]].append(row)
        return row

    def get(self, row_id: int) -> Row | None:
        return self.rows.get(row_id)

    def remove(self, row_id: int) -> None:
        """Forget a row. Raises KeyError."""
        row = self.rows.pop(row_id)
        if self._index:
            self._found[row[self._index]].remove(row)

    def move(self, row: Row, value: Any) -> None:
        """Set the indexed field of a row."""
        if self._index and row[self._index] != value:
            self._found[row[self._index]].remove(row)
            row[self._index] = value
            self._found[value].append(row)

    def with_index(self, value: Any) -> list[Row]:
        """The rows whose indexed field has this value, oldest first."""
        return self._found.get(value, [])

    def newest_first(self) -> Iterator[Row]:
        return reversed(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def dump(self) -> dict[str, Any]:
        return {"next_id": self.next_id, "rows": list(self.rows.values())}

    def restore(self, saved: dict[str, Any]) -> None:
        self.clear()
        for row in saved["rows"]:
            self.add(row)
        self.next_id = saved["next_id"]

    def clear(self) -> None:
        self.rows.clear()
        self._found.clear()
        self.next_id = self._first_id
