"""The company that shares the folder takes what is finished and acknowledges EDI."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connections.sandbox.common import Clock
from connections.sandbox.sftp import Running, Verdict, start
from tests.sandbox.interchanges import edifact, invoice, segments, x12


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(tmp_path) as running:
        yield running


def control(running: Running, method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{running.url}/_sandbox/{path}", json=body, timeout=30)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def files(running: Running, folder: str) -> dict[str, bytes]:
    """Name and content of every file in a folder."""
    storage = running.sandbox.storage
    return {
        path.rpartition("/")[2]: storage.local(path).read_bytes()
        for path, _ in storage.files()
        if path.rpartition("/")[0] == folder
    }


def test_x12_is_taken_and_answered_with_a_997(running: Running) -> None:
    running.sandbox.drop("/inbound/INV-1001.x12", x12(control=41))

    control(running, "POST", "tick")

    assert files(running, "/inbound") == {}
    ((name, answer),) = files(running, "/outbound").items()
    assert name == "997_000001_INV-1001.x12"
    assert "AK1*IN*41" in segments(answer)


def test_edifact_is_answered_with_contrl(running: Running) -> None:
    running.sandbox.drop("/inbound/a.edi", edifact())

    running.sandbox.tick()

    (answer,) = files(running, "/outbound").values()
    assert b"UCI+REF1+" in answer


def test_other_files_are_taken_without_an_answer(running: Running) -> None:
    running.sandbox.drop("/inbound/vendors.csv", b"Vendor ID\r\n4471\r\n")

    running.sandbox.tick()

    assert files(running, "/inbound") == files(running, "/outbound") == {}
    (taken,) = control(running, "GET", "partner")["taken"]
    assert taken["name"] == "vendors.csv"
    assert taken["sha256"] == hashlib.sha256(b"Vendor ID\r\n4471\r\n").hexdigest()
    content = requests.get(f"{running.url}/_sandbox/taken/{taken['number']}", timeout=30).content
    assert content == b"Vendor ID\r\n4471\r\n"


@pytest.mark.parametrize(
    "name", [".a.x12.part", ".a.x12", "a.x12.tmp", "a.PART", "a.filepart", "a.incomplete"]
)
def test_what_is_not_finished_stays(running: Running, name: str) -> None:
    running.sandbox.drop(f"/inbound/{name}", x12())

    running.sandbox.tick()

    assert list(files(running, "/inbound")) == [name]


def test_a_file_in_another_folder_stays(running: Running) -> None:
    running.sandbox.drop("/outbound/a.x12", x12())

    running.sandbox.tick()

    assert list(files(running, "/outbound")) == ["a.x12"]


def test_with_a_marker_only_marked_files_are_taken_and_the_marker_goes_too(running: Running) -> None:
    control(running, "POST", "partner", {"marker": ".done"})
    running.sandbox.drop("/inbound/a.csv", b"a")
    running.sandbox.drop("/inbound/b.csv", b"b")
    running.sandbox.drop("/inbound/b.csv.done", b"")

    running.sandbox.tick()

    assert list(files(running, "/inbound")) == ["a.csv"]
    assert [one["name"] for one in running.sandbox.partner.taken] == ["b.csv"]


def test_the_verdict_and_the_delay_can_be_set(running: Running) -> None:
    order = {"verdict": "reject", "verdicts": {"INV-2": "accept"}, "ack_after": 600}
    control(running, "POST", "partner", order)
    running.sandbox.drop("/inbound/1.x12", x12(invoice("INV-1"), control=1))
    running.sandbox.drop("/inbound/2.x12", x12(invoice("INV-2"), control=2))
    running.sandbox.tick()
    assert files(running, "/outbound") == {}

    control(running, "POST", "clock", {"seconds": 601})
    running.sandbox.tick()

    first, second = files(running, "/outbound").values()
    assert b"AK5*R*5" in first
    assert b"AK5*A" in second


def test_it_can_be_switched_off_and_on(tmp_path: Path) -> None:
    with start(tmp_path, partner={"active": False}) as running:
        running.sandbox.drop("/inbound/a.x12", x12())
        running.sandbox.tick()
        assert list(files(running, "/inbound")) == ["a.x12"]

        control(running, "POST", "partner", {"active": True})
        running.sandbox.tick()
        assert files(running, "/inbound") == {}


def test_complaints_name_the_file(running: Running) -> None:
    running.sandbox.drop("/inbound/broken.x12", b"ISA*")

    running.sandbox.tick()

    (complaint,) = control(running, "GET", "complaints")["complaints"]
    assert (complaint["kind"], complaint["source"]) == ("malformed", "broken.x12")
    assert files(running, "/outbound") == {}


def test_a_file_can_grow_slowly_under_its_final_name(running: Running) -> None:
    body = {"path": "/outbound/remittance.csv", "text": "123456789", "pieces": 3}
    control(running, "POST", "files", body)

    seen = [files(running, "/outbound")["remittance.csv"]]
    for _ in range(3):
        running.sandbox.tick()
        seen.append(files(running, "/outbound")["remittance.csv"])

    assert seen == [b"123", b"123456", b"123456789", b"123456789"]


def test_the_ticker_works_by_itself(tmp_path: Path) -> None:
    with start(tmp_path, tick_every=0.02, partner={"verdict": Verdict.REJECT}) as running:
        running.sandbox.drop("/inbound/a.x12", x12())

        give_up = time.monotonic() + 30
        while not files(running, "/outbound"):
            assert time.monotonic() < give_up
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("partner", {"verdict": "perhaps"}),
        ("partner", {"colour": "red"}),
        ("files", {"text": "x"}),
        ("files", {"path": "/../../x", "text": "x"}),
        ("files", {"path": "/outbound/x", "payload": "?"}),
    ],
)
def test_a_wrong_order_is_400_and_changes_nothing(running: Running, path: str, body: object) -> None:
    answer = requests.post(f"{running.url}/_sandbox/{path}", json=body, timeout=30)

    assert answer.status_code == 400
    assert running.sandbox.listing() == []


def test_files_can_be_read_over_http_but_nothing_else(running: Running) -> None:
    running.sandbox.drop("/outbound/a.bin", b"\x00\xff")
    base = f"{running.url}/_sandbox"

    assert requests.get(f"{base}/files/ml-connector/outbound/a.bin", timeout=30).content == b"\x00\xff"
    for path in (
        "files/ml-connector/%2e%2e/%2e%2e/keys",
        "files/nobody/a",
        "taken/1",
        "files/ml-connector/x",
    ):
        assert requests.get(f"{base}/{path}", timeout=30).status_code == 404


def test_the_page_lists_folders_and_files_escaped(running: Running) -> None:
    running.sandbox.drop("/outbound/<i>.csv", b"<script>")
    running.sandbox.drop("/inbound/a.x12", x12())
    running.sandbox.tick()

    page = requests.get(f"{running.url}/", timeout=30).text

    assert "/outbound/processed" in page
    assert "&lt;script&gt;" in page
    assert "<i>.csv" not in page
    assert "rate_limited" not in page
    assert "INV-1001" in page
    assert "cut_after_rename" in page


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    options: dict[str, Any] = {"save_to": tmp_path / "state.json", "clock": Clock()}
    with start(tmp_path, **options) as running:
        running.sandbox.partner.ack_after = 600
        running.sandbox.drop("/inbound/a.x12", x12(control=7))
        running.sandbox.drop("/outbound/kept.csv", b"kept")
        running.sandbox.tick()
        running.sandbox.grow("/outbound/slow.csv", b"abcdef", pieces=2)

    with start(tmp_path, **options | {"clock": Clock()}) as running:
        running.sandbox.clock.move(seconds=601)
        running.sandbox.drop("/inbound/b.x12", x12(control=7))
        running.sandbox.tick()

        outbound = files(running, "/outbound")
        assert outbound.pop("kept.csv") == b"kept"
        assert outbound.pop("slow.csv") == b"abcdef"
        assert len(outbound) == 1
        assert running.sandbox.partner.company.complaints[0]["kind"] == "duplicate interchange"


def test_a_first_start_keeps_files_that_are_there_and_a_reset_empties_all(tmp_path: Path) -> None:
    with start(tmp_path) as running:
        running.sandbox.drop("/outbound/a.csv", b"a")
    with start(tmp_path) as running:
        assert list(files(running, "/outbound")) == ["a.csv"]

        control(running, "POST", "reset")

        assert running.sandbox.listing() == []
        assert "/outbound/processed" in running.sandbox.storage.folders()
