"""The page of the Sterling stand-in: boxes and messages, partners and their verdicts, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox import pages
from connections.sandbox.edi import Verdict
from connections.sandbox.ibm_sterling.service import BASE

if TYPE_CHECKING:
    from connections.sandbox.ibm_sterling.control import Sterling
    from connections.sandbox.ibm_sterling.sites import Site

SHOWN_PER_BOX = 50
SHOWN_COMPLAINTS = 100
VERDICTS = {
    Verdict.ACCEPT.value: "accept",
    Verdict.ACCEPT_WITH_ERRORS.value: "accept with errors",
    Verdict.REJECT.value: "reject",
    Verdict.PARTIAL.value: "accept in part",
    Verdict.NEVER.value: "never answer",
}


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
        pages.section("Complaints", _complaints(sterling)),
        pages.section("Mistakes of the client", _mistakes(sterling)),
        pages.fault_board(sterling.faults),
    )


def _tick() -> Markup:
    return pages.form("/_sandbox/tick", "Let the partners work now")


def _partner(site: Site) -> Markup:
    company, to = site.company, f"/_sandbox/partners/{site.name}"
    single = ", ".join(f"{number}: {VERDICTS[verdict]}" for number, verdict in company.verdicts.items())
    return pages.unfold(
        Markup("<b>{}</b>: {}, answers after {:g} s; got {} documents, {} answers due").format(
            site.name, VERDICTS[company.verdict], site.ack_after, len(company.documents), len(site.due)
        ),
        Markup("").join(
            [
                pages.form(
                    to,
                    "Save",
                    pages.choice_field("verdict", "Verdict on everything", VERDICTS, company.verdict),
                    pages.text_field("ack_after", "Answer after (seconds)", site.ack_after, "number"),
                    pages.choice_field(
                        "acknowledge_with",
                        "Answer with",
                        {"997": "997", "999": "999"},
                        company.acknowledge_with,
                    ),
                ),
                pages.form(
                    to,
                    "Set for one number",
                    pages.text_field("key", "Invoice or other number"),
                    pages.choice_field("value", "Verdict", {"": "as for everything", **VERDICTS}),
                    pair="verdicts",
                ),
                pages.paragraph(f"Set for single numbers: {single or 'none'}."),
                _documents(company.documents),
            ]
        ),
    )


def _documents(documents: list[dict[str, Any]]) -> Markup:
    rows = [
        (
            pages.when(one["at"]),
            one["kind"],
            one["number"],
            one["interchange"],
            "yes" if one["taken"] else "refused",
        )
        for one in documents[-SHOWN_PER_BOX:]
    ]
    return pages.table(
        ("Got at (UTC)", "Kind", "Number", "Interchange", "Taken"), rows, empty="Nothing came yet."
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


def _complaints(sterling: Sterling) -> Markup:
    rows = [
        (pages.when(one["at"]), one["partner"], one["kind"], one["source"], one["text"])
        for one in sterling.complaints()[-SHOWN_COMPLAINTS:]
    ]
    return pages.table(("At (UTC)", "Partner", "Kind", "Message", "Text"), rows, empty="Nobody complains.")


def _mistakes(sterling: Sterling) -> Markup:
    rows = [
        (pages.when(one["at"]), one["method"], one["path"], one["text"])
        for one in sterling.mistakes[-SHOWN_COMPLAINTS:]
    ]
    return pages.table(("At (UTC)", "Method", "Path", "Text"), rows, empty="None was seen.")
