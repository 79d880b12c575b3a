"""The EDIFACT envelope: separators, character sets, groups, wrapped lines, syntax versions 3 and 4."""

import dataclasses
import itertools
import re

import pytest

from mappings.canonical import Note, Party
from mappings.codecs import edifact
from mappings.codecs.report import CodecError
from tests.mappings.edifact_examples import (
    documents,
    envelope,
    interchange,
    invoice,
    items,
    order,
    order_answer,
    remittance,
    ship_notice,
    write,
)

ALL = (invoice(), order(), order_answer(), ship_notice(), remittance())


def wrapped(data: bytes, width: int, line_end: bytes = b"\r\n") -> bytes:
    """`data` as systems send it that know lines of one length only."""
    return line_end.join(data[at : at + width] for at in range(0, len(data), width))


class TestLinesOfOneLength:
    @pytest.mark.parametrize("una", ["always", "if_needed"])
    @pytest.mark.parametrize("width", [70, 80, 132])
    @pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
    def test_a_file_that_is_cut_wherever_it_is(self, una, width, line_end):
        data = write(*ALL, una=una)
        assert documents(wrapped(data, width, line_end)) == list(ALL)

    def test_a_cut_between_a_release_character_and_what_it_releases(self):
        data = write(invoice(notes=(Note(text="?'" * 150),)))
        for width in (79, 80, 81):
            assert documents(wrapped(data, width)) == documents(data)

    def test_several_interchanges(self):
        data = write(*ALL, una="if_needed") + write(invoice(), control_number="18")
        assert documents(wrapped(data, 80)) == [*ALL, invoice()]

    def test_a_line_for_each_segment_is_not_taken_for_it(self):
        lines = edifact.Separators(line_end="\r\n")
        assert documents(write(*ALL, separators=lines)) == list(ALL)

    def test_every_line_of_one_length_and_still_no_cut(self):
        data = b"UNB+UNOC:3+A+B+260201:1205+5'\nUNH+1+CONTRL:D:3:UN'\n"
        found = items(data, edifact.Interchange)
        assert [problem.rule for problem in found[0].report] == ["interchange_truncated"]


class TestSeparators:
    def test_without_una_those_of_the_standard_hold(self):
        data = write(invoice(), una="if_needed")
        assert data.startswith(b"UNB+UNOC:3+")
        assert documents(data) == [invoice()]

    def test_una_is_sent_where_it_is_needed(self):
        comma = edifact.Separators(decimal=",")
        data = write(invoice(), una="if_needed", separators=comma)
        assert data.startswith(b"UNA:+,? 'UNB+")
        assert b"MOA+77:70,8'" in data
        assert documents(data) == [invoice()]

    @pytest.mark.parametrize(
        "separators",
        [
            edifact.Separators("<", "|", ",", "!", "^", "~"),
            edifact.Separators(":", "+", ".", "?", "*", "\x1c"),
            edifact.Separators("\x1d", "\x1f", ".", "\x1b", "\x1e", "\x1c"),
            edifact.Separators("/", "*", ".", "\\", "#", "$", "\r\n"),
        ],
    )
    def test_any_separators(self, separators):
        for version in (3, 4):
            assert documents(write(*ALL, separators=separators, syntax_version=version)) == list(ALL)

    @pytest.mark.parametrize("una", [b"UNA::.? '", b"UNA:+.A '", b"UNA:+.?  ", b"UNA"])
    def test_separators_that_separate_nothing(self, una):
        data = write(invoice(), una="if_needed")
        (found,) = items(una + data, edifact.Interchange)[:1]
        assert next(problem.rule for problem in found.report) in ("una_malformed", "not_an_interchange")

    def test_a_broken_interchange_does_not_hide_the_next(self):
        data = b"UNA::.? '" + write(invoice(), una="if_needed") + write(order())
        assert order() in [item.document for item in items(data)]


