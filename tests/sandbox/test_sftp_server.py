"""The SFTP stand-in serves a real folder over real SSH. Judge: paramiko's client."""

import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko
import pytest
import requests

from connections.sandbox.sftp import DEFAULT_PASSWORD, DEFAULT_USER, Running, User, start
from tests.sandbox.sftp_client import CONNECTION_LOST, connect, put, read

BYTES = bytes(range(256)) * 2000


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(tmp_path) as running:
        yield running


@pytest.fixture
def sftp(running: Running) -> Iterator[paramiko.SFTPClient]:
    with connect(running) as sftp:
        yield sftp


class TestFiles:
    def test_bytes_come_back_as_they_went(self, sftp: paramiko.SFTPClient) -> None:
        put(sftp, "/inbound/a.bin", BYTES)

        assert read(sftp, "/inbound/a.bin") == BYTES
        assert sftp.stat("/inbound/a.bin").st_size == len(BYTES)

    def test_they_are_real_files(self, running: Running, sftp: paramiko.SFTPClient) -> None:
        put(sftp, "inbound/a.txt", b"from the client")
        running.sandbox.drop("/outbound/b.txt", b"from the partner")

        assert running.sandbox.storage.local("/inbound/a.txt").read_bytes() == b"from the client"
        assert read(sftp, "outbound/b.txt") == b"from the partner"

    def test_a_new_user_finds_the_usual_folders(self, sftp: paramiko.SFTPClient) -> None:
        assert sorted(sftp.listdir("/")) == ["inbound", "outbound"]
        assert sorted(sftp.listdir("/outbound")) == ["error", "processed"]

    def test_size_and_time_are_told_and_can_be_set(self, sftp: paramiko.SFTPClient) -> None:
        put(sftp, "/inbound/a", b"12345")
        sftp.utime("/inbound/a", (1_700_000_000, 1_700_000_000))
        sftp.truncate("/inbound/a", 3)
        sftp.utime("/inbound/a", (1_700_000_000, 1_700_000_000))

        (attributes,) = sftp.listdir_attr("/inbound")

        assert (attributes.filename, attributes.st_size, attributes.st_mtime) == ("a", 3, 1_700_000_000)
        assert read(sftp, "/inbound/a") == b"123"

    def test_a_plain_rename_refuses_a_taken_name(self, sftp: paramiko.SFTPClient) -> None:
        put(sftp, "/inbound/old", b"old")
        put(sftp, "/inbound/new", b"new")

        with pytest.raises(OSError, match="Failure"):
            sftp.rename("/inbound/old", "/inbound/new")

        assert read(sftp, "/inbound/old") == b"old"
        assert read(sftp, "/inbound/new") == b"new"

    def test_a_plain_rename_to_a_free_name_moves_the_file(self, sftp: paramiko.SFTPClient) -> None:
        put(sftp, "/outbound/a", b"a")

        sftp.rename("/outbound/a", "/outbound/processed/a")

        assert sorted(sftp.listdir("/outbound")) == ["error", "processed"]
        assert sftp.listdir("/outbound/processed") == ["a"]

    def test_posix_rename_replaces(self, sftp: paramiko.SFTPClient) -> None:
        put(sftp, "/inbound/old", b"old")
        put(sftp, "/inbound/new", b"new")

        sftp.posix_rename("/inbound/old", "/inbound/new")

        assert sftp.listdir("/inbound") == ["new"]
        assert read(sftp, "/inbound/new") == b"old"

    def test_exclusive_creation_and_appending_work(self, sftp: paramiko.SFTPClient) -> None:
        with sftp.open("/inbound/a", "wx") as file:
            file.write(b"one")
        with pytest.raises(OSError, match="Failure"):
            sftp.open("/inbound/a", "wx")
        with sftp.open("/inbound/a", "ab") as file:
            file.write(b"two")

        assert read(sftp, "/inbound/a") == b"onetwo"

    def test_folders_are_made_renamed_and_removed_when_empty(self, sftp: paramiko.SFTPClient) -> None:
        sftp.mkdir("/inbound/new")
        sftp.rename("/inbound/new", "/inbound/newer")
        put(sftp, "/inbound/newer/a", b"a")

        with pytest.raises(OSError, match="Failure"):
            sftp.rmdir("/inbound/newer")
        sftp.remove("/inbound/newer/a")
        sftp.rmdir("/inbound/newer")

        assert sftp.listdir("/inbound") == []

    def test_what_is_not_there_is_not_found(self, sftp: paramiko.SFTPClient) -> None:
        for act in (sftp.stat, sftp.remove, sftp.listdir, sftp.open):
            with pytest.raises(FileNotFoundError):
                act("/inbound/nothing")


