"""What a B2B Integrator keeps: documents (payloads), mailboxes, and messages that point to documents."""

import base64
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

DEAD_LETTER = "/DeadLetter"
# The installation's own words in ids and addresses; nobody outside can resolve the host name.
NODE = "b2bi01:node1"
INTERNAL_ADDRESS = "http://b2bi-int:5074"


@dataclass
class Document:
    """`payload` is None when it was purged; the row in a mailbox remains. `life_span` is in minutes."""

    id: str
    name: str
    created: datetime
    payload: bytes | None
    size: int
    workflow_id: int
    life_span: int | None = None
    body_name: str = ""
    encoding: str = ""
    content_type: str = ""
    content_subtype: str = ""
    subject: str = ""
    storage_type: str = "DB"

    def is_purged(self, now: datetime) -> bool:
        expired = self.life_span is not None and now >= self.created + timedelta(minutes=self.life_span)
        return self.payload is None or expired


@dataclass
class Mailbox:
    id: int
    path: str
    description: str


@dataclass
class Message:
    """`taken` says that the partner has it, `failed` why the routing gave up on it."""

    id: int
    mailbox_id: int
    name: str
    document_id: str
    created: datetime
    extractable_always: bool = False
    extractable_count: int = 1
    extractable_until: datetime | None = None
    taken: datetime | None = None
    failed: str = ""

    def is_extractable(self, now: datetime) -> bool:
        in_time = self.extractable_until is not None and now < self.extractable_until
        return self.extractable_always or self.extractable_count > 0 or in_time

    def extract(self) -> None:
        """What a committed extraction does: it lowers the count for good."""
        self.extractable_count = max(0, self.extractable_count - 1)


@dataclass
class Store:
    documents: dict[str, Document] = field(default_factory=dict)
    mailboxes: dict[int, Mailbox] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    last_number: int = 411
    _by_name: dict[str, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for message in self.messages.values():
            self._by_name.setdefault(message.name, []).append(message.id)

    def next_number(self) -> int:
        self.last_number += 1
        return self.last_number

    def mailbox_at(self, path: str) -> Mailbox | None:
        return next((box for box in self.mailboxes.values() if box.path == path), None)

    def messages_in(self, mailbox: Mailbox) -> Iterator[Message]:
        return (one for one in self.messages.values() if one.mailbox_id == mailbox.id)

    def messages_named(self, name: str) -> list[Message]:
        return [self.messages[number] for number in self._by_name.get(name, ()) if number in self.messages]

    def add_mailbox(self, path: str, description: str = "") -> Mailbox:
        box = Mailbox(self.next_number(), path, description or path)
        self.mailboxes[box.id] = box
        return box

    def add_document(self, name: str, payload: bytes, now: datetime, **fields: Any) -> Document:
        number = self.next_number()
        identifier = f"{NODE}:{int(now.timestamp() * 1000):x}:{number}"
        document = Document(identifier, name, now, payload, len(payload), 90_000 + number, **fields)
        self.documents[document.id] = document
        return document

    def add_message(
        self, mailbox: Mailbox, name: str, document: Document, now: datetime, **extractable: Any
    ) -> Message:
        message = Message(self.next_number(), mailbox.id, name, document.id, now, **extractable)
        self.messages[message.id] = message
        self._by_name.setdefault(name, []).append(message.id)
        return message

    def dump(self) -> dict[str, Any]:
        """Everything, as values that JSON knows: payloads in base64, times in ISO 8601."""
        return {
            "documents": [_plain(one) for one in self.documents.values()],
            "mailboxes": [_plain(one) for one in self.mailboxes.values()],
            "messages": [_plain(one) for one in self.messages.values()],
            "last_number": self.last_number,
        }

    @classmethod
    def load(cls, state: dict[str, Any]) -> "Store":
        """The store that `dump` described."""
        documents = [Document(**_typed(row, ("created",), ("payload",))) for row in state["documents"]]
        times = ("created", "extractable_until", "taken")
        messages = [Message(**_typed(row, times)) for row in state["messages"]]
        return cls(
            documents={one.id: one for one in documents},
            mailboxes={row["id"]: Mailbox(**row) for row in state["mailboxes"]},
            messages={one.id: one for one in messages},
            last_number=state["last_number"],
        )


def _plain(record: Document | Mailbox | Message) -> dict[str, Any]:
    row = asdict(record)
    for key, value in row.items():
        if isinstance(value, bytes):
            row[key] = base64.b64encode(value).decode("ascii")
        elif isinstance(value, datetime):
            row[key] = value.astimezone(UTC).isoformat()
    return row


def _typed(row: dict[str, Any], times: tuple[str, ...], binary: tuple[str, ...] = ()) -> dict[str, Any]:
    typed = dict(row)
    for key in times:
        typed[key] = datetime.fromisoformat(row[key]) if row[key] else None
    for key in binary:
        typed[key] = base64.b64decode(row[key]) if row[key] is not None else None
    return typed
