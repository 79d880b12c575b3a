"""A stand-in for a partner's SFTP server, with the partner behind it.

with start(tmp_path) as running:
    running.host, running.port       # SFTP
    running.url                      # the control surface over HTTP
    running.sandbox.faults.set("cut_after_rename", times=1)
    running.sandbox.tick()           # let the partner take and answer what is finished
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connections.sandbox.common import serve
from connections.sandbox.edi import Verdict
from connections.sandbox.sftp.accounts import DEFAULT_PASSWORD, DEFAULT_USER, User
from connections.sandbox.sftp.sandbox import SftpSandbox

__all__ = ["DEFAULT_PASSWORD", "DEFAULT_USER", "Running", "SftpSandbox", "User", "Verdict", "start"]


@dataclass(frozen=True)
class Running:
    """A running SFTP server and its control surface."""

    sandbox: SftpSandbox
    host: str
    port: int
    url: str


@contextmanager
def start(
    folder: Path, host: str = "127.0.0.1", port: int = 0, control_port: int = 0, **options: Any
) -> Iterator[Running]:
    """Run the server on `folder` while the block lasts; `options` are those of `SftpSandbox`."""
    sandbox = SftpSandbox(folder, **options)
    taken_port = sandbox.listen(host, port)
    try:
        with serve(sandbox, host, control_port) as control:
            yield Running(sandbox, host, taken_port, control.url)
    finally:
        sandbox.close()
