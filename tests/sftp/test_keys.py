"""Keys: what is accepted, and what is said in words when something else is given."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from connections.systems.base import Misconfigured
from connections.systems.sftp.keys import HostKey, read_private_key

ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
ECDSA = ec.generate_private_key(ec.SECP384R1())
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505


def pem(key: object, form: PrivateFormat = PrivateFormat.OpenSSH, passphrase: str = "") -> str:
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, lock).decode()  # type: ignore[attr-defined]


def public_line(key: object) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()  # type: ignore[attr-defined]


class TestPrivateKey:
    @pytest.mark.parametrize("passphrase", ["", "open sesame"])
    @pytest.mark.parametrize(
        ("key", "form"),
        [
            (ED25519, PrivateFormat.OpenSSH),
            (ED25519, PrivateFormat.PKCS8),
            (RSA, PrivateFormat.OpenSSH),
            (RSA, PrivateFormat.PKCS8),
            (RSA, PrivateFormat.TraditionalOpenSSL),
            (ECDSA, PrivateFormat.OpenSSH),
            (ECDSA, PrivateFormat.PKCS8),
            (ECDSA, PrivateFormat.TraditionalOpenSSL),
        ],
    )
    def test_openssh_and_pem_with_and_without_passphrase(
        self, key: object, form: PrivateFormat, passphrase: str
    ) -> None:
        read = read_private_key(pem(key, form, passphrase), passphrase)

        assert read.can_sign()
        assert f"{read.get_name()} {read.get_base64()}" == public_line(key)

    def test_windows_line_ends_indents_and_blank_lines_around_do_not_matter(self) -> None:
        text = "\r\n  " + pem(ED25519).replace("\n", "\r\n   ") + "\r\n\r\n"

        assert read_private_key(text, "").get_base64() == public_line(ED25519).split()[1]

    def test_a_passphrase_that_is_not_needed_does_not_matter(self) -> None:
        assert read_private_key(pem(RSA), "not needed").can_sign()

    @pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
    def test_a_wrong_passphrase_is_said(self, form: PrivateFormat) -> None:
        with pytest.raises(Misconfigured, match="passphrase does not open"):
            read_private_key(pem(RSA, form, "right"), "wrong")

    def test_a_missing_passphrase_is_said(self) -> None:
        with pytest.raises(Misconfigured, match="protected by a passphrase"):
            read_private_key(pem(ED25519, passphrase="right"), "")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (public_line(ED25519) + " clerk@acme", "a public key"),
            ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", "a public key"),
            (
                RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
                "a public key",
            ),
            ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "PuTTY"),
            ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "a certificate"),
            ("my password", "not a private key"),
            ("", "not a private key"),
            (pem(ED25519)[:150], "damaged"),
            (pem(ED25519).replace("b3BlbnNzaC", "b3BlbnNzaD"), "damaged"),
            (pem(WEAK), "only 1024 bits"),
            (pem(dsa.generate_private_key(2048), PrivateFormat.PKCS8), "not supported"),
            (pem(ed448.Ed448PrivateKey.generate(), PrivateFormat.PKCS8), "not supported"),
        ],
        ids=lambda value: value[:20] if isinstance(value, str) else None,
    )
    def test_anything_else_is_named(self, text: str, said: str) -> None:
        with pytest.raises(Misconfigured, match=said) as failure:
            read_private_key(text, "")

        assert failure.value.remedy
        assert "AAAA" not in f"{failure.value}{failure.value.remedy}{failure.value.detail}"

    def test_a_key_made_by_ssh_keygen_is_read(self, tmp_path: Path) -> None:
        for number, options in enumerate((["-t", "ed25519"], ["-t", "rsa", "-m", "PEM"], ["-t", "ecdsa"])):
            path = tmp_path / str(number)
            command = ["ssh-keygen", "-q", *options, "-N", "secret", "-f", str(path)]
            subprocess.run(command, check=True, capture_output=True)

            assert read_private_key(path.read_text(), "secret").can_sign()


class TestHostKey:
    @pytest.mark.parametrize(
        "written",
        [
            "{line}",
            "  {line}  ",
            "{line} comment of the partner",
            "sftp.acme.com {line}",
            "[sftp.acme.com]:2222,10.0.0.1 {line} comment",
            "|1|c2FsdA==|aGFzaA== {line}",
        ],
    )
    def test_it_is_read_as_known_hosts_has_it(self, written: str) -> None:
        line = public_line(ED25519)

        assert HostKey.from_line(written.format(line=line)).line == line

    def test_its_fingerprint_is_that_of_ssh_keygen(self, tmp_path: Path) -> None:
        for key in (ED25519, RSA, ECDSA):
            path = tmp_path / "key.pub"
            path.write_text(public_line(key) + "\n")
            command = ["ssh-keygen", "-l", "-f", str(path)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout

            assert HostKey.from_line(public_line(key)).fingerprint in said

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "ssh-ed25519",
            "ssh-ed25519 not!base64",
            "ssh-ed25519 AAAA",
            "ssh-dss AAAAB3NzaC1kc3M=",
            "SHA256:abcdef",
            "ssh-rsa " + public_line(ED25519).split()[1],
            "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519").decode(),
        ],
        ids=lambda line: line[:12],
    )
    def test_anything_else_is_refused(self, line: str) -> None:
        with pytest.raises(Misconfigured, match="is not a host key"):
            HostKey.from_line(line)

    def test_a_short_rsa_key_is_refused(self) -> None:
        with pytest.raises(Misconfigured, match="1024 bits"):
            HostKey.from_line(public_line(WEAK))
