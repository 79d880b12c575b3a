"""The connection test of a Cleo tenant over REST."""

import io
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from connections.systems import network
from connections.systems.base import Interchange, Misconfigured, NameParts, Rejected, UnknownOutcome
from connections.systems.checking import Question
from connections.systems.cleo import profile
from connections.systems.cleo.api import CONNECT_SECONDS, Api, Refused, failure_of
from connections.systems.cleo.file_names import rendered
from connections.systems.cleo.profile import Item
from connections.systems.cleo.sending import Placement
from connections.systems.cleo.settings import ArchiveMode

PROBE = b"Written by the connection test of ml-connector.\r\n"


def questions(api: Api) -> Iterator[Question]:
    settings = api.settings
    yield Question("profile", "Do we know how this tenant's file API is spelled?", lambda: _profile(api))
    yield Question("resolve", "Is the tenant's name known?", lambda: _resolve(api))
    yield Question("reach", "Does it answer?", lambda: _reach(api))
    yield Question("secure", "Is the connection secure?", lambda: _secure(api))
    yield Question("sign_in", "Does it let us in?", lambda: _sign_in(api))
    for key, folder, what in (
        ("outbound", settings.outbound_folder, "that we put files into"),
        ("inbound", settings.inbound_folder, "that we collect files from"),
        ("taken", settings.taken_folder, "where Cleo keeps what it has taken"),
        ("archive", settings.archive_folder, "that collected files are moved to"),
    ):
        if folder and (key != "archive" or settings.archive_mode == ArchiveMode.MOVE):
            yield Question(key, f"Can we look into the folder {what}?", _look_into(api, folder))
    if settings.test_writes:
        yield Question("write", "May we put files into the folder?", lambda: _write(api))


def _profile(api: Api) -> str:
    settings = api.settings
    for path, what in (
        (settings.list_path, "lists"),
        (settings.item_name, "the name of a file"),
        (settings.download_path, "fetching files"),
        (settings.upload_path, "uploads"),
    ):
        if not path:
            raise Misconfigured(
                f"The profile does not say anything about {what}.",
                remedy="Ask the administrator of the tenant how its file API is spelled, or use SFTP, which needs "
                "no profile.",
            )
    return "The profile is complete."


def _resolve(api: Api) -> str:
    host, port = api.settings.rest_host, api.settings.rest_port
    return f"{host} has the address {network.resolve(host, port)[0].ip}."


def _reach(api: Api) -> str:
    host, port = api.settings.rest_host, api.settings.rest_port
    network.open_socket(host, port, CONNECT_SECONDS).close()
    return f"Port {port} is open."


def _secure(api: Api) -> str:
    api.reach()
    if api.settings.insecure:
        return "INSECURE: nobody checks that this is the right server. For test installations alone."
    return "Its certificate was accepted."


def _sign_in(api: Api) -> str:
    api.tokens.current()
    return f"Signed in as “{api.settings.username}”."


def _look_into(api: Api, folder: str) -> Callable[[], str]:
    def ask() -> str:
        try:
            count = len(api.files(folder))
        except Refused as refused:
            raise failure_of(
                refused,
                Misconfigured,
                f"“{folder}” cannot be listed (HTTP {refused.status}).",
                remedy="Check the folder, and method and path of lists in the profile.",
            ) from None
        return f"“{folder}” is there and holds {count} {'file' if count == 1 else 'files'}."

    return ask


def _write(api: Api) -> str:
    """Put a small file there under a name like those of documents; take it away again if we may."""
    settings = api.settings
    parts = NameParts(
        type="test",
        kind="connection_test",
        partner="ml-connector",
        number=secrets.token_hex(4),
        revision=1,
        replays=0,
        id=secrets.token_hex(4),
        at=datetime.now(UTC),
        extension="txt",
    )
    name = rendered(settings.file_name, parts)
    try:
        receipt = Placement(api, Interchange(name=name, place="", file=io.BytesIO(PROBE))).send(
            lambda _: None
        )
    except (Rejected, UnknownOutcome) as failure:
        raise Misconfigured(
            f"A small file could not be put into “{settings.outbound_folder}”. {failure}",
            remedy=failure.remedy,
            detail=failure.detail,
        ) from None
    if not settings.delete_path:
        return f"{name} was put into “{settings.outbound_folder}”; Cleo may tell that it is no EDI."
    url = profile.address(
        settings,
        settings.delete_path,
        folder=settings.outbound_folder,
        item=Item(id=receipt.remote_id, name=name),
    )
    try:
        api.call(settings.delete_method, url, repeatable=True)
    except Refused as refused:
        if refused.status != 404:
            return f"{name} was put into “{settings.outbound_folder}” and could not be removed."
    return f"{name} was put into “{settings.outbound_folder}” and removed."
