"""The connection test as people see it: run it, watch its steps, confirm the server's host key."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections.models import Connection, SystemKind
from connections.pipeline.check import start_report
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.doorbell import ring
from tenants.models import Role

WITH_HOST_KEYS = (SystemKind.SFTP, SystemKind.CLEO)
# A test that has not begun, or ended, by then never will: its worker is gone.
BEGINS_WITHIN = timedelta(minutes=2)
ENDS_WITHIN = timedelta(minutes=10)
WITH_HOST_KEYS = (SystemKind.SFTP, SystemKind.STAMPLI)


@dataclass(frozen=True, slots=True)
class Report:
    """What the last test has said so far. `host_keys`: [{"line", "kind", "fingerprint"}] to confirm."""

    steps: list[dict[str, Any]]
    started_at: datetime | None
    is_running: bool
    is_lost: bool
    host_keys: list[dict[str, str]]

    @property
    def failed(self) -> bool:
        return not self.is_running and any(step["state"] == "failed" for step in self.steps)


def report_of(tested: Connection) -> Report:
    report = tested.test_report
    steps = report.get("steps", [])
    started_at = datetime.fromisoformat(report["started_at"]) if report.get("started_at") else None
    patience = ENDS_WITHIN if steps else BEGINS_WITHIN
    running = bool(report.get("running"))
    lost = running and timezone.now() - (started_at or datetime.min.replace(tzinfo=UTC)) > patience
    keys: list[dict[str, str]] = next(
        (step["detail"]["host_keys"] for step in steps if "host_keys" in step["detail"]), []
    )
    return Report(
        steps=steps,
        started_at=started_at,
        is_running=running and not lost,
        is_lost=lost,
        host_keys=[] if running else keys,
    )


@require_POST
@tenant_required(Role.EDITOR)
def test_connection(request: TenantRequest, key: str) -> HttpResponse:
    found = get_or_404(request, Connection, key=key)
    return redirect(found) if report_of(found).is_running else run_test(found)


def run_test(tested: Connection) -> HttpResponse:
    """Have it tested by a worker, and lead to the page that shows the steps."""
    start_report(tested)
    ring("connections.tasks.check_connection", tested.pk)
    return redirect(tested)


@tenant_required(Role.EDITOR)
def confirm_host_key(request: TenantRequest, key: str) -> HttpResponse:
    """A person has compared the fingerprints: from now on the server must show one of these keys."""
    found = get_or_404(request, Connection, key=key, system__in=WITH_HOST_KEYS)
    keys = report_of(found).host_keys
    if not keys:
        messages.info(request, "There is no host key to confirm. Run the test again.")
        return redirect(found)
    shown = [one["line"] for one in keys]
    if request.method == "POST":
        if request.POST.getlist("key") == shown:
            found.settings["host_keys"] = shown
            found.save(update_fields=["settings", "updated_at"])
            messages.success(request, "The server is known from now on.")
            return run_test(found)
        messages.error(request, "The server showed other keys since you looked. Compare them again.")
    context = {"connection": found, "host_keys": keys, "was_known": bool(found.settings.get("host_keys"))}
    return render(request, "connections/confirm_host_key.html", context)
