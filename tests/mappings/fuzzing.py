"""Hostile files of every format: good ones, cut, spliced, doubled, with wrong counts, noise, bombs and huge values.

`python -m tests.mappings.fuzzing` checks 100,000 of every format; `--count`, `--format` and `--seed` choose others.
Whatever comes, reading ends with documents and reports, never with an exception of its own; what is accepted can be
looked at, and what is answered can be sent.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.codecs import edifact, layouts, rsx, x12
from mappings.codecs.report import CodecError
from tests.mappings import edifact_examples, x12_examples

COUNT = 100_000
GOLDEN = Path(__file__).parent / "golden"

NOISE = (
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\x1a",
    b"\x1c",
    b"\x1e",
    b"\x1f",
    b" ",
    b"0",
    b"9" * 20,
    b"-",
    b".",
    b"A",
    b"'",
    b'"',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A format: its good files, the piece that they are made of, what is spliced in, and how a file is checked."""

    seeds: Callable[[], list[bytes]]
    separator: bytes
    noise: Sequence[bytes]
    pieces: Sequence[bytes]
    check: Callable[[bytes], Counter[str]]


def mutate(data: bytes, other: bytes, kind: Kind, chance: random.Random) -> bytes:  # noqa: C901  # a case for each harm
    """`data` with one thing done to it; `other` is another good file of the same `kind`."""
    at = chance.randrange(len(data))
    end = min(len(data), at + chance.randrange(1, 60))
    pieces = data.split(kind.separator)
    one = chance.randrange(len(pieces))
    match chance.randrange(11):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + other[chance.randrange(len(other)) :]
        case 2:
            return data[:at] + chance.choice([*NOISE, *kind.noise]) + data[at:]
        case 3:
            return data[:at] + data[end:]
        case 4:
            return data[:at] + data[at:end] * chance.randrange(2, 5) + data[end:]
        case 5:
            return data[:at] + chance.randbytes(end - at) + data[end:]
        case 6:
            return re.sub(rb"\d+", lambda found: _another_number(found[0], chance), data)
        case 7:
            return data[:at] + b"X" * chance.choice([40, 400, 5000]) + data[at:]
        case 8:
            piece = chance.choice(kind.pieces) + pieces[one][-20:]
            return kind.separator.join([*pieces[:one], piece, *pieces[one:]])
        case 9:
            return data[:at] + chance.choice(kind.pieces) * chance.choice([2, 20, 500]) + data[at:]
        case _:
            chance.shuffle(pieces)
            wanted = pieces if chance.random() < 0.2 else [*pieces[:one], *pieces[one + 1 :]]
            return kind.separator.join(wanted)


def _another_number(number: bytes, chance: random.Random) -> bytes:
    return number if chance.random() < 0.9 else str(chance.randrange(10**6)).encode()


def hostile(kind: Kind, count: int, seed: int) -> Iterator[bytes]:
    """`count` bad files, the same for the same seed."""
    chance = random.Random(seed)
    good = kind.seeds()
    for _ in range(count):
        data = chance.choice(good)
        for _ in range(chance.randrange(1, 4)):
            data = mutate(data, chance.choice(good), kind, chance) or kind.separator
        yield data


def fuzz(name: str, count: int, seed: int) -> Counter[str]:
    """Check `count` hostile files of a format; the sum of what came out."""
    kind = KINDS[name]
    total: Counter[str] = Counter()
    for number, data in enumerate(hostile(kind, count, seed)):
        try:
            total += kind.check(data)
        except Exception as error:
            raise AssertionError(f"hostile {name} {number} of seed {seed}: {data!r}") from error
    return total


# X12


def _x12_seeds() -> list[bytes]:
    documents = [
        x12_examples.invoice(),
        x12_examples.order(),
        x12_examples.order_answer(),
        x12_examples.ship_notice(),
        x12_examples.remittance(),
    ]
    write, answers = x12_examples.write, x12_examples.answers
    pretty = x12.Delimiters("|", "\n", "<", "%")
    whole = [write(document, version=version) for document in documents for version in ("004010", "005010")]
    whole += [write(*documents), write(*documents, version="005010", delimiters=pretty)]
    broken = whole[0].replace(b"*EA*", b"**")
    return [*whole, write(*answers(broken)), write(*answers(broken, "999"), version="005010")]


