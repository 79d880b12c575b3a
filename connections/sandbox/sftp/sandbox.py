"""The SFTP stand-in as a whole: the server, the partner behind it, and the control surface over HTTP."""

import base64
import binascii
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markupsafe import Markup
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import StandIn, json_response
from connections.sandbox.common.standin import CONTROL, json_object
from connections.sandbox.edi import Verdict
from connections.sandbox.sftp.accounts import HostKeys, User
from connections.sandbox.sftp.board import Board
from connections.sandbox.sftp.page import render
from connections.sandbox.sftp.partner import FolderPartner
from connections.sandbox.sftp.server import SshServer
from connections.sandbox.sftp.storage import Storage

FOLDERS = ("/inbound", "/outbound", "/outbound/processed", "/outbound/error")


class SftpSandbox(StandIn):
    """An SFTP server on real folders: `folder/users/<name>` is what the user `<name>` sees as `/`.

    Below `folder` are also the host keys (made once) and what the partner took. The first of `users` has
    the partner behind it, who works every `tick_every` seconds; None: only when `tick()` is called.
    `partner` holds options of `FolderPartner`; its `active` False switches the partner off. `folders` are
    those that each user finds.
    """

    name = "SFTP server"

    def __init__(
        self,
        folder: Path,
        *,
        users: Iterable[User] = (),
        host_key_kinds: tuple[str, ...] = ("ed25519",),
        tick_every: float | None = None,
        partner: dict[str, Any] | None = None,
        folders: Iterable[str] = FOLDERS,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.folder = folder
        self._folders = tuple(folders)
        self.users = {user.name: user for user in [*users] or [User()]}
        self.storages = {name: Storage(folder / "users" / name) for name in self.users}
        self.host_keys = HostKeys(folder / "keys", host_key_kinds)
        # The switches of an HTTP answer never strike here: there is nothing but the control surface.
        self.idle_switches = frozenset(self.faults.board())
        self.board = Board(self.faults, self.pause, lambda _: self.tick())
        self.tick_every = tick_every
        self.ssh: SshServer | None = None
        self._partner_options = partner or {}
        self.partner = self._new_partner()
        for storage in self.storages.values():
            self._make_folders(storage)
        self._add_control()
        self._loaded = False
        self.load_saved_state()
        self._loaded = True

    # For tests and for the page

    @property
    def user(self) -> User:
        """The user with the partner."""
        return next(iter(self.users.values()))

    @property
    def storage(self) -> Storage:
        """The folders of the user with the partner."""
        return self.storages[self.user.name]

    def tick(self) -> None:
        """Let the partner work once."""
        with self.lock:
            worked = self.partner.tick(self.clock.now())
        if worked:
            self.changed()

    def drop(self, path: str, payload: bytes) -> None:
        """Put a whole file there as the partner would."""
        self.storage.write(path, payload)

    def grow(self, path: str, payload: bytes, pieces: int = 3) -> None:
        """Begin to write a file slowly: one piece now, one at each tick."""
        with self.lock:
            self.partner.grow(path, payload, pieces)
        self.changed()

    def listing(self) -> list[dict[str, Any]]:
        """Every file of every user: path, size, time of change."""
        return [
            {"user": name, "path": path, "size": status.st_size, "modified": status.st_mtime}
            for name, storage in self.storages.items()
            for path, status in storage.files()
        ]

    def cut(self) -> int:
        """Break the open SFTP connections. Returns their number."""
        return self.ssh.cut_all() if self.ssh else 0

    def partner_summary(self) -> Markup:
        """What the page shows of a partner who does more than to acknowledge EDI."""
        return Markup("")

    # Life

    def listen(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Take the SFTP port; returns it. Raises OSError when it is taken. Served from `start()` on."""
        self.ssh = SshServer(
            host, port, users=self.users, storages=self.storages, host_keys=self.host_keys, board=self.board
        )
        return self.ssh.port

    def close(self) -> None:
        """Give the SFTP port back and cut its connections; nothing when there is none."""
        if self.ssh is not None:
            self.ssh.stop()
            self.ssh = None

    def start(self) -> None:
        super().start()
        if self.ssh is not None:
            self.ssh.start()

    def stop(self) -> None:
        self.stopping.set()
        self.close()
        super().stop()

    def dump(self) -> dict[str, Any]:
        """What the partner remembers; the files are on the disk anyway."""
        return {"partner": self.partner.dump()}

    def restore(self, state: dict[str, Any]) -> None:
        self.partner.restore(state["partner"])

    def reset(self) -> None:
        """Forget everything and, unless this is the first start, empty all folders."""
        self.partner = self._new_partner()
        self.board.requests.clear()
        if self._loaded:
            for storage in self.storages.values():
                storage.clear()
                self._make_folders(storage)

    def _make_folders(self, storage: Storage) -> None:
        for path in self._folders:
            storage.make_folder(path)

    def _new_partner(self) -> FolderPartner:
        return FolderPartner(self.storage, self.folder / "taken", **self._partner_options)

    # Over HTTP

    def _add_control(self) -> None:
        self.route("GET", "/", lambda _: render(self))
        self.route("POST", f"{CONTROL}/tick", self._tick_now)
        self.route("GET", f"{CONTROL}/files", lambda _: json_response({"files": self.listing()}))
        self.route("POST", f"{CONTROL}/files", self._drop)
        self.route("GET", f"{CONTROL}/files/<user>/<path:path>", self._show_file)
        self.route("GET", f"{CONTROL}/taken/<int:number>", self._show_taken)
        self.route("POST", f"{CONTROL}/cut", lambda _: json_response({"cut": self.cut()}))
        self.route("GET POST", f"{CONTROL}/partner", self._partner)
        self.route("GET", f"{CONTROL}/complaints", self._show_complaints)
        self.route(
            "GET", f"{CONTROL}/requests", lambda _: json_response({"requests": [*self.board.requests]})
        )
        self.route("GET", f"{CONTROL}/host-keys", self._show_host_keys)

    def _tick_now(self, _: Request) -> Response:
        self.tick()
        return json_response({"files": self.listing()})

    def _drop(self, request: Request) -> Response:
        """`{"path": "/outbound/a.csv", "payload": "<base64>"}` or `text`; with `pieces` it grows slowly."""
        order = json_object(request)
        try:
            text = str(order["text"]).encode() if "text" in order else b""
            payload = base64.b64decode(order["payload"], validate=True) if "payload" in order else text
            path = str(order["path"])
            if "pieces" in order:
                self.grow(path, payload, int(order["pieces"]))
            else:
                self.drop(path, payload)
        except (KeyError, TypeError, ValueError, OSError, binascii.Error) as error:
            raise BadRequest(f"Give path, and payload (base64) or text: {error!r}") from error
        return json_response({"files": self.listing()}, 201)

    def _show_file(self, _: Request, user: str, path: str) -> Response:
        if user not in self.storages:
            raise NotFound(f"There is no user {user}.")
        try:
            content = self.storages[user].local(path).read_bytes()
        except OSError as error:
            raise NotFound(f"There is no file {path}.") from error
        return _plain_bytes(content)

    def _show_taken(self, _: Request, number: int) -> Response:
        if not 0 < number <= len(self.partner.taken):
            raise NotFound(f"The partner took no file number {number}.")
        return _plain_bytes(self.partner.content(number))

    def _partner(self, request: Request) -> Response:
        """Show the partner; with POST change `active`, `verdict`, `verdicts`, `ack_after`, `marker`."""
        if request.method == "POST":
            try:
                _instruct(self.partner, json_object(request))
            except (TypeError, ValueError, AttributeError) as error:
                raise BadRequest(str(error)) from error
        company = self.partner.company
        return json_response(
            {
                "active": self.partner.active,
                "verdict": company.verdict,
                "verdicts": company.verdicts,
                "ack_after": self.partner.ack_after,
                "marker": self.partner.marker,
                "taken": self.partner.taken,
                "documents": company.documents,
                "answers_due": len(self.partner.due),
            }
        )

    def _show_complaints(self, _: Request) -> Response:
        return json_response({"complaints": self.partner.company.complaints})

    def _show_host_keys(self, _: Request) -> Response:
        keys = [
            {
                "kind": key.get_name(),
                "fingerprint": key.fingerprint,
                "key": f"{key.get_name()} {key.get_base64()}",
            }
            for key in self.host_keys.usual
        ]
        return json_response({"host_keys": keys})


def _instruct(partner: FolderPartner, order: dict[str, Any]) -> None:
    known = {"active", "verdict", "verdicts", "ack_after", "marker"}
    if unknown := order.keys() - known:
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}.")
    verdicts = {str(key): value and Verdict(value) for key, value in order.get("verdicts", {}).items()}
    verdict = Verdict(order.get("verdict", partner.company.verdict))
    partner.ack_after = max(0.0, float(order.get("ack_after", partner.ack_after)))
    partner.active = str(order.get("active", partner.active)).lower() == "true"
    partner.marker = str(order.get("marker", partner.marker))
    partner.company.instruct(verdict, verdicts)


def _plain_bytes(content: bytes) -> Response:
    return Response(content, content_type="application/octet-stream")
