"""Every way in which the stand-in may misbehave, met by our client: what is right all the same, or said in words.

One case for each switch, so that a new switch without a case fails here.
"""

from collections.abc import Callable
from typing import Any

import pytest

from connections.sandbox import ibm_sterling as sandbox
from connections.systems.base import (
    Misconfigured,
    NeedsSignIn,
    Outcome,
    Receipt,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from tests.ibm_sterling.conftest import (
    ACK,
    CONTENT,
    OUTBOUND,
    Connect,
    Progress,
    an_interchange,
    messages_in,
    nothing_seen,
)

ANYWHERE = {
    "slow_body": {"chunk": 4096, "pause": 0.01},
    "slow": {"seconds": 0.05},
    "slow_answer": {"seconds": 0.05},
}

# Switches under which everything is as it should be.
HARMLESS: dict[str, dict[str, Any]] = {
    "location": {"form": "relative"},
    "created_as_200": {},
    "rows_affected": {"form": "text"},
    "plain_flags": {},
    "coded_contents": {},
    "misspelled_error_key": {},
    "error_page": {},
    "empty_list": {"status": 404},
    "unsorted_rows": {},
    "range_cap": {"rows": 1},
    **ANYWHERE,
}
# Switches that stop an upload, and the failure that they are.
STOPPING: dict[str, tuple[dict[str, Any], type[SystemFailure], str]] = {
    "missing_permission": ({}, Misconfigured, "may not do this"),
    "mailbox_forbidden": ({"mailbox": OUTBOUND}, Misconfigured, "may not do this"),
    "passphrase_missing": ({}, Misconfigured, "not set up to the end"),
    "rate_limited": ({"retry_after": 7}, Temporary, "come back later"),
    "server_error": ({"status": 503}, Temporary, "come back later"),
    "html_error": ({"status": 502}, Temporary, "failed"),
    "connection_closed": ({}, Temporary, ""),
}
# Switches with a test of their own below.
OF_THEIR_OWN = {
    "unauthorized_page",
    "reply_lost",
    "payload_purged",
    "duplicate_name",
    "routing_fails",
    "workflow_state",
}


def round_trip(installation: sandbox.Running, connect: Connect) -> None:
    """Send, collect and finish."""
    installation.sterling.drop(ACK, "answer", b"an answer")
    with connect(finish_action="delete") as system:
        receipt = system.send(an_interchange(), Progress())
        [collected] = system.collect(ACK, nothing_seen)
        system.settle(collected, Outcome.PROCESSED)
        again = system.find(an_interchange())
    assert installation.sterling.payloads(OUTBOUND) == [CONTENT]
    assert again is not None
    assert again.remote_id == receipt.remote_id
    assert collected.content == b"an answer"
    assert messages_in(installation, ACK) == []


def test_each_switch_has_a_case(installation: sandbox.Running) -> None:
    assert set(installation.sterling.faults.board()) == {*HARMLESS, *STOPPING, *OF_THEIR_OWN}


@pytest.mark.parametrize("switch", HARMLESS)
def test_it_makes_no_difference(installation: sandbox.Running, connect: Connect, switch: str) -> None:
    installation.sterling.faults.set(switch, **HARMLESS[switch])
    round_trip(installation, connect)
    assert installation.sterling.mistakes == []


@pytest.mark.parametrize("mode", ["two_step", "batch"])
@pytest.mark.parametrize("form", ["relative", "internal", "header", "colons", "public"])
def test_every_form_of_location_in_both_ways_of_sending(
    installation: sandbox.Running, connect: Connect, form: str, mode: str
) -> None:
    installation.sterling.faults.set("location", form=form)
    with connect(upload_mode=mode) as system:
        receipt = system.send(an_interchange(), Progress())
    [message] = messages_in(installation)
    assert receipt.remote_id == str(message["id"])


@pytest.mark.parametrize("switch", STOPPING)
def test_it_stops_the_upload_with_a_reason_and_goes_through_afterwards(
    installation: sandbox.Running, connect: Connect, switch: str
) -> None:
    params, kind, said = STOPPING[switch]
    installation.sterling.faults.set(switch, **params)
    progress = Progress()
    with connect() as system, pytest.raises(kind) as failure:
        system.send(an_interchange(), progress)
    assert said in str(failure.value)
    assert messages_in(installation) == []

    installation.sterling.faults.clear()
    with connect() as system:
        system.send(an_interchange(progress=progress), progress)
    assert installation.sterling.payloads(OUTBOUND) == [CONTENT]


def test_an_html_page_for_401_is_a_refused_sign_in(installation: sandbox.Running, connect: Connect) -> None:
    installation.sterling.faults.set("unauthorized_page")
    wrong = {"username": sandbox.USERNAME, "password": "wrong"}
    with connect(credentials=wrong) as system, pytest.raises(NeedsSignIn):
        system.send(an_interchange(), Progress())
    assert len(installation.sterling.calls) == 1


@pytest.mark.parametrize(
    ("mode", "path", "kind"),
    [
        ("two_step", "*/documents/", Temporary),
        ("two_step", "*/mailboxmessages/", UnknownOutcome),
        ("batch", "*/messagebatches/", UnknownOutcome),
    ],
)
def test_a_reply_that_is_lost_after_the_commit_leaves_exactly_one_message(
    installation: sandbox.Running, connect: Connect, mode: str, path: str, kind: type[SystemFailure]
) -> None:
    installation.sterling.faults.set("reply_lost", times=1, method="POST", path=path)
    progress = Progress()
    with connect(upload_mode=mode) as system, pytest.raises(kind):
        system.send(an_interchange(), progress)

    with connect(upload_mode=mode) as system:
        interchange = an_interchange(progress=progress)
        found = system.find(interchange)
        receipt = found or system.send(interchange, progress)
    assert (found is None) == (kind is Temporary)
    [message] = messages_in(installation)
    assert receipt.remote_id == str(message["id"])
    assert installation.sterling.payloads(OUTBOUND) == [CONTENT]


def test_purged_content_is_passed_over_and_said(installation: sandbox.Running, connect: Connect) -> None:
    installation.sterling.drop(ACK, "gone", b"x")
    installation.sterling.faults.set("payload_purged")
    with connect() as system:
        assert list(system.collect(ACK, nothing_seen)) == []
        assert "its content has expired" in system.remarks[0]


@pytest.mark.parametrize("handling", ["drop", "phantom", "refuse"])
def test_a_mailbox_that_suppresses_duplicates_holds_ours_or_refuses_another(
    installation: sandbox.Running, connect: Connect, handling: str
) -> None:
    with connect() as system:
        first = system.send(an_interchange(), Progress())
        installation.sterling.faults.set("duplicate_name", handling=handling)
        again = system.send(an_interchange(), Progress())
        with pytest.raises(Rejected, match="Another message of the name"):
            system.send(an_interchange(content=b"something else"), Progress())
    assert again.remote_id == first.remote_id
    assert len(messages_in(installation)) == 1


STATUS: dict[str, tuple[Callable[[sandbox.Running], None], dict[str, Any], str]] = {
    "routing_fails": (
        lambda running: running.sterling.faults.set("routing_fails"),
        {"status_source": "file_gateway", "state_map": ["Failed=rejected"]},
        "rejected",
    ),
    "workflow_state": (
        lambda running: running.sterling.faults.set("workflow_state", state="Error"),
        {"status_source": "workflow"},
        "rejected",
    ),
}


@pytest.mark.parametrize("switch", STATUS)
def test_what_fails_after_the_upload_is_seen_in_the_state(
    installation: sandbox.Running, connect: Connect, switch: str
) -> None:
    arm, settings, meaning = STATUS[switch]
    arm(installation)
    with connect(**settings) as system:
        receipt = system.send(an_interchange(), Progress())
        installation.sterling.tick()
        state = system.status(Receipt(remote_id=receipt.remote_id, place=OUTBOUND, name=receipt.name))
    assert state is not None
    assert state.meaning == meaning


@pytest.mark.parametrize("spelling", ["mailboxmessages", "mailboxMessages"])
def test_both_spellings_of_the_path(installation: sandbox.Running, connect: Connect, spelling: str) -> None:
    with connect(resource_paths=[f"mailboxmessages={spelling}"]) as system:
        system.send(an_interchange(), Progress())
    assert any(f"/{spelling}/" in call["path"] for call in installation.sterling.calls)
    assert installation.sterling.payloads(OUTBOUND) == [CONTENT]
