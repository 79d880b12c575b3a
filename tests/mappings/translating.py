"""Running `manage.py translate`: within the test, or as a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
AT = "2026-02-01T12:05"


class Ran(NamedTuple):
    """What a run left behind."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


class _Input(io.TextIOWrapper):
    def isatty(self) -> bool:
        return False


def run(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    *words: Any,
    given: bytes = b"",
) -> Ran:
    """Run it within the test; a wrong call counts as status 2, as it does for the real command."""
    monkeypatch.setattr(sys, "stdin", _Input(io.BytesIO(given)))
    capsysbinary.readouterr()
    status, said = 0, ""
    try:
        call_command("translate", *map(str, words))
    except SystemExit as left:
        status = int(left.code or 0)
    except CommandError as error:
        status, said = error.returncode if error.returncode != 1 else 2, str(error)
    out, err = capsysbinary.readouterr()
    return Ran(status, out, err.decode() + said)


def process(*words: Any, **options: Any) -> subprocess.Popen[bytes]:
    """The command as a process, with a database that cannot be opened."""
    environment = {
        **os.environ,
        "DEBUG": "1",
        "ENV_FILE": os.devnull,
        "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3",
    }
    command = [sys.executable, str(ROOT / "manage.py"), "translate", *map(str, words)]
    return subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )
