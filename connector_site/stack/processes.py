"""Processes: start and stop the stack under supervisord."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings

PATIENCE = 60.0

SUPERVISORD = """\
[supervisord]
nodaemon=true
logfile={directory}/supervisord.log
pidfile={directory}/supervisord.pid
"""

# stopwaitsecs of the worker is longer than the grace that it gives to its tasks.
PROGRAM = """
[program:{name}]
command={command}
directory={base}
autorestart=true
startsecs=1
startretries=1000
stopasgroup=true
killasgroup=true
stopwaitsecs=40
priority={priority}
redirect_stderr=true
stdout_logfile={directory}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


class StackFailed(Exception):
    """The stack did not come up; the message ends with the last lines of the log that tells why."""


class Stack:
    """A context manager: the named commands run inside the block, each started again when it dies."""

    def __init__(
        self, directory: Path, commands: Mapping[str, list[str]], environment: Mapping[str, str]
    ) -> None:
        self.directory = directory
        self.commands = commands
        self.environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Stack":
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "supervisord.conf"
        config.write_text(self._config())
        # A session of its own: Ctrl-C reaches only us, and we stop the others in order.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "start.log").open("wb"),
        )
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)

    def _config(self) -> str:
        programs = [
            PROGRAM.format(
                name=name,
                command=shlex.join(command),
                base=settings.BASE_DIR,
                directory=self.directory,
                priority=number,
            )
            for number, (name, command) in enumerate(self.commands.items(), start=1)
        ]
        return SUPERVISORD.format(directory=self.directory) + "".join(programs)

    def wait_until(self, is_up: Callable[[], bool], *, what: str, log: str) -> None:
        """Wait for `is_up()`; raises `StackFailed` with the end of the program's log after a minute."""
        give_up = time.monotonic() + PATIENCE
        while not is_up():
            assert self.process is not None  # noqa: S101 - used inside the block only
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise StackFailed(f"{what} did not start. The end of its log:\n{self.tail(log)}")
            time.sleep(0.1)

    def tail(self, name: str, lines: int = 20) -> str:
        path = self.directory / f"{name}.log"
        return (
            "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(none)"
        )


def manage(*arguments: str) -> list[str]:
    """The command line of `manage.py` with this interpreter."""
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def web(port: int) -> list[str]:
    """The web server as in production, on loopback."""
    return [
        sys.executable,
        *("-m", "gunicorn", "connector_site.wsgi"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"),
        *("--access-logfile", "/dev/null", "--graceful-timeout", "5"),
    ]
