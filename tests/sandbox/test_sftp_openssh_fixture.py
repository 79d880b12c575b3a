"""The OpenSSH server that tests use does what `tests/openssh.py` says of it. Judge: paramiko."""

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from tests.openssh import HOST_KEY_KINDS, OpenSSHServer

pytestmark = pytest.mark.openssh

CONNECTION_LOST = (OSError, EOFError, paramiko.SSHException)


def needs_isolation(server: OpenSSHServer) -> None:
    if not server.isolated:
        pytest.skip("needs root and the right to make namespaces")


def connect(server: OpenSSHServer, kind: str = "ed25519", **login: object) -> paramiko.Transport:
    """A signed-in transport that trusts exactly the server's host key of `kind`."""
    key = server.host_key(kind)
    transport = paramiko.Transport((server.host, server.port))
    transport.get_security_options().key_types = ("rsa-sha2-512",) if kind == "rsa" else (key.get_name(),)
    transport.connect(hostkey=key, username=server.username, **login)  # type: ignore[arg-type]
    return transport


def test_uploads_a_file_renames_it_and_reads_it_back(openssh: OpenSSHServer) -> None:
    with openssh.sftp() as sftp:
        sftp.putfo(io.BytesIO(b"ISA*00*\r\n\x00\xff"), openssh.remote("inbound/.a.part"))
        sftp.rename(openssh.remote("inbound/.a.part"), openssh.remote("inbound/a.x12"))

        assert sftp.listdir(openssh.remote("inbound")) == ["a.x12"]
    assert openssh.local("inbound/a.x12").read_bytes() == b"ISA*00*\r\n\x00\xff"


def test_each_test_finds_empty_folders(openssh: OpenSSHServer) -> None:
    with openssh.sftp() as sftp:
        assert sorted(sftp.listdir(openssh.remote(""))) == ["error", "inbound", "outbound", "processed"]
        assert sftp.listdir(openssh.remote("inbound")) == []


def test_a_plain_rename_over_an_existing_file_fails_and_posix_rename_replaces_it(
    openssh: OpenSSHServer,
) -> None:
    old, new = openssh.remote("inbound/old"), openssh.remote("inbound/new")
    with openssh.sftp() as sftp:
        sftp.putfo(io.BytesIO(b"old"), old)
        sftp.putfo(io.BytesIO(b"new"), new)
        with pytest.raises(OSError, match="Failure"):
            sftp.rename(old, new)

        sftp.posix_rename(old, new)

        assert sftp.open(new).read() == b"old"


@pytest.mark.parametrize("kind", HOST_KEY_KINDS)
def test_presents_a_host_key_of_every_kind(openssh: OpenSSHServer, kind: str) -> None:
    transport = connect(openssh, kind, pkey=openssh.client_key)

    assert transport.is_authenticated()
    transport.close()


def test_signs_in_with_a_password_when_isolated(openssh: OpenSSHServer) -> None:
    needs_isolation(openssh)

    transport = connect(openssh, password=openssh.password)

    assert transport.is_authenticated()
    transport.close()


def test_refuses_a_wrong_password_and_a_strange_key(openssh: OpenSSHServer) -> None:
    strange = paramiko.RSAKey.generate(2048)
    for login in ({"pkey": strange}, {"password": "wrong"}):
        with pytest.raises(paramiko.AuthenticationException):
            connect(openssh, **login)


def test_lets_in_a_further_key_at_once(openssh: OpenSSHServer) -> None:
    further = paramiko.ECDSAKey.generate(bits=384)
    openssh.authorize(f"{further.get_name()} {further.get_base64()}")

    transport = connect(openssh, pkey=further)

    assert transport.is_authenticated()
    transport.close()


def test_a_changed_host_key_is_seen_by_the_client_on_the_same_port(openssh: OpenSSHServer) -> None:
    old_key, old_port = openssh.host_key(), openssh.port

    openssh.change_host_keys("ed25519")

    assert openssh.port == old_port
    assert openssh.host_key() != old_key
    transport = paramiko.Transport((openssh.host, openssh.port))
    with pytest.raises(paramiko.SSHException, match="Bad host key"):
        transport.connect(hostkey=old_key, username=openssh.username, pkey=openssh.client_key)
    transport.close()


