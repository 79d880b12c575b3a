"""The Cleo stand-in by the wire: both spellings, signing in, folders, what happens behind them, the switches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
import requests

from connections.sandbox import cleo
from connections.sandbox.cleo import PASSWORD, PLAIN, SECOND, USERNAME, Running, Shape, Site, Verdict
from connections.sandbox.cleo.shape import get
from connections.sandbox.common import serve
from tests.sandbox.cleo_client import Client
from tests.sandbox.interchanges import segments, x12

EDI = b"ISA*\r\n\x00\xff"


@pytest.fixture(params=[PLAIN, SECOND], ids=lambda shape: shape.name)
def shape(request: pytest.FixtureRequest) -> Shape:
    found: Shape = request.param
    return found


@pytest.fixture
def running(tmp_path: Path, shape: Shape) -> Iterator[Running]:
    with cleo.start(tmp_path, shape=shape) as running:
        yield running


@pytest.fixture
def client(running: Running) -> Client:
    return Client(running)


def switch_on(running: Running, name: str, times: int | None = None, **params: Any) -> None:
    """Over HTTP, as the page does it."""
    order = {"name": name, "times": times, "params": params}
    answer = requests.post(f"{running.url}/_sandbox/faults", json=order, timeout=30)
    assert answer.status_code == 200, answer.text


class TestFiles:
    def test_a_file_comes_back_as_it_was_put_there(self, running: Running, client: Client) -> None:
        assert client.upload("upload", "a b.edi", EDI).status_code == client.shape.upload_status

        [row] = client.rows("upload")

        assert (row["name"], row["size"]) == ("a b.edi", len(EDI))
        assert client.download(row["id"]) == EDI
        assert running.cleo.mistakes == []

    def test_a_list_comes_in_pages_with_a_total(self, running: Running, client: Client) -> None:
        for number in range(5):
            running.cleo.drop("download", f"{number}.edi", EDI)

        pages = [client.page("download", start, 2) for start in (0, 2, 4, 6)]

        assert [len(get(page.json(), client.shape.items_key)) for page in pages] == [2, 2, 1, 0]
        assert get(pages[0].json(), client.shape.total_key) == 5

    def test_a_file_is_moved_and_deleted(self, running: Running, client: Client) -> None:
        one, two = (running.cleo.drop("download", name, EDI) for name in ("1.edi", "2.edi"))

        assert client.move(one, "archive").status_code == 200
        assert client.delete(two).status_code == 204

        assert running.cleo.names("download") == []
        assert running.cleo.names("archive") == ["1.edi"]
        assert client.delete(two).status_code == 404

    def test_unknown_folders_and_ways_out_are_refused(self, client: Client) -> None:
        assert client.page("nowhere").status_code == 404
        assert client.page("upload/%2e%2e/archive").status_code == 404

    def test_a_name_that_is_used_again_gets_another_id(self, running: Running) -> None:
        assert running.cleo.drop("download", "a", b"1") != running.cleo.drop("download", "a", b"2")

    def test_only_allowed_file_types_are_taken(self, tmp_path: Path) -> None:
        with cleo.start(tmp_path, allowed=["*.edi", r"[INV\d+]"]) as running:
            client = Client(running)
            for name, status in (("a.edi", 201), ("INV17", 201), ("a.txt", 400), ("INV", 400)):
                assert client.upload("upload", name, EDI).status_code == status


class TestSigningIn:
    def test_without_a_token_nobody_comes_in(self, running: Running) -> None:
        assert requests.get(f"{running.url}/api/folders/upload/files", timeout=30).status_code in {401, 404}

    def test_only_a_form_at_the_right_path_gets_a_token(self, running: Running) -> None:
        form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}

        assert requests.post(f"{running.url}/api/authentication", json=form, timeout=30).status_code == 415
        wrong = requests.post(f"{running.url}/api/authentication/tokens", data=form, timeout=30)
        assert wrong.status_code == 404
        requests.post(f"{running.url}/api/authentication", data=form | {"client_id": "x"}, timeout=30)

        assert len(running.cleo.mistakes) == 3

    def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(
        self, running: Running, client: Client
    ) -> None:
        for _ in range(5):
            assert client.sign_in(password="wrong").status_code == 401
        assert client.sign_in().status_code == 403

        running.cleo.clock.move(minutes=15)

        assert client.sign_in().status_code == 200

    @pytest.mark.parametrize(("switch", "status"), [("password_expired", 401), ("two_factor", 403)])
    def test_the_right_password_may_not_be_enough(
        self, running: Running, client: Client, switch: str, status: int
    ) -> None:
        switch_on(running, switch)

        assert client.sign_in().status_code == status

    def test_what_a_token_answer_holds_can_be_chosen(self, running: Running, client: Client) -> None:
        assert client.sign_in().json().keys() == {"access_token", "token_type", "expires_in"}
        switch_on(running, "refresh_tokens")
        switch_on(running, "short_tokens")
        assert client.sign_in().json()["expires_in"] == 60
        switch_on(running, "token_without_expiry")
        assert client.sign_in().json().keys() == {"access_token", "refresh_token"}

    def test_a_token_ends(self, running: Running, client: Client) -> None:
        running.cleo.clock.move(hours=2)
        assert client.page("upload").status_code == 401
        client.sign_in()
        switch_on(running, "tokens_lost", times=1)
        assert client.page("upload").status_code == 401


class TestSwitches:
    def test_a_list_can_be_bare_cut_and_named_otherwise(self, running: Running, client: Client) -> None:
        for name in ("1", "2", "3"):
            running.cleo.drop("download", name, EDI)
        switch_on(running, "page_cap", rows=2)
        switch_on(running, "bare_array", times=1)
        assert len(client.page("download").json()) == 2
        switch_on(running, "renamed_keys")
        assert client.page("download").json().keys() >= {"found"}

    def test_links_can_lead_elsewhere(self, running: Running, client: Client) -> None:
        running.cleo.drop("download", "1", EDI)
        switch_on(running, "cross_origin_href")
        assert client.rows("download")[0]["href"].startswith("http://elsewhere.invalid/")

    def test_a_name_can_be_taken_and_an_id_can_be_the_name(self, running: Running, client: Client) -> None:
        switch_on(running, "name_taken")
        switch_on(running, "id_is_name")
        assert client.upload("upload", "a", EDI).ok
        assert client.upload("upload", "a", EDI).status_code == 409
        assert client.rows("upload")[0]["id"] == "a"

    @pytest.mark.parametrize("form", ["errors", "description", "none"])
    def test_errors_take_other_forms(self, running: Running, client: Client, form: str) -> None:
        switch_on(running, "error_form", form=form)
        answer = client.page("nowhere")
        assert answer.status_code == 404
        assert ("folder" in answer.text) == (form != "none")

    def test_a_content_type_can_be_demanded(self, running: Running, client: Client) -> None:
        switch_on(running, "content_type_demanded")
        path = client.shape.run_path.replace("<action>", "7")
        assert client.call("POST", path).status_code == 415
        assert client.call("POST", path, json={}).json()["result"] == "success"
        switch_on(running, "action_fails")
        assert client.call("POST", path, json={}).json()["result"] == "error"


class TestBehindTheMailbox:
    def test_uploads_are_taken_after_a_while_and_answered(self, tmp_path: Path) -> None:
        site = Site("beta", pick_up_after=60, ack_after=60)
        with cleo.start(tmp_path, partners=[site]) as running:
            Client(running).upload("beta/upload", "a.edi", x12())
            running.cleo.tick()
            assert running.cleo.names("beta/upload") == ["a.edi"]
            running.cleo.clock.move(seconds=61)
            running.cleo.tick()
            assert running.cleo.names("beta/upload") == []
            assert running.cleo.exchange.content(1) == x12()
            running.cleo.clock.move(seconds=61)
            running.cleo.tick()
            [answer] = running.cleo.mailbox.files("beta/download")
            assert any(line.startswith("AK9*A") for line in segments(running.cleo.mailbox.content(answer)))

    @pytest.mark.parametrize(
        ("verdict", "code"),
        [(Verdict.ACCEPT_WITH_ERRORS, "AK9*E"), (Verdict.REJECT, "AK9*R"), (Verdict.NEVER, None)],
    )
    def test_the_partner_answers_as_it_is_told(
        self, running: Running, client: Client, verdict: Verdict, code: str | None
    ) -> None:
        order = {"verdict": verdict.value}
        assert requests.post(f"{running.url}/_sandbox/partners/acme", json=order, timeout=30).ok
        client.upload("upload", "a.edi", x12())
        running.cleo.tick()
        answers = [running.cleo.mailbox.content(file) for file in running.cleo.mailbox.files("download")]
        assert [code in answer.decode() for answer in answers if code] == ([True] if code else [])
        assert bool(answers) == bool(code)

    def test_a_file_can_be_gone_before_its_upload_is_answered(self, running: Running, client: Client) -> None:
        switch_on(running, "picked_up_at_once")
        client.upload("upload", "a.edi", x12())
        assert running.cleo.names("upload") == []

    def test_a_file_grows(self, running: Running) -> None:
        running.cleo.grow("download", "a.edi", b"123456", pieces=3)
        sizes = []
        for _ in range(3):
            sizes.append(running.cleo.listing()[0]["size"])
            running.cleo.tick()
        assert sizes == [2, 4, 6]

    def test_sftp_leads_into_the_same_folders(self, running: Running, client: Client) -> None:
        transport = paramiko.Transport((running.host, running.sftp_port))
        transport.connect(username=USERNAME, password=PASSWORD)
        sftp = paramiko.SFTPClient.from_transport(transport)
        assert sftp is not None
        with sftp.open("upload/by-sftp.edi", "wb") as file:
            file.write(x12())
        running.cleo.tick()
        assert sftp.listdir("download") == running.cleo.names("download")
        assert len(client.rows("download")) == 1
        transport.close()

    def test_an_http_action_tells_of_new_files(self, running: Running) -> None:
        told: list[bytes] = []

        def listener(environ: Any, start_response: Any) -> list[bytes]:
            told.append(environ["wsgi.input"].read())
            start_response("202 Accepted", [])
            return [b""]

        with serve(listener) as server:
            running.cleo.push_to = f"{server.url}/hook"
            running.cleo.drop("download", "a.edi", EDI)

        assert told == [EDI]
        assert running.cleo.pushed == [{"name": "a.edi", "status": 202}]


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    saved = tmp_path / "cleo.json"
    with cleo.start(tmp_path / "files", save_to=saved, partners=[Site("acme", ack_after=60)]) as running:
        Client(running).upload("acme/upload", "a.edi", x12())
        running.cleo.tick()
        identifier = running.cleo.drop("download", "b.edi", EDI)

    with cleo.start(tmp_path / "files", save_to=saved, partners=[Site("acme", ack_after=60)]) as running:
        assert [one["name"] for one in running.cleo.exchange.taken] == ["a.edi"]
        assert {"id": identifier, "folder": "download", "name": "b.edi", "size": len(EDI)} in (
            running.cleo.listing()
        )
        running.cleo.clock.move(minutes=2)
        running.cleo.tick()
        assert len(running.cleo.names("acme/download")) == 1


def test_the_page_shows_all_of_it_and_no_secret(running: Running, client: Client) -> None:
    client.upload("upload", "<b>.edi", x12())
    running.cleo.tick()
    running.cleo.push_to = "https://example.org/hooks/secret"

    page = requests.get(running.url, timeout=30).text

    for text in ("acme", "&lt;b&gt;.edi", "cross_origin_href", running.cleo.shape.list_path.split("/")[1]):
        assert text in page
    assert "hooks/secret" not in page
    assert requests.post(f"{running.url}/_sandbox/reset", timeout=30).ok
    assert running.cleo.listing() == []
