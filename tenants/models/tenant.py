"""The customer organisation that owns everything else."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.crypto import get_random_string
from django.utils.text import slugify

SLUG_LENGTH = 50


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("“%(name)s” is no time zone. Choose one from the list.", params={"name": name})


class Tenant(models.Model):
    public_id = models.UUIDField(
        "public id",
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Names the organisation to outside systems without telling anything about it.",
    )
    name = models.CharField(max_length=120)
    slug = models.SlugField(
        max_length=SLUG_LENGTH,
        unique=True,
        editable=False,
        help_text="In the addresses of its pages; stays when the name changes.",
    )
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="Schedules and times on screen follow it.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "organisation"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.slug:
            return super().save(*args, **kwargs)
        self.slug = slugify(self.name)[:SLUG_LENGTH].strip("-") or "organisation"
        try:
            with transaction.atomic():
                return super().save(*args, **kwargs)
        except IntegrityError:  # Another organisation has this name already.
            ending = get_random_string(6, "abcdefghijkmnpqrstuvwxyz23456789")
            self.slug = f"{self.slug[: SLUG_LENGTH - 7]}-{ending}"
            return super().save(*args, **kwargs)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
