"""`/health/live` and `/health/ready`: what a process manager and a monitor ask.

They are answered by a middleware in front of all others, so that a probe needs no host name, no HTTPS and
no session. `live` says that this process answers: a process manager restarts it when it does not. `ready`
says that documents flow: a monitor alerts somebody when they do not (docs/operations.md).
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone

from connections.checks import keys_are_right
from connections.models import Heartbeat
from connections.overview import WORKER_QUIET
from connections.pipeline.sweep import oldest_due

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponseBase]


def health_middleware(get_response: Handler) -> Handler:
    """Answer the health addresses, and pass on every other request."""
    answers = {"/health/live": live, "/health/ready": ready}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = answers.get(request.path_info)
        return answer() if answer else get_response(request)

    return middleware


def live() -> JsonResponse:
    """200: this process takes requests. Asks nothing of the database."""
    return _response({"status": "alive"}, 200)


def ready() -> JsonResponse:
    """200 when every check passes, else 503; with each check's problem in words, or null."""
    problems = {name: _problem(check) for name, check in CHECKS.items()}
    ok = not any(problems.values())
    body = {"status": "ready" if ok else "not ready", "checks": problems}
    return _response(body, 200 if ok else 503)


def _response(body: Mapping[str, object], status: int) -> JsonResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _problem(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except DatabaseError:
        # The error may name hosts and users; whoever asks here is not known.
        logger.exception("The readiness check %s failed", check.__name__)
        return "The database does not answer, or not as expected."


def database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return None


def migrations() -> str | None:
    missing = _migrations_of_the_code() - set(MigrationRecorder(connection).applied_migrations())
    return f"{len(missing)} migrations are not applied: run `manage.py migrate`." if missing else None


@lru_cache(maxsize=1)
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def keys() -> str | None:
    return None if keys_are_right() else "The encryption keys do not open what the database holds."


def worker() -> str | None:
    """Each host has its heartbeat; one that beats is enough for documents to flow."""
    last = Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    if last is None:
        return "No worker has ever run."
    silent = timezone.now() - last
    return f"No worker has shown a sign of life for {_words(silent)}." if silent > WORKER_QUIET else None


def work() -> str | None:
    since = oldest_due()
    waits = timezone.now() - since if since else timedelta()
    allowed = timedelta(seconds=settings.READY_MAX_WAIT_SECONDS)
    return f"The oldest due work has waited for {_words(waits)}." if waits > allowed else None


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


CHECKS: dict[str, Callable[[], str | None]] = {
    check.__name__: check for check in (database, migrations, keys, worker, work)
}
