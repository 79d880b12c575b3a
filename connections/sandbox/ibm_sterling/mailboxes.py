"""`mailboxes` and `mailboxcontents`: the boxes, and the list of what is in one."""

import re
from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.ibm_sterling.service import BASE, Service, stamp
from connections.sandbox.ibm_sterling.store import Mailbox, Message


class Mailboxes:
    def __init__(self, service: Service) -> None:
        self.service = service
        service.api("GET", "mailboxes", "/", self.list)
        service.api("POST", "mailboxes", "/", self.create)
        service.api("GET", "mailboxes", "/<int:identifier>", self.show)
        service.api("GET", "mailboxContents", "/", self.contents)

    def list(self, request: Request) -> Response:
        pattern = _like(request.args.get("path", ""))
        found = [box for box in self.service.store.mailboxes.values() if pattern.match(box.path)]
        return self.service.rows(request, [_row(box) for box in found])

    def show(self, _: Request, identifier: int) -> Response:
        return self.service.answer(_row(self._found(identifier)))

    def create(self, request: Request) -> Response:
        service, store = self.service, self.service.store
        body = service.body(request)
        path, description = service.required(body, "path", "description")
        parent = str(path).rpartition("/")[0]
        if store.mailbox_at(path):
            service.fail(400, f"API000210: Mailbox {path} exists already.")
        if parent and store.mailbox_at(parent) is None and not body.get("createParentMailbox"):
            service.fail(400, f"API000211: Parent mailbox {parent} does not exist.")
        return service.created(request, "mailboxes", str(store.add_mailbox(path, description).id))

    def contents(self, request: Request) -> Response:
        """Child boxes and messages of one box; details only when they are asked for."""
        service = self.service
        parent = request.args.get("parentMailboxId", "")
        if not parent.isdecimal():
            service.fail(400, "API000161: java.lang.NullPointerException: parentMailboxId")
        box = self._found(int(parent))
        check_allowed(service, box)
        service.looked_into(box.path)
        detailed = request.args.get("detail", "").lower() == "true"
        children = [
            one for one in service.store.mailboxes.values() if one.path.rpartition("/")[0] == box.path
        ]
        rows: list[dict[str, Any]] = [
            {"id": one.id, "name": one.path.rpartition("/")[2], "type": "mailbox"} for one in children
        ]
        rows += [self._message_row(one, detailed=detailed) for one in service.store.messages_in(box)]
        for key in ("type", "name"):
            if wanted := request.args.get(key):
                rows = [row for row in rows if row[key] == wanted]
        return service.rows(request, rows)

    def _message_row(self, message: Message, *, detailed: bool) -> dict[str, Any]:
        row: dict[str, Any] = {"id": message.id, "name": message.name, "type": "message"}
        if not detailed:
            return row
        document = self.service.store.documents.get(message.document_id)
        until = message.extractable_until
        return row | {
            "creationDate": stamp(message.created),
            "description": message.name,
            "documentId": message.document_id,
            "extractableAlways": self.service.coded(
                message.extractable_always, "coded_contents", coded=False
            ),
            "extractableCount": message.extractable_count,
            "extractableUntil": stamp(until) if until else None,
            "size": document.size if document else 0,
        }

    def _found(self, identifier: int) -> Mailbox:
        box = self.service.store.mailboxes.get(identifier)
        if box is None:
            self.service.fail(404, f"API000404: Mailbox {identifier} does not exist.")
        return box


def check_allowed(service: Service, box: Mailbox) -> None:
    """403 while the switch says that the account may not use this box."""
    if service.faults.take("mailbox_forbidden", mailbox=box.path):
        service.fail(403, f"API000403: The user does not hold the permission {box.path} Mailbox.")


def _like(text: str) -> re.Pattern[str]:
    """The filter `path`: `%` stands for anything, and anything may follow."""
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.DOTALL)


def _row(box: Mailbox) -> dict[str, Any]:
    return {
        "_id": box.id,
        "_title": box.path,
        "href": f"{BASE}/mailboxes/{box.id}",
        "path": box.path,
        "description": box.description,
        "permission": f"{box.path} Mailbox",
        "mailboxType": {"code": "R", "display": "Regular"},
        "linkedToMailbox": None,
        "users": "ml-connector",
        "groups": "",
    }
