"""What the bridges need to know of a partner: the directory, the codes, and a few conventions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from mappings.codecs.codes import ToCode, ToWord
from mappings.codecs.edifact.codes import Codes, standard_codes
from mappings.codecs.edifact.values import write_decimal

MOST_SEEN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A directory of EDIFACT as one partner uses it.

    `later` is whether the tables of D.01B apply, else those of D.96A. `currency` is meant where a message states none.
    With `negative_credits` a credit note has negative quantities and amounts, else it has positive ones; `sign` is -1
    in such a credit note. With `bare_line_amounts` the amount of a line (MOA+203) is before its own allowances and
    charges; the standard's is after them.
    """

    later: bool = False
    codes: Codes = field(default_factory=standard_codes)
    currency: str = "EUR"
    decimal_mark: str = "."
    negative_credits: bool = False
    bare_line_amounts: bool = False
    sign: int = 1
    seen: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    """What segments were read as that come again and again in a file: taxes of lines, parties. Up to `MOST_SEEN`."""
    code: dict[str, ToCode] = field(init=False, compare=False, repr=False)
    """For each vocabulary: word to code."""
    word: dict[str, ToWord] = field(init=False, compare=False, repr=False)
    """For each vocabulary: code to word."""

    def __post_init__(self) -> None:
        # Asked for with nearly every segment, and found faster here than by a property.
        object.__setattr__(self, "code", self.codes.to_code)
        object.__setattr__(self, "word", self.codes.to_word)

    def for_kind(self, kind: str) -> Dialect:
        """This dialect for an invoice of `kind`."""
        return replace(self, sign=-1, seen={}) if kind == "credit_note" and self.negative_credits else self

    def remember(self, key: tuple[str, ...], value: Any) -> None:
        """Keep `value` in `seen`, if there is room."""
        if len(self.seen) < MOST_SEEN:
            self.seen[key] = value

    def number(self, value: Decimal | None) -> str:
        """`value` with the decimal mark of the interchange, or nothing."""
        return "" if value is None else write_decimal(value, self.decimal_mark)
