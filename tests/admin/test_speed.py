"""Lists and searches stay fast on big tables: nothing is counted, and an index serves every condition.

The plans are those of SQLite, which have no statistics and therefore do not depend on the rows at hand. On
PostgreSQL, which chooses by its statistics, only counting is looked for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Arrival, Attempt, Delivery, Event
from audit.models.arrivals import ArrivalState
from audit.standing import STANDINGS, tenants_in_trouble
from connections.models import SourceRecord
from tests.admin.conftest import World
from tests.factories import DeliveryFactory, TenantFactory

BIG = {"audit_delivery", "audit_arrival", "audit_event", "audit_attempt", "connections_sourcerecord"}
ROWS = 2000
SEARCHES = [
    "INV-77",
    "INV-00077",
    "500077",
    "Globex",
    "Party 7",
    "77.00",
    "77",
    "file-77",
    "a" * 64,
    "message-77",
]

Query = tuple[str, Any]


@pytest.fixture
def crowded(world: World) -> World:
    """Thousands of rows, most of them delivered, of two organisations."""
    twin, now = world.delivery, timezone.now()
    other = DeliveryFactory.create(tenant=TenantFactory.create(name="Other Company"))
    Delivery.unscoped.bulk_create(
        Delivery(
            tenant=(twin, other)[number % 2].tenant,
            route=(twin, other)[number % 2].route,
            target=(twin, other)[number % 2].target,
            partner=(twin, other)[number % 2].partner,
            kind="invoice",
            source_id=str(500_000 + number),
            fingerprint="0",
            number=f"INV-{number:05d}",
            amount=Decimal(number),
            party_name=f"Party {number % 50}",
            remote_id=f"message-{number}",
            interchange_control=str(number),
            group_control=str(number),
            transfer="failed" if number % 100 == 0 else "delivered",
            delivered_at=now - timedelta(minutes=number),
        )
        for number in range(10, ROWS)
    )
    events = []
    for delivery in Delivery.unscoped.exclude(pk=twin.pk).iterator():
        events.append(
            Event(
                tenant_id=delivery.tenant_id,
                delivery=delivery,
                sequence=1,
                at=now,
                kind="failed" if delivery.transfer == "failed" else "delivered",
                text="It happened.",
                hash="0",
            )
        )
    Event.unscoped.bulk_create(events)
    Attempt.objects.bulk_create(Attempt(delivery=event.delivery, number=1) for event in events)
    Arrival.unscoped.bulk_create(
        Arrival(
            tenant=world.tenant,
            connection=world.server,
            place="/ack",
            key=str(number),
            name=f"file-{number:05d}.edi",
            payload=world.arrival.payload,
            sha256=f"{number:064x}",
            size=1,
            state=ArrivalState.FAILED if number % 100 == 0 else ArrivalState.READ,
        )
        for number in range(ROWS)
    )
    SourceRecord.objects.bulk_create(
        SourceRecord(connection=world.books, resource="invoices", source_id=str(10**6 + number))
        for number in range(ROWS)
    )
    return world


@contextmanager
def watched() -> Iterator[list[Query]]:
    """Every statement that is executed meanwhile, with its parameters."""
    seen: list[Query] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def plan_of(query: Query) -> list[str]:
    """The steps of SQLite's plan; none on another database."""
    if connection.vendor != "sqlite":
        return []
    sql, params = query
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return [row[3] for row in cursor.fetchall()]


def complaints(queries: list[Query]) -> list[str]:
    """What would be slow on a million rows: a count, or a scan or sort of a big table."""
    found = []
    for sql, params in queries:
        if not sql.startswith("SELECT") or not any(f'"{table}"' in sql for table in BIG):
            continue
        if "COUNT(" in sql and "GROUP BY" not in sql:
            found.append(f"counts: {sql}")
        steps = plan_of((sql, params))
        for step in steps:
            is_scan = any(step.startswith(f"SCAN {table}") for table in BIG)
            # The newest rows of a whole table, by primary key, are read off its end.
            reads_the_end = " WHERE " not in sql and "LIMIT" in sql
            if is_scan and not reads_the_end:
                found.append(f"{step}: {sql}")
            if "TEMP B-TREE FOR ORDER BY" in step and not sorts_few(sql, steps):
                found.append(f"{step}: {sql}")
    return found


