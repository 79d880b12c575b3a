"""Translation as the pipeline uses it: a canonical document and a trading partner in, an interchange out.

Between the pure codecs and the models: it gives out control numbers and knows what a partner agreed to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappings.canonical import (
    Bill,
    Document,
    InvalidDocument,
    Invoice,
    Line,
    Party,
    PaymentTerms,
    PurchaseOrder,
    Reference,
    RemittanceAdvice,
    ShipNotice,
)
from mappings.codecs import edifact, rsx, x12
from mappings.codecs.edifact.characters import FROM_VERSION_4
from mappings.codecs.report import CodecError
from mappings.conversions import as_message, with_us
from mappings.models import FileLayout, Items, TradingPartner
from mappings.models.control_numbers import next_control_number
from mappings.models.gl import Segments, segments_for
from mappings.models.layouts import LayoutProblems, LayoutVersion, render, version_for
from mappings.ordered import with_order
from mappings.rsx_overlay import overlay_of
from mappings.shipping_drafts import as_ship_notice

# GS01 of what is sent, and the kinds of FreshBooks documents that may stand in such a group.
FUNCTIONAL_IDS: dict[type[Document], str] = {Invoice: "IN", PurchaseOrder: "PO", RemittanceAdvice: "RA"}
ACKNOWLEDGED_KINDS = {"IN": ["invoice"], "PO": ["bill"], "RA": ["payment", "bill_payment"]}
RSX = ("rsx_json", "rsx_xml")
FILE_FORMATS = {"csv": "CSV", "xml": "XML", "fixed": "fixed-width"}


class Missing(Exception):
    """Something has to be filled in before the document can go; `code` names the kind of thing."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Under which numbers one document of an interchange will be acknowledged (without leading zeros)."""

    group: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """An interchange, and for each of its documents, in the order given, its numbers."""

    content: bytes
    extension: str
    media_type: str
    sender: str = ""
    receiver: str = ""
    interchange_control: str = ""
    numbers: tuple[Numbers, ...]
    layout_version: LayoutVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be encoded: documents for one partner, as the route is set. `at` is now.

    `context` are values that a file layout may ask of the connection, such as company_id.
    """

    documents: Sequence[Document]
    partner: TradingPartner
    wire_format: str
    is_test: bool
    at: datetime
    layout: FileLayout | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def local(self) -> datetime:
        """`at` in the tenant's time zone."""
        return self.at.astimezone(self.partner.tenant.zone)


def as_replacement(document: Document) -> Document:
    """The same document, saying that it replaces what was sent before, if its message can say so."""
    if isinstance(document, Invoice | PurchaseOrder | ShipNotice):
        return replace(document, purpose="replace")
    return document


def as_sent(
    document: Document,
    *,
    partner: TradingPartner,
    wire_format: str,
    order: PurchaseOrder | None = None,
    ship_notice: bool = False,
) -> Document:
    """The document as the format knows it: a bill as an order, say, but in a file as what it is.

    `order` is what the partner had ordered by it, if that came in: RSX invoices and ship notices repeat what it says.
    With `ship_notice` the document is a draft of one.
    """
    if wire_format in FILE_FORMATS:
        return document
    if wire_format in RSX and isinstance(document, Invoice | Bill):
        document = _without(document, "gl_segment")
    try:
        if ship_notice and isinstance(document, Invoice | Bill):
            return as_ship_notice(document, order, partner.tenant.name)
        if wire_format in RSX and isinstance(document, Invoice):
            return _for_retailer(document, order, partner)
        return with_us(as_message(document), partner.tenant.name)
    except InvalidDocument as error:
        raise _invalid(partner, error) from error


def _for_retailer(invoice: Invoice, order: PurchaseOrder | None, partner: TradingPartner) -> Invoice:
    """The invoice with what its order says, and with us as the one to be paid."""
    if not invoice.purchase_order:
        raise Missing(
            "no_po_number",
            "an invoice to a retailer names the purchase order that it is for.",
            "Fill in the PO number in FreshBooks; the document then goes by itself.",
        )
    if invoice.party_as("remit_to") is None:
        us = Party(role="remit_to", name=partner.tenant.name)
        invoice = replace(invoice, parties=(*invoice.parties, us))
    invoice = replace(invoice, terms=tuple(_from_the_invoice(terms) for terms in invoice.terms))
    return with_order(invoice, order) if order else invoice


