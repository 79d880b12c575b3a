"""FreshBooks bills, and canonical bills as FreshBooks takes them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from mappings.canonical import (
    AllowanceOrCharge,
    Bill,
    Line,
    Origin,
    PaymentTerms,
    Reference,
    Tax,
    line_amount,
    rounded,
)
from mappings.freshbooks.parties import DEFAULT_LANGUAGE, vendor_party
from mappings.freshbooks.taxes import tax_kind
from mappings.freshbooks.values import (
    BridgeError,
    Row,
    amount_on_wire,
    currency_of,
    day,
    identifier,
    money,
    number,
    plain_date,
    rows,
    text,
    whole_amount,
)

ZERO = Decimal(0)
HUNDRED = Decimal(100)
MOST_TAXES = 2

# The FreshBooks expense category that a part of a bill is booked to, by its id.
CategoryOf = Callable[[Line | AllowanceOrCharge | Tax], int]


def to_bill(bill: Row, vendor: Row | None = None) -> Bill:
    """A bill with its vendor's record (or the vendor object inside the bill, where FreshBooks puts one).

    The expense categories become GL accounts of the lines, by their FreshBooks ids. Raises `BridgeError`.
    """
    name = text(bill, "bill_number") or f"with id {identifier(bill, 'id')}"
    try:
        return _to_bill(bill, vendor)
    except BridgeError as error:
        raise BridgeError(f"Bill {name}: {error}") from error


def from_bill(bill: Bill, *, vendor_id: int, category_of: CategoryOf, language: str = "") -> dict[str, Any]:
    """What to write to book a bill. Charges, and taxes of the whole document, become lines of their own.

    FreshBooks has no field for the purchase order: it leads the first line's description. Raises
    `BridgeError` for what FreshBooks cannot hold, and when it would come to another total.
    """
    if bill.kind == "credit_note":
        raise BridgeError(f"Bill {bill.number} is a credit note, which FreshBooks does not take as a bill.")
    lines = [_line_on_wire(line, bill, category_of) for line in bill.lines]
    lines += [_extra_on_wire(name, amount, bill, category_of(part)) for part, name, amount in _extras(bill)]
    if not lines:
        raise BridgeError(f"Bill {bill.number} has no lines.")
    if bill.purchase_order:
        lines[0]["description"] = f"PO {bill.purchase_order}: {lines[0]['description']}"
    expected = sum((_total_at_freshbooks(line, bill.currency) for line in lines), ZERO)
    if expected != bill.total:
        raise BridgeError(
            f"Bill {bill.number} amounts to {bill.total} {bill.currency}, but FreshBooks would make it "
            f"{expected} {bill.currency} from its lines and tax percentages."
        )
    return {
        "vendorid": vendor_id,
        "bill_number": bill.number,
        "issue_date": bill.date.isoformat(),
        "due_offset_days": _due_in_days(bill),
        "currency_code": bill.currency,
        "language": language or DEFAULT_LANGUAGE,
        "lines": lines,
    }


def _to_bill(bill: Row, vendor: Row | None) -> Bill:
    currency = currency_of(bill, "it")
    inside = bill.get("vendor")
    vendor = vendor if vendor is not None else inside if isinstance(inside, dict) else {}
    return Bill(
        number=text(bill, "bill_number") or identifier(bill, "id"),
        date=day(bill, "issue_date", "the date"),
        currency=currency,
        total=whole_amount(bill.get("total_amount"), "the total", currency),
        vendor=vendor_party({"vendorid": bill.get("vendorid"), **vendor}),
        terms=_terms(bill),
        lines=tuple(_to_line(row, index, currency) for index, row in enumerate(rows(bill, "lines"))),
        origin=Origin(
            system="freshbooks",
            id=identifier(bill, "id"),
            status=text(bill, "status"),
            updated_at=text(bill, "updated_at"),
        ),
    )


def _to_line(row: Row, index: int, currency: str) -> Line:
    what = f"of line {index + 1}"
    category = row.get("category")
    inside = category if isinstance(category, dict) else {}
    category_id = identifier(row, "categoryid") or identifier(inside, "categoryid", "id")
    category_name = text(inside, "category") or text(row, "category")
    account = (
        (Reference(kind="gl_account", value=category_id, description=category_name),) if category_id else ()
    )
    return Line(
        number=str(index + 1),
        quantity=number(row.get("quantity"), f"the quantity {what}"),
        unit_price=money(row.get("unit_cost"), f"the unit cost {what}", currency),
        description=text(row, "description"),
        amount=whole_amount(row.get("amount"), f"the amount {what}", currency),
        taxes=tuple(_line_taxes(row, what, currency)),
        references=account,
    )


def _line_taxes(row: Row, what: str, currency: str) -> Iterator[Tax]:
    for which in ("1", "2"):
        amount, percent = row.get(f"tax_amount{which}"), row.get(f"tax_percent{which}")
        if amount is None:
            continue
        name = text(row, f"tax_name{which}")
        yield Tax(
            kind=tax_kind(name),
            name=name,
            rate=None if percent in (None, "") else number(percent, f"the tax percentage {what}"),
            amount=whole_amount(amount, f"the tax {what}", currency),
        )


def _terms(bill: Row) -> tuple[PaymentTerms, ...]:
    """Until when it is to be paid: the day, else the days that FreshBooks makes it of."""
    due, days = plain_date(bill.get("due_date")), text(bill, "due_offset_days")
    if due:
        return (PaymentTerms(net_due_date=due),)
    return (PaymentTerms(net_days=int(days)),) if days.isdecimal() else ()


def _due_in_days(bill: Bill) -> int:
    """FreshBooks takes the days until a bill is due, never the day itself."""
    if bill.due_date:
        if bill.due_date < bill.date:
            raise BridgeError(
                f"Bill {bill.number} is due on {bill.due_date}, before its own date {bill.date}."
            )
        return (bill.due_date - bill.date).days
    return next((terms.net_days for terms in bill.terms if terms.net_days is not None), 0)


def _line_on_wire(line: Line, bill: Bill, category_of: CategoryOf) -> dict[str, Any]:
    quantity, price = line.quantity, line.unit_price
    amount = rounded(line_amount(line), bill.currency)
    if quantity is None or price is None or rounded(quantity * price, bill.currency) != amount:
        # A price per hundred, or an amount without quantity: one piece of what it comes to.
        quantity, price = Decimal(1), amount
    wire = {
        "categoryid": category_of(line),
        "description": line.description or line.seller_item or line.buyer_item or f"Line {line.number}",
        "quantity": format(quantity, "f"),
        "unit_cost": amount_on_wire(price, bill.currency),
    }
    taxes = [tax for tax in line.taxes if tax.added and (tax.amount or tax.rate)]
    if len(taxes) > MOST_TAXES:
        raise BridgeError(
            f"Line {line.number} of bill {bill.number} has {len(taxes)} taxes; FreshBooks takes two."
        )
    for which, tax in enumerate(taxes, start=1):
        wire |= {
            f"tax_name{which}": tax.name or tax.kind,
            f"tax_percent{which}": _percent(tax, amount, line, bill),
        }
    return wire


def _percent(tax: Tax, amount: Decimal, line: Line, bill: Bill) -> str:
    """FreshBooks takes a tax as a percentage of up to three decimals only."""
    if tax.rate is not None:
        return format(tax.rate, "f")
    base = tax.taxable_amount or amount
    if not base or tax.amount is None:
        raise BridgeError(
            f"A tax of line {line.number} of bill {bill.number} has neither percentage nor base."
        )
    return format((tax.amount * HUNDRED / base).quantize(Decimal("0.001")), "f")


def _extras(bill: Bill) -> Iterator[tuple[AllowanceOrCharge | Tax, str, Decimal]]:
    """What stands beside the lines' own amounts, each with its name and signed amount."""
    charges = [*bill.charges, *(charge for line in bill.lines for charge in line.charges)]
    for charge in charges:
        name = charge.description or charge.kind.replace("_", " ").capitalize()
        yield charge, name, charge.amount if charge.charge else -charge.amount
    for tax in bill.taxes:
        if tax.added and tax.amount:
            yield tax, tax.name or tax.kind.replace("_", " ").capitalize(), tax.amount


def _extra_on_wire(name: str, amount: Decimal, bill: Bill, category_id: int) -> dict[str, Any]:
    return {
        "categoryid": category_id,
        "description": name,
        "quantity": "1",
        "unit_cost": amount_on_wire(amount, bill.currency),
    }


def _total_at_freshbooks(wire: dict[str, Any], currency: str) -> Decimal:
    """What a line comes to once FreshBooks has put its taxes on it."""
    amount = rounded(Decimal(wire["quantity"]) * Decimal(wire["unit_cost"]["amount"]), currency)
    taxes = (Decimal(wire.get(f"tax_percent{which}", "0")) for which in ("1", "2"))
    return amount + sum((rounded(amount * percent / HUNDRED, currency) for percent in taxes), ZERO)
