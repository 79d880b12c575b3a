"""Recording what happened, and the decisions a person may take about a delivery or an arrival.

Everything here works inside one short transaction that locks the subject first: state and timeline change
together or not at all. Nothing here talks to an outside system; what has to be done next is found by the
pipeline in the state that is left behind.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Arrival, Delivery, Event, Notice, Payload
from audit.models.arrivals import UNUSABLE, ArrivalState
from audit.models.deliveries import LEAVES_DOUBT, AttemptOutcome
from audit.states import Acknowledgement, Document, IllegalStep, Transfer
from tenants.models import Tenant, User
from tenants.redaction import redact, redact_value

Subject = Delivery | Arrival


@transaction.atomic
def record(
    subject: Subject,
    kind: str,
    text: str,
    *,
    data: Mapping[str, Any] | None = None,
    payload: Payload | None = None,
    actor: User | None = None,
    at: datetime | None = None,
) -> Event:
    """Append one event to the timeline of `subject`; `text` is the sentence people read, `data` JSON-able.

    Both may repeat what an outside system said: what looks like a secret is taken out.
    """
    type(subject)._base_manager.select_for_update().only("pk").get(pk=subject.pk)
    subject.refresh_from_db(fields=["events_count", "last_event_hash"])
    event = Event(
        tenant_id=subject.tenant_id,
        delivery=subject if isinstance(subject, Delivery) else None,
        arrival=subject if isinstance(subject, Arrival) else None,
        sequence=subject.events_count + 1,
        at=at or timezone.now(),
        kind=kind,
        text=redact(text),
        data=redact_value(dict(data or {})),
        payload=payload,
        actor=actor,
        actor_name=str(actor) if actor else "",
        previous_hash=subject.last_event_hash,
    )
    event.hash = event.expected_hash()
    event.save()
    subject.events_count, subject.last_event_hash = event.sequence, event.hash
    subject.save(update_fields=["events_count", "last_event_hash"])
    return event


def lock(delivery: Delivery) -> Delivery:
    """The delivery as it is now, locked until the transaction ends."""
    return Delivery.unscoped.select_for_update(of=("self",)).get(pk=delivery.pk)


def lock_arrival(arrival: Arrival) -> Arrival:
    """The arrival as it is now, locked until the transaction ends."""
    return Arrival.unscoped.select_for_update(of=("self",)).get(pk=arrival.pk)


@transaction.atomic
def replay(delivery: Delivery, *, actor: User, why: str = "") -> Delivery:
    """Start the delivery again: it is translated anew with the mappings of now and sent under a new name.

    Raises `IllegalStep` while it is under way, or when it has not failed and not been delivered yet.
    """
    return _replay(delivery, f"Replayed by {actor}.", because=_because(why), actor=actor)


@transaction.atomic
def try_again(delivery: Delivery, copy: Arrival) -> Delivery:
    """Replay a delivery that failed, because the file that it came in was dropped once more, as `copy`."""
    said = f"Tried again, because its file came once more as {copy.name} on {copy.connection}."
    return _replay(delivery, said, data={"copy": copy.public_id})


def _replay(delivery: Delivery, said: str, *, because: str = "", **event: Any) -> Delivery:
    delivery = lock(delivery)
    before = sentence(delivery)
    if delivery.transfer != Transfer.READY:
        delivery.step(Transfer.READY)
    _start_again(delivery)
    delivery.save()
    record(delivery, "replayed", f"{said} It was: {before}{because}", **event)
    _taken_care_of(delivery)
    return delivery


def _start_again(delivery: Delivery) -> None:
    delivery.replays += 1
    delivery.is_forced = True
    delivery.document = Document.VALID
    delivery.acknowledgement = Acknowledgement.NONE
    delivery.interchange = None
    delivery.interchange_name, delivery.batch_size = "", 1
    delivery.progress = {}
    delivery.remote_id = delivery.remote_state = ""
    delivery.next_status_at = None
    delivery.attempts_made = 0
    delivery.delivered_at = delivery.acknowledgement_due_at = delivery.acknowledged_at = None
    delivery.reason_code = delivery.reason = delivery.remedy = ""
    delivery.next_attempt_at = timezone.now()
    delivery.claimed_by = ""


@transaction.atomic
def release(delivery: Delivery, *, actor: User, why: str = "") -> Delivery:
    """Let a held or skipped delivery go, by a person's decision.

    What is wrong with its content is checked again: a missing mapping holds it anew.
    """
    delivery = lock(delivery)
    if not (delivery.is_held or delivery.transfer == Transfer.SKIPPED):
        raise IllegalStep("only a held or skipped delivery can be released")
    held_because = delivery.reason
    if delivery.transfer != Transfer.READY:
        delivery.step(Transfer.READY)
    _start_again(delivery)
    delivery.replays -= 1
    delivery.is_dry_run = False
    delivery.save()
    text = f"Released by {actor}. It was held or skipped because: {held_because}{_because(why)}"
    record(delivery, "released", text, actor=actor)
    _taken_care_of(delivery)
    return delivery


@transaction.atomic
def choose(delivery: Delivery, choice: Mapping[str, Any], *, actor: User, text: str) -> Delivery:
    """Keep what a person chose where nothing was certain, and let it go; `text` says it on the timeline.

    Raises `IllegalStep` unless it is held.
    """
    delivery = lock(delivery)
    if not (delivery.is_held and delivery.transfer == Transfer.READY):
        raise IllegalStep("only a held delivery waits for a choice")
    delivery.matching = {**delivery.matching, "chosen": dict(choice)}
    _start_again(delivery)
    delivery.replays -= 1
    delivery.save()
    record(delivery, "chosen", f"{actor} {text}", actor=actor, data=dict(choice))
    _taken_care_of(delivery)
    return delivery


@transaction.atomic
def dismiss(delivery: Delivery, *, actor: User, why: str = "") -> Delivery:
    """Decide that this delivery is not to be made."""
    delivery = lock(delivery)
    delivery.step(Transfer.DISMISSED)
    delivery.next_attempt_at = None
    delivery.save()
    record(delivery, "dismissed", f"Dismissed by {actor}.{_because(why)}", actor=actor)
    _taken_care_of(delivery)
    return delivery


@transaction.atomic
def resolve_doubt(delivery: Delivery, *, actor: User, was_sent: bool, why: str = "") -> Delivery:
    """A person has looked at the partner's side: it is there, or it is not and may be sent again.

    The others in its file are there or not like itself.
    """
    delivery = lock(delivery)
    if delivery.transfer != Transfer.IN_DOUBT:
        raise IllegalStep("only a delivery in doubt can be resolved")
    if delivery.batch_size > 1:
        others = Delivery.unscoped.filter(interchange=delivery.interchange_id, transfer=Transfer.IN_DOUBT)
        for other in others.exclude(pk=delivery.pk).order_by("pk"):
            _resolve(lock(other), actor=actor, was_sent=was_sent, why=why)
    return _resolve(delivery, actor=actor, was_sent=was_sent, why=why)


def _resolve(delivery: Delivery, *, actor: User, was_sent: bool, why: str) -> Delivery:
    delivery.reason_code = delivery.reason = delivery.remedy = ""
    if was_sent:
        mark_delivered(delivery, remote_id=delivery.remote_id, at=timezone.now())
        text = f"{actor} found it at the partner: it counts as delivered."
    else:
        delivery.step(Transfer.READY)
        delivery.next_attempt_at = timezone.now()
        delivery.progress = {}
        text = f"{actor} made sure that the partner does not have it: it is sent again."
    delivery.save()
    if not was_sent:
        delivery.attempts.filter(outcome__in=LEAVES_DOUBT).update(outcome=AttemptOutcome.TEMPORARY)
    record(delivery, "doubt_resolved", text + _because(why), actor=actor, data={"was_sent": was_sent})
    _taken_care_of(delivery)
    return delivery


def may_be_there(delivery: Delivery) -> bool:
    """The last attempt left it open whether the partner has it."""
    last = delivery.attempts.order_by("-number").first()
    return last is not None and last.leaves_doubt


def mark_delivered(delivery: Delivery, *, remote_id: str, at: datetime) -> None:
    """Set what is true once the partner has it; does not save."""
    delivery.step(Transfer.DELIVERED)
    delivery.remote_id = remote_id
    delivery.delivered_at = at
    delivery.next_attempt_at = None
    delivery.reason_code = delivery.reason = delivery.remedy = ""
    partner = delivery.partner
    # What came in, and our own answers, are never answered.
    expects = partner is not None and partner.expects_acknowledgement_of(delivery.route.format)
    if partner is not None and expects and delivery.arrival_id is None:
        delivery.acknowledgement = Acknowledgement.WAITING
        delivery.acknowledgement_due_at = at + partner.acknowledgement_time
    if partner is not None and delivery.follows_status:
        delivery.acknowledgement = Acknowledgement.WAITING
        delivery.acknowledgement_due_at = at + partner.acknowledgement_time
        delivery.next_status_at = at


@transaction.atomic
def replay_arrival(arrival: Arrival, *, actor: User, why: str = "") -> Arrival:
    """Read the stored bytes again."""
    arrival = lock_arrival(arrival)
    _reopen(arrival, f"Read again at the wish of {actor}.", because=_because(why), actor=actor)
    return arrival


@transaction.atomic
def reopen_arrival(arrival: Arrival, copy: Arrival, *, due: datetime) -> bool:
    """Let it be read again, because its bytes arrived once more as `copy`; False if there is no need to.

    Whoever asks reads it at once; should it die, the sweep does it when it is `due`.
    """
    arrival = lock_arrival(arrival)
    if arrival.state not in UNUSABLE:
        return False
    said = f"Read again, because the same bytes came once more as {copy.name} on {copy.connection}."
    _reopen(arrival, said, due=due, data={"copy": copy.public_id})
    return True


def _reopen(
    arrival: Arrival, said: str, *, because: str = "", due: datetime | None = None, **event: Any
) -> None:
    before = ": ".join(filter(None, [arrival.get_state_display(), arrival.reason]))
    arrival.state = ArrivalState.RECEIVED
    arrival.reason = arrival.summary = ""
    arrival.attempts_made = 0
    arrival.replays += 1
    arrival.next_attempt_at = due or timezone.now()
    arrival.save()
    record(arrival, "replayed", f"{said} It was: {before}{because}", **event)
    _taken_care_of(arrival)


@transaction.atomic
def dismiss_arrival(arrival: Arrival, *, actor: User, why: str = "") -> Arrival:
    """Decide that nothing is to be made of it. Raises `IllegalStep` unless it could not be read."""
    arrival = lock_arrival(arrival)
    if arrival.state not in UNUSABLE:
        raise IllegalStep("only an arrival that cannot be read can be dismissed")
    arrival.state = ArrivalState.DISMISSED
    arrival.save(update_fields=["state"])
    record(arrival, "dismissed", f"Dismissed by {actor}.{_because(why)}", actor=actor)
    _taken_care_of(arrival)
    return arrival


def _because(why: str) -> str:
    return f" Reason: {why}" if why else ""


def _taken_care_of(subject: Subject) -> None:
    """A person has decided: what the tenant was told about it waits for nobody any more."""
    matters = ("arrival",) if isinstance(subject, Arrival) else ("delivery", "rejected", "overdue")
    for matter in matters:
        close_notice(tenant_id=subject.tenant_id, key=f"{matter}-{subject.pk}")


def notify(*, tenant: Tenant, key: str, title: str, text: str, url: str = "") -> Notice:
    """Tell a tenant's people, once while the matter `key` lasts; the next sweep sends the e-mail."""
    still_open = Notice.unscoped.filter(tenant=tenant, key=key, closed_at__isnull=True)
    try:
        with transaction.atomic():
            return still_open.first() or Notice.unscoped.create(
                tenant=tenant, key=key, title=redact(title)[:200], text=redact(text), url=url
            )
    except IntegrityError:
        return still_open.get()


