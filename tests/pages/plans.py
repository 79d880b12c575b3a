"""How the database serves a page's queries: EXPLAIN of each of them."""

from collections.abc import Callable

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext


def detours(act: Callable[[], object], table: str, *, may_sort: bool = False) -> list[str]:
    """Where the queries on `table` that `act` makes walk through all of it, or sort what they found.

    PostgreSQL is only asked whether an index can serve: on a small table it would rather not use one.
    """
    with CaptureQueriesContext(connection) as queries:
        act()
    read = [one["sql"] for one in queries.captured_queries if f'FROM "{table}"' in one["sql"]]
    assert read, f"nothing reads {table}"
    steps = [step for sql in read for step in _steps(sql)]
    if connection.vendor == "postgresql":
        return [step for step in steps if f"Seq Scan on {table}" in step]
    found = [step for step in steps if table in step and not step.startswith(f"SEARCH {table} USING")]
    return found if may_sort else found + [step for step in steps if "TEMP B-TREE" in step]


def _steps(sql: str) -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[3] for row in cursor.fetchall()]
