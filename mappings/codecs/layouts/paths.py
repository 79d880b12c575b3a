"""The path language: where in a canonical document the value of a column is, for reading and for writing.

number                              a field
lines.quantity                      a field of every line, in a layout with a row per line
parties[bill_to].address.city       a part chosen by its role, kind or scheme
references[vendor_number]           a part that is little more than its value needs no field after it
parties[ship_to].address.lines[2]   the second street line
taxes.amount                        no choice: of amounts the sum, of other values the first
allowances[discount], charges       allowances and charges, each with its amount
due_date, tax_total, net_total, lines.position, lines.tax_total ...    values that documents give (`DERIVED`)
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from mappings.canonical import (
    AllowanceOrCharge,
    Contact,
    Document,
    EventDate,
    Identifier,
    Note,
    Party,
    PaymentTerms,
    Reference,
    Tax,
    words,
)
from mappings.canonical.base import WORD, Checked, field_types
from mappings.codecs.layouts.derived import DERIVED, Draft, Frame, Place

CHOSEN_BY: dict[type, str] = {
    Party: "role",
    Contact: "role",
    Identifier: "scheme",
    Reference: "kind",
    EventDate: "kind",
    Note: "kind",
    Tax: "kind",
    AllowanceOrCharge: "kind",
    PaymentTerms: "kind",
}
"""The field by which one of several parts is chosen."""
MAIN_FIELD: dict[type, str] = {
    Party: "name",
    Contact: "name",
    Identifier: "value",
    Reference: "value",
    EventDate: "date",
    Note: "text",
    Tax: "amount",
    AllowanceOrCharge: "amount",
}
"""What a path means that ends at such a part."""
WITHOUT_CHOICE: dict[type, str] = {
    Contact: "",
    Note: "",
    PaymentTerms: "",
    Tax: "all",
    AllowanceOrCharge: "other",
}
"""The kind of a part that is read under a path without a choice; parts that are not here need one."""
KNOWN_WORDS: dict[type, frozenset[str]] = {
    Party: words.PARTY_ROLES,
    Contact: words.CONTACT_ROLES,
    Identifier: words.IDENTIFIER_SCHEMES,
    Reference: words.REFERENCE_KINDS,
    EventDate: words.DATE_KINDS,
    Tax: words.TAX_KINDS,
    AllowanceOrCharge: words.CHARGE_KINDS,
}
SIDES = {"charges": True, "allowances": False}
NOT_MONEY = frozenset(
    {"quantity", "ordered_quantity", "unit_price", "rate", "percent", "discount_percent", "gross_weight"}
)
TYPES: dict[Any, str] = {
    str: "text",
    Decimal: "number",
    int: "integer",
    dt.date: "date",
    dt.time: "time",
    bool: "boolean",
}
STEP = re.compile(r"([a-z_]+)(?:\[([^\]]+)\])?")
MOST_PARTS = 99
"""The highest number by which a part may be chosen."""


class PathError(ValueError):
    """A path that leads nowhere; the message says where it goes astray."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A compiled path. `level` is the level of rows it belongs to: 0 the document, 1 its lines ...

    `get` takes the object at that level and the frame around it, `put` the draft of that object (None if the value
    is only given, never taken). `plain` is the path as `InvalidDocument` names it, without numbers and choices.
    """

    text: str
    plain: str
    level: int
    type: str
    is_money: bool
    get: Callable[[Any, Frame], Any]
    put: Callable[[Draft, Any], None] | None


def compile_path(cls: type[Document], text: str, each: Sequence[str] = ()) -> Path:
    """The path `text` in a document of `cls`, with rows for `each` of its parts (such as ("lines",)).

    Raises `PathError`.
    """
    steps = [_step(part, text) for part in text.split(".")]
    place: Place = cls
    level = 0
    while level < len(each) and level < len(steps) - 1 and steps[level] == (each[level], ""):
        place = item_type(place, each[level])
        level += 1
    way = _way(place, steps[level:], text)
    plain = ".".join([*each[:level], *way.plain])
    return Path(
        text=text, plain=plain, level=level, type=way.type, is_money=way.is_money, get=way.get, put=way.put
    )


def _step(part: str, text: str) -> tuple[str, str]:
    match = STEP.fullmatch(part)
    if match is None:
        raise PathError(
            f"{text!r} is no path: {part!r} is neither a name (lines) nor a choice (parties[buyer])"
        )
    return match[1], match[2] or ""


def item_type(place: Place, name: str) -> Place:
    """The class of the parts in the field `name` of `place`. Raises `PathError` if there are none."""
    hint = _bare(field_types(place).get(name))
    if typing.get_origin(hint) is not tuple:
        raise PathError(f"{place.__name__} has no repeated part {name!r}")
    item = typing.get_args(hint)[0]
    if not _is_part(item):
        raise PathError(f"there can be no row for each of {name!r}")
    return item


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The rest of a path from some object on."""

    plain: tuple[str, ...]
    type: str
    is_money: bool
    get: Callable[[Any, Frame], Any]
    put: Callable[[Draft, Any], None] | None


