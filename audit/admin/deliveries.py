"""Find a delivery, understand it, decide about it."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.admin.content import document_html, json_html, show
from audit.admin.page import SubjectAdmin
from audit.admin.span import span_view
from audit.decisions import FOR_DELIVERIES
from audit.models import Arrival, Delivery
from audit.services import sentence
from audit.standing import STANDINGS
from audit.states import Acknowledgement, Document
from tenants.admin_base import TenantFilter, link
from tenants.templatetags.look import badge, moment

PUBLIC_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])")
# A currency's code or sign may stand before or behind.
AMOUNT = re.compile(
    r"(?:[A-Za-z]{3}\s+|[^\w\s.,-]\s*)?(-?\d[\d,]*(?:\.\d{1,2})?)(?:\s+[A-Za-z]{3}|\s*[^\w\s.,-])?"
)
SHORTEST_PREFIX = 3
PARTNERS_SEARCHED = 5
REVISIONS_SHOWN = 50
ATTEMPTS_SHOWN = 100


class StandingFilter(admin.SimpleListFilter):
    title = "where it stands"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in STANDINGS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if self.value() in STANDINGS:
            return queryset.filter(STANDINGS[str(self.value())][1])
        return queryset


@admin.register(Delivery)
class DeliveryAdmin(SubjectAdmin):
    decisions = FOR_DELIVERIES
    secrets = ("target__credentials", "route__source__credentials")
    page_template = "admin/audit/delivery/page.html"
    payloads = {
        "interchange": lambda delivery: delivery.interchange,
        "source": lambda delivery: delivery.source_record,
        "canonical": lambda delivery: delivery.canonical,
    }

    list_display = ["what", "stands", "whose", "money", "came_in"]
    list_filter = [TenantFilter, StandingFilter]
    search_fields = ["number"]
    search_help_text = (
        "Document number, FreshBooks id, partner, party, amount, interchange or group control number, "
        "file name, id at the partner, or the twelve characters of the delivery"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        related = ("tenant", "partner", "target", "route__source")
        return super().get_queryset(request).select_related(*related).defer("progress", *self.secrets)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay_span)
        return [path("replay/", view, name="audit_delivery_replay"), *super().get_urls()]

    def replay_span(self, request: HttpRequest) -> HttpResponse:
        """Replay everything of a connection between two points in time."""
        return span_view(self, request)

    def find(self, text: str) -> Iterator[Q]:
        yield from (Q(public_id=found) for found in PUBLIC_ID.findall(text.lower()))
        for written in dict.fromkeys([text, text.upper()]):
            yield Q(number=written)
            if len(text) >= SHORTEST_PREFIX:
                yield Q(number__begins=written)
        yield Q(source_id=text)
        yield Q(remote_id=text)
        if text.isdecimal():
            number = text.lstrip("0")
            yield Q(interchange_control=number)
            yield Q(group_control=number)
        if (amount := amount_in(text)) is not None:
            yield Q(amount=amount)
        if len(text) >= SHORTEST_PREFIX and not text.isdecimal():
            yield from (Q(partner=pk) for pk in partners_called(text))
            for written in dict.fromkeys([text, text.title(), text.upper()]):
                yield Q(party_name__begins=written)

    @admin.display(description="document")
    def what(self, delivery: Delivery) -> SafeString:
        extra = " (test)" if delivery.is_test else ""
        return format_html(
            '<strong>{}</strong><br><span class="quiet">{}{}</span>',
            delivery.number or delivery.source_id,
            delivery.kind.replace("_", " "),
            extra,
        )

    @admin.display(description="partner, organisation")
    def whose(self, delivery: Delivery) -> SafeString:
        partner = delivery.partner
        name = link(_page(partner), partner) if partner else delivery.party_name or "no partner"
        return format_html('{}<br><span class="quiet">{}</span>', name, delivery.tenant)

    @admin.display(description="amount")
    def money(self, delivery: Delivery) -> SafeString | str:
        if delivery.amount is None:
            return "–"
        return format_html('<span class="money">{} {}</span>', f"{delivery.amount:,.2f}", delivery.currency)

    @admin.display(description="where it stands")
    def stands(self, delivery: Delivery) -> SafeString:
        badges = format_html_join(" ", "{}", ((shown,) for shown in answer_badges(delivery, short=True)))
        return format_html("{}<br>{}", badges, truncatechars(sentence(delivery), 140))

    @admin.display(description="came in (UTC), goes to")
    def came_in(self, delivery: Delivery) -> SafeString:
        to = format_html('<span class="quiet">{}</span>', delivery.target)
        return format_html("{}<br>{}", moment(delivery.created_at), to)

    def page_context(self, request: HttpRequest, subject: Any, *, with_bytes: bool) -> dict[str, Any]:
        revisions = Delivery.unscoped.filter(route=subject.route_id, source_id=subject.source_id)
        answers = {event.data.get("arrival") for event in subject.events.filter(kind="acknowledgement")}
        return {
            "sentence": sentence(subject),
            "answers": answer_badges(subject),
            "route": subject.route,
            "links": {
                name: _page(row)
                for name in ("tenant", "partner", "target", "route")
                if (row := getattr(subject, name)) and self._may_see(request, row)
            },
            "source_link": _page(subject.route.source) if self._may_see(request, subject.target) else "",
            "attempts": subject.attempts.order_by("-number")[:ATTEMPTS_SHOWN],
            "revisions": revisions.select_related("partner").order_by("-revision")[:REVISIONS_SHOWN],
            "arrivals": Arrival.unscoped.filter(tenant=subject.tenant_id, public_id__in=answers - {None}),
            **(self._bytes_context(subject) if with_bytes else {}),
        }

    def _bytes_context(self, delivery: Delivery) -> dict[str, Any]:
        return {
            "document": document_html(delivery),
            "interchange": show(delivery.interchange_id),
            "interchange_url": self.bytes_url(delivery, "interchange"),
            "source": json_html(delivery.source_record_id),
            "source_url": self.bytes_url(delivery, "source"),
            "canonical_url": self.bytes_url(delivery, "canonical"),
        }

    def _may_see(self, request: HttpRequest, row: Model) -> bool:
        known = self.admin_site._registry.get(type(row))  # noqa: SLF001
        return known is not None and known.has_view_permission(request)


def answer_badges(delivery: Delivery, *, short: bool = False) -> list[SafeString]:
    """The three answers; `short` leaves out those that say nothing."""
    shown = [badge(delivery.transfer, delivery.get_transfer_display())]
    if not short or delivery.document == Document.HELD:
        shown.insert(0, badge(delivery.document, delivery.get_document_display()))
    if not short or delivery.acknowledgement != Acknowledgement.NONE:
        shown.append(badge(delivery.acknowledgement, delivery.get_acknowledgement_display()))
    return shown


def amount_in(text: str) -> Decimal | None:
    """12.5, 1,234.50, $1234 or "99.00 USD" as a number; None if it is no amount."""
    found = AMOUNT.fullmatch(text)
    if found is None:
        return None
    try:
        amount = Decimal(found[1].replace(",", ""))
    except InvalidOperation:
        return None
    return amount if abs(amount) < Decimal("1e16") else None


def partners_called(text: str) -> list[int]:
    """The ids of trading partners whose name or code contains the text; they are few."""
    partners: Any = Delivery._meta.get_field("partner").related_model
    called = partners.unscoped.filter(Q(name__icontains=text) | Q(code__icontains=text))
    return list(called.order_by("name").values_list("pk", flat=True)[:PARTNERS_SEARCHED])


def _page(row: Model) -> str:
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
