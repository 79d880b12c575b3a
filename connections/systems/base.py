"""What every outside system can do for us, and the closed set of ways in which it can fail.

Nothing above this layer looks at an HTTP status or an SSH error: a system turns them into one of the
`SystemFailure` classes below, each of which answers three questions: may it be tried again, what does the
customer read, what should they do next.
"""

import enum
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from connections.models.reference import ReferenceKind

if TYPE_CHECKING:
    from connections.models import Connection


class SystemFailure(Exception):
    """Base of all failures. `str(failure)` is one sentence that a finance clerk understands.

    `remedy` says what to do next; `detail` is for support staff (a bounded excerpt of the answer) and never
    holds a secret.
    """

    def __init__(self, message: str, *, remedy: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy
        self.detail = detail[:2000]


class Temporary(SystemFailure):
    """The system cannot take it now; nothing was committed there. `retry_after` pauses the connection."""

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, remedy: str = "", detail: str = ""
    ) -> None:
        super().__init__(message, remedy=remedy, detail=detail)
        self.retry_after = retry_after


class Rejected(SystemFailure):
    """The system looked at this one document or request and refuses it: sending it again changes nothing."""


class NeedsSignIn(SystemFailure):
    """The credentials no longer work. Nobody tries again until a person has signed in anew."""


class Misconfigured(SystemFailure):
    """A setting is wrong (address, folder, host key, permission). All work of the connection stops."""


class NotIncluded(Misconfigured):
    """The customer's plan lacks a part of the system. What needs other parts goes on."""


class UnknownOutcome(SystemFailure):
    """The answer was lost after the request may have been carried out: `find()` before any second try."""


class CannotTell(SystemFailure):
    """`find()` cannot say whether the interchange is there. A person decides."""


class Filed:
    """Bytes in `file`, which can be read again and again; a large one is not in memory."""

    file: IO[bytes]

    @property
    def content(self) -> bytes:
        """All of them."""
        self.file.seek(0)
        return self.file.read()

    @property
    def size(self) -> int:
        """How many they are."""
        return self.file.seek(0, io.SEEK_END)


@dataclass(frozen=True, kw_only=True)
class Interchange(Filed):
    """Bytes to be put at a place of the other side, once, under a name that a retry will use again.

    `progress` holds what an earlier attempt at the same interchange saved (see `System.send`).
    """

    name: str
    place: str
    file: IO[bytes]
    progress: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the other side said when it had taken an interchange."""

    remote_id: str
    place: str
    name: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Collected(Filed):
    """One interchange found at the other side. `key` identifies it there for ever: (connection, place, key).

    Whoever takes it closes its `file`. `handle` is what `settle` needs to find it again, JSON-able. `report` tells
    `settle`, which gets no file, what could not be used of it, a sentence per line, for whoever corrects it at the
    other side.
    """

    key: str
    name: str
    place: str
    file: IO[bytes] = field(default_factory=io.BytesIO)
    modified_at: datetime | None = None
    handle: Mapping[str, Any] = field(default_factory=dict)
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of a system's reference data: a company, or an account of a ledger, as it stands there.

    `key` (up to 200 characters) identifies it among those of its kind there for ever. `detail` holds what else
    people see and compare, by a word for it: `{"mailbox": "/acme/in"}`. Of an account, `detail["segment"]` is
    what the system books it under.
    """

    key: str
    name: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """What the name of an interchange may be made of. Texts are safe in file names; `at` is in UTC.

    `type` is what the other side calls it (810, INVOIC), `kind` what we call it; `id` is that of the delivery.
    `revision` counts the contents of one document, `replays` how often a person has sent this one again.
    """

    type: str
    kind: str
    partner: str
    number: str
    revision: int
    replays: int
    id: str
    at: datetime
    extension: str

    @property
    def again(self) -> str:
        """Empty, or for the first replay `-2`."""
        return f"-{self.replays + 1}" if self.replays else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteState:
    """What a system says of an interchange that lies there.

    `words` are its own, as they are stored and shown. `meaning` is what they amount to, by the connection's
    settings: one of `audit.states.ANSWERED`; "" while it is under way. `unknown`: words among them of which the
    settings do not say what they mean.
    """

    words: str
    meaning: str = ""
    unknown: Sequence[str] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


