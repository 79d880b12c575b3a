"""What the support's start page says of the machinery: workers, queue, due work, troubled connections."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Failure

from connections.models import Connection, ConnectionState, Heartbeat
from connections.pipeline.sweep import oldest_due

WORKER_QUIET = timedelta(minutes=3)
WORK_LATE = timedelta(minutes=15)
FAILURES_SHOWN = 50
CONNECTIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Machinery:
    """Figures with whether somebody should look; a figure is None where there is nothing to say."""

    last_beat: datetime | None
    oldest_due: datetime | None
    queued: int | None
    failed_today: int

    @property
    def worker_is_quiet(self) -> bool:
        return self.last_beat is None or timezone.now() - self.last_beat > WORKER_QUIET

    @property
    def work_is_late(self) -> bool:
        return self.oldest_due is not None and timezone.now() - self.oldest_due > WORK_LATE


def machinery() -> Machinery:
    return Machinery(
        last_beat=Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first(),
        oldest_due=oldest_due(),
        queued=queue_length(),
        failed_today=Failure.objects.filter(stopped__gte=timezone.now() - timedelta(days=1)).count(),
    )


def queue_length() -> int | None:
    """How many tasks wait in the queue; None if it does not answer."""
    try:
        return int(get_broker().queue_size())
    except Exception:
        return None


def failed_tasks() -> QuerySet[Any, Any]:
    """The last failures by name; neither arguments nor results are read, they may hold anything."""
    return Failure.objects.order_by("-stopped").values("id", "name", "func", "stopped")[:FAILURES_SHOWN]


def connections_in_trouble() -> QuerySet[Connection]:
    """Connections that have stopped, are paused or keep failing."""
    stopped = Q(state__in=[ConnectionState.NEEDS_SIGN_IN, ConnectionState.MISCONFIGURED])
    stumbling = Q(paused_until__gt=timezone.now()) | Q(failures_in_row__gt=0)
    troubled = stopped | (Q(state=ConnectionState.ACTIVE) & stumbling)
    rows = Connection.unscoped.filter(troubled).defer("credentials").select_related("tenant")
    return rows.order_by("last_failure_at")[:CONNECTIONS_SHOWN]
