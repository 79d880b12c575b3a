"""The bridge between FreshBooks' JSON and the canonical documents. Pure: values in, values out.

`to_*` read a record as the FreshBooks API gives it (numbers with a point as `Decimal`), `from_*` give what to
write there. What cannot be used raises a `BridgeError` that names the field in business words. Shapes and
meanings are those of FreshBooks' API documentation; where it is silent, the function says what was chosen.
"""

from mappings.freshbooks.bills import from_bill, to_bill
from mappings.freshbooks.invoices import is_draft_invoice, to_invoice
from mappings.freshbooks.money import (
    from_bill_payment,
    from_journal_entry,
    from_payment,
    to_bill_payment,
    to_payment,
)
from mappings.freshbooks.parties import from_customer, from_vendor, to_customer, to_vendor
from mappings.freshbooks.values import BridgeError, eastern, is_deleted, plain_date

__all__ = [
    "BridgeError",
    "eastern",
    "from_bill",
    "from_bill_payment",
    "from_customer",
    "from_journal_entry",
    "from_payment",
    "from_vendor",
    "is_deleted",
    "is_draft_invoice",
    "plain_date",
    "to_bill",
    "to_bill_payment",
    "to_customer",
    "to_invoice",
    "to_payment",
    "to_vendor",
]
