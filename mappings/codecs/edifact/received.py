"""What reading gives: messages, and the groups and interchanges around them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mappings.canonical import Document
from mappings.codecs.edifact.envelope import GroupHeader, InterchangeHeader, MessageHeader
from mappings.codecs.report import Report


@dataclass(slots=True, kw_only=True)
class Interchange:
    """An interchange; `report` is complete once it has been given after its messages. `number` counts in the file.

    `messages` and `groups` count what stands directly in it.
    """

    header: InterchangeHeader
    number: int
    report: Report = field(default_factory=Report)
    messages: int = 0
    groups: int = 0


@dataclass(slots=True, kw_only=True)
class Group:
    """A group of messages (UNG to UNE); `report` is complete once it has been given after its messages."""

    interchange: Interchange
    header: GroupHeader
    report: Report = field(default_factory=Report)
    messages: int = 0


@dataclass(slots=True, kw_only=True)
class Message:
    """A message that was read: its `document`, or in `report` why there is none. Few messages stand in a group."""

    interchange: Interchange
    group: Group | None
    header: MessageHeader
    document: Document | None = None
    report: Report = field(default_factory=Report)

    @property
    def type(self) -> str:
        """The message type, such as INVOIC."""
        return self.header.type

    @property
    def control_number(self) -> str:
        """The message reference number (0062)."""
        return self.header.control_number


Item = Message | Group | Interchange
