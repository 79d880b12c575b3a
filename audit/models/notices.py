"""Notices: what a tenant has to be told, once, on the home page and by e-mail."""

from django.db import models
from django.utils import timezone

from tenants.scoping import TenantScoped


class Notice(TenantScoped):
    """One thing that waits for a person. `key` names the matter: it is told once while it lasts."""

    key = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    text = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    emailed_at = models.DateTimeField(null=True, blank=True)
    # When the e-mail is (or would again be) tried; empty once it is out.
    next_mail_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "key"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_notice_per_matter",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_mail_at"],
                condition=models.Q(closed_at__isnull=True),
                name="notice_to_email",
            )
        ]

    def __str__(self) -> str:
        return self.title
