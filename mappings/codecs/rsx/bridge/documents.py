"""Invoice, Order, OrderAck and Shipment: which document each carries, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from mappings.canonical import (
    AcknowledgedLine,
    Document,
    EventDate,
    FieldProblem,
    Identifier,
    InvalidDocument,
    Invoice,
    Line,
    LineStatus,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    Reference,
    ShipNotice,
    line_amount,
    possible_totals,
    rounded,
)
from mappings.codecs.rsx.bridge import shipment
from mappings.codecs.rsx.bridge.lines import Lines, read_items, write_items
from mappings.codecs.rsx.bridge.parts import (
    ZERO,
    Part,
    Singles,
    inside,
    read_carrier,
    read_parts,
    write_carrier,
    write_parts,
)
from mappings.codecs.rsx.codes import Codes
from mappings.codecs.rsx.schema import Group, Tree
from mappings.codecs.rsx.tables import table


def group_at(group: Group, *names: str) -> Group:
    """The group inside `group` that `names` lead to."""
    for name in names:
        inner = group.members[name].group
        assert inner is not None  # noqa: S101  # the tables are ours
        group = inner
    return group


class Head(NamedTuple):
    """The heading of one kind of document: the group with its values, which field is which, and what it can hold."""

    name: str
    part: Part
    singles: Singles
    members: frozenset[str]

    @classmethod
    def of(cls, document: str, name: str, part: str, apart: Iterable[str] = ()) -> Head:
        """The heading of `document`, whose values stand in the group `name`; `apart` are read in other ways."""
        rows = Part(part)
        header = group_at(table(document), "Header")
        mapped = {member for _field, member, _words in rows.rows} | set(apart)
        return cls(name, rows, Singles(group_at(header, name), mapped), frozenset(header.members))

    def write(self, document: Any, codes: Codes, references: Iterable[Reference] | None = None) -> Tree:
        """The heading, but for the trading partner's id."""
        values = self.part.write(document, codes)
        others = self.singles.write_references(
            document.references if references is None else references, values
        )
        dates = self.singles.write_dates(document.dates, values)
        groups = write_parts(document, codes, references=others, dates=dates)
        if document.freight_terms:
            terms = {"FOBPayCode": codes.code("freight_terms", document.freight_terms)}
            groups["FOBRelatedInstruction"] = [terms]
        if document.carrier:
            groups["CarrierInformation"] = [write_carrier(document.carrier, codes)]
        return {self.name: values, **groups}

    def read(self, cls: type, header: Tree, codes: Codes) -> dict[str, Any]:
        """The fields of a document of `cls` that the heading fills. Raises `InvalidDocument`."""
        values = header.get(self.name, {})
        fields = {**self.part.read(values, codes), **read_parts(cls, header, codes)}
        fields["references"] = self.singles.read_references(values) + fields.get("references", ())
        fields["dates"] = self.singles.read_dates(values) + fields.get("dates", ())
        for each in header.get("FOBRelatedInstruction", ()):
            if "FOBPayCode" in each:
                fields.setdefault("freight_terms", codes.word("freight_terms", each["FOBPayCode"]))
        for each in header.get("CarrierInformation", ()):
            fields["carrier"] = fields.get("carrier") or read_carrier(each, codes)
        return fields


INVOICE_HEAD = Head.of(
    "Invoice",
    "InvoiceHeader",
    "number=InvoiceNumber date=InvoiceDate order_date=PurchaseOrderDate purchase_order=PurchaseOrderNumber"
    " release=ReleaseNumber kind=InvoiceTypeCode/invoice_kind purpose=TsetPurposeCode/purpose currency=BuyersCurrency",
)
INVOICE_LINES = Lines.of(group_at(table("Invoice"), "LineItem"), "InvoiceLine", "InvoiceQty")


def write_invoice(invoice: Invoice, codes: Codes) -> Tree:
    lines = [INVOICE_LINES.write(line, codes) for line in invoice.lines]
    return {
        "Header": INVOICE_HEAD.write(invoice, codes),
        "LineItem": lines,
        "Summary": _invoice_summary(invoice),
    }


def _invoice_summary(invoice: Invoice) -> Tree:
    """The totals. Merchandise is the lines' amounts; the rest of the total is taxes and charges."""
    merchandise = sum((rounded(line_amount(line), invoice.currency) for line in invoice.lines), ZERO)
    items = [*invoice.charges, *(item for line in invoice.lines for item in line.charges)]
    charges = sum((item.amount for item in items if item.charge), ZERO)
    allowances = sum((item.amount for item in items if not item.charge), ZERO)
    return {
        "TotalAmount": invoice.total,
        "TotalSalesAmount": merchandise,
        "TotalTaxesAndCharges": invoice.total - merchandise,
        "TotalAllowancesAmount": allowances or None,
        "TotalLineItemNumber": len(invoice.lines),
        "TotalChargesAmount": charges or None,
    }


