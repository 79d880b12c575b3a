"""The doorbell: tell a worker that there is something to do.

What has to be done stands in our tables; a ring that is lost costs a minute, until the next sweep.
"""

from functools import partial

from django.db import transaction
from django_q.tasks import async_task


def ring(task: str, pk: int) -> None:
    """Enqueue `task` (its dotted path) with one id, once the transaction at hand is committed.

    A queue that does not answer is logged and forgotten: it never undoes or fails what was committed.
    """
    transaction.on_commit(partial(async_task, task, pk), robust=True)
