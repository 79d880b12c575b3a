"""Translation as the pipeline uses it: a canonical document and a trading partner in, an interchange out.

Between the pure codecs and the models: it gives out control numbers and knows what a partner agreed to.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mappings.canonical import Document, Invoice, Line, Reference
from mappings.codecs import x12
from mappings.codecs.report import CodecError
from mappings.models import TradingPartner
from mappings.models.control_numbers import next_control_number
from mappings.models.gl import Segments, segments_for

# GS01 of an acknowledgement -> the kinds of documents it may speak of.
ACKNOWLEDGED_KINDS = {"IN": ["invoice"]}
FUNCTIONAL_IDS: dict[type[Document], str] = {Invoice: "IN"}


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


def _with_segment(line: Line, segments: Segments, partner: TradingPartner) -> Line:
    """The line with its GL segment: that of its item, else that of the account it is booked under."""
    account = next((one.value for one in line.references if one.kind == "gl_account"), "")
    segment = segments.by_item.get(line.seller_item) or segments.by_account.get(account)
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
    """The interchange, under control numbers that are used up by the caller's transaction.

    Its date and time are `at` in the tenant's zone. Raises `Missing` when the partner could reject it.
    """
    return ENCODERS[wire_format](document, partner, is_test, at)


def _x12(document: Document, partner: TradingPartner, is_test: bool, at: datetime) -> Encoded:
    sender = x12.Identity(
        qualifier=partner.sender_qualifier, id=partner.sender_id, group_id=partner.our_group_id
    )
    receiver = x12.Identity(
        qualifier=partner.receiver_qualifier, id=partner.receiver_id, group_id=partner.their_group_id
    )
    local = at.astimezone(partner.tenant.zone)
    numbers: dict[str, Any] = {
        "tenant_id": partner.tenant_id,
        "sender": address(sender),
        "receiver": address(receiver),
    }
    envelope = x12.Envelope(
        sender=sender,
        receiver=receiver,
        date=local.date(),
        time=local.time(),
        control_number=next_control_number(**numbers, kind="interchange"),
        group_control_number=next_control_number(**numbers, kind=FUNCTIONAL_IDS[type(document)]),
        version=partner.x12_version,
        usage="T" if is_test else "P",
    )
    try:
        written = x12.write([document], envelope, overlay=x12.Overlay(**partner.overlay))
    except CodecError as error:
        raise Missing(
            "invalid_document",
            f"{partner} could reject it: {error}",
            "Correct it in FreshBooks or at the partner; the document then goes by itself.",
        ) from error
    return Encoded(
        content=written.data,
        extension="x12",
        media_type="application/EDI-X12",
        sender=address(sender),
        receiver=address(receiver),
        interchange_control=str(envelope.control_number),
        group_control=str(envelope.group_control_number),
        message_control=written.numbers[0].set if written.numbers[0] else "",
    )


ENCODERS = {"x12": _x12}


def address(identity: x12.Identity) -> str:
    """Qualifier and id, as deliveries keep them and acknowledgements are matched by: `ZZ:ACME`."""
    return f"{identity.qualifier}:{identity.id}"
