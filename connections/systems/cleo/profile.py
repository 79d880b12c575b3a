"""Reading and writing what a tenant's profile describes: paths with placeholders, keys into answers.

Pure: settings and values in, addresses and items out.
"""

import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from connections.systems.base import Misconfigured
from connections.systems.cleo.settings import Settings

PLACEHOLDERS = frozenset({"folder", "id", "name", "href"})
# Milliseconds since 1970 have 13 digits, seconds 10.
MILLISECONDS_FROM = 100_000_000_000


class ForeignLink(Misconfigured):
    """A link leads to another origin: our token must not go there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file in a listing. `size` is None and `modified` empty when the profile or the answer has none."""

    id: str
    name: str
    size: int | None = None
    modified: str = ""
    href: str = ""

    @property
    def modified_at(self) -> datetime | None:
        return moment(self.modified)


def items_in(settings: Settings, answer: Any) -> list[Item] | None:
    """The files in a list answer; None if it is no list in the profile's words."""
    rows = value_at(answer, settings.list_items_key)
    if not isinstance(rows, list):
        return None
    found = [_item(settings, row) for row in rows]
    return None if None in found else [item for item in found if item]


def total_in(settings: Settings, answer: Any) -> int | None:
    """How many files there are in all; None if the profile or the answer does not say."""
    return _count(value_at(answer, settings.total_key)) if settings.total_key else None


def value_at(source: Any, path: str) -> Any:
    """What lies at a dotted path; the thing itself for an empty one; None if there is no such thing."""
    for part in path.split(".") if path else ():
        source = source.get(part) if isinstance(source, Mapping) else None
    return source


def address(settings: Settings, template: str, *, folder: str = "", item: Item | None = None) -> str:
    """The whole address for a path of the profile.

    Raises `ForeignLink` for a link to another origin, `Misconfigured` for a folder that leads out of its place.

    In the path a folder keeps its slashes, and everything is encoded segment by segment; in the query
    everything is encoded as one value.
    """
    if ".." in folder.split("/"):
        raise Misconfigured(
            f"“{folder}” is not the path of a folder.", remedy="Write it without “..”, such as acme/upload."
        )
    path, mark, query = template.partition("?")
    values = {"folder": folder, "id": item.id if item else "", "name": item.name if item else ""}
    in_path = {name: _segments(value) for name, value in values.items()}
    in_path["id"], in_path["name"] = quote(values["id"], safe=""), quote(values["name"], safe="")
    if "{href}" in path:
        in_path["href"] = _own_link(settings, item.href if item else "")
    in_query = {name: quote(value, safe="") for name, value in values.items()}
    filled = fill(path, in_path) + mark + fill(query, in_query)
    return filled if "{href}" in path else settings.origin + filled


def query(name: str, value: str) -> str:
    """One parameter of a query."""
    return f"{quote(name, safe='')}={quote(value, safe='')}"


def body(template: str, *, folder: str, item: Item, name: str) -> bytes:
    """A JSON body with its placeholders filled; each stands within quotes of the template."""
    values = {"folder": folder, "id": item.id, "name": name, "href": item.href}
    return fill(template, {key: json.dumps(value)[1:-1] for key, value in values.items()}).encode()


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its known placeholders replaced; other braces, as JSON has them, are left alone."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)


def path_faults(template: str, needs: frozenset[str] | set[str] = frozenset()) -> str:
    """Why a path of the profile cannot be used; "" if it can. One of `needs` has to stand in it."""
    names = {name for _, name, _, _ in _parsed(template) if name is not None}
    if unknown := sorted(names - PLACEHOLDERS):
        known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
        return f"“{unknown[0]}” is no placeholder; there are {known}."
    if not template.startswith(("/", "{href}")) or template.startswith("//"):
        return "A path begins with a slash (or is {href}); the address of the tenant comes before it."
    if ".." in template or "#" in template or not template.isprintable() or " " in template:
        return "A path has no blanks, no “..” and no “#”."
    if needs and not names & needs:
        return f"It has to say which: {' or '.join(f'{{{name}}}' for name in sorted(needs))} is missing."
    return ""


def moment(text: str) -> datetime | None:
    """ISO 8601, or seconds or milliseconds since 1970, as an aware datetime; None for anything else."""
    try:
        if re.fullmatch(r"\d{9,14}", text):
            number = int(text)
            return datetime.fromtimestamp(number / (1000 if number >= MILLISECONDS_FROM else 1), UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _item(settings: Settings, row: Any) -> Item | None:
    name = _text(value_at(row, settings.item_name)) if isinstance(row, Mapping) else ""
    identifier = _text(value_at(row, settings.item_id)) if settings.item_id else name
    if not name or not identifier:
        return None
    return Item(
        id=identifier,
        name=name,
        size=_count(value_at(row, settings.item_size)) if settings.item_size else None,
        modified=_text(value_at(row, settings.item_mtime)) if settings.item_mtime else "",
        href=_text(value_at(row, settings.item_href)) if settings.item_href else "",
    )


def _own_link(settings: Settings, href: str) -> str:
    if not href:
        raise Misconfigured(
            "The list has no link for the file.", remedy="Correct “Link of a file” in the profile."
        )
    # From the origin: a link that begins with a slash is not below the /api of anything.
    whole = urljoin(settings.origin + "/", href)
    theirs, ours = urlsplit(whole), urlsplit(settings.origin)
    same = (theirs.scheme, theirs.hostname, _port(theirs)) == (ours.scheme, ours.hostname, _port(ours))
    if not same or theirs.username is not None:
        raise ForeignLink(
            f"A link leads to {theirs.hostname or 'nowhere'}, which is not the address of the tenant.",
            remedy="Our access token is not sent there. Use a path with {id} in the profile.",
        )
    return whole


def _port(parts: Any) -> int | None:
    try:
        return parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return -1


def _segments(value: str) -> str:
    return "/".join(quote(segment, safe="") for segment in value.strip("/").split("/"))


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""


def _count(value: Any) -> int | None:
    text = _text(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _parsed(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(template))
    except ValueError:
        return [("", "{", None, None)]
