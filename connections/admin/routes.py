"""Routes and backfills."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from connections.models import Backfill, Connection, InvoiceNote, Route
from mappings.models import FileLayout, TradingPartner
from tenants.admin_base import ReadOnlyAdmin, SupportAdmin, TenantFilter


@admin.register(Route)
class RouteAdmin(SupportAdmin):
    secrets = ("source__credentials", "target__credentials")
    list_display = [
        "name",
        "tenant",
        "kind",
        "source",
        "target",
        "format",
        "is_on",
        "dry_run",
        "is_test",
        "starts_at",
    ]
    list_filter = [TenantFilter, "is_on", "dry_run", "is_test", "format"]
    list_select_related = ["tenant", "source", "target"]
    ordering = ["-pk"]
    search_fields = ["name"]
    search_help_text = "Name or key of the route, or its organisation"
    readonly_fields = ["tenant", "key", "kind", "created_at", "updated_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The customer says what flows."""
        return False

    def find(self, text: str) -> Iterator[Q]:
        yield Q(name__icontains=text)
        yield Q(key=text.lower())
        yield Q(tenant__name__icontains=text)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Both ends are chosen among the connections of the route's own organisation."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        for name in ("source", "target"):
            if name in form.base_fields and obj is not None:
                form.base_fields[name].queryset = Connection.objects.for_tenant(obj.tenant_id).defer(
                    "credentials"
                )
        for name, model in (("partner", TradingPartner), ("layout", FileLayout)):
            if name in form.base_fields and obj is not None:
                form.base_fields[name].queryset = model.objects.for_tenant(obj.tenant_id)
        return form


@admin.register(Backfill)
class BackfillAdmin(ReadOnlyAdmin):
    list_display = [
        "route",
        "tenant",
        "date_from",
        "date_to",
        "state",
        "progress",
        "taken_in",
        "requested_by",
        "created_at",
    ]
    list_filter = [TenantFilter, "state"]
    list_select_related = ["tenant", "route"]
    search_fields = ["requested_by"]
    search_help_text = "Name of the route, or who asked for it"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(route__name__icontains=text)
        yield Q(requested_by__icontains=text)

    @admin.display(description="done")
    def progress(self, backfill: Backfill) -> str:
        return f"{backfill.percent} %"


@admin.register(InvoiceNote)
class InvoiceNoteAdmin(ReadOnlyAdmin):
    """Lines for the notes of FreshBooks invoices, written and waiting."""

    secrets = ("connection__credentials",)
    list_display = [
        "line",
        "tenant",
        "invoice_id",
        "attempts_made",
        "next_attempt_at",
        "written_at",
        "failure",
    ]
    list_filter = [TenantFilter]
    list_select_related = ["tenant"]
    ordering = ["-pk"]
    search_fields = ["invoice_id"]
    search_help_text = "FreshBooks id of the invoice"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(invoice_id=text)
