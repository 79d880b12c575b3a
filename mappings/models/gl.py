"""GL mappings: from a FreshBooks item or account to the segment a partner books it under."""

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


def segments_for(*, connection_id: int, partner: TradingPartner, kind: str = GLSource.ITEM) -> dict[str, str]:
    """FreshBooks key -> GL segment, as this partner wants it."""
    rows = GLMapping.objects.for_tenant(partner.tenant).filter(
        models.Q(partner=partner) | models.Q(partner__isnull=True),
        connection_id=connection_id,
        source_kind=kind,
    )
    by_specificity = sorted(rows, key=lambda row: row.partner_id is not None)
    return {row.source_key: row.segment for row in by_specificity}
