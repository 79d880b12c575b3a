"""pyx12, which knows nothing of this code, finds nothing wrong with what is written here."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyx12.x12file import X12Reader

from mappings.codecs import x12
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
