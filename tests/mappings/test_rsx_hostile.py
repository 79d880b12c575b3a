"""Whatever comes: reading ends, in bounded memory, with documents and reports, never with another exception."""

import io
import random
import tracemalloc
from typing import Any

import pytest

from mappings.codecs import rsx, xml
from mappings.codecs.rsx import notations
from tests.mappings.rsx_examples import EXAMPLES, GOLDEN, INVOICE

GOOD = {path.name: path.read_bytes() for path in sorted(GOLDEN.iterdir())}


def read(data):
    items: list[Any] = list(rsx.read(data))
    file = items.pop()
    assert all((item.document is None) == bool(item.report) for item in items)
    return items, file


class TestXml:
    @pytest.mark.parametrize(
        "declaration",
        [
            b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
            b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
        ],
    )
    def test_document_type_declarations_are_refused(self, declaration):
        data = (
            GOOD["Invoice.xml"].replace(b"\n<Invoices", declaration + b"<Invoices").replace(b"FB-", b"&a;&b;")
        )
        items, file = read(data)
        assert items == []
        assert "document type declaration" in str(file.report)

    def test_entities_are_not_expanded_wherever_they_are_declared(self):
        inside = GOOD["Invoice.xml"].replace(b"<Header>", b'<!DOCTYPE r [<!ENTITY a "b">]><Header>')
        (item,), _ = read(inside)
        assert "not well-formed" in str(item.report)
        (item,), _ = read(GOOD["Invoice.xml"].replace(b"FB-", b"&lol9;"))
        assert "Entity 'lol9' not defined" in str(item.report)

    def test_deep_nesting_is_refused(self):
        deep = b"<a>" * 100_000 + b"</a>" * 100_000
        (item,), _ = read(GOOD["Invoice.xml"].replace(b"<Header>", deep + b"<Header>"))
        assert "not well-formed" in str(item.report)

    def test_inclusions_are_only_unknown_elements(self):
        include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
        (item,), _ = read(GOOD["Invoice.xml"].replace(b"<Header>", include + b"<Header>"))
        assert (item.document, item.ignored) == (INVOICE, ["include"])

    @pytest.mark.parametrize(
        "piece", [b"<Invoice>", b"<Invoice ", b'<Invoice "', b"<!--", b"<Invoice><![CDATA["]
    )
    def test_torn_pieces_without_number_end_quickly(self, piece):
        items, file = read(piece * 50_000)
        assert len(items) <= 1001
        assert file.report or items


class TestJson:
    @pytest.mark.parametrize("piece", [b"[", b'{"Header":', b'{"Header":{"a":"', b'[{"', b"{"])
    def test_torn_pieces_without_number_end_quickly(self, piece):
        items, file = read(piece * 50_000)
        assert len(items) <= 1001
        assert file.report or items

    @pytest.mark.parametrize(
        "number", [b"NaN", b"Infinity", b"-Infinity", b"1" * 5000, b"1e999999999999999999999"]
    )
    def test_numbers_that_are_none(self, number):
        bad = GOOD["Invoice.json"].replace(b'"InvoiceQty":24', b'"InvoiceQty":' + number)
        items, _ = read(b"[" + bad + b"," + GOOD["Invoice.json"] + b"]")
        assert [item.document for item in items] == [None, INVOICE]

    def test_huge_exponents_cost_nothing(self):
        bad = GOOD["Invoice.json"].replace(b'"TermsNetDueDays":30', b'"TermsNetDueDays":1e99999')
        (item,), _ = read(bad)
        assert "not a whole number" in str(item.report)


class Endless(io.RawIOBase):
    """A beginning, then the same bytes again and again, up to a length; counts what was asked for."""

    def __init__(self, begin, repeated, length):
        self.begin, self.repeated, self.left = begin, repeated, length

    def read(self, size=-1):
        if self.begin:
            begin, self.begin = self.begin, b""
            return begin
        size = min(size if size > 0 else 1 << 16, self.left)
        self.left -= size
        return (self.repeated * (size // len(self.repeated) + 1))[:size]


LIMIT = 1 << 22


@pytest.mark.parametrize(
    "begin",
    [b'[{"Header":{"a":"', b"<Invoices><Invoice><Header><a>", b"<Invoices><!-- ", b'[{"Header":{"a":[1'],
)
def test_a_document_of_any_length_ends_in_a_report_and_bounded_memory(begin, monkeypatch):
    monkeypatch.setattr(xml, "MAX_DOCUMENT", LIMIT)
    monkeypatch.setattr(notations, "MAX_DOCUMENT", LIMIT)
    filling = b",1" if begin.endswith(b"1") else b"x"
    tracemalloc.start()
    items, file = read(Endless(begin, filling, 20 * LIMIT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [item.document for item in items] in ([], [None])
    assert items or file.report
    assert peak < 15 * LIMIT


def mutated(data, chance):
    """`data` with a few bytes changed, cut, doubled or moved."""
    pieces = [
        b"\x00",
        b"\xff",
        b"<",
        b">",
        b"{",
        b"}",
        b'"',
        b"&",
        b"]]>",
        b"null",
        b"1e9",
        b"<Invoice>",
        b"\\u0000",
    ]
    for _ in range(chance.randint(1, 6)):
        at, to = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        match chance.randrange(4):
            case 0:
                data = data[:at] + chance.choice(pieces) + data[at:]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:to] + data[at:to] + data[to:] if to - at < 2000 else data
            case _:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    return data


def fuzz(count, seed):
    chance = random.Random(seed)
    files = [*GOOD.values(), b"[" + b",".join([GOOD["Invoice.json"]] * 2) + b"]"]
    for _ in range(count):
        read(mutated(chance.choice(files), chance))


def test_fuzz():
    fuzz(300, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_much_fuzz(seed):
    fuzz(5000, seed=seed + 100)


def test_the_examples_are_all_there():
    assert len(GOOD) == len(EXAMPLES) * len(rsx.NOTATIONS)
