"""How much memory reading a large interchange takes: `python -m tests.benchmarks.memory --megabytes 1024`.

The file is made while it is read. Each format has a process of its own, whose peak is compared with what it held before
the first byte was read.
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import io
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Any

from mappings.codecs import edifact, layouts, x12
from tests.benchmarks import edifact as invoic
from tests.benchmarks import translation
from tests.mappings import edifact_examples, layout_examples, x12_examples
from tests.memory import peak

MESSAGES = 1000
"""So many different ones are written; then they come again under further numbers."""


class Stream(io.RawIOBase):
    """A file that is never held in memory as a whole."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = b""
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        waiting = [self.rest]
        length = len(self.rest)
        while length < size and (piece := next(self.pieces, b"")):
            waiting.append(piece)
            length += len(piece)
        data = b"".join(waiting)
        given, self.rest = data[:size], data[size:]
        self.size += len(given)
        return given


def _x12(size: int) -> Iterator[bytes]:
    documents = [translation.invoice(number) for number in range(MESSAGES)]
    whole = x12.write(documents, x12_examples.envelope()).data
    start, end = whole.index(b"ST*"), whole.index(b"GE*")
    yield whole[:start]
    bodies = [part.partition(b"~")[2] for part in whole[start:end].split(b"ST*810*")[1:]]
    count = written = 0
    while written < size:
        count += 1
        before, _, trailer = bodies[count % MESSAGES].rpartition(b"SE*")
        message = b"ST*810*%09d~%bSE*%b*%09d~" % (count, before, trailer.partition(b"*")[0], count)
        written += len(message)
        yield message
    yield b"GE*%d*101~IEA*1*000000017~" % count


def _edifact(size: int) -> Iterator[bytes]:
    documents = [invoic.ten_lines(number) for number in range(MESSAGES)]
    whole = edifact.write(documents, edifact_examples.envelope()).data
    start, end = whole.index(b"UNH+"), whole.index(b"UNZ+")
    yield whole[:start]
    bodies = [part.partition(b"+") for part in whole[start + 4 : end].split(b"UNH+")]
    count = written = 0
    while written < size:
        count += 1
        before, _, trailer = bodies[count % MESSAGES][2].rpartition(b"UNT+")
        message = b"UNH+%d+%bUNT+%b+%d'" % (count, before, trailer.partition(b"+")[0], count)
        written += len(message)
        yield message
    yield b"UNZ+%d+17'" % count


def _csv(size: int) -> Iterator[bytes]:
    layout = layouts.load(layouts.STANDARD["payment_csv"])
    header, row = layouts.write([layout_examples.PAYMENT], layout).data.split(b"\r\n")[:2]
    number = layout_examples.PAYMENT.number.encode()
    yield header + b"\r\n"
    written = count = 0
    while written < size:
        count += 1
        line = row.replace(number, b"%d" % count, 1) + b"\r\n"
        written += len(line)
        yield line


def _read_csv(source: Any) -> Iterator[Any]:
    return layouts.read(source, layouts.load(layouts.STANDARD["payment_csv"]))


CASES: dict[str, tuple[Callable[[int], Iterator[bytes]], Callable[[Any], Iterator[Any]]]] = {
    "X12 810": (_x12, x12.read),
    "EDIFACT INVOIC": (_edifact, edifact.read),
    "CSV payments": (_csv, _read_csv),
}


def measure(name: str, size: int) -> tuple[int, int, float, float, float]:
    """Bytes read, documents, seconds, and megabytes of memory before and at the peak."""
    pieces, read = CASES[name]
    # What is made once (tables, expressions) is made before.
    for item in read(Stream(pieces(1 << 20))):
        del item
    before = peak() / 1e6
    stream = Stream(pieces(size))
    started = time.process_time()
    documents = sum(getattr(item, "document", None) is not None for item in read(stream))
    return stream.size, documents, time.process_time() - started, before, peak() / 1e6


def main() -> None:
    """Print a line for each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--format", choices=CASES, nargs="*", default=list(CASES), dest="names")
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for name in given.names:
        with context.Pool(1) as pool:
            size, documents, seconds, before, peak = pool.apply(measure, (name, given.megabytes << 20))
        print(
            f"{name}: {size >> 20:,} MB, {documents:,} documents in {seconds:.0f} s; "
            f"memory {before:.0f} MB before, {peak:.0f} MB at the peak",
            flush=True,
        )


if __name__ == "__main__":
    main()
