"""A trading partner's deviations from the standard, as data: what the mapping editor stores, never code.

    {
      "versions": {"INVOIC": "D:96A:UN:EAN008"}, "syntax": "UNOB", "separators": {"decimal": ","},
      "codes": {"reference": {"gl_account": "ABX"}, "party": {"remit_to": "RE"}},
      "negative_credits": true,
      "messages": {"INVOIC": {
        "set": {"BGM03": "9", "NAD[BY]04-1": "{parties.buyer.name}"},
        "add": [{"segment": "RFF", "elements": [["API", "{origin.id}"]]},
                {"segment": "RFF", "elements": [["LI", "{line.number}"]], "in": "LIN"}],
        "suppress": ["IMD", "NAD[SU]"],
        "require": {"RFF[ON]": "order number", "LIN03-1": "GTIN"},
        "allow": {"QTY01-3": ["PCE", "KGM"]},
        "truncate": ["IMD03-4"],
        "read": {"RFF[DQ]01-2": "references.delivery_note"}
      }}
    }

The rules for `messages` are those of `mappings.codecs.rules`. Elements that have components are named with one of them;
in a segment that is added, they are a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Literal

from mappings.codecs.edifact.bridge.registry import BRIDGES
from mappings.codecs.edifact.bridge.rows import at, text
from mappings.codecs.edifact.characters import CHARACTER_SETS, FROM_VERSION_4
from mappings.codecs.edifact.codes import VOCABULARIES, Codes, standard_codes
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.envelope import MESSAGE_VERSION, Envelope, Separators, is_later
from mappings.codecs.edifact.tables import message_table, segment_tables
from mappings.codecs.edifact.values import write_decimal
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

LINES = {"INVOIC": "LIN", "ORDERS": "LIN", "ORDRSP": "LIN", "REMADV": "DOC"}
"""Which segment starts a line of the document."""
OF_SYNTAX = {"CONTRL": "D:3:UN"}
"""Versions of messages that belong to the syntax, not to a directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """The deviations of one partner. Made from plain data, as `Overlay(**data)`; an empty text changes nothing.

    `versions` are message identifiers by type: {"INVOIC": "D:96A:UN:EAN008"}. `syntax` is the character set that we
    write, `received_as` the one that the partner means, whatever UNB says. The conventions are those of `Dialect`.
    `problems` names what is wrong with it, before it is used.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    syntax: str = ""
    received_as: str = ""
    separators: Mapping[str, str] = field(default_factory=dict)
    sender_qualifier: str = ""
    receiver_qualifier: str = ""
    on_bad_character: Literal["", "replace", "refuse"] = ""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str = "EUR"
    negative_credits: bool = False
    bare_line_amounts: bool = False
    messages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def version(self, type_: str, usual: str) -> str:
        """The message identifier, after the type, of messages of `type_`."""
        return self.versions.get(type_) or OF_SYNTAX.get(type_) or usual

    def dialect(self, *, later: bool, decimal_mark: str = ".") -> Dialect:
        """What the bridges need for messages of D.96A (`later` False) or D.01B."""
        return Dialect(
            later=later,
            codes=Codes(self.codes) if self.codes else standard_codes(),
            currency=self.currency,
            decimal_mark=decimal_mark,
            negative_credits=self.negative_credits,
            bare_line_amounts=self.bare_line_amounts,
        )

    def envelope(self, envelope: Envelope) -> Envelope:
        """`envelope` with what this partner wants otherwise."""
        changes: dict[str, Any] = {}
        if self.syntax:
            changes["syntax"] = self.syntax
            if self.syntax in FROM_VERSION_4:
                changes["syntax_version"] = 4
        if self.on_bad_character:
            changes["on_bad_character"] = self.on_bad_character
        if self.separators:
            changes["separators"] = envelope.separators._replace(**self.separators)
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
            versions = data.get("versions", {})
            for type_, rules in messages.items():
                version = versions.get(type_, "") if isinstance(versions, dict) else ""
                found += _message_problems(type_, rules, str(version))
        return found

    def target(self, type_: str, *, later: bool, decimal_mark: str = ".") -> Target:
        """The message that rules for `type_` are put into effect on."""
        return Target(
            message=message_table(type_, later=later),
            segments=segment_tables(later=later),
            # A sub-line (LIN04) is of the line above.
            starts_line=lambda row: row[0] == LINES.get(type_) and not (row[0] == "LIN" and at(row, 4)),
            text=text,
            number=partial(write_decimal, mark=decimal_mark),
        )


def _versions(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield problem(name, "must be an object of versions by message")
        return
    for type_, version in value.items():
        if type_ not in BRIDGES:
            yield problem(f"{name}.{type_}", f"must be one of {', '.join(BRIDGES)}")
        elif not isinstance(version, str) or not MESSAGE_VERSION.fullmatch(version):
            yield problem(f"{name}.{type_}", "must be a version such as D:96A:UN or D:96A:UN:EAN008", version)


def _message_problems(type_: str, rules: Any, version: str) -> list[Problem]:
    """What is wrong with the rules for a message in `version`; without one they may be meant for either directory."""
    path = f"messages.{type_}"
    if type_ not in BRIDGES:
        return [problem(path, f"must be one of {', '.join(BRIDGES)}")]
    known = MESSAGE_VERSION.fullmatch(version)
    found: list[Problem] = []
    for later in (is_later(known[2]),) if known else (True, False):
        table, segments = message_table(type_, later=later), segment_tables(later=later)
        found = list(RuleChecker(BRIDGES[type_].document, table, segments, path).problems(rules))
        if not found:
            break
    return found


SETS = "|".join(CHARACTER_SETS)
CHECKS: dict[str, Check] = {
    "versions": _versions,
    "syntax": check_text(f"|{SETS}", f"one of {', '.join(CHARACTER_SETS)}"),
    "received_as": check_text(f"|{SETS}", f"one of {', '.join(CHARACTER_SETS)}"),
    "separators": check_marks(Separators._fields),
    "sender_qualifier": check_text(r"|[A-Z0-9]{1,4}", "one to four characters such as 14"),
    "receiver_qualifier": check_text(r"|[A-Z0-9]{1,4}", "one to four characters such as 14"),
    "on_bad_character": check_text(r"|replace|refuse", "replace or refuse"),
    "codes": check_codes(VOCABULARIES),
    "currency": check_text(r"[A-Z]{3}", "an ISO 4217 code such as EUR"),
    "negative_credits": check_flag,
    "bare_line_amounts": check_flag,
    "messages": check_messages,
}
