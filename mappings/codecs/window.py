"""A window on a file of segments, which moves on without keeping what has been read."""

from __future__ import annotations

import io
import re
from typing import BinaryIO, ClassVar

BLOCK = 1 << 17
MAX_MESSAGE = 1 << 26
"""The longest message, in bytes, that is read. A longer one, or a file without any trailer, is given up there."""

BOM = b"\xef\xbb\xbf"
FILLING = "[ \t\r\n\x00\x1a]*+"
"""What may stand around segments without meaning anything: blanks, line ends, padding, an old end-of-file mark."""


class FileWindow:
    """The part of a file that is in memory, as bytes: what the windows of X12 and EDIFACT have in common."""

    START: ClassVar[re.Pattern[bytes]]
    """The beginning of an interchange, wherever it stands and whatever its separators."""
    LONGEST_START: ClassVar[int]
    """So many bytes at most are needed to see one."""

    def __init__(self, source: BinaryIO | bytes) -> None:
        self.source = io.BytesIO(source) if isinstance(source, bytes) else source
        self.data = b""
        self.at = 0
        self.ended = False
        self._line = 1
        self._counted = 0
        self.more()
        if self.data.startswith(BOM):
            self.at = len(BOM)

    def more(self) -> bool:
        """Read on, at least as much as is waiting, so that the work stays linear. False at the end of the file."""
        if self.ended:
            return False
        self.line_at(self.at)
        chunk = self.source.read(max(BLOCK, len(self.data) - self.at))
        self.ended = not chunk
        self._keep_from(self.at, chunk)
        self.at = self._counted = 0
        return not self.ended

    def _keep_from(self, at: int, chunk: bytes) -> None:
        """Drop what stands before `at`, and append `chunk`."""
        self.data = self.data[at:] + chunk

    def line_at(self, at: int) -> int:
        """The line of the file at position `at` of the window; call it with growing positions."""
        if self.data.find(b"\n", self._counted, at) >= 0:  # to find none takes less time than to count none
            self._line += self.data.count(b"\n", self._counted, at)
        self._counted = max(self._counted, at)
        return self._line

    def holds(self, length: int) -> bool:
        """Whether at least `length` bytes follow; reads on if need be."""
        while len(self.data) - self.at < length:
            if not self.more():
                return False
        return True

    def find_start(self) -> None:
        """Move to where the next interchange may begin, after this position, or to the end."""
        self.at += 1
        while True:
            found = self.START.search(self.data, self.at)
            if found:
                self.at = found.start()
                return
            self.at = max(self.at, len(self.data) - self.LONGEST_START)
            if not self.more():
                self.at = len(self.data)
                return

    def _cut(self) -> int:
        """Where a message without an end stops at the latest: before an interchange that begins inside of it."""
        found = self.START.search(self.data, self.at + 1)
        return found.start() if found else len(self.data)
