"""Find an arrival, see what was made of it, read it again."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, truncatechars
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.admin.content import show
from audit.admin.deliveries import PUBLIC_ID
from audit.admin.page import SubjectAdmin
from audit.decisions import FOR_ARRIVALS
from audit.models import Arrival, ArrivedDocument, Delivery, Event
from audit.models.arrivals import ArrivalState
from tenants.admin_base import ReadOnlyAdmin, TenantFilter, link
from tenants.templatetags.look import badge, moment


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ArrivalState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Arrival]) -> QuerySet[Arrival]:
        return queryset.filter(state=self.value()) if self.value() in ArrivalState.values else queryset


@admin.register(Arrival)
class ArrivalAdmin(SubjectAdmin):
    decisions = FOR_ARRIVALS
    secrets = ("connection__credentials",)
    page_template = "admin/audit/arrival/page.html"
    payloads = {"content": lambda arrival: arrival.payload}

    list_display = ["what", "stands", "whence", "arrived"]
    list_filter = [TenantFilter, StateFilter]
    list_select_related = ["tenant", "connection"]
    search_fields = ["name"]
    search_help_text = "Beginning of the file name, SHA-256, or the twelve characters of the arrival"

    def find(self, text: str) -> Iterator[Q]:
        yield from (Q(public_id=found) for found in PUBLIC_ID.findall(text.lower()))
        if len(text) == 64:
            # The index begins with the connection, and connections are few: each is looked up.
            connections: Any = Arrival._meta.get_field("connection").related_model
            yield Q(connection__in=connections.unscoped.values("pk"), sha256=text.lower())
        for written in dict.fromkeys([text, text.upper(), text.lower()]):
            yield Q(name__begins=written)

    @admin.display(description="file")
    def what(self, arrival: Arrival) -> SafeString:
        size = filesizeformat(arrival.size)
        return format_html('<strong>{}</strong><br><span class="quiet">{}</span>', arrival.name, size)

    @admin.display(description="connection, place, organisation")
    def whence(self, arrival: Arrival) -> SafeString:
        quiet = format_html('<span class="quiet">{}</span>', arrival.tenant)
        return format_html("{}, {}<br>{}", arrival.connection, arrival.place, quiet)

    @admin.display(description="where it stands")
    def stands(self, arrival: Arrival) -> SafeString:
        state = badge(arrival.state, arrival.get_state_display())
        return format_html("{}<br>{}", state, truncatechars(arrival.reason or arrival.summary, 140))

    @admin.display(description="arrived (UTC)")
    def arrived(self, arrival: Arrival) -> SafeString | str:
        return moment(arrival.arrived_at)

    def page_context(self, request: HttpRequest, subject: Any, *, with_bytes: bool) -> dict[str, Any]:
        return {
            "state": badge(subject.state, subject.get_state_display()),
            "deliveries": answered(subject),
            "content": show(subject.payload_id) if with_bytes else None,
            "content_url": self.bytes_url(subject, "content"),
        }


def answered(arrival: Arrival) -> QuerySet[Delivery]:
    """The deliveries on whose timelines the bytes of this arrival stand."""
    events = Event.unscoped.filter(payload=arrival.payload_id, delivery__isnull=False)
    return Delivery.unscoped.filter(pk__in=events.values("delivery")).select_related("partner").order_by("pk")


@admin.register(ArrivedDocument)
class ArrivedDocumentAdmin(ReadOnlyAdmin):
    """The documents that arrivals held, and what became of each."""

    list_display = ["what", "stands", "partner", "whence", "tenant"]
    list_filter = [TenantFilter, "state"]
    list_select_related = ["tenant", "arrival", "partner"]
    ordering = ["-pk"]
    exclude = ["canonical"]
    search_fields = ["number"]
    search_help_text = "Document number, or the twelve characters of the document or of its arrival"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(number=text)
        for found in PUBLIC_ID.findall(text.lower()):
            yield Q(public_id=found)
            yield Q(arrival__in=Arrival.unscoped.filter(public_id=found).values("pk"))

    @admin.display(description="document")
    def what(self, row: ArrivedDocument) -> SafeString:
        line = f"line {row.line}" if row.line else f"document {row.position}"
        return format_html('<strong>{}</strong><br><span class="quiet">{}</span>', row, line)

    @admin.display(description="where it stands")
    def stands(self, row: ArrivedDocument) -> SafeString:
        return format_html(
            "{}<br>{}", badge(row.state, row.get_state_display()), truncatechars(row.reason, 140)
        )

    @admin.display(description="arrival")
    def whence(self, row: ArrivedDocument) -> SafeString:
        return link(reverse("admin:audit_arrival_change", args=[row.arrival_id]), row.arrival)
