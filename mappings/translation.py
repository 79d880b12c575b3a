"""Translation as the pipeline uses it: a canonical document and a trading partner in, an interchange out.

Between the pure codecs and the models: it gives out control numbers and knows what a partner agreed to.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from mappings.canonical import Acknowledgement, Document, Invoice, Line, Reference
from mappings.models import TradingPartner
from mappings.models.gl import segments_for

# GS01 of an acknowledgement -> the kinds of documents it may speak of.
ACKNOWLEDGED_KINDS = {"IN": ["invoice"]}


class Missing(Exception):
    """Something has to be filled in before the document can go; `code` names the kind of thing."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """An interchange and the numbers under which it will be acknowledged (without leading zeros)."""

    content: bytes
    extension: str
    media_type: str
    sender: str
    receiver: str
    interchange_control: str
    group_control: str
    message_control: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What an arrival turned out to be. `problems` are sentences that name the place of each fault."""

    format: str
    summary: str
    acknowledgements: tuple[Acknowledgement, ...] = ()
    problems: tuple[str, ...] = ()


def safe_name(text: str) -> str:
    """`text` as part of a file name: letters, digits, dot, hyphen; at most 40 characters."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", text)[:40].strip("._") or "document"


def as_replacement(document: Document) -> Document:
    """The same document, saying that it replaces what was sent before."""
    return replace(document, purpose="replace") if isinstance(document, Invoice) else document


def enrich(document: Document, *, partner: TradingPartner, connection_id: int) -> Document:
    """Add what the partner wants and FreshBooks does not know: vendor number, GL segments.

    Raises `Missing` for what the partner insists on and nobody has entered.
    """
    if not isinstance(document, Invoice):
        return document
    if partner.needs_po_number and not document.purchase_order:
        raise Missing(
            "no_po_number",
            f"{partner} refuses invoices without a purchase order number.",
            "Fill in the PO number in FreshBooks; the document then goes by itself.",
        )
    references = document.references
    if partner.vendor_number:
        references = (*references, Reference(kind="vendor_number", value=partner.vendor_number))
    segments = segments_for(connection_id=connection_id, partner=partner)
    lines = tuple(_with_segment(line, segments, partner) for line in document.lines)
    return replace(document, references=references, lines=lines)


def _with_segment(line: Line, segments: dict[str, str], partner: TradingPartner) -> Line:
    segment = segments.get(line.seller_item)
    if segment:
        return replace(line, references=(*line.references, Reference(kind="gl_segment", value=segment)))
    if partner.needs_gl_segment:
        raise Missing(
            "no_gl_segment",
            f"{partner} wants a GL segment on every line, and “{line.seller_item or line.description}” has none.",
            "Add a GL mapping for it under Partners; the document then goes by itself.",
        )
    return line


def encode(
    document: Document, *, partner: TradingPartner, wire_format: str, is_test: bool, at: datetime
) -> Encoded:
    """The interchange, under control numbers that are used up by the caller's transaction."""
    raise NotImplementedError


def decode(content: bytes) -> Decoded:
    raise NotImplementedError
