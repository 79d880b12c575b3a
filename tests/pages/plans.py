"""How SQLite serves a page's queries: EXPLAIN QUERY PLAN of each of them."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def plans(act: Callable[[], object], table: str) -> list[str]:
    """The steps in which `table` takes part, of every query that reads it while `act` runs."""
    with CaptureQueriesContext(connection) as queries:
        act()
    read = [one["sql"] for one in queries.captured_queries if f'FROM "{table}"' in one["sql"]]
    assert read, f"nothing reads {table}"
    steps: list[str] = []
    for sql in read:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps += [row[3] for row in cursor.fetchall()]
    return [step for step in steps if table in step or "TEMP B-TREE" in step]
