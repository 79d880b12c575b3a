"""A stand-in for the file exchange with Stampli: an SFTP server, and Stampli's own worker behind it.

with start(tmp_path) as running:
    running.host, running.port           # SFTP
    running.sandbox.tick()               # let Stampli take what is finished, and put down its exports
    running.sandbox.worker.approve("7001")
    running.sandbox.faults.set("semicolon", times=1)

No template of Stampli is public: its columns here are those that docs/stampli.md proposes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connections.sandbox.common import serve
from connections.sandbox.sftp.accounts import User
from connections.sandbox.stampli.sandbox import StampliSandbox
from connections.sandbox.stampli.worker import StampliWorker

PASSWORD = "stampli-password"
USER = User("stampli", PASSWORD)

__all__ = ["PASSWORD", "USER", "Running", "StampliSandbox", "StampliWorker", "start"]


@dataclass(frozen=True)
class Running:
    """A running stand-in and its control surface."""

    sandbox: StampliSandbox
    host: str
    port: int
    url: str


@contextmanager
def start(
    folder: Path, host: str = "127.0.0.1", port: int = 0, control_port: int = 0, **options: Any
) -> Iterator[Running]:
    """Run the stand-in on `folder` while the block lasts; `options` are those of `SftpSandbox`."""
    sandbox = StampliSandbox(folder, **{"users": [USER], **options})
    taken_port = sandbox.listen(host, port)
    try:
        with serve(sandbox, host, control_port) as control:
            yield Running(sandbox, host, taken_port, control.url)
    finally:
        sandbox.close()
