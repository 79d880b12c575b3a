"""What was tried, what happened and what people were told: three read-only lists, newest first."""

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Model, Q
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.safestring import SafeString

from audit.admin.deliveries import PUBLIC_ID
from audit.models import Attempt, Delivery, Event, Notice
from tenants.admin_base import ReadOnlyAdmin, TenantFilter, link
from tenants.templatetags.look import badge, moment

ATTEMPT_TONES = {
    "delivered": "ok",
    "found": "ok",
    "running": "waiting",
    "temporary": "attention",
    "unknown": "attention",
    "needs_sign_in": "attention",
}


def _deliveries(text: str) -> list[int]:
    """The ids of the deliveries that a person means by a number or a public id."""
    meant = Q(number=text) | Q(source_id=text)
    for public_id in PUBLIC_ID.findall(text.lower()):
        meant |= Q(public_id=public_id)
    return list(Delivery.unscoped.filter(meant).order_by().values_list("pk", flat=True)[:50])


def _subject_link(subject: Model | None) -> SafeString | str:
    if subject is None:
        return "–"
    return link(reverse(f"admin:audit_{subject._meta.model_name}_change", args=[subject.pk]), subject)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["delivery_link", "number", "result", "started", "finished", "text_", "worker"]
    list_display_links = ["number"]
    list_select_related = ["delivery"]
    ordering = ["-pk"]
    search_fields = ["delivery__number"]
    search_help_text = "Document number, FreshBooks id or the twelve characters of the delivery"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(delivery__in=_deliveries(text))

    @admin.display(description="delivery")
    def delivery_link(self, attempt: Attempt) -> SafeString | str:
        return _subject_link(attempt.delivery)

    @admin.display(description="outcome")
    def result(self, attempt: Attempt) -> SafeString:
        return badge(ATTEMPT_TONES.get(attempt.outcome, "failed"), attempt.get_outcome_display())

    @admin.display(description="started (UTC)")
    def started(self, attempt: Attempt) -> SafeString | str:
        return moment(attempt.started_at)

    @admin.display(description="finished (UTC)")
    def finished(self, attempt: Attempt) -> SafeString | str:
        return moment(attempt.finished_at)

    @admin.display(description="in words")
    def text_(self, attempt: Attempt) -> str:
        return truncatechars(attempt.text, 110)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["happened", "tenant", "subject", "kind", "says", "actor_name"]
    list_filter = [TenantFilter]
    list_select_related = ["tenant", "delivery", "arrival"]
    ordering = ["-pk"]
    search_fields = ["delivery__number"]
    search_help_text = "Document number, FreshBooks id or the twelve characters of the delivery"
    exclude = ["payload"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(delivery__in=_deliveries(text))

    @admin.display(description="at (UTC)")
    def happened(self, event: Event) -> SafeString | str:
        return moment(event.at)

    @admin.display(description="about")
    def subject(self, event: Event) -> SafeString | str:
        return _subject_link(event.delivery or event.arrival)

    @admin.display(description="in words")
    def says(self, event: Event) -> str:
        return truncatechars(event.text, 140)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What an organisation's people were told, and whether it is settled."""

    list_display = ["title", "tenant", "state", "created_at", "emailed_at", "closed_at"]
    list_filter = [TenantFilter, ("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["tenant"]
    ordering = ["-pk"]

    @admin.display(description="state")
    def state(self, notice: Notice) -> SafeString:
        return badge("neutral", "settled") if notice.closed_at else badge("attention", "open")
