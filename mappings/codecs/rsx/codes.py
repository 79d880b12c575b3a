"""Our words and RSX's codes for them, in both directions.

A code without a word is read as `rsx:CODE`, and such a word is written as its code. Trading partners override words.
Sources: the code lists of SPS Commerce's RSX 7.7.7 schemas, whose values are those of X12 with few exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

PREFIX = "rsx:"
UNSAFE = re.compile(r"[\s%]")
"""What a word cannot hold: blanks, and the sign that stands for them."""


class NoCode(LookupError):  # says what is the matter: this vocabulary has no code for the word
    """A word has no RSX code: `vocabulary` and `word` say which."""

    def __init__(self, vocabulary: str, word: str) -> None:
        super().__init__(vocabulary, word)
        self.vocabulary = vocabulary
        self.word = word


VOCABULARIES: dict[str, dict[str, str]] = {
    "purpose": {"original": "00", "cancel": "01", "replace": "05", "confirm": "06", "duplicate": "07"},
    "invoice_kind": {"invoice": "DR", "credit_note": "CR", "self_billed": "SELF"},
    "order_kind": {
        "stand_alone": "SA",
        "drop_ship": "DS",
        "blanket": "BK",
        "release": "RL",
        "rush": "RO",
        "special": "OS",
        "information_copy": "IN",
    },
    "order_response": {
        "accepted_with_changes": "AC",
        "accepted_with_detail": "AD",
        "exceptions_only": "AE",
        "on_hold": "AH",
        "acknowledged": "AK",
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
        "vendor": "VN",
        "ship_to": "ST",
        "ship_from": "SF",
        "bill_to": "BT",
        "remit_to": "RI",
        "payer": "PR",
        "mark_for": "Z7",
    },
    "identifier": {
        "duns": "1",
        "duns_plus_4": "9",
        "seller_assigned": "91",
        "buyer_assigned": "92",
        "gln": "UL",
    },
    "item": {
        "manufacturer_part": "MG",
        "sku": "SK",
        "buyer_catalogue": "CB",
        "gtin": "ZGTIN",
        "isbn": "ZISBN",
    },
    "reference": {
        "invoice": "INV",
        "credit_memo": "CRM",
        "contract": "CT",
        "bill_of_lading": "BM",
        "carrier_reference": "CN",
        "tracking_number": "2I",
        "merchandise_type": "MR",
        "transaction": "TN",
        "voucher": "VV",
        "billing_account": "12",
        "gst_registration": "GT",
        "tax_registration": "TJ",
    },
    "date": {
        "cancel_after": "001",
        "delivery_requested": "002",
        "effective": "007",
        "ship_requested": "010",
        "shipped": "011",
        "payment_due": "013",
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
    },
    "contact": {
        "information": "IC",
        "buyer": "BD",
        "orders": "OC",
        "billing": "BI",
        "shipping": "SC",
        "receiving": "RE",
    },
    "terms": {
        "basic": "01",
        "end_of_month": "02",
        "fixed_date": "03",
        "no_discount": "05",
        "basic_discount": "08",
        "ten_days_after_end_of_month": "12",
        "previously_agreed": "14",
    },
    "terms_basis": {
        "ship_date": "1",
        "delivery_date": "2",
        "invoice_date": "3",
        "invoice_receipt": "5",
        "receipt_of_goods": "15",
        "order_date": "09",
    },
    "freight_terms": {
        "prepaid": "PP",
        "collect": "CC",
        "prepaid_and_charged": "PC",
        "third_party": "TP",
        "defined": "DF",
        "pickup": "PB",
    },
    "transport": {"motor": "M", "air": "A", "rail": "R", "ocean": "O"},
    "tax": {
        "all": "TX",
        "state_sales": "ST",
        "state_and_local_sales": "LS",
        "state_and_local": "SL",
        "city_sales": "CS",
        "local": "LT",
        "gst": "GS",
        "hst": "BE",
        "gst_goods": "CG",
        "gst_services": "CV",
        "vat": "VA",
        "state_provincial": "SP",
        "provincial_sales": "PG",
        "sales_and_use": "SU",
        "other": "UNDF",
    },
    "charge": {
        "freight": "D240",
        "fuel_surcharge": "D270",
        "handling": "D500",
        "discount": "C310",
        "promotion": "F800",
        "restocking": "G470",
        "shipping": "G821",
        "shipping_and_handling": "G830",
        "trade_discount": "I170",
        "volume_discount": "I530",
        "other": "UNDF",
    },
    "price_basis": {
        "each": "PE",
        "per_ten": "PN",
        "per_dozen": "PD",
        "per_hundred": "HP",
        "per_thousand": "HT",
        "per_ten_thousand": "TT",
        "per_hundred_thousand": "HTH",
    },
    "note": {"general": "GEN"},
}

WRITTEN_AS: dict[str, dict[str, str]] = {
    # RSX knows no acceptance without detail but this one, and no sales tax that says no more than that.
    "order_response": {"accepted": "AK"},
    "tax": {"sales": "ST"},
    "party": {"seller": "VN", "supplier": "VN", "payee": "RI"},
    "line_status": {},
}
"""Words that share the code of another one: they are written, but read back as that one."""

READ_AS: dict[str, dict[str, str]] = {
    "order_response": {"RF": "rejected_with_detail"},
    "item": {"ZUPC": "gtin", "ZEAN": "gtin"},
    "tax": {"QST": "provincial_sales"},
}
"""Codes that mean what another one means."""


class Codes:
    """All vocabularies in both directions, with a partner's own codes: {vocabulary: {word: code}}."""

    def __init__(self, overrides: Mapping[str, Mapping[str, str]] | None = None) -> None:
        overrides = overrides or {}
        self._codes: dict[str, dict[str, str]] = {}
        self._words: dict[str, dict[str, str]] = {}
        for name, standard in VOCABULARIES.items():
            own = overrides.get(name, {})
            self._codes[name] = {**WRITTEN_AS.get(name, {}), **standard, **own}
            words = {code: word for word, code in standard.items() if word not in own}
            self._words[name] = {
                **words,
                **READ_AS.get(name, {}),
                **{code: word for word, code in own.items()},
            }

    def code(self, vocabulary: str, word: str) -> str:
        """The code for `word`; an empty word has an empty one. Raises `NoCode`."""
        if not word:
            return ""
        code = self._codes[vocabulary].get(word)
        if code is None:
            if not word.startswith(PREFIX):
                raise NoCode(vocabulary, word)
            code = unquote(word[len(PREFIX) :])
        return code

    def word(self, vocabulary: str, code: str) -> str:
        """The word for `code`, or `rsx:CODE`."""
        return self._words[vocabulary].get(code) or unknown(code)


def unknown(code: str) -> str:
    """A code or a member's name as a word that keeps it: `rsx:QX`."""
    return PREFIX + UNSAFE.sub(lambda match: quote(match[0]), code) if code else ""
