"""`manage.py worker`: the worker group of this host, kept alive.

The group is a django-q2 cluster in a process group of its own. A killed or stuck member can bring the whole
cluster to a stand-still without any of its processes ending, so the only sign of life that counts is a pulse
task that came through the queue. Without one for WORKER_STALL_SECONDS the whole group is killed and started
again; what it was doing is found again by lease and sweep.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from audit import leases
from connections.models import Heartbeat
from connections.pipeline.heartbeat import worker_name

PULSE_EVERY = 2.0
GRACE = 20.0
# A stuck group must not be buried in pulses; with this much waiting, other tasks are sign of life enough.
LONG_QUEUE = 20

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run the workers of this host, and start them again whenever they stop showing signs of life."

    stopping = False

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        _kill_leftovers()
        while not self.stopping:
            group = _start()
            self._watch(group)
            _end(group)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _watch(self, group: "subprocess.Popen[bytes]") -> None:
        """Ring every other second; return when the group has ended, is stuck, or we are to stop."""
        alive_at = timezone.now()
        while not self.stopping:
            if group.poll() is not None:
                log.error("the worker group ended by itself; it is started again")
                return
            try:
                alive_at = max(alive_at, _last_beat() or alive_at)
                if timezone.now() - alive_at > timedelta(seconds=settings.WORKER_STALL_SECONDS):
                    log.error("the worker group shows no sign of life; it is killed and started again")
                    _kill(group.pid)
                    return
                if get_broker().queue_size() < LONG_QUEUE:
                    async_task("connections.tasks.pulse")
            except Exception:
                log.exception("the database or the queue cannot be reached; it is tried again")
                connection.close()
            time.sleep(PULSE_EVERY)


def _start() -> "subprocess.Popen[bytes]":
    """A cluster in a process group of its own, known by name to whoever comes after us."""
    manage = Path(settings.BASE_DIR) / "manage.py"
    group = subprocess.Popen([sys.executable, str(manage), "qcluster"], start_new_session=True)
    try:
        Heartbeat.objects.update_or_create(
            name=worker_name(), defaults={"host": worker_name(), "group_id": group.pid}
        )
    except BaseException:
        _kill(group.pid)  # a group that nobody knows of would be left behind
        raise
    log.info("worker group %s started", group.pid)
    return group


def _last_beat() -> datetime | None:
    return Heartbeat.objects.filter(name=worker_name()).values_list("beat_at", flat=True).first()


def _end(group: "subprocess.Popen[bytes]") -> None:
    """Let running tasks finish for a while, then end whatever is left of the group."""
    with suppress(ProcessLookupError):
        os.kill(group.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        group.wait(timeout=GRACE)
    _kill(group.pid)
    group.wait()
    leases.free_all_of(leases.group_name(group.pid))


def _kill(group_id: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group_id, signal.SIGKILL)


def _kill_leftovers() -> None:
    """A worker command that was itself killed leaves its group behind: end it before a second one starts."""
    left = Heartbeat.objects.filter(name=worker_name()).values_list("group_id", flat=True).first()
    if left and _is_cluster(left):
        log.warning("worker group %s was left behind by a killed worker command; it is ended", left)
        _kill(left)
        leases.free_all_of(leases.group_name(left))


def _is_cluster(group_id: int) -> bool:
    """Is any process of this group one of ours? Process numbers come round again."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if (
                os.getpgid(int(process.name)) == group_id
                and b"qcluster" in (process / "cmdline").read_bytes()
            ):
                return True
    return False
