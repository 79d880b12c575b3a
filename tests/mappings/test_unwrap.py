"""mappings.codecs.unwrap: the messages of an interchange alone, byte for byte."""

import pytest

from mappings.codecs.unwrap import without_envelope

ISA = b"ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *260302*1030*U*00401*000000042*0*P*>"
SETS = b"ST*810*0001~BIG*20260302*1~SE*3*0001~ST*810*0002~BIG*20260302*2~SE*3*0002~"


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n"])
def test_x12_keeps_its_sets_and_their_line_ends(line_end: bytes) -> None:
    body = SETS.replace(b"~", b"~" + line_end)
    head = ISA + b"~" + line_end + b"GS*IN*US*THEM*20260302*1030*42*X*004010~" + line_end
    tail = b"GE*2*42~" + line_end + b"IEA*1*000000042~" + line_end
    assert without_envelope(head + body + tail) == body


def test_x12_delimiters_are_the_interchanges_own() -> None:
    whole = ISA + b"~GS*IN*US*THEM*20260302*1030*42*X*004010~" + SETS + b"GE*2*42~IEA*1*000000042~"
    other = whole.replace(b"*", b"\x1d").replace(b"~", b"\x1c")
    assert without_envelope(other) == SETS.replace(b"*", b"\x1d").replace(b"~", b"\x1c")


def test_edifact_keeps_its_messages_and_released_characters() -> None:
    body = b"UNH+1+INVOIC:D:96A:UN'FTX+AAI+++Don?'t UNZ+1?'UNB+'UNT+3+1'"
    assert without_envelope(b"UNB+UNOC:3+US+THEM+260302:1030+7'" + body + b"UNZ+1+7'") == body


def test_a_released_release_character_releases_nothing() -> None:
    body = b"UNH+1+INVOIC:D:96A:UN'FTX+AAI+++why???'? no??'UNT+3+1'"
    assert without_envelope(b"UNA:+.? 'UNB+UNOC:3+US+THEM+260302:1030+7'\r\n" + body + b"UNZ+1+7'") == body


def test_service_characters_of_its_own_are_said_still() -> None:
    advice = b"UNA:*.? ~"
    body = b"UNH*1*INVOIC:D:96A:UN~UNT*2*1~"
    assert (
        without_envelope(advice + b"UNB*UNOC:3*US*THEM*260302:1030*7~" + body + b"UNZ*1*7~") == advice + body
    )


@pytest.mark.parametrize("content", [b"", b"ISA", b"number;amount\r\n1;2\r\n", b"<Invoice/>", b"ST*810*1~"])
def test_what_has_no_envelope_is_left_alone(content: bytes) -> None:
    assert without_envelope(content) == content


def test_an_interchange_that_was_cut_off_ends_where_it_ends() -> None:
    assert (
        without_envelope(b"UNB+UNOC:3+US+THEM+260302:1030+7'UNH+1+INVOIC'BGM+380") == b"UNH+1+INVOIC'BGM+380"
    )
