"""What the books of Byron Supply hold at the start. The ids are fixed; see the package's docstring."""

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from connections.sandbox.freshbooks.notices import SILENT

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

OPENED = "2026-01-05 09:00:00"

CLIENTS = (
    ("Acme Retail", "Wile", "Coyote", "9 Canyon Rd", "Tucson", "AZ", "85701"),
    ("Bluebell Grocers", "Nora", "Bell", "14 Market St", "Portland", "OR", "97205"),
    ("Canyon Outfitters", "Sam", "Ridge", "200 Mesa Ave", "Boulder", "CO", "80302"),
    ("Delta Hardware", "Rosa", "Delgado", "77 River Rd", "Memphis", "TN", "38103"),
    ("Evergreen Market", "Ivo", "Pine", "5 Cedar Way", "Seattle", "WA", "98101"),
    ("Foxglove Florist", "Mae", "Fox", "31 Garden Ln", "Savannah", "GA", "31401"),
)
ITEMS = (
    ("Widget, blue", "Blue widget, 10 cm", "WID-BLUE", "12.50", 8001),
    ("Widget, red", "Red widget, 10 cm", "WID-RED", "12.75", 8001),
    ("Gasket", "Rubber gasket, 4 in", "GSK-4", "3.20", 8001),
    ("Bolt set", "Box of 50 bolts M8", "BLT-M8", "18.99", 8001),
    ("Pallet service", "Palletising, per pallet", "SRV-PAL", "45.00", 0),
)
TAXES = (("Sales Tax", "6.25", "ST-6250"), ("County Tax", "1.125", None))
CATEGORIES = (
    "Office Supplies",
    "Freight & Shipping",
    "Cost of Goods Sold",
    "Utilities",
    "Professional Services",
)
VENDORS = (
    ("Northwind Paper", "Jo", "March", "jo@northwind.example", "1 Pier", "Oakland", "CA", "94607"),
    (
        "Harbor Freight Lines",
        "Lee",
        "Quay",
        "ar@harborfreight.example",
        "8 Dock St",
        "Baltimore",
        "MD",
        "21230",
    ),
    ("Gasket Works", "Ann", "Seal", "billing@gasketworks.example", "60 Mill Rd", "Akron", "OH", "44304"),
    ("City Power & Light", None, None, "accounts@citypower.example", "2 Grid Sq", "Boston", "MA", "02110"),
)
# number, name, type, sub type, sub-accounts as (name, expense category or None)
CHART: tuple[tuple[str, str, str, str, tuple[tuple[str, int | None], ...]], ...] = (
    ("1000", "Cash", "asset", "Cash & Bank", (("Checking", None), ("Petty Cash", None))),
    ("1200", "Accounts Receivable", "asset", "Current Asset", (("Trade Receivables", None),)),
    ("2000", "Accounts Payable", "liability", "Current Liability", (("Trade Payables", None),)),
    ("2200", "Sales Tax", "liability", "Current Liability", (("Sales Tax Payable", None),)),
    ("3000", "Equity", "equity", "Owner's Equity", (("Owner's Equity", None),)),
    ("4000", "Revenue", "income", "Income", (("Sales", None), ("Shipping Income", None))),
    ("5000", "Cost of Goods Sold", "expense", "Cost of Goods Sold", (("Materials", 65773),)),
    (
        "6000",
        "Operating Expenses",
        "expense",
        "Operating Expense",
        (
            ("Office Supplies", 65771),
            ("Freight", 65772),
            ("Utilities", 65774),
            ("Professional Services", 65775),
        ),
    ),
)


def plant(books: "FreshBooks") -> None:
    """Fill empty books."""
    _chart(books)
    _catalogue(books)
    _people(books)
    _bills(books)
    _expenses(books)
    _invoices(books)


def _chart(books: "FreshBooks") -> None:
    accounts: list[dict[str, Any]] = []
    sub_account_id = 635970
    for jea_id, (number, name, kind, sub_type, children) in enumerate(CHART, 4001):
        parent = _account(number, name, kind, sub_type, jea_id)
        accounts.append(parent)
        for position, (child_name, category) in enumerate(children, 1):
            sub_account_id += 1
            child = _account(f"{number}-{position}", child_name, kind, sub_type, jea_id)
            child |= {"jesa_id": sub_account_id, "category_id": category, "parent_account": parent["uuid"]}
            parent["sub_accounts"].append(child["uuid"])
            accounts.append(child)
    books.ledger.load(accounts)


def _account(number: str, name: str, kind: str, sub_type: str, jea_id: int) -> dict[str, Any]:
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"https://byronsupply.example/accounts/{number}")),
        "name": name,
        "number": number,
        "description": "",
        "type": kind,
        "sub_type": sub_type,
        "system_account_name": name,
        "parent_account": None,
        "sub_accounts": [],
        "auto_created": True,
        "state": "active",
        "updated_at": "2026-01-05T14:00:00.000000Z",
        "category_id": None,
        "jea_id": jea_id,
        "jesa_id": None,
    }


