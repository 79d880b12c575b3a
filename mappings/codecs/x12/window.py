"""A window on a file of segments, which moves on without keeping what has been read."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR
from mappings.codecs.x12.envelope import Delimiters

BLOCK = 1 << 17
MAX_MESSAGE = 1 << 26
"""The longest message, in bytes, that is read. A longer one, or a file without any trailer, is given up there."""

BOM = b"\xef\xbb\xbf"
SKIPPED = re.compile("[ \t\r\n\x00\x1a]*+")
"""What may stand around segments without meaning anything: blanks, line ends, padding, an old end-of-file mark."""

BOUNDARY = re.compile(f"{TERMINATOR}[\r\n ]*+(?:(SE|ST|GE|GS|IEA){ELEMENT}|ISA[^A-Za-z0-9])")
START = re.compile(rb"ISA([^A-Za-z0-9\s])[0-9A-Z]{2}\1[ -~]{10}\1", re.DOTALL)
"""The beginning of an ISA, wherever it stands and whatever its delimiters."""


class Window:
    """The part of a file that is in memory, as bytes and as text of the same length in the internal delimiters."""

    def __init__(self, source: BinaryIO | bytes) -> None:
        self.source = io.BytesIO(source) if isinstance(source, bytes) else source
        self.data = b""
        self.text = ""
        self.at = 0
        self.ended = False
        self._table: bytes | None = None
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
        self.data = self.data[self.at :] + chunk
        self.text = self.text[self.at :] + self._translated(chunk)
        self.at = self._counted = 0
        return not self.ended

    def line_at(self, at: int) -> int:
        """The line of the file at position `at` of the window; call it with growing positions."""
        if self.data.find(b"\n", self._counted, at) >= 0:  # to find none takes less time than to count none
            self._line += self.data.count(b"\n", self._counted, at)
        self._counted = max(self._counted, at)
        return self._line

    def use(self, delimiters: Delimiters) -> None:
        """From here on, translate `delimiters` to the internal ones.

        The internal ones, if they stand in the file without being this partner's delimiters, cannot be data either.
        """
        table = bytearray(range(256))
        internal = (ELEMENT, TERMINATOR, COMPONENT, REPETITION)
        for character in internal:
            table[ord(character)] = 0x1A
        for delimiter, character in zip(delimiters, internal, strict=False):
            if delimiter:
                table[ord(delimiter)] = ord(character)
        self._table = bytes(table)
        self.text = self._translated(self.data)

    def _translated(self, data: bytes) -> str:
        """`data` as text, one character for each byte."""
        return (data.translate(self._table) if self._table else data).decode("latin-1")

    def skip_filling(self) -> bool:
        """Pass over what stands between segments. False at the end of the file."""
        while True:
            match = SKIPPED.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return True
            if not self.more():
                return False

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
            found = START.search(self.data, self.at)
            if found:
                self.at = found.start()
                return
            self.at = max(self.at, len(self.data) - 20)
            if not self.more():
                self.at = len(self.data)
                return

    def segment(self) -> str | None:
        """Take the next segment, without its terminator. None, and all of it passed over, if it has no end."""
        searched = self.at
        while True:
            end = self.text.find(TERMINATOR, searched)
            if end >= 0:
                segment = self.text[self.at : end]
                self.at = end + 1
                return segment
            searched = len(self.text) - self.at
            if searched > MAX_MESSAGE or not self.more():
                self.at = len(self.text)
                return None

    def matching(self, pattern: re.Pattern[str]) -> list[str]:
        """Take message after message from here on, as long as `pattern` matches what the window holds."""
        # All are found before the first is translated: going to and fro between the two slows down both, by a fifth.
        found, text, at = [], self.text, self.at
        while match := pattern.match(text, at):
            found.append(match[0])
            at = match.end()
        self.at = at
        return found

    def message(self) -> tuple[str, bool]:
        """Take a message from its ST to its SE, both included, and True.

        If another segment of the envelope or the end of the file comes first, take what is before it, and False.
        """
        searched = self.at
        while True:
            boundary = BOUNDARY.search(self.text, searched)
            if boundary and boundary[1] == "SE":
                end = self.text.find(TERMINATOR, boundary.end())
                if end >= 0:
                    return self._take(end + 1), True
            elif boundary:
                return self._take(boundary.start() + 1), False
            # A boundary may be cut in two by the end of the window.
            searched = max(0, (boundary.start() if boundary else len(self.text) - 8) - self.at)
            if len(self.text) - self.at > MAX_MESSAGE or not self.more():
                return self._take(self._cut()), False

    def _cut(self) -> int:
        """Where a message without an end stops at the latest: before an interchange that begins inside of it."""
        found = START.search(self.data, self.at)
        return found.start() if found else len(self.text)

    def _take(self, end: int) -> str:
        taken = self.text[self.at : end]
        self.at = end
        return taken
