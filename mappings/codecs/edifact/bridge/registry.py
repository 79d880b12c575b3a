"""Which message carries which document, and which functions translate it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mappings.canonical import Acknowledgement, Document, Invoice
from mappings.codecs.edifact.bridge import acknowledgement, invoice
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
    "INVOIC": Bridge(Invoice, invoice.write, invoice.read),
}


def message_type(document: Document) -> str:
    """The message that carries `document`; an empty text if there is none."""
    if isinstance(document, Acknowledgement):
        return "CONTRL" if document.form == "contrl" and document.level == "interchange" else ""
    return next((type_ for type_, bridge in BRIDGES.items() if bridge.document is type(document)), "")
