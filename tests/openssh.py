"""A real OpenSSH server (`sshd` with internal-sftp) for tests: the judge of our SFTP client.

Use it by naming the plugin in a test module, asking for the `openssh` fixture, and marking the test:

    pytest_plugins = ["tests.openssh"]

    @pytest.mark.openssh
    def test_upload(openssh: OpenSSHServer) -> None:
        with openssh.sftp() as sftp:
            sftp.putfo(io.BytesIO(b"x"), openssh.remote("inbound/a.txt"))

One server per pytest worker: own folder under the temporary directory, own free port, own host keys of the
kinds ed25519, ecdsa and rsa. It ends with the worker, also when the worker is killed.

What it can do depends on who runs the tests (`OpenSSHServer.isolated`):

- As root, with the right to make namespaces, `sshd` runs in its own mount and process namespace. There, and
  only there, a throw-away user `partner` exists with a password and a key; `partner` is locked into a folder
  (`ChrootDirectory`), so remote paths start at `/`; folders can be put on a disk of a few kilobytes.
  Nothing of the machine itself is changed.
- As anybody else (or in a container without that right) the login is the current user, by key only, and
  remote paths are those of the machine. OpenSSH reads passwords from the system's own files alone, so there
  is no password login then: `password` is None, and `limit_disk()` skips the test that asks for it.

To cut, stop, change keys: `cut()`, `stop()`, `start()`, `change_host_keys()`, `limit_disk()`; see each.
"""

import base64
import contextlib
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import paramiko
import pytest

SSHD = "/usr/sbin/sshd"
HOST = "127.0.0.1"
HOST_KEY_KINDS: tuple[str, ...] = ("ed25519", "ecdsa", "rsa")
FOLDERS = ("inbound", "outbound", "processed", "error")

PARTNER = "partner"
PARTNER_PASSWORD = "quill-and-parchment"
# crypt(3) SHA-512 of PARTNER_PASSWORD; made with `openssl passwd -6`.
PARTNER_PASSWORD_HASH = (
    "$6$mlconnector$APIb3NOnsa.sG4hOXneYsJP5A099hBzm3xGv9456xzF5WRoMg4oNrbocltEyL7s0bg5CWSe2Uo4EI0g.8t/e6/"
)
PARTNER_UID = 65533
PARTNER_GID = 65534

# Inside the namespace the server's folder appears here, free of the parents' permissions.
MOUNT = "/mnt"
ENTER_NAMESPACE = f"""
set -e
mount --bind "$1" {MOUNT}
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/sshd
mount --bind {MOUNT}/etc/passwd /etc/passwd
mount --bind {MOUNT}/etc/shadow /etc/shadow
exec {SSHD} -D -e -f {MOUNT}/etc/sshd_config
"""


class OpenSSHError(Exception):
    """The server could not be started or reached; the text holds the end of its log."""


class Process(NamedTuple):
    pid: int
    parent: int