def _check_x12(data: bytes) -> Counter[str]:
    found: Counter[str] = Counter()
    acknowledger = x12.Acknowledger()
    replies: list[Any] = []
    for item in x12.read(io.BytesIO(data)):
        replies += acknowledger.add(item)
        if not isinstance(item, x12.Message):
            continue
        assert (item.document is None) == bool(item.report), item
        found["accepted" if item.document else "refused"] += 1
        if item.document is not None and item.group is not None:
            found += _rewritten(
                lambda d: x12.write([d], x12_examples.envelope(version="005010")), item.document
            )
    for reply in replies:
        x12.write([reply], x12_examples.envelope())
        found[f"answered {reply.status}"] += 1
    return found


# EDIFACT


def _edifact_seeds() -> list[bytes]:
    documents = [
        edifact_examples.invoice(),
        edifact_examples.order(),
        edifact_examples.order_answer(),
        edifact_examples.ship_notice(),
        edifact_examples.remittance(),
    ]
    write, answers = edifact_examples.write, edifact_examples.answers
    lines = edifact.Separators(line_end="\n")
    other = edifact.Separators("<", "|", ",", "!", "^", "~")
    whole = [
        write(document, version=version) for document in documents for version in ("D:96A:UN", "D:01B:UN")
    ]
    whole += [
        write(*documents, group_reference=1, separators=lines),
        write(*documents, syntax="UNOW", syntax_version=4, separators=other),
        write(*documents, una="if_needed"),
    ]
    wrapped = [b"\r\n".join(whole[1][at : at + 80] for at in range(0, len(whole[1]), 80))]
    broken = (GOLDEN / "edifact" / "broken.edi").read_bytes()
    return [*whole, *wrapped, broken, write(*answers(broken))]


def _check_edifact(data: bytes) -> Counter[str]:
    found: Counter[str] = Counter()
    acknowledger = edifact.Acknowledger()
    for item in edifact.read(io.BytesIO(data)):
        for reply in acknowledger.add(item):
            assert isinstance(item, edifact.Interchange)
            envelope = edifact_examples.envelope(syntax=item.header.character_set, syntax_version=4)
            edifact.write([reply], envelope)
            found[f"answered {reply.status}"] += 1
        if not isinstance(item, edifact.Message):
            continue
        assert (item.document is None) == bool(item.report), item
        found["accepted" if item.document else "refused"] += 1
        if item.document is not None:
            envelope = edifact_examples.envelope(syntax="UNOW", syntax_version=4, version="D:01B:UN")
            found += _rewritten(lambda d, e=envelope: edifact.write([d], e), item.document)  # type: ignore[misc]
    return found


def _rewritten(write: Callable[[Any], object], document: Any) -> Counter[str]:
    """What was accepted is written or refused, never anything else."""
    try:
        write(document)
    except CodecError:
        return Counter({"accepted, but cannot be written": 1})
    return Counter()


# RSX and files by layouts


def _files(folder: str, suffix: str) -> list[tuple[str, bytes]]:
    return [(path.stem, path.read_bytes()) for path in sorted((GOLDEN / folder).glob(f"*{suffix}"))]


def _check_rsx(data: bytes) -> Counter[str]:
    found: Counter[str] = Counter()
    *items, file = rsx.read(io.BytesIO(data))
    assert isinstance(file, rsx.File)
    for item in items:
        assert isinstance(item, rsx.Item)
        assert (item.document is None) == bool(item.report), item
        found["accepted" if item.document else "refused"] += 1
        if item.document is not None:
            envelope = rsx.Envelope(trading_partner_id="4X7ALLNORTHLINE", notation="json")
            found += _rewritten(lambda d, e=envelope: rsx.write([d], e), item.document)  # type: ignore[misc]
    found["files with problems"] += bool(file.report)
    return found


