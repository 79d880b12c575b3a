"""What every stand-in has, over real sockets."""

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import (
    Answer,
    FaultError,
    Faults,
    StandIn,
    StateFileError,
    json_object,
    json_response,
    serve,
)


class Notebook(StandIn):
    """Keeps notes; the smallest possible stand-in."""

    name = "Notebook"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.notes: list[str] = []
        self.route("GET", "/notes", lambda _: json_response({"notes": self.notes}))
        self.route("POST", "/notes", self.add)
        self.route("GET", "/notes/<int:number>", self.show)
        self.route("GET", "/stream", lambda _: Response(iter([b"one", b"two"])))
        self.route("GET", "/teapot", self.teapot)
        self.route("GET", "/broken", self.broken)
        self.load_saved_state()

    def add(self, request: Request) -> Response:
        self.notes.append(json_object(request)["text"])
        return json_response({"count": len(self.notes)}, 201)

    def show(self, request: Request, number: int) -> Response:
        if number >= len(self.notes):
            raise NotFound("No such note.")
        return json_response({"text": self.notes[number]})

    def teapot(self, request: Request) -> Response:
        raise Answer(json_response({"teapot": True}, 418))

    def broken(self, request: Request) -> Response:
        raise RuntimeError("a mistake in the stand-in")

    def dump(self) -> dict[str, Any]:
        return {"notes": self.notes}

    def restore(self, state: dict[str, Any]) -> None:
        self.notes = state["notes"]

    def reset(self) -> None:
        self.notes = ["seed"]


@pytest.fixture
def notebook():
    return Notebook()


@pytest.fixture
def server(notebook):
    with serve(notebook) as running:
        yield running


@pytest.fixture
def http():
    with requests.Session() as session:
        yield session


def notes(server):
    return requests.get(f"{server.url}/notes", timeout=5).json()["notes"]


class TestFaults:
    def test_a_switch_strikes_until_it_is_cleared(self):
        faults = Faults()
        faults.declare("rain", "It rains.", inches=1)
        assert faults.take("rain") is None
        faults.set("rain", inches=3)
        assert faults.take("rain") == {"inches": 3}
        assert faults.take("rain") == {"inches": 3}
        faults.clear("rain")
        assert faults.take("rain") is None

    def test_a_switch_without_parameters_is_true_when_it_strikes(self):
        faults = Faults()
        faults.declare("rain", "It rains.")
        faults.set("rain")
        assert faults.take("rain")

    def test_times_counts_down_after_skip(self):
        faults = Faults()
        faults.declare("rain", "It rains.")
        faults.set("rain", times=2, skip=1)
        assert [faults.take("rain") is not None for _ in range(5)] == [False, True, True, False, False]

    def test_it_strikes_each_so_manieth_time_after_skip(self):
        faults = Faults()
        faults.declare("rain", "It rains.", town=None)
        faults.set("rain", times=2, skip=1, every=2, town="Rome")
        assert faults.take("rain", town="Oslo") is None
        struck = [faults.take("rain", town="Rome") is not None for _ in range(7)]
        assert struck == [False, False, True, False, True, False, False]

    def test_it_strikes_only_where_it_is_meant_to(self):
        faults = Faults()
        faults.declare("rain", "It rains.", town=None, road=None)
        faults.set("rain", times=1, town="Rome", road="/via/*")
        assert faults.take("rain", town="Oslo", road="/via/a") is None
        assert faults.take("rain", town="Rome", road="/main") is None
        assert faults.take("rain", town="Rome", road="/via/a") is not None
        assert faults.take("rain", town="Rome", road="/via/a") is None

    @pytest.mark.parametrize(
        "arguments",
        [("snow",), ("rain", 0), ("rain", "2"), ("rain", True), ("rain", 1, -1), ("rain", 1, 0, 0)],
    )
    def test_a_wrong_setting_is_refused(self, arguments):
        faults = Faults()
        faults.declare("rain", "It rains.", inches=1)
        with pytest.raises(FaultError):
            faults.set(*arguments)
        with pytest.raises(FaultError, match="it has: inches"):
            faults.set("rain", colour="red")
        with pytest.raises(FaultError):
            faults.take("snow")
        with pytest.raises(FaultError):
            faults.clear("snow")

    def test_a_switch_for_one_call_strikes_once_under_many_threads(self):
        faults = Faults()
        faults.declare("rain", "It rains.")
        faults.set("rain", times=10)
        struck: list[int] = []

        def ask() -> None:
            struck.extend(1 for _ in range(200) if faults.take("rain") is not None)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(struck) == 10


