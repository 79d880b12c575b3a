"""The connection test: each step in words, and what to do."""

import pytest

from connections.sandbox import sps_commerce as sandbox
from connections.systems.base import Step, StepState
from connections.systems.sps_commerce.system import SpsCommerce
from tests.sps_commerce.conftest import Connect


def steps_of(system: SpsCommerce) -> list[Step]:
    with system:
        return list(system.check())


def failed_step(steps: list[Step]) -> Step:
    [failed] = [step for step in steps if step.state == StepState.FAILED]
    assert all(step.state == StepState.NOT_RUN for step in steps[steps.index(failed) + 1 :])
    return failed


def test_every_step_passes_and_nothing_is_written(sps: sandbox.Running, connect: Connect) -> None:
    steps = steps_of(connect())

    keys = [step.key for step in steps]
    assert keys == ["resolve", "reach", "token", "sign_in", "mailbox", "outbound", "inbound-out/", "history"]
    assert {step.state for step in steps} == {StepState.PASSED}
    assert {call["method"] for call in sps.sps.calls} == {"GET"}
    assert sps.sps.mistakes == []


def test_an_account_that_was_not_activated_says_so(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("not_activated")

    failed = failed_step(steps_of(connect()))

    assert failed.key == "mailbox"
    assert "activate" in failed.text


def test_a_missing_directory_is_named_with_those_that_are_there(connect: Connect) -> None:
    failed = failed_step(steps_of(connect(outbound_directory="IN/")))

    assert failed.key == "outbound"
    assert "“IN/”" in failed.text
    assert "There are: in/, out/" in failed.text


def test_the_wrong_type_of_application_is_explained(sps: sandbox.Running, connect: Connect) -> None:
    sps.auth.faults.set("wrong_application")

    failed = failed_step(steps_of(connect()))

    assert failed.key == "token"
    assert "machine-to-machine" in failed.text


def test_a_token_that_the_api_refuses_fails_at_the_sign_in(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("unauthorized")

    assert failed_step(steps_of(connect())).key == "sign_in"


def test_without_a_way_to_check_a_token_the_root_does(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("html_error", status=404, path="/auth-check")

    assert {step.state for step in steps_of(connect())} == {StepState.PASSED}


def test_a_history_that_may_not_be_read_does_not_stop_it(sps: sandbox.Running, connect: Connect) -> None:
    sps.sps.faults.set("forbidden", path="*/history")

    history = steps_of(connect())[-1]

    assert history.state == StepState.PASSED
    assert "for a person" in history.text


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"api_url": "https://no-such-host.invalid"}, "resolve"),
        ({"auth_url": "https://127.0.0.1:1"}, "reach"),
        ({"api_url": "api.spscommerce.com"}, "settings"),
        ({"page_size": "many"}, "settings"),
    ],
)
def test_a_wrong_address_or_setting_is_said_at_its_step(
    connect: Connect, wrong: dict[str, object], step: str
) -> None:
    assert failed_step(steps_of(connect(**wrong))).key == step
