"""Ports: which ones the stack uses, and whether somebody else has them."""

import socket
from dataclasses import asdict, dataclass


class PortsTaken(Exception):
    """Some of the wanted ports are in use; the message names them."""


@dataclass(frozen=True, slots=True)
class Ports:
    """One port per address that a person or a client uses."""

    web: int
    freshbooks: int
    sterling: int
    sterling_token: int
    sftp: int
    sftp_control: int
    index: int

    @classmethod
    def from_base(cls, base: int) -> "Ports":
        """Web on `base`, the sandbox on `base + 101` and the following."""
        return cls(base, *range(base + 101, base + 107))

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody uses now; they are held together while they are chosen."""
        sockets = [_bound(0) for _ in range(7)]
        numbers = [sock.getsockname()[1] for sock in sockets]
        for sock in sockets:
            sock.close()
        return cls(*numbers)

    def check_free(self) -> None:
        """Raise `PortsTaken` naming each port that is in use."""
        taken = [
            f"{port} ({name.replace('_', ' ')})" for name, port in asdict(self).items() if _is_taken(port)
        ]
        if taken:
            raise PortsTaken(
                f"Already in use on this machine: port {', '.join(taken)}. "
                "Stop the program that uses it, or choose others with --port-base."
            )


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


def _is_taken(port: int) -> bool:
    try:
        _bound(port).close()
    except OSError:
        return True
    return False
