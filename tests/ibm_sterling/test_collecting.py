"""Reading a mailbox: every message once, and finished only when it is safe."""

import json
from datetime import UTC
from typing import Any

import pytest

from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import Collected, Misconfigured, Outcome, Temporary
from connections.systems.ibm_sterling import collecting
from connections.systems.ibm_sterling.system import Sterling
from tests.ibm_sterling.conftest import (
    ARCHIVE,
    CONTENT,
    INBOUND,
    Connect,
    calls_to,
    messages_in,
    nothing_seen,
)


def look(
    system: Sterling, seen: set[str] | None = None, memory: dict[str, Any] | None = None
) -> list[Collected]:
    with system:
        system.memory = {} if memory is None else memory
        return list(system.collect(INBOUND, (seen or set()).__contains__))


def test_a_message_comes_with_its_bytes_name_time_and_number(
    installation: sandbox.Running, connect: Connect
) -> None:
    number = installation.sterling.drop(INBOUND, "po 5.x12", CONTENT)

    [collected] = look(connect())

    assert collected.key == str(number)
    assert collected.name == "po 5.x12"
    assert collected.content == CONTENT
    assert collected.place == INBOUND
    assert collected.modified_at is not None
    assert collected.modified_at.tzinfo == UTC
    assert installation.sterling.mistakes == []


def test_messages_come_by_their_number_whatever_the_order_of_the_list(
    installation: sandbox.Running, connect: Connect
) -> None:
    numbers = [installation.sterling.drop(INBOUND, f"{n}", b"x") for n in range(30)]
    installation.sterling.faults.set("unsorted_rows")

    assert [int(collected.key) for collected in look(connect())] == numbers


@pytest.mark.parametrize("options", [{}, {"page_size": 3}, {"page_size": 1}])
@pytest.mark.parametrize("cap", [None, 1, 2, 5])
def test_every_page_is_read_even_if_the_server_cuts_pages_shorter(
    installation: sandbox.Running, connect: Connect, options: dict[str, Any], cap: int | None
) -> None:
    for n in range(11):
        installation.sterling.drop(INBOUND, f"{n}", b"x")
    if cap:
        installation.sterling.faults.set("range_cap", rows=cap)

    assert len(look(connect(**options))) == 11


def test_what_was_seen_is_neither_yielded_nor_fetched(
    installation: sandbox.Running, connect: Connect
) -> None:
    first = installation.sterling.drop(INBOUND, "a", b"1")
    second = installation.sterling.drop(INBOUND, "b", b"2")

    collected = look(connect(), seen={str(first)})

    assert [one.key for one in collected] == [str(second)]
    assert calls_to(installation, "POST", "/actions/getpayload") == 1


def test_a_lower_number_that_comes_later_is_not_missed(
    installation: sandbox.Running, connect: Connect
) -> None:
    low = installation.sterling.drop(INBOUND, "of the slow node", b"1")
    high = installation.sterling.drop(INBOUND, "of the fast node", b"2")

    assert [one.key for one in look(connect(), seen={str(high)})] == [str(low)]


def test_child_mailboxes_are_no_messages(installation: sandbox.Running, connect: Connect) -> None:
    installation.sterling.store.add_mailbox(f"{INBOUND}/late")
    installation.sterling.drop(f"{INBOUND}/late", "not here", b"1")

    assert look(connect()) == []


def test_only_exactly_this_mailbox_is_read(installation: sandbox.Running, connect: Connect) -> None:
    installation.sterling.store.add_mailbox(f"{INBOUND}-old")
    installation.sterling.drop(f"{INBOUND}-old", "not here", b"1")
    number = installation.sterling.drop(INBOUND, "here", b"2")

    assert [one.key for one in look(connect())] == [str(number)]


@pytest.mark.parametrize("switch", ["coded_contents", "plain_flags", "misspelled_error_key"])
def test_the_quirks_of_answers_do_not_matter(
    installation: sandbox.Running, connect: Connect, switch: str
) -> None:
    installation.sterling.faults.set(switch)
    installation.sterling.drop(INBOUND, "a", b"1")

    [collected] = look(connect())
    with connect(finish_action="extract") as system:
        system.settle(collected, Outcome.PROCESSED)

    assert messages_in(installation, INBOUND)[0]["extractable"] is False


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("page", [False, True])
def test_an_empty_mailbox_may_be_answered_with_an_error(
    installation: sandbox.Running, connect: Connect, status: int, page: bool
) -> None:
    installation.sterling.faults.set("empty_list", status=status)
    if page and status == 404:
        installation.sterling.faults.set("error_page")

    assert look(connect()) == []


