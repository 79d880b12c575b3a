"""The window on an X12 file."""

from __future__ import annotations

import re
from typing import BinaryIO

from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR
from mappings.codecs.window import FILLING, MAX_MESSAGE, FileWindow
from mappings.codecs.x12.envelope import Delimiters

SKIPPED = re.compile(FILLING)
BOUNDARY = re.compile(f"{TERMINATOR}[\r\n ]*+(?:(SE|ST|GE|GS|IEA){ELEMENT}|ISA[^A-Za-z0-9])")


class Window(FileWindow):
    """The part of the file that is in memory, as bytes and as text of the same length in the internal delimiters."""

    START = re.compile(rb"ISA([^A-Za-z0-9\s])[0-9A-Z]{2}\1[ -~]{10}\1", re.DOTALL)
    LONGEST_START = 20

    def __init__(self, source: BinaryIO | bytes) -> None:
        self.text = ""
        self._table: bytes | None = None
        super().__init__(source)

    def _keep_from(self, at: int, chunk: bytes) -> None:
        super()._keep_from(at, chunk)
        self.text = self.text[at:] + self._translated(chunk)

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

    def _take(self, end: int) -> str:
        taken = self.text[self.at : end]
        self.at = end
        return taken
