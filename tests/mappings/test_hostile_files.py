"""Hostile files of every format: whatever comes, readers report and never raise, in linear time, constant memory."""

import io
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mappings.codecs import edifact, layouts, rsx, x12
from mappings.codecs.edifact.message import compiled as compiled_edifact
from mappings.codecs.edifact.tables import MESSAGES as EDIFACT_MESSAGES
from mappings.codecs.x12.message import compiled as compiled_x12
from mappings.codecs.x12.tables import MESSAGES as X12_MESSAGES
from mappings.codecs.x12.values import SHORT_DATES, VALUES
from tests.mappings import edifact_examples
from tests.mappings.fuzzing import KINDS, fuzz
from tests.mappings.x12_examples import invoice, remittance, ship_notice, write


@pytest.mark.parametrize("name", KINDS)
def test_hostile_files(name):
    """A few; `make fuzz` takes 100,000 of every format."""
    total = fuzz(name, 100, seed=7)
    assert total["refused"] > 30
    assert total["accepted"] > 5


def test_the_expressions_of_the_tables_never_go_back():
    """Only possessive repetition: an expression is done with a message in time linear in its length."""
    for later in (False, True):
        for type_ in X12_MESSAGES:
            for values in (VALUES, SHORT_DATES):
                assert list(_repetitions(compiled_x12(type_, values, later=later).pattern)) == []
        for type_ in EDIFACT_MESSAGES:
            assert list(_repetitions(compiled_edifact(type_, later=later).pattern)) == []


def _repetitions(pattern: str) -> Iterator[str]:
    """The repetitions in a regular expression that can give back what they took."""
    from re import _constants, _parser  # type: ignore[attr-defined]

    def walk(parsed: Any) -> Iterator[str]:
        for operation, argument in parsed:
            if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and argument[0] != argument[1]:
                yield str(argument)
            for part in argument if isinstance(argument, (tuple, list)) else [argument]:
                for inner in part if isinstance(part, list) else [part]:
                    if isinstance(inner, _parser.SubPattern):
                        yield from walk(inner)

    yield from walk(_parser.parse(pattern))


ENVELOPE = b"".join(write(invoice()).partition(b"ST*")[:1])


@pytest.mark.parametrize(
    "grow",
    [
        lambda n: ENVELOPE + b"ST*810*0001~" * n,
        lambda n: ENVELOPE + b"ST*810*0001~" + b"N1*ST*X~" * n,
        lambda n: ENVELOPE + b"ST*810*0001~BIG*" + b"*" * n,
        lambda n: ENVELOPE + b"ST*810*0001~BIG*" + b"1" * 100 * n,
        lambda n: ENVELOPE + b"XYZ*1~" * n,
        lambda n: ENVELOPE[:106] + b"GS*IN~" * n,
        lambda n: ENVELOPE[:106] * n,
        lambda n: b"ISA" * n,
        lambda n: b"\n" * 100 * n,
        lambda n: write(ship_notice()).replace(b"HL*5*", b"HL*4*4*P~" * n + b"HL*5*"),
        lambda n: write(remittance()).replace(b"ADX*-5*01~", b"ADX*-5*01~REF*PO*1~" * n),
    ],
)
def test_work_on_x12_grows_with_the_file_and_no_faster(grow):
    grows_no_faster(grow, x12.read)


UNB = b"UNB+UNOC:3+A+B+260201:1205+5'"
UNH = b"UNH+1+INVOIC:D:96A:UN'"


@pytest.mark.parametrize(
    "grow",
    [
        lambda n: UNB + UNH * n,
        lambda n: UNB + UNH + b"NAD+BY'" * n,
        lambda n: UNB + UNH + b"BGM+" + b"+" * n,
        lambda n: UNB + UNH + b"BGM+" + b":" * n,
        lambda n: UNB + UNH + b"BGM+380+" + b"1" * 100 * n,
        lambda n: UNB + UNH + b"BGM+380+" + b"?" * 100 * n,
        lambda n: UNB + UNH + b"BGM+380+" + b"?'" * 100 * n,
        lambda n: UNB + b"XYZ+1'" * n,
        lambda n: UNB + b"UNG+INVOIC'" * n,
        lambda n: UNB * n,
        lambda n: b"UNA:+.? '" * n,
        lambda n: b"UNB" * n,
        lambda n: edifact_examples.write(edifact_examples.ship_notice()).replace(
            b"CPS+2+1", b"CPS+2+1'" * n + b"CPS+2+1"
        ),
        lambda n: edifact_examples.write(edifact_examples.remittance()).replace(
            b"AJT", b"AJT+1'" * n + b"AJT"
        ),
    ],
)
def test_work_on_edifact_grows_with_the_file_and_no_faster(grow):
    grows_no_faster(grow, edifact.read)


