"""Our words and X12's codes for them, in both directions.

Each vocabulary lists the code that is written for a word; `ALIASES` are further codes that are read as that word. A
code without a word is read as `x12:CODE`, and such a word is written as its code. Partners override single words.
Sources: X12 data elements 66, 88, 91, 92, 98, 128, 146, 235, 305, 333, 336, 353, 363, 366, 374, 426, 482, 506, 569,
587, 591, 639, 640, 668, 963 and 1300 as used in the public guides named in `tables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

PREFIX = "x12:"


class NoCode(LookupError):  # says what is the matter: this vocabulary has no code for the word
    """A word has no X12 code: `vocabulary` and `word` say which."""

    def __init__(self, vocabulary: str, word: str) -> None:
        super().__init__(vocabulary, word)
        self.vocabulary = vocabulary
        self.word = word


class ToCode(dict[str, str]):
    """Word to code. A missing word is `x12:CODE`, or raises `NoCode`."""

    def __init__(self, vocabulary: str, codes: Mapping[str, str]) -> None:
        super().__init__(codes)
        self.vocabulary = vocabulary

    def __missing__(self, word: str) -> str:
        if word.startswith(PREFIX):
            return word[len(PREFIX) :]
        raise NoCode(self.vocabulary, word)


class ToWord(dict[str, str]):
    """Code to word; a code without a word becomes `x12:CODE`."""

    def __missing__(self, code: str) -> str:
        return PREFIX + code


VOCABULARIES: dict[str, dict[str, str]] = {
    "purpose": {"original": "00", "cancel": "01", "replace": "05", "confirm": "06", "duplicate": "07"},
    "invoice_kind": {
        "invoice": "",
        "credit_note": "CR",
        "debit_note": "DR",
        "prepayment": "PP",
        "final": "FB",
        "memo": "ME",
        "consolidated": "CI",
    },
    "order_kind": {
        "stand_alone": "SA",
        "new": "NE",
        "purchase": "KN",
        "drop_ship": "DS",
        "blanket": "BK",
        "release": "RL",
        "rush": "RO",
        "special": "OS",
    },
    "order_response": {
        "accepted": "AT",
        "accepted_with_detail": "AD",
        "accepted_with_changes": "AC",
        "acknowledged": "AK",
        "exceptions_only": "AE",
        "on_hold": "AH",
        "rejected": "RJ",
        "rejected_with_detail": "RD",
        "counter_offer": "RO",
    },
    "line_status": {
        "accepted": "IA",
        "accepted_and_shipped": "AC",
        "accepted_with_changes": "IC",
        "back_ordered": "IB",
        "deleted": "ID",
        "partly_shipped": "BP",
        "price_changed": "IP",
        "quantity_changed": "IQ",
        "rejected": "IR",
        "released_for_shipment": "AR",
        "rescheduled": "DR",
        "substituted": "IS",
    },
    "party": {
        "buyer": "BY",
        "seller": "SE",
        "supplier": "SU",
        "vendor": "VN",
        "ship_to": "ST",
        "ship_from": "SF",
        "bill_to": "BT",
        "remit_to": "RE",
        "invoice_issuer": "II",
        "payer": "PR",
        "payee": "PE",
        "mark_for": "Z7",
    },
    "identifier": {
        "duns": "1",
        "scac": "2",
        "duns_plus_4": "9",
        "seller_assigned": "91",
        "buyer_assigned": "92",
        "gln": "UL",
        "tax_id": "FI",
        "mutually_defined": "ZZ",
    },
    "item": {
        "seller_item": "VP",
        "buyer_item": "BP",
        "sku": "SK",
        "manufacturer_part": "MG",
        "buyer_catalogue": "CB",
        "isbn": "IB",
        "serial_number": "SN",
        "mutually_defined": "ZZ",
    },
    "mark": {"sscc": "GM", "carrier_package": "CP", "shipping_mark": "UC"},
    "reference": {
        "purchase_order": "PO",
        "invoice": "IV",
        "original_invoice": "OI",
        "credit_memo": "CM",
        "vendor_number": "VR",
        "internal_vendor_number": "IA",
        "department": "DP",
        "customer_order": "CO",
        "customer_reference": "CR",
        "contract": "CT",
        "bill_of_lading": "BM",
        "carrier_reference": "CN",
        "tracking_number": "2I",
        "merchandise_type": "MR",
        "transaction": "TN",
        "check": "CK",
        "voucher": "VV",
        "account": "11",
        "billing_account": "12",
        "gst_registration": "GT",
        "tax_registration": "TJ",
        "mutually_defined": "ZZ",
    },
    "date": {
        "cancel_after": "001",
        "delivery_requested": "002",
        "invoice": "003",
        "order": "004",
        "effective": "007",
        "processed": "009",
        "ship_requested": "010",
        "shipped": "011",
        "delivery_estimated": "017",
        "delivered": "035",
        "ship_not_before": "037",
        "ship_no_later": "038",
        "deliver_no_later": "063",
        "deliver_not_before": "064",
        "delivery_scheduled": "067",
        "ship_scheduled": "068",
        "ship_promised": "079",
        "created": "097",
        "service_start": "150",
        "service_end": "151",
        "payment_due": "814",
    },
    "contact": {
        "information": "IC",
        "buyer": "BD",
        "orders": "OC",
        "billing": "BI",
        "shipping": "SC",
        "receiving": "RE",
        "accounts_payable": "AP",
        "accounts_receivable": "AR",
    },
    "terms": {
        "": "",
        "basic": "01",
        "end_of_month": "02",
        "fixed_date": "03",
        "no_discount": "05",
        "basic_discount": "08",
        "ten_days_after_end_of_month": "12",
        "previously_agreed": "14",
    },
    "terms_basis": {
        "": "",
        "ship_date": "1",
        "delivery_date": "2",
        "invoice_date": "3",
        "invoice_receipt": "5",
        "receipt_of_goods": "15",
    },
    "freight_terms": {
        "prepaid": "PP",
        "collect": "CC",
        "prepaid_and_charged": "PC",
        "third_party": "TP",
        "defined": "DF",
        "pickup": "PB",
    },
    "transport": {"": "", "motor": "M", "air": "A", "parcel": "U", "rail": "R", "ocean": "O"},
    "tax": {
        "all": "TX",
        "sales": "ST",  # unless the partner says otherwise; read back as state_sales
        "state_sales": "ST",
        "state_and_local_sales": "LS",
        "state_and_local": "SL",
        "city_sales": "CS",
        "local": "LT",
        "gst": "GS",
        "gst_goods": "CG",
        "gst_services": "CV",
        "vat": "VA",
        "state_provincial": "SP",
        "provincial_sales": "PG",
        "sales_and_use": "SU",
        "other": "ZZ",
    },
    "charge": {
        "freight": "D240",
        "fuel_surcharge": "D270",
        "gst": "D360",
        "handling": "D500",
        "discount": "C310",
        "quantity_discount": "F910",
        "promotion": "F800",
        "other": "F050",
        "shipping": "G821",
        "shipping_and_handling": "G830",
        "restocking": "G470",
        "sales_tax": "H750",
        "tax": "H850",
        "trade_discount": "I170",
        "volume_discount": "I530",
    },
    "price_basis": {
        "": "",
        "each": "PE",
        "per_hundred": "HP",
        "per_thousand": "TP",
        "net": "NT",
        "contract": "CT",
    },
    "note": {"": "", "general": "GEN"},
    "payment_method": {
        "ach": "ACH",
        "check": "CHK",
        "wire": "FWT",
        "swift": "SWT",
        "card": "CCC",
        "none": "NON",
        "other": "ZZZ",
        "bank_transfer": "BOP",
    },
    "payment_handling": {
        "payment_and_remittance": "C",
        "payment_only": "D",
        "remittance_only": "I",
        "split": "U",
        "either": "X",
        "notification": "H",
        "prenotification": "P",
    },
    "payment_action": {
        "": "",
        "on_account": "PO",
        "pay_item": "PI",
        "partial": "PP",
        "final": "FL",
        "adjustment": "AJ",
    },
    "adjustment": {
        "pricing": "01",
        "quantity": "06",
        "damage": "11",
        "discount": "24",
        "freight": "54",
        "tax": "55",
        "not_received": "59",
        "other": "ZZ",
    },
    "bank": {"": "", "aba": "01", "swift": "02", "chips": "03", "canadian": "04"},
    "account": {"": "", "demand": "DA", "savings": "SG"},
}

ALIASES: dict[str, dict[str, str]] = {
    "invoice_kind": {"DI": "invoice", "CN": "credit_note"},
    "party": {"RI": "remit_to"},
    "item": {"VN": "seller_item", "IN": "buyer_item", "UP": "gtin", "EN": "gtin", "UK": "gtin"},
    "mark": {"AA": "sscc"},
}


class Codes:
    """All vocabularies in both directions, with a partner's own codes: {vocabulary: {word: code}}."""

    def __init__(self, overrides: Mapping[str, Mapping[str, str]] | None = None) -> None:
        overrides = overrides or {}
        self.to_code: dict[str, ToCode] = {}
        self.to_word: dict[str, ToWord] = {}
        for name, standard in VOCABULARIES.items():
            own = overrides.get(name, {})
            words = {code: word for word, code in standard.items() if word not in own}
            self.to_code[name] = ToCode(name, {**standard, **own})
            self.to_word[name] = ToWord(
                {**words, **ALIASES.get(name, {}), **{code: w for w, code in own.items()}}
            )


@cache
def standard_codes() -> Codes:
    """The codes without any partner's overrides."""
    return Codes()
