"""Who may sign in, and the keys by which the server shows who it is."""

import base64
import hmac
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DEFAULT_USER = "ml-connector"
DEFAULT_PASSWORD = "sftp-password"


@dataclass(frozen=True)
class User:
    """A login by password, by one of the public keys (lines as in `authorized_keys`), or by either."""

    name: str = DEFAULT_USER
    password: str | None = DEFAULT_PASSWORD
    public_keys: tuple[str, ...] = ()

    @property
    def methods(self) -> str:
        """The sign-in methods to offer, in SSH's words."""
        offered = ["publickey"] * bool(self.public_keys) + ["password"] * (self.password is not None)
        return ",".join(offered)

    def knows_password(self, password: str) -> bool:
        return self.password is not None and hmac.compare_digest(password.encode(), self.password.encode())

    def knows_key(self, key: paramiko.PKey) -> bool:
        return any(key.asbytes() == base64.b64decode(line.split()[1]) for line in self.public_keys)


class HostKeys:
    """The server's keys of the named kinds (`ed25519`, `ecdsa`, `rsa`), kept in `folder` once made.

    `changed` is another set, for a server that somebody replaced; it is made when it is first needed.
    """

    def __init__(self, folder: Path, kinds: tuple[str, ...]) -> None:
        self.folder = folder
        self.kinds = kinds
        self.usual = self._load("ssh_host")

    @property
    def changed(self) -> list[paramiko.PKey]:
        return self._load("changed_ssh_host")

    def _load(self, prefix: str) -> list[paramiko.PKey]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return [_load_or_make(self.folder / f"{prefix}_{kind}_key", kind) for kind in self.kinds]


def _load_or_make(path: Path, kind: str) -> paramiko.PKey:
    if not path.exists():
        path.touch(mode=0o600)
        if kind == "ed25519":
            path.write_bytes(_ed25519_file())
        else:
            key = paramiko.ECDSAKey.generate() if kind == "ecdsa" else paramiko.RSAKey.generate(2048)
            key.write_private_key_file(str(path))
    return paramiko.PKey.from_path(path)


def _ed25519_file() -> bytes:
    """A new private key in OpenSSH's format, which paramiko reads but cannot make."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