LAYOUTS = {name: layouts.load(layouts.STANDARD[f"payment_{name}"]) for name in ("csv", "xml", "fixed")}
ROW = b"1,2026-03-09,5.00,USD,A,\n"


@pytest.mark.parametrize(
    ("read", "grow"),
    [
        (rsx.read, lambda n: b"[" * n),
        (rsx.read, lambda n: b'[{"Header":' * n),
        (rsx.read, lambda n: b'{"Header":{}},' * n),
        (rsx.read, lambda n: b'{"Header":"' + b"x" * 100 * n),
        (rsx.read, lambda n: b"<Invoices>" + b"<Invoice>" * n),
        (rsx.read, lambda n: b"<Invoices>" + b"<Invoice/>" * n),
        ("csv", lambda n: b"Payment,Date,Amount\n" + b'1,"\n' * n),
        ("csv", lambda n: ROW * n),
        ("csv", lambda n: b"," * 10 * n),
        ("fixed", lambda n: b"H" * 10 * n),
        ("fixed", lambda n: b"H\n" * n),
        ("xml", lambda n: b"<Payments>" + b"<Payment>" * n),
        ("xml", lambda n: b"<Payments>" + b"<Payment/>" * n),
    ],
)
def test_work_on_files_grows_with_them_and_no_faster(read, grow):
    def by_layout(source: Any) -> Iterator[Any]:
        return layouts.read(source, LAYOUTS[read])

    grows_no_faster(grow, by_layout if isinstance(read, str) else read)


def grows_no_faster(grow: Callable[[int], bytes], read: Callable[[Any], Iterator[Any]]) -> None:
    """Counted in calls of functions, which a busy machine does not change; the expressions are looked at above."""
    _calls(grow(10), read)  # what is made once
    few, many = _calls(grow(50), read), _calls(grow(400), read)
    assert many < 8 * 2 * few + 2000


def _calls(data: bytes, read: Callable[[Any], Iterator[Any]]) -> int:
    count = 0

    def tick(*_: Any) -> None:
        nonlocal count
        count += 1

    sys.setprofile(tick)
    try:
        for item in read(io.BytesIO(data)):
            del item
    finally:
        sys.setprofile(None)
    return count


class Endless(io.RawIOBase):
    """A file that is never held in memory as a whole."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = b""

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size:
            piece = next(self.pieces, b"")
            if not piece:
                break
            self.rest += piece
        given, self.rest = self.rest[:size], self.rest[size:]
        return given


def _many_x12(count: int) -> Iterator[bytes]:
    whole = write(invoice())
    start, end = whole.index(b"ST*"), whole.index(b"GE*")
    yield whole[:start]
    for number in range(1, count + 1):
        yield whole[start:end].replace(b"*0001~", b"*%04d~" % number)
    yield b"GE*%d*101~IEA*1*000000017~" % count


def _many_edifact(count: int) -> Iterator[bytes]:
    whole = edifact_examples.write(edifact_examples.invoice())
    start, end = whole.index(b"UNH+"), whole.index(b"UNZ+")
    yield whole[:start]
    for number in range(1, count + 1):
        yield whole[start:end].replace(b"UNH+1+", b"UNH+%d+" % number).replace(b"+1'", b"+%d'" % number)
    yield b"UNZ+%d+17'" % count


@pytest.mark.parametrize(
    ("read", "many", "message"),
    [(x12.read, _many_x12, x12.Message), (edifact.read, _many_edifact, edifact.Message)],
)
def test_memory_does_not_grow_with_the_file(read, many, message):
    def peak(count: int) -> int:
        tracemalloc.start()
        items = read(Endless(many(count)))
        assert sum(isinstance(item, message) and item.document is not None for item in items) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(3000) < 1.2 * peak(1000)
