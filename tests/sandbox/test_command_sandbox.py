"""`manage.py sandbox` runs every stand-in in one process, says where, and stops cleanly."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest
import requests
from django.conf import settings
from django.core.management import CommandError, call_command

from connections.sandbox.ibm_sterling import PASSWORD, USERNAME
from connections.sandbox.launch import Options, PortError, Ports, running
from connections.sandbox.sftp import DEFAULT_PASSWORD, DEFAULT_USER
from connections.systems.freshbooks.oauth import redirect_uri
from tests.sandbox.interchanges import x12

MANAGE = [sys.executable, "manage.py", "sandbox"]


def options(tmp_path: Path, *more: str) -> list[str]:
    return ["--port-base", "0", "--state-dir", str(tmp_path / "state"), *more]


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The running command and the addresses that it printed, by name. Killed at the end if still there."""
    process = subprocess.Popen(
        [*MANAGE, *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DEBUG": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith("Stop with"):
                break
        addresses = dict(re.findall(r"^  (\S[^/]*?) +((?:http|sftp)://\S+)", "".join(printed), re.MULTILINE))
        assert addresses, "".join(printed)
        yield process, addresses
    finally:
        process.kill()
        process.communicate()


def consent(freshbooks: str, uri: str) -> requests.Response:
    """FreshBooks' page for this redirect URI, which it shows for a registered one only."""
    query = {"client_id": "sandbox-client", "response_type": "code", "redirect_uri": uri, "state": "x"}
    return requests.get(f"{freshbooks}/oauth/authorize/", params=query, timeout=30)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_all_and_stops_cleanly_with_its_state_saved(tmp_path: Path, end: signal.Signals) -> None:
    with command(*options(tmp_path)) as (process, addresses):
        index = requests.get(addresses["Index"], timeout=30)
        for name in (
            "FreshBooks",
            "IBM Sterling",
            "IBM Sterling: tokens",
            "SFTP: control",
            "Stampli: control",
            "Cleo",
        ):
            assert addresses[name] in index.text
            assert requests.get(addresses[name], timeout=30).status_code == 200
        assert addresses["SFTP"] in index.text
        assert requests.get(f"{addresses['Index']}/other", timeout=30).status_code == 404
        for credential in (USERNAME, PASSWORD, DEFAULT_USER, DEFAULT_PASSWORD, "sandbox-client"):
            assert credential in index.text
        assert "asks to use" in consent(addresses["FreshBooks"], redirect_uri()).text

        process.send_signal(end)
        output, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Stopping." in output
    assert "Traceback" not in output
    saved = {path.name for path in (tmp_path / "state").iterdir()}
    assert saved == {
        "freshbooks.json",
        "ibm_sterling.json",
        "sftp.json",
        "sps_commerce.json",
        "sftp",
        "stampli.json",
        "stampli",
        "cleo.json",
        "cleo_sftp.json",
        "cleo",
    }
    with pytest.raises(requests.ConnectionError):
        requests.get(addresses["FreshBooks"], timeout=30)


@pytest.mark.parametrize("option", ["--sterling-port", "--sftp-port", "--index-port", "--cleo-port"])
def test_it_refuses_a_taken_port_and_names_the_option(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            call_command("sandbox", *options(tmp_path, option, str(port)))

    reason = f"Port {port} cannot be used: Address already in use. Choose another with {option}."
    assert str(refused.value) == reason


def test_it_refuses_a_damaged_state_and_leaves_it_alone(tmp_path: Path) -> None:
    state = tmp_path / "state" / "ibm_sterling.json"
    state.parent.mkdir()
    state.write_text("{ half")

    with pytest.raises(CommandError, match=re.escape(str(state))):
        call_command("sandbox", *options(tmp_path))

    assert state.read_text() == "{ half"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--port-base", "70000"], "70000 is no port"),
        (["--ack-after", "soon"], "soon is no number of seconds"),
        (["--book-every=-1"], "-1 is no number of seconds"),
        (["--redirect-uri", "ftp://x"], "A redirect URI must be https"),
        (["--sftp-public-key", "/nowhere.pub"], "No such file"),
    ],
)
def test_a_wrong_option_is_explained(tmp_path: Path, arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError, match=text):
        call_command("sandbox", *options(tmp_path), *arguments)


class TestInOneProcess:
    """What the demo and the smoke run use."""

    def test_partners_work_and_go_on_after_a_restart(self, tmp_path: Path) -> None:
        how = Options(state_dir=tmp_path, ack_after=0, partners_every=0, sterling_partners=["acme", "beta"])
        with running(how) as sandbox:
            sandbox.sterling.drop("/beta/outbound", "a.x12", x12())
            sandbox.sterling.tick()
            sandbox.sftp.drop("/inbound/a.x12", x12())
            sandbox.sftp.tick()

        with running(how) as sandbox:
            assert len(sandbox.sterling.payloads("/beta/ack")) == 1
            assert [row["path"] for row in sandbox.sftp.listing()] == ["/outbound/997_000001_a.x12"]

    def test_a_key_lets_its_owner_in(self, tmp_path: Path) -> None:
        key = paramiko.ECDSAKey.generate()
        line = f"{key.get_name()} {key.get_base64()} me@here"
        with running(Options(sftp_public_keys=[line])) as sandbox:
            host, _, port = sandbox.addresses["SFTP"].removeprefix("sftp://").partition(":")
            transport = paramiko.Transport((host, int(port)))
            transport.connect(username=DEFAULT_USER, pkey=key)
            assert transport.is_authenticated()
            transport.close()

    def test_a_failed_start_leaves_no_port_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
            ports = Ports(index=taken.getsockname()[1], sftp=free.getsockname()[1])
            free.close()
            with pytest.raises(PortError), running(Options(ports=ports)):
                pass
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", ports.sftp), timeout=5)

    def test_ports_follow_each_other(self) -> None:
        assert Ports.from_base(8100) == Ports(*range(8100, 8113))
        assert Ports.from_base(0) == Ports()
