"""Segments, elements and components while they are made and taken apart.

A segment on its way out is a text without its terminator; one on its way in is the list of its tag and elements, which
are texts with their components still together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mappings.codecs.edifact.codes import PREFIX
from mappings.codecs.patterns import COMPONENT, ELEMENT

BAD = "\x1a"
"""Stands for a character that no segment can hold, until the writer replaces or refuses it."""
NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")

FOREIGN = re.compile(r"(x12|X12|rsx|RSX):(\S+)")
"""A code of another standard, which has none here."""

Row = list[str]


def segment(*elements: str) -> str:
    """A segment from its tag and elements, without empty ones at the end."""
    return ELEMENT.join(elements).rstrip(ELEMENT)


def composite(*components: str) -> str:
    """An element from its components, without empty ones at the end."""
    return COMPONENT.join(components).rstrip(COMPONENT)


def text(value: str) -> str:
    """`value` as a component, with `BAD` for what would break the segment. Blanks at the end mean nothing."""
    if value.isprintable() and value[-1:] != " ":
        return value
    return NOT_PRINTABLE.sub(BAD, value.replace("\r\n", "\n").rstrip())


def at(row: Row, position: int) -> str:
    """The element in `position`, or an empty text if the segment ends before it."""
    return row[position] if position < len(row) else ""


def components(row: Row, position: int, count: int) -> Row:
    """The first `count` components of the element in `position`; those that are missing are empty."""
    found = row[position].split(COMPONENT) if position < len(row) else []
    return found[:count] + [""] * (count - len(found))


def pieces(value: str, length: int) -> Iterator[str]:
    """`value` cut into pieces for `joined` to put together again.

    A piece that is cut at a blank is shorter than `length`; one that has no blank to be cut at has just that length.
    """
    while len(value) > length:
        cut = value.rfind(" ", 1, length)
        while cut > 0 and value[cut - 1] == " ":
            cut -= 1
        if cut <= 0:
            yield value[:length]
            value = value[length:]
            continue
        yield value[:cut]
        value = value[cut + 1 :]
    if value:
        yield value


def joined(parts: list[str], length: int) -> str:
    """The text that was cut into `parts` of at most `length`."""
    whole = ""
    glue = ""
    for part in parts:
        whole += glue + part
        glue = "" if len(part) >= length else " "
    return whole


# A word that a code list lacks is spelt out in the free text beside the code.


def spelt(word: str, description: str) -> str:
    """`word` in capitals before `description`: `GL ACCOUNT: Plant`. Another standard's code stays as it is."""
    name = word if ":" in word else word.replace("_", " ").upper()
    return f"{name}: {description}" if description else name


def unspelt(value: str, known: Callable[[str], object]) -> tuple[str, str]:
    """The word and the description that were spelt out in `value`, if the word is `known`; else none. See `spelt`."""
    name, _, description = value.partition(": ")
    foreign = FOREIGN.fullmatch(name)
    word = f"{foreign[1].lower()}:{foreign[2]}" if foreign else name.lower().replace(" ", "_")
    return (word, description) if foreign or known(word) else ("", value)


def is_foreign(word: str) -> bool:
    """Whether `word` is another standard's code, such as x12:QX, and so has no code here."""
    return ":" in word and not word.startswith(PREFIX)
