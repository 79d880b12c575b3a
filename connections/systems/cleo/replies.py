"""What an answer says went wrong. The shape of errors is not documented, so the usual ones are tried."""

import base64
import binascii
from typing import Any

from connections.systems.http import Answer

LONGEST = 500


def error_text(answer: Answer) -> str:
    """The reason as one line: `message`, `error_description`, `error`, `errors[0].message`, else the text."""
    data = answer.decoded()
    if isinstance(data, dict):
        for key in ("message", "error_description", "error"):
            if isinstance(data.get(key), str) and data[key].strip():
                return _one_line(data[key])
        errors = data.get("errors")
        first: Any = errors[0] if isinstance(errors, list) and errors else None
        if isinstance(first, dict) and isinstance(first.get("message"), str):
            return _one_line(first["message"])
        return ""
    text = answer.content[:LONGEST].decode("utf-8", "replace")
    return "" if "<" in text else _one_line(text)  # a page says nothing that people want to read


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST]


def decoded(value: Any) -> bytes | None:
    """The bytes of a base64 text, with or without line ends; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
