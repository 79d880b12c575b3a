"""810: what is written, and that it is read back as the same invoice."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.canonical import Line, Note, Reference, Tax
from mappings.codecs import x12
from mappings.codecs.report import CodecError
from mappings.codecs.x12.bridge.level import LevelReader, LevelWriter, parts, write_description
from mappings.codecs.x12.bridge.lines import read_lines, write_line, write_lines
from tests.mappings.x12_examples import documents, envelope, invoice, messages, segments, write

D = Decimal


def test_an_invoice_as_the_standard_writes_it():
    assert segments(write(invoice())) == [
        "ISA*00*          *00*          *ZZ*BYRON          *08*9255550100     *260201*1205*U*00401*000000017*0*P*>",
        "GS*IN*BYRON*9255550100*20260201*1205*101*X*004010",
        "ST*810*0001",
        "BIG*20260201*INV-1*20260115*PO-7781",
        "CUR*SE*USD",
        "REF*IA*77120",
        "REF*DP*0417",
        "N1*ST*ACME STORE 12*92*0012",
        "N3*9 CANYON RD",
        "N4*TUCSON*AZ*85701-1234*US",
        "N1*RE*BYRON SUPPLY",
        "ITD*01*3*2**10**30",
        "DTM*011*20260131",
        "IT1*1*2*EA*10.25**VP*WID-1*UP*036000291452",
        "PID*F****Widget, blue",
        "REF*ZZ*4000*GL ACCOUNT",
        "IT1*2*1.5*HR*20**VP*LAB",
        "PID*F****Labor",
        "TDS*6353",
        "TXI*ST*3.03*.06",
        "SAC*C*D240***1500**********Freight",
        "SAC*A*C310***500",
        "CTT*2",
        "SE*22*0001",
        "GE*1*101",
        "IEA*1*000000017",
    ]


@pytest.mark.parametrize("version", ["004010", "005010", "004010VICS"])
def test_it_is_read_back_as_the_same_invoice(version):
    assert documents(write(invoice(), version=version)) == [invoice()]


def test_005010_has_a_repetition_separator_and_its_own_version():
    isa = write(invoice(), version="005010")[:106].decode()
    assert isa[82] == "^"
    assert isa[84:89] == "00501"


def test_several_invoices_are_numbered_within_their_group():
    written = x12.write([invoice(), invoice(number="INV-2")], envelope())
    assert [(n.functional_id, n.group, n.set) for n in written.numbers if n] == [
        ("IN", 101, "0001"),
        ("IN", 101, "0002"),
    ]
    assert b"GE*2*101~IEA*1*000000017~" in written.data
    assert [d.number for d in documents(written.data)] == ["INV-1", "INV-2"]


def test_what_is_missing_is_named_in_business_words():
    data = write(invoice()).replace(b"*INV-1*", b"**")
    assert str(messages(data)[0].report) == (
        "segment 2 (BIG), element BIG02: the invoice number is missing. "
        "Fill it in; every message of this kind needs it."
    )


def test_what_is_too_long_stops_the_writer():
    with pytest.raises(CodecError) as error:
        write(invoice(purchase_order="P" * 23))
    assert str(error.value) == (
        f"segment 2 (BIG), element BIG04: the PO number is longer than 22 (it is {'P' * 23!r}). "
        "Shorten it to 22 characters."
    )


def test_a_word_without_a_code_stops_the_writer():
    with pytest.raises(CodecError, match="there is no X12 code for the party 'landlord'"):
        write(invoice(parties=(invoice().parties[0].__class__(role="landlord", name="L"),)))


def test_a_reference_of_any_kind_keeps_its_kind():
    references = (
        Reference(kind="gl_segment_2", value="410", description="Plant"),
        Reference(kind="mutually_defined", value="X", description="Y"),
        Reference(kind="x12:QX", value="Q"),
    )
    document = invoice(references=references)
    data = write(document)
    assert b"REF*ZZ*410*GL SEGMENT 2 - Plant~REF*ZZ*X*Y~REF*QX*Q~" in data
    assert documents(data) == [document]


def test_a_line_amount_that_is_not_quantity_times_price_cannot_be_sent():
    line = Line(number="1", quantity=D(3), unit_price=D("3.33"), amount=D(10))
    with pytest.raises(
        CodecError, match=r"lines\[0\].amount: is 10, but X12 can only say quantity times price"
    ):
        write(invoice(lines=(line,), taxes=(), charges=(), total=D(10)))


def test_a_line_of_an_amount_only_is_one_unit_at_that_price():
    document = invoice(lines=(Line(amount=D(10)),), taxes=(), charges=(), total=D(10))
    assert b"IT1**1*EA*10~" in write(document)


def test_a_note_of_a_line_moves_to_the_heading():
    line = Line(number="7", quantity=D(1), unit_price=D(10), notes=(Note(text="fragile"),))
    assert b"NTE**LINE 7: fragile~" in write(invoice(lines=(line,), taxes=(), charges=(), total=D(10)))


def test_a_total_that_does_not_add_up_is_well_formed_but_no_document():
    (message,) = messages(write(invoice()).replace(b"TDS*6353", b"TDS*6354"))
    assert message.document is None
    assert [problem.business for problem in message.report] == [True]
    assert "total: is 63.54, but lines, charges, allowances and taxes add up to 63.53" in str(message.report)


USUAL = Line(
    number="7",
    quantity=D("2.50"),
    unit="CA",
    unit_price=D("0.10"),
    seller_item="WID-1",
    gtin="036000291452",
    description="Widget, blue",
)
OTHERWISE = (
    {"quantity": D(0)},
    {"quantity": D(100), "unit_price": D("-1.00")},
    {"quantity": D("1E+2"), "unit_price": D("0.00")},
    {"unit": ""},
    {"number": ""},
    {"gtin": "12345670"},
    {"gtin": "4006381333931"},
    {"gtin": "10036000291459"},
    {"gtin": ""},
    {"seller_item": ""},
    {"buyer_item": "B-1"},
    {"price_basis": "per_hundred"},
    {"amount": D("0.25")},
    {"quantity": None, "unit_price": None, "amount": D("0.25")},
    {"unit_price": None},
    {"description": ""},
    {"description": "d" * 80},
    {"description": "word " * 30},
    {"description": "a tab\tand a separator\x1f"},
    {"seller_item": "A\x1eB"},
    {"taxes": (Tax(kind="state_sales", amount=D(1)),)},
    {"references": (Reference(kind="gl_account", value="4000"),)},
)


@pytest.mark.parametrize("sign", [1, -1], ids=["", "negative"])
@pytest.mark.parametrize("codes", [{}, {"item": {"gtin": "EN", "seller_item": "VN"}}], ids=["", "own codes"])
def test_the_short_way_writes_a_line_as_the_long_way_does(codes, sign):
    dialect = replace(x12.Overlay(codes=codes).dialect("004010"), sign=sign)
    below = LevelWriter(parts("TXI", "PID", "REF"))
    for changes in ({}, *OTHERWISE):
        line = replace(USUAL, **changes)
        expected = [write_line("IT1", line, dialect), *below.write(line, dialect)]
        if not (line.taxes or line.references):
            expected[1:] = write_description(line.description, dialect) if line.description else []
        assert write_lines("IT1", [line], dialect, below) == expected


def test_the_short_way_reads_a_line_as_the_long_way_does():
    """Lines whose two product ids stand under the codes of the line before, other codes, or in another order."""
    ids = [
        ["VP", "A", "UP", "036000291452"],
        ["VN", "B", "EN", "4006381333931"],
        ["UP", "036000291452", "VP", "C"],
    ]
    ids += [["VP", "D", "VP", "E"], ["UP", "1", "UP", "2"], ["BP", "F", "IN", "G"], ["SK", "H", "UP", "3"]]
    dialect = x12.Overlay().dialect("004010")

    def read(*some: list[str]) -> tuple[Line, ...]:
        rows = iter([["IT1", "", "1", "EA", "2", "", *pairs] for pairs in some] + [["TDS", "0"]])
        return read_lines(next(rows), rows, dialect, LevelReader("810", "IT1", parts=parts("PID")))[0]

    alone = {tuple(pairs): read(pairs)[0] for pairs in ids}
    for some in itertools.product(ids, repeat=3):
        assert read(*some) == tuple(alone[tuple(pairs)] for pairs in some)
