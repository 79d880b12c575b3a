"""The support's pages about trading partners and mappings; docs/support.md shows how they are used."""

from mappings.admin import layouts, partners, tables

__all__ = ["layouts", "partners", "tables"]
