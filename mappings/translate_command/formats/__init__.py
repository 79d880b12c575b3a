"""The formats that the command knows, one row each: how they are read, shown, written and answered."""

from __future__ import annotations

from mappings.translate_command.formats import canonical, edifact, layouts, rsx, x12
from mappings.translate_command.formats.base import Format

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        x12.X12,
        edifact.EDIFACT,
        rsx.JSON,
        rsx.XML,
        layouts.CSV,
        layouts.XML,
        layouts.FIXED,
        canonical.JSON,
    )
}
