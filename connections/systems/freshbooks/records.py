"""Finding out what changed in FreshBooks.

There is no change feed, only filters on the day of the change stamp (in US/Eastern) for some resources and no
filter at all for others, and pages are not a snapshot. Three rules make that safe:

- Windows overlap by a day, and the newest is open, so a record that is missed while it changes is found by
  the next poll. Whoever takes the records in passes over the ones that did not change.
- A day that is over can only lose records while it is walked (a record that changes again moves to today).
  Every one that left moves its successors up, and one of them can slip past a page boundary; so such a day is
  walked again when its total shrank meanwhile.
- The cursor only ever names a day up to which everything was handed over.

Deleted records are left out of every list unless they are asked for, so they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from connections.systems.freshbooks.catalogue import RESOURCE_OF_NOUN, Resource
from connections.systems.freshbooks.client import DELETED, Client, Filters, Row, resource_named
from mappings.freshbooks import is_deleted, plain_date
from mappings.freshbooks.values import EASTERN, identifier

Cursor = Mapping[str, Any]
DAY = timedelta(days=1)
# So many days of documents are read at once in a backfill.
BACKFILL_DAYS = 7
WALKS_OF_A_DAY = 3
DRAFTS = ("draft", "created")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as FreshBooks gave it, invoices with their lines."""

    resource: str
    source_id: str
    data: Row
    is_deleted: bool


def fetch(client: Client, noun: str, object_id: str) -> Record | None:
    """The record that a webhook named; None if FreshBooks does not know it, or we do not read its kind."""
    if noun not in RESOURCE_OF_NOUN:
        return None
    resource = resource_named(RESOURCE_OF_NOUN[noun])
    row = client.find(resource, object_id)
    return None if row is None else next(iter(_records(resource, [row])), None)


def changes(
    client: Client, resource_name: str, cursor: Cursor, now: datetime | None = None
) -> Iterator[tuple[list[Record], dict[str, Any]]]:
    """Pages of records that may have changed, each with the cursor to commit once it was taken in.

    `cursor` is {} at first, then what came with the last page of an earlier call. Every page is asked for
    when it is needed. A record may come more than once.
    """
    resource = resource_named(resource_name)
    today = (now or timezone.now()).astimezone(EASTERN).date()
    if not resource.changed:
        yield from _everything(client, resource)
        return
    since = plain_date(cursor.get("since"))
    if since is None:
        since = today - DAY
        yield from _drafts(client, resource)
    for first, last in _windows(since, today):
        after = min(last or today, today - DAY)
        yield from _window(client, resource, first, last, before=since, after=after)
        since = after


def between(
    client: Client, resource_name: str, date_from: date, date_to: date, page: int
) -> tuple[list[Record], int]:
    """Part number `page` (from 1) of the documents dated within the range, and how many parts there are.

    Both days are included. A part is a week, so that an interrupted backfill cannot lose documents between
    pages; of bills, which FreshBooks cannot filter by date, it is a page of all of them.
    """
    resource = resource_named(resource_name)
    if resource.days:
        start = date_from + timedelta(days=BACKFILL_DAYS * (page - 1))
        end = min(start + timedelta(days=BACKFILL_DAYS), date_to + DAY)
        parts = max(1, -(-((date_to - date_from).days + 1) // BACKFILL_DAYS))
        if start > date_to:
            return [], parts
        filters = {f"{resource.days}_min": start, f"{resource.days}_max": end}
        found = (record for records in _walks(client, resource, filters) for record in records)
        return list({record.source_id: record for record in found}.values()), parts
    if resource.name != "bills":
        raise ValueError(f"{resource.name} have no document date")
    bills = client.page(resource, number=page)
    dated = [row for row in bills.rows if _is_dated(row, date_from, date_to)]
    return _records(resource, dated), max(1, bills.pages)


def _windows(since: date, today: date) -> Iterator[tuple[date, date | None]]:
    """From `since` on: the days that are over one by one, then the open window from yesterday on."""
    first = since
    while first < today - DAY:
        yield first, first + DAY
        first += DAY
    yield min(first, today - DAY), None


def _window(
    client: Client, resource: Resource, first: date, last: date | None, *, before: date, after: date
) -> Iterator[tuple[list[Record], dict[str, Any]]]:
    """One window, deleted records included; its last page moves the cursor from `before` to `after`."""
    filters: dict[str, Any] = {f"{resource.changed}_min": first}
    if last is not None:
        filters[f"{resource.changed}_max"] = last
    for visibility in ({}, {"vis_state": DELETED}):
        for records in _walks(client, resource, filters | visibility):
            yield records, {"since": before.isoformat()}
    yield [], {"since": after.isoformat()}


def _walks(client: Client, resource: Resource, filters: Filters) -> Iterator[list[Record]]:
    """Every page that passes `filters`; again from the start if records left the list meanwhile."""
    for _ in range(WALKS_OF_A_DAY):
        totals = []
        for page in client.pages(resource, filters):
            totals.append(page.total)
            yield _records(resource, page.rows)
        if totals[-1] >= totals[0]:
            return


def _drafts(client: Client, resource: Resource) -> Iterator[tuple[list[Record], dict[str, Any]]]:
    """The drafts there are when we begin, however old: once sent, they are new to us."""
    if "v3_status" in resource.filters:
        for status in DRAFTS:
            for page in client.pages(resource, {"v3_status": status}):
                yield _records(resource, page.rows), {}


def _everything(client: Client, resource: Resource) -> Iterator[tuple[list[Record], dict[str, Any]]]:
    """A full scan, for resources that can only be compared with what we know."""
    for filters in ({}, {"vis_state": DELETED}):
        for page in client.pages(resource, filters):
            yield _records(resource, page.rows), {}


def _records(resource: Resource, rows: list[Row]) -> list[Record]:
    return [
        Record(resource=resource.name, source_id=source_id, data=row, is_deleted=is_deleted(row))
        for row in rows
        if (source_id := identifier(row, resource.key, "id"))
    ]


def _is_dated(row: Row, date_from: date, date_to: date) -> bool:
    dated = plain_date(row.get("issue_date"))
    return dated is not None and date_from <= dated <= date_to
