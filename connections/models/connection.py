"""Connections: a tenant's link to one outside system, with its settings, credentials and health."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from audit.leases import Leased
from connections.fields import EncryptedJSONField, EncryptedTextField
from tenants.scoping import TenantScoped

# A connection that keeps failing rests longer each time; the first work afterwards is the probe.
REST_AFTER_FAILURES = [
    timedelta(0),
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
]
BREAKER_OPENS_AT = 3
LONGEST_PAUSE = timedelta(hours=1)


class SystemKind(models.TextChoices):
    FRESHBOOKS = "freshbooks", "FreshBooks"
    IBM_STERLING = "ibm_sterling", "IBM Sterling B2B Integrator"
    SFTP = "sftp", "SFTP / flat files"
    SPS_COMMERCE = "sps_commerce", "SPS Commerce"
    STAMPLI = "stampli", "Stampli"
    CLEO = "cleo", "Cleo Integration Cloud"


class ConnectionState(models.TextChoices):
    SETTING_UP = "setting_up", "being set up"
    ACTIVE = "active", "active"
    NEEDS_SIGN_IN = "needs_sign_in", "sign in again"
    MISCONFIGURED = "misconfigured", "needs attention"
    OFF = "off", "switched off"


class Connection(TenantScoped):
    """Where to, with what settings and secrets, and how it has been going."""

    system = models.CharField(max_length=20, choices=SystemKind)
    key = models.SlugField(max_length=40, help_text="A short name for the configuration file.")
    name = models.CharField(max_length=80)
    settings = models.JSONField(default=dict, blank=True)
    credentials = EncryptedJSONField(default=dict, blank=True)
    credentials_set_at = models.DateTimeField(null=True, blank=True, editable=False)

    poll_seconds = models.PositiveIntegerField(
        "look for news every (seconds)",
        default=300,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 3600)],
        help_text="300 is every five minutes.",
    )

    state = models.CharField(max_length=16, choices=ConnectionState, default=ConnectionState.SETTING_UP)
    state_text = models.TextField(blank=True)
    state_remedy = models.TextField(blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.TextField(blank=True)
    # The last connection test: {"running", "started_at", "steps": [{key, title, state, text, detail}]}.
    test_report = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        permissions = [
            ("resume_connection", "Can end the pause of connections"),
            ("switch_connection", "Can switch connections off and on"),
        ]
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="one_connection_per_key")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("connection", args=[self.tenant.slug, self.key])

    def delete_if_unused(self) -> None:
        """Raises `ValidationError` if a route or anything that was ever sent or received hangs on it."""
        try:
            self.delete()
        except models.ProtectedError as error:
            raise ValidationError(
                "Routes or documents hang on it, so it cannot be deleted. Switch it off instead."
            ) from error

    @property
    def is_usable(self) -> bool:
        return self.state == ConnectionState.ACTIVE

    def is_paused(self, now: datetime | None = None) -> bool:
        return self.paused_until is not None and self.paused_until > (now or timezone.now())

    @property
    def breaker_is_open(self) -> bool:
        return self.failures_in_row >= BREAKER_OPENS_AT

    @staticmethod
    def working(now: datetime, prefix: str = "") -> models.Q:
        """The condition "work may be done with it now"; `prefix` leads to the connection ("target__")."""
        return models.Q(**{f"{prefix}state": ConnectionState.ACTIVE}) & (
            models.Q(**{f"{prefix}paused_until__isnull": True})
            | models.Q(**{f"{prefix}paused_until__lte": now})
        )


def rest_after(failures: int) -> timedelta:
    """How long a connection rests after so many temporary failures in a row."""
    return REST_AFTER_FAILURES[min(failures, len(REST_AFTER_FAILURES) - 1)]


class Work(models.TextChoices):
    """What only one worker at a time does for a connection."""

    DELIVER = "deliver", "deliver"
    FETCH = "fetch", "fetch hinted records"
    READ = "read", "read arrivals"
    STATUS = "status", "ask what became of documents"
    NOTE = "note", "note acknowledgements on invoices"


class Slot(Leased):
    """The lease on one kind of work of one connection."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="slots")
    work = models.CharField(max_length=10, choices=Work)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "work"], name="one_slot_per_work")]

    def __str__(self) -> str:
        return f"{self.work} for {self.connection_id}"

    @classmethod
    def of(cls, connection: Connection, work: str) -> "Slot":
        return cls.objects.get_or_create(connection=connection, work=work)[0]


class CallSlot(Leased):
    """The right to make one call to an installation that takes few at once; held for the length of the call."""

    installation = models.CharField(max_length=200, help_text="Host and port.")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["installation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["installation", "number"], name="one_call_slot_per_number")
        ]

    def __str__(self) -> str:
        return f"call {self.number} to {self.installation}"


class AccessToken(Leased):
    """The OAuth tokens of a connection, shared by all workers; the lease is the right to refresh them."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="token")
    access_token = EncryptedTextField(blank=True)
    refresh_token = EncryptedTextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    scope = models.TextField(blank=True)
    # Counts the pairs: a worker that waited for somebody else's refresh sees that it has happened.
    generation = models.PositiveIntegerField(default=0)
    refresh_failed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"token of {self.connection_id}"
