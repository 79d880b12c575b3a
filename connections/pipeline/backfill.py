"""Backfill: send the documents of a date range along a route, page by page, with progress."""

import logging
from datetime import timedelta

from django.utils import timezone

from audit.leases import held
from connections.models import Backfill, BackfillState
from connections.pipeline.health import note_unread
from connections.pipeline.heartbeat import beat
from connections.pipeline.intake import take_in_page
from connections.pipeline.kinds import KINDS
from connections.systems.base import SystemFailure, Temporary
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system
from tenants.redaction import redact

BUDGET = timedelta(minutes=2)

log = logging.getLogger(__name__)


def run_backfill(backfill_id: int) -> int:
    """Go on with a backfill, unless another worker does; returns how many documents it took in.

    Stops after `BUDGET`, so that no backfill keeps a worker for itself; the sweep rings again.
    Progress is committed after each page, so a killed worker repeats one page at most, which doubles nothing.
    """
    backfill = Backfill.unscoped.select_related("tenant", "route__source", "route__target").get(
        pk=backfill_id
    )
    source = backfill.route.source
    before, stop_at = backfill.taken_in, timezone.now() + BUDGET
    with held(backfill, on_renew=beat) as token:
        if not token or backfill.state != BackfillState.RUNNING or not source.is_usable or source.is_paused():
            return 0
        with open_system(source) as system:
            assert isinstance(system, FreshBooks)  # noqa: S101 - routes start at FreshBooks
            try:
                while backfill.state == BackfillState.RUNNING and timezone.now() < stop_at:
                    _page(system, backfill)
                    backfill.refresh_from_db(fields=["state"])
            except SystemFailure as failure:
                _stop(backfill, failure)
                note_unread(source, KINDS[backfill.route.kind].resource, failure)
            except Exception:
                log.exception("a backfill failed in an unforeseen way")
                _stop(backfill, SystemFailure("An error of ours interrupted it; tell support."))
    return backfill.taken_in - before


def _page(system: FreshBooks, backfill: Backfill) -> None:
    kind = KINDS[backfill.route.kind]
    read_at = timezone.now()
    records, backfill.pages = system.between(
        kind.resource, backfill.date_from, backfill.date_to, backfill.next_page
    )
    backfill.taken_in += take_in_page(
        system, records, read_at=read_at, via="backfill", backfill=backfill.route
    )
    backfill.looked_at += len(records)
    backfill.next_page += 1
    progress = ["next_page", "pages", "looked_at", "taken_in", "failure"]
    backfill.failure = ""
    backfill.save(update_fields=progress)
    if backfill.next_page > backfill.pages:
        done = Backfill.unscoped.filter(pk=backfill.pk, state=BackfillState.RUNNING)
        done.update(state=BackfillState.DONE, finished_at=timezone.now())


def _stop(backfill: Backfill, failure: SystemFailure) -> None:
    """A temporary failure only pauses the connection; anything else ends the backfill, with the reason."""
    backfill.failure = redact(str(failure))
    backfill.save(update_fields=["failure"])
    if not isinstance(failure, Temporary):
        running = Backfill.unscoped.filter(pk=backfill.pk, state=BackfillState.RUNNING)
        running.update(state=BackfillState.FAILED, finished_at=timezone.now())
