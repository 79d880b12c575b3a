"""CONTRL: what is wrong is answered where it is wrong, from the interchange (UCI) down to the element (UCD)."""

import datetime as dt

import pytest

from mappings.codecs import edifact
from tests.mappings.edifact_examples import (
    answers,
    documents,
    envelope,
    invoice,
    items,
    order,
    segments,
    write,
)


def contrl(data: bytes, **changes) -> list[str]:
    """The segments between UNH and UNT of the CONTRL that answers `data`; it is checked that it can be read back."""
    (answer,) = answers(data)
    sent = edifact.write([answer], envelope(**changes)).data
    assert edifact.write(documents(sent), envelope(**changes)).data == sent
    return segments(sent)[3:-2]


UCI = "UCI+17+4012345000009:14+BYRON:ZZZ+"
UCM = "UCM+1+INVOIC:D:96A:UN+"


class TestTheInterchange:
    def test_all_is_well(self):
        assert contrl(write(invoice(), order())) == [UCI + "7", UCM + "7", "UCM+2+ORDERS:D:96A:UN+7"]

    @pytest.mark.parametrize(
        ("old", "new", "error"),
        [
            (b"UNZ+1+17", b"UNZ+2+17", "4+29+UNZ+2"),
            (b"UNZ+1+17", b"UNZ+1+18", "4+28+UNZ+3"),
            (b"UNZ+1+17'", b"", "4+13+UNZ"),
            (b"UNOC:3", b"UNOX:3", "4+2+UNB+2"),
            (b"260201:1205", b"261301:1205", "4+12+UNB+5:1"),
        ],
    )
    def test_what_is_wrong_with_the_envelope_rejects_it_all(self, old, new, error):
        assert contrl(write(invoice()).replace(old, new)) == [UCI + error]

    def test_one_bad_message_leaves_the_others_acknowledged(self):
        data = write(invoice(), invoice(number="2")).replace(b"BGM+380+2+", b"XYZ+380+2+")
        assert contrl(data) == [UCI + "7", UCM + "7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+2+15", "UCS+3+13"]

    def test_without_a_reference_nobody_could_match_an_answer(self):
        assert answers(write(invoice()).replace(b"1205+17'", b"1205'")) == []

    def test_contrl_is_never_answered(self):
        (answer,) = answers(write(invoice()))
        assert answers(edifact.write([answer], envelope()).data) == []

    def test_a_duplicate_is_for_the_caller_to_know(self):
        (interchange,) = items(write(invoice()), edifact.Interchange)
        answer = edifact.interchange_answer(interchange, edifact.DUPLICATE)
        assert segments(edifact.write([answer], envelope()).data)[3] == UCI + "4+26"


class TestGroups:
    def test_a_message_of_a_group_is_named_below_it(self):
        data = write(invoice(), order(), group_reference=5).replace(b"BGM+380+", b"BGM+3800+")
        assert contrl(data) == [
            UCI + "7",
            "UCF+5+4012345000009+BYRON+7",
            UCM + "4",
            "UCS+2",
            "UCD+39+2:1",
            "UCF+6+4012345000009+BYRON+7",
            "UCM+2+ORDERS:D:96A:UN+7",
        ]

    def test_a_broken_group_is_rejected_with_all_that_is_in_it(self):
        data = write(invoice(), order(), group_reference=5).replace(b"UNE+1+6", b"UNE+2+6")
        assert contrl(data)[-1] == "UCF+6+4012345000009+BYRON+4+29+UNE+2"


class TestMessages:
    @pytest.mark.parametrize(
        ("old", "new", "error"),
        [
            (b"UNT+51+1", b"UNT+50+1", "29+UNT+2"),
            (b"UNT+51+1", b"UNT+51+2", "28+UNT+3"),
            (b"UNT+51+1'", b"", "13+UNT"),
            (b"INVOIC:D:96A:UN", b"INVOIC:D:9:UN", "14+UNH+3:3"),
            (b"INVOIC:D:96A:UN", b"INVRPT:D:96A:UN", "14+UNH+3:1"),
        ],
    )
    def test_its_frame(self, old, new, error):
        version = new.decode() if b":" in new else "INVOIC:D:96A:UN"
        assert contrl(write(invoice()).replace(old, new)) == [UCI + "7", f"UCM+1+{version}+4+{error}"]


