"""What is wrong with a partner's deviations, asked before they are saved. Every problem names its setting."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from mappings.canonical import Document
from mappings.codecs.report import Problem
from mappings.codecs.rules import paths
from mappings.codecs.rules.edits import described, loop_index
from mappings.codecs.rules.places import Place, parse
from mappings.codecs.tables import Item, Loop, Message, Segment, tags_of

CODE = re.compile(r"[A-Z0-9]{0,6}")
EXTRA = frozenset({"segment", "elements"})
A_PLACE = "must be an element such as BIG08 or REF[DP]03, or a segment such as REF[DP]"

Check = Callable[[str, Any], Iterator[Problem]]


def problem(setting: str, text: str, value: object = "") -> Problem:
    """A problem with `setting`; an empty one is the whole."""
    shown = f"{setting}: {text}" if setting else text
    return Problem(message=shown, rule="overlay", value=str(value) if value != "" else "")


def check_overlay(data: Any, known: Collection[str], checks: Mapping[str, Check]) -> list[Problem]:
    """What is wrong with `data`: it must be an object of `known` settings that pass their `checks`."""
    if not isinstance(data, dict):
        return [problem("", "the settings must be an object")]
    found = [problem(str(name), "there is no such setting") for name in data if name not in known]
    for name, check in checks.items():
        if name in data:
            found += check(name, data[name])
    return found


def check_text(pattern: str, expected: str) -> Check:
    """A check for texts that match `pattern`."""

    def check(name: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield problem(name, f"must be {expected}", value)

    return check


def check_flag(name: str, value: Any) -> Iterator[Problem]:
    """A check for true or false."""
    if not isinstance(value, bool):
        yield problem(name, "must be true or false", value)


def check_messages(name: str, value: Any) -> Iterator[Problem]:
    """A check for rules by message; each message is looked at by a `RuleChecker`."""
    if not isinstance(value, dict):
        yield problem(name, "must be an object of messages by type")


def check_marks(names: tuple[str, ...]) -> Check:
    """A check for separators by their `names`; `line_end` may be two characters."""

    def check(name: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield problem(name, "must be an object")
            return
        for key, character in value.items():
            if key not in names:
                yield problem(f"{name}.{key}", f"must be one of {', '.join(names)}")
            elif not isinstance(character, str) or len(character) > (2 if key == "line_end" else 1):
                yield problem(f"{name}.{key}", "must be one character", character)

    return check


def check_codes(vocabularies: Collection[str]) -> Check:
    """A check for codes by word, in lists called as `vocabularies`."""

    def check(name: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield problem(name, "must be an object of code lists")
            return
        for vocabulary, words in value.items():
            path = f"{name}.{vocabulary}"
            if vocabulary not in vocabularies:
                yield problem(path, f"must be one of {', '.join(sorted(vocabularies))}")
            elif not isinstance(words, dict):
                yield problem(path, "must be an object of codes by word")
            else:
                yield from _bad_codes(path, words)

    return check


def _bad_codes(path: str, words: Mapping[str, Any]) -> Iterator[Problem]:
    for word, code in words.items():
        if not isinstance(code, str) or not CODE.fullmatch(code):
            yield problem(f"{path}.{word}", "must be a code of capitals and digits", code)


class RuleChecker:
    """Checks the rules for one message against its tables and its document."""

    def __init__(
        self, document: type[Document], message: Message, segments: Mapping[str, Segment], path: str
    ) -> None:
        self.document = document
        self.message = message
        self.tags = tags_of(message.items)
        self.frame = (message.items[0].tag, message.items[-1].tag)
        self.segments = segments
        self.path = path

    def problems(self, rules: Any) -> Iterator[Problem]:
        """Everything that is wrong with `rules`."""
        if not isinstance(rules, dict):
            yield problem(self.path, "must be an object")
            return
        for name, value in rules.items():
            check = getattr(self, f"_check_{name}", None)
            if check is None:
                yield problem(f"{self.path}.{name}", "there is no such rule")
            else:
                yield from check(f"{self.path}.{name}", value)

    def _check_set(self, path: str, value: Any) -> Iterator[Problem]:
        for place, text in _pairs(value):
            yield from self._element(f"{path}.{place}", place)
            yield from self._text(f"{path}.{place}", text)
        yield from _must_be(path, value, dict, "an object of texts by element")

    def _check_require(self, path: str, value: Any) -> Iterator[Problem]:
        for place, name in _pairs(value):
            yield from self._place(f"{path}.{place}", place)
            yield from _must_be(f"{path}.{place}", name, str, "the name of what is required")
        yield from _must_be(path, value, dict, "an object of names by element or segment")

    def _check_allow(self, path: str, value: Any) -> Iterator[Problem]:
        for place, codes in _pairs(value):
            yield from self._element(f"{path}.{place}", place)
            if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
                yield problem(f"{path}.{place}", "must be a list of codes", codes)
        yield from _must_be(path, value, dict, "an object of code lists by element")

    def _check_truncate(self, path: str, value: Any) -> Iterator[Problem]:
        for text in _listed(value):
            wrong = list(self._element(f"{path}.{text}", text))
            yield from wrong
            place = parse(text)
            if place and not wrong and not self._has_length(place):
                yield problem(f"{path}.{text}", "has no length to be cut to")
        yield from _must_be(path, value, list, "a list of elements")

    def _has_length(self, place: Place) -> bool:
        table = self.segments.get(place.tag)
        return bool(table and table.elements and described(self.segments, place).max)

    def _check_suppress(self, path: str, value: Any) -> Iterator[Problem]:
        for place in _listed(value):
            yield from self._segment(f"{path}.{place}", place)
        yield from _must_be(path, value, list, "a list of segments")

    def _check_read(self, path: str, value: Any) -> Iterator[Problem]:
        for place, target in _pairs(value):
            yield from self._element(f"{path}.{place}", place)
            if not paths.can_put(self.document, target):
                text = "must be a text field of the document, or references.<kind>"
                yield problem(f"{path}.{place}", text, target)
        yield from _must_be(path, value, dict, "an object of fields by element")

    def _check_add(self, path: str, value: Any) -> Iterator[Problem]:
        yield from _must_be(path, value, list, "a list of segments")
        for index, extra in enumerate(_listed(value)):
            yield from self._extra(f"{path}[{index}]", extra)

    def _extra(self, path: str, extra: Any) -> Iterator[Problem]:
        if not isinstance(extra, dict) or not set(extra) >= EXTRA or set(extra) - EXTRA - {"in"}:
            yield problem(path, "must say segment, elements and, if in a loop, in")
            return
        tag, loop = extra["segment"], extra.get("in")
        items = self.message.items if loop is None else self._inside(loop)
        if items is None:
            yield problem(f"{path}.in", "is no loop of the message", loop)
            return
        if not isinstance(tag, str) or tag in self.frame or tag not in {item.tag for item in items}:
            where = f"in loop {loop}" if loop else "outside of loops"
            yield problem(f"{path}.segment", f"has no place {where}", tag)
            return
        yield from self._elements(f"{path}.elements", self.segments.get(tag), extra["elements"])

    def _inside(self, loop: Any) -> tuple[Item, ...] | None:
        """What stands in a loop after the segment that starts it; None if it is none."""
        place = parse(loop)
        try:
            item = self.message.items[loop_index(self.message, place.tag)] if place else None
        except KeyError:
            return None
        return item.items[1:] if isinstance(item, Loop) else None

    def _elements(self, path: str, table: Segment | None, elements: Any) -> Iterator[Problem]:
        yield from _must_be(path, elements, list, "a list of texts")
        known = table.elements if table else ()
        if table and known and isinstance(elements, list) and len(elements) > len(known):
            yield problem(path, f"{table.tag} has only {len(known)} elements")
            return
        for index, text in enumerate(_listed(elements)):
            here = f"{path}[{index}]"
            count = len(known[index].components) if known else 0
            if not isinstance(text, list):
                yield from self._text(here, text)
            elif known and len(text) > count:
                yield problem(here, f"has {count} components" if count else "has no components")
            else:
                for number, one in enumerate(text):
                    yield from self._text(f"{here}[{number}]", one)

    def _place(self, path: str, text: Any) -> Iterator[Problem]:
        place = parse(text)
        if place is None:
            yield problem(path, A_PLACE)
        elif place.tag not in self.tags:
            yield problem(path, f"the message has no segment {place.tag}")
        elif place.element is not None:
            yield from self._numbers(path, place.tag, place.element, place.component)

    def _numbers(self, path: str, tag: str, element: int, component: int | None) -> Iterator[Problem]:
        known = self.segments[tag].elements if tag in self.segments else ()
        name = f"{tag}{element:02d}"
        if element == 0 or (known and element > len(known)):
            yield problem(path, f"the segment {tag} has no element {element:02d}")
            return
        count = len(known[element - 1].components) if known else component or 0
        if component is not None and not 0 < component <= count:
            yield problem(path, f"the element {name} has no component {component}")
        elif count and component is None:
            yield problem(path, f"the element {name} has components: name one, such as {name}-1")

    def _element(self, path: str, text: Any) -> Iterator[Problem]:
        yield from self._place(path, text)
        place = parse(text)
        if place and place.element is None:
            yield problem(path, "must name an element, such as BIG08")

    def _segment(self, path: str, text: Any) -> Iterator[Problem]:
        yield from self._place(path, text)
        place = parse(text)
        if place and (place.element is not None or place.tag in self.frame):
            yield problem(path, "must name a segment, such as PID or REF[DP]")

    def _text(self, path: str, text: Any) -> Iterator[Problem]:
        if not isinstance(text, str):
            yield problem(path, "must be a text", text)
            return
        for inner in paths.in_braces(text):
            if not paths.leads_somewhere(self.document, inner):
                yield problem(path, f"the document has no field {inner!r}")


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _must_be(path: str, value: Any, expected: type, words: str) -> Iterator[Problem]:
    if not isinstance(value, expected):
        yield problem(path, f"must be {words}", value)
