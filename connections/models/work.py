"""What is due: polls and their cursors, hints, what we know of each record, and the heartbeat."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from audit.leases import Leased
from connections.fields import EncryptedTextField
from connections.models.connection import Connection


class PollKind(models.TextChoices):
    RECORDS = "records", "FreshBooks records"
    PLACE = "place", "place at a partner system"
    UPKEEP = "upkeep", "webhook upkeep"
    REFERENCE = "reference", "reference data"


class Poll(Leased):
    """One thing that is looked at again and again: a FreshBooks resource, a mailbox, a folder."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="polls")
    kind = models.CharField(max_length=10, choices=PollKind)
    subject = models.CharField(max_length=200, blank=True)
    every_seconds = models.PositiveIntegerField(default=300)
    next_at = models.DateTimeField(default=timezone.now)
    cursor = models.JSONField(default=dict, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.TextField(blank=True)

    class Meta:
        ordering = ["connection", "kind", "subject"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "subject"], name="one_poll_per_connection_subject"
            )
        ]
        indexes = [models.Index(fields=["next_at"], name="poll_due")]

    def __str__(self) -> str:
        return f"{self.connection}: {self.subject or self.get_kind_display()}"

    # Set by a look that wants to be repeated sooner; not stored.
    look_again: timedelta | None = None

    def schedule_next(self, now: datetime) -> None:
        usual = timedelta(seconds=self.every_seconds)
        self.next_at = now + min(usual, self.look_again or usual)


class Hint(models.Model):
    """Somebody said that a record changed. Many hints for one record are one row, and cost one fetch."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="hints")
    noun = models.CharField(max_length=24)
    object_id = models.CharField(max_length=40)
    verb = models.CharField(max_length=24, blank=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts_made = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "noun", "object_id"], name="one_hint_per_record")
        ]
        indexes = [models.Index(fields=["connection", "due_at"], name="hint_due")]

    def __str__(self) -> str:
        return f"{self.noun} {self.object_id}"


class SourceRecord(models.Model):
    """What we last saw of one FreshBooks record, so that unchanged ones are passed over."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    resource = models.CharField(max_length=24)
    source_id = models.CharField(max_length=40)
    # SHA-256 of the record as FreshBooks wrote it, without what it belongs to: its change stamp alone counts
    # only whole seconds.
    mark = models.CharField(max_length=64, blank=True)
    was_draft = models.BooleanField(default=False)
    is_deleted = models.BooleanField(default=False)
    # When the read began that showed this state; a read that began earlier is stale.
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource", "source_id"], name="one_row_per_source_record"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.source_id}"


class Callback(models.Model):
    """One webhook registration at FreshBooks. The token in its address is known by its hash only."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="callbacks")
    event = models.CharField(max_length=40)
    token_hash = models.CharField(max_length=64, unique=True)
    callback_id = models.CharField(max_length=40, blank=True)
    verifier = EncryptedTextField(blank=True)
    is_verified = models.BooleanField(default=False)
    registered_at = models.DateTimeField(default=timezone.now)
    last_heard_at = models.DateTimeField(null=True, blank=True)
    heard = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "event"], name="one_callback_per_event")]

    def __str__(self) -> str:
        return f"{self.event} of {self.connection_id}"


class Heartbeat(models.Model):
    """The last sign of life of a worker group, written by a task that went through the whole queue."""

    name = models.CharField(max_length=80, unique=True)
    host = models.CharField(max_length=80)
    group_id = models.PositiveIntegerField(default=0, help_text="Process group of the workers.")
    beat_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
