"""Taking the envelope off an interchange, for systems that write one of their own."""

from collections.abc import Iterator

X12_ENVELOPE = (b"ISA", b"GS", b"GE", b"IEA")
EDIFACT_ENVELOPE = (b"UNB", b"UNG", b"UNE", b"UNZ")
# EDIFACT's usual service characters, which UNA may replace.
USUAL = b":+.? '"


def without_envelope(content: bytes) -> bytes:
    """The messages of an X12 or EDIFACT interchange alone: ST to SE, UNH to UNT, byte for byte.

    Line ends after segments stay. EDIFACT keeps its UNA where its service characters are not the usual ones. Bytes
    that are neither are returned as they are.
    """
    if content.startswith(b"ISA") and len(content) > 106:
        return b"".join(_kept(content, 0, content[105:106], b"", X12_ENVELOPE, content[103:104]))
    if content.startswith((b"UNA", b"UNB")):
        advice = content[3:9] if content.startswith(b"UNA") else USUAL
        start = 9 if content.startswith(b"UNA") else 0
        kept = _kept(content, start, advice[5:6], advice[3:4].strip(), EDIFACT_ENVELOPE, advice[1:2])
        return (content[:9] if advice != USUAL else b"") + b"".join(kept)
    return content


def _kept(
    content: bytes, start: int, end: bytes, release: bytes, envelope: tuple[bytes, ...], separator: bytes
) -> Iterator[bytes]:
    """Each segment with its terminator and line end, but for those of the envelope."""
    while start < len(content):
        stop = _end_of_segment(content, start, end, release)
        tag = content[start:stop].lstrip(b"\r\n ").partition(separator)[0].rstrip(end)
        if tag and tag not in envelope:
            yield content[start:stop].lstrip(b"\r\n")
        start = stop


def _end_of_segment(content: bytes, start: int, end: bytes, release: bytes) -> int:
    """Where the next segment begins: after the terminator, unless it is released, and what line ends follow."""
    at = start
    while True:
        at = content.find(end, at)
        if at < 0:
            return len(content)
        released = 0
        while release and at - released > start and content[at - released - 1 : at - released] == release:
            released += 1
        at += 1
        if released % 2 == 0:
            break
    while content[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at
