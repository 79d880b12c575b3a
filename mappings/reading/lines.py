"""The tables of business documents: lines of invoices and orders, of remittances, journals, shipments and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from mappings.canonical import (
    AcknowledgedLine,
    Acknowledgement,
    JournalLine,
    Line,
    Pack,
    Reason,
    RemittanceLine,
    ShippedItem,
    ShippedOrder,
    Tare,
    line_amount,
    rounded,
)
from mappings.reading import parts
from mappings.reading.page import Row, Table
from mappings.reading.parts import joined
from mappings.reading.words import clock, day, money, number, spoken

LINE_COLUMNS = ("No.", "Item", "Quantity", "Unit", "Price", "Amount")


def table(items: Sequence[Any], *, title: str, currency: str, limit: int) -> Table:
    """The table of `items`, which are of one of the kinds of `TABLES`; of more than `limit` the first."""
    columns, numbers, wide, row = TABLES[type(items[0])]
    rows = tuple(row(item, currency) for item in islice(items, limit))
    return Table(title, columns, frozenset(numbers), wide, rows, len(items))


def _line(line: Line, currency: str) -> Row:
    name = line.description or line.seller_item or line.buyer_item or line.gtin
    amount = ""
    if line.amount is not None or (line.quantity is not None and line.unit_price is not None):
        amount = money(line.amount if line.amount is not None else rounded(line_amount(line), currency))
    price = money(line.unit_price) if line.unit_price is not None else ""
    basis = spoken(line.price_basis) if line.price_basis else ""
    quantity = number(line.quantity) if line.quantity is not None else ""
    return Row(
        (line.number, name, quantity, line.unit, joined(price, basis, by=" "), amount),
        tuple(_line_details(line)),
    )


def _line_details(line: Line) -> Iterator[str]:
    """What else a line says, a line each."""
    if line.seller_item:
        yield f"seller's item {line.seller_item}"
    if line.buyer_item:
        yield f"buyer's item {line.buyer_item}"
    if line.gtin:
        yield f"GTIN {line.gtin}"
    yield from map(parts.identifier, line.other_items)
    yield from (parts.labelled(parts.tax(tax)) for tax in line.taxes)
    yield from (parts.labelled(parts.charge(charge)) for charge in line.charges)
    yield from map(parts.reference, line.references)
    yield from map(parts.event, line.dates)
    yield from map(parts.note, line.notes)


def _acknowledged(item: AcknowledgedLine, currency: str) -> Row:
    cells, more = _line(item.line, currency)
    return Row(cells, (*(f"→ {parts.line_status(status)}" for status in item.statuses), *more))


def _remitted(line: RemittanceLine, _currency: str) -> Row:
    more = (
        *([f"payment: {spoken(line.action)}"] if line.action else []),
        *(parts.labelled(parts.adjustment(item)) for item in line.adjustments),
        *map(parts.reference, line.references),
        *map(parts.event, line.dates),
        *map(parts.note, line.notes),
    )
    amounts = (line.gross, line.discount, line.paid)
    shown = (money(amount) if amount is not None else "" for amount in amounts)
    return Row((parts.reference(line.document), *shown), more)


def _posted(line: JournalLine, _currency: str) -> Row:
    sides = (money(side) if side else "" for side in (line.debit, line.credit))
    return Row((line.account, line.description, *sides), tuple(map(parts.reference, line.references)))


def _reason(reason: Reason, _currency: str) -> Row:
    return Row((parts.reason(reason),))


def _answered(answer: Acknowledgement, currency: str) -> Row:
    more = list(filter(None, _answered_details(answer)))
    more += [parts.reason(reason) for reason in answer.reasons]
    for part in answer.parts:
        cells, inner = _answered(part, currency)
        more += [" ".join(cells), *inner]
    what = joined(spoken(answer.level), answer.document_type, answer.control_number, by=" ")
    result = f"{spoken(answer.status)} by {answer.form.upper()}"
    return Row((what, joined(result, answer.implementation, _counts(answer))), tuple(more))


def _answered_details(answer: Acknowledgement) -> Iterator[str]:
    """What the levels below seldom say of themselves."""
    yield f"version {answer.version}" if answer.version else ""
    yield joined(answer.sender, answer.receiver, by=" to ")
    yield joined(day(answer.date) if answer.date else "", clock(answer.time) if answer.time else "")
    yield parts.origin(answer.origin) if answer.origin else ""


def _counts(answer: Acknowledgement) -> str:
    counts = {"included": answer.included, "received": answer.received, "accepted": answer.accepted}
    return joined(*(f"{count} {name}" for name, count in counts.items() if count is not None))


def _shipped(item: tuple[str, ShippedItem | None]) -> Row:
    where, shipped = item
    if shipped is None:
        return Row((where, "", "nothing", "", "", ""))
    cells, more = _line(shipped.line, "")
    ordered = "" if shipped.ordered_quantity is None else number(shipped.ordered_quantity)
    price, amount = cells[4:]
    paid = (f"price {price}" if price else "", f"amount {amount}" if amount else "")
    return Row((where, *cells[:2], ordered, *cells[2:4]), (*filter(None, paid), *more))


def shipped_table(order: ShippedOrder, *, limit: int) -> Table:
    """What was shipped of one order, with the pallet and carton of each item."""
    rows = list(_packed(order, ""))
    heading = joined(
        f"Order {order.purchase_order}",
        f"of {day(order.order_date)}" if order.order_date else "",
        f"release {order.release}" if order.release else "",
        by=" ",
    )
    columns = ("Packed in", "No.", "Item", "Ordered", "Shipped", "Unit")
    shown = tuple(_shipped(row) for row in rows[:limit])
    about = joined(heading, *map(parts.reference, order.references))
    return Table(about, columns, frozenset({3, 4}), 2, shown, len(rows))


def _packed(holder: ShippedOrder | Tare | Pack, inside: str) -> Iterator[tuple[str, ShippedItem | None]]:
    """Each item with where it is packed; a carton or pallet without any stands alone."""
    empty = True
    for tare in getattr(holder, "tares", ()):
        empty = False
        yield from _packed(tare, joined(inside, _marks("pallet", tare)))
    for pack in getattr(holder, "packs", ()):
        empty = False
        yield from _packed(pack, joined(inside, _marks("carton", pack)))
    for item in holder.items:
        empty = False
        yield inside, item
    if empty and inside:
        yield inside, None


def _marks(name: str, holder: Tare | Pack) -> str:
    return joined(
        joined(name, *map(parts.identifier, holder.marks), by=" "), *map(parts.reference, holder.references)
    )


MakeRow = Callable[[Any, str], Row]
TABLES: dict[type, tuple[tuple[str, ...], tuple[int, ...], int, MakeRow]] = {
    # kind: columns, those with numbers, the wide one, how a row is made
    Line: (LINE_COLUMNS, (2, 4, 5), 1, _line),
    AcknowledgedLine: (LINE_COLUMNS, (2, 4, 5), 1, _acknowledged),
    RemittanceLine: (("Document", "Gross", "Discount", "Paid"), (1, 2, 3), 0, _remitted),
    JournalLine: (("Account", "Description", "Debit", "Credit"), (2, 3), 1, _posted),
    Reason: (("Why",), (), 0, _reason),
    Acknowledgement: (("What", "Result"), (), 1, _answered),
}
