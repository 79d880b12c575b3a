"""The password grant: one login for all workers, no loop, no surprise on the sixtieth day."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections as databases
from django.utils import timezone

from audit.models import Notice
from connections.models import AccessToken, Connection, Poll, PollKind
from connections.pipeline.poll import ensure_polls, run_poll
from connections.sandbox import cleo as sandbox
from connections.systems.base import Misconfigured, NeedsSignIn, Temporary
from connections.systems.cleo.system import Cleo
from tenants.models import Tenant
from tests.cleo.conftest import Connect, connection_to, look

pytestmark = pytest.mark.django_db


@pytest.fixture
def shape() -> str:
    """Signing in is the same for every tenant."""
    return "plain"


def token(system: Cleo) -> AccessToken:
    return AccessToken.objects.get(connection=system.connection)


def test_one_login_serves_many_sessions(running: sandbox.Running, connect: Connect) -> None:
    for _ in range(3):
        with connect() as system:
            look(system)

    assert running.cleo.access.logins == 1
    assert running.cleo.mistakes == []


def test_workers_at_once_log_in_once(
    running: sandbox.Running, transactional_db: None, tenant: Tenant
) -> None:
    connection = connection_to(running, tenant)
    running.cleo.faults.set("slow", times=1, seconds=0.3, path="*/authentication")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with Cleo(Connection.unscoped.get(pk=connection.pk)) as system:
                look(system)
        except BaseException as error:
            failures.append(error)
        finally:
            databases.close_all()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert running.cleo.access.logins == 1


class TestTheLifeOfAToken:
    @pytest.mark.parametrize(("life", "expected"), [(3600, 3540), (121, 61), (119, 59), (60, 30), (2, 1)])
    def test_a_life_that_is_stated_is_believed_less_a_margin(
        self, running: sandbox.Running, connect: Connect, life: int, expected: int
    ) -> None:
        running.cleo.access.token_life = life
        with connect() as system:
            system.mailbox.api.tokens.current()  # type: ignore[union-attr]
            expires_at = token(system).expires_at
        assert expires_at is not None
        assert abs((expires_at - timezone.now()).total_seconds() - expected) < 60

    def test_without_one_it_is_kept_as_long_as_the_setting_says(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("token_without_expiry")
        with connect(token_max_age=90) as system:
            look(system)
            expires_at = token(system).expires_at
        assert expires_at is not None
        assert timedelta(0) < expires_at - timezone.now() <= timedelta(seconds=90)

    def test_a_refused_token_is_replaced_once(self, running: sandbox.Running, connect: Connect) -> None:
        with connect() as system:
            look(system)
            running.cleo.access.revoke_all()
            look(system)

        assert running.cleo.access.logins == 2

    def test_a_token_that_is_never_accepted_ends_in_a_person(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("tokens_lost")
        with connect() as system:
            for _ in range(3):
                with pytest.raises(NeedsSignIn, match="does not accept it"):
                    look(system)

        assert running.cleo.access.logins == 2

    def test_a_refresh_token_is_used_only_where_the_connection_says_so(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("refresh_tokens")
        with connect() as system:
            look(system)
            assert token(system).refresh_token == ""
        AccessToken.objects.all().delete()
        with connect(refresh_supported=True) as system:
            look(system)
            assert token(system).refresh_token
            running.cleo.access.users.clear()  # a password would not be accepted any more
            running.cleo.access.revoke_all()
            look(system)

    def test_a_refresh_token_that_is_refused_leads_to_a_login(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("refresh_tokens")
        with connect(refresh_supported=True) as system:
            look(system)
            AccessToken.objects.update(refresh_token="not any more", access_token="")
            look(system)

        assert running.cleo.access.logins == 2

    def test_a_refresh_token_goes_to_no_other_user(self, running: sandbox.Running, connect: Connect) -> None:
        running.cleo.faults.set("refresh_tokens")
        running.cleo.access.users["somebody-else"] = "another"
        with connect(refresh_supported=True) as system:
            look(system)
        credentials = {"password": "wrong"}
        with (
            connect(credentials, refresh_supported=True, username="somebody-else") as system,
            pytest.raises(NeedsSignIn),
        ):
            look(system)

    def test_a_token_goes_to_no_other_tenant_or_user(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.access.users["somebody-else"] = sandbox.PASSWORD
        with connect() as system:
            look(system)
        with connect(username="somebody-else") as system:
            look(system)

        assert running.cleo.access.logins == 2


class TestRefusals:
    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_a_refused_password_is_tried_once_whoever_asks(
        self, running: sandbox.Running, connect: Connect, status: int
    ) -> None:
        running.cleo.faults.set("refusal_status", status=status)
        for _ in range(4):
            with (
                connect(credentials={"password": "wrong"}) as system,
                pytest.raises(NeedsSignIn) as failure,
            ):
                look(system)
            assert "60 days" in failure.value.remedy

        assert running.cleo.access.refusals == 1

    def test_another_password_is_tried_at_once(self, running: sandbox.Running, connect: Connect) -> None:
        with connect(credentials={"password": "wrong"}) as system, pytest.raises(NeedsSignIn):
            look(system)
        with connect() as system:
            Connection.unscoped.update(credentials_set_at=timezone.now())
            look(system)

    def test_the_same_password_is_tried_again_after_a_minute(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("password_expired", times=1)
        with connect() as system:
            with pytest.raises(NeedsSignIn, match="Password expired"):
                look(system)
            AccessToken.objects.update(refresh_failed_at=timezone.now() - timedelta(seconds=61))
            look(system)

    def test_a_worker_that_holds_an_older_password_uses_the_new_one(
        self, running: sandbox.Running, tenant: Tenant
    ) -> None:
        stale = connection_to(running, tenant, {"password": "old"})
        connection_to(running, tenant)
        with Cleo(stale) as system:
            look(system)

        assert running.cleo.access.refusals == 0

    def test_a_service_that_is_down_is_no_refusal(self, running: sandbox.Running, connect: Connect) -> None:
        running.cleo.faults.set("server_error", times=1, status=503, path="*/authentication")
        with connect() as system:
            with pytest.raises(Temporary):
                look(system)
            look(system)

    def test_what_gives_no_token_is_a_wrong_address(self, running: sandbox.Running, connect: Connect) -> None:
        with connect(token_path="/api/other") as system, pytest.raises(Misconfigured, match="a token"):
            look(system)

    def test_the_password_is_in_no_failure(self, running: sandbox.Running, connect: Connect) -> None:
        running.cleo.faults.set("two_factor")
        with connect() as system, pytest.raises(NeedsSignIn) as failure:
            look(system)

        assert sandbox.PASSWORD not in f"{failure.value} {failure.value.remedy} {failure.value.detail}"


class TestExpiry:
    def warned(self, connection: Connection) -> list[Any]:
        ensure_polls(connection)
        poll = Poll.objects.get(connection=connection, kind=PollKind.UPKEEP)
        Poll.objects.update(next_at=timezone.now())
        run_poll(poll.pk)
        return list(Notice.unscoped.filter(closed_at__isnull=True))

    @pytest.mark.parametrize(
        ("days_ago", "days", "warned"),
        [(30, 60, False), (46, 60, True), (61, 60, True), (400, 0, False), (80, 90, True)],
    )
    def test_people_are_told_two_weeks_ahead(
        self, running: sandbox.Running, tenant: Tenant, days_ago: int, days: int, warned: bool
    ) -> None:
        connection = connection_to(running, tenant, password_days=days)
        connection.credentials_set_at = timezone.now() - timedelta(days=days_ago)
        connection.save()

        assert bool(self.warned(connection)) == warned

    def test_a_key_does_not_expire(self, running: sandbox.Running, tenant: Tenant) -> None:
        connection = connection_to(running, tenant, {"private_key": "PEM"})
        connection.credentials_set_at = timezone.now() - timedelta(days=70)
        connection.save()

        assert self.warned(connection) == []

    def test_the_day_that_a_person_names_counts_and_a_new_password_ends_the_warning(
        self, running: sandbox.Running, tenant: Tenant
    ) -> None:
        chosen = (datetime.now(UTC) - timedelta(days=55)).date()
        connection = connection_to(running, tenant, password_set_on=chosen.isoformat())
        connection.credentials_set_at = timezone.now()
        connection.save()
        [notice] = self.warned(connection)
        assert "Choose a new one in the Cleo portal" in notice.text

        connection.settings["password_set_on"] = ""
        connection.save()
        assert self.warned(connection) == []