def _rsx(notation: str, pieces: Sequence[bytes], noise: Sequence[bytes]) -> Kind:
    return Kind(
        seeds=lambda: [data for _, data in _files("rsx", notation)],
        separator=b"\n",
        noise=noise,
        pieces=pieces,
        check=_check_rsx,
    )


def _layout(format_: str, pieces: Sequence[bytes], noise: Sequence[bytes]) -> Kind:
    known = {name: layouts.load(data) for name, data in layouts.STANDARD.items() if data["format"] == format_}
    files = [data for name, data in _files("layouts", "") if name in known]

    def check(data: bytes) -> Counter[str]:
        layouts.match(data, known.values())
        return sum((check_by(layout, data) for layout in known.values()), Counter())

    def check_by(layout: layouts.Layout, data: bytes) -> Counter[str]:
        found: Counter[str] = Counter()
        *items, file = layouts.read(io.BytesIO(data), layout)
        assert isinstance(file, layouts.File)
        for item in items:
            assert isinstance(item, layouts.Item)
            assert (item.document is None) == bool(item.report), item
            found["accepted" if item.document else "refused"] += 1
            if item.document is not None:
                found += _rewritten(lambda d: layouts.write([d], layout, {"company_id": "Q"}), item.document)
        found["files with problems"] += bool(file.report)
        return found

    return Kind(seeds=lambda: files, separator=b"\n", noise=noise, pieces=pieces, check=check)


XML_NOISE = (b"<", b">", b"</", b"&", b"&amp;", b"&#0;", b"]]>", b"<!--", b"<?x", b"<![CDATA[", b"xmlns=")
XML_PIECES = (
    b"<a>",
    b"</a>",
    b"<Header>",
    b"</Invoice>",
    b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>",
    b"<!DOCTYPE r SYSTEM 'file:///etc/passwd'>",
    b"<a b='1' b='2'>",
)
JSON_PIECES = (b"[", b"{", b'{"Header":', b"]", b"}", b'"x":', b"null,", b'[{"a":', b"1e999,", b'"\\ud800",')

KINDS: dict[str, Kind] = {
    "x12": Kind(
        seeds=_x12_seeds,
        separator=b"~",
        noise=(b"*", b"~", b">", b"^", b"ISA"),
        pieces=(
            b"ST*",
            b"SE*",
            b"GS*",
            b"GE*",
            b"IEA*",
            b"IT1*",
            b"N1*",
            b"HL*",
            b"TDS*",
            b"XYZ*",
            b"CTT*",
            b"TA1*",
            b"AK2*",
        ),
        check=_check_x12,
    ),
    "edifact": Kind(
        seeds=_edifact_seeds,
        separator=b"'",
        noise=(b"+", b"'", b":", b"?", b"??", b"*", b"UNA", b"UNB+"),
        pieces=(
            b"UNH+",
            b"UNT+",
            b"UNG+",
            b"UNE+",
            b"UNZ+",
            b"UNB+",
            b"UNA:+.? '",
            b"LIN+",
            b"NAD+",
            b"CPS+",
            b"UNS+",
            b"XYZ+",
            b"UCM+",
            b"UCD+",
        ),
        check=_check_edifact,
    ),
    "rsx-json": _rsx("json", JSON_PIECES, (b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u0000")),
    "rsx-xml": _rsx("xml", XML_PIECES, XML_NOISE),
    "csv": _layout(
        "csv", (b",", b'"', b'""', b";;;", b"=1+1,", b"\t", b"\r\r"), (b",", b'""', b";", b"\r\n")
    ),
    "xml": _layout("xml", XML_PIECES, XML_NOISE),
    "fixed": _layout("fixed", (b"H", b"D", b"T", b"   ", b"\x0c"), (b"  ", b"\r\n")),
}


def main() -> None:
    """Check as many files of the formats as were asked for, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="of each format (default: %(default)s)")
    parser.add_argument("--format", choices=KINDS, nargs="*", default=list(KINDS), dest="names")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for name in given.names:
        started = time.process_time()
        total = fuzz(name, given.count, given.seed)
        said = ", ".join(f"{count:,} {what}" for what, count in sorted(total.items()))
        seconds = time.process_time() - started
        print(f"{name}: {given.count:,} files in {seconds:.0f} s: {said}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
