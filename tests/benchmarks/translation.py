"""How fast X12 is translated, as ratios to pyx12 and to a plain split of the same bytes, in one run on one core.

Run it with `python -m tests.benchmarks.translation`. Each figure is the best of several rounds that take turns, so that
a busy machine disturbs all sides alike. Reading means: parsed, validated, and the canonical invoice built; pyx12 only
reads and counts segments. Writing means: from the canonical invoice to validated bytes; pyx12 is given the segments as
texts, as its writer wants them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from pyx12.segment import Segment
from pyx12.x12file import X12Reader, X12Writer

from mappings.canonical import (
    Address,
    AllowanceOrCharge,
    EventDate,
    Identifier,
    Invoice,
    Line,
    Party,
    PaymentTerms,
    Reference,
    Tax,
)
from mappings.codecs import x12

D = Decimal
INVOICES = 100
ROUNDS = 40


@dataclasses.dataclass(frozen=True)
class Figures:
    """Microseconds for one invoice."""

    plain_split: float
    read: float
    write: float
    pyx12_read: float
    pyx12_write: float

    @property
    def ratios(self) -> dict[str, float]:
        """What the project promises to keep: reading at least 4, at most 9; writing at least 6."""
        return {
            "reading, times as fast as pyx12": self.pyx12_read / self.read,
            "reading, times a plain split": self.read / self.plain_split,
            "writing, times as fast as pyx12": self.pyx12_write / self.write,
        }


def invoice(number: int) -> Invoice:
    """An invoice of ten lines with what a retailer asks for."""
    lines = tuple(
        Line(
            number=str(i),
            quantity=D(2 * i),
            unit_price=D(f"{i}.25"),
            seller_item=f"SKU-{i:04d}",
            gtin="036000291452",
            description=f"WIDGET NUMBER {i}, BLUE",
        )
        for i in range(1, 11)
    )
    goods = sum(
        (line.quantity * line.unit_price for line in lines if line.quantity and line.unit_price), D(0)
    )
    return Invoice(
        number=f"INV-{number}",
        date=dt.date(2026, 2, 1),
        currency="USD",
        total=goods + D("27.50"),
        purchase_order="PO-7781",
        order_date=dt.date(2026, 1, 15),
        references=(
            Reference(kind="internal_vendor_number", value="77120"),
            Reference(kind="department", value="0417"),
        ),
        parties=tuple(
            Party(
                role=role,
                name=name,
                identifiers=(Identifier(scheme="buyer_assigned", value="0012"),),
                address=Address(
                    lines=(street,), city="TUCSON", region="AZ", postal_code="85701", country="US"
                ),
            )
            for role, name, street in (
                ("ship_to", "ACME STORE 12", "9 CANYON RD"),
                ("remit_to", "BYRON SUPPLY", "1 MAIN ST"),
            )
        ),
        terms=(
            PaymentTerms(
                kind="basic", basis="invoice_date", discount_percent=D(2), discount_days=10, net_days=30
            ),
        ),
        dates=(EventDate(kind="shipped", date=dt.date(2026, 1, 31)),),
        lines=lines,
        taxes=(Tax(kind="state_sales", amount=D("12.50"), rate=D(5)),),
        charges=(AllowanceOrCharge(charge=True, kind="freight", amount=D(15), description="FREIGHT"),),
    )


def _split(data: bytes) -> None:
    for segment in data.split(b"~"):
        segment.split(b"*")


def _read(data: bytes) -> None:
    for item in x12.read(data):
        if item.report:
            raise AssertionError(str(item.report))


def _pyx12_read(text: str) -> None:
    for _ in X12Reader(io.StringIO(text)):
        pass


def _pyx12_write(segments: list[str]) -> None:
    writer = X12Writer(io.StringIO(), "~", "*", ">", "", "^")
    for segment in segments:
        writer.Write(Segment(segment, "~", "*", ">"))
    writer.close()


def measure(invoices: int = INVOICES, rounds: int = ROUNDS) -> Figures:
    """The figures of one run."""
    documents = [invoice(number) for number in range(invoices)]
    envelope = x12.Envelope(
        sender=x12.Identity(id="SENDER"),
        receiver=x12.Identity(id="RECEIVER"),
        date=dt.date(2026, 2, 1),
        time=dt.time(12),
        control_number=1,
        group_control_number=1,
    )
    data = x12.write(documents, envelope).data
    text = data.decode()
    sides: list[Callable[[], object]] = [
        partial(_split, data),
        partial(_read, data),
        partial(x12.write, documents, envelope),
        partial(_pyx12_read, text),
        partial(_pyx12_write, [f"{segment}~" for segment in text.split("~")[:-1]]),
    ]
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for index, side in enumerate(sides):
            started = time.process_time()
            side()
            best[index] = min(best[index], time.process_time() - started)
    return Figures(*(seconds / invoices * 1e6 for seconds in best))


def report(figures: Figures) -> str:
    """The figures for people."""
    lines = [
        f"{name.replace('_', ' '):32} {value:8.1f} µs an invoice" for name, value in vars(figures).items()
    ]
    return "\n".join(lines + [f"{name:32} {value:8.2f}" for name, value in figures.ratios.items()])


if __name__ == "__main__":
    print(report(measure()))  # noqa: T201
