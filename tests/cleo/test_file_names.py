"""Names of files: made from a pattern, told apart, and as the mailbox takes them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connections.systems.base import NameParts
from connections.systems.cleo.file_names import is_allowed, pattern_fault, rendered, type_fault
from connections.systems.cleo.settings import Settings
from mappings.message_type import message_type
from tests.sandbox.interchanges import edifact, x12

PARTS = NameParts(
    type="810",
    kind="invoice",
    partner="acme",
    number="INV-17",
    revision=2,
    replays=0,
    id="k3v9x2mq",
    at=datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC),
    extension="x12",
)


def test_the_usual_pattern_says_what_it_is() -> None:
    assert rendered(Settings().file_name, PARTS) == "810_acme_INV-17_2_20260302T081530Z_k3v9x2mq.edi"
    assert rendered("{type}_{number}_{revision}{id}", replace(PARTS, replays=1)) == "810_INV-17_2-2k3v9x2mq"


def test_a_name_that_is_too_long_is_cut_and_still_its_own() -> None:
    names = {
        rendered("{type}_{partner}_{number}_{revision}.edi", replace(PARTS, partner="p" * 40, number=number))
        for number in ("n" * 39 + "1" + "x" * 60, "n" * 39 + "1" + "x" * 61)
    }
    assert len(names) == 2
    assert all(len(name) == 100 and name.endswith(".edi") for name in names)


@pytest.mark.parametrize(
    ("pattern", "allowed", "said"),
    [
        ("{number}.edi", [], "one name"),
        ("{type}_{partner}_{number}_{revision}.edi", [], ""),
        ("{id}.edi", ["*.edi"], ""),
        ("{id}.edi", ["*.txt", "a.edi"], "allowed file types"),
        ("{id}.edi", [r"[[a-z0-9]+\.edi]"], ""),
        ("{id}.{what}", [], "no placeholder"),
        ("{id", [], "brace"),
        ("{id!r}", [], "letters"),
        ("{id.real}", [], "no placeholder"),
        ("{id:>{number}}", [], "alone"),
        ("{id}/../x", [], "letters"),
        ("{id} x.edi", [], "letters"),
        (".{id}", [], "not finished"),
        ("{id}.tmp", [], "not finished"),
    ],
)
def test_a_pattern_is_checked_before_it_is_used(pattern: str, allowed: list[str], said: str) -> None:
    fault = pattern_fault(pattern, tuple(allowed))
    assert said in fault
    assert bool(fault) == bool(said)


@pytest.mark.parametrize(
    ("name", "types", "allowed"),
    [
        ("a.edi", [], True),
        ("a.edi", ["*.edi"], True),
        ("a.EDI", ["*.edi"], False),
        ("810_1.edi", [r"[8\d\d_\d+\.edi]"], True),
        ("xx810_1.edi", [r"[8\d\d_\d+\.edi]"], False),
        ("a", ["[ab]"], False),
        ("ab", ["[ab]"], True),
    ],
)
def test_allowed_file_types_are_names_wildcards_or_expressions_in_brackets(
    name: str, types: list[str], allowed: bool
) -> None:
    assert is_allowed(name, tuple(types)) is allowed


@pytest.mark.parametrize("one", ["[(a+)+$]", "[a*a*a*a*b]", "[(]", "[(a|a){30}]"])
def test_an_expression_that_cannot_be_used_or_never_ends_is_refused(one: str) -> None:
    assert type_fault(one)
    assert not is_allowed("a" * 100, (one,))


def test_the_type_of_an_interchange_is_read_from_its_bytes() -> None:
    assert message_type(x12()) == "810"
    assert message_type(edifact()) == "INVOIC"
    assert message_type(b"Number,Date") == ""
