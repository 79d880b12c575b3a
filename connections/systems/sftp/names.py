"""File names and paths on the other side. What a server lists is hostile: it may be any bytes."""

import unicodedata
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

LONGEST = 255
REPORT = ".report.txt"
"""What the name of a report on an unreadable file ends in, behind the whole name of that file."""
INCOMPLETE = (".part", ".tmp", ".filepart", ".incomplete")


def join(folder: str, name: str) -> str:
    """The path of `name` in `folder`; an empty folder is the one where the login leads to."""
    return f"{folder.rstrip('/')}/{name}" if folder.strip("/") else f"{folder[:1]}{name}"


def fault_of(name: str) -> str:
    """Why `name` cannot be used as the name of a file; "" if it can."""
    if name in ("", ".", ".."):
        return "it is no file name"
    if "/" in name or "\\" in name:
        return "it contains a slash"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        return "it contains a line break or another invisible character"
    if len(name.encode()) > LONGEST:
        return "it is too long"
    return ""


def readable(raw: bytes) -> str:
    """The name that a server listed. Raises `ValueError` with the reason when it is not safe to use."""
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not written in UTF-8") from None
    if fault := fault_of(name):
        raise ValueError(fault)
    return name


def shown(raw: bytes) -> str:
    """Any name, safe to be shown and stored: at most 100 characters, what is invisible escaped."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)[:100]


def is_incomplete(name: str) -> bool:
    """Whether the name says that the file is still being written."""
    return name.startswith(".") or name.lower().endswith(INCOMPLETE)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of `patterns` (`*.csv`, in any case) fits; without patterns every name does."""
    return not patterns or any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def stamped(name: str, now: datetime) -> str:
    """`name` with a time before its ending, for a folder that has a file of that name already."""
    path = PurePosixPath(name)
    stamp = f"_{now:%Y%m%dT%H%M%S%f}Z{path.suffix}"
    return shortened(path.stem, stamp) + stamp


def shortened(name: str, ending: str) -> str:
    """The beginning of `name`, short enough for `ending` to follow it."""
    return name.encode()[: LONGEST - len(ending.encode())].decode("utf-8", "ignore")
