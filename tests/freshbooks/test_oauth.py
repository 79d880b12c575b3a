"""The sign-in: one refresh at a time, the new pair saved before anything else, no loops."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError, connections, transaction
from django.utils import timezone
from werkzeug.wrappers import Request, Response

from audit.leases import held, take
from audit.models import Notice
from connections.models import AccessToken, Connection, ConnectionState
from connections.sandbox.common import Server, serve
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.sandbox.freshbooks.oauth import APP_SCOPES, Consent
from connections.systems.base import Misconfigured, NeedsSignIn, Rejected, SystemFailure, Temporary
from connections.systems.freshbooks import oauth
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import Client
from connections.systems.http import Http
from tests.freshbooks.conftest import REDIRECT_URI, age, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def http(server: Server) -> Iterator[Http]:
    made = Http("FreshBooks")
    yield made
    made.close()


@pytest.fixture
def token(connection: Connection) -> AccessToken:
    return AccessToken.objects.get(connection=connection)


def soon(minutes: int) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


# When it is refreshed


def test_a_fresh_token_is_used_as_it_is(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    assert oauth.access(connection, http).access_token == str(token.access_token)
    assert books.oauth.refreshes == 0


def test_a_token_is_refreshed_ten_minutes_before_its_end(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    age(token, expires_at=soon(9))
    grant = oauth.access(connection, http)
    token.refresh_from_db()
    assert (grant.access_token, grant.generation) == (str(token.access_token), 2)
    assert grant.access_token in books.oauth.access
    assert str(token.refresh_token) in books.oauth.refresh
    assert books.oauth.refreshes == 1


def test_the_end_is_counted_from_the_creation_that_freshbooks_names(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    created = int(timezone.now().timestamp()) - 3600
    for refresh in books.oauth.refresh.values():
        object.__setattr__(refresh, "created_at", created)
    books.faults.set("refresh_keeps_created_at", times=1)
    age(token, expires_at=soon(1))
    oauth.access(connection, http)
    token.refresh_from_db()
    assert token.expires_at == datetime.fromtimestamp(created + 43199, tz=UTC)


def test_a_refresh_that_brings_a_pair_as_old_as_the_last_is_not_repeated_at_once(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    for refresh in books.oauth.refresh.values():
        object.__setattr__(refresh, "created_at", 1_700_000_000)
    books.faults.set("refresh_keeps_created_at")
    age(token, expires_at=soon(1))
    for _ in range(3):
        oauth.access(connection, http)
    assert books.oauth.refreshes == 1


def test_while_a_failed_refresh_cools_down_the_old_token_serves_as_long_as_it_lives(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    age(token, expires_at=soon(9))
    books.faults.set("server_error", path="/auth/oauth/token")
    assert oauth.access(connection, http).generation == 1
    assert oauth.access(connection, http).generation == 1
    assert len([call for call in books.calls if call["path"] == "/auth/oauth/token"]) == 1


# Failures


@pytest.mark.parametrize(
    "fault", ["server_error", "html_error", "rate_limited", "connection_closed", "reply_lost"]
)
def test_a_refresh_that_fails_is_temporary_and_cools_down(
    connection: Connection, token: AccessToken, http: Http, books: Books, fault: str
) -> None:
    age(token, expires_at=soon(-1))
    books.faults.set(fault, times=1, path="/auth/oauth/token")
    for _ in range(3):
        with pytest.raises(Temporary) as caught:
            oauth.access(connection, http)
        assert caught.value.retry_after is not None
        assert timedelta(0) < caught.value.retry_after <= timedelta(seconds=60)
    assert len([call for call in books.calls if call["path"] == "/auth/oauth/token"]) == 1


def test_after_the_cool_down_it_is_tried_again(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    age(token, expires_at=soon(-1), refresh_failed_at=timezone.now() - timedelta(seconds=61))
    assert oauth.access(connection, http).generation == 2
    token.refresh_from_db()
    assert token.refresh_failed_at is None


def test_a_refresh_whose_answer_was_lost_ends_in_one_request_to_sign_in(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    """FreshBooks spent the token; nobody has the new one. That is found out once, and then it is quiet."""
    age(token, expires_at=soon(-1))
    books.faults.set("reply_lost", times=1, path="/auth/oauth/token")
    with pytest.raises(Temporary):
        oauth.access(connection, http)
    AccessToken.objects.update(refresh_failed_at=timezone.now() - timedelta(minutes=2))
    for _ in range(3):
        with pytest.raises(NeedsSignIn):
            oauth.access(connection, http)
    assert books.oauth.refused_refreshes == 1
    connection.refresh_from_db()
    assert connection.state == ConnectionState.NEEDS_SIGN_IN
    assert "Connect FreshBooks" in connection.state_remedy
    (notice,) = Notice.objects.for_tenant(connection.tenant)
    assert "sign in again" in notice.title


def test_a_worker_killed_between_answer_and_commit_ends_in_a_sign_in(
    connection: Connection, token: AccessToken, http: Http, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(token, expires_at=soon(-1))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(oauth, "_save", killed)
    with pytest.raises(KeyboardInterrupt):
        oauth.access(connection, http)
    monkeypatch.undo()
    with pytest.raises(NeedsSignIn):
        oauth.access(connection, http)
    assert (books.oauth.refreshes, books.oauth.refused_refreshes) == (1, 1)


def test_a_busy_database_does_not_cost_the_new_pair(
    connection: Connection, token: AccessToken, http: Http, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(token, expires_at=soon(-1))
    real, failures = transaction.atomic, iter([True, True, False])

    def sometimes_locked(**options: Any) -> Any:
        if options.get("durable") and next(failures):
            raise OperationalError("database is locked")
        return real(**options)

    monkeypatch.setattr(transaction, "atomic", sometimes_locked)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert oauth.access(connection, http).generation == 2
    token.refresh_from_db()
    assert str(token.refresh_token) in books.oauth.refresh


def test_nobody_is_signed_in(connection: Connection, http: Http) -> None:
    AccessToken.objects.all().delete()
    with pytest.raises(NeedsSignIn, match="Nobody is signed in"):
        oauth.access(connection, http)


def test_a_wrong_client_secret_is_the_installation_s_fault(
    connection: Connection, token: AccessToken, http: Http, books: Books, settings: Any
) -> None:
    age(token, expires_at=soon(-1))
    settings.FRESHBOOKS_CLIENT_SECRET = "wrong"
    with pytest.raises(Misconfigured, match="does not know this installation"):
        oauth.access(connection, http)
    token.refresh_from_db()
    assert str(token.refresh_token) in books.oauth.refresh


def test_without_an_app_nothing_is_sent(
    connection: Connection, http: Http, settings: Any, books: Books
) -> None:
    settings.FRESHBOOKS_CLIENT_ID = ""
    with pytest.raises(Misconfigured, match="not registered with FreshBooks"):
        oauth.authorize_url("state")
    assert not books.calls


@pytest.mark.parametrize("body", ["{}", '{"access_token": "a"}', "[]", "<html>", '{"access_token": null}'])
def test_half_a_pair_is_not_taken_and_not_shown(
    connection: Connection, token: AccessToken, http: Http, settings: Any, body: str
) -> None:
    @Request.application
    def odd(_: Request) -> Response:
        return Response(body, content_type="application/json")

    age(token, expires_at=soon(-1))
    with serve(odd) as other:
        settings.FRESHBOOKS_API_URL = other.url
        with pytest.raises(Temporary) as caught:
            oauth.access(connection, http)
    assert "access_token" not in caught.value.detail


# Racing


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_share_one_refresh(connection: Connection, token: AccessToken, books: Books) -> None:
    books.oauth.expire_access_tokens()
    books.faults.set("slow", seconds=0.5, path="/auth/oauth/token")
    start = Barrier(20)

    def work(_: int) -> bool:
        client = Client(connection)
        try:
            start.wait()
            return client.find(RESOURCES["clients"], 55001) is not None
        finally:
            client.close()
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        served = list(pool.map(work, range(20)))
    assert served == [True] * 20
    assert (books.oauth.refreshes, books.oauth.refused_refreshes) == (1, 0)
    token.refresh_from_db()
    assert (token.generation, token.lease_holder) == (2, "")


WORKER = """
import django; django.setup()
from connections.models import Connection
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import Client
client = Client(Connection.unscoped.get())
assert client.find(RESOURCES["clients"], 55001)
"""


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_processes_on_postgresql_share_one_refresh(
    connection: Connection, token: AccessToken, books: Books, server: Server
) -> None:
    books.oauth.expire_access_tokens()
    books.faults.set("slow", seconds=0.5, path="/auth/oauth/token")
    name = connections["default"].settings_dict["NAME"]
    address, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    environment = {
        **os.environ,
        "DATABASE_URL": f"{address}/{name}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "FRESHBOOKS_API_URL": server.url,
        "FRESHBOOKS_CLIENT_ID": "sandbox-client",
        "FRESHBOOKS_CLIENT_SECRET": "sandbox-secret",
        "OUTBOUND_ALLOW_LOOPBACK": "1",
    }
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    errors = [worker.communicate(timeout=120)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 8, errors
    assert (books.oauth.refreshes, books.oauth.refused_refreshes) == (1, 0)


def test_who_waits_in_vain_for_another_refresh_gives_way(
    connection: Connection, token: AccessToken, http: Http, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "WAIT_SECONDS", 0.1)
    age(token, expires_at=soon(-1))
    assert take(token)
    with pytest.raises(Temporary, match="Another worker"):
        oauth.access(connection, http)
    assert books.oauth.refreshes == 0


def test_a_lease_whose_holder_died_does_not_stop_the_next(
    connection: Connection, token: AccessToken, http: Http
) -> None:
    age(token, expires_at=soon(-1), lease_holder="dead", lease_until=timezone.now() - timedelta(seconds=1))
    assert oauth.access(connection, http).generation == 2


def test_who_was_overtaken_uses_what_the_other_brought(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    stale = oauth.access(connection, http).generation
    with held(token) as lease:
        assert lease
        pair = books.oauth.mint()
        AccessToken.objects.update(access_token=pair["access_token"], generation=stale + 1)
        assert oauth.renewed(connection, stale, http).access_token == pair["access_token"]
    assert books.oauth.refreshes == 0


def test_a_refused_refresh_gives_way_to_a_sign_in_that_came_meanwhile(
    connection: Connection, token: AccessToken, http: Http, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person was quicker: their new pair must not be thrown away."""
    age(token, expires_at=soon(-1), refresh_token="spent")
    real = oauth._token_call

    def sign_in_meanwhile(http: Http, **fields: str) -> Any:
        answer = real(http, **fields)
        AccessToken.objects.update(
            access_token="new", refresh_token="pair", generation=5, expires_at=soon(600)
        )
        return answer

    monkeypatch.setattr(oauth, "_token_call", sign_in_meanwhile)
    assert oauth.access(connection, http).access_token == "new"
    connection.refresh_from_db()
    assert connection.state == ConnectionState.ACTIVE


