"""What a connection to SPS Commerce is told by its people."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from connections.systems.base import Misconfigured
from connections.systems.sps_commerce import paths
from connections.systems.values import typed

AUDIENCE = "https://spscommerce.com"
OLD_AUDIENCE = "api://api.spscommerce.com/"
# What a name template may hold, each with what it stands for.
PLACEHOLDERS = {
    "prefix": "IN for an invoice, SH for a ship notice, PR for an order's answer",
    "number": "the document's own number",
    "partner": "the TradingPartnerId",
    "hash": "the first eight digits of the content's SHA-256",
    "name": "our own name for the delivery, without its ending",
    "ext": "json or xml",
}
# One of these makes a name that two contents never share.
DISTINCT = ("hash", "name")


class AfterCollect(StrEnum):
    """What happens to a collected file when it is safe with us."""

    DELETE = "delete"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`Connection.settings` of system `sps_commerce`. Directories are as the API writes them: `out/PO/`."""

    auth_url: str = "https://auth.spscommerce.com"
    api_url: str = "https://api.spscommerce.com"
    audience: str = AUDIENCE
    insecure: bool = False

    outbound_directory: str = "in/"
    name_template: str = "{prefix}{number}-{hash}.{ext}"

    inbound_directories: tuple[str, ...] = ("out/",)
    depth: int = 2
    after_collect: AfterCollect = AfterCollect.DELETE

    page_size: int = 1000
    # How long after a transfer its history may still lack it.
    history_minutes: int = 5

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The settings in `Connection.settings`; raises `Misconfigured`."""
        return typed(cls, values)

    @property
    def token_url(self) -> str:
        return f"{self._address(self.auth_url, 'for tokens')}/oauth/token"

    @property
    def api_root(self) -> str:
        """Scheme and host of the API, without a slash at the end. Raises `Misconfigured`."""
        return self._address(self.api_url, "of the API")

    @property
    def directories(self) -> list[str]:
        """Where we collect from, each with a slash at its end; none lies within another."""
        given = [paths.directory(one) for one in self.inbound_directories]
        return [one for one in dict.fromkeys(given) if not _within_another(one, given)]

    def _address(self, url: str, what: str) -> str:
        url = url.strip().rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.username:
            raise Misconfigured(
                f"The address {what} is missing or no web address.", remedy="Enter it as https://host."
            )
        if parts.scheme == "http" and not self.insecure:
            raise Misconfigured(
                f"The address {what} is not encrypted.",
                remedy="Enter it with https://, or allow insecure connections if this is a test server.",
            )
        return url


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`Connection.credentials` of system `sps_commerce`: one key pair of an application in the Dev Center."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return typed(cls, values)


def template_problem(template: str) -> str:
    """What is wrong with a name template, as a sentence; "" if nothing is."""
    try:
        names = [name for _, name, spec, _ in string.Formatter().parse(template) if name is not None or spec]
    except ValueError:
        return "Its curly brackets do not match."
    if unknown := [name for name in names if name not in PLACEHOLDERS]:
        return f"“{unknown[0]}” is not known. Known are: {', '.join(PLACEHOLDERS)}."
    if not set(names) & set(DISTINCT):
        return "It needs {hash} or {name}: SPS overwrites a file of the same name without a word."
    if fault := paths.fault_of(template.format_map(dict.fromkeys(PLACEHOLDERS, "x"))):
        return f"It makes a path that cannot be used: {fault}."
    return ""


def _within_another(directory: str, others: list[str]) -> bool:
    return any(directory != other and directory.startswith(other) for other in others)
