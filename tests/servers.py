"""Private PostgreSQL and Redis servers for tests: on loopback, on a free port, in a temporary folder.

    python -m tests.servers postgresql redis -- pytest ...

starts the servers, runs pytest with their addresses in its environment (`DATABASE_URL`, `TEST_REDIS_URL`),
stops them and gives back its exit status. They also stop on Ctrl-C, and when this process is killed.
Without Redis, pytest leaves out its tests; without PostgreSQL, pytest only lists what it would have run.
"""
# ruff: noqa: T201

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import redis

from tests import machine

HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 20


class ServerError(Exception):
    """A server is not installed or did not start; the text says which, with the end of its log."""


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; yields its `postgres://` URL. It need not survive a crash, so it is fast."""
    binaries = machine.postgresql_binaries()
    if binaries is None:
        raise ServerError("PostgreSQL is not installed.")
    password, port = secrets.token_hex(16), free_port()
    with _folder("postgresql") as folder:
        data = folder / "data"
        password_file = folder / "password"
        password_file.write_text(password)
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            for path in (folder, password_file):
                shutil.chown(path, "postgres", "postgres")
        initdb = [
            f"{binaries}/initdb",
            "--pgdata",
            str(data),
            "--username",
            "tests",
            "--auth",
            "scram-sha-256",
        ]
        initdb += ["--pwfile", str(password_file), "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        done = subprocess.run(
            [*_as_user("postgres"), *initdb],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise ServerError(f"initdb failed: {done.stderr.decode(errors='replace')}")
        options = {
            "listen_addresses": HOST,
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        command = [f"{binaries}/postgres", "-D", str(data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        url = f"postgres://tests:{password}@{HOST}:{port}/postgres"
        # SIGINT: end open sessions and stop ("fast shutdown"); SIGTERM would wait for them.
        with _running(
            command, folder, lambda: psycopg.connect(url).close(), user="postgres", stop=signal.SIGINT
        ):
            yield url


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """A Redis server of its own, which keeps nothing on disk; yields its `redis://` URL."""
    binary = machine.program("redis-server", "valkey-server")
    if binary is None:
        raise ServerError("Redis is not installed.")
    password, port = secrets.token_hex(16), free_port()
    with _folder("redis") as folder:
        configuration = folder / "redis.conf"
        configuration.write_text(
            f'bind {HOST}\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir {folder}\n'
        )
        configuration.chmod(0o600)
        url = f"redis://:{password}@{HOST}:{port}/0"
        with _running([str(binary), str(configuration)], folder, lambda: redis.Redis.from_url(url).ping()):
            yield url


@contextlib.contextmanager
def _running(
    command: list[str],
    folder: Path,
    answers: Callable[[], object],
    *,
    user: str = "",
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """Run `command` until the block ends. Enter the block when `answers()` no longer raises."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_as_user(user, dies_with_parent=stop), *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C in the terminal is for the tests; this server is stopped after them.
            start_new_session=True,
        )
    try:
        _wait_until(answers, process, log)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(answers: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            answers()
        except (psycopg.OperationalError, redis.RedisError):
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:]
                raise ServerError(f"{process.args!r} did not start:\n{tail}") from None
            time.sleep(0.05)
        else:
            return


def _as_user(user: str, *, dies_with_parent: signal.Signals | None = None) -> list[str]:
    """The `setpriv` prefix that makes root another user, and stops a server whose parent was killed."""
    setpriv = machine.program("setpriv")
    options: list[str] = []
    if user and os.geteuid() == 0:
        if setpriv is None:
            raise ServerError(f"As root, setpriv (package util-linux) is needed to become user {user}.")
        options += [f"--reuid={user}", f"--regid={user}", "--init-groups"]
    if setpriv and dies_with_parent:
        options += ["--pdeathsig", dies_with_parent.name.removeprefix("SIG")]
    return [str(setpriv), *options] if options else []


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    # Not below the working directory: another user must be able to reach it.
    with tempfile.TemporaryDirectory(prefix=f"ml-connector-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


SERVERS = {"postgresql": (postgresql, "DATABASE_URL"), "redis": (redis_server, "TEST_REDIS_URL")}


def main(arguments: list[str]) -> int:
    """Run the command behind `--` with the servers named before it. Returns the command's exit status."""
    separator = arguments.index("--") if "--" in arguments else len(arguments)
    chosen, command = arguments[:separator], arguments[separator + 1 :]
    if not command or not chosen or not set(chosen) <= set(SERVERS):
        sys.exit(f"usage: python -m tests.servers {{{','.join(SERVERS)}}}... -- pytest ...")
    missing = [part for part in machine.missing_parts() if part.marker in chosen]
    for part in missing:
        print(f"MISSING: {part.advice}", flush=True)
    if missing and machine.CI:
        return 1
    # Leave by the `finally` blocks when asked to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment = dict(os.environ)
    with contextlib.ExitStack() as stack:
        for name in chosen:
            if name not in {part.marker for part in missing}:
                server, variable = SERVERS[name]
                environment[variable] = stack.enter_context(server())
                print(f"Started {name} for the tests", flush=True)
            elif name == "postgresql":
                print("These tests are left out (how many in each file):", flush=True)
                environment["DATABASE_URL"] = f"postgres://{HOST}/missing"
                command = [*command, "--collect-only", "-qq"]
        return _run(command, environment)


def _run(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # The command got the same Ctrl-C and is cleaning up.
                continue
            except SystemExit:
                process.terminate()
                raise


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ServerError as error:
        sys.exit(f"tests.servers: {error}")
