"""Prepare: from a canonical document to the bytes that will be sent, or to a reason why not.

Runs in the transaction that changed the delivery: control numbers, bytes and state belong together.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.text import capfirst

from audit.models import Delivery
from audit.services import lock, notify, record
from audit.states import Document, Transfer
from connections.pipeline.inbound import booking, owed
from connections.pipeline.make import make, ready, store, tried
from mappings.translation import Missing

LOOK_AGAIN = timedelta(minutes=15)
HELD_NOTICE = "held-"
FOR_A_PERSON = ("changed_after_delivery", "unreadable", "changed", "needs_a_person")

log = logging.getLogger(__name__)


@transaction.atomic
def prepare(delivery: Delivery, *, alone: bool = False) -> None:
    """Make the interchange of a delivery that has none; what is missing holds it, by name.

    On a route that collects what is due it is only tried, unless `alone`: see `batch.gather`.
    """
    if booking.needs_look(delivery):
        _wait_for_a_look(delivery)
        return
    is_alone = alone or not is_collected(delivery)
    with hold_for(delivery):
        with transaction.atomic():
            if delivery.is_inbound:
                booking.make(delivery)
            elif delivery.arrival_id:
                owed.make(delivery)
            elif is_alone:
                found = [ready(delivery)]
                store(found, make(found))
            else:
                tried(delivery)
        now = timezone.now()
        delivery.next_attempt_at = now if delivery.replays else delivery.route.next_slot(now)
        if is_alone:
            finish(delivery)
        else:
            _wait_for_the_others(delivery)


def is_collected(delivery: Delivery) -> bool:
    """It goes in one interchange with what else is due for its partner."""
    return delivery.route.batch and delivery.route.is_from_freshbooks and not delivery.is_dry_run


@contextmanager
def hold_for(delivery: Delivery) -> Iterator[None]:
    """What is missing inside holds the delivery, by name.

    A document that trips us up is held like any other, so that it stops none but itself.
    """
    try:
        yield
    except Missing as missing:
        hold(delivery, code=missing.code, reason=str(missing), remedy=missing.remedy)
    except DatabaseError:
        raise
    except Exception:
        log.exception("a document could not be translated")
        hold(
            delivery,
            code="translation_failed",
            reason="an error of ours came up while it was translated.",
            remedy="Tell support; it goes by itself once that is mended.",
        )


def finish(delivery: Delivery) -> None:
    """The interchange is made: it may go."""
    delivery.document = Document.VALID
    delivery.reason_code = delivery.reason = delivery.remedy = ""
    delivery.save()
    record(
        delivery,
        "translated",
        f"Translated for {_reader(delivery)} as {delivery.interchange_name}{_company(delivery)}.",
        data={
            "documents": delivery.batch_size,
            "interchange_control": delivery.interchange_control,
            "group_control": delivery.group_control,
            "message_control": delivery.message_control,
            "freshbooks_id": delivery.freshbooks_id,
        },
        payload=delivery.interchange,
    )
    if delivery.is_dry_run:
        skip(delivery, code="dry_run", reason="the route is in dry run; this is what would have been sent.")


def _company(delivery: Delivery) -> str:
    others = delivery.batch_size - 1
    return f", in one file with {others} other{'s' if others > 1 else ''}" if others else ""


def _reader(delivery: Delivery) -> str:
    return "FreshBooks" if delivery.is_inbound else str(delivery.partner)


def _wait_for_a_look(delivery: Delivery) -> None:
    """FreshBooks is asked by the worker that delivers; what is held stays so until then."""
    now = timezone.now()
    if not delivery.is_held and not delivery.replays:
        now = delivery.route.next_slot(now)
    delivery.next_attempt_at = now
    delivery.save()


def _wait_for_the_others(delivery: Delivery) -> None:
    """It is sound, and goes in the next file for its partner."""
    delivery.document = Document.VALID
    delivery.reason_code = delivery.reason = delivery.remedy = ""
    delivery.save()
    text = f"Goes to {delivery.partner} in one file with what else is due."
    record(delivery, "collected", text, data={"freshbooks_id": delivery.source_id})


def hold(delivery: Delivery, *, code: str, reason: str, remedy: str) -> None:
    """Keep it back until what is missing is there; said on the timeline once per reason."""
    is_news = (delivery.document, delivery.reason) != (Document.HELD, reason)
    delivery.document = Document.HELD
    delivery.reason_code, delivery.reason, delivery.remedy = code, reason, remedy
    delivery.next_attempt_at = None if waits_for_a_person(delivery) else timezone.now() + LOOK_AGAIN
    delivery.save()
    if is_news:
        record(delivery, "held", f"Held: {reason} {remedy}".strip(), data={"code": code})
        notify(
            tenant=delivery.tenant,
            key=f"{HELD_NOTICE}{code}",
            title=capfirst(f"{delivery} is held"),
            text=capfirst(f"{reason} {remedy} Others may be held for a like reason; Documents lists them."),
            url=delivery.get_absolute_url(),
        )


def skip(delivery: Delivery, *, code: str, reason: str) -> None:
    """It will not be sent, by rule; a person can still release it."""
    delivery.step(Transfer.SKIPPED)
    delivery.reason_code, delivery.reason, delivery.remedy = code, reason, ""
    delivery.next_attempt_at = None
    delivery.save()
    record(delivery, "skipped", f"Not sent: {reason}", data={"code": code})


def recheck(delivery: Delivery) -> bool:
    """Look again whether what a held delivery missed is there by now; True if it was released."""
    with transaction.atomic():
        delivery = lock(delivery)
        if not (delivery.is_held and delivery.transfer == Transfer.READY) or waits_for_a_person(delivery):
            return False
        prepare(delivery)
        return not delivery.is_held


def recheck_tenant(tenant_id: int) -> int:
    """A mapping was saved: look again at everything that is held; returns how many were released."""
    held = Delivery.unscoped.filter(tenant=tenant_id, document=Document.HELD, transfer=Transfer.READY)
    return recheck_all(held.order_by("id").iterator(chunk_size=200))


def recheck_all(deliveries: Iterable[Delivery]) -> int:
    """`recheck` each, whatever befalls one of them; returns how many were released."""
    released = 0
    for delivery in deliveries:
        try:
            released += recheck(delivery)
        except Exception:
            log.exception("delivery %s could not be looked at again", delivery.public_id)
    return released


def waits_for_a_person(delivery: Delivery) -> bool:
    """No mapping will release it: somebody has to decide, or the record itself has to change."""
    return delivery.reason_code in FOR_A_PERSON and not delivery.is_forced
