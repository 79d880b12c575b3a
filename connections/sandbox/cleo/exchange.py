"""What Cleo does behind the mailbox: it takes uploaded files to the partners and brings their answers."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connections.sandbox.cleo.mailbox import File, Mailbox
from connections.sandbox.common import Faults
from connections.sandbox.edi import EdiPartner, Verdict
from connections.sandbox.sftp.partner import is_finished

ARCHIVE, ERROR = "archive", "error"


@dataclass
class Site:
    """One partner: the folder its files are taken from and the one its answers are put into.

    `pick_up_after` and `ack_after` are seconds: from an upload to its pick-up, from there to the answer.
    """

    name: str
    take_from: str = ""
    answer_into: str = ""
    pick_up_after: float = 0
    ack_after: float = 0
    verdict: Verdict = Verdict.ACCEPT
    company: EdiPartner = field(init=False)
    due: list[tuple[datetime, str, bytes]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.take_from = self.take_from or f"{self.name}/upload"
        self.answer_into = self.answer_into or f"{self.name}/download"
        self.company = EdiPartner(self.name, verdict=self.verdict)

    def dump(self) -> dict[str, Any]:
        """What this partner remembers, as values that JSON knows."""
        return {
            "pick_up_after": self.pick_up_after,
            "ack_after": self.ack_after,
            "company": self.company.dump(),
            "due": [[at.isoformat(), name, base64.b64encode(body).decode()] for at, name, body in self.due],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        self.pick_up_after, self.ack_after = state["pick_up_after"], state["ack_after"]
        self.company.restore(state["company"])
        self.due = [
            (datetime.fromisoformat(at), name, base64.b64decode(body)) for at, name, body in state["due"]
        ]


@dataclass
class Exchange:
    """Moves files between the mailbox and the partners; `taken` is its log, with the copies of the files."""

    mailbox: Mailbox
    faults: Faults
    sites: dict[str, Site]
    taken: list[dict[str, Any]] = field(default_factory=list)
    growing: list[tuple[str, list[bytes]]] = field(default_factory=list)

    def tick(self, now: datetime) -> list[tuple[str, bytes]]:
        """Let files grow, take what is ready, put down what is due; returns the new files for us."""
        self._grow()
        self.pick_up(now)
        return [new for site in self.sites.values() for new in self._put_due_answers(site, now)]

    def pick_up(self, now: datetime, *, at_once: bool = False) -> None:
        """Take the files that have lain long enough in the folders of the partners."""
        for site in self.sites.values():
            for file in self.mailbox.files(site.take_from):
                age = now.timestamp() - file.modified
                if is_finished(file.name) and (at_once or age >= site.pick_up_after):
                    self._take(site, file, now)

    def grow(self, path: str, payload: bytes, pieces: int) -> None:
        """Write a file under its final name, one of `pieces` now and one at each tick."""
        size = max(1, -(-len(payload) // max(1, pieces)))
        parts = [payload[at : at + size] for at in range(0, len(payload), size)]
        self.mailbox.storage.write(path, b"")
        self.growing.append((path, parts))
        self._grow()

    def content(self, number: int) -> bytes:
        """The file that was taken as the `number`-th, from 1."""
        return base64.b64decode(self.taken[number - 1]["content"])

    def _grow(self) -> None:
        for path, parts in self.growing:
            local = self.mailbox.storage.local(path)
            if local.exists():
                with local.open("ab") as file:
                    file.write(parts.pop(0))
        self.growing = [(path, parts) for path, parts in self.growing if parts]

    def _take(self, site: Site, file: File, now: datetime) -> None:
        payload = self.mailbox.content(file)
        self.mailbox.remove(file)
        self.taken.append(
            {
                "at": now.isoformat(),
                "partner": site.name,
                "folder": file.folder,
                "name": file.name,
                "size": len(payload),
                "content": base64.b64encode(payload).decode(),
            }
        )
        if self.faults.take("routing_fails"):
            return
        due = now + timedelta(seconds=site.ack_after)
        for answer in site.company.receive(file.name, payload, now):
            site.due.append((due, f"997_{site.name.upper()}_{len(self.taken):09}.edi", answer))

    def _put_due_answers(self, site: Site, now: datetime) -> list[tuple[str, bytes]]:
        placed = []
        for answer in [one for one in site.due if one[0] <= now]:
            site.due.remove(answer)
            self.mailbox.write(site.answer_into, answer[1], answer[2])
            placed.append((answer[1], answer[2]))
        return placed
