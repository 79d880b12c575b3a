"""What every canonical document has in common: frozen values that check themselves on construction."""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, Field, dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

WORD = re.compile(r"[a-z][a-z0-9_]*|[a-z0-9]+:\S+")

Word = Annotated[str, (WORD, "a lower-case word such as purchase_order, or standard:code such as x12:QX")]
"""One of our own words (docs: `words.py`), or `standard:code` for a partner's code that has no word here."""
Currency = Annotated[str, (re.compile(r"[A-Z]{3}"), "an ISO 4217 code such as USD")]
Country = Annotated[str, (re.compile(r"[A-Z]{2,3}"), "an ISO 3166 code such as US or USA")]

MAX_DIGITS = 18
"""Most digits of an amount, before and after the decimal point: the longest number of X12 and EDIFACT."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One broken rule: `field` is a path such as `lines[2].quantity`, `message` says what is wrong."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class InvalidDocument(ValueError):  # reads as what it is where it is caught
    """A canonical value breaks its rules; `problems` lists all of them, not only the first."""

    def __init__(self, name: str, problems: list[FieldProblem]) -> None:
        super().__init__(name, problems)
        self.name = name
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return f"{self.name} is not valid: " + "; ".join(map(str, self.problems))


class Checked:
    """Base of every canonical dataclass. Construction raises `InvalidDocument` naming every broken field."""

    __slots__ = ()

    def __post_init__(self) -> None:
        cls: Any = type(self)
        problems = [p for name, check in _checks(cls) for p in check(name, getattr(self, name))]
        # The rules compare fields with each other, so they need fields of the right type.
        problems = problems or [FieldProblem(field, message) for field, message in self.rules()]
        if problems:
            raise InvalidDocument(cls.__name__, problems)

    def rules(self) -> Iterable[tuple[str, str]]:
        """(field, message) for every rule between fields that is broken."""
        return ()


Check = Callable[[str, Any], Iterator[FieldProblem]]


@cache
def field_types(cls: Any) -> dict[str, Any]:
    """The resolved type of every field, with its `Annotated` pattern if it has one."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cls)}


@cache
def _checks(cls: Any) -> tuple[tuple[str, Check], ...]:
    types_ = field_types(cls)
    return tuple((f.name, _check_for(types_[f.name], required=_is_required(f))) for f in fields(cls))


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _check_for(hint: Any, *, required: bool) -> Check:
    origin = typing.get_origin(hint)
    if origin is Annotated:
        _base, (pattern, expected) = typing.get_args(hint)
        return _patterned(pattern, expected, required=required)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return _optional(_check_for(inner, required=True))
    if origin is tuple:
        return _items(typing.get_args(hint)[0])
    if hint is str:
        return _text(required=required)
    return _instance(hint)


def _text(*, required: bool) -> Check:
    def check(name: str, value: Any) -> Iterator[FieldProblem]:
        if not isinstance(value, str):
            yield FieldProblem(name, f"must be text, not {_name(value)}")
        elif required and not value.strip():
            yield FieldProblem(name, "is missing")

    return check


def _patterned(pattern: re.Pattern[str], expected: str, *, required: bool) -> Check:
    def check(name: str, value: Any) -> Iterator[FieldProblem]:
        if value == "" and not required:
            return
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield FieldProblem(name, f"must be {expected}, not {value!r}")

    return check


def _optional(inner: Check) -> Check:
    def check(name: str, value: Any) -> Iterator[FieldProblem]:
        if value is not None:
            yield from inner(name, value)

    return check


def _items(hint: Any) -> Check:
    inner = _check_for(hint, required=True)

    def check(name: str, value: Any) -> Iterator[FieldProblem]:
        if not isinstance(value, tuple):
            yield FieldProblem(name, f"must be a tuple, not {_name(value)}")
            return
        for index, item in enumerate(value):
            yield from inner(f"{name}[{index}]", item)

    return check


def _instance(expected: type) -> Check:
    def check(name: str, value: Any) -> Iterator[FieldProblem]:
        # bool is an int and datetime is a date, but neither is meant where the other is asked for.
        confused = isinstance(value, (bool, dt.datetime)) and type(value) is not expected
        if not isinstance(value, expected) or confused:
            yield FieldProblem(name, f"must be {expected.__name__}, not {_name(value)}")
        elif isinstance(value, Decimal) and not _is_reasonable(value):
            yield FieldProblem(name, f"must be a number of at most {MAX_DIGITS} digits, not {value}")

    return check


def _is_reasonable(value: Decimal) -> bool:
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return value.adjusted() < MAX_DIGITS and isinstance(exponent, int) and exponent > -MAX_DIGITS


def _name(value: object) -> str:
    return type(value).__name__


@cache
def trusted(cls: Any, positional: tuple[str, ...] = ()) -> Callable[..., Any]:
    """A constructor of `cls` that skips the checks, several times faster than `cls(...)`.

    It takes fields by name; those named in `positional` may also be given without their names, in that order.

    For readers whose tables have already established every type and length; nothing else may use it.
    The values are assembled in an object of a subclass that is not frozen, which then becomes one of `cls`.
    """
    defaults = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
    names = [f.name for f in fields(cls)]
    plain = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    unfrozen = type(cls.__name__, (cls,), {"__slots__": (), **plain})
    scope: dict[str, Any] = {"unfrozen": unfrozen, "cls": cls, "defaults": defaults}
    # Python fills in defaults of positional parameters faster than those of keywords.
    needed = [*positional, *(n for n in names if n not in defaults and n not in positional)]
    arguments = ", ".join(needed + [f"{n}=defaults[{n!r}]" for n in names if n not in needed])
    assignments = "".join(f"    self.{n} = {n}\n" for n in names)
    body = f"    self = unfrozen()\n{assignments}    self.__class__ = cls\n    return self\n"
    source = f"def build({arguments}):\n{body}"
    exec(source, scope)  # noqa: S102  # only our own field names, as dataclasses does for __init__
    return scope["build"]
