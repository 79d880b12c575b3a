"""What the partner checks inside a transaction set: its own arithmetic over the invoice and its kin.

Faults against the standard are noted as AK3/AK4 material; sums that do not agree are doubts, for the
standard does not know them and people refuse them by other means than a 997.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from connections.sandbox.edi.x12_parts import SegmentFault, TransactionSet, element

# The header segment with the business number, its element, and where the purpose stands.
HEADERS = {
    "810": ("BIG", 2, 8),
    "820": ("TRN", 2, 0),
    "850": ("BEG", 3, 1),
    "855": ("BAK", 3, 1),
    "856": ("BSN", 2, 1),
}
REQUIRED = {
    "810": ("BIG", "TDS"),
    "820": ("BPR",),
    "850": ("BEG", "PO1"),
    "855": ("BAK",),
    "856": ("BSN", "HL"),
}
COUNTED = {"810": "IT1", "850": "PO1", "855": "PO1", "856": "HL"}
NOT_ORIGINAL = {"01", "04", "05", "06", "07"}  # cancel, change, replace, confirm, duplicate
# Elements of type N2: an integer with two implied decimals.
IMPLIED_DECIMALS = (("TDS", 1), ("SAC", 5), ("ITD", 8))


def check_content(one: TransactionSet) -> None:
    """Fill in the document's number and note what is wrong inside the set."""
    document = one.document
    body = one.segments[1:-1] if one.segments[-1][0] == "SE" else one.segments[1:]
    if document.kind in HEADERS:
        tag, number, purpose = HEADERS[document.kind]
        header = next((segment for segment in body if segment[0] == tag), [])
        document.number = element(header, number)
        document.replaces = purpose > 0 and element(header, purpose) in NOT_ORIGINAL
    _check_required(one, body)
    _check_elements(one)
    document.refusals.extend(fault.text for fault in one.faults)
    document.doubts.extend(_doubts(document.kind, body))


def _check_required(one: TransactionSet, body: list[list[str]]) -> None:
    present = {segment[0] for segment in body}
    for tag in REQUIRED.get(one.document.kind, ()):
        if tag not in present:
            one.segment_faults.append(SegmentFault(tag, len(one.segments), "3"))
            one.document.refusals.append(f"Segment {tag} is missing.")


def _check_elements(one: TransactionSet) -> None:
    for position, segment in enumerate(one.segments, start=1):
        if segment[-1] == "" and len(segment) > 1:
            one.segment_faults.append(SegmentFault(segment[0], position, "8", len(segment) - 1, "3"))
            one.document.refusals.append(f"Segment {position} {segment[0]} ends with an empty element.")
        for tag, number in IMPLIED_DECIMALS:
            value = element(segment, number)
            if segment[0] == tag and value and not re.fullmatch(r"-?[0-9]+", value):
                one.segment_faults.append(SegmentFault(tag, position, "8", number, "6", value))
                one.document.refusals.append(
                    f"{tag}{number:02} {value!r} is no integer with implied decimals."
                )


def _doubts(kind: str, body: list[list[str]]) -> Iterator[str]:
    counted = COUNTED.get(kind)
    for segment in body:
        if segment[0] == "CTT" and counted is not None:
            there = sum(1 for other in body if other[0] == counted)
            if element(segment, 1) != str(there):
                yield f"CTT01 says {element(segment, 1)}, there are {there} {counted}."
    try:
        if kind == "810":
            yield from _doubts_of_invoice(body)
        if kind == "820":
            yield from _doubts_of_payment(body)
    except InvalidOperation:
        yield "An amount or quantity is no number."


def _doubts_of_invoice(body: list[list[str]]) -> Iterator[str]:
    """Lines, charges, allowances and taxes should make the total TDS01; taxes may repeat in the summary."""
    lines = charges = line_taxes = other_taxes = Decimal(0)
    total, in_lines, count = None, False, 0
    for segment in body:
        tag = segment[0]
        in_lines = (in_lines or tag == "IT1") and tag != "TDS"
        if tag == "IT1":
            count += 1
            lines += _number(segment, 2) * _number(segment, 4)
        elif tag == "SAC":
            sign = {"C": 1, "A": -1}.get(element(segment, 1), 0)
            charges += sign * _number(segment, 5) / 100
        elif tag == "TXI" and in_lines:
            line_taxes += _number(segment, 2)
        elif tag == "TXI":
            other_taxes += _number(segment, 2)
        elif tag == "TDS":
            total = _number(segment, 1) / 100
    if total is None:
        return
    possible = [lines + charges + tax for tax in (line_taxes + other_taxes, line_taxes, other_taxes)]
    tolerance = Decimal("0.01") * (count + 1)
    if all(abs(abs(total) - abs(value)) > tolerance for value in possible):  # a credit may carry a sign
        yield f"TDS01 says {total}, lines, charges and taxes make {possible[0]}."


def _doubts_of_payment(body: list[list[str]]) -> Iterator[str]:
    """BPR02 is the sum of RMR04 and of the adjustments that stand before any RMR of their ENT."""
    announced, paid, in_remittance = None, Decimal(0), False
    for segment in body:
        if segment[0] == "BPR":
            announced = _number(segment, 2)
        elif segment[0] == "ENT":
            in_remittance = False
        elif segment[0] == "RMR":
            in_remittance = True
            paid += _number(segment, 4)
        elif segment[0] == "ADX" and not in_remittance:
            paid += _number(segment, 1)
    if announced is not None and any(segment[0] == "RMR" for segment in body) and announced != paid:
        yield f"BPR02 says {announced}, the remittances make {paid}."


def _number(segment: list[str], number: int) -> Decimal:
    return Decimal(element(segment, number) or 0)
