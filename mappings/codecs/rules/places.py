"""Where a rule applies: a segment (PID, REF[DP]), an element (BIG08, REF[DP]03) or a component (RFF[ON]01-2)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from mappings.codecs.patterns import COMPONENT

PLACE = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[(?P<code>[A-Z0-9]{1,6})\])?(?:(?P<element>\d\d)(?:-(?P<component>\d))?)?"
)
Row = list[str]


class Place(NamedTuple):
    """A place in words of a table. Elements, and components in them, count from 1."""

    tag: str
    code: str = ""
    element: int | None = None
    component: int | None = None

    def matches(self, row: Row) -> bool:
        """Whether `row` is a segment that this place is in."""
        if row[0] != self.tag:
            return False
        return not self.code or (len(row) > 1 and row[1].split(COMPONENT)[0] == self.code)

    def get(self, row: Row) -> str:
        """The value in `row`, or an empty text. Of a place without an element there is none."""
        value = row[self.element] if self.element and self.element < len(row) else ""
        if self.component is None:
            return value
        return "".join(value.split(COMPONENT)[self.component - 1 : self.component])

    def put(self, row: Row, value: str) -> None:
        """Put `value` into `row`, which grows if it has to."""
        element = self.element or 0
        row += [""] * (element + 1 - len(row))
        if self.component is not None:
            parts = row[element].split(COMPONENT)
            parts += [""] * (self.component - len(parts))
            parts[self.component - 1] = value
            value = COMPONENT.join(parts).rstrip(COMPONENT)
        row[element] = value


def parse(text: object) -> Place | None:
    """The place that `text` names; None if it names none."""
    found = PLACE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    element, component = (int(found[name]) if found[name] else None for name in ("element", "component"))
    return Place(found["tag"], found["code"] or "", element, component)


@cache
def place(text: str) -> Place:
    """The place that `text` names, which has been checked."""
    found = parse(text)
    if found is None:
        raise ValueError(f"{text!r} is no place in a message")
    return found
