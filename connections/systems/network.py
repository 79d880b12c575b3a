"""The one place where a socket to an outside system is opened.

Customers type host names, so every name is hostile: it may lead to this machine, to its cloud provider's
metadata service or to a neighbour. The address that was checked is the address that is connected to, so
neither a redirect nor a name that resolves differently the second time gets around the check.

Private ranges are where an on-premises Sterling or SFTP server behind a VPN lives:
`settings.OUTBOUND_ALLOW_PRIVATE` allows them. `settings.OUTBOUND_ALLOW_LOOPBACK` is for sandbox and tests.
"""

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from connections.systems.base import Misconfigured, Temporary

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# A name with many addresses must not hold a worker for minutes.
MOST_ADDRESSES = 4
# A peer that no longer acknowledges what we send (a dead VPN) is given up after this time, not after a quarter
# of an hour. Where the platform has no such option its own limit holds.
UNACKNOWLEDGED_MILLISECONDS = 60_000

PRIVATE = [
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
# Metadata and host services that cloud providers put outside the link-local ranges: Alibaba, Azure, Oracle,
# Amazon (IPv6), Google (IPv6).
CLOUD_SERVICES = {
    ipaddress.ip_address(address)
    for address in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
}
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One resolved and permitted address: what `socket.connect` takes."""

    family: socket.AddressFamily
    sockaddr: Any

    @property
    def ip(self) -> str:
        return str(self.sockaddr[0])


def resolve(host: str, port: int) -> list[Endpoint]:
    """The permitted addresses of `host` (a name or a literal address), in the order of the resolver.

    Raises `Misconfigured` for something that is no host name or leads only to forbidden addresses, and
    `Temporary` for a name that is not known now: behind a VPN that is as often an outage as a misspelling,
    and it must heal by itself.
    """
    endpoints = _look_up(host, port)
    permitted = [endpoint for endpoint in endpoints if _is_permitted(ipaddress.ip_address(endpoint.ip))]
    if not permitted:
        raise Misconfigured(
            f"“{host}” leads to an address inside our own network, which connections may not use.",
            remedy="Enter the address under which the system can be reached from outside.",
            detail=f"{host} resolves to {', '.join(endpoint.ip for endpoint in endpoints)}",
        )
    return permitted[:MOST_ADDRESSES]


def open_socket(host: str, port: int, timeout: float | None) -> socket.socket:
    """A TCP connection to a permitted address of `host`; `timeout` (seconds) holds for each address.

    Raises what `resolve` raises, and `Temporary` when nothing answers. Nothing has been sent then.
    """
    failure: OSError | None = None
    for endpoint in resolve(host, port):
        try:
            return _connect(endpoint, timeout)
        except OSError as error:
            failure = error
    raise _unreachable(host, port, failure) from failure


def _look_up(host: str, port: int) -> list[Endpoint]:
    try:
        if not host:
            raise ValueError("an empty name would mean this machine")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (UnicodeError, ValueError, OverflowError) as error:
        raise Misconfigured(
            f"“{host[:100]}”, port {port}, is not an address.", remedy="Check the host name and the port."
        ) from error
    except socket.gaierror as error:
        raise Temporary(
            f"The name “{host}” cannot be found.",
            remedy="Check its spelling. If it is right, ask the system's administrator: "
            "the name service or the VPN may be down.",
            detail=str(error),
        ) from error
    return [Endpoint(family, sockaddr) for family, _, _, _, sockaddr in found]


def _connect(endpoint: Endpoint, timeout: float | None) -> socket.socket:
    connection = socket.socket(endpoint.family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLISECONDS)
        connection.connect(endpoint.sockaddr)
    except BaseException:
        connection.close()
        raise
    return connection


def _unreachable(host: str, port: int, error: OSError | None) -> Temporary:
    if isinstance(error, TimeoutError):
        what = f"{host} does not answer on port {port}."
        remedy = "Is the VPN up, and does the firewall there let our address in?"
    elif isinstance(error, ConnectionRefusedError):
        what = f"{host} refuses connections on port {port}."
        remedy = "Check the port. If it is right, the service there is not running."
    else:
        what = f"{host} cannot be reached on port {port}."
        remedy = "Is the VPN up, and is the address right?"
    return Temporary(what, remedy=remedy, detail=str(error))


def _is_permitted(address: IPAddress) -> bool:
    """Whether a customer may let our server talk to `address`; one inside another is judged by the inner."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return _is_permitted(inner)
    if address in CLOUD_SERVICES or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_loopback:
        return bool(settings.OUTBOUND_ALLOW_LOOPBACK)
    if any(address in net for net in PRIVATE):
        return bool(settings.OUTBOUND_ALLOW_PRIVATE)
    return address.is_global


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end at, if it is one of the translated kinds."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return open_socket(self._dns_host, self.port, _seconds(self.timeout))


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return open_socket(self._dns_host, self.port, _seconds(self.timeout))


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _seconds(timeout: Any) -> float | None:
    return float(timeout) if isinstance(timeout, int | float) else None


class OutboundAdapter(HTTPAdapter):
    """The adapter of every `requests` session: its sockets come from `open_socket`, it knows no proxy.

    `ssl_context` decides about trust and client certificate in place of the session's `verify` and `cert`.
    The failures of `open_socket` come out of `session.send` as they are: nothing was sent.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None = None, **options: Any) -> None:
        self._ssl_context = ssl_context
        super().__init__(**options)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,
        **pool_kwargs: Any,
    ) -> None:
        if self._ssl_context is not None:
            pool_kwargs["ssl_context"] = self._ssl_context
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        attributes: tuple[Any, Any] = super().build_connection_pool_key_attributes(request, verify, cert)
        return attributes if self._ssl_context is None else (attributes[0], {})

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        if self._ssl_context is None:
            super().cert_verify(conn, url, verify, cert)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        raise Misconfigured("Connections to partner systems do not go through a proxy.")
