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

Bill payments have no stamp, no filter and no webhook: they are read from their bills. One that was deleted is simply
not there any more, so whoever knows it asks for it by its id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from connections.systems.freshbooks.catalogue import RESOURCE_OF_NOUN, Resource
from connections.systems.freshbooks.client import DELETED, PER_PAGE, Client, Filters, Row, resource_named
from mappings.freshbooks import is_deleted, plain_date
from mappings.freshbooks.values import EASTERN, identifier, rows, text

Cursor = Mapping[str, Any]
DAY = timedelta(days=1)
# So many days of documents are read at once in a backfill.
BACKFILL_DAYS = 7
WALKS_OF_A_DAY = 3
DRAFTS = ("draft", "created")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as FreshBooks gave it, invoices with their lines.

    `related` are the records that it belongs to, by their singular: the invoice of a payment, the vendor of a bill,
    the bill and the vendor of a bill payment. `complete` looks them up.
    """

    resource: str
    source_id: str
    data: Row
    is_deleted: bool
    related: Mapping[str, Row] = field(default_factory=dict)

    @property
    def whole(self) -> dict[str, Any]:
        """The record with its related records inside."""
        return {**self.data, **self.related}


def fetch(client: Client, noun: str, object_id: str) -> Record | None:
    """The record that a webhook named; None if FreshBooks does not know it, or we do not read its kind."""
    if noun not in RESOURCE_OF_NOUN:
        return None
    resource = resource_named(RESOURCE_OF_NOUN[noun])
    row = client.find(resource, object_id)
    return None if row is None else next(iter(_records(resource, [row])), None)


def payments_of(bill: Record) -> list[Record]:
    """The bill payments that a bill tells of; with a deleted bill they are deleted, too."""
    return [
        Record(
            resource="bill_payments",
            source_id=source_id,
            data=dict(row),
            is_deleted=bill.is_deleted or is_deleted(row),
            related={"bill": bill.data},
        )
        for row in rows(bill.data, "bill_payments")
        if (source_id := identifier(row, "id"))
    ]


def changes(
    client: Client, resource_name: str, cursor: Cursor, now: datetime | None = None
) -> Iterator[tuple[list[Record], dict[str, Any]]]:
    """Pages of records that may have changed, each with the cursor to commit once it was taken in.

    `cursor` is {} at first, then what came with the last page of an earlier call. Every page is asked for
    when it is needed. A record may come more than once.
    """
    resource = resource_named(resource_name)
    if resource.name == "bill_payments":
        for bills, seen in _everything(client, resource_named("bills")):
            yield [payment for bill in bills for payment in payments_of(bill)], seen
        return
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
    pages; of what FreshBooks cannot filter by date, it is a page of all of them. Clients and vendors go by the day
    of their last change.
    """
    resource = resource_named(resource_name)
    if resource.days:
        start = date_from + timedelta(days=BACKFILL_DAYS * (page - 1))
        end = min(start + timedelta(days=BACKFILL_DAYS), date_to + DAY)
        parts = max(1, -(-((date_to - date_from).days + 1) // BACKFILL_DAYS))
        if start > date_to:
            return [], parts
        filters = {f"{resource.days}_min": start, f"{resource.days}_max": end}
        walked = (record for records in _walks(client, resource, filters) for record in records)
        return list({record.source_id: record for record in walked}.values()), parts
    if not resource.dated:
        raise ValueError(f"{resource.name} have no document date")
    of_bills = resource.name == "bill_payments"
    scanned = resource_named("bills") if of_bills else resource
    part = client.page(scanned, number=page)
    found = _records(scanned, part.rows)
    if of_bills:
        found = [payment for bill in found for payment in payments_of(bill)]
    dated = [record for record in found if _is_dated(record.data, resource.dated, date_from, date_to)]
    return dated, max(1, part.pages)


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


def _is_dated(row: Row, field_: str, date_from: date, date_to: date) -> bool:
    dated = plain_date(text(row, field_)[:10])
    return dated is not None and date_from <= dated <= date_to


class Lookup:
    """The records that others belong to, each asked for once; invoices many at a time."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.known: dict[tuple[str, str], Row | None] = {}

    def complete(self, records: Iterable[Record]) -> Iterator[Record]:
        """Each record with what it belongs to, as far as FreshBooks knows it. Deleted ones need nothing more."""
        waiting = list(records)
        self._invoices_of(waiting)
        for record in waiting:
            yield record if record.is_deleted else replace(record, related=self._related(record))

    def _related(self, record: Record) -> dict[str, Row]:
        related = dict(record.related)
        if record.resource == "payments":
            self._add(related, "invoice", "invoices", identifier(record.data, "invoiceid"))
        if record.resource == "bill_payments" and "bill" not in related:
            self._add(related, "bill", "bills", identifier(record.data, "billid"))
        if record.resource in ("bills", "bill_payments"):
            bill = related.get("bill", record.data)
            self._add(related, "vendor", "bill_vendors", identifier(bill, "vendorid"))
        return related

    def _add(self, related: dict[str, Row], name: str, resource: str, record_id: str) -> None:
        if record_id and (resource, record_id) not in self.known:
            self.known[resource, record_id] = self.client.find(resource_named(resource), record_id)
        if row := self.known.get((resource, record_id)):
            related[name] = row

    def _invoices_of(self, records: list[Record]) -> None:
        """Read the invoices of many payments together. One that is not listed (deleted) is asked for alone."""
        wanted = {identifier(one.data, "invoiceid") for one in records if one.resource == "payments"}
        ids = sorted(one for one in wanted if one and ("invoices", one) not in self.known)
        invoices = resource_named("invoices")
        for start in range(0, len(ids) if len(ids) > 1 else 0, PER_PAGE):
            for row in self.client.rows(invoices, {"invoiceids": ids[start : start + PER_PAGE]}):
                self.known["invoices", identifier(row, "id", "invoiceid")] = row
