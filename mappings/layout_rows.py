"""The kinds of rows of a layout's data: listed, added, taken away, and where they can stand.

A layout with one kind of row has `columns`; one with several has `records`, each with a code that its rows begin with
(in XML: an element) and `at`, what they are for (docs/translation-files.md).
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from mappings.canonical.base import field_types
from mappings.codecs import layouts
from mappings.codecs.layouts.draft_columns import REPEATED
from mappings.codecs.layouts.draft_records import columns_in_sample
from mappings.codecs.layouts.paths import PathError, item_type

Data = dict[str, Any]

QUOTE = '"'
OF_FILE = ("start", "end")
CODES = {"": "H", "start": "A", "end": "T"}
"""How kinds of rows are marked where nobody has said it yet; those of parts are D."""
SOURCES = ("field", "constant", "context", "file")
"""Where the value of a column can be from; it has one of them at most."""
OF_FLAT = ("columns", "each", "header")
UNSUITED = frozenset({"identifiers", "contacts", "marks"})
"""Parts of parts that nobody gives rows of their own."""


def records_of(data: Mapping[str, Any]) -> list[tuple[str, list[Data]]]:
    """(title, columns) of each kind of row; a layout with one kind of row has one, without a title."""
    if not _has_records(data):
        return [("", _columns(data))]
    return [(_title(record, number), _columns(record)) for number, record in enumerate(data["records"], 1)]


def raw_records(data: Mapping[str, Any]) -> list[Data]:
    """The data of each kind of row. That of a layout with one kind of row has no code."""
    if not _has_records(data):
        return [{"columns": _columns(data)}]
    return [record if isinstance(record, dict) else {} for record in data["records"]]


def _has_records(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("records"), list) and bool(data["records"])


def _columns(record: Any) -> list[Data]:
    columns = record.get("columns") if isinstance(record, Mapping) else None
    return [each for each in columns if isinstance(each, dict)] if isinstance(columns, list) else []


def _title(record: Any, number: int) -> str:
    at = record.get("at", "") if isinstance(record, Mapping) else ""
    where = {"": "of the document", "start": "at the start", "end": "at the end"}.get(
        at, f"of each of its {at}"
    )
    name = (record.get("code") or record.get("element") or number) if isinstance(record, Mapping) else number
    return f"{name}: {where}"


@cache
def place_choices(kind: str, file_format: str) -> tuple[tuple[str, str], ...]:
    """(`at`, words) of what rows can be for in such documents, the usual ones first."""
    parts = list(_parts(layouts.KINDS[kind], ()))
    parts.sort(key=lambda at: (at[:1] != (REPEATED.get(kind, "orders"),), len(at)))
    choices = [("", f"the {kind.replace('_', ' ')} itself")]
    choices += [(".".join(at), f"each of {_words(at)}") for at in parts]
    if file_format != "xml":
        choices += [("start", "the start of the file"), ("end", "the end of the file")]
    return tuple(choices)


def _parts(place: Any, outer: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name in field_types(place):
        try:
            inner = item_type(place, name)
        except PathError:
            continue
        if name not in UNSUITED and not (outer and name == "references"):
            yield (*outer, name)
            yield from _parts(inner, (*outer, name))


def _words(at: Sequence[str]) -> str:
    """("lines", "taxes") as "the taxes of its lines"."""
    outermost, *inner = (name.replace("_", " ") for name in at)
    return " of ".join([*(f"the {name}" for name in reversed(inner)), f"its {outermost}"])


def likely_place(data: Mapping[str, Any], code: str = "", sample: bytes = b"") -> str:
    """What a further kind of row is most likely for: the first of document, lines and end that has none.

    Rows that begin with `code` open or close the file, if the sample begins or ends with the only one.
    """
    taken = {record.get("at", "") for record in raw_records(data)} if _says_something(data) else set()
    if code and (edge := _at_the_edge(data, code, sample)) and edge not in taken:
        return edge
    lines = REPEATED.get(str(data.get("document")), "")
    return next((at for at in ("", lines, "end") if at not in taken), "end")


def _at_the_edge(data: Mapping[str, Any], code: str, sample: bytes) -> str:
    start = data.get("code_start", 1)
    before = start - 1 if isinstance(start, int) and data.get("format") == "fixed" else 0
    lines = [line for line in sample.decode("utf-8", "replace").splitlines() if line.strip()]
    found = [number for number, line in enumerate(lines) if line.lstrip(QUOTE)[before:].startswith(code)]
    if found == [0]:
        return "start"
    return "end" if found == [len(lines) - 1] else ""


def with_columns(data: Data, record: int, columns: Sequence[Data]) -> Data:
    """`data` with other columns in one of its records."""
    changed = copy.deepcopy(data)
    if changed.get("records"):
        changed["records"][record]["columns"] = list(columns)
    else:
        changed["columns"] = list(columns)
    return changed


def with_kind(data: Data, code: str, at: str, sample: bytes) -> Data:
    """`data` with one more kind of row. It gets the columns that its rows have in the sample, else one to begin with.

    In a layout that had one kind of row this one gets a code, too, and what stands in its rows once for each part
    becomes a kind of its own. Columns of which nobody has said yet what they hold give way.
    """
    changed = copy.deepcopy(data)
    if not _says_something(changed):
        changed = _in_records({**changed, "columns": []}) | {"records": []}
    elif not _has_records(changed):
        changed = _in_records(changed)
    key = "element" if changed.get("format") == "xml" else "code"
    added: Data = {"at": at, key: code, "columns": []}
    if key == "code":
        added["columns"] = columns_in_sample(sample, changed, code) or [new_column(changed, added)]
    changed["records"].append(added)
    changed["records"].sort(key=_standing)
    return changed


def _standing(record: Mapping[str, Any]) -> tuple[int, int]:
    """Sorts kinds of rows as they stand in a file; those of one place stay as they are."""
    at = str(record.get("at", ""))
    return {"start": 0, "end": 2}.get(at, 1), len(at.split(".")) if at else 0


def _says_something(data: Mapping[str, Any]) -> bool:
    """Whether there are several kinds of rows, or a column of the only one holds something."""
    return _has_records(data) or any(column.get(key) for column in _columns(data) for key in SOURCES)


def _in_records(data: Data) -> Data:
    """A layout with one kind of row as one whose kinds of rows are listed."""
    columns, each = _columns(data), str(data.get("each", ""))
    if data.get("format") == "csv" and columns and data.get("header") is False and len(columns[0]) == 1:
        # Nobody has used the first cell: it is where the code is from now on.
        columns = columns[1:]
    parts = each.split(".") if each else []
    places = ["", *(".".join(parts[: depth + 1]) for depth in range(len(parts)))]
    held: dict[str, list[Data]] = {at: [] for at in places}
    for column in columns:
        held[max((at for at in places if _is_in(column, at)), key=len)].append(column)
    kept = {key: value for key, value in data.items() if key not in (*OF_FLAT, "group", "adjacent")}
    records = [{"at": at, "code": CODES.get(at, "D"), "columns": held[at]} for at in places]
    return {**kept, "records": records}


def _is_in(column: Data, at: str) -> bool:
    held = column.get("field", "")
    path = held[0] if isinstance(held, list) and held else held
    return not at or (isinstance(path, str) and path.startswith(f"{at}."))


def without_kind(data: Data, number: int) -> Data:
    """`data` without one of several kinds of rows, counted from 0; it stays as it is if there is no such."""
    changed = copy.deepcopy(data)
    if _has_records(changed) and len(changed["records"]) > 1 and number < len(changed["records"]):
        changed["records"].pop(number)
    return changed


def settled(data: Data) -> Data:
    """`data`, with plain columns if it has one kind of row that nothing marks any more."""
    if data.get("format") == "xml" or not _has_records(data) or len(data["records"]) > 1:
        return data
    (record,) = raw_records(data)
    at = record.get("at", "")
    if record.get("code") or at in OF_FILE:
        return data
    kept = {key: value for key, value in data.items() if key not in ("records", "code_start")}
    header = {"header": False} if data.get("format") == "csv" else {}
    return {**kept, **header, **({"each": at} if at else {}), "columns": _columns(record)}


def new_column(data: Mapping[str, Any], record: Mapping[str, Any]) -> Data:
    """A column behind the others of its kind of row."""
    columns = _columns(record)
    code = str(record.get("code", ""))
    if data.get("format") != "fixed":
        return {"name": f"Column {len(columns) + 1 + (bool(code) and data.get('format') == 'csv')}"}
    ends = [each["start"] + each["length"] for each in columns if _is_placed(each)]
    code_start = data.get("code_start", 1)
    start = max([1, *ends, *([code_start + len(code)] if code and isinstance(code_start, int) else [])])
    return {"name": f"Position {start}", "start": start, "length": 1}


def _is_placed(column: Mapping[str, Any]) -> bool:
    return all(type(column.get(key)) is int for key in ("start", "length"))
