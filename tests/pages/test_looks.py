"""Every page of a customer as Chromium shows it: it fits a desk and a phone, and breaks no security policy."""

from datetime import date

import pytest
from playwright.sync_api import Page

from connections.models import Backfill
from tenants.models import Tenant, User
from tests.browser import shoot, sign_in
from tests.factories import ConnectionFactory, PartnerFactory, RouteFactory
from tests.pages.conftest import HOME, UNKNOWN_KEY, World, paused, step, stopped

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

LONG = "Northeastern Consolidated Wholesale Distribution and Warehousing Partners of America, Incorporated"


def show_all(page: Page, pages: dict[str, str]) -> None:
    for name, path in pages.items():
        answer = page.goto(HOME + path)
        assert answer is not None
        assert answer.status == 200, path
        shoot(page, name)


def test_at_the_very_beginning(page: Page, tenant: Tenant, alice: User) -> None:
    sign_in(page, alice)
    show_all(
        page,
        {
            "empty-home": "",
            "empty-documents": "documents/",
            "empty-arrivals": "arrivals/",
            "empty-connections": "connections/",
            "empty-partners": "partners/",
            "empty-routes": "routes/",
            "add-freshbooks": "connections/add/freshbooks/",
            "add-sftp": "connections/add/sftp/",
            "add-sterling": "connections/add/ibm_sterling/",
            "add-sps": "connections/add/sps_commerce/",
            "add-partner": "partners/add/",
        },
    )


def test_a_working_day(page: Page, full_world: World, alice: User) -> None:
    world = full_world
    sign_in(page, alice)
    stopped(ConnectionFactory.create(tenant=world.tenant, system="sftp", name="Old server", key="old"))
    paused(ConnectionFactory.create(tenant=world.tenant, system="sftp", name="Slow server", key="slow"))
    rejected = world.tenant.delivery_set.get(acknowledgement="rejected")
    doubtful = world.tenant.delivery_set.get(transfer="in_doubt")
    answered = world.tenant.delivery_set.get(number="INV-2001")
    world.delivery("accepted", source_id=answered.source_id, revision=2, number="INV-2001")
    arrival = world.tenant.arrival_set.get(state="failed")
    Backfill.objects.create(
        tenant=world.tenant,
        route=world.route,
        date_from=date(2026, 1, 1),
        date_to=date(2026, 3, 1),
        requested_by="Alice Archer",
        pages=9,
        next_page=4,
        looked_at=120,
        taken_in=31,
    )
    show_all(
        page,
        {
            "home": "",
            "documents": "documents/",
            "documents-waiting": "documents/?standing=waits",
            "documents-found": "documents/?q=INV-2001&partner=globex",
            "documents-nothing": "documents/?q=nothing-like-it",
            "document-answered": f"documents/{answered.public_id}/",
            "document-rejected": f"documents/{rejected.public_id}/",
            "document-in-doubt": f"documents/{doubtful.public_id}/",
            "decide-replay": f"documents/{answered.public_id}/decide/replay/",
            "decide-doubt": f"documents/{doubtful.public_id}/decide/was-sent/",
            "arrivals": "arrivals/",
            "arrival": f"arrivals/{arrival.public_id}/",
            "connections": "connections/",
            "connection-stopped": "connections/old/",
            "connection-paused": "connections/slow/",
            "connection-freshbooks": "connections/freshbooks/",
            "connection-off": "connections/globex-server/off/",
            "partners": "partners/",
            "partner": "partners/globex/",
            "partner-edit": "partners/globex/edit/",
            "place-add": "partners/globex/places/add/",
            "item-add": "partners/globex/items/add/freshbooks/",
            "gl-mapping": f"gl-mappings/{world.tenant.glmapping_set.get().pk}/",
            "routes": "routes/",
            "route": "routes/invoices-to-globex/",
            "route-edit": "routes/invoices-to-globex/edit/",
            "route-off": "routes/invoices-to-globex/switch/",
            "links-without-freshbooks": "links/freshbooks/",
        },
    )
    world.route.is_on = False
    world.route.save()
    show_all(page, {"route-on": "routes/invoices-to-globex/switch/"})


def test_tests_of_a_connection(page: Page, world: World, alice: User) -> None:
    sign_in(page, alice)
    passed = [step("Is the server's name known?", text="sftp.globex.example has the address 203.0.113.7.")]
    world.server_test(*passed, UNKNOWN_KEY, step("Does it let us in?", "not_run", "Not tried."))
    show_all(
        page,
        {
            "connection-host-key": "connections/globex-server/",
            "host-key": "connections/globex-server/host-key/",
            "connection-edit": "connections/globex-server/edit/",
            "connection-delete": "connections/globex-server/off/",
        },
    )
    world.server_test(*passed, running=True)
    show_all(page, {"connection-testing": "connections/globex-server/"})


def test_long_names_and_many_rows(page: Page, world: World, alice: User) -> None:
    sign_in(page, alice)
    partner = PartnerFactory.create(tenant=world.tenant, name=LONG, code="long" * 9)
    target = ConnectionFactory.create(tenant=world.tenant, name=LONG[:80], system="sftp", key="k" * 40)
    route = RouteFactory.create(
        tenant=world.tenant, source=world.books, target=target, name=LONG[:80], key="r" * 40
    )
    for number in range(60):
        world.delivery("held" if number % 7 == 0 else "accepted", route=route, partner=partner)
    lasting = world.delivery(
        "failed", number="N" * 60, partner=partner, route=route, reason="W" * 300, remedy=LONG * 3
    )
    arrival = world.arrival(name="A" * 255, place="/" + "p" * 199, state="failed", reason="R" * 400)
    show_all(
        page,
        {
            "long-home": "",
            "long-documents": "documents/",
            "long-document": f"documents/{lasting.public_id}/",
            "long-arrivals": "arrivals/",
            "long-arrival": f"arrivals/{arrival.public_id}/",
            "long-partners": "partners/",
            "long-partner": f"partners/{partner.code}/",
            "long-connections": "connections/",
            "long-connection": f"connections/{target.key}/",
            "long-routes": "routes/",
            "long-route": f"routes/{route.key}/",
        },
    )


def test_forms_with_errors(page: Page, world: World, alice: User) -> None:
    sign_in(page, alice)
    page.goto(f"{HOME}connections/add/sftp/")
    page.get_by_label("Server", exact=True).fill("https://sftp.example.com/")
    page.get_by_label("User name").fill("acme")
    page.get_by_role("button", name="Save and test").click()
    shoot(page, "error-connection")
    page.goto(f"{HOME}partners/globex/edit/")
    page.locator("#id_overlay").fill('{"tax_percent": true, "codes": {"items": {}}, "currency": "Dollar"}')
    page.get_by_role("button", name="Save").click()
    shoot(page, "error-partner")
    page.goto(f"{HOME}routes/add/")
    page.get_by_label("Name", exact=True).fill("Twice")
    page.get_by_label("Or only at these times").fill("8:00, teatime")
    page.get_by_role("button", name="Save").click()
    shoot(page, "error-route")
