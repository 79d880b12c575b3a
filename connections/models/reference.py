"""Reference data: the companies and accounts that each system lists, and which of them are the same.

How a system takes part: its class says `reference_kinds()` and gives whole lists by `reference(kind)`
(`connections/systems/base.py`). A poll stores them here (`connections/pipeline/reference.py`),
`mappings/comparing.py` compares FreshBooks' with each other system's, one page lists what differs
(`connections/views/reference.py`), and a person links with one click (`connections/linking.py`).
"""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from connections.models.connection import Connection
from mappings.comparing import Entry, Link, Side
from tenants.scoping import TenantScoped


class ReferenceKind(models.TextChoices):
    CLIENT = "client", "client"
    VENDOR = "vendor", "bill vendor"
    PARTNER = "partner", "trading partner"
    ACCOUNT = "account", "account"


# Which kinds of another system's entries may be the same thing as a FreshBooks entry of this kind.
COUNTERPART = {
    ReferenceKind.CLIENT: Side.PARTY,
    ReferenceKind.VENDOR: Side.PARTY,
    ReferenceKind.PARTNER: Side.PARTY,
    ReferenceKind.ACCOUNT: Side.ACCOUNT,
}


class ReferenceEntry(TenantScoped):
    """One company or account as a system lists it. Nothing refers to it but a link: it may be read anew."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="reference_entries")
    kind = models.CharField(max_length=10, choices=ReferenceKind)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    is_set_aside = models.BooleanField(default=False, help_text="A person said that it needs no counterpart.")
    first_seen_at = models.DateTimeField(default=timezone.now)
    # A linked entry that the system no longer lists stays until a person has seen that it is gone.
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "reference entries"
        ordering = ["kind", "name", "key"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "key"], name="one_reference_entry_per_key")
        ]

    def __str__(self) -> str:
        return self.name or self.key

    def seen(self) -> dict[str, str]:
        """What people see of it, for comparing with what they saw when they linked it."""
        return {"name": self.name, **self.detail}

    def compared(self) -> Entry:
        return Entry(
            id=self.pk,
            side=COUNTERPART[ReferenceKind(self.kind)],
            key=self.key,
            seen=self.seen(),
            is_gone=self.gone_at is not None,
            is_set_aside=self.is_set_aside,
        )


class ReferenceLink(TenantScoped):
    """A FreshBooks entry and another system's are the same; each as it was when a person last said so."""

    books = models.ForeignKey(ReferenceEntry, on_delete=models.CASCADE, related_name="links_out")
    other = models.ForeignKey(ReferenceEntry, on_delete=models.CASCADE, related_name="links_in")
    # The other entry's connection: a FreshBooks entry has one counterpart in each.
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    books_seen = models.JSONField(default=dict)
    other_seen = models.JSONField(default=dict)
    linked_at = models.DateTimeField(default=timezone.now)
    linked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["books", "connection"], name="one_counterpart_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.books} is {self.other}"

    def compared(self, *, is_mapped: bool) -> Link:
        return Link(
            id=self.pk,
            books=self.books_id,
            other=self.other_id,
            books_seen=_texts(self.books_seen),
            other_seen=_texts(self.other_seen),
            is_mapped=is_mapped,
        )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in values.items()}