class TestSegmentsAndElements:
    @pytest.mark.parametrize(
        ("old", "new", "found"),
        [
            # segments
            (b"BGM+380+2026-17+9'", b"", ["UCS+2+13"]),
            (b"CUX+2:EUR:4'", b"BGM+380+1'", ["UCS+15+15"]),
            (b"CUX+2:EUR:4'", b"QQQ+1'", ["UCS+15+15"]),
            (b"UNS+S'", b"UNS+S'UNS+S'", ["UCS+42+35"]),
            (b"CUX+2:EUR:4'", b"CUX'", ["UCS+15+13"]),
            # elements
            (b"BGM+380+2026-17+9", b"BGM+380+" + b"9" * 36 + b"+9", ["UCS+2", "UCD+39+3:1"]),
            (b"BGM+380+2026-17+9", b"BGM+380+2026-17+9+AB+1+2", ["UCS+2", "UCD+16+6", "UCD+16+7"]),
            (b"BGM+380+2026-17+9", b"BGM+380:1:2:3:4+2026-17+9", ["UCS+2", "UCD+16+2"]),
            (b"DTM+137:20260201:102", b"DTM+137:20260231:102", ["UCS+3", "UCD+12+2"]),
            (b"DTM+137:20260201:102", b"DTM+:20260201:102", ["UCS+3", "UCD+13+2:1"]),
            (b"QTY+47:2:EA", b"QTY+47:two:EA", ["UCS+27", "UCD+37+2:2"]),
            (b"QTY+47:2:EA", b"QTY+47:1.2.3:EA", ["UCS+27", "UCD+19+2:2"]),
            (b"QTY+47:2:EA", b"QTY+47:.5:EA", ["UCS+27", "UCD+38+2:2"]),
            (b"CUX+2:EUR:4", b"CUX+2:EU:4", ["UCS+15", "UCD+40+2:2"]),
            (b"FTX+AAI+++Thank you.", b"FTX+AAI+++Th\x07nk", ["UCS+5", "UCD+21+5:1"]),
            (b"UNS+S", b"UNS+X", ["UCS+41", "UCD+12+2"]),
        ],
    )
    def test_where_it_is_wrong(self, old, new, found):
        data = write(invoice())
        assert data.count(old) >= 1
        data = data.replace(old, new, 1)
        count = data.count(b"'") - data.count(b"?'") - 3
        assert contrl(data.replace(b"UNT+51+", b"UNT+%d+" % count)) == [UCI + "7", UCM + "4", *found]

    def test_the_reason_keeps_a_copy_of_the_bad_data(self):
        """CONTRL itself has no place for it; the people who read our own answer see it."""
        (answer,) = answers(write(invoice()).replace(b"QTY+47:2:EA", b"QTY+47:two:EA"))
        (reason,) = answer.parts[0].reasons
        assert (reason.segment, reason.position, reason.element, reason.component) == ("QTY", 27, 1, 2)
        assert (reason.code, reason.value, reason.data_element) == ("37", "two", "6060")

    def test_a_repetition_is_named_in_version_4(self):
        data = write(invoice(), syntax_version=4).replace(b"BGM+380+", b"BGM+380*381+")
        assert contrl(data, syntax_version=4)[2:] == ["UCS+2", "UCD+16+2::2"]

    def test_hundreds_of_errors_in_one_segment_are_cut_to_what_ucs_holds(self):
        data = write(invoice()).replace(b"BGM+380+2026-17+9", b"BGM+380" + b"+x" * 300)
        assert contrl(data)[2] == "UCS+2"
        assert len(contrl(data)) == 3 + 99


class TestIdsThatCannotStandAnywhere:
    @pytest.mark.parametrize(
        ("old", "new", "uci", "ucm"),
        [
            (b"UNH+1+INVOIC:D:96A:UN", b"UNH", UCI, "UCM+0+0:0:0:0+4+14+UNH+3:1"),
            (b"UNH+1+INVOIC", b"UNH+1+INVOICES", UCI, "UCM+1+INVOIC:D:96A:UN+4+14+UNH+3:1"),
            (b"UNH+1+", b"UNH+\x01\xe9\xff" + b"9" * 40 + b"+", UCI, "UCM+99999999999999+INVOIC:D:96A:UN+4"),
            (b"INVOIC:D:96A:UN'", b"INVOIC'", UCI, "UCM+1+INVOIC:0:0:0+4+14+UNH+3:3"),
        ],
    )
    def test_of_a_message(self, old, new, uci, ucm):
        found = contrl(write(invoice()).replace(old, new))
        assert found[0].startswith(uci)
        assert found[1].startswith(ucm)

    @pytest.mark.parametrize(
        ("old", "new", "uci"),
        [
            (b"+4012345000009:14+BYRON:ZZZ+", b"++BYRON:ZZZ+", "UCI+17+0+BYRON:ZZZ+4"),
            (b"+BYRON:ZZZ+", b"+" + b"B" * 99 + b":TOOLONG+", f"UCI+17+4012345000009:14+{'B' * 35}:TOOL+4"),
            (b"+BYRON:ZZZ+", b"+BY?:RON+", "UCI+17+4012345000009:14+BY?:RON+7"),
            (b"1205+17'", b"1205+" + b"9" * 20 + b"'", "UCI+99999999999999+"),
        ],
    )
    def test_of_an_interchange(self, old, new, uci):
        assert contrl(write(invoice()).replace(old, new, 1))[0].startswith(uci)

    def test_of_a_group(self):
        data = write(invoice(), group_reference=5).replace(b"UNG+INVOIC+4012345000009:14", b"UNG+INVOIC+\x02")
        assert contrl(data)[1].startswith("UCF+5++BYRON+4+")

    @pytest.mark.parametrize(("syntax", "version"), [("UNOA", 3), ("UNOB", 3), ("UNOC", 4), ("UNOW", 4)])
    def test_in_every_character_set(self, syntax, version):
        data = write(order(), syntax=syntax, syntax_version=version)
        data = data.replace(b"UNH+1+", b"UNH+a-1+").replace(b"+1'UNZ", b"+a-1'UNZ")
        (answer,) = answers(data)
        (interchange,) = items(data, edifact.Interchange)
        reply = edifact.reply_envelope(
            interchange, date=dt.date(2026, 2, 1), time=dt.time(12), control_number="9"
        )
        sent = edifact.write([answer], reply).data
        assert f"UNB+{syntax}:{version}+BYRON:ZZZ+4012345000009:14+".encode() in sent
        assert [part.control_number for part in documents(sent)[0].parts] == [
            "A-1" if syntax == "UNOA" else "a-1"
        ]
