"""Pages of long lists: newest first, from one row's id to the next. Nothing is counted, nothing skipped over.

Page numbers would make the database walk over everything before the page; a row's id is found in an index.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)
ROWS = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the query strings that lead to those after and before them; empty if there are none."""

    rows: list[M]
    newer: str
    older: str


def page_of(parts: Iterable[QuerySet[M]], query: QueryDict) -> Page[M]:
    """One page of the rows of all `parts`, which have no row in common.

    Each part is read from its own index, at most a page of it, and then they are merged: no index serves
    an OR. `query` has the id that the page begins `before`, or ends `after`.
    """
    before, after = number_in(query, "before"), number_in(query, "after")
    if after:
        upwards = _gathered(parts, after, newer=True)
        rows, has_newer, has_older = upwards[:ROWS][::-1], len(upwards) > ROWS, True
    else:
        downwards = _gathered(parts, before, newer=False)
        rows, has_newer, has_older = downwards[:ROWS], bool(before), len(downwards) > ROWS
    return Page(
        rows,
        newer=with_query(query, before="", after=str(rows[0].pk)) if rows and has_newer else "",
        older=with_query(query, after="", before=str(rows[-1].pk)) if rows and has_older else "",
    )


def _gathered(parts: Iterable[QuerySet[M]], limit: int, *, newer: bool) -> list[M]:
    """The next rows from `limit` (an id; 0: from the newest) in one direction, one more than a page has."""
    direction = "pk__gt" if newer else "pk__lt"
    found: list[M] = []
    for part in parts:
        rows = part.filter(**{direction: limit}) if limit else part
        found += rows.order_by("pk" if newer else "-pk")[: ROWS + 1]
    return sorted(found, key=lambda row: row.pk, reverse=not newer)[: ROWS + 1]


def number_in(query: QueryDict, name: str) -> int:
    """A whole number from the address; 0 for anything else."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def with_query(query: QueryDict, **values: Any) -> str:
    """The query string with `values` changed; an empty one is left out."""
    changed = query.copy()
    for name, value in values.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"
