"""What the pages of deliveries and arrivals have in common: their timeline and their bytes."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from audit.admin.decide import DecidingAdmin
from audit.models import Event, Payload
from audit.views import download, note_look
from tenants.admin_base import ReadOnlyAdmin

EVENTS_SHOWN = 300


class SubjectAdmin(DecidingAdmin, ReadOnlyAdmin):
    """The page of one delivery or arrival. Its bytes are for those who hold `audit.view_payload`."""

    class Media:
        css = {"all": ["reading.css"]}

    page_template: str
    # Name in addresses -> the payload of that name.
    payloads: dict[str, Callable[[Any], Payload | None]]

    def get_urls(self) -> list[URLPattern]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/bytes/<slug:which>/", wrap(self.download_payload), name=f"{prefix}_bytes"),
            path("<int:pk>/event/<int:sequence>/", wrap(self.download_event), name=f"{prefix}_event_bytes"),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, subject: Any, *, with_bytes: bool) -> dict[str, Any]:
        """What the template needs beside the timeline; bytes only if `with_bytes`."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        subject = self._subject(request, object_id)
        with_bytes = request.user.has_perm("audit.view_payload")
        if with_bytes:
            note_look(request.user, subject)  # type: ignore[arg-type]
        context = {
            **self.admin_site.each_context(request),
            "title": str(subject),
            "opts": self.opts,
            "original": subject,
            "subject": subject,
            "media": self.media,
            "with_bytes": with_bytes,
            "decisions": self.open_decisions(request, subject),
            "timeline": self.timeline(subject, with_bytes=with_bytes),
            "is_cut": subject.events_count > EVENTS_SHOWN,
            **self.page_context(request, subject, with_bytes=with_bytes),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.page_template, context)

    def timeline(self, subject: Any, *, with_bytes: bool) -> list[dict[str, Any]]:
        """The last events, oldest first."""
        events = subject.events.select_related("actor").order_by("-sequence")[:EVENTS_SHOWN]
        return [
            {
                "event": event,
                "data": json.dumps(event.data, indent=2, ensure_ascii=False) if event.data else "",
                "bytes_url": self._event_url(subject, event) if with_bytes and event.payload_id else "",
            }
            for event in reversed(events)
        ]

    def bytes_url(self, subject: Any, which: str) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_bytes"
        return reverse(name, args=[subject.pk, which])

    def download_payload(self, request: HttpRequest, pk: int, which: str) -> FileResponse | HttpResponse:
        subject = self._subject(request, pk)
        if which not in self.payloads:
            raise Http404
        return self._hand_out(request, subject, self.payloads[which](subject))

    def download_event(self, request: HttpRequest, pk: int, sequence: int) -> FileResponse | HttpResponse:
        subject = self._subject(request, pk)
        event = get_object_or_404(subject.events.select_related("payload"), sequence=sequence)
        return self._hand_out(request, subject, event.payload)

    def _hand_out(
        self, request: HttpRequest, subject: Any, payload: Payload | None
    ) -> FileResponse | HttpResponse:
        if not request.user.has_perm("audit.view_payload"):
            raise PermissionDenied
        if payload is None:
            raise Http404
        return download(request.user, subject, payload)  # type: ignore[arg-type]

    def _subject(self, request: HttpRequest, pk: Any) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        subject = self.get_object(request, str(pk))
        if subject is None:
            raise Http404
        return subject

    def _event_url(self, subject: Any, event: Event) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_event_bytes"
        return reverse(name, args=[subject.pk, event.sequence])