class OpenSSHServer:
    """One `sshd`. Made by the fixtures below; `base` is an empty folder that it owns."""

    def __init__(self, base: Path, *, isolated: bool) -> None:
        self.base = base
        self.isolated = isolated
        self.host = HOST
        self.port = _free_port()
        self.username = PARTNER if isolated else pwd.getpwuid(os.getuid()).pw_name
        self.password = PARTNER_PASSWORD if isolated else None
        self.client_key_path = base / "client_key"
        self._etc = base / "etc"
        self._root = base / "root"
        self._log = base / "sshd.log"
        self._offered = HOST_KEY_KINDS
        self._port_is_fixed = False
        self._process: subprocess.Popen[bytes] | None = None

    # Life

    def prepare(self) -> None:
        """Write keys, accounts, folders and configuration. Once, before the first `start()`."""
        self.base.chmod(0o755)
        self._etc.mkdir(mode=0o755)
        self._root.mkdir(mode=0o755)
        for name in FOLDERS:
            self.make_folder(name)
        _make_key(self.client_key_path, "ed25519")
        self.authorize(self.client_key_path.with_suffix(".pub").read_text())
        for kind in HOST_KEY_KINDS:
            _make_key(self._host_key_path(kind), kind)
        if self.isolated:
            self._write_accounts()

    def start(self) -> None:
        """Return when the server listens. A taken port is exchanged, but only before the first success."""
        if self._process is not None:
            return
        for _attempt in range(20):
            if self._launch():
                self._port_is_fixed = True
                return
            if not self._port_is_fixed:
                self.port = _free_port()
            time.sleep(0.1)
        raise OpenSSHError(f"sshd does not start on port {self.port}:\n{self.log()[-3000:]}")

    def stop(self) -> None:
        """End the server and every live connection; the port then refuses connections."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.cut()
            os.kill(self._listener_pid(), signal.SIGKILL)  # `unshare` ends with it
        self._process.wait(timeout=30)
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def cut(self) -> int:
        """Kill the live connections and leave the server listening. Returns the number of processes ended."""
        listener = self._listener_pid()
        victims = list(_descendants(listener))
        for pid in reversed(victims):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while list(_descendants(listener)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(victims)

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    # Keys and logins

    def host_key(self, kind: str = "ed25519") -> paramiko.PKey:
        """The public host key of `kind` (one of HOST_KEY_KINDS) that the server now presents."""
        return _read_public_key(self._host_key_path(kind).with_suffix(".pub"))

    def change_host_keys(self, *kinds: str) -> None:
        """Give the server new host keys (all kinds unless named) and restart it on the same port."""
        for kind in kinds or HOST_KEY_KINDS:
            path = self._host_key_path(kind)
            path.unlink(missing_ok=True)
            _make_key(path, kind)
        self.restart()

    def offer_host_keys(self, *kinds: str) -> None:
        """Present only host keys of these kinds from now on, and restart."""
        self._offered = kinds or HOST_KEY_KINDS
        self.restart()

    def authorize(self, public_key: str) -> None:
        """Let the owner of this public key (one line as in `authorized_keys`) sign in; at once."""
        with (self._etc / "authorized_keys").open("a") as keys:
            keys.write(public_key.strip() + "\n")

    @property
    def client_key(self) -> paramiko.PKey:
        """The private key that is let in; its file is `client_key_path` (OpenSSH format, no passphrase)."""
        return paramiko.Ed25519Key.from_private_key_file(str(self.client_key_path))

    @contextlib.contextmanager
    def sftp(self) -> Iterator[paramiko.SFTPClient]:
        """A signed-in paramiko client that trusts this server's ed25519 key; for looking at what is there."""
        transport = paramiko.Transport((self.host, self.port))
        try:
            transport.connect(hostkey=self.host_key(), username=self.username, pkey=self.client_key)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            yield client
        finally:
            transport.close()

    # Folders and disk

    def make_folder(self, name: str) -> Path:
        """A folder that the user may write to; `name` is relative to the top. Returns its local path."""
        path = self._root / name
        path.mkdir(parents=True, exist_ok=True)
        if self.isolated:
            os.chown(path, PARTNER_UID, PARTNER_GID)
        return path

    def local(self, name: str) -> Path:
        """The path of remote file or folder `name` (relative to the top) as this process sees it."""
        if self.isolated and self._process is not None:
            return Path(f"/proc/{self._listener_pid()}/root{MOUNT}/root") / name
        return self._root / name

    def remote(self, name: str) -> str:
        """The absolute remote path of `name` (relative to the top) as the signed-in user says it."""
        return f"/{name}" if self.isolated else str(self._root / name)

    def empty(self) -> None:
        """Remove every file and further folder: the state of a new server."""
        for entry in self._root.iterdir():
            shutil.rmtree(entry)
        for name in FOLDERS:
            self.make_folder(name)

    @contextlib.contextmanager
    def limit_disk(self, name: str, size: int) -> Iterator[None]:
        """Put folder `name` on an empty disk of `size` bytes (rounded up to pages) inside the `with` block.

        A write beyond it fails as on any full disk (ENOSPC). Skips the test when the server is not isolated.
        """
        if not self.isolated:
            pytest.skip("a full disk needs root and the right to mount")
        folder = f"{MOUNT}/root/{name}"
        options = f"size={size},uid={PARTNER_UID},gid={PARTNER_GID},mode=0755"
        self._in_namespace("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
        try:
            yield
        finally:
            if self._process is not None:
                self._in_namespace("umount", "--lazy", folder)

    # Inside

    def _host_key_path(self, kind: str) -> Path:
        return self._etc / f"ssh_host_{kind}_key"

    def _launch(self) -> bool:
        self._write_configuration()
        command = [SSHD, "-D", "-e", "-f", str(self._etc / "sshd_config")]
        if self.isolated:
            command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER_NAMESPACE]
            command += ["sh", str(self.base)]
        elif os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        # The server dies with this process, however this process dies.
        command = ["setpriv", "--pdeathsig", "KILL", "--", *command]
        with self._log.open("ab") as log:
            started_at = log.tell()
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        if self._listens(started_at):
            return True
        self.stop()
        return False

    def _listens(self, started_at: int) -> bool:
        """Wait for the server's word: another server may answer on a port that this one did not get."""
        assert self._process is not None
        word = f"Server listening on {HOST} port {self.port}".encode()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            if word in self._log.read_bytes()[started_at:]:
                return True
            time.sleep(0.02)
        return False

    def _listener_pid(self) -> int:
        """The process that listens: `sshd` itself, below `unshare` when isolated."""
        if self._process is None:
            raise OpenSSHError("the server is stopped")
        if not self.isolated:
            return self._process.pid
        children = (process.pid for process in _processes() if process.parent == self._process.pid)
        return next(children, self._process.pid)

    def _in_namespace(self, *command: str) -> None:
        enter = ["nsenter", f"--mount=/proc/{self._listener_pid()}/ns/mnt", "--"]
        subprocess.run([*enter, *command], check=True, capture_output=True)

    def _write_accounts(self) -> None:
        root = "root:x:0:0:root:/root:/bin/sh"
        sshd = "sshd:x:65532:65534::/run/sshd:/usr/sbin/nologin"
        partner = f"{PARTNER}:x:{PARTNER_UID}:{PARTNER_GID}:Throw-away user of the tests:/:/bin/sh"
        (self._etc / "passwd").write_text("\n".join([root, sshd, partner]) + "\n")
        shadow = [
            "root:*:19000::::::",
            "sshd:*:19000::::::",
            f"{PARTNER}:{PARTNER_PASSWORD_HASH}:19000::::::",
        ]
        (self._etc / "shadow").write_text("\n".join(shadow) + "\n")

    def _write_configuration(self) -> None:
        etc = f"{MOUNT}/etc" if self.isolated else str(self._etc)
        lines = [
            f"ListenAddress {HOST}:{self.port}",
            *(f"HostKey {etc}/ssh_host_{kind}_key" for kind in self._offered),
            f"AuthorizedKeysFile {etc}/authorized_keys",
            "PidFile none",
            "UsePAM no",
            "StrictModes no",
            "LogLevel VERBOSE",
            "MaxStartups 500",
            "PermitRootLogin yes",
            "KbdInteractiveAuthentication no",
            f"PasswordAuthentication {'yes' if self.isolated else 'no'}",
            f"Subsystem sftp internal-sftp -d {'/' if self.isolated else self._root}",
        ]
        if self.isolated:
            lines.append(f"ChrootDirectory {MOUNT}/root")
        if _sshd_version() >= (9, 8):
            lines.append("PerSourcePenalties no")
        (self._etc / "sshd_config").write_text("\n".join(lines) + "\n")


