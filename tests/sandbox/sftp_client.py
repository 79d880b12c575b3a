"""A plain paramiko client for the SFTP stand-in."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko

from connections.sandbox.sftp import DEFAULT_PASSWORD, DEFAULT_USER, Running

CONNECTION_LOST = (OSError, EOFError, paramiko.SSHException)


@contextmanager
def connect(running: Running, **login: Any) -> Iterator[paramiko.SFTPClient]:
    """A signed-in client that trusts the server's usual key; by password unless `login` says otherwise."""
    login = {"username": DEFAULT_USER, "password": DEFAULT_PASSWORD} | login
    transport = paramiko.Transport((running.host, running.port))
    try:
        transport.connect(hostkey=running.sandbox.host_keys.usual[0], **login)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()


def put(sftp: paramiko.SFTPClient, path: str, payload: bytes, *, confirm: bool = True) -> None:
    sftp.putfo(io.BytesIO(payload), path, confirm=confirm)


def read(sftp: paramiko.SFTPClient, path: str) -> bytes:
    with sftp.open(path, "rb") as file:
        return file.read()
