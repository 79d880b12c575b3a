"""What receivers reject most: none of it is written, and each is found when read, with its acknowledgement code."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from mappings.canonical import Identifier, Line, Note, Party, Reference, RemittanceLine, Tax
from mappings.codecs import x12
from mappings.codecs.report import CodecError
from tests.mappings.x12_examples import (
    answers,
    documents,
    envelope,
    invoice,
    messages,
    order,
    remittance,
    segments,
    ship_notice,
    write,
)

D = Decimal


def read_codes(data: bytes) -> list[str]:
    """The codes of the first acknowledgement for `data`: those of elements and segments, of messages, of groups."""
    (answer, *_) = [answer for answer in answers(data) if answer.form == "997"]
    reasons = [reason for part in answer.parts for reason in part.reasons] + list(answer.reasons)
    return [f"{r.segment}{r.element or ''}:{r.code}" if r.segment else r.code for r in reasons]


def note_code(data: bytes) -> str:
    """The note code of the TA1 for `data`."""
    return next(answer.reasons[0].code for answer in answers(data) if answer.form == "ta1")


def one_line(**changes: Any) -> Any:
    values: dict[str, Any] = {"number": "1", "quantity": D(1), "unit_price": D(10), "seller_item": "X"}
    return invoice(lines=(Line(**(values | changes)),), taxes=(), charges=(), total=D(10))


class TestEnvelope:
    def test_the_isa_has_106_characters_whatever_is_in_it(self):
        for sender in ("SX", "FIFTEEN-LETTERS"):
            data = write(invoice(), sender=x12.Identity(id=sender), control_number=1)
            assert data[105:108] == b"~GS"
            assert data[90:99] == b"000000001"
            assert data[70:76] == b"260201"

    def test_a_short_isa_is_malformed(self):
        data = write(invoice()).replace(b"*BYRON          *", b"*BYRON*")
        assert note_code(data) == "022"

    def test_se01_counts_header_and_trailer(self):
        lines = segments(write(invoice()))
        assert lines[-3] == f"SE*{len(lines) - 4}*0001"
        assert read_codes(write(invoice()).replace(b"SE*22*", b"SE*20*")) == ["4"]

    def test_control_numbers_of_header_and_trailer_agree(self):
        assert read_codes(write(invoice()).replace(b"SE*22*0001", b"SE*22*0002")) == ["3"]
        assert read_codes(write(invoice()).replace(b"GE*1*101", b"GE*1*102")) == ["4"]
        assert note_code(write(invoice()).replace(b"IEA*1*000000017", b"IEA*1*000000018")) == "001"

    def test_a_control_number_twice_in_a_group(self):
        data = write(invoice(), invoice(number="I-2")).replace(b"*0002~", b"*0001~")
        assert read_codes(data) == ["23"]

    @pytest.mark.parametrize(("version", "isa11"), [("004010", b"U"), ("005010", b"^")])
    def test_isa11_fits_the_version(self, version, isa11):
        assert write(invoice(), version=version)[82:83] == isa11

    def test_a_caret_is_data_before_the_repetition_separator_and_none_after(self):
        document = invoice(notes=(Note(text="A^B"),))
        assert b"NTE**A^B~" in write(document)
        assert b"NTE**A B~" in write(document, version="005010")

    def test_the_group_says_what_is_in_it(self):
        assert [line[:6] for line in segments(write(invoice(), order())) if line.startswith("GS")] == [
            "GS*IN*",
            "GS*PO*",
        ]
        assert read_codes(write(invoice()).replace(b"GS*IN*", b"GS*PO*")) == ["6"]

    def test_dates_in_the_group_have_eight_digits(self):
        assert "*20260201*1205*" in segments(write(invoice()))[1]
        assert read_codes(write(invoice()).replace(b"*20260201*1205*101", b"*260201*1205*101"))

    @pytest.mark.parametrize(
        "changes",
        [
            {"sender": x12.Identity(id="SIXTEEN-LETTERS!")},
            {"sender": x12.Identity(id=" BLANK")},
            {"sender": x12.Identity(id="X", group_id="Y")},
            {"receiver": x12.Identity(id="ÄRGER")},
            {"receiver": x12.Identity(id="R1", qualifier="Z")},
            {"control_number": 0},
            {"control_number": 1_000_000_000},
            {"group_control_number": 0},
            {"version": "4010"},
            {"interchange_version": "00101"},
            {"usage": "X"},
            {"delimiters": x12.Delimiters(element="*", segment="*")},
            {"delimiters": x12.Delimiters(element="A")},
            {"delimiters": x12.Delimiters(segment=".")},
            {"delimiters": x12.Delimiters(line_end="x")},
        ],
    )
    def test_an_envelope_that_would_be_rejected_is_not_written(self, changes):
        with pytest.raises(CodecError):
            write(invoice(), **changes)

    def test_a_file_that_ends_too_soon(self):
        whole = write(invoice())
        assert note_code(whole[: whole.index(b"IEA")]) == "023"
        assert read_codes(whole[: whole.index(b"GE*")]) == ["3"]
        assert "2" in read_codes(whole[: whole.index(b"SE*")])

    @pytest.mark.parametrize("stray", [b"\x1a", b"\r\n\r\n", b"\x00\x00", b"  \n"])
    def test_what_may_stand_behind_the_end(self, stray):
        assert documents(write(invoice()) + stray) == [invoice()]

    def test_a_byte_order_mark_is_no_harm(self):
        assert documents(b"\xef\xbb\xbf" + write(invoice())) == [invoice()]

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_lines_for_the_eye_are_no_harm(self, end):
        data = write(invoice(), delimiters=x12.Delimiters(line_end=end))
        assert documents(data) == [invoice()]
        assert documents(data.replace(b"\n", b"\n\n  ")) == [invoice()]

    def test_several_interchanges_in_one_file_each_in_its_own_delimiters(self):
        other = x12.Delimiters("|", "\n", ":", "^")
        data = write(invoice()) + b"\r\n" + write(order(), delimiters=other) + write(remittance())
        assert documents(data) == [invoice(), order(), remittance()]


class TestNumbers:
    def test_totals_and_charges_have_no_point(self):
        lines = segments(write(invoice()))
        assert "TDS*6353" in lines
        assert "SAC*A*C310***500" in lines

    def test_payments_have_one(self):
        lines = segments(write(remittance(amount=D("147.36"), lines=(), adjustments=())))
        assert lines[3].startswith("BPR*C*147.36*")

    def test_more_than_two_decimals_cannot_be_implied(self):
        document = invoice(
            currency="KWD", lines=(Line(amount=D("1.005")),), taxes=(), charges=(), total=D("1.005")
        )
        with pytest.raises(CodecError, match="element TDS01: the invoice total is not a number"):
            write(document)

    def test_no_exponent_no_needless_zeros(self):
        document = one_line(quantity=D("1E+1"), unit_price=D("1.000"))
        assert "IT1*1*10*EA*1**VP*X" in segments(write(document))

    def test_totals_that_do_not_add_up(self):
        (message,) = messages(write(remittance()).replace(b"BPR*C*135*", b"BPR*C*136*"))
        assert message.document is None


class TestContent:
    @pytest.mark.parametrize("character", ["*", "~", ">", "\n", "\r", "\t", "\x00", "\x1f"])
    def test_what_would_break_a_segment_becomes_a_blank(self, character):
        document = invoice(parties=(Party(role="ship_to", name=f"A{character}B"),))
        data = write(document)
        assert b"N1*ST*A B~" in data
        assert documents(data)[0].parties[0].name == "A B"

    def test_or_is_refused_by_a_setting(self):
        with pytest.raises(CodecError, match="the party name contains characters that cannot be sent"):
            write(invoice(parties=(Party(role="ship_to", name="A*B"),)), on_bad_character="refuse")

    def test_a_number_that_partners_know_a_document_by_is_never_changed(self):
        with pytest.raises(CodecError, match="the invoice number contains characters that cannot be sent"):
            write(invoice(number="A*1"))

    @pytest.mark.parametrize(
        ("name", "sent"),
        [
            ("Café Zürich", "Cafe Zurich"),
            ("Ærø & Łódź", "AEro & Lodz"),
            ("“Größe” – 5 €", '"Grosse" - 5 EUR'),
            ("ﬁne½", "fine1/2"),
            ("Peña\xa0y\u200bhijos", "Pena yhijos"),
        ],
    )
    def test_letters_are_transliterated(self, name, sent):
        (read,) = documents(write(invoice(parties=(Party(role="ship_to", name=name),))))
        assert read.parties[0].name == sent

    def test_what_has_no_letters_here_is_refused_never_a_question_mark(self):
        with pytest.raises(
            CodecError, match="the party name contains characters that cannot be sent: '京東'"
        ):
            write(invoice(parties=(Party(role="ship_to", name="東京 Store"),)))

    def test_utf_8_by_agreement(self):
        document = invoice(parties=(Party(role="ship_to", name="東京 Store"),))
        data = write(document, character_set="utf-8")
        assert documents(data, character_set="utf-8") == [document]
        assert read_codes(data) == ["N12:6", "5"]

    def test_the_basic_character_set(self):
        document = invoice(parties=(Party(role="ship_to", name="Ann@home_[1]"),))
        assert "N1*ST*ANN(AT)HOME-(1)" in segments(write(document, character_set="basic"))

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            (b"IT1*1*2*EA*10.25", b"IT1*1*2**10.25", "IT13:2"),
            (b"N1*ST*ACME STORE 12*92*0012", b"N1*ST*ACME STORE 12*92", "N14:2"),
            (b"REF*IA*77120", b"REF*IA", "REF2:2"),
            (b"TDS*6353", b"TDS*63.53", "TDS1:6"),
            (b"BIG*20260201", b"BIG*20260231", "BIG1:8"),
            (b"PID*F****Labor", b"PID*Q****Labor", "PID1:7"),
            (b"*PO-7781~", b"*" + b"P" * 23 + b"~", "BIG4:5"),
            (b"*INV-1*", b"**", "BIG2:1"),
            (b"N4*TUCSON*AZ*", b"N4*TUCSON*ARIZONA*", "N42:5"),
            (b"CUR*SE*USD", b"CUR*SE*US", "CUR2:4"),
            (b"CUR*SE*USD~", b"CUR*SE*USD*~", "CUR3:3"),
            (b"CTT*2~", b"CTT*2*1*2*LB*1*CF*X*9~", "CTT8:3"),
            (b"REF*DP*0417", b"REF*DP*04\x07", "REF2:6"),
            (b"REF*DP*0417", b"REF*DP*04\x7f", "REF2:6"),
            (b"REF*DP*0417", b"REF*DP*04>1", "REF2:3"),
            (b"CTT*2~", b"CTT*3~", "CTT1:7"),
        ],
    )
    def test_an_element_error_has_its_code(self, old, new, code):
        assert read_codes(write(invoice()).replace(old, new)) == [code, "5"]

    @pytest.mark.parametrize(
        ("old", "new", "codes"),
        [
            (b"CUR*SE*USD~REF*IA*77120~", b"REF*IA*77120~CUR*SE*USD~", ["CUR:7", "5"]),
            (b"TDS*6353~", b"", ["TDS:3", "4", "5"]),
            (b"CUR*SE*USD~", b"CUR*SE*USD~CUR*SE*USD~", ["CUR:5", "4", "5"]),
            (b"CUR*SE*USD~", b"BEG*00~CUR*SE*USD~", ["BEG:6", "4", "5"]),
            (b"CUR*SE*USD~", b"XYZ*00~CUR*SE*USD~", ["XYZ:1", "4", "5"]),
            (b"CUR*SE*USD~", b"TC2*A*1~CUR*SE*USD~", ["TC2:2", "4", "5"]),
            (b"CUR*SE*USD~", b"CUR~", ["CUR:8", "5"]),
        ],
    )
    def test_a_segment_error_has_its_code(self, old, new, codes):
        assert read_codes(write(invoice()).replace(old, new, 1)) == codes

    def test_more_than_the_most(self):
        references = tuple(Reference(kind="department", value=str(number)) for number in range(13))
        with pytest.raises(CodecError, match="segment REF stands here more than 12 times"):
            write(invoice(references=references))

    def test_totals_stand_in_the_order_of_the_table(self):
        lines = segments(write(invoice()))
        assert [line[:3] for line in lines[-8:-3]] == ["TDS", "TXI", "SAC", "SAC", "CTT"]

    def test_no_empty_segment_and_no_trailing_separator(self):
        for document in (invoice(), order(), remittance(), ship_notice()):
            assert not [line for line in segments(write(document)) if line.endswith("*") or "*" not in line]

    def test_levels_of_a_ship_notice_are_numbered(self):
        assert read_codes(write(ship_notice()).replace(b"HL*3*2*T", b"HL*7*2*T")) == ["HL1:7", "5"]
        assert "HL2:7" in read_codes(write(ship_notice()).replace(b"HL*3*2*T", b"HL*3*9*T"))

    @pytest.mark.parametrize(
        ("change", "name"),
        [
            ({"number": "N" * 23}, "invoice number"),
            ({"purchase_order": "N" * 23}, "PO number"),
            ({"references": (Reference(kind="department", value="N" * 31),)}, "reference"),
            ({"parties": (Party(role="ship_to", name="N" * 61),)}, "party name"),
            (
                {"parties": (Party(role="ship_to", identifiers=(Identifier(scheme="gln", value="1"),)),)},
                "identifier",
            ),
        ],
    )
    def test_what_is_too_long_or_too_short_is_not_written(self, change, name):
        with pytest.raises(CodecError, match=name):
            write(invoice(**change))

    def test_a_longer_reference_is_allowed_from_005010_on(self):
        document = invoice(references=(Reference(kind="department", value="N" * 31),))
        assert documents(write(document, version="005010")) == [document]

    def test_a_long_description_becomes_several(self):
        words = " ".join(["fourteen"] * 20)
        document = one_line(description=words)
        data = write(document)
        assert data.count(b"PID*F****") == 3
        assert documents(data) == [document]

    def test_blanks_that_pad_mean_nothing(self):
        data = (
            write(invoice()).replace(b"*BYRON SUPPLY~", b"*BYRON SUPPLY   *  ~").replace(b"*USD~", b"*USD ~")
        )
        assert documents(data) == [invoice()]

    def test_a_tax_needs_a_rate_to_be_on_an_amount(self):
        document = invoice(
            lines=(), charges=(), taxes=(Tax(kind="all", amount=D(1), taxable_amount=D(10)),), total=D(1)
        )
        with pytest.raises(CodecError, match="the tax rate must be given with the taxable amount"):
            write(document)


class TestNeighbours:
    def test_a_broken_message_does_not_hide_the_others(self):
        data = write(invoice(), invoice(number="I-2"), invoice(number="I-3"))
        broken = data.replace(b"*I-2*", b"**")
        assert [m.document.number if m.document else None for m in messages(broken)] == ["INV-1", None, "I-3"]  # type: ignore[attr-defined]

    def test_nor_does_one_without_an_end(self):
        data = write(invoice(), invoice(number="I-2"), invoice(number="I-3"))
        broken = data.replace(b"SE*22*0001~", b"", 1)
        assert [bool(m.document) for m in messages(broken)] == [False, True, True]

    def test_nor_one_that_is_cut_off_before_the_next_interchange(self):
        data = write(invoice())
        broken = data[:300] + write(order())
        assert [bool(m.document) for m in messages(broken)] == [False, True]

    def test_nor_does_an_interchange_with_a_bad_header(self):
        data = write(invoice()).replace(b"*BYRON          *", b"*BYRON*") + write(order())
        assert documents_of(data) == [order()]

    def test_nor_does_rubbish_between_interchanges(self):
        data = write(invoice()) + b"VISA ISA*00*rubbish~" + write(order())
        assert documents_of(data) == [invoice(), order()]

    def test_a_message_of_another_type_is_named(self):
        data = write(invoice()).replace(b"ST*810*", b"ST*812*")
        assert "messages of type '812' are not translated here" in str(messages(data)[0].report)
        assert read_codes(data) == ["1"]


def documents_of(data: bytes) -> list[Any]:
    return [message.document for message in messages(data) if message.document]


class TestOtherVersions:
    @pytest.mark.parametrize("version", ["004010VICS", "004030", "005030", "006020", "008010"])
    def test_are_read_with_the_nearest_tables(self, version):
        data = write(invoice(), version="005010" if version > "005" else "004010")
        data = data.replace(b"*X*00" + (b"5010" if version > "005" else b"4010"), b"*X*" + version.encode())
        assert documents(data) == [invoice()]

    def test_before_004010_dates_have_six_digits(self):
        data = write(invoice(terms=()))
        for long, short in ((b"20260201", b"260201"), (b"20260115", b"260115"), (b"20260131", b"260131")):
            data = data.replace(long, short)
        data = data.replace(b"*X*004010", b"*X*003060").replace(b"*U*00401*", b"*U*00306*")
        assert documents(data) == [invoice(terms=())]

    def test_lines_of_a_problem(self):
        data = write(invoice(), invoice(number="I-2"), delimiters=x12.Delimiters(line_end="\n"))
        (problem, *_) = messages(data.replace(b"*I-2*", b"**"))[1].report
        assert problem.line == 26
        assert data.splitlines()[25].startswith(b"BIG*")


def test_the_date_of_the_interchange_is_the_callers():
    assert envelope(date=dt.date(2031, 12, 31)).date.year == 2031


def test_a_remittance_line_says_which_document_it_pays():
    data = write(
        remittance(lines=(RemittanceLine(document=Reference(kind="invoice", value="A"), paid=D(140)),))
    )
    (message,) = messages(data.replace(b"RMR*IV*A**140", b"RMR*****140"))
    assert "lines[0]: does not say which document it pays" in str(message.report)
