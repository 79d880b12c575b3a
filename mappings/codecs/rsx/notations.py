"""The two notations of RSX: JSON and XML, each to and from documents of plain values."""

from __future__ import annotations

import codecs
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from mappings.codecs import xml
from mappings.codecs.files import MAX_BROKEN, MAX_DOCUMENT, Source, shown
from mappings.codecs.report import Problem, Report
from mappings.codecs.rsx.schema import Tree
from mappings.codecs.rsx.tables import DOCUMENTS, NAMESPACE


class Raw(NamedTuple):
    """A document as it stands in a file: dicts, lists, texts and numbers; or why it cannot be read.

    `type` is its name if the notation says it.
    """

    line: int
    type: str
    value: Any
    problem: Problem | None = None


# Writing.


def write_json(documents: list[Tree]) -> bytes:
    """One document as an object, several as an array; a line for each."""
    texts = [_json(document) for document in documents]
    text = texts[0] if len(texts) == 1 else "[" + ",\n".join(texts) + "]"
    return (text + "\n").encode()


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join([f'"{name}":{_json(each)}' for name, each in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = _text(value)
    return text if isinstance(value, (Decimal, int)) else encode_basestring(text)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)


def write_xml(name: str, documents: list[Tree]) -> bytes:
    """The documents, each an element `name`, in a root of the plural, in RSX's namespace."""
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}s xmlns="{NAMESPACE}">\n']
    for document in documents:
        parts.append(f"<{name}>")
        _add_xml(document, parts)
        parts.append(f"</{name}>\n")
    parts.append(f"</{name}s>\n")
    return "".join(parts).encode()


def _add_xml(tree: Tree, parts: list[str]) -> None:
    for name, value in tree.items():
        for each in value if isinstance(value, list) else [value]:
            parts.append(f"<{name}>")
            if isinstance(each, dict):
                _add_xml(each, parts)
            elif isinstance(each, bool):
                parts.append("true" if each else "false")
            else:
                # A parser would turn a carriage return into a line feed.
                parts.append(escape(_text(each), {"\r": "&#13;"}))
            parts.append(f"</{name}>")


# Reading.


def read_any(source: Source, report: Report) -> Iterator[Raw]:
    """The documents in `source`, in whichever notation it begins with; what is wrong beside them goes to `report`."""
    begin = source.head.lstrip(b" \t\r\n\x00")[:2]
    wide = source.head.startswith(xml.WIDE_MARKS) and b"<" in source.head[:8]
    if begin.startswith(b"<") or wide:
        yield from read_xml(source, report)
    elif begin.startswith((b"{", b"[")):
        yield from read_json(source, report)
    elif begin:
        report.add(
            "the file is neither JSON nor XML",
            "not_rsx",
            remedy="Check that it is an RSX file, complete from its first byte.",
            line=1,
            value=shown(source.head[:40].decode("utf-8", "replace")),
        )
    else:
        report.add("the file is empty", "empty")


WRAPPERS = frozenset({"LineItems"})
"""Elements that older versions put around repeated ones."""


def read_xml(source: Source, report: Report) -> Iterator[Raw]:
    """The documents in an XML file, whatever their namespace, with or without a root of the plural around them."""
    found = False
    for fragment in xml.fragments(source, DOCUMENTS, report):
        found = True
        value = None if fragment.element is None else _from_element(fragment.element)
        yield Raw(fragment.line, fragment.name, value, fragment.problem)
    if not found and not report:
        names = ", ".join(DOCUMENTS)
        report.add(f"the XML holds none of {names}", "not_rsx", remedy="Check that it is an RSX file.")


def _from_element(element: xml.Element) -> Any:
    if not len(element):
        return element.text or ""
    tree: Tree = {}
    for child in element:
        name = xml.local_name(child)
        if name in WRAPPERS:
            tree.setdefault(name.removesuffix("s"), []).extend(map(_from_element, child))
        else:
            tree.setdefault(name, []).append(_from_element(child))
    return tree


START = re.compile(r'\{\s*"(?:Meta|Header)"\s*:')
"""How a document begins. Inside a document or a text this cannot stand."""
BLANK = re.compile(r"[\s\x00]*")
NEAR_END = 32
"""A syntax error this near to the end of the window may be a value that goes on behind it."""
TAIL = 64
NOT_UTF_8 = re.compile("[\ud800-\udfff]")
"""What bytes become that are not UTF-8."""


