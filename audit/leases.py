"""Leases: the only way in which a worker may say "this is mine now".

A lease is taken by one conditional update and expires by itself, so a killed worker never keeps anything.
While the work runs, a thread of the same process renews the lease: it cannot be lost by slowness, only by
death. No transaction is held meanwhile.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.apps import apps
from django.db import DatabaseError, connections, models
from django.db.models import Q
from django.utils import timezone

LEASE = timedelta(seconds=45)
RENEW_EVERY = LEASE / 3

log = logging.getLogger(__name__)


class Leased(models.Model):
    """A row that at most one worker works on at a time."""

    lease_holder = models.CharField(max_length=120, blank=True, default="", editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def free(now: datetime) -> Q:
    """The condition "nobody holds a lease on it", for querysets of `Leased` models."""
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def group_name(process_group: int | None = None) -> str:
    """The worker group whose leases stand and fall together: this host and a process group (ours)."""
    return f"{socket.gethostname()[:80]}/{process_group or os.getpgrp()}/"


def take(row: Leased) -> str:
    """Take the lease on `row` if it is free; the holder's token, or "" if somebody else has it."""
    now, token = timezone.now(), f"{group_name()}{secrets.token_hex(8)}"
    taken = (
        type(row)
        ._base_manager.filter(free(now), pk=row.pk)
        .update(lease_holder=token, lease_until=now + LEASE)
    )
    return token if taken == 1 else ""


def renew(row: Leased, token: str) -> bool:
    """Prolong the lease; False if it was lost."""
    mine = type(row)._base_manager.filter(pk=row.pk, lease_holder=token)
    return mine.update(lease_until=timezone.now() + LEASE) == 1


def give_back(row: Leased, token: str) -> None:
    type(row)._base_manager.filter(pk=row.pk, lease_holder=token).update(lease_holder="", lease_until=None)


def free_all_of(group: str) -> int:
    """Whoever has made sure that a whole worker group is dead frees its leases; returns how many."""
    return sum(
        model._base_manager.filter(lease_holder__startswith=group).update(lease_holder="", lease_until=None)
        for model in apps.get_models()
        if issubclass(model, Leased)
    )


@contextmanager
def held(row: Leased, *, on_renew: Callable[[], object] = lambda: None) -> Iterator[str]:
    """Hold the lease on `row` for the length of the block; yields the token, or "" if it is not free.

    `on_renew` is called from the renewing thread each time (the worker's heartbeat hangs on it).
    """
    token = take(row)
    if not token:
        yield ""
        return
    done = threading.Event()
    keeper = threading.Thread(
        target=_keep, args=(row, token, done, on_renew), daemon=True, name="lease keeper"
    )
    keeper.start()
    try:
        yield token
    finally:
        done.set()
        keeper.join()
        give_back(row, token)


def _keep(row: Leased, token: str, done: threading.Event, on_renew: Callable[[], object]) -> None:
    try:
        while not done.wait(RENEW_EVERY.total_seconds()):
            try:
                if not renew(row, token):
                    return
                on_renew()
            except DatabaseError:
                log.exception("a lease could not be renewed; it is tried again")
    finally:
        connections.close_all()
