"""The pages as Chromium shows them: they fit a desk and a phone, and break no content security policy."""

from typing import Any

import pytest
from django.conf import settings as project
from django.urls import reverse
from playwright.sync_api import Page, expect

from audit.states import Transfer
from connections.models import ConnectionState
from tenants.models import User
from tests.admin.conftest import World, browser_of, delivered_invoice
from tests.browser import shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def seen(page: Page, world: World, sam: User, live_server: Any) -> Page:
    """Sam's Chromium, and a second organisation's worth of trouble to look at."""
    session = browser_of(sam).cookies[project.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": project.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    failed = {"transfer": Transfer.FAILED, "reason": "the server refused the file: disk full."}
    for number in range(3):
        delivered_invoice(
            world.tenant,
            world.route,
            world.partner,
            number=f"INV-200{number}",
            source_id=str(92000 + number),
            remedy="Ask the partner to make room, then replay it.",
            **failed,
        )
    world.server.state = ConnectionState.MISCONFIGURED
    world.server.state_text = "The folder “in” is not there."
    world.server.save()
    return page


def test_a_failure_is_found_and_replayed(seen: Page, world: World) -> None:
    """The way of a support call, with the mouse: from the start page to the timeline."""
    seen.goto(reverse("admin:index"))
    seen.get_by_label("Find a document").fill("INV-200")
    seen.get_by_role("button", name="Find").click()
    seen.locator("#action-toggle").check()
    expect(seen.locator(".action-counter")).to_have_text("3 of 3 selected")
    seen.get_by_label("Action:").select_option("Replay")
    seen.get_by_role("button", name="Go").first.click()
    expect(seen.get_by_text("3 deliveries will be replayed.")).to_be_visible()
    seen.get_by_label("Why").fill("The partner made room.")
    seen.get_by_role("button", name="Replay").click()
    expect(seen.get_by_text("3 deliveries replayed.")).to_be_visible()
    seen.get_by_role("link", name="INV-2001").click()
    expect(seen.get_by_text("Reason: The partner made room.")).to_be_visible()


def test_a_connection_is_chosen_while_typing(seen: Page, world: World) -> None:
    seen.goto(reverse("admin:audit_delivery_replay"))
    seen.locator("#id_target + .select2").click()
    seen.locator(".select2-search__field").fill("Globex")
    seen.locator(".select2-results__option", has_text="Globex server").click()
    expect(seen.locator("#id_target")).to_have_value(str(world.server.pk))


def test_every_kind_of_page_fits(seen: Page, world: World) -> None:
    delivery, arrival, server = world.delivery.pk, world.arrival.pk, world.server.pk
    pages = {
        "start": reverse("admin:index"),
        "queue": reverse("admin:queue"),
        "deliveries": reverse("admin:audit_delivery_changelist"),
        "found": f"{reverse('admin:audit_delivery_changelist')}?tenant=acme&q=INV&standing=failed",
        "delivery": reverse("admin:audit_delivery_change", args=[delivery]),
        "decide": reverse("admin:audit_delivery_decide", args=[delivery, "replay"]),
        "span": f"{reverse('admin:audit_delivery_replay')}?target={server}",
        "arrival": reverse("admin:audit_arrival_change", args=[arrival]),
        "connections": reverse("admin:connections_connection_changelist"),
        "connection": reverse("admin:connections_connection_change", args=[server]),
        "settings": reverse("admin:connections_connection_settings", args=[server]),
        "partners": reverse("admin:mappings_tradingpartner_changelist"),
        "partner": reverse("admin:mappings_tradingpartner_change", args=[world.partner.pk]),
        "partner-new": reverse("admin:mappings_tradingpartner_add"),
        "gl": reverse("admin:mappings_glmapping_changelist"),
        "gl-import": reverse("admin:mappings_glmapping_import"),
        "events": reverse("admin:audit_event_changelist"),
    }
    for name, url in pages.items():
        answer = seen.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        shoot(seen, f"admin-{name}")
