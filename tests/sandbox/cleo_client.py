"""A caller of the Cleo stand-in that is told a shape and knows the API by the wire alone."""

import base64
from typing import Any
from urllib.parse import quote

import requests

from connections.sandbox.cleo import PASSWORD, USERNAME, Running
from connections.sandbox.cleo.shape import get, put


class Client:
    """Calls in the spelling of the running stand-in, with a token."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self.shape = running.cleo.shape
        self.session = requests.Session()
        self.sign_in()

    def sign_in(self, username: str = USERNAME, password: str = PASSWORD) -> requests.Response:
        form = {"grant_type": "password", "username": username, "password": password}
        answer = self.session.post(f"{self.url}/api/authentication", data=form, timeout=30)
        if answer.ok:
            self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return answer

    def call(self, method: str, path: str, /, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}{path}", timeout=30, **options)

    def page(self, folder: str, start: int = 0, count: int = 100) -> requests.Response:
        shape = self.shape
        first = start if shape.paging == "offset" else start // count + 1
        params = {shape.start_param: first, shape.count_param: count}
        body: dict[str, Any] = {"json": {}} if shape.list_method == "POST" else {}
        return self.call(shape.list_method, self._at(shape.list_path, folder=folder), params=params, **body)

    def rows(self, folder: str) -> list[dict[str, Any]]:
        """The files as `{"id", "name", "size", "modified", "href"}`."""
        answer = self.page(folder)
        assert answer.status_code == 200, answer.text
        rows = get(answer.json(), self.shape.items_key)
        return [{key: get(row, path) for key, path in self.shape.item_keys.items()} for row in rows]

    def upload(self, folder: str, name: str, content: bytes) -> requests.Response:
        shape, path = self.shape, self._at(self.shape.upload_path, folder=folder)
        if shape.upload_mode == "multipart":
            return self.call(shape.upload_method, path, files={shape.upload_name: (name, content)})
        headers = {"Content-Type": "application/octet-stream"}
        params = {shape.upload_name: name}
        return self.call(shape.upload_method, path, params=params, data=content, headers=headers)

    def download(self, identifier: str) -> bytes:
        answer = self.call("GET", self._at(self.shape.download_path, identifier=identifier))
        assert answer.status_code == 200, answer.text
        if key := self.shape.content_key:
            return base64.b64decode(get(answer.json(), key), validate=True)
        return answer.content

    def move(self, identifier: str, folder: str) -> requests.Response:
        body: dict[str, Any] = {}
        put(body, self.shape.move_folder_key, folder)
        path = self._at(self.shape.move_path, identifier=identifier)
        return self.call(self.shape.move_method, path, json=body)

    def delete(self, identifier: str) -> requests.Response:
        path = self._at(self.shape.delete_path, identifier=identifier)
        return self.call(self.shape.delete_method, path, json={})

    def _at(self, rule: str, **values: str) -> str:
        for name, value in values.items():
            rule = rule.replace(f"<path:{name}>", quote(value)).replace(f"<{name}>", quote(value, safe=""))
        return rule
