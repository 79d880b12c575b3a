"""One signed-in SFTP session: host key first, then our proof, then the channel."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import paramiko

from connections.systems.base import Misconfigured, NeedsSignIn, SystemFailure, Temporary, UnknownOutcome
from connections.systems.network import open_socket
from connections.systems.sftp.client import BROKEN, Client, Refusal
from connections.systems.sftp.keys import (
    ALGORITHMS,
    HostKey,
    describe,
    read_private_key,
    signature_algorithms,
)
from connections.systems.sftp.settings import Credentials, Settings

CONNECT_SECONDS = 15.0
BANNER_SECONDS = 15.0
SIGN_IN_SECONDS = 15.0
CHANNEL_SECONDS = 60.0

# A server shows one key for each connection: the best that is asked for.
KEY_GROUPS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("ssh-rsa",),
)
PROOFS = {"publickey": "a key", "password": "a password", "keyboard-interactive": "a password"}

# What paramiko has to say of a broken connection comes back to us as an exception.
_quiet = logging.getLogger(f"{__name__}.paramiko")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class Session:
    """A session that signs in when it is first used; after a loss the next use signs in again."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._transport: paramiko.Transport | None = None
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The open channel. Raises a `SystemFailure` when there is none to be had."""
        return self.open()

    def open(self) -> Client:
        """Verify, sign in and open the channel, if that is not done yet."""
        if self._client is None:
            transport = self.sign_in()
            try:
                self._client = _open_channel(transport)
            except SystemFailure:
                self.close()
                raise
        return self._client

    def verify_host_key(self) -> paramiko.Transport:
        """Connect and compare the server's host key with the pinned ones; nothing else has been sent then."""
        if self._transport is None:
            self._transport = _connect_to_pinned(self._settings)
        return self._transport

    def sign_in(self) -> paramiko.Transport:
        """Show our key, or our password; to a server that asks for both, both."""
        transport = self.verify_host_key()
        if not transport.is_authenticated():
            try:
                _prove(transport, self._settings.username, self._credentials)
            except SystemFailure:
                self.close()
                raise
        return transport

    def close(self) -> None:
        """Give back the connection. Never raises."""
        transport, self._transport, self._client = self._transport, None, None
        if transport is not None:
            with suppress(Exception):
                transport.close()

    @contextmanager
    def watched(self, lost: type[Temporary] | type[UnknownOutcome] = Temporary) -> Iterator[None]:
        """Turn a connection that breaks inside the block into the failure `lost`, and close the session."""
        try:
            yield
        except (Refusal, SystemFailure):
            raise
        except BROKEN as error:
            self.close()
            raise lost(_loss(error), detail=_named(error)) from None


class UnconfirmedHostKey(Misconfigured):
    """The server shows a host key that nobody has confirmed. `shown` is what a person may confirm."""

    def __init__(self, message: str, *, remedy: str, shown: Sequence[HostKey]) -> None:
        super().__init__(message, remedy=remedy)
        self.shown = shown

    @property
    def step_detail(self) -> dict[str, Any]:
        """`host_keys`: each with `line` (as it goes into the setting `host_keys`), `kind`, `fingerprint`."""
        keys = [{"line": key.line, "kind": key.kind, "fingerprint": key.fingerprint} for key in self.shown]
        return {"host_keys": keys}


class _NoCommonHostKeyError(Exception):
    """The server has no host key of the types that were asked for."""


def connect(host: str, port: int, algorithms: Sequence[str]) -> paramiko.Transport:
    """A transport that has negotiated a host key of one of `algorithms`, not yet signed in.

    Raises `Temporary` or `Misconfigured`, and `_NoCommonHostKeyError` when the server has no such key.
    """
    connection = open_socket(host, port, CONNECT_SECONDS)
    transport = paramiko.Transport(connection)
    transport.set_log_channel(_quiet.name)
    transport.banner_timeout = transport.handshake_timeout = BANNER_SECONDS
    transport.auth_timeout = SIGN_IN_SECONDS
    transport.get_security_options().key_types = tuple(algorithms)
    try:
        transport.start_client(timeout=BANNER_SECONDS)
        transport.get_remote_server_key()
    except BROKEN as error:
        transport.close()
        raise _handshake_failure(error) from None
    return transport


def fetch_host_keys(host: str, port: int) -> list[HostKey]:
    """One host key of each type that the server has, for a person to confirm. Signs in to nothing.

    Raises `Temporary` or `Misconfigured`.
    """
    found, weak = [], None
    for group in KEY_GROUPS:
        with suppress(_NoCommonHostKeyError):
            transport = connect(host, port, [name for kind in group for name in ALGORITHMS[kind]])
            key = transport.get_remote_server_key()
            transport.close()
            try:
                found.append(HostKey.of(key))
            except Misconfigured as failure:
                weak = failure
    if not found:
        raise weak or Misconfigured(
            "The server has no host key that can be relied on.",
            remedy="It needs an Ed25519 or ECDSA key, or an RSA key that signs with SHA-2.",
        )
    return found


