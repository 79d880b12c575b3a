"""Push: what another system tells us on its own. A hint only; what is true is found by looking."""

from django.db import models
from django.utils import timezone

from audit.models import Payload
from connections.fields import EncryptedTextField
from connections.models.connection import Connection
from tenants.scoping import TenantScoped


class PushAddress(models.Model):
    """The address of a connection that another system may send to. Whoever knows its token may."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="push_address")
    token = EncryptedTextField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"push address of {self.connection_id}"


class Push(TenantScoped):
    """One thing that was sent, as it came. The same content under the same name is one row."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="pushes")
    name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=80, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    payload = models.ForeignKey(Payload, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "pushes"
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "sha256", "name"], name="one_push_per_content_and_name"
            )
        ]
        indexes = [models.Index(fields=["connection", "-last_at"], name="push_by_time")]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]
