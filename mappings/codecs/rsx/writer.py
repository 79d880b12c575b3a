"""Writing RSX: documents in, bytes out, checked against the same tables that read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mappings.canonical import Document, InvalidDocument, smallest_unit
from mappings.codecs.files import business_problems
from mappings.codecs.report import CodecError, Report
from mappings.codecs.rsx.bridge.documents import BRIDGES, document_type
from mappings.codecs.rsx.codes import NoCode
from mappings.codecs.rsx.notations import write_json, write_xml
from mappings.codecs.rsx.overlay import Overlay
from mappings.codecs.rsx.schema import Tree, checked
from mappings.codecs.rsx.tables import table

STANDARD = Overlay()
NOTATIONS = ("json", "xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Which relationship the documents belong to, by SPS's TradingPartnerId, and whether they are JSON or XML."""

    trading_partner_id: str
    notation: str = "json"


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of a file, and the type of the documents in it: Invoice, Order, OrderAck or Shipment."""

    data: bytes
    type: str


def write(documents: Sequence[Document], envelope: Envelope, *, overlay: Overlay | None = None) -> Written:
    """One file with all of `documents`, which are of one type; `overlay` is the partner's deviations.

    Raises `CodecError` with all problems found; then nothing is written.
    """
    report = Report()
    overlay = overlay or STANDARD
    types = {document_type(document): type(document).__name__ for document in documents}
    if envelope.notation not in NOTATIONS:
        report.add(f"there is no notation {envelope.notation!r}", "unknown", remedy="Use json or xml.")
    if not documents:
        report.add("there is no document to send", "empty")
    if "" in types:
        report.add(f"RSX has no document for this one ({types['']}) here", "no_message")
    elif len(types) > 1:
        report.add(f"a file holds one type of document, not {' and '.join(sorted(types))}", "mixed_types")
    if report:
        raise CodecError(report)
    (type_,) = types
    trees = []
    for index, document in enumerate(documents, 1):
        place = f"{type_}[{index}]" if len(documents) > 1 else ""
        trees.append(_tree(type_, document, place, envelope, overlay, report))
    if report:
        raise CodecError(report)
    return Written(write_json(trees) if envelope.notation == "json" else write_xml(type_, trees), type_)


def _tree(
    type_: str,
    document: Document,
    place: str,
    envelope: Envelope,
    overlay: Overlay,
    report: Report,
) -> Tree:
    """The tree of `document` as it is written; problems go to `report`."""
    bridge = BRIDGES[type_]
    try:
        tree = bridge.write(document, overlay.all_codes)
    except NoCode as error:
        report.add(
            f"there is no RSX code for the {error.vocabulary.replace('_', ' ')} {error.word!r}",
            "no_code",
            remedy="Add a code for it to the trading partner's code lists.",
            field=place,
            value=error.word,
        )
        return {}
    except InvalidDocument as error:
        report.extend(business_problems(error, prefix=f"{place}." if place else ""))
        return {}
    header = tree["Header"][bridge.header]
    header["TradingPartnerId"] = envelope.trading_partner_id
    group = table(type_)
    overlay.apply(group, tree, report)
    unit: Decimal = smallest_unit(getattr(document, "currency", ""))
    return checked(group, tree, place, report, decimals=-int(unit.as_tuple().exponent))
