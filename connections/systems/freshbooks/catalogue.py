"""The accounting resources of FreshBooks: where they are, and what may be asked of them.

`filters` are the only ones that were seen to work. FreshBooks ignores any other without a word and returns
everything, so the client refuses to send them.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record under `/accounting/account/<account_id>/<path>`.

    `title` is the word for one of them on screen; `key` its id; `filters` take one value, `list_filters` a
    list (sent as `search[name][]`). `days` names the filter on the date that a backfill goes by, `dated` the field that
    holds it, `changed` the filter on the change stamp, where there is one. `includes` are asked for on every read,
    because we need what they bring.
    """

    name: str
    title: str
    path: str
    singular: str
    plural: str
    key: str = "id"
    filters: frozenset[str] = field(default_factory=frozenset)
    list_filters: frozenset[str] = field(default_factory=frozenset)
    days: str = ""
    dated: str = ""
    changed: str = ""
    includes: tuple[str, ...] = ()


def _range(*names: str) -> frozenset[str]:
    """Filters for a range: the smallest is included, the largest is not."""
    return frozenset(f"{name}_{end}" for name in names for end in ("min", "max"))


VISIBILITY = frozenset({"vis_state"})

RESOURCES = {
    resource.name: resource
    for resource in (
        Resource(
            name="invoices",
            title="the invoice",
            path="invoices/invoices",
            singular="invoice",
            plural="invoices",
            filters=VISIBILITY
            | _range("date", "updated")
            | {"customerid", "invoiceid", "invoice_number", "v3_status", "paid", "outstanding"},
            list_filters=frozenset({"customerids", "invoiceids"}),
            days="date",
            changed="updated",
            includes=("lines",),
        ),
        Resource(
            name="clients",
            title="the client",
            path="users/clients",
            singular="client",
            plural="clients",
            filters=VISIBILITY
            | _range("updated")
            | {"email", "username", "userid", "fname_like", "lname_like", "organization_like", "email_like"}
            | {"address_like", "phone_like", "note_like", "user_like"}
            | {"has_credit", "has_draft", "has_outstanding", "has_overdue"},
            list_filters=frozenset({"userids"}),
            days="updated",
            changed="updated",
        ),
        Resource(
            name="payments",
            title="the payment",
            path="payments/payments",
            singular="payment",
            plural="payments",
            filters=VISIBILITY
            | _range("date", "updated", "amount")
            | {"logid", "invoiceid", "clientid", "customerid", "type", "currency", "notes", "from_credit"}
            | {"client_name", "number", "payment_or_credit"},
            list_filters=frozenset({"logids", "clientids", "customerids"}),
            days="date",
            changed="updated",
        ),
        Resource(
            name="bills",
            title="the bill",
            path="bills/bills",
            singular="bill",
            plural="bills",
            filters=VISIBILITY | {"vendorid", "currency_code"},
            list_filters=frozenset({"statuses", "ids"}),
            dated="issue_date",
        ),
        Resource(
            name="bill_payments",
            title="the bill payment",
            path="bill_payments/bill_payments",
            singular="bill_payment",
            plural="bill_payments",
            dated="paid_date",
        ),
        Resource(
            name="bill_vendors",
            title="the vendor",
            path="bill_vendors/bill_vendors",
            singular="bill_vendor",
            plural="bill_vendors",
            key="vendorid",
            filters=VISIBILITY,
            dated="updated_at",
        ),
        Resource(
            name="expenses",
            title="the expense",
            path="expenses/expenses",
            singular="expense",
            plural="expenses",
            filters=VISIBILITY
            | _range("date", "updated", "amount")
            | {"clientid", "projectid", "categoryid", "vendor", "has_receipt"},
            list_filters=frozenset({"clientids", "projectids", "categoryids"}),
            days="date",
            changed="updated",
        ),
        Resource(
            name="categories",
            title="the expense category",
            path="expenses/categories",
            singular="category",
            plural="categories",
        ),
        Resource(
            name="items",
            title="the item",
            path="items/items",
            singular="item",
            plural="items",
            filters=VISIBILITY,
        ),
        Resource(name="taxes", title="the tax", path="taxes/taxes", singular="tax", plural="taxes"),
        Resource(
            name="journal_entries",
            title="the journal entry",
            path="journal_entries/journal_entries",
            singular="journal_entry",
            plural="journal_entries",
        ),
        Resource(
            name="journal_accounts",
            title="the journal account",
            path="journal_entry_accounts/journal_entry_accounts",
            singular="journal_entry_account",
            plural="journal_entry_accounts",
        ),
        Resource(
            name="journal_details",
            title="the journal entry",
            path="journal_entries/journal_entry_details",
            singular="journal_entry_detail",
            plural="journal_entry_details",
        ),
    )
}

# What webhooks call the records that we read, and our name for the resource. No webhook tells of bill payments.
RESOURCE_OF_NOUN = {
    "invoice": "invoices",
    "client": "clients",
    "payment": "payments",
    "bill": "bills",
    "bill_payment": "bill_payments",
    "bill_vendor": "bill_vendors",
}
