"""Deliveries: one audited journey of one business document along one route."""

import secrets
from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils import timezone

from audit.models.payloads import Payload
from audit.states import (
    ACKNOWLEDGEMENT_STEPS,
    LEGAL,
    TRANSFER_STEPS,
    Acknowledgement,
    Document,
    Transfer,
    check_step,
)
from tenants.scoping import TenantScoped


def new_public_id() -> str:
    """Twelve characters, unguessable, safe in file names and addresses."""
    return secrets.token_hex(6)


class Delivery(TenantScoped):
    """What is known of the journey; `audit.services` is the only place that changes its answers."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    route = models.ForeignKey("connections.Route", on_delete=models.PROTECT, related_name="deliveries")
    target = models.ForeignKey("connections.Connection", on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(
        "mappings.TradingPartner", on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )

    # Inbound: what it was made of. An acknowledgement that we owe has an arrival only.
    arrival = models.ForeignKey(
        "audit.Arrival", on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    arrived = models.ForeignKey(
        "audit.ArrivedDocument", on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )

    kind = models.CharField(max_length=24)
    source_id = models.CharField("FreshBooks id", max_length=40)
    revision = models.PositiveIntegerField(default=1)
    fingerprint = models.CharField(max_length=64)
    source_stamp = models.CharField(max_length=40, blank=True, editable=False)
    number = models.CharField("document number", max_length=60, blank=True)
    document_date = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    pays_id = models.CharField("FreshBooks id of what it pays", max_length=40, blank=True)
    party_kind = models.CharField(max_length=10, blank=True)
    party_id = models.CharField(max_length=40, blank=True)
    party_name = models.CharField(max_length=200, blank=True)

    document = models.CharField(max_length=8, choices=Document, default=Document.VALID)
    transfer = models.CharField(max_length=12, choices=Transfer, default=Transfer.READY)
    acknowledgement = models.CharField(max_length=24, choices=Acknowledgement, default=Acknowledgement.NONE)
    # Why it is held, skipped, failed or in doubt, and what to do: the sentences people read.
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    remedy = models.TextField(blank=True)

    is_test = models.BooleanField(default=False)
    is_dry_run = models.BooleanField(default=False)
    # An earlier revision has left the house: this one says so, for X12 in BIG08.
    is_replacement = models.BooleanField(default=False)
    # Sent by a person's decision although the route's rules would not have: backfill, release, replay.
    is_forced = models.BooleanField(default=False, editable=False)

    source_record = models.ForeignKey(
        Payload, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    canonical = models.ForeignKey(Payload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    interchange = models.ForeignKey(
        Payload, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    interchange_name = models.CharField(max_length=200, blank=True)
    # How many documents the interchange was made of; those that share it are sent together, once.
    batch_size = models.PositiveSmallIntegerField(default=1, editable=False)
    # What a CSV, XML or fixed-width file was written with; it tells months later what its columns meant.
    layout_version = models.ForeignKey(
        "mappings.LayoutVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.CharField(max_length=200, blank=True)
    sender = models.CharField(max_length=40, blank=True, editable=False)
    receiver = models.CharField(max_length=40, blank=True, editable=False)
    interchange_control = models.CharField("interchange control number", max_length=14, blank=True)
    group_control = models.CharField("group control number", max_length=14, blank=True)
    message_control = models.CharField("message control number", max_length=14, blank=True)
    # Inbound: what was looked up in FreshBooks, between what a person may choose, and what they chose.
    matching = models.JSONField(default=dict, blank=True, editable=False)
    # No EDI acknowledgement can come: what the target says of it counts, in its own words, asked for when due.
    follows_status = models.BooleanField(default=False, editable=False)
    remote_state = models.CharField("state at the target", max_length=200, blank=True)
    next_status_at = models.DateTimeField(null=True, blank=True, editable=False)
    progress = models.JSONField(default=dict, blank=True, editable=False)
    # The lease under which it is being sent; another holder of the target's lease knows that worker is gone.
    claimed_by = models.CharField(max_length=120, blank=True, editable=False)

    attempts_made = models.PositiveIntegerField(default=0)
    replays = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    acknowledgement_due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    events_count = models.PositiveIntegerField(default=0, editable=False)
    last_event_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        permissions = [
            ("replay_delivery", "Can replay deliveries"),
            ("release_delivery", "Can release held and skipped deliveries"),
            ("dismiss_delivery", "Can dismiss deliveries"),
            ("resolve_delivery", "Can say what became of deliveries in doubt"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["route", "source_id", "revision"], name="one_delivery_per_route_and_revision"
            ),
            models.CheckConstraint(condition=LEGAL, name="delivery_answers_are_legal"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="delivery_by_tenant"),
            models.Index(fields=["tenant", "number"], name="delivery_by_number"),
            models.Index(fields=["tenant", "source_id"], name="delivery_by_source_id"),
            models.Index(fields=["source_id"], name="delivery_by_any_source_id"),
            models.Index(fields=["target", "kind", "pays_id"], name="delivery_by_what_it_pays"),
            models.Index(fields=["target", "kind", "document_date"], name="delivery_by_kind_and_day"),
            models.Index(fields=["number"], opclasses=["varchar_pattern_ops"], name="delivery_by_any_number"),
            models.Index(
                fields=["party_name"], opclasses=["varchar_pattern_ops"], name="delivery_by_party_name"
            ),
            models.Index(fields=["amount"], name="delivery_by_amount"),
            models.Index(fields=["remote_id"], name="delivery_by_remote_id"),
            models.Index(fields=["interchange_control"], name="delivery_by_control"),
            models.Index(fields=["group_control"], name="delivery_by_any_group_control"),
            models.Index(fields=["tenant", "receiver", "group_control"], name="delivery_by_group_control"),
            # SQLite uses a partial index only where a query's values need not be compared: not for "is one of".
            models.Index(
                fields=["target", "next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(
                fields=["target", "next_status_at"],
                condition=models.Q(next_status_at__isnull=False),
                name="delivery_status_due",
            ),
            models.Index(fields=["target", "delivered_at"], name="delivery_by_delivery_time"),
            models.Index(fields=["acknowledgement", "acknowledgement_due_at"], name="delivery_ack_due"),
            models.Index(
                fields=["tenant", "document", "transfer", "acknowledgement", "-id"],
                name="delivery_by_answers",
            ),
            models.Index(
                fields=["document", "transfer", "acknowledgement", "-id", "tenant"],
                name="delivery_by_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.number or self.source_id}"

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.tenant.slug, self.public_id])

    @property
    def is_held(self) -> bool:
        return self.document == Document.HELD

    @property
    def is_inbound(self) -> bool:
        """It came from a partner and goes to FreshBooks."""
        return self.arrived_id is not None

    @property
    def waits_for_a_choice(self) -> bool:
        """It is held because it is not certain what in FreshBooks it belongs to."""
        return self.is_held and self.transfer == Transfer.READY and "candidates" in self.matching

    @property
    def can_be_reversed(self) -> bool:
        """It is a journal entry that FreshBooks has, and no reversal itself."""
        is_booked = self.is_inbound and self.is_delivered and self.kind == "journal_entry"
        return is_booked and not self.matching.get("reverses")

    @property
    def freshbooks_id(self) -> str:
        """The id of the FreshBooks record that it came from, or that was made of it; empty if there is none."""
        if self.arrival_id is None:
            return self.source_id
        return self.remote_id if self.is_inbound else ""

    @property
    def is_delivered(self) -> bool:
        return self.transfer == Transfer.DELIVERED

    @property
    def is_pending(self) -> bool:
        """Nothing has left the house yet and nobody has decided against it."""
        return self.transfer in (Transfer.READY, Transfer.WAITING) and not self.delivered_at

    @property
    def needs_a_person(self) -> bool:
        return (
            (self.is_held and self.transfer == Transfer.READY)
            or self.transfer in (Transfer.FAILED, Transfer.IN_DOUBT)
            or self.acknowledgement in (Acknowledgement.REJECTED, Acknowledgement.OVERDUE)
        )

    def step(self, transfer: str) -> None:
        """Set the transfer answer, if the transition table allows it; does not save."""
        check_step(TRANSFER_STEPS, self.transfer, transfer)
        self.transfer = transfer

    def acknowledge(self, acknowledgement: str, at: datetime) -> None:
        """Set the acknowledgement answer, if the transition table allows it; does not save."""
        check_step(ACKNOWLEDGEMENT_STEPS, self.acknowledgement, acknowledgement)
        self.acknowledgement = acknowledgement
        if acknowledgement != Acknowledgement.OVERDUE:
            self.next_status_at = None
        self.acknowledged_at = None if acknowledgement == Acknowledgement.OVERDUE else at


class AttemptOutcome(models.TextChoices):
    RUNNING = "running", "under way"
    DELIVERED = "delivered", "delivered"
    FOUND = "found", "found at the partner"
    TEMPORARY = "temporary", "temporary failure"
    REJECTED = "rejected", "refused"
    NEEDS_SIGN_IN = "needs_sign_in", "sign-in needed"
    MISCONFIGURED = "misconfigured", "wrong setting"
    UNKNOWN = "unknown", "outcome unknown"
    LOOKED = "looked", "not there yet"
    CRASHED = "crashed", "worker died"


MAY_HAVE_WORKED = (AttemptOutcome.RUNNING, AttemptOutcome.UNKNOWN, AttemptOutcome.CRASHED)
LEAVES_DOUBT = (*MAY_HAVE_WORKED, AttemptOutcome.LOOKED)


class Attempt(models.Model):
    """One try to transfer; the row is committed before the effect, so that a killed worker leaves a trace."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=AttemptOutcome, default=AttemptOutcome.RUNNING)
    text = models.TextField(blank=True)
    detail = models.TextField(blank=True)
    worker = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_per_number")]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.get_outcome_display()}"

    @property
    def leaves_doubt(self) -> bool:
        """The effect may have happened although we never heard of it."""
        return self.outcome in LEAVES_DOUBT

    @property
    def may_have_worked(self) -> bool:
        """It sent something, and nobody heard what became of it."""
        return self.outcome in MAY_HAVE_WORKED
