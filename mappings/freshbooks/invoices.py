"""FreshBooks invoices (resource `/invoices/invoices`, read with their lines) as canonical invoices."""

from dataclasses import replace
from decimal import Decimal

from mappings.canonical import (
    AllowanceOrCharge,
    Contact,
    EventDate,
    Invoice,
    Line,
    Note,
    Origin,
    PaymentTerms,
    rounded,
    smallest_unit,
)
from mappings.freshbooks.audit_lines import without_audit_lines
from mappings.freshbooks.parties import invoice_party, to_customer
from mappings.freshbooks.taxes import (
    ExactTax,
    canonical_tax,
    exact_taxes,
    rounding_allows,
    shared_out,
    total_of,
)
from mappings.freshbooks.values import (
    BridgeError,
    Row,
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

DRAFT = "1"
DRAFT_WORDS = frozenset({"draft", "created"})
MOST_DIGITS = 4  # of the days until an invoice is due
HUNDRED = Decimal(100)
ZERO = Decimal(0)


def is_draft_invoice(invoice: Row) -> bool:
    """Whether it was never sent: numeric status 1, or the word for it where no number is given."""
    status = text(invoice, "status")
    return status == DRAFT if status.isdigit() else text(invoice, "v3_status") in DRAFT_WORDS


def to_invoice(invoice: Row, client: Row | None = None) -> Invoice:
    """An invoice that we sent. With the client's record its contact and shipping address come along.

    The discount becomes an allowance, percent taxes become amounts of their lines, and the total is
    FreshBooks' own. Raises `BridgeError` naming what cannot be used, or `InvalidDocument`.
    """
    name = text(invoice, "invoice_number") or f"with id {identifier(invoice, 'id', 'invoiceid')}"
    try:
        return _to_invoice(invoice, client)
    except BridgeError as error:
        raise BridgeError(f"Invoice {name}: {error}") from error


def _to_invoice(invoice: Row, client: Row | None) -> Invoice:
    currency = currency_of(invoice, "it")
    total = whole_amount(invoice.get("amount"), "the amount", currency)
    bare, taxes = _lines(invoice, currency)
    allowance = _discount(invoice, sum((line.amount or ZERO for line in bare), ZERO), currency)
    parties = [invoice_party(invoice, "bill_to")]
    contacts: tuple[Contact, ...] = ()
    if client is not None:
        customer = to_customer(client)
        contacts = customer.party.contacts
        parties += [customer.ship_to] if customer.ship_to else []
    return Invoice(
        number=text(invoice, "invoice_number"),
        date=day(invoice, "create_date", "the invoice date"),
        currency=currency,
        total=total,
        purchase_order=text(invoice, "po_number"),
        parties=tuple(parties),
        contacts=contacts,
        dates=_dates(invoice),
        terms=_terms(invoice),
        lines=_taxed(bare, taxes, total, allowance, currency),
        charges=(allowance,) if allowance else (),
        notes=_notes(invoice),
        origin=Origin(
            system="freshbooks",
            id=identifier(invoice, "id", "invoiceid"),
            status=text(invoice, "v3_status") or text(invoice, "status"),
            updated_at=text(invoice, "updated"),
        ),
    )


def _notes(invoice: Row) -> tuple[Note, ...]:
    """What people wrote: our own lines are no part of the invoice."""
    said = without_audit_lines(text(invoice, "notes"))
    return (Note(text=said),) if said else ()


def _dates(invoice: Row) -> tuple[EventDate, ...]:
    """When it was fulfilled, if somebody said so."""
    fulfilled = plain_date(invoice.get("fulfillment_date"))
    return (EventDate(kind="shipped", date=fulfilled),) if fulfilled else ()


def _lines(invoice: Row, currency: str) -> tuple[list[Line], list[ExactTax]]:
    """The lines without their taxes, and the taxes without their cents."""
    if not isinstance(invoice.get("lines"), list):
        raise BridgeError("it was read without its lines.")
    percent = _discount_percent(invoice)
    lines, taxes = [], []
    for index, row in enumerate(rows(invoice, "lines")):
        line = _line(row, index, currency)
        lines.append(line)
        taxes += exact_taxes(row, index, line.amount or ZERO, percent)
    if not lines:
        raise BridgeError("it has no lines.")
    return lines, taxes


def _line(row: Row, index: int, currency: str) -> Line:
    what = f"of line {index + 1}"
    quantity = number(row.get("qty"), f"the quantity {what}")
    price = money(row.get("unit_cost"), f"the unit cost {what}", currency)
    computed = rounded(quantity * price, currency)
    stated = row.get("amount")
    amount = computed if stated is None else whole_amount(stated, f"the amount {what}", currency)
    if abs(amount - computed) > smallest_unit(currency):
        raise BridgeError(
            f"the amount {what} is {amount}, but {quantity:f} times {price:f} is {computed}. "
            "Save the invoice again in FreshBooks."
        )
    name = text(row, "name")
    return Line(
        number=str(index + 1),
        quantity=quantity,
        unit_price=price,
        seller_item=name,
        description=text(row, "description") or name,
        amount=amount,
    )


def _taxed(
    lines: list[Line],
    taxes: list[ExactTax],
    total: Decimal,
    allowance: AllowanceOrCharge | None,
    currency: str,
) -> tuple[Line, ...]:
    """The lines with tax amounts that bring the document to FreshBooks' total."""
    net = sum((line.amount or ZERO for line in lines), ZERO) - (allowance.amount if allowance else ZERO)
    if not rounding_allows(taxes, total - net, currency):
        computed = rounded(net + total_of(taxes), currency)
        raise BridgeError(
            f"FreshBooks says that it amounts to {total} {currency}, but its lines, discount and taxes "
            f"add up to {computed} {currency}. Save the invoice again in FreshBooks, or tell support."
        )
    amounts = shared_out(taxes, total - net, currency) if taxes else []
    return tuple(
        _with_taxes(line, [pair for pair in amounts if pair[0].line == index], currency)
        for index, line in enumerate(lines)
    )


def _with_taxes(line: Line, pairs: list[tuple[ExactTax, Decimal]], currency: str) -> Line:
    return replace(line, taxes=tuple(canonical_tax(tax, amount, currency) for tax, amount in pairs))


def _discount_percent(invoice: Row) -> Decimal:
    value = invoice.get("discount_value")
    percent = ZERO if value in (None, "") else abs(number(value, "the discount"))
    if percent > HUNDRED:
        raise BridgeError(f"the discount is {percent:f} percent.")
    return percent


def _discount(invoice: Row, net: Decimal, currency: str) -> AllowanceOrCharge | None:
    percent = _discount_percent(invoice)
    if not percent:
        return None
    stated = invoice.get("discount_total")
    computed = rounded(net * percent / HUNDRED, currency)
    amount = computed if stated is None else abs(whole_amount(stated, "the discount", currency))
    if net < 0:
        # A discount on a negative amount adds to it; an allowance cannot say that.
        raise BridgeError(f"it has a discount, but its lines add up to {net}, which is below zero.")
    return AllowanceOrCharge(
        charge=False,
        kind="discount",
        amount=amount,
        percent=percent,
        description=text(invoice, "discount_description"),
    )


def _terms(invoice: Row) -> tuple[PaymentTerms, ...]:
    days = text(invoice, "due_offset_days")
    net_days = int(days) if days.isascii() and days.isdigit() and len(days) <= MOST_DIGITS else None
    terms = PaymentTerms(
        net_days=net_days,
        net_due_date=plain_date(invoice.get("due_date")),
        description=text(invoice, "terms"),
    )
    return () if terms == PaymentTerms() else (terms,)
