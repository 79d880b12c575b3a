"""`documents`: the payload store."""

import base64
import binascii
from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.ibm_sterling.service import Service, stamp
from connections.sandbox.ibm_sterling.store import Document


class Documents:
    def __init__(self, service: Service) -> None:
        self.service = service
        service.api("POST", "documents", "/", self.create)
        service.api("GET", "documents", "/", self.list)
        service.api("GET", "documents", "/<identifier>", self.show)
        service.api("DELETE", "documents", "/<identifier>", self.delete)
        service.api("POST", "documents", "/<identifier>/actions/getpayload", self.get_payload)
        service.api("POST", "documents", "/<identifier>/actions/appendtodocument", self.append)

    def create(self, request: Request) -> Response:
        service, body = self.service, self.service.body(request)
        payload = self._payload(body)
        document = service.store.add_document(
            str(body.get("documentName") or body.get("bodyName") or ""),
            payload,
            service.clock.now(),
            life_span=_minutes(body.get("lifeSpan")),
            body_name=str(body.get("bodyName") or ""),
            encoding=str(body.get("characterEncoding") or ""),
            content_type=str(body.get("contentType") or ""),
            content_subtype=str(body.get("contentSubtype") or ""),
            subject=str(body.get("subject") or ""),
            storage_type=str(body.get("storageType") or "DB"),
        )
        return service.created(request, "documents", document.id)

    def list(self, request: Request) -> Response:
        wanted = request.args.get("documentId")
        found = [one for one in self.service.store.documents.values() if wanted in (None, one.id)]
        if wanted is not None and request.args.get("_range") is None:
            return self.service.answer([_row(one) for one in found])
        return self.service.rows(request, [_row(one) for one in found])

    def show(self, _: Request, identifier: str) -> Response:
        return self.service.answer(_row(self._found(identifier)))

    def delete(self, _: Request, identifier: str) -> Response:
        del self.service.store.documents[self._found(identifier).id]
        return self.service.changed_rows(1)

    def get_payload(self, request: Request, identifier: str) -> Response:
        service, document = self.service, self._found(identifier)
        gone = service.faults.take("payload_purged", document=identifier)
        if gone or document.is_purged(service.clock.now()):
            service.fail(400, f"API000234: The content of document {identifier} is no longer available.")
        payload = document.payload or b""
        body = service.body(request) if request.get_data() else {}
        if str(body.get("isPlainText", request.args.get("isPlainText", ""))).lower() == "true":
            # Text that was never text: the product decodes and line ends and bytes suffer.
            return service.answer({"response": payload.decode("utf-8", "replace")})
        return service.answer({"response": base64.b64encode(payload).decode("ascii")})

    def append(self, request: Request, identifier: str) -> Response:
        document = self._found(identifier)
        document.payload = (document.payload or b"") + self._payload(self.service.body(request))
        document.size = len(document.payload)
        return self.service.changed_rows(1)

    def _found(self, identifier: str) -> Document:
        document = self.service.store.documents.get(identifier)
        if document is None:
            self.service.fail(404, f"API000404: Document {identifier} does not exist.")
        return document

    def _payload(self, body: dict[str, Any]) -> bytes:
        (payload,) = self.service.required(body, "payload")
        if body.get("isPlainText") is True:
            return str(payload).encode()
        try:
            return base64.b64decode(str(payload), validate=True)
        except binascii.Error:
            self.service.fail(400, "API000163: The payload is not valid base64.")


def _minutes(value: Any) -> int | None:
    return int(value) if str(value or "").isdecimal() else None


def _row(document: Document) -> dict[str, Any]:
    return {
        "_id": document.id,
        "_title": document.name,
        "documentId": document.id,
        "documentName": document.name,
        "bodyName": document.body_name,
        "bodySize": document.size,
        "characterEncoding": document.encoding,
        "contentType": document.content_type,
        "contentSubtype": document.content_subtype,
        "createTime": stamp(document.created),
        "modifiedTime": stamp(document.created),
        "initialDocumentId": document.id,
        "originalDocumentId": document.id,
        "previousDocumentId": None,
        "lifeSpan": document.life_span,
        "storageType": document.storage_type,
        "subject": document.subject,
        "trackingId": None,
        "workflowId": document.workflow_id,
    }
