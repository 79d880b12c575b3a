"""The connection test of an SFTP server."""

import io
import secrets
import stat
from collections.abc import Iterator
from itertools import islice

from connections.systems import network
from connections.systems.base import Misconfigured, SystemFailure
from connections.systems.checking import Question
from connections.systems.sftp import names
from connections.systems.sftp.client import Refusal
from connections.systems.sftp.keys import HostKey, describe
from connections.systems.sftp.session import CONNECT_SECONDS, Session
from connections.systems.sftp.settings import AfterCollect, Settings

PROBE = b"Written by the connection test of ml-connector, and removed by it.\r\n"


def questions(session: Session, settings: Settings) -> Iterator[Question]:
    yield Question("resolve", "Is the server's name known?", lambda: _resolve(settings))
    yield Question("reach", "Does the server answer?", lambda: _reach(settings))
    yield Question("host_key", "Is it the server that it says it is?", lambda: _host_key(session))
    yield Question("sign_in", "Does it let us in?", lambda: _sign_in(session, settings))
    yield Question(
        "outbound",
        "Is the folder there that we put files into?",
        lambda: _is_folder(session, settings.outbound_folder),
    )
    if settings.test_writes:
        yield Question(
            "write",
            "May we write and rename there?",
            lambda: _write(session, settings.outbound_folder),
        )
    if settings.inbound_folder:
        yield Question(
            "inbound",
            "Can we look into the folder that we collect files from?",
            lambda: _look_into(session, settings.inbound_folder),
        )
    for key, folder in _folders_to_move_to(settings):
        yield Question(
            key,
            f"Is the folder “{folder}” there, for collected files?",
            lambda folder=folder: _is_folder(session, folder),  # type: ignore[misc]
        )


def _folders_to_move_to(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.inbound_folder or settings.after_collect == AfterCollect.LEAVE:
        return
    if settings.processed_folder and settings.after_collect == AfterCollect.MOVE:
        yield "processed", settings.processed_folder
    if settings.error_folder:
        yield "error", settings.error_folder


def _resolve(settings: Settings) -> str:
    addresses = network.resolve(settings.host, settings.port)
    return f"{settings.host} has the address {addresses[0].ip}."


def _reach(settings: Settings) -> str:
    network.open_socket(settings.host, settings.port, CONNECT_SECONDS).close()
    return f"Port {settings.port} is open."


def _host_key(session: Session) -> str:
    transport = session.verify_host_key()
    shown = HostKey.of(transport.get_remote_server_key())
    return f"It showed a confirmed host key: {describe([shown])}."


def _sign_in(session: Session, settings: Settings) -> str:
    session.open()
    return f"Signed in as “{settings.username}”."


def _is_folder(session: Session, folder: str) -> str:
    try:
        with session.watched():
            mode = session.client.stat(folder).st_mode
    except Refusal as refusal:
        raise refusal.as_failure("look into", folder) from None
    if mode is not None and not stat.S_ISDIR(mode):
        raise Misconfigured(f"“{folder}” is a file, not a folder.", remedy="Correct the folder.")
    return f"“{folder}” is there."


def _look_into(session: Session, folder: str) -> str:
    try:
        with session.watched():
            some = list(islice(session.client.entries(folder), 1000))
    except Refusal as refusal:
        raise refusal.as_failure("look into", folder) from None
    files = sum(1 for _, attributes in some if not stat.S_ISDIR(attributes.st_mode or 0))
    return f"“{folder}” is there and holds {files} {'file' if files == 1 else 'files'}."


def _write(session: Session, folder: str) -> str:
    # Dot files only: whoever waits for files there must not take the probe for one.
    name = f".ml-connector-{secrets.token_hex(4)}"
    written, renamed = names.join(folder, f"{name}.part"), names.join(folder, name)
    left = written
    try:
        with session.watched():
            session.client.store(written, io.BytesIO(PROBE))
            session.client.rename(written, renamed)
            left = renamed
            size = session.client.size_of(renamed)
            session.client.remove(renamed)
    except Refusal as refusal:
        _tidy(session, left)
        raise refusal.as_failure("write, rename and remove files in", folder) from None
    if size != len(PROBE):
        raise Misconfigured(
            "The server did not keep the test file as it was written.",
            remedy="Does it take files away at once? Then switch the size check off.",
        )
    return "A small file was written, renamed and removed."


def _tidy(session: Session, path: str) -> None:
    try:
        with session.watched():
            session.client.remove(path)
    except (Refusal, SystemFailure):
        pass