# Signing in and out


def test_the_consent_page_is_asked_for_exactly_what_we_use(server: Server) -> None:
    url = urlsplit(oauth.authorize_url("the state"))
    query = parse_qs(url.query)
    assert url.path == "/oauth/authorize/"
    assert query["redirect_uri"] == ["http://testserver/oauth/freshbooks/callback"]
    assert query["state"] == ["the state"]
    assert query["scope"] == [" ".join(oauth.SCOPES)]


def test_a_code_is_turned_into_tokens_of_the_next_generation(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    code = code_of(books)
    oauth.exchange_code(connection, code, http)
    token.refresh_from_db()
    assert token.generation == 2
    assert str(token.access_token) in books.oauth.access
    assert token.scope


@pytest.mark.parametrize("expired", [False, True])
def test_a_code_works_once_and_for_five_minutes(
    connection: Connection, token: AccessToken, http: Http, books: Books, expired: bool
) -> None:
    code = code_of(books)
    if expired:
        books.clock.move(minutes=6)
    else:
        oauth.exchange_code(connection, code, http)
    with pytest.raises(Rejected, match="does not accept this confirmation"):
        oauth.exchange_code(connection, code, http)


def test_revoking_ends_it_here_and_there(
    connection: Connection, token: AccessToken, http: Http, books: Books
) -> None:
    oauth.revoke(connection, http)
    assert not AccessToken.objects.exists()
    assert not books.oauth.access
    assert not books.oauth.refresh


def test_revoking_forgets_the_tokens_even_when_freshbooks_is_away(
    connection: Connection, token: AccessToken, http: Http, server: Server
) -> None:
    server.stop()
    with pytest.raises(SystemFailure):
        oauth.revoke(connection, http)
    assert not AccessToken.objects.exists()


def test_a_token_shows_itself_nowhere(connection: Connection, books: Books) -> None:
    sign_in(connection, books)
    token = AccessToken.objects.get(connection=connection)
    secret = str(token.access_token)
    assert secret not in f"{token!r} {token} {oauth.Grant(secret, 1)!r} {token.__dict__!r}"


def code_of(books: Books) -> str:
    """A code, as the consent page would give it."""
    books.oauth.codes["c0de"] = Consent(REDIRECT_URI, list(APP_SCOPES), None, books.clock.epoch() + 300)
    return "c0de"
