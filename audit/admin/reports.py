"""What partners' files said of bills and payments: a read-only list, newest first."""

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.safestring import SafeString

from audit.models import StatusReport
from tenants.admin_base import ReadOnlyAdmin, TenantFilter, link
from tenants.templatetags.look import badge


@admin.register(StatusReport)
class StatusReportAdmin(ReadOnlyAdmin):
    list_display = ["remote_id", "tenant", "about", "says", "dated", "amount_", "bill", "file"]
    list_filter = [TenantFilter, ("delivery", admin.EmptyFieldListFilter)]
    list_select_related = ["tenant", "delivery", "arrival"]
    ordering = ["-pk"]
    search_fields = ["source_id"]
    search_help_text = "FreshBooks id of the bill"
    exclude = ["identity"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(source_id=text)

    @admin.display(description="says")
    def says(self, report: StatusReport) -> str:
        return f"{report.stated} ({report.get_status_display()})"

    @admin.display(description="amount")
    def amount_(self, report: StatusReport) -> str:
        return "–" if report.amount is None else f"{report.amount} {report.currency}"

    @admin.display(description="about")
    def bill(self, report: StatusReport) -> SafeString | str:
        if report.delivery is None:
            return badge("attention", "linked to nothing")
        return link(reverse("admin:audit_delivery_change", args=[report.delivery_id]), report.delivery)

    @admin.display(description="file")
    def file(self, report: StatusReport) -> SafeString:
        return link(reverse("admin:audit_arrival_change", args=[report.arrival_id]), report.arrival)
