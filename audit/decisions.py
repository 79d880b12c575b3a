"""The decisions a person may take: what each does in words, to which it applies, for one or for many.

Decisions are weighed before they are confirmed, and again, one locked row at a time, while they are carried
out: what changed in between is left alone and counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit import services
from audit.models import Arrival, Delivery, Payload
from audit.models.arrivals import UNUSABLE, ArrivalState
from audit.services import Subject
from audit.states import Acknowledgement, Document, Transfer
from tenants.doorbell import ring
from tenants.models import User

# How many one press of a button may start; more are done by pressing again.
AT_MOST = 1000

ACCEPTED = (Acknowledgement.ACCEPTED, Acknowledgement.ACCEPTED_WITH_ERRORS)
BYTES_ARE_GONE = "its bytes were removed when the retention time was over"
ALREADY_ACCEPTED = "already accepted by the partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`key` is also the permission's ("replay": "audit.replay_delivery"); `effect` says what will happen."""

    key: str
    title: str
    done: str
    effect: str
    permission: str
    # Why it does not apply to a subject; empty if it does.
    refusal: Callable[..., str]
    # Called with the subject, `actor` and `why`.
    carry_out: Callable[..., object]
    # The one refusal that a person may overrule, and what ticking that box means.
    overruled: str = ""
    force: str = ""

    def refuses(self, subject: Any, *, force: bool) -> str:
        refusal = self.refusal(subject)
        return "" if force and refusal == self.overruled else refusal


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a decision would do: to how many, and to how many it would not, and why."""

    applies: list[Any] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    # There are more than one press may start.
    more: bool = False

    @property
    def total(self) -> int:
        return len(self.applies) + self.refused.total()

    def left_alone(self) -> list[tuple[str, int]]:
        """(why, how many), the most frequent first."""
        return self.refused.most_common()

    def second_copies(self) -> int:
        """How many have been delivered already: the partner gets each of them once more."""
        return sum(isinstance(subject, Delivery) and subject.is_delivered for subject in self.applies)


def weigh(decision: Decision, subjects: QuerySet[Any], *, force: bool) -> Weighing:
    """Look at the oldest `AT_MOST` of the subjects."""
    weighing = Weighing()
    rows: list[Any] = list(subjects.order_by("pk")[: AT_MOST + 1])
    for subject in rows[:AT_MOST]:
        if refusal := decision.refuses(subject, force=force):
            weighing.refused[refusal] += 1
        else:
            weighing.applies.append(subject)
    return Weighing(weighing.applies, weighing.refused, more=len(rows) > AT_MOST)


def carry_out(
    decision: Decision, subjects: Iterable[Subject], *, actor: User, why: str, force: bool
) -> Weighing:
    """Do it to each subject in a transaction of its own, and ring for the workers that have to act."""
    weighing = Weighing()
    for subject in subjects:
        with transaction.atomic():
            now = services.lock(subject) if isinstance(subject, Delivery) else services.lock_arrival(subject)
            refusal = decision.refuses(now, force=force)
            if refusal:
                weighing.refused[refusal] += 1
            else:
                decision.carry_out(now, actor=actor, why=why)
                weighing.applies.append(now)
    for task, pk in sorted({_doorbell(subject) for subject in weighing.applies}):
        ring(task, pk)
    return weighing


def _doorbell(subject: Subject) -> tuple[str, int]:
    if isinstance(subject, Delivery):
        return "connections.tasks.deliver", subject.target_id
    return "connections.tasks.read", subject.connection_id


def _on_its_way(delivery: Delivery) -> str:
    """Why it is too early for a decision: nothing has gone wrong yet."""
    if delivery.transfer == Transfer.SENDING:
        return "being sent at this moment"
    if delivery.transfer == Transfer.READY and delivery.document == Document.VALID:
        return "on the way already"
    return ""


def _no_replay(delivery: Delivery) -> str:
    if delivery.is_inbound and delivery.is_delivered:
        return "booked in FreshBooks already: correct it there"
    if Payload.is_removed(delivery.canonical_id):
        return BYTES_ARE_GONE
    if delivery.transfer == Transfer.IN_DOUBT:
        return "in doubt: say first whether the partner has it"
    if delivery.transfer == Transfer.READY and delivery.is_held:
        return "held: release it instead"
    if delivery.acknowledgement in ACCEPTED:
        return ALREADY_ACCEPTED
    return _on_its_way(delivery)


def _no_release(delivery: Delivery) -> str:
    if Payload.is_removed(delivery.canonical_id):
        return BYTES_ARE_GONE
    if delivery.transfer == Transfer.SKIPPED or (delivery.is_held and delivery.transfer == Transfer.READY):
        return ""
    return "neither held nor skipped"


def _no_dismissal(delivery: Delivery) -> str:
    if delivery.transfer in (Transfer.DELIVERED, Transfer.SKIPPED, Transfer.DISMISSED):
        return f"{delivery.get_transfer_display()} already"
    return "being sent at this moment" if delivery.transfer == Transfer.SENDING else ""


def _no_doubt(delivery: Delivery) -> str:
    return "" if delivery.transfer == Transfer.IN_DOUBT else "not in doubt"


REPLAY = Decision(
    key="replay",
    title="Replay",
    done="replayed",
    effect=(
        "Each document is translated anew with the mappings of now, gets new control numbers and is sent "
        "under a new name."
    ),
    permission="audit.replay_delivery",
    refusal=_no_replay,
    carry_out=services.replay,
    overruled=ALREADY_ACCEPTED,
    force="Also send those again that the partner has accepted already.",
)
RELEASE = Decision(
    key="release",
    title="Release",
    done="released",
    effect=(
        "Each document is checked again and sent. If a mapping is still missing, it is held again and says "
        "which."
    ),
    permission="audit.release_delivery",
    refusal=_no_release,
    carry_out=services.release,
)
DISMISS = Decision(
    key="dismiss",
    title="Dismiss",
    done="dismissed",
    effect="The documents are not sent, and nobody is reminded of them any more. They can be replayed later.",
    permission="audit.dismiss_delivery",
    refusal=_no_dismissal,
    carry_out=services.dismiss,
)
WAS_SENT = Decision(
    key="was-sent",
    title="Resolve: the partner has it",
    done="resolved as delivered",
    effect="You have looked at the partner's side and found each document there. It counts as delivered.",
    permission="audit.resolve_delivery",
    refusal=_no_doubt,
    carry_out=partial(services.resolve_doubt, was_sent=True),
)
NOT_SENT = Decision(
    key="not-sent",
    title="Resolve: the partner does not have it",
    done="sent again",
    effect="You have made sure that the partner has none of these documents. Each is sent again.",
    permission="audit.resolve_delivery",
    refusal=_no_doubt,
    carry_out=partial(services.resolve_doubt, was_sent=False),
)


def _no_second_reading(arrival: Arrival) -> str:
    if Payload.is_removed(arrival.payload_id):
        return BYTES_ARE_GONE
    return "about to be read already" if arrival.state == ArrivalState.RECEIVED else ""


def _no_arrival_dismissal(arrival: Arrival) -> str:
    return "" if arrival.state in UNUSABLE else f"{arrival.get_state_display()}: nothing to dismiss"


READ_AGAIN = Decision(
    key="replay",
    title="Replay",
    done="replayed",
    effect="The stored bytes of each arrival are read again, as if they had come just now.",
    permission="audit.replay_arrival",
    refusal=_no_second_reading,
    carry_out=services.replay_arrival,
)
DISMISS_ARRIVAL = Decision(
    key="dismiss",
    title="Dismiss",
    done="dismissed",
    effect="Nothing is made of the arrivals, and nobody is reminded of them. They can be replayed later.",
    permission="audit.dismiss_arrival",
    refusal=_no_arrival_dismissal,
    carry_out=services.dismiss_arrival,
)

FOR_DELIVERIES = (REPLAY, RELEASE, DISMISS, WAS_SENT, NOT_SENT)
FOR_ARRIVALS = (READ_AGAIN, DISMISS_ARRIVAL)
