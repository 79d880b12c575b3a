"""How the B2B REST API writes things down. It has more than one way for each.

Seen in the product's own specification and in clients that work against it; the names are theirs.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from connections.systems.http import Answer

_NOTHING_FOUND = re.compile(
    r"\b(?:no|nothing)\b.*\bfound\b|\bnot found\b|\bno (?:records?|results?|rows|entries|matches)\b",
    re.IGNORECASE,
)


def error_text(answer: Answer) -> str:
    """What an error says, as one line; the beginning of the page when the error is no JSON object.

    The key is misspelled in the vendor's specification.
    """
    error = answer.decoded()
    if isinstance(error, dict):
        text = error.get("errorDescription") or error.get("errorDiscription") or ""
        if text:
            return " ".join(str(text).split())[:300]
    return ""


def says_nothing_found(text: str) -> bool:
    """Whether an error text means an empty list."""
    return bool(_NOTHING_FOUND.search(text))


def created_id(answer: Answer) -> str:
    """The id of a new record, from `Location` in the body or else in the header; "" if it is in neither.

    It is the last segment of a URL that only the server itself can resolve; colons in it may be escaped.
    """
    body = answer.decoded()
    location = body.get("Location") if isinstance(body, dict) else None
    path = urlsplit(str(location or answer.headers.get("Location", ""))).path
    return unquote(path.rstrip("/").rpartition("/")[2])


def rows_affected(answer: Answer) -> int:
    """How many records a PUT or DELETE changed: a number, or the number as text; 0 if it does not say."""
    body = answer.decoded()
    value = body.get("rowsAffected") if isinstance(body, dict) else None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def flag(value: Any) -> bool:
    """A yes or no: plain, as text, as 0 and 1, or as `{"code": true, "display": "Yes"}`."""
    if isinstance(value, Mapping):
        value = value.get("code")
    return str(value).strip().lower() in ("true", "1", "yes")


def count(value: Any) -> int:
    """A number, or the number as text; 0 for anything else."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def moment(value: Any) -> datetime | None:
    """`2026-03-02T08:15:30.000+0000` as an aware datetime; None for anything else."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def row_id(row: Mapping[str, Any]) -> str:
    """The id of a row in a list: `_id`, `id` where the list has no other; of a partner perhaps its name."""
    value = row.get("_id", row.get("id", row.get("partnerName")))
    return "" if value is None else str(value)


def identity(row: Mapping[str, Any]) -> str:
    """What tells a row from the others of its list: its id, or all that it says if it has none."""
    return row_id(row) or json.dumps(row, sort_keys=True, default=str)


def payload(answer: Answer) -> bytes | None:
    """The content in the answer of `getpayload`; None if it is not there or no base64."""
    body = answer.decoded()
    encoded = body.get("response") if isinstance(body, dict) else None
    if not isinstance(encoded, str):
        return None
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
