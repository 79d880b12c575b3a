"""Putting a message into a mailbox once.

In two steps, as the vendor advises: the content becomes a document, then a message in the mailbox points to
it. The document alone moves nothing, so the first step may be repeated; the second may not. A message stored
is not a message delivered: a routing rule of the installation takes it from there.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
from connections.systems.http import Answer
from connections.systems.ibm_sterling import replies
from connections.systems.ibm_sterling.api import Api, Refused, Row, failure_of
from connections.systems.ibm_sterling.settings import UploadMode

# What one of the product's databases can store.
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Posting:
    """One interchange on its way into one mailbox. `interchange.progress` knows its `document_id`."""

    api: Api
    interchange: Interchange

    @property
    def path(self) -> str:
        path = self.interchange.place or self.api.settings.outbound_path
        if not path:
            raise Misconfigured(
                "No mailbox is set for what we send.",
                remedy="Enter the outbound mailbox, such as /acme/outbound.",
            )
        return path

    def send(self, save_progress: SaveProgress) -> Receipt:
        self._refuse_unusable_name()
        if self.api.settings.upload_mode == UploadMode.BATCH:
            return self._post(self._post_batch)
        document_id = str(self.interchange.progress.get("document_id") or "")
        if document_id and not self._is_stored(document_id):
            document_id = ""  # Sterling has purged what an earlier attempt had stored
        if not document_id:
            document_id = self._store_document(save_progress)
        return self._post(lambda: self._post_message(document_id), document_id)

    def find(self) -> Receipt | None:
        taken = False
        for row in self._of_our_name():
            in_place = row.get("mailboxPath") == self.path
            if self._is_our_document(row) or (in_place and self._has_our_content(row)):
                return self._receipt(replies.row_id(row), str(row.get("documentId") or ""), row)
            taken = taken or in_place
        if taken:
            raise CannotTell(
                f"Another message of the name {self.interchange.name} lies in the mailbox {self.path}.",
                remedy="Ask the Sterling administrator whether ours came in, then send it again or mark it as "
                "delivered.",
            )
        return None

    def _refuse_unusable_name(self) -> None:
        name = self.interchange.name
        if len(name.encode()) > LONGEST_NAME:
            raise Rejected(
                f"The name “{name[:60]}…” is longer than the {LONGEST_NAME} characters that Sterling takes."
            )
        if not name or not name.isprintable() or "/" in name or "\\" in name:
            raise Rejected(f"“{name!a}” cannot be the name of a mailbox message.")

    def _store_document(self, save_progress: SaveProgress) -> str:
        body: dict[str, Any] = {
            "payload": base64.b64encode(self.interchange.content).decode(),
            "documentName": self.interchange.name,
        }
        if self.api.settings.life_span:
            body["lifeSpan"] = self.api.settings.life_span
        try:
            # A document that is stored twice is only purged twice.
            answer = self.api.call("POST", "documents", json=body, repeatable=True)
        except Refused as refused:
            raise self._rejected(refused) from None
        document_id = replies.created_id(answer)
        if not document_id:
            raise Temporary("IBM Sterling did not say where it stored the document.", detail=answer.excerpt())
        save_progress({"document_id": document_id})
        return document_id

    def _post(self, post: Callable[[], Answer], document_id: str = "") -> Receipt:
        """Make the one call that must not be made twice, and see what came of it."""
        try:
            answer = post()
        except Refused as refused:
            if receipt := self._ours_in_the_box(document_id):
                return receipt
            self.api.mailbox_id(self.path)  # names the path if that was it
            raise self._rejected(refused) from None
        message_id = replies.created_id(answer)
        if not message_id:
            raise UnknownOutcome(
                "IBM Sterling took the message but did not say under which number.", detail=answer.excerpt()
            )
        return self._confirmed(message_id, document_id)

    def _confirmed(self, message_id: str, document_id: str) -> Receipt:
        """The receipt for what was answered.

        A mailbox may suppress duplicates: then the number is that of an older message of the same name, or of
        none at all, and what lies there must be ours. A message that has gone already was taken.
        """
        try:
            row = self.api.message(message_id)
            if row is not None and self._has_our_content(row, document_id):
                return self._receipt(message_id, document_id, row)
            receipt = self._ours_in_the_box(document_id)
        except Rejected:
            raise
        except (Refused, SystemFailure):
            receipt = None  # it was acknowledged all the same
        return receipt or self._receipt(message_id, document_id)

    def _post_message(self, document_id: str) -> Answer:
        body = {"documentId": document_id, "mailboxPath": self.path, "name": self.interchange.name}
        return self.api.call("POST", "mailboxmessages", json=body)

    def _post_batch(self) -> Answer:
        """Content and message in one call; the answer's id is that of the message."""
        file = (self.interchange.name, self.interchange.content, "application/octet-stream")
        body, content_type = encode_multipart_formdata({"upstream": file, "mailboxName": self.path})
        return self.api.call("POST", "messagebatches", data=body, headers={"Content-Type": content_type})

    def _of_our_name(self) -> list[Row]:
        """The messages of exactly our name, with all their fields, the oldest first."""
        rows = [
            row
            for row in self.api.rows("mailboxmessages", name=self.interchange.name)
            if row.get("name") == self.interchange.name
        ]
        return [row if "mailboxPath" in row else self.api.message(replies.row_id(row)) or row for row in rows]

    def _ours_in_the_box(self, document_id: str = "") -> Receipt | None:
        """The receipt for a message of our name and content that was in the mailbox already.

        Another content under our name is `Rejected`.
        """
        for row in self._of_our_name():
            if row.get("mailboxPath") != self.path:
                continue
            if self._has_our_content(row, document_id):
                return self._receipt(replies.row_id(row), str(row.get("documentId") or ""), row)
            raise Rejected(
                f"Another message of the name {self.interchange.name} lies in the mailbox {self.path}.",
                remedy="Ask the Sterling administrator to take it away, then send this document again.",
            )
        return None

    def _has_our_content(self, row: Row, document_id: str = "") -> bool:
        theirs = str(row.get("documentId") or "")
        return bool(theirs) and (
            theirs == document_id or self.api.payload(theirs) == self.interchange.content
        )

    def _is_our_document(self, row: Row) -> bool:
        ours = self.interchange.progress.get("document_id")
        return bool(ours) and row.get("documentId") == ours

    def _is_stored(self, document_id: str) -> bool:
        return bool(self.api.rows("documents", documentId=document_id))

    def _rejected(self, refused: Refused) -> Exception:
        return failure_of(refused, Rejected, "IBM Sterling does not take the document.")

    def _receipt(self, message_id: str, document_id: str = "", row: Row | None = None) -> Receipt:
        place = str((row or {}).get("mailboxPath") or self.path)
        detail = {"document_id": document_id} if document_id else {}
        return Receipt(remote_id=message_id, place=place, name=self.interchange.name, detail=detail)
