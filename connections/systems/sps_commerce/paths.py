"""Paths of the mailbox. What a listing names is hostile: it may be any text.

Ours have no slash at their beginning (`out/PO/x.json`); those of directories end in one, and the root is empty.
"""

import re
import unicodedata
from urllib.parse import quote

# What our arrivals can hold.
LONGEST = 1000
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def fault_of(path: str) -> str:
    """Why a path cannot be used in a call; "" if it can."""
    if not path or len(path) > LONGEST:
        return "it is empty" if not path else "it is too long"
    if any(segment in ("", ".", "..") for segment in path.removesuffix("/").split("/")):
        return "a part of it is empty or leads elsewhere"
    if any(c in "?#\\" or unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in path):
        return "it contains ?, #, a backslash or an invisible character"
    return ""


def normal(path: str) -> str:
    """As we write it: a listing has a slash at the beginning, the history has none."""
    return path.removeprefix("/")


def directory(path: str) -> str:
    """A directory as a person may have entered it, with a slash at its end only; the root is empty."""
    inside = path.strip().strip("/")
    return f"{inside}/" if inside else ""


def encoded(path: str) -> str:
    """Each segment percent-encoded, the slashes kept."""
    return "/".join(quote(segment, safe="") for segment in path.split("/"))


def name_of(path: str) -> str:
    """The entry's own name, without a slash."""
    return path.removesuffix("/").rpartition("/")[2]


def safe(text: str) -> str:
    """`text` as part of a file name, with everything else replaced."""
    return UNSAFE.sub("_", text)[:60].strip("._") or "document"


def shown(path: str) -> str:
    """Any path, safe to be shown and stored."""
    return "".join(c if c.isprintable() else "�" for c in path)[:200]