class TestGroups:
    def test_several_groups_and_messages_in_one_interchange(self):
        written = edifact.write([invoice(), order(), invoice(number="2")], envelope(group_reference=5))
        assert [tuple(numbers) for numbers in map(dataclasses.astuple, written.numbers)] == [
            ("INVOIC", "5", "1"),
            ("ORDERS", "6", "3"),
            ("INVOIC", "5", "2"),
        ]
        assert b"UNG+INVOIC+4012345000009:14+BYRON:ZZZ+260201:1205+5+UN+D:96A'UNH+1+" in written.data
        assert b"UNE+2+5'UNG+ORDERS+" in written.data
        assert written.data.endswith(b"UNE+1+6'UNZ+2+17'")
        assert [(g.header.control_number, g.messages) for g in items(written.data, edifact.Group)] == [
            ("5", 2),
            ("6", 1),
        ]

    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            (b"UNE+1+5'", b"UNE+2+5'", "count_wrong"),
            (b"UNE+1+5'", b"UNE+1+6'", "control_mismatch"),
            (b"UNE+1+5'", b"", "group_trailer_missing"),
        ],
    )
    def test_a_broken_group_is_named(self, old, new, rule):
        (group,) = items(write(invoice(), group_reference=5).replace(old, new), edifact.Group)
        assert [problem.rule for problem in group.report] == [rule]

    def test_messages_inside_and_outside_of_groups(self):
        data = write(invoice(), group_reference=5)
        start, end = data.index(b"UNH"), data.index(b"UNE")
        both = data.replace(
            b"UNZ", data[start:end].replace(b"UNH+1+", b"UNH+9+").replace(b"+1'UNE", b"") + b"UNZ"
        )
        (found,) = items(both, edifact.Interchange)
        assert "messages both in groups and outside of them" in str(found.report)


class TestTrailers:
    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [
            (b"UNZ+1+17", b"UNZ+2+17", "count_wrong"),
            (b"UNZ+1+17", b"UNZ+1+18", "control_mismatch"),
            (b"UNZ+1+17'", b"", "interchange_truncated"),
            (b"UNZ+1+17'", b"XYZ+1'UNZ+1+17'", "interchange_structure"),
            (b"UNB+UNOC:3", b"UNB+UNOX:3", "syntax_unknown"),
            (b"UNB+UNOC:3", b"UNB+UNOC:7", "syntax_unknown"),
        ],
    )
    def test_a_broken_interchange_is_named(self, old, new, rule):
        (found,) = items(write(invoice()).replace(old, new), edifact.Interchange)
        assert rule in [problem.rule for problem in found.report]

    def test_nothing_in_it(self):
        data = b"UNB+UNOC:3+A+B+260201:1205+5'UNZ+0+5'"
        (found,) = items(data, edifact.Interchange)
        assert [problem.rule for problem in found.report] == ["interchange_empty"]

    def test_a_reference_twice(self):
        data = (
            write(invoice(), invoice(number="2")).replace(b"UNH+2+", b"UNH+1+").replace(b"+2'UNZ", b"+1'UNZ")
        )
        first, second = items(data)
        assert first.document
        assert [problem.rule for problem in second.report] == ["control_duplicate"]

    def test_references_of_letters(self):
        data = write(invoice(), order())
        for old, new in ((b"1", b"ME0001"), (b"2", b"ME0002")):
            data = data.replace(b"UNH+%s+" % old, b"UNH+%s+" % new)
            data = re.sub(rb"(UNT\+\d+\+)%s'" % old, rb"\g<1>%s'" % new, data)
        assert documents(data) == [invoice(), order()]

    def test_a_broken_message_does_not_hide_its_neighbours(self):
        data = write(invoice(), invoice(number="2"), invoice(number="3"))
        broken = data.replace(b"BGM+380+2+9'", b"BGM+380+2+9+?'''")
        assert [item.document and item.document.number for item in items(broken)] == ["2026-17", None, "3"]


