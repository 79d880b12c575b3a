"""The template tags that every page builds on; docs/look.md shows each one."""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tenants.models import Membership, Tenant

register = template.Library()

NAVIGATION = {
    "home": "Home",
    "documents": "Documents",
    "connections": "Connections",
    "partners": "Partners",
    "routes": "Routes",
    "members": "Members",
    "settings": "Settings",
}

TONES = {
    "ok": ("delivered", "accepted", "passed", "valid", "active", "connected", "healthy", "read"),
    "waiting": ("ready", "sending", "received", "pending", "running", "info"),
    "attention": (
        "held",
        "in_doubt",
        "overdue",
        "accepted_with_errors",
        "partly_failed",
        "paused",
        "expired",
    ),
    "failed": ("rejected", "needs_sign_in", "error"),
    "neutral": ("none", "skipped", "dismissed", "duplicate", "not_run", "inactive"),
}
TONE_OF = {state: tone for tone, states in TONES.items() for state in (tone, *states)}


def tenant_url(name: str, tenant: Tenant) -> str | None:
    """The address of the tenant's page called `name`, or None if there is no such page."""
    try:
        return reverse(name, args=[tenant.slug])
    except NoReverseMatch:
        return None


@register.inclusion_tag("includes/navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """The tabs of the tenant at hand; pages that do not exist are left out."""
    request = context.get("request")
    tenant = getattr(request, "tenant", None)
    if request is None or tenant is None:
        return {"tabs": []}
    addresses = {label: tenant_url(name, tenant) for name, label in NAVIGATION.items()}
    home = reverse("home", args=[tenant.slug])
    return {
        "tabs": [
            {"label": label, "url": url, "current": _is_current(request.path, url, home)}
            for label, url in addresses.items()
            if url
        ]
    }


def _is_current(path: str, url: str, home: str) -> bool:
    return path == url if url == home else path.startswith(url)


@register.simple_tag(takes_context=True)
def organisations(context: Context) -> list[Tenant]:
    """The organisations that the signed-in user belongs to, for the switcher."""
    user = context["request"].user
    memberships = Membership.unscoped.filter(user=user).select_related("tenant").order_by("tenant__name")
    return [membership.tenant for membership in memberships]


@register.simple_tag
def breadcrumbs(*labels_and_urls: str) -> SafeString:
    """`{% breadcrumbs "Partners" partners_url partner.name %}`: labels with addresses; last, this page."""
    *trail, here = labels_and_urls
    links = format_html_join("", '<li><a href="{1}">{0}</a></li>', zip(trail[::2], trail[1::2], strict=True))
    return format_html(
        '<nav class="breadcrumbs" aria-label="Breadcrumbs"><ol>{}<li aria-current="page">{}</li></ol></nav>',
        links,
        here,
    )


@register.filter
def tone(state: object) -> str:
    """The tone in which a state is shown: ok, waiting, attention, failed or neutral."""
    return TONE_OF.get(str(state), "neutral")


@register.simple_tag
def badge(state: object, text: object = "") -> SafeString:
    """`{% badge delivery.transfer delivery.get_transfer_display %}`; without a text the state's own words."""
    words = str(text) or str(state).replace("_", " ")
    return format_html('<span class="badge {}">{}</span>', tone(state), words[:1].upper() + words[1:])


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A point in time in the tenant's zone, with UTC on hover; a dash if there is none."""
    if at is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        at.isoformat(),
        date_format(timezone.localtime(at, timezone.get_fixed_timezone(0)), "Y-m-d H:i:s"),
        date_format(timezone.localtime(at), "j M Y, H:i"),
    )


@register.simple_tag(takes_context=True)
def tenant_link(context: Context, name: str, text: str) -> SafeString | str:
    """A link to the tenant's page called `name`; only the text if there is no such page."""
    url = tenant_url(name, context["request"].tenant)
    return format_html('<a href="{}">{}</a>', url, text) if url else text


@register.filter
def minutes(seconds: int) -> str:
    count = max(1, round(seconds / 60))
    return f"{count} minute{'' if count == 1 else 's'}"
