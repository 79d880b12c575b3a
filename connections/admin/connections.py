"""Connections: how they are, resuming and switching them, and their settings with write-only secrets."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.admin.decide import DecidingAdmin
from audit.decisions import Decision, Weighing
from audit.models import Delivery
from connections.admin.decisions import FOR_CONNECTIONS
from connections.models import AccessToken, Connection, ConnectionState
from connections.systems.registry import REGISTRY
from tenants.admin_base import ReadOnlyAdmin, TenantFilter
from tenants.doorbell import ring
from tenants.templatetags.look import badge, moment

TONES = {
    ConnectionState.ACTIVE: "ok",
    ConnectionState.NEEDS_SIGN_IN: "failed",
    ConnectionState.MISCONFIGURED: "failed",
}


def state_badge(connection: Connection) -> SafeString:
    """Its state, or "paused" where that is what matters."""
    if connection.is_usable and connection.is_paused():
        return badge("attention", "paused")
    return badge(TONES.get(ConnectionState(connection.state), "neutral"), connection.get_state_display())


@admin.register(Connection)
class ConnectionAdmin(DecidingAdmin):
    decisions = FOR_CONNECTIONS
    secrets = ("credentials",)
    change_form_template = "admin/connections/connection/change_form.html"

    list_display = ["what", "tenant", "health", "failures_in_row", "lately", "waits"]
    list_filter = [TenantFilter, "system", "state"]
    list_select_related = ["tenant"]
    ordering = ["-pk"]
    search_fields = ["name"]
    search_help_text = "Name or key of the connection, or its organisation"
    readonly_fields = [
        "tenant",
        "system",
        "key",
        "health",
        "remedy",
        "failures_in_row",
        "lately",
        "last_failure",
        "waits",
        "settings_shown",
        "credentials_set_at",
    ]
    fieldsets = [
        (None, {"fields": ["tenant", "system", "key", "name", "poll_seconds"]}),
        (
            "How it is",
            {"fields": ["health", "remedy", "failures_in_row", "lately", "last_failure", "waits"]},
        ),
        ("Settings", {"fields": ["settings_shown", "credentials_set_at"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.settings_view)
        return [path("<int:pk>/settings/", view, name="connections_connection_settings"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The customer makes connections, and signs in for them."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        waiting = Delivery.unscoped.filter(target=OuterRef("pk"), next_attempt_at__isnull=False)
        oldest = waiting.order_by("next_attempt_at").values("next_attempt_at")[:1]
        return super().get_queryset(request).annotate(waits_since=Subquery(oldest))

    def find(self, text: str) -> Iterator[Q]:
        yield Q(name__icontains=text)
        yield Q(key=text.lower())
        yield Q(tenant__name__icontains=text)

    @admin.display(description="connection")
    def what(self, connection: Connection) -> SafeString:
        system = format_html('<span class="quiet">{}</span>', connection.get_system_display())
        return format_html("<strong>{}</strong><br>{}", connection.name, system)

    @admin.display(description="state")
    def health(self, connection: Connection) -> SafeString:
        """The state, and why: until when it is paused, or what stopped it."""
        why = connection.state_text
        if connection.is_usable and connection.is_paused():
            why = format_html("until {} UTC: {}", moment(connection.paused_until), connection.pause_reason)
        return format_html("{}<br>{}", state_badge(connection), why)

    @admin.display(description="what to do")
    def remedy(self, connection: Connection) -> str:
        return connection.state_remedy or "–"

    @admin.display(description="lately (UTC)")
    def lately(self, connection: Connection) -> SafeString:
        success, failure = moment(connection.last_success_at), moment(connection.last_failure_at)
        return format_html("success {}<br>failure {}", success, failure)

    @admin.display(description="oldest waiting is due (UTC)")
    def waits(self, connection: Any) -> SafeString | str:
        return moment(connection.waits_since)

    @admin.display(description="settings")
    def settings_shown(self, connection: Connection) -> SafeString:
        text = json.dumps(connection.settings, indent=2, ensure_ascii=False)
        return format_html('<pre class="bytes">{}</pre>', text)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        connection = self.get_object(request, object_id)
        if connection is None or not self.has_view_permission(request, connection):
            return super().change_view(request, object_id, form_url, extra_context)
        context = {
            "decisions": self.open_decisions(request, connection),
            "has_settings": REGISTRY[connection.system].form is not None,
            "deliveries": f"{reverse('admin:audit_delivery_changelist')}?target__id__exact={connection.pk}",
            "span": f"{reverse('admin:audit_delivery_replay')}?target={connection.pk}",
        }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def settings_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form of its system: settings, and secrets that can be set, replaced or cleared but not seen."""
        connection = get_object_or_404(Connection.unscoped.select_related("tenant"), pk=pk)
        if not self.has_change_permission(request, connection):
            raise PermissionDenied
        form_class = REGISTRY[connection.system].form_class()
        if form_class is None:
            raise Http404
        form = form_class(connection, request.POST if request.method == "POST" else None)
        if form.is_valid():
            form.apply(connection)
            connection.save(update_fields=["settings", "credentials", "credentials_set_at", "updated_at"])
            changed = ", ".join(form.changed_data) or "nothing"
            self.log_change(request, connection, f"Changed by its settings form: {changed}.")
            self.message_user(request, "The settings are saved. Test the connection.", messages.SUCCESS)
            return redirect("admin:connections_connection_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Settings of {connection}",
            "opts": self.opts,
            "media": self.media + form.media,
            "connection": connection,
            "form": form,
        }
        return TemplateResponse(request, "admin/connections/connection/settings.html", context)

    def carry_out(
        self, request: HttpRequest, decision: Decision, subjects: list[Any], *, why: str, force: bool
    ) -> Weighing:
        """Each in a transaction of its own, in the connection's history with the user and the reason."""
        done = Weighing()
        for subject in subjects:
            with transaction.atomic():
                now = (
                    Connection.unscoped.select_for_update(of=("self",))
                    .defer("credentials")
                    .get(pk=subject.pk)
                )
                if refusal := decision.refuses(now, force=force):
                    done.refused[refusal] += 1
                    continue
                decision.carry_out(now, actor=request.user, why=why)
                self.log_change(request, now, f"{decision.title}: {why}")
                done.applies.append(now)
        for connection in done.applies:
            for task in ("deliver", "read", "fetch"):
                ring(f"connections.tasks.{task}", connection.pk)
        return done


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyAdmin):
    """When the tokens of a connection end, and how often they were renewed; never the tokens."""

    secrets = ("access_token", "refresh_token", "connection__credentials")
    list_display = ["connection", "organisation", "expires", "generation", "refresh_failed_at", "updated_at"]
    list_select_related = ["connection__tenant"]
    ordering = ["-pk"]
    search_fields = ["connection__name"]
    search_help_text = "Name of the connection or its organisation"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(connection__name__icontains=text)
        yield Q(connection__tenant__name__icontains=text)

    @admin.display(description="organisation")
    def organisation(self, token: AccessToken) -> str:
        return str(token.connection.tenant)

    @admin.display(description="expires (UTC)")
    def expires(self, token: AccessToken) -> SafeString | str:
        return moment(token.expires_at)
