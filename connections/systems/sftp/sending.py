"""Putting a file on the server once: under a temporary name, then renamed.

The plain rename of the protocol must fail when the name is taken (draft-ietf-secsh-filexfer-02, 6.5), so it
is the one moment at which the file appears, whole. The overwriting extension of OpenSSH is not used.
"""

import io
from contextlib import suppress
from dataclasses import dataclass

from connections.systems.base import (
    CannotTell,
    Interchange,
    Misconfigured,
    Receipt,
    Rejected,
    SaveProgress,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from connections.systems.sftp import names
from connections.systems.sftp.client import Refusal
from connections.systems.sftp.session import Session
from connections.systems.sftp.settings import Settings, Writing


@dataclass(frozen=True, slots=True)
class Upload:
    """One interchange on its way to one folder.

    `interchange.progress` says which acts were begun. After `renaming`, or `writing` under the final name,
    the file may have been there whole, and may have been taken. After `creating` half of it may be there.
    """

    session: Session
    settings: Settings
    interchange: Interchange

    @property
    def folder(self) -> str:
        return self.interchange.place or self.settings.outbound_folder

    @property
    def target(self) -> str:
        return names.join(self.folder, self.interchange.name)

    @property
    def temporary(self) -> str:
        return names.join(self.folder, self.settings.temporary(self.interchange.name))

    @property
    def marker(self) -> str:
        return self.settings.marker(self.target)

    @property
    def renames(self) -> bool:
        return self.settings.writing == Writing.RENAME

    @property
    def receipt(self) -> Receipt:
        return Receipt(
            remote_id=self.target,
            place=self.folder,
            name=self.interchange.name,
            detail={"size": self.interchange.size},
        )

    def send(self, save_progress: SaveProgress) -> Receipt:
        self._refuse_unusable_name()
        if not self._is_there():
            if self.renames:
                self._write_and_rename(save_progress)
            else:
                self._write_directly(save_progress)
        self._write_marker()
        return self.receipt

    def find(self) -> Receipt | None:
        progress = self.interchange.progress
        begun = progress.get("renaming") or progress.get("writing")
        with self.session.watched():
            try:
                taken = self.session.client.size_of(self.target) is not None
                if taken and self._has_our_content():
                    return self.receipt if self._has_marker() else None
                if self.renames and self._is_written():
                    self._remove(self.temporary)
                    return None
            except Refusal as refusal:
                if not begun:
                    raise refusal.as_failure("look into", self.folder) from None
                raise self._cannot_tell(f"The server does not let us look into “{self.folder}”.") from None
        if begun and not taken:
            raise self._cannot_tell(f"{self.interchange.name} is not there: the partner may have taken it.")
        if begun and self.renames:
            raise self._cannot_tell(f"Another file lies under the name {self.interchange.name}.")
        return None

    def _cannot_tell(self, text: str) -> CannotTell:
        return CannotTell(
            text,
            remedy="Ask the partner whether they have it, then send it again or mark it as delivered.",
        )

    def _refuse_unusable_name(self) -> None:
        name = self.interchange.name
        for candidate in (name, self.settings.temporary(name), self.settings.marker(name)):
            if fault := names.fault_of(candidate):
                raise Rejected(f"The file name “{names.shown(name.encode())}” cannot be used: {fault}.")

    def _is_there(self) -> bool:
        """Whether our file has its final name already. Raises `Rejected` when another file has it."""
        with self.session.watched():
            try:
                if self.session.client.size_of(self.target) is None:
                    return False
            except Refusal:
                return False  # a folder that we may write to but not look into: the rename will tell
            if self._has_our_content():
                return True
        if not self.renames and self.interchange.progress.get("creating"):
            return False  # our own, cut off: it is written anew
        raise Rejected(
            f"Another file of the name {self.interchange.name} lies on the server.",
            remedy="Ask the partner to take it away, then send this document again.",
        )

    def _has_our_content(self) -> bool:
        """Whether the file at the final name is ours, to the byte; by its size where we may not read it."""
        ours, size = self.interchange.file, self.interchange.size
        try:
            if self.session.client.size_of(self.target) != size:
                return False
            ours.seek(0)
            theirs = self.session.client.pieces(self.target, size)
            return all(ours.read(len(piece)) == piece for piece in theirs) and not ours.read(1)
        except Refusal as refusal:
            return refusal.is_forbidden

    def _has_marker(self) -> bool:
        return not self.settings.write_marker or self.session.client.size_of(self.marker) is not None

    def _is_written(self) -> bool:
        return self.session.client.size_of(self.temporary) is not None

    def _write_and_rename(self, save_progress: SaveProgress) -> None:
        if self.interchange.progress.get("renaming"):
            save_progress({"renaming": False})
        try:
            with self.session.watched():
                self.session.client.store(self.temporary, self.interchange.file)
                self._check_size(self.temporary)
        except Refusal as refusal:
            self._remove(self.temporary)
            raise refusal.as_failure("write to", self.folder) from None
        save_progress({"renaming": True})
        try:
            with self.session.watched(UnknownOutcome):
                self.session.client.rename(self.temporary, self.target)
        except Refusal as refusal:
            self._rename_refused(refusal)

    def _rename_refused(self, refusal: Refusal) -> None:
        """Find out what the server's "failure" means. Returns if our file is there after all."""
        try:
            if self._is_there():
                self._remove(self.temporary)
                return
        except Rejected:
            self._remove(self.temporary)
            raise
        with self.session.watched(UnknownOutcome):
            try:
                still_ours = self._is_written()
            except Refusal:
                still_ours = True
        if not still_ours:
            raise UnknownOutcome("The file was gone before it had its final name.", detail=str(refusal))
        kind = Misconfigured if refusal.is_forbidden or refusal.is_unsupported else Temporary
        raise kind(
            f"The server failed to rename the file in “{self.folder}”.",
            remedy="If it does not allow renaming, choose “write under the final name” in the settings.",
            detail=str(refusal),
        )

    def _write_directly(self, save_progress: SaveProgress) -> None:
        save_progress({"creating": True})
        try:
            with self.session.watched():
                file = self.session.client.open(self.target, "wb")
        except Refusal as refusal:
            raise refusal.as_failure("write to", self.folder) from None
        save_progress({"writing": True})
        try:
            with self.session.watched(UnknownOutcome):
                self.session.client.fill(file, self.interchange.file)
                self._check_size(self.target)
        except Refusal as refusal:
            self._remove(self.target)
            raise refusal.as_failure("write to", self.folder) from None

    def _check_size(self, path: str) -> None:
        if not self.settings.check_size:
            return
        size, expected = self.session.client.size_of(path), self.interchange.size
        if size is None and self.renames:
            raise Misconfigured(
                "The server takes files away before they have their final name.",
                remedy="Choose another temporary name in the settings, or “write under the final name”.",
            )
        if size is None:
            raise UnknownOutcome("The file was taken before its size could be compared.")
        if size != expected:
            raise Temporary(
                f"The server kept {size} of {expected} bytes.",
                remedy="Tell the partner if it goes on: the disk there may be full.",
            )

    def _write_marker(self) -> None:
        if not self.settings.write_marker:
            return
        try:
            with self.session.watched(UnknownOutcome):
                self.session.client.store(self.marker, io.BytesIO())
        except Refusal as refusal:
            raise refusal.as_failure("write to", self.folder) from None

    def _remove(self, path: str) -> None:
        """Tidy up a file of ours that is not whole; what cannot be removed is overwritten next time."""
        with suppress(Refusal, SystemFailure), self.session.watched():
            self.session.client.remove(path)
