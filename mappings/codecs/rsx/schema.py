"""The notation of the RSX tables, and what a table says of a value: reading it, and refusing it before it is written.

A line describes a group: its name, a colon, and its members in the order in which they are written; the description
goes on in indented lines. `InvoiceDate:date` has a type (text if none is named: date, time, number, price, money,
integer or boolean), `TradingPartnerId!:text/15` is mandatory and has at most 15 characters, `TaxTypeCode=tax_type` is
from a code list, `Pack{}` is a group, `Dates[]` is a group that may repeat. `+Item` stands for all members of the group
Item. Of members in parentheses there may be only one. A group that has no line is known by its name only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from mappings.codecs.files import shown
from mappings.codecs.report import Report
from mappings.codecs.rsx.lists import LISTS

Tree = dict[str, Any]
"""A group as plain values: text, date, time, Decimal, int and bool by member, a Tree for a group, a list for many."""

MAX_PRICE_DECIMALS = 6
MAX_IGNORED = 100
"""Most members that are counted up as not known."""
NOT_SENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?|Z|[+-]\d\d:\d\d)?")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
LONGEST_NUMBER = 40
EMPTY: tuple[Any, ...] = (None, "", [], {})
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class Member:
    """One member of a group."""

    name: str
    type: str = "text"
    many: bool = False
    max: int = 0
    codes: frozenset[str] = frozenset()
    is_group: bool = False
    group: Group | None = None
    """Its group; None for a value, or for a group of which only the name is known."""


@dataclass(slots=True)
class Group:
    """A group: its members by name with their order, the mandatory ones, and those of which there may be only one."""

    name: str
    members: dict[str, Member] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    only_one_of: list[list[str]] = field(default_factory=list)


GROUP_LINE = re.compile(r"^(\w+):((?:.*)(?:\n[ \t]+.*)*)", re.MULTILINE)
TOKEN = re.compile(r"(\+)?(\w+)(!)?(?:(\[\])|(\{\})|:(\w+)(?:/(\d+))?|=(\w+))?")


def groups(*texts: str) -> dict[str, Group]:
    """The groups in `texts`, by name; a later description of a name takes the place of an earlier one."""
    lines = dict(GROUP_LINE.findall("\n".join(texts)))
    found = {name: Group(name) for name in lines}
    for name, line in lines.items():
        _fill(found[name], line, lines, found)
    return found


def _fill(group: Group, line: str, lines: dict[str, str], found: dict[str, Group]) -> None:
    alternatives: list[str] | None = None
    for word in line.replace("(", " ( ").replace(")", " ) ").split():
        if word in "()":
            alternatives = [] if word == "(" else None
            if alternatives is not None:
                group.only_one_of.append(alternatives)
            continue
        match = TOKEN.fullmatch(word)
        if match is None:
            raise ValueError(f"{group.name}: not a member: {word!r}")
        include, name, required, many, single, type_, longest, codes = match.groups()
        if include:
            _fill(group, lines[name], lines, found)
            continue
        group.order[name] = len(group.order)
        if required:
            group.required.append(name)
        group.members[name] = Member(
            name=name,
            type=type_ or "text",
            many=bool(many),
            max=int(longest or 0),
            codes=LISTS[codes] if codes else frozenset(),
            is_group=bool(many or single),
            group=found.get(name) if many or single else None,
        )
        if alternatives is not None:
            alternatives.append(name)


# Reading: whatever can be understood is; what cannot is a problem, and what is not known is only noted.


def read_group(group: Group, raw: Any, path: str, report: Report, ignored: list[str]) -> Tree:
    """The values of `raw` (a dict of texts, numbers, dicts and lists), converted; problems go to `report`.

    Paths of members that the table does not know go to `ignored`.
    """
    tree: Tree = {}
    if not isinstance(raw, dict):
        report.add(f"{path} should hold members, but is a value", "wrong_type", field=path, value=shown(raw))
        return tree
    for name, value in raw.items():
        member = group.members.get(name)
        where = f"{path}.{name}" if path else name
        if member is None:
            if len(ignored) < MAX_IGNORED:
                ignored.append(where)
        elif value is None or value in ("", [], {}):
            continue
        elif member.is_group:
            if member.group is not None:
                tree[name] = _read_groups(member, member.group, value, where, report, ignored)
        else:
            _read_value(member, value, where, tree, report)
    _check_required(group, tree, path, report)
    return tree


def _check_required(group: Group, tree: Tree, path: str, report: Report) -> None:
    for name in group.required:
        if name not in tree:
            where = f"{path}.{name}" if path else name
            report.add(f"the {name} is missing", "mandatory_missing", field=where)


def _read_groups(
    member: Member, group: Group, value: Any, where: str, report: Report, ignored: list[str]
) -> Tree | list[Tree]:
    values = value if isinstance(value, list) else [value]
    if not member.many:
        if len(values) > 1:
            report.add(f"there is more than one {member.name}", "too_many", field=where)
        return read_group(group, values[0], where, report, ignored)
    return [
        read_group(group, each, f"{where}[{index}]", report, ignored)
        for index, each in enumerate(values, 1)
        if each is not None
    ]


def _read_value(member: Member, value: Any, where: str, tree: Tree, report: Report) -> None:
    if isinstance(value, list) and value:
        if len(value) > 1:
            report.add(f"there is more than one {member.name}", "too_many", field=where)
        value = value[0]
    if isinstance(value, (dict, list)):
        report.add(f"the {member.name} should be a value, but holds members", "wrong_type", field=where)
        return
    try:
        read = READERS[member.type](value)
    except (ValueError, InvalidOperation):
        report.add(
            f"the {member.name} is not {EXPECTED[member.type]}",
            f"invalid_{member.type}",
            remedy="Ask the partner to correct it.",
            field=where,
            value=shown(value),
        )
        return
    if read != "":
        tree[member.name] = read


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = format(value, "f") if isinstance(value, Decimal) else str(value).strip()
    if NOT_SENDABLE.search(text):
        raise ValueError(text)
    return text


def _number(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        raise ValueError(value)
    text = str(value).strip()
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _integer(value: Any) -> int:
    number = _number(value)
    if number.adjusted() > LONGEST_NUMBER or number != number.to_integral_value():
        raise ValueError(value)
    return int(number)


def _boolean(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in BOOLEANS:
        raise ValueError(value)
    return BOOLEANS[word]


def _date(value: Any) -> dt.date:
    match = DATE.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(value)
    return dt.date.fromisoformat(match[1])


def _time(value: Any) -> dt.time:
    return dt.time.fromisoformat(str(value).strip())


READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "date": _date,
    "time": _time,
    "number": _number,
    "price": _number,
    "money": _number,
    "integer": _integer,
    "boolean": _boolean,
}
EXPECTED = {
    "text": "text without control characters",
    "date": "a date such as 2026-03-09",
    "time": "a time such as 14:22:05",
    "number": "a number",
    "price": "a number",
    "money": "an amount",
    "integer": "a whole number",
    "boolean": "true or false",
}


# Writing: in the table's order, and only what the table allows.


def checked(group: Group, tree: Tree, path: str, report: Report, decimals: int) -> Tree:
    """`tree` with its members in order, without empty ones, and amounts with `decimals`; problems go to `report`."""
    out: Tree = {}
    # A member that the table does not have is an error of ours, and a KeyError here.
    for name in sorted(
        [name for name, value in tree.items() if value not in EMPTY], key=group.order.__getitem__
    ):
        member, value = group.members[name], tree[name]
        where = f"{path}.{name}" if path else name
        if member.group is not None:
            value = _checked_groups(member, member.group, value, where, report, decimals)
        else:
            value = _checked_value(member, value, where, report, decimals)
        if value not in EMPTY:
            out[name] = value
    _check_required(group, out, path, report)
    for names in group.only_one_of:
        present = [name for name in names if name in out]
        if len(present) > 1:
            report.add(
                f"{group.name} can hold only one of {' and '.join(present)}",
                "only_one_of",
                field=path,
                business=True,
            )
    return out


def _checked_groups(
    member: Member, group: Group, value: Any, where: str, report: Report, decimals: int
) -> Tree | list[Tree]:
    if not member.many:
        return checked(group, value, where, report, decimals)
    return [
        each
        for index, item in enumerate(value, 1)
        if (each := checked(group, item, f"{where}[{index}]", report, decimals))
    ]


def _checked_value(member: Member, value: Any, where: str, report: Report, decimals: int) -> Any:
    if isinstance(value, str):
        _check_text(member, value, where, report)
    elif isinstance(value, Decimal):
        return _checked_number(member, value, where, report, decimals)
    return value


def _check_text(member: Member, value: str, where: str, report: Report) -> None:
    if member.codes and value not in member.codes:
        report.add(
            f"{value!r} is not a code of {member.name}",
            "invalid_code",
            remedy="Give another code for it in the trading partner's code lists.",
            field=where,
            value=shown(value),
        )
    elif member.max and len(value) > member.max:
        report.add(
            f"the {member.name} has more than {member.max} characters",
            "too_long",
            field=where,
            value=shown(value),
        )
    elif found := NOT_SENDABLE.search(value):
        report.add(
            f"the {member.name} contains a character that cannot be sent: {found[0]!r}",
            "unsendable_character",
            remedy="Remove it from the text.",
            field=where,
            value=shown(value),
        )


def _checked_number(member: Member, value: Decimal, where: str, report: Report, decimals: int) -> Decimal:
    places = -value.as_tuple().exponent  # type: ignore[operator]
    if member.type == "money":
        most = least = decimals
    else:
        most, least = (MAX_PRICE_DECIMALS if member.type == "price" else LONGEST_NUMBER), 0
    if places > most:
        shorter = value.quantize(Decimal(1).scaleb(-most))
        if shorter != value:
            report.add(
                f"the {member.name} has more than {most} decimals",
                "too_many_decimals",
                remedy="Round it where it is entered.",
                field=where,
                value=str(value),
            )
        return shorter
    return value.quantize(Decimal(1).scaleb(-least)) if places < least else value
