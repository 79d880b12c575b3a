"""The doorbell: tell a worker that there is something to do.

What has to be done stands in our tables; a ring that is lost costs a minute, until the next sweep.
"""

from django.db import transaction
from django_q.tasks import async_task


def ring(task: str, pk: int) -> None:
    """Enqueue `task` (its dotted path) with one id, once the transaction at hand is committed.

    A queue that does not answer is logged and forgotten: it never undoes or fails what was committed.
    """

    # A function with a name: Django logs the name when it fails, and a partial has none.
    def enqueue() -> None:
        async_task(task, pk)

    transaction.on_commit(enqueue, robust=True)
