"""Reading list queries: paging, `search[...]` filters, includes and sorting.

A resource names the filters that work. Any other key is ignored without a word, as FreshBooks does: a
misspelt filter returns everything.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from werkzeug.datastructures import MultiDict

from connections.sandbox.freshbooks import errors
from connections.sandbox.freshbooks.cleaning import InvalidError, number
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.money import amount_of

Row = dict[str, Any]
Predicate = Callable[[Row], bool]
Filter = Callable[[list[str]], Predicate]
Filters = dict[str, Filter]

DEFAULT_PER_PAGE = 15
MAX_PER_PAGE = 100
_SEARCH_KEY = re.compile(r"search\[(\w+)\](?:\[\])?")


@dataclass(frozen=True)
class ListQuery:
    page: int
    per_page: int
    search: dict[str, list[str]]
    includes: frozenset[str]
    sort: str

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> "ListQuery":
        """From the query string. Raises Refused for a page or page size that is not a number."""
        search: dict[str, list[str]] = {}
        for key, values in args.lists():
            if match := _SEARCH_KEY.fullmatch(key):
                search.setdefault(match[1], []).extend(values)
        per_page = _integer(args, "per_page", DEFAULT_PER_PAGE, errors.BAD_PER_PAGE)
        return cls(
            page=max(1, _integer(args, "page", 1, errors.BAD_PAGE)),
            per_page=min(per_page, MAX_PER_PAGE) if per_page > 0 else DEFAULT_PER_PAGE,
            search=search,
            includes=read_includes(args),
            sort=args.get("sort", ""),
        )


def read_includes(args: MultiDict[str, str]) -> frozenset[str]:
    """The values of every `include[]`."""
    return frozenset(args.getlist("include[]"))


def matching(rows: Iterable[Row], search: dict[str, list[str]], filters: Filters) -> list[Row]:
    """The rows that pass every filter that is both asked for and known."""
    found = list(rows)
    for key, values in search.items():
        if key in filters:
            test = filters[key](values)
            found = [row for row in found if test(row)]
    return found


def ordered(rows: list[Row], sort: str, sorts: dict[str, Callable[[Row], Any]]) -> list[Row]:
    """Sorted by a known `<key>_asc` or `<key>_desc`; otherwise as they come."""
    key, _, direction = sort.rpartition("_")
    if key not in sorts or direction not in {"asc", "desc"}:
        return rows
    return sorted(rows, key=sorts[key], reverse=direction == "desc")


def one_page(rows: Sequence[Row], query: ListQuery, total: int | None = None) -> tuple[Sequence[Row], Row]:
    """The rows of the page, and the four paging fields; an empty result has no pages.

    `total` may claim more rows than there are.
    """
    total = len(rows) if total is None else total
    start = (query.page - 1) * query.per_page
    pages = -(-total // query.per_page)
    fields = {"page": query.page, "pages": pages, "per_page": query.per_page, "total": total}
    return rows[start : start + query.per_page], fields


def _integer(args: MultiDict[str, str], name: str, default: int, errno: int) -> int:
    value = args.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise Refused(422, Problem(errno, f"{name} must be an integer.", name, None, value))
    return int(value)


# The kinds of filter


def equals(read: Callable[[Row], Any]) -> Filter:
    """One or several values, compared as text."""

    def make(values: list[str]) -> Predicate:
        wanted = set(values)
        return lambda row: str(read(row)) in wanted

    return make


def one(name: str) -> Filters:
    """`search[name]=v`."""
    return {name: equals(itemgetter(name))}


def one_or_more(name: str) -> Filters:
    """`search[name]=v` and `search[names][]=v`."""
    return {name: equals(itemgetter(name)), f"{name}s": equals(itemgetter(name))}


def contains(*names: str) -> Filter:
    """The text occurs in one of the fields, whatever the case."""

    def make(values: list[str]) -> Predicate:
        needle = values[-1].casefold()
        return lambda row: any(needle in str(row[name] or "").casefold() for name in names)

    return make


def days(key: str, name: str) -> Filters:
    """`<key>_min` (inclusive) and `<key>_max` (exclusive) on the day of a date or stamp."""

    def minimum(values: list[str]) -> Predicate:
        start = _day(f"{key}_min", values[-1])
        return lambda row: row[name][:10] >= start

    def maximum(values: list[str]) -> Predicate:
        end = _day(f"{key}_max", values[-1])
        return lambda row: row[name][:10] < end

    return {f"{key}_min": minimum, f"{key}_max": maximum}


def amounts(key: str) -> Filters:
    """`<key>_min` (inclusive) and `<key>_max` (exclusive) on a money field, and `<key>` for equality."""

    def minimum(values: list[str]) -> Predicate:
        least = _amount(f"{key}_min", values[-1])
        return lambda row: amount_of(row[key]) >= least

    def maximum(values: list[str]) -> Predicate:
        most = _amount(f"{key}_max", values[-1])
        return lambda row: amount_of(row[key]) < most

    def exactly(values: list[str]) -> Predicate:
        wanted = _amount(key, values[-1])
        return lambda row: amount_of(row[key]) == wanted

    return {f"{key}_min": minimum, f"{key}_max": maximum, key: exactly}


def truth(read: Callable[[Row], bool]) -> Filter:
    """`true` or `1` asks for rows where it holds, anything else for the others."""

    def make(values: list[str]) -> Predicate:
        wanted = values[-1].lower() in {"true", "1"}
        return lambda row: read(row) is wanted

    return make


def _day(key: str, value: str) -> str:
    """The day of a date or of a date and time: FreshBooks looks at the day only."""
    try:
        return (date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)).isoformat()[
            :10
        ]
    except ValueError:
        problem = Problem(errors.BAD_DATETIME, f"{key} must be a date as YYYY-MM-DD.", key, None, value)
        raise Refused(422, problem) from None


def _amount(key: str, value: str) -> Decimal:
    try:
        return number(value)
    except InvalidError as error:
        raise Refused(422, Problem(error.errno, f"{key}: {error.message}", key, None, value)) from None
