"""What a partner's order says that our invoice of it has to repeat: numbers, dates, locations, lines. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mappings.canonical import Bill, Invoice, Line, Party, PurchaseOrder, Reference
from mappings.codecs.rsx.codes import Codes

# Who we are to the partner is ours to say, not the order's.
OURS = frozenset({"seller", "supplier", "vendor", "ship_from", "remit_to", "payee", "invoice_issuer"})
ORDER_TYPE = "rsx:PrimaryPOTypeCode"


def with_order(invoice: Invoice, order: PurchaseOrder) -> Invoice:
    """The invoice with what its order says; what the invoice says itself stays.

    A location that the partner has numbered takes the place of one that FreshBooks knows by its address alone.
    """
    return replace(
        invoice,
        order_date=invoice.order_date or order.date,
        release=invoice.release or order.release,
        parties=_parties(invoice.parties, order.parties),
        references=(*invoice.references, *_further(invoice.references, _said(order))),
        dates=(
            *invoice.dates,
            *(one for one in order.dates if one.kind not in {d.kind for d in invoice.dates}),
        ),
        lines=tuple(with_lines(invoice.lines, order)),
    )


def with_lines(lines: tuple[Line, ...], order: PurchaseOrder) -> Iterator[Line]:
    """The lines as the order numbers and names them. A line that is not in the order is numbered behind them."""
    pairs = paired(lines, order)
    beyond = _highest(order.lines)
    for line, ordered in pairs:
        if ordered is None:
            beyond += 1
            yield replace(line, number=str(beyond))
            continue
        items = {one.scheme for one in line.other_items}
        yield replace(
            line,
            number=ordered.number or line.number,
            unit=ordered.unit,
            buyer_item=line.buyer_item or ordered.buyer_item,
            gtin=line.gtin or ordered.gtin,
            other_items=(*line.other_items, *(i for i in ordered.other_items if i.scheme not in items)),
        )


def paired(lines: Iterable[Line], order: PurchaseOrder) -> list[tuple[Line, Line | None]]:
    """Each line with the one that it was ordered by: the same item, and each ordered line once while they last."""
    left = list(order.lines)
    found: list[tuple[Line, Line | None]] = []
    for line in lines:
        same = next((one for one in left if is_same_item(line, one)), None)
        again = next((one for one in order.lines if is_same_item(line, one)), None)
        if same is not None:
            left.remove(same)
        found.append((line, same or again))
    return found


def is_same_item(line: Line, ordered: Line) -> bool:
    """By the partner's number, else by the trade item number, else by ours."""
    for name in ("buyer_item", "gtin", "seller_item"):
        ours, theirs = getattr(line, name), getattr(ordered, name)
        if ours and theirs:
            return bool(ours.casefold() == theirs.casefold())
    return False


def ordered_lines(bill: Bill, order: PurchaseOrder) -> list[tuple[Line, Line]]:
    """The bill's lines that were ordered, each with its ordered line.

    FreshBooks keeps no item numbers in bills: they are known by the description that the order gave them.
    """
    left = list(order.lines)
    found: list[tuple[Line, Line]] = []
    for line in bill.lines:
        text = line.description.removeprefix(f"PO {order.number}: ").casefold()
        same = next((one for one in left if text and text in _names(one)), None)
        if same is not None:
            left.remove(same)
            found.append((line, same))
    return found


def _names(line: Line) -> set[str]:
    names = (line.description, line.seller_item, line.buyer_item)
    return {name.casefold() for name in names if name}


def _said(order: PurchaseOrder) -> Iterator[Reference]:
    """The order's references, and its type as RSX writes it."""
    yield from order.references
    if order.contract:
        yield Reference(kind="contract", value=order.contract)
    yield Reference(kind=ORDER_TYPE, value=Codes({}).code("order_kind", order.kind))


def _further(known: Iterable[Reference], more: Iterable[Reference]) -> Iterator[Reference]:
    kinds = {one.kind for one in known}
    for one in more:
        if one.kind not in kinds:
            kinds.add(one.kind)
            yield one


def _parties(ours: tuple[Party, ...], theirs: tuple[Party, ...]) -> tuple[Party, ...]:
    ordered = {party.role: party for party in reversed(theirs) if party.role not in OURS}
    numbered = {role for role, party in ordered.items() if party.identifiers}
    kept = [party for party in ours if party.role not in numbered or party.identifiers or party.role in OURS]
    roles = {party.role for party in kept}
    return (*kept, *(party for role, party in reversed(ordered.items()) if role not in roles))


def _highest(lines: Iterable[Line]) -> int:
    numbers = [int(line.number) for line in lines if line.number.isascii() and line.number.isdigit()]
    return max(numbers, default=0)
