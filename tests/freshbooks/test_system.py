"""The connection test, and FreshBooks as the pipeline uses it."""

from datetime import date
from typing import Any

import pytest

from connections.models import AccessToken, Callback, Connection
from connections.sandbox.common import Server
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.base import StepState
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system

pytestmark = pytest.mark.django_db

PASSED, FAILED, NOT_RUN = StepState.PASSED, StepState.FAILED, StepState.NOT_RUN


def check(connection: Connection) -> dict[str, tuple[StepState, str]]:
    with FreshBooks(connection) as system:
        return {step.key: (step.state, step.text) for step in system.check()}


def test_everything_in_order(connection: Connection) -> None:
    Callback.objects.create(connection=connection, event="invoice", token_hash="h", is_verified=True)
    steps = check(connection)
    assert {state for state, _ in steps.values()} == {PASSED}
    assert list(steps) == [
        "configured",
        "name",
        "reached",
        "signed_in",
        "business",
        "read_invoices",
        "read_clients",
        "read_payments",
        "read_bills",
        "read_bill_vendors",
        "webhooks",
    ]
    assert steps["signed_in"][1] == "Ada Byron is signed in."
    assert steps["business"][1] == "Byron Supply, as its owner."


def failing(steps: dict[str, tuple[StepState, str]], key: str) -> str:
    """The text of the one step that failed, all before it passed and none after it run."""
    keys = list(steps)
    at = keys.index(key)
    assert [steps[k][0] for k in keys[:at]] == [PASSED] * at
    assert [steps[k][0] for k in keys[at:]] == [FAILED] + [NOT_RUN] * (len(keys) - at - 1)
    return steps[key][1]


def test_an_installation_without_an_app(connection: Connection, settings: Any) -> None:
    settings.FRESHBOOKS_CLIENT_ID = ""
    assert "FRESHBOOKS_CLIENT_ID" in failing(check(connection), "configured")


def test_an_address_that_is_not_known(connection: Connection, settings: Any) -> None:
    settings.FRESHBOOKS_API_URL = "https://freshbooks.invalid"
    assert "cannot be found" in failing(check(connection), "name")


def test_freshbooks_does_not_answer(connection: Connection, server: Server) -> None:
    server.stop()
    assert "refuses connections" in failing(check(connection), "reached")


def test_freshbooks_has_an_error_of_its_own(connection: Connection, books: Books) -> None:
    books.faults.set("server_error", status=503)
    assert "error of its own (HTTP 503)" in failing(check(connection), "reached")


def test_nobody_is_signed_in(connection: Connection) -> None:
    AccessToken.objects.all().delete()
    assert "Nobody is signed in" in failing(check(connection), "signed_in")


def test_the_sign_in_was_ended(connection: Connection, books: Books) -> None:
    books.oauth.clear()
    assert "has ended our sign-in" in failing(check(connection), "signed_in")


def test_no_business_is_chosen(connection: Connection) -> None:
    connection.settings = {}
    assert "No FreshBooks business is chosen" in failing(check(connection), "business")


def test_the_person_does_not_belong_to_the_business_any_more(connection: Connection, books: Books) -> None:
    books.faults.set("client_role_only")
    assert "does not belong to the chosen business" in failing(check(connection), "business")


def test_a_permission_is_missing(connection: Connection, books: Books) -> None:
    books.faults.set("scope_missing", scope="user:clients:read")
    assert "does not let us use the client" in failing(check(connection), "read_clients")


def test_what_the_plan_does_not_include_is_said_and_is_no_failure(
    connection: Connection, books: Books
) -> None:
    books.faults.set("feature_gate", resource="bills")
    steps = check(connection)
    assert FAILED not in [state for state, _ in steps.values()]
    assert steps["read_bills"] == (
        NOT_RUN,
        "The FreshBooks plan of this business does not include bills. Routes that need it cannot be used.",
    )
    assert steps["read_bill_vendors"][0] == PASSED


@pytest.mark.parametrize(
    ("registered", "words"), [(False, "Not set up yet"), (True, "not confirmed our address")]
)
def test_webhooks_that_are_not_there_yet(connection: Connection, registered: bool, words: str) -> None:
    if registered:
        Callback.objects.create(connection=connection, event="invoice", token_hash="h")
    state, text = check(connection)["webhooks"]
    assert state == NOT_RUN
    assert words in text


def test_the_registry_opens_it_and_the_pipeline_reads_through_it(
    connection: Connection, books: Books
) -> None:
    with open_system(connection) as system:
        assert isinstance(system, FreshBooks)
        record = system.fetch("invoice", "90001")
        assert record is not None
        pages = list(system.changes("invoices", {}))
        assert pages[-1][1]["since"]
        found, parts = system.between("invoices", date(2026, 2, 2), date(2026, 2, 2), 1)
        assert ([one.source_id for one in found], parts) == (["90001"], 1)
