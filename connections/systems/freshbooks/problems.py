"""What FreshBooks says when it says no, in all the shapes its endpoint families use.

`problems_in` reads a body of any family and age; `failure_of` decides what it means for us. An error may come
with HTTP 200, so every answer is looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connections.systems.base import (
    Misconfigured,
    NeedsSignIn,
    NotIncluded,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from connections.systems.http import Answer

SIGN_IN = "Open the connection and choose “Connect FreshBooks” to sign in again."
ASK_OWNER = "Ask an owner of the FreshBooks business for the permission, or sign in as somebody who has it."
TELL_SUPPORT = "This is a fault of ours: please tell support."

UNKNOWN_RECORD, DELETED_RECORD = 1012, 1011
ACCESS_DENIED, INACTIVE_ACCOUNT = 1003, 1042

# Features that are not in every FreshBooks plan, by the errno that says so.
GATES = {12001: "items", 41001: "bills", 31001: "vendors", 41101: "bill payments"}

# What is wrong with a value: the words that follow the name of the field.
VALUE_ERRORS = {
    1001: "is missing",
    1004: "has a value that is not allowed",
    1005: "cannot be understood",
    1006: "cannot be understood",
    1007: "is a date range whose end is before its start",
    1011: "refers to something that was deleted",
    1012: "refers to something that does not exist",
    1015: "is not a number",
    1016: "is not a date and time",
    1017: "is too long",
    1018: "is not a percentage",
    1025: "is negative",
    1026: "names the same tax twice",
    1029: "is used already",
    1031: "is not yes or no",
    1033: "is not a date",
    1036: "has a character that FreshBooks does not accept",
    1038: "is set by FreshBooks itself and cannot be written",
    1040: "makes a total that is not valid",
}
# Our own question was wrong: page, page size or filter.
QUESTION_ERRORS = frozenset({1013, 1014, 1023, 1024, 1032, 1034, 1037})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that FreshBooks complains about; `errno` is 0 when it gave none."""

    errno: int = 0
    message: str = ""
    field: str = ""
    object: str = ""

    @property
    def is_unknown_record(self) -> bool:
        return self.errno in (UNKNOWN_RECORD, DELETED_RECORD)


def problems_in(body: Any, *, ok: bool) -> tuple[Problem, ...]:
    """The problems stated in a decoded body; empty if it states none.

    `ok` tells whether the status was 2xx: then only what cannot be anything but an error counts.
    """
    if not isinstance(body, dict):
        return ()
    response = body.get("response")
    if isinstance(response, dict) and response.get("errors"):
        return tuple(map(_classic, _as_list(response["errors"])))
    if ok and ("response" in body or "data" in body or "access_token" in body):
        return ()
    if body.get("errors"):
        return tuple(_of_businesses(body["errors"]))
    if isinstance(body.get("details"), list):
        return tuple(_with_details(body)) or (_plain(body),)
    if {"error", "errno", "error_type"} & body.keys() or ("message" in body and not ok):
        return tuple(_fields_of(body["error"])) if isinstance(body.get("error"), dict) else (_plain(body),)
    return ()


def is_unauthorised(answer: Answer, problems: tuple[Problem, ...]) -> bool:
    """The access token was not accepted: refresh it and try once more."""
    return answer.status == 401 or any(problem.errno == 401 for problem in problems)


def is_unknown_record(answer: Answer, problems: tuple[Problem, ...]) -> bool:
    """The record that was asked for by its id does not exist (any more)."""
    return answer.status == 404 or any(problem.is_unknown_record for problem in problems)


def failure_of(answer: Answer, problems: tuple[Problem, ...], *, what: str) -> SystemFailure:
    """The failure that an answer with an error status or with problems amounts to.

    `what` names the thing that was asked for or written, in words ("the payment").
    """
    detail = answer.excerpt()
    return (
        _by_status(answer, detail, what)
        or _by_permission(answer, problems, detail, what)
        or _by_content(problems, detail, what)
    )


def _by_status(answer: Answer, detail: str, what: str) -> SystemFailure | None:
    status = answer.status
    if status == 401:
        return NeedsSignIn("FreshBooks does not accept our sign-in any more.", remedy=SIGN_IN, detail=detail)
    if status == 429:
        wait = answer.retry_after or timedelta(minutes=1)
        return Temporary(
            "FreshBooks asks us to slow down; work goes on by itself.", retry_after=wait, detail=detail
        )
    if status == 409:
        return Temporary(f"Somebody else is changing {what} at this moment.", detail=detail)
    if status in (408, 425):
        return Temporary("FreshBooks was too slow to take the request.", detail=detail)
    if status >= 500:
        text = f"FreshBooks had an error of its own (HTTP {status})."
        if answer.repeatable:
            return Temporary(text, retry_after=answer.retry_after, detail=detail)
        return UnknownOutcome(f"{text} Whether {what} was stored is not known.", detail=detail)
    if 300 <= status < 400:
        return Misconfigured(
            "FreshBooks sends us to another address.",
            remedy="Support: check FRESHBOOKS_API_URL.",
            detail=detail,
        )
    return None