def test_offers_only_the_chosen_kinds_of_host_key(openssh: OpenSSHServer) -> None:
    openssh.offer_host_keys("rsa")

    with pytest.raises(paramiko.SSHException):
        connect(openssh, "ed25519", pkey=openssh.client_key)
    connect(openssh, "rsa", pkey=openssh.client_key).close()


def test_stopped_it_refuses_connections_and_started_it_is_back_with_its_files(
    openssh: OpenSSHServer,
) -> None:
    with openssh.sftp() as sftp:
        sftp.putfo(io.BytesIO(b"kept"), openssh.remote("inbound/a"))

    openssh.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((openssh.host, openssh.port), timeout=5)

    openssh.start()
    with openssh.sftp() as sftp:
        assert sftp.open(openssh.remote("inbound/a")).read() == b"kept"


def test_a_cut_ends_an_upload_in_the_middle_and_leaves_the_server_listening(
    openssh: OpenSSHServer,
) -> None:
    part = openssh.remote("inbound/.big.part")
    transport = connect(openssh, pkey=openssh.client_key)
    sftp = paramiko.SFTPClient.from_transport(transport)
    assert sftp is not None

    upload = sftp.open(part, "wb")
    upload.write(b"x" * 100_000)
    assert openssh.cut() >= 1
    with pytest.raises(CONNECTION_LOST):
        upload.write(b"x" * 20_000_000)
    transport.close()

    with openssh.sftp() as again:
        assert 0 < (again.stat(part).st_size or 0) < 20_000_000


def test_a_full_disk_fails_the_write_and_afterwards_the_folder_is_as_before(openssh: OpenSSHServer) -> None:
    needs_isolation(openssh)
    with openssh.sftp() as sftp:
        with openssh.limit_disk("inbound", 65_536), pytest.raises(OSError, match=r"Failure|mismatch"):
            sftp.putfo(io.BytesIO(b"x" * 200_000), openssh.remote("inbound/a"))

        sftp.putfo(io.BytesIO(b"x" * 200_000), openssh.remote("inbound/a"))
    assert openssh.local("inbound/a").stat().st_size == 200_000


def test_a_folder_without_write_permission_refuses_an_upload(openssh: OpenSSHServer) -> None:
    needs_isolation(openssh)
    openssh.local("inbound").chmod(0o555)

    with openssh.sftp() as sftp, pytest.raises(PermissionError):
        sftp.putfo(io.BytesIO(b"x"), openssh.remote("inbound/a"))


def test_the_user_is_locked_into_the_folder(openssh: OpenSSHServer) -> None:
    needs_isolation(openssh)
    with openssh.sftp() as sftp, pytest.raises(FileNotFoundError):
        sftp.stat("/etc/passwd")


class TestWithoutIsolation:
    """What remains for a developer who is not root: key login as oneself, everything but the full disk."""

    @pytest.fixture
    def plain(self, tmp_path: Path) -> Iterator[OpenSSHServer]:
        server = OpenSSHServer(tmp_path / "openssh", isolated=False)
        server.base.mkdir()
        server.prepare()
        server.start()
        yield server
        server.stop()

    def test_serves_cuts_and_changes_keys(self, plain: OpenSSHServer) -> None:
        assert plain.password is None
        with plain.sftp() as sftp:
            sftp.putfo(io.BytesIO(b"x"), plain.remote("inbound/a"))
            sftp.putfo(io.BytesIO(b"y"), "inbound/b")
            assert plain.cut() >= 1
            with pytest.raises(CONNECTION_LOST):
                sftp.stat("inbound/a")
        plain.change_host_keys()
        with plain.sftp() as sftp:
            assert sorted(sftp.listdir("inbound")) == ["a", "b"]
        assert sorted(path.name for path in plain.local("inbound").iterdir()) == ["a", "b"]

    def test_skips_a_test_that_needs_a_full_disk(self, plain: OpenSSHServer) -> None:
        with pytest.raises(pytest.skip.Exception), plain.limit_disk("inbound", 4096):
            pass
