"""Control numbers: increasing, unique under concurrency, never used again for other content.

X12 asks that ISA13 is unique per sender and receiver, and GS06 per sender, receiver and functional id
(facts in docs/edi.md). One row is one such sequence.
"""

from typing import Any

from django.db import models, transaction

HIGHEST = 999_999_999


class ControlNumber(models.Model):
    """The last number given out; `kind` is `interchange`, a GS01 code, or `file` for the names of files."""

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    sender = models.CharField(max_length=40)
    receiver = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "sender", "receiver", "kind"], name="one_control_number_sequence"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sender} → {self.receiver} {self.kind}: {self.last}"


def next_file_number(tenant_id: int, connection_id: int) -> int:
    """The next number of the files that go to a connection; within a transaction, like control numbers."""
    return next_control_number(
        tenant_id=tenant_id, sender=f"connection {connection_id}", receiver="", kind="file"
    )


def next_control_number(*, tenant_id: int, sender: str, receiver: str, kind: str) -> int:
    """The next number of the sequence, 1 to 999,999,999, then 1 again.

    Call it inside the transaction that stores the interchange: a number is then used up together with the
    content that carries it, or not at all. The row stays locked until that transaction ends.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a control number is only given out inside the transaction that uses it")
    key: dict[str, Any] = {"tenant_id": tenant_id, "sender": sender, "receiver": receiver, "kind": kind}
    ControlNumber.objects.get_or_create(**key)
    sequence = ControlNumber.objects.select_for_update().get(**key)
    sequence.last = sequence.last + 1 if sequence.last < HIGHEST else 1
    sequence.save(update_fields=["last"])
    return sequence.last
