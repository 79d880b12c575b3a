"""Hostile files: whatever comes, the reader reports and never raises, in linear time and constant memory."""

import io
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.codecs import x12
from mappings.codecs.report import CodecError
from mappings.codecs.x12.message import compiled
from mappings.codecs.x12.tables import MESSAGES
from mappings.codecs.x12.values import SHORT_DATES, VALUES
from tests.mappings.x12_examples import (
    answers,
    envelope,
    invoice,
    order,
    order_answer,
    remittance,
    ship_notice,
    write,
)

NOISE = [
    b"*",
    b"~",
    b">",
    b"^",
    b"\n",
    b"\x00",
    b"\xff",
    b"\x1e",
    b"\x1f",
    b" ",
    b"0",
    b"9" * 20,
    b"-",
    b".",
    b"A",
    b"ISA",
]
TAGS = [
    b"ST*",
    b"SE*",
    b"GS*",
    b"GE*",
    b"IEA*",
    b"IT1*",
    b"N1*",
    b"HL*",
    b"TDS*",
    b"XYZ*",
    b"CTT*",
    b"TA1*",
    b"AK2*",
]


def seeds() -> list[bytes]:
    """Good interchanges of every message, from which the bad ones are made."""
    documents = [invoice(), order(), order_answer(), ship_notice(), remittance()]
    pretty = x12.Delimiters("|", "\n", "<", "%")
    whole = [write(document, version=version) for document in documents for version in ("004010", "005010")]
    whole += [write(*documents), write(*documents, version="005010", delimiters=pretty)]
    broken = whole[0].replace(b"*EA*", b"**")
    return [*whole, write(*answers(broken)), write(*answers(broken, "999"), version="005010")]


def mutate(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """`data` with something done to it: cut, spliced, doubled, noise, wrong counts, huge elements."""
    at = chance.randrange(len(data))
    end = min(len(data), at + chance.randrange(1, 60))
    pieces = data.split(b"~")
    one = chance.randrange(len(pieces))
    match chance.randrange(10):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + other[chance.randrange(len(other)) :]
        case 2:
            return data[:at] + chance.choice(NOISE) + data[at:]
        case 3:
            return data[:at] + data[end:]
        case 4:
            return data[:at] + data[at:end] * chance.randrange(2, 5) + data[end:]
        case 5:
            return data[:at] + bytes(chance.randrange(256) for _ in range(end - at)) + data[end:]
        case 6:
            return re.sub(
                rb"\d+",
                lambda m: m[0] if chance.random() < 0.9 else str(chance.randrange(10**6)).encode(),
                data,
            )
        case 7:
            return data[:at] + b"X" * chance.choice([40, 400, 5000]) + data[at:]
        case 8:
            return b"~".join([*pieces[:one], chance.choice(TAGS) + pieces[one][-20:], *pieces[one:]])
        case _:
            chance.shuffle(pieces)
            return (
                b"~".join(pieces) if chance.random() < 0.2 else b"~".join([*pieces[:one], *pieces[one + 1 :]])
            )


def hostile(count: int, seed: int) -> Iterator[bytes]:
    """`count` bad interchanges, the same for the same seed."""
    chance = random.Random(seed)
    good = seeds()
    for _ in range(count):
        data = chance.choice(good)
        for _ in range(chance.randrange(1, 4)):
            data = mutate(data, chance.choice(good), chance) or b"~"
        yield data


def check(data: bytes) -> Counter[str]:
    """Read `data`, answer it, write the answers and what was accepted; count what came out."""
    found: Counter[str] = Counter()
    acknowledger = x12.Acknowledger()
    replies: list[Any] = []
    for item in x12.read(io.BytesIO(data)):
        replies += acknowledger.add(item)
        if not isinstance(item, x12.Message):
            continue
        assert (item.document is None) == bool(item.report), item
        found["accepted" if item.document else "refused"] += 1
        if item.document is not None and item.group is not None:
            try:
                x12.write([item.document], envelope(version="005010"))
            except CodecError:
                found["accepted, but not for this version"] += 1
    for reply in replies:
        x12.write([reply], envelope())
        found[f"answered {reply.status}"] += 1
    return found


def fuzz(count: int, seed: int) -> Counter[str]:
    """Check `count` hostile interchanges; the sum of what came out."""
    total: Counter[str] = Counter()
    for number, data in enumerate(hostile(count, seed)):
        try:
            total += check(data)
        except Exception as error:
            raise AssertionError(f"hostile interchange {number} of seed {seed}: {data!r}") from error
    return total


def test_hostile_interchanges():
    total = fuzz(300, seed=1)
    assert total["refused"] > 100
    assert total["accepted"] > 50


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_many_hostile_interchanges(part):
    """Together 100,000."""
    assert fuzz(10_000, seed=1000 + part)["refused"] > 1000


def test_the_expressions_of_the_tables_never_go_back():
    """Only possessive repetition: an expression is done with a message in time linear in its length."""
    for type_ in MESSAGES:
        for later in (False, True):
            for values in (VALUES, SHORT_DATES):
                assert list(_repetitions(compiled(type_, values, later=later).pattern)) == []


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
def test_work_grows_with_the_file_and_no_faster(grow):
    """Counted in calls of functions, which a busy machine does not change; the expressions are looked at above."""
    _calls(grow(10))  # what is made once
    few, many = _calls(grow(50)), _calls(grow(400))
    assert many < 8 * 2 * few + 2000


def _calls(data: bytes) -> int:
    count = 0

    def tick(*_: Any) -> None:
        nonlocal count
        count += 1

    sys.setprofile(tick)
    try:
        for item in x12.read(io.BytesIO(data)):
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


def _many(count: int) -> Iterator[bytes]:
    whole = write(invoice())
    start, end = whole.index(b"ST*"), whole.index(b"GE*")
    yield whole[:start]
    for number in range(1, count + 1):
        yield whole[start:end].replace(b"*0001~", b"*%04d~" % number)
    yield b"GE*%d*101~IEA*1*000000017~" % count


def test_memory_does_not_grow_with_the_file():
    import tracemalloc

    def peak(count: int) -> int:
        tracemalloc.start()
        items = x12.read(Endless(_many(count)))  # type: ignore[arg-type]
        assert sum(isinstance(item, x12.Message) and item.document is not None for item in items) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(4000) < 1.2 * peak(1000)
