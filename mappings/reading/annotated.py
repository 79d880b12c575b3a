"""What an annotated interchange is made of. All texts are as they came: escaping is the renderer's."""

from __future__ import annotations

from typing import NamedTuple

SHOWN_SEGMENTS = 500
"""Most segments that are shown unless the caller wants more."""


class Element(NamedTuple):
    """An element, or a component of one: its place (BIG02, REF04-1), name, value, and what the value means."""

    place: str
    name: str
    value: str
    meaning: str
    problems: tuple[str, ...] = ()


class Segment(NamedTuple):
    """A segment, or a line. `level` says how deep in loops it stands, `place` where in the file."""

    tag: str
    name: str
    place: str
    level: int
    elements: tuple[Element, ...]
    problems: tuple[str, ...] = ()


class Annotated(NamedTuple):
    """The first segments of an interchange, of which there are `total`.

    `elsewhere` are the problems that belong to none of the segments shown.
    """

    summary: str
    segments: tuple[Segment, ...]
    elsewhere: tuple[str, ...]
    total: int
