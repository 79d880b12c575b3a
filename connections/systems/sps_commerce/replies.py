"""Reading the answers of SPS Commerce: three forms of errors, and errors inside a success.

Sources: SPS Commerce's API style guide (problem+json), clients of the Transaction API (its own envelope).
"""

from typing import Any

from connections.systems.http import Answer

LONGEST = 300


def error_text(answer: Answer) -> str:
    """What the answer says went wrong, in its own words; perhaps empty."""
    data = answer.decoded()
    if not isinstance(data, dict):
        text = answer.content[:LONGEST].decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else _plain(text)
    inner = data.get("error")
    if isinstance(inner, dict):
        return _joined(inner.get("error"), inner.get("errorDescription"))
    if isinstance(inner, str):
        return _joined(inner, data.get("error_description") or data.get("errorDescription"))
    return _joined(data.get("title"), data.get("detail") or data.get("message"))


def error_inside(answer: Answer) -> str:
    """The error that a 2xx answer holds; "" if it holds none."""
    data = answer.decoded()
    if not isinstance(data, dict) or not (data.get("error") or data.get("status") == "error"):
        return ""
    return error_text(answer) or "an error without a text"


def cursor_of(paging: Any) -> str:
    """The cursor of the next page; "" on the last one, where it may be null or missing at any level."""
    following = paging.get("next") if isinstance(paging, dict) else None
    cursor = following.get("cursor") if isinstance(following, dict) else None
    return cursor if isinstance(cursor, str) else ""


def next_url_of(paging: Any) -> str:
    """The address of the history's next page; "" on the last one."""
    following = paging.get("next") if isinstance(paging, dict) else None
    url = following.get("url") if isinstance(following, dict) else None
    return url if isinstance(url, str) else ""


def rows_of(data: Any) -> list[dict[str, Any]] | None:
    """The `results` of a list, of which null is an empty one; None for anything that is no list at all."""
    if not isinstance(data, dict) or "results" not in data:
        return None
    rows = data["results"]
    if rows is None:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _joined(*parts: Any) -> str:
    return _plain(": ".join(str(part) for part in parts if part))


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST]
