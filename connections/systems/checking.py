"""How a connection test runs: one question after the other, until one is answered with no."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connections.systems.base import Step, StepState, SystemFailure

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """`ask` returns the sentence to show, or raises the `SystemFailure` that stops the test.

    A failure may have a `step_detail` (JSON-able) with what a person needs to put it right.
    """

    key: str
    title: str
    ask: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Answer:
    state: StepState
    text: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def run(questions: Callable[[], Sequence[Question]]) -> Iterator[Step]:
    """Each step as soon as it is known; after a failure the rest is not run. Never raises.

    `questions` may raise a `SystemFailure` for settings that cannot be read.
    """
    failed = False
    for question in _prepared(questions):
        answer = _Answer(StepState.NOT_RUN, "Not tried.") if failed else _answer(question)
        failed = answer.state != StepState.PASSED
        yield Step(
            key=question.key, title=question.title, state=answer.state, text=answer.text, detail=answer.detail
        )


def _prepared(questions: Callable[[], Sequence[Question]]) -> Sequence[Question]:
    try:
        return questions()
    except SystemFailure as failure:
        problem = failure

        def say() -> str:
            raise problem

        return [Question("settings", "Can the settings be used?", say)]


def _answer(question: Question) -> _Answer:
    try:
        return _Answer(StepState.PASSED, question.ask())
    except SystemFailure as failure:
        detail = {"failure": type(failure).__name__, "technical": failure.detail}
        detail |= getattr(failure, "step_detail", {})
        return _Answer(StepState.FAILED, f"{failure} {failure.remedy}".strip(), detail)
    except Exception:
        log.exception("a connection test failed in an unforeseen way")
        return _Answer(StepState.FAILED, "The test itself failed. Our support staff can see why in the log.")
