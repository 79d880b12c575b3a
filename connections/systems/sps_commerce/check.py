"""The connection test of SPS Commerce. It puts nothing into the mailbox: an upload starts a transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connections.systems import network
from connections.systems.base import Misconfigured, SystemFailure
from connections.systems.checking import Question
from connections.systems.http import CONNECT_SECONDS
from connections.systems.sps_commerce import paths
from connections.systems.sps_commerce.api import Api, Refused


def questions(api: Api) -> list[Question]:
    return list(_Test(api).questions())


@dataclass(slots=True)
class _Test:
    """`refusal` keeps the "you may not" of the first call: the sign-in has worked then, the permission not."""

    api: Api
    refusal: SystemFailure | None = None
    roots: list[str] = field(default_factory=list)

    def questions(self) -> Iterator[Question]:
        settings = self.api.settings
        hosts = dict.fromkeys([settings.token_url, settings.api_root])
        yield Question("resolve", "Are the names of SPS Commerce known?", lambda: self._resolve([*hosts]))
        yield Question("reach", "Does it answer?", lambda: self._reach([*hosts]))
        yield Question("token", "Does it give our keys a token?", self._token)
        yield Question("sign_in", "Does it let us in?", self._sign_in)
        yield Question("mailbox", "Has the mailbox been activated?", self._mailbox)
        outbound = paths.directory(settings.outbound_directory)
        yield Question("outbound", "Is the directory there that we send to?", self._directory(outbound))
        for place in settings.directories:
            yield Question(
                f"inbound-{place}", "Is the directory there that we collect from?", self._directory(place)
            )
        yield Question("history", "May we read the history?", self._history)

    def _resolve(self, urls: list[str]) -> str:
        for url in urls:
            network.resolve(*_address(url))
        return f"{' and '.join(_address(url)[0] for url in urls)} can be found."

    def _reach(self, urls: list[str]) -> str:
        for url in urls:
            network.open_socket(*_address(url), CONNECT_SECONDS).close()
        if self.api.settings.insecure:
            return "INSECURE: unencrypted addresses are allowed. For test servers alone."
        return "It answers."

    def _token(self) -> str:
        self.api.token.current()
        return f"We have a token for the audience {self.api.settings.audience}."

    def _sign_in(self) -> str:
        if not self.api.is_let_in():
            self._list_root()
        return "We are let in."

    def _mailbox(self) -> str:
        self._list_root()
        if not self.roots:
            raise Misconfigured(
                "The keys work, but their mailbox is empty: there is not a single directory.",
                remedy="Ask SPS Commerce to activate the application for production data, or enter sandbox keys.",
            )
        return f"It holds {', '.join(self.roots[:20])}."

    def _list_root(self) -> None:
        try:
            rows = self.api.entries("")
        except Refused as refused:
            raise Misconfigured(
                "What answers at the address is not the Transaction API of SPS Commerce.",
                remedy="Check the address of the API.",
                detail=refused.answer.excerpt(),
            ) from None
        self.roots = [paths.shown(paths.normal(str(row.get("path")))) for row in rows]

    def _directory(self, directory: str) -> Callable[[], str]:
        def ask() -> str:
            try:
                self.api.entries(directory)
            except Refused as refused:
                there = f" There are: {', '.join(self.roots[:20])}." if self.roots else ""
                raise Misconfigured(
                    f"There is no directory “{directory}”.{there}",
                    remedy="Correct it in the settings: large and small letters differ.",
                    detail=refused.answer.excerpt(),
                ) from None
            return f"“{directory or 'the root'}” can be read."

        return ask

    def _history(self) -> str:
        try:
            self.api.call("GET", "/transactions/v5/history", params={"limit": 1})
        except (Refused, Misconfigured):
            return "No. Whether an upload arrived whose answer was lost is then for a person to find out."
        return "We may. It tells us whether an upload arrived whose answer was lost."


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
