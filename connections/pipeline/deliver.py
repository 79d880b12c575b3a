"""Deliver: drain what is due for one connection, in one signed-in session."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from audit.leases import held, renew
from audit.models import Delivery
from connections.models import Connection, Slot, Work
from connections.pipeline.claim import Claim, claim_next, due, looks_due
from connections.pipeline.conclude import NotThereYet, conclude_apart, conclude_delivered, conclude_failure
from connections.pipeline.heartbeat import beat
from connections.pipeline.inbound.looking import look_up_next
from connections.systems.base import (
    CannotTell,
    Interchange,
    Receipt,
    Rejected,
    System,
    SystemFailure,
    UnknownOutcome,
)
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system
from tenants.log_context import log_context

BUDGET = timedelta(seconds=60)
# A slow system may still be at work on what it was sent when we have long given up waiting.
TIME_TO_APPEAR = timedelta(seconds=20)

log = logging.getLogger(__name__)


def drain(connection_id: int) -> int:
    """Send what is due for the connection, unless another worker does; returns the number of attempts.

    Stops after `BUDGET`, so that no connection keeps a worker for itself; the sweep rings again.
    """
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    attempts = 0
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        held(slot := Slot.of(connection, Work.DELIVER), on_renew=beat) as token,
    ):
        if not token or not (due(connection).exists() or _has_looks(connection)):
            return 0
        stop_at = timezone.now() + BUDGET
        with open_system(connection) as system:
            # The lease is asked for each time: a worker that was frozen may have been given up for dead.
            while timezone.now() < stop_at and renew(slot, token):
                claim = claim_next(connection, token)
                if claim is None:
                    if (
                        isinstance(system, FreshBooks)
                        and _has_looks(connection)
                        and look_up_next(system, connection)
                    ):
                        continue
                    break
                attempts += 1
                with log_context(delivery=claim.delivery.public_id):
                    if not _attempt(system, connection, claim):
                        break
    return attempts


def _has_looks(connection: Connection) -> bool:
    """Something has to be looked up in FreshBooks before it can be sent there."""
    return (
        connection.is_usable and not connection.is_paused() and looks_due().filter(target=connection).exists()
    )


def _attempt(system: System, connection: Connection, claim: Claim) -> bool:
    """One attempt, with its conclusion written down; False if the session is of no use for the next one."""
    doubt = claim.in_doubt_since is not None
    try:
        receipt = _find(system, claim) if doubt else None
        was_found, doubt = receipt is not None, False
        if receipt is None and not claim.is_whole:
            conclude_apart(claim)
            return True
        if receipt is None:
            receipt = system.send(_interchange(claim.delivery), _progress_saver(claim))
    except SystemFailure as failure:
        conclude_failure(connection, claim, failure, still_in_doubt=doubt)
        return isinstance(failure, (Rejected, CannotTell))
    except Exception as error:
        # A fault of ours, at a moment that nobody foresaw: the effect may have happened.
        log.exception("an attempt failed in an unforeseen way")
        lost = UnknownOutcome("An error of ours interrupted it.", detail=f"{type(error).__name__}: {error}")
        conclude_failure(connection, claim, lost, still_in_doubt=True)
        return False
    conclude_delivered(connection, claim, receipt, was_found=was_found)
    return True


def _find(system: System, claim: Claim) -> Receipt | None:
    """The receipt if it is there; None once it has had time to appear, and has not."""
    receipt = system.find(_interchange(claim.delivery))
    since = claim.in_doubt_since
    if receipt is None and since and timezone.now() - since < TIME_TO_APPEAR:
        raise NotThereYet("It is not there yet. It is looked for again before it is sent once more.")
    return receipt


def _interchange(delivery: Delivery) -> Interchange:
    assert delivery.interchange is not None  # noqa: S101 - a valid delivery has its bytes
    return Interchange(
        name=delivery.interchange_name,
        place=delivery.place,
        file=delivery.interchange.open(),
        progress=delivery.progress,
    )


def _progress_saver(claim: Claim) -> Any:
    def save(values: Mapping[str, Any]) -> None:
        claim.delivery.progress = {**claim.delivery.progress, **values}
        parts = [part.delivery.pk for part in claim.parts]
        ours = Delivery.unscoped.filter(pk__in=parts, claimed_by=claim.token)
        if ours.update(progress=claim.delivery.progress) != len(parts):
            raise UnknownOutcome("Another worker has taken this delivery over.")

    return save