def test_an_unknown_mailbox_is_a_wrong_setting(connect: Connect) -> None:
    with connect() as system, pytest.raises(Misconfigured, match="no mailbox “/acme/nowhere”"):
        list(system.collect("/acme/nowhere", nothing_seen))


def test_a_hostile_name_is_made_harmless(installation: sandbox.Running, connect: Connect) -> None:
    installation.sterling.drop(INBOUND, "../a\n\x1b[2J" + "x" * 400, b"1")

    [collected] = look(connect())

    assert collected.name.isprintable()
    assert len(collected.name) == 255


class TestExpired:
    def test_it_is_reported_and_the_others_are_read(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        expired = installation.sterling.drop(INBOUND, "expired.x12", b"1")
        good = installation.sterling.drop(INBOUND, "good.x12", b"2")
        document = installation.sterling.store.messages[expired].document_id
        installation.sterling.faults.set("payload_purged", document=document)

        system = connect()
        assert [one.key for one in look(system)] == [str(good)]
        assert f"Message {expired} (“expired.x12”)" in system.remarks[0]
        assert "expired" in system.remarks[0]

    def test_it_is_not_asked_for_for_ever_but_stays_reported(
        self, installation: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(collecting, "MOST_TRIES", 3)
        installation.sterling.faults.set("payload_purged")
        installation.sterling.drop(INBOUND, "expired.x12", b"1")
        memory: dict[str, Any] = {}
        for _ in range(6):
            system = connect()
            assert look(system, memory=memory) == []
            assert len(system.remarks) == 1
            memory = json.loads(json.dumps(memory))

        assert calls_to(installation, "POST", "/actions/getpayload") == 3

    def test_it_is_forgotten_when_it_is_gone(self, installation: sandbox.Running, connect: Connect) -> None:
        installation.sterling.faults.set("payload_purged")
        installation.sterling.drop(INBOUND, "expired.x12", b"1")
        memory: dict[str, Any] = {}
        look(connect(), memory=memory)
        assert len(memory["tries"]) == 1

        installation.sterling.store.messages.clear()
        look(connect(), memory=memory)
        assert memory == {"tries": {}}

    def test_an_inner_fault_of_the_server_at_one_message_does_not_stop_the_others(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.drop(INBOUND, "a", b"1")
        installation.sterling.drop(INBOUND, "b", b"2")
        installation.sterling.faults.set("server_error", times=1, path="*/getpayload")

        system = connect()
        assert [one.name for one in look(system)] == ["b"]
        assert len(system.remarks) == 1

    def test_a_message_that_is_too_large_is_not_fetched(
        self, installation: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(collecting, "LARGEST_PAYLOAD", 10)
        installation.sterling.drop(INBOUND, "large", b"x" * 11)
        installation.sterling.drop(INBOUND, "small", b"x" * 10)

        system = connect()
        assert [one.name for one in look(system)] == ["small"]
        assert "too large" in system.remarks[0]


@pytest.mark.parametrize("fault", ["reply_lost", "connection_closed", "server_error", "html_error"])
@pytest.mark.parametrize("path", ["*/mailboxes/", "*/mailboxcontents/", "*/getpayload"])
def test_trouble_at_any_step_loses_nothing_and_doubles_nothing(
    installation: sandbox.Running, connect: Connect, fault: str, path: str
) -> None:
    for n in range(4):
        installation.sterling.drop(INBOUND, f"{n}", b"%d" % n)
    installation.sterling.faults.set(fault, times=1, skip=int(path == "*/getpayload"), path=path)
    seen: set[str] = set()
    contents = []
    for _ in range(3):
        try:
            with connect() as system:
                for collected in system.collect(INBOUND, seen.__contains__):
                    seen.add(collected.key)
                    contents.append(collected.content)
        except Temporary:
            continue

    assert sorted(contents) == [b"0", b"1", b"2", b"3"]


class TestSettle:
    @pytest.fixture
    def collected(self, installation: sandbox.Running, connect: Connect) -> Collected:
        installation.sterling.drop(INBOUND, "a.x12", CONTENT)
        [collected] = look(connect())
        return collected

    def settle(self, system: Sterling, collected: Collected, outcome: Outcome = Outcome.PROCESSED) -> None:
        """Twice, as after a crash: harmless."""
        for _ in range(2):
            with system:
                system.settle(collected, outcome)

    def test_move(self, installation: sandbox.Running, connect: Connect, collected: Collected) -> None:
        self.settle(connect(finish_action="move"), collected)

        assert messages_in(installation, INBOUND) == []
        assert [one["name"] for one in messages_in(installation, ARCHIVE)] == ["a.x12"]
        assert calls_to(installation, "POST", "/actions/movemailboxmessage") == 1

    @pytest.mark.parametrize("rows", ["number", "text"])
    def test_delete(
        self, installation: sandbox.Running, connect: Connect, collected: Collected, rows: str
    ) -> None:
        installation.sterling.faults.set("rows_affected", form=rows)
        self.settle(connect(finish_action="delete"), collected)

        assert messages_in(installation, INBOUND) == []
        assert calls_to(installation, "DELETE", f"/mailboxmessages/{collected.key}") == 1

    @pytest.mark.parametrize("rows", ["number", "text"])
    def test_hide(
        self, installation: sandbox.Running, connect: Connect, collected: Collected, rows: str
    ) -> None:
        installation.sterling.faults.set("rows_affected", form=rows)
        self.settle(connect(finish_action="hide"), collected)

        [message] = messages_in(installation, INBOUND)
        assert message["extractable"] is False
        assert calls_to(installation, "PUT", f"/mailboxmessages/{collected.key}") == 1

    @pytest.mark.parametrize("plain", [False, True])
    def test_extract(
        self, installation: sandbox.Running, connect: Connect, collected: Collected, plain: bool
    ) -> None:
        if plain:
            installation.sterling.faults.set("plain_flags")
        self.settle(connect(finish_action="extract"), collected)

        [message] = messages_in(installation, INBOUND)
        assert message["extractable"] is False
        assert calls_to(installation, "POST", "/actions/extractmailboxmessage") == 1

    @pytest.mark.parametrize("options", [{"finish_action": "none"}, {"archive_path": ""}])
    def test_leave(
        self,
        installation: sandbox.Running,
        connect: Connect,
        collected: Collected,
        options: dict[str, str],
    ) -> None:
        self.settle(connect(**options), collected)

        [message] = messages_in(installation, INBOUND)
        assert message["extractable"] is True

    @pytest.mark.parametrize("action", ["move", "extract", "hide", "delete"])
    def test_what_could_not_be_read_stays_where_it_is(
        self, installation: sandbox.Running, connect: Connect, collected: Collected, action: str
    ) -> None:
        self.settle(connect(finish_action=action), collected, Outcome.ERROR)

        [message] = messages_in(installation, INBOUND)
        assert message["extractable"] is True

    @pytest.mark.parametrize("action", ["move", "extract", "hide", "delete"])
    def test_what_is_gone_is_settled(
        self, installation: sandbox.Running, connect: Connect, collected: Collected, action: str
    ) -> None:
        installation.sterling.store.messages.clear()

        self.settle(connect(finish_action=action), collected)

    def test_a_change_that_changed_nothing_is_tried_again(
        self, installation: sandbox.Running, connect: Connect, collected: Collected
    ) -> None:
        installation.sterling.faults.set("rows_affected", times=1, form="zero")

        with connect(finish_action="hide") as system, pytest.raises(Temporary, match="did not change"):
            system.settle(collected, Outcome.PROCESSED)

    def test_a_removal_that_says_it_changed_nothing_is_believed_when_the_message_is_gone(
        self, installation: sandbox.Running, connect: Connect, collected: Collected
    ) -> None:
        installation.sterling.faults.set("rows_affected", times=1, form="zero")

        self.settle(connect(finish_action="delete"), collected)

        assert messages_in(installation, INBOUND) == []

    @pytest.mark.parametrize("action", ["move", "extract", "hide", "delete"])
    def test_a_lost_answer_is_harmless(
        self, installation: sandbox.Running, connect: Connect, collected: Collected, action: str
    ) -> None:
        installation.sterling.faults.set("reply_lost", times=1, method="POST")
        installation.sterling.faults.set("reply_lost", times=1, skip=1, path="*/mailboxmessages/*")
        with connect(finish_action=action) as system:
            with pytest.raises(Temporary):
                system.settle(collected, Outcome.PROCESSED)

            system.settle(collected, Outcome.PROCESSED)

        assert not any(one["extractable"] for one in messages_in(installation, INBOUND))

    def test_a_missing_archive_is_a_wrong_setting(self, connect: Connect, collected: Collected) -> None:
        system = connect(archive_path="/acme/nowhere")

        with system, pytest.raises(Misconfigured, match="no mailbox “/acme/nowhere”"):
            system.settle(collected, Outcome.PROCESSED)
