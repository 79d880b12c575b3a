"""The address that a partner system sends to: receiving, and making a new one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connections.models import Connection, Push, PushAddress, SystemKind
from connections.systems.cleo import push
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role


@csrf_exempt
@require_POST
def receive_push(request: HttpRequest, token: str) -> HttpResponse:
    """Anything, of any type. 202 once it is stored; an unknown token is a page that does not exist."""
    body = _body(request)
    if body is None:
        return HttpResponse(status=413)
    name = push.file_name(dict(request.headers), request.GET.get("name", ""))
    known = push.receive(token, body, name=name, media_type=request.headers.get("Content-Type", ""))
    return HttpResponse(status=202 if known else 404)


def _body(request: HttpRequest) -> bytes | None:
    """The raw body; None if it is larger than we take. Never read further than that."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        body = request.read(push.LARGEST_BODY + 1)
    except (ValueError, RequestDataTooBig):
        return None
    return None if max(length, len(body)) > push.LARGEST_BODY else body


def push_context(found: Connection) -> dict[str, Any]:
    """For the page of a connection: its push address and what came there last; empty where there is none."""
    if found.system != SystemKind.CLEO:
        return {}
    address = PushAddress.objects.filter(connection=found).first()
    path = reverse("receive_push", args=[address.token]) if address else ""
    return {
        "takes_pushes": True,
        "push_address": address,
        "push_url": f"{settings.SITE_URL}{path}",
        "pushes": Push.objects.for_tenant(found.tenant).filter(connection=found).order_by("-last_at")[:5],
    }


@tenant_required(Role.EDITOR)
def push_address(request: TenantRequest, key: str) -> HttpResponse:
    """Make the address; with one there already, ask first: the old one stops working."""
    found = get_or_404(request, Connection, key=key, system=SystemKind.CLEO)
    if request.method == "POST":
        push.new_address(found)
        messages.success(request, "Give the address to whoever sets up the HTTP action in CIC Studio.")
        return redirect(found)
    context = {
        "question": f"Make another push address for {found}?",
        "consequence": "The address that is set up in CIC Studio now stops working at once. Nothing is lost: the "
        "folders are looked into all the same.",
        "action": "Make another one",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def remove_push_address(request: TenantRequest, key: str) -> HttpResponse:
    found = get_or_404(request, Connection, key=key, system=SystemKind.CLEO)
    if request.method == "POST":
        PushAddress.objects.filter(connection=found).delete()
        messages.success(request, "The push address does not work any more.")
        return redirect(found)
    context = {
        "question": f"Remove the push address of {found}?",
        "consequence": "It stops working at once and cannot be had again. Nothing is lost: the folders are looked "
        "into all the same.",
        "action": "Remove it",
        "back": found.get_absolute_url(),
    }
    return render(request, "confirm.html", context)