def close_notice(*, tenant_id: int, key: str) -> None:
    """The matter is settled."""
    Notice.unscoped.filter(tenant_id=tenant_id, key=key, closed_at__isnull=True).update(
        closed_at=timezone.now()
    )


def sentence(delivery: Delivery) -> str:
    """What people read about a delivery, made from its three answers in this one place."""
    who = delivery.partner.name if delivery.partner else "The partner"
    if delivery.is_held and delivery.transfer == Transfer.READY:
        return f"Held: {delivery.reason}"
    if delivery.transfer != Transfer.DELIVERED:
        return _transfer_sentence(delivery)
    if delivery.is_inbound:
        return f"Booked in FreshBooks {_when(delivery.delivered_at)}."
    said = {
        Acknowledgement.NONE: "no acknowledgement is expected.",
        Acknowledgement.ACCEPTED: f"{who} accepted it {_when(delivery.acknowledged_at)}.",
        Acknowledgement.ACCEPTED_WITH_ERRORS: (
            f"{who} accepted it with errors {_when(delivery.acknowledged_at)}."
        ),
        Acknowledgement.REJECTED: f"{who} rejected it {_when(delivery.acknowledged_at)}: {delivery.reason}",
        Acknowledgement.WAITING: (
            f"{who} has not acknowledged yet, due by {_when(delivery.acknowledgement_due_at)}."
        ),
        Acknowledgement.OVERDUE: (
            f"{who} has not acknowledged it; that was due {_when(delivery.acknowledgement_due_at)}."
        ),
    }
    return f"Delivered {_when(delivery.delivered_at)}; {said[Acknowledgement(delivery.acknowledgement)]}"


def _transfer_sentence(delivery: Delivery) -> str:
    because = f": {delivery.reason}" if delivery.reason else "."
    dry = " (dry run)" if delivery.is_dry_run else ""
    said = {
        Transfer.READY: f"Ready to be sent{dry}, {_when(delivery.next_attempt_at)}.",
        Transfer.SENDING: "Being sent now.",
        Transfer.WAITING: f"Tried again {_when(delivery.next_attempt_at)}{because}",
        Transfer.FAILED: f"Failed{because}",
        Transfer.IN_DOUBT: f"In doubt{because}",
        Transfer.SKIPPED: f"Not sent{because}",
        Transfer.DISMISSED: "Dismissed.",
    }
    return said[Transfer(delivery.transfer)]


def _when(moment: datetime | None) -> str:
    """A moment as people write it, in the zone that is active (the tenant's, on its pages)."""
    if moment is None:
        return "soon"
    local, today = timezone.localtime(moment), timezone.localtime().date()
    return local.strftime("%H:%M") if local.date() == today else local.strftime("%d %b %H:%M")
