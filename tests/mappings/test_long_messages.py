"""A message of endless segments is refused and acknowledged as such, and its neighbours are read."""

import pytest

from mappings.codecs import edifact, frames, x12
from tests.mappings import edifact_examples, x12_examples


def test_x12(monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = x12_examples.invoice(), x12_examples.invoice()
    data = x12_examples.write(short, long)
    head, first, rest = data.partition(b"ST*810*0001~")
    monkeypatch.setattr(frames, "MOST_SEGMENTS", 200)

    acknowledger = x12.Acknowledger()
    items = list(x12.read(head + first + b"NTE*GEN*AGAIN~" * 200 + rest))
    refused, read = (item for item in items if isinstance(item, x12.Message))
    [answer] = [answer for item in items for answer in acknowledger.add(item)]

    assert (refused.control_number, refused.document) == ("0001", None)
    assert "more than 200 segments" in str(refused.report)
    assert read.document == long
    assert [(part.control_number, part.status) for part in answer.parts] == [
        ("0001", "rejected"),
        ("0002", "accepted"),
    ]


def test_edifact(monkeypatch: pytest.MonkeyPatch) -> None:
    data = edifact_examples.write(edifact_examples.invoice(), edifact_examples.invoice())
    start = data.index(b"'", data.index(b"UNH+")) + 1
    monkeypatch.setattr(frames, "MOST_SEGMENTS", 200)

    acknowledger = edifact.Acknowledger()
    items = list(edifact.read(data[:start] + b"FTX+AAI+++AGAIN'" * 200 + data[start:]))
    refused, read = (item for item in items if isinstance(item, edifact.Message))
    [answer] = [answer for item in items for answer in acknowledger.add(item)]

    assert refused.document is None
    assert "more than 200 segments" in str(refused.report)
    assert read.document == edifact_examples.invoice()
    assert [part.status for part in answer.parts] == ["rejected", "accepted"]
