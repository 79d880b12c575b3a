"""Tokens: by client credentials in JSON, for one audience, shared by all workers, never sent elsewhere."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections as databases
from django.utils import timezone

from connections.models import AccessToken, Connection
from connections.sandbox import sps_commerce as sandbox
from connections.sandbox.common import serve
from connections.systems.base import Misconfigured, NeedsSignIn, SystemFailure, Temporary
from connections.systems.sps_commerce.settings import OLD_AUDIENCE
from connections.systems.sps_commerce.system import SpsCommerce
from tenants.models import Tenant
from tests.sps_commerce.conftest import Connect, an_interchange, calls, connection_to, look


def test_it_is_asked_for_with_exactly_four_members_in_json_and_no_header(
    sps: sandbox.Running, connect: Connect
) -> None:
    look(connect())

    [request] = sps.auth.requests
    assert request["members"] == ["audience", "client_id", "client_secret", "grant_type"]
    assert request["json"]
    assert not request["authorization"]
    assert request["audience"] == "https://spscommerce.com"
    assert sps.sps.mistakes == []


def test_the_audience_is_a_setting(sps: sandbox.Running, connect: Connect) -> None:
    sps.auth.faults.set("old_audience_only")
    with pytest.raises(Misconfigured, match="no token for the audience") as failure:
        look(connect())
    assert "other audience" in failure.value.remedy

    look(connect(audience=OLD_AUDIENCE))


@pytest.mark.parametrize(
    ("expires_in", "most", "least"),
    [(3600, 3540, 3530), (100, 90, 80), (10, 9, 5)],
)
def test_it_is_kept_for_its_own_life_less_a_margin(
    sps: sandbox.Running, connection: Connection, connect: Connect, expires_in: int, most: int, least: int
) -> None:
    sps.auth.expires_in = expires_in

    look(connect())

    expires_at = AccessToken.objects.get(connection=connection).expires_at
    assert expires_at is not None
    left = expires_at - timezone.now()
    assert left <= timedelta(seconds=most)
    assert left > timedelta(seconds=least) - timedelta(seconds=60)


@pytest.mark.parametrize("switch", ["no_token_type", "no_expiry"])
def test_an_answer_may_lack_what_is_not_needed(sps: sandbox.Running, connect: Connect, switch: str) -> None:
    sps.auth.faults.set(switch)

    look(connect())

    assert len(sps.auth.requests) == 1


def test_sessions_and_workers_share_it(sps: sandbox.Running, connect: Connect) -> None:
    for _ in range(3):
        look(connect())

    assert len(sps.auth.requests) == 1


def test_workers_at_once_ask_for_one(
    transactional_db: None, sps: sandbox.Running, connection: Connection
) -> None:
    sps.auth.faults.set("slow", times=1, seconds=0.3)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            look(SpsCommerce(Connection.unscoped.get(pk=connection.pk)))
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
    assert len(sps.auth.requests) == 1


def test_other_keys_get_a_token_of_their_own(sps: sandbox.Running, connect: Connect) -> None:
    look(connect())

    with pytest.raises(NeedsSignIn, match="client id and secret"):
        look(connect(credentials={"client_id": sandbox.CLIENT_ID, "client_secret": "wrong-wrong"}))


def test_a_401_in_the_middle_of_a_cycle_renews_it_and_goes_on(sps: sandbox.Running, connect: Connect) -> None:
    paths = [sps.sps.book_order() for _ in range(3)]
    sps.sps.faults.set("unauthorized", times=1, skip=1, path="*PO7712*")

    found = look(connect())

    assert [one.handle["path"] for one in found] == sorted(paths)
    assert len(sps.auth.requests) == 2
    assert [one["status"] for one in sps.sps.calls].count(401) == 1


def test_a_second_401_needs_a_person_and_ends_there(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("unauthorized")
    with connect() as system:
        for _ in range(3):
            with pytest.raises(NeedsSignIn, match="does not accept the access token"):
                list(system.collect("out/", bool))

    assert len(sps.sps.calls) == 2
    assert len(sps.auth.requests) == 2


@pytest.mark.parametrize(
    ("break_it", "kind", "said"),
    [
        (lambda faults: faults.set("wrong_application"), NeedsSignIn, "signs people in"),
        (lambda faults: faults.set("server_error", status=503), Temporary, "fails just now"),
        (lambda faults: faults.set("rate_limited"), Temporary, "no further token"),
        (lambda faults: faults.set("reply_lost", times=1), Temporary, "broke"),
        (lambda faults: faults.set("html_error", status=404), Misconfigured, "address for tokens"),
    ],
)
def test_trouble_at_the_sign_in_is_named_and_never_means_no_new_files(
    sps: sandbox.Running,
    connect: Connect,
    break_it: Callable[[Any], None],
    kind: type[SystemFailure],
    said: str,
) -> None:
    sps.sps.book_order()
    break_it(sps.auth.faults)

    with pytest.raises(kind, match=said):
        look(connect())
    assert list(sps.sps.calls) == []


def test_giving_out_tokens_is_limited_and_the_wait_is_passed_on(
    sps: sandbox.Running, connect: Connect
) -> None:
    sps.auth.faults.set("rate_limited", retry_after=7)

    with pytest.raises(Temporary) as failure:
        look(connect())
    assert failure.value.retry_after == timedelta(seconds=7)


def test_a_redirect_is_not_followed(sps: sandbox.Running, connect: Connect) -> None:
    with serve(sandbox.Auth()) as elsewhere:
        sps.sps.faults.set("redirect", to=f"{elsewhere.url}/elsewhere")

        with pytest.raises(Misconfigured, match="sends us elsewhere"):
            look(connect())
        assert list(elsewhere.app.calls) == []


def test_the_token_goes_to_the_configured_host_alone(
    sps: sandbox.Running, tenant: Tenant, connect: Connect
) -> None:
    path = sps.sps.book_order()
    sps.sps.faults.set("foreign_url")

    [found] = look(connect())

    assert found.handle["path"] == path
    assert calls(sps, "GET", path)


def test_it_is_not_in_an_address_and_not_shown(sps: sandbox.Running, connection: Connection) -> None:
    with SpsCommerce(connection) as system:
        system.api.entries("")
        token = str(AccessToken.objects.get(connection=connection).access_token)
        sps.sps.faults.set("forbidden")
        with pytest.raises(Misconfigured) as failure:
            system.api.entries("")

    assert token
    assert token not in f"{failure.value} {failure.value.detail} {list(sps.sps.calls)}"
    assert sps.sps.mistakes == []


def test_missing_keys_are_said_before_anything_is_sent(sps: sandbox.Running, connect: Connect) -> None:
    with connect(credentials={}) as system, pytest.raises(NeedsSignIn, match="missing"):
        system.find(an_interchange())

    assert list(sps.auth.calls) == []


def test_unencrypted_addresses_need_the_loud_switch(sps: sandbox.Running, tenant: Tenant) -> None:
    connection = connection_to(sps, tenant, insecure=False)

    with pytest.raises(Misconfigured, match="not encrypted"):
        look(SpsCommerce(connection))
