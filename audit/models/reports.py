"""Status reports: what a partner's file says, row by row, of what was sent or of what it has paid."""

from django.db import models
from django.utils import timezone

from audit.models.arrivals import Arrival
from audit.models.deliveries import Delivery
from tenants.scoping import TenantScoped


class About(models.TextChoices):
    BILL = "bill", "bill"
    PAYMENT = "payment", "payment"


class PartnerStatus(models.TextChoices):
    """What the partner's word means here; `unknown` where nobody has said so."""

    RECEIVED = "received", "received"
    PENDING_APPROVAL = "pending_approval", "waits for approval"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    CANCELLED = "cancelled", "cancelled"
    EXPORTED = "exported", "exported"
    SCHEDULED = "scheduled", "scheduled for payment"
    PAID = "paid", "paid"
    PARTIALLY_PAID = "partially_paid", "paid in part"
    FAILED = "failed", "failed"
    DUPLICATE = "duplicate", "duplicate"
    UNKNOWN = "unknown", "unknown word"


# Of the statuses of one day, which one comes later: most reports say no more than the day.
LATER = {
    PartnerStatus.DUPLICATE: 0,
    PartnerStatus.RECEIVED: 1,
    PartnerStatus.UNKNOWN: 2,
    PartnerStatus.PENDING_APPROVAL: 3,
    PartnerStatus.APPROVED: 4,
    PartnerStatus.EXPORTED: 5,
    PartnerStatus.SCHEDULED: 6,
    PartnerStatus.PARTIALLY_PAID: 7,
    PartnerStatus.PAID: 8,
    PartnerStatus.CANCELLED: 9,
    PartnerStatus.REJECTED: 9,
    PartnerStatus.FAILED: 9,
}
NO_MONEY_MOVED = frozenset(
    {
        PartnerStatus.RECEIVED,
        PartnerStatus.PENDING_APPROVAL,
        PartnerStatus.APPROVED,
        PartnerStatus.REJECTED,
        PartnerStatus.CANCELLED,
        PartnerStatus.SCHEDULED,
        PartnerStatus.FAILED,
        PartnerStatus.DUPLICATE,
    }
)


class StatusReport(TenantScoped):
    """One row: an event that is never changed. The same one in a later file is not kept again.

    `stated` is the partner's own word, `remote_id` its id of the invoice or payment, `source_id` the FreshBooks
    id of the bill as the row quotes it. `delivery` is what the row is about, once it is found.
    """

    connection = models.ForeignKey("connections.Connection", on_delete=models.PROTECT, related_name="+")
    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="reports")
    line = models.PositiveIntegerField()
    identity = models.CharField(max_length=64, help_text="SHA-256 of what tells it from other rows.")
    about = models.CharField(max_length=8, choices=About)
    status = models.CharField(max_length=20, choices=PartnerStatus)
    stated = models.CharField(max_length=100)
    remote_id = models.CharField("partner's id", max_length=100)
    source_id = models.CharField("FreshBooks id", max_length=40, blank=True)
    number = models.CharField("invoice number", max_length=60, blank=True)
    vendor_id = models.CharField("vendor", max_length=60, blank=True)
    dated = models.DateField("date", help_text="The day that the row states, else that of its arrival.")
    amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    method = models.CharField("payment method", max_length=60, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    account = models.CharField("GL account", max_length=60, blank=True)
    message = models.TextField(blank=True)
    extra = models.JSONField("further columns", default=dict, blank=True)

    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    # Why it is linked to nothing yet, and when to look again.
    trouble = models.CharField(max_length=200, blank=True)
    look_again_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "identity"], name="one_status_report_per_event")
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="report_by_tenant"),
            models.Index(fields=["connection", "about", "dated"], name="report_by_day"),
            models.Index(fields=["connection", "about", "source_id"], name="report_by_source_id"),
            models.Index(fields=["connection", "about", "remote_id"], name="report_by_remote_id"),
            models.Index(fields=["source_id"], name="report_by_any_source_id"),
            models.Index(
                fields=["look_again_at"],
                condition=models.Q(look_again_at__isnull=False),
                name="report_to_link",
            ),
            models.Index(
                fields=["tenant", "-id"],
                condition=models.Q(delivery__isnull=True),
                name="report_unlinked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_about_display()} {self.number or self.source_id or self.remote_id}: {self.stated}"

    @property
    def rank(self) -> tuple[object, ...]:
        """Of two reports about the same thing, the greater one says how it stands now."""
        return self.dated, LATER[PartnerStatus(self.status)], self.pk