def read_json(source: Source, report: Report) -> Iterator[Raw]:
    """The documents of a JSON file: one, or an array of them, read one by one."""
    return _JsonReader(source, report).documents()


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON value")


class _JsonReader:
    """A window on the file as text. Bytes that are not UTF-8 become lone surrogates, which documents may not hold."""

    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.bytes = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.text = self.bytes.decode(source.head)
        self.at = self.counted = 0
        self.line = 1
        self.broken = 0
        self.ended = False

    def _more(self) -> bool:
        if self.ended:
            return False
        self._count_lines()
        chunk = self.source.more(len(self.text) - self.at)
        self.ended = not chunk
        self.text = self.text[self.at :] + self.bytes.decode(chunk, final=self.ended)
        self.at = self.counted = 0
        return True

    def _count_lines(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _next(self) -> str:
        """Pass over blanks; give the next character, or an empty text at the end."""
        while True:
            self.at = BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def documents(self) -> Iterator[Raw]:
        in_array = self._next() == "["
        self.at += in_array
        closed = False
        while (character := self._next()) and not closed and self.broken <= MAX_BROKEN:
            if in_array and character in ",]":
                self.at += 1
                closed = character == "]"
            else:
                yield from self._document()
        if self.broken > MAX_BROKEN:
            self.report.add(
                "too many documents are broken: the rest of the file is not read", "not_well_formed"
            )
        elif in_array and not closed:
            self.report.add(
                "the array of documents does not end: the file is not whole",
                "file_truncated",
                remedy="Ask the sender to send the whole file again.",
                line=self._count_lines(),
            )
        elif in_array and character:
            self.report.add(
                "something stands after the array of documents", "unknown_content", line=self._count_lines()
            )

    def _document(self) -> Iterator[Raw]:
        line = self._count_lines()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                torn = error.pos >= len(self.text) - NEAR_END or error.msg.startswith("Unterminated string")
                if torn and len(self.text) - self.at <= MAX_DOCUMENT and self._more():
                    continue
                reason = f"{error.msg} (line {line + self.text.count(chr(10), self.at, error.pos)})"
            except RecursionError:
                reason = "nested too deeply"
            except (ValueError, ArithmeticError):
                reason = "a number that is none, or too long"
            else:
                text = self.text[self.at : end]
                self.at = end
                yield from _unwrapped(value, text, line)
                return
            self.broken += 1
            yield Raw(line, "", None, _broken(f"the JSON is not well-formed: {reason}", line))
            self._find_next()
            return

    def _find_next(self) -> None:
        """Give up this document: go on where another one begins."""
        self.at += 1
        while True:
            found = START.search(self.text, self.at)
            if found:
                self.at = found.start()
                return
            self.at = max(self.at, len(self.text) - TAIL)
            if not self._more():
                # What closes the array may still be there.
                self.at = (
                    len(self.text.rstrip().removesuffix("]"))
                    if self.text.rstrip().endswith("]")
                    else len(self.text)
                )
                return


def _unwrapped(value: Any, text: str, line: int) -> Iterator[Raw]:
    """The document, or those inside of it if somebody put a root around: {"Invoices": {"Invoice": [...]}}."""
    if not text.isascii() and NOT_UTF_8.search(text):
        yield Raw(line, "", None, _broken("the document is not text in UTF-8", line, "invalid_encoding"))
        return
    names = [*DOCUMENTS, *(f"{name}s" for name in DOCUMENTS)]
    if isinstance(value, dict) and len(value) == 1 and (root := next(iter(value))) in names:
        type_ = root if root in DOCUMENTS else root[:-1]
        inner = value[root]
        inner = inner.get(type_, inner) if isinstance(inner, dict) else inner
        for each in _listed(inner):
            yield Raw(line, type_, each)
    else:
        yield Raw(line, "", _without_wrappers(value))


def _listed(value: Any) -> Iterable[Any]:
    return [_without_wrappers(each) for each in (value if isinstance(value, list) else [value])]


def _without_wrappers(value: Any) -> Any:
    """`value`, with {"LineItems": {"LineItem": [...]}} as {"LineItem": [...]}."""
    if isinstance(value, dict):
        for wrapper in WRAPPERS & value.keys():
            inner = value.pop(wrapper)
            value.setdefault(wrapper[:-1], inner.get(wrapper[:-1], []) if isinstance(inner, dict) else inner)
    return value


def _broken(message: str, line: int, rule: str = "not_well_formed") -> Problem:
    return Problem(message=message, rule=rule, remedy="Ask the sender to correct it.", line=line)
