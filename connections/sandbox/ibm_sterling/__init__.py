"""A stand-in for IBM Sterling B2B Integrator: its REST API, its Identity service, the partners behind it.

with start() as running:
    running.url                      # what the customer calls the base URL, without /B2BAPIs/svc
    running.token_url                # where OAuth tokens come from: another origin
    running.sterling.tick()          # let the partners take and answer what is there
    running.sterling.complaints()
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connections.sandbox.common import serve
from connections.sandbox.edi import Verdict
from connections.sandbox.ibm_sterling.control import Sterling
from connections.sandbox.ibm_sterling.identity import CLIENT_ID, CLIENT_SECRET, Identity
from connections.sandbox.ibm_sterling.service import PASSWORD, USERNAME, User
from connections.sandbox.ibm_sterling.sites import Site

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "PASSWORD",
    "USERNAME",
    "Identity",
    "Running",
    "Site",
    "Sterling",
    "User",
    "Verdict",
    "start",
]


@dataclass(frozen=True)
class Running:
    """A running installation. `url` and `token_url` are of two origins."""

    sterling: Sterling
    identity: Identity
    url: str
    token_url: str


@contextmanager
def start(
    host: str = "127.0.0.1",
    port: int = 0,
    token_port: int = 0,
    *,
    identity: Identity | None = None,
    ssl_context: ssl.SSLContext | None = None,
    **options: Any,
) -> Iterator[Running]:
    """Run both origins while the block lasts; `options` are those of `Sterling`.

    Unless given, the Identity service is one with its defaults that shares the installation's clock.
    With `ssl_context` both speak HTTPS.
    """
    sterling = Sterling(**options)
    if identity is None:
        identity = Identity(clock=sterling.clock)
    sterling.identity = identity
    with (
        serve(identity, host, token_port, ssl_context=ssl_context) as tokens,
        serve(sterling, host, port, ssl_context=ssl_context) as api,
    ):
        yield Running(sterling, identity, api.url, f"{tokens.url}/oauth2/token")
