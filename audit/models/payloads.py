"""Payloads: the bytes themselves, in a table of their own so that lists stay small and fast."""

import hashlib

from django.db import models

from tenants.scoping import TenantScoped


class Payload(TenantScoped):
    """Bytes as they were received or sent; written once. Retention takes the content, and leaves the rest."""

    content = models.BinaryField()
    media_type = models.CharField(max_length=80)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(removed_at__isnull=True),
                name="payload_kept_since",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.size} bytes)"

    @classmethod
    def is_removed(cls, pk: int | None) -> bool:
        """Whether retention took the content of payload `pk`; asked without reading it."""
        return pk is not None and cls.unscoped.filter(pk=pk, removed_at__isnull=False).exists()

    @property
    def is_as_stored(self) -> bool:
        """The content is that of the checksum, or was taken by retention."""
        content = bytes(self.content)
        if self.removed_at:
            return not content
        return hashlib.sha256(content).hexdigest() == self.sha256

    @classmethod
    def store(cls, *, tenant_id: int, content: bytes, media_type: str, file_name: str) -> "Payload":
        return cls.objects.create(
            tenant_id=tenant_id,
            content=content,
            media_type=media_type,
            file_name=file_name[:255],
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
        )
