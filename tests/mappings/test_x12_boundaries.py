"""Where a message begins and ends, whatever stands beside it, however it is laid out, wherever a read ends."""

import io
import itertools
from decimal import Decimal
from typing import Any

import pytest

from mappings.canonical import Line
from mappings.codecs import x12
from tests.mappings.x12_examples import documents, invoice, messages, order, write


def small(number: str, **changes: Any) -> Any:
    """An invoice of one line."""
    line = Line(quantity=Decimal(1), unit_price=Decimal(10), seller_item="X", description="ST, SE and GE")
    few: dict[str, Any] = {"lines": (line,), "taxes": (), "charges": (), "parties": (), "total": Decimal(10)}
    return invoice(number=number, **(few | changes))


class Pieces(io.BytesIO):
    """A file whose first read gives only so many bytes."""

    def __init__(self, data: bytes, first: int) -> None:
        super().__init__(data)
        self.first = first

    def read(self, size: int | None = -1, /) -> bytes:
        size, self.first = self.first or size, 0
        return super().read(size)


def seen(source: Any) -> list[tuple[Any, ...]]:
    """All that reading `source` says, item by item."""
    found: list[tuple[Any, ...]] = []
    for item in x12.read(source):
        problems = [(p.rule, p.segment, p.position, p.line, p.value) for p in item.report]
        if isinstance(item, x12.Message):
            found.append((item.type, item.control_number, item.document, problems))
        else:
            found.append((type(item).__name__, getattr(item, "messages", None), problems))
    return found


def in_lines(data: bytes, end: bytes) -> bytes:
    return data.replace(b"~", b"~" + end)


WHOLE = write(small("I-1"), small("I-2"), small("I-3"))
BROKEN = WHOLE.replace(b"*I-2*", b"**")
ENDLESS = WHOLE.replace(b"SE*12*0002~", b"")


class TestTheEndOfARead:
    """Messages are found in what a read of the file gives; the rest of the last one comes with the next read."""

    @pytest.mark.parametrize(
        "data",
        [WHOLE, BROKEN, ENDLESS, in_lines(WHOLE, b"\n"), in_lines(BROKEN, b"\r\n"), WHOLE[:-30]],
        ids=["whole", "broken", "endless", "lines", "broken lines", "truncated"],
    )
    def test_wherever_it_is_the_same_is_read(self, data):
        expected = seen(data)
        for cut in range(1, len(data)):
            assert seen(Pieces(data, cut)) == expected, f"after {cut} bytes"

    def test_the_examples_are_what_they_say(self):
        assert [item[2] for item in seen(WHOLE)[:3]] == [small("I-1"), small("I-2"), small("I-3")]
        assert [item[2] and item[2].number for item in seen(BROKEN)[:3]] == ["I-1", None, "I-3"]
        assert [item[2] and item[2].number for item in seen(ENDLESS)[:3]] == ["I-1", None, "I-3"]


KINDS = {"right": "", "in lines": "", "broken": "mandatory_missing", "endless": "trailer_missing"}
"""A message, and the first rule that it breaks."""


def a_message(kind: str, number: int) -> bytes:
    """From ST to SE, as message `number` of a group."""
    start, body = b"ST*810*%04d~" % number, WHOLE[WHOLE.index(b"BIG*") : WHOLE.index(b"SE*12*")]
    end = b"SE*12*%04d~" % number
    if kind == "in lines":
        return in_lines(start + body + end, b"\n")
    if kind == "broken":
        return start + body.replace(b"*I-1*", b"**") + end
    return start + body + (b"" if kind == "endless" else end)


class TestNeighbours:
    @pytest.mark.parametrize("kinds", list(itertools.product(KINDS, repeat=3)), ids=" ".join)
    def test_every_message_is_read_as_if_it_were_alone(self, kinds):
        head, tail = WHOLE[: WHOLE.index(b"ST*")], WHOLE[WHOLE.index(b"GE*") :]
        data = head + b"".join(a_message(kind, number) for number, kind in enumerate(kinds, 1)) + tail
        found = messages(data)
        assert [message.control_number for message in found] == ["0001", "0002", "0003"]
        assert [message.report.problems[0].rule if message.report else "" for message in found] == [
            KINDS[kind] for kind in kinds
        ]
        assert [message.document is not None for message in found] == [not KINDS[kind] for kind in kinds]

    def test_a_number_that_comes_again_is_found_among_right_messages(self):
        found = messages(WHOLE.replace(b"0003", b"0001"))
        assert [[problem.rule for problem in message.report] for message in found] == [
            [],
            [],
            ["control_duplicate"],
        ]

    def test_one_with_letters_that_were_not_agreed_on(self):
        found = messages(WHOLE.replace(b"I-2", b"\xc9-2"))
        assert [bool(message.document) for message in found] == [True, False, True]

    def test_lines_are_counted_through_messages_that_have_none(self):
        data = in_lines(WHOLE[: WHOLE.index(b"ST*")], b"\n") + a_message("right", 1) + b"\n"
        data += a_message("in lines", 2) + in_lines(a_message("broken", 3), b"\n")
        (problem, *_) = messages(data)[2].report
        assert problem.line is not None
        assert data.splitlines()[problem.line - 1] == b"BIG*20260201**20260115*PO-7781~"

    def test_groups_and_interchanges_of_different_messages(self):
        data = write(small("I-1"), order(), small("I-2")) + write(
            order(), delimiters=x12.Delimiters("|", "\n")
        )
        assert documents(data) == [small("I-1"), small("I-2"), order(), order()]
