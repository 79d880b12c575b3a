"""Outbound sockets: whom our server may talk to, and what is said when nobody answers."""

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from pytest_django.fixtures import Settings

from connections.systems import network
from connections.systems.base import Misconfigured, Temporary
from connections.systems.network import OutboundAdapter, open_socket, resolve


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of a socket on 127.0.0.1 that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def _allow_loopback(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True


def answer_with(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let the name service of this machine answer every name with `addresses`."""

    def getaddrinfo(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "2130706433",
        "0x7f.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "240.0.0.1",
        "198.51.100.7",
    ],
)
def test_addresses_that_no_customer_may_name_are_refused(address: str) -> None:
    with pytest.raises(Misconfigured, match="may not use"):
        resolve(address, 443)


def test_private_ranges_are_where_partners_in_a_vpn_live(settings: Settings) -> None:
    for address in ("10.1.2.3", "172.16.0.9", "192.168.1.1", "100.64.0.1", "fd12::1"):
        settings.OUTBOUND_ALLOW_PRIVATE = True
        assert resolve(address, 22)[0].ip == address

        settings.OUTBOUND_ALLOW_PRIVATE = False
        with pytest.raises(Misconfigured):
            resolve(address, 22)


def test_public_addresses_are_permitted(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_PRIVATE = False

    assert [endpoint.ip for endpoint in resolve("8.8.4.4", 443)] == ["8.8.4.4"]
    assert [endpoint.ip for endpoint in resolve("2606:4700::1111", 443)] == ["2606:4700::1111"]


def test_of_a_name_with_several_addresses_only_the_permitted_ones_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_with(monkeypatch, "127.0.0.1", "8.8.4.4", "169.254.169.254")

    assert [endpoint.ip for endpoint in resolve("mixed.example", 22)] == ["8.8.4.4"]


def test_a_name_with_a_hundred_addresses_is_tried_at_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, *(f"8.8.4.{n}" for n in range(100)))

    assert len(resolve("many.example", 22)) == network.MOST_ADDRESSES


@pytest.mark.usefixtures("_allow_loopback")
def test_the_name_is_looked_up_once_so_that_it_cannot_change_after_the_check(
    monkeypatch: pytest.MonkeyPatch, listener: int
) -> None:
    asked = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with closing(open_socket("rebinding.example", listener, 5)) as connection:
        assert connection.getpeername() == ("127.0.0.1", listener)
    assert asked == ["rebinding.example"]


@pytest.mark.usefixtures("_allow_loopback")
def test_the_next_address_is_tried_when_the_first_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, listener: int
) -> None:
    refusing_first = [("127.0.0.1", 1), ("127.0.0.1", listener)]

    def getaddrinfo(_host: str, _port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in refusing_first]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with closing(open_socket("two.example", listener, 5)) as connection:
        assert connection.getpeername()[1] == listener


@pytest.mark.usefixtures("_allow_loopback")
def test_a_closed_port_is_temporary_and_says_so(closed_port: int) -> None:
    with pytest.raises(Temporary, match=f"127.0.0.1 refuses connections on port {closed_port}") as failure:
        open_socket("127.0.0.1", closed_port, 5)

    assert "not running" in failure.value.remedy


@pytest.mark.usefixtures("_allow_loopback")
def test_a_host_that_does_not_answer_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(*_: Any) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(network, "_connect", no_answer)

    with pytest.raises(Temporary, match="does not answer on port 22") as failure:
        open_socket("127.0.0.1", 22, 5)

    assert "VPN" in failure.value.remedy


def test_an_unknown_name_is_temporary_because_a_name_service_may_be_down() -> None:
    with pytest.raises(Temporary, match=r"no-such-host\.invalid"):
        open_socket("no-such-host.invalid", 22, 5)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "..", "ho\0st", "x" * 3000, ""])
def test_what_is_no_host_name_is_a_wrong_setting_or_an_unknown_name(host: str) -> None:
    with pytest.raises((Misconfigured, Temporary)) as failure:
        open_socket(host, 22, 5)

    assert len(str(failure.value)) < 4000


@pytest.mark.usefixtures("_allow_loopback")
class TestRequests:
    """`requests` through the same door."""

    @pytest.fixture
    def session(self) -> Iterator[requests.Session]:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", OutboundAdapter())
            session.mount("https://", OutboundAdapter())
            yield session

    def test_a_forbidden_address_fails_before_anything_is_sent(
        self, session: requests.Session, settings: Settings, listener: int
    ) -> None:
        settings.OUTBOUND_ALLOW_LOOPBACK = False

        for scheme in ("http", "https"):
            with pytest.raises(Misconfigured):
                session.get(f"{scheme}://127.0.0.1:{listener}/", timeout=5)

    def test_a_closed_port_is_the_same_failure_as_without_requests(
        self, session: requests.Session, closed_port: int
    ) -> None:
        with pytest.raises(Temporary, match="refuses connections"):
            session.get(f"http://127.0.0.1:{closed_port}/", timeout=5)

    def test_it_goes_through_no_proxy(self, session: requests.Session) -> None:
        with pytest.raises(Misconfigured, match="proxy"):
            session.get("http://example.invalid/", proxies={"http": "http://127.0.0.1:9"}, timeout=5)