def read_invoice(tree: Tree, codes: Codes, currency: str) -> Invoice:
    """The invoice. Without a stated total, its total is what it adds up to."""
    fields = {"currency": currency, **INVOICE_HEAD.read(Invoice, tree["Header"], codes)}
    lines = _lines(tree, lambda each: INVOICE_LINES.read(each, codes))
    total = tree.get("Summary", {}).get("TotalAmount")
    if total is None:
        total = possible_totals(
            lines, fields.get("taxes", ()), fields.get("charges", ()), fields["currency"]
        )[0]
    return _made(Invoice, {**fields, "lines": lines, "total": total}, ("number", "date"))


ORDER_HEAD = Head.of(
    "Order",
    "OrderHeader",
    "number=PurchaseOrderNumber date=PurchaseOrderDate kind=PrimaryPOTypeCode/order_kind"
    " purpose=TsetPurposeCode/purpose release=ReleaseNumber currency=BuyersCurrency",
)
ORDER_LINES = Lines.of(
    group_at(table("Order"), "LineItem"), "OrderLine", "OrderQty", ("BuyersCurrency", "SellersCurrency")
)


def write_order(order: PurchaseOrder, codes: Codes) -> Tree:
    contract = (Reference(kind="contract", value=order.contract),) if order.contract else ()
    return {
        "Header": ORDER_HEAD.write(order, codes, (*contract, *order.references)),
        "LineItem": [ORDER_LINES.write(line, codes) for line in order.lines],
        "Summary": {"TotalAmount": order.total, "TotalLineItemNumber": len(order.lines)},
    }


def read_order(tree: Tree, codes: Codes, currency: str) -> PurchaseOrder:
    """The order. Its total is as stated, whatever the lines add up to."""
    fields = {"currency": currency, **ORDER_HEAD.read(PurchaseOrder, tree["Header"], codes)}
    contract = next((each for each in fields["references"] if each.kind == "contract"), None)
    if contract and not contract.description:
        fields["contract"] = contract.value
        fields["references"] = tuple(each for each in fields["references"] if each is not contract)
    fields["lines"] = _lines(tree, lambda each: ORDER_LINES.read(each, codes))
    fields["total"] = tree.get("Summary", {}).get("TotalAmount")
    return _made(PurchaseOrder, fields, ("number", "date"))


ANSWER_HEAD = Head.of(
    "OrderAck",
    "OrderHeader",
    "number=PurchaseOrderNumber order_date=PurchaseOrderDate response=AcknowledgementType/order_response"
    " date=AcknowledgementDate purpose=TsetPurposeCode/purpose release=ReleaseNumber"
    " seller_order=InternalOrderNumber currency=BuyersCurrency",
)
ANSWERED_LINES = Lines.of(
    group_at(table("OrderAck"), "LineItem"), "OrderLine", "OrderQty", ("BuyersCurrency", "SellersCurrency")
)
STATUS = Part("status=ItemStatusCode/line_status quantity=ItemScheduleQty unit=ItemScheduleUOM")


def write_answer(answer: PurchaseOrderAcknowledgement, codes: Codes) -> Tree:
    lines = [
        {
            **ANSWERED_LINES.write(each.line, codes),
            "LineItemAcknowledgement": [_write_status(status, codes) for status in each.statuses],
        }
        for each in answer.lines
    ]
    return {
        "Header": ANSWER_HEAD.write(answer, codes),
        "LineItem": lines,
        "Summary": {"TotalAmount": answer.total, "TotalLineItemNumber": len(lines)},
    }


def _write_status(status: LineStatus, codes: Codes) -> Tree:
    tree = STATUS.write(status, codes)
    if status.quantity is None:
        del tree["ItemScheduleUOM"]
    if status.date:
        tree["ItemScheduleQualifier"] = codes.code("date", status.date.kind)
        tree["ItemScheduleDate"] = status.date.date
    if status.substitute:
        field = status.substitute.scheme
        known = field in ("seller_item", "buyer_item", "gtin")
        substitute = {field: status.substitute.value} if known else {"other_items": (status.substitute,)}
        tree |= write_items(Line(**substitute), codes)
    return tree