class TestCharacterSets:
    @pytest.mark.parametrize(
        ("syntax", "text", "sent"),
        [
            ("UNOA", "Müller & Co #1", b"MULLER & CO NO.1"),
            ("UNOB", "Müller & Co", b"Muller & Co"),
            ("UNOC", "Müller & Señor", "Müller & Señor".encode("latin-1")),
            ("UNOD", "Łódź", "Łódź".encode("iso8859-2")),
            ("UNOE", "Москва", "Москва".encode("iso8859-5")),
            ("UNOF", "Αθήνα", "Αθήνα".encode("iso8859-7")),
            ("UNOW", "東京 – Łódź", "東京 – Łódź".encode()),
        ],
    )
    def test_a_name_in_it(self, syntax, text, sent):
        version = 4 if syntax == "UNOW" else 3
        document = invoice(
            parties=(Party(role="buyer", name=text),),
            lines=(),
            charges=(),
            taxes=(),
            total=0 * invoice().total,
        )
        data = write(document, syntax=syntax, syntax_version=version)
        assert b"NAD+BY+++" + sent + b"'" in data
        if syntax not in ("UNOA", "UNOB"):
            assert documents(data) == [document]

    def test_what_it_lacks_is_refused_if_that_is_agreed(self):
        with pytest.raises(CodecError, match="characters that UNOB cannot hold: 'ü'"):
            write(
                invoice(parties=(Party(role="buyer", name="Müller"),)),
                syntax="UNOB",
                on_bad_character="refuse",
            )

    def test_what_has_no_stand_in_is_refused_and_never_a_question_mark(self):
        with pytest.raises(CodecError, match="cannot hold: '東'"):
            write(invoice(parties=(Party(role="buyer", name="東"),)))

    def test_a_number_is_never_changed(self):
        with pytest.raises(CodecError, match="document number contains characters"):
            write(invoice(number="Ü-1"), syntax="UNOB")

    @pytest.mark.parametrize(("syntax", "bad"), [("UNOA", b"abc"), ("UNOB", b"a_c"), ("UNOW", b"\xff\xfe")])
    def test_bytes_that_are_none_of_the_set_are_found(self, syntax, bad):
        version = 4 if syntax == "UNOW" else 3
        data = interchange(
            "REMADV:D:96A:UN", "BGM+481+X1\nDTM+137:20260201:102\nFTX+AAI+++HOLD\nUNS+S\nMOA+12:0:EUR"
        )
        data = data.replace(b"UNOC:3", b"%s:%d" % (syntax.encode(), version)).replace(b"HOLD", bad)
        (message,) = items(data)
        assert "invalid_character" in [problem.rule for problem in message.report]

    def test_a_partner_may_mean_another_set_than_it_says(self):
        data = write(invoice(), syntax="UNOW", syntax_version=4).replace(b"UNOW:4", b"UNOA:3")
        assert documents(data, overlay=edifact.Overlay(received_as="UNOY")) == [invoice()]


class TestSyntaxVersions:
    def test_version_4_writes_the_century_and_repetitions(self):
        data = write(invoice(), syntax_version=4)
        assert data.startswith(b"UNA:+.?*'UNB+UNOC:4+4012345000009:14+BYRON:ZZZ+20260201:1205+17'")
        assert documents(data) == [invoice()]

    def test_the_repetition_separator_is_data_in_version_3(self):
        note = Note(text="2*3")
        assert b"FTX+AAI+++2*3'" in write(invoice(notes=(note,)))
        assert b"FTX+AAI+++2?*3'" in write(invoice(notes=(note,)), syntax_version=4)
        for version in (3, 4):
            assert documents(write(invoice(notes=(note,)), syntax_version=version))[0].notes == (note,)

    def test_an_element_that_may_not_be_repeated(self):
        data = write(invoice(), syntax_version=4).replace(b"BGM+380+", b"BGM+380*381+")
        (message,) = items(data)
        assert [problem.rule for problem in message.report] == ["too_many_repetitions"]

    @pytest.mark.parametrize("version", ["1", "2", "3", "4"])
    def test_all_versions_are_read(self, version):
        data = write(invoice()).replace(b"UNOC:3", b"UNOC:" + version.encode())
        assert documents(data) == [invoice()]


def test_every_legal_choice_together():
    choices = itertools.product(("UNOC", "UNOW"), (None, 3), ("always", "if_needed"), ("", "\n"))
    for syntax, group, una, line_end in choices:
        data = write(
            *ALL,
            syntax=syntax,
            syntax_version=4 if syntax == "UNOW" else 3,
            group_reference=group,
            una=una,
            separators=edifact.Separators(line_end=line_end),
        )
        assert sorted(documents(data), key=kind) == sorted(ALL, key=kind)


def kind(document):
    return type(document).__name__
