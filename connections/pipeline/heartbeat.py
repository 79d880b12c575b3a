"""The sign of life of a worker group: written by the tasks that came through its queue, and by long work."""

import socket
import time

from django.utils import timezone

from connections.models import Heartbeat

EVERY = 5.0

_last = float("-inf")


def worker_name() -> str:
    """One worker group per host."""
    return socket.gethostname()[:80]


def beat() -> None:
    """The workers of this host are alive and taking tasks. Written at most every few seconds per process."""
    global _last
    if time.monotonic() - _last < EVERY:
        return
    _last = time.monotonic()
    Heartbeat.objects.update_or_create(
        name=worker_name(), defaults={"host": worker_name(), "beat_at": timezone.now()}
    )
