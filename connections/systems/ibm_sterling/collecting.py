"""Reading a mailbox, and finishing its messages when they are safe with us."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.utils import timezone

from connections.systems.base import Collected, Misconfigured, Outcome, Temporary
from connections.systems.ibm_sterling import replies
from connections.systems.ibm_sterling.api import LARGEST_PAYLOAD, Api, Refused, Row, failure_of
from connections.systems.ibm_sterling.settings import FinishAction

# How often the content of a message is asked for that Sterling lists but does not give.
MOST_TRIES = 10
MOST_REMARKS = 50


@dataclass(slots=True)
class Reading:
    """One look into one mailbox.

    `memory` is what the caller keeps between two looks (JSON-able; changed in place): how often the content of
    which message could not be had. `remarks` gets a sentence for each message that a person should see.
    """

    api: Api
    path: str
    memory: dict[str, Any]
    remarks: list[str] = field(default_factory=list)

    def collect(self, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """Messages that are not `seen`, by their number; a child mailbox is not a message.

        Every number is compared: in a cluster a later message may have the lower one.
        """
        rows = self.api.rows("mailboxcontents", parentMailboxId=self.api.mailbox_id(self.path), detail="true")
        messages = {
            message_id: row
            for row in rows
            if (message_id := replies.row_id(row)) and str(row.get("type")).lower() != "mailbox"
        }
        tries = self._tries(messages)
        for message_id, row in messages.items():
            if seen(message_id):
                continue
            tried = tries.get(message_id, 0)
            content = self._content(message_id, row) if tried < MOST_TRIES else None
            if content is None:
                tries[message_id] = min(tried + 1, MOST_TRIES)
                self._pass_over(row)
                continue
            yield Collected(
                key=message_id,
                name=_shown(row),
                place=self.path,
                file=io.BytesIO(content),
                modified_at=replies.moment(row.get("creationDate")),
                handle={"message_id": message_id},
            )

    def _tries(self, messages: dict[str, Row]) -> dict[str, int]:
        """The memory, without messages that are gone."""
        before = self.memory.get("tries", {})
        tries = {key: int(before[key]) for key in messages if key in before}
        self.memory["tries"] = tries
        return tries

    def _content(self, message_id: str, row: Row) -> bytes | None:
        if replies.count(row.get("size")) > LARGEST_PAYLOAD:
            return None
        document_id = row.get("documentId") or (self.api.message(message_id) or {}).get("documentId")
        return self.api.payload(str(document_id)) if document_id else None

    def _pass_over(self, row: Row) -> None:
        large = replies.count(row.get("size")) > LARGEST_PAYLOAD
        reason = "it is too large" if large else "its content has expired or cannot be read"
        if len(self.remarks) < MOST_REMARKS:
            name = f"Message {replies.row_id(row)} (“{_shown(row)}”)"
            self.remarks.append(f"{name} in {self.path} is passed over: {reason}.")


def finish(api: Api, collected: Collected, outcome: Outcome) -> None:
    """Move, extract, hide or delete a message, as set. What could not be read stays where it is.

    Twice is harmless: what is gone, moved, extracted or hidden already is left alone.
    """
    action, archive = api.settings.finish_action, api.settings.archive_path
    if action == FinishAction.NONE or outcome == Outcome.ERROR:
        return
    if action == FinishAction.MOVE and not archive:
        return
    message_id = str(collected.handle["message_id"])
    try:
        message = api.message(message_id)
        if message is None or message.get("mailboxPath", collected.place) != collected.place:
            return
        if action == FinishAction.MOVE:
            _act(api, message_id, "movemailboxmessage", {"path": archive})
        elif action == FinishAction.DELETE:
            _changed(api, api.call("DELETE", "mailboxmessages", message_id), message_id)
        elif _is_extractable(message):
            if action == FinishAction.EXTRACT:
                _act(api, message_id, "extractmailboxmessage", {})
            else:
                hidden = {"extractableAlways": False, "extractableCount": 0}
                _changed(api, api.call("PUT", "mailboxmessages", message_id, json=hidden), message_id)
    except Refused as refused:
        _cannot_finish(api, refused, archive if action == FinishAction.MOVE else "")


def _act(api: Api, message_id: str, action: str, body: dict[str, Any]) -> None:
    # Repeatable: the next look at the message shows whether it was done.
    api.call("POST", "mailboxmessages", message_id, "actions", action, json=body, repeatable=True)


def _changed(api: Api, answer: Any, message_id: str) -> None:
    """A change of no rows is a failure, unless the message has gone meanwhile."""
    if replies.rows_affected(answer) == 0 and api.message(message_id) is not None:
        raise Temporary("IBM Sterling did not change the message.", detail=answer.excerpt())


def _is_extractable(message: Row) -> bool:
    if replies.flag(message.get("extractableAlways")):
        return True
    until = replies.moment(message.get("extractableUntil"))
    return replies.count(message.get("extractableCount")) > 0 or bool(until and until > timezone.now())


def _cannot_finish(api: Api, refused: Refused, archive: str) -> NoReturn:
    if archive:
        api.mailbox_id(archive)  # names the path if that was it
    if refused.status == 404:
        raise Misconfigured(
            "The installation does not know this way of finishing messages.",
            remedy="Choose another one in the settings.",
            detail=refused.answer.excerpt(),
        ) from None
    raise failure_of(refused, Temporary, "IBM Sterling could not finish a collected message.") from None


def _shown(row: Row) -> str:
    """The name of a message as it may be stored and shown."""
    return "".join(c if c.isprintable() else "�" for c in str(row.get("name") or ""))[:255]
