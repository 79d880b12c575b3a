"""What the mailbox holds: directories, files, and what became of each transfer."""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

DIRECTORIES = ("in/", "out/", "out/PO/", "out/IN/", "out/SH/")


@dataclass
class Transfer:
    """One file's way through the mailbox, as the history shows it. `path` has no slash at its beginning."""

    path: str
    direction: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    log: list[dict[str, str]] = field(default_factory=list)

    def note(self, status: str, now: datetime) -> None:
        self.log.append({"status": status, "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})

    @property
    def began(self) -> datetime:
        return datetime.fromisoformat(self.log[0]["timestamp"])


@dataclass
class File:
    content: bytes
    at: datetime
    transfer: Transfer


class Store:
    """Paths are those of the API without the slash at their beginning: `out/PO/`, `in/IN77120.json`."""

    def __init__(self) -> None:
        self.directories: list[str] = [*DIRECTORIES]
        self.files: dict[str, File] = {}
        self.history: list[Transfer] = []
        self.overwritten: list[str] = []
        # What was ever put into `in/`, the newest content of each path: SPS may have taken it since.
        self.received: dict[str, bytes] = {}

    def children(self, directory: str) -> list[str]:
        """The entries directly in a directory, in the order in which they came."""
        paths = [*self.directories, *self.files]
        return [path for path in paths if path != directory and parent_of(path) == directory]

    def put(self, path: str, content: bytes, now: datetime) -> None:
        """Store a file, over whatever was there. Its directory must exist."""
        if path in self.files:
            self.overwritten.append(path)
        transfer = Transfer(path, "in" if path.startswith(("in/", "testin/")) else "out")
        transfer.note("uploaded", now)
        if transfer.direction == "in":
            self.received[path] = content
        self.history.append(transfer)
        self.files[path] = File(content, now, transfer)

    def remove(self, path: str, status: str, now: datetime) -> None:
        self.files.pop(path).transfer.note(status, now)

    def consume(self, now: datetime, after: float) -> int:
        """SPS takes what has been in `in/` for so many seconds; returns how many files."""
        due = [
            path
            for path, file in self.files.items()
            if file.transfer.direction == "in" and file.at + timedelta(seconds=after) <= now
        ]
        for path in due:
            self.remove(path, "downloaded", now)
        return len(due)

    def dump(self) -> dict[str, Any]:
        return {
            "directories": self.directories,
            "overwritten": self.overwritten,
            "received": {path: base64.b64encode(data).decode() for path, data in self.received.items()},
            "history": [
                {"path": one.path, "direction": one.direction, "id": one.id, "log": one.log}
                for one in self.history
            ],
            "files": [
                {
                    "path": path,
                    "content": base64.b64encode(file.content).decode(),
                    "at": file.at.isoformat(),
                    "transfer": file.transfer.id,
                }
                for path, file in self.files.items()
            ],
        }

    @classmethod
    def load(cls, state: dict[str, Any]) -> "Store":
        store = cls()
        store.directories, store.overwritten = state["directories"], state["overwritten"]
        store.received = {path: base64.b64decode(data) for path, data in state["received"].items()}
        store.history = [Transfer(**one) for one in state["history"]]
        by_id = {one.id: one for one in store.history}
        for one in state["files"]:
            store.files[one["path"]] = File(
                base64.b64decode(one["content"]), datetime.fromisoformat(one["at"]), by_id[one["transfer"]]
            )
        return store


def parent_of(path: str) -> str:
    """The directory that a path lies in; empty for the root."""
    head, slash, _ = path.rstrip("/").rpartition("/")
    return head + slash