def _connect_to_pinned(settings: Settings) -> paramiko.Transport:
    pinned = [HostKey.from_line(line) for line in settings.host_keys]
    if not pinned:
        shown = fetch_host_keys(settings.host, settings.port)
        raise UnconfirmedHostKey(
            f"Nobody has confirmed the server's host key yet. It shows: {describe(shown)}.",
            remedy="Compare it with what the partner says, and confirm it.",
            shown=shown,
        )
    try:
        transport = connect(settings.host, settings.port, signature_algorithms(pinned))
    except _NoCommonHostKeyError:
        raise _changed(pinned, fetch_host_keys(settings.host, settings.port)) from None
    key = transport.get_remote_server_key()
    if not any(key.asbytes() == known.blob for known in pinned):
        transport.close()
        raise _changed(pinned, [HostKey(key.get_name(), key.asbytes())])
    return transport


def _changed(pinned: Sequence[HostKey], shown: Sequence[HostKey]) -> UnconfirmedHostKey:
    return UnconfirmedHostKey(
        f"The server shows another host key than the confirmed one. Confirmed: {describe(pinned)}. "
        f"Shown: {describe(shown)}. Nothing was sent.",
        remedy="Ask the partner whether the key was changed. Confirm the new one only if they name the same "
        "fingerprint.",
        shown=shown,
    )


def _handshake_failure(error: BaseException) -> Exception:
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        if "host key" in str(error):
            return _NoCommonHostKeyError()
        return Misconfigured(
            "The server only knows encryption that is no longer safe.",
            remedy="Ask the partner to update it.",
            detail=str(error),
        )
    if "banner" in str(error) or "protocol version" in str(error):
        return Temporary(
            "What answers there is not an SFTP server, or a very busy one.",
            remedy="Check the port. SFTP servers mostly listen on 22.",
            detail=_named(error),
        )
    return Temporary(_loss(error), detail=_named(error))


def _prove(transport: paramiko.Transport, username: str, credentials: Credentials) -> None:
    key, password = None, credentials.password
    if credentials.private_key:
        key = read_private_key(credentials.private_key, credentials.passphrase)
    if key is None and not password:
        raise NeedsSignIn("There is no password and no key to sign in with.", remedy="Enter one of them.")
    try:
        if key is not None:
            _show_key(transport, username, key, may_fail=bool(password))
        if password and not transport.is_authenticated():
            transport.auth_password(username, password)
    except BROKEN as error:
        raise _sign_in_failure(error, username, still_there=transport.is_active()) from None
    if not transport.is_authenticated():
        raise NeedsSignIn(
            f"The server asks “{username}” for a further proof that we do not have.",
            remedy="Ask the partner whether it wants a password beside the key, or the other way round.",
        )


def _show_key(transport: paramiko.Transport, username: str, key: paramiko.PKey, *, may_fail: bool) -> None:
    try:
        transport.auth_publickey(username, key)
    except paramiko.AuthenticationException:
        if not may_fail:
            raise


def _sign_in_failure(error: BaseException, username: str, *, still_there: bool) -> SystemFailure:
    if isinstance(error, paramiko.BadAuthenticationType):
        ways = " or ".join(dict.fromkeys(PROOFS.get(way, way) for way in error.allowed_types))
        return NeedsSignIn(
            f"The server does not take what we have for “{username}”; it asks for {ways}.",
            remedy="Enter what it asks for.",
        )
    if not still_there or "timeout" in str(error).lower():
        return Temporary("The server broke off while we signed in.", detail=_named(error))
    return NeedsSignIn(
        f"The server does not let “{username}” in with this password or key.",
        remedy="Enter the user name and the password or key again, or ask the partner to let the key in.",
        detail=_named(error),
    )


def _open_channel(transport: paramiko.Transport) -> Client:
    # paramiko waits for the answer to this request without a limit of its own.
    watchdog = threading.Timer(CHANNEL_SECONDS, transport.close)
    watchdog.daemon = True
    watchdog.start()
    try:
        channel = transport.open_session(timeout=CHANNEL_SECONDS)
        channel.settimeout(CHANNEL_SECONDS)
        channel.invoke_subsystem("sftp")
        return Client(channel)
    except BROKEN as error:
        if transport.is_active():
            raise Misconfigured(
                "The sign-in worked, but the server does not offer SFTP to this user.",
                remedy="Ask the partner to allow SFTP for it.",
                detail=_named(error),
            ) from None
        raise Temporary(_loss(error), detail=_named(error)) from None
    finally:
        watchdog.cancel()


def _loss(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"The server did not answer within {CHANNEL_SECONDS:.0f} seconds."
    return "The connection to the server broke."


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
