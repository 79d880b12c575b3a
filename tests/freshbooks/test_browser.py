"""Connecting FreshBooks in a real browser, over its consent page and back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from connections.models import Connection, ConnectionState
from connections.sandbox.common import Server
from connections.sandbox.freshbooks import FreshBooks as Books
from tenants.models import Tenant, User
from tests.browser import shoot, sign_in
from tests.freshbooks.conftest import connect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(
    page: Page,
    alice: User,
    tenant: Tenant,
    books: Books,
    server: Server,
    live_server: LiveServer,
    settings: Any,
) -> str:
    """The pages of a connection that was never signed in, in alice's browser."""
    settings.SITE_URL = live_server.url
    books.oauth.app.redirect_uris.append(f"{live_server.url}/oauth/freshbooks/callback")
    connection = connect(tenant, books)
    Connection.unscoped.update(settings={}, state=ConnectionState.SETTING_UP)
    sign_in(page, alice)
    return f"/t/{tenant.slug}/connections/{connection.key}/freshbooks"


def test_from_the_consent_page_to_the_chosen_business_and_off_again(
    page: Page, address: str, books: Books
) -> None:
    page.goto(f"{address}/connect")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Which business is it for?")).to_be_visible()
    expect(page.get_by_label("Byron Supply")).to_be_checked()
    expect(page.get_by_label("Babbage Works")).to_be_disabled()
    shoot(page, "freshbooks-business")
    page.get_by_role("button", name="Use this business").click()
    expect(page.get_by_text("is connected with Byron Supply")).to_be_visible()
    page.goto(f"{address}/disconnect")
    shoot(page, "freshbooks-disconnect")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("is disconnected")).to_be_visible()
    assert Connection.unscoped.get().state == ConnectionState.OFF
    assert not books.oauth.access


def test_a_sign_in_that_was_refused(page: Page, address: str) -> None:
    page.goto(f"{address}/connect")
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("You did not allow the access")).to_be_visible()
    shoot(page, "freshbooks-refused")
