"""Sending into a mailbox: exactly one message, whatever is lost on the way."""

from typing import Any

import pytest

from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import (
    CannotTell,
    Misconfigured,
    NeedsSignIn,
    Receipt,
    Rejected,
    Temporary,
    UnknownOutcome,
)
from connections.systems.ibm_sterling import api
from connections.systems.ibm_sterling.system import Sterling
from tests.ibm_sterling.conftest import (
    CONTENT,
    OUTBOUND,
    Connect,
    Progress,
    an_interchange,
    calls_to,
    messages_in,
)

MODES = pytest.mark.parametrize("mode", ["two_step", "batch"])


def send(system: Sterling, progress: Progress | None = None, **interchange: Any) -> Receipt:
    progress = Progress() if progress is None else progress
    with system:
        return system.send(an_interchange(progress=progress, **interchange), progress)


def deliver(system: Sterling) -> Receipt:
    """As the pipeline does it: try, after an unknown outcome look first, try again."""
    progress, in_doubt = Progress(), False
    for _ in range(4):
        interchange = an_interchange(progress=dict(progress))
        try:
            if in_doubt and (receipt := system.find(interchange)):
                return receipt
            in_doubt = False
            return system.send(interchange, progress)
        except UnknownOutcome:
            in_doubt = True
        except Temporary:
            pass
    raise AssertionError("not delivered after four attempts")


@MODES
def test_the_message_lies_in_the_mailbox_byte_for_byte(
    installation: sandbox.Running, connect: Connect, mode: str
) -> None:
    receipt = send(connect(upload_mode=mode))

    [message] = messages_in(installation)
    assert receipt.remote_id == str(message["id"])
    assert receipt.place == OUTBOUND
    assert message["name"] == "INV-acme-17.x12"
    assert installation.sterling.payloads(OUTBOUND) == [CONTENT]
    assert installation.sterling.mistakes == []


def test_the_document_is_known_before_the_message_is_posted(connect: Connect) -> None:
    progress = Progress()

    receipt = send(connect(), progress)

    assert progress == {"document_id": receipt.detail["document_id"]}
    assert ":" in progress["document_id"]


def test_the_place_of_the_interchange_goes_before_the_mailbox_of_the_settings(
    installation: sandbox.Running, connect: Connect
) -> None:
    receipt = send(connect(), place="/acme/inbound")

    assert receipt.place == "/acme/inbound"
    assert len(messages_in(installation, "/acme/inbound")) == 1


def test_the_life_span_is_sent_when_it_is_set(installation: sandbox.Running, connect: Connect) -> None:
    send(connect(life_span=90))
    send(connect(), name="other")

    spans = [document.life_span for document in installation.sterling.store.documents.values()]
    assert spans == [90, None]


@pytest.mark.parametrize("form", ["internal", "relative", "header", "colons", "public"])
@MODES
def test_every_form_of_location_gives_the_right_ids(
    installation: sandbox.Running, connect: Connect, form: str, mode: str
) -> None:
    installation.sterling.faults.set("location", form=form)

    receipt = send(connect(upload_mode=mode))

    assert receipt.remote_id == str(messages_in(installation)[0]["id"])


def test_a_created_record_may_be_answered_with_200(installation: sandbox.Running, connect: Connect) -> None:
    installation.sterling.faults.set("created_as_200")

    assert send(connect()).remote_id == str(messages_in(installation)[0]["id"])


@pytest.mark.parametrize("name", ["x" * 101, "", "a/b", "a\\b", "a\nb", "ü" * 51])
@MODES
def test_a_name_that_a_mailbox_cannot_hold_is_rejected_before_anything_is_sent(
    installation: sandbox.Running, connect: Connect, name: str, mode: str
) -> None:
    with pytest.raises(Rejected):
        send(connect(upload_mode=mode), name=name)

    assert list(installation.sterling.calls) == []


@MODES
def test_a_name_of_100_characters_fits(installation: sandbox.Running, connect: Connect, mode: str) -> None:
    assert send(connect(upload_mode=mode), name="x" * 100).name == "x" * 100


