"""Secrets that were planted in connections, tokens, webhooks and technical details are on no page."""

import re

import pytest
from django.urls import get_resolver

from tests.pages.conftest import HOME, SECRETS, UNKNOWN_KEY, World
from tests.tenants.test_every_page import ROUTES, addresses


def values(world: World) -> dict[str, str]:
    """What stands for the parts of addresses in this world."""
    delivery = world.tenant.delivery_set.get(acknowledgement="rejected")
    arrival = world.tenant.arrival_set.first()
    assert arrival
    return {
        "tenant_slug": "acme-trading",
        "public_id": delivery.public_id,
        "arrival": arrival.public_id,
        "key": "globex-server",
        "code": "globex",
        "system": "sftp",
        "pk": str(world.tenant.deliveryplace_set.get().pk),
    }


def paths(world: World) -> list[str]:
    """Every address of an organisation with this world's values; those of routes and FreshBooks on top."""
    known = values(world)
    found = []
    for route in ROUTES:
        path = "/" + re.sub(r"<\w+:(\w+)>", lambda match: known.get(match[1], "x"), route)
        found += [path, path.replace("globex-server", "freshbooks")]
        found.append(path.replace("globex-server", "invoices-to-globex"))
        found.append(path.replace(known["public_id"], known["arrival"]))
        found += [path.replace("globex-server", key) for key in ("replay", "dismiss")]
    found += [delivery.get_absolute_url() for delivery in world.tenant.delivery_set.all()]
    return sorted(set(found))


@pytest.mark.django_db
def test_no_page_shows_a_planted_secret(client, full_world, alice):
    full_world.server_test(UNKNOWN_KEY)
    client.force_login(alice)
    seen = 0
    for path in paths(full_world):
        response = client.get(path, follow=True)
        text = (b"".join(response) if response.streaming else response.content).decode(errors="replace")
        seen += response.status_code == 200
        for name, secret in SECRETS.items():
            assert secret not in text, f"{name} on {path}"
    assert seen >= 40


def test_a_form_that_is_refused_does_not_show_what_was_entered(client, full_world, alice):
    client.force_login(alice)
    page = client.post(
        f"{HOME}connections/globex-server/edit/",
        {"name": "", "host": "x y", "password": "just-typed-secret", "private_key": "just-typed-secret-key"},
    )
    assert "just-typed-secret" not in page.content.decode()


def test_the_walk_knows_every_address():
    assert set(ROUTES) == {
        route for route in addresses(get_resolver().url_patterns) if "tenant_slug" in route
    }