def _catalogue(books: "FreshBooks") -> None:
    for name, percent, number in TAXES:
        table = books.taxes.table
        row = {"id": table.next_id, "taxid": table.next_id, "name": name, "number": number, "amount": percent}
        system = {"accounting_systemid": books.identity.account_id}
        table.add({**row, **system, "updated": OPENED, "vis_state": 0})
    for name, description, sku, cost, tax in ITEMS:
        table = books.items.table
        row = {"id": table.next_id, "itemid": table.next_id, "name": name, "description": description}
        row |= {"qty": "1", "sku": sku, "inventory": None, "unit_cost": {"amount": cost, "code": "USD"}}
        table.add({**row, "tax1": tax, "tax2": 0, "updated": OPENED, "vis_state": 0})
    for name in CATEGORIES:
        table = books.categories.table
        row = {"id": table.next_id, "categoryid": table.next_id, "category": name, "parentid": None}
        row |= {"is_cogs": name == "Cost of Goods Sold", "is_editable": False, "transaction_posted": True}
        table.add({**row, "created_at": OPENED, "updated_at": OPENED, "vis_state": 0})


def _people(books: "FreshBooks") -> None:
    for organization, fname, lname, street, city, province, code in CLIENTS:
        row = books.clients.add(
            {
                "organization": organization,
                "fname": fname,
                "lname": lname,
                "email": f"ap@{organization.split()[0].lower()}.example",
                "p_street": street,
                "p_city": city,
                "p_province": province,
                "p_code": code,
                "p_country": "United States",
            },
            SILENT,
        )
        row |= {"signup_date": "2026-01-05 14:00:00", "updated": OPENED}
    for name, first, last, email, street, city, province, code in VENDORS:
        row = books.bill_vendors.add(
            {
                "vendor_name": name,
                "primary_contact_first_name": first,
                "primary_contact_last_name": last,
                "primary_contact_email": email,
                "street": street,
                "city": city,
                "province": province,
                "postal_code": code,
                "country": "United States",
                "currency_code": "USD",
                "language": "en",
            },
            SILENT,
        )
        row |= {"created_at": "2026-01-05 14:00:00", "updated_at": "2026-01-05 14:00:00"}


def _bills(books: "FreshBooks") -> None:
    for vendor, number, issued, category, description, quantity, cost in (
        (1561, "NW-88", "2026-02-03", 65771, "Paper, A4, case", 2, "125.00"),
        (1562, "HF-1907", "2026-02-10", 65772, "Freight Boston-Memphis", 1, "418.40"),
        (1563, "GW-5521", "2026-02-17", 65773, "Gaskets, PO 4500017", 400, "1.15"),
    ):
        line = {"categoryid": category, "description": description, "quantity": quantity}
        line |= {"unit_cost": {"amount": cost}, "tax_name1": "Sales Tax", "tax_percent1": "5"}
        row = books.bills.add(
            {
                "vendorid": vendor,
                "bill_number": number,
                "issue_date": issued,
                "due_offset_days": 30,
                "currency_code": "USD",
                "language": "en",
                "lines": [line],
            },
            SILENT,
        )
        row |= {"created_at": f"{issued} 15:28:49", "updated_at": f"{issued} 15:28:49"}
    paid = {"amount": {"amount": "262.50", "code": "USD"}, "paid_date": "2026-03-01", "note": "chk 1042"}
    books.bill_payments.add({"billid": 7001, "payment_type": "Check", **paid}, SILENT)


def _expenses(books: "FreshBooks") -> None:
    for shop, category, spent, day in (
        ("Corner Stationers", 65771, "34.10", "2026-02-05"),
        ("Bay Couriers", 65772, "61.75", "2026-02-12"),
    ):
        table = books.expenses.table
        books.expenses.table.add(
            {
                "id": table.next_id,
                "expenseid": table.next_id,
                "categoryid": category,
                "staffid": 1,
                "clientid": 0,
                "projectid": 0,
                "vendor": shop,
                "notes": "",
                "amount": {"amount": spent, "code": "USD"},
                "date": day,
                "status": 0,
                "has_receipt": False,
                "markup_percent": "0",
                "taxName1": None,
                "taxPercent1": None,
                "taxAmount1": None,
                "updated": f"{day} 10:00:00",
                "vis_state": 0,
            }
        )


def _invoices(books: "FreshBooks") -> None:
    for client, day, quantity in (
        (55001, "2026-02-02", 24),
        (55002, "2026-02-09", 10),
        (55003, "2026-02-16", 6),
    ):
        item = books.items.table.rows[40001]
        row = books.invoices.add(
            {
                "customerid": client,
                "create_date": day,
                "due_offset_days": 30,
                "status": 2,
                "po_number": f"PO-{client}-1",
                "terms": "Net 30",
                "lines": [
                    {
                        "name": item["name"],
                        "description": item["description"],
                        "qty": quantity,
                        "unit_cost": item["unit_cost"],
                        "taxName1": "Sales Tax",
                        "taxAmount1": "6.25",
                    }
                ],
            },
            SILENT,
        )
        stamp = f"{day} 10:15:00"
        row |= {"created_at": stamp, "updated": stamp, "version": f"{stamp}.000000"}
        row["lines"][0]["updated"] = stamp
    payment = {"invoiceid": 90002, "amount": {"amount": "132.81"}, "date": "2026-03-02", "type": "ACH"}
    row = books.payments.add({**payment, "note": "REM-5512"}, SILENT)
    for touched in (row, books.invoices.table.rows[90002]):
        touched["updated"] = "2026-03-02 09:00:00"
    books.invoices.table.rows[90002]["version"] = "2026-03-02 09:00:00.000000"
