"""Reference data: what systems list, and what was linked. Only to be looked at."""

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Q

from connections.models import ReferenceEntry, ReferenceLink
from tenants.admin_base import ReadOnlyAdmin, TenantFilter


@admin.register(ReferenceEntry)
class ReferenceEntryAdmin(ReadOnlyAdmin):
    secrets = ("connection__credentials",)
    list_display = ["name", "key", "kind", "connection", "tenant", "is_set_aside", "gone_at"]
    list_filter = [TenantFilter, "kind"]
    list_select_related = ["tenant", "connection"]
    ordering = ["-pk"]
    search_fields = ["key"]
    search_help_text = "Number, or name, as the system lists it"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(key=text)
        yield Q(name__icontains=text)


@admin.register(ReferenceLink)
class ReferenceLinkAdmin(ReadOnlyAdmin):
    secrets = ("connection__credentials",)
    list_display = ["books", "other", "connection", "tenant", "linked_at", "linked_by"]
    list_filter = [TenantFilter]
    list_select_related = ["tenant", "connection", "books", "other"]
    ordering = ["-pk"]
    search_fields = ["linked_by"]
    search_help_text = "Name of either, or who linked them"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(books__name__icontains=text)
        yield Q(other__name__icontains=text)
        yield Q(linked_by__icontains=text)
