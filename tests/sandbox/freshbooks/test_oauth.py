"""Signing in: consent page, codes, single-use refresh tokens, scopes, revocation."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connections.sandbox.freshbooks import FreshBooks
from tests.sandbox.freshbooks.conftest import REDIRECT_URI

APP = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
INVALID_GRANT = (400, "invalid_grant")


def authorize(server, **changes):
    params = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "redirect_uri": REDIRECT_URI,
        "state": "opaque & kept",
        **changes,
    }
    params = {key: value for key, value in params.items() if value is not None}
    return requests.get(f"{server.url}/oauth/authorize/", params=params, allow_redirects=False, timeout=5)


def press(server, page, decision):
    (consent,) = re.findall(r"name=consent value='([^']+)'", page.text)
    form = {"consent": consent, "decision": decision}
    return requests.post(f"{server.url}/oauth/authorize", form, allow_redirects=False, timeout=5)


def sign_in(server, **changes):
    """The query of the redirect after Allow was pressed."""
    answer = press(server, authorize(server, **changes), "allow")
    assert answer.headers["Location"].startswith(f"{REDIRECT_URI}?")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def token(server, *, as_form=False, path="/auth/oauth/token", **given):
    body = {**APP, "redirect_uri": REDIRECT_URI, **given}
    return requests.request(
        "POST",
        f"{server.url}{path}",
        data=body if as_form else None,
        json=None if as_form else body,
        timeout=5,
    )


def exchange(server, code, **given):
    return token(server, grant_type="authorization_code", code=code, **given)


def refresh(server, refresh_token, **given):
    return token(server, grant_type="refresh_token", refresh_token=refresh_token, **given)


def error(answer):
    return answer.status_code, answer.json()["error"]


def me(server, access_token):
    headers = {"Authorization": f"Bearer {access_token}"}
    return requests.get(f"{server.url}/auth/api/v1/users/me", headers=headers, timeout=5).status_code


class TestConsentPage:
    def test_it_names_the_person_and_the_scopes_and_escapes_what_it_is_given(self, server):
        page = authorize(server, scope="user:bills:read <script>alert(1)</script>")
        assert page.status_code == 200
        assert "Ada Byron" in page.text
        assert "user:bills:read" in page.text
        assert "<script>alert(1)" not in page.text

    def test_allow_brings_a_code_and_the_state_back(self, server):
        query = sign_in(server)
        assert query["state"] == ["opaque & kept"]
        assert len(query["code"][0]) == 64

    def test_deny_brings_an_error_back(self, server):
        answer = press(server, authorize(server), "deny")
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert query == {"error": ["access_denied"], "state": ["opaque & kept"]}

    def test_a_consent_is_given_once(self, server):
        page = authorize(server)
        assert press(server, page, "allow").status_code == 302
        assert press(server, page, "allow").status_code == 400

    def test_an_unknown_client_gets_a_500_page(self, server):
        assert authorize(server, client_id="nobody").status_code == 500

    @pytest.mark.parametrize(
        "uri",
        [None, "https://evil.example/", f"{REDIRECT_URI}/", f"{REDIRECT_URI}?x=1", REDIRECT_URI.upper()],
    )
    def test_the_redirect_uri_must_be_registered_exactly(self, server, uri):
        answer = authorize(server, redirect_uri=uri)
        assert answer.status_code == 400
        assert "Location" not in answer.headers

    @pytest.mark.parametrize("scope", ["user:profile:write", "user:teams:read", "nonsense"])
    def test_a_scope_that_does_not_exist_or_is_not_enabled_fails_after_the_sign_in(self, server, scope):
        page = authorize(server, scope=f"user:bills:read {scope}")
        assert page.status_code == 200
        answer = press(server, page, "allow")
        assert answer.status_code == 400
        assert "invalid, unknown, or malformed" in answer.text

    def test_a_test_can_skip_the_page(self, server, books):
        books.faults.set("authorize_at_once", times=1)
        assert "code=" in authorize(server).headers["Location"]
        assert authorize(server).status_code == 200


class TestRedirectUris:
    @pytest.mark.parametrize(
        "uri", ["http://localhost:8000/callback", "https://x.example/cb?a=1", "https:///cb", "x", "ftp://x/"]
    )
    def test_only_https_without_a_query_can_be_registered(self, uri):
        with pytest.raises(ValueError, match="redirect URI"):
            FreshBooks(redirect_uris=[uri])

    def test_http_needs_the_switch(self, server, books):
        assert FreshBooks(redirect_uris=["http://127.0.0.1/cb"], allow_http=True)
        url = f"{server.url}/_sandbox/redirect_uris"
        assert requests.post(url, json={"uri": "http://127.0.0.1/cb"}, timeout=5).status_code == 400
        books.oauth.app.allow_http = True
        assert requests.post(url, json={"uri": "http://127.0.0.1/cb"}, timeout=5).status_code == 200
        assert authorize(server, redirect_uri="http://127.0.0.1/cb").status_code == 200


class TestCode:
    @pytest.mark.parametrize("as_form", [False, True])
    @pytest.mark.parametrize("path", ["/auth/oauth/token", "/service/auth/oauth/token"])
    def test_it_is_exchanged_for_a_token_pair(self, server, clock, as_form, path):
        code = sign_in(server, scope="user:bills:read")["code"][0]
        answer = exchange(server, code, as_form=as_form, path=path)
        assert answer.status_code == 200
        pair = answer.json()
        assert pair["token_type"] == "Bearer"
        assert pair["expires_in"] == 43200
        assert abs(pair["created_at"] - clock.epoch()) <= 2
        assert pair["scope"] == "user:bills:read user:profile:read"
        assert pair["direct_buy_tokens"] == {}
        assert len(pair["access_token"]) > 900
        assert re.fullmatch("[0-9a-f]{64}", pair["refresh_token"])
        assert me(server, pair["access_token"]) == 200

    def test_without_a_scope_the_registered_ones_are_granted(self, server, books):
        pair = exchange(server, sign_in(server)["code"][0]).json()
        assert set(pair["scope"].split()) == set(books.oauth.app.scopes)

    def test_it_works_once(self, server):
        code = sign_in(server)["code"][0]
        assert exchange(server, code).status_code == 200
        assert error(exchange(server, code)) == INVALID_GRANT

    def test_it_lives_five_minutes(self, server, clock):
        code = sign_in(server)["code"][0]
        clock.move(minutes=5)
        assert error(exchange(server, code)) == INVALID_GRANT

    def test_the_redirect_uri_must_be_the_same_again(self, server):
        code = sign_in(server)["code"][0]
        assert error(exchange(server, code, redirect_uri="https://other.example/")) == INVALID_GRANT

    @pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"client_secret": "guess"}])
    def test_the_client_must_prove_itself(self, server, wrong):
        code = sign_in(server)["code"][0]
        assert error(exchange(server, code, **wrong)) == (401, "invalid_client")
        assert exchange(server, code).status_code == 200

    def test_another_grant_type_is_refused(self, server):
        assert error(token(server, grant_type="client_credentials")) == (400, "unsupported_grant_type")

    def test_a_fresh_authorization_may_end_earlier_ones(self, server, books):
        old = books.oauth.mint()
        books.faults.set("new_consent_kills_old", times=1)
        exchange(server, sign_in(server)["code"][0])
        assert me(server, old["access_token"]) == 401
        assert error(refresh(server, old["refresh_token"])) == INVALID_GRANT


class TestRefresh:
    def test_every_refresh_brings_a_new_pair_and_the_old_one_is_spent(self, server, books):
        first = books.oauth.mint()
        second = refresh(server, first["refresh_token"]).json()
        assert second["refresh_token"] != first["refresh_token"]
        assert second["access_token"] != first["access_token"]
        assert second["scope"] == first["scope"]
        assert error(refresh(server, first["refresh_token"])) == INVALID_GRANT
        assert refresh(server, second["refresh_token"]).status_code == 200
        assert books.oauth.counts() == {"grants": 1, "refreshes": 2, "refused_refreshes": 1}

    def test_it_works_for_ever_until_used(self, server, books, clock):
        pair = books.oauth.mint()
        clock.move(days=400)
        assert refresh(server, pair["refresh_token"]).status_code == 200

    def test_a_wrong_client_does_not_spend_the_token(self, server, books):
        pair = books.oauth.mint()
        assert error(refresh(server, pair["refresh_token"], client_secret="no")) == (401, "invalid_client")
        assert refresh(server, pair["refresh_token"]).status_code == 200

    def test_a_lost_reply_spends_the_token(self, server, books):
        pair = books.oauth.mint()
        books.faults.set("reply_lost", times=1, path="/auth/oauth/token")
        with pytest.raises(requests.ConnectionError):
            refresh(server, pair["refresh_token"])
        assert error(refresh(server, pair["refresh_token"])) == INVALID_GRANT

    @pytest.mark.parametrize(("fault", "status"), [(None, 200), ("refresh_kills_access_token", 401)])
    def test_the_old_access_token_may_or_may_not_live_on(self, server, books, fault, status):
        pair = books.oauth.mint()
        if fault:
            books.faults.set(fault)
        refresh(server, pair["refresh_token"])
        assert me(server, pair["access_token"]) == status

    def test_an_answer_may_carry_the_old_created_at(self, server, books, clock):
        pair = books.oauth.mint()
        clock.move(hours=1)
        books.faults.set("refresh_keeps_created_at", times=1)
        renewed = refresh(server, pair["refresh_token"]).json()
        assert (renewed["created_at"], renewed["expires_in"]) == (pair["created_at"], 43199)
        clock.move(hours=11)
        assert me(server, renewed["access_token"]) == 401


class TestAccessToken:
    def test_it_expires(self, server, books, clock):
        pair = books.oauth.mint()
        clock.move(hours=12, seconds=-5)
        assert me(server, pair["access_token"]) == 200
        clock.move(seconds=5)
        assert me(server, pair["access_token"]) == 401

    def test_its_life_can_be_set(self, clock):
        books = FreshBooks(access_token_seconds=60, clock=clock)
        assert books.oauth.mint()["expires_in"] == 60

    @pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc", "Bearer"])
    def test_without_one_the_answer_is_401(self, server, header):
        headers = {"Authorization": header} if header else {}
        for path in ("/auth/api/v1/users/me", "/accounting/account/Zx9Qw1/invoices/invoices"):
            answer = requests.get(f"{server.url}{path}", headers=headers, timeout=5)
            assert answer.status_code == 401
            assert answer.json() == {
                "error": "unauthenticated",
                "error_description": "This action requires authentication to continue.",
            }

    def test_a_switch_refuses_a_good_one(self, api, books):
        books.faults.set("unauthorized", times=1, path="*/invoices/invoices")
        assert api.accounting("GET", "users/clients").status_code == 200
        assert api.accounting("GET", "invoices/invoices").status_code == 401
        assert api.accounting("GET", "invoices/invoices").status_code == 200


class TestRevoke:
    @pytest.mark.parametrize("which", ["access_token", "refresh_token"])
    def test_it_ends_access_and_refresh_token_at_once(self, server, books, which):
        pair, other = books.oauth.mint(), books.oauth.mint()
        answer = requests.post(
            f"{server.url}/auth/oauth/revoke", json={**APP, "token": pair[which]}, timeout=5
        )
        assert (answer.status_code, answer.json()) == (200, {})
        assert me(server, pair["access_token"]) == 401
        assert error(refresh(server, pair["refresh_token"])) == INVALID_GRANT
        assert me(server, other["access_token"]) == 200

    def test_it_needs_the_client(self, server, books):
        pair = books.oauth.mint()
        body = {**APP, "client_secret": "no", "token": pair["access_token"]}
        answer = requests.post(f"{server.url}/auth/oauth/revoke", json=body, timeout=5)
        assert error(answer) == (401, "invalid_client")
        assert me(server, pair["access_token"]) == 200


class TestScopes:
    @pytest.mark.parametrize(
        ("scope", "path"),
        [
            ("clients", "users/clients"),
            ("invoices", "invoices/invoices"),
            ("payments", "payments/payments"),
            ("bills", "bills/bills"),
            ("bill_vendors", "bill_vendors/bill_vendors"),
            ("bill_payments", "bill_payments/bill_payments"),
            ("billable_items", "items/items"),
            ("taxes", "taxes/taxes"),
            ("expenses", "expenses/categories"),
            ("expenses", "expenses/vendors"),
            ("journal_entries", "journal_entries/journal_entry_details"),
            ("journal_entries", "journal_entry_accounts/journal_entry_accounts"),
        ],
    )
    def test_reading_needs_the_scope_of_the_resource(self, api, books, scope, path):
        enough = books.oauth.mint([f"user:{scope}:read"])["access_token"]
        api.session.headers["Authorization"] = f"Bearer {enough}"
        assert api.accounting("GET", path).status_code == 200
        lacking = books.oauth.mint(["user:profile:read", "user:teams:read"])["access_token"]
        api.session.headers["Authorization"] = f"Bearer {lacking}"
        answer = api.accounting("GET", path)
        assert answer.status_code == 403
        message = answer.json()["response"]["errors"][0]["message"]
        assert "user:profile:read user:teams:read" in message
        assert f"user:{scope}:read" in message

    def test_writing_needs_the_write_scope(self, api, books):
        reader = books.oauth.mint(["user:clients:read"])["access_token"]
        api.session.headers["Authorization"] = f"Bearer {reader}"
        answer = api.accounting("POST", "users/clients", json={"client": {"organization": "New"}})
        assert answer.status_code == 403
        assert len(books.clients.table) == 6

    def test_a_switch_takes_a_scope_away(self, api, books):
        books.faults.set("scope_missing", scope="user:bills:*")
        assert api.accounting("GET", "bills/bills").status_code == 403
        assert api.accounting("GET", "users/clients").status_code == 200
