"""Notes on FreshBooks invoices: what a partner answered, to be written there once."""

from django.db import models
from django.utils import timezone

from audit.models import Delivery, Event
from connections.models.connection import Connection
from tenants.scoping import TenantScoped


class InvoiceNote(TenantScoped):
    """One line for the notes of one invoice. Made in the transaction that acknowledged the delivery."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="+")
    invoice_id = models.CharField(max_length=40)
    line = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    attempts_made = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["connection", "next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="invoice_note_due",
            ),
            models.Index(fields=["invoice_id"], name="invoice_note_by_invoice"),
        ]

    def __str__(self) -> str:
        return self.line
