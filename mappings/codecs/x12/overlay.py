"""A trading partner's deviations from the standard, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from mappings.codecs.x12.codes import Codes
from mappings.codecs.x12.dialect import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Codes and conventions of one partner."""

    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    currency: str = "USD"
    tax_in_percent: bool = False
    negative_credits: bool = False

    def dialect(self, *, later: bool) -> Dialect:
        """What the bridges need, for messages before (`later` False) or from version 005010 on."""
        return Dialect(
            later=later,
            codes=Codes(self.codes),
            currency=self.currency,
            tax_in_percent=self.tax_in_percent,
            negative_credits=self.negative_credits,
        )