def _way(place: Place, steps: list[tuple[str, str]], text: str) -> _Way:
    (name, choice), *rest = steps
    derived = DERIVED.get((place, name))
    if derived and not rest and not choice:
        return _Way(
            plain=(name,), type=derived.type, is_money=derived.is_money, get=derived.get, put=derived.put
        )
    hint = _bare(field_types(place).get(name if name not in SIDES else "charges"))
    if hint is None:
        raise PathError(f"{text!r}: {_unknown(place, name)}")
    if typing.get_origin(hint) is tuple:
        item = _bare(typing.get_args(hint)[0])
        if item is str:
            return _numbered_text(name, choice, rest, text)
        return _one_of_many(item, name, choice, rest, text)
    if choice:
        raise PathError(f"{text!r}: there is only one {name}, so there is nothing to choose")
    if _is_part(hint):
        return _inside(hint, name, rest, text)
    if rest:
        raise PathError(f"{text!r}: {name} is a single value")
    type_ = TYPES[hint]
    return _Way(
        plain=(name,),
        type=type_,
        is_money=hint is Decimal and name not in NOT_MONEY,
        get=lambda value, _frame: getattr(value, name),
        put=lambda draft, value: draft.__setitem__(name, value),
    )


def _bare(hint: Any) -> Any:
    """The type that a field holds if it holds anything."""
    if typing.get_origin(hint) is Annotated:
        return typing.get_args(hint)[0]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint


def _is_part(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Checked)


def _unknown(place: Place, name: str) -> str:
    names = possible_names(place)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; do you mean {near[0]}?" if near else f". There are: {', '.join(names)}."
    return f"a {place.__name__} has no field {name}{hint}"


@cache
def possible_names(place: Place) -> list[str]:
    """What may stand first in a path at `place`."""
    names = [*field_types(place), *(name for cls, name in DERIVED if cls is place)]
    return [*dict.fromkeys([*names, *(["allowances"] if "charges" in names else [])])]


def _inside(place: Place, name: str, rest: list[tuple[str, str]], text: str) -> _Way:
    """Go on in the single part `name`."""
    way = _way(place, rest or [(_main_field(place, name, text), "")], text)

    def get(value: Any, frame: Frame) -> Any:
        inner = getattr(value, name)
        return None if inner is None else way.get(inner, frame)

    def put(draft: Draft, value: Any) -> None:
        assert way.put is not None  # noqa: S101
        way.put(draft.setdefault(name, {}), value)

    return _Way(
        plain=(name, *way.plain), type=way.type, is_money=way.is_money, get=get, put=put if way.put else None
    )


def _main_field(place: Place, name: str, text: str) -> str:
    if place not in MAIN_FIELD:
        raise PathError(f"{text!r}: say which field of {name}: {', '.join(possible_names(place))}")
    return MAIN_FIELD[place]


