"""Bytes made readable: cut where the standard cuts, nothing lost, nothing hidden, nothing executed."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.admin.content import CONTROL_NAMES, cut, visible
from audit.views import safe_file_name

ISA = b"ISA*00*          *00*          *ZZ*BYRON          *ZZ*GLOBEX         *250102*1030*U*00401*000000042*0*P*>~"


@pytest.mark.parametrize(
    ("content", "what", "pieces"),
    [
        (ISA + b"GS*IN~\r\nST*810~", "X12", [ISA, b"GS*IN~\r\n", b"ST*810~"]),
        (ISA[:-1] + b"\nGS*IN\nST*810\n", "X12", [ISA[:-1] + b"\n", b"GS*IN\n", b"ST*810\n"]),
        (ISA + b"GS*cut off", "X12", [ISA, b"GS*cut off"]),
        (b"UNA:+.? 'UNB+A?'B'UNZ+1'", "EDIFACT", [b"UNA:+.? '", b"UNB+A?'B'", b"UNZ+1'"]),
        (b"UNA:+.  ~UNB+A?~", "EDIFACT", [b"UNA:+.  ~", b"UNB+A?~"]),
        (b"UNB+UNOC:3+A??'UNZ'", "EDIFACT", [b"UNB+UNOC:3+A??'", b"UNZ'"]),
        (b"a,b\r\nc,d\n\nlast", "as it is", [b"a,b\r\n", b"c,d\n", b"\n", b"last"]),
        (b"ISA*too short~", "as it is", [b"ISA*too short~"]),
        (b"", "as it is", []),
    ],
)
def test_where_it_is_cut(content: bytes, what: str, pieces: list[bytes]) -> None:
    said, found = cut(content)
    assert said.startswith(what)
    assert found == pieces


@given(st.sampled_from([b"", ISA, b"UNA:+.? '", b"UNA:+.  '", b"UNB"]), st.binary(max_size=200))
def test_cutting_loses_no_byte(head: bytes, rest: bytes) -> None:
    assert b"".join(cut(head + rest)[1]) == head + rest


@given(st.binary(max_size=200))
def test_every_byte_can_be_seen_and_none_is_markup(content: bytes) -> None:
    html = visible(content)
    text = unescape(re.sub(r'<span class="control">([^<]*)</span>', "", html))
    assert "<" not in re.sub(r'</?span( class="control")?>', "", html)
    assert all(character.isprintable() for character in text)


@pytest.mark.parametrize(
    ("content", "shown"),
    [(bytes([code]), name) for code, name in enumerate(CONTROL_NAMES)]
    + [(b"\x7f", "DEL"), (b"\xff", "FF"), ("\u202e".encode(), "U+202E"), ("\u00a0".encode(), "U+00A0")],
)
def test_what_has_no_shape_shows_its_name(content: bytes, shown: str) -> None:
    assert visible(content) == f'<span class="control">{shown}</span>'


def test_text_stays_text() -> None:
    assert visible("Café & <b>日本</b>".encode()) == "Café &amp; &lt;b&gt;日本&lt;/b&gt;"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice.edi", "invoice.edi"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".htaccess", "htaccess"),
        ("...", "bytes"),
        ("", "bytes"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie_b"),
        ("x" * 500, "x" * 150),
        ("Rechnung für Müller.csv", "Rechnung_für_Müller.csv"),
    ],
)
def test_names_of_downloads(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe
