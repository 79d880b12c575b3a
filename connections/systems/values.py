"""The settings and credentials of a connection, as typed values.

A connection keeps both as JSON objects. Each system says in a frozen dataclass what it understands, with
defaults; what is missing takes its default, what is unknown is left alone, what has the wrong type is a
wrong setting and says which one.
"""

import dataclasses
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from connections.systems.base import Misconfigured

T = TypeVar("T")


def typed(kind: type[T], values: Mapping[str, Any]) -> T:
    """`values` (JSON types) as an instance of the dataclass `kind`, whose fields all have plain defaults.

    A list becomes a tuple of strings, a text one of an enumeration's values. A number or a yes or no may be
    written as text: what a configuration file takes from the environment is. Raises `Misconfigured` for a
    value of any other type than its default.
    """
    known: dict[str, Any] = {}
    for item in dataclasses.fields(kind):  # type: ignore[arg-type]
        value = values.get(item.name)
        if value is not None:
            known[item.name] = _same_type(item.name, value, item.default)
    return kind(**known)


def _same_type(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, StrEnum) and value in set(type(default)):
        return type(default)(value)
    if isinstance(value, str) and not isinstance(default, str):
        value = _from_text(value, default)
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        if all(isinstance(item, str) for item in value):
            return tuple(value)
    elif isinstance(value, type(default)) and isinstance(value, bool) == isinstance(default, bool):
        return value
    raise Misconfigured(
        f"The setting “{name}” has a value that cannot be used.",
        remedy="Open the settings of the connection and save them again.",
    )


def _from_text(text: str, default: Any) -> Any:
    """A number, or a yes or no, that was written as text; the text itself if it is neither."""
    if isinstance(default, bool):
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower(), text)
    if isinstance(default, int) and text.strip().isascii() and text.strip().isdigit():
        return int(text)
    return text
