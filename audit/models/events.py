"""The timeline of deliveries and arrivals: append-only, each event carries the hash of the one before."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models.arrivals import Arrival
from audit.models.deliveries import Delivery
from audit.models.payloads import Payload
from tenants.scoping import TenantScoped


class EventIsFinal(Exception):
    """Somebody tried to change or delete what has been recorded."""


class Event(TenantScoped):
    """One thing that happened. Written by `audit.services.record` only."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    arrival = models.ForeignKey(
        Arrival, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    text = models.TextField()
    data = models.JSONField(default=dict, blank=True)
    payload = models.ForeignKey(Payload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The name stays when the user is gone.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(max_length=150, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "sequence"], name="one_event_per_delivery_sequence"),
            models.UniqueConstraint(fields=["arrival", "sequence"], name="one_event_per_arrival_sequence"),
            models.CheckConstraint(
                condition=Q(delivery__isnull=False, arrival__isnull=True)
                | Q(delivery__isnull=True, arrival__isnull=False),
                name="event_has_one_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise EventIsFinal("an event is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise EventIsFinal("an event is never deleted by hand; retention removes whole deliveries")

    def expected_hash(self) -> str:
        """SHA-256 over everything the event says, and the hash of the event before it."""
        said = {
            "tenant": self.tenant_id,
            "delivery": self.delivery_id,
            "arrival": self.arrival_id,
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "text": self.text,
            "data": self.data,
            "payload": self.payload.sha256 if self.payload else None,
            "actor_name": self.actor_name,
            "previous_hash": self.previous_hash,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
