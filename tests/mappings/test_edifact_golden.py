"""Messages as they shall be, byte for byte, in both directories of the standard."""

import datetime as dt
from pathlib import Path

import pytest

from mappings.codecs import edifact
from tests.mappings import edifact_examples as examples
from tests.mappings.edifact_examples import answers, documents, invoice, write

GOLDEN = Path(__file__).parent / "golden" / "edifact"
LINES = edifact.Separators(line_end="\n")
DOCUMENTS = {
    "invoice": invoice(),
    "credit_note": invoice(kind="credit_note", number="G-17"),
    "order": examples.order(),
    "order_answer": examples.order_answer(),
    "ship_notice": examples.ship_notice(),
    "remittance": examples.remittance(),
}
VERSIONS = {"d96a": "D:96A:UN:EAN008", "d01b": "D:01B:UN:EAN010"}


def envelope(version):
    return {"version": VERSIONS[version], "separators": LINES}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_written_like_this(name, version):
    golden = (GOLDEN / f"{name}_{version}.edi").read_bytes()
    assert write(DOCUMENTS[name], **envelope(version)).decode("latin-1") == golden.decode("latin-1")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_message_like_this_is_read(name, version):
    assert documents((GOLDEN / f"{name}_{version}.edi").read_bytes()) == [DOCUMENTS[name]]


def test_a_broken_interchange_is_answered_like_this():
    envelope = edifact.Envelope(
        sender=edifact.Identity(id="BYRON", qualifier="ZZZ"),
        receiver=edifact.Identity(id="4012345000009", qualifier="14"),
        date=dt.date(2026, 2, 1),
        time=dt.time(12, 10),
        control_number="1",
        separators=LINES,
    )
    golden = (GOLDEN / "broken_answer.edi").read_bytes()
    answer = answers((GOLDEN / "broken.edi").read_bytes())
    assert edifact.write(answer, envelope).data.decode("latin-1") == golden.decode("latin-1")
    assert edifact.write(documents(golden), envelope).data == golden
