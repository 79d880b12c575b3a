"""Placing a file in the upload folder once.

A file that lies there is taken by Cleo, perhaps at once: that it is absent says nothing about an upload whose
answer was lost. Then a person decides, unless the connection is set to send again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from urllib3.filepost import encode_multipart_formdata

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
from connections.systems.cleo import profile
from connections.systems.cleo.api import Api, Refused, failure_of
from connections.systems.cleo.file_names import is_allowed
from connections.systems.cleo.profile import Item
from connections.systems.cleo.settings import Settings, UploadMode
from connections.systems.http import Answer
from connections.systems.sftp import names

BYTES = "application/octet-stream"
SUCCESS = frozenset({"success", "ok"})


def refuse_unusable_name(settings: Settings, name: str) -> None:
    """Raises `Rejected` for a name that the mailbox does not take."""
    if fault := names.fault_of(name):
        raise Rejected(f"The file name “{names.shown(name.encode())}” cannot be used: {fault}.")
    if not is_allowed(name, settings.allowed_types):
        raise Rejected(
            f"The allowed file types of the mailbox do not permit the name {name}.",
            remedy="Change the pattern for file names or the allowed file types in the settings, then replay it.",
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """One interchange on its way into one folder.

    `interchange.progress` knows whether an upload was begun (`uploading`), and what an upload that was
    answered has left there (`placed`, its id).
    """

    api: Api
    interchange: Interchange

    @property
    def folder(self) -> str:
        return self.interchange.place or self.api.settings.outbound_folder

    def send(self, save_progress: SaveProgress) -> Receipt:
        refuse_unusable_name(self.api.settings, self.interchange.name)
        placed = str(self.interchange.progress.get("placed") or "")
        if not placed:
            placed = self._upload(save_progress)
            save_progress({"placed": placed})
        self._run_action()
        return self._receipt(placed)

    def find(self) -> Receipt | None:
        if placed := str(self.interchange.progress.get("placed") or ""):
            return self._receipt(placed) if not self.api.settings.run_path else None
        begun = bool(self.interchange.progress.get("uploading"))
        for folder in filter(None, (self.folder, self.api.settings.taken_folder)):
            for item in self._of_our_name(folder, begun=begun):
                if self._is_ours(folder, item):
                    return self._receipt(item.id)
        if begun and not self.api.settings.reupload_on_unknown:
            raise CannotTell(
                f"{self.interchange.name} is not in “{self.folder}”: Cleo may have taken it already.",
                remedy="Look in Cleo whether it was processed, then send it again or mark it as delivered.",
            )
        return None

    def _upload(self, save_progress: SaveProgress) -> str:
        """The id of the file, or its name where the answer has none."""
        method, url, data, headers = self._request()
        save_progress({"uploading": True})
        try:
            answer = self.api.call(method, url, data=data, headers=headers, repeatable=False)
        except Refused as refused:
            save_progress({"uploading": False})
            return self._after_refusal(refused)
        except UnknownOutcome:
            raise
        except SystemFailure:
            save_progress({"uploading": False})  # it was surely not taken
            raise
        if answer.status not in self.api.settings.uploads_answered_with:
            raise UnknownOutcome(
                f"Cleo answered the upload with HTTP {answer.status}, which the profile does not count as success.",
                remedy="If it is, add it to “Answers that mean taken” in the profile.",
                detail=answer.excerpt(),
            )
        return _id_in(answer, self.api.settings) or self.interchange.name

    def _request(self) -> tuple[str, str, bytes, Mapping[str, str]]:
        settings, name, content = self.api.settings, self.interchange.name, self.interchange.content
        url = profile.address(
            settings, settings.upload_path, folder=self.folder, item=Item(id=name, name=name)
        )
        field = settings.upload_name_field
        if settings.upload_mode == UploadMode.MULTIPART:
            body, content_type = encode_multipart_formdata({field: (name, content, BYTES)})
            return settings.upload_method, url, body, {"Content-Type": content_type}
        if settings.upload_mode == UploadMode.HEADER:
            return settings.upload_method, url, content, {"Content-Type": BYTES, field: name}
        if field:
            url = f"{url}{'&' if '?' in url else '?'}{profile.query(field, name)}"
        return settings.upload_method, url, content, {"Content-Type": BYTES}

    def _after_refusal(self, refused: Refused) -> str:
        """409 may mean that ours is there already; another file under our name is a matter for people."""
        if refused.status == 409:
            for item in self._of_our_name(self.folder, begun=False):
                if self._is_ours(self.folder, item):
                    return item.id
            raise failure_of(
                refused,
                Rejected,
                f"Another file of the name {self.interchange.name} lies in “{self.folder}”.",
                remedy="Have it taken away, then send this document again.",
            )
        if refused.status == 404:
            raise failure_of(
                refused,
                Misconfigured,
                f"Cleo does not know the folder “{self.folder}”.",
                remedy="Check the folder of the partner, and the path for uploads in the profile.",
            )
        if refused.status in (405, 415):
            raise failure_of(
                refused,
                Misconfigured,
                f"Cleo does not take uploads in this way (HTTP {refused.status}).",
                remedy="Check method and kind of upload in the profile.",
            )
        raise failure_of(refused, Rejected, "Cleo does not take the document.")

    def _of_our_name(self, folder: str, *, begun: bool) -> list[Item]:
        try:
            return [item for item in self.api.files(folder) if item.name == self.interchange.name]
        except (Refused, Misconfigured) as failure:
            if not begun:
                raise
            raise CannotTell(
                f"We cannot look into “{folder}”.",
                remedy="Look in Cleo whether it was processed, then send it again or mark it as delivered.",
                detail=str(failure),
            ) from None

    def _is_ours(self, folder: str, item: Item) -> bool:
        """Whether the file is ours, to the byte; by its size where we may not read it."""
        content = self.interchange.content
        if item.size is not None and item.size != len(content):
            return False
        try:
            return self.api.content(folder, item) == content
        except (Refused, Misconfigured):
            return item.size is not None

    def _run_action(self) -> None:
        """Have Cleo process the folder now, if that is set. HTTP 200 only says that the action ran."""
        settings = self.api.settings
        if not settings.run_path:
            return
        url = profile.address(settings, settings.run_path, folder=self.folder)
        try:
            answer = self.api.call("POST", url, repeatable=True)
        except Refused as refused:
            raise failure_of(
                refused,
                Misconfigured,
                "The file is placed, but the action after uploads cannot be run.",
                remedy="Check “Action after an upload” in the profile.",
            ) from None
        result = str(profile.value_at(answer.decoded(), "result") or "")
        if result.lower() not in SUCCESS:
            raise Temporary(
                f"The file is placed, but the action after uploads ended with “{result[:60] or 'no result'}”.",
                remedy="Ask the administrator of the tenant to look at the action.",
                detail=answer.excerpt(),
            )

    def _receipt(self, identifier: str) -> Receipt:
        return Receipt(
            remote_id=identifier[:200],
            place=self.folder,
            name=self.interchange.name,
            detail={"size": self.interchange.size},
        )


def _id_in(answer: Answer, settings: Settings) -> str:
    """The id of the new file from the body, else the last segment of `Location`; "" if it is in neither."""
    if settings.upload_id_key:
        value = profile.value_at(answer.decoded(), settings.upload_id_key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)
    path = urlsplit(answer.headers.get("Location", "")).path
    return unquote(path.rstrip("/").rpartition("/")[2])
