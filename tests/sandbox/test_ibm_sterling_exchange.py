"""The partners behind the boxes take what is there, answer as told, and are driven over HTTP."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connections.sandbox.common import Clock
from connections.sandbox.ibm_sterling import Running, Site, Verdict, start
from tests.sandbox.interchanges import edifact, invoice, segments, x12
from tests.sandbox.sterling_client import Client


@pytest.fixture
def running() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture
def client(running: Running) -> Client:
    return Client(running)


def control(running: Running, method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{running.url}/_sandbox/{path}", json=body, timeout=30)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def tell(running: Running, **order: Any) -> None:
    control(running, "POST", "partners/acme", order)


class TestAcknowledgement:
    def test_an_invoice_is_taken_and_answered_in_the_ack_box(self, running: Running, client: Client) -> None:
        client.add_message("/acme/outbound", "INV-1001.x12", x12(control=41))

        control(running, "POST", "tick")

        (row,) = client.contents("/acme/ack")
        answer = segments(client.payload(row["documentId"]))
        assert "AK1*IN*41" in answer
        assert "AK2*810*0001" in answer
        assert "AK5*A" in answer
        assert row["extractableCount"] == 1
        assert client.contents("/acme/outbound")[0]["extractableCount"] == 0

    def test_it_is_taken_once(self, running: Running, client: Client) -> None:
        client.add_message("/acme/outbound", "a.x12", x12(), extractableAlways=True)

        for _ in range(3):
            running.sterling.tick()

        assert len(client.contents("/acme/ack")) == 1
        assert running.sterling.complaints() == []

    def test_what_is_not_extractable_stays(self, running: Running, client: Client) -> None:
        identifier = client.add_message("/acme/outbound", "a.x12", x12(), extractableCount=0)
        running.sterling.tick()
        assert client.contents("/acme/ack") == []

        client.call("PUT", f"/mailboxmessages/{identifier}", json={"extractableCount": 1})
        running.sterling.tick()
        assert len(client.contents("/acme/ack")) == 1

    def test_the_answer_can_take_its_time(self, running: Running, client: Client) -> None:
        tell(running, ack_after=600)
        client.add_message("/acme/outbound", "a.x12", x12())

        running.sterling.tick()
        assert client.contents("/acme/ack") == []

        running.sterling.clock.move(seconds=601)
        running.sterling.tick()
        assert len(client.contents("/acme/ack")) == 1

    def test_the_verdict_can_be_set_for_all_and_for_one_invoice(
        self, running: Running, client: Client
    ) -> None:
        tell(running, verdict="never", verdicts={"INV-2": "reject"})
        client.add_message("/acme/outbound", "1.x12", x12(invoice("INV-1"), control=1))
        client.add_message("/acme/outbound", "2.x12", x12(invoice("INV-2"), control=2))

        running.sterling.tick()

        (answer,) = running.sterling.payloads("/acme/ack")
        assert "AK9*R*1*1*0" in segments(answer)
        assert "AK1*IN*2" in segments(answer)

        tell(running, verdicts={"INV-2": None})
        assert control(running, "GET", "partners")["partners"][0]["verdicts"] == {}

    def test_edifact_is_answered_with_contrl(self, running: Running, client: Client) -> None:
        client.add_message("/acme/outbound", "a.edi", edifact())

        running.sterling.tick()

        assert b"UCI+REF1+" in running.sterling.payloads("/acme/ack")[0]

    def test_complaints_are_kept_with_the_partner_and_the_message(
        self, running: Running, client: Client
    ) -> None:
        client.add_message("/acme/outbound", "1.x12", x12(control=7))
        client.add_message("/acme/outbound", "2.x12", x12(control=7))

        running.sterling.tick()

        (complaint,) = control(running, "GET", "complaints")["complaints"]
        assert (complaint["partner"], complaint["kind"], complaint["source"]) == (
            "acme",
            "duplicate interchange",
            "2.x12",
        )

    def test_each_partner_has_boxes_and_a_will_of_its_own(self) -> None:
        partners = [Site("acme"), Site("beta", verdict=Verdict.REJECT, acknowledge_with="999")]
        with start(partners=partners) as running:
            client = Client(running)
            client.add_message("/acme/outbound", "a.x12", x12())
            client.add_message("/beta/outbound", "a.x12", x12(version="00501"))

            running.sterling.tick()

            assert b"AK5*A" in running.sterling.payloads("/acme/ack")[0]
            assert b"IK5*R*5" in running.sterling.payloads("/beta/ack")[0]

    def test_a_ticker_does_it_without_being_asked(self) -> None:
        with start(tick_every=0.02) as running:
            client = Client(running)
            client.add_message("/acme/outbound", "a.x12", x12())

            give_up = time.monotonic() + 30
            while not running.sterling.payloads("/acme/ack"):
                assert time.monotonic() < give_up
                time.sleep(0.02)


class TestTracking:
    def track(self, client: Client, name: str) -> dict[str, Any]:
        (row,) = client.rows("/fgarrivedfiles/", fileName=name)
        return row

    def test_a_taken_message_is_routed_delivered_and_its_process_a_success(
        self, running: Running, client: Client
    ) -> None:
        identifier = client.add_message("/acme/outbound", "a.x12", x12())
        running.sterling.tick()

        row = self.track(client, "a.x12")

        assert (row["arrivedFileState"], row["deliveryState"], row["routesRemain"]) == (
            "Routed",
            "Complete",
            0,
        )
        assert row["messageId"] == identifier
        (delivery,) = client.rows("/fgdeliveries/", dataFlowId=row["dataFlowId"])
        assert delivery["state"] == "Complete"
        assert delivery["mailBoxPath"] == "/acme/outbound"
        (route,) = client.rows("/fgRoutes/", dataFlowId=row["dataFlowId"])
        assert route["consOrgName"] == "acme"
        steps = client.rows("/workflowmonitors/", workFlowId=row["wfId"], fieldList="Full", _range="0-0")
        assert [step["exeState"] for step in steps] == ["Success", "Success", "Success"]
        assert "docId" in steps[0]
        assert "+" not in steps[0]["startTime"]

    def test_one_that_is_not_taken_yet_is_on_its_way(self, running: Running, client: Client) -> None:
        client.add_message("/acme/outbound", "a.x12", x12(), extractableCount=0)
        running.sterling.tick()

        row = self.track(client, "a.x12")

        assert row["deliveryState"] == "Started"
        steps = client.rows("/workflowmonitors/", workFlowId=row["wfId"], fieldList="Brief")
        assert steps[-1]["exeState"] == "Waiting"
        assert "docId" not in steps[0]

    def test_a_failed_route_ends_in_the_dead_letter_box(self, running: Running, client: Client) -> None:
        running.sterling.faults.set("routing_fails", times=1)
        identifier = client.add_message("/acme/outbound", "a.x12", x12())
        running.sterling.tick()

        assert [row["id"] for row in client.contents("/DeadLetter")] == [identifier]
        row = self.track(client, "a.x12")
        assert row["arrivedFileState"] == "Failed"
        steps = client.rows("/workflowmonitors/", workFlowId=row["wfId"])
        assert steps[-1]["exeState"] == "Error"
        assert running.sterling.complaints()[0]["kind"] == "undeliverable"

    def test_an_interchange_for_somebody_else_is_not_routed(self) -> None:
        with start(partners=[Site("acme", isa_id="ACME")]) as running:
            client = Client(running)
            client.add_message("/acme/outbound", "a.x12", x12(receiver="SOMEBODY"))
            client.add_message("/acme/outbound", "b.x12", x12(receiver="ACME"))

            running.sterling.tick()

            assert [row["name"] for row in client.contents("/DeadLetter")] == ["a.x12"]
            assert len(client.contents("/acme/ack")) == 1

    def test_a_failed_message_can_be_submitted_again(self, running: Running, client: Client) -> None:
        running.sterling.faults.set("routing_fails", times=1)
        identifier = client.add_message("/acme/outbound", "a.x12", x12())
        running.sterling.tick()
        client.post(f"/mailboxmessages/{identifier}/actions/movemailboxmessage", {"path": "/acme/outbound"})

        client.call("PUT", f"/mailboxmessages/{identifier}", json={"resubmitMessage": True})
        running.sterling.tick()

        assert len(client.contents("/acme/ack")) == 1

    def test_a_step_can_be_in_any_state(self, running: Running, client: Client) -> None:
        client.add_message("/acme/outbound", "a.x12", x12())
        running.sterling.tick()
        running.sterling.faults.set("workflow_state", state="Interrupted_Man")

        steps = client.rows("/workflowmonitors/", workFlowId=self.track(client, "a.x12")["wfId"])

        assert steps[-1]["exeState"] == "Interrupted_Man"


class TestControl:
    def test_boxes_and_exact_bytes_can_be_looked_at(self, running: Running, client: Client) -> None:
        identifier = client.add_message("/acme/outbound", "a.x12", b"ISA\xff\r\n")

        boxes = control(running, "GET", "boxes")["boxes"]

        (message,) = next(box["messages"] for box in boxes if box["path"] == "/acme/outbound")
        assert (message["id"], message["size"], message["state"]) == (identifier, 6, "waiting")
        payload = requests.get(f"{running.url}/_sandbox/messages/{identifier}/payload", timeout=30)
        assert payload.content == b"ISA\xff\r\n"

    def test_a_document_of_the_partner_can_be_dropped(self, running: Running, client: Client) -> None:
        order = {"path": "/acme/inbound", "name": "po.x12", "text": "ISA*..."}
        identifier = control(running, "POST", "messages", order)["id"]

        (row,) = client.contents("/acme/inbound")

        assert row["id"] == identifier
        assert client.payload(row["documentId"]) == b"ISA*..."

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("messages", {"path": "/nowhere", "name": "a", "text": ""}),
            ("messages", {"path": "/acme/inbound"}),
            ("messages", {"path": "/acme/inbound", "name": "a", "payload": "?"}),
            ("partners/acme", {"verdict": "perhaps"}),
            ("partners/acme", {"colour": "red"}),
            ("partners/acme", {"acknowledge_with": "998"}),
            ("partners/acme", {"verdicts": ["x"]}),
        ],
    )
    def test_a_wrong_order_is_400_and_changes_nothing(
        self, running: Running, path: str, body: object
    ) -> None:
        before = running.sterling.dump()

        answer = requests.post(f"{running.url}/_sandbox/{path}", json=body, timeout=30)

        assert answer.status_code == 400
        assert answer.json()["message"]
        assert running.sterling.dump() == before

    def test_unknown_partners_and_messages_are_404(self, running: Running) -> None:
        for path in ("partners/nobody", "messages/99/purge"):
            assert requests.post(f"{running.url}/_sandbox/{path}", json={}, timeout=30).status_code == 404

    def test_a_content_can_be_purged(self, running: Running, client: Client) -> None:
        identifier = client.add_message("/acme/outbound", "a.x12", x12())
        control(running, "POST", f"messages/{identifier}/purge")

        running.sterling.tick()

        assert running.sterling.complaints()[0]["text"] == "The content is no longer available."

    def test_reset_brings_back_the_seed(self, running: Running, client: Client) -> None:
        tell(running, verdict="reject", ack_after=60)
        client.add_message("/acme/outbound", "a.x12", x12())
        running.sterling.tick()

        control(running, "POST", "reset")

        assert client.contents("/acme/outbound") == []
        (partner,) = control(running, "GET", "partners")["partners"]
        assert (partner["verdict"], partner["ack_after"], partner["documents"]) == ("accept", 0, [])


class TestPage:
    def test_shows_messages_escaped_and_the_choices(self, running: Running, client: Client) -> None:
        client.add_message("/acme/outbound", "<b>a</b>.x12", b"<script>alert(1)</script>")

        page = requests.get(f"{running.url}/", timeout=30)

        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert "<b>a</b>.x12" not in page.text
        assert "/acme/outbound" in page.text
        assert "accept with errors" in page.text
        assert "reply_lost" in page.text

    def test_another_site_cannot_drive_it(self, running: Running) -> None:
        headers = {"Origin": "http://evil.example"}

        assert requests.post(f"{running.url}/_sandbox/tick", headers=headers, timeout=30).status_code == 403


class TestSavedState:
    def test_goes_on_after_a_restart_where_it_was(self, tmp_path: Path) -> None:
        file = tmp_path / "sterling.json"
        with start(save_to=file, clock=Clock()) as running:
            client = Client(running)
            tell(running, ack_after=600, verdicts={"INV-1001": "accept_with_errors"})
            client.add_message("/acme/outbound", "a.x12", x12(control=7))
            running.sterling.tick()
            before = running.sterling.dump()

        with start(save_to=file, clock=Clock()) as running:
            assert running.sterling.dump() == before
            running.sterling.clock.move(seconds=601)
            running.sterling.tick()
            (answer,) = running.sterling.payloads("/acme/ack")
            assert "AK9*E*1*1*1" in segments(answer)
            client = Client(running)
            client.add_message("/acme/outbound", "b.x12", x12(control=7))
            running.sterling.tick()
            assert running.sterling.complaints()[0]["kind"] == "duplicate interchange"

    def test_a_partner_added_later_gets_its_boxes(self, tmp_path: Path) -> None:
        file = tmp_path / "sterling.json"
        with start(save_to=file):
            pass

        with start(save_to=file, partners=[Site("acme"), Site("beta")]) as running:
            assert Client(running).contents("/beta/outbound") == []
