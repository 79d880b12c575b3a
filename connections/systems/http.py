"""HTTP to outside systems: one session, and one place that says what a transport error means.

What was lost before the connection stood was never sent: it is `Temporary` or `Misconfigured`. What was lost
afterwards may have been carried out: `UnknownOutcome` for a call that must not be repeated, `Temporary` for
one that may. HTTP statuses are left to each system; nothing here raises because of one.
"""

import contextlib
import json
import socket
import ssl
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import certifi
import requests
import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from connections.systems.base import Misconfigured, SystemFailure, Temporary, UnknownOutcome
from connections.systems.network import OutboundAdapter, open_socket

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
# A body that trickles in is given up after this time, however regularly its bytes come.
BODY_SECONDS = 120.0
MAX_BYTES = 32 * 1024 * 1024
LONGEST_WAIT = timedelta(hours=1)
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust and who we are.

    `ca_pem`: the only certificates to trust, instead of the public authorities (PEM text).
    `client_pem`: our certificate and its private key for servers that ask for one (PEM text).
    `verify`: False trusts any server; for test installations alone.
    """

    ca_pem: str = ""
    client_pem: str = field(default="", repr=False)
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of whatever status; `repeatable` says whether its call may be made again."""

    system: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    request_id: str
    repeatable: bool
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> timedelta | None:
        """How long the other side asks us to wait, at most an hour; None if it does not say."""
        return parse_retry_after(self.headers.get("Retry-After", ""), datetime.now(UTC))

    def decoded(self) -> Any:
        """The body as JSON whatever its declared type, with Decimals for floats; None if it is no JSON."""
        try:
            return json.loads(self.content, parse_float=Decimal, parse_constant=_no_constants)
        except (ValueError, RecursionError):
            return None

    def json(self) -> Any:
        """The body as JSON. A body that is none raises the failure that fits the call."""
        value = self.decoded()
        if value is None:
            text = f"{self.system} answered with something that cannot be read (HTTP {self.status})."
            kind = UnknownOutcome if self.ok and not self.repeatable else Temporary
            raise kind(text, detail=self.excerpt())
        return value

    def excerpt(self, length: int = 600) -> str:
        """The beginning of the answer for support staff, without known secrets and control characters."""
        text = self.content[: 4 * length].decode("utf-8", "replace")
        for secret in self.secrets:
            text = text.replace(secret, "[hidden]")
        text = "".join(c if c.isprintable() else " " for c in text)[:length]
        return f"HTTP {self.status}, request {self.request_id}: {text}"


