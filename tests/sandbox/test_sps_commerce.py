"""The stand-in of SPS Commerce, by the wire alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from connections.sandbox.sps_commerce import (
    CLIENT_ID,
    CLIENT_SECRET,
    OLD_AUDIENCE,
    Auth,
    Running,
    orders,
    rsx_check,
    start,
)

KEYS = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
INVOICE: dict[str, Any] = {
    "Header": {
        "InvoiceHeader": {
            "TradingPartnerId": "4X7ALLNORTHLINE",
            "InvoiceNumber": "FB-20418",
            "InvoiceDate": "2026-03-09",
            "PurchaseOrderNumber": "77120",
            "InvoiceTypeCode": "DR",
            "BuyersCurrency": "USD",
        }
    },
    "LineItem": [{"InvoiceLine": {"LineSequenceNumber": "1", "InvoiceQty": 24, "ExtendedItemTotal": 60.0}}],
    "Summary": {"TotalAmount": 63.9, "TotalSalesAmount": 60.0, "TotalLineItemNumber": 1},
}


@pytest.fixture
def running() -> Iterator[Running]:
    with start() as running:
        yield running


def token(
    running: Running, audience: str = "https://spscommerce.com", *, form: bool = False
) -> requests.Response:
    body = {**KEYS, "audience": audience}
    sent: dict[str, Any] = {"data": body} if form else {"json": body}
    return requests.post(f"{running.auth_url}/oauth/token", timeout=30, **sent)


def call(running: Running, method: str, path: str, **options: Any) -> requests.Response:
    bearer = token(running).json()["access_token"]
    headers = {"Authorization": f"Bearer {bearer}", **options.pop("headers", {})}
    url = f"{running.url}/transactions/v5/{path}"
    return requests.request(method, url, headers=headers, timeout=30, **options)


def upload(running: Running, path: str, content: bytes) -> requests.Response:
    return call(
        running, "POST", f"data/{path}", data=content, headers={"Content-Type": "application/octet-stream"}
    )


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("audience", ["https://spscommerce.com", OLD_AUDIENCE])
def test_it_takes_json_and_forms_and_both_audiences(running: Running, form: bool, audience: str) -> None:
    answer = token(running, audience, form=form)

    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 3600


def test_it_refuses_another_audience_and_too_many_tokens() -> None:
    with start(auth=Auth(tokens_per_minute=1)) as running:
        assert token(running, "https://example.com").status_code == 403
        assert token(running).status_code == 200
        assert token(running).status_code == 429


def test_a_token_ends(running: Running) -> None:
    bearer = {"Authorization": f"Bearer {token(running).json()['access_token']}"}
    assert requests.get(f"{running.url}/auth-check", headers=bearer, timeout=30).status_code == 204

    running.auth.clock.move(seconds=3600)

    assert requests.get(f"{running.url}/auth-check", headers=bearer, timeout=30).status_code == 401


def test_the_five_operations(running: Running) -> None:
    created = upload(running, "in/IN1.json", b"{}")
    assert (created.status_code, created.json()["path"]) == (201, "/in/IN1.json")
    assert call(running, "GET", "data/in/IN1.json").content == b"{}"
    [entry] = call(running, "GET", "data/in/").json()["results"]
    assert (entry["path"], entry["type"]) == ("/in/IN1.json", "file")
    removed = call(running, "DELETE", "data/in/IN1.json")
    assert (removed.status_code, removed.content) == (204, b"")
    [transfer] = call(running, "GET", "history").json()["results"]
    assert transfer["path"] == "in/IN1.json"
    assert [step["status"] for step in transfer["status_log"]] == ["uploaded", "downloaded", "deleted"]


def test_an_upload_overwrites_without_a_word(running: Running) -> None:
    for content in (b"one", b"two"):
        assert upload(running, "in/IN1.json", content).status_code == 201

    assert running.sps.files("in/") == {"in/IN1.json": b"two"}
    assert running.sps.store.overwritten == ["in/IN1.json"]


def test_other_types_and_missing_parents_are_refused(running: Running) -> None:
    as_json = call(running, "POST", "data/in/a.json", json={})
    assert as_json.status_code == 415
    assert len(running.sps.mistakes) == 1
    nowhere = upload(running, "IN/a.json", b"")
    assert nowhere.status_code == 404
    assert nowhere.json()["error"]["errorDescription"] == "Parent directory not found"


def test_a_cursor_has_to_be_escaped(running: Running) -> None:
    for number in range(3):
        running.sps.drop(f"out/PO/{number}.json", b"")
    page = call(running, "GET", "data/out/PO/?limit=2").json()
    cursor = page["paging"]["next"]["cursor"]

    assert {"+", "/", "="} <= set(cursor)
    assert call(running, "GET", f"data/out/PO/?limit=2&cursor={cursor}").status_code == 400
    last = call(running, "GET", f"data/out/PO/?limit=2&cursor={quote(cursor, safe='')}").json()
    assert [one["path"] for one in last["results"]] == ["/out/PO/2.json"]
    assert last["paging"]["next"] is None


def test_a_prefix_is_that_of_the_entry_and_case_counts(running: Running) -> None:
    for name in ("PO1.json", "po2.json", "xPO3.json"):
        running.sps.drop(f"out/PO/{name}", b"")

    found = call(running, "GET", "data/out/PO/?entryNamePrefix=PO").json()["results"]

    assert [one["path"] for one in found] == ["/out/PO/PO1.json"]


def test_sps_takes_what_was_sent() -> None:
    with start(consume_after=60) as running:
        upload(running, "in/IN1.json", json.dumps(INVOICE).encode())
        running.sps.tick()
        assert running.sps.files("in/")
        running.auth.clock.move(minutes=2)
        running.sps.tick()

        assert running.sps.files("in/") == {}
        assert running.sps.complaints() == []


def test_retailers_order_in_every_notation(running: Running) -> None:
    for wish in (
        {"notation": "xml", "documents": 3},
        {"documents": 2},
        {"notation": "xml", "wrapping": "bare"},
    ):
        answer = requests.post(f"{running.url}/_sandbox/orders", json=wish, timeout=30)
        assert answer.status_code == 201
    ship = requests.post(
        f"{running.url}/_sandbox/shipments", json={"number": "S1", "order": "77120"}, timeout=30
    )
    assert ship.status_code == 201

    contents = list(running.sps.files("out/").values())
    assert contents[0].count(b"<PurchaseOrderNumber>") == 3
    assert len(json.loads(contents[1])) == 2
    assert b"<Order>" in contents[2]
    assert b"xmlns" not in contents[2]


def test_the_page_shows_what_it_holds_and_takes_orders(running: Running) -> None:
    upload(running, "in/<b>.json", b"not json")

    page = requests.get(running.url, timeout=30).text

    assert "&lt;b&gt;.json" in page
    assert "neither JSON nor XML" in page
    assert "Send a ship notice" in page


def test_its_state_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with start(save_to=tmp_path / "sps.json") as running:
            running.sps.book_order()
    assert sorted(running.sps.files()) == [
        "out/PO/PO77120-1-v7.7-BulkImport.json",
        "out/PO/PO77121-1-v7.7-BulkImport.json",
    ]


class TestComplaints:
    def of(self, **changes: Any) -> list[str]:
        document = json.loads(json.dumps(INVOICE))
        for path, value in changes.items():
            *groups, last = path.split("__")
            tree = document
            for name in groups:
                tree = tree[int(name)] if name.isdigit() else tree[name]
            tree[last] = value
        return rsx_check.complaints(json.dumps(document).encode())

    def test_there_are_none_about_a_good_invoice(self) -> None:
        assert self.of() == []

    @pytest.mark.parametrize(
        ("path", "value", "said"),
        [
            ("Header__InvoiceHeader__PurchaseOrderNumber", "", "PurchaseOrderNumber is missing"),
            ("Header__InvoiceHeader__TradingPartnerId", "X" * 16, "longer than 15"),
            ("Header__InvoiceHeader__InvoiceNumber", 17, "wrong type"),
            ("Header__InvoiceHeader__InvoiceDate", "03/09/2026", "no date"),
            ("Header__Address", {}, "no array"),
            ("Header__Taxes", None, "null"),
            ("Summary__TotalSalesAmount", 61, "come to 60"),
            ("Summary__TotalLineItemNumber", 2, "count the lines"),
            ("LineItem__0__InvoiceLine__InvoiceQty", "24", "wrong type"),
        ],
    )
    def test_each_fault_is_named(self, path: str, value: Any, said: str) -> None:
        assert said in " ".join(self.of(**{path: value}))

    def test_xml_is_read_too(self) -> None:
        assert rsx_check.complaints(orders.as_xml([orders.shipment("S1", "77120")])) == []
        [said] = rsx_check.complaints(orders.as_xml([orders.shipment("S1", "77120")], wrapping="bare"))
        assert "not a plural" in said
