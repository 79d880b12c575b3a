"""The support's pages about deliveries and arrivals; docs/support.md shows how they are used."""

from audit.admin import arrivals, deliveries, records, reports

__all__ = ["arrivals", "deliveries", "records", "reports"]
