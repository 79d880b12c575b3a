"""The page of the Cleo stand-in: partners, folders, what was taken, mistakes, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox import pages
from connections.sandbox.cleo.access import TOKEN_PATH
from connections.sandbox.edi.page import VERDICTS, complaints_table, documents_table, verdict_forms

if TYPE_CHECKING:
    from connections.sandbox.cleo.control import Cleo
    from connections.sandbox.cleo.exchange import Site

SHOWN = 50


def render(cleo: Cleo) -> Response:
    """The whole page, from the present state."""
    return pages.page(
        cleo.name,
        _intro(cleo),
        pages.section("Partners", *(_partner(site) for site in cleo.sites.values()), _tick()),
        pages.section("Folders", *(_folder(cleo, path) for path in cleo.mailbox.storage.folders()[1:])),
        pages.section("Taken to the partners", _taken(cleo)),
        pages.section("HTTP action", _push(cleo)),
        pages.section("How the API is spelled", _spelling(cleo)),
        pages.section("Complaints", complaints_table(cleo.complaints())),
        pages.section("Mistakes of the client", _mistakes(cleo)),
        pages.fault_board(cleo.faults),
    )


def _intro(cleo: Cleo) -> Markup:
    return pages.paragraph(
        Markup(
            "A stand-in for a tenant with one Partner Mailbox. Tokens: <code>{}</code>, {} given out, {} refused. "
            "Allowed file types: {}."
        ).format(
            TOKEN_PATH, cleo.access.logins, cleo.access.refusals, ", ".join(cleo.allowed) or "every name"
        )
    )


def _tick() -> Markup:
    return pages.form("/_sandbox/tick", "Let Cleo work now")


def _partner(site: Site) -> Markup:
    company = site.company
    later = pages.text_field("pick_up_after", "Take after (seconds)", f"{site.pick_up_after:g}", "number")
    return pages.unfold(
        Markup(
            "<b>{}</b>: takes from <code>{}</code>, answers into <code>{}</code>: {}, after {:g} s; {} due"
        ).format(
            site.name,
            site.take_from,
            site.answer_into,
            VERDICTS[company.verdict],
            site.ack_after,
            len(site.due),
        ),
        verdict_forms(f"/_sandbox/partners/{site.name}", company, site.ack_after, later)
        + documents_table(company.documents),
    )


def _folder(cleo: Cleo, path: str) -> Markup:
    files = cleo.mailbox.files(path)
    rows = [
        (file.identifier, pages.unfold(file.name, pages.content(cleo.mailbox.content(file))), file.size)
        for file in files[-SHOWN:]
    ]
    return pages.unfold(
        Markup("<code>{}</code>: {} files").format(path.strip("/"), len(files)),
        pages.table(("Id", "Name", "Bytes"), rows, empty="Nothing lies here."),
    )


def _taken(cleo: Cleo) -> Markup:
    log = cleo.exchange.taken
    first = max(0, len(log) - SHOWN)
    rows = [
        (
            pages.when(one["at"]),
            one["partner"],
            pages.unfold(one["name"], pages.content(cleo.exchange.content(number))),
            one["size"],
        )
        for number, one in enumerate(log[first:], first + 1)
    ]
    return pages.table(("At (UTC)", "Partner", "Name", "Bytes"), rows, empty="Nothing yet.")


def _push(cleo: Cleo) -> Markup:
    state = "is set; the address is a secret" if cleo.push_to else "is not set: nobody is told of new files"
    rows = [(one["name"], one["status"] or one["error"]) for one in cleo.pushed[-SHOWN:]]
    return (
        pages.paragraph(f"The address {state}.")
        + pages.form("/_sandbox/push", "Set", pages.text_field("to", "Address", hint="none"))
        + pages.table(("File", "Answer"), rows, empty="Nothing was told yet.")
    )


def _spelling(cleo: Cleo) -> Markup:
    shown = [(name, Markup("<code>{}</code>").format(value)) for name, value in vars(cleo.shape).items()]
    return pages.unfold(
        f"The spelling “{cleo.shape.name}”", pages.table(("What", "How"), shown, empty="Nothing.")
    )


def _mistakes(cleo: Cleo) -> Markup:
    rows = [
        (pages.when(one["at"]), one["method"], one["path"], one["text"]) for one in cleo.mistakes[-SHOWN:]
    ]
    return pages.table(("At (UTC)", "Method", "Path", "Text"), rows, empty="None was seen.")
