"""Check: the connection test, written down step by step so that a page can show it as it goes on."""

from dataclasses import asdict

from django.utils import timezone

from connections.models import Connection
from connections.pipeline.health import activate
from connections.systems.base import Step, StepState
from connections.systems.registry import open_system
from tenants.log_context import log_context


def start_report(connection: Connection) -> None:
    """The report of a test that is about to run."""
    _save(connection, [], running=True)


def check(connection_id: int) -> bool:
    """Test the connection; when every step passes it is (again) active. True if it passed."""
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    steps: list[Step] = []
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        open_system(connection) as system,
    ):
        for step in system.check():
            steps.append(step)
            _save(connection, steps, running=True)
    _save(connection, steps, running=False)
    passed = bool(steps) and all(step.state == StepState.PASSED for step in steps)
    if passed and not connection.is_usable:
        activate(connection)
    return passed


def _save(connection: Connection, steps: list[Step], *, running: bool) -> None:
    connection.test_report = {
        "running": running,
        "started_at": connection.test_report.get("started_at") if steps else timezone.now().isoformat(),
        "steps": [asdict(step) for step in steps],
    }
    connection.save(update_fields=["test_report"])