def _numbered_text(name: str, choice: str, rest: list[tuple[str, str]], text: str) -> _Way:
    """One of several texts, such as a street line, by its number."""
    if rest:
        raise PathError(f"{text!r}: {name} are single values")
    if choice and not _is_number(choice):
        raise PathError(f"{text!r}: choose one of {name} by its number, such as {name}[1]")
    index = int(choice or 1) - 1

    def get(value: Any, _frame: Frame) -> Any:
        texts = getattr(value, name)
        return texts[index] if index < len(texts) else ""

    def put(draft: Draft, value: Any) -> None:
        texts = draft.setdefault(name, [])
        texts.extend([""] * (index + 1 - len(texts)))
        texts[index] = value

    return _Way(plain=(name,), type="text", is_money=False, get=get, put=put)


def _is_number(choice: str) -> bool:
    return choice.isascii() and choice.isdecimal() and 1 <= int(choice) <= MOST_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Which of the parts in `field` are meant: the one with a number, those whose `key` is `word`, or any."""

    field: str
    key: str
    word: str
    number: int
    charge: bool | None
    """Whether charges or allowances are meant; None for parts that are neither."""
    without: str
    """The word for a part that is made without a choice."""

    def of(self, value: Any) -> list[Any]:
        parts = getattr(value, self.field)
        if self.charge is not None:
            parts = [part for part in parts if part.charge is self.charge]
        if self.number:
            return list(parts[self.number - 1 : self.number])
        return [part for part in parts if not self.word or getattr(part, self.key) == self.word]

    def made_in(self, draft: Draft) -> Draft:
        """The part of `draft` that is meant, made if it is not there."""
        parts = draft.setdefault(self.field, [])
        same = [part for part in parts if part.get("charge") == self.charge]
        word = self.word or self.without
        if self.number and self.number <= len(same):
            return same[self.number - 1]
        part = (
            next((each for each in same if each.get(self.key, "") == word), None) if not self.number else None
        )
        if part is None:
            part = {self.key: word} if word else {}
            if self.charge is not None:
                part["charge"] = self.charge
            parts.append(part)
        return part


def _one_of_many(place: Place, name: str, choice: str, rest: list[tuple[str, str]], text: str) -> _Way:
    """Go on in those of the parts `name` that `choice` means."""
    way = _way(place, rest or [(_main_field(place, name, text), "")], text)
    key = CHOSEN_BY.get(place, "")
    is_number = _is_number(choice)
    if choice and not is_number:
        _check_choice(place, key, choice, text)
    elif not choice and key and place not in WITHOUT_CHOICE:
        raise PathError(f"{text!r}: say which of {name}, such as {name}[{_example(place)}]")
    meant = _Choice(
        field="charges" if name in SIDES else name,
        key=key,
        word="" if is_number else choice,
        number=int(choice) if is_number else 0,
        charge=SIDES.get(name),
        without=WITHOUT_CHOICE.get(place, ""),
    )

    def get(value: Any, frame: Frame) -> Any:
        parts = meant.of(value)
        if way.is_money:
            parts = [part for part in parts if getattr(part, "added", True)]
        values = [found for part in parts if (found := way.get(part, frame)) not in (None, "")]
        return sum(values[1:], values[0]) if values and way.is_money else next(iter(values), None)

    def put(draft: Draft, value: Any) -> None:
        assert way.put is not None  # noqa: S101
        way.put(meant.made_in(draft), value)

    return _Way(
        plain=(meant.field, *way.plain),
        type=way.type,
        is_money=way.is_money,
        get=get,
        put=put if way.put else None,
    )


def _check_choice(place: Place, key: str, choice: str, text: str) -> None:
    if not key:
        raise PathError(f"{text!r}: {place.__name__} is chosen by its number")
    if not WORD.fullmatch(choice):
        raise PathError(f"{text!r}: {choice!r} is no word for a {key}")
    known = KNOWN_WORDS.get(place, frozenset())
    near = difflib.get_close_matches(choice, known, n=1, cutoff=0.85)
    if near and choice not in known and not choice.startswith(f"{near[0]}_"):
        raise PathError(f"{text!r}: {choice!r} is not known; do you mean {near[0]}?")


def _example(place: Place) -> str:
    return sorted(KNOWN_WORDS.get(place, {"other"}))[0]
