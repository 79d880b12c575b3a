"""paramiko's SFTP client with names as bytes and with every answer heard, and what the answers mean."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR, SFTP_EOF, SFTP_OK
from paramiko.sftp_attr import SFTPAttributes

from connections.systems.base import Misconfigured, SystemFailure, Temporary

CHUNK = 32 * 1024

NO_SUCH_FILE, PERMISSION_DENIED, UNSUPPORTED = 2, 3, 8
# Codes of later protocol versions, which some servers use all the same.
NO_SPACE, QUOTA_EXCEEDED = 14, 15

# How a broken connection, or a server that talks nonsense, comes out of paramiko.
BROKEN = (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError, ValueError, struct.error)


class Refusal(Exception):
    """The server answered an operation with an error status. Not an OSError: paramiko swallows those."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text or f"status {code}")
        self.code = code

    @property
    def is_missing(self) -> bool:
        return self.code == NO_SUCH_FILE

    @property
    def is_forbidden(self) -> bool:
        return self.code == PERMISSION_DENIED

    @property
    def is_unsupported(self) -> bool:
        return self.code == UNSUPPORTED

    def as_failure(self, act: str, path: str) -> SystemFailure:
        """What it means to people: `act` is what was tried ("write to"), `path` where."""
        where = f"“{path}”"
        if self.is_missing:
            return Misconfigured(
                f"{where} does not exist on the server.",
                remedy="Correct the folder, or have it created there.",
                detail=str(self),
            )
        if self.is_forbidden:
            return Misconfigured(
                f"The server does not allow us to {act} {where}.",
                remedy="Ask the partner for that permission, or correct the folder.",
                detail=str(self),
            )
        remedy = "Tell the partner if it goes on: the disk there may be full."
        if self.code in (NO_SPACE, QUOTA_EXCEEDED):
            return Temporary(f"There is no space left in {where}.", remedy=remedy, detail=str(self))
        return Temporary(f"The server failed to {act} {where}.", remedy=remedy, detail=str(self))


class Client(paramiko.SFTPClient):
    """An open SFTP channel. Paths are text; error statuses are raised as `Refusal`."""

    if TYPE_CHECKING:

        def _request(self, kind: int, *args: Any) -> tuple[int, paramiko.Message]: ...

    def _convert_status(self, msg: paramiko.Message) -> None:
        code = msg.get_int()
        if code == SFTP_EOF:
            raise EOFError
        if code != SFTP_OK:
            raise Refusal(code, msg.get_binary().decode("utf-8", "replace")[:200])

    def entries(self, folder: str) -> Iterator[tuple[bytes, SFTPAttributes]]:
        """What lies in `folder`, in the server's order; paramiko's listing fails on names beyond UTF-8."""
        kind, message = self._request(CMD_OPENDIR, folder)
        if kind != CMD_HANDLE:
            raise paramiko.SFTPError("a handle was expected")
        handle = message.get_binary()
        with suppress(EOFError):
            while True:
                kind, message = self._request(CMD_READDIR, handle)
                if kind != CMD_NAME:
                    raise paramiko.SFTPError("names were expected")
                for _ in range(message.get_int()):
                    name = message.get_binary()
                    message.get_binary()  # the line that `ls -l` would print
                    attributes = SFTPAttributes._from_msg(message)  # type: ignore[attr-defined] # noqa: SLF001
                    if name not in (b".", b".."):
                        yield name, attributes
        self._request(CMD_CLOSE, handle)

    def size_of(self, path: str) -> int | None:
        """The size of a file in bytes; None if there is none. Raises `Refusal` when the server won't say."""
        try:
            return self.stat(path).st_size or 0
        except Refusal as refusal:
            if refusal.is_missing:
                return None
            raise

    def fill(self, file: paramiko.SFTPFile, content: IO[bytes]) -> None:
        """Write all of `content` and close the file; paramiko's own close hides the answer, even of a full disk."""
        content.seek(0)
        while piece := content.read(CHUNK):
            file.write(piece)
        file.flush()
        file._closed = True  # type: ignore[attr-defined] # noqa: SLF001
        self._request(CMD_CLOSE, file.handle)

    def store(self, path: str, content: IO[bytes]) -> None:
        """Write a file anew."""
        self.fill(self.open(path, "wb"), content)

    def get_bytes(self, path: str, size: int) -> bytes:
        """The first `size` bytes of a file; fewer if it is shorter."""
        return b"".join(self.pieces(path, size))

    def pieces(self, path: str, size: int) -> Iterator[bytes]:
        """The same, a chunk at a time."""
        with self.open(path, "rb") as file:
            while size > 0 and (piece := file.read(min(CHUNK, size))):
                size -= len(piece)
                yield piece
