"""The connection test: each step in words, and what to do."""

import pytest

from connections.models import Connection, SystemKind
from connections.sandbox import cleo as sandbox
from connections.systems.base import Step, StepState
from connections.systems.cleo.system import Cleo
from tenants.models import Tenant
from tests.cleo.conftest import Connect, sftp_settings

pytestmark = pytest.mark.django_db


def steps_of(system: Cleo) -> list[Step]:
    with system:
        return list(system.check())


def failed_step(steps: list[Step]) -> Step:
    [failed] = [step for step in steps if step.state == StepState.FAILED]
    assert all(step.state == StepState.NOT_RUN for step in steps[steps.index(failed) + 1 :])
    return failed


def test_every_step_passes_and_leaves_nothing_behind(running: sandbox.Running, connect: Connect) -> None:
    steps = steps_of(connect(archive_mode="move", test_writes=True))

    assert {step.state for step in steps} == {StepState.PASSED}, steps
    assert [step.key for step in steps] == [
        "profile",
        "resolve",
        "reach",
        "secure",
        "sign_in",
        "outbound",
        "inbound",
        "archive",
        "write",
    ]
    assert running.cleo.listing() == []
    assert running.cleo.mistakes == []


def test_over_sftp_it_is_the_test_of_sftp(running: sandbox.Running, tenant: Tenant) -> None:
    connection = Connection(
        tenant=tenant,
        system=SystemKind.CLEO,
        settings=sftp_settings(running, archive_mode="move"),
        credentials={"password": sandbox.PASSWORD},
    )
    steps = steps_of(Cleo(connection))

    assert {step.state for step in steps} == {StepState.PASSED}, steps
    assert "host_key" in [step.key for step in steps]


def test_a_server_that_nobody_has_confirmed_shows_its_keys(running: sandbox.Running, tenant: Tenant) -> None:
    settings = sftp_settings(running, host_keys=[])
    connection = Connection(tenant=tenant, system=SystemKind.CLEO, settings=settings)

    assert failed_step(steps_of(Cleo(connection))).detail["host_keys"]


@pytest.mark.parametrize(
    ("wrong", "key", "said"),
    [
        ({"list_path": ""}, "profile", "Ask the administrator of the tenant"),
        ({"base_url": "https://cleo.invalid"}, "resolve", "cannot be found"),
        ({"inbound_folder": "nowhere"}, "inbound", "knows no folder “nowhere”"),
        ({"item_name": "other"}, "outbound", "not as the profile says"),
        ({"token_path": "/api/other"}, "sign_in", "the token path is /api/authentication"),
    ],
    ids=range(5),
)
def test_what_is_wrong_is_said_at_its_step(
    running: sandbox.Running, connect: Connect, wrong: dict[str, str], key: str, said: str
) -> None:
    running.cleo.drop("upload", "a.edi", b"1")

    failed = failed_step(steps_of(connect(**wrong)))

    assert failed.key == key
    assert said in failed.text


def test_settings_that_cannot_be_read_are_a_step(connect: Connect) -> None:
    assert failed_step(steps_of(connect(page_size="many"))).key == "settings"


def test_an_allowed_file_type_that_refuses_our_names_is_found_by_the_probe(
    running: sandbox.Running, connect: Connect
) -> None:
    running.cleo.allowed = ("*.txt",)

    failed = failed_step(steps_of(connect(test_writes=True)))

    assert failed.key == "write"
    assert "File type not allowed" in failed.text