class TestLost:
    """The answer, or the request, is lost in either step: one message in the end."""

    @pytest.mark.parametrize("fault", ["reply_lost", "connection_closed"])
    @pytest.mark.parametrize("resource", ["documents", "mailboxmessages"])
    def test_in_two_steps(
        self, installation: sandbox.Running, connect: Connect, fault: str, resource: str
    ) -> None:
        installation.sterling.faults.set(fault, times=1, method="POST", path=f"*/{resource}/")

        with connect() as system:
            receipt = deliver(system)

        assert [str(message["id"]) for message in messages_in(installation)] == [receipt.remote_id]
        assert installation.sterling.payloads(OUTBOUND) == [CONTENT]

    @pytest.mark.parametrize("fault", ["reply_lost", "connection_closed"])
    def test_in_one_call(self, installation: sandbox.Running, connect: Connect, fault: str) -> None:
        installation.sterling.faults.set(fault, times=1, method="POST")

        with connect(upload_mode="batch") as system:
            receipt = deliver(system)

        assert [str(message["id"]) for message in messages_in(installation)] == [receipt.remote_id]

    def test_while_the_document_was_stored_nothing_was_committed(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.faults.set("reply_lost", times=1, path="*/documents/")
        progress = Progress()

        with pytest.raises(Temporary):
            send(connect(), progress)

        assert progress == {}
        assert messages_in(installation) == []

    def test_while_the_message_was_posted_it_is_unknown_and_then_found(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.faults.set("reply_lost", times=1, method="POST", path="*/mailboxmessages/")
        progress = Progress()

        with pytest.raises(UnknownOutcome):
            send(connect(), progress)
        with connect() as system:
            receipt = system.find(an_interchange(progress=progress))

        assert receipt is not None
        assert receipt.remote_id == str(messages_in(installation)[0]["id"])

    def test_the_second_attempt_uses_the_stored_document(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.faults.set(
            "connection_closed", times=1, method="POST", path="*/mailboxmessages/"
        )

        with connect() as system:
            deliver(system)

        assert calls_to(installation, "POST", "/documents/") == 1

    def test_a_stored_document_that_was_purged_is_stored_again(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        progress = Progress(document_id="b2bi01:node1:19a4c3f07be:1")

        receipt = send(connect(), progress)

        assert receipt.detail["document_id"] == progress["document_id"]
        assert progress["document_id"] in installation.sterling.store.documents

    def test_a_slow_answer_is_unknown(
        self, installation: sandbox.Running, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api, "READ_SECONDS", 0.3)
        installation.sterling.faults.set("slow", times=1, seconds=2, method="POST", path="*/mailboxmessages/")

        with pytest.raises(UnknownOutcome, match="did not answer within"):
            send(connect())

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_a_failing_server_may_have_done_it(
        self, installation: sandbox.Running, connect: Connect, status: int
    ) -> None:
        faults = installation.sterling.faults
        faults.set("server_error", times=1, status=status, method="POST", path="*/mailboxmessages/")

        with pytest.raises(UnknownOutcome):
            send(connect())
        faults.set("html_error", times=1, status=status, method="POST", path="*/documents/")
        with pytest.raises(Temporary):
            send(connect())


class TestFind:
    def test_it_finds_by_name_in_exactly_this_mailbox(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.drop("/acme/inbound", "INV-acme-17.x12", b"of another route")
        with connect() as system:
            assert system.find(an_interchange()) is None

            sent = system.send(an_interchange(), Progress())
            found = system.find(an_interchange())
        assert found is not None
        assert found.remote_id == sent.remote_id

    def test_it_finds_our_document_where_a_routing_rule_has_moved_it(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        progress = Progress()
        with connect() as system:
            sent = system.send(an_interchange(), progress)
            box = installation.sterling.store.mailbox_at("/DeadLetter")
            assert box is not None
            installation.sterling.store.messages[int(sent.remote_id)].mailbox_id = box.id

            found = system.find(an_interchange(progress=progress))
        assert found is not None
        assert found.place == "/DeadLetter"

    def test_it_reads_every_page(self, installation: sandbox.Running, connect: Connect) -> None:
        for _ in range(7):
            installation.sterling.drop("/acme/inbound", "INV-acme-17.x12", b"of another route")
        send(connect())

        with connect(page_size=2) as system:
            assert system.find(an_interchange()) is not None

    @pytest.mark.parametrize("status", [400, 404])
    def test_an_empty_list_may_be_an_error(
        self, installation: sandbox.Running, connect: Connect, status: int
    ) -> None:
        installation.sterling.faults.set("empty_list", status=status)
        with connect() as system:
            assert system.find(an_interchange()) is None

            system.send(an_interchange(), Progress())
            assert system.find(an_interchange()) is not None

    def test_other_content_under_our_name_cannot_be_told(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.drop(OUTBOUND, "INV-acme-17.x12", b"something else")

        with connect() as system, pytest.raises(CannotTell, match="Another message of the name"):
            system.find(an_interchange())

    def test_it_raises_when_it_cannot_look(self, installation: sandbox.Running, connect: Connect) -> None:
        installation.sterling.faults.set("server_error", status=503)

        with connect() as system, pytest.raises(Temporary):
            system.find(an_interchange())


class TestTheNameIsThereAlready:
    @pytest.mark.parametrize("handling", ["drop", "phantom", "refuse"])
    @MODES
    def test_with_our_content_it_counts_as_sent(
        self, installation: sandbox.Running, connect: Connect, handling: str, mode: str
    ) -> None:
        existing = installation.sterling.drop(OUTBOUND, "INV-acme-17.x12", CONTENT)
        installation.sterling.faults.set("duplicate_name", handling=handling)

        receipt = send(connect(upload_mode=mode))

        assert receipt.remote_id == str(existing)
        assert len(messages_in(installation)) == 1

    @pytest.mark.parametrize("handling", ["drop", "phantom", "refuse"])
    @MODES
    def test_with_other_content_it_is_rejected(
        self, installation: sandbox.Running, connect: Connect, handling: str, mode: str
    ) -> None:
        installation.sterling.drop(OUTBOUND, "INV-acme-17.x12", b"something else")
        installation.sterling.faults.set("duplicate_name", handling=handling)

        with pytest.raises(Rejected, match="Another message of the name"):
            send(connect(upload_mode=mode))

    def test_a_message_that_was_taken_at_once_counts_as_sent(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        faults = installation.sterling.faults
        faults.set("duplicate_name", handling="phantom")
        installation.sterling.drop(OUTBOUND, "INV-acme-17.x12", CONTENT)
        installation.sterling.store.messages.clear()  # the routing rule deletes what it has taken

        assert send(connect()).remote_id

    @pytest.mark.parametrize(
        ("fault", "params"),
        [
            ("server_error", {"method": "GET", "path": "*/mailboxmessages/*"}),
            ("rate_limited", {"method": "GET", "path": "*/mailboxmessages/*"}),
            ("reply_lost", {"method": "GET", "path": "*/mailboxmessages/*"}),
            ("mailbox_forbidden", {"skip": 1, "mailbox": OUTBOUND}),
            ("missing_permission", {"skip": 2}),
        ],
    )
    def test_an_acknowledged_message_counts_as_sent_even_if_it_cannot_be_looked_at(
        self, installation: sandbox.Running, connect: Connect, fault: str, params: dict[str, Any]
    ) -> None:
        installation.sterling.faults.set(fault, **params)

        assert send(connect()).remote_id == str(messages_in(installation)[0]["id"])


class TestRefused:
    @MODES
    def test_an_unknown_mailbox_is_a_wrong_setting(self, connect: Connect, mode: str) -> None:
        with pytest.raises(Misconfigured, match="no mailbox “/acme/nowhere”"):
            send(connect(upload_mode=mode), place="/acme/nowhere")

    def test_no_mailbox_at_all_is_a_wrong_setting(self, connect: Connect) -> None:
        with pytest.raises(Misconfigured, match="No mailbox is set"):
            send(connect(outbound_path=""))

    def test_a_mailbox_without_permission_names_the_permission_to_ask_for(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.faults.set("mailbox_forbidden", mailbox=OUTBOUND)

        with pytest.raises(Misconfigured) as failure:
            send(connect())

        assert f"{OUTBOUND} Mailbox" in str(failure.value)

    @pytest.mark.parametrize("page", [False, True])
    @pytest.mark.parametrize("misspelled", [False, True])
    def test_a_refused_document_says_why(
        self, installation: sandbox.Running, connect: Connect, page: bool, misspelled: bool
    ) -> None:
        # An empty payload is what this product refuses.
        if page:
            installation.sterling.faults.set("error_page")
        if misspelled:
            installation.sterling.faults.set("misspelled_error_key")

        with pytest.raises(Rejected) as failure:
            send(connect(), content=b"")

        assert page or "Required input is missing" in str(failure.value)
        assert "HTTP 400" in failure.value.detail

    @MODES
    def test_too_many_requests_pause_as_long_as_asked(
        self, installation: sandbox.Running, connect: Connect, mode: str
    ) -> None:
        installation.sterling.faults.set("rate_limited", retry_after=77)

        with pytest.raises(Temporary) as failure:
            send(connect(upload_mode=mode))

        assert failure.value.retry_after is not None
        assert failure.value.retry_after.total_seconds() == 77
        assert messages_in(installation) == []

    def test_an_installation_that_is_not_set_up_says_what_to_ask_for(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        installation.sterling.faults.set("passphrase_missing")

        with pytest.raises(Misconfigured) as failure:
            send(connect())

        assert "security.passphrase" in failure.value.remedy

    def test_a_wrong_password_is_tried_once_in_a_session(
        self, installation: sandbox.Running, connect: Connect
    ) -> None:
        with connect(credentials={"username": sandbox.USERNAME, "password": "wrong"}) as system:
            for number in range(5):
                with pytest.raises(NeedsSignIn):
                    system.send(an_interchange(name=str(number)), Progress())

        assert len(installation.sterling.calls) == 1

    def test_no_failure_shows_a_secret(self, installation: sandbox.Running, connect: Connect) -> None:
        secret = "s3cret-and-wrong"
        system = connect(credentials={"username": "ml", "password": secret})

        with pytest.raises(NeedsSignIn) as failure:
            send(system)

        assert (
            secret not in f"{failure.value} {failure.value.remedy} {failure.value.detail} {vars(system.api)}"
        )
