"""The template tags that every page builds on; docs/look.md shows each one."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
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
# What else belongs to a tab, by the part of its address that follows the tenant.
BELONGS_TO = {
    "documents": ("arrivals", "arrived", "reports"),
    "partners": ("places", "links", "gl-mappings", "layouts"),
    "routes": ("backfills",),
}

TONES = {
    "ok": (
        "delivered",
        "accepted",
        "passed",
        "valid",
        "active",
        "connected",
        "healthy",
        "read",
        "taken",
        "recorded",
    ),
    "waiting": ("ready", "sending", "received", "pending", "running", "info", "setting_up"),
    "attention": (
        "held",
        "open",
        "in_doubt",
        "overdue",
        "accepted_with_errors",
        "partly_failed",
        "paused",
        "expired",
    ),
    "failed": ("rejected", "needs_sign_in", "misconfigured", "error", "invalid"),
    "neutral": ("none", "skipped", "dismissed", "duplicate", "not_run", "inactive", "off"),
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
    home = reverse("home", args=[tenant.slug])
    part = request.path.removeprefix(home).partition("/")[0]
    return {
        "tabs": [
            {"label": label, "url": url, "current": _is_current(name, url, request.path, home, part)}
            for name, label in NAVIGATION.items()
            if (url := tenant_url(name, tenant))
        ]
    }


def _is_current(name: str, url: str, path: str, home: str, part: str) -> bool:
    if url == home:
        return path == home
    return path.startswith(url) or part in BELONGS_TO.get(name, ())


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


@register.filter
def day(on: date | str | None) -> str:
    """A day without a zone, as a date or in ISO form: 14 Mar 2026; a dash if there is none."""
    if on and isinstance(on, str):
        try:
            on = date.fromisoformat(on)
        except ValueError:
            return str(on)
    return date_format(on, "j M Y") if on else "–"


@register.filter
def amount(value: object, currency: str = "") -> str:
    """`{{ delivery.amount|amount:delivery.currency }}`: 1,234.50 USD; a dash if there is none.

    Takes a number or the text of one, and keeps decimals beyond the second.
    """
    number = _number(value)
    if number is None:
        return "–"
    return f"{number:,.{max(2, _places(number))}f} {currency}".strip()


@register.filter
def quantity(value: object) -> str:
    """1,200 or 2.5, without needless zeros; a dash if there is none."""
    number = _number(value)
    return "–" if number is None else f"{number:,.{_places(number)}f}"


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _places(number: Decimal) -> int:
    """How many decimals say something."""
    return max(0, -int(number.normalize().as_tuple().exponent))


@register.simple_tag(takes_context=True)
def tenant_link(context: Context, name: str, text: str) -> SafeString | str:
    """A link to the tenant's page called `name`; only the text if there is no such page."""
    url = tenant_url(name, context["request"].tenant)
    return format_html('<a href="{}">{}</a>', url, text) if url else text


@register.filter
def minutes(seconds: int) -> str:
    count = max(1, round(seconds / 60))
    return f"{count} minute{'' if count == 1 else 's'}"


@register.filter
def words(name: object) -> str:
    """A name of ours as people read it: purchase_order becomes purchase order."""
    return str(name).replace("_", " ")


@register.filter
def as_list(value: object) -> list[object]:
    """The value as a list of one; empty if there is none."""
    return [value] if value else []
