"""From a partner's separators to the internal ones, and back: the release character disappears and comes again."""

from __future__ import annotations

from mappings.codecs.edifact.envelope import Separators
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR

INTERNAL = ELEMENT + TERMINATOR + COMPONENT + REPETITION
RELEASE = 0x1B
IMPOSSIBLE = 0x1A
"""Stands for a byte that would be taken for an internal separator, so that no table accepts it."""
RELEASED = "\x01"
"""Stands for the release character while a text is written."""
STOPGAPS = (0x01, 0x02, 0x03, 0x04, 0x05)
"""Stand for released characters, in the order of `Wire.released`, while separators are translated."""


class Wire:
    """The bytes of one partner's interchanges, as texts of one character per byte in the internal separators."""

    def __init__(self, separators: Separators, version: int) -> None:
        self.separators = separators
        s = separators
        repetition = s.repetition if version > 3 else ""
        self._pairs = tuple(
            (ord(mark), ord(internal))
            for mark, internal in zip((s.element, s.segment, s.component, repetition), INTERNAL, strict=True)
            if mark
        )
        table = bytearray(range(256))
        for point in (*map(ord, INTERNAL), RELEASE, *STOPGAPS):
            table[point] = IMPOSSIBLE
        for mark, internal in self._pairs:
            table[mark] = internal
        self._plain = bytes(table)
        table[ord(s.release)] = RELEASE
        self._with_release = bytes(table)
        released = ((ord(s.release), RELEASE), *self._pairs)
        self._released = [
            (bytes((RELEASE, internal)), bytes((stopgap,)))
            for (_, internal), stopgap in zip(released, STOPGAPS, strict=False)
        ]
        back = bytearray(range(256))
        for (mark, _), stopgap in zip(released, STOPGAPS, strict=False):
            # A separator that is a control character can be no data, not even released.
            back[stopgap] = mark if mark > 0x1F else IMPOSSIBLE
        self._back = bytes(back)
        self.release = s.release.encode()

    def read(self, raw: bytes) -> str:
        """`raw` in the internal separators."""
        if self.release not in raw:
            return raw.translate(self._plain).decode("latin-1")
        data = raw.translate(self._with_release)
        for pair, stopgap in self._released:
            data = data.replace(pair, stopgap)
        return data.replace(bytes((RELEASE,)), b"").translate(self._back).decode("latin-1")

    def write(self, text: str, encoding: str) -> bytes:
        """`text`, in the internal separators, as bytes in `encoding`. Data that looks like a separator is released."""
        s = self.separators
        for mark in (s.release, *(chr(mark) for mark, _ in self._pairs)):
            if mark > "\x1f":
                text = text.replace(mark, RELEASED + mark)
        if s.line_end:
            text = text.replace(TERMINATOR, TERMINATOR + s.line_end)
        marks, internal = zip(*self._pairs, strict=True)
        # The release character itself may be an internal separator, so it comes with the others.
        table = bytes.maketrans(bytes((*internal, ord(RELEASED))), bytes((*marks, ord(s.release))))
        return text.encode(encoding).translate(table)
