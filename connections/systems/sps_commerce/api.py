"""Authorised calls to the Transaction API of SPS Commerce, and what its answers mean.

Source: SPS Commerce's developer center on the Transaction API (version 5) and its API style guide.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.crypto import salted_hmac

from connections.models import Connection
from connections.systems.base import Misconfigured, NeedsSignIn, Temporary, UnknownOutcome
from connections.systems.http import Answer, Http
from connections.systems.sps_commerce import paths, replies
from connections.systems.sps_commerce.settings import Credentials, Settings
from connections.systems.sps_commerce.sign_in import ask_for_token
from connections.systems.tokens import SharedToken

BASE = "/transactions/v5"
READ_SECONDS = 60.0
LARGEST_FILE = 32 * 1024 * 1024
# An error that came as the content of a file is not longer.
LONGEST_ERROR = 4096
MOST_PAGES = 1000
# Rests after 429 without Retry-After: doubling, and from the sixth on left to the connection's own rests.
FIRST_REST, LONGEST_REST, RESTS = timedelta(seconds=2), timedelta(seconds=120), 6

Row = dict[str, Any]


class Refused(Exception):
    """The API said no to one request (400, 404, 413 and the like). `text` is its reason, perhaps empty."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer
        self.status = answer.status
        self.text = replies.error_text(answer)


