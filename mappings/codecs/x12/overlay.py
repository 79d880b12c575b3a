"""A trading partner's deviations from the standard, as data: what the mapping editor stores, never code.

    {
      "version": "004010", "delimiters": {"element": "|", "line_end": "\\n"},
      "codes": {"reference": {"gl_account": "11"}, "invoice_kind": {"invoice": "DI"}},
      "tax_in_percent": true, "negative_credits": true,
      "messages": {"810": {
        "set": {"BIG08": "00", "IT105": "PE", "REF[DP]03": "{parties.ship_to.name}"},
        "add": [{"segment": "REF", "elements": ["CR", "{origin.id}"]},
                {"segment": "REF", "elements": ["ZZ", "{line.references.gl_segment}"], "in": "IT1"}],
        "suppress": ["PID", "N1[RE]"],
        "require": {"BIG04": "PO number", "REF[IA]": "vendor number"},
        "allow": {"IT103": ["EA", "CA"]},
        "truncate": ["N102", "PID05"],
        "read": {"BIG05": "references.department"}
      }}
    }

`BIG08` is an element, `REF[DP]03` one of the segments with DP in its first element. A text may hold the content of the
document in braces: a path of fields, where references, parties, dates and identifiers go by their kind; in a line's
loop, `line.` begins at the line. What is empty changes nothing, and adds no segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from mappings.codecs.report import Problem
from mappings.codecs.tables import Loop, Segment, tags_of
from mappings.codecs.x12 import paths
from mappings.codecs.x12.bridge.registry import BRIDGES
from mappings.codecs.x12.codes import VOCABULARIES, Codes, standard_codes
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.envelope import FIRST_LONG_DATE_VERSION, Delimiters, Envelope, is_later
from mappings.codecs.x12.tables import message_table, segment_tables
from mappings.codecs.x12.values import SHORT_DATES, VALUES

PLACE = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[(?P<code>[A-Z0-9]{1,4})\])?(?P<position>\d\d)?")
"""An element (BIG08, REF[DP]03) or a segment (PID, REF[DP])."""

CODE = re.compile(r"[A-Z0-9]{0,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """The deviations of one partner. Made from plain data, as `Overlay(**data)`; see the module for its form.

    An empty text stands for "as the envelope says". `problems` names what is wrong with it, before it is used.
    """

    version: str = ""
    interchange_version: str = ""
    sender_qualifier: str = ""
    receiver_qualifier: str = ""
    delimiters: Mapping[str, str] = field(default_factory=dict)
    character_set: Literal["", "basic", "extended", "latin-1", "utf-8"] = ""
    on_bad_character: Literal["", "replace", "refuse"] = ""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str = "USD"
    tax_in_percent: bool = False
    negative_credits: bool = False
    messages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def dialect(self, version: str) -> Dialect:
        """What the bridges need for messages of `version` (GS08)."""
        return Dialect(
            later=is_later(version),
            values=VALUES if version >= FIRST_LONG_DATE_VERSION else SHORT_DATES,
            codes=Codes(self.codes) if self.codes else standard_codes(),
            currency=self.currency,
            tax_in_percent=self.tax_in_percent,
            negative_credits=self.negative_credits,
        )

    def envelope(self, envelope: Envelope) -> Envelope:
        """`envelope` with what this partner wants otherwise."""
        changes: dict[str, Any] = {
            name: value
            for name in ("version", "interchange_version", "character_set", "on_bad_character")
            if (value := getattr(self, name))
        }
        if self.delimiters:
            changes["delimiters"] = envelope.delimiters._replace(**self.delimiters)
        if self.sender_qualifier:
            changes["sender"] = replace(envelope.sender, qualifier=self.sender_qualifier)
        if self.receiver_qualifier:
            changes["receiver"] = replace(envelope.receiver, qualifier=self.receiver_qualifier)
        return replace(envelope, **changes) if changes else envelope

    @classmethod
    def problems(cls, data: Any) -> list[Problem]:
        """Everything that is wrong with `data` as an overlay, in words; to be asked before it is saved."""
        if not isinstance(data, dict):
            return [_problem("", "the settings must be an object")]
        known = {each.name for each in fields(cls)}
        found = [_problem(str(name), "there is no such setting") for name in data if name not in known]
        for name, check in _CHECKS.items():
            if name in data:
                found += check(name, data[name])
        later = is_later(str(data.get("version") or "004010"))
        messages = data.get("messages", {})
        if isinstance(messages, dict):
            for type_, rules in messages.items():
                found += _message_problems(type_, rules, later=later)
        else:
            found.append(_problem("messages", "must be an object of messages by type"))
        return found


def _problem(setting: str, text: str, value: object = "") -> Problem:
    shown = f"{setting}: {text}" if setting else text
    return Problem(message=shown, rule="overlay", value=str(value) if value != "" else "")


def _text(pattern: str, expected: str) -> Any:
    def check(name: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield _problem(name, f"must be {expected}", value)

    return check


def _flag(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield _problem(name, "must be true or false", value)


def _delimiters(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _problem(name, "must be an object")
        return
    for key, character in value.items():
        if key not in Delimiters._fields:
            yield _problem(f"{name}.{key}", f"must be one of {', '.join(Delimiters._fields)}")
        elif not isinstance(character, str) or len(character) > (2 if key == "line_end" else 1):
            yield _problem(f"{name}.{key}", "must be one character", character)


def _codes(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _problem(name, "must be an object of code lists")
        return
    for vocabulary, words in value.items():
        path = f"{name}.{vocabulary}"
        if vocabulary not in VOCABULARIES:
            yield _problem(path, f"must be one of {', '.join(sorted(VOCABULARIES))}")
        elif not isinstance(words, dict):
            yield _problem(path, "must be an object of codes by word")
        else:
            for word, code in words.items():
                if not isinstance(code, str) or not CODE.fullmatch(code):
                    yield _problem(f"{path}.{word}", "must be a code of capitals and digits", code)


_CHECKS: dict[str, Any] = {
    "version": _text(r"|00[3-8]0[1-9]0[A-Z0-9]{0,6}", "an X12 version such as 004010"),
    "interchange_version": _text(r"|00[2-8]\d\d", "an interchange version such as 00401"),
    "sender_qualifier": _text(r"|[A-Z0-9]{2}", "two characters such as ZZ"),
    "receiver_qualifier": _text(r"|[A-Z0-9]{2}", "two characters such as ZZ"),
    "character_set": _text(r"|basic|extended|latin-1|utf-8", "basic, extended, latin-1 or utf-8"),
    "on_bad_character": _text(r"|replace|refuse", "replace or refuse"),
    "currency": _text(r"[A-Z]{3}", "an ISO 4217 code such as USD"),
    "tax_in_percent": _flag,
    "negative_credits": _flag,
    "delimiters": _delimiters,
    "codes": _codes,
}


# The rules of one message.


def _message_problems(type_: str, rules: Any, *, later: bool) -> Iterator[Problem]:
    path = f"messages.{type_}"
    if type_ not in BRIDGES:
        yield _problem(path, f"must be one of {', '.join(BRIDGES)}")
        return
    if not isinstance(rules, dict):
        yield _problem(path, "must be an object")
        return
    checker = _RuleChecker(type_, later=later)
    for name, value in rules.items():
        check = getattr(checker, f"check_{name}", None)
        if check is None:
            yield _problem(f"{path}.{name}", "there is no such rule")
        else:
            yield from check(f"{path}.{name}", value)


class _RuleChecker:
    """Checks the rules for one message against its table and its document."""

    def __init__(self, type_: str, *, later: bool) -> None:
        self.document = BRIDGES[type_].document
        self.items = message_table(type_, later=later).items
        self.tags = tags_of(self.items)
        self.segments = segment_tables(later=later)

    def check_set(self, path: str, value: Any) -> Iterator[Problem]:
        for place, text in _pairs(value):
            yield from self._element(f"{path}.{place}", place)
            yield from self._text(f"{path}.{place}", text)
        yield from _must_be(path, value, dict, "an object of texts by element")

    def check_require(self, path: str, value: Any) -> Iterator[Problem]:
        for place, name in _pairs(value):
            yield from self._place(f"{path}.{place}", place)
            yield from _must_be(f"{path}.{place}", name, str, "the name of what is required")
        yield from _must_be(path, value, dict, "an object of names by element or segment")

    def check_allow(self, path: str, value: Any) -> Iterator[Problem]:
        for place, codes in _pairs(value):
            yield from self._element(f"{path}.{place}", place)
            yield from _must_be(f"{path}.{place}", codes, list, "a list of codes")
        yield from _must_be(path, value, dict, "an object of code lists by element")

    def check_truncate(self, path: str, value: Any) -> Iterator[Problem]:
        for place in value if isinstance(value, list) else []:
            yield from self._element(f"{path}.{place}", place)
        yield from _must_be(path, value, list, "a list of elements")

    def check_suppress(self, path: str, value: Any) -> Iterator[Problem]:
        for place in value if isinstance(value, list) else []:
            yield from self._segment(f"{path}.{place}", place)
        yield from _must_be(path, value, list, "a list of segments")

    def check_read(self, path: str, value: Any) -> Iterator[Problem]:
        for place, target in _pairs(value):
            yield from self._element(f"{path}.{place}", place)
            if not paths.can_put(self.document, target):
                yield _problem(
                    f"{path}.{place}", "must be a text field of the document, or references.<kind>", target
                )
        yield from _must_be(path, value, dict, "an object of fields by element")

    def check_add(self, path: str, value: Any) -> Iterator[Problem]:
        yield from _must_be(path, value, list, "a list of segments")
        for index, extra in enumerate(value if isinstance(value, list) else []):
            yield from self._extra(f"{path}[{index}]", extra)

    def _extra(self, path: str, extra: Any) -> Iterator[Problem]:
        if not isinstance(extra, dict) or not {"segment", "elements"} <= set(extra) <= {
            "segment",
            "elements",
            "in",
        }:
            yield _problem(path, "must say segment, elements and, if in a loop, in")
            return
        items = self.items
        loop = extra.get("in")
        if loop is not None:
            match = PLACE.fullmatch(str(loop))
            found = [item for item in items if isinstance(item, Loop) and match and item.tag == match["tag"]]
            if not found:
                yield _problem(f"{path}.in", "is no loop of the message", loop)
                return
            items = found[0].items
        if extra["segment"] not in {item.tag for item in items}:
            where = f"in loop {loop}" if loop else "outside of loops"
            yield _problem(f"{path}.segment", f"has no place {where}", extra["segment"])
        elements = extra["elements"]
        yield from _must_be(f"{path}.elements", elements, list, "a list of texts")
        table = self.segments.get(str(extra["segment"]), Segment(tag=""))
        if table.elements and isinstance(elements, list) and len(elements) > len(table.elements):
            yield _problem(f"{path}.elements", f"{table.tag} has only {len(table.elements)} elements")
        for position, text in enumerate(elements if isinstance(elements, list) else [], 1):
            yield from self._text(f"{path}.elements[{position - 1}]", text)

    def _place(self, path: str, place: Any) -> Iterator[Problem]:
        match = PLACE.fullmatch(place) if isinstance(place, str) else None
        if match is None:
            yield _problem(
                path, "must be an element such as BIG08 or REF[DP]03, or a segment such as REF[DP]"
            )
        elif match["tag"] not in self.tags:
            yield _problem(path, f"the message has no segment {match['tag']}")
        elif match["position"]:
            table = self.segments.get(match["tag"])
            position = int(match["position"])
            if position == 0 or (table and table.elements and position > len(table.elements)):
                yield _problem(path, f"the segment {match['tag']} has no element {match['position']}")

    def _element(self, path: str, place: Any) -> Iterator[Problem]:
        yield from self._place(path, place)
        match = PLACE.fullmatch(place) if isinstance(place, str) else None
        if match and not match["position"]:
            yield _problem(path, "must name an element, such as BIG08")

    def _segment(self, path: str, place: Any) -> Iterator[Problem]:
        yield from self._place(path, place)
        match = PLACE.fullmatch(place) if isinstance(place, str) else None
        if match and (match["position"] or match["tag"] in ("ST", "SE")):
            yield _problem(path, "must name a segment, such as PID or REF[DP]")

    def _text(self, path: str, text: Any) -> Iterator[Problem]:
        if not isinstance(text, str):
            yield _problem(path, "must be a text", text)
            return
        for inner in paths.in_braces(text):
            if not paths.leads_somewhere(self.document, inner):
                yield _problem(path, f"the document has no field {inner!r}")


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _must_be(path: str, value: Any, expected: type, words: str) -> Iterator[Problem]:
    if not isinstance(value, expected):
        yield _problem(path, f"must be {words}", value)
