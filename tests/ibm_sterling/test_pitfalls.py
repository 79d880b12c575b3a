"""What a client of this API gets wrong when it is written in good faith: one specification for each mistake.

The stand-in notes mistakes (`mistakes`), cuts lists that ask for no range, resolves none of its own addresses
and gives text back broken, so that each of these fails if the client does the obvious thing.
"""

from datetime import timedelta

import pytest

from connections.models import AccessToken
from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import Outcome
from connections.systems.ibm_sterling.system import Sterling
from tenants.models import Tenant
from tests.ibm_sterling.conftest import (
    CONTENT,
    INBOUND,
    OUTBOUND,
    Connect,
    Progress,
    an_interchange,
    calls_to,
    connection_to,
    messages_in,
    nothing_seen,
)


def test_1_a_mailbox_is_listed_by_its_number_and_content_comes_from_the_document(
    installation: sandbox.Running, connect: Connect
) -> None:
    installation.sterling.drop(INBOUND, "a", CONTENT)
    installation.sterling.drop(OUTBOUND, "not for us", b"x")

    with connect() as system:
        assert [one.content for one in system.collect(INBOUND, nothing_seen)] == [CONTENT]

    assert installation.sterling.mistakes == []
    assert calls_to(installation, "POST", "/actions/getpayload") == 1


def test_2_location_is_read_and_never_followed(installation: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        receipt = system.send(an_interchange(), Progress())

    # The address was http://b2bi-int:5074/..., with %3A in the document's id.
    assert "%3A" not in receipt.detail["document_id"]
    assert receipt.detail["document_id"] in installation.sterling.store.documents
    assert receipt.remote_id == str(messages_in(installation)[0]["id"])


@pytest.mark.parametrize("switch", ["misspelled_error_key", "error_page"])
def test_3_errors_have_many_shapes_and_an_empty_list_may_be_one(
    installation: sandbox.Running, connect: Connect, switch: str
) -> None:
    installation.sterling.faults.set(switch)
    installation.sterling.faults.set("empty_list", status=404)

    with connect() as system:
        assert list(system.collect(INBOUND, nothing_seen)) == []
        assert system.find(an_interchange()) is None


@pytest.mark.parametrize(
    "switches", [[], ["plain_flags"], ["coded_contents"], ["plain_flags", "coded_contents"]]
)
def test_4_a_flag_is_an_object_in_one_list_and_plain_in_the_other(
    installation: sandbox.Running, connect: Connect, switches: list[str]
) -> None:
    for switch in switches:
        installation.sterling.faults.set(switch)
    number = installation.sterling.drop(INBOUND, "a", b"1")
    message = installation.sterling.store.messages[number]
    message.extractable_always, message.extractable_count = False, 0

    with connect(finish_action="extract") as system:
        [collected] = system.collect(INBOUND, nothing_seen)
        system.settle(collected, Outcome.PROCESSED)

    # {"code": false} is not true: what cannot be extracted is not extracted again.
    assert calls_to(installation, "POST", "/actions/extractmailboxmessage") == 0


def test_5_a_list_without_a_range_is_cut_silently(installation: sandbox.Running, connect: Connect) -> None:
    for number in range(60):
        installation.sterling.drop(INBOUND, f"{number}", b"x")

    with connect(page_size=25) as system:
        assert len(list(system.collect(INBOUND, nothing_seen))) == 60
    assert installation.sterling.mistakes == []


@pytest.mark.django_db
def test_6_tokens_come_from_another_host_and_live_for_minutes(tenant: Tenant) -> None:
    with sandbox.start(auth="oauth") as running:
        credentials = {"client_id": sandbox.CLIENT_ID, "client_secret": sandbox.CLIENT_SECRET}
        connection = connection_to(running, credentials, auth_mode="oauth", token_url=running.token_url)
        connection.tenant, connection.key = tenant, "sterling"
        connection.save()
        with Sterling(connection) as system:
            list(system.collect(INBOUND, nothing_seen))
            running.sterling.clock.move(minutes=6)
            token = AccessToken.objects.get(connection=connection)
            assert token.expires_at is not None
            token.expires_at -= timedelta(minutes=6)
            token.save()
            list(system.collect(INBOUND, nothing_seen))

        assert len(running.identity.requests) == 2
        assert running.sterling.mistakes == []
        assert {call["status"] for call in running.sterling.calls} == {200}


def test_7_nothing_is_finished_before_we_say_that_it_is_safe(
    installation: sandbox.Running, connect: Connect
) -> None:
    installation.sterling.drop(INBOUND, "a", b"1")

    with connect(finish_action="delete") as system:
        [collected] = system.collect(INBOUND, nothing_seen)
        assert len(messages_in(installation, INBOUND)) == 1

        system.settle(collected, Outcome.PROCESSED)
    assert messages_in(installation, INBOUND) == []


def test_8_bytes_are_bytes_both_ways(installation: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        system.send(an_interchange(), Progress())
        [there] = system.collect(OUTBOUND, nothing_seen)

    assert installation.sterling.payloads(OUTBOUND) == [CONTENT]
    assert there.content == CONTENT
