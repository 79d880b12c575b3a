"""Our words and EDIFACT's codes for them, in both directions.

Each vocabulary lists the code that is written for a word; `ALIASES` are further codes that are read as that word. A
code without a word is read as `edifact:CODE`, and such a word is written as its code. Partners override single words.
Sources: the code lists of D.96A and D.95A to D.01B as published by UN/ECE (service.unece.org/trade/untdid) and
repeated by stedi.com, GS1's EANCOM 1997, stylusstudio.com and kasoftware.com: data elements 1001, 1153, 1225, 1229,
2005, 2475, 3035, 3055, 3139, 4215, 4221, 4279, 4343, 4451, 4461, 4465, 5153, 5387, 7143, 7161, 7405 and 8067; units
from UN/ECE Recommendation 20, matched with X12 data element 355.
"""

from __future__ import annotations

from functools import cache

from mappings.codecs import codes

PREFIX = "edifact:"

VOCABULARIES: dict[str, dict[str, str]] = {
    "purpose": {"original": "9", "cancel": "1", "replace": "5", "confirm": "6", "duplicate": "7"},
    "invoice_kind": {
        "invoice": "380",
        "credit_note": "381",
        "debit_note": "383",
        "corrected": "384",
        "consolidated": "385",
        "prepayment": "386",
        "self_billed": "389",
    },
    "order_kind": {
        "new": "220",
        "purchase": "220",
        "stand_alone": "220",
        "blanket": "221",
        "rush": "224",
        "release": "226",  # read back as call_off
        "call_off": "226",
    },
    # What ORDRSP says of an order: message function (1225), and response type (4343).
    "order_response": {
        "accepted": "29:AP",
        "accepted_with_detail": "29:AD",
        "accepted_with_changes": "4:AC",
        "acknowledged": "12:AB",
        "exceptions_only": "4:AI",
        "on_hold": "23:AJ",
        "rejected": "27:RE",
        "rejected_with_detail": "27:AD",
        "counter_offer": "52:CA",
    },
    # What ORDRSP says of a line: action (1229), and discrepancy (4221).
    "line_status": {
        "accepted": "5",
        "accepted_with_changes": "6",
        "deleted": "2",
        "rejected": "7",
        "partly_shipped": "6:BP",
        "substituted": "6:IS",
    },
    "party": {
        "buyer": "BY",
        "seller": "SE",
        "supplier": "SU",
        "vendor": "VN",
        "ship_to": "DP",
        "ship_from": "SF",
        "bill_to": "IV",
        "remit_to": "RE",
        "invoice_issuer": "II",
        "payer": "PR",
        "payee": "PE",
        "mark_for": "UC",
    },
    "identifier": {
        "gln": "9",
        "duns": "16",
        "seller_assigned": "91",
        "buyer_assigned": "92",
        "scac": "182",
        "mutually_defined": "ZZZ",
    },
    "item": {
        "seller_item": "SA",
        "buyer_item": "BP",
        "sku": "SK",
        "manufacturer_part": "MF",
        "isbn": "IB",
        "serial_number": "SN",
        "mutually_defined": "ZZZ",
    },
    "mark": {"sscc": "BJ", "shipping_mark": "ML"},
    "package": {"tare": "PX", "pack": "CT"},
    "reference": {
        "purchase_order": "ON",
        "release": "RE",
        "invoice": "IV",
        "original_invoice": "OI",
        "credit_memo": "CD",
        "vendor_number": "VR",
        "internal_vendor_number": "IA",
        "department": "DP",
        "customer_order": "CO",
        "customer_reference": "CR",
        "contract": "CT",
        "bill_of_lading": "BM",
        "carrier_reference": "CN",
        "merchandise_type": "MR",
        "transaction": "TN",
        "check": "CK",
        "voucher": "VV",
        "payment": "PQ",
        "account": "ADE",
        "project": "AEP",
        "vat_registration": "VA",
        "tax_registration": "FC",
        "delivery_note": "DQ",
        "despatch_advice": "AAK",
        "price_list": "PL",
        "line_number": "LI",
        "mutually_defined": "ZZZ",
    },
    "paid_document": {
        "invoice": "380",
        "credit_memo": "381",
        "debit_memo": "383",
        "purchase_order": "220",
        "mutually_defined": "ZZZ",
    },
    "date": {
        "document": "137",
        "invoice": "3",
        "order": "4",
        "effective": "7",
        "processed": "9",
        "delivery_requested": "2",
        "delivered": "35",
        "delivery_estimated": "17",
        "delivery_scheduled": "67",
        "ship_requested": "10",
        "ship_promised": "79",
        "ship_scheduled": "68",
        "shipped": "11",
        "ship_not_before": "37",
        "ship_no_later": "38",
        "deliver_no_later": "63",
        "deliver_not_before": "64",
        "cancel_after": "61",
        "created": "97",
        "service_start": "194",
        "service_end": "206",
        "payment": "138",
        "payment_due": "140",
    },
    "contact": {
        "information": "IC",
        "buyer": "PD",
        "orders": "OC",
        "billing": "AD",
        "shipping": "SD",
        "receiving": "GR",
        "accounts_payable": "AP",
        "accounts_receivable": "AR",
    },
    "terms": {
        "": "1",  # read back as basic
        "basic": "1",
        "end_of_month": "2",
        "fixed_date": "3",
        "no_discount": "5",
        "basic_discount": "8",
        "ten_days_after_end_of_month": "12",
        "previously_agreed": "18",
    },
    "terms_basis": {
        "": "5",  # read back as invoice_date
        "invoice_date": "5",
        "invoice_receipt": "9",
        "receipt_of_goods": "21",
        "delivery_date": "29",
        "ship_date": "81",
    },
    "freight_terms": {
        "prepaid": "PP",
        "collect": "CC",
        "prepaid_and_charged": "PC",
        "third_party": "TP",
        "defined": "DF",
        "pickup": "PU",
    },
    "transport": {"": "", "ocean": "10", "rail": "20", "motor": "30", "air": "40", "parcel": "50"},
    "tax": {
        "all": "TOT",
        "vat": "VAT",
        "gst": "GST",
        "local": "LOC",
        "state_provincial": "STT",
        "other": "OTH",
    },
    "charge": {
        "freight": "FC",
        "handling": "HD",
        "discount": "DI",
        "trade_discount": "TD",
        "quantity_discount": "QD",
        "other": "ZZZ",
    },
    "price_type": {"": "", "net": "NTP", "contract": "CON"},
    "note": {"": "AAI", "general": "GEN"},
    "payment_method": {
        "none": "",
        "ach": "2",
        "cash": "10",
        "check": "20",
        "wire": "30",
        "bank_transfer": "42",
        "other": "ZZZ",
    },
    "adjustment": {
        "pricing": "57",
        "quantity": "4",
        "damage": "3",
        "discount": "39",
        "freight": "40",
        "tax": "26",
        "not_received": "32",
        "other": "ZZZ",
    },
    # Code list (1131) and agency (3055) of a bank's identifier.
    "bank": {"": "", "swift": "25:5", "aba": "ABA:ZZZ", "chips": "CHP:ZZZ", "canadian": "CPA:ZZZ"},
    "unit": {
        "EA": "EA",
        "PC": "PCE",
        "CA": "CS",
        "CT": "CT",
        "DZ": "DZN",
        "LB": "LBR",
        "KG": "KGM",
        "HR": "HUR",
        "DA": "DAY",
        "MO": "MON",
        "UN": "C62",
        "FT": "FOT",
        "YD": "YRD",
        "MR": "MTR",
        "GA": "GLL",
        "ST": "SET",
        "PR": "NPR",
    },
}

