"""The page of the SFTP stand-in: folders and files, what the partner took, faults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox import pages
from connections.sandbox.edi.page import VERDICTS, complaints_table, documents_table, verdict_forms

if TYPE_CHECKING:
    from connections.sandbox.sftp.sandbox import SftpSandbox
    from connections.sandbox.sftp.storage import Storage

SHOWN = 50


def render(sandbox: SftpSandbox) -> Response:
    """The whole page, from the present state."""
    return pages.page(
        sandbox.name,
        _intro(sandbox),
        pages.section("Partner", _partner(sandbox), sandbox.partner_summary()),
        *(_user(name, storage) for name, storage in sandbox.storages.items()),
        pages.section("Taken by the partner", _taken(sandbox)),
        pages.section("Complaints", complaints_table(sandbox.partner.company.complaints)),
        pages.section("Newest requests", _requests(sandbox)),
        pages.fault_board(sandbox.faults, leave_out=sandbox.idle_switches),
    )


def _intro(sandbox: SftpSandbox) -> Markup:
    port = sandbox.ssh.port if sandbox.ssh else "-"
    keys = ", ".join(key.fingerprint for key in sandbox.host_keys.usual)
    return pages.paragraph(
        Markup("SFTP on port <code>{}</code>, host key <code>{}</code>.").format(port, keys)
    )


def _partner(sandbox: SftpSandbox) -> Markup:
    partner = sandbox.partner
    state = "works" if partner.active else "is switched off"
    summary = Markup(
        "The partner {}: takes from <code>{}</code>, answers into <code>{}</code>: {}, after {:g} s"
    ).format(
        state, partner.take_from, partner.answer_into, VERDICTS[partner.company.verdict], partner.ack_after
    )
    switch = pages.choice_field(
        "active", "Partner", {"true": "works", "false": "is off"}, str(partner.active).lower()
    )
    marker = pages.text_field("marker", "Marker of a finished file", partner.marker, hint="none")
    forms = verdict_forms("/_sandbox/partner", partner.company, partner.ack_after, switch, marker)
    return pages.unfold(summary, forms + documents_table(partner.company.documents)) + pages.form(
        "/_sandbox/tick", "Let the partner work now"
    )


def _user(name: str, storage: Storage) -> Markup:
    by_folder: dict[str, list[tuple[object, ...]]] = {folder: [] for folder in storage.folders()}
    for path, status in storage.files():
        folder, _, file_name = path.rpartition("/")
        changed = datetime.fromtimestamp(status.st_mtime, UTC).isoformat()
        shown = pages.unfold(file_name, pages.content(storage.local(path).read_bytes()))
        by_folder.setdefault(folder or "/", []).append((shown, status.st_size, pages.when(changed)))
    folders = [
        pages.unfold(
            Markup("<code>{}</code>: {} files").format(folder, len(rows)),
            pages.table(("Name", "Bytes", "Changed (UTC)"), rows[-SHOWN:], empty="Nothing lies here."),
        )
        for folder, rows in by_folder.items()
    ]
    return pages.section(f"Folders of {name}", *folders)


def _taken(sandbox: SftpSandbox) -> Markup:
    partner = sandbox.partner
    rows = [
        (
            pages.when(one["at"]),
            pages.unfold(one["name"], pages.content(partner.content(one["number"]))),
            one["size"],
        )
        for one in partner.taken[-SHOWN:]
    ]
    return pages.table(("At (UTC)", "Name", "Bytes"), rows, empty="Nothing yet.")


def _requests(sandbox: SftpSandbox) -> Markup:
    rows = [
        (one["user"], one["request"], " ".join(one["paths"]), one["refused"] or "ok")
        for one in list(sandbox.board.requests)[-SHOWN:]
    ]
    return pages.unfold(
        f"{len(rows)} requests", pages.table(("User", "Request", "Paths", "Result"), rows, empty="None.")
    )
