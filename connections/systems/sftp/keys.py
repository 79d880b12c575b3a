"""Keys: the server's, which a person has confirmed, and our own, with which we sign in.

Host key verification is mandatory. The keys are pinned whole; negotiation is restricted to the pinned types,
because a server that has several keys would else show one that nobody has confirmed, and a healthy server
would look like a forged one.
"""

import base64
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from paramiko.pkey import UnknownKeyType

from connections.systems.base import Misconfigured

SMALLEST_RSA = 2048
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")

# Which signature algorithms prove possession of a host key, by the type of the key. SHA-1 ("ssh-rsa") is not
# among them: it can be forged, and paramiko has removed it.
ALGORITHMS: dict[str, tuple[str, ...]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": RSA_SIGNATURES,
}


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key: its type as in known_hosts, and the key itself."""

    kind: str
    blob: bytes

    @classmethod
    def from_line(cls, line: str) -> "HostKey":
        """From `keytype base64`, with or without host names before and a comment behind, as in known_hosts.

        Raises `Misconfigured` for anything else, and for an RSA key that is too short.
        """
        words = line.split()
        kind = next((word for word in words[:2] if word in ALGORITHMS), "")
        encoded = words[words.index(kind) + 1 :][:1] if kind else []
        try:
            blob = base64.b64decode("".join(encoded), validate=True)
            if not encoded or paramiko.PKey.from_type_string(kind, blob).get_name() != kind:
                raise ValueError("not a key of that type")
        except (ValueError, paramiko.SSHException, UnknownKeyType):
            raise Misconfigured(
                f"“{line[:60]}” is not a host key.",
                remedy="Write one key per line: its type, such as ssh-ed25519, a space, and the key itself.",
            ) from None
        return _long_enough(cls(kind, blob))

    @classmethod
    def of(cls, key: paramiko.PKey) -> "HostKey":
        """The key that a server has shown. Raises `Misconfigured` for an RSA key that is too short."""
        return _long_enough(cls(key.get_name(), key.asbytes()))

    @property
    def line(self) -> str:
        """`keytype base64`: how it is kept in the settings."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """As OpenSSH prints it, so that two people can compare it: `SHA256:` and base64 without padding."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")


def describe(keys: Iterable[HostKey]) -> str:
    """`ssh-ed25519 SHA256:..., ssh-rsa SHA256:...` for people to compare."""
    return ", ".join(f"{key.kind} {key.fingerprint}" for key in keys)


def signature_algorithms(keys: Iterable[HostKey]) -> tuple[str, ...]:
    """What to offer in the negotiation, so that the server shows one of `keys`."""
    return tuple(dict.fromkeys(name for key in keys for name in ALGORITHMS[key.kind]))


def read_private_key(text: str, passphrase: str) -> paramiko.PKey:
    """A private key in OpenSSH or PEM format (RSA, ECDSA, Ed25519).

    Raises `Misconfigured` that says in words what was given instead, or what is wrong with it. The text of a
    key never enters a failure.
    """
    text = "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"
    _refuse_what_is_no_private_key(text)
    key = _load(text.encode(), passphrase)
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < SMALLEST_RSA:
            raise Misconfigured(
                f"The private key is an RSA key of only {key.key_size} bits, which is not safe any more.",
                remedy=f"Make an Ed25519 key, or an RSA key of at least {SMALLEST_RSA} bits.",
            )
        kind: type[paramiko.PKey] = paramiko.RSAKey
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        kind = paramiko.ECDSAKey
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        kind = paramiko.Ed25519Key
    else:
        raise _unusable()
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    try:
        return kind.from_private_key(io.StringIO(plain.decode()))
    except paramiko.SSHException:
        raise _unusable() from None


def _long_enough(key: HostKey) -> HostKey:
    bits = paramiko.PKey.from_type_string(key.kind, key.blob).get_bits()
    if key.kind == "ssh-rsa" and bits < SMALLEST_RSA:
        raise Misconfigured(
            f"The server's RSA key has only {bits} bits and can be forged.",
            remedy=f"The server needs an Ed25519 key, or an RSA key of at least {SMALLEST_RSA} bits.",
        )
    return key


def _refuse_what_is_no_private_key(text: str) -> None:
    if text.startswith("PuTTY-User-Key-File"):
        raise Misconfigured(
            "The private key is in PuTTY's own format.",
            remedy="Open it in PuTTYgen and choose Conversions, Export OpenSSH key; paste that file.",
        )
    first_word = text.split(maxsplit=1)[0] if text.strip() else ""
    if first_word in ALGORITHMS or "PUBLIC KEY-----" in text or "SSH2 PUBLIC KEY" in text:
        raise Misconfigured(
            "This is a public key.",
            remedy="Paste the private key: the file without “.pub”. The public key belongs on the server.",
        )
    if "-----BEGIN CERTIFICATE" in text:
        raise Misconfigured("This is a certificate.", remedy="Paste the private key that belongs to it.")
    if "PRIVATE KEY-----" not in text:
        raise Misconfigured(
            "This is not a private key.",
            remedy="Paste the whole file, from “-----BEGIN” to the line with “-----END”.",
        )


def _load(data: bytes, passphrase: str) -> Any:
    load = (
        serialization.load_ssh_private_key if b"BEGIN OPENSSH" in data else serialization.load_pem_private_key
    )
    try:
        return load(data, password=None)
    except TypeError:
        pass  # it is encrypted
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable() from None
    if not passphrase:
        raise Misconfigured(
            "The private key is protected by a passphrase.", remedy="Enter its passphrase as well."
        )
    try:
        return load(data, password=passphrase.encode())
    except (ValueError, TypeError):
        raise Misconfigured(
            "The passphrase does not open the private key.", remedy="Enter the passphrase of this key."
        ) from None
    except UnsupportedAlgorithm:
        raise _unusable() from None


def _unusable() -> Misconfigured:
    return Misconfigured(
        "The private key is damaged or of a kind that is not supported.",
        remedy="Use an Ed25519, ECDSA or RSA key in OpenSSH or PEM format, and paste the whole file.",
    )
