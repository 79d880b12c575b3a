"""Against the stand-in: each of its fault switches, and the partner behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.models import Connection
from connections.sandbox import sftp as sandbox
from connections.systems.base import (
    CannotTell,
    Misconfigured,
    NeedsSignIn,
    Outcome,
    Step,
    StepState,
    Temporary,
    UnknownOutcome,
)
from connections.systems.sftp import session
from connections.systems.sftp.session import UnconfirmedHostKey, fetch_host_keys
from connections.systems.sftp.system import Sftp
from tests.sftp.conftest import Progress, an_interchange, nothing_seen

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sandbox.Running]:
    with sandbox.start(tmp_path, partner={"active": False}) as running:
        yield running


def connect(server: sandbox.Running, password: str = sandbox.DEFAULT_PASSWORD, **settings: Any) -> Sftp:
    values = {
        "host": server.host,
        "port": server.port,
        "username": sandbox.DEFAULT_USER,
        "host_keys": [f"{key.get_name()} {key.get_base64()}" for key in server.sandbox.host_keys.usual],
        "outbound_folder": "/inbound",
        "inbound_folder": "/outbound",
        "processed_folder": "/outbound/processed",
        "error_folder": "/outbound/error",
        "settle_seconds": 0,
    }
    return Sftp(Connection(settings=values | settings, credentials={"password": password}))


def files(server: sandbox.Running) -> list[str]:
    return sorted(entry["path"] for entry in server.sandbox.listing())


def set_fault(server: sandbox.Running, name: str, **params: Any) -> None:
    server.sandbox.faults.set(name, times=1, **params)


def failed_step(steps: list[Step]) -> Step:
    [failed] = [step for step in steps if step.state == StepState.FAILED]
    after = steps[steps.index(failed) + 1 :]
    assert all(step.state == StepState.NOT_RUN for step in after)
    return failed


class TestSending:
    def test_the_partner_takes_what_was_sent(self, tmp_path: Path) -> None:
        with sandbox.start(tmp_path) as server, connect(server) as system:
            system.send(an_interchange(name="a.csv", content=CONTENT), Progress())
            server.sandbox.tick()

            [taken] = server.sandbox.partner.taken
            assert server.sandbox.partner.content(taken["number"]) == CONTENT

    @pytest.mark.parametrize("options", [{}, {"writing": "direct"}])
    def test_cut_in_the_upload_the_next_attempt_delivers(
        self, server: sandbox.Running, options: dict[str, Any]
    ) -> None:
        set_fault(server, "cut_in_upload", after_bytes=70_000)
        progress = Progress()
        with connect(server, **options) as system:
            with pytest.raises((Temporary, UnknownOutcome)):
                system.send(an_interchange(content=CONTENT), progress)
            assert system.find(an_interchange(content=CONTENT, progress=progress)) is None

            system.send(an_interchange(content=CONTENT, progress=progress), progress)
        assert files(server) == ["/inbound/invoice.x12"]

    def test_cut_after_the_upload_nothing_was_committed(self, server: sandbox.Running) -> None:
        set_fault(server, "cut_after_upload")
        progress = Progress()
        with connect(server) as system:
            with pytest.raises(Temporary):
                system.send(an_interchange(content=CONTENT), progress)
            assert progress == {}
            assert files(server) == ["/inbound/.invoice.x12.part"]

            system.send(an_interchange(content=CONTENT), progress)
        assert files(server) == ["/inbound/invoice.x12"]

    def test_cut_after_the_rename_the_file_is_found(self, server: sandbox.Running) -> None:
        set_fault(server, "cut_after_rename")
        progress = Progress()
        with connect(server) as system:
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(content=CONTENT), progress)

            receipt = system.find(an_interchange(content=CONTENT, progress=progress))
        assert receipt is not None
        assert receipt.remote_id == "/inbound/invoice.x12"

    def test_cut_after_the_rename_and_taken_at_once_a_person_decides(self, tmp_path: Path) -> None:
        with sandbox.start(tmp_path) as server, connect(server) as system:
            set_fault(server, "cut_after_rename")
            set_fault(server, "taken_at_once", path="/inbound/invoice.x12")
            progress = Progress()
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(content=CONTENT), progress)

            with pytest.raises(CannotTell):
                system.find(an_interchange(content=CONTENT, progress=progress))

    def test_a_file_taken_at_once_fails_the_size_check_only_when_written_directly(
        self, tmp_path: Path
    ) -> None:
        with sandbox.start(tmp_path) as server:
            cases: list[tuple[dict[str, Any], type[UnknownOutcome] | None]] = [
                ({}, None),
                ({"writing": "direct"}, UnknownOutcome),
                ({"writing": "direct", "check_size": False}, None),
            ]
            for number, (options, failure) in enumerate(cases):
                set_fault(server, "taken_at_once")
                with connect(server, **options) as system:
                    interchange = an_interchange(name=f"{number}.csv", content=CONTENT)
                    if failure:
                        with pytest.raises(failure):
                            system.send(interchange, Progress())
                    else:
                        system.send(interchange, Progress())
                server.sandbox.faults.clear()
            server.sandbox.tick()
            assert [one["name"] for one in server.sandbox.partner.taken] == ["0.csv", "1.csv", "2.csv"]

    def test_a_full_disk_is_temporary_and_the_half_file_goes_away(self, server: sandbox.Running) -> None:
        for options in ({}, {"writing": "direct"}):
            set_fault(server, "disk_full", after_bytes=40_000)
            with connect(server, **options) as system, pytest.raises(Temporary) as failure:
                system.send(an_interchange(content=CONTENT), Progress())
            assert "disk" in failure.value.remedy
            assert files(server) == []

    @pytest.mark.parametrize("request_name", ["open", "rename"])
    def test_refused_permission_is_a_wrong_setting(self, server: sandbox.Running, request_name: str) -> None:
        server.sandbox.faults.set("permission_refused", request=request_name)
        with connect(server) as system, pytest.raises(Misconfigured) as failure:
            system.send(an_interchange(content=CONTENT), Progress())
        if request_name == "rename":
            assert "write under the final name" in failure.value.remedy

    def test_a_server_without_an_answer_is_given_up(
        self, server: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session, "CHANNEL_SECONDS", 0.3)
        for request_name, failure in (("open", Temporary), ("rename", UnknownOutcome)):
            set_fault(server, "slow_request", seconds=1.5, request=request_name)
            progress = Progress()
            with connect(server) as system:
                with pytest.raises(failure, match="did not answer within"):
                    system.send(an_interchange(content=CONTENT), progress)
                system.session.close()

    def test_the_overwriting_rename_is_never_used(self, server: sandbox.Running) -> None:
        with connect(server) as system:
            system.send(an_interchange(content=CONTENT), Progress())

        used = {entry["request"] for entry in server.sandbox.board.requests}
        assert "rename" in used
        assert "posix_rename" not in used


class TestCollecting:
    def test_a_slowly_growing_file_is_taken_when_it_is_whole(self, server: sandbox.Running) -> None:
        server.sandbox.grow("/outbound/remit.csv", CONTENT, pieces=3)
        memory: dict[str, Any] = {}

        def look() -> list[bytes]:
            with connect(server, settle_seconds=0) as system:
                system.memory = memory
                return [c.content for c in system.collect("/outbound", nothing_seen)]

        # With markers the size does not matter: nothing comes before the marker is there.
        with connect(server, need_marker=True) as system:
            assert list(system.collect("/outbound", nothing_seen)) == []
        server.sandbox.tick()
        server.sandbox.tick()
        server.sandbox.drop("/outbound/remit.csv.done", b"")
        with connect(server, need_marker=True) as system:
            assert [c.content for c in system.collect("/outbound", nothing_seen)] == [CONTENT]
        assert CONTENT in look()

    def test_collect_commit_settle(self, server: sandbox.Running) -> None:
        server.sandbox.drop("/outbound/good.csv", b"1")
        server.sandbox.drop("/outbound/bad.csv", b"2")
        with connect(server) as system:
            for collected in system.collect("/outbound", nothing_seen):
                outcome = Outcome.ERROR if collected.name == "bad.csv" else Outcome.PROCESSED
                system.settle(collected, outcome)
                system.settle(collected, outcome)

        assert files(server) == ["/outbound/error/bad.csv", "/outbound/processed/good.csv"]

    def test_refused_permission_to_list_is_a_wrong_setting(self, server: sandbox.Running) -> None:
        server.sandbox.faults.set("permission_refused", request="list_folder")
        with connect(server) as system, pytest.raises(Misconfigured, match="does not allow us to look into"):
            list(system.collect("/outbound", nothing_seen))

    def test_refused_permission_to_read_one_file_is_remarked(self, server: sandbox.Running) -> None:
        server.sandbox.drop("/outbound/a.csv", b"1")
        server.sandbox.drop("/outbound/b.csv", b"2")
        server.sandbox.faults.set("permission_refused", request="open", path="/outbound/a.csv")
        with connect(server) as system:
            assert [c.name for c in system.collect("/outbound", nothing_seen)] == ["b.csv"]
            assert "a.csv" in system.remarks[0]


class TestHostKey:
    def test_a_changed_key_stops_everything_and_names_both_fingerprints(
        self, server: sandbox.Running
    ) -> None:
        server.sandbox.faults.set("changed_host_key")
        old = server.sandbox.host_keys.usual[0].fingerprint
        new = server.sandbox.host_keys.changed[0].fingerprint

        with connect(server) as system, pytest.raises(UnconfirmedHostKey) as failure:
            system.send(an_interchange(), Progress())

        assert old in str(failure.value)
        assert new in str(failure.value)
        assert list(server.sandbox.board.requests) == []
        assert isinstance(failure.value, Misconfigured)

    def test_the_first_contact_shows_the_fingerprint_for_a_person_to_confirm(
        self, server: sandbox.Running
    ) -> None:
        with connect(server, host_keys=[]) as system:
            failed = failed_step(list(system.check()))

        assert failed.key == "host_key"
        [shown] = failed.detail["host_keys"]
        assert shown["fingerprint"] == server.sandbox.host_keys.usual[0].fingerprint
        assert shown["fingerprint"] in failed.text
        with connect(server, host_keys=[shown["line"]]) as system:
            assert all(step.state == StepState.PASSED for step in system.check())

    def test_every_kind_of_key_that_the_server_has_is_fetched(self, tmp_path: Path) -> None:
        kinds = ("ed25519", "ecdsa", "rsa")
        with sandbox.start(tmp_path, host_key_kinds=kinds) as server:
            fetched = fetch_host_keys(server.host, server.port)

            usual = {key.get_name() for key in server.sandbox.host_keys.usual}
            assert {key.kind for key in fetched} == usual
            for key in fetched:  # one pinned key of any kind is enough
                with connect(server, host_keys=[key.line]) as system:
                    system.send(an_interchange(name=f"{key.kind}.csv"), Progress())


class TestCheck:
    def test_every_step_passes(self, server: sandbox.Running) -> None:
        with connect(server, test_writes=True) as system:
            steps = list(system.check())

        assert [step.key for step in steps] == [
            "resolve",
            "reach",
            "host_key",
            "sign_in",
            "outbound",
            "write",
            "inbound",
            "processed",
            "error",
        ]
        assert {step.state for step in steps} == {StepState.PASSED}
        assert files(server) == []

    def test_it_writes_only_when_it_was_allowed_to(self, server: sandbox.Running) -> None:
        with connect(server) as system:
            assert "write" not in [step.key for step in system.check()]
        requests = {entry["request"] for entry in server.sandbox.board.requests}
        assert requests.isdisjoint({"open", "rename", "remove"})

    def test_a_wrong_password_is_said_at_the_sign_in(self, server: sandbox.Running) -> None:
        with connect(server, password="wrong") as system:
            failed = failed_step(list(system.check()))

        assert failed.key == "sign_in"
        assert failed.detail["failure"] == "NeedsSignIn"

    def test_a_silent_server_is_said_at_the_host_key(
        self, server: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session, "BANNER_SECONDS", 0.3)
        server.sandbox.faults.set("silent")
        with connect(server) as system:
            failed = failed_step(list(system.check()))

        assert failed.key == "host_key"
        assert failed.detail["failure"] == "Temporary"

    @pytest.mark.parametrize(
        ("setting", "step"),
        [
            ("outbound_folder", "outbound"),
            ("inbound_folder", "inbound"),
            ("processed_folder", "processed"),
            ("error_folder", "error"),
        ],
    )
    def test_a_missing_folder_is_named(self, server: sandbox.Running, setting: str, step: str) -> None:
        with connect(server, **{setting: "/nowhere"}) as system:
            failed = failed_step(list(system.check()))

        assert failed.key == step
        assert "“/nowhere” does not exist" in failed.text

    def test_a_file_where_a_folder_should_be_is_said(self, server: sandbox.Running) -> None:
        server.sandbox.drop("/outbound/file", b"")
        with connect(server, processed_folder="/outbound/file") as system:
            assert "is a file, not a folder" in failed_step(list(system.check())).text

    def test_a_probe_that_cannot_be_renamed_is_taken_away_again(self, server: sandbox.Running) -> None:
        server.sandbox.faults.set("permission_refused", request="rename")
        with connect(server, test_writes=True) as system:
            assert failed_step(list(system.check())).key == "write"
        assert files(server) == []

    def test_an_unknown_name_and_a_closed_port_are_said_at_their_steps(self, server: sandbox.Running) -> None:
        with connect(server, host="no-such-host.invalid") as system:
            assert failed_step(list(system.check())).key == "resolve"
        with connect(server, port=1) as system:
            assert failed_step(list(system.check())).key == "reach"

    def test_something_that_is_no_sftp_server_is_said(self, server: sandbox.Running) -> None:
        web_port = int(server.url.rpartition(":")[2])
        with connect(server, port=web_port) as system:
            failed = failed_step(list(system.check()))
        assert failed.key == "host_key"
        assert "not an SFTP server" in failed.text


def test_a_refused_login_needs_a_person_and_is_tried_once(server: sandbox.Running) -> None:
    server.sandbox.faults.set("login_refused")
    with connect(server) as system, pytest.raises(NeedsSignIn):
        system.send(an_interchange(), Progress())
