"""Payloads: the bytes themselves, in a table of their own so that lists stay small and fast."""

import hashlib

from django.db import models

from tenants.scoping import TenantScoped


class Payload(TenantScoped):
    """Bytes as they were received or sent; written once."""

    content = models.BinaryField()
    media_type = models.CharField(max_length=80)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.size} bytes)"

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