class Outcome(enum.StrEnum):
    """What became of an arrival on our side; decides where `settle` puts it."""

    PROCESSED = "processed"
    ERROR = "error"


class StepState(enum.StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a connection test. `title` names the question, `text` answers it in a sentence."""

    key: str
    title: str
    state: StepState
    text: str
    detail: Mapping[str, Any] = field(default_factory=dict)


SaveProgress = Callable[[Mapping[str, Any]], None]


class System:
    """One signed-in session with one outside system; a context manager, used by one thread.

    Opening it costs nothing: a session signs in with its first call, so that one sign-in serves all the
    work of a task.
    """

    # What the caller keeps for a place between two calls of `collect`: a JSON object, changed in place.
    memory: dict[str, Any]
    # After `collect`: when to look again for what was not complete yet, if sooner than usual.
    look_again: timedelta | None = None
    # Whether credentials end by themselves: then `expiring` is asked every hour.
    credentials_expire = False
    # After `collect`: a sentence for each thing that was passed over and that a person should see.
    remarks: Sequence[str] = ()

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self.memory = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back sockets. Never raises."""

    def check(self) -> Iterator[Step]:
        """The connection test, each step as soon as it is known; after a failure the rest is not run.

        Never raises: a failure is a step.
        """
        raise NotImplementedError

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        """Put the interchange there once, under its name.

        `save_progress(values)` commits what a later attempt must know (an id already created, a rename begun)
        before the next effect. Raises a `SystemFailure`; `UnknownOutcome` when the effect may have happened.
        """
        raise NotImplementedError

    def name_of(self, parts: NameParts) -> str:
        """What an interchange is called there, at most 100 characters. Another one for every revision."""
        return f"{parts.kind}-{parts.number}-{parts.id}{parts.again}.{parts.extension}"

    def find(self, interchange: Interchange) -> Receipt | None:
        """After an unknown outcome: the receipt if it is there, None if it is surely not.

        Raises `CannotTell` when absence proves nothing (it may have been picked up already).
        """
        raise NotImplementedError

    def collect(self, place: str, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """What lies at `place` and has no `seen(key)` yet, one after the other, content included."""
        raise NotImplementedError

    def places(self) -> list[str]:
        """The places that are always looked at; a partner's own inbound places come on top. No network."""
        return []

    def expiring(self) -> str:
        """A sentence about what will soon stop working, and what to do; "" if nothing. No network."""
        return ""

    def settle(self, collected: Collected, outcome: Outcome) -> None:
        """After our commit: move, archive, extract, hide, delete or leave it, as the connection is set.

        Doing it twice is harmless.
        """
        raise NotImplementedError

    def writes_envelope(self) -> bool:
        """Whether the system puts messages into an EDI envelope of its own: it gets them without. No network."""
        return False

    def tells_status(self) -> bool:
        """Whether the connection is set to ask `status` where no EDI acknowledgement comes. No network."""
        return False

    def status(self, receipt: Receipt) -> RemoteState | None:
        """What the system says of an interchange that it took; None if it has nothing to say (yet).

        `receipt.detail` holds what `send` saved as progress and, as "said", the words of the last time.
        Never asks for anything but reading.
        """
        raise NotImplementedError

    def reference_kinds(self) -> Sequence[ReferenceKind]:
        """The kinds of reference data that are read from here, as the connection is set. No network."""
        return ()

    def reference(self, kind: ReferenceKind) -> list[Reference]:
        """All entries of one of `reference_kinds`. Raises a `SystemFailure`, never gives a part of the list."""
        raise NotImplementedError

    def writes_reference(self) -> bool:
        """Whether the connection is set to let us add accounts to the system's own list. No network."""
        return False

    def add_reference(self, kind: ReferenceKind, entries: Sequence[Reference]) -> None:
        """Add entries that the system's list lacks; what stands there is never changed. Twice is harmless."""
        raise NotImplementedError
