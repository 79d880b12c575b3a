"""Reading RSX as a stream: documents come out one by one, and a broken one does not hide the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from mappings.canonical import InvalidDocument
from mappings.codecs import files
from mappings.codecs.files import File, Source, business_problems, shown
from mappings.codecs.rsx.bridge.documents import BRIDGES
from mappings.codecs.rsx.notations import Raw, read_any
from mappings.codecs.rsx.overlay import Overlay
from mappings.codecs.rsx.schema import Tree, read_group
from mappings.codecs.rsx.tables import table

STANDARD = Overlay()
ACKNOWLEDGING = frozenset({"AcknowledgementNumber", "AcknowledgementDate", "AcknowledgementTime"})
"""Members of an OrderHeader that only an OrderAck has."""


@dataclass(slots=True, kw_only=True)
class Item(files.Item):
    """A document of a file. `ignored` are paths of members that RSX 7.7.7 does not have, `meta` is SPS's own data."""

    type: str = ""
    trading_partner_id: str = ""
    meta: Tree = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


OverlayFor = Callable[[str], Overlay]


def read(
    source: BinaryIO | bytes, *, overlay: Overlay | OverlayFor | None = None, expected: str = ""
) -> Iterator[Item | File]:
    """The documents in `source`, JSON or XML, and at the end one `File` with what is wrong beside them.

    `overlay` is the partner's deviations, or a function that finds them by the TradingPartnerId. `expected` is the
    type (Order or OrderAck) of JSON documents that could be either. Nothing raises: problems are in the reports.
    """
    file = File()
    for raw in read_any(Source(source), file.report):
        file.documents += 1
        item = Item(number=file.documents, line=raw.line)
        if raw.problem:
            item.type = raw.type
            item.report.extend([raw.problem])
        else:
            _translate(raw, item, overlay, expected)
        yield item
    if not file.documents and not file.report:
        file.report.add("the file holds no document", "empty")
    yield file


def _translate(raw: Raw, item: Item, overlay: Overlay | OverlayFor | None, expected: str) -> None:
    item.type = raw.type or _type_of(raw.value, expected)
    if not item.type:
        item.report.add(
            "this is no Invoice, Order, OrderAck or Shipment of RSX",
            "type_unknown",
            remedy="Ask the partner what it is.",
            line=item.line,
            value=shown(raw.value),
        )
        return
    tree = read_group(table(item.type), raw.value, "", item.report, item.ignored)
    bridge = BRIDGES[item.type]
    header = tree.get("Header", {}).get(bridge.header, {})
    item.trading_partner_id = header.get("TradingPartnerId", "")
    item.meta = tree.get("Meta", {})
    if not item.report:
        found = overlay(item.trading_partner_id) if callable(overlay) else overlay or STANDARD
        try:
            item.document = bridge.read(tree, found.all_codes, found.currency)
        except InvalidDocument as error:
            item.report.extend(business_problems(error, line=item.line))
    item.report.problems = [replace(problem, line=problem.line or item.line) for problem in item.report]


def _type_of(value: Any, expected: str) -> str:
    """What a JSON document is, by its header; an acknowledgement also by its lines. Empty if it is none of ours."""
    header = value.get("Header") if isinstance(value, dict) else None
    if not isinstance(header, dict):
        return ""
    if "OrderHeader" in header:
        return (
            expected if expected in ("Order", "OrderAck") else _order_or_answer(value, header["OrderHeader"])
        )
    return next((name for name, bridge in BRIDGES.items() if bridge.header in header), "")


def _order_or_answer(value: dict[str, Any], header: Any) -> str:
    lines = value.get("LineItem")
    answered = isinstance(lines, list) and any(
        isinstance(line, dict) and "LineItemAcknowledgement" in line for line in lines
    )
    if answered or (isinstance(header, dict) and ACKNOWLEDGING & header.keys()):
        return "OrderAck"
    return "Order"
