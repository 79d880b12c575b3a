"""The support's admin: Django's, with a start page that says which organisation hurts."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path

from audit.standing import STANDINGS, TROUBLES, tenants_in_trouble
from connections.overview import connections_in_trouble, failed_tasks, machinery, queue_length

TENANTS_SHOWN = 50


class SupportSite(AdminSite):
    site_header = "ml-connector support"
    site_title = "ml-connector support"
    index_title = "Support"
    index_template = "admin/desk.html"
    # The lists need the width; the start page leads everywhere.
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("queue/", self.admin_view(self.queue), name="queue"), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Each part only for those who may open what it leads to."""
        user: Any = request.user
        desk: dict[str, Any] = {"machinery": machinery()}
        if user.has_perm("audit.view_delivery"):
            troubles = tenants_in_trouble()
            desk["troubles"] = troubles[:TENANTS_SHOWN]
            desk["more_tenants"] = len(troubles[TENANTS_SHOWN:])
            desk["standings"] = [(key, STANDINGS[key][0]) for key in TROUBLES]
        if user.has_perm("connections.view_connection"):
            desk["connections"] = connections_in_trouble()
        return super().index(request, {**desk, **(extra_context or {})})

    def queue(self, request: HttpRequest) -> HttpResponse:
        """How much waits in the queue, and which tasks failed lately; nothing can be changed here."""
        user: Any = request.user
        if not user.has_perm("django_q.view_failure"):
            raise PermissionDenied
        context = {
            **self.each_context(request),
            "title": "Queue",
            "queued": queue_length(),
            "failures": failed_tasks(),
        }
        return TemplateResponse(request, "admin/queue.html", context)
