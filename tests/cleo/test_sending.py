"""Placing a file once: by either spelling and either door."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connections.models import Connection, SystemKind
from connections.sandbox import cleo as sandbox
from connections.systems.base import (
    CannotTell,
    Misconfigured,
    Rejected,
    Temporary,
    UnknownOutcome,
)
from connections.systems.cleo import api
from connections.systems.cleo.system import Cleo
from tenants.models import Tenant
from tests.cleo.conftest import CONTENT, UPLOAD, Connect, Progress, an_interchange, calls_to, sftp_settings

pytestmark = pytest.mark.django_db

# Of no other call than uploads: the first spelling lists the same path with GET.
THE_UPLOAD: dict[str, Any] = {"path": "*/upload*", "method": "P[OU][ST]*"}


def uploads(running: sandbox.Running) -> list[str]:
    return [one["name"] for one in running.cleo.uploads]


def test_a_file_is_placed_as_it_is(running: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        receipt = system.send(an_interchange(), Progress())

    [file] = running.cleo.listing()
    assert (file["folder"], file["name"]) == (UPLOAD, "810_acme_17_1.edi")
    assert running.cleo.mailbox.content(running.cleo.mailbox.files(UPLOAD)[0]) == CONTENT
    assert (receipt.remote_id, receipt.place, receipt.detail["size"]) == (file["id"], UPLOAD, len(CONTENT))
    assert running.cleo.mistakes == []


def test_a_partner_has_a_folder_of_its_own(running: sandbox.Running, connect: Connect) -> None:
    running.cleo.mailbox.storage.make_folder("acme co/upload")
    with connect() as system:
        receipt = system.send(an_interchange(place="acme co/upload"), Progress())

    assert running.cleo.names("acme co/upload") == ["810_acme_17_1.edi"]
    assert receipt.place == "acme co/upload"


def test_a_folder_that_leads_out_of_its_place_is_a_wrong_setting(
    running: sandbox.Running, connect: Connect
) -> None:
    with connect() as system, pytest.raises(Misconfigured, match="not the path of a folder"):
        system.send(an_interchange(place="upload/../../admin"), Progress())
    assert list(running.cleo.calls) == []


def test_the_name_may_stand_in_a_header(running: sandbox.Running, connect: Connect) -> None:
    running.cleo.shape = replace(running.cleo.shape, upload_mode="header", upload_name="X-Name")
    with connect(upload_mode="header", upload_name_field="X-Name") as system:
        system.send(an_interchange(), Progress())

    assert running.cleo.names(UPLOAD) == ["810_acme_17_1.edi"]


def test_an_unknown_folder_is_a_wrong_setting(connect: Connect) -> None:
    with connect() as system, pytest.raises(Misconfigured, match="does not know the folder “nowhere”"):
        system.send(an_interchange(place="nowhere"), Progress())


@pytest.mark.parametrize("allowed", [["*.txt"], [r"[\d{3}\.edi]"]])
def test_a_name_that_the_mailbox_does_not_take_is_said_before_anything_is_sent(
    running: sandbox.Running, connect: Connect, allowed: list[str]
) -> None:
    with connect(allowed_types=allowed) as system, pytest.raises(Rejected, match="allowed file types"):
        system.send(an_interchange(), Progress())

    assert list(running.cleo.calls) == []


def test_a_refusal_carries_the_reason_of_the_other_side(running: sandbox.Running, connect: Connect) -> None:
    running.cleo.allowed = ("*.txt",)
    for form in ("message", "errors", "description"):
        running.cleo.faults.set("error_form", form=form)
        with connect() as system, pytest.raises(Rejected, match="Cleo says: File type not allowed"):
            system.send(an_interchange(), Progress())


class TestAfterALostAnswer:
    def test_a_file_that_lies_there_is_found_and_not_sent_again(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("reply_lost", times=1, **THE_UPLOAD)
        progress = Progress()
        with connect() as system:
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(), progress)
            receipt = system.find(an_interchange(progress=progress))

        assert receipt is not None
        assert receipt.remote_id == running.cleo.listing()[0]["id"]
        assert len(uploads(running)) == 1

    def test_a_time_out_with_the_file_picked_up_already_is_held_for_a_person(
        self, running: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api, "READ_SECONDS", 0.3)
        running.cleo.faults.set("picked_up_at_once", times=1)
        running.cleo.faults.set("slow_answer", times=1, seconds=1, **THE_UPLOAD)
        progress = Progress()
        with connect() as system:
            with pytest.raises(UnknownOutcome, match="did not answer"):
                system.send(an_interchange(), progress)
            with pytest.raises(CannotTell, match="Cleo may have taken it"):
                system.find(an_interchange(progress=progress))

        assert [one["name"] for one in running.cleo.exchange.taken] == ["810_acme_17_1.edi"]
        assert len(uploads(running)) == 1

    def test_it_is_sent_again_where_the_connection_says_so(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("picked_up_at_once", times=1)
        running.cleo.faults.set("reply_lost", times=1, **THE_UPLOAD)
        progress = Progress()
        with connect(reupload_on_unknown=True) as system:
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(), progress)
            assert system.find(an_interchange(progress=progress)) is None
            system.send(an_interchange(progress=progress), progress)

        assert len(uploads(running)) == 2

    def test_what_cleo_has_taken_is_found_where_it_keeps_it(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        progress = Progress(uploading=True)
        running.cleo.drop("archive", an_interchange().name, CONTENT)
        with connect(taken_folder="archive") as system:
            assert system.find(an_interchange(progress=progress)) is not None

    def test_an_upload_that_was_never_begun_is_surely_not_there(self, connect: Connect) -> None:
        with connect() as system:
            assert system.find(an_interchange()) is None

    def test_another_file_under_our_name_is_not_ours(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.drop(UPLOAD, an_interchange().name, CONTENT[::-1])
        with connect() as system, pytest.raises(CannotTell):
            system.find(an_interchange(progress=Progress(uploading=True)))

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_a_server_that_fails_may_have_taken_it(
        self, running: sandbox.Running, connect: Connect, status: int
    ) -> None:
        running.cleo.faults.set("html_error", status=status, **THE_UPLOAD)
        with connect() as system, pytest.raises(UnknownOutcome):
            system.send(an_interchange(), Progress())

    def test_a_success_that_the_profile_does_not_know_is_no_success(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        with connect(upload_ok="204") as system, pytest.raises(UnknownOutcome, match="does not count"):
            system.send(an_interchange(), Progress())


class TestLater:
    @pytest.mark.parametrize("seconds", ["7", None])
    def test_a_rate_limit_is_obeyed_and_nothing_is_in_doubt(
        self, running: sandbox.Running, connect: Connect, seconds: str | None
    ) -> None:
        running.cleo.faults.set("rate_limited", times=1, retry_after=seconds, **THE_UPLOAD)
        progress = Progress()
        with connect() as system:
            with pytest.raises(Temporary) as failure:
                system.send(an_interchange(), progress)
            assert (failure.value.retry_after is None) == (seconds is None)
            assert progress == {"uploading": False}
            system.send(an_interchange(progress=progress), progress)

        assert len(uploads(running)) == 1

    def test_requests_keep_a_distance(
        self, running: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slept: list[float] = []
        monkeypatch.setattr("connections.systems.cleo.api.time.sleep", slept.append)
        with connect(requests_per_second=2) as system:
            for number in range(3):
                system.send(an_interchange(name=f"{number}.edi"), Progress())

        assert slept[0] == 0
        assert sum(slept) > 0.5


class TestActions:
    RUN = {"plain": "/api/actions/7/run", "second": "/rest/v2/actions/7/start"}

    def test_an_action_may_be_run_after_each_upload(
        self, running: sandbox.Running, connect: Connect, shape: str
    ) -> None:
        running.cleo.faults.set("content_type_demanded")
        with connect(run_path=self.RUN[shape]) as system:
            system.send(an_interchange(), Progress())

        assert running.cleo.actions_run == ["7"]
        assert running.cleo.mistakes == []

    def test_an_action_that_failed_is_run_again_without_another_upload(
        self, running: sandbox.Running, connect: Connect, shape: str
    ) -> None:
        running.cleo.faults.set("action_fails", times=1)
        progress = Progress()
        with connect(run_path=self.RUN[shape]) as system:
            with pytest.raises(Temporary, match="ended with “error”"):
                system.send(an_interchange(), progress)
            system.send(an_interchange(progress=progress), progress)

        assert running.cleo.actions_run == ["7", "7"]
        assert len(uploads(running)) == 1


class TestOverSftp:
    """The same mailbox by its other door; how a file is written is told in the tests of SFTP."""

    @pytest.fixture
    def connect_sftp(self, running: sandbox.Running, tenant: Tenant) -> Callable[..., Cleo]:
        def make(**settings: Any) -> Cleo:
            return Cleo(
                Connection(
                    tenant=tenant,
                    system=SystemKind.CLEO,
                    settings=sftp_settings(running, **settings),
                    credentials={"password": sandbox.PASSWORD},
                )
            )

        return make

    def test_the_file_lies_in_the_same_folder_under_the_same_name(
        self, running: sandbox.Running, connect_sftp: Callable[..., Cleo]
    ) -> None:
        with connect_sftp() as system:
            receipt = system.send(an_interchange(), Progress())
            assert system.find(an_interchange()) is not None

        assert running.cleo.names(UPLOAD) == ["810_acme_17_1.edi"]
        assert receipt.place == UPLOAD
        assert calls_to(running, "/") == []

    def test_a_name_that_the_mailbox_does_not_take_is_refused_by_us(
        self, running: sandbox.Running, connect_sftp: Callable[..., Cleo]
    ) -> None:
        with connect_sftp(allowed_types=["*.txt"]) as system, pytest.raises(Rejected):
            system.send(an_interchange(), Progress())

        assert list(running.sftp.board.requests) == []
