"""A stand-in for a tenant of Cleo Integration Cloud: tokens, folders and files, the partners behind them.

with start(tmp_path) as running:
    running.url                      # https://TENANT.cleointegration.com, as it were
    running.sftp_port                # the same Partner Mailbox over SFTP
    running.cleo.tick()              # let Cleo take and answer what is there
    running.cleo.mistakes            # what a careful client never does

How the real service spells its file API is not public, so the stand-in speaks more than one way: a `Shape`
says which paths, methods and names it uses. `PLAIN` and `SECOND` have nothing in common but the tokens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connections.sandbox.cleo.access import PASSWORD, USERNAME
from connections.sandbox.cleo.control import Cleo
from connections.sandbox.cleo.exchange import Site
from connections.sandbox.cleo.shape import PLAIN, SECOND, SHAPES, Shape
from connections.sandbox.common import serve
from connections.sandbox.edi import Verdict
from connections.sandbox.sftp import SftpSandbox, User

__all__ = [
    "PASSWORD",
    "PLAIN",
    "SECOND",
    "SHAPES",
    "USERNAME",
    "Cleo",
    "Running",
    "Shape",
    "Site",
    "Verdict",
    "partner_mailbox",
    "start",
]


FOLDERS = ("/upload", "/download", "/archive", "/error")


@dataclass(frozen=True)
class Running:
    """A running tenant; `sftp` is the other door to the same folders."""

    cleo: Cleo
    sftp: SftpSandbox
    url: str
    host: str
    sftp_port: int


@contextmanager
def start(
    folder: Path, host: str = "127.0.0.1", port: int = 0, sftp_port: int = 0, **options: Any
) -> Iterator[Running]:
    """Run REST and SFTP on the mailbox below `folder` while the block lasts; `options` are those of `Cleo`."""
    sftp = partner_mailbox(folder)
    cleo = Cleo(sftp.storage, **options)
    taken_port = sftp.listen(host, sftp_port)
    try:
        # SFTP has a control surface of its own, for its faults; nobody needs to know its port here.
        with serve(sftp, host), serve(cleo, host, port) as api:
            yield Running(cleo, sftp, api.url, host, taken_port)
    finally:
        sftp.close()


def partner_mailbox(folder: Path, **options: Any) -> SftpSandbox:
    """The SFTP door of a Partner Mailbox whose files lie below `folder`. Nobody takes files by this door."""
    users = [User(name=USERNAME, password=PASSWORD)]
    return SftpSandbox(folder, users=users, partner={"active": False}, folders=FOLDERS, **options)
