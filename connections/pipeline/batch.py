"""Batch: what is due for one partner at the same time goes in one interchange, under one name, once.

Deliveries that share an interchange are claimed, sent and concluded together; each keeps its own timeline, states and
acknowledgement. When one of them is not to be sent any more (dismissed, replayed, superseded), the interchange is
taken apart and made anew without it, unless it may be at the partner already.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.models import Delivery
from audit.models.deliveries import AttemptOutcome
from audit.services import record
from audit.states import Transfer
from connections.pipeline.make import Ready, make, store, tried
from connections.pipeline.prepare import finish, hold_for
from mappings.translation import Missing

# Of what is due: the rest goes in the next file.
MOST_TOGETHER = 500


@transaction.atomic
def gather(waiting: QuerySet[Delivery]) -> None:
    """Make one interchange of the first of `waiting` and all others for the same partner.

    What is wrong with a document holds it alone. Documents that can go, but not in one file (a layout that could not
    tell them apart, say), go one by one.
    """
    found: list[Ready] = []
    for delivery in waiting.select_for_update(of=("self",))[:MOST_TOGETHER]:
        with hold_for(delivery), transaction.atomic():
            one = tried(delivery)
            if not found or one.place == found[0].place:
                found.append(one)
    if not found:
        return
    try:
        with transaction.atomic():
            made = make(found)
    except Missing:
        found = found[:1]
        made = make(found)
    store(found, made)
    for one in found:
        finish(one.delivery)


def take_apart(together: Iterable[Delivery]) -> None:
    """Let go of an interchange that is surely not at the partner; what is to be sent goes in the next one."""
    for delivery in together:
        if delivery.transfer != Transfer.READY:
            delivery.step(Transfer.READY)
        delivery.interchange, delivery.interchange_name, delivery.batch_size = None, "", 1
        delivery.progress, delivery.claimed_by = {}, ""
        delivery.save()
        text = "Another document of its file is not sent any more: the file is made anew."
        under_way = delivery.attempts.filter(outcome=AttemptOutcome.RUNNING)
        under_way.update(outcome=AttemptOutcome.TEMPORARY, finished_at=timezone.now(), text=text)
        record(delivery, "taken_apart", text)
