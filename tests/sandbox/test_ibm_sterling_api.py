"""The stand-in answers the B2B REST API as the product does, over real HTTP."""

import base64
import re
from collections.abc import Iterator

import pytest

from connections.sandbox.ibm_sterling import Running, start
from tests.sandbox.sterling_client import Client, id_in

EDI = b"ISA*00*\r\n\x00\xe9\xff~"
DOCUMENT_ID = re.compile(r"b2bi01:node1:[0-9a-f]+:[0-9]+")


@pytest.fixture
def running() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture
def client(running: Running) -> Client:
    return Client(running)


class TestDocuments:
    def test_a_payload_comes_back_byte_for_byte(self, client: Client) -> None:
        assert client.payload(client.add_document(EDI)) == EDI

    def test_location_names_the_inside_of_the_installation_with_an_encoded_id(self, client: Client) -> None:
        answer = client.post("/documents/", {"payload": base64.b64encode(EDI).decode()})

        assert answer.status_code == 201
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
        prefix, _, identifier = answer.json()["Location"].rpartition("/")
        assert prefix == "http://b2bi-int:5074/B2BAPIs/svc/documents"
        assert "%3A" in identifier
        assert DOCUMENT_ID.fullmatch(id_in(answer))

    def test_the_list_by_id_shows_what_was_sent_but_not_the_content(self, client: Client) -> None:
        identifier = client.add_document(
            EDI, documentName="INV-1.x12", lifeSpan=60, contentType="Application", subject="Invoice"
        )

        (row,) = client.rows("/documents/", documentId=identifier)

        assert row["documentName"] == "INV-1.x12"
        assert row["bodySize"] == len(EDI)
        assert row["lifeSpan"] == 60
        assert row["subject"] == "Invoice"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", row["createTime"])
        assert "payload" not in row

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "Required input is missing: payload"),
            ({"payload": "not base64!"}, "not valid base64"),
            ([], "cannot be parsed"),
        ],
    )
    def test_bad_input_is_400_with_the_error_object(self, client: Client, body: object, text: str) -> None:
        answer = client.post("/documents/", body)

        assert answer.status_code == 400
        assert answer.json()["errorCode"] == 400
        assert re.match(r"API\d{6}: ", answer.json()["errorDescription"])
        assert text in answer.json()["errorDescription"]

    def test_a_form_instead_of_json_is_refused(self, client: Client) -> None:
        assert client.call("POST", "/documents/", data={"payload": "aGVsbG8="}).status_code == 400

    def test_content_can_be_appended_and_deleted(self, client: Client) -> None:
        identifier = client.add_document(b"one")

        client.post(f"/documents/{identifier}/actions/appendtodocument", {"payload": "dHdv"})
        assert client.payload(identifier) == b"onetwo"

        assert client.call("DELETE", f"/documents/{identifier}").json() == {"rowsAffected": 1}
        assert client.get(f"/documents/{identifier}").status_code == 404

    def test_as_plain_text_bytes_are_lost(self, client: Client) -> None:
        identifier = client.add_document(b"caf\xe9")

        answer = client.post(f"/documents/{identifier}/actions/getpayload?isPlainText=true")

        assert answer.json()["response"] == "caf\ufffd"

    def test_after_its_life_span_the_content_is_gone_and_the_row_remains(
        self, running: Running, client: Client
    ) -> None:
        identifier = client.add_document(EDI, lifeSpan=10)
        running.sterling.clock.move(minutes=11)

        answer = client.post(f"/documents/{identifier}/actions/getpayload")

        assert answer.status_code == 400
        assert "no longer available" in answer.json()["errorDescription"]
        assert client.get(f"/documents/{identifier}").status_code == 200


class TestMailboxes:
    def test_the_path_filter_finds_more_than_the_exact_path(self, client: Client) -> None:
        paths = [row["path"] for row in client.rows("/mailboxes/", path="/acme/outbound")]

        assert paths == ["/acme/outbound.test", "/acme/outbound"]

    def test_percent_stands_for_anything(self, client: Client) -> None:
        assert [row["path"] for row in client.rows("/mailboxes/", path="%/ack")] == ["/acme/ack"]

    def test_a_box_shows_its_type_coded_and_can_be_asked_for_by_id(self, client: Client) -> None:
        (row,) = client.rows("/mailboxes/", path="/acme/ack")

        assert row["mailboxType"] == {"code": "R", "display": "Regular"}
        assert row["permission"] == "/acme/ack Mailbox"
        assert client.get(f"/mailboxes/{row['_id']}").json() == row

    def test_a_box_is_created_below_an_existing_one_or_with_its_parents(self, client: Client) -> None:
        assert client.post("/mailboxes/", {"path": "/acme/new", "description": "x"}).status_code == 201
        assert client.post("/mailboxes/", {"path": "/acme/new", "description": "x"}).status_code == 400
        assert client.post("/mailboxes/", {"path": "/zeta/in", "description": "x"}).status_code == 400
        orphan = {"path": "/zeta/in", "description": "x", "createParentMailbox": True}
        assert client.post("/mailboxes/", orphan).status_code == 201

    def test_a_collection_needs_its_slash(self, client: Client) -> None:
        answer = client.call("GET", "/mailboxes", allow_redirects=False)

        assert answer.status_code == 404
        assert answer.json()["errorCode"] == 404


