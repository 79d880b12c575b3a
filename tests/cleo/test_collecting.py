"""Taking files in: each once, whole, and archived only when it is safe."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connections.models import Connection, SystemKind
from connections.sandbox import cleo as sandbox
from connections.systems.base import Misconfigured, Outcome, Temporary
from connections.systems.cleo.profile import ForeignLink, Item, address
from connections.systems.cleo.system import Cleo
from tenants.models import Tenant
from tests.cleo.conftest import (
    ARCHIVE,
    CONTENT,
    DOWNLOAD,
    ERROR,
    Connect,
    calls_to,
    look,
    nothing_seen,
    sftp_settings,
)

pytestmark = pytest.mark.django_db


def test_a_file_comes_with_its_bytes_name_and_time(running: sandbox.Running, connect: Connect) -> None:
    running.cleo.drop(DOWNLOAD, "997 ä.edi", CONTENT)
    with connect() as system:
        [collected] = look(system)

    assert (collected.name, collected.place, collected.content) == ("997 ä.edi", DOWNLOAD, CONTENT)
    assert collected.modified_at is not None
    assert abs((datetime.now(UTC) - collected.modified_at).total_seconds()) < 3600
    assert json.loads(json.dumps(collected.handle))["name"] == "997 ä.edi"


@pytest.mark.parametrize("cap", [None, 1, 3])
def test_every_page_is_read_even_if_the_server_cuts_pages_shorter(
    running: sandbox.Running, connect: Connect, cap: int | None
) -> None:
    for number in range(8):
        running.cleo.drop(DOWNLOAD, f"{number}.edi", b"x")
    if cap:
        running.cleo.faults.set("page_cap", rows=cap)
    with connect(page_size=3) as system:
        assert {one.name for one in look(system)} == {f"{number}.edi" for number in range(8)}


def test_a_token_that_is_lost_in_the_middle_of_a_list_is_replaced(
    running: sandbox.Running, connect: Connect
) -> None:
    for number in range(6):
        running.cleo.drop(DOWNLOAD, f"{number}.edi", b"x")
    running.cleo.faults.set("tokens_lost", times=1, skip=1)
    with connect(page_size=2) as system:
        assert len(look(system)) == 6

    assert running.cleo.access.logins == 2


def test_a_list_without_frame_and_total_is_told_by_the_profile(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.drop(DOWNLOAD, "a.edi", b"x")
    running.cleo.faults.set("bare_array")
    with connect(list_items_key="", total_key="", paging="off") as system:
        assert len(look(system)) == 1


def test_other_keys_are_told_by_the_profile_and_nothing_is_guessed(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.drop(DOWNLOAD, "a.edi", b"x")
    running.cleo.faults.set("renamed_keys")
    with connect() as system, pytest.raises(Misconfigured, match="not as the profile says"):
        look(system)
    keys = running.cleo.shape.item_keys
    told = {"list_items_key": "found.rows", "total_key": "found.all"}
    told |= {f"item_{key.replace('modified', 'mtime')}": f"x.{path}" for key, path in keys.items()}
    with connect(**told) as system:
        assert [one.content for one in look(system)] == [b"x"]


class TestWhichFiles:
    def test_what_was_seen_is_not_fetched_again(self, running: sandbox.Running, connect: Connect) -> None:
        running.cleo.drop(DOWNLOAD, "a.edi", b"x")
        with connect() as system:
            [first] = look(system)
            fetched = len(running.cleo.calls)
            assert look(system, seen={first.key}) == []

        assert len(running.cleo.calls) - fetched == 1 + (running.cleo.shape.name == "second")

    @pytest.mark.parametrize("mode", ["none", "move", "delete"])
    def test_a_name_that_is_used_again_is_another_file(
        self, running: sandbox.Running, connect: Connect, mode: str
    ) -> None:
        running.cleo.drop(DOWNLOAD, "orders.edi", b"monday")
        with connect(archive_mode=mode) as system:
            [first] = look(system)
            system.settle(first, Outcome.PROCESSED)
            running.cleo.drop(DOWNLOAD, "orders.edi", b"friday")
            [second] = look(system, seen={first.key})

        assert (first.content, second.content) == (b"monday", b"friday")
        assert first.key != second.key

    def test_where_ids_are_names_the_content_tells_files_apart(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("id_is_name")
        running.cleo.drop(DOWNLOAD, "orders.edi", b"monday")
        with connect(archive_mode="delete", item_mtime="", download_path="") as system:
            system.connection.settings["download_path"] = running.cleo.shape.download_path.replace(
                "<identifier>", "{name}"
            )
            [first] = look(system)
            system.settle(first, Outcome.PROCESSED)
            running.cleo.drop(DOWNLOAD, "orders.edi", b"friday")
            assert [one.content for one in look(system, seen={first.key})] == [b"friday"]

    def test_a_growing_file_is_left_alone_until_it_rests(
        self, running: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
        clock = [now]
        monkeypatch.setattr(
            "connections.systems.cleo.collecting.timezone.now",
            lambda: datetime.fromtimestamp(clock[0], UTC),
        )
        running.cleo.grow(DOWNLOAD, "big.edi", b"123456789", pieces=3)
        memory: dict[str, Any] = {}
        found = []
        for _ in range(5):
            with connect(settle_seconds=30) as system:
                system.memory = memory
                found.append([one.content for one in look(system)])
                assert bool(system.look_again) == (not found[-1])
            memory = json.loads(json.dumps(memory))
            running.cleo.tick()
            clock[0] += 31

        assert found == [[], [], [], [b"123456789"], [b"123456789"]]

    def test_empty_unfinished_and_other_files_are_left_alone(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        for name, content in (("a.edi", b"x"), ("b.edi", b""), ("c.edi.part", b"x"), ("d.txt", b"x")):
            running.cleo.drop(DOWNLOAD, name, content)
        with connect(patterns=["*.edi", "*.part"]) as system:
            assert [one.name for one in look(system)] == ["a.edi"]
        with connect(skip_empty=False) as system:
            assert {one.name for one in look(system)} == {"a.edi", "b.edi", "d.txt"}

    def test_a_file_that_is_too_large_is_reported_and_not_fetched(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.drop(DOWNLOAD, "big.edi", b"x" * (1024 * 1024 + 1))
        with connect(max_megabytes=1) as system:
            assert look(system) == []
            assert "big.edi" in system.remarks[0]
            assert "larger than 1 MB" in system.remarks[0]

    def test_an_unknown_folder_is_a_wrong_setting(self, connect: Connect) -> None:
        with connect() as system, pytest.raises(Misconfigured, match="knows no folder “nowhere”"):
            look(system, place="nowhere")


class TestLinks:
    def test_a_link_to_another_host_is_refused_and_the_token_stays_with_us(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.drop(DOWNLOAD, "bad.edi", b"1")
        running.cleo.drop(DOWNLOAD, "good.edi", b"2")
        running.cleo.faults.set("cross_origin_href", times=1)
        with connect() as system:
            assert [one.name for one in look(system)] == ["good.edi"]
            assert "leads to elsewhere.invalid" in system.remarks[0]

    @pytest.mark.parametrize(
        "href",
        [
            "http://127.0.0.1:1/x",
            "//elsewhere.invalid/x",
            "https://{host}/x",
            "http://{host}@elsewhere.invalid/",
            "http://u@{host}/x",
        ],
    )
    def test_only_the_very_same_origin_counts(
        self, running: sandbox.Running, connect: Connect, href: str
    ) -> None:
        with connect() as system:
            item = Item(id="1", name="a", href=href.replace("{host}", running.url.partition("//")[2]))
            with pytest.raises(ForeignLink):
                address(system.settings, "{href}", item=item)


class TestArchiving:
    @pytest.mark.parametrize(
        ("mode", "outcome", "left", "archived", "in_error"),
        [
            ("none", Outcome.PROCESSED, 1, 0, 0),
            ("move", Outcome.PROCESSED, 0, 1, 0),
            ("move", Outcome.ERROR, 0, 0, 1),
            ("delete", Outcome.PROCESSED, 0, 0, 0),
            ("delete", Outcome.ERROR, 0, 0, 1),
        ],
    )
    def test_what_becomes_of_a_collected_file(
        self,
        running: sandbox.Running,
        connect: Connect,
        mode: str,
        outcome: Outcome,
        left: int,
        archived: int,
        in_error: int,
    ) -> None:
        running.cleo.drop(DOWNLOAD, "a.edi", b"1")
        with connect(archive_mode=mode) as system:
            [collected] = look(system)
            assert len(running.cleo.names(DOWNLOAD)) == 1
            system.settle(collected, outcome)
            system.settle(collected, outcome)  # twice is harmless

        places = [running.cleo.names(folder) for folder in (DOWNLOAD, ARCHIVE, ERROR)]
        assert [len(names) for names in places] == [left, archived, in_error]
        assert running.cleo.mistakes == []

    def test_the_archive_may_have_a_file_of_that_name(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.drop(ARCHIVE, "a.edi", b"older")
        running.cleo.drop(DOWNLOAD, "a.edi", b"1")
        with connect(archive_mode="move") as system:
            [collected] = look(system)
            system.settle(collected, Outcome.PROCESSED)

        assert len(running.cleo.names(ARCHIVE)) == 2

    def test_a_lost_answer_is_tried_again_by_the_sweep(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.drop(DOWNLOAD, "a.edi", b"1")
        with connect(archive_mode="delete") as system:
            [collected] = look(system)
            running.cleo.faults.set("reply_lost", times=1)
            with pytest.raises(Temporary):
                system.settle(collected, Outcome.PROCESSED)
            system.settle(collected, Outcome.PROCESSED)

        assert running.cleo.names(DOWNLOAD) == []

    def test_a_newer_file_of_that_name_is_not_thrown_away(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.faults.set("id_is_name")
        running.cleo.drop(DOWNLOAD, "a.edi", b"1")
        path = running.cleo.shape.download_path.replace("<identifier>", "{id}")
        with connect(archive_mode="delete", download_path=path) as system:
            [collected] = look(system)
            running.cleo.drop(DOWNLOAD, "a.edi", b"22")
            system.settle(collected, Outcome.PROCESSED)

        assert running.cleo.names(DOWNLOAD) == ["a.edi"]


class TestTrouble:
    def test_a_page_instead_of_a_list_is_tried_again(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        running.cleo.drop(DOWNLOAD, "a.edi", b"1")
        running.cleo.faults.set("html_error", times=1, status=200, path=f"*{DOWNLOAD}*")
        with connect() as system:
            with pytest.raises(Temporary, match="cannot be read"):
                look(system)
            assert len(look(system)) == 1

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_what_passes_is_temporary(self, running: sandbox.Running, connect: Connect, status: int) -> None:
        running.cleo.faults.set("server_error", times=1, status=status, path=f"*{DOWNLOAD}*")
        with connect() as system, pytest.raises(Temporary):
            look(system)

    def test_a_file_that_cannot_be_fetched_does_not_stop_the_others(
        self, running: sandbox.Running, connect: Connect
    ) -> None:
        identifier = running.cleo.drop(DOWNLOAD, "a.edi", b"1")
        running.cleo.drop(DOWNLOAD, "b.edi", b"2")
        running.cleo.faults.set("server_error", status=422, path=f"*{identifier}*")
        with connect() as system:
            assert [one.name for one in look(system)] == ["b.edi"]
            assert "HTTP 422" in system.remarks[0]


def test_sftp_leads_to_the_same_files(running: sandbox.Running, tenant: Tenant) -> None:
    running.cleo.drop(DOWNLOAD, "a.edi", CONTENT)
    running.cleo.drop(DOWNLOAD, "empty.edi", b"")
    connection = Connection(
        tenant=tenant,
        system=SystemKind.CLEO,
        settings=sftp_settings(running, archive_mode="move"),
        credentials={"password": sandbox.PASSWORD},
    )
    with Cleo(connection) as system:
        assert system.places() == [DOWNLOAD]
        [collected] = list(system.collect(DOWNLOAD, nothing_seen))
        assert collected.content == CONTENT
        system.settle(collected, Outcome.PROCESSED)

    assert running.cleo.names(ARCHIVE) == ["a.edi"]
    assert calls_to(running, "/") == []