def sorts_few(sql: str, steps: list[str]) -> bool:
    """Sorted are only rows that were looked up one by one: by their ids, or by a unique key."""
    by_id = any("USING INTEGER PRIMARY KEY (rowid=?)" in step for step in steps) and '"id" IN (' in sql
    keys = ("(connection_id=? AND resource=? AND source_id=?)", "(connection_id=? AND sha256=?)")
    return by_id or any(key in step for step in steps for key in keys)


def big_lists() -> list[str]:
    return [
        f"{model._meta.app_label}_{model._meta.model_name}_changelist"
        for model in admin.site._registry
        if model._meta.db_table in BIG
    ]


def test_the_big_tables_are_all_watched() -> None:
    assert len(big_lists()) == len(BIG)


def test_the_watch_sees_what_is_slow(crowded: World) -> None:
    with watched() as queries:
        Delivery.unscoped.count()
        list(Delivery.unscoped.filter(reason="x"))
        list(Delivery.unscoped.filter(number="INV-00077").order_by("reason"))
    found = complaints(queries)
    assert found[0].startswith("counts: ")
    if connection.vendor == "sqlite":
        said = ["counts", "SCAN audit_delivery USING", "SCAN audit_delivery:", "USE TEMP B-TREE FOR ORDER BY"]
        assert all(text.startswith(start) for text, start in zip(found, said, strict=True))


def asked(desk: Client, name: str, **said: Any) -> list[str]:
    """What is slow about the list called `name` when it is asked for `said`."""
    with watched() as queries:
        answer = desk.get(reverse(f"admin:{name}"), said)
    assert answer.status_code == 200
    return complaints(queries)


def test_lists_and_their_filters(crowded: World, desk: Client) -> None:
    for name in big_lists():
        for page in ("1", "3"):
            assert asked(desk, name, p=page) == [], name
    for name in ("audit_delivery_changelist", "audit_arrival_changelist", "audit_event_changelist"):
        assert asked(desk, name, tenant="other-company") == [], name
    for state in ArrivalState.values:
        assert asked(desk, "audit_arrival_changelist", state=state) == [], state
    for relation in ("partner", "target", "route"):
        row = getattr(crowded.delivery, relation)
        assert asked(desk, "audit_delivery_changelist", **{f"{relation}__id__exact": row.pk}) == [], relation


def test_deliveries_by_standing(crowded: World, desk: Client) -> None:
    for standing in STANDINGS:
        for tenant in ("", "acme-trading"):
            slow = asked(desk, "audit_delivery_changelist", standing=standing, tenant=tenant)
            assert slow == [], (standing, tenant)


@pytest.mark.parametrize("name", big_lists())
def test_searches(crowded: World, desk: Client, name: str) -> None:
    for text in SEARCHES:
        assert asked(desk, name, q=text) == [], text


def test_searches_in_one_organisation(crowded: World, desk: Client) -> None:
    for text in SEARCHES:
        assert asked(desk, "audit_delivery_changelist", q=text, tenant="acme-trading") == [], text


def test_pages_of_one_row(crowded: World, desk: Client) -> None:
    for subject in (crowded.delivery, crowded.arrival):
        with watched() as queries:
            desk.get(reverse(f"admin:audit_{subject._meta.model_name}_change", args=[subject.pk]))
        assert complaints(queries) == []


def test_a_span_of_time(crowded: World, desk: Client) -> None:
    span = {"since": "2020-01-01T00:00", "until": "2020-01-02T00:00"}
    for what in ("failed", "rejected", "overdue", "delivered"):
        slow = asked(desk, "audit_delivery_replay", what=what, target=crowded.server.pk, **span)
        assert [text for text in slow if "TEMP B-TREE" not in text] == []


def test_the_start_page(crowded: World, desk: Client) -> None:
    # The oldest due work is sorted, but only that which waits.
    assert [text for text in asked(desk, "index") if "next_attempt_at" not in text] == []
    with watched() as queries:
        assert [trouble.counts for trouble in tenants_in_trouble()] == [{"failed": 19}]
    plans = [plan_of(query) for query in queries[:-1]]
    assert all("USING COVERING INDEX delivery_by_standing" in steps[0] for steps in plans if steps)


def test_the_list_of_connections(crowded: World, desk: Client) -> None:
    """Connections are few and may be sorted; their oldest waiting delivery comes from its index."""
    slow = asked(desk, "connections_connection_changelist")
    assert [text for text in slow if not text.startswith("USE TEMP B-TREE")] == []
