"""The three answers about a delivery, what may follow what, and the sentence that people read.

document: is it right?  transfer: is it there?  acknowledgement: what did the partner say?
They are three fields and never mixed. `TRANSFER_STEPS` is the one transition table; `LEGAL` (which answers
may stand beside each other) is also a constraint in the database.
"""

from django.db import models
from django.db.models import Q


class Document(models.TextChoices):
    VALID = "valid", "valid"
    HELD = "held", "held"


class Transfer(models.TextChoices):
    READY = "ready", "ready"
    SENDING = "sending", "sending"
    WAITING = "waiting", "waiting to try again"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "failed"
    IN_DOUBT = "in_doubt", "in doubt"
    SKIPPED = "skipped", "skipped"
    DISMISSED = "dismissed", "dismissed"


class Acknowledgement(models.TextChoices):
    NONE = "none", "not expected"
    WAITING = "waiting", "waiting"
    ACCEPTED = "accepted", "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors", "accepted with errors"
    REJECTED = "rejected", "rejected"
    OVERDUE = "overdue", "overdue"


# From each transfer state: where it may go. A replay is the way back to `ready`, by a person, on record.
TRANSFER_STEPS: dict[str, frozenset[str]] = {
    Transfer.READY: frozenset(
        {Transfer.SENDING, Transfer.SKIPPED, Transfer.DISMISSED, Transfer.FAILED, Transfer.WAITING}
    ),
    Transfer.SENDING: frozenset(
        {Transfer.DELIVERED, Transfer.WAITING, Transfer.FAILED, Transfer.IN_DOUBT, Transfer.READY}
    ),
    Transfer.WAITING: frozenset(
        {
            Transfer.SENDING,
            Transfer.READY,
            Transfer.DELIVERED,
            Transfer.FAILED,
            Transfer.SKIPPED,
            Transfer.DISMISSED,
        }
    ),
    Transfer.DELIVERED: frozenset({Transfer.READY}),
    Transfer.FAILED: frozenset({Transfer.READY, Transfer.DISMISSED}),
    Transfer.IN_DOUBT: frozenset({Transfer.DELIVERED, Transfer.READY, Transfer.DISMISSED}),
    Transfer.SKIPPED: frozenset({Transfer.READY}),
    Transfer.DISMISSED: frozenset({Transfer.READY}),
}

# From each acknowledgement state: where it may go without a replay. The first rejection wins over a later
# acceptance (docs/edi.md), and a late answer still beats "overdue".
ACKNOWLEDGEMENT_STEPS: dict[str, frozenset[str]] = {
    Acknowledgement.NONE: frozenset(
        {Acknowledgement.ACCEPTED, Acknowledgement.ACCEPTED_WITH_ERRORS, Acknowledgement.REJECTED}
    ),
    Acknowledgement.WAITING: frozenset(
        {
            Acknowledgement.ACCEPTED,
            Acknowledgement.ACCEPTED_WITH_ERRORS,
            Acknowledgement.REJECTED,
            Acknowledgement.OVERDUE,
        }
    ),
    Acknowledgement.OVERDUE: frozenset(
        {Acknowledgement.ACCEPTED, Acknowledgement.ACCEPTED_WITH_ERRORS, Acknowledgement.REJECTED}
    ),
    Acknowledgement.ACCEPTED: frozenset({Acknowledgement.REJECTED}),
    Acknowledgement.ACCEPTED_WITH_ERRORS: frozenset({Acknowledgement.REJECTED}),
    Acknowledgement.REJECTED: frozenset(),
}

ANSWERED = (Acknowledgement.ACCEPTED, Acknowledgement.ACCEPTED_WITH_ERRORS, Acknowledgement.REJECTED)

# A held document moves nowhere; only what was delivered can be acknowledged; only waiting work has a clock.
LEGAL = (
    Q(document__in=Document.values)
    & Q(transfer__in=Transfer.values)
    & Q(acknowledgement__in=Acknowledgement.values)
    & (Q(document=Document.VALID) | Q(transfer__in=[Transfer.READY, Transfer.SKIPPED, Transfer.DISMISSED]))
    & (Q(transfer=Transfer.DELIVERED) | Q(acknowledgement=Acknowledgement.NONE))
    & (~Q(transfer=Transfer.DELIVERED) | Q(delivered_at__isnull=False))
    & (~Q(transfer=Transfer.WAITING) | Q(next_attempt_at__isnull=False))
)


class IllegalStep(Exception):
    """A state was asked to become one that may not follow it."""


def check_step(steps: dict[str, frozenset[str]], before: str, after: str) -> None:
    """Raise `IllegalStep` unless `after` may follow `before`."""
    if after not in steps[before]:
        raise IllegalStep(f"{before} may not become {after}")
