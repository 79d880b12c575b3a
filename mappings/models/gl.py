"""GL mappings: from a FreshBooks item or account to the segment a partner books it under."""

from dataclasses import dataclass

from django.db import models

from mappings.models.partners import TradingPartner
from tenants.scoping import TenantScoped


class GLSource(models.TextChoices):
    ITEM = "item", "item"
    ACCOUNT = "account", "account"


class GLMapping(TenantScoped):
    """Lines whose item (or account) is `source_key` carry `segment`; a partner's own row wins."""

    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey(
        TradingPartner,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="gl_mappings",
        help_text="Empty: for every partner.",
    )
    source_kind = models.CharField(max_length=10, choices=GLSource, default=GLSource.ITEM)
    source_key = models.CharField(
        "FreshBooks item or account", max_length=120, help_text="The item's name or the account's number."
    )
    segment = models.CharField("GL segment", max_length=30)

    class Meta:
        verbose_name = "GL mapping"
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "partner", "source_kind", "source_key"],
                name="one_segment_per_partner_source",
                condition=models.Q(partner__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["connection", "source_kind", "source_key"],
                name="one_general_segment_per_source",
                condition=models.Q(partner__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_kind_display()} {self.source_key} → {self.segment}"


@dataclass(frozen=True, slots=True)
class Segments:
    """A partner's GL segments, by FreshBooks item and by FreshBooks account."""

    by_item: dict[str, str]
    by_account: dict[str, str]


def segments_for(*, connection_id: int, partner: TradingPartner) -> Segments:
    """The segments as this partner wants them: its own rows before the general ones."""
    rows = GLMapping.objects.for_tenant(partner.tenant).filter(
        models.Q(partner=partner) | models.Q(partner__isnull=True), connection_id=connection_id
    )
    found = Segments({}, {})
    for row in sorted(rows, key=lambda row: row.partner_id is not None):
        by_kind = found.by_item if row.source_kind == GLSource.ITEM else found.by_account
        by_kind[row.source_key] = row.segment
    return found
