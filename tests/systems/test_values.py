"""Settings and credentials as typed values: what is missing, unknown, written as text, or wrong."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from connections.systems.base import Misconfigured
from connections.systems.values import typed


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Sample:
    host: str = "localhost"
    port: int = 22
    loud: bool = False
    colour: Colour = Colour.RED
    keys: tuple[str, ...] = ()


def test_what_is_missing_or_null_takes_its_default_and_what_is_unknown_is_left_alone() -> None:
    assert typed(Sample, {"host": None, "of_a_later_version": 1}) == Sample()


def test_values_of_their_types_are_taken() -> None:
    values = {"host": "a", "port": 1, "loud": True, "colour": "blue", "keys": ["x", "y"]}

    assert typed(Sample, values) == Sample("a", 1, True, Colour.BLUE, ("x", "y"))  # noqa: FBT003


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"port": "2222"}, Sample(port=2222)),
        ({"loud": "true"}, Sample(loud=True)),
        ({"loud": "0"}, Sample(loud=False)),
    ],
    ids=range(3),
)
def test_numbers_and_yes_or_no_may_be_written_as_text(values: dict[str, Any], expected: Sample) -> None:
    assert typed(Sample, values) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"port": "many"},
        {"port": "-1"},
        {"port": True},
        {"port": 2.5},
        {"loud": 1},
        {"loud": "perhaps"},
        {"host": 5},
        {"colour": "green"},
        {"keys": "x"},
        {"keys": ["x", 5]},
        {"keys": {"x": "y"}},
    ],
    ids=range(11),
)
def test_anything_else_is_a_wrong_setting_that_is_named(values: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match=next(iter(values))):
        typed(Sample, values)
