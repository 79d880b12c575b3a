"""Paths into canonical documents, for a partner's texts: `{references.department}`, `{parties.ship_to.name}`."""

from __future__ import annotations

import datetime as dt
import re
import typing
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from mappings.canonical import AcknowledgedLine, Document, Reference
from mappings.canonical.base import field_types

BRACES = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_:]+)*)\}")
KEYS = ("kind", "role", "scheme")
"""The fields by which one of several is named."""

VALUES = {"Reference": "value", "Identifier": "value", "EventDate": "date", "Note": "text"}
"""What such a thing stands for at the end of a path."""


def in_braces(text: str) -> list[str]:
    """The paths in `text`; whatever else stands in braces is given as it is, to be found wrong."""
    return re.findall(r"\{([^{}]*)\}", text)


Number = Callable[[Decimal], str]


def fill(text: str, document: Document, line: Any, number: Number) -> str:
    """`text` with the content of `document`, and of its `line`, for what stands in braces.

    An empty text if anything in braces is empty. `number` writes numbers; dates are YYYYMMDD, times HHMM or HHMMSS.
    """
    filled = BRACES.sub(lambda match: _content(match[1], document, line, number) or "\0", text)
    return "" if "\0" in filled else filled


def _content(path: str, document: Document, line: Any, number: Number) -> str:
    first, *rest = path.split(".")
    if isinstance(line, AcknowledgedLine):
        line = line.line
    value: Any = document
    names = [first, *rest]
    if first == "line":
        value, names = line, rest
    for name in names:
        value = _step(value, name)
    return _written(value, number)


def _step(value: Any, name: str) -> Any:
    if isinstance(value, tuple):
        return next((item for item in value for key in KEYS if getattr(item, key, None) == name), None)
    return getattr(value, name, None)


def _written(value: Any, number: Number) -> str:
    value = getattr(value, VALUES.get(type(value).__name__, ""), value)
    match value:
        case None | tuple():
            return ""
        case Decimal():
            return number(value)
        case dt.date():
            return value.isoformat().replace("-", "")
        case dt.time():
            return f"{value:%H%M%S}" if value.second else f"{value:%H%M}"
    return str(value)


def leads_somewhere(document: type, path: str) -> bool:
    """Whether `path` leads to a field of documents of this class."""
    if not BRACES.fullmatch(f"{{{path}}}"):
        return False
    names = path.split(".")
    hint: Any = document
    if names[0] == "line":
        hint = _element(field_types(document).get("lines"))
        names = names[1:]
        if hint is AcknowledgedLine:
            hint = field_types(hint)["line"]
    for name in names:
        element = _element(hint)
        if element is not None:
            hint = element
            continue
        hint = field_types(_plain(hint)).get(name) if hasattr(_plain(hint), "__dataclass_fields__") else None
        if hint is None:
            return False
    return bool(names)


def _plain(hint: Any) -> Any:
    """`hint` without None and annotations."""
    if typing.get_origin(hint) is Annotated:
        return typing.get_args(hint)[0]
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    return options[0] if type(None) in typing.get_args(hint) else hint


def _element(hint: Any) -> Any:
    """What a tuple is of, or None."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None


def can_put(document: type, path: Any) -> bool:
    """Whether `put` can store a text under `path`."""
    if not isinstance(path, str):
        return False
    types = field_types(document)
    if path.startswith("references.") and path.count(".") == 1:
        return "references" in types
    return path in types and _plain(types[path]) is str


def put(document: Any, path: str, value: str) -> Any:
    """`document` with `value` in the text field `path`, or as a reference more."""
    field, _, kind = path.partition(".")
    if kind:
        return replace(document, references=(*document.references, Reference(kind=kind, value=value)))
    return replace(document, **{field: value})
