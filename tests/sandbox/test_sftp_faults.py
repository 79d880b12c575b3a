"""Each way in which an SFTP transfer goes wrong has a switch; the other side's state is then known."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
import requests

from connections.sandbox.sftp import Running, start
from tests.sandbox.sftp_client import CONNECTION_LOST, connect, put, read

BYTES = b"x" * 200_000


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(tmp_path) as running:
        yield running


@pytest.fixture
def sftp(running: Running) -> Iterator[paramiko.SFTPClient]:
    with connect(running) as sftp:
        yield sftp


def switch_on(running: Running, name: str, times: int | None = 1, **params: Any) -> None:
    order = {"name": name, "times": times, "params": params}
    answer = requests.post(f"{running.url}/_sandbox/faults", json=order, timeout=30)
    assert answer.status_code == 200, answer.text


def names(running: Running) -> list[str]:
    return [row["path"] for row in running.sandbox.listing()]


def test_a_cut_in_the_upload_leaves_a_part_of_the_file(running: Running, sftp: paramiko.SFTPClient) -> None:
    switch_on(running, "cut_in_upload", after_bytes=70_000)

    with pytest.raises(CONNECTION_LOST):
        put(sftp, "/inbound/.a.part", BYTES)

    (row,) = running.sandbox.listing()
    assert row["path"] == "/inbound/.a.part"
    assert row["size"] <= 70_000
    with connect(running) as again:
        put(again, "/inbound/.a.part", BYTES)


def test_a_cut_after_the_upload_leaves_the_whole_file_under_its_first_name(
    running: Running, sftp: paramiko.SFTPClient
) -> None:
    switch_on(running, "cut_after_upload")

    with pytest.raises(CONNECTION_LOST):
        put(sftp, "/inbound/.a.part", BYTES)

    (row,) = running.sandbox.listing()
    assert (row["path"], row["size"]) == ("/inbound/.a.part", len(BYTES))


def test_a_cut_after_the_rename_leaves_the_final_file_and_no_answer(
    running: Running, sftp: paramiko.SFTPClient
) -> None:
    switch_on(running, "cut_after_rename")
    put(sftp, "/inbound/.a.part", BYTES)

    with pytest.raises(CONNECTION_LOST):
        sftp.rename("/inbound/.a.part", "/inbound/a")

    assert names(running) == ["/inbound/a"]


def test_a_full_disk_fails_the_writing_and_ends_when_cleared(
    running: Running, sftp: paramiko.SFTPClient
) -> None:
    switch_on(running, "disk_full", times=None, after_bytes=50_000)
    with pytest.raises(OSError, match=r"Failure|mismatch"):
        put(sftp, "/inbound/a", BYTES)
    assert running.sandbox.listing()[0]["size"] == 50_000

    requests.delete(f"{running.url}/_sandbox/faults/disk_full", timeout=30)
    put(sftp, "/inbound/a", BYTES)
    assert read(sftp, "/inbound/a") == BYTES


@pytest.mark.parametrize(
    ("request_name", "act"),
    [
        ("open", lambda sftp: sftp.open("/inbound/b", "w")),
        ("rename", lambda sftp: sftp.rename("/inbound/a", "/inbound/b")),
        ("posix_rename", lambda sftp: sftp.posix_rename("/inbound/a", "/inbound/b")),
        ("remove", lambda sftp: sftp.remove("/inbound/a")),
        ("list_folder", lambda sftp: sftp.listdir("/inbound")),
        ("mkdir", lambda sftp: sftp.mkdir("/inbound/c")),
        ("stat", lambda sftp: sftp.stat("/inbound/a")),
    ],
)
def test_permission_can_be_refused_for_one_kind_of_request(
    running: Running, sftp: paramiko.SFTPClient, request_name: str, act: Any
) -> None:
    put(sftp, "/inbound/a", b"a")
    switch_on(running, "permission_refused", request=request_name)

    with pytest.raises(PermissionError):
        act(sftp)

    assert names(running) == ["/inbound/a"]
    assert running.sandbox.board.requests[-1]["refused"] == "Permission denied"
    act(sftp)


def test_permission_can_be_refused_for_one_folder(running: Running, sftp: paramiko.SFTPClient) -> None:
    switch_on(running, "permission_refused", times=None, path="/outbound/*")

    with pytest.raises(PermissionError):
        put(sftp, "/outbound/a", b"a")
    put(sftp, "/inbound/a", b"a")


def test_the_login_can_be_refused(running: Running) -> None:
    switch_on(running, "login_refused")

    with pytest.raises(paramiko.AuthenticationException), connect(running):
        pass
    with connect(running):
        pass


def test_another_host_key_can_be_shown(running: Running) -> None:
    switch_on(running, "changed_host_key")

    with pytest.raises(paramiko.SSHException, match="Bad host key"), connect(running):
        pass
    with connect(running):
        pass


def test_the_other_host_key_is_always_the_same(running: Running) -> None:
    def shown() -> paramiko.PKey:
        transport = paramiko.Transport((running.host, running.port))
        transport.start_client(timeout=30)
        key = transport.get_remote_server_key()
        transport.close()
        return key

    switch_on(running, "changed_host_key", times=2)

    assert shown() == shown() != shown()


def test_a_server_can_be_silent(running: Running) -> None:
    switch_on(running, "silent")
    transport = paramiko.Transport((running.host, running.port))
    transport.banner_timeout = 0.3

    with pytest.raises(paramiko.SSHException):
        transport.start_client(timeout=30)
    transport.close()


def test_a_request_can_be_slow(running: Running, sftp: paramiko.SFTPClient) -> None:
    switch_on(running, "slow_request", seconds=20, request="stat")
    channel = sftp.get_channel()
    assert channel is not None
    channel.settimeout(0.3)

    with pytest.raises(TimeoutError):
        sftp.stat("/inbound")


def test_posix_rename_can_be_unknown(running: Running, sftp: paramiko.SFTPClient) -> None:
    put(sftp, "/inbound/a", b"a")
    switch_on(running, "no_posix_rename")

    with pytest.raises(OSError, match="unsupported"):
        sftp.posix_rename("/inbound/a", "/inbound/b")


def test_a_file_can_be_taken_in_the_moment_it_is_finished(
    running: Running, sftp: paramiko.SFTPClient
) -> None:
    switch_on(running, "taken_at_once", times=None)

    with pytest.raises(FileNotFoundError):
        sftp.putfo(io.BytesIO(b"a"), "/inbound/a.csv", confirm=True)
    put(sftp, "/inbound/.b.part", b"b")
    sftp.rename("/inbound/.b.part", "/inbound/b.csv")

    assert [one["name"] for one in running.sandbox.partner.taken] == ["a.csv", "b.csv"]


def test_all_connections_can_be_cut_from_outside(running: Running, sftp: paramiko.SFTPClient) -> None:
    assert requests.post(f"{running.url}/_sandbox/cut", timeout=30).json() == {"cut": 1}

    with pytest.raises(CONNECTION_LOST):
        sftp.listdir("/")


def test_every_request_is_on_the_list(running: Running, sftp: paramiko.SFTPClient) -> None:
    put(sftp, "/inbound/.a.part", b"a")
    sftp.rename("/inbound/.a.part", "/inbound/a")

    requests_seen = requests.get(f"{running.url}/_sandbox/requests", timeout=30).json()["requests"]

    assert requests_seen[-1] == {
        "user": "ml-connector",
        "request": "rename",
        "paths": ["/inbound/.a.part", "/inbound/a"],
        "refused": "",
    }
