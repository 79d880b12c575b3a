"""Connections to the servers that judge our SFTP client."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django.fixtures import Settings as DjangoSettings

from connections.models import Connection
from connections.systems.base import Interchange
from connections.systems.sftp.session import fetch_host_keys
from connections.systems.sftp.system import Sftp
from tests.openssh import OpenSSHServer

MakeSystem = Callable[..., Sftp]


@pytest.fixture(autouse=True)
def _loopback(settings: DjangoSettings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True


@pytest.fixture
def connect(openssh: OpenSSHServer) -> MakeSystem:
    """Makes a system that talks to the OpenSSH server; keywords are settings, `credentials` the secrets."""
    values = settings_of(openssh)

    def make(credentials: dict[str, str] | None = None, **settings: Any) -> Sftp:
        if credentials is None:
            credentials = {"private_key": openssh.client_key_path.read_text()}
        return Sftp(Connection(settings=values | settings, credentials=credentials))

    return make


def settings_of(openssh: OpenSSHServer, **changes: Any) -> dict[str, Any]:
    """Settings of a connection to the OpenSSH server, whose host keys somebody has confirmed."""
    return {
        "host": openssh.host,
        "port": openssh.port,
        "username": openssh.username,
        "host_keys": [key.line for key in fetch_host_keys(openssh.host, openssh.port)],
        "outbound_folder": openssh.remote("inbound"),
        "inbound_folder": openssh.remote("outbound"),
        "processed_folder": openssh.remote("processed"),
        "error_folder": openssh.remote("error"),
        "settle_seconds": 0,
        **changes,
    }


class Progress(dict[str, Any]):
    """What a delivery remembers of its attempts; called, it saves."""

    def __init__(self, before_saving: Callable[[], object] = lambda: None, **values: Any) -> None:
        super().__init__(values)
        self.before_saving = before_saving

    def __call__(self, values: Mapping[str, Any]) -> None:
        self.before_saving()
        self.update(values)


def an_interchange(
    name: str = "invoice.x12", content: bytes = b"ISA*00*\r\n\xff\x00", **more: Any
) -> Interchange:
    return Interchange(**{"name": name, "place": "", "file": io.BytesIO(content), **more})


def nothing_seen(_key: str) -> bool:
    return False


@pytest.fixture(scope="session")
def strange_key() -> str:
    """A private key that no server lets in."""
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