def _by_permission(
    answer: Answer, problems: tuple[Problem, ...], detail: str, what: str
) -> SystemFailure | None:
    numbers = {problem.errno for problem in problems}
    if 401 in numbers:
        return NeedsSignIn("FreshBooks does not accept our sign-in any more.", remedy=SIGN_IN, detail=detail)
    if gate := next((GATES[number] for number in numbers if number in GATES), ""):
        return NotIncluded(
            f"The FreshBooks plan of this business does not include {gate}.",
            remedy="Choose a plan that does, or switch off the routes that need it.",
            detail=detail,
        )
    if INACTIVE_ACCOUNT in numbers:
        return Misconfigured(
            "The FreshBooks account is not active.",
            remedy="Activate it in FreshBooks under billing, then test the connection.",
            detail=detail,
        )
    if ACCESS_DENIED in numbers or (answer.status == 403 and not numbers & VALUE_ERRORS.keys()):
        return Misconfigured(f"FreshBooks does not let us use {what}.", remedy=ASK_OWNER, detail=detail)
    return None


def _by_content(problems: tuple[Problem, ...], detail: str, what: str) -> SystemFailure:
    if any(problem.errno in QUESTION_ERRORS for problem in problems):
        text = "FreshBooks did not understand our question."
        return Rejected(text, remedy=TELL_SUPPORT, detail=detail)
    said = "; ".join(map(_sentence, problems)) or "it gives no reason"
    remedy = "Correct it, then replay."
    if any(problem.errno == 1038 for problem in problems):
        remedy = TELL_SUPPORT
    return Rejected(f"FreshBooks refuses {what}: {said}.", remedy=remedy, detail=detail)


def _sentence(problem: Problem) -> str:
    name = problem.field.replace("_", " ")
    words = VALUE_ERRORS.get(problem.errno)
    message = problem.message.rstrip(".")
    if words and name:
        return f"“{name}” {words}" + (f" ({message})" if message else "")
    return f"{name}: {message}" if name and message else message or name or f"error {problem.errno}"


def _classic(error: Any) -> Problem:
    if not isinstance(error, dict):
        return Problem(message=_text(error))
    return Problem(
        errno=_number(error.get("errno")),
        message=_text(error.get("message")),
        field=_text(error.get("field")),
        object=_text(error.get("object")),
    )


def _of_businesses(errors: Any) -> Iterator[Problem]:
    """The shape of /accounting/businesses: a message with details; tolerates a bare list."""
    if not isinstance(errors, dict):
        yield from map(_classic, _as_list(errors))
        return
    details = [detail for detail in _as_list(errors.get("details")) if isinstance(detail, dict)]
    for detail in details:
        metadata = _mapping(detail.get("metadata"))
        message = _text(metadata.get("message")) or _text(detail.get("reason"))
        yield Problem(_number(detail.get("reason")), message, _text(metadata.get("field")))
    if not details:
        yield Problem(message=_text(errors.get("message")))


def _with_details(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Google style (accounting 2022 to 2024, older events) and the events of today."""
    for detail in body["details"]:
        if isinstance(detail, str):
            field, colon, message = detail.partition(": ")
            yield Problem(_number(body.get("errno")), message if colon else detail, field if colon else "")
        elif isinstance(detail, dict) and "fieldViolations" in detail:
            for violation in map(_mapping, _as_list(detail["fieldViolations"])):
                yield Problem(0, _text(violation.get("description")), _text(violation.get("field")))
        elif isinstance(detail, dict):
            yield _classic({**_mapping(detail.get("metadata")), "errno": detail.get("reason")})


def _fields_of(errors: Mapping[str, Any]) -> Iterator[Problem]:
    """Projects: one text per field."""
    for field, message in errors.items():
        yield Problem(0, _text(message), _text(field))


def _plain(body: Mapping[str, Any]) -> Problem:
    message = _text(body.get("error_description")) or _text(body.get("message")) or _text(body.get("error"))
    return Problem(_number(body.get("errno")), message)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _text(value: Any) -> str:
    """Words for people out of whatever stands there, bounded and without control characters."""
    if value is None:
        return ""
    return "".join(c if c.isprintable() else " " for c in str(value))[:300].strip()
