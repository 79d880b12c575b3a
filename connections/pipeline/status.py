"""Status: what the target says of documents for which no EDI acknowledgement comes.

Asked for again and again, ever more seldom the older a document is, until what the target says settles it.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from audit.leases import held
from audit.models import Delivery
from audit.services import close_notice, lock, notify, record
from audit.states import ACKNOWLEDGEMENT_STEPS, ANSWERED, Acknowledgement
from connections.models import Connection, Slot, Work
from connections.pipeline.health import note_failure, note_success
from connections.pipeline.heartbeat import beat
from connections.systems.base import Misconfigured, Receipt, Rejected, RemoteState, SystemFailure
from connections.systems.registry import open_system
from mappings.codecs.unwrap import without_envelope
from mappings.models import TradingPartner
from mappings.translation import Missing
from tenants.log_context import log_context
from tenants.redaction import redact

BUDGET = timedelta(seconds=60)
LONGEST_REST = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=60)
# A refusal is a matter for a person, and hardly put right within minutes.
AFTER_REFUSAL = timedelta(hours=1)

log = logging.getLogger(__name__)


def as_taken(delivery: Delivery, partner: TradingPartner, content: bytes) -> bytes:
    """The interchange as the target takes it, and on `delivery` how it will be acknowledged; does not save.

    A target that writes the envelope gets the messages alone, under control numbers of its own that nobody
    tells us. Raises `Missing` if the target's settings cannot be used.
    """
    try:
        with open_system(delivery.target) as system:
            writes_envelope, tells_status = system.writes_envelope(), system.tells_status()
    except SystemFailure as failure:
        raise Missing("misconfigured", str(failure), failure.remedy) from failure
    by_edi = partner.expects_acknowledgement_of(delivery.route.format) and not writes_envelope
    delivery.follows_status = tells_status and not by_edi
    if not writes_envelope:
        return content
    delivery.interchange_control = delivery.group_control = delivery.message_control = ""
    return without_envelope(content)


def ask_due(connection_id: int) -> int:
    """Ask for the state of the connection's documents that are due; returns how many were asked for."""
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    asked, stop_at = 0, timezone.now() + BUDGET
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        held(Slot.of(connection, Work.STATUS), on_renew=beat) as token,
    ):
        if not token or not connection.is_usable or connection.is_paused():
            return 0
        try:
            with open_system(connection) as system:
                while timezone.now() < stop_at and (delivery := _next_due(connection)):
                    asked += 1
                    state = system.status(_receipt(delivery)) if system.tells_status() else None
                    note(delivery, state)
            if asked:
                note_success(connection)
                close_notice(tenant_id=connection.tenant_id, key=f"status-{connection.pk}")
        except (Misconfigured, Rejected) as failure:
            _put_off(connection, failure)
        except SystemFailure as failure:
            log.warning("the state of documents could not be asked for: %s", failure)
            note_failure(connection, failure)
    return asked


def _next_due(connection: Connection) -> Delivery | None:
    due = Delivery.unscoped.filter(target=connection, next_status_at__lte=timezone.now())
    return due.select_related("target", "partner", "tenant").order_by("next_status_at").first()


def _receipt(delivery: Delivery) -> Receipt:
    return Receipt(
        remote_id=delivery.remote_id,
        place=delivery.place,
        name=delivery.interchange_name,
        detail={**delivery.progress, "said": delivery.remote_state},
    )


@transaction.atomic
def note(delivery: Delivery, state: RemoteState | None) -> None:
    """Write down what the target says of a delivery; words that it has said before are not repeated."""
    delivery = lock(delivery)
    if delivery.next_status_at is None or not delivery.is_delivered:
        return
    words = redact(state.words)[:200] if state else ""
    delivery.next_status_at = _next_look(delivery, timezone.now())
    is_news = bool(words) and words != delivery.remote_state
    meaning = state.meaning if state else ""
    settles = meaning in ANSWERED and meaning in ACKNOWLEDGEMENT_STEPS[delivery.acknowledgement]
    if words:
        delivery.remote_state = words
    if settles:
        delivery.acknowledge(meaning, timezone.now())
        if meaning != Acknowledgement.ACCEPTED:
            delivery.reason_code = "acknowledgement"
            delivery.reason = f"{delivery.target} says: {words}"
            delivery.remedy = "Correct it and replay it." if meaning == Acknowledgement.REJECTED else ""
    delivery.save()
    if (is_news or settles) and state:
        amounts_to = f" That is: {meaning.replace('_', ' ')}." if settles else ""
        record(
            delivery,
            "acknowledgement" if settles else "remote_state",
            f"{delivery.target} says: {words}.{amounts_to}{_what_is_unknown(state)}",
            data={"status": meaning or "unknown", "words": words, **state.detail},
        )
    if settles:
        _tell(delivery)


def _what_is_unknown(state: RemoteState) -> str:
    if not state.unknown:
        return ""
    words = ", ".join(f"“{word}”" for word in state.unknown)
    return f" What {words} means is not said in the settings of the connection."


def _next_look(delivery: Delivery, now: datetime) -> datetime | None:
    age = now - (delivery.delivered_at or now)
    if age > GIVE_UP_AFTER:
        return None
    usual = timedelta(seconds=delivery.target.poll_seconds)
    return now + max(usual, min(age / 10, LONGEST_REST))


def _tell(delivery: Delivery) -> None:
    close_notice(tenant_id=delivery.tenant_id, key=f"overdue-{delivery.pk}")
    if delivery.acknowledgement == Acknowledgement.REJECTED:
        notify(
            tenant=delivery.tenant,
            key=f"rejected-{delivery.pk}",
            title=f"{delivery} was not taken at the other side",
            text=f"{delivery.reason}. {delivery.remedy}",
            url=delivery.get_absolute_url(),
        )


def _put_off(connection: Connection, failure: SystemFailure) -> None:
    """Asking is refused: documents flow all the same, and a person is told."""
    log.warning("the state of documents may not be asked for: %s", failure)
    Delivery.unscoped.filter(target=connection, next_status_at__lte=timezone.now()).update(
        next_status_at=timezone.now() + AFTER_REFUSAL
    )
    notify(
        tenant=connection.tenant,
        key=f"status-{connection.pk}",
        title=f"{connection} does not tell what becomes of documents",
        text=f"{failure} {failure.remedy} Documents are sent all the same.".strip(),
        url=connection.get_absolute_url(),
    )
