"""Each way in which a real installation may differ or fail has a switch."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from connections.sandbox.ibm_sterling import Running, start
from tests.sandbox.sterling_client import Client, id_in

EDI = b"ISA*00*~"


@pytest.fixture
def running() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture
def client(running: Running) -> Client:
    return Client(running)


def switch_on(running: Running, name: str, times: int | None = None, **params: Any) -> None:
    """Over HTTP, as the page and the demo do it."""
    order = {"name": name, "times": times, "params": params}
    answer = requests.post(f"{running.url}/_sandbox/faults", json=order, timeout=30)
    assert answer.status_code == 200, answer.text


def test_an_empty_list_can_be_404_or_400_with_an_error_object(running: Running, client: Client) -> None:
    box = client.box_id("/acme/ack")
    for status in (404, 400):
        switch_on(running, "empty_list", status=status)

        answer = client.get("/mailboxcontents/", parentMailboxId=box, _range="0-9")

        assert answer.status_code == status
        assert "No records were found" in answer.json()["errorDescription"]
        assert client.get("/mailboxes/", _range="0-9").status_code == 200


def test_the_error_key_can_be_misspelled(running: Running, client: Client) -> None:
    switch_on(running, "misspelled_error_key")

    assert client.get("/mailboxes/999").json().keys() == {"errorCode", "errorDiscription"}


def test_errors_can_be_pages(running: Running, client: Client) -> None:
    switch_on(running, "error_page")

    assert client.get("/mailboxes/999").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("form", "start_of_location", "colons"),
    [
        ("relative", "/B2BAPIs/svc/documents/", False),
        ("colons", "http://b2bi-int:5074/B2BAPIs/svc/documents/", True),
        ("public", "http://127.0.0.1:", False),
    ],
)
def test_location_takes_other_forms(
    running: Running, client: Client, form: str, start_of_location: str, colons: bool
) -> None:
    switch_on(running, "location", form=form)

    answer = client.post("/documents/", {"payload": "aGVsbG8="})

    location = answer.json()["Location"]
    assert location.startswith(start_of_location)
    assert (":node1:" in location) is colons
    assert client.payload(id_in(answer)) == b"hello"


def test_location_can_stand_in_the_header_alone(running: Running, client: Client) -> None:
    switch_on(running, "location", form="header")

    answer = client.post("/documents/", {"payload": "aGVsbG8="})

    assert answer.json() == {}
    assert answer.headers["Location"].startswith("http://b2bi-int:5074/B2BAPIs/svc/documents/")


def test_creating_can_answer_200(running: Running, client: Client) -> None:
    switch_on(running, "created_as_200")

    assert client.post("/documents/", {"payload": "aGVsbG8="}).status_code == 200


@pytest.mark.parametrize(("form", "expected"), [("text", "1"), ("zero", 0)])
def test_rows_affected_can_be_text_or_zero(
    running: Running, client: Client, form: str, expected: object
) -> None:
    identifier = client.add_document(EDI)
    switch_on(running, "rows_affected", form=form)

    assert client.call("DELETE", f"/documents/{identifier}").json() == {"rowsAffected": expected}


def test_flags_can_change_their_form(running: Running, client: Client) -> None:
    identifier = client.add_message("/acme/inbound", "a", EDI)
    switch_on(running, "plain_flags")
    switch_on(running, "coded_contents")

    assert client.get(f"/mailboxmessages/{identifier}").json()["extractableAlways"] is False
    assert client.contents("/acme/inbound")[0]["extractableAlways"] == {"code": False, "display": "No"}


def test_the_permission_can_be_taken_away(running: Running, client: Client) -> None:
    switch_on(running, "missing_permission", times=1)

    assert client.get("/mailboxes/?_range=0-9").status_code == 403
    assert client.get("/mailboxes/?_range=0-9").status_code == 200


def test_one_box_can_be_forbidden(running: Running, client: Client) -> None:
    ack, inbound = client.box_id("/acme/ack"), client.box_id("/acme/inbound")
    switch_on(running, "mailbox_forbidden", mailbox="/acme/ack")

    answer = client.get("/mailboxcontents/", parentMailboxId=ack, _range="0-9")

    assert answer.status_code == 403
    assert "/acme/ack Mailbox" in answer.json()["errorDescription"]
    assert client.get("/mailboxcontents/", parentMailboxId=inbound, _range="0-9").status_code == 200


def test_the_administrator_can_have_forgotten_the_passphrase(running: Running, client: Client) -> None:
    switch_on(running, "passphrase_missing")

    answer = client.get("/mailboxes/")

    assert answer.status_code == 500
    assert "security.passphrase" in answer.json()["errorDescription"]


def test_an_answer_can_be_slow(running: Running, client: Client) -> None:
    switch_on(running, "slow", seconds=20, path="*getpayload")
    identifier = client.add_document(EDI)

    with pytest.raises(requests.ReadTimeout):
        client.session.post(
            f"{client.base}/documents/{identifier}/actions/getpayload", json={}, timeout=(5, 0.2)
        )


def test_an_answer_can_be_lost_after_the_message_was_stored(running: Running, client: Client) -> None:
    document = client.add_document(EDI)
    switch_on(running, "reply_lost", times=1, method="POST", path="*/mailboxmessages/")
    body = {"documentId": document, "mailboxPath": "/acme/inbound", "name": "INV-1.x12"}

    with pytest.raises(requests.ConnectionError):
        client.post("/mailboxmessages/", body)

    (found,) = client.rows("/mailboxmessages/", name="INV-1.x12")
    assert found["documentId"] == document


def test_content_can_be_gone_while_its_row_remains(running: Running, client: Client) -> None:
    client.add_message("/acme/inbound", "a", EDI)
    document = client.contents("/acme/inbound")[0]["documentId"]
    switch_on(running, "payload_purged", document=document)

    assert client.post(f"/documents/{document}/actions/getpayload").status_code == 400
    assert len(client.contents("/acme/inbound")) == 1
    assert client.payload(client.add_document(EDI)) == EDI


class TestDuplicateNames:
    @pytest.fixture
    def first(self, client: Client) -> int:
        return client.add_message("/acme/inbound", "INV-1.x12", b"first")

    def test_are_kept_by_default(self, client: Client, first: int) -> None:
        second = client.add_message("/acme/inbound", "INV-1.x12", b"second")

        assert [row["id"] for row in client.contents("/acme/inbound")] == [first, second]

    def test_can_be_dropped_in_silence(self, running: Running, client: Client, first: int) -> None:
        switch_on(running, "duplicate_name", handling="drop")

        assert client.add_message("/acme/inbound", "INV-1.x12", b"second") == first
        assert running.sterling.payloads("/acme/inbound") == [b"first"]

    def test_can_be_answered_with_an_id_that_does_not_exist(
        self, running: Running, client: Client, first: int
    ) -> None:
        switch_on(running, "duplicate_name", handling="phantom")

        phantom = client.add_message("/acme/inbound", "INV-1.x12", b"second")

        assert client.get(f"/mailboxmessages/{phantom}").status_code == 404
        assert len(client.contents("/acme/inbound")) == 1

    def test_can_be_refused(self, running: Running, client: Client, first: int) -> None:
        switch_on(running, "duplicate_name", handling="refuse")
        body = {"documentId": client.add_document(b"2"), "mailboxPath": "/acme/inbound", "name": "INV-1.x12"}

        assert client.post("/mailboxmessages/", body).status_code == 400


def test_rows_can_come_in_no_order_but_the_same_at_each_call(running: Running, client: Client) -> None:
    ids = [client.add_message("/acme/inbound", f"{number}", EDI) for number in range(8)]
    switch_on(running, "unsorted_rows")

    shown = [row["id"] for row in client.contents("/acme/inbound")]

    assert shown != ids
    assert sorted(shown) == ids
    assert [row["id"] for row in client.contents("/acme/inbound")] == shown


def test_a_page_can_be_shorter_than_asked(running: Running, client: Client) -> None:
    ids = [client.add_message("/acme/inbound", f"{number}", EDI) for number in range(5)]
    box = client.box_id("/acme/inbound")
    switch_on(running, "range_cap", rows=2)

    pages = [
        [row["id"] for row in client.rows("/mailboxcontents/", parentMailboxId=box, _range=asked)]
        for asked in ("0-199", "2-201", "4-203", "5-204")
    ]

    assert pages == [ids[:2], ids[2:4], ids[4:], []]


def test_it_remembers_how_many_calls_came_at_once(running: Running, client: Client) -> None:
    switch_on(running, "slow", seconds=0.5)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: Client(running).get("/mailboxes/"), range(3)))

    assert requests.get(f"{running.url}/_sandbox/mistakes", timeout=30).json()["most_at_once"] == 3


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/workflowmonitors/"), ("GET", "/testsfgdeliverystatus/")]
)
def test_calls_that_do_harm_are_remembered_as_mistakes(
    running: Running, client: Client, method: str, path: str
) -> None:
    assert client.call(method, path).status_code == 200

    (mistake,) = running.sterling.mistakes
    assert mistake["path"].endswith(path)
