"""What a person asked for on the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mappings.models import TradingPartner


class UsageError(Exception):
    """The command was called in a way that makes no sense; says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the formats need to know beside the file. Control numbers are the first ones; further ones follow.

    `partner` is the one that is read from or written to. `layout` names a layout of ours or a file with one, and
    `values` are what its columns take from outside. `at` goes into envelopes.
    """

    at: dt.datetime
    partner: TradingPartner | None = None
    control_number: int = 1
    group_control_number: int = 1
    is_test: bool = False
    form: Literal["997", "999"] = "997"
    with_ta1: bool = False
    layout: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, object]:
        """The partner's deviations."""
        return dict(self.partner.overlay) if self.partner else {}

    def the_partner(self) -> TradingPartner:
        """The partner, where nothing can be written without one."""
        if self.partner is None:
            raise UsageError("Say to whom: --partner FILE.yaml, with sender_id and receiver_id in it.")
        return self.partner

    def addressed(self, *names: str) -> TradingPartner:
        """The partner, if it has all the ids that an envelope needs; `names` are its fields."""
        partner = self.the_partner()
        if missing := [name for name in names if not getattr(partner, name)]:
            raise UsageError(f"The partner lacks {' and '.join(missing)}.")
        return partner
