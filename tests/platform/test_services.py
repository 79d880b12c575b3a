"""The rules of a test run: what is left out is said, and in CI nothing is; no server outlives its tests."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

PROJECT = Path(__file__).resolve().parent.parent.parent

CONFTEST = """
import dataclasses
import tests.machine as machine

machine.CI = {ci}
machine.PARTS = tuple(
    dataclasses.replace(part, find=(lambda: None) if part.marker in {missing} else (lambda: "/somewhere"))
    for part in machine.PARTS
)
pytest_plugins = ["tests.services"]
"""

SUITE = """
import pytest

@pytest.mark.openssh
def test_sftp(): pass

@pytest.mark.openssh
def test_sftp_again(): pass

@pytest.mark.postgresql
def test_row_locks(): pass

@pytest.mark.django_db
def test_model(): pass

def test_pure(): pass
"""


def run_suite(
    folder: Path,
    suite: str,
    *arguments: str,
    ci: bool = False,
    missing: tuple[str, ...] = (),
    database: str = "",
) -> tuple[int, str]:
    """Run pytest on one module, in a process of its own. Returns its exit status and its output."""
    (folder / "conftest.py").write_text(CONFTEST.format(ci=ci, missing=missing))
    (folder / "test_sample.py").write_text(textwrap.dedent(suite))
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:django",
            "-p",
            "no:cacheprovider",
            "-W",
            "ignore",
            *arguments,
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("processes", ["0", "2"])
def test_tests_without_their_real_part_are_counted_and_named(tmp_path: Path, processes: str) -> None:
    status, output = run_suite(tmp_path, SUITE, "-n", processes, missing=("openssh", "browser"))
    assert status == 0
    assert "2 passed" in output
    assert "2 tests: the OpenSSH server is not installed; on Debian or Ubuntu: apt-get install" in output
    assert "1 tests: they need PostgreSQL as the database" in output
    assert "Chromium" not in output


def test_on_postgresql_run_the_tests_that_use_the_database(tmp_path: Path) -> None:
    status, output = run_suite(tmp_path, SUITE, "-v", database="postgres://127.0.0.1/none")
    assert status == 0
    assert "2 passed" in output
    assert "test_row_locks PASSED" in output
    assert "test_model PASSED" in output
    assert "3 tests: they use no database" in output


@pytest.mark.parametrize("processes", ["0", "2"])
def test_in_ci_a_missing_part_is_an_error(tmp_path: Path, processes: str) -> None:
    status, output = run_suite(tmp_path, SUITE, "-n", processes, ci=True, missing=("openssh",))
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "In CI nothing may be left out, but the OpenSSH server is not installed" in output
    assert "2 errors" in output


SKIPPING = """
import pytest

def test_skipped(): pytest.skip("no such luck")

@pytest.mark.skipif(True, reason="not today")
def test_marked(): pass

@pytest.mark.xfail(reason="known", strict=True)
def test_expected_to_fail(): assert False

def test_fine(): pass
"""


def test_a_skipped_test_fails_in_ci_only(tmp_path: Path) -> None:
    status, output = run_suite(tmp_path, SKIPPING)
    assert (status, "1 passed, 2 skipped, 1 xfailed" in output) == (0, True)
    status, output = run_suite(tmp_path, SKIPPING, ci=True)
    assert (status, "1 failed, 1 passed, 1 xfailed, 1 error" in output) == (1, True)
    assert "Skipped, which is a failure in CI: Skipped: no such luck" in output
    assert "not today" in output


def test_a_skipped_module_fails_in_ci(tmp_path: Path) -> None:
    suite = 'import pytest\npytest.skip("not here", allow_module_level=True)\n'
    assert run_suite(tmp_path, suite)[0] == pytest.ExitCode.NO_TESTS_COLLECTED
    status, output = run_suite(tmp_path, suite, ci=True)
    assert status not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert "not here" in output


# The private servers


def start(*arguments: str) -> tuple[subprocess.Popen[str], list[str]]:
    """Start `tests.servers` with both servers and a command that shows their URLs and then waits."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", "postgresql", "redis", "--", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(4)]
    return process, lines[2:]


SHOW_AND_WAIT = ("sh", "-c", "echo $DATABASE_URL; echo $TEST_REDIS_URL; exec sleep 300")


def folder_of(url: str) -> Path:
    """The temporary folder of a private server."""
    if url.startswith("redis"):
        return Path(str(redis.Redis.from_url(url, decode_responses=True).config_get("dir")["dir"]))
    with psycopg.connect(url) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return Path(data).parent


def is_gone(url: str) -> bool:
    try:
        if url.startswith("redis"):
            redis.Redis.from_url(url).ping()
        else:
            psycopg.connect(url).close()
    except (redis.ConnectionError, psycopg.OperationalError):
        return True
    return False


def becomes(condition: Callable[[Any], bool], subject: Any) -> bool:
    deadline = time.monotonic() + 60
    while not condition(subject) and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition(subject)


def removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


@pytest.mark.postgresql
@pytest.mark.redis
class TestPrivateServers:
    def test_they_answer_while_the_command_runs_and_its_status_is_given_back(self) -> None:
        show = "echo $DATABASE_URL; echo $TEST_REDIS_URL; exit 7"
        process, urls = start("sh", "-c", show)
        assert process.wait() == 7
        assert all(is_gone(url) for url in urls)

    def test_they_stop_when_their_starter_is_asked_to(self) -> None:
        process, urls = start(*SHOW_AND_WAIT)
        assert not any(is_gone(url) for url in urls)
        process.terminate()
        assert process.wait() != 0
        assert all(is_gone(url) for url in urls)

    def test_they_stop_when_their_starter_is_killed(self) -> None:
        process, urls = start(*SHOW_AND_WAIT)
        folders = [folder_of(url) for url in urls]
        process.kill()
        assert process.wait() != 0
        assert all(becomes(is_gone, url) for url in urls)
        os.killpg(process.pid, signal.SIGKILL)
        # Nobody else is left to remove these; a server writes to the end.
        assert all(becomes(removed, folder) for folder in folders)

    def test_they_stop_after_ctrl_c(self) -> None:
        process, urls = start(*SHOW_AND_WAIT)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() != 0
        assert all(is_gone(url) for url in urls)

    def test_a_database_of_its_own_for_a_test(self, postgresql_url: str) -> None:
        with psycopg.connect(postgresql_url) as connection:
            connection.execute("CREATE TABLE mine (id int)")
            assert connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)

    def test_a_redis_of_its_own_for_a_test(self, redis_url: str) -> None:
        client = redis.Redis.from_url(redis_url)
        assert client.dbsize() == 0
        assert client.set("key", "value")
