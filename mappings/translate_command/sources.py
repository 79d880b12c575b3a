"""Where the command reads from: a file or a pipe, of any size."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from mappings.codecs.detect import HEAD
from mappings.translate_command.options import UsageError


class Head:
    """A stream whose first bytes have been looked at, in `head`; they are read like the others."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.head = b""
        while len(self.head) < HEAD and (chunk := stream.read(HEAD - len(self.head))):
            self.head += chunk
        self.waiting = self.head

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all that is left without; empty at the end."""
        if size < 0:
            given, self.waiting = self.waiting, b""
            return given + self.stream.read()
        if self.waiting:
            given, self.waiting = self.waiting[:size], self.waiting[size:]
            return given
        return self.stream.read(size)


@contextmanager
def opened(name: str) -> Iterator[tuple[BinaryIO, bytes]]:
    """The file, or standard input for `-` or nothing: from its beginning on, and its first bytes."""
    if name not in ("", "-"):
        with _file(name) as stream:
            source = Head(stream)
            yield cast("BinaryIO", source), source.head
        return
    if not name and sys.stdin.isatty():
        raise UsageError("Name a file, or - to type or paste it here.")
    source = Head(sys.stdin.buffer)
    yield cast("BinaryIO", source), source.head


def _file(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from error


@contextmanager
def rewindable(source: BinaryIO) -> Iterator[BinaryIO]:
    """`source` where it can be read twice: on disk, since it may be large."""
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        yield cast("BinaryIO", copy)
