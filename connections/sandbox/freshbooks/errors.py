"""How each family of FreshBooks endpoints says no.

One exception carries what is wrong; which JSON it becomes depends on the path it happened under, and on
the switches for shapes that FreshBooks used at other times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from connections.sandbox.common import Faults, json_response

REQUIRED, DENIED, INVALID, UNPARSED = 1001, 1003, 1004, 1005
DELETED, UNKNOWN = 1011, 1012
BAD_PER_PAGE, BAD_PAGE, NOT_A_NUMBER, BAD_DATETIME, TOO_LONG, BAD_PERCENT = 1013, 1014, 1015, 1016, 1017, 1018
DUPLICATE, BAD_BOOLEAN, BAD_DATE, READ_ONLY = 1029, 1031, 1033, 1038


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request."""

    errno: int
    message: str
    field: str | None = None
    object: str | None = None
    value: Any = None


class Refused(HTTPException):
    """The request is refused with an HTTP status and at least one problem."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(description="; ".join(problem.message for problem in problems))
        self.code = status
        self.problems = problems


class Unauthenticated(HTTPException):
    """No access token, or one that is unknown, expired or revoked."""

    code = 401


def declare(faults: Faults) -> None:
    """The switches for error shapes."""
    faults.declare("errors_at_200", "Accounting errors arrive with HTTP status 200.")
    faults.declare("errors_as_object", "Accounting errors arrive as one object instead of a list.")
    faults.declare("errors_google_style", "Accounting errors in the shape used from 2022 to April 2024.")
    faults.declare("events_errors_old_style", "Callback errors in the shape used before April 2024.")


def render(error: HTTPException, path: str, faults: Faults) -> Response:
    """The answer of the endpoint family that `path` belongs to."""
    status = error.code or 500
    problems = _problems_of(error)
    if path.startswith("/events/"):
        return _events(status, problems, faults)
    if isinstance(error, Unauthenticated):
        return unauthenticated()
    if path.startswith("/accounting/account/"):
        return _accounting(status, problems, faults)
    if path.startswith("/accounting/"):
        return _businesses(status, problems)
    return json_response({"message": problems[0].message}, status)


def unauthenticated() -> Response:
    """The 401 of the accounting and auth families."""
    description = "This action requires authentication to continue."
    return json_response({"error": "unauthenticated", "error_description": description}, 401)


def _problems_of(error: HTTPException) -> Sequence[Problem]:
    if isinstance(error, Refused):
        return error.problems
    errno = UNKNOWN if error.code in {404, 405} else INVALID
    return [Problem(errno, error.description or error.name)]


def _accounting(status: int, problems: Sequence[Problem], faults: Faults) -> Response:
    if faults.take("errors_google_style"):
        details = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": str(problem.errno),
                "domain": "accounting.api.freshbooks.com",
                "metadata": {
                    "object": problem.object,
                    "field": problem.field,
                    "message": problem.message,
                    "value": None if problem.value is None else str(problem.value),
                },
            }
            for problem in problems
        ]
        message = f"Request failed with status_code: {status}"
        return json_response(
            {"code": 5 if status == 404 else 3, "message": message, "details": details}, status
        )
    errors: list[dict[str, Any]] | dict[str, Any] = [vars(problem) for problem in problems]
    if faults.take("errors_as_object"):
        errors = vars(problems[0])
    if faults.take("errors_at_200"):
        status = 200
    return json_response({"response": {"errors": errors}}, status)


def _businesses(status: int, problems: Sequence[Problem]) -> Response:
    details = [
        {
            "reason": f"{problem.field}: {problem.message}" if problem.field else problem.message,
            "metadata": {"field": problem.field, "message": problem.message},
        }
        for problem in problems
    ]
    message = f"Request failed with status code {status}"
    return json_response({"errors": {"message": message, "status": status, "details": details}}, status)


def _events(status: int, problems: Sequence[Problem], faults: Faults) -> Response:
    if faults.take("events_errors_old_style"):
        violations = [{"field": problem.field, "description": problem.message} for problem in problems]
        details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
        return json_response({"code": 3, "message": "Request failed.", "details": details}, status)
    if status == 401:
        message = "invalid_token: The request token failed to authenticate or validate."
    elif status == 404:
        message = "Requested resource could not be found."
    elif status == 422:
        message = "The request was well-formed but was unable to be followed due to semantic errors."
    else:
        message = problems[0].message
    body: dict[str, Any] = {"errno": status, "message": message}
    if status == 422:
        body["details"] = [f"{problem.field}: {problem.message}" for problem in problems]
    return json_response(body, status)