class TestServer:
    def test_one_connection_carries_many_requests(self, server, http):
        ports = set()
        for _ in range(3):
            with http.get(f"{server.url}/notes", stream=True, timeout=5) as response:
                ports.add(response.raw.connection.sock.getsockname()[1])
                assert response.json() == {"notes": ["seed"]}
        assert len(ports) == 1

    def test_a_body_of_unknown_length_is_chunked(self, server, http):
        response = http.get(f"{server.url}/stream", timeout=5)
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.text == "onetwo"
        assert http.get(f"{server.url}/notes", timeout=5).status_code == 200

    def test_a_chunked_request_is_read(self, server, http):
        body = iter([b'{"text": ', b'"chunked"}'])
        assert http.post(f"{server.url}/notes", data=body, timeout=5).status_code == 201
        assert notes(server) == ["seed", "chunked"]

    def test_head_has_no_body(self, server, http):
        response = http.head(f"{server.url}/notes", timeout=5)
        assert response.status_code == 200
        assert response.content == b""
        assert http.get(f"{server.url}/notes", timeout=5).status_code == 200

    def test_expect_continue_is_answered(self, server):
        with socket.create_connection((server.host, server.port), timeout=5) as client:
            client.sendall(
                b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\nExpect: 100-continue\r\n\r\n"
            )
            assert client.recv(100).startswith(b"HTTP/1.1 100 ")
            client.sendall(b'{"text": "hi"}')
            assert client.recv(100).startswith(b"HTTP/1.1 201 ")

    @pytest.mark.parametrize(
        ("head", "status"),
        [
            (b"POST /notes HTTP/1.1\r\nContent-Length: abc\r\n\r\n", b"400"),
            (b"POST /notes HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
            (b"POST /notes HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
            (b"nonsense\r\n\r\n", b"400"),
        ],
    )
    def test_a_request_it_cannot_read_is_refused(self, server, head, status):
        with socket.create_connection((server.host, server.port), timeout=5) as client:
            client.sendall(head)
            answer = client.makefile("rb").read()
        assert status in answer.splitlines()[0]
        assert notes(server) == ["seed"]

    def test_it_answers_many_at_once(self, server):
        def add() -> None:
            with requests.Session() as session:
                for _ in range(20):
                    session.post(f"{server.url}/notes", json={"text": "x"}, timeout=10)

        threads = [threading.Thread(target=add) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(notes(server)) == 161

    def test_a_stopped_server_refuses_and_comes_back_on_the_same_port(self, server):
        url = server.url
        server.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/notes", timeout=5)
        server.start()
        assert server.url == url
        assert notes(server) == ["seed"]

    def test_stopping_does_not_wait_for_a_slow_answer(self, server, notebook):
        notebook.faults.set("slow", seconds=600)
        failed = threading.Event()

        def ask() -> None:
            try:
                requests.get(f"{server.url}/notes", timeout=30)
            except requests.ConnectionError:
                failed.set()

        thread = threading.Thread(target=ask)
        thread.start()
        while not notebook.calls:
            thread.join(0.01)
        server.stop()
        thread.join(20)
        assert not thread.is_alive()

    def test_it_runs_until_it_is_told_to_stop(self, tmp_path: Path):
        program = (
            "from tests.sandbox.test_common import Notebook\n"
            "from connections.sandbox.common import serve_until_stopped\n"
            "from pathlib import Path\n"
            f"notebook = Notebook(save_to=Path({str(tmp_path / 'notes.json')!r}))\n"
            "serve_until_stopped(notebook, ready=lambda server: print(server.url, flush=True))\n"
            "print('stopped')"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            url = running.stdout.readline().strip()
            requests.post(f"{url}/notes", json={"text": "kept"}, timeout=5)
            running.send_signal(signal.SIGTERM)
            assert running.stdout.read() == "stopped\n"
        assert running.returncode == 0
        assert json.loads((tmp_path / "notes.json").read_text())["data"] == {"notes": ["seed", "kept"]}


class TestErrors:
    def test_an_unknown_path_or_method(self, server, http):
        assert http.get(f"{server.url}/nothing", timeout=5).status_code == 404
        assert http.get(f"{server.url}/notes/9", timeout=5).json() == {"message": "No such note."}
        assert http.put(f"{server.url}/notes", timeout=5).status_code == 405

    def test_a_handler_can_answer_early(self, server, http):
        response = http.get(f"{server.url}/teapot", timeout=5)
        assert (response.status_code, response.json()) == (418, {"teapot": True})

    def test_a_mistake_in_the_stand_in_is_said_to_be_one(self, server, http, capsys):
        response = http.get(f"{server.url}/broken", timeout=5)
        assert response.status_code == 500
        assert "stand-in itself failed" in response.json()["message"]
        assert "a mistake in the stand-in" in capsys.readouterr().err


class TestCommonFaults:
    def test_a_lost_reply_is_a_committed_request(self, server, notebook):
        notebook.faults.set("reply_lost", times=1, method="POST")
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{server.url}/notes", json={"text": "kept"}, timeout=5)
        assert notes(server) == ["seed", "kept"]

    @pytest.mark.parametrize("reset", [False, True])
    def test_a_closed_connection_did_nothing(self, server, notebook, reset):
        notebook.faults.set("connection_closed", times=1, reset=reset)
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{server.url}/notes", json={"text": "never"}, timeout=5)
        assert notes(server) == ["seed"]

    @pytest.mark.parametrize("retry_after", [None, 30])
    def test_rate_limited(self, server, notebook, http, retry_after):
        notebook.faults.set("rate_limited", times=1, retry_after=retry_after)
        response = http.get(f"{server.url}/notes", timeout=5)
        assert response.status_code == 429
        assert response.headers.get("Retry-After") == (retry_after and str(retry_after))
        assert http.get(f"{server.url}/notes", timeout=5).status_code == 200

    def test_errors_do_nothing(self, server, notebook, http):
        notebook.faults.set("server_error", times=1, path="/notes")
        notebook.faults.set("html_error", times=1, method="POST")
        assert http.get(f"{server.url}/teapot", timeout=5).status_code == 418
        assert http.post(f"{server.url}/notes", json={"text": "a"}, timeout=5).status_code == 500
        page = http.post(f"{server.url}/notes", json={"text": "b"}, timeout=5)
        assert page.status_code == 502
        assert page.headers["Content-Type"].startswith("text/html")
        assert notes(server) == ["seed"]

    def test_slow_answers_and_dripping_bodies_run_into_the_clients_timeout(self, server, notebook, http):
        notebook.faults.set("slow", times=1, seconds=30)
        with pytest.raises(requests.Timeout):
            http.get(f"{server.url}/notes", timeout=0.2)
        notebook.faults.set("slow_body", times=1, chunk=4, pause=0.01)
        dripped = http.get(f"{server.url}/notes", timeout=5)
        assert dripped.json() == {"notes": ["seed"]}
        notebook.faults.set("slow_body", times=1, chunk=4, pause=30)
        with pytest.raises(requests.ConnectionError):
            http.get(f"{server.url}/notes", timeout=0.2)


class TestControlSurface:
    def test_switches_are_set_listed_and_cleared(self, server, http):
        url = f"{server.url}/_sandbox/faults"
        board = http.post(url, json={"name": "slow", "times": 2, "params": {"seconds": 0}}, timeout=5).json()[
            "faults"
        ]
        assert board["slow"]["armed"]["times"] == 2
        assert board["slow"]["armed"]["params"]["seconds"] == 0
        http.get(f"{server.url}/notes", timeout=5)
        assert http.get(url, timeout=5).json()["faults"]["slow"]["armed"]["times"] == 1
        assert http.delete(f"{url}/slow", timeout=5).json()["faults"]["slow"]["armed"] is None
        http.post(url, json={"name": "server_error"}, timeout=5)
        http.delete(url, timeout=5)
        assert http.get(f"{server.url}/notes", timeout=5).status_code == 200

    @pytest.mark.parametrize(
        "order",
        [
            {"name": "nothing"},
            {"name": "slow", "params": {"times": 1}},
            {"name": "slow", "params": []},
            {"name": "slow", "times": 0},
            [],
        ],
    )
    def test_a_wrong_order_is_refused(self, server, http, order):
        assert http.post(f"{server.url}/_sandbox/faults", json=order, timeout=5).status_code == 400

    def test_calls_are_listed_without_secrets(self, server, http):
        http.get(f"{server.url}/notes?page=2&code=very-secret", timeout=5)
        http.post(f"{server.url}/notes", json={"text": "x"}, timeout=5)
        answer = http.get(f"{server.url}/_sandbox/calls", timeout=5)
        assert [(c["method"], c["path"], c["status"]) for c in answer.json()["calls"]] == [
            ("GET", "/notes", 200),
            ("POST", "/notes", 201),
        ]
        assert answer.json()["calls"][0]["query"] == {"page": ["2"], "code": ["..."]}
        assert "very-secret" not in answer.text

    def test_state_and_reset(self, server, http, notebook):
        http.post(f"{server.url}/notes", json={"text": "more"}, timeout=5)
        assert http.get(f"{server.url}/_sandbox/state", timeout=5).json() == {"notes": ["seed", "more"]}
        notebook.faults.set("server_error")
        http.post(f"{server.url}/_sandbox/reset", timeout=5)
        assert notes(server) == ["seed"]

    def test_the_clock_moves(self, server, http, notebook):
        before = notebook.clock.epoch()
        http.post(f"{server.url}/_sandbox/clock", json={"hours": 13}, timeout=5)
        assert notebook.clock.epoch() - before >= 13 * 3600
        assert http.post(f"{server.url}/_sandbox/clock", json={"x": 1}, timeout=5).status_code == 400

    def test_a_page_from_elsewhere_cannot_drive_it(self, server, http):
        url = f"{server.url}/_sandbox/reset"
        assert http.post(url, headers={"Origin": "https://evil.example"}, timeout=5).status_code == 403
        assert http.post(url, headers={"Origin": server.url}, timeout=5).status_code == 200


class TestSavedState:
    def test_a_second_start_goes_on_where_it_was(self, tmp_path: Path):
        path = tmp_path / "deep" / "notes.json"
        with serve(Notebook(save_to=path)) as server:
            requests.post(f"{server.url}/notes", json={"text": "kept"}, timeout=5)
            requests.post(f"{server.url}/_sandbox/clock", json={"days": 2}, timeout=5)
        again = Notebook(save_to=path)
        assert again.notes == ["seed", "kept"]
        assert again.clock.offset.days == 2
        assert [file.name for file in path.parent.iterdir()] == ["notes.json"]

    def test_changes_are_saved_while_it_runs(self, tmp_path: Path):
        path = tmp_path / "notes.json"
        with serve(Notebook(save_to=path)) as server:
            requests.post(f"{server.url}/notes", json={"text": "kept"}, timeout=5)
            while not path.exists():
                threading.Event().wait(0.01)
            assert json.loads(path.read_text())["data"] == {"notes": ["seed", "kept"]}

    @pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
    def test_a_damaged_file_is_a_clear_error_and_is_left_alone(self, tmp_path: Path, content):
        path = tmp_path / "notes.json"
        path.write_text(content)
        with pytest.raises(StateFileError, match=r"notes\.json"):
            Notebook(save_to=path)
        assert path.read_text() == content
