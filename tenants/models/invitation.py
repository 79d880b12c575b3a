"""An invitation to join an organisation: a link by e-mail that works once."""

import hashlib
import secrets
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.models.membership import Role
from tenants.models.user import EmailAddressField, User
from tenants.scoping import TenantQuerySet, TenantScoped

LIFETIME = timedelta(days=7)


def hash_token(token: str) -> str:
    """What is stored of a token: its SHA-256 in hex. The token is 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(TenantQuerySet["Invitation"]):
    def pending(self) -> Self:
        """Not accepted yet; expired ones too, since they can be sent again."""
        return self.filter(accepted_at=None).order_by("-expires_at")

    def with_token(self, token: str) -> "Invitation | None":
        return self.select_related("tenant").filter(token_hash=hash_token(token)).first()


class Invitation(TenantScoped):
    email = EmailAddressField("e-mail address")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(accepted_at=None),
                name="invitation_pending_once",
                violation_error_message="This person is invited already. Send it again from the list.",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.tenant}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def renew(self, *, by: User) -> str:
        """A fresh token, good for seven days; earlier links stop working. The caller saves, then mails it."""
        token = secrets.token_urlsafe(32)
        self.token_hash = hash_token(token)
        self.invited_by = by
        self.expires_at = timezone.now() + LIFETIME
        return token

    def claim(self) -> bool:
        """Uses the invitation up. True for one caller only, and only while it is pending and not expired."""
        now = timezone.now()
        unused = Invitation.unscoped.filter(
            pk=self.pk, token_hash=self.token_hash, accepted_at=None, expires_at__gt=now
        )
        return unused.update(accepted_at=now) == 1
