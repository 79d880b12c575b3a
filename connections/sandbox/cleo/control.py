"""The stand-in itself, and what a test or a person may ask of it beyond the tenant's own API."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import requests
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request, Response

from connections.sandbox.cleo.exchange import ARCHIVE, ERROR, Exchange, Site
from connections.sandbox.cleo.files import Files
from connections.sandbox.cleo.page import render
from connections.sandbox.cleo.service import Service
from connections.sandbox.common import json_response
from connections.sandbox.common.standin import CONTROL, json_object
from connections.sandbox.edi import Verdict
from connections.sandbox.sftp.storage import Storage

# The seed partner has the folders that every mailbox has; further ones have their own below their names.
ACME = Site("acme", take_from="upload", answer_into="download")
PUSH_SECONDS = 5


class Cleo(Service):
    """The stand-in for one tenant with one Partner Mailbox, whose files lie on `storage`.

    `partners` are the companies behind it (by default one, `acme`). Every `tick_every` seconds files are
    taken and answers put down; None: only when `tick()` is called. Each new file is also told to `push_to`,
    the address of an HTTP action, if there is one; `pushed` says what was answered.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        partners: Iterable[Site] = (),
        tick_every: float | None = None,
        push_to: str = "",
        **options: Any,
    ) -> None:
        super().__init__(storage, **options)
        self._configured = [*partners] or [ACME]
        self.push_to = push_to
        self.pushed: list[dict[str, Any]] = []
        self.exchange = Exchange(self.mailbox, self.faults, {})
        self.tick_every = tick_every
        self._loaded = False
        Files(self)
        self._add_control()
        self.load_saved_state()
        self._loaded = True

    # For tests and for the page

    @property
    def sites(self) -> dict[str, Site]:
        return self.exchange.sites

    @property
    def upload_folders(self) -> set[str]:
        return {site.take_from for site in self.sites.values()}

    def pick_up_now(self) -> None:
        self.exchange.pick_up(self.clock.now(), at_once=True)

    def tick(self) -> None:
        """Let Cleo work once, then tell of what is new."""
        with self.lock:
            placed = self.exchange.tick(self.clock.now())
        self.changed()
        for name, content in placed:
            self._push(name, content)

    def drop(self, folder: str, name: str, content: bytes) -> str:
        """Put a file down as Cleo would, and tell of it; returns its id."""
        with self.lock:
            identifier = self.mailbox.write(folder, name, content).identifier
        self.changed()
        self._push(name, content)
        return identifier

    def grow(self, folder: str, name: str, content: bytes, pieces: int = 3) -> None:
        """Begin to write a file slowly: one piece now, one at each tick."""
        with self.lock:
            self.exchange.grow(f"/{folder}/{name}", content, pieces)
        self.changed()

    def listing(self) -> list[dict[str, Any]]:
        """Every file: id, folder, name, size."""
        with self.lock:
            return [
                {"id": file.identifier, "folder": file.folder, "name": file.name, "size": file.size}
                for file in self.mailbox.all_files()
            ]

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, the oldest id first."""
        with self.lock:
            return [file.name for file in self.mailbox.files(folder)]

    def complaints(self) -> list[dict[str, Any]]:
        """What the partners complain of, each with the name of the partner."""
        with self.lock:
            return [
                {"partner": site.name, **one}
                for site in self.sites.values()
                for one in site.company.complaints
            ]

    # Life

    def dump(self) -> dict[str, Any]:
        """What is not on the disk anyway; tokens do not survive a restart."""
        return {
            "ids": self.mailbox.ids,
            "last_id": self.mailbox.last_id,
            "sites": {name: site.dump() for name, site in self.sites.items()},
            "taken": self.exchange.taken,
            "uploads": self.uploads,
            "mistakes": self.mistakes,
            "push_to": self.push_to,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._seed()
        self.mailbox.ids, self.mailbox.last_id = state["ids"], state["last_id"]
        self.exchange.taken, self.uploads = state["taken"], state["uploads"]
        self.mistakes, self.push_to = state["mistakes"], self.push_to or state["push_to"]
        for name, site in self.sites.items():
            if name in state["sites"]:
                site.restore(state["sites"][name])

    def reset(self) -> None:
        """Forget everything and, unless this is the first start, empty the mailbox."""
        if self._loaded:
            self.mailbox.storage.clear()
        self.mistakes, self.uploads, self.actions_run, self.pushed = [], [], [], []
        self.access.revoke_all()
        self.access.unlock()
        self._seed()

    def public_state(self) -> dict[str, Any]:
        return {key: value for key, value in self.dump().items() if key != "push_to"}

    def _seed(self) -> None:
        self.exchange.sites.clear()
        self.exchange.sites.update({site.name: replace(site) for site in self._configured})
        self.exchange.taken.clear()
        self.exchange.growing.clear()
        folders = {ARCHIVE, ERROR, "upload", "download"}
        for site in self.sites.values():
            folders |= {site.take_from, site.answer_into}
        for folder in folders:
            self.mailbox.storage.make_folder(folder)

    def _push(self, name: str, content: bytes) -> None:
        """What an HTTP action of the tenant does with a new file; nobody repeats it when it fails."""
        if not self.push_to:
            return
        headers = {"Content-Type": "application/edi-x12", "X-File-Name": name}
        try:
            answer = requests.post(self.push_to, data=content, headers=headers, timeout=PUSH_SECONDS)
            self.pushed.append({"name": name, "status": answer.status_code})
        except requests.RequestException as error:
            self.pushed.append({"name": name, "status": None, "error": type(error).__name__})

    # Over HTTP

    def _add_control(self) -> None:
        self.route("GET", "/", lambda _: render(self))
        self.route("POST", f"{CONTROL}/tick", self._tick_now)
        self.route("GET", f"{CONTROL}/files", lambda _: json_response({"files": self.listing()}))
        self.route("POST", f"{CONTROL}/files", self._drop)
        self.route("GET", f"{CONTROL}/files/<identifier>", self._show_file)
        self.route("GET", f"{CONTROL}/taken/<int:number>", self._show_taken)
        self.route("GET", f"{CONTROL}/partners", lambda _: json_response({"partners": self._partners()}))
        self.route("POST", f"{CONTROL}/partners/<name>", self._instruct)
        self.route("POST", f"{CONTROL}/push", self._set_push)
        self.route("GET", f"{CONTROL}/complaints", lambda _: json_response({"complaints": self.complaints()}))
        self.route("GET", f"{CONTROL}/mistakes", lambda _: json_response({"mistakes": self.mistakes}))
        self.route("POST", f"{CONTROL}/revoke", self._revoke)
        self.route("POST", f"{CONTROL}/unlock", self._unlock)

    def _tick_now(self, _: Request) -> Response:
        self.tick()
        return json_response({"files": self.listing()})

    def _drop(self, request: Request) -> Response:
        """`{"folder", "name"}` with `payload` (base64) or `text`; with `pieces` it grows slowly."""
        order = json_object(request)
        try:
            text = str(order["text"]).encode() if "text" in order else b""
            payload = base64.b64decode(order["payload"], validate=True) if "payload" in order else text
            folder, name = str(order["folder"]), str(order["name"])
            if "pieces" in order:
                self.grow(folder, name, payload, int(order["pieces"]))
            else:
                self.drop(folder, name, payload)
        except (KeyError, TypeError, ValueError, OSError, binascii.Error) as error:
            raise BadRequest(f"Give folder, name, and payload (base64) or text: {error!r}") from error
        return json_response({"files": self.listing()}, 201)

    def _show_file(self, _: Request, identifier: str) -> Response:
        file = self.mailbox.find(identifier)
        if file is None:
            raise NotFound(f"There is no file {identifier}.")
        return Response(self.mailbox.content(file), content_type="application/octet-stream")

    def _show_taken(self, _: Request, number: int) -> Response:
        if not 0 < number <= len(self.exchange.taken):
            raise NotFound(f"No file number {number} was taken.")
        return Response(self.exchange.content(number), content_type="application/octet-stream")

    def _partners(self) -> list[dict[str, Any]]:
        return [
            {
                "name": site.name,
                "take_from": site.take_from,
                "answer_into": site.answer_into,
                "pick_up_after": site.pick_up_after,
                "ack_after": site.ack_after,
                "verdict": site.company.verdict,
                "verdicts": site.company.verdicts,
                "answers_due": len(site.due),
                "documents": site.company.documents,
            }
            for site in self.sites.values()
        ]

    def _instruct(self, request: Request, name: str) -> Response:
        """Change a partner: any of `verdict`, `verdicts`, `ack_after`, `pick_up_after`."""
        site = self.sites.get(name)
        if site is None:
            raise NotFound(f"There is no partner {name}.")
        try:
            _instruct(site, json_object(request))
        except (TypeError, ValueError, AttributeError) as error:
            raise BadRequest(str(error)) from error
        return json_response({"partners": self._partners()})

    def _set_push(self, request: Request) -> Response:
        """`{"to": "http://..."}`: where the HTTP action sends new files; empty: nowhere."""
        self.push_to = str(json_object(request).get("to") or "")
        return json_response({"set": bool(self.push_to)})

    def _revoke(self, _: Request) -> Response:
        self.access.revoke_all()
        return json_response({"revoked": True})

    def _unlock(self, _: Request) -> Response:
        self.access.unlock()
        return json_response({"unlocked": True})


def _instruct(site: Site, order: dict[str, Any]) -> None:
    known = {"verdict", "verdicts", "ack_after", "pick_up_after"}
    if unknown := order.keys() - known:
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}.")
    verdicts = {str(key): value and Verdict(value) for key, value in order.get("verdicts", {}).items()}
    verdict = Verdict(order.get("verdict", site.company.verdict))
    site.ack_after = max(0.0, float(order.get("ack_after", site.ack_after)))
    site.pick_up_after = max(0.0, float(order.get("pick_up_after", site.pick_up_after)))
    site.company.instruct(verdict, verdicts)
