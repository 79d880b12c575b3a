"""What the bridges need to know of a partner: the version's tables, the codes, and a few conventions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from mappings.codecs.codes import ToCode, ToWord
from mappings.codecs.x12.codes import Codes, standard_codes
from mappings.codecs.x12.values import VALUES, X12Values

MOST_SEEN = 1000


class Numbers(dict[str, Decimal | None]):
    """Text to number. Quantities, prices and rates come again and again: each is made once. Up to `MOST_SEEN`."""

    def __init__(self) -> None:
        super().__init__({"": None})

    def __missing__(self, text: str) -> Decimal:
        number = Decimal(text)
        if len(self) < MOST_SEEN:
            self[text] = number
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A version of X12 as one partner uses it.

    `later` is whether the tables from 005010 on apply, `values` what its data types are. `currency` is meant where a
    message states none. With `tax_in_percent` a rate of 7 % is written 7, else .07. With `negative_credits` a credit
    memo has negative quantities and totals, else it has positive ones.
    """

    later: bool = False
    values: X12Values = VALUES
    codes: Codes = field(default_factory=standard_codes)
    currency: str = "USD"
    tax_in_percent: bool = False
    negative_credits: bool = False
    sign: int = 1
    seen: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was read of segments that come again and again in a file: parties, terms. Up to `MOST_SEEN`."""
    numbers: Numbers = field(default_factory=Numbers, compare=False, repr=False)
    code: dict[str, ToCode] = field(init=False, compare=False, repr=False)
    """For each vocabulary: word to code."""
    word: dict[str, ToWord] = field(init=False, compare=False, repr=False)
    """For each vocabulary: code to word."""

    def __post_init__(self) -> None:
        # Asked for with nearly every segment, and found faster here than by a property.
        object.__setattr__(self, "code", self.codes.to_code)
        object.__setattr__(self, "word", self.codes.to_word)

    def for_kind(self, kind: str) -> Dialect:
        """This dialect for an invoice of `kind`: `sign` is -1 where quantities and amounts stand negative."""
        return replace(self, sign=-1, seen={}) if kind == "credit_note" and self.negative_credits else self

    def remember(self, key: str, value: Any) -> Any:
        """Keep `value` in `seen`, if there is room; gives it back."""
        if len(self.seen) < MOST_SEEN:
            self.seen[key] = value
        return value
