"""How fast RSX and files by layouts are translated, as ratios to the plain parser of each format, on one core.

Run it with `python -m tests.benchmarks.files`. The plain parsers only take the same bytes apart: `json.loads`, lxml,
`csv.reader`, and a split into lines. Reading here means: parsed, checked, and the canonical document built and checked.
Each figure is the best of several rounds that take turns, so that a busy machine disturbs all sides alike.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from mappings.canonical import Document
from mappings.codecs import layouts, rsx
from tests.mappings.layout_examples import EXAMPLES
from tests.mappings.rsx_examples import INVOICE, PARTNER

DOCUMENTS = 300
ROUNDS = 5


@dataclasses.dataclass(frozen=True)
class Figures:
    """Microseconds for one document of a format, and the size of its file."""

    name: str
    read: float
    write: float
    plain: float
    kilobytes: float

    @property
    def documents_per_second(self) -> tuple[int, int]:
        """How many are read and written in a second."""
        return int(1e6 / self.read), int(1e6 / self.write)

    @property
    def ratio(self) -> float:
        """How much longer reading takes than the plain parser."""
        return self.read / self.plain


@dataclasses.dataclass(frozen=True)
class Case:
    """One format: how documents are written and read, and how its plain parser takes them apart."""

    name: str
    documents: Sequence[Document]
    write: Callable[[Sequence[Document]], bytes]
    read: Callable[[bytes], object]
    plain: Callable[[bytes], object]


def cases(count: int = DOCUMENTS) -> list[Case]:
    """RSX invoices in both notations, and the plain layouts of invoices and payments in every format."""
    return [*(_rsx(notation, count) for notation in rsx.NOTATIONS)] + [
        _layout(f"{kind}_{format_}", count) for kind in ("invoice", "payment") for format_ in PLAIN_PARSERS
    ]


PLAIN_PARSERS: dict[str, Callable[[bytes], object]] = {
    "csv": lambda data: list(csv.reader(io.StringIO(data.decode()))),
    "xml": etree.fromstring,
    "fixed": lambda data: data.decode().splitlines(),
}


def _rsx(notation: str, count: int) -> Case:
    envelope = rsx.Envelope(trading_partner_id=PARTNER, notation=notation)
    return Case(
        name=f"rsx_{notation}",
        documents=[dataclasses.replace(INVOICE, number=f"FB-{number}") for number in range(count)],
        write=lambda documents: rsx.write(documents, envelope).data,
        read=lambda data: list(rsx.read(io.BytesIO(data))),
        plain=json.loads if notation == "json" else etree.fromstring,
    )


def _layout(name: str, count: int) -> Case:
    kind, _, format_ = name.rpartition("_")
    layout = layouts.load(layouts.STANDARD[name] | {"verify": False})
    example: Any = EXAMPLES[kind]
    return Case(
        name=name,
        documents=[dataclasses.replace(example, number=f"FB-{number}") for number in range(count)],
        write=lambda documents: layouts.write(documents, layout).data,
        read=lambda data: list(layouts.read(io.BytesIO(data), layout)),
        plain=PLAIN_PARSERS[format_],
    )


def measure(case: Case, rounds: int = ROUNDS) -> Figures:
    """The figures of `case`, the best of `rounds`."""
    data = case.write(case.documents)
    count = len(case.documents)
    sides: dict[str, Callable[[], object]] = {
        "read": lambda: case.read(data),
        "write": lambda: case.write(case.documents),
        "plain": lambda: case.plain(data),
    }
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for side, run in sides.items():
            start = time.process_time()
            run()
            best[side] = min(best[side], time.process_time() - start)
    microseconds = {side: seconds / count * 1e6 for side, seconds in best.items()}
    return Figures(name=case.name, kilobytes=len(data) / 1024, **microseconds)


def main() -> None:
    """Print a table of all cases."""
    print(f"{'format':<16}{'read/s':>10}{'write/s':>10}{'times plain':>13}{'kB/document':>13}")  # noqa: T201
    for case in cases():
        figures = measure(case)
        read, write = figures.documents_per_second
        size = figures.kilobytes / len(case.documents)
        print(f"{figures.name:<16}{read:>10}{write:>10}{figures.ratio:>13.1f}{size:>13.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
