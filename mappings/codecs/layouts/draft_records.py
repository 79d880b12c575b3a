"""Files with several kinds of rows, each beginning with a code of its kind: whether a sample is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from mappings.codecs.files import BOM
from mappings.codecs.layouts.delimited import DELIMITERS
from mappings.codecs.layouts.draft_columns import Seen, seen
from mappings.codecs.layouts.sniff import rows_of

CODE = re.compile(r"[A-Z]{1,6}|\d{1,2}")
USUAL = frozenset(
    {"A", "B", "D", "DET", "DT", "DTL", "F", "FHD", "FTR", "H", "HD", "HDR", "I", "ITM"}
    | {"L", "LIN", "LN", "S", "SUM", "T", "TLR", "TR", "TRA", "TRL"}
)
"""Codes as most partners choose them: header, detail, line, item, summary, trailer, footer."""
MOST_KINDS = 5

Kinds = dict[str, list[list[str]]]
"""The rows of each kind by its code; a line of fixed width is a row of one cell."""


def kinds_in_csv(text: str, parts: str) -> tuple[str, Kinds, dict[str, str]]:
    """(delimiter, rows, places) if the first cells of the rows tell their kinds apart; else nothing of each.

    That is so if they are few codes, rows of different kinds have different numbers of cells, and their order shows
    what they stand for: see `_places`.
    """
    for delimiter in DELIMITERS:
        rows = rows_of(text, delimiter)
        codes = [row[0] for row in rows]
        if all(map(CODE.fullmatch, codes)) and (places := _places(codes, [_filled(r) for r in rows], parts)):
            return delimiter, _by_code(codes, rows), places
    return "", {}, {}


def kinds_in_lines(lines: Sequence[str], parts: str) -> tuple[Kinds, dict[str, str]]:
    """(lines, places) if the first characters of lines of fixed width tell their kinds apart; else nothing."""
    for code_of in CODES_OF_LINES:
        codes = [code_of(line) for line in lines]
        if all(codes) and (places := _places(codes, [len(line.rstrip()) for line in lines], parts)):
            return _by_code(codes, [[line] for line in lines]), places
    return {}, {}


def _matching(pattern: str, known: frozenset[str] | None = None) -> Callable[[str], str]:
    expression = re.compile(pattern)

    def code_of(line: str) -> str:
        found = expression.match(line)
        return found[0] if found and (known is None or found[0] in known) else ""

    return code_of


CODES_OF_LINES = (
    _matching(r"[A-Z]+(?![A-Za-z])", USUAL),
    _matching(r"[A-Z]{3}", USUAL),
    _matching(r"[A-Z]{2}", USUAL),
    _matching(r"[A-Z]", USUAL),
    _matching(r"[A-Z]{1,3}(?![A-Za-z])"),
    _matching(r"\d\d"),
    _matching(r"\d"),
)
"""What the code of a line may be, the likeliest first; empty if it has none such."""


def _by_code(codes: Sequence[str], rows: Sequence[list[str]]) -> Kinds:
    kinds: Kinds = {code: [] for code in codes}
    for code, row in zip(codes, rows, strict=True):
        kinds[code].append(row)
    return kinds


def _filled(row: Sequence[str]) -> int:
    """The number of cells up to the last one that is not empty."""
    return max((number for number, cell in enumerate(row, 1) if cell), default=0)


def _places(codes: Sequence[str], sizes: Sequence[int], parts: str) -> dict[str, str]:
    """For each code what its rows are for: the document (""), its `parts`, the start or the end of the file.

    A kind that occurs once and last closes the file; one that occurs once and first opens it, if there are others for
    the document and its parts. Empty if the codes are too many or too few, or kinds do not differ in size.
    """
    counts = Counter(codes)
    order = list(counts)
    largest = {max(size for each, size in zip(codes, sizes, strict=True) if each == code) for code in order}
    repeated = len(codes) > len(order) or set(order) <= USUAL
    if not (1 < len(order) <= MOST_KINDS and repeated and len(largest) > 1):
        return {}
    places: dict[str, str] = {}
    if counts[codes[-1]] == 1:
        places[codes[-1]] = "end"
    wanted = ["", parts] if parts else [""]
    inner = [code for code in order if code not in places]
    if len(inner) == len(wanted) + 1 and counts[codes[0]] == 1:
        places[inner.pop(0)] = "start"
    if not 0 < len(inner) <= len(wanted):
        return {}
    return {code: places.get(code) or wanted[inner.index(code)] for code in order}


def cells_seen(rows: Sequence[Sequence[str]]) -> list[Seen]:
    """The columns of one kind of row in CSV, behind the code; named by where they stand in the row."""
    width = max(map(_filled, rows))
    return [seen(f"Column {at + 1}", [row[at] for row in rows if at < len(row)]) for at in range(1, width)]


def positions_seen(lines: Sequence[str], code_start: int, code: str) -> list[Seen]:
    """The columns of one kind of line of fixed width: between positions where every line is blank, beside the code."""
    before, behind = code_start - 1, code_start - 1 + len(code)
    bare = [line[:before] + " " * len(code) + line[behind:] for line in lines]
    width = max(map(len, bare))
    filled = [any(line[at : at + 1].strip() for line in bare) for at in range(width)]
    starts = [at for at in range(width) if filled[at] and (at == 0 or not filled[at - 1])]
    columns = []
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else width
        column = seen(f"Position {start + 1}", [line[start:end] for line in bare])
        column.place = {"start": start + 1, "length": (before if start < before < end else end) - start}
        columns.append(column)
    return columns


def columns_in_sample(sample: bytes, layout: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """The columns that the rows of `sample` with this code have, as data of a `layout` in CSV or fixed width.

    Nobody has said what they hold. Empty if no row has the code.
    """
    encoding = layout.get("encoding", "utf-8")
    text = sample.removeprefix(BOM).decode(encoding, "replace")
    if layout.get("format") == "csv":
        delimiter = layout.get("delimiter", ",")
        rows = [
            row for row in rows_of(text, "\t" if delimiter == "tab" else delimiter or ",") if row[0] == code
        ]
        found = cells_seen(rows) if rows else []
    else:
        start = layout.get("code_start", 1)
        at = start - 1 if isinstance(start, int) else 0
        lines = [line for line in text.splitlines() if line[at : at + len(code)] == code]
        found = positions_seen(lines, at + 1, code) if lines else []
    return [{"name": column.name, **column.place} for column in found]
