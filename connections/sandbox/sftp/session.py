"""One signed-in user's SFTP requests, carried out on the real folder, with the faults that are armed."""

import errno
import os
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import paramiko
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_OP_UNSUPPORTED, SFTP_PERMISSION_DENIED

from connections.sandbox.sftp.board import Board
from connections.sandbox.sftp.storage import Storage

LONGEST_READ = 256 * 1024
WRITING = os.O_WRONLY | os.O_RDWR

P = ParamSpec("P")
T = TypeVar("T")


def request(
    method: Callable[Concatenate["Session", str, P], T],
) -> Callable[Concatenate["Session", str, P], T | int]:
    """Carry out one request on a path: note it, let faults strike, turn an OSError into SFTP's code."""

    @wraps(method)
    def carried_out(self: "Session", path: str, /, *args: P.args, **kwargs: P.kwargs) -> T | int:
        path = self.canonicalize(path)
        note = self.board.note(self.username, method.__name__, path, *map(str, args[:1]))
        try:
            self.board.before(self.username, method.__name__, path)
            return method(self, path, *args, **kwargs)
        except OSError as error:
            note["refused"] = error.strerror or str(error)
            return paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)

    return carried_out


class Session(paramiko.SFTPServerInterface):
    """What paramiko's SFTP server asks for; the base class names and explains each request."""

    def __init__(self, server: Any, *, board: Board, storage: Storage) -> None:
        super().__init__(server)
        self.board = board
        self.storage = storage
        self.username: str = server.username
        self.transport: paramiko.Transport = server.transport

    def cut(self) -> None:
        """End the connection without a word, as a broken line does."""
        self.transport.close()

    def canonicalize(self, path: str) -> str:
        """The absolute form of a path. `..` stays in it, to be refused when the path is used."""
        return "/" + "/".join(part for part in path.split("/") if part not in {"", "."})

    @request
    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> "FileHandle":
        local = self.storage.local(path)
        descriptor = os.open(local, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        return FileHandle(self, path, descriptor, writing=bool(flags & WRITING))

    @request
    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        with os.scandir(self.storage.local(path)) as entries:
            return [
                paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
                for entry in entries
            ]

    @request
    def stat(self, path: str) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(self.storage.local(path).lstat())

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        return self.stat(path)

    @request
    def remove(self, path: str) -> int:
        self.storage.local(path).unlink()
        return SFTP_OK

    @request
    def rename(self, oldpath: str, newpath: str) -> int:
        """The plain rename of the protocol: it fails when the new name is taken."""
        old, new = self.storage.local(oldpath), self.storage.local(newpath)
        if old.is_dir():
            old.rename(new)
        else:  # of two who rename to the same name at once, one must fail
            os.link(old, new, follow_symlinks=False)
            old.unlink()
        return self._renamed(newpath)

    @request
    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """OpenSSH's extension: it replaces what has the new name."""
        if self.board.faults.take("no_posix_rename"):
            return SFTP_OP_UNSUPPORTED
        self.storage.local(oldpath).replace(self.storage.local(newpath))
        return self._renamed(newpath)

    def _renamed(self, newpath: str) -> int:
        self.board.finished_file(self.username, newpath)
        if self.board.faults.take("cut_after_rename", path=newpath, user=self.username):
            self.cut()
        return SFTP_OK

    @request
    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        self.storage.local(path).mkdir()
        return SFTP_OK

    @request
    def rmdir(self, path: str) -> int:
        self.storage.local(path).rmdir()
        return SFTP_OK

    @request
    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        _change(self.storage.local(path), attr)
        return SFTP_OK

    def symlink(self, target_path: str, path: str) -> int:
        return SFTP_PERMISSION_DENIED

    def readlink(self, path: str) -> int:
        return SFTP_PERMISSION_DENIED


class FileHandle(paramiko.SFTPHandle):
    """An open file. What shall happen in an upload is decided when the file is opened for writing."""

    def __init__(self, session: Session, path: str, descriptor: int, *, writing: bool) -> None:
        super().__init__()
        self.session = session
        self.path = path
        self.descriptor = descriptor
        self.writing = writing
        take = session.board.faults.take
        where = {"path": path, "user": session.username}
        self.cut_at = take("cut_in_upload", **where) if writing else None
        self.full_at = take("disk_full", **where) if writing else None

    def read(self, offset: int, length: int) -> bytes | int:
        try:
            self.session.board.slow_down("read", self.path)
            return os.pread(self.descriptor, min(length, LONGEST_READ), offset)
        except OSError:
            return SFTP_FAILURE

    def write(self, offset: int, data: Any) -> int:
        end = offset + len(data)
        self.session.board.slow_down("write", self.path)
        if self.full_at is not None and end > int(self.full_at["after_bytes"]):
            self._write_up_to(int(self.full_at["after_bytes"]), offset, data)
            return SFTP_FAILURE  # what ENOSPC becomes in this version of the protocol
        if self.cut_at is not None and end > int(self.cut_at["after_bytes"]):
            self._write_up_to(int(self.cut_at["after_bytes"]), offset, data)
            self.session.cut()
            return SFTP_FAILURE
        try:
            self._write_up_to(end, offset, data)
        except OSError:
            return SFTP_FAILURE
        return SFTP_OK

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.descriptor))

    def chattr(self, attr: paramiko.SFTPAttributes) -> int:
        try:
            _change(self.descriptor, attr)
        except OSError:
            return SFTP_FAILURE
        return SFTP_OK

    def close(self) -> None:
        """Called for a close request, and for what is still open when the connection is gone."""
        os.close(self.descriptor)
        session = self.session
        if not self.writing or not session.transport.is_active():
            return
        session.board.finished_file(session.username, self.path)
        if session.board.faults.take("cut_after_upload", path=self.path, user=session.username):
            session.cut()

    def _write_up_to(self, limit: int, offset: int, data: bytes) -> None:
        data = data[: max(0, limit - offset)]
        while data:
            written = os.pwrite(self.descriptor, data, offset)
            data, offset = data[written:], offset + written


def _change(target: Any, attr: paramiko.SFTPAttributes) -> None:
    """Size and times are changed; owner and permissions of this machine are none of the user's business."""
    if attr.st_size is not None:
        os.truncate(target, attr.st_size)
    if attr.st_atime is not None and attr.st_mtime is not None:
        os.utime(target, (attr.st_atime, attr.st_mtime))
