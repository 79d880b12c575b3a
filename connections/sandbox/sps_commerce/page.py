"""The page of the SPS Commerce stand-in: directories and files, orders to book, complaints, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox import pages
from connections.sandbox.sps_commerce.service import BASE
from connections.sandbox.sps_commerce.store import parent_of

if TYPE_CHECKING:
    from connections.sandbox.sps_commerce.control import Sps

SHOWN_PER_DIRECTORY = 50
SHOWN_TRANSFERS = 100
SHOWN_MISTAKES = 100
NOTATIONS = {"json": "JSON", "xml": "XML"}


def render(sps: Sps) -> Response:
    """The whole page, from the present state."""
    intro = pages.paragraph(
        Markup("A stand-in for the Transaction API, below <code>{}/</code>. It holds nothing real.").format(
            BASE
        )
    )
    directories = list(sps.store.directories)
    return pages.page(
        sps.name,
        intro,
        pages.section("Retailers", _order(), _shipment(), _take()),
        pages.section("Directories", *(_directory(sps, path) for path in directories)),
        pages.section("Complaints about what was sent", _complaints(sps)),
        pages.section("History", _history(sps)),
        pages.section("Mistakes of the client", _mistakes(sps)),
        pages.fault_board(sps.faults),
    )


def _order() -> Markup:
    return pages.form(
        "/_sandbox/orders",
        "Order",
        pages.text_field("partner", "TradingPartnerId", "4X7ALLNORTHLINE"),
        pages.choice_field("notation", "Notation", NOTATIONS),
        pages.text_field("documents", "Orders in the file", 1, kind="number"),
    )


def _shipment() -> Markup:
    return pages.form(
        "/_sandbox/shipments",
        "Send a ship notice",
        pages.text_field("number", "Shipment"),
        pages.text_field("order", "Of order"),
    )


def _take() -> Markup:
    return pages.form("/_sandbox/tick", "Let SPS take what is in in/ now", quiet=True)


def _directory(sps: Sps, directory: str) -> Markup:
    files = {path: content for path, content in sps.files(directory).items() if parent_of(path) == directory}
    rows: list[tuple[object, ...]] = [
        (pages.unfold(path.removeprefix(directory), pages.content(content)), len(content))
        for path, content in [*files.items()][-SHOWN_PER_DIRECTORY:]
    ]
    newest = f", the newest {SHOWN_PER_DIRECTORY} are shown" if len(files) > SHOWN_PER_DIRECTORY else ""
    return pages.unfold(
        Markup("<code>{}</code>: {} files{}").format(directory, len(files), newest),
        pages.table(("File", "Bytes"), rows, empty="No file is here."),
    )


def _complaints(sps: Sps) -> Markup:
    rows: list[tuple[object, ...]] = [(one["path"], one["text"]) for one in sps.complaints()]
    return pages.table(("File", "Complaint"), rows, empty="There is nothing to complain of.")


def _history(sps: Sps) -> Markup:
    rows: list[tuple[object, ...]] = [
        (pages.when(one.log[0]["timestamp"]), one.path, ", ".join(step["status"] for step in one.log))
        for one in reversed(sps.store.history[-SHOWN_TRANSFERS:])
    ]
    return pages.table(("Began (UTC)", "Path", "What happened"), rows, empty="Nothing was transferred.")


def _mistakes(sps: Sps) -> Markup:
    rows: list[tuple[object, ...]] = [
        (pages.when(one["at"]), one["method"], one["path"], one["text"])
        for one in sps.mistakes[-SHOWN_MISTAKES:]
    ]
    return pages.table(("At (UTC)", "Method", "Path", "Text"), rows, empty="None was seen.")
