"""What reading gives: messages, and the groups and interchanges around them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mappings.canonical import Document
from mappings.codecs.report import Report
from mappings.codecs.x12.envelope import GroupHeader, InterchangeHeader


@dataclass(slots=True, kw_only=True)
class Interchange:
    """An interchange; `report` is complete once it has been given after its messages. `number` counts in the file."""

    header: InterchangeHeader
    number: int
    report: Report = field(default_factory=Report)
    groups: int = 0


@dataclass(slots=True, kw_only=True)
class Group:
    """A functional group; `report` is complete once it has been given after its messages.

    `messages` counts them, `stated` is what the trailer says.
    """

    interchange: Interchange
    header: GroupHeader
    report: Report = field(default_factory=Report)
    messages: int = 0
    stated: int | None = None

    @property
    def unreadable(self) -> bool:
        """Whether nothing in the group can be read, because its version is not known."""
        return any(problem.rule == "group_version" for problem in self.report)


@dataclass(slots=True, kw_only=True)
class Message:
    """A message that was read: its `document`, or in `report` why there is none. A TA1 has no group.

    `line` is where it begins in the file, if the file has lines.
    """

    interchange: Interchange
    group: Group | None
    type: str
    control_number: str = ""
    implementation: str = ""
    document: Document | None = None
    report: Report = field(default_factory=Report)


Item = Message | Group | Interchange
