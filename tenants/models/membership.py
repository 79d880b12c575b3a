"""Who belongs to an organisation, and what they may do there."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction

from tenants.models.tenant import Tenant
from tenants.scoping import TenantScoped


class Role(models.TextChoices):
    """From the most to the least allowed: each role may do what the roles after it may."""

    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        ranks = list(Role)
        return ranks.index(self) <= ranks.index(other)

    @property
    def description(self) -> str:
        return {
            Role.OWNER: "Changes the set-up, and invites and removes members.",
            Role.EDITOR: "Changes the set-up: connections, partners, routes, and replays documents.",
            Role.VIEWER: "Looks at everything, changes nothing.",
        }[self]


class LastOwnerError(ValidationError):
    """The change would leave an organisation without an owner."""

    def __init__(self) -> None:
        super().__init__(
            "An organisation needs at least one owner. Make another member owner first.", code="last_owner"
        )


class Membership(TenantScoped):
    """A user's role in a tenant. Saving and deleting both keep at least one owner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user"],
                name="membership_once_per_user",
                violation_error_message="This person is a member already.",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} of {self.tenant}"

    def clean(self) -> None:
        super().clean()
        if self.role != Role.OWNER and self.is_last_owner:
            raise LastOwnerError

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self.role != Role.OWNER:
                self._require_another_owner()
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self._require_another_owner()
            return super().delete(*args, **kwargs)

    @property
    def is_last_owner(self) -> bool:
        """Whether the tenant's only owner, as stored, is this member."""
        owners = Membership.unscoped.filter(tenant_id=self.tenant_id, role=Role.OWNER)
        return bool(self.pk) and list(owners.values_list("pk", flat=True)[:2]) == [self.pk]

    def allows(self, role: str) -> bool:
        """Whether this member may do what `role` may."""
        return Role(self.role).includes(Role(role))

    @property
    def can_edit(self) -> bool:
        return self.allows(Role.EDITOR)

    @property
    def can_manage(self) -> bool:
        return self.allows(Role.OWNER)

    def _require_another_owner(self) -> None:
        """Raises LastOwnerError. Locks the tenant, so that two owners can not step down past each other."""
        Tenant.objects.select_for_update().get(pk=self.tenant_id)
        if self.is_last_owner:
            raise LastOwnerError
