"""`manage.py run_pending`: do all due work once, in the foreground, without a worker (cron, tests)."""

import logging
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from connections.pipeline.sweep import sweep

ROUNDS = 50

log = logging.getLogger(__name__)

SAYS = {
    "connections.tasks.fetch": "FreshBooks records read because of a webhook",
    "connections.tasks.poll": "new things found by polling",
    "connections.tasks.deliver": "attempts to deliver",
    "connections.tasks.read": "arrivals read",
    "connections.tasks.ask_status": "documents whose state was asked for",
    "connections.tasks.write_notes": "acknowledgements noted in FreshBooks",
    "connections.tasks.backfill": "documents taken in by backfills",
    "connections.tasks.mail_notice": "e-mails sent",
}


class Command(BaseCommand):
    help = "Do all work that is due now, once, without a worker; prints what it did."

    def handle(self, *args: Any, **options: Any) -> None:
        done = run_pending()
        for task, says in SAYS.items():
            if done[task]:
                self.stdout.write(f"{done[task]:>6} {says}")
        if not done.total():
            self.stdout.write("Nothing was due.")


def run_pending() -> Counter[str]:
    """Sweep and do, until a sweep finds nothing that gets anywhere; returns task -> how much was done."""
    done: Counter[str] = Counter()
    for _ in range(ROUNDS):
        before = done.total()
        for task, pk in sweep():
            try:
                done[task] += import_string(task)(pk) or 0
            except Exception:
                log.exception("%s %s failed; the rest goes on", task, pk)
        if done.total() == before:
            break
    return done
