"""From an empty organisation to a delivered invoice, as a customer walks it: in a browser, against real servers."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from audit.models import Delivery
from connections.management.commands.run_pending import run_pending
from connections.models import Connection, Heartbeat, Poll
from connections.pipeline.check import check
from connections.sandbox.common import serve
from connections.sandbox.freshbooks import FreshBooks as Books
from tenants.models import User
from tests.browser import shoot, sign_in
from tests.openssh import OpenSSHServer

pytest_plugins = ["tests.openssh"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.openssh,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

HOME = "/t/acme-trading/"


@pytest.fixture
def books(live_server: Any, settings: Any) -> Iterator[Books]:
    """The FreshBooks stand-in, to which people of the live server can sign in."""
    callback = f"{live_server.url}/oauth/freshbooks/callback"
    standin = Books(redirect_uris=[callback], allow_http=True, me_per_minute=1000, retry_pauses=())
    with serve(standin) as running:
        settings.OUTBOUND_ALLOW_LOOPBACK = True
        settings.FRESHBOOKS_API_URL = settings.FRESHBOOKS_AUTH_URL = running.url
        settings.FRESHBOOKS_CLIENT_ID = "sandbox-client"
        settings.FRESHBOOKS_CLIENT_SECRET = "sandbox-secret"
        yield standin


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def says(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(text)


def open_tab(page: Page, name: str) -> None:
    page.get_by_label("Organisation", exact=True).get_by_role("link", name=name, exact=True).click()


def connect_freshbooks(page: Page) -> None:
    page.get_by_role("link", name="Go to the connections").click()
    shoot(page, "journey-connections")
    page.get_by_role("link", name="Add FreshBooks").click()
    page.get_by_role("button", name="Go on to FreshBooks").click()
    page.get_by_role("button", name="Allow").click()
    shoot(page, "journey-business")
    page.get_by_label("Byron Supply").check()
    page.get_by_role("button", name="Use this business").click()
    says(page, "FreshBooks is connected with Byron Supply.")
    expect(page.locator(".badge", has_text="Active")).to_be_visible()
    shoot(page, "journey-freshbooks")


def connect_server(page: Page, server: OpenSSHServer) -> None:
    """Add it, see the test stop at the unknown key, compare and confirm it, see the test pass."""
    open_tab(page, "Connections")
    page.get_by_role("link", name="Add SFTP / flat files").click()
    page.get_by_label("Name", exact=True).fill("Acme's server")
    page.get_by_label("Server", exact=True).fill(server.host)
    page.get_by_label("Port", exact=True).fill(str(server.port))
    page.get_by_label("User name").fill(server.username)
    page.get_by_label("Private key").fill(server.client_key_path.read_text())
    folders = {"Folder for files that we send": "inbound", "Folder that we collect files from": "outbound"}
    folders |= {"Folder for processed files": "processed", "Folder for unreadable files": "error"}
    for label, folder in folders.items():
        page.get_by_label(label).fill(server.remote(folder))
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_text("The test is under way.")).to_be_visible()

    made = Connection.unscoped.get(system="sftp")
    assert not check(made.pk)
    expect(page.get_by_text("Nobody has confirmed the server's host key yet.")).to_be_visible()
    shoot(page, "journey-host-key-unknown")
    page.get_by_role("link", name="Compare the server's fingerprints").click()
    for kind in ("ed25519", "ecdsa", "rsa"):
        expect(page.get_by_text(server.host_key(kind).fingerprint)).to_be_visible()
    shoot(page, "journey-host-key")
    page.get_by_role("button", name="They are the same: trust this server").click()
    assert check(made.pk)
    expect(page.locator(".badge", has_text="Active")).to_be_visible()
    expect(page.locator(".steps .failed")).to_have_count(0)
    shoot(page, "journey-server")


def add_partner(page: Page, server: OpenSSHServer) -> None:
    open_tab(page, "Partners")
    page.get_by_role("link", name="Add a partner").click()
    page.get_by_label("Name", exact=True).fill("Acme Retail")
    page.get_by_label("Your id").fill("BYRONSUPPLY")
    page.get_by_label("Their id").fill("ACMERETAIL")
    page.get_by_role("button", name="Save").click()
    heading(page, "Acme Retail")
    page.get_by_role("link", name="Add a delivery place").click()
    page.get_by_label("We put documents in").fill(server.remote("inbound"))
    page.get_by_role("button", name="Save").click()
    says(page, "Documents for Acme Retail go to")
    page.get_by_role("link", name="Link clients").click()
    page.get_by_label("Partner of Acme Retail").select_option("Acme Retail")
    shoot(page, "journey-links")
    page.get_by_role("button", name="Save the links").click()
    says(page, "1 client is linked.")


def add_route(page: Page) -> None:
    """Preview an invoice, then switch on."""
    open_tab(page, "Routes")
    page.get_by_role("link", name="Add a route", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Invoices to Acme")
    page.get_by_role("button", name="Save").click()
    heading(page, "Invoices to Acme")
    page.get_by_role("link", name="Preview a document").click()
    expect(page.locator("pre")).to_contain_text("*ZZ*ACMERETAIL")
    shoot(page, "journey-preview")
    page.get_by_role("link", name="Switch on the route").click()
    expect(page.get_by_text("It serves 1 partner.")).to_be_visible()
    shoot(page, "journey-switch-on")
    page.get_by_role("button", name="Switch on").click()
    says(page, "Invoices to Acme is switched on.")


def test_from_sign_up_to_a_delivered_invoice(
    page: Page, alice: User, books: Books, openssh: OpenSSHServer
) -> None:
    sign_in(page, alice)
    Heartbeat.objects.create(name="host-1", host="host-1")
    page.goto(HOME)
    shoot(page, "journey-home-empty")
    connect_freshbooks(page)
    connect_server(page, openssh)
    add_partner(page, openssh)
    open_tab(page, "Home")
    expect(page.locator(".steps .passed")).to_have_count(3)
    shoot(page, "journey-home-set-up")
    books.bookkeeper.book_invoice(55001, notify=False, po_number="PO-BEFORE")
    add_route(page)

    booked = books.bookkeeper.book_invoice(55001, notify=False, po_number="PO-AFTER")
    Poll.objects.update(next_at="2026-01-01T00:00:00Z")
    run_pending()
    delivery = Delivery.unscoped.get(number=booked["invoice_number"])
    file = openssh.local("inbound") / delivery.interchange_name
    assert b"*PO-AFTER" in file.read_bytes()

    open_tab(page, "Home")
    expect(page.get_by_text("Everything flows. Nothing waits for you.")).to_be_visible()
    shoot(page, "journey-home-live")
    page.get_by_role("link", name=f"Invoice {booked['invoice_number']}").click()
    expect(page.locator(".timeline")).to_contain_text("Delivered to Acme's server")
    expect(page.locator("pre")).to_contain_text("*PO-AFTER")
    shoot(page, "journey-document")
