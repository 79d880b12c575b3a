from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

from tenants.templatetags import look


def render(source, **context):
    return Template("{% load look %}" + source).render(Context(context))


class TestBadge:
    @pytest.mark.parametrize(
        ("state", "tone"),
        [
            ("delivered", "ok"),
            ("waiting", "waiting"),
            ("in_doubt", "attention"),
            ("failed", "failed"),
            ("none", "neutral"),
        ],
    )
    def test_a_state_has_its_tone(self, state, tone):
        assert f'class="badge {tone}"' in render("{% badge state %}", state=state)

    def test_an_unknown_state_is_neutral(self):
        assert look.tone("something new") == "neutral"

    def test_without_words_the_state_speaks_for_itself(self):
        assert render("{% badge 'in_doubt' %}") == '<span class="badge attention">In doubt</span>'

    def test_words_are_escaped(self):
        assert "&lt;b&gt;" in render("{% badge 'ok' words %}", words="<b>")


class TestMoment:
    def test_it_is_shown_in_the_current_zone_with_utc_on_hover(self):
        at = datetime(2025, 3, 14, 14, 42, 7, tzinfo=UTC)
        with timezone.override("America/New_York"):
            html = render("{{ at|moment }}", at=at)
        assert 'datetime="2025-03-14T14:42:07+00:00" title="2025-03-14 14:42:07 UTC"' in html
        assert ">14 Mar 2025, 10:42<" in html

    def test_no_time_is_a_dash(self):
        assert render("{{ at|moment }}", at=None) == "–"


class TestBreadcrumbs:
    def test_the_last_one_is_the_page_itself(self):
        html = render("{% breadcrumbs 'Partners' '/p/' name %}", name="A & B")
        assert '<li><a href="/p/">Partners</a></li><li aria-current="page">A &amp; B</li>' in html

    def test_a_label_without_an_address_is_a_mistake_of_the_template(self):
        with pytest.raises(ValueError, match="zip"):
            render("{% breadcrumbs 'Partners' 'Acme' %}")


class TestTenantLink:
    def test_a_page_that_does_not_exist_is_only_named(self, rf, tenant):
        request = rf.get("/")
        request.tenant = tenant
        assert render("{% tenant_link 'nowhere' 'Soon' %}", request=request) == "Soon"
        assert render("{% tenant_link 'members' 'Members' %}", request=request) == (
            '<a href="/t/acme-trading/members/">Members</a>'
        )


@pytest.mark.parametrize(("seconds", "words"), [(900, "15 minutes"), (60, "1 minute"), (5, "1 minute")])
def test_minutes(seconds, words):
    assert look.minutes(seconds) == words