class TestMailboxContents:
    def test_lists_messages_with_details_and_plain_flags(self, client: Client) -> None:
        identifier = client.add_message("/acme/inbound", "a.x12", EDI, extractableAlways=True)

        (row,) = client.contents("/acme/inbound")

        assert row["id"] == identifier
        assert row["type"] == "message"
        assert row["name"] == "a.x12"
        assert row["extractableAlways"] is True
        assert row["size"] == len(EDI)
        assert client.payload(row["documentId"]) == EDI

    def test_child_boxes_are_rows_too(self, client: Client) -> None:
        rows = client.contents("/acme")

        assert {row["type"] for row in rows} == {"mailbox"}
        assert "outbound" in {row["name"] for row in rows}

    def test_without_detail_only_the_name_is_told(self, client: Client) -> None:
        client.add_message("/acme/inbound", "a.x12", EDI)

        (row,) = client.rows("/mailboxcontents/", parentMailboxId=client.box_id("/acme/inbound"))

        assert row.keys() == {"id", "name", "type"}

    def test_without_the_parent_it_fails_as_the_product_does(self, client: Client) -> None:
        answer = client.get("/mailboxcontents/", _range="0-9")

        assert answer.status_code == 400
        assert "NullPointerException" in answer.json()["errorDescription"]

    def test_range_counts_from_zero_with_both_ends(self, client: Client) -> None:
        for number in range(5):
            client.add_message("/acme/inbound", f"{number}.x12", EDI)

        assert [row["name"] for row in client.contents("/acme/inbound", _range="1-3")] == [
            "1.x12",
            "2.x12",
            "3.x12",
        ]
        assert client.contents("/acme/inbound", _range="5-9") == []
        assert client.get("/mailboxes/", _range="x").status_code == 400

    def test_without_a_range_the_list_is_cut_in_silence(self, running: Running, client: Client) -> None:
        for number in range(30):
            running.sterling.drop("/acme/inbound", f"{number}.x12", EDI)

        answer = client.get("/mailboxcontents/", parentMailboxId=client.box_id("/acme/inbound"))

        assert len(answer.json()) == 25
        assert running.sterling.mistakes[-1]["text"] == "A list without `_range`."

    def test_fields_can_be_chosen_and_rows_sorted(self, client: Client) -> None:
        for name in ("b", "a"):
            client.add_message("/acme/inbound", name, EDI)

        assert client.contents("/acme/inbound", _sort="name", _include="name") == [
            {"name": "a"},
            {"name": "b"},
        ]
        assert "documentId" not in client.contents("/acme/inbound", _exclude="documentId")[0]


class TestMailboxMessages:
    def test_both_spellings_of_the_path_are_answered(self, client: Client) -> None:
        client.add_message("/acme/inbound", "a.x12", EDI)

        assert client.rows("/mailboxMessages/", name="a.x12") == client.rows(
            "/mailboxmessages/", name="a.x12"
        )

    def test_a_message_shows_its_box_and_its_flag_as_an_object(self, client: Client) -> None:
        identifier = client.add_message("/acme/inbound", "a.x12", EDI)

        row = client.get(f"/mailboxmessages/{identifier}").json()

        assert row["mailboxPath"] == "/acme/inbound"
        assert row["extractableAlways"] == {"code": False, "display": "No"}
        assert row["extractableCount"] == 1

    def test_only_name_is_a_filter_and_the_rest_is_ignored(self, running: Running, client: Client) -> None:
        client.add_message("/acme/inbound", "a.x12", EDI)
        client.add_message("/acme/ack", "b.x12", EDI)

        assert len(client.rows("/mailboxmessages/", mailboxPath="/acme/ack")) == 2
        assert running.sterling.mistakes[-1]["text"] == "mailboxmessages has no filter mailboxPath."

    @pytest.mark.parametrize(
        "change",
        [
            {"name": None},
            {"mailboxPath": "/acme/nowhere"},
            {"documentId": "b2bi01:node1:0:0"},
            {"name": "x" * 101},
            {"extractableCount": "many"},
            {"extractableUntil": "tomorrow"},
        ],
    )
    def test_bad_input_is_refused_and_nothing_is_stored(
        self, client: Client, change: dict[str, object]
    ) -> None:
        body = {"documentId": client.add_document(EDI), "mailboxPath": "/acme/inbound", "name": "a.x12"}

        assert client.post("/mailboxmessages/", body | change).status_code == 400
        assert client.contents("/acme/inbound") == []

    def test_extraction_lowers_the_count_until_nothing_is_left(self, client: Client) -> None:
        identifier = client.add_message("/acme/inbound", "a.x12", EDI, extractableCount=1)
        action = f"/mailboxmessages/{identifier}/actions/extractmailboxmessage"

        assert client.post(action).status_code == 200
        assert client.contents("/acme/inbound")[0]["extractableCount"] == 0
        assert client.post(action).status_code == 400

    def test_moving_needs_an_existing_box(self, client: Client) -> None:
        identifier = client.add_message("/acme/ack", "a.x12", EDI)
        action = f"/mailboxmessages/{identifier}/actions/movemailboxmessage"

        assert client.post(action, {"path": "/acme/nowhere"}).status_code == 400
        assert client.post(action, {"path": "/acme/archive"}).status_code == 200
        assert client.contents("/acme/ack") == []
        assert [row["id"] for row in client.contents("/acme/archive")] == [identifier]

    def test_it_can_be_hidden_and_deleted(self, client: Client) -> None:
        identifier = client.add_message("/acme/ack", "a.x12", EDI, extractableAlways=True)
        hidden = {"extractableAlways": False, "extractableCount": 0}

        answer = client.call("PUT", f"/mailboxmessages/{identifier}", json=hidden)

        assert answer.json() == {"rowsAffected": 1}
        assert client.contents("/acme/ack")[0]["extractableAlways"] is False
        assert client.call("DELETE", f"/mailboxmessages/{identifier}").json() == {"rowsAffected": 1}
        assert client.call("DELETE", f"/mailboxmessages/{identifier}").status_code == 404


