"""Arrived documents: the business documents that an arrival held, and what became of each."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from audit.models.arrivals import Arrival
from audit.models.deliveries import new_public_id
from audit.models.payloads import Payload
from tenants.scoping import TenantScoped


class DocumentState(models.TextChoices):
    OPEN = "open", "waits for a person"
    TAKEN = "taken", "taken by a route"
    RECORDED = "recorded", "recorded"
    DUPLICATE = "duplicate", "came before"
    INVALID = "invalid", "cannot be used"
    DISMISSED = "dismissed", "dismissed"


# A second reading of the arrival leaves these as they are.
DONE = (DocumentState.TAKEN, DocumentState.RECORDED, DocumentState.DUPLICATE, DocumentState.DISMISSED)


class ArrivedDocument(TenantScoped):
    """One message, document or row of an arrival. Without a `canonical` document `reason` says why there is none."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="documents")
    position = models.PositiveIntegerField(help_text="Counted from 1 in the arrival.")
    line = models.PositiveIntegerField(null=True, blank=True)
    partner = models.ForeignKey(
        "mappings.TradingPartner", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    kind = models.CharField(max_length=40, blank=True)
    number = models.CharField("document number", max_length=60, blank=True)
    document_date = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    sender = models.CharField(max_length=80, blank=True)
    receiver = models.CharField(max_length=80, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    canonical = models.ForeignKey(Payload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    state = models.CharField(max_length=10, choices=DocumentState, default=DocumentState.OPEN)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["arrival", "position"]
        constraints = [
            models.UniqueConstraint(fields=["arrival", "position"], name="one_document_per_position"),
            models.CheckConstraint(
                condition=models.Q(state__in=DocumentState.values), name="arrived_document_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-id"], name="arrived_document_by_state"),
            models.Index(fields=["tenant", "number"], name="arrived_document_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.number}".strip() or f"document {self.position}"

    def get_absolute_url(self) -> str:
        return reverse("arrived_document", args=[self.tenant.slug, self.public_id])

    @property
    def needs_a_person(self) -> bool:
        return self.state == DocumentState.OPEN
