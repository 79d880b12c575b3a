"""Item mappings: the part numbers by which a partner orders what FreshBooks calls by a name of its own."""

import re
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import models

from mappings.canonical import Line
from mappings.models.partners import TradingPartner
from tenants.scoping import TenantScoped

GTIN = re.compile(r"\d{8}|\d{12,14}")


class ItemMapping(TenantScoped):
    """A partner's part number `buyer_item` is the FreshBooks item `item`; one number per item, one item per number."""

    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey(TradingPartner, on_delete=models.CASCADE, related_name="item_mappings")
    buyer_item = models.CharField(
        "their part number", max_length=48, help_text="As it stands in their orders (BuyerPartNumber)."
    )
    item = models.CharField(
        "FreshBooks item", max_length=120, help_text="Its name as in the first column of an invoice's line."
    )
    gtin = models.CharField(
        "UPC, EAN or GTIN",
        max_length=14,
        blank=True,
        help_text="8, 12, 13 or 14 digits; many retailers want it.",
    )
    unit = models.CharField(
        "unit",
        max_length=3,
        blank=True,
        help_text="EA each, CA case, DZ dozen ...; empty: as ordered, else EA.",
    )

    class Meta:
        ordering = ["item"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "partner", "buyer_item"], name="one_item_per_part_number"
            ),
            models.UniqueConstraint(
                fields=["connection", "partner", "item"], name="one_part_number_per_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_item} is {self.item}"

    def clean(self) -> None:
        errors = {}
        if self.gtin and not GTIN.fullmatch(self.gtin):
            errors["gtin"] = "Write 8, 12, 13 or 14 digits."
        if self.unit and not re.fullmatch(r"[A-Z0-9]{2,3}", self.unit):
            errors["unit"] = "Write a unit's code, such as EA or CA."
        if errors:
            raise ValidationError(errors)


class Items:
    """The item mappings of one partner. Upper and lower case are one and the same."""

    def __init__(self, *, connection_id: int, partner: TradingPartner) -> None:
        rows = list(
            ItemMapping.objects.for_tenant(partner.tenant).filter(connection=connection_id, partner=partner)
        )
        self._by_item = {row.item.casefold(): row for row in rows}
        self._by_number = {row.buyer_item.casefold(): row for row in rows}
        self._by_gtin = {row.gtin: row for row in rows if row.gtin}

    def theirs(self, line: Line) -> Line:
        """A line of ours with the partner's part number, GTIN and unit, as far as they are known."""
        row = self._by_item.get(line.seller_item.casefold())
        if row is None:
            return line
        return replace(
            line,
            buyer_item=line.buyer_item or row.buyer_item,
            gtin=line.gtin or row.gtin,
            unit=row.unit or line.unit,
        )

    def ours(self, line: Line) -> Line:
        """A line of the partner's with FreshBooks' item, found by part number or GTIN; else as it is."""
        row = self._by_number.get(line.buyer_item.casefold()) or self._by_gtin.get(line.gtin)
        return replace(line, seller_item=row.item) if row else line
