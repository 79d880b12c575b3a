"""What a failure does to its connection: rest, breaker, sign in again, stop. One place for all of it."""

import random
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from audit.models import Delivery
from audit.services import close_notice, notify
from audit.states import Transfer
from connections.models import Connection, ConnectionState
from connections.models.connection import LONGEST_PAUSE, rest_after
from connections.systems.base import Misconfigured, NeedsSignIn, NotIncluded, SystemFailure, Temporary
from tenants.redaction import redact

QUIET_SUCCESS = timedelta(minutes=1)


def note_success(connection: Connection) -> None:
    """Work got through: the breaker closes. Written at most once a minute while all is well."""
    now = timezone.now()
    recently = connection.last_success_at and now - connection.last_success_at < QUIET_SUCCESS
    if recently and not connection.failures_in_row:
        return
    connection.last_success_at = now
    if not connection.failures_in_row:
        # A pause that another worker has set meanwhile is not ours to end.
        connection.save(update_fields=["last_success_at"])
        return
    if connection.breaker_is_open:
        close_notice(tenant_id=connection.tenant_id, key=f"connection-down-{connection.pk}")
        # It is back: what rested because of it does not wait for its own next attempt.
        waiting = Delivery.unscoped.filter(target=connection, transfer=Transfer.WAITING)
        waiting.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
    connection.failures_in_row, connection.paused_until, connection.pause_reason = 0, None, ""
    connection.save(update_fields=["failures_in_row", "paused_until", "pause_reason", "last_success_at"])


def note_failure(connection: Connection, failure: SystemFailure) -> None:
    """Pause, stop or ask for a sign-in, as the failure says. Other connections go on."""
    if isinstance(failure, Temporary):
        _rest(connection, failure)
    elif isinstance(failure, NeedsSignIn):
        stop(connection, ConnectionState.NEEDS_SIGN_IN, failure)
    elif isinstance(failure, Misconfigured):
        stop(connection, ConnectionState.MISCONFIGURED, failure)


def note_unread(connection: Connection, resource: str, failure: SystemFailure) -> None:
    """Records of one kind could not be read. What the plan does not include stops nothing else."""
    if not isinstance(failure, NotIncluded):
        note_failure(connection, failure)
        return
    notify(
        tenant=connection.tenant,
        key=_unread(connection, resource),
        title=f"{connection.name}: {failure}",
        text=f"{failure} {failure.remedy} Everything else goes on.",
        url=connection.get_absolute_url(),
    )


def note_read(connection: Connection, resource: str) -> None:
    """They could be read."""
    note_success(connection)
    close_notice(tenant_id=connection.tenant_id, key=_unread(connection, resource))


def _unread(connection: Connection, resource: str) -> str:
    return f"not-included-{connection.pk}-{resource}"


def _rest(connection: Connection, failure: Temporary) -> None:
    now, said = timezone.now(), redact(str(failure))
    Connection.unscoped.filter(pk=connection.pk).update(
        failures_in_row=F("failures_in_row") + 1, last_failure_at=now, last_failure=said
    )
    connection.refresh_from_db(fields=["failures_in_row"])
    rest = failure.retry_after or rest_after(connection.failures_in_row) * random.uniform(0.9, 1.1)  # noqa: S311
    connection.paused_until = now + min(rest, LONGEST_PAUSE)
    connection.pause_reason = said
    connection.save(update_fields=["paused_until", "pause_reason"])
    if connection.breaker_is_open:
        notify(
            tenant=connection.tenant,
            key=f"connection-down-{connection.pk}",
            title=f"{connection.name} cannot be reached",
            text=f"{failure} It is tried again by itself; documents wait meanwhile. {failure.remedy}".strip(),
            url=connection.get_absolute_url(),
        )


def stop(connection: Connection, state: str, failure: SystemFailure) -> None:
    """No more work with this connection until a person has put it right."""
    said = redact(str(failure))
    connection.state, connection.state_text, connection.state_remedy = state, said, redact(failure.remedy)
    connection.last_failure_at, connection.last_failure = timezone.now(), said
    connection.save(update_fields=["state", "state_text", "state_remedy", "last_failure_at", "last_failure"])
    notify(
        tenant=connection.tenant,
        key=f"connection-stopped-{connection.pk}",
        title=f"{connection.name}: {connection.get_state_display()}",
        text=f"{failure} {failure.remedy}".strip(),
        url=connection.get_absolute_url(),
    )


def activate(connection: Connection) -> None:
    """A person has put it right (signed in, passed the test, resumed it): work goes on at once."""
    connection.state, connection.state_text, connection.state_remedy = ConnectionState.ACTIVE, "", ""
    connection.failures_in_row, connection.paused_until, connection.pause_reason = 0, None, ""
    connection.save(
        update_fields=[
            "state",
            "state_text",
            "state_remedy",
            "failures_in_row",
            "paused_until",
            "pause_reason",
        ]
    )
    close_notice(tenant_id=connection.tenant_id, key=f"connection-stopped-{connection.pk}")
    close_notice(tenant_id=connection.tenant_id, key=f"connection-down-{connection.pk}")
