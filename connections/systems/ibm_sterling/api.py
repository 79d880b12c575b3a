"""Authorised calls to the B2B REST API of one installation, and what its answers mean.

Source: the product's service description (base path /B2BAPIs/svc) and the vendor's pages on the B2B REST APIs.
"""

import base64
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from connections.models import Connection
from connections.systems.base import Misconfigured, NeedsSignIn, SystemFailure, Temporary, UnknownOutcome
from connections.systems.http import Answer, Http
from connections.systems.ibm_sterling import replies
from connections.systems.ibm_sterling.calls import Calls
from connections.systems.ibm_sterling.settings import AuthMode, Credentials, Settings, tls_of
from connections.systems.ibm_sterling.tokens import Tokens

CONNECT_SECONDS = 10.0
# Bulk data is slow over this API.
READ_SECONDS = 60.0
# A payload travels as base64, a third larger than it is.
LARGEST_ANSWER = 96 * 1024 * 1024
LARGEST_PAYLOAD = 64 * 1024 * 1024
MOST_ROWS = 100_000

Row = dict[str, Any]


class Refused(Exception):
    """The API said no to one request (400, 404, 409 and the like). `text` is its reason, perhaps empty."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer
        self.status = answer.status
        self.text = replies.error_text(answer)


class NotPermitted(Misconfigured):
    """Signed in, but the account lacks a permission (403)."""


class ServerFault(Temporary):
    """The API failed inside (500). When it always does for one record, that record is the trouble."""


class Api:
    """One session; used by one thread. Opens nothing before the first call."""

    def __init__(self, connection: Connection) -> None:
        """Raises `Misconfigured` for settings and certificates that cannot be used."""
        self.settings = Settings.of(connection.settings)
        self._credentials = Credentials.of(connection.credentials)
        tls = tls_of(self.settings, self._credentials)
        self._http = Http(
            "IBM Sterling",
            tls=tls,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            max_bytes=LARGEST_ANSWER,
        )
        self._identity = Http("The Identity service of IBM Sterling", tls=tls)
        for http in (self._http, self._identity):
            http.hide(self._credentials.password, self._credentials.client_secret)
        self.tokens = Tokens(connection, self.settings, self._credentials, self._identity)
        self._mailbox_ids: dict[str, str] = {}
        self._refused_sign_in: NeedsSignIn | None = None

    @cached_property
    def _calls(self) -> Calls:
        return Calls(f"{self.settings.host}:{self.settings.port}", self.settings.most_calls)

    def close(self) -> None:
        self._http.close()
        self._identity.close()

    def call(
        self,
        method: str,
        resource: str,
        *below: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """A 2xx answer. `below` are the path segments after the resource; without any it is the collection.

        Raises `Refused`, or the `SystemFailure` that the answer or its absence amounts to.
        """
        if self._refused_sign_in:
            raise self._refused_sign_in  # further tries might lock the account

        def ask(authorization: str) -> Answer:
            sent = {"Accept": "application/json", "Authorization": authorization, **(headers or {})}
            with self._calls.one():
                return self._http.call(
                    method,
                    self.url(resource, *below),
                    params=params,
                    json=json,
                    data=data,
                    headers=sent,
                    repeatable=repeatable,
                )

        authorization = self._authorization()
        answer = ask(authorization)
        if answer.status == 401 and self.settings.auth_mode == AuthMode.OAUTH:
            answer = ask(self._authorization(spent=authorization))
        if answer.status == 401:
            self._refused_sign_in = self._sign_in_failure(answer)
            raise self._refused_sign_in
        if not answer.ok:
            raise _failure_of(answer)
        return answer

    def url(self, resource: str, *below: str) -> str:
        """A collection ends in a slash, an item does not."""
        path = "/".join(quote(segment, safe="") for segment in below)
        return f"{self.settings.service_url}/{self.settings.resource(resource)}/{path}"

    def reach(self) -> Answer:
        """An answer to a call without a sign-in: shows that the host can be talked to at all."""
        headers = {"Accept": "application/json"}
        with self._calls.one():
            return self._http.call("GET", self.url("mailboxes"), params={"_range": "0-0"}, headers=headers)

    def rows(self, resource: str, **filters: str) -> list[Row]:
        """All rows of a list, each once, in the order of their ids.

        A list has no total, may come in any order, and may be cut shorter than asked for: it has ended only
        when a page brings nothing new.
        """
        found: dict[str, Row] = {}
        start = 0
        while page := self._page(resource, start, filters):
            before = len(found)
            found |= {replies.identity(row): row for row in page}
            start += len(page)
            if len(found) == before:
                break
            if len(found) > MOST_ROWS:
                raise Misconfigured(
                    f"A list of more than {MOST_ROWS:,} entries is too long to be read each time.",
                    remedy="Have the mailbox cleared, or choose to move collected messages away.",
                )
        return [found[key] for key in sorted(found, key=_by_number)]

    def mailbox_id(self, path: str) -> str:
        """The id of the mailbox at exactly this path. Raises `Misconfigured` when there is none."""
        if path not in self._mailbox_ids:
            # The filter also finds longer paths, and takes `%` for anything.
            for row in self.rows("mailboxes", path=path):
                if row.get("path") == path:
                    self._mailbox_ids[path] = replies.row_id(row)
        if path not in self._mailbox_ids:
            raise Misconfigured(
                f"There is no mailbox “{path}” that our account may see.",
                remedy="Check the path as that account sees it. If it is right, ask the Sterling administrator "
                f"for the permission “{path} Mailbox”.",
            )
        return self._mailbox_ids[path]

    def message(self, message_id: str) -> Row | None:
        """One mailbox message with all its fields; None when it is not there (any more)."""
        try:
            row = self.call("GET", "mailboxmessages", message_id).json()
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return row if isinstance(row, dict) else None

    def payload(self, document_id: str) -> bytes | None:
        """The content of a document; None when it cannot be had (any more)."""
        try:
            answer = self.call(
                "POST", "documents", document_id, "actions", "getpayload", json={}, repeatable=True
            )
        except (Refused, ServerFault):
            return None
        return replies.payload(answer)

    def _page(self, resource: str, start: int, filters: Mapping[str, str]) -> list[Row]:
        wanted = f"{start}-{start + self.settings.page_size - 1}"
        try:
            answer = self.call("GET", resource, params={**filters, "_range": wanted})
        except Refused as refused:
            if refused.status == 404 or (filters and replies.says_nothing_found(refused.text)):
                return []
            raise Temporary(
                f"IBM Sterling could not make a list of {resource}. {refused.text}".strip(),
                detail=refused.answer.excerpt(),
            ) from None
        page = answer.json()
        if not isinstance(page, list):
            raise Temporary(f"IBM Sterling sent no list of {resource}.", detail=answer.excerpt())
        return [row for row in page if isinstance(row, dict)]

    def _authorization(self, spent: str = "") -> str:
        if self.settings.auth_mode == AuthMode.OAUTH:
            token = self.tokens.current(spent.removeprefix("Bearer "))
            self._http.hide(token)
            return f"Bearer {token}"
        username, password = self._credentials.username, self._credentials.password
        if not username or not password:
            raise NeedsSignIn("The user name or the password is missing.", remedy="Enter both.")
        encoded = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._http.hide(encoded)
        return f"Basic {encoded}"

    def _sign_in_failure(self, answer: Answer) -> NeedsSignIn:
        if self.settings.auth_mode == AuthMode.OAUTH:
            text = "IBM Sterling does not accept the access token that its Identity service gave us."
            remedy = (
                "Check the scope and the audience, and whether the installation uses this Identity service."
            )
        else:
            text = f"IBM Sterling does not let “{self._credentials.username}” in with this password."
            remedy = (
                "Enter the password again. If it is right the account may be locked: ask the administrator."
            )
        return NeedsSignIn(text, remedy=remedy, detail=answer.excerpt())


def failure_of(refused: Refused, kind: type[SystemFailure], text: str, remedy: str = "") -> SystemFailure:
    """A refusal as the failure that it means where it happened, with the API's own reason behind it."""
    reason = f" IBM Sterling says: {refused.text}" if refused.text else ""
    return kind(f"{text}{reason}", remedy=remedy, detail=refused.answer.excerpt())