def _from_the_invoice(terms: PaymentTerms) -> PaymentTerms:
    """FreshBooks' terms are of one type: so many days from the invoice's date."""
    return replace(terms, kind=terms.kind or "basic", basis=terms.basis or "invoice_date")


def _without(document: Invoice | Bill, kind: str) -> Invoice | Bill:
    """The document without references of a kind that the format has no place for."""

    def others(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
        return tuple(one for one in references if one.kind != kind)

    lines = tuple(replace(line, references=others(line.references)) for line in document.lines)
    return replace(document, references=others(document.references), lines=lines)


def enrich(document: Document, *, partner: TradingPartner, connection_id: int) -> Document:
    """Add what the partner wants and FreshBooks does not know: vendor number, GL segments.

    Raises `Missing` for what the partner insists on and nobody has entered.
    """
    if not isinstance(document, Invoice | Bill):
        return document
    if isinstance(document, Invoice) and partner.needs_po_number and not document.purchase_order:
        raise Missing(
            "no_po_number",
            f"{partner} refuses invoices without a purchase order number.",
            "Fill in the PO number in FreshBooks; the document then goes by itself.",
        )
    document = _with_part_numbers(document, partner, connection_id)
    references = document.references
    if isinstance(document, Invoice) and partner.vendor_number:
        references = (*references, Reference(kind="vendor_number", value=partner.vendor_number))
    segments = segments_for(connection_id=connection_id, partner=partner)
    lines = tuple(_with_segment(line, segments, partner) for line in document.lines)
    if partner.gl_segment_in_heading:
        references = (*references, *_shared_segments(lines))
    return replace(document, references=references, lines=lines)


def _with_part_numbers(
    document: Invoice | Bill, partner: TradingPartner, connection_id: int
) -> Invoice | Bill:
    """The document with the partner's part numbers, GTINs and units."""
    items = Items(connection_id=connection_id, partner=partner)
    lines = tuple(items.theirs(line) for line in document.lines)
    bare = next((line for line in lines if not line.buyer_item), None)
    if partner.needs_part_numbers and isinstance(document, Invoice) and bare is not None:
        raise Missing(
            "no_part_number",
            f"{partner} wants its part number on every line, and “{bare.seller_item or bare.description}” has none.",
            "Map the item at the partner; the document then goes by itself.",
        )
    return replace(document, lines=lines)


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


def _shared_segments(lines: tuple[Line, ...]) -> tuple[Reference, ...]:
    """The GL segment of the whole document, if all its lines have the same one."""
    found = {one.value for line in lines for one in line.references if one.kind == "gl_segment"}
    segmented = [line for line in lines if any(one.kind == "gl_segment" for one in line.references)]
    if len(found) != 1 or len(segmented) != len(lines):
        return ()
    return (Reference(kind="gl_segment", value=found.pop()),)


def encode(order: Order) -> Encoded:
    """The interchange, under control numbers that are used up by the caller's transaction.

    Its date and time are now in the tenant's zone. Raises `Missing` when the partner could reject it.
    """
    try:
        return ENCODERS[order.wire_format](order)
    except (CodecError, LayoutProblems) as error:
        raise _invalid(order.partner, error) from error


def _invalid(partner: TradingPartner, error: Exception) -> Missing:
    return Missing(
        "invalid_document",
        f"{partner} could reject it: {error}",
        "Correct it in FreshBooks or at the partner; the document then goes by itself.",
    )


def _x12(order: Order) -> Encoded:
    partner = order.partner
    sender = x12.Identity(
        qualifier=partner.sender_qualifier, id=partner.sender_id, group_id=partner.our_group_id
    )
    receiver = x12.Identity(
        qualifier=partner.receiver_qualifier, id=partner.receiver_id, group_id=partner.their_group_id
    )
    _require_ids(partner, "X12", sender.id, receiver.id)
    functional_id = _functional_id(order)
    envelope = x12.Envelope(
        sender=sender,
        receiver=receiver,
        date=order.local.date(),
        time=order.local.time(),
        control_number=_next_number(partner, sender, receiver, "interchange"),
        group_control_number=_next_number(partner, sender, receiver, functional_id),
        version=partner.x12_version,
        usage="T" if order.is_test else "P",
    )
    overlay = x12.Overlay(**partner.overlay)
    written = x12.write(order.documents, envelope, overlay=overlay)
    sent = overlay.envelope(envelope)
    return Encoded(
        content=written.data,
        extension="x12",
        media_type="application/EDI-X12",
        sender=address(sent.sender),
        receiver=address(sent.receiver),
        interchange_control=str(envelope.control_number),
        numbers=tuple(
            Numbers(group=str(one.group), message=one.set) if one else Numbers() for one in written.numbers
        ),
    )


def _functional_id(order: Order) -> str:
    """GS01 of the documents, which are of one type."""
    type_ = type(order.documents[0])
    if type_ not in FUNCTIONAL_IDS:
        raise Missing(
            "no_message",
            f"X12 has no message here for {type_.__name__}.",
            "Choose a file format for the route.",
        )
    return FUNCTIONAL_IDS[type_]


def _edifact(order: Order) -> Encoded:
    partner = order.partner
    sender = edifact.Identity(id=partner.our_edifact_id, qualifier=partner.edifact_sender_qualifier)
    receiver = edifact.Identity(id=partner.their_edifact_id, qualifier=partner.edifact_receiver_qualifier)
    _require_ids(partner, "EDIFACT", sender.id, receiver.id)
    envelope = edifact.Envelope(
        sender=sender,
        receiver=receiver,
        date=order.local.date(),
        time=order.local.time(),
        control_number=str(_next_number(partner, sender, receiver, "interchange")),
        version=partner.edifact_version,
        syntax=partner.edifact_syntax,
        syntax_version=4 if partner.edifact_syntax in FROM_VERSION_4 else 3,
        acknowledgement_requested=partner.expects_acknowledgement_of("edifact"),
        test=order.is_test,
    )
    overlay = edifact.Overlay(**partner.edifact_overlay)
    written = edifact.write(order.documents, envelope, overlay=overlay)
    sent = overlay.envelope(envelope)
    return Encoded(
        content=written.data,
        extension="edi",
        media_type="application/EDIFACT",
        sender=address(sent.sender),
        receiver=address(sent.receiver),
        interchange_control=envelope.control_number,
        numbers=tuple(Numbers(group=one.group, message=one.message) for one in written.numbers),
    )


def _next_number(
    partner: TradingPartner,
    sender: x12.Identity | edifact.Identity,
    receiver: x12.Identity | edifact.Identity,
    kind: str,
) -> int:
    return next_control_number(
        tenant_id=partner.tenant_id, sender=address(sender), receiver=address(receiver), kind=kind
    )


def _require_ids(partner: TradingPartner, standard: str, *ids: str) -> None:
    if not all(ids):
        raise Missing(
            "no_ids",
            f"{partner} has no {standard} ids for both sides.",
            "Fill them in under Partners; the document then goes by itself.",
        )


def _rsx(order: Order) -> Encoded:
    partner, notation = order.partner, order.wire_format.removeprefix("rsx_")
    if not partner.rsx_partner_id:
        raise Missing(
            "no_rsx_partner",
            f"{partner} has no RSX trading partner id.",
            "Fill it in under Partners; the document then goes by itself.",
        )
    envelope = rsx.Envelope(trading_partner_id=partner.rsx_partner_id, notation=notation)
    written = rsx.write(order.documents, envelope, overlay=overlay_of(partner.rsx_overlay))
    return Encoded(
        content=written.data,
        extension=notation,
        media_type=f"application/{notation}",
        numbers=(Numbers(),) * len(order.documents),
    )


def _file(order: Order) -> Encoded:
    kind = type(order.documents[0]).SCHEMA.partition("/")[0]
    version = (
        order.layout.version
        if order.layout
        else version_for(order.partner, kind=kind, file_format=order.wire_format, writes=True)
    )
    if version is None:
        raise Missing(
            "no_layout",
            f"there is no {FILE_FORMATS[order.wire_format]} layout for the {kind} files of {order.partner}.",
            "Make one under Partners, File layouts; the document then goes by itself.",
        )
    rendered = render(version, order.documents, {**order.context, "date": order.local.date()})
    return Encoded(
        content=rendered.content,
        extension=rendered.extension,
        media_type=rendered.media_type,
        numbers=(Numbers(),) * len(order.documents),
        layout_version=version,
    )


ENCODERS: dict[str, Callable[[Order], Encoded]] = {
    "x12": _x12,
    "edifact": _edifact,
    "rsx_json": _rsx,
    "rsx_xml": _rsx,
    "csv": _file,
    "xml": _file,
    "fixed": _file,
}


def address(identity: x12.Identity | edifact.Identity) -> str:
    """Qualifier and id, as deliveries keep them and acknowledgements are matched by: `ZZ:ACME`."""
    return f"{identity.qualifier}:{identity.id}" if identity.qualifier else identity.id
