"""File layouts: how a trading partner's CSV, XML and fixed-width files look, as data."""

from django.core.exceptions import ValidationError
from django.db import models

from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from mappings.models.partners import TradingPartner
from tenants.scoping import TenantScoped


class LayoutDirection(models.TextChoices):
    READ = "read", "files that come in"
    WRITE = "write", "files that go out"


class FileLayout(TenantScoped):
    """One kind of document in one direction, as one partner's files have it."""

    partner = models.ForeignKey(TradingPartner, on_delete=models.CASCADE, related_name="layouts")
    kind = models.CharField(
        max_length=40, choices=[(kind, kind.replace("_", " ")) for kind in layouts.KINDS], editable=False
    )
    direction = models.CharField(max_length=10, choices=LayoutDirection)
    data = models.JSONField("layout", help_text="docs/translation-files.md lists the keys.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["partner", "kind", "direction"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "kind", "direction"], name="one_layout_per_partner_kind_direction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.kind.replace('_', ' ')}, {LayoutDirection(self.direction).label}"

    def clean(self) -> None:
        """Name everything that is wrong with the layout, and take its kind from it."""
        try:
            loaded = layouts.load(self.data)
        except CodecError as error:
            raise ValidationError({"data": [str(problem) for problem in error.report]}) from error
        if loaded.direction not in ("both", self.direction):
            raise ValidationError({"direction": f"The layout's own direction is {loaded.direction!r}."})
        self.kind = loaded.kind

    @property
    def layout(self) -> layouts.Layout:
        """The layout, ready for `layouts.read` and `layouts.write`."""
        return layouts.load(self.data)
