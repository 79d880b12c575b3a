"""Reading the mailbox, and taking its files away when they are safe with us.

A listing has neither size nor time, and SPS may put other content under a name that it used before. So every file
that is listed is read, what identifies it is its path and its content, and it is only deleted while it still is
what we have stored.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connections.systems.base import Collected, Misconfigured, Outcome
from connections.systems.http import TooLarge
from connections.systems.sps_commerce import paths
from connections.systems.sps_commerce.api import Api, Refused
from connections.systems.sps_commerce.settings import AfterCollect

HASH_DIGITS = 32
LONGEST_KEY_PATH = 200
MOST_REMARKS = 50


@dataclass(slots=True)
class Reading:
    """One look into one directory and those below it. `remarks` gets a sentence for what a person should see."""

    api: Api
    place: str
    remarks: list[str] = field(default_factory=list)

    def collect(self, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """What is not `seen`. Everything is listed before the first file is given out: deleting shifts cursors."""
        for path in self._files(paths.directory(self.place), self.api.settings.depth):
            content = self._content(path)
            if content is None:
                continue  # too large, or another worker has taken it away since
            digest = hashlib.sha256(content).hexdigest()
            key = key_of(path, digest)
            if not seen(key):
                yield Collected(
                    key=key,
                    name=paths.name_of(path)[:255],
                    place=self.place,
                    file=io.BytesIO(content),
                    handle={"path": path, "sha256": digest},
                )

    def _files(self, directory: str, depth: int) -> list[str]:
        """The files in a directory and, down to `depth` levels, in those below it."""
        try:
            rows = self.api.entries(directory)
        except Refused as refused:
            if refused.status == 404:
                raise _no_directory(directory, refused) from None
            raise
        found: list[str] = []
        for row in rows:
            path = paths.normal(str(row.get("path") or ""))
            if not self._is_usable(path, directory):
                continue
            if not (path.endswith("/") or row.get("type") == "directory"):
                found.append(path)
            elif depth > 1:
                found += self._files(f"{path.removesuffix('/')}/", depth - 1)
        return sorted(found)

    def _content(self, path: str) -> bytes | None:
        try:
            return self.api.download(path)
        except TooLarge:
            self._pass_over(path, "it is too large")
            return None

    def _is_usable(self, path: str, directory: str) -> bool:
        inside = path.removeprefix(directory).removesuffix("/")
        fault = paths.fault_of(path)
        if not fault and (not path.startswith(directory) or "/" in inside or not inside):
            fault = "it is not in this directory"
        if fault:
            self._pass_over(path, fault)
        return not fault

    def _pass_over(self, path: str, reason: str) -> None:
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(
                f"“{paths.shown(path)}” in {self.place or 'the root'} is passed over: {reason}."
            )


def key_of(path: str, digest: str) -> str:
    """What identifies a file for ever: where it lay, and what it held."""
    where = path if len(path) <= LONGEST_KEY_PATH else hashlib.sha256(path.encode()).hexdigest()
    return f"{where}@{digest[:HASH_DIGITS]}"


def finish(api: Api, collected: Collected, outcome: Outcome) -> None:
    """Delete a file that is safe with us. One that cannot be read stays; one that has changed is another file."""
    if api.settings.after_collect == AfterCollect.LEAVE or outcome == Outcome.ERROR:
        return
    path = str(collected.handle["path"])
    content = api.download(path)
    if content is not None and hashlib.sha256(content).hexdigest() == collected.handle["sha256"]:
        api.delete(path)


def _no_directory(directory: str, refused: Refused) -> Misconfigured:
    return Misconfigured(
        f"There is no directory “{directory}” at SPS Commerce.",
        remedy="Correct it in the settings. Until SPS has activated production data the mailbox is empty.",
        detail=refused.answer.excerpt(),
    )
