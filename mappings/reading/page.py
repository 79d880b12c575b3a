"""What a business document looks like to a person: the parts of a page, before they become HTML or plain text."""

from __future__ import annotations

from typing import NamedTuple

SHOWN_ROWS = 500
"""Most rows of a table that are shown unless the caller wants more."""


class Fact(NamedTuple):
    """A name and a value."""

    label: str
    value: str


class Block(NamedTuple):
    """Something with a heading that takes a few lines, such as a party with its address."""

    title: str
    lines: tuple[str, ...]


class Row(NamedTuple):
    """A row of a table. `more` are lines below the text in its wide column."""

    cells: tuple[str, ...]
    more: tuple[str, ...] = ()


class Table(NamedTuple):
    """A table; `numbers` are the indexes of columns with numbers, `wide` that of the column with the main text.

    `total` says how many rows there are, of which `rows` are the first.
    """

    title: str
    columns: tuple[str, ...]
    numbers: frozenset[int]
    wide: int
    rows: tuple[Row, ...]
    total: int


class Page(NamedTuple):
    """A whole document. Texts are as they came: escaping is the renderer's."""

    title: str
    facts: tuple[Fact, ...]
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    totals: tuple[Fact, ...]
    notes: tuple[Fact, ...]
