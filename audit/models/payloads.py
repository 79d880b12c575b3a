"""Payloads: the bytes themselves, in a table of their own so that lists stay small and fast."""

import hashlib
import io
from typing import IO, Any, BinaryIO

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
        self.__set__(instance, instance.open().read())
        return instance.__dict__["content"]


class ContentField(models.BinaryField):
    """The column holds the first `PART` bytes."""

    descriptor_class = WholeContent

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        # Not by the descriptor, which would fetch the parts.
        return model_instance.__dict__[self.attname][:PART]


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

    @classmethod
    def is_removed(cls, pk: int | None) -> bool:
        """Whether retention took the content of payload `pk`; asked without reading it."""
        return pk is not None and cls.unscoped.filter(pk=pk, removed_at__isnull=False).exists()

    @property
    def is_as_stored(self) -> bool:
        """The content is that of the checksum, or was taken by retention."""
        with self.open() as stored:
            if self.removed_at:
                return not stored.read(1)
            return _digest(stored) == self.sha256

    @classmethod
    def store(
        cls, *, tenant_id: int, content: bytes | IO[bytes], media_type: str, file_name: str
    ) -> "Payload":
        """Keep bytes, or all of a file that can be read twice; of a large one only a part is in memory."""
        source = io.BytesIO(content) if isinstance(content, bytes) else content
        source.seek(0)
        digest, size = _digest(source), source.seek(0, io.SEEK_END)
        source.seek(0)
        with transaction.atomic():
            made = cls.objects.create(
                tenant_id=tenant_id,
                content=source.read(PART),
                media_type=media_type,
                file_name=file_name[:255],
                sha256=digest,
                size=size,
            )
            for number in range(1, _parts(size)):
                PayloadPart.objects.create(payload=made, number=number, content=source.read(PART))
        return made

    def open(self) -> BinaryIO:
        """The content as a file, of which only a part is in memory; empty if retention has taken it."""
        return io.BufferedReader(StoredFile(self), PART)


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


class StoredFile(io.RawIOBase):
    """The content of a payload, fetched row by row as it is read."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.payload.size}[whence]
        self.at = max(0, start + offset)
        return self.at

    def readinto(self, buffer: Any) -> int:
        if self.at >= self.payload.size:
            return 0
        number, start = divmod(self.at, PART)
        piece = self._row(number)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)

    def _row(self, number: int) -> memoryview:
        if number == 0 and "content" in self.payload.__dict__:
            return memoryview(self.payload.__dict__["content"])[:PART]
        rows: Any = (
            PayloadPart.unscoped.filter(payload=self.payload, number=number)
            if number
            else Payload.unscoped.filter(pk=self.payload.pk)
        )
        return memoryview(rows.values_list("content", flat=True).first() or b"")


def _digest(content: IO[bytes]) -> str:
    """The SHA-256 of a file at its beginning."""
    return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # every file has readinto


def _parts(size: int) -> int:
    """How many rows hold `size` bytes."""
    return max(1, -(-size // PART))
