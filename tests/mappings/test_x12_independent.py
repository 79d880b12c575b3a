"""pyx12 and node-x12, which know nothing of this code, find nothing wrong with what is written here."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyx12.x12file import X12Reader

from mappings.codecs import x12
from tests import node
from tests.mappings.x12_examples import (
    answers,
    envelope,
    invoice,
    order,
    order_answer,
    remittance,
    ship_notice,
    write,
)
from tests.mappings.x12_strategies import Texts

DOCUMENTS = [invoice(), order(), order_answer(), ship_notice(), remittance()]


def pyx12_errors(data: bytes) -> list[tuple[str, str]]:
    """(code, message) of every error of counts, control numbers and levels that pyx12 finds."""
    reader = X12Reader(io.StringIO(data.decode()))
    errors = []
    for _ in reader:
        errors += [(error[1], error[2]) for error in reader.pop_errors()]
    reader.cleanup()
    return errors + [(error[1], error[2]) for error in reader.pop_errors()]


def pyx12_segments(data: bytes) -> list[str]:
    """The segments as pyx12 reads them, in the usual delimiters."""
    return [segment.format("~", "*", ">").rstrip("~") for segment in X12Reader(io.StringIO(data.decode()))]


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.SCHEMA)
def test_pyx12_finds_nothing_wrong(document, version):
    assert pyx12_errors(write(document, version=version)) == []


def test_pyx12_finds_nothing_wrong_with_several_groups():
    assert pyx12_errors(write(*DOCUMENTS, *DOCUMENTS)) == []


@pytest.mark.parametrize("form", ["997", "999"])
def test_pyx12_finds_nothing_wrong_with_acknowledgements(form):
    broken = write(invoice(), invoice(number="I-2"), acknowledgement_requested=True).replace(b"*EA*", b"**")
    assert pyx12_errors(write(*answers(broken, form))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"SE*22*0001", b"SE*21*0001"),
        (b"SE*22*0001", b"SE*22*0002"),
        (b"GE*1*101", b"GE*2*101"),
        (b"GE*1*101", b"GE*1*102"),
        (b"IEA*1*000000017", b"IEA*2*000000017"),
        (b"IEA*1*000000017", b"IEA*1*000000018"),
    ],
)
def test_both_find_a_broken_envelope(old, new):
    data = write(invoice()).replace(old, new)
    assert pyx12_errors(data)
    assert any(item.report for item in x12.read(data))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_pyx12_reads_the_same_segments(data):
    usual = x12.Delimiters()
    document = data.draw(Texts(usual, "004010").invoices())
    written = x12.write([document], envelope()).data
    assert pyx12_errors(written) == []
    assert pyx12_segments(written)[1:] == written.decode().split("~")[1:-1]


def node_segments(data: bytes) -> list[str]:
    """The segments of all messages as node-x12 reads them, in the usual delimiters."""
    return [
        "*".join(row).rstrip("*") for group in node.segments(data) for message in group for row in message
    ]


def own_segments(data: bytes) -> list[str]:
    """The segments from each ST to its SE."""
    found = [segment.strip("\r\n") for segment in data.decode("latin-1").split("~")]
    return [segment for segment in found if segment and segment[:3] not in ("ISA", "GS*", "GE*", "IEA")]


@pytest.mark.node
@pytest.mark.parametrize("version", ["004010", "005010"])
def test_node_x12_reads_the_same_segments_of_every_message(version):
    data = write(*DOCUMENTS, version=version)
    assert node_segments(data) == own_segments(data)


@pytest.mark.node
@pytest.mark.parametrize("form", ["997", "999"])
def test_node_x12_reads_acknowledgements(form):
    broken = write(invoice(), order()).replace(b"*EA*", b"**")
    data = write(*answers(broken, form))
    assert node_segments(data) == own_segments(data)


@pytest.mark.node
def test_node_x12_refuses_a_broken_envelope_too():
    with pytest.raises(AssertionError, match="Error"):
        node.segments(write(invoice()).replace(b"SE*22*0001", b"SE*22*0002"))
