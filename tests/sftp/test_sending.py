"""Sending to a real OpenSSH server: once, whole, and whatever breaks, never twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.systems.base import (
    CannotTell,
    Misconfigured,
    NeedsSignIn,
    Receipt,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from connections.systems.sftp.system import Sftp
from tests.openssh import SSHD, OpenSSHServer
from tests.sftp.conftest import MakeSystem, Progress, an_interchange
from tests.sftp.proxy import CuttingProxy

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

CONTENT = b"ISA*00*" + bytes(range(256)) * 300


def names_in(server: OpenSSHServer, folder: str = "inbound") -> list[str]:
    return sorted(path.name for path in server.local(folder).iterdir())


def send(system: Sftp, progress: Progress | None = None, **interchange: Any) -> Receipt:
    progress = Progress() if progress is None else progress
    with system:
        return system.send(an_interchange(progress=progress, **interchange), progress)


def deliver(system: Sftp, progress: Progress, content: bytes = CONTENT) -> Receipt:
    """As the pipeline does it: try, after an unknown outcome look first, try again."""
    in_doubt = False
    for _ in range(5):
        interchange = an_interchange(content=content, progress=dict(progress))
        try:
            if in_doubt and (receipt := system.find(interchange)):
                return receipt
            in_doubt = False
            return system.send(interchange, progress)
        except UnknownOutcome:
            in_doubt = True
        except Temporary:
            pass
    raise AssertionError("not delivered after five attempts")


def test_the_file_arrives_byte_for_byte_and_nothing_else_is_left(
    openssh: OpenSSHServer, connect: MakeSystem
) -> None:
    receipt = send(connect(), content=CONTENT)

    assert receipt.remote_id == openssh.remote("inbound/invoice.x12")
    assert receipt.name == "invoice.x12"
    assert names_in(openssh) == ["invoice.x12"]
    assert openssh.local("inbound/invoice.x12").read_bytes() == CONTENT


@pytest.mark.parametrize("options", [{"temporary_name": "tmp"}, {"writing": "direct"}, {"check_size": False}])
def test_every_way_of_writing_delivers(
    openssh: OpenSSHServer, connect: MakeSystem, options: dict[str, object]
) -> None:
    send(connect(**options), content=CONTENT)

    assert names_in(openssh) == ["invoice.x12"]
    assert openssh.local("inbound/invoice.x12").read_bytes() == CONTENT


def test_the_place_of_the_interchange_goes_before_the_folder_of_the_settings(
    openssh: OpenSSHServer, connect: MakeSystem
) -> None:
    openssh.make_folder("inbound/acme")

    receipt = send(connect(), place=openssh.remote("inbound/acme"))

    assert receipt.place == openssh.remote("inbound/acme")
    assert names_in(openssh, "inbound/acme") == ["invoice.x12"]


def test_a_relative_folder_begins_where_the_login_leads_to(
    openssh: OpenSSHServer, connect: MakeSystem
) -> None:
    for folder in ("inbound", "inbound/", "."):
        with connect(outbound_folder=folder) as system:
            assert all(step.state == "passed" for step in system.check())
    send(connect(outbound_folder="inbound"))

    assert names_in(openssh) == ["invoice.x12"]


def test_an_empty_file_and_a_name_with_blanks_and_umlauts_arrive(
    openssh: OpenSSHServer, connect: MakeSystem
) -> None:
    send(connect(), name="Rechnung Müller 5.csv", content=b"")

    assert names_in(openssh) == ["Rechnung Müller 5.csv"]


@pytest.mark.parametrize("name", ["../evil", "a/b", "a\\b", "a\nb", "a\0b", "..", "", "x" * 251, "a\u202eb"])
def test_a_name_that_is_no_plain_file_name_is_rejected_before_anything_is_written(
    openssh: OpenSSHServer, connect: MakeSystem, name: str
) -> None:
    with pytest.raises(Rejected, match="cannot be used"):
        send(connect(), name=name)

    assert names_in(openssh) == []


class TestTheSameNameAgain:
    def test_the_same_content_is_already_delivered(self, openssh: OpenSSHServer, connect: MakeSystem) -> None:
        first = send(connect(), content=CONTENT)

        assert send(connect(), content=CONTENT) == first
        assert names_in(openssh) == ["invoice.x12"]

    @pytest.mark.parametrize("other", [b"another", CONTENT[:-1] + b"!"], ids=["other size", "same size"])
    def test_other_content_is_rejected_and_the_file_there_stays(
        self, openssh: OpenSSHServer, connect: MakeSystem, other: bytes
    ) -> None:
        openssh.local("inbound/invoice.x12").write_bytes(other)

        with pytest.raises(Rejected, match="Another file of the name"):
            send(connect(), content=CONTENT)

        assert openssh.local("inbound/invoice.x12").read_bytes() == other
        assert names_in(openssh) == ["invoice.x12"]

    def test_a_file_that_appears_between_writing_and_renaming_is_not_overwritten(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        def appear(values: object) -> None:
            if values == {"renaming": True}:
                openssh.local("inbound/invoice.x12").write_bytes(b"theirs")

        with connect() as system, pytest.raises(Rejected):
            system.send(an_interchange(content=CONTENT), appear)

        assert openssh.local("inbound/invoice.x12").read_bytes() == b"theirs"
        assert names_in(openssh) == ["invoice.x12"]

    def test_what_an_earlier_attempt_left_under_the_temporary_name_is_overwritten(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        openssh.local("inbound/.invoice.x12.part").write_bytes(b"x" * 999_999)
        openssh.local("inbound/.invoice.x12.part").chmod(0o666)

        send(connect(), content=CONTENT)

        assert names_in(openssh) == ["invoice.x12"]
        assert openssh.local("inbound/invoice.x12").read_bytes() == CONTENT


class TestMarker:
    def test_it_is_written_last_and_empty(self, openssh: OpenSSHServer, connect: MakeSystem) -> None:
        send(connect(write_marker=True), content=CONTENT)

        assert names_in(openssh) == ["invoice.x12", "invoice.x12.done"]
        assert openssh.local("inbound/invoice.x12.done").read_bytes() == b""

    def test_it_may_have_another_ending(self, openssh: OpenSSHServer, connect: MakeSystem) -> None:
        send(connect(write_marker=True, marker_ending=".ok"), content=CONTENT)

        assert names_in(openssh) == ["invoice.x12", "invoice.x12.ok"]

    def test_a_file_without_its_marker_is_not_yet_delivered(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        progress = Progress()
        send(connect(), progress, content=CONTENT)

        with connect(write_marker=True) as system:
            assert system.find(an_interchange(content=CONTENT, progress=progress)) is None
            system.send(an_interchange(content=CONTENT, progress=progress), progress)
            assert system.find(an_interchange(content=CONTENT, progress=progress)) is not None
        assert names_in(openssh) == ["invoice.x12", "invoice.x12.done"]


class TestFind:
    """The final name decides; the temporary name alone means: not sent."""

    def test_the_final_name_with_our_content_is_the_receipt(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        openssh.local("inbound/invoice.x12").write_bytes(CONTENT)

        with connect() as system:
            receipt = system.find(an_interchange(content=CONTENT, progress={"renaming": True}))

        assert receipt is not None
        assert receipt.remote_id == openssh.remote("inbound/invoice.x12")

    def test_the_temporary_name_alone_is_not_sent_and_goes_away(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        openssh.local("inbound/.invoice.x12.part").write_bytes(CONTENT)

        with connect() as system:
            assert system.find(an_interchange(content=CONTENT, progress={"renaming": True})) is None
        assert names_in(openssh) == []

    def test_neither_is_not_sent_as_long_as_no_rename_had_begun(self, connect: MakeSystem) -> None:
        with connect() as system:
            assert system.find(an_interchange(content=CONTENT)) is None

    @pytest.mark.parametrize(("writing", "begun"), [("rename", "renaming"), ("direct", "writing")])
    def test_neither_cannot_be_told_once_the_file_may_have_appeared(
        self, connect: MakeSystem, writing: str, begun: str
    ) -> None:
        with connect(writing=writing) as system, pytest.raises(CannotTell, match="may have taken it"):
            system.find(an_interchange(content=CONTENT, progress={begun: True}))

    def test_half_a_file_under_the_final_name_is_not_sent_when_we_write_directly(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        half = openssh.local("inbound/invoice.x12")
        half.write_bytes(CONTENT[:1000])
        half.chmod(0o666)
        progress = Progress(creating=True, writing=True)

        with connect(writing="direct") as system:
            assert system.find(an_interchange(content=CONTENT, progress=progress)) is None
            system.send(an_interchange(content=CONTENT, progress=progress), progress)

        assert half.read_bytes() == CONTENT

    def test_another_file_under_the_final_name_cannot_be_told_after_a_rename(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        openssh.local("inbound/invoice.x12").write_bytes(b"changed by the partner")

        with connect() as system, pytest.raises(CannotTell, match="Another file"):
            system.find(an_interchange(content=CONTENT, progress={"renaming": True}))


class TestCut:
    """The connection breaks. The failure says what may have happened, and the next attempt ends well."""

    @pytest.fixture(params=["rename", "direct", "direct with marker"])
    def options(self, request: pytest.FixtureRequest) -> dict[str, object]:
        writing, _, marker = request.param.partition(" with ")
        return {"writing": writing, "write_marker": bool(marker)}

    @pytest.mark.parametrize("side", ["request", "answer"])
    def test_at_every_step(
        self, openssh: OpenSSHServer, connect: MakeSystem, options: dict[str, object], side: str
    ) -> None:
        with CuttingProxy((openssh.host, openssh.port)).running() as proxy:
            for number in range(1, 60):
                openssh.empty()
                (proxy.cut_request if side == "request" else proxy.cut_answer)(number)
                progress = Progress()
                with connect(port=proxy.port, **options) as system:
                    receipt = deliver(system, progress)
                    if not proxy.has_cut:
                        return  # the whole transfer passed before the cut was due

                assert receipt.name == "invoice.x12"
                assert openssh.local("inbound/invoice.x12").read_bytes() == CONTENT
                marker = ["invoice.x12.done"] if options["write_marker"] else []
                assert names_in(openssh) == ["invoice.x12", *marker]
        pytest.fail("no cut came too late: the transfer never ended")

    @pytest.fixture
    def proxy(self, openssh: OpenSSHServer) -> Iterator[CuttingProxy]:
        with CuttingProxy((openssh.host, openssh.port)).running() as proxy:
            yield proxy

    def test_while_signing_in_nothing_was_sent(self, connect: MakeSystem, proxy: CuttingProxy) -> None:
        for number in range(1, 6):
            proxy.cut_answer(number)
            with pytest.raises(Temporary):
                send(connect(port=proxy.port))

    def test_while_writing_nothing_was_committed(
        self, openssh: OpenSSHServer, connect: MakeSystem, proxy: CuttingProxy
    ) -> None:
        large, progress = CONTENT * 50, Progress()
        proxy.cut_request(60)

        with pytest.raises(Temporary, match="connection to the server broke"):
            send(connect(port=proxy.port), progress, content=large)

        assert progress == {}
        assert names_in(openssh) == [".invoice.x12.part"]
        assert deliver(connect(), progress, large).name == "invoice.x12"
        assert names_in(openssh) == ["invoice.x12"]

    def test_before_the_rename_it_is_unknown_and_then_surely_not_there(
        self, openssh: OpenSSHServer, connect: MakeSystem, proxy: CuttingProxy
    ) -> None:
        progress = Progress(before_saving=lambda: proxy.cut_request(1))

        with connect(port=proxy.port) as system:
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(content=CONTENT), progress)

            assert progress == {"renaming": True}
            assert names_in(openssh) == [".invoice.x12.part"]
            assert system.find(an_interchange(content=CONTENT, progress=progress)) is None
        assert names_in(openssh) == []

    def test_after_the_rename_it_is_unknown_and_then_found(
        self, openssh: OpenSSHServer, connect: MakeSystem, proxy: CuttingProxy
    ) -> None:
        progress = Progress(before_saving=lambda: proxy.cut_answer(1))

        with connect(port=proxy.port) as system:
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(content=CONTENT), progress)

            receipt = system.find(an_interchange(content=CONTENT, progress=progress))
        assert receipt is not None
        assert names_in(openssh) == ["invoice.x12"]

    def test_taken_by_the_partner_after_a_lost_answer_a_person_decides(
        self, openssh: OpenSSHServer, connect: MakeSystem, proxy: CuttingProxy
    ) -> None:
        progress = Progress(before_saving=lambda: proxy.cut_answer(1))

        with connect(port=proxy.port) as system:
            with pytest.raises(UnknownOutcome):
                system.send(an_interchange(content=CONTENT), progress)
            openssh.local("inbound/invoice.x12").unlink()

            with pytest.raises(CannotTell):
                system.find(an_interchange(content=CONTENT, progress=progress))


class TestRefused:
    def test_a_full_disk_is_temporary_and_leaves_nothing_behind(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        for options in ({}, {"writing": "direct"}):
            progress = Progress()
            with openssh.limit_disk("inbound", 16_384):
                with pytest.raises(Temporary) as failure:
                    send(connect(**options), progress, content=CONTENT)
                assert names_in(openssh) == []
            assert "disk" in failure.value.remedy
            assert "renaming" not in progress

            assert deliver(connect(**options), progress).name == "invoice.x12"
            openssh.empty()

    def test_a_folder_that_we_may_not_write_to_is_a_wrong_setting(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        if not openssh.isolated:
            pytest.skip("needs root and the right to make namespaces")
        openssh.local("inbound").chmod(0o555)

        with pytest.raises(Misconfigured, match="does not allow us to write to"):
            send(connect())

    def test_a_folder_that_is_not_there_is_a_wrong_setting(self, connect: MakeSystem) -> None:
        with pytest.raises(Misconfigured, match=r"“/no/such” does not exist"):
            send(connect(outbound_folder="/no/such"))

    def test_a_drop_box_that_lets_us_write_but_not_look_works(
        self, openssh: OpenSSHServer, connect: MakeSystem
    ) -> None:
        if not openssh.isolated:
            pytest.skip("needs root and the right to make namespaces")
        openssh.local("inbound").chmod(0o333)

        assert send(connect(), content=CONTENT).name == "invoice.x12"

    def test_a_stopped_server_is_temporary(self, openssh: OpenSSHServer, connect: MakeSystem) -> None:
        system = connect()
        openssh.stop()

        with pytest.raises(Temporary, match="refuses connections"):
            send(system)

    def test_a_wrong_key_needs_a_person(self, connect: MakeSystem, strange_key: str) -> None:
        with pytest.raises(NeedsSignIn, match="does not let"):
            send(connect(credentials={"private_key": strange_key}))


def test_one_sign_in_serves_all_the_work_and_is_given_back(
    openssh: OpenSSHServer, connect: MakeSystem
) -> None:
    before = openssh.log().count("Accepted publickey")
    with connect() as system:
        for number in range(20):
            system.send(an_interchange(name=f"{number}.csv"), Progress())

    assert openssh.log().count("Accepted publickey") == before + 1
    assert len(names_in(openssh)) == 20
    transport = system.session._transport
    assert transport is None


def test_closing_twice_or_unopened_is_harmless(connect: MakeSystem) -> None:
    system = connect()
    system.close()
    system.close()


def test_a_failure_of_the_system_never_shows_a_secret(openssh: OpenSSHServer, connect: MakeSystem) -> None:
    system = connect(credentials={"password": "s3cret-and-wrong"})

    with pytest.raises(SystemFailure) as failure:
        send(system)

    shown = f"{failure.value} {failure.value.remedy} {failure.value.detail} {system.session!r} {vars(system)}"
    assert "s3cret" not in shown
