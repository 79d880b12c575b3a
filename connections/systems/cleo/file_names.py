"""What our files are called at Cleo, and which names the mailbox takes ("allowed file types").

Cleo Integration Cloud user guide, Partner Mailbox endpoint: names, wildcards, or regular expressions in
square brackets.
"""

import hashlib
import re
import string
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from connections.systems.base import NameParts
from connections.systems.sftp import names

LONGEST = 100
PLACEHOLDERS = ("type", "kind", "partner", "number", "revision", "id", "time", "extension")
# Each of them tells two documents apart; a name that another document has would be refused, or replace it.
TELLS_APART = ({"id"}, {"type", "partner", "number", "revision"})
SAMPLE = {
    "type": "810",
    "kind": "invoice",
    "partner": "acme",
    "number": "INV-1001",
    "revision": "1",
    "id": "k3v9x2mq",
    "time": "20260302T081530Z",
    "extension": "x12",
}
# With more repetitions, or repeated groups, matching may take longer than anybody waits.
MOST_REPETITIONS = 3


def rendered(pattern: str, parts: NameParts) -> str:
    """The name of a document's file: ASCII, no blanks, at most 100 characters.

    A name that is too long is cut, and told apart from others by a digest of the whole.
    """
    values = {
        "type": parts.type,
        "kind": parts.kind,
        "partner": parts.partner,
        "number": parts.number,
        "revision": f"{parts.revision}{parts.again}",
        "id": parts.id,
        "time": f"{parts.at:%Y%m%dT%H%M%SZ}",
        "extension": parts.extension,
    }
    name = pattern.format_map(values)
    if len(name) > LONGEST:
        path = PurePosixPath(name)
        ending = f"_{hashlib.sha256(name.encode()).hexdigest()[:8]}{path.suffix}"
        name = path.stem[: LONGEST - len(ending)] + ending
    return name


def pattern_fault(pattern: str, allowed: tuple[str, ...]) -> str:
    """Why a pattern for names cannot be used; "" if it can."""
    try:
        used = {name for _, name, spec, _ in string.Formatter().parse(pattern) if name is not None}
    except ValueError:
        return "A brace is missing."
    if unknown := sorted(used - set(PLACEHOLDERS)):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return f"“{unknown[0]}” is no placeholder; there are {known}."
    if not any(needed <= used for needed in TELLS_APART):
        return (
            "Two documents could get one name: use {id}, or all of {type}, {partner}, {number}, {revision}."
        )
    try:
        sample = pattern.format_map(SAMPLE)
    except (ValueError, LookupError, AttributeError):
        return "Write placeholders alone in their braces, such as {number}."
    if not re.fullmatch(r"[A-Za-z0-9._-]+", sample):
        return "Use letters, digits, dots, hyphens and underscores between the placeholders."
    if names.is_incomplete(sample):
        return "Such a name says that a file is not finished yet."
    if not is_allowed(sample, allowed):
        return f"The allowed file types do not permit such a name: {sample}"
    return ""


def is_allowed(name: str, allowed: tuple[str, ...]) -> bool:
    """Whether the mailbox takes a file of this name; without any types it takes every one."""
    return not allowed or any(_fits(name, one) for one in allowed)


def type_fault(one: str) -> str:
    """Why a line of the allowed file types cannot be used; "" if it can."""
    if not _is_expression(one):
        return ""
    expression = one[1:-1]
    repetitions = len(re.findall(r"(?<!\\)[*+{]", expression))
    if re.search(r"\)[*+{]", expression) or repetitions > MOST_REPETITIONS:
        return f"“{one[:60]}” repeats too much: at most {MOST_REPETITIONS} of * + {{ }}, and none behind a group."
    try:
        re.compile(expression)
    except re.error as error:
        return f"“{one[:60]}” is no regular expression: {error}."
    return ""


def _is_expression(one: str) -> bool:
    return len(one) > 2 and one.startswith("[") and one.endswith("]")


def _fits(name: str, one: str) -> bool:
    if _is_expression(one):
        return not type_fault(one) and re.fullmatch(one[1:-1], name) is not None
    return fnmatchcase(name, one)
