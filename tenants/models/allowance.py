"""How often something may happen in a span of time, counted in the database so that every process agrees."""

import hashlib
from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone


class Allowance(models.Model):
    """One counter, such as "e-mails to this address". The subject is stored as a hash only."""

    key = models.CharField(max_length=64, unique=True)
    used = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.used} until {self.ends_at:%Y-%m-%d %H:%M}"

    @classmethod
    def take(cls, purpose: str, subject: str, *, limit: int, per: timedelta) -> bool:
        """Counts one use of `purpose` by `subject`; False once `limit` uses were made in this span `per`."""
        now = timezone.now()
        cls.objects.filter(ends_at__lte=now).delete()
        key = hashlib.sha256(f"{purpose}:{subject}".encode()).hexdigest()
        cls.objects.get_or_create(key=key, defaults={"ends_at": now + per})
        return cls.objects.filter(key=key, used__lt=limit).update(used=F("used") + 1) == 1
