"""Authorised calls to the file API of one tenant, spelled as its profile says, and what the answers mean."""

import time
from collections.abc import Mapping
from typing import Any

from connections.models import Connection
from connections.systems.base import (
    Misconfigured,
    NeedsSignIn,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from connections.systems.cleo import profile, replies
from connections.systems.cleo.profile import Item
from connections.systems.cleo.settings import Credentials, Paging, Settings
from connections.systems.cleo.tokens import Tokens
from connections.systems.http import Answer, Http

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
MOST_FILES = 100_000
LATER = frozenset({408, 425, 429, 503})
JSON = {"Content-Type": "application/json"}


class Refused(Exception):
    """The API said no to one request (400, 404, 409 and the like). `text` is its reason, perhaps empty."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer
        self.status = answer.status
        self.text = replies.error_text(answer)


class Api:
    """One session, with the cookies of its node; used by one thread. Opens nothing before the first call."""

    def __init__(self, connection: Connection) -> None:
        """Raises `Misconfigured` for settings that cannot be used."""
        self.settings = Settings.of(connection.settings)
        self._http = Http(
            "Cleo",
            tls=self.settings.tls,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            max_bytes=2 * self.settings.max_bytes,  # a file may come as base64
            keep_cookies=True,
        )
        credentials = Credentials.of(connection.credentials)
        self._http.hide(credentials.password)
        self.tokens = Tokens(connection, self.settings, self._http)
        self._refused_sign_in: NeedsSignIn | None = None
        self._next_call_at = 0.0

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """A 2xx answer. Raises `Refused`, or the `SystemFailure` that the answer or its absence amounts to.

        A refused token is replaced once. A POST or PUT without a body says all the same that it is JSON.
        """
        if self._refused_sign_in:
            raise self._refused_sign_in  # further tries might lock the account
        if data is None and method.upper() not in ("GET", "DELETE"):
            data, headers = b"", {**JSON, **(headers or {})}

        def ask(token: str) -> Answer:
            self._pace()
            sent = {"Accept": "*/*", "Authorization": f"Bearer {token}", **(headers or {})}
            return self._http.call(method, url, params=params, data=data, headers=sent, repeatable=repeatable)

        token = self.tokens.current()
        answer = ask(token)
        if answer.status == 401:
            answer = ask(self.tokens.current(spent=token))
        if answer.status == 401:
            self._refused_sign_in = NeedsSignIn(
                "Cleo gave us a token and then does not accept it.",
                remedy="Ask the administrator of the tenant whether the account may use the API.",
                detail=answer.excerpt(),
            )
            raise self._refused_sign_in
        if not answer.ok:
            raise _failure_of(answer)
        return answer

    def reach(self) -> None:
        """An answer without signing in: shows that the host can be talked to at all."""
        self._http.call("GET", f"{self.settings.origin}/")

    def files(self, folder: str) -> list[Item]:
        """The files in a folder, each once; all pages are read before any file is touched.

        A list has ended when its total is reached, a page is empty, or a page brings nothing new: a server may
        cut pages shorter than asked for.
        """
        settings, found = self.settings, dict[str, Item]()
        pages = received = 0
        while True:
            answer, items = self._page(folder, pages, received)
            before, pages, received = len(found), pages + 1, received + len(items)
            found |= {item.id: item for item in items}
            total = profile.total_in(settings, answer)
            is_last = total is not None and received >= total
            if settings.paging == Paging.OFF or is_last or len(found) == before:
                return list(found.values())
            if received > MOST_FILES:
                raise Misconfigured(
                    f"More than {MOST_FILES:,} files lie in “{folder}”.",
                    remedy="Have the folder cleared, or choose to move or delete collected files.",
                )

    def content(self, folder: str, item: Item) -> bytes:
        """The bytes of a file, as they are. Raises `Refused`, `ForeignLink`, `Temporary`."""
        settings = self.settings
        url = profile.address(settings, settings.download_path, folder=folder, item=item)
        answer = self.call(settings.download_method, url, repeatable=True)
        if not settings.download_json_key:
            return answer.content
        content = replies.decoded(profile.value_at(answer.json(), settings.download_json_key))
        if content is None:
            raise Misconfigured(
                "The content of a file is not where the profile says.",
                remedy="Correct “Content in a JSON answer” in the profile.",
                detail=answer.excerpt(),
            )
        return content

    def _page(self, folder: str, pages: int, received: int) -> tuple[Any, list[Item]]:
        settings = self.settings
        url = profile.address(settings, settings.list_path, folder=folder)
        params = _page_params(settings, pages, received)
        try:
            answer = self.call(settings.list_method, url, params=params, repeatable=True)
        except Refused as refused:
            if refused.status == 404:
                raise Misconfigured(
                    f"Cleo knows no folder “{folder}”."
                    + (f" It says: {refused.text}" if refused.text else ""),
                    remedy="Check the folder, and the path of lists in the profile.",
                    detail=refused.answer.excerpt(),
                ) from None
            raise
        data = answer.json()
        items = profile.items_in(settings, data)
        if items is None:
            raise Misconfigured(
                f"The list of “{folder}” is not as the profile says.",
                remedy="Compare the profile's keys of lists and files with what the tenant answers.",
                detail=answer.excerpt(),
            )
        return data, items

    def _pace(self) -> None:
        """Keep below the allowed number of requests a second; a wait of less than one."""
        if not self.settings.requests_per_second:
            return
        now = time.monotonic()
        time.sleep(max(0.0, self._next_call_at - now))
        self._next_call_at = max(now, self._next_call_at) + 1 / self.settings.requests_per_second


def failure_of(refused: Refused, kind: type[SystemFailure], text: str, remedy: str = "") -> SystemFailure:
    """A refusal as the failure that it means where it happened, with the API's own reason behind it."""
    reason = f" Cleo says: {refused.text}" if refused.text else ""
    return kind(f"{text}{reason}", remedy=remedy, detail=refused.answer.excerpt())


def _page_params(settings: Settings, pages: int, received: int) -> dict[str, int]:
    if settings.paging == Paging.OFF:
        return {}
    start = received if settings.paging == Paging.OFFSET else settings.first_page + pages
    params = {settings.page_start_param: start}
    return params | ({settings.page_count_param: settings.page_size} if settings.page_count_param else {})


def _failure_of(answer: Answer) -> Exception:
    """What any answer other than 2xx and 401 means, whatever was asked."""
    detail, text = answer.excerpt(), replies.error_text(answer)
    if answer.status in LATER:
        return Temporary("Cleo asks us to come back later.", retry_after=answer.retry_after, detail=detail)
    if answer.status >= 500:
        said = f"Cleo failed (HTTP {answer.status}). {text}".strip()
        kind = Temporary if answer.repeatable else UnknownOutcome
        return kind(said, detail=detail)
    if answer.status == 403:
        return Misconfigured(
            f"The account was let in, but may not do this. {text}".strip(),
            remedy="Ask the administrator of the tenant for the permission, and whether our address is allowed.",
            detail=detail,
        )
    if answer.status < 400:
        return Misconfigured(
            "What answers at the address is not the API of Cleo.",
            remedy="Check the address of the tenant and the paths of the profile.",
            detail=detail,
        )
    return Refused(answer)