class TestLockedIn:
    @pytest.mark.parametrize("path", ["/../keys", "../../etc/passwd", "/inbound/../../../keys", "inbound/.."])
    def test_no_path_leads_out(self, sftp: paramiko.SFTPClient, path: str) -> None:
        with pytest.raises(PermissionError):
            sftp.stat(path)
        with pytest.raises(PermissionError):
            sftp.open(path, "w")

    def test_links_are_neither_made_nor_followed(
        self, running: Running, sftp: paramiko.SFTPClient, tmp_path: Path
    ) -> None:
        secret = tmp_path / "secret"
        secret.mkdir()
        (secret / "file").write_text("secret")
        inbound = running.sandbox.storage.local("/inbound")
        (inbound / "link").symlink_to(secret)
        (inbound / "file").symlink_to(secret / "file")

        with pytest.raises(PermissionError):
            sftp.symlink("/etc", "/inbound/etc")
        for path in ("/inbound/link", "/inbound/link/file", "/inbound/file"):
            with pytest.raises(PermissionError):
                sftp.stat(path)
        for path in ("/inbound/link/file", "/inbound/file"):
            with pytest.raises(PermissionError):
                sftp.open(path)
        assert all(stat.S_ISLNK(row.st_mode or 0) for row in sftp.listdir_attr("/inbound"))

    def test_each_user_has_a_folder_of_its_own(self, tmp_path: Path) -> None:
        users = [User("ann", "a"), User("bob", "b")]
        with start(tmp_path, users=users) as running:
            with connect(running, username="ann", password="a") as sftp:
                put(sftp, "/inbound/a", b"a")
            with connect(running, username="bob", password="b") as sftp:
                assert sftp.listdir("/inbound") == []

    def test_there_is_no_shell(self, running: Running, sftp: paramiko.SFTPClient) -> None:
        transport = sftp.get_channel().get_transport()  # type: ignore[union-attr]
        channel = transport.open_session(timeout=10)

        with pytest.raises(paramiko.SSHException):
            channel.exec_command("id")


class TestSignIn:
    @pytest.fixture
    def key(self) -> paramiko.PKey:
        return paramiko.ECDSAKey.generate()

    def line(self, key: paramiko.PKey) -> str:
        return f"{key.get_name()} {key.get_base64()} a comment"

    def test_by_password_or_by_key(self, tmp_path: Path, key: paramiko.PKey) -> None:
        with start(tmp_path, users=[User("ann", "secret", (self.line(key),))]) as running:
            with connect(running, username="ann", password="secret") as sftp:
                assert sftp.listdir("/inbound") == []
            with connect(running, username="ann", password=None, pkey=key) as sftp:
                assert sftp.listdir("/inbound") == []

    def test_by_key_alone(self, tmp_path: Path, key: paramiko.PKey) -> None:
        with start(tmp_path, users=[User("ann", None, (self.line(key),))]) as running:
            with pytest.raises(paramiko.BadAuthenticationType) as refused, connect(running, username="ann"):
                pass
            assert refused.value.allowed_types == ["publickey"]
            with connect(running, username="ann", password=None, pkey=key):
                pass

    @pytest.mark.parametrize(
        "login",
        [
            {"password": "wrong"},
            {"username": "nobody"},
            {"password": None, "pkey": paramiko.ECDSAKey.generate()},
        ],
    )
    def test_anything_else_is_refused(self, running: Running, login: dict[str, object]) -> None:
        with pytest.raises(paramiko.AuthenticationException), connect(running, **login):
            pass

    def test_no_password_is_ever_shown(self, running: Running, sftp: paramiko.SFTPClient) -> None:
        for path in ("", "_sandbox/state", "_sandbox/partner", "_sandbox/requests"):
            assert DEFAULT_PASSWORD not in requests.get(f"{running.url}/{path}", timeout=30).text


