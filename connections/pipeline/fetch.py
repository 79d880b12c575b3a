"""Fetch: a webhook hinted that a record changed; read it and take it in.

A hint is removed only together with what it led to being committed, and only if no newer hint came meanwhile.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from audit.leases import held
from connections.models import Connection, Hint, Slot, Work
from connections.pipeline.health import note_failure, note_success
from connections.pipeline.heartbeat import beat
from connections.pipeline.intake import changed, take_in
from connections.pipeline.kinds import BY_NOUN
from connections.systems.base import Rejected, SystemFailure
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system
from tenants.log_context import log_context
from tenants.redaction import redact

SOON = timedelta(seconds=settings.WEBHOOK_COALESCE_SECONDS + 1)
BUDGET = timedelta(seconds=60)
RETRY_AFTER = [timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]


log = logging.getLogger(__name__)


def fetch_hinted(connection_id: int) -> int:
    """Read every record whose hint is due; returns how many. Polling makes good what fails here.

    Stops after `BUDGET`, so that no flood of hints keeps a worker for itself; the sweep rings again.
    """
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    fetched, stop_at = 0, timezone.now() + BUDGET
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        held(Slot.of(connection, Work.FETCH), on_renew=beat) as token,
    ):
        if not token or not connection.is_usable or connection.is_paused():
            return 0
        with open_system(connection) as system:
            assert isinstance(system, FreshBooks)  # noqa: S101 - only FreshBooks sends hints
            while timezone.now() < stop_at and (hint := _next_due(connection)):
                fetched += 1
                try:
                    _follow(system, connection, hint)
                except SystemFailure as failure:
                    _put_off(connection, hint, failure)
                    if not isinstance(failure, Rejected):
                        break
                except (OperationalError, InterfaceError):
                    raise
                except Exception:
                    log.exception("a hint could not be followed")
                    _put_off(connection, hint, SystemFailure("An error of ours came up; tell support."))
    return fetched


def _next_due(connection: Connection) -> Hint | None:
    """The hint whose time has come. One that is due in a moment is waited for: its doorbell rang already."""
    hints = connection.hints.order_by("due_at")
    hint = hints.first()
    if hint is None or hint.due_at > timezone.now() + SOON:
        return None
    time.sleep(max(0.0, (hint.due_at - timezone.now()).total_seconds()))
    return hints.filter(due_at__lte=timezone.now()).first()


def _follow(system: FreshBooks, connection: Connection, hint: Hint) -> None:
    if hint.noun in BY_NOUN:
        read_at = timezone.now()
        records = system.hinted(hint.noun, hint.object_id)
        for record in system.complete(changed(connection, records)):
            take_in(connection, record, read_at=read_at, via="webhook")
    Hint.objects.filter(pk=hint.pk, last_at=hint.last_at).delete()
    note_success(connection)


def _put_off(connection: Connection, hint: Hint, failure: SystemFailure) -> None:
    hint.attempts_made += 1
    if isinstance(failure, Rejected) and hint.attempts_made > len(RETRY_AFTER):
        Hint.objects.filter(pk=hint.pk, last_at=hint.last_at).delete()
        return
    rest = RETRY_AFTER[min(hint.attempts_made, len(RETRY_AFTER)) - 1]
    hint.due_at, hint.failure = timezone.now() + rest, redact(str(failure))
    hint.save(update_fields=["attempts_made", "due_at", "failure"])
    note_failure(connection, failure)
