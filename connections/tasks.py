"""The tasks, as the queue knows them: doorbells that carry an id and nothing else."""

from django_q.tasks import async_task

from connections.models import Callback
from connections.pipeline import notes
from connections.pipeline.backfill import run_backfill
from connections.pipeline.check import check
from connections.pipeline.deliver import drain
from connections.pipeline.fetch import fetch_hinted
from connections.pipeline.heartbeat import beat
from connections.pipeline.mail import mail
from connections.pipeline.poll import run_poll
from connections.pipeline.prepare import recheck_tenant
from connections.pipeline.read import read_and_settle
from connections.pipeline.status import ask_due
from connections.pipeline.sweep import sweep
from connections.systems.freshbooks import verify


def pulse() -> None:
    """The heartbeat, by way of the whole queue; then ring for all that is due."""
    beat()
    for task, pk in sweep():
        async_task(task, pk)


def fetch(connection_id: int) -> int:
    beat()
    return fetch_hinted(connection_id)


def poll(poll_id: int) -> int:
    beat()
    return run_poll(poll_id)


def deliver(connection_id: int) -> int:
    beat()
    return drain(connection_id)


def read(connection_id: int) -> int:
    beat()
    return read_and_settle(connection_id)


def ask_status(connection_id: int) -> int:
    beat()
    return ask_due(connection_id)


def write_notes(connection_id: int) -> int:
    beat()
    return notes.write_notes(connection_id)


def backfill(backfill_id: int) -> int:
    beat()
    return run_backfill(backfill_id)


def release_held(tenant_id: int) -> int:
    beat()
    return recheck_tenant(tenant_id)


def mail_notice(notice_id: int) -> int:
    beat()
    return mail(notice_id)


def check_connection(connection_id: int) -> bool:
    beat()
    return check(connection_id)


def verify_callback(callback_id: int) -> None:
    beat()
    verify(Callback.objects.get(pk=callback_id))
