"""Writing to FreshBooks once, whatever gets lost on the way."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connections.models import Connection
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.sandbox.freshbooks.oauth import APP_SCOPES
from connections.systems.base import Misconfigured, Rejected, UnknownOutcome
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import Client
from connections.systems.freshbooks.resources import Books as Ours
from mappings.canonical import (
    Bill,
    Customer,
    JournalEntry,
    JournalLine,
    Line,
    Party,
    Payment,
    Reference,
    Tax,
    Vendor,
)
from mappings.freshbooks import (
    from_bill,
    from_customer,
    from_journal_entry,
    from_payment,
    from_vendor,
    to_bill,
    to_customer,
    to_payment,
    to_vendor,
)
from tests.freshbooks.conftest import sign_in

pytestmark = pytest.mark.django_db

PAYMENT = Payment(
    number="REM-77",
    date=dt.date(2026, 3, 5),
    amount=Decimal("50.00"),
    currency="USD",
    pays=Reference(kind="invoice", value="0000001"),
    method="ach",
)
BILL = Bill(
    number="4711",
    date=dt.date(2026, 3, 1),
    currency="USD",
    total=Decimal("21.53"),
    vendor=Party(role="vendor", name="Northwind Paper"),
    purchase_order="PO-9",
    lines=(
        Line(
            number="1",
            quantity=Decimal(2),
            unit_price=Decimal("10.25"),
            description="Paper",
            taxes=(Tax(kind="sales", name="Sales Tax", rate=Decimal(5), amount=Decimal("1.03")),),
        ),
    ),
)
ENTRY = JournalEntry(
    number="JE-2026-02-28-01",
    date=dt.date(2026, 2, 28),
    currency="USD",
    description="Payroll",
    lines=(
        JournalLine(account="6000-1", debit=Decimal("200.00")),
        JournalLine(account="1000-1", credit=Decimal("200.00")),
    ),
)
SUB_ACCOUNTS = {"6000-1": 635980, "1000-1": 635971}

# What is created, by which method, and where the stand-in keeps it.
CREATED: dict[str, tuple[str, dict[str, Any], str]] = {
    "payment": ("create_payment", from_payment(PAYMENT, invoice_id=90001), "payments"),
    "bill": ("create_bill", from_bill(BILL, vendor_id=1561, category_of=lambda _: 65771), "bills"),
    "vendor": (
        "create_vendor",
        from_vendor(Vendor(number="V-9", party=Party(role="vendor", name="New Mill"), currency="USD")),
        "bill_vendors",
    ),
    "client": (
        "create_client",
        from_customer(Customer(number="9", party=Party(role="buyer", name="A & B #1"), currency="USD")),
        "clients",
    ),
    "journal entry": (
        "create_journal_entry",
        from_journal_entry(ENTRY, lambda line: SUB_ACCOUNTS[line.account]),
        "journal_entries",
    ),
}
everything = pytest.mark.parametrize("what", CREATED)


@pytest.fixture
def ours(client_: Client) -> Ours:
    return Ours(client_)


@pytest.fixture
def create(ours: Ours) -> Callable[..., dict[str, Any]]:
    def make(what: str, **options: Any) -> dict[str, Any]:
        method, values, _ = CREATED[what]
        return getattr(ours, method)(values, **options)

    return make


def count(books: Books, what: str) -> int:
    return len(books.tables[CREATED[what][2]])


def posts(books: Books) -> int:
    return len([call for call in books.calls if call["method"] == "POST"])


@everything
def test_what_is_created_is_found_again(ours: Ours, create: Any, books: Books, what: str) -> None:
    method, values, _ = CREATED[what]
    find = getattr(ours, method.replace("create", "find"))
    assert find(values) is None
    made = create(what)
    found = find(values)
    key = next(key for key in ("vendorid", "id") if key in made)
    assert str(found[key]) == str(made[key])


@everything
def test_after_a_lost_reply_it_is_found_instead_of_made_twice(create: Any, books: Books, what: str) -> None:
    before = count(books, what)
    books.faults.set("reply_lost", times=1, method="POST")
    assert create(what)
    assert (count(books, what), posts(books)) == (before + 1, 1)


@everything
def test_when_nobody_can_say_the_next_attempt_looks_it_up_first(create: Any, books: Books, what: str) -> None:
    """The reply is lost, and so is the answer to the look-up: the outcome stays unknown until the next attempt."""
    before = count(books, what)
    books.faults.set("reply_lost", times=2, path="/accounting/*")
    with pytest.raises(UnknownOutcome):
        create(what)
    assert create(what, may_exist=True)
    assert (count(books, what), posts(books)) == (before + 1, 1)


@everything
def test_what_never_arrived_is_made_by_the_next_attempt(create: Any, books: Books, what: str) -> None:
    before = count(books, what)
    books.faults.set("server_error", times=1, method="POST", path="/accounting/*")
    with pytest.raises(UnknownOutcome):
        create(what)
    assert create(what, may_exist=True)
    assert (count(books, what), posts(books)) == (before + 1, 2)


@everything
def test_a_refusal_is_no_unknown_outcome(create: Any, books: Books, what: str) -> None:
    books.faults.set("errors_at_200")
    books.faults.set("client_role_only")
    with pytest.raises(Misconfigured):
        create(what)
    assert posts(books) == 1


def test_a_deleted_payment_does_not_count_as_the_one_we_booked(
    ours: Ours, create: Any, client_: Client
) -> None:
    made = create("payment")
    client_.delete(RESOURCES["payments"], made["id"])
    assert ours.find_payment(CREATED["payment"][1]) is None


def test_another_payment_of_the_same_amount_does_not_count_as_ours(ours: Ours, books: Books) -> None:
    books.bookkeeper.pay_invoice(90001, "50.00", date="2026-03-05", note="somebody else's", notify=False)
    assert ours.find_payment(CREATED["payment"][1]) is None


def test_what_was_written_reads_back_as_it_was_meant(ours: Ours, create: Any, client_: Client) -> None:
    invoice = client_.find(RESOURCES["invoices"], 90001) or {}
    assert to_payment(create("payment"), invoice).amount == PAYMENT.amount
    vendor = client_.find(RESOURCES["bill_vendors"], 1561)
    bill = to_bill(create("bill"), vendor)
    assert (bill.number, bill.total, bill.lines[0].description) == ("4711", BILL.total, "PO PO-9: Paper")
    assert to_vendor(create("vendor")).party.name == "New Mill"
    assert to_customer(create("client")).party.name == "A & B #1"


def test_a_journal_entry_without_currency_is_looked_up_not_repeated(ours: Ours, books: Books) -> None:
    """FreshBooks answers HTTP 500 to it, which could mean anything."""
    values = {**CREATED["journal entry"][1], "currency_code": ""}
    with pytest.raises(UnknownOutcome):
        ours.create_journal_entry(values)
    assert len(books.journal_entries.table) == 0


def test_vendors_and_clients_can_be_brought_up_to_date(ours: Ours, books: Books) -> None:
    assert ours.update_vendor("1561", {"phone": "1"})["phone"] == "1"
    assert ours.update_client("55001", {"fax": "2"})["organization"] == "Acme Retail"


def test_a_note_is_added_to_an_invoice_once(ours: Ours, books: Books, connection: Connection) -> None:
    sign_in(connection, books, [*APP_SCOPES, "user:invoices:write"])
    books.bookkeeper.edit_invoice(90001, notes="Thank you", notify=False)
    ours.add_invoice_note("90001", "Acknowledged by Acme")
    ours.add_invoice_note("90001", "Acknowledged by Acme")
    assert books.invoices.table.rows[90001]["notes"] == "Thank you\nAcknowledged by Acme"


def test_a_note_needs_a_permission_that_we_do_not_ask_for(ours: Ours) -> None:
    with pytest.raises(Misconfigured, match="does not let us use the invoice"):
        ours.add_invoice_note("90001", "Acknowledged")


def test_a_note_for_an_invoice_that_is_gone(ours: Ours) -> None:
    with pytest.raises(Rejected, match="not in FreshBooks any more"):
        ours.add_invoice_note("4711", "Acknowledged")


def test_the_lists_that_mappings_are_made_from(ours: Ours) -> None:
    checking = next(account for account in ours.accounts() if account.number == "1000-1")
    assert (checking.name, checking.kind, checking.is_active) == ("Checking", "asset", True)
    assert (checking.journal_sub_account, checking.expense_category) == (635971, None)
    assert {row["category"] for row in ours.expense_categories()} >= {"Office Supplies", "Utilities"}
    assert len(ours.clients()) == 6
    assert len(ours.vendors()) == 4
    assert len(ours.items()) == 5
    assert len(ours.taxes()) == 2
    assert any(
        sub["sub_accountid"] == 635971 for row in ours.journal_accounts() for sub in row["sub_accounts"]
    )
