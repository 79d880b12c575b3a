"""Lists of vendors, customers and accounts that somebody exports into the mailbox as CSV files.

Cleo moves files and keeps no such lists itself. Pure: bytes in, entries out.
"""

import csv
import io
from pathlib import PurePosixPath

from connections.models import ReferenceKind
from connections.systems.base import Misconfigured, Reference
from connections.systems.cleo.settings import Settings

MOST_ROWS = 50_000
LONGEST = 200


def files(settings: Settings) -> dict[ReferenceKind, str]:
    """The lists that the connection is set to give, each with the path of its file in the mailbox."""
    paths = {
        ReferenceKind.VENDOR: settings.vendors_file,
        ReferenceKind.CLIENT: settings.customers_file,
        ReferenceKind.ACCOUNT: settings.accounts_file,
    }
    return {kind: path for kind, path in paths.items() if path}


def folder_and_name(path: str) -> tuple[str, str]:
    """`lists/vendors.csv` as its folder and its name."""
    parts = PurePosixPath(path.strip("/"))
    return ("" if str(parts.parent) == "." else str(parts.parent)), parts.name


def entries(content: bytes, path: str) -> list[Reference]:
    """The rows of a list, below a line of headings.

    The first column is the key; a column “name” names the entry, otherwise the second does. The other columns
    are shown and compared; of an account “segment” is what it is booked under. Raises `Misconfigured`.
    """
    text = _text(content)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        headings = [heading.strip().lower() for heading in next(rows, [])]
        if len(headings) < 2 or not all(headings):
            raise Misconfigured(
                f"“{path}” is no list that can be compared.",
                remedy="It begins with a line of headings: the key first, and the name.",
            )
        name_at = headings.index("name") if "name" in headings[1:] else 1
        found: dict[str, Reference] = {}
        for row in rows:
            if len(found) >= MOST_ROWS:
                raise Misconfigured(f"“{path}” has more than {MOST_ROWS:,} rows.", remedy="Export fewer.")
            if entry := _entry(headings, [cell.strip() for cell in row], name_at):
                found[entry.key] = entry
    except csv.Error as error:
        raise Misconfigured(f"“{path}” cannot be read as CSV: {error}.", remedy="Export it anew.") from None
    return list(found.values())


def _entry(headings: list[str], row: list[str], name_at: int) -> Reference | None:
    cells = dict(zip(headings, row, strict=False))
    key = cells.get(headings[0], "")[:LONGEST]
    if not key:
        return None
    rest = {
        heading: value[:LONGEST]
        for position, (heading, value) in enumerate(cells.items())
        if position not in (0, name_at) and value
    }
    return Reference(key=key, name=cells.get(headings[name_at], "")[:LONGEST], detail=rest)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)
