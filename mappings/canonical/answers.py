"""What comes back about what was sent: acknowledgements and status reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from mappings.canonical.base import Checked, Currency, Word
from mappings.canonical.parts import Origin
from mappings.canonical.trade import Document
from mappings.canonical.words import ACKNOWLEDGEMENT_STATUSES

LEVELS = ("interchange", "group", "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Checked):
    """Why something was not simply accepted.

    `code` is the code of the answering message's own list; `message` says it in words. A reason about a
    segment names its tag or `position` (the header is 1), or both, and, when about an element, that element's
    position, component and repetition, its data dictionary number and a copy of the bad data.
    """

    code: str
    message: str = ""
    segment: str = ""
    position: int | None = None
    loop: str = ""
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    value: str = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.element is not None and self.position is None and not self.segment:
            yield "position", "an element needs the position or the tag of its segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement(Document):
    """An answer to an interchange, a group or a message that was sent.

    `control_number` is that of the thing answered: ISA13 or UNB 0020 for an interchange, GS06 for a group,
    ST02 or UNH 0062 for a message. `document_type` is the group's functional id (IN) or the message's type
    (810, INVOIC). `form` is the message that carried the answer: ta1, 997, 999 or contrl. `parts` are the
    levels below. A status of "received" is no verdict yet.
    """

    SCHEMA: ClassVar[str] = "acknowledgement/1"

    form: str
    level: Word
    status: Word
    control_number: str
    document_type: str = ""
    version: str = ""
    implementation: str = ""
    sender: str = ""
    receiver: str = ""
    date: dt.date | None = None
    time: dt.time | None = None
    included: int | None = None
    received: int | None = None
    accepted: int | None = None
    reasons: tuple[Reason, ...] = ()
    parts: tuple[Acknowledgement, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    def rules(self) -> Iterator[tuple[str, str]]:
        if self.level not in LEVELS:
            yield "level", f"must be one of {', '.join(LEVELS)}, not {self.level!r}"
        if self.status not in ACKNOWLEDGEMENT_STATUSES:
            yield (
                "status",
                f"must be one of {', '.join(sorted(ACKNOWLEDGEMENT_STATUSES))}, not {self.status!r}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport(Document):
    """What the other side says of a document: approved, rejected, paid ... `stated` keeps its own word.

    `number` is the document's number, `source_id` its id at its source as the report quotes it.
    """

    SCHEMA: ClassVar[str] = "status_report/1"

    document_kind: Word
    status: Word
    stated: str = ""
    number: str = ""
    source_id: str = ""
    remote_id: str = ""
    vendor_number: str = ""
    date: dt.date | None = None
    amount: Decimal | None = None
    currency: Currency = ""
    method: str = ""
    reference: str = ""
    account: str = ""
    message: str = ""
    origin: Origin | None = field(default=None, compare=False)

    def rules(self) -> Iterator[tuple[str, str]]:
        if not (self.number or self.source_id or self.remote_id):
            yield "number", "a status report needs a number or an id of what it is about"
