"""How fast EDIFACT is read and written, beside pydifact, which only parses: python -m tests.benchmarks.edifact

Both get the same bytes. Ours are parsed, validated and made into canonical documents; pydifact makes segments of them,
and nothing is validated. Each figure is the best of several runs that take turns, so that a busy machine disturbs both.
"""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from pydifact.segmentcollection import Interchange

from mappings.canonical import (
    Address,
    EventDate,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)
from mappings.codecs import edifact
from tests.mappings import edifact_examples as examples

COUNT = 300
RUNS = 10


def ten_lines(number: int) -> Invoice:
    """An invoice as partners send it: three parties, ten lines with text and taxes, a hundred segments in all."""
    lines = []
    for index in range(1, 11):
        quantity, price = Decimal(index + number % 7), Decimal("12.35") + index
        line = Line(
            number=str(index),
            quantity=quantity,
            unit_price=price,
            amount=quantity * price,
            gtin=f"40123450{number % 90000 + 10000:05d}",
            seller_item=f"ART-{number}-{index}",
            buyer_item=f"{index * 7919 + number}",
            description=f"Mixing bowl no. {index}, stainless steel, {number} litres",
            taxes=(Tax(kind="vat", rate=Decimal(20)),),
        )
        lines.append(line)
    net = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    tax = (net / 5).quantize(Decimal("0.01"))
    parties = tuple(
        Party(
            role=role,
            name="Gebrüder Muster Handels GmbH",
            more_names=("Abteilung Einkauf",),
            identifiers=(Identifier(scheme="gln", value=f"401234500000{index}"),),
            address=Address(
                lines=("Industriestraße 17",), city="Musterstadt am Rhein", postal_code="50667", country="DE"
            ),
            references=(Reference(kind="vat_registration", value="DE123456789"),),
        )
        for index, role in enumerate(("buyer", "supplier", "ship_to"))
    )
    return Invoice(
        number=f"2026-{number:06d}",
        date=dt.date(2026, 2, 1),
        currency="EUR",
        total=net + tax,
        purchase_order=f"PO-{number}",
        order_date=dt.date(2026, 1, 15),
        references=(Reference(kind="delivery_note", value=f"LS-{number}"),),
        dates=(EventDate(kind="delivered", date=dt.date(2026, 1, 30)),),
        parties=parties,
        terms=(PaymentTerms(kind="basic", basis="invoice_date", net_days=30),),
        lines=tuple(lines),
        taxes=(Tax(kind="vat", rate=Decimal(20), amount=tax, taxable_amount=net),),
        notes=(Note(text="Vielen Dank für Ihren Auftrag. Bitte bei Zahlung die Rechnungsnummer angeben."),),
    )


DOCUMENTS: dict[str, Callable[[int], Any]] = {
    "INVOIC, ten lines": ten_lines,
    "INVOIC, two lines": lambda number: examples.invoice(number=f"I-{number}"),
    "ORDERS": lambda number: examples.order(number=f"PO-{number}"),
    "ORDRSP": lambda number: examples.order_answer(seller_order=f"SO-{number}"),
    "DESADV": lambda number: examples.ship_notice(number=f"LS-{number}"),
    "REMADV": lambda number: examples.remittance(number=f"TR-{number}"),
}


class Measured(NamedTuple):
    """Microseconds per message, and what a message is made of."""

    name: str
    segments: float
    size: float
    reading: float
    writing: float
    theirs: float
    plain_split: float

    @property
    def ratio(self) -> float:
        """How many times as fast as pydifact we read."""
        return self.theirs / self.reading

    @property
    def floor(self) -> float:
        """How much longer reading takes than a plain split of the same bytes."""
        return self.reading / self.plain_split


def read(data: bytes) -> int:
    """Read, validate and translate; gives the number of documents."""
    return sum(isinstance(item, edifact.Message) and item.document is not None for item in edifact.read(data))


def parse(data: bytes) -> int:
    """What pydifact does: segments, and messages of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sum(1 for _ in Interchange.from_str(data.decode("latin-1")).get_messages())


def split(data: bytes) -> None:
    """The least that anybody could do: segments and elements, whatever is released."""
    for segment in data.split(b"'"):
        segment.split(b"+")


def measure(name: str, count: int = COUNT, runs: int = RUNS) -> Measured:
    """Read, write and have read `count` messages of a kind, `runs` times in turn."""
    documents = [DOCUMENTS[name](number) for number in range(count)]
    envelope = examples.envelope()
    data = edifact.write(documents, envelope).data
    assert read(data) == parse(data) == count
    tasks: tuple[Callable[[], object], ...] = (
        lambda: read(data),
        lambda: edifact.write(documents, envelope),
        lambda: parse(data),
        lambda: split(data),
    )
    best = [float("inf")] * len(tasks)
    for _ in range(runs):
        for index, task in enumerate(tasks):
            started = time.process_time()
            task()
            best[index] = min(best[index], time.process_time() - started)
    reading, writing, theirs, plain = (seconds / count * 1e6 for seconds in best)
    segments = (data.count(b"'") - data.count(b"?'") - 3) / count
    return Measured(name, segments, len(data) / count, reading, writing, theirs, plain)


def main() -> None:
    """Print a line for every kind of message."""
    print("microseconds per message        segments  bytes   reading  writing  pydifact  times as fast")  # noqa: T201
    for name in DOCUMENTS:
        found = measure(name)
        print(  # noqa: T201
            f"{found.name:<30} {found.segments:9.0f} {found.size:6.0f} {found.reading:9.0f}"
            f" {found.writing:8.0f} {found.theirs:9.0f} {found.ratio:14.1f}"
        )


if __name__ == "__main__":
    main()
