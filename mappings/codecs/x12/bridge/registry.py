"""Which message carries which document, and which functions translate it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from mappings.canonical import (
    Acknowledgement,
    Document,
    Invoice,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    RemittanceAdvice,
    ShipNotice,
)
from mappings.codecs.x12.bridge import acknowledgement, invoice, order, remittance, ship_notice
from mappings.codecs.x12.bridge.parts import Rows
from mappings.codecs.x12.dialect import Dialect


class Bridge(NamedTuple):
    """The two ways between a document and the segments of its message, header and trailer apart."""

    document: type[Document]
    write: Callable[[Any, Dialect], list[str]]
    read: Callable[[Rows, Dialect], Document]


BRIDGES: dict[str, Bridge] = {
    "810": Bridge(Invoice, invoice.write, invoice.read),
    "820": Bridge(RemittanceAdvice, remittance.write, remittance.read),
    "850": Bridge(PurchaseOrder, order.write, order.read),
    "855": Bridge(PurchaseOrderAcknowledgement, order.write_answer, order.read_answer),
    "856": Bridge(ShipNotice, ship_notice.write, ship_notice.read),
    "997": Bridge(
        Acknowledgement,
        acknowledgement.write,
        partial(acknowledgement.read, form=acknowledgement.FORMS["997"]),
    ),
    "999": Bridge(
        Acknowledgement,
        acknowledgement.write,
        partial(acknowledgement.read, form=acknowledgement.FORMS["999"]),
    ),
}


TYPES = {bridge.document: type_ for type_, bridge in BRIDGES.items()}


def message_type(document: Document) -> str:
    """The X12 message that carries `document`; an empty text if there is none."""
    if isinstance(document, Acknowledgement):
        return document.form if document.form in BRIDGES else ""
    return TYPES.get(type(document), "")