class Http:
    """A session with one outside system, used by one thread. `system` is its name as people know it.

    Redirects are not followed: a 3xx is an answer like any other. Proxies, `.netrc` and certificate settings
    of the environment are not used. Cookies are forgotten after each call, unless `keep_cookies`: then they are
    kept for this session, for clusters that send them to stay at one node.
    """

    def __init__(
        self,
        system: str,
        *,
        tls: Tls | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        max_bytes: int = MAX_BYTES,
        keep_cookies: bool = False,
    ) -> None:
        """Costs nothing until the first call, except that wrong certificates raise `Misconfigured` here."""
        self.system = system
        self.connect_seconds = connect_seconds
        self.read_seconds = read_seconds
        self.max_bytes = max_bytes
        self.keep_cookies = keep_cookies
        self._secrets: set[str] = set()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "ml-connector"
        adapter = _Adapter(_tls_context(tls or Tls()), pool_connections=4, pool_maxsize=2)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def hide(self, *secrets: str) -> None:
        """Values that must not be shown when an answer repeats them."""
        self._secrets.update(str(secret) for secret in secrets if len(secret) >= 4)

    def call(
        self,
        method: str,
        url: str,
        *,
        repeatable: bool | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        read_seconds: float | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """One request, one complete answer.

        `repeatable` says that the call may be made twice without harm; by default all but POST and PATCH are.
        `auth` is HTTP Basic, sent at once. Raises `Temporary`, `Misconfigured` or `UnknownOutcome`.
        """
        method = method.upper()
        may_repeat = method in REPEATABLE if repeatable is None else repeatable
        request_id = uuid.uuid4().hex
        seconds = read_seconds or self.read_seconds
        try:
            with self._session.request(
                method,
                url,
                params=params,
                json=json,
                data=data,
                headers={**(headers or {}), "X-Request-ID": request_id},
                auth=auth,
                timeout=(self.connect_seconds, seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(response, max_bytes or self.max_bytes)
        except SystemFailure as failure:
            # From our connection classes: the connection never stood.
            failure.detail = f"{failure.detail} (request {request_id})".strip()
            raise
        except _TooLargeError:
            text = f"{self.system} sent an answer that is larger than allowed."
            if may_repeat:
                raise TooLarge(text, detail=f"request {request_id}") from None
            self._lost(text, may_repeat, f"request {request_id}")
        except _NO_ADDRESS:
            raise Misconfigured(
                f"The address of {self.system} is not a web address.",
                remedy="Correct the address in the settings of the connection.",
            ) from None
        except (requests.RequestException, HTTPError, OSError) as error:
            self._lost(_what_happened(self.system, error, seconds), may_repeat, _kind_of(error, request_id))
        finally:
            if not self.keep_cookies:
                self._session.cookies.clear()
        return Answer(
            system=self.system,
            status=response.status_code,
            headers=response.headers,
            content=content,
            request_id=request_id,
            repeatable=may_repeat,
            secrets=tuple(sorted(self._secrets, key=len, reverse=True)),
        )

    def _read(self, response: requests.Response, max_bytes: int) -> bytes:
        content, deadline = bytearray(), time.monotonic() + BODY_SECONDS
        while piece := response.raw.read1(65536, decode_content=True):
            content += piece
            if len(content) > max_bytes:
                raise _TooLargeError
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout
        return bytes(content)

    def _lost(self, text: str, may_repeat: bool, detail: str) -> NoReturn:
        """An answer that should have come did not."""
        if may_repeat:
            raise Temporary(text, detail=detail) from None
        raise UnknownOutcome(
            f"{text} Whether the request was carried out is not known.", detail=detail
        ) from None


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """The Retry-After header (seconds, or an HTTP date) as a wait of at most an hour; None if unreadable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:6])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), LONGEST_WAIT)


class TooLarge(Temporary):
    """The answer to a call that may be repeated exceeds the limit: asking again changes nothing, waiting might."""


class _TooLargeError(Exception):
    """The body exceeds the limit."""


def _no_constants(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _tls_context(tls: Tls) -> ssl.SSLContext:
    try:
        if tls.ca_pem:
            context = ssl.create_default_context(cadata=tls.ca_pem)
        else:
            context = ssl.create_default_context(cafile=certifi.where())
    except (ssl.SSLError, ValueError):
        raise Misconfigured(
            "The certificate authority file cannot be read.",
            remedy="Upload the certificates as PEM text, beginning with -----BEGIN CERTIFICATE-----.",
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not tls.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if tls.client_pem:
        _load_client_certificate(context, tls.client_pem)
    return context


def _load_client_certificate(context: ssl.SSLContext, pem: str) -> None:
    # OpenSSL reads it from a file only: one that nobody else can open, gone again at once.
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        try:
            context.load_cert_chain(file.name, password="")
        except (ssl.SSLError, OSError, ValueError):
            raise Misconfigured(
                "The client certificate cannot be used.",
                remedy="Give the certificate and its private key (without a password) as one PEM text.",
            ) from None


def _what_happened(system: str, error: BaseException, seconds: float) -> str:
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return f"{system} did not answer within {seconds:.0f} seconds."
    return f"The connection to {system} broke before the answer was complete."


def _kind_of(error: BaseException, request_id: str) -> str:
    """The error by its class alone: its text may hold addresses with secrets in them."""
    return f"{type(error).__name__} (request {request_id})"


class _SecureConnection(HTTPSConnection):
    """Raises a `SystemFailure` when the socket or TLS cannot be set up: nothing has been sent then."""

    def _new_conn(self) -> socket.socket:
        seconds = self.timeout if isinstance(self.timeout, int | float) else CONNECT_SECONDS
        return open_socket(self._dns_host, self.port, seconds)

    def connect(self) -> None:
        with _tls_failures(f"{self.host} (port {self.port})"):
            super().connect()


@contextlib.contextmanager
def _tls_failures(place: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Misconfigured(
            f"The certificate of {place} was not accepted: {error.verify_message}.",
            remedy="Check the address. If the server has a certificate authority of its own, upload it.",
        ) from None
    except (TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError) as error:
        raise Temporary(
            f"{place} broke off while the connection was being secured.", detail=type(error).__name__
        ) from None
    except (ssl.SSLError, CertificateError, urllib3.exceptions.SSLError) as error:
        raise Misconfigured(
            f"No secure connection could be made with {place}.",
            remedy="Check the port, and that the server speaks TLS 1.2 or newer.",
            detail=getattr(error, "reason", None) or type(error).__name__,
        ) from None


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(OutboundAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme["https"] = _SecurePool
