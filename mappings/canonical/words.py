"""The vocabulary of the canonical documents: one word per meaning, the same on every wire.

Every `kind`, `role`, `scheme` and `method` field holds one of these words. A code of a partner that has no
word here is kept as `standard:code` (for example `x12:QX`), so nothing is lost between reading and writing.
The codecs map these words to their own codes; the sets also feed the mapping editor.
"""

from __future__ import annotations

PURPOSES = frozenset({"original", "cancel", "replace", "confirm", "duplicate"})

INVOICE_KINDS = frozenset(
    {
        "invoice",
        "credit_note",
        "debit_note",
        "prepayment",
        "final",
        "memo",
        "consolidated",
        "corrected",
        "self_billed",
    }
)

ORDER_KINDS = frozenset(
    {
        "stand_alone",
        "new",
        "purchase",
        "drop_ship",
        "blanket",
        "release",
        "rush",
        "special",
        "call_off",
        "information_copy",  # to be known, neither to be fulfilled nor billed
    }
)

ORDER_RESPONSES = frozenset(
    {
        "accepted",  # the whole order, without repeating it
        "accepted_with_detail",
        "accepted_with_changes",
        "acknowledged",  # received, no verdict on the detail
        "exceptions_only",
        "on_hold",
        "rejected",
        "rejected_with_detail",
        "counter_offer",
    }
)

LINE_STATUSES = frozenset(
    {
        "accepted",
        "accepted_and_shipped",
        "accepted_with_changes",
        "back_ordered",
        "deleted",
        "partly_shipped",
        "price_changed",
        "quantity_changed",
        "rejected",
        "released_for_shipment",
        "rescheduled",
        "substituted",
    }
)

PARTY_ROLES = frozenset(
    {
        "buyer",
        "seller",
        "supplier",
        "vendor",
        "ship_to",
        "ship_from",
        "bill_to",
        "remit_to",
        "invoice_issuer",
        "payer",
        "payee",
        "mark_for",
    }
)

IDENTIFIER_SCHEMES = frozenset(
    {
        "duns",
        "duns_plus_4",
        "gln",
        "seller_assigned",
        "buyer_assigned",
        "tax_id",
        "scac",
        "mutually_defined",
        # items
        "seller_item",
        "buyer_item",
        "manufacturer_part",
        "sku",
        "gtin",
        "isbn",
        "serial_number",
        "buyer_catalogue",
        # packages
        "sscc",
        "carrier_package",
        "shipping_mark",
    }
)

REFERENCE_KINDS = frozenset(
    {
        "purchase_order",
        "invoice",
        "original_invoice",
        "credit_memo",
        "vendor_number",
        "internal_vendor_number",
        "department",
        "customer_order",
        "customer_reference",
        "contract",
        "bill_of_lading",
        "carrier_reference",
        "tracking_number",
        "merchandise_type",
        "transaction",
        "check",
        "voucher",
        "payment",
        "account",
        "billing_account",
        "gl_account",
        "gl_segment",  # gl_segment_1, gl_segment_2 ... where a partner keeps them apart
        "project",
        "store",
        "gst_registration",
        "vat_registration",
        "tax_registration",
        "delivery_note",
        "despatch_advice",
        "price_list",
        "mutually_defined",
    }
)

DATE_KINDS = frozenset(
    {
        "document",
        "invoice",
        "order",
        "delivery_requested",
        "delivered",
        "delivery_estimated",
        "delivery_scheduled",
        "ship_requested",
        "ship_promised",
        "ship_scheduled",
        "shipped",
        "ship_not_before",
        "ship_no_later",
        "deliver_no_later",
        "deliver_not_before",
        "cancel_after",
        "effective",
        "processed",
        "created",
        "service_start",
        "service_end",
        "payment",
        "payment_due",
    }
)

CONTACT_ROLES = frozenset(
    {
        "information",
        "buyer",
        "orders",
        "accounts_payable",
        "accounts_receivable",
        "billing",
        "shipping",
        "receiving",
    }
)

TAX_KINDS = frozenset(
    {
        "all",
        "sales",
        "state_sales",
        "state_and_local_sales",
        "state_and_local",
        "state_provincial",
        "city_sales",
        "local",
        "vat",
        "gst",
        "hst",
        "gst_goods",
        "gst_services",
        "provincial_sales",
        "sales_and_use",
        "other",
    }
)

CHARGE_KINDS = frozenset(
    {
        "freight",
        "shipping",
        "shipping_and_handling",
        "handling",
        "fuel_surcharge",
        "discount",
        "trade_discount",
        "volume_discount",
        "quantity_discount",
        "promotion",
        "restocking",
        "gst",
        "sales_tax",
        "tax",
        "other",
    }
)

FREIGHT_TERMS = frozenset({"prepaid", "collect", "prepaid_and_charged", "third_party", "defined", "pickup"})
TRANSPORT_MODES = frozenset({"motor", "air", "parcel", "rail", "ocean"})

PAYMENT_METHODS = frozenset(
    {"ach", "check", "wire", "swift", "card", "cash", "bank_transfer", "credit", "none", "other"}
)

ADJUSTMENT_REASONS = frozenset(
    {"pricing", "quantity", "damage", "discount", "freight", "tax", "not_received", "other"}
)

ACKNOWLEDGEMENT_STATUSES = frozenset({"accepted", "accepted_with_errors", "rejected", "partial", "received"})

PRICE_BASES = {
    "each": 1,
    "per_ten": 10,
    "per_dozen": 12,
    "per_hundred": 100,
    "per_thousand": 1000,
    "per_ten_thousand": 10000,
    "per_hundred_thousand": 100000,
}
"""How many units a unit price is for; a basis that is not here counts as one."""

ZERO_DECIMAL_CURRENCIES = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
THREE_DECIMAL_CURRENCIES = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
