"""The support's pages about trading partners and mappings; docs/support.md shows how they are used."""

from mappings.admin import partners, tables

__all__ = ["partners", "tables"]
