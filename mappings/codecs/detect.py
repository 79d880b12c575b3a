"""What a file is, by its first bytes. File names are not asked: partners give them any."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from mappings.codecs.layouts.draft_records import kinds_in_lines

HEAD = 1 << 16
"""How many bytes of a file are enough to tell."""

FILLING = b" \t\r\n\x00"
WIDE = (
    # UTF-32 first: its mark begins like that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

X12 = re.compile(rb"ISA[^A-Za-z0-9\s]")
EDIFACT = re.compile(rb"UNA.{5}[^A-Za-z0-9]|UNB[^A-Za-z0-9\s]", re.DOTALL)
CANONICAL = re.compile(rb'"schema"\s*:\s*"[a-z_]+/\d+"')
"""Our own JSON says what it is; within a text of another JSON the quotation marks would be escaped."""
RSX_JSON = re.compile(rb'"(?:Header|Meta|(?:Invoice|Order|OrderAck|Shipment)s?)"\s*:')
XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
RSX_ROOTS = frozenset(
    name + plural for name in (b"Invoice", b"Order", b"OrderAck", b"Shipment") for plural in (b"", b"s")
)
RSX_NAMESPACE = b"http://www.spscommerce.com/RSX"
RSX_HEADER = re.compile(rb"<(?:[\w.-]+:)?Header[\s/>]")
PADDING = b"   "
"""Columns of fixed width are padded with blanks; so many of them stand in no sentence."""

SEPARATORS = (b",", b";", b"\t", b"|")
LINES_COMPARED = 20
MOST_LINES = 2000

FOREIGN = (
    (b"%PDF-", "a PDF file", "Ask for the data itself; a picture of a document cannot be read."),
    (b"PK\x03\x04", "a ZIP archive or an Office file", "Unpack it, or save it as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Office file", "Save it as CSV."),
    (b"\x1f\x8b", "compressed with gzip", "Unpack it."),
    (b"-----BEGIN PGP", "encrypted or signed with PGP", "Decrypt it."),
    (b"\xc9\xe2\xc1", "X12 in EBCDIC", "Ask for ASCII, or convert it in the transfer."),
    (b"\xe4\xd5\xc1", "EDIFACT in EBCDIC", "Ask for ASCII, or convert it in the transfer."),
    (b"\xe4\xd5\xc2", "EDIFACT in EBCDIC", "Ask for ASCII, or convert it in the transfer."),
)


PLAIN_TEXT = "text without a structure that is known here"


class Detected(NamedTuple):
    """`format` is x12, edifact, json, rsx-json, rsx-xml, xml, csv or fixed; empty if it is none of these.

    Then `remark` says what it looks like, and `remedy` what to do.
    """

    format: str
    remark: str = ""
    remedy: str = ""

    @property
    def may_be_laid_out(self) -> bool:
        """Whether a layout may say what it is: nothing speaks against lines of fixed width."""
        return self.remark == PLAIN_TEXT


def detect(head: bytes) -> Detected:
    """What the file that begins with `head` is; `HEAD` bytes are enough."""
    for mark, remark, remedy in FOREIGN:
        if head.startswith(mark):
            return Detected("", remark, remedy)
    text = _narrow(head).removeprefix(codecs.BOM_UTF8).lstrip(FILLING)
    if not text:
        return Detected("", "empty", "Ask the sender to send it again.")
    if X12.match(text):
        return Detected("x12")
    if EDIFACT.match(text):
        return Detected("edifact")
    if text.startswith(b"<"):
        return Detected("rsx-xml" if _is_rsx(text) else "xml")
    if text.startswith((b"{", b"[")):
        return _json(text)
    return _lines(text)


def _narrow(head: bytes) -> bytes:
    """`head` in UTF-8 if its byte-order mark says that it is UTF-16 or UTF-32."""
    for mark, encoding in WIDE:
        if head.startswith(mark):
            return head.decode(encoding, "ignore").encode("utf-8", "ignore")
    return head


def _is_rsx(text: bytes) -> bool:
    root = XML_ROOT.search(text)
    of_rsx = bool(root and root[1] in RSX_ROOTS)
    return RSX_NAMESPACE in text or (of_rsx and RSX_HEADER.search(text) is not None)


def _json(text: bytes) -> Detected:
    if CANONICAL.search(text):
        return Detected("json")
    if RSX_JSON.search(text):
        return Detected("rsx-json")
    return Detected("", "JSON of a kind that is not known here", "Documents of ours say their “schema”.")


def _lines(text: bytes) -> Detected:
    """CSV if the lines share a separator; fixed width if they are equally long, or padded, or begin with codes."""
    if re.search(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]", text):
        return Detected("", "neither text nor a format that is known here", "Ask the sender what it is.")
    lines = text.splitlines()[:LINES_COMPARED]
    if any(lines[0].count(separator) and _in_all(lines, separator) for separator in SEPARATORS):
        return Detected("csv")
    whole = lines[:-1] or lines
    if len(whole[0]) > 20 and (len(set(map(len, whole))) == 1 or all(PADDING in line for line in whole)):
        return Detected("fixed")
    filled = [line for line in text.decode("latin-1").splitlines()[:MOST_LINES] if line.strip()]
    if kinds_in_lines(filled, "lines")[0]:
        return Detected("fixed")
    return Detected(
        "",
        PLAIN_TEXT,
        "If its lines have columns, make a layout of fixed width for it; else ask the sender what it is.",
    )


def _in_all(lines: list[bytes], separator: bytes) -> bool:
    """Whether a separator stands in the lines; the last one may be cut, and a quoted text may hold line ends."""
    return sum(separator in line for line in lines) >= max(min(2, len(lines)), len(lines) - 2)
