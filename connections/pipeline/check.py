"""Check: the connection test, written down step by step so that a page can show it as it goes on."""

import logging
from collections.abc import Iterator
from dataclasses import asdict

from django.utils import timezone

from connections.models import Connection, ConnectionState
from connections.pipeline.health import activate
from connections.systems.base import Step, StepState, SystemFailure
from connections.systems.registry import open_system
from tenants.log_context import log_context
from tenants.redaction import redact_value

log = logging.getLogger(__name__)


def start_report(connection: Connection) -> None:
    """The report of a test that is about to run. A test that is still under way is overtaken by it."""
    report = {"running": True, "started_at": timezone.now().isoformat(), "steps": []}
    connection.test_report = report
    Connection.unscoped.filter(pk=connection.pk).update(test_report=report)


def check(connection_id: int) -> bool:
    """Test the connection; when it passes it is (again) active, unless a person has switched it off.

    True if it passed. A step that is not run, because the account has no such thing, does not fail the test.
    """
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    if not connection.test_report.get("running"):
        start_report(connection)
    steps: list[Step] = []
    with log_context(tenant=connection.tenant.slug, connection=connection.key):
        for step in _steps(connection):
            steps.append(step)
            if not _save(connection, steps, running=True):
                return False
    states = {step.state for step in steps}
    passed = StepState.PASSED in states and StepState.FAILED not in states
    if not _save(connection, steps, running=False):
        return False
    connection.refresh_from_db(fields=["state"])
    if passed and connection.state not in (ConnectionState.ACTIVE, ConnectionState.OFF):
        activate(connection)
    return passed


def _steps(connection: Connection) -> Iterator[Step]:
    try:
        with open_system(connection) as system:
            yield from system.check()
    except SystemFailure as failure:
        yield Step(
            key="settings",
            title="Can the settings be used?",
            state=StepState.FAILED,
            text=f"{failure} {failure.remedy}".strip(),
        )
    except Exception:
        log.exception("a connection test failed in an unforeseen way")
        text = "An error of ours interrupted the test; tell support."
        yield Step(key="test", title="Does the test itself work?", state=StepState.FAILED, text=text)


def _save(connection: Connection, steps: list[Step], *, running: bool) -> bool:
    """Write the report down; False if a newer test has taken its place."""
    started_at = connection.test_report["started_at"]
    report = {
        "running": running,
        "started_at": started_at,
        "steps": [redact_value(asdict(step)) for step in steps],
    }
    ours = Connection.unscoped.filter(pk=connection.pk, test_report__started_at=started_at)
    return bool(ours.update(test_report=report))
