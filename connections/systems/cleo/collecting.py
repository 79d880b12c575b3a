"""Fetching what lies in a folder, and archiving it when it is safe with us."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from connections.systems.base import Collected, Misconfigured, Outcome, Temporary
from connections.systems.cleo import profile
from connections.systems.cleo.api import JSON, Api, Refused, failure_of
from connections.systems.cleo.profile import ForeignLink, Item
from connections.systems.cleo.settings import ArchiveMode
from connections.systems.sftp import names

MOST_REMARKS = 50


@dataclass(slots=True)
class Reading:
    """One look into one folder.

    `memory` is what the caller keeps between two looks (JSON-able; changed in place): when each file was first
    seen as it is now. `remarks` gets a sentence for each file that a person should see. `waiting` counts the
    files that may still be growing.
    """

    api: Api
    folder: str
    memory: dict[str, Any]
    remarks: list[str] = field(default_factory=list)
    waiting: int = 0

    def collect(self, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """Files that are complete and not `seen`, in the order of the list.

        A name says nothing: names are used again. A file is known by its id, name, size and time; where it is
        taken away afterwards, by its content as well.
        """
        for item in self._ready(seen):
            content = self._download(item)
            if content is None or (self._is_left_there(item) is False and seen(key_of(item, content))):
                continue
            yield Collected(
                key=key_of(item, None if self._is_left_there(item) else content),
                name=item.name[:255],
                place=self.folder,
                file=io.BytesIO(content),
                modified_at=item.modified_at,
                handle={
                    "id": item.id,
                    "name": item.name,
                    "size": item.size,
                    "modified": item.modified,
                    "href": item.href,
                },
            )

    def _is_left_there(self, item: Item) -> bool:
        """Whether the list alone has to say which file it is: fetching all of them each time is too much."""
        has_mark = bool(item.modified) or (bool(self.api.settings.item_id) and item.id != item.name)
        return self.api.settings.archive_mode == ArchiveMode.NONE and has_mark

    def _ready(self, seen: Callable[[str], bool]) -> list[Item]:
        """The files that have not changed for a while."""
        listed = [item for item in self.api.files(self.folder) if self._is_for_us(item)]
        new = [item for item in listed if not (self._is_left_there(item) and seen(key_of(item)))]
        now, before = timezone.now().timestamp(), self.memory.get("first_seen", {})
        first_seen = {mark_of(item): float(before.get(mark_of(item), now)) for item in new}
        self.memory["first_seen"] = first_seen
        settle_seconds = self.api.settings.settle_seconds
        ready = [item for item in new if now - first_seen[mark_of(item)] >= settle_seconds]
        self.waiting = len(new) - len(ready)
        return ready

    def _is_for_us(self, item: Item) -> bool:
        """Whether it is a file to take in; what a person should know of goes to the remarks."""
        if fault := names.fault_of(item.name):
            self._pass_over(item, f"its name cannot be used: {fault}")
            return False
        if names.is_incomplete(item.name) or not names.matches(item.name, self.api.settings.patterns):
            return False
        if item.size == 0 and self.api.settings.skip_empty:
            return False
        if (item.size or 0) > self.api.settings.max_bytes:
            self._pass_over(item, f"it is larger than {self.api.settings.max_megabytes} MB")
            return False
        return True

    def _download(self, item: Item) -> bytes | None:
        """The content; None when the file has changed or gone meanwhile, or cannot be read."""
        try:
            content = self.api.content(self.folder, item)
        except ForeignLink as failure:
            self._pass_over(item, f"{failure} {failure.remedy}")
            return None
        except Refused as refused:
            if refused.status != 404:
                self._pass_over(item, f"it cannot be fetched (HTTP {refused.status}). {refused.text}".strip())
            return None
        if item.size is not None and len(content) != item.size:
            self.waiting += 1
            return None
        if not content and self.api.settings.skip_empty:
            return None
        return content

    def _pass_over(self, item: Item, reason: str) -> None:
        if len(self.remarks) < MOST_REMARKS:
            name = names.shown(item.name.encode())
            self.remarks.append(f"“{name}” in “{self.folder}” is passed over: {reason}.".replace("..", "."))


def key_of(item: Item, content: bytes | None = None) -> str:
    """What identifies a file for ever, in at most 300 characters."""
    digest = f"|{hashlib.sha256(content).hexdigest()[:16]}" if content is not None else ""
    return f"{item.name[:120]}|{mark_of(item)}{digest}"


def mark_of(item: Item) -> str:
    """Short, and another one as soon as the file has changed."""
    text = "|".join((item.id, item.name, str(item.size), item.modified))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def archive(api: Api, collected: Collected, outcome: Outcome) -> None:
    """Move, delete or leave a collected file. One that could not be read is never deleted. Twice is harmless."""
    settings = api.settings
    if settings.archive_mode == ArchiveMode.NONE:
        return
    deletes = settings.archive_mode == ArchiveMode.DELETE and outcome == Outcome.PROCESSED
    target = settings.archive_folder if outcome == Outcome.PROCESSED else settings.error_folder
    if not deletes and not (target and settings.move_path):
        return
    item = Item(**collected.handle)
    if not _is_still_the_same(api, collected.place, item):
        return
    if deletes:
        _delete(api, collected.place, item)
    else:
        _move(api, collected.place, item, target)


def _is_still_the_same(api: Api, folder: str, item: Item) -> bool:
    """False when it has gone, or another file has come under its id: that one is taken in by the next look.

    Where ids are more than names they are believed.
    """
    if api.settings.item_id and item.id != item.name:
        return True
    return any(mark_of(there) == mark_of(item) for there in api.files(folder) if there.id == item.id)


def _delete(api: Api, folder: str, item: Item) -> None:
    url = profile.address(api.settings, api.settings.delete_path, folder=folder, item=item)
    try:
        answer = api.call(api.settings.delete_method, url, repeatable=True)
        status = answer.status
    except Refused as refused:
        if refused.status not in api.settings.deletes_answered_with:
            raise failure_of(refused, Temporary, f"Cleo could not delete {item.name}.") from None
        return
    if status not in api.settings.deletes_answered_with:
        raise Temporary(f"Cleo could not delete {item.name}.", detail=answer.excerpt())


def _move(api: Api, folder: str, item: Item, target: str) -> None:
    try:
        _move_as(api, folder, item, target, item.name)
    except Refused as refused:
        if refused.status == 404:
            if not _is_there(api, folder, item):
                return
            raise failure_of(
                refused,
                Misconfigured,
                f"Cleo could not move a file to “{target}”.",
                remedy="Check that folder, and the path for moving in the profile.",
            ) from None
        if refused.status != 409:
            raise failure_of(refused, Temporary, f"Cleo could not move {item.name} to “{target}”.") from None
        _move_beside(api, folder, item, target)


def _move_beside(api: Api, folder: str, item: Item, target: str) -> None:
    """The folder has a file of that name already, since names are used again."""
    try:
        _move_as(api, folder, item, target, names.stamped(item.name, timezone.now()))
    except Refused as refused:
        raise failure_of(
            refused,
            Temporary,
            f"“{target}” has a file of the name {item.name} already.",
            remedy="Use {name} in what is sent for moving, so that we can choose another name.",
        ) from None


def _move_as(api: Api, folder: str, item: Item, target: str, name: str) -> None:
    settings = api.settings
    url = profile.address(settings, settings.move_path, folder=folder, item=item)
    data = (
        profile.body(settings.move_body, folder=target, item=item, name=name) if settings.move_body else None
    )
    api.call(settings.move_method, url, data=data, headers=JSON if data else None, repeatable=True)


def _is_there(api: Api, folder: str, item: Item) -> bool:
    return any(there.id == item.id for there in api.files(folder))
