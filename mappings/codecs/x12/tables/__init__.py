"""The tables of X12 004010 and 005010, in the notation of `mappings.codecs.tables`: one module per business document.

Sources: the grammars of bots-edi (x12/4010, x12/5010), EdiFabric's X12 templates, pyx12's maps, the segment pages of
stedi.com and x12.org, and published partner guides. Code lists are given only where they are short and complete;
long lists (such as REF01) are not checked.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mappings.codecs.tables import Loop, Message, Segment, message, segments, tags_of
from mappings.codecs.x12.tables import acknowledgement, invoice, order, remittance, shared, ship_notice

MESSAGES = {
    # id: (functional id, name, table)
    "810": ("IN", "Invoice", invoice.INVOICE),
    "820": ("RA", "Payment order / remittance advice", remittance.REMITTANCE),
    "850": ("PO", "Purchase order", order.ORDER),
    "855": ("PR", "Purchase order acknowledgement", order.ACKNOWLEDGEMENT),
    "856": ("SH", "Ship notice", ship_notice.SHIP_NOTICE),
    "997": ("FA", "Functional acknowledgement", acknowledgement.FUNCTIONAL),
    "999": ("FA", "Implementation acknowledgement", acknowledgement.IMPLEMENTATION),
}
SEGMENTS = "".join(
    [
        shared.ENVELOPE,
        *(m.SEGMENTS for m in (shared, invoice, order, ship_notice, remittance, acknowledgement)),
    ]
)


@cache
def segment_tables(*, later: bool) -> dict[str, Segment]:
    """Every segment table by tag, as it is before (`later` False) or from version 005010 on."""
    return segments(SEGMENTS, later=later)


@cache
def message_table(type_: str, *, later: bool) -> Message:
    """The table of message `type_` before (`later` False) or from version 005010 on. KeyError if there is none."""
    _, name, text = MESSAGES[type_]
    return message(type_, name, text, segment_tables(later=later), later=later)


class Level(NamedTuple):
    """The tags that may stand in a message or loop after its first segment, and those inside of each of its loops."""

    tags: frozenset[str]
    loops: dict[str, frozenset[str]]


def level(type_: str, *loops: str, later: bool) -> Level:
    """The level of message `type_` that `loops`, starters from outside in, lead to; without loops, the message."""
    items = message_table(type_, later=later).inside(*loops)
    inner = {item.tag: tags_of(item.items) for item in items if isinstance(item, Loop)}
    return Level(tags_of(items[1:]), {tag: tags - {tag} for tag, tags in inner.items()})
