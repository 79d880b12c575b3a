"""`python -m tests.machine install`: gets what is missing where it may, and names it where it may not."""

import os
from functools import partial
from pathlib import Path

import pytest

from tests import machine


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that writes down its calls, and whose packages each bring one program of the same name."""
    script = tmp_path / "apt-get"
    script.write_text(
        '#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> "$0.calls"\n'
        '[ "$1" = update ] || for last; do :; done\n'
        '[ "$1" = update ] || [ "$last" = absent ] || { touch "${0%/*}/$last"; chmod +x "${0%/*}/$last"; }\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    names = ("sh", "newpart", "absent")
    parts = tuple(machine.Part(name, name.title(), (name,), partial(machine.program, name)) for name in names)
    monkeypatch.setattr(machine, "PARTS", parts)
    monkeypatch.setattr(machine, "CI", False)
    return tmp_path / "apt-get.calls"


def test_root_installs_what_is_missing_and_only_that(
    calls: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert machine.main() == 0
    install = "noninteractive install -q -y --no-install-recommends"
    assert calls.read_text().splitlines() == [
        "noninteractive update -q",
        f"{install} newpart",
        f"{install} absent",
    ]
    output = capsys.readouterr().out
    assert "Installing Newpart: apt-get install newpart" in output
    assert "found    Newpart" in output
    assert "MISSING  Absent is not installed" in output


def test_others_are_told_what_is_missing(
    calls: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.main() == 0
    assert not calls.exists()
    assert (
        "on Debian or Ubuntu: apt-get install newpart. The tests marked 'newpart' are left out."
        in capsys.readouterr().out
    )


def test_in_ci_something_missing_is_an_error(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CI", True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert machine.main() == 1
