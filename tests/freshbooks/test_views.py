"""Connecting FreshBooks in the browser: the whole way, and every way it can go wrong."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.contrib.messages import get_messages
from django.core import signing
from django.test import Client as Browser
from django.urls import reverse

from audit.models import Notice
from connections.models import AccessToken, Callback, Connection, ConnectionState
from connections.sandbox.common import Server
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.views import freshbooks as views
from tenants.models import Membership, Role, Tenant, User
from tests.freshbooks.conftest import connect, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def unconnected(tenant: Tenant, books: Books, server: Server) -> Connection:
    made = connect(tenant, books)
    made.settings, made.state = {}, ConnectionState.SETTING_UP
    made.save()
    return made


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def alices(alice: User) -> Browser:
    return browser_of(alice)


def at(connection: Connection, page: str) -> str:
    return f"/t/{connection.tenant.slug}/connections/{connection.key}/freshbooks/{page}"


def consent(browser: Browser, connection: Connection, decision: str = "allow") -> str:
    """Press “Connect FreshBooks”, answer the consent page; the address that FreshBooks sends the browser to."""
    away = browser.get(at(connection, "connect"))
    assert away.status_code == 302
    with requests.Session() as outside:
        page = outside.get(away["Location"], timeout=10)
        (nonce,) = re.findall(r"name=.?consent.? value=['\"]([^'\"]+)", page.text)
        action = page.url.partition("?")[0]
        back = outside.post(
            action, {"consent": nonce, "decision": decision}, allow_redirects=False, timeout=10
        )
    assert back.status_code == 302
    return back.headers["Location"].removeprefix("http://testserver")


# The good way


def test_from_the_button_to_the_connected_business(
    alices: Browser, unconnected: Connection, books: Books
) -> None:
    back = alices.get(consent(alices, unconnected))
    assert back["Location"] == at(unconnected, "business")
    page = alices.get(back["Location"]).content.decode()
    assert "Byron Supply" in page
    assert "You are only a client of this business" in page
    done = alices.post(at(unconnected, "business"), {"account_id": "Zx9Qw1"})
    assert done["Location"] == unconnected.get_absolute_url()
    unconnected.refresh_from_db()
    assert unconnected.state == ConnectionState.ACTIVE
    assert unconnected.settings == {
        "account_id": "Zx9Qw1",
        "business_id": "77213",
        "business_uuid": "0c5f2f6e-0000-4000-8000-000000000002",
        "business_name": "Byron Supply",
        "identity_id": "31001",
        "role": "owner",
    }
    token = AccessToken.objects.get(connection=unconnected)
    assert str(token.access_token) in books.oauth.access


def test_signing_in_again_goes_on_with_the_same_business(
    alices: Browser, connection: Connection, books: Books
) -> None:
    Connection.unscoped.update(state=ConnectionState.NEEDS_SIGN_IN, paused_until="2099-01-01T00:00:00Z")
    notice = Notice.unscoped.create(
        tenant=connection.tenant, key=f"connection-stopped-{connection.pk}", title="Sign in", text="."
    )
    back = alices.get(consent(alices, connection))
    done = alices.get(back["Location"])
    assert done["Location"] == connection.get_absolute_url()
    connection.refresh_from_db()
    notice.refresh_from_db()
    assert (connection.state, connection.paused_until) == (ConnectionState.ACTIVE, None)
    assert notice.closed_at


# Refusals and mishaps: a clear page, and nothing changes


def refused(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 400
    assert not AccessToken.objects.exists()
    return response.content.decode()


def test_the_person_says_no(alices: Browser, unconnected: Connection) -> None:
    assert "You did not allow the access" in refused(alices, consent(alices, unconnected, "deny"))


def test_another_error_of_freshbooks_is_shown_escaped(alices: Browser, unconnected: Connection) -> None:
    address = consent(alices, unconnected)
    state = parse_qs(urlsplit(address).query)["state"][0]
    page = refused(alices, f"{views_callback(state)}&error=%3Cscript%3Ealert(1)")
    assert "could not finish the sign-in" in page
    assert "<script>alert" not in page


def test_a_code_that_is_too_old(alices: Browser, unconnected: Connection, books: Books) -> None:
    address = consent(alices, unconnected)
    books.clock.move(minutes=6)
    assert "does not accept this confirmation" in refused(alices, address)


def test_a_code_that_is_missing_or_invented(alices: Browser, unconnected: Connection) -> None:
    state = parse_qs(urlsplit(consent(alices, unconnected)).query)["state"][0]
    assert "does not accept this confirmation" in refused(alices, f"{views_callback(state)}&code=invented")


def test_freshbooks_is_away_when_the_code_is_exchanged(
    alices: Browser, unconnected: Connection, server: Server
) -> None:
    address = consent(alices, unconnected)
    server.stop()
    assert "refuses connections" in refused(alices, address)


def views_callback(state: str) -> str:
    return f"/oauth/freshbooks/callback?{urlencode({'state': state})}"


@pytest.mark.parametrize("state", ["", "nonsense", "W10:x:y"], ids=["none", "nonsense", "unsigned"])
def test_a_state_that_we_did_not_make(alices: Browser, unconnected: Connection, state: str) -> None:
    assert "was not started in this browser" in refused(alices, f"{views_callback(state)}&code=x")


def test_a_state_that_we_signed_for_something_else(alices: Browser, unconnected: Connection) -> None:
    state = signing.dumps(["n", unconnected.pk, 1], salt="another")
    assert "was not started in this browser" in refused(alices, f"{views_callback(state)}&code=x")


def test_a_state_with_a_changed_letter(alices: Browser, unconnected: Connection) -> None:
    address = consent(alices, unconnected)
    query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    changed = ("A" if query["state"][0] != "A" else "B") + query["state"][1:]
    assert "was not started in this browser" in refused(
        alices, f"/oauth/freshbooks/callback?{urlencode(query | {'state': changed})}"
    )


def test_the_state_works_once(alices: Browser, unconnected: Connection) -> None:
    address = consent(alices, unconnected)
    assert alices.get(address).status_code == 302
    assert alices.get(address).status_code == 400


def test_the_state_is_good_for_ten_minutes(
    alices: Browser, unconnected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = consent(alices, unconnected)
    monkeypatch.setattr(views, "STATE_SECONDS", -1)
    assert "over ten minutes" in refused(alices, address)


def test_another_browser_of_the_same_person(alice: User, alices: Browser, unconnected: Connection) -> None:
    """Somebody could have lured her onto the address with a code of their own."""
    assert "was not started in this browser" in refused(browser_of(alice), consent(alices, unconnected))


def test_another_member_and_a_stranger(
    alices: Browser, bob: User, charlie: User, unconnected: Connection
) -> None:
    address = consent(alices, unconnected)
    for person in (bob, charlie):
        browser = browser_of(person)
        session = browser.session
        session[views.SESSION_KEY] = alices.session[views.SESSION_KEY]
        session.save()
        refused(browser, address)


def test_somebody_who_is_not_signed_in_here(alices: Browser, unconnected: Connection) -> None:
    response = Browser().get(consent(alices, unconnected))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))
    assert not AccessToken.objects.exists()


def test_a_member_who_lost_the_role_meanwhile(alices: Browser, alice: User, unconnected: Connection) -> None:
    address = consent(alices, unconnected)
    Membership.unscoped.filter(user=alice).update(role=Role.VIEWER)
    refused(alices, address)


@pytest.mark.parametrize("page", ["connect", "business", "disconnect"])
def test_who_may_open_the_pages(
    alice: User, bob: User, charlie: User, connection: Connection, page: str
) -> None:
    Membership.unscoped.filter(user=bob).update(role=Role.VIEWER)
    assert browser_of(alice).get(at(connection, page)).status_code in (200, 302)
    assert browser_of(bob).get(at(connection, page)).status_code == 403
    assert browser_of(charlie).get(at(connection, page)).status_code == 404
    assert Browser().get(at(connection, page))["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("page", ["connect", "business", "disconnect"])
def test_a_connection_of_another_system_has_no_such_page(alices: Browser, tenant: Tenant, page: str) -> None:
    sftp = Connection.unscoped.create(tenant=tenant, system="sftp", key="files", name="Files")
    assert alices.get(at(sftp, page)).status_code == 404


def test_an_installation_without_an_app(alices: Browser, unconnected: Connection, settings: Any) -> None:
    settings.FRESHBOOKS_CLIENT_ID = ""
    assert "not registered with FreshBooks" in refused(alices, at(unconnected, "connect"))


# The choice


def choose(browser: Browser, connection: Connection, account_id: str) -> str:
    response = browser.post(at(connection, "business"), {"account_id": account_id})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("account_id", ["", "Other1", "' OR 1=1"])
def test_a_business_that_cannot_be_used_cannot_be_chosen(
    alices: Browser, unconnected: Connection, books: Books, account_id: str
) -> None:
    sign_in(unconnected, books)
    choose(alices, unconnected, account_id)
    unconnected.refresh_from_db()
    assert (unconnected.settings, unconnected.state) == ({}, ConnectionState.SETTING_UP)


def test_a_person_who_is_a_client_only(alices: Browser, unconnected: Connection, books: Books) -> None:
    sign_in(unconnected, books)
    books.faults.set("client_role_only")
    page = alices.get(at(unconnected, "business")).content.decode()
    assert "None of your businesses" in page
    assert "Sign in as somebody else" in page


def test_a_connection_stays_with_its_business(alices: Browser, connection: Connection) -> None:
    """Its documents, partners and cursors belong to that one."""
    connection.settings |= {"account_id": "Older1", "business_name": "Older Books"}
    connection.save()
    assert "This connection is for Older Books" in choose(alices, connection, "Zx9Qw1")
    connection.refresh_from_db()
    assert connection.settings["account_id"] == "Older1"


def test_without_a_sign_in_there_is_nothing_to_choose(alices: Browser, unconnected: Connection) -> None:
    assert alices.get(at(unconnected, "business"))["Location"] == unconnected.get_absolute_url()


def test_freshbooks_asks_for_patience(alices: Browser, unconnected: Connection, books: Books) -> None:
    sign_in(unconnected, books)
    books.faults.set("rate_limited", retry_after=30)
    response = alices.get(at(unconnected, "business"))
    assert response.status_code == 400
    assert "slow down" in response.content.decode()


# Disconnecting


def test_disconnecting_asks_first_and_then_ends_everything(
    alices: Browser, connection: Connection, books: Books
) -> None:
    there = books.webhooks.register("invoice", "http://127.0.0.1:9/hooks/freshbooks/x")
    Callback.objects.create(
        connection=connection,
        event="invoice",
        token_hash="h",
        callback_id=there["callbackid"],
        is_verified=True,
    )
    assert "Our access ends at once" in alices.get(at(connection, "disconnect")).content.decode()
    assert AccessToken.objects.exists()
    alices.post(at(connection, "disconnect"))
    connection.refresh_from_db()
    assert connection.state == ConnectionState.OFF
    assert "Disconnected by alice" in connection.state_text
    assert not AccessToken.objects.exists()
    assert not Callback.objects.exists()
    assert not books.oauth.access
    assert len(books.webhooks.callbacks) == 0


def test_disconnecting_while_freshbooks_is_away_says_what_is_left_to_do(
    alices: Browser, connection: Connection, server: Server
) -> None:
    server.stop()
    response = alices.post(at(connection, "disconnect"))
    (told,) = get_messages(response.wsgi_request)
    assert "Remove our app in FreshBooks" in str(told)
    assert not AccessToken.objects.exists()
    connection.refresh_from_db()
    assert connection.state == ConnectionState.OFF
