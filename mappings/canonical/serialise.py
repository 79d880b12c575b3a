"""The JSON form of canonical documents, and the fingerprint of their business content."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, TypeVar

from mappings.canonical.answers import Acknowledgement, StatusReport
from mappings.canonical.base import Checked, FieldProblem, InvalidDocument, field_types
from mappings.canonical.directory import Customer, Vendor
from mappings.canonical.money import JournalEntry, Payment, RemittanceAdvice
from mappings.canonical.shipping import ShipNotice
from mappings.canonical.trade import Bill, Document, Invoice, PurchaseOrder, PurchaseOrderAcknowledgement

DOCUMENTS: tuple[type[Document], ...] = (
    Invoice,
    Bill,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    ShipNotice,
    Payment,
    RemittanceAdvice,
    JournalEntry,
    Vendor,
    Customer,
    Acknowledgement,
    StatusReport,
)
D = TypeVar("D", bound=Document)
BY_SCHEMA = {cls.SCHEMA: cls for cls in DOCUMENTS}


def to_json(document: Document) -> str:
    """`document` as JSON text: decimals as strings, dates in ISO form, `schema` first, defaults left out."""
    return json.dumps({"schema": document.SCHEMA, **_plain(document, str)}, ensure_ascii=False)


def from_json(text: str) -> Document:
    """The document that `to_json` wrote. Raises `InvalidDocument` if `text` is anything else."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InvalidDocument("JSON document", [FieldProblem("", f"is not JSON: {error}")]) from error
    schema = data.pop("schema", None) if isinstance(data, dict) else None
    cls = BY_SCHEMA.get(schema) if isinstance(schema, str) else None
    if cls is None:
        raise InvalidDocument("JSON document", [FieldProblem("schema", f"is not one we know: {schema!r}")])
    return _build(cls, data, "")


def from_plain(cls: type[D], data: dict[str, Any]) -> D:
    """A document of `cls` from dicts, lists and values (text, Decimal, dates ...) by field.

    Raises `InvalidDocument` with the path of every problem, such as `lines[2].quantity`.
    """
    document: D = _build(cls, data, "")
    return document


def fingerprint(document: Document) -> str:
    """The sha256, in hex, of the business content of `document`.

    Equal documents have equal fingerprints: 1.50 and 1.5 are the same amount, and the origin does not count.
    """
    content = {"schema": document.SCHEMA, **_plain(document, _canonical_decimal, business_only=True)}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical_decimal(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"


def _plain(
    value: Checked, decimal: Callable[[Decimal], str], *, business_only: bool = False
) -> dict[str, Any]:
    plain = {}
    for field in fields(value):  # type: ignore[arg-type]
        item = getattr(value, field.name)
        if (item == field.default and type(item) is type(field.default)) or (
            business_only and not field.compare
        ):
            continue
        plain[field.name] = _plain_item(item, decimal, business_only=business_only)
    return plain


def _plain_item(item: Any, decimal: Callable[[Decimal], str], *, business_only: bool) -> Any:
    if isinstance(item, Checked):
        return _plain(item, decimal, business_only=business_only)
    if isinstance(item, tuple):
        return [_plain_item(each, decimal, business_only=business_only) for each in item]
    if isinstance(item, Decimal):
        return decimal(item)
    if isinstance(item, (dt.date, dt.time)):
        return item.isoformat()
    return item


def _build(cls: type, data: Any, path: str) -> Any:
    """An instance of `cls` from plain data; problems are named with their path from the document."""
    if not isinstance(data, dict):
        raise InvalidDocument(cls.__name__, [FieldProblem(path, "must be an object")])
    readers, required = _plan(cls)
    problems: list[FieldProblem] = []
    values = {}
    for name, value in data.items():
        read = readers.get(name)
        if read is None:
            problems.append(FieldProblem(_join(path, name), "is not a known field"))
            continue
        try:
            values[name] = read(value, f"{path}.{name}" if path else name)
        except InvalidDocument as error:
            problems += error.problems
    problems += [FieldProblem(_join(path, name), "is missing") for name in required if name not in data]
    if problems:
        raise InvalidDocument(cls.__name__, problems)
    try:
        return cls(**values)
    except InvalidDocument as error:
        problems = [FieldProblem(_join(path, p.field), p.message) for p in error.problems]
        raise InvalidDocument(cls.__name__, problems) from error


@cache
def _plan(cls: Any) -> tuple[dict[str, Reader], list[str]]:
    """How each field of `cls` is read, and which fields it cannot do without."""
    readers = {name: _reader(hint) for name, hint in field_types(cls).items()}
    return readers, [each.name for each in fields(cls) if each.default is MISSING]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


Reader = Callable[[Any, str], Any]


@cache
def _reader(hint: Any) -> Reader:
    origin = typing.get_origin(hint)
    if origin is Annotated:
        return _reader(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        (inner,) = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        read = _reader(inner)
        return lambda value, path: None if value is None else read(value, path)
    if origin is tuple:
        return _tuple_reader(_reader(typing.get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, Checked):
        return lambda value, path: _build(hint, value, path)
    return _scalar_reader(hint)


def _tuple_reader(read: Reader) -> Reader:
    def read_all(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise InvalidDocument("", [FieldProblem(path, "must be a list")])
        return tuple(read(item, f"{path}[{index}]") for index, item in enumerate(value))

    return read_all


PARSERS: dict[type, Callable[[str], Any]] = {
    Decimal: Decimal,
    dt.date: dt.date.fromisoformat,
    dt.time: dt.time.fromisoformat,
}


def _scalar_reader(expected: type) -> Reader:
    parse = PARSERS.get(expected)

    def read(value: Any, path: str) -> Any:
        try:
            if parse and isinstance(value, str):
                return parse(value)
        except (ValueError, InvalidOperation) as error:
            raise InvalidDocument("", [FieldProblem(path, f"cannot be read: {value!r}")]) from error
        return value  # the dataclass checks its type

    return read
