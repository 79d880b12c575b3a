"""Which fields of which model the configuration file holds, under which keys. Import and export share it."""

from django.db import models

# The keys are the names of the fields; a field at its default is left out on export.
CONNECTION = ("name", "poll_seconds")
PARTNER = (
    "name",
    "sender_qualifier",
    "sender_id",
    "sender_group_id",
    "receiver_qualifier",
    "receiver_id",
    "receiver_group_id",
    "x12_version",
    "overlay",
    "edifact_sender_qualifier",
    "edifact_sender_id",
    "edifact_receiver_qualifier",
    "edifact_receiver_id",
    "edifact_version",
    "edifact_syntax",
    "edifact_overlay",
    "rsx_partner_id",
    "rsx_overlay",
    "vendor_number",
    "needs_po_number",
    "needs_part_numbers",
    "needs_gl_segment",
    "gl_segment_in_heading",
    "acknowledges",
    "acknowledges_within_hours",
    "answers_with",
    "books_currency",
    "bill_due_days",
    "payment_type",
)
ITEM = ("item", "gtin", "unit")
ROUTE = (
    "name",
    "kind",
    "format",
    "as_ship_notice",
    "is_on",
    "starts_at",
    "on_update",
    "books_by_itself",
    "dry_run",
    "is_test",
    "every_minutes",
    "times_of_day",
    "notes_acknowledgements",
    "batch",
    "file_name",
)


def default_of(model: type[models.Model], field: str) -> object:
    """The value a field has when the file does not mention it."""
    return model._meta.get_field(field).get_default()  # type: ignore[union-attr]
