"""Every address below /t/<tenant>/, of every app, as a visitor, a stranger and a member of nothing."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import UserFactory

SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """The route of every view, such as `t/<slug:tenant_slug>/members/<int:pk>/role/`."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield route


def sample(route: str) -> str:
    """An address of that route in acme-trading, with made-up values for what else it names."""
    path = route.replace("<slug:tenant_slug>", "acme-trading")
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES[match[1] or "str"], path)


ROUTES = [route for route in addresses(get_resolver().url_patterns) if "tenant_slug" in route]


def test_the_walk_finds_the_pages():
    assert "t/<slug:tenant_slug>/members/<int:pk>/role/" in ROUTES
    assert "t/<slug:tenant_slug>/" in ROUTES


@pytest.mark.parametrize("route", ROUTES)
class TestEveryPage:
    def test_it_sends_visitors_to_sign_in(self, client, tenant, route):
        for response in (client.get(sample(route)), client.post(sample(route))):
            assert response.status_code in (302, 405)
            assert response.status_code == 405 or response["Location"].startswith(
                "/sign-in/?next=/t/acme-trading/"
            )

    def test_it_does_not_exist_for_strangers(self, client, tenant, charlie, route):
        for user in (charlie, UserFactory.create()):
            client.force_login(user)
            for response in (client.get(sample(route)), client.post(sample(route))):
                assert response.status_code in (404, 405)
