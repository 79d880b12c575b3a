"""The demo's ports: named clearly when somebody else has one."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from connector_site.stack.ports import Ports, PortsTaken


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_free_ports_are_free_and_all_different() -> None:
    ports = Ports.free()
    ports.check_free()
    assert len({ports.web, ports.freshbooks, ports.sterling, ports.sftp}) == 4


def test_a_taken_port_is_named_with_what_wants_it(taken: int) -> None:
    with pytest.raises(PortsTaken, match=rf"port {taken} \(web\).*--port-base"):
        Ports(taken, *range(taken + 101, taken + 107)).check_free()


def test_the_demo_says_so_before_it_starts_anything(taken: int, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"port {taken}"):
        call_command("demo", port_base=taken, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
