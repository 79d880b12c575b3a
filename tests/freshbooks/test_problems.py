"""Every shape in which FreshBooks says no, and what each means for us."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.systems.base import (
    Misconfigured,
    NeedsSignIn,
    NotIncluded,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from connections.systems.freshbooks.problems import (
    GATES,
    QUESTION_ERRORS,
    VALUE_ERRORS,
    Problem,
    failure_of,
    problems_in,
)
from connections.systems.http import Answer
from tests.freshbooks.untimed import untimed


def answer(
    status: int, body: Any = None, *, repeatable: bool = True, headers: dict[str, str] | None = None
) -> Answer:
    return Answer(
        system="FreshBooks",
        status=status,
        headers=headers or {},
        content=json.dumps(body).encode(),
        request_id="r1",
        repeatable=repeatable,
    )


CLASSIC = {
    "errno": 1012,
    "field": "userid",
    "message": "Client not found.",
    "object": "client",
    "value": None,
}
SHAPES = {
    "classic": ({"response": {"errors": [CLASSIC]}}, Problem(1012, "Client not found.", "userid", "client")),
    "classic, one object": (
        {"response": {"errors": CLASSIC}},
        Problem(1012, "Client not found.", "userid", "client"),
    ),
    "google style": (
        {
            "code": 5,
            "message": "Request failed with status_code: 404",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "1012",
                    "domain": "accounting.api.freshbooks.com",
                    "metadata": {
                        "object": "item",
                        "field": "itemid",
                        "message": "Item not found.",
                        "value": "123",
                    },
                }
            ],
        },
        Problem(1012, "Item not found.", "itemid", "item"),
    ),
    "businesses": (
        {
            "errors": {
                "message": "Request failed with status code 400",
                "status": 400,
                "details": [
                    {
                        "reason": "name: This field is required.",
                        "metadata": {"field": "name", "message": "This field is required."},
                    }
                ],
            }
        },
        Problem(0, "This field is required.", "name"),
    ),
    "businesses without details": ({"errors": {"message": "Nope", "status": 404}}, Problem(0, "Nope")),
    "events": (
        {"errno": 422, "message": "The request was well-formed", "details": ["uri: Input should be a URL"]},
        Problem(422, "Input should be a URL", "uri"),
    ),
    "events, no details": (
        {"errno": 404, "message": "Requested resource could not be found."},
        Problem(404, "Requested resource could not be found."),
    ),
    "events, older": (
        {
            "code": 3,
            "message": "Request failed.",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [{"field": "event", "description": "Unrecognized event."}],
                }
            ],
        },
        Problem(0, "Unrecognized event.", "event"),
    ),
    "projects, text": ({"error": "Not here."}, Problem(0, "Not here.")),
    "projects, message": ({"message": "Not here."}, Problem(0, "Not here.")),
    "projects, fields": ({"errno": 2001, "error": {"title": "missing"}}, Problem(0, "missing", "title")),
    "online payments": ({"error_type": "not_found", "message": "Gone."}, Problem(0, "Gone.")),
    "auth": (
        {"error": "unauthenticated", "error_description": "Please sign in."},
        Problem(0, "Please sign in."),
    ),
}


@pytest.mark.parametrize(("body", "problem"), SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_is_understood(body: dict[str, Any], problem: Problem) -> None:
    assert problems_in(body, ok=False) == (problem,)


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - {"projects, message"}))
def test_every_shape_is_an_error_with_http_200_too(name: str) -> None:
    assert problems_in(SHAPES[name][0], ok=True) == (SHAPES[name][1],)


@pytest.mark.parametrize(
    "body",
    [
        {"response": {"result": {"invoices": []}}},
        {"response": {"errors": []}},
        {"response": {"id": 1, "error": "no error"}},
        {"data": [], "message": "ok"},
        {"message": "fine"},
        {"access_token": "a", "error": ""},
        {},
        [],
        None,
        "text",
    ],
)
def test_what_is_no_error_is_not_taken_for_one(body: Any) -> None:
    assert problems_in(body, ok=True) == ()


@pytest.mark.parametrize(
    ("status", "errno", "kind"),
    [
        (401, 0, NeedsSignIn),
        (200, 401, NeedsSignIn),
        (409, 0, Temporary),
        (408, 0, Temporary),
        (429, 0, Temporary),
        (500, 0, Temporary),
        (503, 0, Temporary),
        (302, 0, Misconfigured),
        (403, 0, Misconfigured),
        (200, 1003, Misconfigured),
        (422, 1042, Misconfigured),
        (403, 1038, Rejected),
        (422, 1001, Rejected),
        (404, 0, Rejected),
        (400, 0, Rejected),
        (200, 999999, Rejected),
        *((200, errno, NotIncluded) for errno in GATES),
        *((422, errno, Rejected) for errno in VALUE_ERRORS),
        *((422, errno, Rejected) for errno in sorted(QUESTION_ERRORS)),
    ],
)
def test_every_status_and_errno_has_its_failure(status: int, errno: int, kind: type[SystemFailure]) -> None:
    problem = Problem(errno, "FreshBooks said so", "amount")
    failure = failure_of(answer(status), (problem,) if errno else (), what="the payment")
    assert type(failure) is kind
    assert str(failure).endswith((".", "!"))
    assert kind is Temporary or failure.remedy


def test_a_server_error_on_a_write_that_must_not_be_repeated_leaves_the_outcome_unknown() -> None:
    failure = failure_of(answer(500, repeatable=False), (), what="the payment")
    assert isinstance(failure, UnknownOutcome)


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), (None, 60), ("99999", 3600)])
def test_a_rate_limit_says_how_long_to_wait(header: str | None, seconds: int) -> None:
    headers = {"Retry-After": header} if header else {}
    failure = failure_of(answer(429, headers=headers), (), what="the payment")
    assert isinstance(failure, Temporary)
    assert failure.retry_after == timedelta(seconds=seconds)


def test_a_refusal_names_field_and_reason_in_words() -> None:
    problem = Problem(1015, "Value must be a number.", "unit_cost", "invoice")
    failure = failure_of(answer(422), (problem, Problem(1001, "", "date")), what="the payment")
    assert str(failure) == (
        "FreshBooks refuses the payment: “unit cost” is not a number (Value must be a number); "
        "“date” is missing."
    )


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["response", "errors", "error", "errno", "message", "details", "metadata", "reason"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@untimed
@given(junk, st.sampled_from([200, 400, 401, 403, 404, 422, 429, 500]))
def test_hostile_bodies_are_read_without_harm(body: Any, status: int) -> None:
    problems = problems_in(body, ok=status == 200)
    assert str(failure_of(answer(status, body), problems, what="the payment"))
