"""Signing in to a real OpenSSH server with every kind of key, and only to the server that a person confirmed."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from connections.systems.base import Misconfigured, NeedsSignIn, StepState
from connections.systems.sftp.session import UnconfirmedHostKey, fetch_host_keys
from tests.openssh import SSHD, OpenSSHServer
from tests.sftp.conftest import MakeSystem, Progress, an_interchange, nothing_seen

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

KEYS: dict[str, Any] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ecdsa-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
PEM, OPENSSH, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH, PrivateFormat.PKCS8


def text_of(key: Any, form: PrivateFormat, passphrase: str) -> str:
    lock: KeySerializationEncryption = NoEncryption()
    if passphrase:
        lock = BestAvailableEncryption(passphrase.encode())
    return str(key.private_bytes(Encoding.PEM, form, lock).decode())


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("ed25519", OPENSSH),
        ("ed25519", PKCS8),
        ("ecdsa-256", OPENSSH),
        ("ecdsa-256", PEM),
        ("ecdsa-384", PKCS8),
        ("ecdsa-521", OPENSSH),
        ("rsa", OPENSSH),
        ("rsa", PEM),
    ],
)
def test_a_key_in_each_form_signs_in(
    openssh: OpenSSHServer, connect: MakeSystem, kind: str, form: PrivateFormat, passphrase: str
) -> None:
    key = KEYS[kind]()
    openssh.authorize(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())
    credentials = {"private_key": text_of(key, form, passphrase), "passphrase": passphrase}

    with connect(credentials=credentials) as system:
        assert system.send(an_interchange(), Progress()).name == "invoice.x12"


def test_a_password_signs_in_and_a_wrong_one_is_tried_once(
    openssh: OpenSSHServer, connect: MakeSystem
) -> None:
    if openssh.password is None:
        pytest.skip("OpenSSH reads passwords from the system's own files alone")
    with connect(credentials={"password": openssh.password}) as system:
        assert system.send(an_interchange(), Progress()).name == "invoice.x12"

    before = openssh.log().count("Failed password")
    with connect(credentials={"password": "wrong"}) as system, pytest.raises(NeedsSignIn):
        system.send(an_interchange(), Progress())
    assert openssh.log().count("Failed password") == before + 1


class TestHostKey:
    def test_a_server_that_nobody_confirmed_gets_no_proof_of_ours(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        before = openssh.log().count("Accepted")
        with (
            connect(host_keys=[]) as system,
            pytest.raises(UnconfirmedHostKey, match="Nobody has confirmed") as failure,
        ):
            system.send(an_interchange(), Progress())
        assert {key.kind for key in failure.value.shown} == {"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}
        assert openssh.log().count("Accepted") == before

    def test_a_changed_key_stops_every_transfer_until_it_is_confirmed(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        openssh.change_host_keys()
        before = openssh.log().count("Accepted")
        for act in (
            lambda system: system.send(an_interchange(), Progress()),
            lambda system: system.find(an_interchange(progress={"renaming": True})),
            lambda system: list(system.collect(openssh.remote("outbound"), nothing_seen)),
        ):
            with connect() as system, pytest.raises(Misconfigured, match="another host key") as failure:
                act(system)
            assert "Nothing was sent" in str(failure.value)
        assert openssh.log().count("Accepted") == before

        confirmed = [key.line for key in fetch_host_keys(openssh.host, openssh.port)]
        with connect(host_keys=confirmed) as system:
            assert system.send(an_interchange(), Progress())

    def test_the_connection_test_shows_the_new_fingerprint(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        system = connect()
        openssh.change_host_keys("ed25519")
        with system:
            steps = {step.key: step for step in system.check()}
        assert steps["host_key"].state == StepState.FAILED
        assert steps["sign_in"].state == StepState.NOT_RUN
        shown = {key["fingerprint"] for key in steps["host_key"].detail["host_keys"]}
        assert openssh.host_key("ed25519").fingerprint in shown

    @pytest.mark.parametrize("pinned", ["ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"])
    def test_one_confirmed_key_of_several_is_enough(
        self, openssh: OpenSSHServer, connect: MakeSystem, pinned: str
    ) -> None:
        [key] = [key for key in fetch_host_keys(openssh.host, openssh.port) if key.kind == pinned]
        with connect(host_keys=[key.line]) as system:
            assert system.send(an_interchange(), Progress())

    def test_a_server_without_the_confirmed_kind_of_key_is_another_one(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        [key] = [key for key in fetch_host_keys(openssh.host, openssh.port) if key.kind == "ssh-ed25519"]
        openssh.offer_host_keys("rsa")
        with connect(host_keys=[key.line]) as system, pytest.raises(Misconfigured, match="another host key"):
            system.send(an_interchange(), Progress())
