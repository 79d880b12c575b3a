"""What a customer sends without an envelope gets one of the installation's own; answers that wait to be polled for."""

from collections.abc import Iterator

import pytest

from connections.sandbox import ibm_sterling as sandbox
from connections.sandbox.ibm_sterling import Site
from tests.sandbox.interchanges import edifact, segments, x12
from tests.sandbox.sterling_client import Client

OUTBOUND, ACK = "/acme/outbound", "/acme/ack"


@pytest.fixture
def running() -> Iterator[sandbox.Running]:
    with sandbox.start() as running:
        yield running


@pytest.fixture
def client(running: sandbox.Running) -> Client:
    return Client(running)


def without_envelope(interchange: bytes, first: str, last: str) -> bytes:
    start = interchange.index(first.encode())
    return interchange[start : interchange.index(last.encode(), start)]


def test_an_x12_set_alone_is_read_by_the_partner_and_answered_under_the_installations_numbers(
    running: sandbox.Running, client: Client
) -> None:
    client.add_message(OUTBOUND, "a", without_envelope(x12(control=41), "ST*810", "GE*"))
    running.sterling.tick()

    [document] = running.sterling.sites["acme"].company.documents
    assert (document["number"], document["taken"]) == ("INV-1001", True)
    assert running.sterling.complaints() == []
    [answer] = running.sterling.payloads(ACK)
    assert "AK1*IN*1" in segments(answer)
    assert "STERLING" in segments(answer)[0]


def test_an_edifact_message_alone_too(running: sandbox.Running, client: Client) -> None:
    client.add_message(OUTBOUND, "a", without_envelope(edifact(), "UNH+", "UNZ+"))
    running.sterling.tick()
    [document] = running.sterling.sites["acme"].company.documents
    assert document["taken"] is True
    assert running.sterling.complaints() == []


def test_each_envelope_has_a_control_number_of_its_own(running: sandbox.Running, client: Client) -> None:
    for number in range(2):
        client.add_message(OUTBOUND, str(number), without_envelope(x12(control=41), "ST*810", "GE*"))
    running.sterling.tick()
    kinds = [one["kind"] for one in running.sterling.complaints()]
    assert "duplicate interchange" not in kinds


def test_an_answer_can_wait_until_its_box_was_looked_into_so_often() -> None:
    with sandbox.start(partners=[Site("acme", ack_after_polls=2)]) as running:
        client = Client(running)
        client.add_message(OUTBOUND, "a", x12())
        running.sterling.tick()
        found = [len(client.contents(ACK)) for _ in range(3)]
        assert found == [0, 1, 1]


def test_it_survives_a_restart_and_can_be_set_over_http(running: sandbox.Running) -> None:
    url = f"{running.url}/_sandbox/partners/acme"
    answer = Client(running).session.post(url, json={"ack_after_polls": 3}, timeout=30)
    assert answer.json()["partners"][0]["ack_after_polls"] == 3
    state = running.sterling.sites["acme"].dump()
    again = Site("acme")
    again.restore(state)
    assert again.ack_after_polls == 3
