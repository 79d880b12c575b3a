"""What a client of Cleo gets wrong when it is written in good faith: one specification for each mistake.

The stand-in notes mistakes (`mistakes`), so that each of these fails if the client does the obvious thing.
"""

import pytest

from connections.models import Connection
from connections.sandbox import cleo as sandbox
from connections.systems.base import NeedsSignIn, Rejected, Temporary
from connections.systems.cleo.settings import Settings
from tests.cleo.conftest import CONTENT, DOWNLOAD, UPLOAD, Connect, Progress, an_interchange, calls_to, look

pytestmark = pytest.mark.django_db


def test_1_the_token_is_asked_for_by_a_form_and_in_the_name_of_no_client(
    running: sandbox.Running, connect: Connect
) -> None:
    # The password has &, @, + and % in it, which break a form that is put together by hand.
    with connect() as system:
        look(system)

    assert running.cleo.access.logins == 1
    assert running.cleo.mistakes == []


def test_2_the_token_path_is_the_confirmed_one_and_api_is_joined_once(
    running: sandbox.Running, connect: Connect
) -> None:
    with connect(base_url=f"{running.url}/api/") as system:
        look(system)

    [call] = calls_to(running, "authentication")
    assert call["path"] == "/api/authentication"
    assert not calls_to(running, "/api/api")
    assert running.cleo.mistakes == []


def test_3_a_token_is_all_that_a_token_answer_needs_to_hold(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.faults.set("token_without_expiry")
    with connect(refresh_supported=True) as system:
        look(system)
        running.cleo.access.revoke_all()
        look(system)

    assert running.cleo.access.logins == 2


def test_4_a_refused_login_is_not_repeated_and_the_account_not_locked(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.faults.set("password_expired", times=1)
    for _ in range(10):
        with connect() as system, pytest.raises(NeedsSignIn):
            look(system)

    assert running.cleo.access.refusals == 1
    # That people are warned ahead of the sixtieth day is told in test_sign_in.py.


def test_5_we_upload_to_the_folder_for_uploads_under_a_name_that_is_allowed(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.allowed = ("*.edi",)
    with connect(allowed_types=["*.edi"]) as system:
        system.send(an_interchange(), Progress())
        with pytest.raises(Rejected):
            system.send(an_interchange(name="810.x12"), Progress())

    assert Settings().outbound_folder == UPLOAD
    assert running.cleo.mistakes == []
    assert len(calls_to(running, UPLOAD)) == 1


def test_6_an_action_that_ran_has_not_succeeded(running: sandbox.Running, connect: Connect) -> None:
    running.cleo.faults.set("action_fails", times=1)
    run_path = running.cleo.shape.run_path.replace("<action>", "7")
    with connect(run_path=run_path) as system, pytest.raises(Temporary, match="ended with “error”"):
        system.send(an_interchange(), Progress())


def test_7_a_name_that_comes_again_is_not_skipped(running: sandbox.Running, connect: Connect) -> None:
    seen: set[str] = set()
    contents = []
    for day in (b"monday", b"tuesday", b"wednesday"):
        running.cleo.drop(DOWNLOAD, "acknowledgements.edi", day)
        with connect() as system:
            [collected] = look(system, seen)
        seen.add(collected.key)
        contents.append(collected.content)

    assert contents == [b"monday", b"tuesday", b"wednesday"]


def test_8_an_empty_post_says_that_it_is_json_and_409_is_looked_into(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.faults.set("content_type_demanded")
    running.cleo.faults.set("name_taken")
    run_path = running.cleo.shape.run_path.replace("<action>", "7")
    with connect(run_path=run_path) as system:
        first = system.send(an_interchange(), Progress())
        again = system.send(an_interchange(), Progress())
        with pytest.raises(Rejected, match="Another file of the name"):
            system.send(an_interchange(content=CONTENT + b"!"), Progress())

    assert again.remote_id == first.remote_id
    assert len(running.cleo.uploads) == 1
    assert running.cleo.mistakes == []


def test_9_bytes_are_bytes_both_ways(running: sandbox.Running, connect: Connect) -> None:
    with connect() as system:
        system.send(an_interchange(), Progress())
        [there] = look(system, place=UPLOAD)

    assert there.content == CONTENT
    assert Connection.unscoped.get().settings["transport"] == "rest"