class Api:
    """One session; used by one thread. Opens nothing before the first call."""

    def __init__(self, connection: Connection) -> None:
        self.settings = Settings.of(connection.settings)
        self._failures = connection.failures_in_row
        self._credentials = Credentials.of(connection.credentials)
        self._http = Http("SPS Commerce", read_seconds=READ_SECONDS, max_bytes=LARGEST_FILE)
        self._auth = Http("The sign-in of SPS Commerce")
        for http in (self._http, self._auth):
            http.hide(self._credentials.client_secret)
        self.token = SharedToken(connection, self._purpose(), self._ask)
        self._refused_sign_in: NeedsSignIn | None = None

    def close(self) -> None:
        self._http.close()
        self._auth.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A 2xx answer to a call of `path` on the API's host, the only one that our token is ever sent to.

        Raises `Refused`, or the `SystemFailure` that the answer or its absence amounts to.
        """
        if self._refused_sign_in:
            raise self._refused_sign_in
        url = f"{self.settings.api_root}{path}"

        def ask(token: str) -> Answer:
            self._http.hide(token)
            sent = {"Authorization": f"Bearer {token}", **(headers or {})}
            return self._http.call(method, url, params=params, data=data, headers=sent)

        token = self.token.current()
        answer = ask(token)
        if answer.status == 401:
            answer = ask(self.token.current(spent=token))
        if answer.status == 401:
            self._refused_sign_in = NeedsSignIn(
                "SPS Commerce does not accept the access token that its own sign-in gave us.",
                remedy="Check the audience, and that the keys are those of the Transaction API.",
                detail=answer.excerpt(),
            )
            raise self._refused_sign_in
        if not answer.ok:
            raise self._failure_of(answer)
        return answer

    # The mailbox

    def entries(self, directory: str, prefix: str = "") -> list[Row]:
        """Everything directly in a directory whose own name begins with `prefix`: all pages of it, each once.

        Raises `Refused` (404: no such directory).
        """
        found: dict[str, Row] = {}
        for page in self._pages(directory, prefix):
            for row in page:
                found.setdefault(str(row.get("path")), row)
        return list(found.values())

    def download(self, path: str) -> bytes | None:
        """The bytes of a file, which stays where it is; None when it is not there (any more).

        Raises `TooLarge` for one of more than `LARGEST_FILE` bytes.
        """
        try:
            answer = self.call("GET", _data(path))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        if len(answer.content) <= LONGEST_ERROR and (text := replies.error_inside(answer)):
            raise Temporary(f"SPS Commerce could not give us {path}: {text}.", detail=answer.excerpt())
        return answer.content

    def delete(self, path: str) -> None:
        """Take a file away; one that is gone already counts as done."""
        try:
            self.call("DELETE", _data(path))
        except Refused as refused:
            if refused.status != 404:
                raise

    def upload(self, path: str, content: bytes) -> Answer:
        """Store a file, over whatever is there."""
        return self.call(
            "POST", _data(path), data=content, headers={"Content-Type": "application/octet-stream"}
        )

    def transfers(self, after: datetime) -> Iterator[Row]:
        """The history from `after` on: one row per transfer. The next page is where the answer says it is."""
        params: dict[str, Any] = {"after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}
        asked: set[str] = set()
        for _ in range(MOST_PAGES):
            data = self.call("GET", f"{BASE}/history", params=params).json()
            rows = replies.rows_of(data)
            if rows is None:
                raise Temporary("SPS Commerce sent no history.")
            yield from rows
            url = replies.next_url_of(data.get("paging"))
            if not url or url in asked:
                return
            asked.add(url)
            params = self._query_of(url)
        raise Temporary(f"The history of SPS Commerce has more than {MOST_PAGES} pages.")

    def is_let_in(self) -> bool:
        """Whether the API has a way to check a token, and took ours."""
        try:
            self.call("GET", "/auth-check")
        except Refused as refused:
            if refused.status in (404, 405):
                return False
            raise
        return True

    def _pages(self, directory: str, prefix: str) -> Iterator[list[Row]]:
        params: dict[str, Any] = {"limit": self.settings.page_size}
        params |= {"entryNamePrefix": prefix} if prefix else {}
        cursors: set[str] = set()
        for _ in range(MOST_PAGES):
            answer = self.call("GET", _data(directory), params=params)
            if text := replies.error_inside(answer):
                raise Temporary(
                    f"SPS Commerce could not list {directory or 'the root'}: {text}.", detail=answer.excerpt()
                )
            data = answer.json()
            rows = replies.rows_of(data)
            if rows is None:
                raise Temporary(
                    f"SPS Commerce sent no list of {directory or 'the root'}.", detail=answer.excerpt()
                )
            yield rows
            cursor = replies.cursor_of(data.get("paging"))
            if not cursor or cursor in cursors:
                return
            cursors.add(cursor)
            params["cursor"] = cursor
        raise Misconfigured(
            f"{directory} has more than {MOST_PAGES} pages.", remedy="Have files deleted that nobody needs."
        )

    def _query_of(self, url: str) -> dict[str, str]:
        """The query of the history's next page. Of the address nothing else is used."""
        theirs, ours = urlsplit(url), urlsplit(self.settings.api_root)
        if theirs.netloc and theirs.netloc != ours.netloc:
            raise Temporary("The history of SPS Commerce goes on at another host, where we do not follow.")
        return dict(parse_qsl(theirs.query, keep_blank_values=True))

    # Signing in, and failures

    def _ask(self) -> Any:
        return ask_for_token(self._auth, self.settings, self._credentials, self._rest)

    def _purpose(self) -> str:
        """Changes with anything that a token depends on, and gives nothing of it away."""
        parts = (
            self.settings.auth_url,
            self.settings.audience,
            self._credentials.client_id,
            self._credentials.client_secret,
        )
        return salted_hmac("connections.sps_commerce.token", "\n".join(parts)).hexdigest()

    def _rest(self, answer: Answer) -> timedelta | None:
        """How long to leave the connection alone after 429: as asked, else doubling with jitter."""
        if answer.retry_after is not None:
            return answer.retry_after
        if self._failures >= RESTS:
            return None
        return min(FIRST_REST * 2**self._failures, LONGEST_REST) * random.uniform(0.8, 1.2)  # noqa: S311

    def _failure_of(self, answer: Answer) -> Exception:
        detail, text = answer.excerpt(), replies.error_text(answer)
        if answer.status == 403:
            return Misconfigured(
                f"The keys were accepted, but may not do this. {text}".strip(),
                remedy="Ask SPS Commerce to give the application access to the Transaction API.",
                detail=detail,
            )
        if answer.status == 429:
            return Temporary(
                "SPS Commerce asks us to slow down.", retry_after=self._rest(answer), detail=detail
            )
        if answer.status >= 500:
            said = f"SPS Commerce failed (HTTP {answer.status}). {text}".strip()
            if not answer.repeatable:
                return UnknownOutcome(said, detail=detail)
            return Temporary(said, retry_after=answer.retry_after, detail=detail)
        if answer.status < 400:
            return Misconfigured(
                "What answers at the address sends us elsewhere, where we do not follow.",
                remedy="Check the address of the API.",
                detail=detail,
            )
        return Refused(answer)


def _data(path: str) -> str:
    """The address of a file or directory; raises `Misconfigured` for a path that must not be called."""
    if path and (fault := paths.fault_of(path)):
        raise Misconfigured(
            f"“{paths.shown(path)}” cannot be used as a path: {fault}.",
            remedy="Correct the directory in the settings, or the place of the trading partner.",
        )
    return f"{BASE}/data/{paths.encoded(path)}"
