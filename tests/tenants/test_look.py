"""Every piece of docs/look.md on one page, in a real browser; and what the script does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from playwright.sync_api import Route, expect

from connector_site import urls as project
from tenants.access import TenantRequest, tenant_required
from tests.browser import shoot, sign_in


class Example(forms.Form):
    host = forms.CharField(help_text="As in <code>sftp.example.com</code>.")
    port = forms.IntegerField(initial=22)
    folder = forms.CharField(required=False, label="Folder")
    kind = forms.ChoiceField(choices=[("a", "Password"), ("b", "Key")], widget=forms.RadioSelect)
    system = forms.ChoiceField(choices=[("a", "SFTP"), ("b", "Cleo")])
    note = forms.CharField(widget=forms.Textarea, required=False)
    live = forms.BooleanField(
        required=False, label="Switched on", help_text="Documents flow as soon as it is on."
    )

    def clean(self):
        raise forms.ValidationError(
            "The connection test did not pass. Correct the marked fields and try again."
        )


@tenant_required()
def look(request: TenantRequest) -> HttpResponse:
    steps = [
        {"title": "Name found", "state": "passed", "text": "sftp.example.com is 203.0.113.7."},
        {"title": "Signed in", "state": "failed", "text": "The server refused the password of “acme”."},
        {"title": "Folder readable", "state": "not_run", "text": ""},
    ]
    context = {
        "steps": steps,
        "form": Example({"port": "x", "host": "sftp.example.com"}),
        "now": datetime(2025, 3, 14, 14, 42, tzinfo=UTC),
        "states": ["delivered", "waiting", "held", "failed", "skipped"],
    }
    template = engines["django"].from_string(Path(__file__).with_name("look.html").read_text())
    return HttpResponse(template.render(context, request))


PAGE_WITH_A_FORM = """
{% extends "base.html" %}{% block content %}
<div id="steps"{% if polls %} data-poll="0.05"{% endif %}>Shown {{ shown }}</div>
<form method="post">{% csrf_token %}<button class="button">Send</button></form>
{% endblock %}
"""


@tenant_required()
def counting(request: TenantRequest) -> HttpResponse:
    """With `?poll` it polls until it was shown three times."""
    shown = request.session["shown"] = request.session.get("shown", 0) + 1
    context = {"shown": shown, "polls": "poll" in request.GET and shown < 3}
    return HttpResponse(engines["django"].from_string(PAGE_WITH_A_FORM).render(context, request))


urlpatterns = [
    *project.urlpatterns,
    path("t/<slug:tenant_slug>/look/", look),
    path("t/<slug:tenant_slug>/counting/", counting),
]


@pytest.mark.browser
@pytest.mark.urls(__name__)
class TestScript:
    def test_a_polled_piece_is_renewed_until_the_server_says_it_is_done(self, page, alice):
        sign_in(page, alice)
        page.goto("/t/acme-trading/counting/?poll")
        expect(page.locator("#steps")).to_have_text("Shown 3")
        expect(page.locator("#steps[data-poll]")).to_have_count(0)

    def test_a_form_is_sent_once_however_often_its_button_is_pressed(self, page, alice):
        sent: list[str] = []

        def answer_with_nothing(route: Route) -> None:
            sent.append(route.request.url)
            route.fulfill(status=204)

        sign_in(page, alice)
        page.goto("/t/acme-trading/counting/")
        page.route("**/counting/", answer_with_nothing)
        for _ in range(3):
            page.get_by_role("button", name="Send").dispatch_event("click")
        expect(page.get_by_role("button", name="Send")).to_be_disabled()
        assert len(sent) == 1


def channel(value: int) -> float:
    """The linear light of one sRGB channel, as WCAG 2.2 defines it."""
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours such as "#1a2430" (WCAG 2.2)."""
    luminances = sorted(
        0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
        for red, green, blue in (bytes.fromhex(colour[1:]) for colour in (one, other))
    )
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


STYLESHEET = Path(settings.BASE_DIR, "templates/static/app.css").read_text()
SCHEMES = [
    dict(re.findall(r"--([\w-]+): (#\w{6});", block))
    for block in STYLESHEET.partition("/* Ground */")[0].split("@media")
]
TONES = ["ok", "waiting", "attention", "failed", "neutral"]
TEXT_ON_GROUND = [
    *[(text, ground) for text in ("ink", "muted", "link") for ground in ("ground", "surface", "sunken")],
    *[(tone, f"{tone}-ground") for tone in TONES],
    *[("ink", f"{tone}-ground") for tone in TONES],
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("failed", "surface"),
]


@pytest.mark.parametrize("colours", SCHEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_stands_out_from_its_ground(colours, text, ground):
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", SCHEMES, ids=["light", "dark"])
@pytest.mark.parametrize("line", ["line-strong", "focus"])
def test_edges_of_controls_stand_out(colours, line):
    assert contrast(colours[line], colours["surface"]) >= 3


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_piece_fits_a_desk_and_a_phone(page, alice, scheme):
    sign_in(page, alice)
    page.emulate_media(color_scheme=scheme)
    page.goto("/t/acme-trading/look/")
    shoot(page, f"look-{scheme}")
