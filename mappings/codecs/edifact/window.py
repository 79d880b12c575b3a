"""The window on an EDIFACT file."""

from __future__ import annotations

import re
from typing import BinaryIO

from mappings.codecs.edifact.envelope import Separators
from mappings.codecs.edifact.separators import Wire
from mappings.codecs.window import FILLING, MAX_MESSAGE, FileWindow

SKIPPED = re.compile(FILLING.encode())
WIDTHS = frozenset({70, 72, 76, 80, 128, 132, 256, 512})
"""Lengths of lines at which systems cut files, even if only one line is so long."""


class Window(FileWindow):
    """The part of the file that is in memory, as bytes."""

    START = re.compile(rb"UNA[^A-Za-z0-9]{6}[ \r\n\t]*+UNB|UNB[^A-Za-z0-9](?:UNO|KEC)[A-Z]", re.DOTALL)
    LONGEST_START = 40

    def __init__(self, source: BinaryIO | bytes) -> None:
        self.wrapped = False
        self.use(Separators(), 3)
        super().__init__(source)

    def use(self, separators: Separators, version: int) -> None:
        """From here on, segments are separated by `separators`."""
        self.wire = Wire(separators, version)
        terminator, element = (re.escape(s.encode()) for s in (separators.segment, separators.element))
        self._terminator = separators.segment.encode()
        self._boundary = re.compile(
            terminator + rb"[ \t\r\n]*+U[\r\n]*+N[\r\n]*+"
            rb"(?:([THZEG])[\r\n]*+" + element + rb"|B[\r\n]*+[^A-Za-z0-9]|A(?=[^A-Za-z0-9]{6}))",
            re.DOTALL,
        )

    def look_for_wrapping(self) -> None:
        """Find out whether the file is cut into lines of equal length, wherever segments end."""
        if self._terminator == b"\n":
            self.wrapped = False
            return
        start = self.data.rfind(b"\n", 0, self.at) + 1
        lines = [line.rstrip(b"\r") for line in self.data[start:].split(b"\n")[:-1]]
        broken = [len(line) for line in lines if line and not line.rstrip(b" ").endswith(self._terminator)]
        longest = max(map(len, lines), default=0)
        enough = len(broken) > 1 or longest in WIDTHS
        # A further interchange of the file may begin within a line.
        alike = self.wrapped or all(length == longest for length in broken)
        self.wrapped = bool(broken) and enough and alike

    def skip_filling(self) -> bool:
        """Pass over what stands between segments. False at the end of the file."""
        while True:
            match = SKIPPED.match(self.data, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.data):
                return True
            if not self.more():
                return False

    def tag(self) -> str:
        """The tag of the segment that follows, without taking it."""
        start = self.data[self.at : self.at + 3]
        if len(start) < 3 or not start.isalpha():
            self.holds(16)
            start = self.data[self.at : self.at + 16].translate(None, b"\r\n")[:3]
        return start.decode("latin-1")

    def segment(self) -> str | None:
        """Take the next segment, without its terminator. None, and all of it passed over, if it has no end."""
        searched = 0
        while True:
            end = self._end(self.at + searched)
            if end >= 0:
                return self._take(end + 1)[:-1]
            searched = len(self.data) - self.at
            if searched > MAX_MESSAGE or not self.more():
                self.at = len(self.data)
                return None

    def message(self) -> tuple[str, bool]:
        """Take a message from its UNH to its UNT, both included, and True.

        If another segment of the envelope or the end of the file comes first, take what is before it, and False.
        """
        searched = 0
        while True:
            boundary = self._boundary.search(self.data, self.at + searched)
            if boundary and self._is_released(boundary.start()):
                searched = boundary.start() + 1 - self.at
                continue
            if boundary and boundary[1] == b"T":
                end = self._end(boundary.end())
                if end >= 0:
                    return self._take(end + 1), True
            elif boundary:
                return self._take(boundary.start() + 1), False
            # What follows the last terminator may be cut in two by the end of the window.
            last = self.data.rfind(self._terminator, self.at + searched)
            searched = (last if last >= 0 else len(self.data)) - self.at
            if len(self.data) - self.at > MAX_MESSAGE or not self.more():
                return self._take(self._cut()), False

    def _end(self, start: int) -> int:
        """Where the next terminator stands that is not released; -1 if there is none in the window."""
        end = self.data.find(self._terminator, start)
        while end >= 0 and self._is_released(end):
            end = self.data.find(self._terminator, end + 1)
        return end

    def _is_released(self, at: int) -> bool:
        """Whether an odd number of release characters stands before `at`."""
        release = self.wire.release[0]
        count = 0
        at -= 1
        while at >= self.at:
            if self.data[at] == release:
                count += 1
            elif not (self.wrapped and self.data[at] in b"\r\n"):
                break
            at -= 1
        return count % 2 == 1

    def _take(self, end: int) -> str:
        raw = self.data[self.at : end]
        self.at = end
        return self.wire.read(raw.translate(None, b"\r\n") if self.wrapped else raw)
