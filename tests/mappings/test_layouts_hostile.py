"""Whatever comes: reading ends, in bounded memory, with documents and reports, never with another exception."""

import contextlib
import io
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from mappings.codecs import layouts, xml
from mappings.codecs.layouts import lines
from mappings.codecs.report import CodecError
from tests.mappings.layout_examples import EXAMPLES, plain_data, read

GOLDEN = sorted((Path(__file__).parent / "golden" / "layouts").iterdir())
GOOD = [(layouts.load(layouts.STANDARD[path.stem]), path.read_bytes()) for path in GOLDEN]
HEADER = b"Payment,Date,Amount,Currency,Invoice,Notes\n"
ROW = b"1,2026-03-09,5.00,USD,A,\n"


class TestHugeThings:
    def test_a_line_of_any_length_is_passed_over(self, monkeypatch):
        monkeypatch.setattr(lines, "MAX_LINE", 1 << 16)
        long = b"x" * (1 << 20)
        items, _ = read(HEADER + ROW + long + b"\n" + ROW + long, plain_data())
        assert [item.document is not None for item in items] == [True, False, True, False]
        assert "line 3: the line has more than 65536 bytes" in str(items[1].report)

    def test_a_cell_that_is_too_long_for_the_csv_module(self):
        items, _ = read(HEADER + b'1,2026-03-09,5.00,USD,A,"' + b"x" * 200_000 + b'"\n' + ROW, plain_data())
        assert [item.document is not None for item in items] == [False, True]
        assert "a cell is too long, or a quote is not closed" in str(items[0].report)

    def test_many_open_quotes_cost_a_row_each(self):
        data = HEADER + b'1,2026-03-09,5.00,USD,A,"\n' * 300 + ROW
        items, _ = read(data, plain_data())
        assert items[-1].document
        assert len(items) <= 301

    def test_memory_does_not_grow_with_the_file(self):
        class Endless(io.RawIOBase):
            left = 12

            def read(self, size=-1):
                self.left -= 1
                return b"" if self.left < 0 else (HEADER if self.left == 11 else ROW * 1000)

        layout = layouts.load(plain_data())
        stream: Any = Endless()
        tracemalloc.start()
        count = len([0 for _ in layouts.read(stream, layout)])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 11_001
        assert peak < 1 << 20

    @pytest.mark.slow
    def test_a_line_of_100_megabytes(self):
        class Long(io.RawIOBase):
            left = 100 << 20

            def read(self, size=-1):
                size = min(size, self.left)
                self.left -= size
                return b"x" * size

        tracemalloc.start()
        for data in (plain_data(), layouts.STANDARD["bill_fixed"]):
            stream: Any = Long()
            list(layouts.read(stream, layouts.load(data)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 << 20

    def test_numbers_of_any_length(self):
        for number in (b"9" * 5000, b"0." + b"1" * 5000, b"-" * 5000):
            (item,), _ = read(HEADER + b"1,2026-03-09," + number + b",USD,A,\n", plain_data())
            assert "Amount is not a number" in str(item.report)


class TestWrongEncodings:
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp500", "shift-jis"])
    @pytest.mark.parametrize("name", ["payment_csv", "payment_fixed", "payment_xml"])
    def test_end_in_a_report(self, encoding, name):
        layout, data = GOOD[[path.stem for path in GOLDEN].index(name)]
        text = data.decode().replace("Marlow", "日本")
        items, file = read(text.encode(encoding, "replace"), layout)
        if not (name == "payment_xml" and encoding.startswith("utf-")):
            assert file.report or any(item.report for item in items)


class TestXml:
    @pytest.mark.parametrize(
        "declaration",
        [
            b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
            b'<!DOCTYPE r [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
            b'<!DOCTYPE r PUBLIC "x" "http://127.0.0.1:9/x.dtd">',
        ],
    )
    def test_bombs_and_outside_entities_are_refused(self, declaration):
        layout = layouts.load(layouts.STANDARD["payment_xml"])
        items, file = read(
            declaration + b"<Payments><Payment><Notes>&c;</Notes></Payment></Payments>", layout
        )
        assert items == []
        assert "document type declaration" in str(file.report)

    def test_records_of_any_length_are_passed_over(self, monkeypatch):
        monkeypatch.setattr(xml, "MAX_DOCUMENT", 1 << 18)
        layout = layouts.load(layouts.STANDARD["payment_xml"])
        data = b"<Payments><Payment><Notes>" + b"x" * (1 << 20)
        items, file = read(io.BytesIO(data), layout)
        assert [item.document for item in items] == [None]
        assert file.report


def mutated(data, chance):
    """`data` with a few bytes changed, cut, doubled or moved."""
    pieces = [*(bytes([each]) for each in b"\x00\xff\n\r,;\"<>&'-("), b"9" * 50, b"\xef\xbb\xbf"]
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
    for _ in range(count):
        layout, data = chance.choice(GOOD)
        read(mutated(data, chance), layout)


def fuzz_layouts(count, seed):
    """Layouts with keys changed, dropped and moved: loaded, or refused with a report."""
    chance = random.Random(seed)
    texts = ["", "x", "lines", "number", "parties[buyer].name", "amount", "\n", "é" * 50]
    values = [None, 0, -1, 7, True, [], {}, ["a"], {"a": "b"}, *texts]
    for _ in range(count):
        data = dict(chance.choice([*layouts.STANDARD.values()]))
        for _ in range(chance.randint(1, 3)):
            place = data
            if "columns" in data and isinstance(data["columns"], list) and chance.random() < 0.6:
                data["columns"] = [dict(each) if isinstance(each, dict) else each for each in data["columns"]]
                place = chance.choice([each for each in data["columns"] if isinstance(each, dict)] or [data])
            place[chance.choice([*place, "date", "codes", "implied", "each", "group"])] = chance.choice(
                values
            )
        with contextlib.suppress(CodecError):
            layout = layouts.load(data)
            read(chance.choice(GOOD)[1], layout)
            if layout.kind in EXAMPLES:
                layouts.write([EXAMPLES[layout.kind]], layout, {"company_id": "Q"})


def fuzz_drafts(count, seed):
    chance = random.Random(seed)
    for _ in range(count):
        _layout, data = chance.choice(GOOD)
        with contextlib.suppress(CodecError):
            layouts.draft_layout(mutated(data, chance), chance.choice([*layouts.KINDS]))


@pytest.mark.parametrize("what", [fuzz, fuzz_layouts, fuzz_drafts])
def test_fuzz(what):
    what(300 if what is not fuzz_drafts else 60, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("what", [fuzz, fuzz_layouts, fuzz_drafts])
def test_much_fuzz(what, seed):
    what(2000 if what is not fuzz_drafts else 200, seed=seed + 100)
