"""Payloads: the bytes themselves, in a table of their own so that lists stay small and fast."""

import hashlib
import io
from typing import Any

from django.db import models, transaction
from django.db.models.query_utils import DeferredAttribute

from tenants.scoping import Scoped, TenantScoped

PART = 1 << 20
"""Most bytes in one row. A database driver holds what it sends and fetches up to eight times in memory."""


class WholeContent(DeferredAttribute):
    """Gives the content with the parts that follow its beginning, which are fetched one after the other."""

    def __set__(self, instance: "Payload", value: Any) -> None:
        instance.__dict__["content"] = value

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        content = super().__get__(instance, cls)
        if instance is None or instance.removed_at or len(content) < PART or len(content) == instance.size:
            return content
        whole = io.BytesIO()
        whole.write(content)
        for part in (
            instance.parts.order_by("number").values_list("content", flat=True).iterator(chunk_size=4)
        ):
            whole.write(part)
        self.__set__(instance, whole.getvalue())
        return instance.__dict__["content"]


class ContentField(models.BinaryField):
    """The column holds the first `PART` bytes."""

    descriptor_class = WholeContent

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return super().pre_save(model_instance, add)[:PART]


class Payload(TenantScoped):
    """Bytes as they were received or sent; written once. Retention takes the content, and leaves the rest."""

    content = ContentField()
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        further = range(PART, len(self.content), PART) if self._state.adding else ()
        with transaction.atomic():
            super().save(*args, **kwargs)
            for number, start in enumerate(further, start=1):
                part = bytes(self.content[start : start + PART])
                PayloadPart.objects.create(payload=self, number=number, content=part)

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


class PayloadPart(Scoped):
    """What follows the first `PART` bytes of a large payload, as much again in each row."""

    tenant_path = "payload__tenant"

    payload = models.ForeignKey(Payload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payload", "number"], name="one_payload_part_per_number")
        ]

    def __str__(self) -> str:
        return f"part {self.number} of payload {self.payload_id}"
