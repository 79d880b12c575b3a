"""Looking: what FreshBooks has to be asked before it is known what to write there.

The asking happens outside of any transaction; then the delivery is locked and decided by what was found. Each delivery
is looked up right before it is booked, so that one payment sees what the payment before it has left open.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.models import Delivery
from audit.services import lock
from audit.states import Transfer
from connections.models import Connection
from connections.pipeline.claim import looks_due
from connections.pipeline.health import note_failure
from connections.pipeline.inbound import parties, payments
from connections.pipeline.inbound.booking import needs_look
from connections.pipeline.inbound.kinds import CUSTOMER, PAYMENT, VENDOR
from connections.pipeline.prepare import finish, hold
from connections.systems.base import Rejected, SystemFailure
from connections.systems.freshbooks import FreshBooks
from mappings.translation import Missing

# What is held until FreshBooks itself has changed is looked at again after this.
LOOK_AGAIN = timedelta(hours=1)

Decide = Callable[[Delivery], None]
# From a delivery to the decision about it, which is made once the delivery is locked.
ASK: dict[str, Callable[[FreshBooks, Delivery], Decide]] = {
    PAYMENT: payments.ask,
    VENDOR: parties.ask_vendors,
    CUSTOMER: parties.ask_clients,
}

log = logging.getLogger(__name__)


def look_up_next(system: FreshBooks, connection: Connection) -> bool:
    """Look up what the next one needs, and prepare or hold it; False if none is due, or FreshBooks fails."""
    delivery = _next(connection)
    if delivery is None:
        return False
    try:
        decide = ASK[delivery.kind](system, delivery)
    except Missing as missing:
        _conclude(delivery, _holding(missing))
    except Rejected as failure:
        _conclude(delivery, _holding(Missing("refused", str(failure), failure.remedy)))
    except SystemFailure as failure:
        note_failure(connection, failure)
        return False
    except DatabaseError:
        raise
    except Exception:
        log.exception("what FreshBooks has could not be understood")
        _conclude(
            delivery, _holding(Missing("translation_failed", "an error of ours came up.", "Tell support."))
        )
    else:
        _conclude(delivery, decide)
    return True


def _next(connection: Connection) -> Delivery | None:
    waiting = looks_due().filter(target=connection)
    related = waiting.select_related("tenant", "partner__tenant", "route__tenant", "canonical", "arrival")
    return related.order_by("next_attempt_at", "id").first()


def _holding(missing: Missing) -> Decide:
    def decide(_: Delivery) -> None:
        raise missing

    return decide


@transaction.atomic
def _conclude(delivery: Delivery, decide: Decide) -> None:
    """Prepared, or held with the reason; nothing if somebody was quicker."""
    now = lock(delivery)
    if not needs_look(now) or now.transfer != Transfer.READY:
        return
    try:
        with transaction.atomic():
            decide(now)
    except Missing as missing:
        hold(now, code=missing.code, reason=str(missing), remedy=missing.remedy)
        Delivery.unscoped.filter(pk=now.pk).update(next_attempt_at=timezone.now() + LOOK_AGAIN)
        return
    if now.transfer == Transfer.READY:
        finish(now)
