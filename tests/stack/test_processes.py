"""The stack under supervisord: what dies comes back, what cannot start says why."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from connector_site.stack.processes import Stack, StackFailed

COUNTER = "import pathlib, time; p = pathlib.Path({0!r}); p.open('a').write('x'); time.sleep(600)"


def starts(path: Path) -> int:
    return len(path.read_text()) if path.exists() else 0


def wait_for(path: Path, count: int) -> None:
    give_up = time.monotonic() + 60
    while starts(path) < count:
        assert time.monotonic() < give_up
        time.sleep(0.1)


def children(path: Path) -> list[int]:
    """The processes whose command line names `path`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(path).encode() in line and b"supervisord" not in line:
            found.append(int(process.name))
    return found


def test_a_killed_program_is_started_again_and_all_end_with_the_stack(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    command = [sys.executable, "-c", COUNTER.format(str(marks))]
    with Stack(tmp_path / "stack", {"counter": command}, {}):
        wait_for(marks, 1)
        for pid in children(marks):
            os.kill(pid, signal.SIGKILL)
        wait_for(marks, 2)
    assert children(marks) == []


def test_a_program_that_does_not_come_up_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector_site.stack.processes.PATIENCE", 3.0)
    command = [sys.executable, "-c", "raise SystemExit('no such luck')"]
    with Stack(tmp_path, {"broken": command}, {}) as stack, pytest.raises(StackFailed, match="no such luck"):
        stack.wait_until(lambda: False, what="The program", log="broken")