ALIASES: dict[str, dict[str, str]] = {
    "purpose": {"31": "duplicate"},
    "order_response": {
        "28": "accepted_with_changes",
        "30": "accepted_with_changes",
        "34": "accepted_with_changes",
        "4": "accepted_with_changes",
        "29": "accepted",
        "27": "rejected",
        "12": "acknowledged",
        "11": "acknowledged",
        "23": "on_hold",
        "52": "counter_offer",
    },
    "line_status": {"3": "accepted_with_changes", "24": "accepted_with_changes"},
    "party": {"ST": "ship_to", "CN": "ship_to"},
    "item": {"IN": "buyer_item", "EN": "gtin", "UP": "gtin"},
    "package": {
        **dict.fromkeys(("08", "09", "200", "201", "202", "203", "204", "PE", "PF", "211", "212"), "tare")
    },
    "price_type": {"NET": "net"},
    "payment_method": {"6": "ach", "3": "ach", "31": "wire"},
    "freight_terms": {"PB": "pickup"},
}


class Codes(codes.Codes):
    """All vocabularies in both directions, with a partner's own codes: {vocabulary: {word: code}}.

    Units that have no row are the same in both standards, as far as we know: they keep their code.
    """

    def __init__(self, own: codes.Vocabularies | None = None) -> None:
        super().__init__(VOCABULARIES, ALIASES, PREFIX, own)
        self.to_code["unit"] = _Same("unit", self.to_code["unit"], "")
        self.to_word["unit"] = _SameWord(self.to_word["unit"], "")


class _Same(codes.ToCode):
    def __missing__(self, word: str) -> str:
        return word


class _SameWord(codes.ToWord):
    def __missing__(self, code: str) -> str:
        return code


@cache
def standard_codes() -> Codes:
    """The codes without any partner's overrides."""
    return Codes()
