"""The timeline as people read it: what happened to a document, and apart from that who looked at it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from audit.models import Event
from audit.services import Subject

EVENTS_SHOWN = 300
LOOKS = frozenset({"looked_at", "downloaded"})
TONES = {
    "acknowledgement": "attention",
    "deleted_at_source": "attention",
    "delivered": "ok",
    "duplicate": "neutral",
    "failed": "failed",
    "held": "attention",
    "in_doubt": "attention",
    "overdue": "attention",
    "parked": "failed",
    "partly_failed": "attention",
    "read": "ok",
    "waiting": "attention",
    "worker_died": "attention",
}
ANSWER_TONES = {"accepted": "ok", "rejected": "failed"}
REPORT_TONES = {
    "approved": "ok",
    "paid": "ok",
    "rejected": "failed",
    "failed": "failed",
    "cancelled": "attention",
    "duplicate": "attention",
    "unknown": "attention",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`tone` as in docs/look.md; `arrival`: the public id of the arrival that brought the answer."""

    event: Event
    tone: str
    arrival: str


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry] = field(default_factory=list)
    looks: list[Event] = field(default_factory=list)
    # Earlier ones are not shown.
    is_cut: bool = False


def timeline_of(subject: Subject) -> Timeline:
    """The last events of a delivery or an arrival, oldest first."""
    events: QuerySet[Event] = subject.events.select_related("payload").defer("payload__content")
    latest = list(events.order_by("-sequence")[: EVENTS_SHOWN + 1])
    shown = latest[:EVENTS_SHOWN][::-1]
    return Timeline(
        entries=list(_entries(event for event in shown if event.kind not in LOOKS)),
        looks=[event for event in shown if event.kind in LOOKS],
        is_cut=len(latest) > EVENTS_SHOWN,
    )


def _entries(events: Iterable[Event]) -> Iterable[Entry]:
    for event in events:
        tone = TONES.get(event.kind, "neutral")
        if event.kind == "acknowledgement":
            tone = ANSWER_TONES.get(str(event.data.get("status")), tone)
        if event.kind == "status_report":
            tone = REPORT_TONES.get(str(event.data.get("status")), tone)
        yield Entry(event, tone, str(event.data.get("arrival") or ""))
