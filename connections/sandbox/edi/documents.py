"""What a reader of interchanges tells the partner, whatever the standard."""

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What the partner answers to a document that it can read."""

    ACCEPT = "accept"
    ACCEPT_WITH_ERRORS = "accept_with_errors"
    REJECT = "reject"
    PARTIAL = "partial"  # the first document of a group is rejected, the others are accepted
    NEVER = "never"  # no acknowledgement at all


@dataclass
class Document:
    """One transaction set or message. `refusals` are faults against the standard, `doubts` are not.

    `number` is the business number (of the invoice, payment, order, shipment), empty when there is none.
    """

    kind: str
    control: str
    number: str = ""
    replaces: bool = False  # says of itself that it replaces, cancels or repeats an earlier one
    refusals: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


class UnreadableError(Exception):
    """The envelope is so broken that nobody can be answered; the text says where."""
