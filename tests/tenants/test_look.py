"""Every piece of docs/look.md on one page, in a real browser."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django import forms
from django.http import HttpResponse
from django.template import engines
from django.urls import path

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


urlpatterns = [*project.urlpatterns, path("t/<slug:tenant_slug>/look/", look)]


@pytest.mark.browser
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_piece_fits_a_desk_and_a_phone(page, alice, scheme):
    sign_in(page, alice)
    page.emulate_media(color_scheme=scheme)
    page.goto("/t/acme-trading/look/")
    shoot(page, f"look-{scheme}")
