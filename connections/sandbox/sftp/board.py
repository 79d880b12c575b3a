"""What sessions share with the rest: the fault switches, the list of requests, the finished file."""

from collections import deque
from collections.abc import Callable
from errno import EACCES
from typing import Any

from connections.sandbox.common import Faults

KEPT_REQUESTS = 1000


class Board:
    """The switches of the SFTP stand-in and the newest requests.

    `on_finished` is called with the user's name after an upload or a rename when `taken_at_once` strikes.
    """

    def __init__(
        self, faults: Faults, pause: Callable[[float], None], on_finished: Callable[[str], None]
    ) -> None:
        self.faults = faults
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self._pause = pause
        self._on_finished = on_finished
        declare_switches(faults)

    def note(self, user: str, request: str, *paths: str) -> dict[str, Any]:
        """Put a request on the list; the caller adds `refused` when it was."""
        entry: dict[str, Any] = {"user": user, "request": request, "paths": list(paths), "refused": ""}
        self.requests.append(entry)
        return entry

    def before(self, user: str, request: str, path: str) -> None:
        """Let the faults strike that come before a request. Raises PermissionError."""
        self.slow_down(request, path)
        if self.faults.take("permission_refused", user=user, request=request, path=path):
            raise PermissionError(EACCES, "Permission denied", path)

    def slow_down(self, request: str, path: str) -> None:
        if slow := self.faults.take("slow_request", request=request, path=path):
            self._pause(float(slow["seconds"]))

    def finished_file(self, user: str, path: str) -> None:
        """A file was closed after writing, or got its final name."""
        if self.faults.take("taken_at_once", path=path):
            self._on_finished(user)


def declare_switches(faults: Faults) -> None:
    """Make the switches known that the sessions and the server take."""
    where = {"path": None, "user": None}
    faults.declare("login_refused", "The right credentials are refused.", user=None)
    faults.declare("changed_host_key", "New connections are shown another host key.")
    faults.declare("silent", "New connections are accepted and get no answer at all.")
    faults.declare("slow_request", "Wait before carrying out a request.", seconds=5, request=None, path=None)
    faults.declare("permission_refused", "Permission denied.", request=None, **where)
    faults.declare("disk_full", "Writing fails after so many bytes of a file.", after_bytes=0, **where)
    faults.declare("cut_in_upload", "The connection breaks after so many bytes.", after_bytes=1000, **where)
    faults.declare("cut_after_upload", "The connection breaks when a written file was closed.", **where)
    faults.declare("cut_after_rename", "A rename is done, the connection breaks unanswered.", **where)
    faults.declare("no_posix_rename", "The extension posix-rename@openssh.com is not supported.")
    faults.declare("taken_at_once", "The partner takes a file in the moment it is finished.", path=None)