def read_answer(tree: Tree, codes: Codes, currency: str) -> PurchaseOrderAcknowledgement:
    """The answer to an order. A substitute is the item of a status that is not the item of its line."""
    fields = {
        "currency": currency,
        "response": "acknowledged",
        **ANSWER_HEAD.read(PurchaseOrderAcknowledgement, tree["Header"], codes),
    }
    fields["lines"] = _lines(tree, lambda each: _read_answered(each, codes))
    fields["total"] = tree.get("Summary", {}).get("TotalAmount")
    return _made(PurchaseOrderAcknowledgement, fields, ("number", "order_date"))


def _read_answered(tree: Tree, codes: Codes) -> AcknowledgedLine:
    line = ANSWERED_LINES.read(tree, codes)
    statuses = [_read_status(each, line, codes) for each in tree.get("LineItemAcknowledgement", ())]
    return AcknowledgedLine(line=line, statuses=tuple(statuses))


def _read_status(tree: Tree, line: Line, codes: Codes) -> LineStatus:
    fields = {"status": "other", **STATUS.read(tree, codes)}
    if "ItemScheduleDate" in tree:
        kind = codes.word("date", tree.get("ItemScheduleQualifier", "068"))
        fields["date"] = EventDate(kind=kind, date=tree["ItemScheduleDate"])
    own = set(_identifiers(line))
    items = Line(**read_items(tree, codes))
    fields["substitute"] = next((each for each in _identifiers(items) if each not in own), None)
    return LineStatus(**fields)


def _identifiers(line: Line) -> list[Identifier]:
    named = [(scheme, getattr(line, scheme)) for scheme in ("seller_item", "buyer_item", "gtin")]
    return [Identifier(scheme=scheme, value=value) for scheme, value in named if value] + [*line.other_items]


SHIPMENT_HEAD = Head.of(
    "Shipment",
    "ShipmentHeader",
    "number=ShipmentIdentification date=ShipNoticeDate time=ShipNoticeTime purpose=TsetPurposeCode/purpose",
    ("ASNStructureCode",),
)


def write_shipment(notice: ShipNotice, codes: Codes) -> Tree:
    header = SHIPMENT_HEAD.write(notice, codes)
    header["ShipmentHeader"]["ASNStructureCode"] = shipment.structure(notice)
    header["QuantityAndWeight"] = [shipment.write_quantity(notice)]
    items = sum(shipment.count_items(order) for order in notice.orders)
    return {
        "Header": header,
        "OrderLevel": [shipment.write_order(order, codes) for order in notice.orders],
        "Summary": {"TotalOrders": len(notice.orders), "TotalLineItemNumber": items},
    }


def read_shipment(tree: Tree, codes: Codes, _currency: str) -> ShipNotice:
    """The ship notice. Its own date, if it states none, is the day of the shipment."""
    fields = SHIPMENT_HEAD.read(ShipNotice, tree["Header"], codes)
    shipped = next((event.date for event in fields["dates"] if event.kind == "shipped"), None)
    if "date" not in fields and shipped:
        fields["date"] = shipped
    fields |= shipment.read_quantity(tree["Header"])
    levels = [*tree.get("OrderLevel", ())]
    levels += [
        each for container in tree.get("ContainerLevel", ()) for each in container.get("OrderLevel", ())
    ]
    with inside("orders"):
        fields["orders"] = tuple(shipment.read_order(level, codes) for level in levels)
    return _made(ShipNotice, fields, ("number", "date"))


def _lines(tree: Tree, read: Callable[[Tree], Any]) -> tuple[Any, ...]:
    lines = []
    for index, each in enumerate(tree.get("LineItem", ())):
        with inside(f"lines[{index}]"):
            lines.append(read(each))
    return tuple(lines)


def _made(cls: type, fields: dict[str, Any], required: Iterable[str]) -> Any:
    """A document of `cls`. Raises `InvalidDocument`, also for required fields that RSX leaves open."""
    missing = [FieldProblem(name, "is missing") for name in required if name not in fields]
    if missing:
        raise InvalidDocument(cls.__name__, missing)
    return cls(**fields)


class Bridge(NamedTuple):
    """The two ways between a document and the tree of its RSX document."""

    document: type[Document]
    header: str
    write: Callable[[Any, Codes], Tree]
    read: Callable[[Tree, Codes, str], Document]


BRIDGES = {
    "Invoice": Bridge(Invoice, "InvoiceHeader", write_invoice, read_invoice),
    "Order": Bridge(PurchaseOrder, "OrderHeader", write_order, read_order),
    "OrderAck": Bridge(PurchaseOrderAcknowledgement, "OrderHeader", write_answer, read_answer),
    "Shipment": Bridge(ShipNotice, "ShipmentHeader", write_shipment, read_shipment),
}


def document_type(document: Document) -> str:
    """The RSX document that carries `document`; an empty text if there is none."""
    return next((name for name, bridge in BRIDGES.items() if bridge.document is type(document)), "")
