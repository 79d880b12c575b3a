"""A trading partner's deviations from the standard, as data: what the mapping editor stores, never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mappings.codecs.edifact.characters import FROM_VERSION_4
from mappings.codecs.edifact.codes import Codes, standard_codes
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.envelope import Envelope

OF_SYNTAX = {"CONTRL": "D:3:UN"}
"""Versions of messages that belong to the syntax, not to a directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """The deviations of one partner. Made from plain data, as `Overlay(**data)`; an empty text changes nothing.

    `versions` are message identifiers by type: {"INVOIC": "D:96A:UN:EAN008"}. `syntax` is the character set that we
    write, `received_as` the one that the partner means, whatever UNB says. The conventions are those of `Dialect`.
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
