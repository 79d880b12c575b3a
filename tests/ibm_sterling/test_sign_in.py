"""Signing in: Basic, and OAuth with tokens of minutes that all workers share."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections as databases
from django.utils import timezone

from connections.models import AccessToken, Connection, SystemKind
from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import Misconfigured, NeedsSignIn, SystemFailure, Temporary
from connections.systems.ibm_sterling.system import Sterling
from tenants.models import Tenant
from tests.ibm_sterling.conftest import INBOUND, Connect, Progress, an_interchange, calls_to, nothing_seen

CLIENT = {"client_id": sandbox.CLIENT_ID, "client_secret": sandbox.CLIENT_SECRET}


@pytest.fixture
def oauth() -> Iterator[sandbox.Running]:
    with sandbox.start(auth="oauth") as running:
        yield running


def make_connection(tenant: Tenant, running: sandbox.Running, **settings: Any) -> Connection:
    values = {
        "base_url": running.url,
        "insecure": True,
        "auth_mode": "oauth",
        "token_url": running.token_url,
        "outbound_path": "/acme/outbound",
    }
    credentials = settings.pop("credentials", CLIENT)
    return Connection.unscoped.create(
        tenant=tenant,
        system=SystemKind.IBM_STERLING,
        key="sterling",
        name="Sterling",
        settings=values | settings,
        credentials=credentials,
    )


def look(connection: Connection) -> None:
    with Sterling(connection) as system:
        list(system.collect(INBOUND, nothing_seen))


class TestBasic:
    def test_it_is_sent_at_once_without_waiting_to_be_asked(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        with connect() as system:
            list(system.collect(INBOUND, nothing_seen))

        assert {call["status"] for call in installation.sterling.calls} == {200}

    @pytest.mark.parametrize("page", [False, True])
    def test_a_refusal_needs_a_person_whatever_it_looks_like(
        self, installation: sandbox.Running, connect: Connect, page: bool
    ) -> None:
        if page:
            installation.sterling.faults.set("unauthorized_page")
        with connect(credentials={"username": "ml-connector", "password": "wrong"}) as system:
            with pytest.raises(NeedsSignIn, match="does not let “ml-connector” in"):
                list(system.collect(INBOUND, nothing_seen))
            with pytest.raises(NeedsSignIn):
                system.find(an_interchange())

        assert len(installation.sterling.calls) == 1

    def test_letters_beyond_latin_1_are_sent_as_utf_8(self) -> None:
        users = {"бухгалтер": sandbox.User("пароль")}
        with sandbox.start(users=users) as running:
            connection = Connection(
                settings={"base_url": running.url, "insecure": True},
                credentials={"username": "бухгалтер", "password": "пароль"},
            )
            look(connection)

    def test_missing_credentials_are_said_before_anything_is_sent(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        with connect(credentials={}) as system, pytest.raises(NeedsSignIn, match="missing"):
            system.find(an_interchange())

        assert list(installation.sterling.calls) == []

    def test_an_account_without_the_api_permission_names_it(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        credentials = {"username": "no-api", "password": "no-api-password"}
        with connect(credentials=credentials) as system, pytest.raises(Misconfigured) as failure:
            system.find(an_interchange())

        assert "API User" in failure.value.remedy


@pytest.mark.django_db
class TestOAuth:
    def test_the_token_comes_from_the_identity_service_and_serves_many_calls(
        self, oauth: sandbox.Running, tenant: Tenant
    ) -> None:
        connection = make_connection(tenant, oauth)
        with Sterling(connection) as system:
            for number in range(3):
                system.send(an_interchange(name=str(number)), Progress())
        look(connection)  # another session, another worker

        assert len(oauth.identity.requests) == 1
        assert oauth.sterling.mistakes == []
        assert {call["status"] for call in oauth.sterling.calls} <= {200, 201}

    @pytest.mark.parametrize("way", ["basic", "post"])
    def test_the_client_names_itself_as_set_with_scope_and_audience(self, tenant: Tenant, way: str) -> None:
        identity = sandbox.Identity(client_auth=way, scope="b2bi")
        with sandbox.start(auth="oauth", identity=identity) as running:
            look(make_connection(tenant, running, client_auth=way, scope="b2bi", audience="svc"))

            [request] = identity.requests
            assert request == {"client_auth": way, "scope": "b2bi", "audience": "svc"}

    def test_a_token_is_renewed_before_it_ends(self, oauth: sandbox.Running, tenant: Tenant) -> None:
        connection = make_connection(tenant, oauth)
        look(connection)
        token = AccessToken.objects.get(connection=connection)
        assert token.expires_at is not None
        left = token.expires_at - timezone.now()
        assert timedelta(seconds=240) < left <= timedelta(seconds=270)

        token.expires_at = timezone.now()
        token.save()
        look(connection)

        assert len(oauth.identity.requests) == 2
        assert 401 not in {call["status"] for call in oauth.sterling.calls}

    def test_without_a_stated_life_it_is_five_minutes(self, oauth: sandbox.Running, tenant: Tenant) -> None:
        oauth.identity.faults.set("token_without_expiry")
        connection = make_connection(tenant, oauth)

        look(connection)

        expires_at = AccessToken.objects.get(connection=connection).expires_at
        assert expires_at is not None
        assert expires_at - timezone.now() <= timedelta(seconds=270)

    def test_a_token_of_a_few_seconds_is_used_all_the_same(self, tenant: Tenant) -> None:
        with sandbox.start(auth="oauth", identity=sandbox.Identity(expires_in=10)) as running:
            look(make_connection(tenant, running))

            assert len(running.identity.requests) == 1

    def test_a_token_that_the_api_refuses_is_replaced_once(
        self, oauth: sandbox.Running, tenant: Tenant
    ) -> None:
        connection = make_connection(tenant, oauth)
        look(connection)
        oauth.identity.revoke_all()

        with Sterling(connection) as system:
            system.send(an_interchange(), Progress())

        assert len(oauth.identity.requests) == 2
        assert [call["status"] for call in oauth.sterling.calls].count(401) == 1

    def test_a_second_refusal_needs_a_person_and_ends_there(self, tenant: Tenant) -> None:
        # The API of this installation knows another Identity service.
        with sandbox.start(auth="oauth") as running, sandbox.start(auth="oauth") as other:
            connection = make_connection(tenant, running, token_url=other.token_url)
            with Sterling(connection) as system:
                for _ in range(3):
                    with pytest.raises(NeedsSignIn, match="does not accept the access token"):
                        system.find(an_interchange())

            assert len(running.sterling.calls) == 2
            assert len(other.identity.requests) == 2

    def test_workers_at_once_ask_for_one_token(
        self, oauth: sandbox.Running, transactional_db: None, tenant: Tenant
    ) -> None:
        connection = make_connection(tenant, oauth)
        oauth.identity.faults.set("slow", times=1, seconds=0.3)
        failures: list[BaseException] = []

        def work() -> None:
            try:
                look(Connection.unscoped.get(pk=connection.pk))
            except BaseException as error:
                failures.append(error)
            finally:
                databases.close_all()

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert len(oauth.identity.requests) == 1

    def test_a_wrong_secret_needs_a_person(self, oauth: sandbox.Running, tenant: Tenant) -> None:
        wrong = {"client_id": sandbox.CLIENT_ID, "client_secret": "s3cret-and-wrong"}
        with pytest.raises(NeedsSignIn, match="client id and secret") as failure:
            look(make_connection(tenant, oauth, credentials=wrong))

        assert "s3cret" not in f"{failure.value} {failure.value.detail}"

    def test_a_scope_that_is_missing_is_a_wrong_setting(self, tenant: Tenant) -> None:
        identity = sandbox.Identity(scope="b2bi")

        with sandbox.start(auth="oauth", identity=identity) as running:
            connection = make_connection(tenant, running)
            with pytest.raises(Misconfigured, match="scope"):
                look(connection)

    def test_the_api_host_gives_out_no_tokens(self, oauth: sandbox.Running, tenant: Tenant) -> None:
        with pytest.raises(Misconfigured, match="address for tokens"):
            look(make_connection(tenant, oauth, token_url=f"{oauth.url}/oauth2/token"))

    @pytest.mark.parametrize(
        ("break_it", "failure"),
        [
            (lambda faults: faults.set("server_error", status=503), Temporary),
            (lambda faults: faults.set("rate_limited", retry_after=5), Temporary),
            (lambda faults: faults.set("reply_lost", times=1), Temporary),
            (lambda faults: faults.set("html_error", status=404), Misconfigured),
        ],
    )
    def test_trouble_at_the_identity_service_is_named(
        self,
        oauth: sandbox.Running,
        tenant: Tenant,
        break_it: Callable[[Any], None],
        failure: type[SystemFailure],
    ) -> None:
        break_it(oauth.identity.faults)

        with pytest.raises(failure):
            look(make_connection(tenant, oauth))
        assert calls_to(oauth, "GET", "/") == 0

    def test_the_token_is_encrypted_and_never_shown(self, oauth: sandbox.Running, tenant: Tenant) -> None:
        connection = make_connection(tenant, oauth)
        look(connection)
        token = str(AccessToken.objects.get(connection=connection).access_token)

        oauth.sterling.faults.set("missing_permission")
        assert token
        assert token not in repr(AccessToken.objects.get(connection=connection).__dict__)
