"""The mailbox: list, download, upload, delete, by path."""

import base64
import binascii
from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, json_response
from connections.sandbox.sps_commerce.service import BASE, Service, envelope
from connections.sandbox.sps_commerce.store import parent_of

DATA = f"{BASE}/data"
MOST_ENTRIES = 1000
# Encodes to characters that a client must escape in a query: a cursor is opaque.
CURSOR_START = b"\xfb\xff\xbf\xff"
BOM = b"\xef\xbb\xbf"


class Files:
    def __init__(self, service: Service) -> None:
        self.service = service
        service.api("GET", f"{DATA}/", lambda request: self.get(request, ""))
        service.api("GET", f"{DATA}/<path:path>", self.get)
        service.api("POST", f"{DATA}/<path:path>", self.upload)
        service.api("DELETE", f"{DATA}/<path:path>", self.delete)

    def get(self, request: Request, path: str) -> Response:
        if not path or path.endswith("/"):
            return self.list(request, path)
        self._fail_inside(request)
        return self.download(path)

    def list(self, request: Request, directory: str) -> Response:
        service = self.service
        self._fail_inside(request)
        hidden = service.faults.take("not_activated")
        if directory and (hidden or directory not in service.store.directories):
            service.fail(404, "Not Found", "Directory not found")
        prefix = request.args.get("entryNamePrefix", "")
        names = [] if hidden else service.store.children(directory)
        paths = [path for path in names if path.rstrip("/").rpartition("/")[2].startswith(prefix)]
        limit, start = self._limit(request), self._start(request)
        page, more = paths[start : start + limit], len(paths) > start + limit
        entries = [self._entry(request, path) for path in page]
        if hostile := service.faults.take("hostile_entry"):
            entries.append({"path": hostile["entry"], "type": "file", "url": "https://evil.example.com/"})
        answer: dict[str, Any] = {"results": entries, "paging": self._paging(request, limit, start, more)}
        return json_response(self._spoilt(answer, more=more))

    def download(self, path: str) -> Response:
        service = self.service
        file = service.store.files.get(path)
        if file is None:
            service.fail(404, "Not Found", "File not found")
        content = file.content
        if service.faults.take("crlf"):
            content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if service.faults.take("bom"):
            content = BOM + content
        odd = service.faults.take("odd_type")
        file.transfer.note("downloaded", service.clock.now())
        return Response(content, content_type=odd["type"] if odd else "application/octet-stream")

    def upload(self, request: Request, path: str) -> Response:
        """Stores the bytes over whatever was there: no conflict, no idempotency key."""
        service = self.service
        if path.endswith("/"):
            service.fail(400, "Bad Request", "A file path does not end in a slash")
        if request.mimetype != "application/octet-stream":
            service.note_mistake(request, f"An upload of type {request.mimetype or 'none'}.")
            service.fail(415, "Unsupported Media Type", "Only application/octet-stream is accepted")
        if parent_of(path) not in service.store.directories:
            service.fail(404, "Not Found", "Parent directory not found")
        self._fail_inside(request)
        now = service.clock.now()
        service.store.put(path, request.get_data(), now)
        if service.faults.take("consumed_at_once"):
            service.store.remove(path, "downloaded", now)
        status = 200 if service.faults.take("created_as_200") else 201
        return json_response({"path": f"/{path}", "url": self._url(request, path)}, status)

    def delete(self, _: Request, path: str) -> Response:
        service = self.service
        if path not in service.store.files:
            service.fail(404, "Not Found", "File not found")
        service.store.remove(path, "deleted", service.clock.now())
        if failing := service.faults.take("delete_fails"):
            service.fail(int(failing["status"]), "Error", "Something went wrong")
        return Response(status=204)

    def _fail_inside(self, request: Request) -> None:
        where = {"method": request.method, "path": request.path}
        if self.service.faults.take("error_in_success", **where):
            raise Answer(json_response(envelope("Processing Error", "The file was not accepted"), 200))

    def _limit(self, request: Request) -> int:
        text = request.args.get("limit", str(MOST_ENTRIES))
        if not text.isdecimal() or not 1 <= int(text) <= MOST_ENTRIES:
            self.service.fail(400, "Bad Request", "limit must be from 1 to 1000")
        capped = self.service.faults.take("page_cap")
        return min(int(text), int(capped["entries"])) if capped else int(text)

    def _start(self, request: Request) -> int:
        """Where a page begins: a plain offset, so that deleting between two pages shifts what comes next."""
        cursor = request.args.get("cursor")
        if cursor is None:
            return 0
        try:
            decoded = base64.b64decode(cursor, validate=True)
        except binascii.Error:
            decoded = b""
        offset = decoded.removeprefix(CURSOR_START).strip()
        if not decoded.startswith(CURSOR_START) or not offset.isdigit():
            self.service.fail(400, "Bad Request", "The cursor is not valid")
        return int(offset)

    def _paging(self, request: Request, limit: int, start: int, more: bool) -> dict[str, Any]:
        repeats = self.service.faults.take("cursor_repeats")
        following = None
        if more or repeats:
            cursor = cursor_for(0 if repeats else start + limit)
            # As published: informative only, and not escaped the way a client has to.
            following = {"cursor": cursor, "url": f"{request.base_url}?limit={limit}&cursor={cursor}"}
        return {"limit": limit, "next": following, "previous": None}

    def _spoilt(self, answer: dict[str, Any], *, more: bool) -> dict[str, Any]:
        faults = self.service.faults
        if not answer["results"] and faults.take("results_null"):
            answer["results"] = None
        if faults.take("results_absent"):
            del answer["results"]
        if not more and (last := faults.take("last_page")):
            if last["how"] == "no_paging":
                del answer["paging"]
            elif last["how"] == "absent":
                del answer["paging"]["next"]
        return answer

    def _entry(self, request: Request, path: str) -> dict[str, str]:
        kind = "directory" if path.endswith("/") else "file"
        return {"path": f"/{path}", "type": kind, "url": self._url(request, path)}

    def _url(self, request: Request, path: str) -> str:
        foreign = self.service.faults.take("foreign_url")
        root = f"https://{foreign['host']}/" if foreign else request.url_root
        return f"{root}{DATA.lstrip('/')}/{path}"


def cursor_for(offset: int) -> str:
    """An opaque cursor that holds `+`, `/` and `=`."""
    text = CURSOR_START + str(offset).encode()
    padding = b" " * ((1 - len(text)) % 3)
    return base64.b64encode(text + padding).decode()
