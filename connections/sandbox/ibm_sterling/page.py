"""The page of the Sterling stand-in: boxes and messages, partners and their verdicts, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox import pages
from connections.sandbox.edi.page import VERDICTS, complaints_table, documents_table, verdict_forms
from connections.sandbox.ibm_sterling.service import BASE

if TYPE_CHECKING:
    from connections.sandbox.ibm_sterling.control import Sterling
    from connections.sandbox.ibm_sterling.sites import Site

SHOWN_PER_BOX = 50
SHOWN_MISTAKES = 100


def render(sterling: Sterling) -> Response:
    """The whole page, from the present state."""
    intro = pages.paragraph(
        Markup("A stand-in for the B2B REST API, below <code>{}/</code>. It holds nothing real.").format(BASE)
    )
    return pages.page(
        sterling.name,
        intro,
        pages.section("Partners", *(_partner(site) for site in sterling.sites.values()), _tick()),
        pages.section("Mailboxes", *(_box(sterling, box) for box in sterling.boxes())),
        pages.section("Complaints", complaints_table(sterling.complaints())),
        pages.section("Mistakes of the client", _mistakes(sterling)),
        pages.fault_board(sterling.faults),
    )


def _tick() -> Markup:
    return pages.form("/_sandbox/tick", "Let the partners work now")


def _partner(site: Site) -> Markup:
    company = site.company
    choice = pages.choice_field(
        "acknowledge_with", "Answer with", {"997": "997", "999": "999"}, company.acknowledge_with
    )
    return pages.unfold(
        Markup("<b>{}</b>: {}, answers after {:g} s; got {} documents, {} answers due").format(
            site.name, VERDICTS[company.verdict], site.ack_after, len(company.documents), len(site.due)
        ),
        verdict_forms(f"/_sandbox/partners/{site.name}", company, site.ack_after, choice)
        + documents_table(company.documents),
    )


def _box(sterling: Sterling, box: dict[str, Any]) -> Markup:
    messages = box["messages"]
    rows = [
        (
            one["id"],
            pages.unfold(one["name"], pages.content(sterling.payload(one["id"]))),
            one["size"],
            pages.when(one["created"]),
            one["failed"] or one["state"],
        )
        for one in messages[-SHOWN_PER_BOX:]
    ]
    older = f", the newest {SHOWN_PER_BOX} are shown" if len(messages) > SHOWN_PER_BOX else ""
    return pages.unfold(
        Markup("<code>{}</code>: {} messages{}").format(box["path"], len(messages), older),
        pages.table(("Id", "Name", "Bytes", "Came (UTC)", "State"), rows, empty="This box is empty."),
    )


def _mistakes(sterling: Sterling) -> Markup:
    rows = [
        (pages.when(one["at"]), one["method"], one["path"], one["text"])
        for one in sterling.mistakes[-SHOWN_MISTAKES:]
    ]
    return pages.table(("At (UTC)", "Method", "Path", "Text"), rows, empty="None was seen.")
