"""`mailboxmessages` and `messagebatches`: putting messages into boxes, and handling those that are there."""

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.ibm_sterling.mailboxes import check_allowed
from connections.sandbox.ibm_sterling.service import BASE, Service, stamp
from connections.sandbox.ibm_sterling.store import Document, Mailbox, Message

LONGEST_NAME = 100  # what one of the product's databases can store


class Messages:
    def __init__(self, service: Service) -> None:
        self.service = service
        service.api("POST", "mailboxMessages", "/", self.create)
        service.api("GET", "mailboxMessages", "/", self.list)
        service.api("GET", "mailboxMessages", "/<int:identifier>", self.show)
        service.api("PUT", "mailboxMessages", "/<int:identifier>", self.update)
        service.api("DELETE", "mailboxMessages", "/<int:identifier>", self.delete)
        service.api(
            "POST", "mailboxMessages", "/<int:identifier>/actions/extractmailboxmessage", self.extract
        )
        service.api("POST", "mailboxMessages", "/<int:identifier>/actions/movemailboxmessage", self.move)
        service.api("POST", "messageBatches", "/", self.create_batch)
        service.api("GET", "messageBatches", "/", self.list_batch)

    def create(self, request: Request) -> Response:
        service, body = self.service, self.service.body(request)
        document_id, path, name = service.required(body, "documentId", "mailboxPath", "name")
        document = service.store.documents.get(document_id)
        if document is None:
            service.fail(400, f"API000220: Document {document_id} does not exist.")
        identifier = self.put(self._box(path), name, document, **self._extractable(body))
        return service.created(request, "mailboxmessages", str(identifier))

    def list(self, request: Request) -> Response:
        """All messages, or those of one name. There is no other filter: what else is asked is ignored."""
        service = self.service
        for name in request.args:
            if name != "name" and not name.startswith("_"):
                service.note_mistake(request, f"mailboxmessages has no filter {name}.")
        wanted = request.args.get("name")
        found = service.store.messages.values() if wanted is None else service.store.messages_named(wanted)
        return service.rows(request, [self._row(one) for one in found])

    def show(self, _: Request, identifier: int) -> Response:
        return self.service.answer(self._row(self._found(identifier)))

    def update(self, request: Request, identifier: int) -> Response:
        message, body = self._found(identifier), self.service.body(request)
        for key, value in self._extractable(body).items():
            setattr(message, key, value)
        if body.get("resubmitMessage") is True:
            message.taken, message.failed = None, ""
        return self.service.changed_rows(1)

    def delete(self, _: Request, identifier: int) -> Response:
        del self.service.store.messages[self._found(identifier).id]
        return self.service.changed_rows(1)

    def extract(self, _: Request, identifier: int) -> Response:
        message = self._found(identifier)
        if not message.is_extractable(self.service.clock.now()):
            self.service.fail(400, f"API000230: Message {identifier} is not extractable.")
        message.extract()
        return self.service.answer({"response": f"Message {identifier} was extracted."})

    def move(self, request: Request, identifier: int) -> Response:
        message = self._found(identifier)
        (path,) = self.service.required(self.service.body(request), "path")
        message.mailbox_id = self._box(path).id
        return self.service.answer({"response": f"Message {identifier} was moved to {path}."})

    def create_batch(self, request: Request) -> Response:
        """One call for payload and message. The specification shows JSON, the product wants a form."""
        service = self.service
        if request.mimetype != "multipart/form-data":
            service.fail(500, "API000500: java.lang.ClassCastException: no multipart content")
        files, paths = request.files.getlist("upstream"), request.form.getlist("mailboxName")
        if not files or len(files) != len(paths):
            service.fail(400, "API000160: Required input is missing: upstream, mailboxName.")
        boxes = [self._box(path) for path in paths]
        identifiers = []
        for file, box in zip(files, boxes, strict=True):
            name = file.filename or "upstream"
            document = service.store.add_document(name, file.read(), service.clock.now())
            identifiers.append(str(self.put(box, name, document)))
        return service.created(request, "messagebatches", "_".join(identifiers))

    def list_batch(self, request: Request) -> Response:
        descriptor = request.args.get("descriptor", "")
        wanted = [int(part) for part in descriptor.split("_") if part.isdecimal()]
        messages = [found for one in wanted if (found := self.service.store.messages.get(one))]
        if not messages:
            return self.service.rows(request, [])
        batch = {
            "descriptor": descriptor,
            "mailboxName": self._path(messages[0]),
            "messageCount": len(messages),
            "messages": [{"messageId": one.id, "messageName": one.name} for one in messages],
        }
        return self.service.answer([batch])

    def put(self, box: Mailbox, name: str, document: Document, **extractable: Any) -> int:
        """Store a message as the API does; returns the id that is answered."""
        service, store = self.service, self.service.store
        check_allowed(service, box)
        if len(name) > LONGEST_NAME:
            service.fail(400, f"API000221: The name is longer than {LONGEST_NAME} characters.")
        same_name = next((one for one in store.messages_named(name) if one.mailbox_id == box.id), None)
        if same_name and (duplicate := service.faults.take("duplicate_name")):
            if duplicate["handling"] == "refuse":
                service.fail(400, f"API000222: Mailbox {box.path} holds a message {name} already.")
            return store.next_number() if duplicate["handling"] == "phantom" else same_name.id
        return store.add_message(box, name, document, service.clock.now(), **extractable).id

    def _box(self, path: Any) -> Mailbox:
        box = self.service.store.mailbox_at(str(path))
        if box is None:
            self.service.fail(400, f"API000212: Mailbox {path} does not exist.")
        return box

    def _found(self, identifier: int) -> Message:
        message = self.service.store.messages.get(identifier)
        if message is None:
            self.service.fail(404, f"API000404: Message {identifier} does not exist.")
        check_allowed(self.service, self.service.store.mailboxes[message.mailbox_id])
        return message

    def _path(self, message: Message) -> str:
        return self.service.store.mailboxes[message.mailbox_id].path

    def _extractable(self, body: dict[str, Any]) -> dict[str, Any]:
        """The extractable* inputs, of which one at most may be given."""
        given: dict[str, Any] = {}
        if (always := body.get("extractableAlways")) is not None:
            given["extractable_always"] = str(always).lower() in {"true", "1"}
        if (count := body.get("extractableCount")) is not None:
            if not str(count).isdecimal():
                self.service.fail(400, f"API000164: extractableCount {count} is not a number.")
            given["extractable_count"] = int(count)
        if (until := body.get("extractableUntil")) is not None:
            try:
                given["extractable_until"] = datetime.strptime(f"{until}+0000", "%Y%m%dT%H%M%z")
            except ValueError:
                self.service.fail(400, f"API000165: extractableUntil {until} is not yyyyMMddThhmm.")
        return given

    def _row(self, message: Message) -> dict[str, Any]:
        document = self.service.store.documents.get(message.document_id)
        until = message.extractable_until
        return {
            "_id": message.id,
            "_title": message.name,
            "href": f"{BASE}/mailboxmessages/{message.id}",
            "id": message.id,
            "mailboxPath": self._path(message),
            "mailboxId": message.mailbox_id,
            "name": message.name,
            "creationDate": stamp(message.created),
            "extractableAlways": self.service.coded(message.extractable_always, "plain_flags", coded=True),
            "extractableCount": message.extractable_count,
            "extractableUntil": stamp(until) if until else None,
            "size": document.size if document else 0,
            "documentId": message.document_id,
        }
