"""Collecting from a real OpenSSH server: complete files only, each once, hostile names and all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from connections.systems.base import Collected, Misconfigured, Outcome, Temporary
from connections.systems.sftp import collecting
from connections.systems.sftp.system import Sftp
from tests.openssh import PARTNER_GID, PARTNER_UID, SSHD, OpenSSHServer
from tests.sftp.conftest import MakeSystem, nothing_seen
from tests.sftp.proxy import CuttingProxy

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

NOON = 1_780_000_000


def put(server: OpenSSHServer, name: str | bytes, content: bytes = b"content", mtime: int = NOON) -> None:
    """Lay a file into the folder that we collect from, as the partner would."""
    folder = os.fsencode(server.local("outbound"))
    path = os.path.join(folder, os.fsencode(name))  # noqa: PTH118 - pathlib has no byte names
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(content)
    os.utime(path, (mtime, mtime))
    if server.isolated:
        os.chown(path, PARTNER_UID, PARTNER_GID)


def names_in(server: OpenSSHServer, folder: str = "outbound") -> list[str]:
    return sorted(path.name for path in server.local(folder).iterdir())


class Inbox:
    """The caller's side: remembers what it has taken in, and the system's memory between two looks."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.keys: set[str] = set()
        self.memory: dict[str, Any] = {}
        self.remarks: Sequence[str] = ()

    def look(self, system: Sftp, settle: Outcome | None = None) -> list[Collected]:
        """What a poll takes in; each file is settled if an outcome is given."""
        taken = []
        with system:
            system.memory = self.memory
            for collected in system.collect(self.place, self.keys.__contains__):
                self.keys.add(collected.key)
                taken.append(collected)
                if settle:
                    system.settle(collected, settle)
        self.remarks = system.remarks
        return taken


@pytest.fixture
def inbox(openssh: OpenSSHServer) -> Inbox:
    return Inbox(openssh.remote("outbound"))


def test_a_file_comes_with_its_bytes_name_time_and_place(
    openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
) -> None:
    put(openssh, "payment 5.csv", b"a;b\r\n\xff\x00", mtime=NOON)

    [collected] = inbox.look(connect())

    assert collected.name == "payment 5.csv"
    assert collected.content == b"a;b\r\n\xff\x00"
    assert collected.place == openssh.remote("outbound")
    assert collected.modified_at == datetime.fromtimestamp(NOON, UTC)


def test_the_oldest_file_comes_first(openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox) -> None:
    for age, name in enumerate(["c", "a", "b"]):
        put(openssh, name, mtime=NOON - age)

    assert [collected.name for collected in inbox.look(connect())] == ["b", "a", "c"]


def test_an_empty_folder_gives_nothing(connect: MakeSystem, inbox: Inbox) -> None:
    assert inbox.look(connect()) == []


@pytest.mark.parametrize("after_collect", ["move", "leave"])
def test_what_was_seen_does_not_come_again(
    openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, after_collect: str
) -> None:
    put(openssh, "a.csv")
    inbox.look(connect(after_collect=after_collect))

    assert inbox.look(connect(after_collect=after_collect)) == []


@pytest.mark.parametrize("after_collect", ["move", "leave"])
@pytest.mark.parametrize("change", [{"content": b"more content"}, {"mtime": NOON + 1}])
def test_the_same_name_with_other_content_is_a_new_arrival(
    openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, after_collect: str, change: dict[str, Any]
) -> None:
    put(openssh, "daily.csv")
    [first] = inbox.look(connect(after_collect=after_collect))

    put(openssh, "daily.csv", **change)
    [second] = inbox.look(connect(after_collect=after_collect))

    assert second.key != first.key


def test_the_content_tells_them_apart_where_size_and_time_never_change(
    openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
) -> None:
    for after_collect, mtime in (("move", NOON), ("delete", NOON), ("leave", 0)):
        put(openssh, "fixed.txt", b"monday ", mtime=mtime)
        inbox.look(connect(after_collect=after_collect))
        put(openssh, "fixed.txt", b"tuesday", mtime=mtime)

        assert [c.content for c in inbox.look(connect(after_collect=after_collect))] == [b"tuesday"]
        inbox.keys.clear()


