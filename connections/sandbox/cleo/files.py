"""The calls on folders and files, in the tenant's spelling."""

import base64
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.cleo.mailbox import File
from connections.sandbox.cleo.service import ELSEWHERE, Service
from connections.sandbox.cleo.shape import Shape, get, put, renamed
from connections.sandbox.common import json_response
from connections.sandbox.common.standin import json_object

LONGEST_PAGE = 1000


class Files:
    """Lists, gives, takes, moves and deletes files; runs actions."""

    def __init__(self, service: Service) -> None:
        self.service = service
        shape = service.shape
        service.api(shape.list_method, shape.list_path, self.show_folder)
        service.api(shape.upload_method, shape.upload_path, self.upload)
        service.api("GET", shape.item_path, self.show_file)
        service.api("GET", shape.download_path, self.download)
        service.api(shape.move_method, shape.move_path, self.move)
        service.api(shape.delete_method, shape.delete_path, self.delete)
        service.api("POST", shape.run_path, self.run)

    @property
    def shape(self) -> Shape:
        struck = self.service.faults.take("renamed_keys")
        return renamed(self.service.shape) if struck else self.service.shape

    def show_folder(self, request: Request, folder: str) -> Response:
        self._known_folder(folder)
        shape, files = self.shape, self.service.mailbox.files(folder)
        start, count = self._page(request)
        rows = [self._row(shape, file, request) for file in files[start : start + count]]
        if self.service.faults.take("bare_array"):
            return json_response(rows)
        answer: dict[str, Any] = {}
        put(answer, shape.items_key, rows)
        put(answer, shape.total_key, len(files))
        answer |= {"startIndex": start, "count": count} if shape.paging == "offset" else {}
        return json_response(answer)

    def show_file(self, request: Request, identifier: str) -> Response:
        return json_response(self._row(self.shape, self._known(identifier), request))

    def download(self, _: Request, identifier: str) -> Response:
        content = self.service.mailbox.content(self._known(identifier))
        if key := self.service.shape.content_key:
            answer: dict[str, Any] = {}
            put(answer, key, base64.b64encode(content).decode())
            return json_response(answer)
        return Response(content, content_type="application/octet-stream")

    def upload(self, request: Request, folder: str) -> Response:
        self._known_folder(folder)
        service, shape = self.service, self.service.shape
        name, content = self._uploaded(request)
        if not name or "/" in name:
            service.fail(400, "The name of the file is missing.")
        if not service.allows(name):
            service.fail(400, f"File type not allowed: {name}")
        if folder not in service.upload_folders:
            service.note_mistake(request, f"A file was put into “{folder}”, from where nobody takes files.")
        if service.mailbox.named(folder, name) and service.faults.take("name_taken"):
            service.fail(409, f"A file named {name} already exists.")
        file = service.mailbox.write(folder, name, content)
        service.uploads.append({"folder": folder, "name": name, "size": len(content)})
        if service.faults.take("picked_up_at_once", file=name):
            service.pick_up_now()
        where = self._link(shape.item_path, file)
        headers = {"Location": where} if shape.upload_answer == "location" else {}
        body: dict[str, Any] = {}
        if shape.upload_answer == "body":
            put(body, shape.item_keys["id"], file.identifier)
        if shape.upload_answer == "none":
            return Response(status=204)
        return json_response(body, shape.upload_status, headers)

    def move(self, request: Request, identifier: str) -> Response:
        file, shape, body = self._known(identifier), self.service.shape, json_object(request)
        folder = str(get(body, shape.move_folder_key) or "")
        name = str(get(body, shape.move_name_key) or file.name)
        self._known_folder(folder)
        if self.service.mailbox.named(folder, name):
            self.service.fail(409, f"A file named {name} already exists in {folder}.")
        self.service.mailbox.move(file, folder, name)
        return json_response({"moved": True})

    def delete(self, _: Request, identifier: str) -> Response:
        self.service.mailbox.remove(self._known(identifier))
        return Response(status=204)

    def run(self, _: Request, action: str) -> Response:
        """200 says that the action ran, `result` what came of it."""
        self.service.actions_run.append(action)
        failed = self.service.faults.take("action_fails")
        result = "error" if failed else "success"
        return json_response({"status": "completed", "result": result, "messages": [f"{action}: {result}"]})

    def _uploaded(self, request: Request) -> tuple[str, bytes]:
        shape = self.service.shape
        if shape.upload_mode == "multipart":
            part = request.files.get(shape.upload_name)
            if part is None:
                self.service.fail(400, f"There is no part named {shape.upload_name}.")
            return part.filename or "", part.read()
        place = request.args if shape.upload_mode == "query" else request.headers
        return str(place.get(shape.upload_name, "")), request.get_data()

    def _page(self, request: Request) -> tuple[int, int]:
        shape = self.service.shape
        start = request.args.get(shape.start_param, type=int)
        count = request.args.get(shape.count_param, LONGEST_PAGE, type=int)
        if cap := self.service.faults.take("page_cap"):
            count = min(count, int(cap["rows"]))
        if shape.paging == "page":
            start = (max(1, start or 1) - 1) * count
        return max(0, start or 0), max(1, count)

    def _row(self, shape: Shape, file: File, request: Request) -> dict[str, Any]:
        faults, moment = self.service.faults, datetime.fromtimestamp(file.modified, UTC)
        link = self._link(self.service.shape.download_path if shape.content_key else shape.item_path, file)
        if shape.content_key:
            link = request.host_url.rstrip("/") + link
        if faults.take("cross_origin_href"):
            link = f"{ELSEWHERE}{self._link(self.service.shape.download_path, file)}"
        shown = {
            "id": file.name if faults.take("id_is_name") else file.identifier,
            "name": file.name,
            "size": file.size,
            "modified": f"{moment:%Y-%m-%dT%H:%M:%S}Z" if shape.times == "iso" else int(file.modified * 1000),
            "href": link,
        }
        row: dict[str, Any] = {}
        for key, path in shape.item_keys.items():
            put(row, path, shown[key])
        return row

    def _link(self, rule: str, file: File) -> str:
        return rule.replace("<identifier>", file.identifier)

    def _known(self, identifier: str) -> File:
        file = self.service.mailbox.find(identifier)
        if file is None:
            # Where ids are names they are unique in the folders that people collect from.
            named = [one for one in self.service.mailbox.all_files() if one.name == identifier]
            named = [one for one in named if one.folder not in ("archive", "error")]
            file = named[0] if named else None
        if file is None:
            self.service.fail(404, "There is no such file.")
        return file

    def _known_folder(self, folder: str) -> None:
        try:
            known = self.service.mailbox.has_folder(folder)
        except PermissionError:
            known = False
        if not known:
            self.service.fail(404, f"There is no folder {folder}.")
