"""Bytes made readable without changing what they say: one segment a line, control characters visible."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

from audit.models import Delivery, Payload

SHOWN_BYTES = 64 * 1024
SHOWN_LINES = 2000
SHOWN_DOCUMENT = 512 * 1024
# What the mappings know of interchanges and documents; by name, since audit knows nothing of the mappings.
INTERCHANGE_VIEW = "mappings.reading.views.interchange_view"
DOCUMENT_VIEW = "mappings.reading.views.document_view"
# fmt: off
CONTROL_NAMES = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
]
# fmt: on


@dataclass(frozen=True, slots=True)
class Shown:
    """The beginning of a payload, as lines of HTML. `what` says how it was cut into lines.

    `in_words` is the same, segment by segment with names and meanings; empty for what is no interchange.
    """

    payload: Payload
    what: str
    lines: list[SafeString]
    is_whole: bool
    in_words: SafeString


def show(payload_id: int | None) -> Shown | None:
    """The first 64 KiB of a payload; the rest stays in the database."""
    if payload_id is None:
        return None
    head = Substr("content", 1, SHOWN_BYTES, output_field=BinaryField())
    payload = Payload.unscoped.defer("content").annotate(head=head).filter(pk=payload_id).first()
    if payload is None:
        return None
    if payload.removed_at:
        gone = f"the bytes were removed on {payload.removed_at:%d %B %Y}, when their retention time was over"
        return Shown(payload, gone, [], is_whole=True, in_words=SafeString(""))
    content = bytes(payload.head)
    what, pieces = cut(content)
    lines = [visible(piece) for piece in pieces[:SHOWN_LINES]]
    whole = payload.size <= SHOWN_BYTES and len(pieces) <= SHOWN_LINES
    in_words = import_string(INTERCHANGE_VIEW)(content, is_whole=payload.size <= SHOWN_BYTES)
    return Shown(payload, what, lines, whole, SafeString(in_words))


def cut(content: bytes) -> tuple[str, list[bytes]]:
    """How the bytes are cut, and the pieces; joined they are the bytes again.

    X12.5: the segment terminator is the byte after the fixed 105 of the ISA. ISO 9735: it stands in the
    UNA, or is an apostrophe, and does not count after the release character.
    """
    if content.startswith(b"ISA") and len(content) >= 106:
        return "X12, one segment a line", list(_segments(content, content[105:106], b""))
    if content.startswith(b"UNA") and len(content) >= 9:
        head = content[:9]
        return "EDIFACT, one segment a line", [
            head,
            *_segments(content[9:], content[8:9], content[6:7].strip()),
        ]
    if content.startswith(b"UNB"):
        return "EDIFACT, one segment a line", list(_segments(content, b"'", b"?"))
    return "as it is", re.findall(rb"[^\n]*\n|[^\n]+", content)


def _segments(content: bytes, terminator: bytes, release: bytes) -> Iterator[bytes]:
    """Each segment with its terminator, and the line end that some senders put behind it."""
    end, escape = re.escape(terminator), re.escape(release)
    body = rb"[^" + end + escape + rb"]"
    if release:
        body += rb"|" + escape + rb"(?:.|\Z)"
    for found in re.finditer(rb"(?s)(?:" + body + rb")*(?:" + end + rb"[\r\n]*|\Z)", content):
        if found.group():
            yield found.group()


def visible(content: bytes) -> SafeString:
    """The bytes as escaped text: what has no shape shows its name, what is no UTF-8 its hex."""
    text = content.decode("utf-8", errors="surrogateescape")
    parts = re.split(r"([^\x20-\x7e])", text)
    return format_html_join("", "{}", ((_shape(part),) for part in parts if part))


def _shape(part: str) -> str | SafeString:
    if not _is_hidden(part[0]):
        return conditional_escape(part)
    code = ord(part)
    if code < len(CONTROL_NAMES):
        name = CONTROL_NAMES[code]
    elif 0xDC80 <= code <= 0xDCFF:
        name = f"{code - 0xDC00:02X}"
    else:
        name = "DEL" if code == 0x7F else f"U+{code:04X}"
    return format_html('<span class="control">{}</span>', name)


def _is_hidden(character: str) -> bool:
    """Control, format (also those that turn the writing direction) and separator characters but the blank."""
    return unicodedata.category(character)[0] in "CZ" and character != " "


def document_html(delivery: Delivery) -> SafeString:
    """The canonical document for people to read; as it is stored if it is none of ours."""
    found = delivery.canonical
    if found is None or found.size > SHOWN_DOCUMENT:
        return SafeString("")
    view = import_string(DOCUMENT_VIEW)(bytes(found.content))
    return SafeString(view) or json_html(delivery.canonical_id)


def json_html(payload_id: int | None) -> SafeString:
    """A stored JSON text, indented; empty if there is none, and the plain text if it is not JSON."""
    found = Payload.unscoped.filter(size__lte=SHOWN_DOCUMENT)
    payload = found.filter(pk=payload_id).first() if payload_id else None
    if payload is None:
        return SafeString("")
    try:
        text = json.dumps(json.loads(bytes(payload.content)), indent=2, ensure_ascii=False)
    except ValueError:
        text = bytes(payload.content).decode("utf-8", errors="backslashreplace")
    return format_html('<pre class="bytes">{}</pre>', text)