def test_a_file_that_is_left_there_is_not_fetched_again(
    openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
) -> None:
    put(openssh, "a.csv")
    inbox.look(connect(after_collect="leave"))
    if openssh.isolated:
        openssh.local("outbound/a.csv").chmod(0)  # fetching it would be remarked

    assert inbox.look(connect(after_collect="leave")) == []
    assert inbox.remarks == []


class TestComplete:
    """A file is taken when it has not changed over two looks, or when its marker is there."""

    def test_it_has_to_be_the_same_over_two_looks_so_far_apart(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "a.csv")
        with time_machine.travel(NOON + 100, tick=False) as clock:
            system = connect(settle_seconds=30)
            assert inbox.look(system) == []
            assert system.look_again is not None
            assert system.look_again.total_seconds() == 30

            clock.shift(29)
            assert inbox.look(connect(settle_seconds=30)) == []
            clock.shift(1)
            system = connect(settle_seconds=30)
            assert [c.name for c in inbox.look(system)] == ["a.csv"]
            assert system.look_again is None

    def test_a_slowly_growing_file_waits_until_it_has_stopped_growing(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        with time_machine.travel(NOON + 100, tick=False) as clock:
            for length in (10, 20, 30):
                put(openssh, "slow.csv", b"x" * length)
                put(openssh, "done.csv", b"y")
                names = [c.name for c in inbox.look(connect(settle_seconds=30))]
                assert "slow.csv" not in names
                clock.shift(31)

            [collected] = [c for c in inbox.look(connect(settle_seconds=30)) if c.name == "slow.csv"]
        assert collected.content == b"x" * 30

    def test_its_time_counts_as_well_as_its_size(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        with time_machine.travel(NOON + 100, tick=False) as clock:
            put(openssh, "a.csv", mtime=NOON)
            inbox.look(connect(settle_seconds=30))
            clock.shift(31)
            put(openssh, "a.csv", mtime=NOON + 60)
            assert inbox.look(connect(settle_seconds=30)) == []

    def test_the_memory_is_json_and_forgets_what_is_gone(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        import json

        put(openssh, "a.csv")
        inbox.look(connect(settle_seconds=30))
        assert len(json.loads(json.dumps(inbox.memory))["first_seen"]) == 1

        openssh.local("outbound/a.csv").unlink()
        inbox.look(connect(settle_seconds=30))
        assert inbox.memory == {"first_seen": {}}

    def test_with_markers_a_file_waits_for_its_own(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        system = connect(need_marker=True, settle_seconds=30)
        put(openssh, "a.csv")
        put(openssh, "b.csv")
        put(openssh, "b.csv.done", b"")

        [collected] = inbox.look(system)
        assert collected.name == "b.csv"

        system.settle(collected, Outcome.PROCESSED)
        assert names_in(openssh) == ["a.csv"]
        assert names_in(openssh, "processed") == ["b.csv"]

    def test_a_marker_may_have_another_ending(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        for name in ("a.csv", "a.csv.done", "b.csv", "b.csv.ok"):
            put(openssh, name)

        taken = inbox.look(connect(need_marker=True, marker_ending=".ok"), settle=Outcome.PROCESSED)

        assert [c.name for c in taken] == ["b.csv"]
        assert names_in(openssh) == ["a.csv", "a.csv.done"]

    @pytest.mark.parametrize(
        "name", [".hidden", ".a.csv.part", "a.csv.part", "a.TMP", "a.filepart", "a.csv.incomplete"]
    )
    def test_names_of_unfinished_files_are_ignored(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, name: str
    ) -> None:
        put(openssh, name)

        assert inbox.look(connect()) == []
        assert inbox.remarks == []


class TestNames:
    def test_only_files_that_fit_a_pattern_are_taken(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        for name in ("a.csv", "B.CSV", "remit_1.txt", "readme.md"):
            put(openssh, name)

        names = [c.name for c in inbox.look(connect(patterns=["*.csv", "remit_*"]))]

        assert sorted(names) == ["B.CSV", "a.csv", "remit_1.txt"]

    @pytest.mark.parametrize(
        "name",
        [
            b"a\nb.csv",
            b"a\rb.csv",
            b"a\x1b[2J.csv",
            b"a\xff\xfe.csv",
            b"..\\..\\etc",
            "a\u202evsc.csv".encode(),
        ],
    )
    def test_a_hostile_name_is_reported_and_the_others_are_taken(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, name: bytes
    ) -> None:
        put(openssh, name)
        put(openssh, "good.csv")

        assert [c.name for c in inbox.look(connect())] == ["good.csv"]
        [remark] = inbox.remarks
        assert "passed over" in remark
        assert remark.isprintable()

    def test_folders_links_and_pipes_are_no_files(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        openssh.make_folder("outbound/sub.csv")
        openssh.local("outbound/link.csv").symlink_to("/etc/passwd")
        os.mkfifo(openssh.local("outbound/pipe.csv"))

        assert inbox.look(connect()) == []

    def test_a_name_of_255_characters_gives_a_key_of_at_most_300(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "x" * 255)

        [collected] = inbox.look(connect())

        assert len(collected.key) <= 300


class TestTrouble:
    def test_a_file_that_is_too_large_is_reported_and_not_fetched(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "large.csv", b"x" * (1024 * 1024 + 1))
        put(openssh, "small.csv", b"x" * 1024 * 1024)

        assert [c.name for c in inbox.look(connect(max_megabytes=1))] == ["small.csv"]
        assert "large.csv" in inbox.remarks[0]
        assert "1 MB" in inbox.remarks[0]

    def test_a_file_that_we_may_not_read_is_reported_and_the_others_are_taken(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        if not openssh.isolated:
            pytest.skip("needs root and the right to make namespaces")
        put(openssh, "locked.csv", mtime=NOON - 1)
        openssh.local("outbound/locked.csv").chmod(0)
        put(openssh, "open.csv")

        assert [c.name for c in inbox.look(connect())] == ["open.csv"]
        assert "locked.csv" in inbox.remarks[0]

    def test_a_file_that_vanishes_or_grows_between_listing_and_reading_is_left_for_the_next_look(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        for number in range(3):
            put(openssh, f"{number}.csv", mtime=NOON + number)

        with connect() as system:
            files = system.collect(inbox.place, nothing_seen)
            assert next(files).name == "0.csv"
            openssh.local("outbound/1.csv").unlink()
            put(openssh, "2.csv", b"longer than before", mtime=NOON + 2)
            assert list(files) == []

        assert {c.name for c in inbox.look(connect())} == {"0.csv", "2.csv"}

    def test_a_missing_folder_is_a_wrong_setting(self, connect: MakeSystem) -> None:
        with connect() as system, pytest.raises(Misconfigured, match=r"“/no/such” does not exist"):
            list(system.collect("/no/such", nothing_seen))

    def test_a_folder_without_end_is_refused(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(collecting, "MOST_FILES", 5)
        for number in range(6):
            put(openssh, f"{number}.csv")

        with pytest.raises(Misconfigured, match="More than 5 files"):
            inbox.look(connect())

    @pytest.mark.parametrize("side", ["request", "answer"])
    def test_a_connection_cut_at_any_step_loses_nothing_and_doubles_nothing(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, side: str
    ) -> None:
        with CuttingProxy((openssh.host, openssh.port)).running() as proxy:
            for number in range(1, 80):
                openssh.empty()
                inbox.keys.clear()
                put(openssh, "a.csv", b"a" * 50_000)
                put(openssh, "b.csv", b"b")
                (proxy.cut_request if side == "request" else proxy.cut_answer)(number)
                taken: list[Collected] = []
                for _ in range(3):
                    try:
                        taken += list(self._looks(inbox, connect(port=proxy.port)))
                        break
                    except Temporary:
                        continue
                if not proxy.has_cut:
                    return
                assert [len(c.content) for c in taken] in ([], [50_000], [1], [50_000, 1])
                assert len(inbox.keys) == 2
        pytest.fail("no cut came too late: the look never ended")

    def _looks(self, inbox: Inbox, system: Sftp) -> Iterator[Collected]:
        with system:
            for collected in system.collect(inbox.place, inbox.keys.__contains__):
                inbox.keys.add(collected.key)
                yield collected

    @pytest.mark.slow
    def test_ten_thousand_files_are_all_taken_once(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        folder = openssh.local("outbound")
        for number in range(10_000):
            (folder / f"{number:05}.csv").write_bytes(b"%d" % number)

        taken = inbox.look(connect(after_collect="leave"))

        assert len(taken) == 10_000
        assert len(inbox.keys) == 10_000
        assert inbox.look(connect(after_collect="leave")) == []


class TestSettle:
    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_it_moves_the_file_to_the_folder_of_its_outcome_and_twice_is_harmless(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, outcome: Outcome
    ) -> None:
        put(openssh, "a.csv")
        system = connect()
        [collected] = inbox.look(system, settle=outcome)
        with system:
            system.settle(collected, outcome)

        assert names_in(openssh) == []
        assert names_in(openssh, outcome.value) == ["a.csv"]

    def test_a_taken_name_there_gets_a_time_and_both_files_stay(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        for content in (b"first", b"second", b"third"):
            put(openssh, "daily.csv", content)
            inbox.look(connect(), settle=Outcome.PROCESSED)

        moved = names_in(openssh, "processed")
        assert len(moved) == 3
        assert all(name.startswith("daily") and name.endswith(".csv") for name in moved)
        contents = {openssh.local(f"processed/{name}").read_bytes() for name in moved}
        assert contents == {b"first", b"second", b"third"}

    def test_deleting_removes_processed_files_but_never_an_unreadable_one(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "good.csv")
        inbox.look(connect(after_collect="delete"), settle=Outcome.PROCESSED)
        put(openssh, "bad.csv")
        inbox.look(connect(after_collect="delete"), settle=Outcome.ERROR)

        assert names_in(openssh) == []
        assert names_in(openssh, "processed") == []
        assert names_in(openssh, "error") == ["bad.csv"]

    def test_deleting_without_an_error_folder_leaves_an_unreadable_file(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "bad.csv")
        inbox.look(connect(after_collect="delete", error_folder=""), settle=Outcome.ERROR)

        assert names_in(openssh) == ["bad.csv"]

    def test_leaving_leaves(self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox) -> None:
        put(openssh, "a.csv")
        inbox.look(connect(after_collect="leave"), settle=Outcome.PROCESSED)

        assert names_in(openssh) == ["a.csv"]

    @pytest.mark.parametrize("after_collect", ["move", "delete"])
    def test_a_successor_under_the_same_name_is_not_touched(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, after_collect: str
    ) -> None:
        put(openssh, "daily.csv", b"monday")
        system = connect(after_collect=after_collect)
        [monday] = inbox.look(system)
        put(openssh, "daily.csv", b"tuesday!", mtime=NOON + 86_400)

        with system:
            system.settle(monday, Outcome.PROCESSED)

        assert [c.content for c in inbox.look(connect(after_collect=after_collect))] == [b"tuesday!"]

    @pytest.mark.parametrize("side", ["request", "answer"])
    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_a_connection_cut_at_any_step_leaves_one_file_in_one_folder(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, side: str, outcome: Outcome
    ) -> None:
        with CuttingProxy((openssh.host, openssh.port)).running() as proxy:
            for number in range(1, 60):
                openssh.empty()
                inbox.keys.clear()
                put(openssh, "a.csv")
                [collected] = inbox.look(connect())
                (proxy.cut_request if side == "request" else proxy.cut_answer)(number)
                for _ in range(3):
                    with connect(port=proxy.port) as system, suppress(Temporary):
                        system.settle(replace(collected, report="Line 2: Amount is missing."), outcome)
                        break
                if not proxy.has_cut:
                    return
                assert names_in(openssh) == []
                moved = [name for name in names_in(openssh, outcome.value) if not name.endswith(".txt")]
                assert moved == ["a.csv"]
                assert "a.csv.report.txt" in names_in(openssh, "error")
        pytest.fail("no cut came too late: settling never ended")

    def test_a_missing_processed_folder_is_a_wrong_setting_and_the_file_stays(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "a.csv")

        with pytest.raises(Misconfigured, match=r"“/no/such” does not exist"):
            inbox.look(connect(processed_folder="/no/such"), settle=Outcome.PROCESSED)

        assert names_in(openssh) == ["a.csv"]


class TestReport:
    """A text in the error folder says what is wrong, for people who see nothing but the folder."""

    REPORT = "Line 3: Amount is not a number (it is '=ten\x1b').\nLine 5: Date is missing."

    def settle(self, system: Sftp, inbox: Inbox, outcome: Outcome, report: str = REPORT) -> None:
        [collected] = inbox.look(system)
        with system:
            system.settle(replace(collected, report=report), outcome)

    def test_it_lies_beside_the_unreadable_file(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "bad.csv")
        self.settle(connect(), inbox, Outcome.ERROR)

        assert names_in(openssh, "error") == ["bad.csv", "bad.csv.report.txt"]
        text = openssh.local("error/bad.csv.report.txt").read_bytes().decode()
        assert text.startswith("bad.csv: not all of it could be used.\r\n")
        assert "Line 3: Amount is not a number (it is '=ten ').\r\nLine 5" in text

    def test_of_a_file_that_was_used_in_part_only_the_report_lies_there(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "half.csv")
        self.settle(connect(), inbox, Outcome.PROCESSED)

        assert names_in(openssh, "processed") == ["half.csv"]
        assert names_in(openssh, "error") == ["half.csv.report.txt"]

    def test_a_file_of_a_taken_name_has_its_own(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        for content in (b"first", b"second"):
            put(openssh, "bad.csv", content)
            self.settle(connect(), inbox, Outcome.ERROR)

        files = names_in(openssh, "error")
        assert sorted(f"{name}.report.txt" for name in files if not name.endswith(".txt")) == [
            name for name in files if name.endswith(".txt")
        ]
        assert len(files) == 4

    @pytest.mark.parametrize("options", [{"write_report": False}, {"after_collect": "leave"}])
    def test_it_is_not_written_where_nobody_wants_it(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox, options: dict[str, Any]
    ) -> None:
        put(openssh, "bad.csv")
        self.settle(connect(**options), inbox, Outcome.ERROR)

        assert [name for name in names_in(openssh, "error") if name.endswith(".txt")] == []

    def test_a_server_that_does_not_take_it_still_has_the_file_moved(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        openssh.make_folder("error/bad.csv.report.txt")
        put(openssh, "bad.csv")
        self.settle(connect(), inbox, Outcome.ERROR)

        assert "bad.csv" in names_in(openssh, "error")


class TestAgain:
    """Whoever lays a file into the folder again gets an answer, and nothing is done twice."""

    def test_a_corrected_file_is_a_new_one(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "bad.csv", b"wrong")
        inbox.look(connect(), settle=Outcome.ERROR)
        put(openssh, "bad.csv", b"right", mtime=NOON + 60)

        assert [c.content for c in inbox.look(connect())] == [b"right"]

    def test_the_same_file_moved_back_is_not_taken_and_a_person_is_told(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "a.csv")
        inbox.look(connect(), settle=Outcome.PROCESSED)
        openssh.local("processed/a.csv").rename(openssh.local("outbound/a.csv"))

        looks = [inbox.look(connect()) for _ in range(2)]
        assert looks == [[], []]
        assert inbox.remarks == [
            f"“a.csv” in “{inbox.place}” was taken in before. To have it read again, replay it under Arrivals."
        ]
        openssh.local("outbound/a.csv").unlink()
        inbox.look(connect())
        assert inbox.remarks == []

    def test_the_look_that_takes_it_says_nothing_of_the_kind(
        self, openssh: OpenSSHServer, connect: MakeSystem, inbox: Inbox
    ) -> None:
        put(openssh, "a.csv")
        inbox.look(connect())  # the worker dies before it is settled
        inbox.look(connect())

        assert inbox.remarks == []
