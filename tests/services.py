"""pytest plugin: which tests a run leaves out and says so, and the fixtures `postgresql_url` and `redis_url`.

A full run has two parts (docs/testing.md). On SQLite run all tests but those marked `postgresql`; on
PostgreSQL, when `DATABASE_URL` names one, run the tests that use the database. Tests whose real part the
machine lacks are left out with a loud message; in CI that is an error, and so is every skipped test.
"""

import os
import secrets
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import psycopg
import pytest
import redis
from django.test import TransactionTestCase
from psycopg import sql

from tests import machine, node, servers

ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
DATABASE_FIXTURES = {"db", "transactional_db"}
FIXTURE_MARKERS = {"postgresql_url": "postgresql", "redis_url": "redis", "openssh": "openssh"}

MISSING = machine.missing_parts()
LEFT_OUT = pytest.StashKey[Counter[str]]()


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which is dropped after the test."""
    server = os.environ["DATABASE_URL"]
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
    else:
        with servers.redis_server() as url:
            yield url


@pytest.fixture
def redis_url(_redis_server: str, worker_id: str) -> Iterator[str]:
    """The URL of an empty Redis database, one for each pytest worker, which is emptied after the test."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    url = f"{_redis_server.rpartition('/')[0]}/{number}"
    yield url
    redis.Redis.from_url(url).flushdb()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out: list[pytest.Item] = []
    for item in list(items):
        for fixture, marker in FIXTURE_MARKERS.items():
            if fixture in _fixtures(item):
                item.add_marker(marker)
        if reason := _reason_to_leave_out(item):
            items.remove(item)
            left_out.append(item)
            config.stash[LEFT_OUT][reason] += 1
    config.hook.pytest_deselected(items=left_out)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for part in _missing_for(item):
        pytest.fail(f"In CI nothing may be left out, but {part.advice}", pytrace=False)


def _missing_for(item: pytest.Item) -> list[machine.Part]:
    return [part for part in MISSING if item.get_closest_marker(part.marker)]


def _reason_to_leave_out(item: pytest.Item) -> str | None:
    if item.get_closest_marker("node") and not node.is_there():
        return node.ADVICE
    if not machine.CI:
        for part in _missing_for(item):
            return part.advice
    needs_postgresql = item.get_closest_marker("postgresql") is not None
    if needs_postgresql and not ON_POSTGRESQL:
        return "they need PostgreSQL as the database: `make test` runs them in its second part"
    if ON_POSTGRESQL and not needs_postgresql and not _uses_database(item):
        return "they use no database: `make test` runs them in its first part"
    return None


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def _uses_database(item: pytest.Item) -> bool:
    test_class = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or bool(DATABASE_FIXTURES & _fixtures(item))
        or (test_class is not None and issubclass(test_class, TransactionTestCase))
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if machine.CI and report.skipped and not hasattr(report, "wasxfail"):
        _fail_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if machine.CI and report.skipped:
        _fail_skipped(report)
    return report


def _fail_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"Skipped, which is a failure in CI: {reason}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        left_out = session.config.stash[LEFT_OUT]
        session.config.workeroutput["left_out"] = dict(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every xdist worker collects the same tests, so each one's counts are those of the run."""
    for reason, count in getattr(node, "workeroutput", {}).get("left_out", {}).items():
        node.config.stash[LEFT_OUT][reason] = count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash[LEFT_OUT]
    if left_out:
        terminalreporter.section("LEFT OUT OF THIS RUN", yellow=True, bold=True)
    for reason, count in left_out.items():
        terminalreporter.line(f"{count} tests: {reason}", yellow=True)
