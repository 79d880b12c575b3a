"""Arrivals: one inbound interchange as it was received, stored before anything reads it."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from audit.models.deliveries import new_public_id
from audit.models.payloads import Payload
from tenants.scoping import TenantScoped


class ArrivalState(models.TextChoices):
    RECEIVED = "received", "received"
    READ = "read", "read"
    PARTLY_FAILED = "partly_failed", "read in part"
    FAILED = "failed", "cannot be read"
    DUPLICATE = "duplicate", "duplicate"
    DISMISSED = "dismissed", "dismissed"


UNUSABLE = (ArrivalState.FAILED, ArrivalState.PARTLY_FAILED)
"""Not all of it could be used: a person is told, and may correct what it was read with."""


class Arrival(TenantScoped):
    """What came in, what it was, and whether the other side has been told that we have it."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    connection = models.ForeignKey(
        "connections.Connection", on_delete=models.PROTECT, related_name="arrivals"
    )
    place = models.CharField(max_length=200)
    key = models.CharField(max_length=300, help_text="Identifies it at the other side for ever.")
    name = models.CharField(max_length=255)
    payload = models.ForeignKey(Payload, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    handle = models.JSONField(default=dict, blank=True, editable=False)
    arrived_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=16, choices=ArrivalState, default=ArrivalState.RECEIVED)
    format = models.CharField(max_length=24, blank=True)
    # What a CSV, XML or fixed-width file was read with.
    layout_version = models.ForeignKey(
        "mappings.LayoutVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    summary = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    # The first arrival of the same bytes. They are read there, unless a person has this one read.
    same_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies"
    )
    attempts_made = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settle_failure = models.TextField(blank=True)
    replays = models.PositiveIntegerField(default=0)

    events_count = models.PositiveIntegerField(default=0, editable=False)
    last_event_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("replay_arrival", "Can read arrivals again"),
            ("dismiss_arrival", "Can dismiss arrivals"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["connection", "place", "key"], name="one_arrival_per_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=ArrivalState.values), name="arrival_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="arrival_by_tenant"),
            models.Index(fields=["connection", "sha256"], name="arrival_by_hash"),
            models.Index(fields=["state", "-id", "tenant"], name="arrival_by_state"),
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="arrival_by_name"),
            models.Index(
                fields=["connection", "next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="arrival_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("arrival", args=[self.tenant.slug, self.public_id])

    @property
    def is_readable(self) -> bool:
        return self.state in (ArrivalState.READ, ArrivalState.PARTLY_FAILED, ArrivalState.DUPLICATE)

    @property
    def read_as(self) -> "Arrival":
        """The arrival whose reading says what these bytes are good for: the first of them, or this one."""
        return self.same_as if self.same_as and not self.replays else self
