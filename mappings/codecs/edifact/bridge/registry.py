"""Which message carries which document, and which functions translate it."""

from __future__ import annotations

from collections.abc import Callable
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
from mappings.codecs.edifact.bridge import acknowledgement, invoice, order, remittance, ship_notice
from mappings.codecs.edifact.bridge.rows import Row
from mappings.codecs.edifact.dialect import Dialect


class Bridge(NamedTuple):
    """The two ways between a document and its message.

    `write` gives the segments between UNH and UNT, `read` takes all rows from UNH to UNT.
    """

    document: type[Document]
    write: Callable[[Any, Dialect], list[str]]
    read: Callable[[list[Row], Dialect], Document]


BRIDGES: dict[str, Bridge] = {
    "CONTRL": Bridge(Acknowledgement, acknowledgement.write, acknowledgement.read),
    "DESADV": Bridge(ShipNotice, ship_notice.write, ship_notice.read),
    "INVOIC": Bridge(Invoice, invoice.write, invoice.read),
    "ORDERS": Bridge(PurchaseOrder, order.write, order.read),
    "ORDRSP": Bridge(PurchaseOrderAcknowledgement, order.write_answer, order.read_answer),
    "REMADV": Bridge(RemittanceAdvice, remittance.write, remittance.read),
}


def message_type(document: Document) -> str:
    """The message that carries `document`; an empty text if there is none."""
    if isinstance(document, Acknowledgement):
        return "CONTRL" if document.form == "contrl" and document.level == "interchange" else ""
    return next((type_ for type_, bridge in BRIDGES.items() if bridge.document is type(document)), "")
