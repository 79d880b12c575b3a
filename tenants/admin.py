"""Organisations, their members and the people, for support staff."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from tenants.admin_base import ReadOnlyAdmin, SupportAdmin, TenantFilter
from tenants.forms import StaffLoginForm, TimeZoneField
from tenants.models import Invitation, Membership, Tenant, User

admin.site.login_form = StaffLoginForm


class MembershipInline(admin.TabularInline):
    """Who belongs to it. Roles are changed on the membership's own page, where the last owner is kept."""

    model = Membership
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TenantMembershipInline(MembershipInline):
    fields = ["user", "role", "created_at"]
    readonly_fields = ["user", "role", "created_at"]


class UserMembershipInline(MembershipInline):
    fields = ["tenant", "role", "created_at"]
    readonly_fields = ["tenant", "role", "created_at"]


@admin.register(Tenant)
class TenantAdmin(SupportAdmin):
    list_display = ["name", "slug", "time_zone", "created_at"]
    ordering = ["-pk"]
    search_fields = ["name"]
    search_help_text = "Name, the name in its addresses, organisation id, or a member's e-mail address"
    fields = ["name", "slug", "public_id", "time_zone", "created_at"]
    readonly_fields = ["slug", "public_id", "created_at"]
    inlines = [TenantMembershipInline]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(slug=text.lower())
        with suppress(ValueError):
            yield Q(public_id=UUID(text))
        yield Q(name__icontains=text)
        if "@" in text:
            yield Q(pk__in=Membership.unscoped.filter(user__email__begins=text.lower()).values("tenant"))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            return TimeZoneField()
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Membership)
class MembershipAdmin(SupportAdmin):
    list_display = ["user", "tenant", "role", "created_at"]
    list_select_related = ["user", "tenant"]
    list_filter = [TenantFilter, "role"]
    ordering = ["-pk"]
    search_fields = ["user__email"]
    search_help_text = "E-mail address or organisation"
    autocomplete_fields = ["user", "tenant"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(user__email__begins=text.lower())
        yield Q(tenant__name__icontains=text)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        return ["user", "tenant", "created_at"] if obj else ["created_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """One at a time, and never the last owner."""
        allowed = request.user.has_perm("tenants.delete_membership")
        return allowed and obj is not None and not obj.is_last_owner


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["email", "tenant", "role", "invited_by", "created_at", "expires_at", "accepted_at"]
    list_select_related = ["tenant", "invited_by"]
    list_filter = [TenantFilter, ("accepted_at", admin.EmptyFieldListFilter)]
    ordering = ["-pk"]
    search_fields = ["email"]
    search_help_text = "E-mail address or organisation"
    exclude = ["token_hash"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(email__begins=text.lower())
        yield Q(tenant__name__icontains=text)


@admin.register(User)
class UserAdmin(SupportAdmin):
    """People. A new user chooses a password through “Forgot your password?”; nobody sets it for them."""

    list_display = ["email", "full_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff"]
    ordering = ["-pk"]
    search_fields = ["email"]
    search_help_text = "E-mail address, name, or organisation"
    fields = [
        "email",
        "full_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
        "last_login",
        "date_joined",
    ]
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [UserMembershipInline]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(email__begins=text.lower())
        yield Q(full_name__icontains=text)
        yield Q(pk__in=Membership.unscoped.filter(tenant__name__icontains=text).values("user"))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Only a superuser says who may do what."""
        rights = ["is_staff", "is_superuser", "groups", "user_permissions"]
        return [*self.readonly_fields, *([] if request.user.is_superuser else rights)]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
