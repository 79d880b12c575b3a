"""Fetching what a partner has put on the server, and putting it aside when it is safe with us."""

import hashlib
import io
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.utils import timezone
from paramiko.sftp_attr import SFTPAttributes

from connections.systems.base import Collected, Misconfigured, Outcome
from connections.systems.sftp import names
from connections.systems.sftp.client import Refusal
from connections.systems.sftp.session import Session
from connections.systems.sftp.settings import AfterCollect, Settings

MOST_FILES = 100_000
MOST_IN_MEMORY = 1 << 20
MOST_REMARKS = 50
AGAIN = (
    "Correct the file and lay it into the folder again. If we have changed how we read it, lay it there as it was, or "
    "ask us to replay it."
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file in a listing: its name, size in bytes, and modification time in seconds (0 if not known)."""

    name: str
    size: int
    mtime: int

    @property
    def mark(self) -> str:
        """Short, and another one as soon as the file has changed."""
        text = f"{self.name}|{self.size}|{self.mtime}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def key(self, content: IO[bytes] | None = None) -> str:
        """What identifies it for ever, in at most 300 characters."""
        key = f"{self.name}|{self.size}|{self.mtime}"
        if content is None:
            return key
        digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
        content.seek(0)
        return f"{key}|{digest[:16]}"


@dataclass(slots=True)
class Pickup:
    """One look into one folder.

    `memory` is what the caller keeps between two looks at this folder (JSON-able; changed in place): when
    each file was first seen as it is now, and what still lay there although it had been taken. `remarks` gets a
    sentence for each file that a person should see.
    """

    session: Session
    settings: Settings
    folder: str
    memory: dict[str, Any]
    remarks: list[str] = field(default_factory=list)
    waiting: int = 0

    def collect(self, seen: Callable[[str], bool]) -> Iterator[Collected]:
        lay_there = self.memory.pop("lies_there", [])
        for found in self._ready(seen):
            content = self._download(found)
            if content is None:
                continue
            if not self._known_by_listing(found) and seen(found.key(content)):
                content.close()
                self.memory.setdefault("lies_there", []).append(found.mark)
                if found.mark in lay_there:
                    again = "was taken in before. To have it read again, replay it under Arrivals"
                    self._remark(found.name.encode(), again)
                continue
            yield Collected(
                key=found.key(None if self._known_by_listing(found) else content),
                name=found.name,
                place=self.folder,
                file=content,
                modified_at=datetime.fromtimestamp(found.mtime, UTC) if found.mtime else None,
                handle={
                    "name": found.name,
                    "size": found.size,
                    "mtime": found.mtime,
                    "put_aside": self.settings.puts_aside,
                },
            )

    def _known_by_listing(self, found: Found) -> bool:
        """Whether name, size and time say which file it is.

        Where files are left in the folder they have to: fetching all of them each time would be too much.
        Everywhere else the content counts too, so that a file of fixed size under a fixed name with a time
        that never moves is still a new one each day.
        """
        return self.settings.after_collect == AfterCollect.LEAVE and found.mtime > 0

    def _ready(self, seen: Callable[[str], bool]) -> list[Found]:
        """The files that have not changed for a while (or have their marker), the oldest first."""
        new = [f for f in self._list() if not (self._known_by_listing(f) and seen(f.key()))]
        if self.settings.need_marker:
            return new
        now, before = timezone.now().timestamp(), self.memory.get("first_seen", {})
        first_seen = {found.mark: float(before.get(found.mark, now)) for found in new}
        self.memory["first_seen"] = first_seen
        ready = [f for f in new if now - first_seen[f.mark] >= self.settings.settle_seconds]
        self.waiting = len(new) - len(ready)
        return ready

    def _list(self) -> list[Found]:
        files, markers = [], set()
        try:
            with self.session.watched():
                for count, (raw, attributes) in enumerate(self.session.client.entries(self.folder or ".")):
                    if count >= MOST_FILES:
                        raise Misconfigured(
                            f"More than {MOST_FILES:,} files lie in “{self.folder}”.",
                            remedy="Ask the partner to clear the folder.",
                        )
                    if raw.endswith(self.settings.marker_ending.encode()):
                        markers.add(raw.decode("utf-8", "replace"))
                    if found := self._candidate(raw, attributes):
                        files.append(found)
        except Refusal as refusal:
            raise refusal.as_failure("look into", self.folder) from None
        if self.settings.need_marker:
            files = [f for f in files if self.settings.marker(f.name) in markers]
        return sorted(files, key=lambda found: (found.mtime, found.name))

    def _candidate(self, raw: bytes, attributes: SFTPAttributes) -> Found | None:
        """The listed entry if it is a file for us; what a person should know of goes to the remarks."""
        if attributes.st_mode is not None and stat.S_IFMT(attributes.st_mode) not in (0, stat.S_IFREG):
            return None
        try:
            name = names.readable(raw)
        except ValueError as error:
            self._pass_over(raw, f"its name cannot be used: {error}")
            return None
        if names.is_incomplete(name) or not names.matches(name, self.settings.patterns):
            return None
        if self.settings.need_marker and name.endswith(self.settings.marker_ending):
            return None
        size = attributes.st_size or 0
        if size > self.settings.max_bytes:
            self._pass_over(raw, f"it is larger than {self.settings.max_megabytes} MB")
            return None
        return Found(name, size, attributes.st_mtime or 0)

    def _pass_over(self, raw: bytes, reason: str) -> None:
        self._remark(raw, f"is passed over: {reason}")

    def _remark(self, raw: bytes, text: str) -> None:
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(f"“{names.shown(raw)}” in “{self.folder}” {text}.")

    def _download(self, found: Found) -> IO[bytes] | None:
        """The content, on disk if it is large; None if it could not be had."""
        content = SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - who takes it closes it
        if self._fetch(found, content):
            return content
        content.close()
        return None

    def _fetch(self, found: Found, content: IO[bytes]) -> bool:
        """Whether `content` has been filled; not when the file has changed or gone meanwhile, or cannot be read."""
        path, client = names.join(self.folder, found.name), self.session.client
        try:
            with self.session.watched():
                for piece in client.pieces(path, found.size):
                    content.write(piece)
                after = client.stat(path)
        except Refusal as refusal:
            if refusal.is_missing:
                return False
            if refusal.is_forbidden:
                self._pass_over(found.name.encode(), "the server does not allow us to read it")
                return False
            raise refusal.as_failure("read from", self.folder) from None
        size = content.tell()
        content.seek(0)
        return size == after.st_size == found.size and (after.st_mtime or 0) == found.mtime


def settle(session: Session, settings: Settings, collected: Collected, outcome: Outcome) -> None:
    """Move, delete or leave a collected file. A file that could not be used is never deleted.

    One that was settled before is found in the other folder, if its outcome has changed since.
    """
    if settings.after_collect == AfterCollect.LEAVE:
        return
    is_processed = outcome == Outcome.PROCESSED
    target, other = settings.processed_folder, settings.error_folder
    if not is_processed:
        target, other = other, target
    name = collected.handle["name"]
    lies_in = next((f for f in (collected.place, other) if _lies_in(session, f, collected)), None)
    deletes = settings.after_collect == AfterCollect.DELETE and is_processed
    try:
        with session.watched():
            if lies_in is None:
                # Somebody has taken it, or laid a new file there under its name: the next look takes that in.
                return
            source = names.join(lies_in, name)
            if lies_in != collected.place and is_processed:
                _remove(session, _report_path(settings, name))
            if target and not deletes:
                name = _free_name(session, target, name)
            _report(session, settings, collected.report, name)
            if settings.need_marker:
                # Before the file: a marker left alone would declare a half-written successor complete.
                _remove(session, settings.marker(source))
            if deletes:
                _remove(session, source)
            elif target:
                session.client.rename(source, names.join(target, name))
    except Refusal as refusal:
        place = lies_in if deletes and lies_in else target
        raise refusal.as_failure("remove files from" if deletes else "move files to", place) from None


def _lies_in(session: Session, folder: str, collected: Collected) -> bool:
    """Whether the very file that was collected is in the folder."""
    if not folder:
        return False
    try:
        with session.watched():
            there = session.client.stat(names.join(folder, collected.handle["name"]))
    except Refusal as refusal:
        if refusal.is_missing:
            return False
        raise refusal.as_failure("look into", folder) from None
    marks = (there.st_size or 0, there.st_mtime or 0)
    return marks == (collected.handle["size"], collected.handle["mtime"])


def _report(session: Session, settings: Settings, report: str, name: str) -> None:
    """Lay a text that says what could not be used of file `name` into the error folder.

    It is for people who see the folder only. What it says stands with the arrival as well, so a server that does not
    take it stops nothing.
    """
    if not (settings.write_report and settings.error_folder and report):
        return
    lines = [f"{name}: not all of it could be used.", "", *report.splitlines(), "", AGAIN]
    text = "\r\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines) + "\r\n"
    path = _report_path(settings, name)
    with suppress(Refusal):
        session.client.store(path, io.BytesIO(text.encode()))


def _report_path(settings: Settings, name: str) -> str:
    return names.join(settings.error_folder, names.shortened(name, names.REPORT) + names.REPORT)


def _remove(session: Session, path: str) -> None:
    try:
        session.client.remove(path)
    except Refusal as refusal:
        if not refusal.is_missing:
            raise


def _free_name(session: Session, folder: str, name: str) -> str:
    """`name`, with a time in it if `folder` has such a file already."""
    taken = session.client.size_of(names.join(folder, name)) is not None
    return names.stamped(name, timezone.now()) if taken else name
