"""A caller of the Sterling stand-in that knows the API by the wire alone."""

import base64
from typing import Any
from urllib.parse import unquote

import requests

from connections.sandbox.ibm_sterling import PASSWORD, USERNAME, Running


class Client:
    """Calls paths below `/B2BAPIs/svc/` with Basic authentication, as JSON."""

    def __init__(self, running: Running) -> None:
        self.base = f"{running.url}/B2BAPIs/svc"
        self.session = requests.Session()
        self.session.auth = (USERNAME, PASSWORD)
        self.session.headers["Accept"] = "application/json"

    def call(self, method: str, path: str, /, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.base}{path}", timeout=30, **options)

    def get(self, path: str, /, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return self.call("POST", path, json={} if body is None else body)

    def rows(self, path: str, /, **params: Any) -> list[dict[str, Any]]:
        """A whole list."""
        answer = self.get(path, **{"_range": "0-199", **params})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    def add_document(self, payload: bytes, **fields: Any) -> str:
        answer = self.post("/documents/", {"payload": base64.b64encode(payload).decode(), **fields})
        return id_in(answer)

    def add_message(self, path: str, name: str, payload: bytes, **fields: Any) -> int:
        """Both steps of posting; returns the message id."""
        body = {"documentId": self.add_document(payload), "mailboxPath": path, "name": name, **fields}
        return int(id_in(self.post("/mailboxmessages/", body)))

    def payload(self, document_id: str) -> bytes:
        answer = self.post(f"/documents/{document_id}/actions/getpayload")
        assert answer.status_code == 200, answer.text
        return base64.b64decode(answer.json()["response"], validate=True)

    def box_id(self, path: str) -> int:
        return next(int(row["_id"]) for row in self.rows("/mailboxes/", path=path) if row["path"] == path)

    def contents(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return self.rows("/mailboxcontents/", parentMailboxId=self.box_id(path), detail="true", **params)


def id_in(answer: requests.Response) -> str:
    """The id at the end of `Location` in the body of a creating call."""
    assert answer.status_code in {200, 201}, answer.text
    return unquote(answer.json()["Location"].rpartition("/")[2])
