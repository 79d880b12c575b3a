"""Booking mappings: what partners call things, and where FreshBooks books them."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models

from mappings.models.items import ItemMapping
from mappings.models.partners import TradingPartner
from tenants.models import Tenant
from tenants.scoping import TenantScoped


class BookingKind(models.TextChoices):
    CATEGORY = "category", "expense category of an item"
    ACCOUNT = "account", "journal account of a GL code"
    TAX = "tax", "name of a tax"


class BookingMapping(TenantScoped):
    """What a partner calls `source_key` is booked in FreshBooks under `target_id`; a partner's own row wins.

    A category without a `source_key` is for every line that has none of its own. Item numbers and codes are those of
    the partner. `target_id` is the id of an expense category or of a journal sub-account; a tax has its FreshBooks
    name only.
    """

    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey(
        TradingPartner,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="booking_mappings",
        help_text="Empty: for every partner.",
    )
    kind = models.CharField(max_length=10, choices=BookingKind)
    source_key = models.CharField(
        "what they call it",
        max_length=120,
        blank=True,
        help_text="An item number, a GL code or a tax, as it stands in their documents. Empty: every item.",
    )
    target_id = models.CharField("FreshBooks id", max_length=20, blank=True)
    target_name = models.CharField("in FreshBooks", max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "partner", "kind", "source_key"],
                name="one_booking_per_partner_source",
                condition=models.Q(partner__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["connection", "kind", "source_key"],
                name="one_general_booking_per_source",
                condition=models.Q(partner__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_key or 'every item'} → {self.target_name or self.target_id}"

    def clean(self) -> None:
        errors = {}
        if self.kind != BookingKind.CATEGORY and not self.source_key:
            errors["source_key"] = "Enter the code as it stands in their documents."
        if self.kind == BookingKind.TAX:
            if not self.target_name:
                errors["target_name"] = "Choose the tax."
        elif not (self.target_id.isascii() and self.target_id.isdigit()):
            errors["target_id"] = "An id of FreshBooks is a number."
        if errors:
            raise ValidationError(errors)


class Bookings:
    """The booking mappings that hold for one partner, its own before the general ones."""

    def __init__(self, tenant: Tenant, connection_id: int, partner: TradingPartner) -> None:
        rows = BookingMapping.objects.for_tenant(tenant).filter(
            models.Q(partner=partner) | models.Q(partner__isnull=True), connection=connection_id
        )
        items = ItemMapping.objects.for_tenant(tenant).filter(connection=connection_id, partner=partner)
        self._items = {one.buyer_item.casefold(): one.item for one in items}
        self._rows = {
            (row.kind, row.source_key.casefold()): row
            for row in sorted(rows, key=lambda row: row.partner_id is not None)
        }

    def category(self, keys: Iterable[str]) -> int | None:
        """The expense category of the first of `keys` that has one, else that of every item.

        A part number of the partner also counts as the FreshBooks item that it is mapped to.
        """
        keys = list(keys)
        items = [self._items[key.casefold()] for key in keys if key.casefold() in self._items]
        return next(
            (int(row.target_id) for row in self._found(BookingKind.CATEGORY, [*keys, *items, ""])), None
        )

    def account(self, code: str) -> int | None:
        """The journal sub-account of a GL code."""
        return next((int(row.target_id) for row in self._found(BookingKind.ACCOUNT, [code])), None)

    def tax(self, names: Iterable[str]) -> str:
        """What FreshBooks calls a tax that the partner calls by one of `names`; empty if nobody said."""
        return next((row.target_name for row in self._found(BookingKind.TAX, names)), "")

    def _found(self, kind: str, keys: Iterable[str]) -> Iterable[BookingMapping]:
        found = (self._rows.get((kind, key.strip().casefold())) for key in keys)
        return (row for row in found if row)
