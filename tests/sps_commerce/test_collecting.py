"""Reading the mailbox: every file once, all pages before any deletion, and deleted only when it is safe."""

import threading
from typing import Any

import pytest
from django.db import connections as databases

from audit.models import Arrival
from connections.models import Connection, Poll, PollKind
from connections.pipeline.collect import collect
from connections.sandbox import sps_commerce as sandbox
from connections.systems.base import Misconfigured, Outcome, SystemFailure, Temporary
from connections.systems.sps_commerce import api
from tests.sps_commerce.conftest import Connect, calls, drop_orders, look


def test_files_come_with_bytes_name_and_place_from_all_levels(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.drop("out/direct.json", b"{}")
    sps.sps.drop("out/PO/order.json", b"[]")
    sps.sps.drop("out/PO/deep/er.json", b"[]")

    found = look(connect())

    assert [(one.handle["path"], one.name, one.content) for one in found] == [
        ("out/PO/order.json", "order.json", b"[]"),
        ("out/direct.json", "direct.json", b"{}"),
    ]
    assert {one.place for one in found} == {"out/"}


def test_a_download_takes_nothing_away(sps: sandbox.Running, connect: Connect) -> None:
    path = sps.sps.book_order()

    look(connect())

    assert list(sps.sps.files()) == [path]


def test_what_was_seen_is_not_given_out_again(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.book_order()
    [first] = look(connect())

    assert look(connect(), seen={first.key}) == []


def test_other_content_under_a_used_name_is_another_file(sps: sandbox.Running, connect: Connect) -> None:
    path = sps.sps.book_order()
    [first] = look(connect())
    sps.sps.drop(path, b"[]")

    [second] = look(connect(), seen={first.key})

    assert second.content == b"[]"
    assert second.key != first.key


class TestPages:
    @pytest.mark.parametrize("how", ["null", "absent", "no_paging"])
    def test_the_last_page_may_end_in_any_way(self, sps: sandbox.Running, connect: Connect, how: str) -> None:
        paths = drop_orders(sps, 5)
        sps.sps.faults.set("last_page", how=how)

        assert [one.handle["path"] for one in look(connect(page_size=2))] == paths

    def test_cursors_are_escaped(self, sps: sandbox.Running, connect: Connect) -> None:
        drop_orders(sps, 3)

        look(connect(page_size=1), "out/PO/")

        listed = calls(sps, "GET", "/data/out/PO/")
        cursors = [one["query"]["cursor"][0] for one in listed if "cursor" in one["query"]]
        assert len(cursors) == 2
        assert all({"+", "/", "="} <= set(cursor) for cursor in cursors)
        assert {one["status"] for one in listed} == {200}

    def test_a_page_may_be_shorter_than_asked(self, sps: sandbox.Running, connect: Connect) -> None:
        paths = drop_orders(sps, 5)
        sps.sps.faults.set("page_cap", entries=2)

        assert [one.handle["path"] for one in look(connect(), "out/PO/")] == paths
        assert len([one for one in calls(sps, "GET", "out/PO/") if one["path"].endswith("/")]) == 3

    def test_a_cursor_that_repeats_ends_it(self, sps: sandbox.Running, connect: Connect) -> None:
        paths = drop_orders(sps, 3)
        sps.sps.faults.set("cursor_repeats")

        assert [one.handle["path"] for one in look(connect(), "out/PO/")] == paths

    def test_deleting_while_paging_would_shift_so_all_pages_come_first(
        self, sps: sandbox.Running, connect: Connect
    ) -> None:
        paths = drop_orders(sps, 7)
        with connect(page_size=2) as system:
            found = []
            for one in system.collect("out/PO/", lambda key: False):
                found.append(one.handle["path"])
                system.settle(one, Outcome.PROCESSED)

        assert found == paths
        assert sps.sps.files() == {}
        order = [(one["method"], "cursor" in one["query"]) for one in sps.sps.calls]
        assert max(i for i, (_, paged) in enumerate(order) if paged) < order.index(("DELETE", False))

    def test_the_stand_in_itself_shifts(self, sps: sandbox.Running, connect: Connect) -> None:
        """So that the test before could fail: a naive client loses files."""
        drop_orders(sps, 4)
        with connect(page_size=2) as system:
            pages = system.api._pages("out/PO/", "")
            first = next(pages)
            for row in first:
                system.api.delete(row["path"].lstrip("/"))
            assert list(pages) == [[]]

    def test_null_is_an_empty_list(self, sps: sandbox.Running, connect: Connect) -> None:
        sps.sps.faults.set("results_null")

        assert look(connect()) == []
        assert len(calls(sps, "GET", "/data/out/")) == 4


class TestNeverTakenForEmpty:
    @pytest.mark.parametrize(
        ("switch", "params", "kind"),
        [
            ("results_absent", {}, Temporary),
            ("error_in_success", {}, Temporary),
            ("server_error", {"status": 502}, Temporary),
            ("html_error", {"status": 200}, Temporary),
            ("forbidden", {}, Misconfigured),
            ("rate_limited", {}, Temporary),
            ("reply_lost", {}, Temporary),
        ],
    )
    def test_a_broken_listing_fails(
        self,
        sps: sandbox.Running,
        connect: Connect,
        switch: str,
        params: dict[str, Any],
        kind: type[SystemFailure],
    ) -> None:
        sps.sps.book_order()
        sps.sps.faults.set(switch, **params)

        with pytest.raises(kind):
            look(connect())

    def test_an_error_in_place_of_a_file_is_not_kept_as_the_file(
        self, sps: sandbox.Running, connect: Connect
    ) -> None:
        path = sps.sps.book_order()
        sps.sps.faults.set("error_in_success", path=f"*/{path}")

        with pytest.raises(Temporary, match="could not give us"):
            look(connect())

    def test_a_missing_directory_is_a_wrong_setting(self, connect: Connect) -> None:
        with pytest.raises(Misconfigured, match="“OUT/”"):
            look(connect(), "OUT/")

    def test_an_account_that_was_not_activated_is_no_empty_directory(
        self, sps: sandbox.Running, connect: Connect
    ) -> None:
        sps.sps.faults.set("not_activated")

        with pytest.raises(Misconfigured, match="no directory") as failure:
            look(connect())
        assert "activated" in failure.value.remedy


@pytest.mark.parametrize(
    "entry",
    ["/out/../in/x.json", "/in/x.json", "/out/a?b.json", "/out/a\nb.json", "/out//x.json", "/out/a\\b", ""],
)
def test_a_hostile_entry_is_passed_over_and_said(sps: sandbox.Running, connect: Connect, entry: str) -> None:
    sps.sps.drop("out/good.json", b"{}")
    sps.sps.faults.set("hostile_entry", times=1, entry=entry)
    with connect() as system:
        names = [one.name for one in system.collect("out/", lambda key: False)]

    assert names == ["good.json"]
    assert len(system.remarks) == 1


def test_names_with_odd_but_legal_characters_are_escaped(sps: sandbox.Running, connect: Connect) -> None:
    names = ["a b.json", "50%.json", "é&+=.json", "%2e%2e.json"]
    for name in names:
        sps.sps.drop(f"out/PO/{name}", name.encode())

    found = {one.name: one.content for one in look(connect())}

    assert found == {name: name.encode() for name in names}


def test_a_file_that_is_too_large_is_passed_over_and_said(
    sps: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "LARGEST_FILE", 2000)
    sps.sps.drop("out/PO/A.json", b"[" + b" " * 3000)
    sps.sps.drop("out/PO/B.json", b"[]")
    with connect() as system:
        names = [one.name for one in system.collect("out/", lambda key: False)]

    assert names == ["B.json"]
    assert "too large" in system.remarks[0]


@pytest.mark.parametrize("switch", ["bom", "crlf", "odd_type"])
def test_the_bytes_are_kept_as_they_came(sps: sandbox.Running, connect: Connect, switch: str) -> None:
    path = sps.sps.book_order(notation="xml")
    sps.sps.faults.set(switch)

    [found] = look(connect())

    content = sps.sps.files()[path]
    expected = {
        "bom": b"\xef\xbb\xbf" + content,
        "crlf": content.replace(b"\n", b"\r\n"),
        "odd_type": content,
    }
    assert found.content == expected[switch]


class TestSettling:
    def test_a_deletion_that_is_answered_with_404_is_done(
        self, sps: sandbox.Running, connect: Connect
    ) -> None:
        sps.sps.book_order()
        [found] = look(connect())
        sps.sps.faults.set("delete_fails", status=404)
        with connect() as system:
            system.settle(found, Outcome.PROCESSED)

        assert sps.sps.files() == {}

    def test_what_is_safe_is_deleted(self, sps: sandbox.Running, connect: Connect) -> None:
        sps.sps.book_order()
        [found] = look(connect())
        with connect() as system:
            system.settle(found, Outcome.PROCESSED)
            system.settle(found, Outcome.PROCESSED)

        assert sps.sps.files() == {}
        assert len(calls(sps, "DELETE", "")) == 1

    @pytest.mark.parametrize(("setting", "outcome"), [("leave", "processed"), ("delete", "error")])
    def test_what_cannot_be_read_stays_and_so_does_all_if_set(
        self, sps: sandbox.Running, connect: Connect, setting: str, outcome: str
    ) -> None:
        sps.sps.book_order()
        [found] = look(connect())
        with connect(after_collect=setting) as system:
            system.settle(found, Outcome(outcome))

        assert len(sps.sps.files()) == 1

    def test_other_content_that_came_meanwhile_is_not_deleted(
        self, sps: sandbox.Running, connect: Connect
    ) -> None:
        path = sps.sps.book_order()
        [found] = look(connect())
        sps.sps.drop(path, b"newer")
        with connect() as system:
            system.settle(found, Outcome.PROCESSED)

        assert sps.sps.files() == {path: b"newer"}

    @pytest.mark.parametrize(("switch", "params"), [("delete_fails", {"status": 500}), ("reply_lost", {})])
    def test_a_deletion_whose_answer_is_lost_is_done_at_the_next_try(
        self, sps: sandbox.Running, connect: Connect, switch: str, params: dict[str, Any]
    ) -> None:
        sps.sps.book_order()
        [found] = look(connect())
        where: dict[str, Any] = {} if switch == "delete_fails" else {"method": "DELETE"}
        sps.sps.faults.set(switch, times=1, **params, **where)
        with connect() as system:
            with pytest.raises(Temporary):
                system.settle(found, Outcome.PROCESSED)
            system.settle(found, Outcome.PROCESSED)

        assert sps.sps.files() == {}


def test_two_workers_at_one_directory_store_each_file_once(
    transactional_db: None, sps: sandbox.Running, connection: Connection
) -> None:
    """Without the lease that keeps them apart, as when one was given up for dead and comes back."""
    drop_orders(sps, 12)
    connection.settings["page_size"] = 5
    connection.save()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            poll = Poll(connection=connection, kind=PollKind.PLACE, subject="out/")
            collect(Connection.unscoped.get(pk=connection.pk), poll)
        except BaseException as error:
            failures.append(error)
        finally:
            databases.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    arrivals = Arrival.unscoped.filter(connection=connection)
    assert arrivals.count() == 12
    assert len(set(arrivals.values_list("sha256", flat=True))) == 12


def test_nested_directories_are_looked_at_once(connect: Connect) -> None:
    with connect(inbound_directories=["/out/", "out/PO/", "testout"]) as system:
        assert system.places() == ["out/", "testout/"]
