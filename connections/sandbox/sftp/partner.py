"""The company that shares the folder: it takes finished files away and acknowledges EDI."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from connections.sandbox.edi import EdiPartner, Verdict
from connections.sandbox.sftp.storage import Storage

UNFINISHED = (".part", ".tmp", ".filepart", ".incomplete")
EDI_SUFFIXES = (".x12", ".edi", ".edifact", ".810", ".820", ".850", ".856", ".997")


@dataclass
class FolderPartner:
    """Takes files from `take_from` and writes acknowledgements into `answer_into`, `ack_after` seconds later.

    With `marker` set (such as `.done`) only files with a marker beside them are taken, and both go. Files
    that are no EDI are taken as they are. `taken` lists them; their content goes to the folder `kept_in`.
    """

    storage: Storage
    kept_in: Path
    take_from: str = "/inbound"
    answer_into: str = "/outbound"
    marker: str = ""
    ack_after: float = 0
    verdict: Verdict = Verdict.ACCEPT
    acknowledge_with: str = "997"
    active: bool = True
    company: EdiPartner = field(init=False)
    taken: list[dict[str, Any]] = field(init=False, default_factory=list)
    due: list[tuple[datetime, str, bytes]] = field(init=False, default_factory=list)
    growing: list[tuple[str, list[bytes]]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.company = EdiPartner("partner", verdict=self.verdict, acknowledge_with=self.acknowledge_with)

    def tick(self, now: datetime) -> bool:
        """Let files grow, take what is finished, put down the answers that are due.

        Returns whether anything was done.
        """
        finished = list(self._finished()) if self.active else []
        worked = bool(self.growing or finished or any(one[0] <= now for one in self.due))
        self._grow()
        for path in finished:
            self._take(path, now)
        for answer in [one for one in self.due if one[0] <= now]:
            self.due.remove(answer)
            self.storage.write(f"{self.answer_into}/{answer[1]}", answer[2])
        return worked

    def grow(self, remote: str, payload: bytes, pieces: int) -> None:
        """Write a file in place under its final name, one of `pieces` now and one at each tick."""
        size = max(1, -(-len(payload) // max(1, pieces)))
        parts = [payload[at : at + size] for at in range(0, len(payload), size)]
        self.storage.write(remote, b"")
        self.growing.append((remote, parts))
        self._grow()

    def content(self, number: int) -> bytes:
        """The content of the taken file with this number (as `taken` has it)."""
        return (self.kept_in / f"{number:06}").read_bytes()

    def dump(self) -> dict[str, Any]:
        """What the partner remembers, as values that JSON knows."""
        return {
            "ack_after": self.ack_after,
            "active": self.active,
            "marker": self.marker,
            "company": self.company.dump(),
            "taken": self.taken,
            "due": [[at.isoformat(), name, _text(body)] for at, name, body in self.due],
            "growing": [[path, [_text(part) for part in parts]] for path, parts in self.growing],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        self.ack_after, self.active, self.marker = state["ack_after"], state["active"], state["marker"]
        self.company.restore(state["company"])
        self.taken = state["taken"]
        self.due = [(datetime.fromisoformat(at), name, _bytes(body)) for at, name, body in state["due"]]
        self.growing = [(path, [_bytes(part) for part in parts]) for path, parts in state["growing"]]

    def _grow(self) -> None:
        for remote, parts in self.growing:
            path = self.storage.local(remote)
            if parts and path.exists():
                with path.open("ab") as file:
                    file.write(parts.pop(0))
        self.growing = [(remote, parts) for remote, parts in self.growing if parts]

    def _finished(self) -> Iterator[str]:
        """What can be taken, the oldest first."""
        for remote, _ in sorted(self.storage.files(), key=lambda file: file[1].st_mtime_ns):
            path = PurePosixPath(remote)
            if str(path.parent) != self.take_from or not self.wants(path.name):
                continue
            if not self.marker or self.storage.local(remote + self.marker).exists():
                yield remote

    def _take(self, remote: str, now: datetime) -> None:
        path, name = self.storage.local(remote), PurePosixPath(remote).name
        payload = path.read_bytes()
        number = len(self.taken) + 1
        self.kept_in.mkdir(parents=True, exist_ok=True)
        path.replace(self.kept_in / f"{number:06}")
        if self.marker:
            self.storage.local(remote + self.marker).unlink(missing_ok=True)
        digest = hashlib.sha256(payload).hexdigest()
        self.taken.append(
            {"number": number, "at": now.isoformat(), "name": name, "size": len(payload), "sha256": digest}
        )
        self.read(number, name, payload, now)

    def wants(self, name: str) -> bool:
        """Whether a file of this name is for the partner, and finished."""
        return is_finished(name)

    def read(self, number: int, name: str, payload: bytes, now: datetime) -> None:
        """Read the taken file with this number, and answer it in time."""
        if is_edi(name, payload):
            for answer in self.company.receive(name, payload, now):
                self.answer(f"997_{number:06}_{name}", answer, now)

    def answer(self, name: str, payload: bytes, now: datetime) -> None:
        """Put a file down for the other side when `ack_after` has passed."""
        self.due.append((now + timedelta(seconds=self.ack_after), name, payload))


def is_finished(name: str) -> bool:
    """Whether a poller takes a file of this name: no dot file, nothing that is still being written."""
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def is_edi(name: str, payload: bytes) -> bool:
    """Whether the partner reads it as EDI: by its first bytes or, so that a broken one is seen, its name."""
    return payload.lstrip()[:3] in {b"ISA", b"UNA", b"UNB"} or name.lower().endswith(EDI_SUFFIXES)


def _text(payload: bytes) -> str:
    return base64.b64encode(payload).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