def can_isolate() -> bool:
    """Whether this process may give the server its own mount and process namespace."""
    if os.getuid() != 0:
        return False
    probe = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", "mount -t tmpfs tmpfs /run"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="session")
def openssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSSHServer]:
    """The worker's server; ask for `openssh` instead, which is clean for each test."""
    server = OpenSSHServer(tmp_path_factory.mktemp("openssh"), isolated=can_isolate())
    server.prepare()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def openssh(openssh_server: OpenSSHServer) -> Iterator[OpenSSHServer]:
    """The running server with empty folders and all kinds of host keys."""
    openssh_server.start()
    yield openssh_server
    openssh_server.empty()
    if openssh_server._offered != HOST_KEY_KINDS:
        openssh_server.offer_host_keys()


def _make_key(path: Path, kind: str) -> None:
    size = ["-b", "2048"] if kind == "rsa" else []
    command = ["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)


def _read_public_key(path: Path) -> paramiko.PKey:
    kind, blob = path.read_text().split()[:2]
    return paramiko.PKey.from_type_string(kind, base64.b64decode(blob))


def _free_port() -> int:
    """A port below the range of outgoing connections, so that a stopped server finds its port free again."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


def _processes() -> Iterator[Process]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (folder / "stat").read_text()
                # pid (command) state parent ...; the command may hold blanks and parentheses.
                yield Process(int(folder.name), int(stat.rpartition(")")[2].split()[1]))


def _descendants(pid: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for process in _processes():
        children.setdefault(process.parent, []).append(process.pid)
    waiting = list(children.get(pid, []))
    while waiting:
        child = waiting.pop(0)
        yield child
        waiting.extend(children.get(child, []))


def _sshd_version() -> tuple[int, int]:
    answer = subprocess.run([SSHD, "-V"], check=False, capture_output=True, text=True)
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", answer.stdout + answer.stderr)
    return (int(found[1]), int(found[2])) if found else (0, 0)
