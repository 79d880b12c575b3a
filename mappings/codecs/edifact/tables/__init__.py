"""The tables of EDIFACT D.96A and D.01B, in the notation of `mappings.codecs.tables`: one module per business document.

The sources stand beside the tables. Codes are not checked, except where a list is short and complete: associations
and partners have their own subsets of the directories' lists.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mappings.codecs.edifact.tables import invoice, order, remittance, service, shared, ship_notice
from mappings.codecs.tables import Item, Loop, Message, Segment, message, segments, tags_of

MESSAGES = {
    # type: (name, table)
    "CONTRL": ("Syntax and service report", service.CONTRL),
    "DESADV": ("Despatch advice", ship_notice.SHIP_NOTICE),
    "INVOIC": ("Invoice", invoice.INVOICE),
    "ORDERS": ("Purchase order", order.ORDER),
    "ORDRSP": ("Purchase order response", order.RESPONSE),
    "REMADV": ("Remittance advice", remittance.REMITTANCE),
}
SEGMENTS = "".join(m.SEGMENTS for m in (service, shared, ship_notice, remittance))


@cache
def segment_tables(*, later: bool) -> dict[str, Segment]:
    """Every segment table by tag, as it is in D.96A (`later` False) or in D.01B."""
    return segments(SEGMENTS, later=later)


@cache
def message_table(type_: str, *, later: bool) -> Message:
    """The table of message `type_` in D.96A (`later` False) or in D.01B. KeyError if there is none."""
    name, text = MESSAGES[type_]
    return message(type_, name, text, segment_tables(later=later), later=later)


class Section(NamedTuple):
    """A part of a message: its heading, its lines, its summary.

    `tags` may stand in it directly, in this order; `groups` are, for those that start a group, the tags inside.
    """

    tags: tuple[str, ...]
    groups: dict[str, frozenset[str]]


@cache
def section(type_: str, *path: str, after: str = "", until: str = "", later: bool) -> Section:
    """The section of message `type_` inside of the groups on `path`, from after one tag until before another."""
    items: tuple[Item, ...] = message_table(type_, later=later).inside(*path)
    tags = [item.tag for item in items]
    start = tags.index(after) + 1 if after else 1
    items = items[start : tags.index(until) if until else None]
    return Section(
        tuple(item.tag for item in items),
        {item.tag: tags_of(item.items[1:]) for item in items if isinstance(item, Loop)},
    )
