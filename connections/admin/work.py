"""What is due and what is known: polls, hints, webhooks, leases, source records, heartbeats."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString

from connections.models import (
    Callback,
    CallSlot,
    Connection,
    Heartbeat,
    Hint,
    Poll,
    Slot,
    SourceRecord,
    SystemKind,
)
from connections.overview import WORKER_QUIET
from connections.systems.freshbooks.catalogue import RESOURCES
from tenants.admin_base import ReadOnlyAdmin, tenant_filter
from tenants.templatetags.look import badge, moment


class OfConnection(ReadOnlyAdmin):
    """Rows that belong to a connection, and by it to an organisation."""

    secrets: ClassVar[tuple[str, ...]] = ("connection__credentials",)
    list_filter = [tenant_filter("connection__tenant")]
    list_select_related = ["connection__tenant"]
    ordering = ["-pk"]

    @admin.display(description="organisation")
    def organisation(self, row: Any) -> str:
        return str(row.connection.tenant)


@admin.register(Poll)
class PollAdmin(OfConnection):
    list_display = ["connection", "organisation", "kind", "subject", "next", "success", "last_failure"]
    list_filter = [tenant_filter("connection__tenant"), "kind"]
    search_fields = ["subject"]
    search_help_text = "Name of the connection, or the place or resource"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(connection__name__icontains=text)
        yield Q(subject__icontains=text)

    @admin.display(description="next look (UTC)")
    def next(self, poll: Poll) -> SafeString | str:
        return moment(poll.next_at)

    @admin.display(description="last success (UTC)")
    def success(self, poll: Poll) -> SafeString | str:
        return moment(poll.last_success_at)


@admin.register(Hint)
class HintAdmin(OfConnection):
    list_display = [
        "noun",
        "object_id",
        "connection",
        "organisation",
        "verb",
        "count",
        "last_at",
        "due_at",
        "failure",
    ]
    search_fields = ["object_id"]
    search_help_text = "FreshBooks id"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(object_id=text)


@admin.register(SourceRecord)
class SourceRecordAdmin(OfConnection):
    """What was last seen of each FreshBooks record. A million rows: found by connection and id."""

    list_display = ["resource", "source_id", "connection", "organisation", "was_draft", "read_at"]
    list_filter = []
    search_fields = ["source_id"]
    search_help_text = "FreshBooks id"

    def find(self, text: str) -> Iterator[Q]:
        """The index begins with connection and resource, which are few: each is looked up."""
        books = Connection.unscoped.filter(system=SystemKind.FRESHBOOKS)
        yield Q(connection__in=books.values("pk"), resource__in=list(RESOURCES), source_id=text)


@admin.register(Callback)
class CallbackAdmin(OfConnection):
    secrets = ("verifier", "connection__credentials")
    exclude = ["token_hash"]
    list_display = [
        "event",
        "connection",
        "organisation",
        "verified",
        "registered_at",
        "last_heard_at",
        "heard",
        "refused",
    ]
    list_filter = [tenant_filter("connection__tenant"), "is_verified"]
    search_fields = ["callback_id"]
    search_help_text = "Id of the callback at FreshBooks, or name of the connection"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(callback_id=text)
        yield Q(connection__name__icontains=text)

    @admin.display(description="verified")
    def verified(self, callback: Callback) -> SafeString:
        return badge("ok", "verified") if callback.is_verified else badge("attention", "not verified")


@admin.register(Slot)
class SlotAdmin(OfConnection):
    """Which work of which connection a worker has in hand."""

    list_display = ["connection", "organisation", "work", "in_hand"]
    list_filter = [tenant_filter("connection__tenant"), "work"]

    @admin.display(description="lease")
    def in_hand(self, slot: Slot) -> SafeString | str:
        if slot.lease_until is None:
            return "free"
        return moment(slot.lease_until) if slot.lease_until > timezone.now() else "run out"


@admin.register(CallSlot)
class CallSlotAdmin(ReadOnlyAdmin):
    """Calls under way to installations that take few at once."""

    list_display = ["installation", "number", "lease_until"]
    search_fields = ["installation"]
    search_help_text = "Host of the installation"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(installation__icontains=text)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["name", "beat", "alive"]
    ordering = ["name"]

    @admin.display(description="last sign of life (UTC)")
    def beat(self, heartbeat: Heartbeat) -> SafeString | str:
        return moment(heartbeat.beat_at)

    @admin.display(description="state")
    def alive(self, heartbeat: Heartbeat) -> SafeString:
        quiet = timezone.now() - heartbeat.beat_at > WORKER_QUIET
        return badge("failed", "silent") if quiet else badge("ok", "alive")
