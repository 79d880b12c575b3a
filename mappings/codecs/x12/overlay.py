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

The rules for `messages` are those of `mappings.codecs.rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from mappings.codecs.report import Problem
from mappings.codecs.rules import (
    Check,
    RuleChecker,
    Target,
    check_codes,
    check_flag,
    check_marks,
    check_messages,
    check_overlay,
    check_text,
    problem,
)
from mappings.codecs.x12.bridge.parts import text
from mappings.codecs.x12.bridge.registry import BRIDGES
from mappings.codecs.x12.codes import VOCABULARIES, Codes, standard_codes
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.envelope import FIRST_LONG_DATE_VERSION, Delimiters, Envelope, is_later
from mappings.codecs.x12.tables import message_table, segment_tables
from mappings.codecs.x12.values import SHORT_DATES, VALUES, write_decimal

LINES = {"810": "IT1", "820": "RMR", "850": "PO1", "855": "PO1"}
"""Which segment starts a line of the document."""


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
        found = check_overlay(data, {each.name for each in fields(cls)}, CHECKS)
        if isinstance(data, dict) and isinstance(messages := data.get("messages", {}), dict):
            later = is_later(str(data.get("version") or "004010"))
            for type_, rules in messages.items():
                found += _message_problems(type_, rules, later=later)
        return found

    def target(self, type_: str, *, later: bool) -> Target:
        """The message that rules for `type_` are put into effect on."""
        return Target(
            message=message_table(type_, later=later),
            segments=segment_tables(later=later),
            starts_line=lambda row: row[0] == LINES.get(type_),
            text=text,
            number=write_decimal,
        )


CHECKS: dict[str, Check] = {
    "version": check_text(r"|00[3-8]0[1-9]0[A-Z0-9]{0,6}", "an X12 version such as 004010"),
    "interchange_version": check_text(r"|00[2-8]\d\d", "an interchange version such as 00401"),
    "sender_qualifier": check_text(r"|[A-Z0-9]{2}", "two characters such as ZZ"),
    "receiver_qualifier": check_text(r"|[A-Z0-9]{2}", "two characters such as ZZ"),
    "character_set": check_text(r"|basic|extended|latin-1|utf-8", "basic, extended, latin-1 or utf-8"),
    "on_bad_character": check_text(r"|replace|refuse", "replace or refuse"),
    "currency": check_text(r"[A-Z]{3}", "an ISO 4217 code such as USD"),
    "tax_in_percent": check_flag,
    "negative_credits": check_flag,
    "delimiters": check_marks(Delimiters._fields),
    "codes": check_codes(VOCABULARIES),
    "messages": check_messages,
}


def _message_problems(type_: str, rules: Any, *, later: bool) -> Iterator[Problem]:
    path = f"messages.{type_}"
    if type_ not in BRIDGES:
        yield problem(path, f"must be one of {', '.join(BRIDGES)}")
        return
    table, segments = message_table(type_, later=later), segment_tables(later=later)
    yield from RuleChecker(BRIDGES[type_].document, table, segments, path).problems(rules)
