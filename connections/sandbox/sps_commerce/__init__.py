"""A stand-in for SPS Commerce: its token endpoint, its Transaction API, and the retailers behind it.

with start() as running:
    running.url, running.auth_url    # the API and the token endpoint: two origins
    running.sps.book_order()         # a retailer orders; the file lies in out/PO/
    running.sps.files("in/")         # what we sent and SPS has not taken yet
    running.sps.complaints()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connections.sandbox.common import serve
from connections.sandbox.sps_commerce.auth import (
    AUDIENCE,
    CLIENT_ID,
    CLIENT_SECRET,
    OLD_AUDIENCE,
    Auth,
)
from connections.sandbox.sps_commerce.control import Sps

__all__ = ["AUDIENCE", "CLIENT_ID", "CLIENT_SECRET", "OLD_AUDIENCE", "Auth", "Running", "Sps", "start"]


@dataclass(frozen=True)
class Running:
    """A running stand-in. `url` and `auth_url` are of two origins."""

    sps: Sps
    auth: Auth
    url: str
    auth_url: str


@contextmanager
def start(
    host: str = "127.0.0.1", port: int = 0, auth_port: int = 0, *, auth: Auth | None = None, **options: Any
) -> Iterator[Running]:
    """Run both origins while the block lasts; `options` are those of `Sps`. Both share one clock."""
    auth = auth or Auth()
    sps = Sps(auth=auth, clock=auth.clock, **options)
    with serve(auth, host, auth_port) as tokens, serve(sps, host, port) as api:
        yield Running(sps, auth, api.url, tokens.url)