def _failure_of(answer: Answer) -> Exception:
    """What any answer other than 2xx and 401 means, whatever was asked."""
    detail, text = answer.excerpt(), replies.error_text(answer)
    if answer.status == 403:
        return NotPermitted(
            f"The account was let in, but may not do this. {text}".strip(),
            remedy="Ask the Sterling administrator to give it the permission “API User” (APIUser) and the "
            "permission of each mailbox, named “<path> Mailbox”.",
            detail=detail,
        )
    if answer.status in (429, 503):
        return Temporary(
            "IBM Sterling asks us to come back later.", retry_after=answer.retry_after, detail=detail
        )
    if "security.passphrase" in text:
        return Misconfigured(
            "The REST API of the installation is not set up to the end.",
            remedy="Ask the Sterling administrator to set security.passphrase in customer_overrides.properties.",
            detail=detail,
        )
    if answer.status >= 500:
        said = f"IBM Sterling failed (HTTP {answer.status}). {text}".strip()
        if not answer.repeatable:
            return UnknownOutcome(said, detail=detail)
        return ServerFault(said, detail=detail) if answer.status == 500 else Temporary(said, detail=detail)
    if answer.status < 400:
        return Misconfigured(
            "What answers at the address is not the REST API of IBM Sterling.",
            remedy="Check host and port: the REST API has a port of its own.",
            detail=detail,
        )
    return Refused(answer)


def _by_number(identifier: str) -> tuple[int, str]:
    return (int(identifier) if identifier.isascii() and identifier.isdigit() else 0, identifier)
