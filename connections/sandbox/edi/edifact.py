"""Reading EDIFACT interchanges (syntax version 3, ISO 9735) strictly, and answering them with CONTRL.

Only the service segments and the document number (BGM 1004) matter to the partner.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from connections.sandbox.edi.documents import Document, UnreadableError, Verdict

NOT_ORIGINAL = {"1", "5", "7", "31"}  # BGM 1225: cancellation, replace, duplicate, copy
MESSAGE_TYPES = {"INVOIC", "ORDERS", "REMADV", "DESADV", "ORDRSP", "CONTRL", "APERAK"}
ACKNOWLEDGED, REJECTED = "7", "4"


@dataclass(frozen=True)
class Signs:
    """The separators: of UNA, or those that hold without it."""

    component: str = ":"
    element: str = "+"
    release: str = "?"
    terminator: str = "'"


@dataclass
class Message:
    """`faults` are codes of data element 0085; the composites of UNH are kept as they were sent."""

    header: list[str]
    document: Document
    faults: list[str] = field(default_factory=list)
    segments: int = 1


@dataclass
class Interchange:
    signs: Signs
    header: list[str]  # UNB, composites unsplit
    messages: list[Message] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)  # 0085 and a sentence
    doubts: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Data element 0020, the interchange control reference."""
        return element(self.header, 5)

    @property
    def documents(self) -> list[Document]:
        return [message.document for message in self.messages]


def element(segment: list[str], number: int) -> str:
    return segment[number] if number < len(segment) else ""


def read(payload: bytes) -> list[Interchange]:
    """The interchange of a file, in a list as for X12. Raises UnreadableError."""
    text = payload.decode("latin-1").lstrip("\r\n \ufeff")
    signs, text = _read_una(text)
    segments = _split(text.replace("\r", "").replace("\n", ""), signs)
    if not segments or segments[0][0] != "UNB":
        raise UnreadableError("The file does not begin with UNA or UNB.")
    interchange = Interchange(signs, segments[0])
    _read_messages(interchange, segments[1:])
    return [interchange]


def _read_una(text: str) -> tuple[Signs, str]:
    if not text.startswith("UNA"):
        return Signs(), text
    if len(text) < 9:
        raise UnreadableError("UNA is cut off.")
    return Signs(component=text[3], element=text[4], release=text[6], terminator=text[8]), text[9:]


def _split(text: str, signs: Signs) -> list[list[str]]:
    """Segments as lists of elements; a released sign stays released (`?+`), so that it is no separator."""
    token = re.compile(
        f"{re.escape(signs.release)}.|[^{re.escape(signs.release + signs.element + signs.terminator)}]+|.",
        re.DOTALL,
    )
    segments, current = [], [""]
    for found in token.finditer(text):
        part = found.group()
        if part == signs.terminator:
            segments.append(current)
            current = [""]
        elif part == signs.element:
            current.append("")
        else:
            current[-1] += part
    if current != [""]:
        raise UnreadableError("The last segment has no terminator.")
    return segments


def _read_messages(interchange: Interchange, segments: list[list[str]]) -> None:
    message: Message | None = None
    closed = False
    for segment in segments:
        tag = segment[0]
        if closed or (message is None and tag not in {"UNH", "UNZ", "UNG", "UNE"}):
            interchange.faults.append(("33", f"Segment {tag} stands outside a message."))
        elif tag == "UNH":
            message = _open(interchange, segment)
        elif tag == "UNZ":
            closed = True
            _check_unz(interchange, segment)
        elif message is not None:
            message.segments += 1
            if tag == "BGM":
                _read_bgm(message.document, segment, interchange.signs)
            if tag == "UNT":
                _close(message, segment)
                message = None
    if message is not None or not closed:
        interchange.faults.append(("13", "The file ends before UNT or UNZ."))


def _open(interchange: Interchange, unh: list[str]) -> Message:
    kind = element(unh, 2).split(interchange.signs.component)[0]
    message = Message(unh, Document(kind=kind, control=element(unh, 1)))
    if kind not in MESSAGE_TYPES:
        _refuse(message, "14", f"Message type {kind!r} is not known here.")
    if any(other.document.control == message.document.control for other in interchange.messages):
        _refuse(message, "26", f"Message reference {message.document.control} stands twice.")
    interchange.messages.append(message)
    return message


def _read_bgm(document: Document, bgm: list[str], signs: Signs) -> None:
    document.number = element(bgm, 2).split(signs.component)[0]
    document.replaces = element(bgm, 3) in NOT_ORIGINAL


def _close(message: Message, unt: list[str]) -> None:
    if element(unt, 1) != str(message.segments):
        _refuse(message, "29", f"UNT says {element(unt, 1)}, there are {message.segments} segments.")
    if element(unt, 2) != message.document.control:
        _refuse(
            message, "28", f"UNT reference {element(unt, 2)} is not that of UNH {message.document.control}."
        )


def _refuse(message: Message, code: str, text: str) -> None:
    message.faults.append(code)
    message.document.refusals.append(text)


def _check_unz(interchange: Interchange, unz: list[str]) -> None:
    if element(unz, 1) != str(len(interchange.messages)):
        interchange.faults.append(
            ("29", f"UNZ says {element(unz, 1)}, there are {len(interchange.messages)}.")
        )
    if element(unz, 2) != interchange.reference:
        interchange.faults.append(("28", f"UNZ reference {element(unz, 2)} is not that of UNB."))


def answer(
    interchange: Interchange,
    verdict_of: Callable[[Document], Verdict],
    next_control: Callable[[], int],
    now: datetime,
    *,
    refused: tuple[str, str] | None = None,
) -> bytes | None:
    """The CONTRL interchange, or None: for a CONTRL, and when the verdict on a message is NEVER.

    CONTRL knows no "accepted with errors": that verdict reads as accepted.
    """
    messages = interchange.messages
    if messages and all(message.document.kind == "CONTRL" for message in messages):
        return None
    problem = refused or next(iter(interchange.faults), None)
    verdicts = [verdict_of(message.document) for message in messages]
    if problem is None and Verdict.NEVER in verdicts:
        return None
    signs, unb, reference = interchange.signs, interchange.header, f"{next_control():05}"
    uci = ["UCI", interchange.reference, element(unb, 2), element(unb, 3)]
    uci += [REJECTED, problem[0]] if problem else [ACKNOWLEDGED]
    refusals = [] if problem else list(_ucm(messages, verdicts))
    body = [["UNH", "1", signs.component.join(("CONTRL", "D", "3", "UN"))], uci, *refusals]
    stamp = f"{now:%y%m%d}{signs.component}{now:%H%M}"
    segments = [
        ["UNB", element(unb, 1), element(unb, 3), element(unb, 2), stamp, reference],
        *body,
        ["UNT", str(len(body) + 1), "1"],
        ["UNZ", "1", reference],
    ]
    una = f"UNA{signs.component}{signs.element}.{signs.release} {signs.terminator}"
    return (una + "".join(signs.element.join(one) + signs.terminator for one in segments)).encode("latin-1")


def _ucm(messages: list[Message], verdicts: list[Verdict]) -> list[list[str]]:
    lines = []
    for index, (message, verdict) in enumerate(zip(messages, verdicts, strict=True)):
        rejected = verdict is Verdict.REJECT or (verdict is Verdict.PARTIAL and index == 0)
        if message.faults or rejected:
            code = message.faults[0] if message.faults else "12"
            lines.append(["UCM", element(message.header, 1), element(message.header, 2), REJECTED, code])
    return lines