class TestMessageBatches:
    def test_one_call_stores_payload_and_message_under_the_file_name(self, client: Client) -> None:
        answer = client.call(
            "POST",
            "/messagebatches/",
            files=[("upstream", ("INV-1.x12", EDI)), ("upstream", ("INV-2.x12", EDI + b"2"))],
            data={"mailboxName": ["/acme/inbound", "/acme/archive"]},
        )

        assert answer.status_code == 201
        first, second = id_in(answer).split("_")
        assert client.get(f"/mailboxmessages/{first}").json()["name"] == "INV-1.x12"
        assert client.payload(client.contents("/acme/archive")[0]["documentId"]) == EDI + b"2"
        (batch,) = client.rows("/messagebatches/", descriptor=f"{first}_{second}")
        assert batch["messageCount"] == 2
        assert batch["mailboxName"] == "/acme/inbound"

    def test_json_is_refused_though_the_specification_shows_it(self, client: Client) -> None:
        assert client.post("/messagebatches/", {"mailboxName": "/acme/inbound"}).status_code == 500

    def test_a_missing_part_or_box_is_refused(self, client: Client) -> None:
        files = {"upstream": ("a.x12", EDI)}

        assert client.call("POST", "/messagebatches/", files=files).status_code == 400
        unknown = {"mailboxName": "/nowhere"}
        assert client.call("POST", "/messagebatches/", files=files, data=unknown).status_code == 400


class TestReferenceData:
    KEY = "GL_SEGMENTS%7CFRESHBOOKS%7CERP%7C1"

    def test_code_lists_are_addressed_by_four_parts_and_hold_codes(self, client: Client) -> None:
        (row,) = client.rows("/codelists/", codeListName="GL_SEGMENTS")

        assert row["_id"] == "GL_SEGMENTS|FRESHBOOKS|ERP|1"
        assert client.get(f"/codelists/{self.KEY}").json() == row
        assert {"senderCode": "4000", "receiverCode": "01-4000-100", "description": "Sales"} in row["codes"]
        assert client.get("/codelists/OTHER%7CA%7CB%7C1").status_code == 404

    def test_codes_can_be_listed_changed_and_deleted(self, client: Client) -> None:
        code = {"senderCode": "4000", "receiverCode": "01-4000-100", "description": "Turnover", "text1": "x"}

        client.post(f"/codelists/{self.KEY}/actions/bulkupdatecodes", {"codes": [code]})
        (row,) = client.rows("/codelistcodes/", codeListName="GL_SEGMENTS", senderCode="4000")
        assert row["description"] == "Turnover"

        answer = client.post(f"/codelists/{self.KEY}/actions/bulkdeletecodes", {"codes": [code]})
        assert answer.json() == {"rowsAffected": 1}
        assert client.rows("/codelistcodes/", senderCode="4000") == []
        assert client.post(f"/codelists/{self.KEY}/actions/bulkupdatecodes", {}).status_code == 400

    def test_trading_partners_are_found_by_a_part_of_the_name(self, client: Client) -> None:
        assert [row["partnerName"] for row in client.rows("/tradingpartners/", searchFor="paper")] == [
            "MARLOW PAPER"
        ]
        assert [row["partnerName"] for row in client.rows("/tradingPartners/", searchFor="n%tools")] == [
            "NORTHWIND TOOLS"
        ]
        assert client.get("/tradingpartners/ACME").json()["mailbox"] == "/acme/outbound"
        assert client.get("/tradingpartners/NOBODY").status_code == 404


def test_an_unknown_resource_is_404_with_the_error_object(client: Client) -> None:
    answer = client.get("/unicorns/")

    assert answer.status_code == 404
    assert answer.json()["errorCode"] == 404