class TestHostKey:
    def test_it_is_made_once_and_kept(self, tmp_path: Path) -> None:
        with start(tmp_path) as running:
            first = running.sandbox.host_keys.usual
        with start(tmp_path) as running:
            assert running.sandbox.host_keys.usual == first
        (file,) = (tmp_path / "keys").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_its_fingerprint_is_told_over_http(self, running: Running) -> None:
        (shown,) = requests.get(f"{running.url}/_sandbox/host-keys", timeout=30).json()["host_keys"]

        assert shown["fingerprint"] == running.sandbox.host_keys.usual[0].fingerprint
        assert shown["key"].startswith("ssh-ed25519 AAAA")

    def test_it_can_be_of_several_kinds(self, tmp_path: Path) -> None:
        with start(tmp_path, host_key_kinds=("ecdsa", "rsa")) as running:
            kinds = [key.get_name() for key in running.sandbox.host_keys.usual]
            assert kinds == ["ecdsa-sha2-nistp256", "ssh-rsa"]
            with connect(running):
                pass


@pytest.mark.openssh
def test_openssh_s_own_client_is_content(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    users = [User("ann", None, (key.with_suffix(".pub").read_text(),))]
    (tmp_path / "upload").write_bytes(BYTES)
    orders = [
        "put upload inbound/.a.part",
        "rename inbound/.a.part inbound/a",
        "ls -l inbound",
        "get inbound/a back",
    ]
    with start(tmp_path / "server", users=users) as running:
        shown = running.sandbox.host_keys.usual[0]
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(f"[{running.host}]:{running.port} {shown.get_name()} {shown.get_base64()}\n")
        trust = ["-o", f"UserKnownHostsFile={known_hosts}", "-o", "StrictHostKeyChecking=yes"]
        command = ["sftp", "-F", "none", "-b", "-", *trust, "-i", str(key), "-P", str(running.port)]
        done = subprocess.run(
            [*command, f"ann@{running.host}"],
            input="\n".join(orders),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "back").read_bytes() == BYTES


class TestManyAtOnce:
    def test_many_connections_work_at_the_same_time(self, running: Running) -> None:
        def upload(number: int) -> None:
            with connect(running) as sftp:
                put(sftp, f"/inbound/{number}", bytes([number]) * 50_000)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(upload, range(16)))

        assert len(running.sandbox.listing()) == 16
        assert all(row["size"] == 50_000 for row in running.sandbox.listing())

    def test_of_many_renames_to_one_name_one_succeeds(self, running: Running) -> None:
        def attempt(number: int) -> bool:
            with connect(running) as sftp:
                put(sftp, f"/inbound/{number}.part", str(number).encode())
                try:
                    sftp.rename(f"/inbound/{number}.part", "/inbound/final")
                except OSError:
                    return False
                return True

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(attempt, range(6))) == 1


class TestLife:
    def test_stopping_cuts_connections_and_frees_the_port(self, tmp_path: Path) -> None:
        with start(tmp_path) as running:
            transport = paramiko.Transport((running.host, running.port))
            transport.connect(username=DEFAULT_USER, password=DEFAULT_PASSWORD)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            idle = socket.create_connection((running.host, running.port), timeout=10)

        with pytest.raises(CONNECTION_LOST):
            client.listdir("/")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((running.host, running.port), timeout=10)
        idle.close()
        transport.close()

    def test_a_taken_port_is_an_error_at_once(self, running: Running, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="Address already in use"), start(tmp_path, port=running.port):
            pass

    def test_a_cut_connection_leaves_no_file_open(self, running: Running) -> None:
        def open_files() -> list[Path]:
            links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
            return [link for link in links if running.sandbox.folder in link.resolve().parents]

        with connect(running) as sftp:
            file = sftp.open("/inbound/a", "w")
            file.write(b"never closed by the client")
            assert len(open_files()) == 1
            running.sandbox.cut()

        give_up = time.monotonic() + 30
        while open_files():
            assert time.monotonic() < give_up
            time.sleep(0.01)
